//! The nodes that are nearest to whoever asks.

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use marquee_search::places::{self, Point, Zip};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Client, Query};
use super::problem::Problem;
use super::venues::{said, strange};
use super::{App, kinds, paths};
use crate::forms::venue::PointForm;
use crate::geo::{Geography, Origin, Ranked, Sight};

/// How many other nodes an answer names.
const ALTERNATIVES_MAX: usize = 8;
/// An answer that does not depend on who asks may be kept for a moment.
const FOR_A_MOMENT: HeaderValue = HeaderValue::from_static("public, max-age=5");

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(nearest))
}

/// From where.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct NearestQuery {
    /// From this point: latitude and longitude in degrees, as in `40.7,-74.0`.
    point: Option<String>,
    /// From this US zip code.
    zip: Option<String>,
}

/// The nodes that are nearest.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Nearest)]
struct NearestBody {
    /// The nearest healthy node. None only if no node takes customers just now.
    node: Option<NodeBody>,
    /// The next ones, in order: where to go on when a node does not answer.
    alternatives: Vec<NodeBody>,
    /// From where that is.
    origin: OriginBody,
    /// The name of the node that answers.
    #[schema(example = "new-york-1")]
    answered_by: String,
}

/// A node that takes customers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NearestNode)]
struct NodeBody {
    /// Its name.
    #[schema(example = "london-1")]
    name: String,
    /// Its region.
    #[schema(example = "eu-west")]
    region: String,
    /// Its zone.
    #[schema(example = "a")]
    zone: String,
    /// Its address; a path can be appended.
    #[schema(example = "https://london-1.tickets.example.com")]
    url: String,
    /// How far it is, if both places are known.
    distance_km: Option<f64>,
}

/// Where somebody is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NearestOrigin)]
struct OriginBody {
    /// How that is known: `point`, `zip`, `address` (by its range), or `region`, that of the node that answers, if nothing is.
    #[schema(example = "address")]
    by: &'static str,
    /// The region, if it is known.
    region: Option<String>,
    /// The point, if it is known.
    point: Option<PointForm>,
}

impl NearestBody {
    fn new(answered_by: String, origin: Origin, ranked: &[Ranked]) -> Self {
        let mut nodes = ranked.iter().map(NodeBody::new);
        Self {
            node: nodes.next(),
            alternatives: nodes.take(ALTERNATIVES_MAX).collect(),
            origin: OriginBody {
                by: origin.kind.word(),
                region: origin.region,
                point: origin.point.map(|point| PointForm { lat: point.lat_deg(), lon: point.lon_deg() }),
            },
            answered_by,
        }
    }
}

impl NodeBody {
    fn new(ranked: &Ranked) -> Self {
        let node = &ranked.candidate;
        Self {
            name: node.name.clone(),
            region: node.region.clone(),
            zone: node.zone.clone(),
            url: node.url.clone(),
            // Nobody's place is known to better than this.
            distance_km: ranked.distance_km.map(f64::round),
        }
    }
}

/// Find the nearest node
///
/// From a point, from a zip code, or else from the address that the request comes from. Only nodes that are up and take
/// customers are named, the nearest first.
#[utoipa::path(
    get, path = paths::NEAREST, tag = "node", params(NearestQuery),
    responses((status = 200, description = "The nearest node, and where to go on if it does not answer", body = NearestBody)),
)]
async fn nearest(
    State(app): State<App>,
    Client(address): Client,
    Query(query): Query<NearestQuery>,
) -> Result<Response, Problem> {
    let named = match (said(&query.point), said(&query.zip)) {
        (Some(_), Some(_)) => return Err(strange("zip", "write a point or a zip code, not both")),
        (Some(point), None) => Some(Geography::at_point(parse_point("point", point)?)),
        // A military post office is nowhere: the address has to do.
        (None, Some(zip)) => zip_point(zip)?.map(Geography::at_zip),
        (None, None) => None,
    };
    let cache = if named.is_some() { FOR_A_MOMENT } else { HeaderValue::from_static("no-store") };
    let origin = named.unwrap_or_else(|| app.geo.geography().at_address(Sight::whole(address)));
    let ranked = app.geo.nearest(&origin);
    let body = NearestBody::new(app.settings.node.name.to_string(), origin, &ranked);
    Ok(([(header::CACHE_CONTROL, cache)], axum::Json(body)).into_response())
}

/// A point of the query string.
///
/// # Errors
/// `invalid-query` for text that is none.
pub(crate) fn parse_point(parameter: &str, text: &str) -> Result<Point, Problem> {
    let point = text
        .split_once(',')
        .and_then(|(lat, lon)| Point::new(lat.trim().parse().ok()?, lon.trim().parse().ok()?));
    point.ok_or_else(|| {
        strange(
            parameter,
            "write latitude (-90 to 90) and longitude (-180 to 180) in degrees, such as 40.7,-74.0",
        )
    })
}

/// The middle of a zip code, if it has one.
///
/// # Errors
/// `unknown-zip` with near ones.
pub(crate) fn zip_point(text: &str) -> Result<Option<Point>, Problem> {
    let unknown = |detail: String, near: Vec<String>| {
        Problem::new(kinds::UNKNOWN_ZIP).detail(detail).with("near", near)
    };
    let zip: Zip = text.parse().map_err(|no_zip: places::NotAZip| unknown(no_zip.to_string(), Vec::new()))?;
    let place = places::by_zip(zip);
    place.map(|place| place.point).map_err(|nobodys| {
        unknown(nobodys.to_string(), nobodys.near.iter().map(ToString::to_string).collect())
    })
}
