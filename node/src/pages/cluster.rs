//! `/operator/cluster`: how the cluster does, for operators.

use std::collections::BTreeMap;

use askama::Template;
use axum::response::Response;

use super::visit::{Frame, Here, Visit};
use crate::accounts::Role;
use crate::http::Problem;
use crate::http::cluster::document::{
    ClusterBody, FeedBody, Finding, GroupBody, NodeBody, ReplicaBody, TakeoverBody, VenueBody,
};
use crate::http::cluster::gather;
use crate::texts::Texts;

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
    commands: Commands,
}

/// What operators may write instead; the same in every language.
struct Commands {
    conflicts: &'static str,
    request: &'static str,
    status: &'static str,
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
    words: String,
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
    name: String,
    counts: Vec<(String, u64)>,
}

/// Shows the cluster to an operator.
pub(super) async fn cluster(visit: Visit) -> Result<Response, Problem> {
    visit.caller.caller().require(Role::Operator)?;
    let cluster = gather(&visit.app, VENUES).await;
    visit.show(&page(visit.frame(Here::Cluster), &cluster))
}

fn page(frame: Frame, cluster: &ClusterBody) -> ClusterPage {
    let texts = frame.texts();
    let nodes = cluster.nodes.iter().map(|node| (node.id.as_str(), node.name.as_str()));
    let names = Names { texts, nodes: nodes.collect() };
    let mut regions = BTreeMap::<&str, Vec<NodeView>>::new();
    for node in &cluster.nodes {
        regions.entry(&node.region).or_default().push(NodeView::new(
            texts,
            node,
            node.id == cluster.answered_by,
        ));
    }
    let regions = regions.into_iter().map(|(name, nodes)| RegionView { name: name.to_owned(), nodes });
    let counters = &cluster.counters;
    let counters = [
        ("cluster-count-transport", &counters.transport),
        ("cluster-count-refused", &counters.refused),
        ("cluster-count-membership", &counters.membership),
        ("cluster-count-gossip", &counters.gossip),
        ("cluster-count-feed", &counters.feed),
    ];
    let counters = counters.into_iter().filter(|(_name, counts)| !counts.is_empty());
    ClusterPage {
        frame,
        name: cluster.cluster.clone().unwrap_or_else(|| texts.t("cluster-alone").into_owned()),
        seen_by: names.of(&cluster.answered_by),
        at: cluster.at.clone(),
        findings: cluster.findings.clone(),
        regions: regions.collect(),
        groups: cluster.groups.iter().map(|group| GroupView::new(group, &names)).collect(),
        owners: cluster.groups.iter().filter_map(|group| OwnerView::new(group, cluster, &names)).collect(),
        takeovers: cluster.takeovers.iter().map(|takeover| TakeoverView::new(texts, takeover)).collect(),
        counters: counters
            .map(|(name, counts)| CounterView {
                name: texts.t(name).into_owned(),
                counts: counts.iter().map(|(what, count)| (what.clone(), *count)).collect(),
            })
            .collect(),
        commands: Commands {
            conflicts: "marquee cluster conflicts VENUE",
            request: "GET /v1/cluster",
            status: "marquee cluster status",
        },
    }
}

/// Nodes by number, in a language.
struct Names<'c> {
    texts: Texts,
    nodes: BTreeMap<&'c str, &'c str>,
}

impl Names<'_> {
    /// A node as people call it.
    fn of(&self, node: &str) -> String {
        self.nodes.get(node).map_or_else(|| node.to_owned(), |name| (*name).to_owned())
    }

    /// Who is home of a group.
    fn home(&self, group: &GroupBody) -> String {
        let home = group.home.as_ref();
        home.map_or_else(|| self.texts.t("cluster-nobody").into_owned(), |home| self.of(home))
    }
}

