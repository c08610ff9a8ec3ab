//! Whose a request is: what its path, its body or its session names.
//!
//! Ids name their owner, so most requests say by their path who decides about them. What only reads the catalog is
//! anyone's. Nothing here decides about rights: a request that lies about its owner is refused there.

use axum::http::{HeaderMap, Method, header};
use marquee_ledger::{AccountId, EventId, HallId, HoldId, OrderId, PerformanceId, TicketId, VenueId};
use serde_json::Value;

use super::cookies;
use crate::accounts::{EmailAddress, RefreshToken, Tokens, shard_of};
use crate::cluster::owner::Owner;

/// Where a request is to be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// On any node.
    Anyone,
    /// At the owner's home.
    Home(Owner),
}

impl Place {
    /// The number of the venue that decides; 0 if none does.
    pub(crate) const fn venue(self) -> u32 {
        match self {
            Self::Home(Owner::Venue(number)) => number,
            Self::Anyone | Self::Home(Owner::Here | Owner::Shard(_) | Owner::Directory) => 0,
        }
    }
}

/// A request, as far as its place depends on it.
pub(crate) struct Looked<'r> {
    pub(crate) method: &'r Method,
    pub(crate) path: &'r str,
    pub(crate) headers: &'r HeaderMap,
    pub(crate) body: &'r [u8],
    pub(crate) tokens: &'r Tokens,
}

/// Whether the place may depend on the body.
pub(crate) fn reads_body(method: &Method, path: &str) -> bool {
    *method == Method::POST && in_body(path).is_some()
}

/// What a body names, by the path that it is sent to.
#[derive(Clone, Copy)]
enum Named {
    Email,
    Refresh,
    Hold,
    Hall,
    Performance,
}

fn in_body(path: &str) -> Option<Named> {
    match path {
        "/v1/accounts" | "/v1/sessions" | "/sign-in" | "/sign-up" => Some(Named::Email),
        "/v1/sessions/refresh" => Some(Named::Refresh),
        "/v1/bookings" => Some(Named::Hold),
        "/v1/performances" => Some(Named::Hall),
        _ => {
            let event = path.strip_prefix("/v1/events/")?.strip_suffix("/bookings")?;
            (!event.contains('/')).then_some(Named::Performance)
        }
    }
}

/// Where a request is to be answered.
pub(crate) fn place(looked: &Looked<'_>) -> Place {
    if *looked.method == Method::POST
        && let Some(named) = in_body(looked.path)
    {
        return looked.by_body(named).map_or(Place::Anyone, Place::Home);
    }
    let mut segments = looked.path.trim_start_matches('/').split('/');
    let first = segments.next().unwrap_or_default();
    if first == "v1" { looked.by_api_path(segments) } else { looked.by_page_path(first, segments) }
}

impl<'r> Looked<'r> {
    fn by_api_path(&self, mut segments: impl Iterator<Item = &'r str>) -> Place {
        let resource = segments.next().unwrap_or_default();
        let id = segments.next();
        let below = segments.next();
        let reads = self.method.is_safe();
        let by = |owner: Option<u32>| owner.map_or(Place::Anyone, |owner| Place::Home(Owner::Venue(owner)));
        match (resource, id, below) {
            ("accounts", Some("me"), Some("bookings" | "tickets")) => Place::Anyone,
            ("accounts", Some("me"), _) | ("sessions", _, _) => self.by_session(),
            ("accounts", Some(id), _) => shard(id.parse::<AccountId>().ok()),
            ("holds", Some(id), _) => by(id.parse::<HoldId>().ok().map(HoldId::owner)),
            ("bookings", Some(id), _) => by(id.parse::<OrderId>().ok().map(OrderId::owner)),
            ("tickets", Some("keys"), _) => Place::Anyone,
            ("tickets", Some(id), _) => by(id.parse::<TicketId>().ok().map(TicketId::owner)),
            ("performances", Some(id), Some("holds" | "kills" | "seats")) => {
                by(id.parse::<PerformanceId>().ok().map(PerformanceId::owner))
            }
            ("performances", Some(id), _) if !reads => {
                by(id.parse::<PerformanceId>().ok().map(PerformanceId::owner))
            }
            ("venues" | "theaters", Some(id), _) if !reads => {
                by(id.parse::<VenueId>().ok().map(VenueId::owner))
            }
            ("halls", Some(id), _) if !reads => by(id.parse::<HallId>().ok().map(HallId::owner)),
            ("events", Some(_), Some("reviews")) => Place::Home(Owner::Venue(0)),
            ("events" | "movies", _, _) if !reads => Place::Home(Owner::Venue(0)),
            _ => Place::Anyone,
        }
    }

