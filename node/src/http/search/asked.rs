//! What is asked, from the query string.

use std::net::IpAddr;
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use marquee_ledger::AccountId;
use marquee_search::document::{Accessibility, Currency, Kind};
use marquee_search::places::{Point, Zip, by_zip};
use marquee_search::query::{LIMIT_MAX, Money, Query, Sort, Where};
use serde::Deserialize;

use crate::accounts::Account;
use crate::catalog::entity::Aid;
use crate::finding::documents::searched;
use crate::geo::{OriginKind, Sight};
use crate::http::App;
use crate::http::nearest::parse_point;
use crate::http::problem::Problem;
use crate::http::venues::{said, strange};

/// How many results a page has unless it is said.
const LIMIT_USUAL: usize = 20;
/// How long a search waits for where somebody lives.
const ACCOUNT_WITHIN: Duration = Duration::from_millis(250);

/// What is looked for.
#[derive(Debug, Default, Clone, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Asked {
    /// What somebody typed: at most 256 letters and 16 words.
    #[param(example = "jazz near 60601 this weekend")]
    pub(crate) q: Option<String>,
    /// Only around this zip code.
    pub(crate) zip: Option<String>,
    /// Only in this city: `Portland`, `Portland, ME`.
    pub(crate) city: Option<String>,
    /// Only around this point, as `40.7,-74.0`.
    pub(crate) near: Option<String>,
    /// How far from the zip code or the point, in kilometres; 40 unless it is said.
    pub(crate) radius_km: Option<String>,
    /// Only these kinds, with commas between: `concert,opera`, `venue`, `person`, `help`.
    pub(crate) kind: Option<String>,
    /// Only of these genres, with commas between.
    pub(crate) genre: Option<String>,
    /// Only what starts then or later: a day, or an instant.
    pub(crate) from: Option<String>,
    /// Only what starts until then: a day, included, or an instant.
    pub(crate) to: Option<String>,
    /// Only what has a ticket for at most so much, as `50` or `49.50`; 0 for what is free.
    pub(crate) price_max: Option<String>,
    /// The currency of `price_max`; USD unless it is said.
    pub(crate) currency: Option<String>,
    /// Only in this language, by its BCP 47 tag.
    pub(crate) language: Option<String>,
    /// `true` for only what has free places.
    pub(crate) available: Option<String>,
    /// Only what has all of these, with commas between: `wheelchair` (places for wheelchairs), `captions`,
    /// `audio_description`, `sign_language`, `hearing`, `relaxed`.
    pub(crate) accessibility: Option<String>,
    /// `relevance`, `date`, `distance`, `price` or `rating`.
    pub(crate) sort: Option<String>,
    /// `true` to count all results by kind, genre, city, language and price.
    pub(crate) facets: Option<String>,
    /// At most so many: 1 to 100, 20 unless it is said.
    pub(crate) limit: Option<String>,
    /// The `next` of the page before.
    pub(crate) cursor: Option<String>,
}

/// Where somebody is who does not say it, and whether that is known of them alone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asker {
    point: Option<Point>,
    is_own: bool,
}

impl Asker {
    /// By the zip code of the account, else by the address, else where the node is. An account whose home does not answer
    /// at once is taken for none: a search needs no other node.
    pub(crate) async fn find(app: &App, account: Option<AccountId>, address: IpAddr) -> Self {
        if let Some(account) = account {
            let home = &app.home;
            let asked = tokio::time::timeout(ACCOUNT_WITHIN, home.commons().account(home.id(), account));
            let known = asked.await.ok().and_then(Result::ok).flatten();
            if let Some(point) = known.as_ref().and_then(point_of) {
                return Self { point: Some(point), is_own: true };
            }
        }
        let origin = app.geo.geography().at_address(Sight::whole(address));
        Self { point: origin.point, is_own: origin.kind == OriginKind::AddressRange }
    }
}

/// Where somebody lives: the middle of their zip code.
pub(crate) fn point_of(account: &Account) -> Option<Point> {
    let zip: Zip = account.zip.as_ref()?.as_str().parse().ok()?;
    by_zip(zip).ok()?.point
}

/// What is looked for, understood.
#[derive(Debug)]
pub(crate) struct Sought {
    pub(crate) query: Query,
    /// Only what has free places.
    pub(crate) wants_free: bool,
    /// Whether it is the same for everybody who asks it.
    pub(crate) is_shared: bool,
}