impl NodeView {
    fn new(texts: Texts, node: &NodeBody, is_here: bool) -> Self {
        let (kind, state) = match (node.liveness.as_str(), node.status.as_str()) {
            ("alive", "active") => ("good", "alive"),
            ("alive" | "suspect", status) if status != "active" => ("warn", status),
            ("suspect", _) => ("warn", "suspect"),
            (liveness, _) => ("bad", liveness),
        };
        let round_trip = match (is_here, node.round_trip_ms) {
            (true, _) => texts.t("cluster-this-node").into_owned(),
            (false, Some(trip)) => texts.with("cluster-milliseconds", "ms", texts.decimal(trip, 1)),
            (false, None) => texts.t("cluster-not-connected").into_owned(),
        };
        let zone = (!node.zone.is_empty()).then(|| texts.with("cluster-zone", "zone", &node.zone));
        let load = node.load_permille.map(|load| texts.with("cluster-load", "percent", load / 10));
        let version = node.version.as_ref().map(|version| texts.with("cluster-version", "version", version));
        let until = node.certificate_until.as_ref();
        let until = until.map(|until| texts.with("cluster-certificate", "until", until));
        let about: Vec<_> = [zone, load, version, until].into_iter().flatten().collect();
        Self {
            id: node.id.clone(),
            name: node.name.clone(),
            kind,
            state: texts.word("node", state),
            http: node.http.clone(),
            round_trip,
            homes: match node.homes.is_empty() {
                true => texts.t("cluster-nothing").into_owned(),
                false => node.homes.join(", "),
            },
            replicas: node.replicas,
            about: about.join(" · "),
        }
    }
}

impl GroupView {
    fn new(group: &GroupBody, names: &Names<'_>) -> Self {
        Self {
            id: group.id.clone(),
            home: names.home(group),
            is_away: group.home.as_ref() != Some(&group.preferred),
            is_solo: group.kind == "solo",
            term: group.term,
            replicas: group.replicas.iter().map(|replica| ReplicaView::new(replica, group, names)).collect(),
            log_index: group.log_index,
            venues: group.venues,
            shards: group.account_shards.len(),
            news: group.feed.as_ref().map_or_else(|| "–".to_owned(), |feed| news(names.texts, feed)),
        }
    }
}

impl ReplicaView {
    fn new(replica: &ReplicaBody, group: &GroupBody, names: &Names<'_>) -> Self {
        let (texts, node) = (names.texts, names.of(&replica.node));
        if group.home.as_ref() == Some(&replica.node) {
            return Self { kind: "good", words: texts.with("cluster-replica-home", "node", node) };
        }
        match (replica.role.as_str(), replica.lag) {
            ("voter", Some(0)) => Self { kind: "", words: texts.with("cluster-replica-even", "node", node) },
            ("voter", Some(lag)) => {
                Self { kind: "", words: texts.with2("cluster-replica-behind", "node", node, "lag", lag) }
            }
            ("voter", None) => Self { kind: "", words: texts.with("cluster-replica-unknown", "node", node) },
            (role, _) => {
                let role = texts.word("replica", role);
                Self { kind: "warn", words: texts.with2("cluster-replica-role", "node", node, "role", role) }
            }
        }
    }
}

fn news(texts: Texts, feed: &FeedBody) -> String {
    match feed.silent_ms {
        Some(silent) if silent < 1_000 => texts.with("cluster-news-current", "index", feed.index),
        Some(silent) => texts.with2("cluster-news-old", "index", feed.index, "seconds", silent / 1_000),
        None => texts.with("cluster-news-unheard", "index", feed.index),
    }
}

impl TakeoverView {
    fn new(texts: Texts, takeover: &TakeoverBody) -> Self {
        let (kind, state) = match (takeover.state.as_str(), takeover.open) {
            ("under-way", _) => ("warn", texts.t("cluster-takeover-under-way").into_owned()),
            (_, None) => ("bad", texts.t("cluster-takeover-unheard").into_owned()),
            (_, Some(0)) => ("", texts.t("cluster-takeover-settled").into_owned()),
            (_, Some(open)) => ("bad", texts.count("cluster-takeover-open", open)),
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
        let texts = names.texts;
        let venues = cluster.venues.iter().filter(|venue| venue.group == group.id);
        let venues: Vec<_> = venues
            .map(|VenueBody { name, city, moving_to, .. }| match moving_to {
                None => texts.with2("cluster-venue", "venue", name, "city", city),
                Some(to) => {
                    texts.with3("cluster-venue-moving", ("venue", name), ("city", city), ("group", to))
                }
            })
            .collect();
        let count = texts.count("cluster-venue-count", group.venues);
        let home = names.home(group);
        Some(Self {
            group: group.id.clone(),
            words: texts.with3("cluster-venues-of", ("home", home), ("group", &group.id), ("venues", count)),
            more: group.venues.saturating_sub(venues.len()),
            venues,
        })
    }
}
