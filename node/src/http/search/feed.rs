//! The feed: what somebody may like, near them and soon.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use jiff::Timestamp;
use marquee_ledger::{AccountId, EventId, PerformanceId};
use marquee_search::places::Point;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::asked::{near_of, point_of};
use super::body::{Availability, FoundPerformance, PricesBody};
use super::stopping;
use crate::accounts::Followed;
use crate::finding::Unfound;
use crate::finding::taste::{Because, Picked, Taste, Whereabouts};
use crate::geo::Sight;
use crate::http::extract::{Caller, Client, Query};
use crate::http::nearest::zip_point;
use crate::http::problem::Problem;
use crate::http::references::VenueReference;
use crate::http::reviews::RatingBody;
use crate::http::shared_cache::encoded_private;
use crate::http::venues::{said, strange};
use crate::http::{App, paths};

/// How many things a feed has unless it is said, and at the most.
const LIMIT_USUAL: usize = 20;
const LIMIT_MAX: usize = 100;
/// How far from somebody a feed looks unless it is said, in kilometres.
const RADIUS_KM: f64 = 100.0;
/// How many of the latest bookings say what somebody likes.
const BOOKED: usize = 30;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(feed))
}

/// For where a feed is made.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FeedRequest {
    /// Around this zip code.
    pub(crate) zip: Option<String>,
    /// Around this point, as `40.7,-74.0`.
    pub(crate) near: Option<String>,
    /// How far, in kilometres; 100 unless it is said.
    pub(crate) radius_km: Option<String>,
    /// At most so many: 1 to 100, 20 unless it is said.
    pub(crate) limit: Option<String>,
}

/// A feed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Feed)]
pub(crate) struct FeedBody {
    /// What is in it, the best first.
    items: Vec<FeedItem>,
    /// Around which point.
    near: Option<FeedPlace>,
    /// Whether it goes by what who asks follows and has booked.
    personal: bool,
}

/// Where a feed is made for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FeedPlace {
    /// North of the equator, in degrees.
    lat: f64,
    /// East of Greenwich, in degrees.
    lon: f64,
    /// How that is known: `point`, `zip`, `account`, `address` or `region`.
    by: &'static str,
}

/// Something in a feed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FeedItem {
    /// The event's id.
    id: String,
    /// Its page, from the node's address on.
    path: String,
    /// What it is.
    kind: &'static str,
    /// Its title.
    title: String,
    /// Who performs.
    performers: Vec<String>,
    /// Its next performance that fits.
    performance: FoundPerformance,
    /// Where.
    venue: Option<VenueReference>,
    /// How far.
    distance_km: Option<f64>,
    /// What it costs.
    prices: Option<PricesBody>,
    /// What reviews say of it.
    rating: Option<RatingBody>,
    /// Why it is here.
    because: BecauseBody,
}

/// Why something is in a feed.
#[derive(Debug, Serialize, ToSchema)]
struct BecauseBody {
    /// `followed`, `like_booked`, `near` or `popular`.
    #[schema(example = "followed")]
    reason: &'static str,
    /// What is followed, or was booked.
    name: Option<String>,
}

/// What a feed was made of.
pub(crate) struct Made {
    pub(crate) picked: Vec<Picked>,
    near: Option<(Point, &'static str)>,
    pub(crate) personal: bool,
}

/// Your feed
///
/// What you may like: what you follow, what is like what you booked, what is well liked, soon and near; varied. Who is not
/// signed in gets what is asked for near them.
#[utoipa::path(
    get, path = paths::WHATS_NEXT, tag = "catalog", params(FeedRequest),
    responses((status = 200, description = "The feed", body = FeedBody)),
)]
async fn feed(
    State(app): State<App>,
    caller: Caller,
    Client(address): Client,
    _headers: HeaderMap,
    Query(request): Query<FeedRequest>,
) -> Result<Response, Problem> {
    let made = feed_of(&app, caller.account_id(), Sight::whole(address), &request).await?;
    let catalog = app.home.catalog_copy().read();
    let spread = &app.home.commons().spread;
    let item = |picked: Picked| {
        let Picked { event, performance, distance_km, because } = picked;
        let (reason, name) = match because {
            Because::Followed(name) => ("followed", Some(name)),
            Because::LikeBooked(title) => ("like_booked", Some(title)),
            Because::Near => ("near", None),
            Because::Popular => ("popular", None),
        };
        let amounts = performance.sale.prices.iter().map(|price| price.amount);
        let prices = amounts.clone().min().zip(amounts.max()).map(|(min, max)| PricesBody {
            min: u64::try_from(min).unwrap_or(0),
            max: u64::try_from(max).unwrap_or(0),
            currency: performance.sale.currency.code().to_owned(),
        });
        FeedItem {
            id: event.id.to_string(),
            path: format!("/events/{}", event.id),
            kind: event.facts.kind.word(),
            title: event.facts.title.clone(),
            performers: event.facts.performers.clone(),
            venue: catalog.venue(performance.venue).map(|venue| VenueReference::new(venue)),
            distance_km: distance_km.map(|km| (km * 10.0).round() / 10.0),
            prices,
            rating: Some(RatingBody::of(&catalog, event.id)).filter(|rating| rating.count > 0),
            performance: FoundPerformance::new(&catalog, &performance, spread.free(performance.id)),
            because: BecauseBody { reason, name },
        }
    };
    let near = made.near.map(|(point, by)| FeedPlace { lat: point.lat_deg(), lon: point.lon_deg(), by });
    let items = made.picked.into_iter().map(item).collect();
    encoded_private(&FeedBody { items, near, personal: made.personal })
}

