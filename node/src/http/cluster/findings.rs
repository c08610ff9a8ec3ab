//! What of a cluster somebody should look at.

use super::document::{ClusterBody, Finding, GroupBody, NodeBody, Sentence, TakeoverBody};
use crate::texts::{Language, Texts};

/// News of a group that are older are old.
const NEWS_MS_MAX: u64 = 5_000;
/// A replica that lacks more entries is not keeping up.
const LAG_MAX: u64 = 10_000;
/// A certificate is renewed long before it has so little left.
const CERTIFICATE_MS_MIN: u64 = 24 * 3_600_000;

/// Looks for all of it.
pub(crate) fn look(cluster: &ClusterBody, now_ms: u64) -> Vec<Finding> {
    let mut findings: Vec<Finding> = cluster.nodes.iter().filter_map(of_node).collect();
    findings.extend(cluster.nodes.iter().filter_map(|node| of_certificate(node, now_ms)));
    for group in &cluster.groups {
        of_group(cluster, group, &mut findings);
    }
    findings.extend(cluster.takeovers.iter().map(of_takeover));
    findings
}

/// A finding. Its sentence stands among the texts of pages, by its key and with what is put into it; programs read it in
/// English.
fn finding(code: &str, key: &'static str, named: &[(&'static str, &str)]) -> Finding {
    let arguments = named.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    let mut finding =
        Finding { code: code.to_owned(), sentence: Sentence { key, arguments }, ..Finding::default() };
    finding.words = finding.told(Texts::of(Language::English));
    finding
}

impl Finding {
    fn of_node(self, node: &str) -> Self {
        Self { node: Some(node.to_owned()), ..self }
    }

    fn of_group(self, group: &str) -> Self {
        Self { group: Some(group.to_owned()), ..self }
    }
}

fn of_node(node: &NodeBody) -> Option<Finding> {
    let NodeBody { id, name, .. } = node;
    let key = match node.liveness.as_str() {
        "down" => "finding-node-down",
        "left" => "finding-node-left",
        "unknown" => "finding-node-unknown",
        _alive => return None,
    };
    Some(finding("node-down", key, &[("id", id), ("name", name)]).of_node(id))
}

fn of_takeover(takeover: &TakeoverBody) -> Finding {
    let TakeoverBody { name, from, to, base_at, state, open, .. } = takeover;
    let venue = takeover.venue.to_string();
    let taken = [("name", name.as_str()), ("venue", &venue), ("from", from)];
    let [called, numbered, lost_by] = taken;
    let finding = match (state.as_str(), open) {
        ("under-way", _) => {
            finding("takeover", "finding-takeover-under-way", &[called, numbered, lost_by, ("to", to)])
        }
        (_, None) => match base_at {
            Some(since) => {
                let named = [called, numbered, lost_by, ("since", since)];
                finding("loss-unknown", "finding-loss-unknown", &named)
            }
            None => finding("loss-unknown", "finding-loss-unknown-time", &taken),
        },
        (_, Some(0)) => finding("takeover", "finding-taken-over", &taken),
        (_, Some(open)) => {
            let open = open.to_string();
            finding("conflicts", "finding-conflicts", &[called, numbered, lost_by, ("open", &open)])
        }
    };
    finding.of_group(from)
}

fn of_certificate(node: &NodeBody, now_ms: u64) -> Option<Finding> {
    let until: jiff::Timestamp = node.certificate_until.as_ref()?.parse().ok()?;
    let left = u64::try_from(until.as_millisecond()).unwrap_or(0).saturating_sub(now_ms);
    let NodeBody { id, name, certificate_until, .. } = node;
    let until = certificate_until.as_deref().unwrap_or_default();
    (left < CERTIFICATE_MS_MIN).then(|| {
        let named = [("id", id.as_str()), ("name", name), ("until", until)];
        finding("certificate-ends", "finding-certificate-ends", &named).of_node(id)
    })
}

