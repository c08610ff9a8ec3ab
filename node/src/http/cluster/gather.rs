//! Gathers what is known of the cluster, here and at the groups' homes.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use futures_util::{StreamExt, stream};
use marquee_replication::membership::Liveness;
use marquee_replication::{GroupId, NodeId};

use super::document::{
    ClusterBody, Counters, FeedBody, GroupBody, NodeBody, ReplicaBody, TakeoverBody, VenueBody,
};
use super::findings;
use crate::cluster::errand::GroupStatus;
use crate::cluster::net::Net;
use crate::directory::{DIRECTORY, GroupKind, GroupRecord, NodeRecord, NodeStatus, Placement, SHARDS, View};
use crate::http::App;
use crate::http::instant::instant;

/// How long a home may take to tell how its group does.
pub(super) const HOME_MAX: Duration = Duration::from_millis(800);
/// How many orders are in conflict, by the group that sold them and by venue.
type Conflicts = BTreeMap<GroupId, BTreeMap<u32, u64>>;

/// How many homes are asked at once.
const HOMES_AT_ONCE: usize = 64;

/// The cluster as this node sees it, with at most so many venues.
pub(crate) async fn gather(app: &App, venues_max: usize) -> ClusterBody {
    let commons = app.home.commons();
    let view = commons.views.now();
    let own = app.geo.own();
    let (mut groups, conflicts) = groups(app, &view).await;
    let (venues_total, venues) = venues(app, &view, &mut groups, venues_max);
    let nodes = match view.nodes().is_empty() {
        true => vec![lone_node(app, own)],
        false => view.members().map(|node| member(app, node)).collect(),
    };
    let mut cluster = ClusterBody {
        cluster: app.net.as_ref().map(|net| net.belonging.cluster().to_owned()),
        answered_by: own.to_string(),
        at: instant(app.now_ms()),
        replicas_wanted: usize::from(app.settings.cluster.replication.replicas),
        nodes,
        groups,
        venues_total,
        venues,
        takeovers: takeovers(app, &view, &conflicts),
        counters: app.net.as_ref().map(|net| counters(net)).unwrap_or_default(),
        ..ClusterBody::default()
    };
    for node in &mut cluster.nodes {
        let is_home = |group: &&GroupBody| group.home.as_ref() == Some(&node.id);
        node.homes = cluster.groups.iter().filter(is_home).map(|group| group.id.clone()).collect();
        let has = |group: &&GroupBody| group.replicas.iter().any(|replica| replica.node == node.id);
        node.replicas = cluster.groups.iter().filter(has).count();
    }
    cluster.findings = findings::look(&cluster, app.now_ms());
    cluster.healthy = cluster.findings.is_empty();
    cluster
}

fn lone_node(app: &App, own: NodeId) -> NodeBody {
    let all = app.geo.all();
    let candidate = all.iter().find(|candidate| candidate.node == own);
    let settings = &app.settings.node;
    NodeBody {
        id: own.to_string(),
        name: settings.name.to_string(),
        region: settings.region.to_string(),
        zone: settings.zone.to_string(),
        http: candidate.map(|candidate| candidate.url.clone()).unwrap_or_default(),
        status: NodeStatus::Active.name().to_owned(),
        liveness: liveness(Some(Liveness::Alive)).to_owned(),
        version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        ..NodeBody::default()
    }
}

fn member(app: &App, node: &NodeRecord) -> NodeBody {
    let net = app.net.as_ref();
    let is_own = node.id == app.geo.own();
    let told = net.map(|net| net.gossip.nodes());
    let said = |key: &str| told.as_ref().and_then(|told| told.borrow().get(&node.id)?.get(key).cloned());
    let round_trip = net.filter(|_net| !is_own).and_then(|net| net.transport.round_trip(node.id));
    let until = net.filter(|_net| is_own).map(|net| net.identity.expires_at());
    NodeBody {
        id: node.id.to_string(),
        name: node.facts.name.clone(),
        region: node.facts.region.clone(),
        zone: node.facts.zone.clone(),
        http: node.facts.http.clone(),
        quic: Some(node.facts.quic.to_string()),
        status: node.status.name().to_owned(),
        liveness: liveness(net.and_then(|net| net.liveness(node.id))).to_owned(),
        round_trip_ms: round_trip.map(|trip| (trip.as_secs_f64() * 10_000.0).round() / 10.0),
        load_permille: said("load").and_then(|load| load.parse().ok()),
        version: said("version"),
        joined_at: Some(instant(node.joined_ms)),
        certificate_until: until.map(|until| {
            let since = until.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            instant(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
        }),
        ..NodeBody::default()
    }
}

const fn liveness(state: Option<Liveness>) -> &'static str {
    match state {
        Some(Liveness::Alive) => "alive",
        Some(Liveness::Suspect) => "suspect",
        Some(Liveness::Down) => "down",
        Some(Liveness::Left) => "left",
        None => "unknown",
    }
}

