//! The cluster as operators read it: one document for programs, for the commands and for the page.

use std::collections::BTreeMap;

use marquee_replication::NodeId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::cluster::moving::progress::Progress;
use crate::cluster::planning::Plan;
use crate::directory::{Placement, View};
use crate::texts::Texts;

/// The cluster, as the node that answers sees it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = Cluster)]
pub(crate) struct ClusterBody {
    /// Its name; null if the node is alone.
    #[schema(example = "stage")]
    pub(crate) cluster: Option<String>,
    /// The node that answers.
    #[schema(example = "n1")]
    pub(crate) answered_by: String,
    /// When.
    pub(crate) at: String,
    /// Whether nothing in `findings` needs anybody.
    pub(crate) healthy: bool,
    /// What somebody should look at.
    pub(crate) findings: Vec<Finding>,
    /// How many replicas a group should have.
    pub(crate) replicas_wanted: usize,
    /// The nodes that were not removed.
    pub(crate) nodes: Vec<NodeBody>,
    /// The groups.
    pub(crate) groups: Vec<GroupBody>,
    /// How many venues there are.
    pub(crate) venues_total: usize,
    /// The first of them, and where each is decided.
    pub(crate) venues: Vec<VenueBody>,
    /// Venues that are taken over from a box office, or were, and are not settled.
    pub(crate) takeovers: Vec<TakeoverBody>,
    /// What this node has counted since its start.
    pub(crate) counters: Counters,
}

/// A venue that is taken over from a box office, or was, and is not settled.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = ClusterTakeover)]
pub(crate) struct TakeoverBody {
    /// The venue's number.
    pub(crate) venue: u32,
    /// Its name.
    pub(crate) name: String,
    /// The box office's group.
    #[schema(example = "g3")]
    pub(crate) from: String,
    /// The group that has the venue, or gets it.
    #[schema(example = "g2")]
    pub(crate) to: String,
    /// The node whose copy was taken.
    #[schema(example = "n2")]
    pub(crate) by: String,
    /// The last entry of the box office's ledger that is in the copy, once that is known.
    pub(crate) base_index: Option<u64>,
    /// When that was.
    pub(crate) base_at: Option<String>,
    /// `under-way`; `unheard`, as long as the box office has not told what it sold meanwhile; or `listed`.
    #[schema(example = "listed")]
    pub(crate) state: String,
    /// How many orders are in conflict, once they are listed.
    pub(crate) open: Option<u64>,
}

/// What a box office sold after a venue was taken over from it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = VenueConflicts)]
pub(crate) struct ConflictsBody {
    /// How the venue was taken over; null if it was not, or all is settled.
    pub(crate) takeover: Option<TakeoverBody>,
    /// The orders, in the order in which they were placed.
    pub(crate) conflicts: Vec<ConflictBody>,
    /// The order after which there are more; null at the end.
    pub(crate) next: Option<String>,
    /// What else it changed that the venue's owner does not have so.
    pub(crate) changes: Vec<CatalogChange>,
}

/// Something of the catalog that a box office changed, and the venue's owner has otherwise or not at all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = CatalogChange)]
pub(crate) struct CatalogChange {
    /// `venue`, `hall` or `performance`.
    #[schema(example = "performance")]
    pub(crate) kind: String,
    /// Its id.
    pub(crate) id: String,
    /// Its name; empty for a performance.
    pub(crate) name: String,
    /// When.
    pub(crate) updated_at: String,
}