fn of_group(cluster: &ClusterBody, group: &GroupBody, findings: &mut Vec<Finding>) {
    let id = group.id.as_str();
    let named = ("group", id);
    let mut add = |finding: Finding| findings.push(finding.of_group(id));
    let is_alive = |node: &str| {
        let known = cluster.nodes.iter().find(|known| known.id == node);
        known.is_some_and(|node| matches!(node.liveness.as_str(), "alive" | "suspect"))
    };
    match &group.home {
        None => add(finding("no-home", "finding-no-home", &[named])),
        Some(home) if group.told_by != "home" => {
            add(finding("home-silent", "finding-home-silent", &[named, ("node", home)]).of_node(home));
        }
        Some(_home) => {}
    }
    let is_solo = group.kind == "solo";
    if is_solo && group.venues > 0 && !is_alive(&group.preferred) {
        let home = &group.preferred;
        add(finding("solo-away", "finding-solo-away", &[named, ("node", home)]).of_node(home));
    }
    let voters: Vec<_> = group.replicas.iter().filter(|replica| replica.role == "voter").collect();
    let there = voters.iter().filter(|replica| is_alive(&replica.node)).count();
    let of = voters.len();
    let counted = |code: &str, key: &'static str, there: usize, all: usize| {
        finding(code, key, &[named, ("there", &there.to_string()), ("all", &all.to_string())])
    };
    // Of a solo group one votes, whether the others are there or not.
    if !is_solo && of > 0 && there <= of / 2 {
        add(counted("no-quorum", "finding-no-quorum", there, of));
    } else if !is_solo && there < of && there - 1 <= of / 2 {
        add(counted("one-loss-away", "finding-one-loss-away", there, of));
    }
    let replicas = group.replicas.iter().filter(|replica| replica.role != "leaving").count();
    let nodes = cluster.nodes.iter().filter(|node| node.status == "active" && is_alive(&node.id)).count();
    let possible = odd(cluster.replicas_wanted.min(nodes));
    if replicas < possible {
        add(counted("too-few-replicas", "finding-too-few-replicas", replicas, possible));
    }
    for replica in &group.replicas {
        if let Some(lag) = replica.lag.filter(|lag| *lag > LAG_MAX && is_alive(&replica.node)) {
            let (node, lag) = (&replica.node, lag.to_string());
            let named = [named, ("node", node), ("lag", &lag)];
            add(finding("replica-lags", "finding-replica-lags", &named).of_node(node));
        }
    }
    of_news(cluster, group).into_iter().for_each(add);
}

fn of_news(cluster: &ClusterBody, group: &GroupBody) -> Option<Finding> {
    let is_own = group.home.as_deref() == Some(cluster.answered_by.as_str());
    let tells = group.venues > 0 || group.id == "g1";
    let news = group.feed.as_ref().filter(|_feed| tells && !is_own)?;
    let named = [("group", group.id.as_str()), ("node", &cluster.answered_by)];
    let [of_group, of_node] = named;
    match news.silent_ms {
        Some(silent_ms) if silent_ms > NEWS_MS_MAX => {
            let seconds = (silent_ms / 1_000).to_string();
            Some(finding("news-old", "finding-news-old", &[of_group, of_node, ("seconds", &seconds)]))
        }
        None => Some(finding("news-old", "finding-news-unheard", &named)),
        Some(_fresh) => None,
    }
}

/// An even number of voters lives through no more losses than one less.
const fn odd(number: usize) -> usize {
    if number > 0 && number.is_multiple_of(2) { number - 1 } else { number }
}

#[cfg(test)]
mod tests {
    use super::super::document::{FeedBody, ReplicaBody};
    use super::*;

    /// Three nodes with a group on all of them, in order.
    fn cluster() -> ClusterBody {
        let node = |id: &str| NodeBody {
            id: id.to_owned(),
            name: format!("node-{id}"),
            status: "active".to_owned(),
            liveness: "alive".to_owned(),
            ..NodeBody::default()
        };
        let replica =
            |node: &str| ReplicaBody { node: node.to_owned(), role: "voter".to_owned(), lag: Some(0) };
        let group = GroupBody {
            id: "g2".to_owned(),
            home: Some("n2".to_owned()),
            told_by: "home".to_owned(),
            replicas: ["n1", "n2", "n3"].map(replica).into(),
            venues: 4,
            feed: Some(FeedBody { epoch: 0, index: 9, silent_ms: Some(300) }),
            ..GroupBody::default()
        };
        ClusterBody {
            answered_by: "n1".to_owned(),
            replicas_wanted: 3,
            nodes: ["n1", "n2", "n3"].map(node).into(),
            groups: vec![group],
            ..ClusterBody::default()
        }
    }

