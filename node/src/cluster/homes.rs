//! Commands and queries at the homes of this node.

use bytes::Bytes;

use super::errand::{Found, Query, Reply};
use crate::home::{Failure, Home};

/// Proposes an encoded command at a replica, if there is one and it is home.
pub async fn command(home: Option<&Home>, command: Bytes) -> Reply {
    let Some(home) = home else { return not_home(None) };
    match home.propose_here(command).await {
        Ok(answer) => match rmp_serde::to_vec(&answer) {
            Ok(answer) => Reply::Answer(answer.into()),
            Err(error) => Reply::Failed(error.to_string()),
        },
        Err(failure) => failed(home, &failure),
    }
}

/// Answers a query from a replica, if there is one and it is home.
pub async fn query(home: Option<&Home>, query: Query) -> Reply {
    let Some(home) = home else { return not_home(None) };
    if let Query::GroupStatus = query {
        // Without a barrier: who looks after a home that lost its quorum wants to know.
        return if home.is_home() {
            Reply::Found(Found::GroupStatus(home.status()))
        } else {
            not_home(Some(home))
        };
    }
    if let Query::CopyStatus = query {
        // Who asks wants to know what there is without the home.
        return match home.find(query) {
            Ok(found) => Reply::Found(found),
            Err(failure) => failed(home, &failure),
        };
    }
    if let Err(failure) = home.read_barrier().await {
        return failed(home, &failure);
    }
    if is_elsewhere(home, &query) {
        return Reply::Moved;
    }
    let found = if reads_many(&query) {
        let reader = home.clone();
        let read = tokio::task::spawn_blocking(move || reader.find(query)).await;
        read.unwrap_or(Err(Failure::Stopping))
    } else {
        home.find(query)
    };
    match found {
        Ok(found) => Reply::Found(found),
        Err(failure) => failed(home, &failure),
    }
}

/// Whether a query takes longer than those who wait for the same thread should wait.
const fn reads_many(query: &Query) -> bool {
    matches!(query, Query::PerformanceOrders(_) | Query::Takings(_))
}

/// Whether the directory has placed what is asked for in another group. Who asks may not have heard of that, and must not
/// be told that there is no such thing.
fn is_elsewhere(home: &Home, query: &Query) -> bool {
    let view = home.commons().views.now();
    let is_away = |venue: u32| {
        let placement = view.placements().get(&venue);
        placement.is_some_and(|placement| placement.group != home.id())
    };
    match query {
        Query::Orders(ids) => ids.iter().any(|id| is_away(id.owner())),
        Query::Takings(performances) => performances.iter().any(|id| is_away(id.owner())),
        Query::PerformanceOrders(wish) => wish.performances.iter().any(|id| is_away(id.owner())),
        Query::Account(_)
        | Query::AccountByEmail(_)
        | Query::OrdersOf { .. }
        | Query::Follows(_)
        | Query::ReviewsBy { .. }
        | Query::GroupStatus
        | Query::CopyStatus
        | Query::Conflicts { .. }
        | Query::SeatOwners(_)
        // Who moves a venue asks both groups, whichever the directory names.
        | Query::VenueItems(_)
        | Query::VenueStanding(_)
        | Query::VenueMove(_) => false,
    }
}

/// Who is home instead, as far as a replica knows.
#[must_use]
pub fn not_home(home: Option<&Home>) -> Reply {
    let view = home.map(|home| *home.watch().borrow()).unwrap_or_default();
    Reply::NotHome { home: view.home, term: view.term }
}

/// What a failure at a replica means to who asked.
#[must_use]
pub fn failed(home: &Home, failure: &Failure) -> Reply {
    match failure {
        Failure::Overloaded => Reply::Overloaded,
        Failure::Moved { .. } => Reply::Moved,
        Failure::OutcomeUnknown => Reply::Unknown,
        Failure::TooLarge => Reply::TooLarge,
        Failure::Stopping | Failure::NotHome { .. } => not_home(Some(home)),
        Failure::KeyReused | Failure::Broken(_) | Failure::Store(_) => Reply::Failed(failure.to_string()),
    }
}
