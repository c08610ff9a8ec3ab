use marquee_replication::NodeId;

use super::*;
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
