//! The directory's rules, one command after the other over real tables.

use std::borrow::Borrow;
use std::collections::BTreeSet;

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
        let token = [self.index as u8; 32];
        let expires_ms = self.now_ms + 100;
        self.ask(Command::IssueToken { hash: token, expires_ms }).unwrap();
        self.ask(Command::Join { token, facts: facts(name) })
    }
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
    assert_eq!(office.ask(Command::Join { token, facts: facts("west") }), Err(Refusal::UnknownToken));
    office.ask(Command::IssueToken { hash: token, expires_ms: 1_100 }).unwrap();
    let taken = Refusal::NameTaken { node: NodeId(1), name: "east".to_owned() };
    assert_eq!(office.ask(Command::Join { token, facts: facts("east") }), Err(taken));
    let west = Command::Join { token, facts: facts("west") };
    assert_eq!(office.ask(&west), Ok(Outcome::Joined(NodeId(2))));
    assert_eq!(office.ask(west), Ok(Outcome::Joined(NodeId(2))), "the answer was lost");
    assert_eq!(office.ask(Command::Join { token, facts: facts("south") }), Err(Refusal::TokenUsed));
    let late = [8; 32];
    office.ask(Command::IssueToken { hash: late, expires_ms: 1_100 }).unwrap();
    office.now_ms = 1_101;
    assert_eq!(office.ask(Command::Join { token: late, facts: facts("south") }), Err(Refusal::TokenExpired));
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
    let moving = Placement { venue: 1, group: DIRECTORY, epoch: 0, moving_to: Some(west) };
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
    let stays = Placement { venue, group: DIRECTORY, epoch: 1, moving_to: None };
    assert_eq!(office.views.now().placements()[&venue], stays);
    // Whoever still thinks that it went through hears that it did not.
    let finish = |epoch| Command::FinishMove { venue, epoch, to: west };
    assert_eq!(office.ask(finish(1)), Err(Refusal::NotMoving { epoch: 1 }));
    office.ask(Command::BeginMove { venue, to: west }).unwrap();
    assert_eq!(office.ask(finish(1)), Err(Refusal::NotMoving { epoch: 1 }));
    assert_eq!(office.ask(finish(2)), Ok(Outcome::Done));
}