    /// The codes that are found after a change.
    #[track_caller]
    fn check(change: impl FnOnce(&mut ClusterBody), expected: &[&str]) {
        let mut cluster = cluster();
        change(&mut cluster);
        let findings = look(&cluster, 1_000_000);
        let codes: Vec<_> = findings.iter().map(|finding| finding.code.as_str()).collect();
        assert_eq!(codes, expected, "{findings:?}");
        for finding in &findings {
            let told = Language::ALL.map(|language| finding.told(Texts::of(language)));
            assert!(told[0] == finding.words && told[1] != told[0] && told[2] != told[0], "{told:?}");
            for words in &told {
                assert!(words.ends_with('.') && !words.contains(['{', '$']), "{words}");
                for (_name, value) in &finding.sentence.arguments {
                    assert!(words.contains(value), "{words} does not say {value}");
                }
            }
        }
    }

    #[test]
    fn what_is_well_is_not_told() {
        check(|_cluster| {}, &[]);
        check(|cluster| cluster.nodes[1].liveness = "suspect".to_owned(), &[]);
        check(|cluster| cluster.nodes[2].status = "draining".to_owned(), &[]);
        check(|cluster| cluster.nodes[0].certificate_until = Some("2030-01-01T00:00:00Z".to_owned()), &[]);
        check(|cluster| cluster.groups[0].replicas[0].lag = Some(LAG_MAX), &[]);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_code() {
        check(|cluster| cluster.nodes[2].liveness = "down".to_owned(), &["node-down", "one-loss-away"]);
        check(
            |cluster| cluster.nodes[1..].iter_mut().for_each(|node| node.liveness = "left".to_owned()),
            &["node-down", "node-down", "no-quorum"],
        );
        check(|cluster| cluster.groups[0].home = None, &["no-home"]);
        check(|cluster| cluster.groups[0].told_by = "nobody".to_owned(), &["home-silent"]);
        check(|cluster| cluster.groups[0].replicas[2].lag = Some(LAG_MAX + 1), &["replica-lags"]);
        check(|cluster| _ = cluster.groups[0].replicas.pop(), &["too-few-replicas"]);
        check(
            |cluster| {
                cluster.groups[0].feed = Some(FeedBody { silent_ms: Some(5_001), ..FeedBody::default() })
            },
            &["news-old"],
        );
        check(|cluster| cluster.groups[0].feed = Some(FeedBody::default()), &["news-old"]);
        check(
            |cluster| cluster.nodes[0].certificate_until = Some("1970-01-01T00:20:00Z".to_owned()),
            &["certificate-ends"],
        );
    }

    #[test]
    fn a_box_office_that_is_away_is_told_as_one() {
        let solo = |cluster: &mut ClusterBody| {
            let group = &mut cluster.groups[0];
            group.kind = "solo".to_owned();
            group.preferred = "n2".to_owned();
            group.replicas[0].role = "learner".to_owned();
            group.replicas[2].role = "learner".to_owned();
        };
        check(solo, &[]);
        check(
            |cluster| {
                solo(cluster);
                cluster.nodes[1].liveness = "down".to_owned();
            },
            &["node-down", "solo-away"],
        );
    }

    #[test]
    fn what_was_taken_over_is_told_until_it_is_settled() {
        let taken = |state: &str, open: Option<u64>| {
            let takeover = TakeoverBody { state: state.to_owned(), open, ..TakeoverBody::default() };
            move |cluster: &mut ClusterBody| cluster.takeovers.push(takeover)
        };
        check(taken("under-way", None), &["takeover"]);
        check(taken("unheard", None), &["loss-unknown"]);
        check(taken("listed", Some(2)), &["conflicts"]);
        check(taken("listed", Some(0)), &["takeover"]);
    }

    #[test]
    fn news_of_ones_own_groups_are_never_old() {
        check(
            |cluster| {
                cluster.groups[0].home = Some("n1".to_owned());
                cluster.groups[0].feed = Some(FeedBody::default());
            },
            &[],
        );
    }
}
