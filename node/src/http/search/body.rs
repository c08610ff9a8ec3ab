//! What is found, as it is told.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use marquee_ledger::{EventId, PerformanceId, VenueId};
use marquee_search::document::{Class, Currency, Key, Prices};
use marquee_search::query::{Facets, Hit, Marked, PriceBand, Results, Understood};
use marquee_search::suggest::{Suggested, Suggestion};
use serde::Serialize;
use utoipa::ToSchema;

use crate::catalog::CatalogCopy;
use crate::catalog::copy::CatalogIndex;
use crate::catalog::entity::Performance;
use crate::cluster::spread::{Free, Spread};
use crate::finding::help::ARTICLES;
use crate::http::App;
use crate::http::instant::instant;
use crate::http::references::{VenueReference, local_time};
use crate::http::reviews::RatingBody;

/// A page of results.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SearchResults)]
pub(crate) struct SearchBody {
    /// The results, the best first.
    pub(crate) items: Vec<FoundBody>,
    /// How many there are on all pages.
    pub(crate) total: usize,
    /// What the text was taken to say.
    pub(crate) understood: UnderstoodBody,
    /// The text as it may have been meant.
    pub(crate) did_you_mean: Option<String>,
    /// How all results divide.
    pub(crate) facets: Option<FacetsBody>,
    /// The cursor of the next page.
    pub(crate) next: Option<String>,
}

/// Something that was found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Found)]
pub(crate) struct FoundBody {
    /// `event`, `venue`, `performer` or `help`.
    #[schema(example = "event")]
    pub(crate) class: &'static str,
    /// What of it: `concert`, `movie` …
    #[schema(example = "concert")]
    pub(crate) kind: &'static str,
    /// Of the event or venue; a performer's name.
    pub(crate) id: String,
    /// Its page, from the node's address on.
    pub(crate) path: String,
    /// The title or name.
    pub(crate) title: MarkedBody,
    /// Some of the description.
    pub(crate) snippet: Option<MarkedBody>,
    /// Who performs.
    pub(crate) performers: Vec<String>,
    /// Its genres.
    pub(crate) genres: Vec<String>,
    /// The performance that fits best: the first one.
    pub(crate) performance: Option<FoundPerformance>,
    /// Where.
    pub(crate) venue: Option<VenueReference>,
    /// How far it is from the place that was looked in, or from who asks.
    pub(crate) distance_km: Option<f64>,
    /// What it costs.
    pub(crate) prices: Option<PricesBody>,
    /// What reviews say of it.
    pub(crate) rating: Option<RatingBody>,
}

/// Text, and the parts of it that were looked for.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Marked)]
pub(crate) struct MarkedBody {
    /// Plain text.
    pub(crate) text: String,
    /// From which byte to before which.
    #[schema(value_type = Vec<Vec<usize>>)]
    pub(crate) marks: Vec<[usize; 2]>,
}

/// A performance that fits.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FoundPerformance {
    /// Its id.
    pub(crate) id: String,
    /// When it starts.
    pub(crate) starts_at: String,
    /// The same by the clock of the venue.
    pub(crate) local_starts_at: String,
    /// How many places are free, as its home told last.
    pub(crate) free: Option<u32>,
    /// Of how many.
    pub(crate) capacity: Option<u32>,
    #[serde(skip)]
    pub(crate) starts_at_ms: u64,
}

/// From the cheapest to the dearest ticket.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Prices)]
pub(crate) struct PricesBody {
    /// In minor units.
    #[schema(example = 2500)]
    pub(crate) min: u64,
    /// In minor units.
    #[schema(example = 9000)]
    pub(crate) max: u64,
    /// ISO 4217 code.
    #[schema(example = "USD")]
    pub(crate) currency: String,
}

/// What a text was taken to say.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Understood)]
pub(crate) struct UnderstoodBody {
    /// The words that were looked for.
    pub(crate) text: String,
    /// Where.
    pub(crate) place: Option<UnderstoodPlaceBody>,
    /// From when on.
    pub(crate) from: Option<String>,
    /// Before when.
    pub(crate) to: Option<String>,
    /// At most so much.
    pub(crate) price_max: Option<PriceMaxBody>,
    /// Five digits that are no zip code, and near ones.
    pub(crate) unknown_zip: Option<UnknownZipBody>,
}

/// A place that a text named.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UnderstoodPlace)]
pub(crate) struct UnderstoodPlaceBody {
    /// As in `Chicago, IL`.
    pub(crate) label: String,
    /// North of the equator, in degrees.
    pub(crate) lat: f64,
    /// East of Greenwich, in degrees.
    pub(crate) lon: f64,
    /// How far around it.
    pub(crate) radius_km: f64,
}

