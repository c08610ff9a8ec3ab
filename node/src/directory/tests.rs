//! The directory's rules, one command after the other over real tables.

use std::borrow::Borrow;
use std::collections::BTreeSet;

use marquee_ledger::journal::ChainLink;
use marquee_ledger::transfer::Departure;
use marquee_ledger::{Broken, Position};
use marquee_replication::{GroupId, NodeId};
use redb::Database;
use redb::backends::InMemoryBackend;

use super::*;

/// Who lives in which shard.
struct Town(BTreeSet<u32>);

impl Residents for Town {
    fn occupied(&self) -> Result<BTreeSet<u32>, Broken> {
        Ok(self.0.clone())
    }
}

/// A directory with its view.
struct Office {
    database: Database,
    directory: Directory,
    town: Town,
    views: Views,
    index: u64,
    now_ms: u64,
}

impl Office {
    fn new() -> Self {
        let database = Database::builder().create_with_backend(InMemoryBackend::new()).unwrap();
        let town = Town(BTreeSet::new());
        let directory = Directory::new("g1");
        Self { database, directory, town, views: Views::default(), index: 0, now_ms: 1_000 }
    }

    fn ask(&mut self, command: impl Borrow<Command>) -> Result<Outcome, Refusal> {
        self.index += 1;
        let state = self.database.begin_write().unwrap();
        let at = Position { index: self.index, now_ms: self.now_ms };
        let mut changes = Vec::new();
        let outcome = self.directory.apply(&state, at, command.borrow(), &self.town, &mut changes).unwrap();
        assert!(outcome.is_ok() || changes.is_empty(), "a refusal touches nothing");
        state.commit().unwrap();
        self.views.take(&changes);
        outcome
    }

    /// A cluster of its first node.
    fn founded() -> Self {
        let mut office = Self::new();
        assert_eq!(office.ask(Command::Found(facts("east"))), Ok(Outcome::Joined(NodeId(1))));
        office
    }

    fn join(&mut self, name: &str) -> Result<Outcome, Refusal> {
        self.join_with(name, GroupKind::Shared)
    }

    fn join_with(&mut self, name: &str, group: GroupKind) -> Result<Outcome, Refusal> {
        let token = [self.index as u8; 32];
        let expires_ms = self.now_ms + 100;
        self.ask(Command::IssueToken { hash: token, expires_ms }).unwrap();
        self.ask(Command::Join { token, facts: facts(name), group })
    }
}

fn join(token: TokenHash, name: &str) -> Command {
    Command::Join { token, facts: facts(name), group: GroupKind::Shared }
}

fn facts(name: &str) -> NodeFacts {
    NodeFacts {
        name: name.to_owned(),
        region: name.to_owned(),
        zone: "a".to_owned(),
        location: None,
        http: format!("http://{name}.test"),
        quic: "127.0.0.1:7400".parse().unwrap(),
    }
}

#[test]
fn a_lone_node_owns_everything_without_a_record() {
    let view = View::default();
    assert_eq!(
        (view.group_of_venue(0), view.group_of_venue(9), view.group_of_shard(63)),
        (DIRECTORY, DIRECTORY, DIRECTORY)
    );
}

#[test]
fn a_cluster_is_founded_once() {
    let mut office = Office::founded();
    assert_eq!(office.ask(Command::Found(facts("east"))), Ok(Outcome::Joined(NodeId(1))), "a repetition");
    assert_eq!(office.ask(Command::Found(facts("west"))), Err(Refusal::AlreadyFounded));
    let view = office.views.now();
    assert_eq!((view.nodes().len(), view.replicas(DIRECTORY)), (1, &[NodeId(1)][..]));
}

#[test]
fn a_token_lets_one_node_join_once_and_for_a_while() {
    let mut office = Office::founded();
    let token = [7; 32];
    assert_eq!(office.ask(join(token, "west")), Err(Refusal::UnknownToken));
    office.ask(Command::IssueToken { hash: token, expires_ms: 1_100 }).unwrap();
    let taken = Refusal::NameTaken { node: NodeId(1), name: "east".to_owned() };
    assert_eq!(office.ask(join(token, "east")), Err(taken));
    let west = join(token, "west");
    assert_eq!(office.ask(&west), Ok(Outcome::Joined(NodeId(2))));
    assert_eq!(office.ask(west), Ok(Outcome::Joined(NodeId(2))), "the answer was lost");
    assert_eq!(office.ask(join(token, "south")), Err(Refusal::TokenUsed));
    let late = [8; 32];
    office.ask(Command::IssueToken { hash: late, expires_ms: 1_100 }).unwrap();
    office.now_ms = 1_101;
    assert_eq!(office.ask(join(late, "south")), Err(Refusal::TokenExpired));
}

