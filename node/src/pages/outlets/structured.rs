//! An event with its performances as JSON-LD within its page.

use crate::catalog::copy::CatalogIndex;
use crate::catalog::entity::{Event, Performance};
use crate::formats::jsonld::{Told, graph};

/// The text of a script element of the type `application/ld+json`: an event for each performance.
pub(in crate::pages) fn event(
    catalog: &CatalogIndex,
    event: &Event,
    performances: &[std::sync::Arc<Performance>],
    now_ms: u64,
    front: &str,
) -> String {
    let performances = performances.iter().map(|performance| (event, performance));
    let document = graph(catalog, performances, now_ms, front, Told::Briefly);
    // Nothing in it may end the element.
    document.to_string().replace('<', "\\u003c")
}