/// An upper bound of prices.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PriceMax)]
pub(crate) struct PriceMaxBody {
    /// In minor units.
    pub(crate) amount: u64,
    /// ISO 4217 code.
    pub(crate) currency: String,
}

/// Digits that are no zip code.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UnknownZip)]
pub(crate) struct UnknownZipBody {
    /// The digits.
    pub(crate) zip: String,
    /// Zip codes near it.
    pub(crate) near: Vec<String>,
}

/// How many results there are of each.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Facets)]
pub(crate) struct FacetsBody {
    /// By kind.
    pub(crate) kinds: BTreeMap<&'static str, usize>,
    /// By genre.
    pub(crate) genres: BTreeMap<String, usize>,
    /// By city.
    pub(crate) cities: BTreeMap<String, usize>,
    /// By language.
    pub(crate) languages: BTreeMap<String, usize>,
    /// By the cheapest ticket: `free`, `under_25`, `under_50`, `under_100`, `from_100`, by currency.
    #[schema(value_type = std::collections::HashMap<String, std::collections::HashMap<String, usize>>)]
    pub(crate) prices: BTreeMap<String, BTreeMap<&'static str, usize>>,
}

/// What may be meant.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Suggestions)]
pub(crate) struct SuggestBody {
    /// At most ten, the best first.
    pub(crate) items: Vec<SuggestionBody>,
}

/// Something that may be meant.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Suggestion)]
pub(crate) struct SuggestionBody {
    /// As it is written.
    text: String,
    /// `movie`, `concert` …, `venue`, `person`, `help`, `city` or `genre`.
    what: &'static str,
    /// The page of it, from the node's address on.
    path: String,
}

/// What is free, for searches that run beside.
pub(crate) struct Availability {
    copy: Arc<CatalogCopy>,
    spread: Arc<Spread>,
}

impl Availability {
    pub(crate) fn new(app: &App) -> Self {
        Self { copy: Arc::clone(app.home.catalog_copy()), spread: Arc::clone(&app.home.commons().spread) }
    }

    /// Whether an event has free places where and when it is found. What nobody has told of may have some.
    pub(crate) fn is_free(&self, key: Key, start: Timestamp) -> bool {
        let catalog = self.copy.read();
        performance_at(&catalog, key, start).is_none_or(|performance| self.has_free(performance.id))
    }

    pub(crate) fn has_free(&self, performance: PerformanceId) -> bool {
        self.spread.free(performance).is_none_or(|told| told.is_scheduled && told.free > 0)
    }
}

/// The performance that an engagement's start is.
fn performance_at(catalog: &CatalogIndex, key: Key, start: Timestamp) -> Option<&Arc<Performance>> {
    let start_s = u64::try_from(start.as_second()).ok()?;
    let ahead = catalog.ahead_of(EventId(key.id), start_s * 1_000);
    // The index knows seconds.
    ahead
        .take_while(|shown| shown.schedule.starts_at_ms / 1_000 == start_s)
        .find(|shown| shown.venue.0 == key.at)
}

impl SearchBody {
    pub(crate) fn new(app: &App, found: Results) -> Self {
        let catalog = app.home.catalog_copy().read();
        let spread = &app.home.commons().spread;
        // What was removed a moment ago may be in the index still.
        let items = found.hits.into_iter().filter_map(|hit| FoundBody::new(&catalog, spread, hit));
        Self {
            items: items.collect(),
            total: found.total,
            understood: found.understood.into(),
            did_you_mean: found.did_you_mean,
            facets: found.facets.map(FacetsBody::from),
            next: found.next,
        }
    }
}

impl FoundBody {
    fn new(catalog: &CatalogIndex, spread: &Spread, hit: Hit) -> Option<Self> {
        let id = hit.key.id;
        let mut venue = None;
        let mut performance = None;
        let mut rating = None;
        let (class, id, path) = match hit.key.class {
            Class::Event => {
                let event = catalog.event(EventId(id))?;
                venue = catalog.venue(VenueId(hit.key.at)).map(|venue| VenueReference::new(venue));
                let shown = hit.next_start.and_then(|start| performance_at(catalog, hit.key, start));
                performance = shown.map(|shown| FoundPerformance::new(catalog, shown, spread.free(shown.id)));
                rating = Some(RatingBody::of(catalog, event.id)).filter(|rating| rating.count > 0);
                ("event", event.id.to_string(), format!("/events/{}", event.id))
            }
            Class::Venue => {
                let found = catalog.venue(VenueId(id))?;
                venue = Some(VenueReference::new(found));
                ("venue", found.id.to_string(), format!("/venues/{}", found.id))
            }
            Class::Person => ("performer", hit.title.text.clone(), search_path(&hit.title.text)),
            Class::Help => {
                let article = ARTICLES.get(usize::try_from(id).ok()?)?;
                ("help", article.title.to_owned(), article.address.to_owned())
            }
        };
        Some(Self {
            class,
            kind: hit.kind.word(),
            id,
            path,
            title: hit.title.into(),
            snippet: hit.snippet.map(MarkedBody::from),
            performers: hit.people,
            genres: hit.genres,
            performance,
            venue,
            distance_km: hit.distance_km.map(|km| (km * 10.0).round() / 10.0),
            prices: hit.prices.map(PricesBody::from),
            rating,
        })
    }
}