#[test]
fn newcomers_get_shards_that_nobody_lives_in() {
    let mut office = Office::founded();
    office.town.0 = BTreeSet::from([0, 2]);
    office.join("west").unwrap();
    office.join("south").unwrap();
    let view = office.views.now();
    let mut owned = [0usize; 4];
    for shard in 0..SHARDS {
        owned[view.group_of_shard(shard).0 as usize] += 1;
    }
    assert_eq!((view.group_of_shard(0), view.group_of_shard(2)), (DIRECTORY, DIRECTORY));
    assert_eq!(owned, [0, 11, 32, 21]);
}

#[test]
fn numbers_of_nodes_are_never_used_again() {
    let mut office = Office::founded();
    office.join("west").unwrap();
    let removed = Command::SetStatus { node: NodeId(2), status: NodeStatus::Removed };
    assert_eq!(office.ask(removed), Ok(Outcome::Done));
    let back = Command::SetStatus { node: NodeId(2), status: NodeStatus::Active };
    assert_eq!(office.ask(back), Err(Refusal::NodeRemoved));
    assert_eq!(office.join("west"), Ok(Outcome::Joined(NodeId(3))), "its name is free, its number is not");
}

#[test]
fn replicas_stand_on_different_nodes_that_are_there() {
    let mut office = Office::founded();
    office.join("west").unwrap();
    let set = |replicas: &[u64]| Command::SetReplicas {
        group: DIRECTORY,
        replicas: replicas.iter().copied().map(NodeId).collect(),
    };
    for unfit in [&[][..], &[1, 1], &[1, 2, 1]] {
        assert_eq!(office.ask(set(unfit)), Err(Refusal::UnfitReplicas), "{unfit:?}");
    }
    assert_eq!(office.ask(set(&[1, 9])), Err(Refusal::UnknownNode));
    assert_eq!(office.ask(set(&[2, 1])), Ok(Outcome::Done));
    assert_eq!(office.views.now().groups()[&DIRECTORY].preferred, NodeId(2));
}

#[test]
fn a_venue_moves_once_at_a_time_and_its_epoch_grows() {
    let mut office = Office::founded();
    office.join("west").unwrap();
    let west = GroupId(2);
    assert_eq!(office.ask(Command::PlaceVenue { group: DIRECTORY }), Ok(Outcome::Placed(1)));
    let begin = |to| Command::BeginMove { venue: 1, to };
    assert_eq!(office.ask(begin(DIRECTORY)), Err(Refusal::AlreadyThere));
    assert_eq!(office.ask(begin(GroupId(9))), Err(Refusal::UnknownGroup));
    let moving = Placement { moving_to: Some(west), ..Placement::first(1, DIRECTORY) };
    assert_eq!(office.ask(begin(west)), Ok(Outcome::Moving(moving)));
    assert_eq!(office.ask(begin(west)), Ok(Outcome::Moving(moving)), "a repetition");
    assert_eq!(office.views.now().group_of_venue(1), DIRECTORY, "until it has moved");
    let finish = |epoch| Command::FinishMove { venue: 1, epoch, to: west };
    assert_eq!(office.ask(finish(2)), Err(Refusal::NotMoving { epoch: 2 }));
    assert_eq!(office.ask(finish(1)), Ok(Outcome::Done));
    assert_eq!(office.ask(finish(1)), Ok(Outcome::Done), "a repetition");
    let view = office.views.now();
    assert_eq!((view.group_of_venue(1), view.epoch_of_venue(1)), (west, 1));
    assert_eq!(office.ask(Command::AbortMove { venue: 1, epoch: 2 }), Err(Refusal::NotMoving { epoch: 2 }));
}

#[test]
fn an_epoch_that_was_called_off_is_given_to_no_other_move() {
    let mut office = Office::founded();
    office.join("west").unwrap();
    let (venue, west) = (1, GroupId(2));
    office.ask(Command::PlaceVenue { group: DIRECTORY }).unwrap();
    office.ask(Command::BeginMove { venue, to: west }).unwrap();
    assert_eq!(office.ask(Command::AbortMove { venue, epoch: 1 }), Ok(Outcome::Done));
    let stays = Placement { epoch: 1, ..Placement::first(venue, DIRECTORY) };
    assert_eq!(office.views.now().placements()[&venue], stays);
    // Whoever still thinks that it went through hears that it did not.
    let finish = |epoch| Command::FinishMove { venue, epoch, to: west };
    assert_eq!(office.ask(finish(1)), Err(Refusal::NotMoving { epoch: 1 }));
    office.ask(Command::BeginMove { venue, to: west }).unwrap();
    assert_eq!(office.ask(finish(1)), Err(Refusal::NotMoving { epoch: 1 }));
    assert_eq!(office.ask(finish(2)), Ok(Outcome::Done));
}