/// Makes a feed.
///
/// # Errors
/// `invalid-query` and `unknown-zip` for what is asked. When an account's home does not answer, the feed goes by the place.
pub(crate) async fn feed_of(
    app: &App,
    account: Option<AccountId>,
    sight: Sight,
    request: &FeedRequest,
) -> Result<Made, Problem> {
    let limit = match said(&request.limit) {
        None => LIMIT_USUAL,
        Some(text) => text
            .parse()
            .ok()
            .filter(|limit| (1..=LIMIT_MAX).contains(limit))
            .ok_or_else(|| strange("limit", &format!("write a number from 1 to {LIMIT_MAX}")))?,
    };
    let radius_km = match said(&request.radius_km) {
        None => RADIUS_KM,
        Some(text) => text
            .parse()
            .ok()
            .filter(|radius| (1.0..=20_000.0).contains(radius))
            .ok_or_else(|| strange("radius_km", "write kilometres from 1 to 20000"))?,
    };
    let near = match (near_of(&request.near)?, said(&request.zip)) {
        (Some(point), _) => Some((point, "point")),
        // A military post office is nowhere: the address has to do.
        (None, Some(zip)) => zip_point(zip)?.map(|point| (point, "zip")),
        (None, None) => None,
    };
    let home = &app.home;
    let (mut follows, mut booked, mut own_place) = (Vec::new(), Vec::new(), None);
    if let Some(account) = account {
        let commons = home.commons();
        let (known, followed, orders) = tokio::join!(
            commons.account(home.id(), account),
            commons.follows(home.id(), account),
            commons.orders_of(home.id(), account, None, BOOKED),
        );
        own_place = known.ok().flatten().as_ref().and_then(point_of);
        follows =
            followed.unwrap_or_default().into_iter().map(|follow| follow.what).collect::<Vec<Followed>>();
        booked =
            orders.unwrap_or_default().iter().map(|(order, _)| (order.event, order.performance)).collect();
    }
    let near = near.or_else(|| Some((own_place?, "account"))).or_else(|| {
        let origin = app.geo.geography().at_address(sight);
        Some((origin.point?, origin.kind.word()))
    });
    let personal = !follows.is_empty() || !booked.is_empty();
    let picked = pick(app, &follows, &booked, near.map(|(point, _by)| point), radius_km, limit).await?;
    Ok(Made { picked, near, personal })
}

async fn pick(
    app: &App,
    follows: &[Followed],
    booked: &[(EventId, PerformanceId)],
    near: Option<Point>,
    radius_km: f64,
    limit: usize,
) -> Result<Vec<Picked>, Problem> {
    let taste = Taste::new(&app.home.catalog_copy().read(), follows, booked);
    // Nothing near is better than nothing: then the place only counts for the order.
    for radius_km in [radius_km, 0.0] {
        let from = Whereabouts { point: near, radius_km };
        let interests = taste.interests(from, Timestamp::now(), limit);
        let candidates = app.finder.candidates(interests).await.map_err(|unfound| match &*unfound {
            Unfound::Stopping => stopping(),
            Unfound::Index(failed) => Problem::internal(failed),
        })?;
        let availability = Availability::new(app);
        let catalog = app.home.catalog_copy().read();
        let picked = taste.pick(&catalog, &candidates, from, |id| availability.has_free(id), limit);
        if !picked.is_empty() || radius_km == 0.0 {
            return Ok(picked);
        }
    }
    Ok(Vec::new())
}
