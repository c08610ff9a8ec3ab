//! Events as Atom.

use atom_syndication::{Category, Entry, Feed, FixedDateTime, Generator, Link, Person, Text};
use axum::extract::State;
use axum::response::Response;

use super::document;
use crate::catalog::copy::CatalogIndex;
use crate::catalog::query::ListedEvent;
use crate::http::extract::{Query, Storefront};
use crate::http::instant::instant;
use crate::http::{App, Problem};
use crate::pages::events::Filter;
use crate::pages::words::{When, title};

/// How many events are looked at, and how many of them, the latest, are told.
const LOOKED: usize = 500;
const ENTRIES: usize = 50;

/// What is on by the filters of the page, the latest in the catalog first.
pub(crate) async fn feed(
    State(app): State<App>,
    front: Storefront,
    Query(filter): Query<Filter>,
) -> Result<Response, Problem> {
    let wanted = filter.read()?;
    let now_ms = app.now_ms();
    let catalog = app.home.catalog_copy().read();
    let mut found = catalog.events(&wanted, None, now_ms, LOOKED).items;
    found.sort_by_key(|listed| std::cmp::Reverse((listed.event.stamp.created_ms, listed.event.id)));
    found.truncate(ENTRIES);
    let updated_ms = found.iter().map(|listed| listed.event.stamp.updated_ms).max().unwrap_or(0);
    let address = filter.address("/feed.atom", None);
    let feed = Feed {
        title: Text::plain("What’s on · Marquee"),
        id: format!("{}{address}", front.0),
        updated: date(updated_ms),
        links: vec![
            link("self", format!("{}{address}", front.0)),
            link("alternate", format!("{}{}", front.0, filter.address("/", None))),
        ],
        generator: Some(Generator { value: "Marquee".to_owned(), ..Generator::default() }),
        entries: found.iter().map(|listed| entry(&catalog, listed, now_ms, &front.0)).collect(),
        ..Feed::default()
    };
    Ok(document("application/atom+xml; charset=utf-8", feed.to_string()))
}

fn entry(catalog: &CatalogIndex, listed: &ListedEvent, now_ms: u64, front: &str) -> Entry {
    let event = &listed.event;
    let url = format!("{front}/events/{}", event.id);
    let next = listed.next.as_ref().and_then(|next| Some((next, catalog.venue(next.venue)?)));
    let next = next.map(|(next, venue)| {
        let when = When::new(next.schedule.starts_at_ms, &catalog.zone(next.venue), now_ms);
        format!("{} · {}, {}. ", when.text, venue.facts.name, venue.facts.city)
    });
    let people = event.facts.performers.iter();
    Entry {
        title: Text::plain(event.facts.title.clone()),
        id: url.clone(),
        updated: date(event.stamp.updated_ms),
        published: Some(date(event.stamp.created_ms)),
        links: vec![link("alternate", url)],
        summary: Some(Text::plain(format!("{}{}", next.unwrap_or_default(), event.facts.description))),
        authors: people.map(|name| Person { name: name.clone(), ..Person::default() }).collect(),
        categories: vec![Category {
            term: event.facts.kind.word().to_owned(),
            label: Some(title(event.facts.kind.word())),
            scheme: None,
        }],
        ..Entry::default()
    }
}

fn link(relation: &str, href: String) -> Link {
    Link { rel: relation.to_owned(), href, ..Link::default() }
}

fn date(ms: u64) -> FixedDateTime {
    instant(ms).parse().unwrap_or_default()
}