/// Node 3 is a box office, whose group has the venue and a copy on nodes 1 and 2.
fn box_office() -> Office {
    let mut office = Office::founded();
    office.join("west").unwrap();
    assert_eq!(office.join_with("counter", GroupKind::Solo), Ok(Outcome::Joined(NodeId(3))));
    let replicas = [3, 1, 2].map(NodeId).to_vec();
    office.ask(Command::SetReplicas { group: COUNTER, replicas }).unwrap();
    assert_eq!(office.ask(Command::PlaceVenue { group: COUNTER }), Ok(Outcome::Placed(1)));
    office
}

const COUNTER: GroupId = GroupId(3);
const WEST: GroupId = GroupId(2);

fn copy(index: u64) -> Departure {
    Departure { counter: index, link: ChainLink { index, now_ms: index, hash: [index as u8; 32] } }
}

fn seize(by: u64) -> Command {
    Command::Seize { venue: 1, to: WEST, by: NodeId(by) }
}

fn placement(office: &Office) -> Placement {
    office.views.now().placements()[&1]
}

#[test]
fn a_box_office_has_one_home_for_ever_and_no_accounts() {
    let mut office = box_office();
    let view = office.views.now();
    assert_eq!(view.groups()[&COUNTER].kind, GroupKind::Solo);
    assert!((0..SHARDS).all(|shard| view.group_of_shard(shard) != COUNTER));
    let set =
        |replicas: [u64; 2]| Command::SetReplicas { group: COUNTER, replicas: replicas.map(NodeId).to_vec() };
    assert_eq!(office.ask(set([1, 3])), Err(Refusal::HomeStays));
    assert_eq!(office.ask(set([3, 2])), Ok(Outcome::Done));
    // Also when it is lost: its copies are what there is.
    office.ask(Command::SetStatus { node: NodeId(3), status: NodeStatus::Removed }).unwrap();
    assert_eq!(office.ask(set([3, 1])), Ok(Outcome::Done));
    assert_eq!(office.ask(set([1, 2])), Err(Refusal::HomeStays));
    office.join("south").unwrap();
    let shards = (0..SHARDS).filter(|shard| office.views.now().group_of_shard(*shard) == GroupId(4));
    assert_eq!(shards.count(), 64 / 3, "a box office is not counted among those that share");
}

#[test]
fn only_a_solo_groups_venue_is_seized_and_only_by_who_has_a_copy() {
    let mut office = box_office();
    office.ask(Command::PlaceVenue { group: WEST }).unwrap();
    let seize = |venue, to, by| Command::Seize { venue, to: GroupId(to), by: NodeId(by) };
    for (command, refusal) in [
        (seize(9, 2, 1), Refusal::UnknownVenue),
        (seize(2, 1, 1), Refusal::NotSolo),
        (seize(1, 9, 1), Refusal::UnknownGroup),
        (seize(1, 3, 1), Refusal::UnfitSuccessor),
        (seize(1, 2, 3), Refusal::UnfitSuccessor),
        (seize(1, 2, 4), Refusal::UnfitSuccessor),
    ] {
        assert_eq!(office.ask(&command), Err(refusal), "{command:?}");
    }
}