impl FoundPerformance {
    pub(crate) fn new(catalog: &CatalogIndex, shown: &Performance, told: Option<Free>) -> Self {
        let starts_at_ms = shown.schedule.starts_at_ms;
        Self {
            id: shown.id.to_string(),
            starts_at: instant(starts_at_ms),
            local_starts_at: local_time(starts_at_ms, &catalog.zone(shown.venue)),
            free: told.map(|told| told.free),
            capacity: told.map(|told| told.capacity),
            starts_at_ms,
        }
    }
}

/// The page of results for a text.
pub(crate) fn search_path(text: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("q", text).finish();
    format!("/search?{query}")
}

impl From<Marked> for MarkedBody {
    fn from(marked: Marked) -> Self {
        let marks = marked.marks.into_iter().map(|range| [range.start, range.end]).collect();
        Self { text: marked.text, marks }
    }
}

impl From<Prices> for PricesBody {
    fn from(prices: Prices) -> Self {
        Self { min: prices.min_minor, max: prices.max_minor, currency: prices.currency.code().to_owned() }
    }
}

impl From<Understood> for UnderstoodBody {
    fn from(understood: Understood) -> Self {
        let place = understood.place.map(|place| UnderstoodPlaceBody {
            label: place.label,
            lat: place.point.lat_deg(),
            lon: place.point.lon_deg(),
            radius_km: place.radius_km,
        });
        let price_max = understood
            .price_max
            .map(|money| PriceMaxBody { amount: money.minor, currency: money.currency.code().to_owned() });
        let unknown_zip = understood.unknown_zip.map(|unknown| UnknownZipBody {
            zip: unknown.zip.to_string(),
            near: unknown.near.iter().map(ToString::to_string).collect(),
        });
        Self {
            text: understood.text,
            place,
            from: understood.dates.map(|(from, _to)| from.to_string()),
            to: understood.dates.map(|(_from, to)| to.to_string()),
            price_max,
            unknown_zip,
        }
    }
}

impl From<Facets> for FacetsBody {
    fn from(facets: Facets) -> Self {
        let band = |band| match band {
            PriceBand::Free => "free",
            PriceBand::Under25 => "under_25",
            PriceBand::Under50 => "under_50",
            PriceBand::Under100 => "under_100",
            PriceBand::From100 => "from_100",
        };
        let mut prices: BTreeMap<String, BTreeMap<&'static str, usize>> = BTreeMap::new();
        for ((currency, of), count) in facets.prices {
            let currency: Currency = currency;
            prices.entry(currency.code().to_owned()).or_default().insert(band(of), count);
        }
        Self {
            kinds: facets.kinds.into_iter().map(|(kind, count)| (kind.word(), count)).collect(),
            genres: facets.genres,
            cities: facets.cities,
            languages: facets.languages,
            prices,
        }
    }
}

impl SuggestBody {
    pub(crate) fn new(found: Vec<Suggestion>) -> Self {
        Self { items: found.into_iter().map(SuggestionBody::new).collect() }
    }
}

impl SuggestionBody {
    fn new(Suggestion { text, what }: Suggestion) -> Self {
        let search = search_path(&text);
        let (what, path) = match what {
            Suggested::City => ("city", search),
            Suggested::Genre => ("genre", search),
            Suggested::Named(kind, key) => {
                let path = match key.class {
                    Class::Event => format!("/events/{}", EventId(key.id)),
                    Class::Venue => format!("/venues/{}", VenueId(key.id)),
                    Class::Person => search,
                    Class::Help => usize::try_from(key.id)
                        .ok()
                        .and_then(|number| ARTICLES.get(number))
                        .map_or(search, |article| article.address.to_owned()),
                };
                (kind.word(), path)
            }
        };
        Self { text, what, path }
    }
}
