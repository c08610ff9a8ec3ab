use marquee_ledger::AccountId;
use marquee_replication::NodeId;

use super::*;
use crate::catalog::VenueKind;
use crate::catalog::entity::{Stamp, Venue, VenueFacts};
use crate::directory::{DIRECTORY, GroupKind, GroupRecord};

fn group(replicas: &[u64]) -> Public {
    let replicas: Vec<NodeId> = replicas.iter().copied().map(NodeId).collect();
    let record = GroupRecord { id: GroupId(3), kind: GroupKind::Shared, preferred: replicas[0], replicas };
    Public::Directory(directory::Change::Group(Arc::new(record)))
}

#[test]
fn of_two_changes_in_one_entry_the_last_is_what_all_know() {
    let views = Arc::<Views>::default();
    let spread = Spread::new(Arc::default(), Arc::clone(&views), Arc::default(), Arc::new(|| 0));
    let replicas = || views.now().replicas(GroupId(3)).to_vec();

    spread.committed(DIRECTORY, vec![(7, group(&[3])), (7, group(&[3, 1])), (7, group(&[4, 3]))]);
    assert_eq!(replicas(), [NodeId(4), NodeId(3)]);

    // A replica that lags behind brings nothing back.
    spread.committed(DIRECTORY, vec![(6, group(&[3]))]);
    assert_eq!(replicas(), [NodeId(4), NodeId(3)]);
}

fn venue(id: VenueId, name: &str) -> Public {
    let facts = VenueFacts {
        name: name.to_owned(),
        kind: VenueKind::Theater,
        address: String::new(),
        city: "Oakland".to_owned(),
        region: String::new(),
        country: "US".to_owned(),
        zip: String::new(),
        point: None,
        time_zone: "UTC".to_owned(),
    };
    let stamp = Stamp { version: 1, created_ms: 0, updated_ms: 0, owner: AccountId(1), key: None };
    Public::Catalog(catalog::Change::Venue(Arc::new(Venue { id, stamp, facts })))
}

#[test]
fn a_venue_that_left_is_not_gone_however_far_the_log_that_it_left_has_come() {
    let copy = Arc::<CatalogCopy>::default();
    let spread = Spread::new(Arc::clone(&copy), Arc::default(), Arc::default(), Arc::new(|| 0));
    let id = VenueId::from_parts(1, 7, 1);
    let (before, after) = (GroupId(2), GroupId(3));
    spread.committed(before, vec![(20, venue(id, "Fox"))]);

    // This node was off while the venue moved. What it is brought of the former group is that group's state long after;
    // the news of the next group, which came after the move with a lower stamp, arrive then.
    let moved = Opened { index: 90, stamp: 90, all: Vec::new(), away: BTreeSet::from([7]) };
    spread.opened(before, moved);
    assert!(copy.read().venue(id).is_some(), "it is shown as it was");
    spread.committed(after, vec![(31, venue(id, "Fox Theater"))]);
    assert_eq!(copy.read().venue(id).unwrap().facts.name, "Fox Theater");

    // What was deleted is gone.
    spread.opened(after, Opened { index: 95, stamp: 95, ..Opened::default() });
    assert!(copy.read().venue(id).is_none());
}