#[test]
fn a_venue_is_seized_from_one_copy_and_is_in_conflict_until_that_is_settled() {
    let mut office = box_office();
    assert!(matches!(office.ask(seize(2)), Ok(Outcome::Moving(_))));
    assert!(matches!(office.ask(seize(2)), Ok(Outcome::Moving(_))), "a repetition");
    let base = |epoch, index| Command::SetBase { venue: 1, epoch, base: copy(index) };
    assert_eq!(office.ask(base(2, 7)), Err(Refusal::NotMoving { epoch: 2 }));
    assert!(office.ask(base(1, 7)).is_ok() && office.ask(base(1, 7)).is_ok());
    assert_eq!(office.ask(base(1, 8)), Err(Refusal::OtherBase { epoch: 1 }));
    // The old home, back in the middle of it, has no say.
    assert_eq!(office.ask(Command::AbortMove { venue: 1, epoch: 1 }), Err(Refusal::NotMoving { epoch: 1 }));
    let again = Command::SeizeAgain { venue: 1, epoch: 1 };
    assert!(office.ask(&again).is_ok());
    assert_eq!(office.ask(again), Err(Refusal::NotMoving { epoch: 1 }), "a repetition");
    let finish = |epoch| Command::FinishMove { venue: 1, epoch, to: WEST };
    assert_eq!(office.ask(finish(1)), Err(Refusal::NotMoving { epoch: 1 }));
    office.ask(base(2, 8)).unwrap();
    assert_eq!(office.ask(finish(2)), Ok(Outcome::Done));
    let seized = placement(&office);
    let seizure =
        Seizure { from: COUNTER, by: NodeId(2), epoch: 2, base: Some(copy(8)), is_overtaking: false };
    assert_eq!((seized.group, seized.epoch, seized.seized()), (WEST, 2, Some(seizure)));
    // It goes on as a venue does, and is not forgotten to be in conflict.
    office.ask(Command::BeginMove { venue: 1, to: COUNTER }).unwrap();
    office.ask(Command::FinishMove { venue: 1, epoch: 3, to: COUNTER }).unwrap();
    assert_eq!(office.ask(seize(2)), Err(Refusal::InConflict));
    let reconcile = |epoch| Command::Reconcile { venue: 1, epoch };
    assert_eq!(office.ask(reconcile(1)), Err(Refusal::NotMoving { epoch: 1 }));
    assert_eq!(office.ask(reconcile(2)), Ok(Outcome::Done));
    assert_eq!(office.ask(reconcile(2)), Ok(Outcome::Done), "a repetition");
    assert_eq!(placement(&office), Placement { epoch: 3, ..Placement::first(1, COUNTER) });
}

#[test]
fn what_an_earlier_attempt_may_have_brought_counts_first() {
    // On an ordinary move to the heir: it may have left in order.
    let mut office = box_office();
    office.ask(Command::BeginMove { venue: 1, to: WEST }).unwrap();
    let elsewhere = Command::Seize { venue: 1, to: DIRECTORY, by: NodeId(2) };
    assert_eq!(office.ask(elsewhere), Err(Refusal::AlreadyMoving { to: WEST }));
    office.ask(seize(2)).unwrap();
    let base = Command::SetBase { venue: 1, epoch: 1, base: copy(7) };
    assert_eq!(office.ask(base), Err(Refusal::OtherBase { epoch: 1 }), "not before it is known");
    office.ask(Command::FinishMove { venue: 1, epoch: 1, to: WEST }).unwrap();
    assert_eq!(placement(&office), Placement { epoch: 1, ..Placement::first(1, WEST) }, "taken from nobody");

    // On its way to another box office, it goes there: that may have it.
    let mut office = box_office();
    office.join_with("kiosk", GroupKind::Solo).unwrap();
    let to_kiosk = Command::Seize { venue: 1, to: GroupId(4), by: NodeId(2) };
    assert_eq!(office.ask(&to_kiosk), Err(Refusal::UnfitSuccessor));
    office.ask(Command::BeginMove { venue: 1, to: GroupId(4) }).unwrap();
    assert!(office.ask(&to_kiosk).is_ok());

    // Seized by another node: its copy may have settled, and is the base then.
    let mut office = box_office();
    office.ask(seize(2)).unwrap();
    office.ask(Command::SetBase { venue: 1, epoch: 1, base: copy(7) }).unwrap();
    office.ask(seize(1)).unwrap();
    let other = Command::SetBase { venue: 1, epoch: 1, base: copy(7) };
    assert_eq!(office.ask(other), Err(Refusal::OtherBase { epoch: 1 }));
    office.ask(Command::FinishMove { venue: 1, epoch: 1, to: WEST }).unwrap();
    assert_eq!(placement(&office).seized().and_then(|seizure| seizure.base), Some(copy(7)));
}

#[test]
fn what_is_usual_is_written_as_by_earlier_versions() {
    #[derive(serde::Serialize)]
    struct Earlier(u32, GroupId, u64, Option<GroupId>);
    let earlier = rmp_serde::to_vec(&Earlier(1, WEST, 4, None)).unwrap();
    let placed = Placement { epoch: 4, ..Placement::first(1, WEST) };
    assert_eq!(rmp_serde::to_vec(&placed).unwrap(), earlier);
    assert_eq!(rmp_serde::from_slice::<Placement>(&earlier).unwrap(), placed);
}
