//! The directory's part of the state machine: every write to its tables.

use std::collections::BTreeSet;
use std::sync::Arc;

use marquee_ledger::transfer::Departure;
use marquee_ledger::{Broken, Position, TableVisitor};
use marquee_replication::{GroupId, NodeId};
use redb::WriteTransaction;

use super::command::{Change, Command, Outcome, Refusal};
use super::entity::{
    GroupKind, GroupRecord, NodeFacts, NodeRecord, NodeStatus, Placement, Seizure, ShardMap, Token, TokenHash,
};
use super::tables::{Names, Tables};

/// The most replicas of a group.
const REPLICAS_MAX: usize = 7;
/// How long an expired token is remembered, so that who comes late hears why.
const TOKENS_KEPT_MS: u64 = 30 * 24 * 3_600_000;

/// Which account shards have accounts: the directory gives away only those that have none.
pub trait Residents {
    /// The shards that an account lives in.
    ///
    /// # Errors
    /// When the storage broke.
    fn occupied(&self) -> Result<BTreeSet<u32>, Broken>;
}

/// The directory of one group.
pub struct Directory {
    names: Names,
}

impl Directory {
    /// A directory whose tables have names under `namespace`.
    #[must_use]
    pub fn new(namespace: &str) -> Self {
        Self { names: Names::new(namespace) }
    }

    /// Creates missing tables and tells everything that is in them.
    ///
    /// # Errors
    /// When the storage broke.
    pub fn open(&mut self, state: &WriteTransaction, all: &mut Vec<Change>) -> Result<(), Broken> {
        let tables = Tables::open(state, &self.names)?;
        all.extend(tables.nodes.all()?.into_iter().map(|node| Change::Node(Arc::new(node))));
        all.extend(tables.groups.all()?.into_iter().map(|group| Change::Group(Arc::new(group))));
        all.extend(tables.placements.all()?.into_iter().map(Change::Placement));
        let shards = tables.shards()?;
        if shards != ShardMap::default() {
            all.push(Change::Shards(Arc::new(shards)));
        }
        Ok(())
    }

    /// Shows all tables, in an order that does not change.
    ///
    /// # Errors
    /// What the visitor says.
    pub fn visit_tables<V: TableVisitor>(&self, visitor: &mut V) -> Result<(), V::Error> {
        for table in self.names.numbered_tables() {
            visitor.table(table)?;
        }
        visitor.table(self.names.tokens())?;
        visitor.table(self.names.meta())
    }

    /// Applies a command.
    ///
    /// # Errors
    /// When the storage broke. A refusal is an `Ok(Err(_))`.
    pub fn apply(
        &mut self,
        state: &WriteTransaction,
        at: Position,
        command: &Command,
        residents: &dyn Residents,
        changes: &mut Vec<Change>,
    ) -> Result<Result<Outcome, Refusal>, Broken> {
        let tables = Tables::open(state, &self.names)?;
        let mut step = Step { tables, now_ms: at.now_ms, residents, changes };
        match step.apply(command) {
            Ok(outcome) => Ok(Ok(outcome)),
            Err(Stop::Refused(refusal)) => Ok(Err(refusal)),
            Err(Stop::Broken(broken)) => Err(broken),
        }
    }
}

/// Why a command ends early.
enum Stop {
    Refused(Refusal),
    Broken(Broken),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Broken> for Stop {
    fn from(broken: Broken) -> Self {
        Self::Broken(broken)
    }
}

/// One command being applied. Every method checks first; from the first write on nothing is refused.
struct Step<'t, 's> {
    tables: Tables<'t>,
    now_ms: u64,
    residents: &'s dyn Residents,
    changes: &'s mut Vec<Change>,
}

impl Step<'_, '_> {
    fn apply(&mut self, command: &Command) -> Result<Outcome, Stop> {
        match command {
            Command::Found(facts) => self.found(facts),
            Command::IssueToken { hash, expires_ms } => self.issue_token(hash, *expires_ms),
            Command::Join { token, facts, group } => self.join(token, facts, *group),
            Command::Describe { node, facts } => self.describe(*node, facts),
            Command::SetStatus { node, status } => self.set_status(*node, *status),
            Command::SetReplicas { group, replicas } => self.set_replicas(*group, replicas),
            Command::PlaceVenue { group } => self.place_venue(*group),
            Command::BeginMove { venue, to } => self.begin_move(*venue, *to),
            Command::FinishMove { venue, epoch, to } => self.finish_move(*venue, *epoch, *to),
            Command::AbortMove { venue, epoch } => self.abort_move(*venue, *epoch),
            Command::Seize { venue, to, by } => self.seize(*venue, *to, *by),
            Command::SetBase { venue, epoch, base } => self.set_base(*venue, *epoch, *base),
            Command::SeizeAgain { venue, epoch } => self.seize_again(*venue, *epoch),
            Command::Reconcile { venue, epoch } => self.reconcile(*venue, *epoch),
        }
    }

