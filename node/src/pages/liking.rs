//! The form of an event's page that follows what it shows.

use axum::response::Response;
use marquee_ledger::EventId;
use serde::Deserialize;

use super::visit::{Posted, Visit, go_to};
use crate::accounts::{Command, Followed};
use crate::catalog::copy::CatalogIndex;
use crate::http::extract::Id;
use crate::http::{Problem, kinds};
use crate::texts::Texts;

/// Something that can be followed from a page.
#[derive(Debug)]
pub(super) struct Followable {
    /// `event`, `venue` or `performer`.
    pub(super) kind: &'static str,
    /// Its id or name.
    pub(super) id: String,
    /// What the button says.
    pub(super) words: String,
    pub(super) is_followed: bool,
}

/// What an event's page offers to follow: the event itself and who performs.
pub(super) fn followables(
    catalog: &CatalogIndex,
    texts: Texts,
    id: EventId,
    followed: &[Followed],
) -> Vec<Followable> {
    let Some(event) = catalog.event(id) else { return Vec::new() };
    let is_followed = |what: Option<Followed>| what.is_some_and(|what| followed.contains(&what));
    let own = is_followed(Some(Followed::Event(id)));
    let own = Followable {
        kind: "event",
        id: id.to_string(),
        words: texts.t(if own { "following-event" } else { "follow-event" }).into_owned(),
        is_followed: own,
    };
    let people = event.facts.performers.iter().map(|name| {
        let is_followed = is_followed(name.parse().ok().map(Followed::Performer));
        Followable {
            kind: "performer",
            id: name.clone(),
            words: texts.with(if is_followed { "following" } else { "follow" }, "name", name),
            is_followed,
        }
    });
    std::iter::once(own).chain(people).collect()
}

/// The form that follows something, or follows it no more.
#[derive(Debug, Deserialize)]
pub(super) struct FollowForm {
    kind: String,
    id: String,
    /// `on` or `off`.
    follow: String,
}

/// Follows something, and shows the event's page again.
pub(super) async fn follow(
    visit: Visit,
    Id(event): Id<EventId>,
    posted: Posted<FollowForm>,
) -> Result<Response, Problem> {
    let by = visit.caller.signed().ok_or_else(|| Problem::new(kinds::UNAUTHENTICATED))?.account;
    let FollowForm { kind, id, follow } = posted.form;
    let what = match kind.as_str() {
        "event" => id.parse().ok().map(Followed::Event),
        "venue" => id.parse().ok().map(Followed::Venue),
        "performer" => id.parse().ok().map(Followed::Performer),
        _other => None,
    };
    let what = what.ok_or_else(|| Problem::new(kinds::INVALID))?;
    let command = match follow.as_str() {
        "off" => Command::Unfollow { account: by, what },
        _on => Command::Follow { account: by, what },
    };
    visit.app.home.accounts(None, command).await??;
    Ok(go_to(&format!("/events/{event}#follow")))
}