    fn by_page_path(&self, first: &str, mut segments: impl Iterator<Item = &'r str>) -> Place {
        let id = segments.next();
        let by = |owner: Option<u32>| owner.map_or(Place::Anyone, |owner| Place::Home(Owner::Venue(owner)));
        match (first, id) {
            ("organizer", Some(kind)) => by(by_desk_path(kind, segments.next())),
            ("events", Some(_)) if !self.method.is_safe() => Place::Home(Owner::Venue(0)),
            ("performances", Some(id)) => by(id.parse::<PerformanceId>().ok().map(PerformanceId::owner)),
            ("checkout", Some(id)) => by(id.parse::<HoldId>().ok().map(HoldId::owner)),
            ("bookings", Some(id)) => by(id.parse::<OrderId>().ok().map(OrderId::owner)),
            ("tickets", Some(id)) => by(id.parse::<TicketId>().ok().map(TicketId::owner)),
            ("account" | "sign-out", _) => self.by_session(),
            _ => Place::Anyone,
        }
    }

    /// At the home of the account that the request's token or cookies name, whether they are still good or not.
    fn by_session(&self) -> Place {
        let bearer = self.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let bearer = bearer.and_then(|value| value.split_once(' ')).map(|(_scheme, token)| token.trim());
        let token = bearer.or_else(|| cookies::get(self.headers, cookies::ACCESS));
        let account = token.and_then(|token| self.tokens.account_in(token)).or_else(|| {
            let refresh = cookies::get(self.headers, cookies::REFRESH)?;
            Some(refresh.parse::<RefreshToken>().ok()?.account)
        });
        shard(account)
    }

    fn by_body(&self, named: Named) -> Option<Owner> {
        let field = |name: &str| self.field(name);
        Some(match named {
            Named::Email => Owner::Shard(shard_of(&field("email")?.parse::<EmailAddress>().ok()?)),
            Named::Refresh => {
                Owner::Shard(field("refresh_token")?.parse::<RefreshToken>().ok()?.account.owner())
            }
            Named::Hold => Owner::Venue(field("hold_id")?.parse::<HoldId>().ok()?.owner()),
            Named::Hall => Owner::Venue(field("hall_id")?.parse::<HallId>().ok()?.owner()),
            Named::Performance => {
                Owner::Venue(field("performance_id")?.parse::<PerformanceId>().ok()?.owner())
            }
        })
    }

    /// A field of a JSON object or a form.
    fn field(&self, name: &str) -> Option<String> {
        if self.path.starts_with("/v1/") {
            let body: Value = serde_json::from_slice(self.body).ok()?;
            return Some(body.get(name)?.as_str()?.to_owned());
        }
        let mut fields = form_urlencoded::parse(self.body);
        fields.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }
}

/// The owner of what an organizer's page is about: the home of it shows it as it is.
fn by_desk_path(kind: &str, id: Option<&str>) -> Option<u32> {
    let id = id?;
    match kind {
        "performances" => id.parse::<PerformanceId>().ok().map(PerformanceId::owner),
        "orders" => id.parse::<OrderId>().ok().map(OrderId::owner),
        "venues" => id.parse::<VenueId>().ok().map(VenueId::owner),
        "halls" => id.parse::<HallId>().ok().map(HallId::owner),
        // Events belong to no venue.
        "events" => id.parse::<EventId>().ok().map(|_event| 0),
        _others => None,
    }
}

fn shard(account: Option<AccountId>) -> Place {
    account.map_or(Place::Anyone, |account| Place::Home(Owner::Shard(account.owner())))
}