    // Nodes.

    fn found(&mut self, facts: &NodeFacts) -> Result<Outcome, Stop> {
        let nodes: Vec<NodeRecord> = self.tables.nodes.all()?;
        match nodes.as_slice() {
            [] => {}
            [first, ..] if first.facts.name == facts.name => return Ok(Outcome::Joined(first.id)),
            [..] => return Err(Refusal::AlreadyFounded.into()),
        }
        let id = self.tables.next_node()?;
        self.admit(id, facts, GroupKind::Shared)?;
        Ok(Outcome::Joined(id))
    }

    fn issue_token(&mut self, hash: &TokenHash, expires_ms: u64) -> Result<Outcome, Stop> {
        self.tables.forget_tokens(self.now_ms.saturating_sub(TOKENS_KEPT_MS))?;
        if self.tables.token(hash)?.is_none() {
            self.tables.put_token(hash, &Token { expires_ms, used_by: None })?;
        }
        Ok(Outcome::Done)
    }

    fn join(&mut self, hash: &TokenHash, facts: &NodeFacts, kind: GroupKind) -> Result<Outcome, Stop> {
        let mut token = self.tables.token(hash)?.ok_or(Refusal::UnknownToken)?;
        if let Some(id) = token.used_by {
            // The answer may have been lost: the same node asks again.
            let is_same = self.node(id)?.facts.name == facts.name;
            return if is_same { Ok(Outcome::Joined(id)) } else { Err(Refusal::TokenUsed.into()) };
        }
        if token.expires_ms < self.now_ms {
            return Err(Refusal::TokenExpired.into());
        }
        self.name_is_free(&facts.name, None)?;
        let shards = match kind {
            GroupKind::Shared => self.spare_shards()?,
            // Whoever has an account there could not sign in while it is cut off.
            GroupKind::Solo => Vec::new(),
        };

        // Nothing is refused from here on.
        let id = self.tables.next_node()?;
        token.used_by = Some(id);
        self.tables.put_token(hash, &token)?;
        self.admit(id, facts, kind)?;
        self.give_shards(shards, GroupId(id.0))?;
        Ok(Outcome::Joined(id))
    }

    /// Writes a new node and its group.
    fn admit(&mut self, id: NodeId, facts: &NodeFacts, kind: GroupKind) -> Result<(), Broken> {
        let node =
            NodeRecord { id, facts: facts.clone(), status: NodeStatus::Active, joined_ms: self.now_ms };
        self.tables.nodes.put(id.0, &node)?;
        self.changes.push(Change::Node(Arc::new(node)));
        let group = GroupRecord { id: GroupId(id.0), kind, preferred: id, replicas: vec![id] };
        self.put_group(group)
    }

    /// The shards without residents that the directory's group can give to one more group: its fair share of them.
    fn spare_shards(&self) -> Result<Vec<u32>, Broken> {
        let shards = self.tables.shards()?;
        let occupied = self.residents.occupied()?;
        let all: Vec<GroupRecord> = self.tables.groups.all()?;
        let groups = all.iter().filter(|group| group.kind == GroupKind::Shared).count() + 1;
        let ours = (0u32..).zip(&shards.groups).filter(|(_, group)| **group == super::DIRECTORY);
        let empty = ours.map(|(shard, _)| shard).filter(|shard| !occupied.contains(shard));
        Ok(empty.take(shards.groups.len() / groups).collect())
    }

    fn give_shards(&mut self, given: Vec<u32>, to: GroupId) -> Result<(), Broken> {
        if given.is_empty() {
            return Ok(());
        }
        let mut shards = self.tables.shards()?;
        for shard in given {
            if let Some(group) = shards.groups.get_mut(shard as usize) {
                *group = to;
            }
        }
        self.tables.put_shards(&shards)?;
        self.changes.push(Change::Shards(Arc::new(shards)));
        Ok(())
    }

    fn describe(&mut self, id: NodeId, facts: &NodeFacts) -> Result<Outcome, Stop> {
        let mut node = self.node(id)?;
        self.name_is_free(&facts.name, Some(id))?;
        if node.facts != *facts {
            node.facts = facts.clone();
            self.put_node(node)?;
        }
        Ok(Outcome::Done)
    }