/// An order of which the venue's owner knows nothing, or something older.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = OrderConflict)]
pub(crate) struct ConflictBody {
    /// The order.
    #[schema(example = "ord_01kc0000000000000000000000")]
    pub(crate) order: String,
    /// `late` if it was placed after the copy; `changed` if the owner has it as it was before.
    #[schema(example = "late")]
    pub(crate) origin: String,
    /// How it stands at the box office.
    #[schema(example = "booked")]
    pub(crate) status: String,
    /// The performance.
    pub(crate) performance: String,
    /// When it was placed.
    pub(crate) placed_at: String,
    /// Where the buyer gets the tickets.
    pub(crate) email: String,
    /// The buyer's name.
    pub(crate) name: String,
    /// The currency of its amounts.
    #[schema(example = "USD")]
    pub(crate) currency: String,
    /// What it costs, in minor units.
    pub(crate) total: i64,
    /// What came of that and has not gone back.
    pub(crate) captured: i64,
    /// What is on its way back.
    pub(crate) refunding: i64,
    /// The places of its valid tickets, and who has them at the venue's owner.
    pub(crate) places: Vec<ConflictPlace>,
    /// `refund`, `keep` or `leave`, once somebody said so.
    pub(crate) verdict: Option<String>,
    /// Why it could not be kept.
    pub(crate) objection: Option<String>,
    /// `refunded`, `kept`, `left`, `same` or `void`; null while it is in conflict.
    pub(crate) end: Option<String>,
}

/// A place of an order in conflict.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = ConflictPlace)]
pub(crate) struct ConflictPlace {
    /// As people call it.
    #[schema(example = "Stalls, row C, seat 12")]
    pub(crate) place: String,
    /// At the venue's owner: `free`, `held`, `booked`, `killed`; `own` if this order has it there; `unknown` for a place in an area,
    /// and while the owner does not answer.
    #[schema(example = "booked")]
    pub(crate) there: String,
    /// The order that has it there.
    pub(crate) order: Option<String>,
}

/// Something that somebody should look at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = ClusterFinding)]
pub(crate) struct Finding {
    /// The stable word for its kind.
    #[schema(example = "node-down")]
    pub(crate) code: String,
    /// A sentence.
    pub(crate) words: String,
    /// The node that it is about.
    pub(crate) node: Option<String>,
    /// The group that it is about.
    pub(crate) group: Option<String>,
    /// The same sentence for other languages.
    #[serde(skip)]
    #[schema(ignore)]
    pub(crate) sentence: Sentence,
}

/// A sentence by its key, with what is put into it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Sentence {
    pub(crate) key: &'static str,
    pub(crate) arguments: Vec<(&'static str, String)>,
}

impl Finding {
    /// What it says in a language.
    pub(crate) fn told(&self, texts: Texts) -> String {
        texts.with_all(self.sentence.key, &self.sentence.arguments)
    }
}

/// A node.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = ClusterNode)]
pub(crate) struct NodeBody {
    /// Its number, never used again.
    #[schema(example = "n2")]
    pub(crate) id: String,
    /// Its name.
    #[schema(example = "london-1")]
    pub(crate) name: String,
    /// Its region.
    #[schema(example = "eu-west")]
    pub(crate) region: String,
    /// Its zone.
    pub(crate) zone: String,
    /// The address that customers know it by.
    pub(crate) http: String,
    /// Where peers reach it.
    pub(crate) quic: Option<String>,
    /// `active`, or `draining`: whether it is given work.
    #[schema(example = "active")]
    pub(crate) status: String,
    /// `alive`, `suspect`, `down`, `left`, or `unknown` if it was not seen since the answering node started.
    #[schema(example = "alive")]
    pub(crate) liveness: String,
    /// The round trip from the answering node, in milliseconds.
    pub(crate) round_trip_ms: Option<f64>,
    /// How much it has to do, from 0 to 1,000.
    pub(crate) load_permille: Option<u16>,
    /// The version that it runs.
    pub(crate) version: Option<String>,
    /// When it joined.
    pub(crate) joined_at: Option<String>,
    /// Until when its certificate is good; told of the answering node only.
    pub(crate) certificate_until: Option<String>,
    /// The groups that it is home of.
    pub(crate) homes: Vec<String>,
    /// How many replicas it is to hold.
    pub(crate) replicas: usize,
}