/// All groups; a lone node's is not in any directory.
async fn groups(app: &App, view: &View) -> (Vec<GroupBody>, Conflicts) {
    let own = app.geo.own();
    let records: Vec<GroupRecord> = match view.groups().is_empty() {
        true => {
            vec![GroupRecord { id: DIRECTORY, kind: GroupKind::Shared, preferred: own, replicas: vec![own] }]
        }
        false => view.groups().values().map(|group| GroupRecord::clone(group)).collect(),
    };
    let commons = app.home.commons();
    let feed_heads = commons.spread.feed().map(|feed| feed.heads());
    let told = stream::iter(records).map(|record| async move {
        let status = commons.group_status(record.id, HOME_MAX).await;
        let hint = commons.courier.home_of(record.id);
        // Only the home knows.
        let conflicts = status.as_ref().filter(|(_status, by_home)| *by_home);
        let conflicts = conflicts.map(|(status, _by_home)| status.conflicts.clone());
        (group(&record, status, hint), conflicts)
    });
    let told: Vec<_> = told.buffered(HOMES_AT_ONCE).collect().await;
    let mut conflicts = Conflicts::new();
    let mut groups = Vec::with_capacity(told.len());
    for ((id, group), told) in told {
        conflicts.extend(told.map(|told| (id, told)));
        groups.push((id, group));
    }
    for (id, group) in &mut groups {
        group.account_shards = (0..SHARDS).filter(|shard| view.group_of_shard(*shard) == *id).collect();
        group.feed = feed_heads.as_ref().map(|heads| {
            let head = heads.get(id).copied().unwrap_or_default();
            let silent = commons.spread.feed().and_then(|feed| feed.staleness(*id));
            let silent_ms = silent.map(|silent| u64::try_from(silent.as_millis()).unwrap_or(u64::MAX));
            FeedBody { epoch: head.epoch, index: head.index, silent_ms }
        });
    }
    (groups.into_iter().map(|(_id, group)| group).collect(), conflicts)
}

/// Venues that are taken over, or were, and are not settled.
fn takeovers(app: &App, view: &View, conflicts: &Conflicts) -> Vec<TakeoverBody> {
    let seized: BTreeSet<u32> = view.seizures().map(|placement| placement.venue).collect();
    if seized.is_empty() {
        return Vec::new();
    }
    let index = app.home.catalog_copy().read();
    let venues = index.venues_all().filter(|venue| seized.contains(&venue.id.owner()));
    let names: BTreeMap<u32, &str> =
        venues.map(|venue| (venue.id.owner(), venue.facts.name.as_str())).collect();
    let takeovers = view.seizures().filter_map(|placement| {
        let told = conflicts.get(&placement.seizure?.from);
        let open = told.and_then(|told| told.get(&placement.venue)).copied();
        takeover(*placement, names.get(&placement.venue).copied().unwrap_or_default(), open)
    });
    takeovers.collect()
}

/// How a venue was taken over, if it was; `open` orders are in conflict, as far as the box office has told.
pub(super) fn takeover(placement: Placement, name: &str, open: Option<u64>) -> Option<TakeoverBody> {
    let seizure = placement.seizure?;
    let state = match (placement.under_seizure(), open) {
        (Some(_), _) => "under-way",
        (None, None) => "unheard",
        (None, Some(_)) => "listed",
    };
    let to = if placement.under_seizure().is_some() { placement.moving_to } else { Some(placement.group) };
    Some(TakeoverBody {
        venue: placement.venue,
        name: name.to_owned(),
        from: seizure.from.to_string(),
        to: to.map(|to| to.to_string()).unwrap_or_default(),
        by: seizure.by.to_string(),
        base_index: seizure.base.map(|base| base.link.index),
        base_at: seizure.base.map(|base| instant(base.link.now_ms)),
        state: state.to_owned(),
        open,
    })
}