    fn set_status(&mut self, id: NodeId, status: NodeStatus) -> Result<Outcome, Stop> {
        let mut node = self.node(id)?;
        if node.status == status {
            return Ok(Outcome::Done);
        }
        if node.status == NodeStatus::Removed {
            return Err(Refusal::NodeRemoved.into());
        }
        node.status = status;
        self.put_node(node)?;
        Ok(Outcome::Done)
    }

    fn node(&self, id: NodeId) -> Result<NodeRecord, Stop> {
        self.tables.nodes.get(id.0)?.ok_or_else(|| Refusal::UnknownNode.into())
    }

    fn name_is_free(&self, name: &str, except: Option<NodeId>) -> Result<(), Stop> {
        let nodes: Vec<NodeRecord> = self.tables.nodes.all()?;
        let other = nodes.into_iter().find(|node| {
            node.facts.name == name && Some(node.id) != except && node.status != NodeStatus::Removed
        });
        match other {
            Some(node) => Err(Refusal::NameTaken { node: node.id, name: name.to_owned() }.into()),
            None => Ok(()),
        }
    }

    fn put_node(&mut self, node: NodeRecord) -> Result<(), Broken> {
        self.tables.nodes.put(node.id.0, &node)?;
        self.changes.push(Change::Node(Arc::new(node)));
        Ok(())
    }

    // Groups.

    fn set_replicas(&mut self, id: GroupId, replicas: &[NodeId]) -> Result<Outcome, Stop> {
        let mut group: GroupRecord = self.tables.groups.get(id.0)?.ok_or(Refusal::UnknownGroup)?;
        let different: BTreeSet<_> = replicas.iter().collect();
        if replicas.is_empty() || replicas.len() > REPLICAS_MAX || different.len() != replicas.len() {
            return Err(Refusal::UnfitReplicas.into());
        }
        if group.kind == GroupKind::Solo && replicas[0] != group.preferred {
            return Err(Refusal::HomeStays.into());
        }
        for replica in replicas {
            let is_lost_home = group.kind == GroupKind::Solo && *replica == group.preferred;
            if self.node(*replica)?.status == NodeStatus::Removed && !is_lost_home {
                return Err(Refusal::UnfitReplicas.into());
            }
        }
        if group.replicas != replicas {
            group.replicas = replicas.to_vec();
            group.preferred = replicas[0];
            self.put_group(group)?;
        }
        Ok(Outcome::Done)
    }

    fn put_group(&mut self, group: GroupRecord) -> Result<(), Broken> {
        self.tables.groups.put(group.id.0, &group)?;
        self.changes.push(Change::Group(Arc::new(group)));
        Ok(())
    }

    // Venues.

    fn place_venue(&mut self, group: GroupId) -> Result<Outcome, Stop> {
        let is_known = group == super::DIRECTORY || self.tables.groups.get::<GroupRecord>(group.0)?.is_some();
        if !is_known {
            return Err(Refusal::UnknownGroup.into());
        }
        let venue = self.tables.next_venue()?;
        self.put_placement(Placement::first(venue, group))?;
        Ok(Outcome::Placed(venue))
    }

    fn begin_move(&mut self, venue: u32, to: GroupId) -> Result<Outcome, Stop> {
        let mut placement = self.placement(venue)?;
        if self.tables.groups.get::<GroupRecord>(to.0)?.is_none() {
            return Err(Refusal::UnknownGroup.into());
        }
        match placement.moving_to {
            Some(moving_to) if moving_to == to => return Ok(Outcome::Moving(placement)),
            Some(moving_to) => return Err(Refusal::AlreadyMoving { to: moving_to }.into()),
            None if placement.group == to => return Err(Refusal::AlreadyThere.into()),
            None => {}
        }
        placement.moving_to = Some(to);
        self.put_placement(placement)?;
        Ok(Outcome::Moving(placement))
    }

    fn finish_move(&mut self, venue: u32, epoch: u64, to: GroupId) -> Result<Outcome, Stop> {
        let placement = self.placement(venue)?;
        if placement.epoch == epoch && placement.group == to {
            return Ok(Outcome::Done);
        }
        if placement.moving_to != Some(to) || placement.epoch + 1 != epoch {
            return Err(Refusal::NotMoving { epoch }.into());
        }
        // One that had left its group in order, before it was to be taken over, was not taken from anybody.
        let seizure = placement.seizure.filter(|seizure| seizure.epoch < epoch || seizure.base.is_some());
        self.put_placement(Placement { group: to, epoch, moving_to: None, seizure, ..placement })?;
        Ok(Outcome::Done)
    }