/// A group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = ClusterGroup)]
pub(crate) struct GroupBody {
    /// Its number.
    #[schema(example = "g2")]
    pub(crate) id: String,
    /// `shared`, or `solo`: whether another replica takes over by itself.
    pub(crate) kind: String,
    /// Who should be home.
    pub(crate) preferred: String,
    /// Who is home.
    pub(crate) home: Option<String>,
    /// How many elections there were.
    pub(crate) term: u64,
    /// Who tells what follows: `home`; `replica`, the answering node's own; or `nobody`.
    pub(crate) told_by: String,
    /// Its replicas.
    pub(crate) replicas: Vec<ReplicaBody>,
    /// The last entry of its log.
    pub(crate) log_index: u64,
    /// The last entry in its state.
    pub(crate) applied_index: u64,
    /// The last entry in its state that is on the disk.
    pub(crate) durable_index: u64,
    /// How many commands wait.
    pub(crate) commands_waiting: u64,
    /// How many commands the home applied since it was opened.
    pub(crate) commands: u64,
    /// Milliseconds since more than half of its voters were last known to follow.
    pub(crate) quorum_silent_ms: Option<u64>,
    /// How many venues it owns.
    pub(crate) venues: usize,
    /// The account shards that it owns.
    pub(crate) account_shards: Vec<u32>,
    /// What the answering node knows of its news; null if it is alone.
    pub(crate) feed: Option<FeedBody>,
}

/// A replica of a group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = ClusterReplica)]
pub(crate) struct ReplicaBody {
    /// The node.
    pub(crate) node: String,
    /// `voter`; `learner`, which does not count; `joining`, which is named and not there yet; or `leaving`.
    pub(crate) role: String,
    /// How many entries it lacks, if the home tells.
    pub(crate) lag: Option<u64>,
}

/// What the answering node knows of a group's news.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = ClusterFeed)]
pub(crate) struct FeedBody {
    /// The epoch of its latest news here.
    pub(crate) epoch: u64,
    /// The entry of its latest news here.
    pub(crate) index: u64,
    /// Milliseconds since its home was last heard and had no more than that; null if never since the start.
    pub(crate) silent_ms: Option<u64>,
}

/// A venue, and where it is decided.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = ClusterVenue)]
pub(crate) struct VenueBody {
    /// Its id.
    #[schema(example = "ven_01hqj8p6q80000040000000080")]
    pub(crate) id: String,
    /// Its name.
    pub(crate) name: String,
    /// Its city.
    pub(crate) city: String,
    /// The group that owns it.
    #[schema(example = "g2")]
    pub(crate) group: String,
    /// How often it has moved.
    pub(crate) epoch: u64,
    /// The group that it moves to.
    pub(crate) moving_to: Option<String>,
}

/// What a node has counted since its start, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = ClusterCounters)]
pub(crate) struct Counters {
    /// Connections with peers.
    pub(crate) transport: BTreeMap<String, u64>,
    /// What peers and strangers sent and was refused, by reason.
    pub(crate) refused: BTreeMap<String, u64>,
    /// Who is there.
    pub(crate) membership: BTreeMap<String, u64>,
    /// What nodes tell of themselves.
    pub(crate) gossip: BTreeMap<String, u64>,
    /// What all nodes know.
    pub(crate) feed: BTreeMap<String, u64>,
}

/// What was done, or would be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = ClusterChange)]
pub(crate) struct ChangeBody {
    /// Whether it was decided: false for a plan. The cluster carries the steps out by itself, one after the other.
    pub(crate) decided: bool,
    /// What comes of it.
    pub(crate) steps: Vec<StepBody>,
    /// What to think of.
    pub(crate) warnings: Vec<StepBody>,
}

/// A step of a change, or a warning.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = ClusterStep)]
pub(crate) struct StepBody {
    /// The stable word for its kind.
    #[schema(example = "home-moves")]
    pub(crate) kind: String,
    /// A sentence.
    pub(crate) words: String,
    /// The group that it is about.
    pub(crate) group: Option<String>,
    /// Whose something was.
    pub(crate) from: Option<String>,
    /// Whose it becomes.
    pub(crate) to: Option<String>,
}

