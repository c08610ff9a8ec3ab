//! `/operator/cluster`: how the cluster does, for operators.

use std::collections::BTreeMap;

use askama::Template;
use axum::response::Response;

use super::visit::{Frame, Here, Visit};
use super::words::count;
use crate::accounts::Role;
use crate::http::Problem;
use crate::http::cluster::document::{
    ClusterBody, FeedBody, Finding, GroupBody, NodeBody, ReplicaBody, TakeoverBody,
};
use crate::http::cluster::gather;

/// How many venues the page names.
const VENUES: usize = 300;

#[derive(Template)]
#[template(path = "cluster.html")]
struct ClusterPage {
    frame: Frame,
    name: String,
    seen_by: String,
    at: String,
    findings: Vec<Finding>,
    regions: Vec<RegionView>,
    groups: Vec<GroupView>,
    owners: Vec<OwnerView>,
    takeovers: Vec<TakeoverView>,
    counters: Vec<CounterView>,
}

struct RegionView {
    name: String,
    nodes: Vec<NodeView>,
}

struct NodeView {
    id: String,
    name: String,
    /// How its tag looks, and what it says.
    kind: &'static str,
    state: String,
    http: String,
    round_trip: String,
    homes: String,
    replicas: usize,
    about: String,
}

struct GroupView {
    id: String,
    home: String,
    /// Whether somebody else should be home.
    is_away: bool,
    is_solo: bool,
    term: u64,
    replicas: Vec<ReplicaView>,
    log_index: u64,
    venues: usize,
    shards: usize,
    news: String,
}

struct ReplicaView {
    kind: &'static str,
    words: String,
}

/// The venues of a group.
struct OwnerView {
    group: String,
    home: String,
    count: String,
    venues: Vec<String>,
    more: usize,
}

/// A venue that was taken over from a box office.
struct TakeoverView {
    venue: u32,
    name: String,
    from: String,
    to: String,
    as_of: String,
    kind: &'static str,
    state: String,
}

struct CounterView {
    name: &'static str,
    counts: Vec<(String, u64)>,
}

/// Shows the cluster to an operator.
pub(super) async fn cluster(visit: Visit) -> Result<Response, Problem> {
    visit.caller.caller().require(Role::Operator)?;
    let cluster = gather(&visit.app, VENUES).await;
    visit.show(&page(visit.frame(Here::Cluster), &cluster))
}

fn page(frame: Frame, cluster: &ClusterBody) -> ClusterPage {
    let names = Names(cluster.nodes.iter().map(|node| (node.id.as_str(), node.name.as_str())).collect());
    let mut regions = BTreeMap::<&str, Vec<NodeView>>::new();
    for node in &cluster.nodes {
        regions.entry(&node.region).or_default().push(NodeView::new(node, node.id == cluster.answered_by));
    }
    let regions = regions.into_iter().map(|(name, nodes)| RegionView { name: name.to_owned(), nodes });
    let counters = &cluster.counters;
    let counters = [
        ("Connections", &counters.transport),
        ("Refused", &counters.refused),
        ("Membership", &counters.membership),
        ("Gossip", &counters.gossip),
        ("Feed", &counters.feed),
    ];
    let counters = counters.into_iter().filter(|(_name, counts)| !counts.is_empty());
    ClusterPage {
        frame,
        name: cluster.cluster.clone().unwrap_or_else(|| "A node alone".to_owned()),
        seen_by: names.of(&cluster.answered_by),
        at: cluster.at.clone(),
        findings: cluster.findings.clone(),
        regions: regions.collect(),
        groups: cluster.groups.iter().map(|group| GroupView::new(group, &names)).collect(),
        owners: cluster.groups.iter().filter_map(|group| OwnerView::new(group, cluster, &names)).collect(),
        takeovers: cluster.takeovers.iter().map(TakeoverView::new).collect(),
        counters: counters
            .map(|(name, counts)| CounterView {
                name,
                counts: counts.iter().map(|(what, count)| (what.clone(), *count)).collect(),
            })
            .collect(),
    }
}

/// Nodes by number.
struct Names<'c>(BTreeMap<&'c str, &'c str>);

impl Names<'_> {
    /// A node as people call it.
    fn of(&self, node: &str) -> String {
        self.0.get(node).map_or_else(|| node.to_owned(), |name| (*name).to_owned())
    }
}

