//! `marquee cluster promote` and `marquee cluster conflicts`.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::changes::change_words;
use super::client::Client;
use super::table::Table;
use super::word;
use crate::cli::{Failed, output};
use crate::http::cluster::document::{
    CatalogChange, ChangeBody, ClusterBody, ConflictBody, ConflictsBody, TakeoverBody,
};

/// What is to be taken over, and how.
pub(super) struct Promotion {
    pub(super) of: String,
    pub(super) to: Option<String>,
    pub(super) accept_loss: bool,
    pub(super) plan: bool,
}

/// What is to become of orders in conflict.
#[derive(Default)]
pub(super) struct Verdicts {
    pub(super) keep: Vec<String>,
    pub(super) refund: Vec<String>,
    pub(super) leave: Vec<String>,
    /// Whether all that is left was seen.
    pub(super) settle: bool,
}

/// Has a venue, or all of a box office's, taken over, or says what would happen.
pub(super) async fn promote(client: &mut Client, asked: &Promotion, json: bool) -> Result<ExitCode, Failed> {
    let cluster = client.cluster(0).await?;
    let kind = if is_node(&cluster, &asked.of) { "nodes" } else { "venues" };
    let path = format!("/v1/cluster/{kind}/{}/promotion?plan={}", word(&asked.of), asked.plan);
    let mut form = json!({ "accept_loss": asked.accept_loss });
    if let Some(to) = &asked.to {
        form["to"] = to.clone().into();
    }
    let told: ChangeBody = client.ask("POST", &path, Some(&form)).await?;
    if json {
        output::json(&told);
    } else {
        output::text(&change_words(&told));
    }
    Ok(ExitCode::SUCCESS)
}

/// Whether somebody means a node by it: a bare number is a venue's.
fn is_node(cluster: &ClusterBody, called: &str) -> bool {
    cluster.nodes.iter().any(|node| node.id == called || node.name == called)
}

