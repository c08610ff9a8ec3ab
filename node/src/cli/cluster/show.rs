//! What a cluster looks like in a terminal.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::table::Table;
use crate::cli::output;
use crate::http::cluster::document::{ClusterBody, GroupBody, NodeBody, ReplicaBody};

/// Enough for every cluster.
pub(super) const VENUES_ALL: usize = 100_000;

pub(super) type Cluster = ClusterBody;

/// What is printed: words for people, a value for scripts.
pub(super) struct Shown {
    pub(super) words: String,
    pub(super) value: Value,
    /// Whether the exit status is 0.
    pub(super) is_well: bool,
}

impl Shown {
    pub(super) fn print(&self, json: bool) -> ExitCode {
        if json {
            output::json(&self.value);
        } else {
            output::text(&self.words);
        }
        if self.is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

fn shown(words: String, value: Value) -> Shown {
    Shown { words, value, is_well: true }
}

/// Whether all is well, and what is not.
pub(super) fn status(cluster: &Cluster) -> Shown {
    let mut words = heading(cluster);
    words.push_str(&findings(cluster));
    Shown { words, value: json!(cluster), is_well: cluster.healthy }
}

fn heading(cluster: &Cluster) -> String {
    let by = name_of(cluster, &cluster.answered_by);
    let name = match &cluster.cluster {
        Some(name) => format!("Cluster {name:?}"),
        None => "A node alone".to_owned(),
    };
    let alive = cluster.nodes.iter().filter(|node| node.liveness == "alive").count();
    let homes = cluster.groups.iter().filter(|group| group.home.is_some()).count();
    format!(
        "{name}, as {by} sees it at {}\n{alive} of {} nodes alive, {homes} of {} groups at home, {} venues.\n",
        cluster.at,
        cluster.nodes.len(),
        cluster.groups.len(),
        cluster.venues_total,
    )
}

fn findings(cluster: &Cluster) -> String {
    if cluster.findings.is_empty() {
        return "All is well.\n".to_owned();
    }
    let lines = cluster.findings.iter().map(|finding| format!("  {:<17} {}\n", finding.code, finding.words));
    std::iter::once("DEGRADED:\n".to_owned()).chain(lines).collect()
}

/// The nodes.
pub(super) fn nodes(cluster: &Cluster) -> Shown {
    shown(nodes_table(cluster).text(), json!(cluster.nodes))
}

fn nodes_table(cluster: &Cluster) -> Table {
    let mut table = Table::new(&[
        "node",
        "name",
        "region",
        "zone",
        "state",
        "rtt#",
        "load#",
        "home of",
        "replicas#",
        "version",
        "address",
    ]);
    for node in &cluster.nodes {
        let round_trip = match node.round_trip_ms {
            _ if node.id == cluster.answered_by => "here".to_owned(),
            Some(trip) => format!("{trip:.1} ms"),
            None => "–".to_owned(),
        };
        let load = node.load_permille.map_or_else(|| "–".to_owned(), |load| format!("{} %", load / 10));
        table.row([
            node.id.clone(),
            node.name.clone(),
            node.region.clone(),
            node.zone.clone(),
            state(node),
            round_trip,
            load,
            or_none(node.homes.join(" ")),
            node.replicas.to_string(),
            node.version.clone().unwrap_or_else(|| "–".to_owned()),
            node.http.clone(),
        ]);
    }
    table
}

fn state(node: &NodeBody) -> String {
    match (node.liveness.as_str(), node.status.as_str()) {
        ("alive", "active") => "alive".to_owned(),
        (liveness, "active") => liveness.to_uppercase(),
        ("alive", status) => status.to_owned(),
        (liveness, status) => format!("{}, {status}", liveness.to_uppercase()),
    }
}

/// The groups.
pub(super) fn groups(cluster: &Cluster) -> Shown {
    shown(groups_table(cluster).text(), json!(cluster.groups))
}

fn groups_table(cluster: &Cluster) -> Table {
    let mut table = Table::new(&[
        "group",
        "home",
        "term#",
        "replicas (entries behind)",
        "log#",
        "applied#",
        "waiting#",
        "venues#",
        "news here",
    ]);
    for group in &cluster.groups {
        let mut home = group.home.as_ref().map_or_else(|| "NOBODY".to_owned(), |home| name_of(cluster, home));
        if group.home.as_ref().is_some_and(|home| *home != group.preferred) {
            home.push_str(&format!(" (for {})", group.preferred));
        }
        if group.kind == "solo" {
            home.push_str(" (solo)");
        }
        let replicas: Vec<_> = group.replicas.iter().map(|of| replica(of, group)).collect();
        table.row([
            group.id.clone(),
            home,
            group.term.to_string(),
            replicas.join(" "),
            group.log_index.to_string(),
            group.applied_index.to_string(),
            group.commands_waiting.to_string(),
            group.venues.to_string(),
            news(group),
        ]);
    }
    table
}

fn replica(replica: &ReplicaBody, group: &GroupBody) -> String {
    let ReplicaBody { node, role, lag } = replica;
    let is_home = group.home.as_ref() == Some(node);
    match (role.as_str(), lag) {
        ("voter", _) if is_home => format!("{node}*"),
        ("voter", Some(0)) => node.clone(),
        ("voter", Some(lag)) => format!("{node}(-{lag})"),
        ("voter", None) => format!("{node}(?)"),
        (role, _) => format!("{node}({role})"),
    }
}

fn news(group: &GroupBody) -> String {
    match group.feed.as_ref().map(|feed| feed.silent_ms) {
        None => "–".to_owned(),
        Some(None) => "never heard".to_owned(),
        Some(Some(silent)) if silent < 1_000 => "current".to_owned(),
        Some(Some(silent)) => format!("{} s old", silent / 1_000),
    }
}

/// The venues, perhaps of one group only.
pub(super) fn venues(cluster: &Cluster, group: Option<&str>) -> Shown {
    let mut table = Table::new(&["venue", "name", "city", "group", "home", "epoch#", "moving to"]);
    let venues = cluster.venues.iter();
    let venues: Vec<_> = venues.filter(|venue| group.is_none_or(|group| venue.group == group)).collect();
    for venue in &venues {
        table.row([
            venue.id.clone(),
            venue.name.clone(),
            venue.city.clone(),
            venue.group.clone(),
            home_of(cluster, &venue.group),
            venue.epoch.to_string(),
            venue.moving_to.clone().unwrap_or_default(),
        ]);
    }
    let words = if venues.is_empty() { "There are none.\n".to_owned() } else { table.text() };
    shown(words, json!(venues))
}

/// What each group owns.
pub(super) fn placements(cluster: &Cluster) -> Shown {
    let mut table = Table::new(&["group", "home", "venues#", "shards#", "account shards", "moving away"]);
    let mut values = Vec::with_capacity(cluster.groups.len());
    for group in &cluster.groups {
        let moving =
            cluster.venues.iter().filter(|venue| venue.group == group.id && venue.moving_to.is_some());
        let moving: Vec<_> = moving.map(|venue| venue.id.clone()).collect();
        table.row([
            group.id.clone(),
            home_of(cluster, &group.id),
            group.venues.to_string(),
            group.account_shards.len().to_string(),
            or_none(ranges(&group.account_shards)),
            or_none(moving.join(" ")),
        ]);
        values.push(json!({
            "group": group.id, "home": group.home, "venues": group.venues,
            "account_shards": group.account_shards, "moving": moving,
        }));
    }
    shown(table.text(), json!(values))
}

/// Everything that changes, for one look after the other.
pub(super) fn everything(cluster: &Cluster) -> Shown {
    let parts = [
        heading(cluster),
        findings(cluster),
        "\n".to_owned(),
        nodes_table(cluster).text(),
        "\n".to_owned(),
        groups_table(cluster).text(),
    ];
    Shown { words: parts.concat(), value: json!(cluster), is_well: cluster.healthy }
}

fn name_of(cluster: &Cluster, id: &str) -> String {
    let node = cluster.nodes.iter().find(|node| node.id == id);
    node.map_or_else(|| id.to_owned(), |node| format!("{id} {}", node.name))
}

fn home_of(cluster: &Cluster, id: &str) -> String {
    let group = cluster.groups.iter().find(|group| group.id == id);
    let home = group.and_then(|group| group.home.as_ref());
    home.map_or_else(|| "NOBODY".to_owned(), |home| name_of(cluster, home))
}

fn or_none(text: String) -> String {
    if text.is_empty() { "–".to_owned() } else { text }
}

/// `0-3 7 9-10`.
fn ranges(numbers: &[u32]) -> String {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for number in numbers {
        match ranges.last_mut() {
            Some((_from, to)) if *to + 1 == *number => *to = *number,
            Some(_) | None => ranges.push((*number, *number)),
        }
    }
    let text = |(from, to): (u32, u32)| if from == to { from.to_string() } else { format!("{from}-{to}") };
    ranges.into_iter().map(text).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::cluster::document::{FeedBody, Finding, VenueBody};

    fn cluster() -> Cluster {
        let text = str::to_owned;
        let node = |id: &str, name: &str, liveness: &str, status: &str, homes: &[&str]| NodeBody {
            id: text(id),
            name: text(name),
            region: text(name),
            zone: text("a"),
            http: format!("http://{name}.test"),
            status: text(status),
            liveness: text(liveness),
            round_trip_ms: (id == "n2").then_some(76.25),
            load_permille: (id == "n1").then_some(125),
            version: Some(text("0.1.0")),
            homes: homes.iter().map(|home| text(home)).collect(),
            replicas: 2,
            ..NodeBody::default()
        };
        let voter = |node: &str, lag: Option<u64>| ReplicaBody { node: text(node), role: text("voter"), lag };
        let group =
            |id: &str, home: Option<&str>, replicas: Vec<ReplicaBody>, silent_ms: Option<u64>| GroupBody {
                id: text(id),
                preferred: text("n1"),
                home: home.map(text),
                term: 4,
                told_by: text("home"),
                replicas,
                log_index: 1_200,
                applied_index: 1_199,
                commands_waiting: 1,
                venues: 1,
                account_shards: vec![0, 1, 2, 5, 63],
                feed: Some(FeedBody { epoch: 0, index: 7, silent_ms }),
                ..GroupBody::default()
            };
        let venue = |id: &str, group: &str, moving_to: Option<&str>| VenueBody {
            id: text(id),
            name: format!("Hall {id}"),
            city: text("Oakland"),
            group: text(group),
            epoch: 1,
            moving_to: moving_to.map(text),
        };
        Cluster {
            cluster: Some(text("stage")),
            answered_by: text("n1"),
            at: text("2026-12-05T19:30:00Z"),
            findings: vec![Finding {
                code: text("node-down"),
                words: text("n3 is away."),
                ..Finding::default()
            }],
            nodes: vec![
                node("n1", "us-east", "alive", "active", &["g1"]),
                node("n2", "eu-west", "alive", "draining", &[]),
                node("n3", "ap-south", "down", "active", &[]),
            ],
            groups: vec![
                group(
                    "g1",
                    Some("n1"),
                    vec![voter("n1", Some(0)), voter("n2", Some(3)), voter("n3", None)],
                    Some(40),
                ),
                group("g2", None, vec![voter("n2", None)], Some(7_900)),
            ],
            venues_total: 2,
            venues: vec![venue("v1", "g1", Some("g2")), venue("v2", "g2", None)],
            ..Cluster::default()
        }
    }

    #[test]
    fn the_status_tells_what_is_wrong_and_fails() {
        let mut cluster = cluster();
        let told = status(&cluster);
        assert!(!told.is_well);
        assert_eq!(
            told.words,
            "Cluster \"stage\", as n1 us-east sees it at 2026-12-05T19:30:00Z\n\
             2 of 3 nodes alive, 1 of 2 groups at home, 2 venues.\n\
             DEGRADED:\n  node-down         n3 is away.\n"
        );
        cluster.findings.clear();
        cluster.healthy = true;
        assert!(status(&cluster).is_well && status(&cluster).words.ends_with("All is well.\n"));
    }

    #[test]
    fn nodes_are_a_table() {
        assert_eq!(
            nodes(&cluster()).words,
            "NODE  NAME      REGION    ZONE  STATE         RTT  LOAD  HOME OF  REPLICAS  VERSION  ADDRESS\n\
             n1    us-east   us-east   a     alive        here  12 %  g1              2  0.1.0    http://us-east.test\n\
             n2    eu-west   eu-west   a     draining  76.2 ms     –  –               2  0.1.0    http://eu-west.test\n\
             n3    ap-south  ap-south  a     DOWN            –     –  –               2  0.1.0    http://ap-south.test\n"
        );
    }

    #[test]
    fn groups_are_a_table() {
        assert_eq!(
            groups(&cluster()).words,
            "GROUP  HOME        TERM  REPLICAS (ENTRIES BEHIND)   LOG  APPLIED  WAITING  VENUES  NEWS HERE\n\
             g1     n1 us-east     4  n1* n2(-3) n3(?)           1200     1199        1       1  current\n\
             g2     NOBODY         4  n2(?)                      1200     1199        1       1  7 s old\n"
        );
    }

    #[test]
    fn venues_and_placements_are_tables() {
        let cluster = cluster();
        assert_eq!(
            venues(&cluster, None).words,
            "VENUE  NAME     CITY     GROUP  HOME        EPOCH  MOVING TO\n\
             v1     Hall v1  Oakland  g1     n1 us-east      1  g2\n\
             v2     Hall v2  Oakland  g2     NOBODY          1\n"
        );
        assert_eq!(venues(&cluster, Some("g1")).value.as_array().unwrap().len(), 1);
        assert_eq!(venues(&cluster, Some("g9")).words, "There are none.\n");
        assert_eq!(
            placements(&cluster).words,
            "GROUP  HOME        VENUES  SHARDS  ACCOUNT SHARDS  MOVING AWAY\n\
             g1     n1 us-east       1       5  0-2 5 63        v1\n\
             g2     NOBODY           1       5  0-2 5 63        –\n"
        );
    }
}