    fn abort_move(&mut self, venue: u32, epoch: u64) -> Result<Outcome, Stop> {
        let placement = self.placement(venue)?;
        // Who seizes it has the last word, once its home cannot be asked.
        let is_seized = placement.under_seizure().is_some();
        if placement.moving_to.is_none() || placement.epoch + 1 != epoch || is_seized {
            return Err(Refusal::NotMoving { epoch }.into());
        }
        // The next move has another epoch: what is left on its way of this one does no harm to that.
        self.put_placement(Placement { epoch, moving_to: None, ..placement })?;
        Ok(Outcome::Done)
    }

    fn seize(&mut self, venue: u32, to: GroupId, by: NodeId) -> Result<Outcome, Stop> {
        let mut placement = self.placement(venue)?;
        let group = self.tables.groups.get::<GroupRecord>(placement.group.0)?.ok_or(Refusal::UnknownGroup)?;
        let heir = self.tables.groups.get::<GroupRecord>(to.0)?.ok_or(Refusal::UnknownGroup)?;
        if group.kind != GroupKind::Solo {
            return Err(Refusal::NotSolo.into());
        }
        let has_copy = group.replicas.contains(&by) && by != group.preferred;
        // Whoever it was on its way to may have it already.
        let is_heir = heir.kind == GroupKind::Shared || placement.moving_to == Some(to);
        if !is_heir || !has_copy || self.node(by)?.status == NodeStatus::Removed {
            return Err(Refusal::UnfitSuccessor.into());
        }
        if placement.seized().is_some() {
            return Err(Refusal::InConflict.into());
        }
        match placement.moving_to {
            Some(moving_to) if moving_to != to => return Err(Refusal::AlreadyMoving { to: moving_to }.into()),
            Some(_) if placement.under_seizure().is_some_and(|seizure| seizure.by == by) => {
                return Ok(Outcome::Moving(placement));
            }
            Some(_) | None => {}
        }
        // Nothing is refused from here on. What an ordinary move, or another node's copy, may have brought must go first.
        let is_overtaking = placement.moving_to.is_some();
        let epoch = placement.epoch + 1;
        // If the other node's copy has settled, that is what it was taken over from.
        let base = placement.under_seizure().and_then(|earlier| earlier.base);
        placement.seizure = Some(Seizure { from: placement.group, by, epoch, base, is_overtaking });
        placement.moving_to = Some(to);
        self.put_placement(placement)?;
        Ok(Outcome::Moving(placement))
    }

    fn set_base(&mut self, venue: u32, epoch: u64, base: Departure) -> Result<Outcome, Stop> {
        let mut placement = self.placement(venue)?;
        let seizure = placement.under_seizure().filter(|seizure| seizure.epoch == epoch);
        let seizure = seizure.ok_or(Refusal::NotMoving { epoch })?;
        if seizure.is_overtaking || seizure.base.is_some_and(|known| known != base) {
            return Err(Refusal::OtherBase { epoch }.into());
        }
        placement.seizure = Some(Seizure { base: Some(base), ..seizure });
        self.put_placement(placement)?;
        Ok(Outcome::Moving(placement))
    }

    fn seize_again(&mut self, venue: u32, epoch: u64) -> Result<Outcome, Stop> {
        let mut placement = self.placement(venue)?;
        let seizure = placement.under_seizure().filter(|seizure| seizure.epoch == epoch);
        let seizure = seizure.ok_or(Refusal::NotMoving { epoch })?;
        placement.epoch = epoch;
        placement.seizure = Some(Seizure { epoch: epoch + 1, base: None, is_overtaking: false, ..seizure });
        self.put_placement(placement)?;
        Ok(Outcome::Moving(placement))
    }

    fn reconcile(&mut self, venue: u32, epoch: u64) -> Result<Outcome, Stop> {
        let mut placement = self.placement(venue)?;
        match placement.seized() {
            Some(seizure) if seizure.epoch == epoch => {}
            Some(_) => return Err(Refusal::NotMoving { epoch }.into()),
            None => return Ok(Outcome::Done),
        }
        placement.seizure = None;
        self.put_placement(placement)?;
        Ok(Outcome::Done)
    }

    fn placement(&self, venue: u32) -> Result<Placement, Stop> {
        self.tables.placements.get(u64::from(venue))?.ok_or_else(|| Refusal::UnknownVenue.into())
    }

    fn put_placement(&mut self, placement: Placement) -> Result<(), Broken> {
        self.tables.placements.put(u64::from(placement.venue), &placement)?;
        self.changes.push(Change::Placement(placement));
        Ok(())
    }
}