/// Says what becomes of orders, if anything is said, and lists those of a venue, or the venues that have some.
pub(super) async fn conflicts(
    client: &mut Client,
    venue: Option<&str>,
    verdicts: &Verdicts,
    json: bool,
) -> Result<ExitCode, Failed> {
    let Verdicts { keep, refund, leave, .. } = verdicts;
    for (verdict, orders) in [("keep", keep), ("refund", refund), ("leave", leave)] {
        for order in orders {
            let path = format!("/v1/cluster/conflicts/{}/verdict", word(order));
            client.tell("POST", &path, &json!({ "verdict": verdict })).await?;
        }
    }
    let (words, value, is_settled) = match venue {
        None => {
            let takeovers = client.cluster(0).await?.takeovers;
            (takeovers_words(&takeovers), json!(takeovers), takeovers.is_empty())
        }
        Some(venue) => {
            if verdicts.settle {
                let path = format!("/v1/cluster/venues/{}/conflicts/settlement", word(venue));
                client.tell("POST", &path, &json!({})).await?;
            }
            let told = all(client, venue).await?;
            (conflicts_words(&told), json!(told), told.takeover.is_none())
        }
    };
    print(json, &words, &value);
    Ok(if is_settled { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What is told of a venue, page by page.
async fn all(client: &mut Client, venue: &str) -> Result<ConflictsBody, Failed> {
    let path = format!("/v1/cluster/venues/{}/conflicts", word(venue));
    let mut told: ConflictsBody = client.ask("GET", &path, None).await?;
    while let Some(after) = told.next.take() {
        let more: ConflictsBody = client.ask("GET", &format!("{path}?after={after}"), None).await?;
        told.conflicts.extend(more.conflicts);
        told.next = more.next;
    }
    Ok(told)
}

fn print(json: bool, words: &str, value: &Value) {
    if json {
        output::json(value);
    } else {
        output::text(words);
    }
}

fn takeovers_words(takeovers: &[TakeoverBody]) -> String {
    if takeovers.is_empty() {
        return "No venue is taken over from a box office, and nothing is in conflict.\n".to_owned();
    }
    let mut table =
        Table::new(&["venue#", "name", "from", "to", "copy of", "as of", "state", "in conflict#"]);
    for takeover in takeovers {
        table.row([
            takeover.venue.to_string(),
            takeover.name.clone(),
            takeover.from.clone(),
            takeover.to.clone(),
            takeover.by.clone(),
            takeover.base_at.clone().unwrap_or_else(|| "–".to_owned()),
            takeover.state.clone(),
            takeover.open.map_or_else(|| "?".to_owned(), |open| open.to_string()),
        ]);
    }
    table.text()
}

fn conflicts_words(told: &ConflictsBody) -> String {
    let Some(takeover) = &told.takeover else {
        return "The venue was not taken over from a box office, or all of that is settled.\n".to_owned();
    };
    let TakeoverBody { name, from, to, base_at, state, .. } = takeover;
    let since = base_at.as_deref().unwrap_or("–");
    let mut words = match state.as_str() {
        "under-way" => return format!("{name} is being taken over from {from} by {to}.\n"),
        "unheard" => {
            return format!("{from} has not told yet what it sold of {name} since {since}.\n");
        }
        _listed if told.conflicts.is_empty() && told.changes.is_empty() => {
            return format!("{from} sold nothing of {name} after {since}.\n");
        }
        _listed => format!("What {from} sold of {name} after {since}:\n"),
    };
    let mut table =
        Table::new(&["order", "placed", "buyer", "money#", "status", "places there", "what becomes of it"]);
    for conflict in &told.conflicts {
        table.row([
            conflict.order.clone(),
            conflict.placed_at.clone(),
            buyer(conflict),
            format!("{} {}", conflict.captured, conflict.currency),
            conflict.status.clone(),
            places(conflict),
            becomes(conflict),
        ]);
    }
    words.push_str(&table.text());
    if told.conflicts.iter().any(|conflict| conflict.end.is_none() && conflict.verdict.is_none()) {
        let how =
            "Decide each with --keep ORDER, --refund ORDER or --leave ORDER. Money is in minor units.\n";
        words.push_str(how);
    }
    for change in &told.changes {
        let CatalogChange { kind, id, name, updated_at } = change;
        words.push_str(&format!("Written there at {updated_at}, and not by {to}: {kind} {id} {name}\n"));
    }
    if !told.changes.is_empty() {
        words.push_str("Write them anew if need be; --settle says that this was seen, and they go.\n");
    }
    words
}

fn buyer(conflict: &ConflictBody) -> String {
    match (conflict.name.as_str(), conflict.email.as_str()) {
        ("", "") => "nobody any more".to_owned(),
        ("", email) => email.to_owned(),
        (name, email) => format!("{name} <{email}>"),
    }
}

fn places(conflict: &ConflictBody) -> String {
    let places = conflict.places.iter().map(|place| match &place.order {
        Some(order) => format!("{}: {} by {order}", place.place, place.there),
        None => format!("{}: {}", place.place, place.there),
    });
    let places: Vec<_> = places.collect();
    if places.is_empty() { "–".to_owned() } else { places.join("; ") }
}

fn becomes(conflict: &ConflictBody) -> String {
    match (&conflict.end, &conflict.verdict, &conflict.objection) {
        (Some(end), _, _) => end.clone(),
        (None, Some(verdict), _) => format!("{verdict}, under way"),
        (None, None, Some(objection)) => format!("cannot be kept: {objection}"),
        (None, None, None) if conflict.origin == "changed" => "undecided; known there as it was".to_owned(),
        (None, None, None) => "undecided".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::cluster::document::{ConflictPlace, NodeBody};

    fn takeover(state: &str, open: Option<u64>) -> TakeoverBody {
        TakeoverBody {
            venue: 7,
            name: "Globe".to_owned(),
            from: "g3".to_owned(),
            to: "g2".to_owned(),
            by: "n2".to_owned(),
            base_at: Some("2026-12-05T19:30:00Z".to_owned()),
            state: state.to_owned(),
            open,
            ..TakeoverBody::default()
        }
    }

    #[test]
    fn a_node_is_called_by_its_number_or_name_and_a_bare_number_is_a_venue() {
        let node = NodeBody { id: "n3".to_owned(), name: "counter".to_owned(), ..NodeBody::default() };
        let cluster = ClusterBody { nodes: vec![node], ..ClusterBody::default() };
        let called: Vec<_> = ["n3", "counter", "3", "Globe"].map(|called| is_node(&cluster, called)).into();
        assert_eq!(called, [true, true, false, false]);
    }

    #[test]
    fn takeovers_are_a_table() {
        assert_eq!(
            takeovers_words(&[takeover("listed", Some(2)), takeover("unheard", None)]),
            "VENUE  NAME   FROM  TO  COPY OF  AS OF                 STATE    IN CONFLICT\n    \
             7  Globe  g3    g2  n2       2026-12-05T19:30:00Z  listed             2\n    \
             7  Globe  g3    g2  n2       2026-12-05T19:30:00Z  unheard            ?\n"
        );
        assert!(takeovers_words(&[]).starts_with("No venue"));
    }

    #[test]
    fn conflicts_are_told_with_who_has_the_seats() {
        let unheard = ConflictsBody { takeover: Some(takeover("unheard", None)), ..ConflictsBody::default() };
        assert_eq!(
            conflicts_words(&unheard),
            "g3 has not told yet what it sold of Globe since 2026-12-05T19:30:00Z.\n"
        );
        let place = ConflictPlace {
            place: "Stalls, row C, seat 12".to_owned(),
            there: "booked".to_owned(),
            order: Some("ord_2".to_owned()),
        };
        let late = ConflictBody {
            order: "ord_1".to_owned(),
            origin: "late".to_owned(),
            status: "booked".to_owned(),
            placed_at: "2026-12-05T19:31:00Z".to_owned(),
            email: "ada@example.com".to_owned(),
            name: "Ada".to_owned(),
            currency: "USD".to_owned(),
            captured: 4_500,
            places: vec![place],
            ..ConflictBody::default()
        };
        let kept = ConflictBody { end: Some("kept".to_owned()), places: Vec::new(), ..late.clone() };
        let mut told = ConflictsBody {
            takeover: Some(takeover("listed", Some(1))),
            conflicts: vec![late, kept],
            ..ConflictsBody::default()
        };
        let words = conflicts_words(&told);
        assert!(words.starts_with("What g3 sold of Globe after 2026-12-05T19:30:00Z:\nORDER"), "{words}");
        assert!(words.contains("Ada <ada@example.com>  4500 USD  booked"), "{words}");
        assert!(words.contains("Stalls, row C, seat 12: booked by ord_2  undecided\n"), "{words}");
        assert!(words.contains("–                                        kept\n"), "{words}");
        assert!(words.contains("--keep ORDER"), "{words}");
        told.conflicts.remove(0);
        assert!(!conflicts_words(&told).contains("--keep"));
        told.conflicts.clear();
        assert!(conflicts_words(&told).starts_with("g3 sold nothing of Globe"));
        told.changes.push(CatalogChange {
            kind: "hall".to_owned(),
            id: "hal_1".to_owned(),
            name: "Main".to_owned(),
            updated_at: "2026-12-05T19:31:00Z".to_owned(),
        });
        let words = conflicts_words(&told);
        assert!(words.contains("at 2026-12-05T19:31:00Z, and not by g2: hall hal_1 Main\n"), "{words}");
        assert!(words.ends_with("--settle says that this was seen, and they go.\n"), "{words}");
    }
}