impl Sought {
    /// Reads what is asked. Who names no place is near where they are.
    ///
    /// # Errors
    /// `invalid-query` with the parameter's name.
    pub(crate) fn read(app: &App, asked: &Asked, asker: &Asker) -> Result<Self, Problem> {
        let now = Timestamp::now();
        let mut query = Query::new(said(&asked.q).unwrap_or_default(), now);
        query.currency = currency(asked)?;
        query.limit = limit(asked)?;
        query.sort = sort(asked)?;
        query.facets = flag("facets", &asked.facets)?;
        query.cursor = said(&asked.cursor).map(str::to_owned);

        let said_near = near_of(&asked.near)?;
        let radius_km = said(&asked.radius_km).map(str::parse::<f64>).transpose();
        let radius_km =
            radius_km.map_err(|_no_number| strange("radius_km", "write kilometres, such as 40"))?;
        let filters = &mut query.filters;
        filters.place = match (said(&asked.zip), said(&asked.city), said_near) {
            (None, None, None) => None,
            (Some(zip), None, None) => {
                let zip = zip
                    .parse()
                    .map_err(|no_zip: marquee_search::places::NotAZip| strange("zip", &no_zip.to_string()))?;
                Some(Where::Zip { zip, radius_km })
            }
            (None, Some(city), None) => Some(Where::City(city.to_owned())),
            (None, None, Some(point)) => Some(Where::Point { point, radius_km }),
            _several => return Err(strange("near", "say a zip code, a city or a point, not several")),
        };
        let place = filters.place.clone();
        for word in listed(&asked.kind) {
            let kind = Kind::from_word(word);
            let words: Vec<_> = Kind::ALL.iter().map(|kind| kind.word()).collect();
            let kind = kind.ok_or_else(|| strange("kind", &format!("write one of: {}", words.join(" "))))?;
            filters.kinds.insert(kind);
        }
        filters.genres = listed(&asked.genre).map(str::to_owned).collect();
        filters.language = said(&asked.language).map(str::to_owned);
        filters.price_max = price(asked, query.currency)?;
        for word in listed(&asked.accessibility) {
            filters.accessibility = filters.accessibility.with(accessibility(word)?);
        }

        let middle = match &place {
            Some(Where::Zip { zip, .. }) => by_zip(*zip).ok().and_then(|at| at.point),
            Some(Where::City(name)) => {
                marquee_search::places::by_city(name).first().and_then(|city| city.point)
            }
            Some(Where::Point { point, .. }) => Some(*point),
            None => None,
        };
        // Who says a place shares the answer with everybody who says it: where they are themselves does not count then.
        query.near = if place.is_some() { middle } else { asker.point };
        let middle = middle.or(query.near);
        query.zone = app.finder.zone_near(middle);
        query.filters.from = moment("from", &asked.from, &query.zone, false)?;
        query.filters.to = moment("to", &asked.to, &query.zone, true)?;
        Ok(Self {
            query,
            wants_free: flag("available", &asked.available)?,
            is_shared: place.is_some() || !asker.is_own,
        })
    }
}

/// A point of the query string.
///
/// # Errors
/// `invalid-query` for text that is none.
pub(crate) fn near_of(text: &Option<String>) -> Result<Option<Point>, Problem> {
    said(text).map(|text| parse_point("near", text)).transpose()
}

fn listed(text: &Option<String>) -> impl Iterator<Item = &str> {
    said(text).unwrap_or_default().split(',').map(str::trim).filter(|word| !word.is_empty())
}

fn accessibility(word: &str) -> Result<Accessibility, Problem> {
    if word == "wheelchair" {
        return Ok(Accessibility::WHEELCHAIR);
    }
    let words = Aid::ALL.iter().map(|aid| aid.word()).collect::<Vec<_>>().join(" ");
    let aid = word.parse().map_err(|_unknown| {
        strange("accessibility", &format!("write some of: wheelchair {words}; with commas between"))
    })?;
    Ok(searched(aid))
}

fn flag(parameter: &str, text: &Option<String>) -> Result<bool, Problem> {
    match said(text) {
        None | Some("false" | "0") => Ok(false),
        Some("true" | "1" | "on") => Ok(true),
        Some(_other) => Err(strange(parameter, "write true or false")),
    }
}

fn limit(asked: &Asked) -> Result<usize, Problem> {
    let Some(text) = said(&asked.limit) else { return Ok(LIMIT_USUAL) };
    let limit = text.parse().ok().filter(|limit| (1..=LIMIT_MAX).contains(limit));
    limit.ok_or_else(|| strange("limit", &format!("write a number from 1 to {LIMIT_MAX}")))
}

fn sort(asked: &Asked) -> Result<Sort, Problem> {
    Ok(match said(&asked.sort) {
        None | Some("relevance") => Sort::Relevance,
        Some("date") => Sort::Date,
        Some("distance") => Sort::Distance,
        Some("price") => Sort::Price,
        Some("rating") => Sort::Rating,
        Some(_other) => return Err(strange("sort", "write relevance, date, distance, price or rating")),
    })
}

fn currency(asked: &Asked) -> Result<Currency, Problem> {
    let Some(code) = said(&asked.currency) else { return Ok(Currency::USD) };
    Currency::new(code).ok_or_else(|| strange("currency", "write a code of three letters, such as USD"))
}

/// An amount in major units, as `50` or `49.50`.
fn price(asked: &Asked, currency: Currency) -> Result<Option<Money>, Problem> {
    let Some(text) = said(&asked.price_max) else { return Ok(None) };
    let digits = currency.minor_digits() as usize;
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let minor = (is_number(whole) && is_number(part) && part.len() <= digits && !whole.is_empty())
        .then(|| format!("{whole}{part:0<digits$}").parse::<u64>().ok())
        .flatten();
    let minor = minor.ok_or_else(|| strange("price_max", "write an amount such as 50 or 49.50"))?;
    Ok(Some(Money { currency, minor }))
}

/// An instant, or the beginning of a day; with `is_end` that of the day after.
fn moment(
    parameter: &str,
    text: &Option<String>,
    zone: &TimeZone,
    is_end: bool,
) -> Result<Option<Timestamp>, Problem> {
    let Some(text) = said(text) else { return Ok(None) };
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(Some(at));
    }
    let wrong =
        || strange(parameter, "write a day such as 2026-12-01, or an instant such as 2026-12-01T19:30:00Z");
    // A date that has more to it is an instant that lacks its offset.
    let day = (text.len() == 10).then(|| text.parse::<Date>().ok()).flatten().ok_or_else(wrong)?;
    let day = if is_end { day.checked_add(Span::new().days(1)).map_err(|_end| wrong())? } else { day };
    zone.to_timestamp(day.at(0, 0, 0, 0)).map(Some).map_err(|_outside| wrong())
}