/// How far a venue's move is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = VenueMove)]
pub(crate) struct VenueMoveBody {
    /// The venue's number.
    pub(crate) venue: u32,
    /// The group that owns it.
    #[schema(example = "g1")]
    pub(crate) group: String,
    /// How often it has moved.
    pub(crate) epoch: u64,
    /// The group that it moves to.
    #[schema(example = "g2")]
    pub(crate) moving_to: Option<String>,
    /// `copying` while it sells, `frozen`, `clearing` once it sells at its new home, `done`, or `called-off`; null if
    /// nobody remembers a move.
    #[schema(example = "copying")]
    pub(crate) phase: Option<String>,
    /// Which attempt it is.
    pub(crate) attempt: u64,
    /// How many rows were sent.
    pub(crate) rows_sent: u64,
    /// For how many milliseconds nobody could buy; null until that is over.
    pub(crate) frozen_ms: Option<u64>,
    /// Why it stopped last; it goes on by itself.
    pub(crate) halted: Option<String>,
}

/// A token that lets one node join.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = JoinToken)]
pub(crate) struct TokenBody {
    /// The token, told once; null for a plan.
    pub(crate) token: Option<String>,
    /// Until when it can be used, once.
    pub(crate) expires_at: String,
    /// An address of the cluster that the newcomer can ask.
    #[schema(example = "203.0.113.7:7400")]
    pub(crate) address: String,
}

impl VenueMoveBody {
    pub(super) fn new(placement: Placement, progress: Option<Progress>) -> Self {
        let told = progress.clone().unwrap_or_default();
        Self {
            venue: placement.venue,
            group: placement.group.to_string(),
            epoch: placement.epoch,
            moving_to: placement.moving_to.map(|to| to.to_string()),
            phase: progress.map(|progress| progress.phase.name().to_owned()),
            attempt: told.attempt,
            rows_sent: told.sent,
            frozen_ms: told.frozen_ms,
            halted: told.halted,
        }
    }
}

impl ChangeBody {
    pub(super) fn new(plan: &Plan, view: &View, decided: bool) -> Self {
        use crate::cluster::planning::{Step, Warning};
        let node = |node: NodeId| Some(node.to_string());
        let step = |step: &Step| {
            let (group, from, to) = match *step {
                Step::Rests(of) | Step::Goes(of) => (None, node(of), None),
                Step::Works(of) => (None, None, node(of)),
                Step::Copies { group, to } => (Some(group), None, node(to)),
                Step::Drops { group, from } => (Some(group), node(from), None),
                Step::Moves { group, from, to } => (Some(group), from.and_then(node), node(to)),
                Step::Seizes { from, to, .. } => (None, Some(from.to_string()), Some(to.to_string())),
                Step::Transfers { from, to, .. } => (None, Some(from.to_string()), Some(to.to_string())),
            };
            let (kind, words) = (step.kind().to_owned(), step.words(view));
            StepBody { kind, words, group: group.map(|group| group.to_string()), from, to }
        };
        let warning = |warning: &Warning| {
            let group = match warning {
                Warning::AlreadySo | Warning::BetterCopy { .. } => None,
                Warning::HomeStays { group, .. }
                | Warning::SoloStays { group, .. }
                | Warning::SoloLost { group }
                | Warning::NoQuorum { group, .. }
                | Warning::TooFew { group, .. }
                | Warning::Even { group, .. }
                | Warning::OneRegion { group, .. }
                | Warning::NobodyHome { group }
                | Warning::Loss { group, .. }
                | Warning::Waits { group, .. } => Some(group.to_string()),
            };
            let (kind, words) = (warning.kind().to_owned(), warning.words(view));
            StepBody { kind, words, group, from: None, to: None }
        };
        Self {
            decided,
            steps: plan.steps.iter().map(step).collect(),
            warnings: plan.warnings.iter().map(warning).collect(),
        }
    }
}