fn group(
    record: &GroupRecord,
    status: Option<(GroupStatus, bool)>,
    hint: Option<(NodeId, u64)>,
) -> (GroupId, GroupBody) {
    let told_by = match &status {
        Some((_, true)) => "home",
        Some((_, false)) => "replica",
        None => "nobody",
    };
    let status = status.map(|(status, _by_home)| status).unwrap_or_default();
    // Nobody knows a home in a later term than who was last told of one.
    let hint = hint.filter(|(_home, term)| *term > status.term);
    let (home, term) = hint.map_or((status.home, status.term), |(home, term)| (Some(home), term));
    let body = GroupBody {
        id: record.id.to_string(),
        kind: record.kind.name().to_owned(),
        preferred: record.preferred.to_string(),
        home: home.map(|home| home.to_string()),
        term,
        told_by: told_by.to_owned(),
        replicas: replicas(record, &status),
        log_index: status.log_index,
        applied_index: status.applied_index,
        durable_index: status.durable_index,
        commands_waiting: status.commands_waiting,
        commands: status.commands,
        quorum_silent_ms: status.quorum_silent_ms,
        ..GroupBody::default()
    };
    (record.id, body)
}

/// Those that the directory names, in its order, then those that are members still.
fn replicas(record: &GroupRecord, status: &GroupStatus) -> Vec<ReplicaBody> {
    let role = |node: &NodeId| match (status.voters.contains(node), status.learners.contains(node)) {
        (true, _) => "voter",
        (false, true) => "learner",
        (false, false) => "joining",
    };
    let named = record.replicas.iter().map(|node| (*node, role(node)));
    let others = status.voters.iter().chain(&status.learners).filter(|node| !record.replicas.contains(node));
    let all = named.chain(others.map(|node| (*node, "leaving")));
    let body = |(node, role): (NodeId, &str)| {
        let lag = if status.home == Some(node) { Some(0) } else { status.lags.get(&node).copied() };
        ReplicaBody { node: node.to_string(), role: role.to_owned(), lag }
    };
    all.map(body).collect()
}

/// Counts the groups' venues, and lists the first.
fn venues(app: &App, view: &View, groups: &mut [GroupBody], max: usize) -> (usize, Vec<VenueBody>) {
    let index = app.home.catalog_copy().read();
    let mut counts = BTreeMap::<String, usize>::new();
    let mut venues = Vec::new();
    let mut total = 0;
    for venue in index.venues_all() {
        let owner = venue.id.owner();
        let group = view.group_of_venue(owner).to_string();
        *counts.entry(group.clone()).or_default() += 1;
        total += 1;
        if venues.len() < max {
            let placement = view.placements().get(&owner);
            venues.push(VenueBody {
                id: venue.id.to_string(),
                name: venue.facts.name.clone(),
                city: venue.facts.city.clone(),
                group,
                epoch: view.epoch_of_venue(owner),
                moving_to: placement.and_then(|placement| placement.moving_to).map(|to| to.to_string()),
            });
        }
    }
    for group in groups {
        group.venues = counts.get(&group.id).copied().unwrap_or_default();
    }
    (total, venues)
}

fn counters(net: &Net) -> Counters {
    let named =
        |counts: &[(&str, u64)]| counts.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
    let (quic, membership) = (net.quic.metrics(), net.membership.metrics());
    let (gossip, feed) = (net.gossip.metrics(), net.feed.metrics());
    let refused = quic.refused.iter().map(|(reason, count)| (reason.name().to_owned(), *count));
    let others = [
        ("errands-to-nobody".to_owned(), net.switch.refused()),
        ("consensus".to_owned(), net.network.metrics().refused),
    ];
    Counters {
        transport: named(&[
            ("connections", quic.connections as u64),
            ("dials", quic.dials),
            ("dials-failed", quic.dials_failed),
            ("accepted", quic.accepted),
            ("lost", quic.lost),
            ("datagrams-dropped", quic.datagrams_dropped),
        ]),
        refused: refused.chain(others).collect(),
        membership: named(&[
            ("refused", membership.refused),
            ("dropped", membership.dropped),
            ("rejoined", membership.rejoined),
        ]),
        gossip: named(&[
            ("refused", gossip.refused),
            ("dropped", gossip.dropped),
            ("unsent", gossip.unsent),
            ("restarts", gossip.restarts),
        ]),
        feed: named(&[
            ("refused", feed.refused),
            ("dropped", feed.dropped),
            ("broadcasts", feed.broadcasts),
            ("pulls", feed.pulls),
            ("pulls-failed", feed.pulls_failed),
            ("snapshots", feed.snapshots),
            ("rebuilds", feed.rebuilds),
        ]),
    }
}