impl NodeView {
    fn new(node: &NodeBody, is_here: bool) -> Self {
        let (kind, state) = match (node.liveness.as_str(), node.status.as_str()) {
            ("alive", "active") => ("good", "alive".to_owned()),
            ("alive" | "suspect", status) if status != "active" => ("warn", status.to_owned()),
            ("suspect", _) => ("warn", "suspect".to_owned()),
            (liveness, _) => ("bad", liveness.to_owned()),
        };
        let round_trip = match (is_here, node.round_trip_ms) {
            (true, _) => "this node".to_owned(),
            (false, Some(trip)) => format!("{trip:.1} ms"),
            (false, None) => "not connected".to_owned(),
        };
        let zone = (!node.zone.is_empty()).then(|| format!("zone {}", node.zone));
        let load = node.load_permille.map(|load| format!("load {} %", load / 10));
        let version = node.version.as_ref().map(|version| format!("version {version}"));
        let until = node.certificate_until.as_ref().map(|until| format!("certificate until {until}"));
        let about: Vec<_> = [zone, load, version, until].into_iter().flatten().collect();
        Self {
            id: node.id.clone(),
            name: node.name.clone(),
            kind,
            state,
            http: node.http.clone(),
            round_trip,
            homes: if node.homes.is_empty() { "none".to_owned() } else { node.homes.join(", ") },
            replicas: node.replicas,
            about: about.join(" · "),
        }
    }
}

impl GroupView {
    fn new(group: &GroupBody, names: &Names<'_>) -> Self {
        Self {
            id: group.id.clone(),
            home: group.home.as_ref().map_or_else(|| "nobody".to_owned(), |home| names.of(home)),
            is_away: group.home.as_ref() != Some(&group.preferred),
            is_solo: group.kind == "solo",
            term: group.term,
            replicas: group.replicas.iter().map(|replica| ReplicaView::new(replica, group, names)).collect(),
            log_index: group.log_index,
            venues: group.venues,
            shards: group.account_shards.len(),
            news: group.feed.as_ref().map_or_else(|| "–".to_owned(), news),
        }
    }
}

impl ReplicaView {
    fn new(replica: &ReplicaBody, group: &GroupBody, names: &Names<'_>) -> Self {
        let name = names.of(&replica.node);
        if group.home.as_ref() == Some(&replica.node) {
            return Self { kind: "good", words: format!("{name} · home") };
        }
        let (kind, state) = match (replica.role.as_str(), replica.lag) {
            ("voter", Some(0)) => ("", "even".to_owned()),
            ("voter", Some(lag)) => ("", format!("−{lag}")),
            ("voter", None) => ("", "lag unknown".to_owned()),
            (role, _) => ("warn", role.to_owned()),
        };
        Self { kind, words: format!("{name} · {state}") }
    }
}

fn news(feed: &FeedBody) -> String {
    match feed.silent_ms {
        Some(silent) if silent < 1_000 => format!("entry {}, current", feed.index),
        Some(silent) => format!("entry {}, {} s old", feed.index, silent / 1_000),
        None => format!("entry {}, home not heard", feed.index),
    }
}

impl TakeoverView {
    fn new(takeover: &TakeoverBody) -> Self {
        let (kind, state) = match (takeover.state.as_str(), takeover.open) {
            ("under-way", _) => ("warn", "under way".to_owned()),
            (_, None) => ("bad", "not heard since".to_owned()),
            (_, Some(0)) => ("", "no order in conflict".to_owned()),
            (_, Some(open)) => ("bad", format!("{} in conflict", count(open as usize, "order"))),
        };
        Self {
            venue: takeover.venue,
            name: takeover.name.clone(),
            from: takeover.from.clone(),
            to: takeover.to.clone(),
            as_of: takeover.base_at.clone().unwrap_or_else(|| "–".to_owned()),
            kind,
            state,
        }
    }
}

impl OwnerView {
    /// None if the group has no venues.
    fn new(group: &GroupBody, cluster: &ClusterBody, names: &Names<'_>) -> Option<Self> {
        if group.venues == 0 {
            return None;
        }
        let venues = cluster.venues.iter().filter(|venue| venue.group == group.id).map(|venue| {
            let moving = venue.moving_to.as_ref().map(|to| format!(" (moving to {to})"));
            format!("{}, {}{}", venue.name, venue.city, moving.unwrap_or_default())
        });
        let venues: Vec<_> = venues.collect();
        Some(Self {
            group: group.id.clone(),
            home: group.home.as_ref().map_or_else(|| "nobody".to_owned(), |home| names.of(home)),
            count: count(group.venues, "venue"),
            more: group.venues.saturating_sub(venues.len()),
            venues,
        })
    }
}
