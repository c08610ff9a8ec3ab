//! `/performances/{id}`: the seat map, and the form for the best available places.

use std::borrow::Cow;
use std::sync::Arc;

use askama::Template;
use axum::response::Response;
use marquee_ledger::command::{AreaWish, BestAvailable, HoldRequest, Selection};
use marquee_ledger::terms::PerformanceStatus;
use marquee_ledger::{HoldId, PerformanceId};
use serde::Deserialize;

use super::problems::ProblemView;
use super::visit::{Frame, Here, Posted, Visit, go_to, random_text};
use crate::catalog::entity::{Performance, Sale};
use crate::catalog::seat_map::SeatFlags;
use crate::http::Problem;
use crate::http::extract::Id;
use crate::http::kinds;
use crate::selling::Showing;
use crate::selling::hall::HallMap;
use crate::texts::{Texts, When};

#[derive(Template)]
#[template(path = "performance.html")]
struct PerformancePage {
    frame: Frame,
    id: String,
    title: String,
    event_href: String,
    when: When,
    venue: String,
    hall: String,
    problem: Option<ProblemView>,
    closed: Option<Closed>,
    legend: Vec<Category>,
    has_seats: bool,
    has_areas: bool,
    has_accessible: bool,
    has_restricted: bool,
    /// The most tickets that may be chosen.
    limit: u32,
    hold_words: String,
    places: Vec<PlaceGroup>,
    concessions: Vec<Choice>,
    /// Tells one sending of the form from another.
    request: String,
}

/// Why nothing is sold.
struct Closed {
    title: Cow<'static, str>,
    words: String,
}

struct Category {
    key: String,
    color: String,
    name: String,
    prices: String,
}

/// What the form can be restricted to.
struct PlaceGroup {
    name: Cow<'static, str>,
    places: Vec<Choice>,
}

struct Choice {
    key: String,
    name: String,
}

/// Shows the seat map.
pub(super) async fn seats(visit: Visit, Id(id): Id<PerformanceId>) -> Result<Response, Problem> {
    let page = page(&visit, id, None)?;
    visit.show(&page)
}

fn page(visit: &Visit, id: PerformanceId, problem: Option<&Problem>) -> Result<PerformancePage, Problem> {
    let (now_ms, texts) = (visit.app.now_ms(), visit.texts());
    let selling = &visit.app.selling;
    let showing = selling.showing(id).ok_or_else(|| Problem::not_found("performance"))?;
    let hall = selling.map_of(&showing.performance)?;
    let Performance { schedule, sale, .. } = &*showing.performance;
    let has = |flag: u8| hall.map.seats.flags.iter().any(|flags| flags.0 & flag != 0);
    let limit = match u32::from(sale.ticket_limit) {
        0 => selling.places_max(),
        limit => limit.min(selling.places_max()),
    };
    Ok(PerformancePage {
        frame: visit.frame(Here::Events),
        id: id.to_string(),
        title: showing.event.facts.title.clone(),
        event_href: format!("/events/{}", showing.event.id),
        when: texts.when(schedule.starts_at_ms, &showing.zone, now_ms),
        venue: venue_words(&showing),
        hall: hall_words(&showing),
        problem: problem.map(ProblemView::new),
        closed: closed(texts, &showing, now_ms),
        legend: legend(texts, &hall, sale),
        has_seats: !hall.map.seats.is_empty(),
        has_areas: !hall.map.areas.is_empty(),
        has_accessible: has(SeatFlags::ACCESSIBLE),
        has_restricted: has(SeatFlags::RESTRICTED),
        limit,
        hold_words: texts.duration(sale.pace.hold_ms),
        places: places(texts, &hall, sale),
        concessions: sale
            .concessions
            .iter()
            .map(|key| Choice { key: key.clone(), name: texts.word("concession", key) })
            .collect(),
        request: random_text(),
    })
}

/// `Music Hall, Cleveland`
pub(super) fn venue_words(showing: &Showing) -> String {
    format!("{}, {}", showing.venue.facts.name, showing.venue.facts.city)
}

/// The hall's name, if it says more than the venue's.
pub(super) fn hall_words(showing: &Showing) -> String {
    let name = &showing.hall.name;
    if *name == showing.venue.facts.name { String::new() } else { name.clone() }
}

fn closed(texts: Texts, showing: &Showing, now_ms: u64) -> Option<Closed> {
    let Performance { status, schedule, cancelled_because, .. } = &*showing.performance;
    match status {
        PerformanceStatus::Cancelled => Some(Closed {
            title: texts.t("problem-performance-cancelled"),
            words: format!("{cancelled_because} {}", texts.t("problem-performance-cancelled-words"))
                .trim_start()
                .to_owned(),
        }),
        PerformanceStatus::Scheduled if now_ms >= schedule.on_sale_until_ms => Some(Closed {
            title: texts.t("problem-sale-over"),
            words: texts.t("not-sold-online").into_owned(),
        }),
        PerformanceStatus::Scheduled if now_ms < schedule.on_sale_from_ms => {
            let from = texts.when(schedule.on_sale_from_ms, &showing.zone, now_ms);
            Some(Closed {
                title: texts.t("problem-not-on-sale-yet"),
                words: texts.with("sale-begins", "when", from.text),
            })
        }
        PerformanceStatus::Scheduled => None,
    }
}

fn prices_of(sale: &Sale, category: usize) -> impl Iterator<Item = i64> + Clone {
    let of_category = sale.prices.iter().filter(move |price| usize::from(price.category) == category);
    of_category.map(|price| price.amount)
}

fn legend(texts: Texts, hall: &HallMap, sale: &Sale) -> Vec<Category> {
    let categories = hall.map.categories.iter().enumerate();
    let sold = categories.filter(|(index, _category)| prices_of(sale, *index).next().is_some());
    let shown = sold.map(|(index, category)| Category {
        key: category.key.clone(),
        color: category.color.clone(),
        name: category.name.clone(),
        prices: texts.range(prices_of(sale, index), sale.currency),
    });
    shown.collect()
}

/// Sections with seats, price categories of seats, and areas: `s0`, `c0`, `a0`.
fn places(texts: Texts, hall: &HallMap, sale: &Sale) -> Vec<PlaceGroup> {
    let map = &hall.map;
    let has_seats = |section: usize| map.rows.iter().any(|row| usize::from(row.section) == section);
    let mut of_seats = vec![false; map.categories.len()];
    for category in &map.seats.categories {
        of_seats[usize::from(*category)] = true;
    }
    let sections = map.sections.iter().enumerate().filter(|(index, _section)| has_seats(*index));
    let sections: Vec<_> = sections
        .map(|(index, section)| Choice { key: format!("s{index}"), name: section.name.clone() })
        .collect();
    let categories = map.categories.iter().enumerate();
    let categories = categories
        .filter(|(index, _category)| of_seats[*index] && prices_of(sale, *index).next().is_some())
        .map(|(index, category)| Choice {
            key: format!("c{index}"),
            name: texts.with2(
                "price-group",
                "name",
                &category.name,
                "price",
                texts.range(prices_of(sale, index), sale.currency),
            ),
        });
    let areas = map.areas.iter().enumerate().map(|(index, area)| Choice {
        key: format!("a{index}"),
        name: texts.with2(
            "price-group",
            "name",
            &area.name,
            "price",
            texts.range(prices_of(sale, area.category.into()), sale.currency),
        ),
    });
    let groups = [
        PlaceGroup { name: texts.t("group-price"), places: categories.collect() },
        PlaceGroup {
            name: texts.t("section"),
            places: if sections.len() > 1 { sections } else { Vec::new() },
        },
        PlaceGroup { name: texts.t("group-area"), places: areas.collect() },
    ];
    groups.into_iter().filter(|group| !group.places.is_empty()).collect()
}

/// The form for the best available places.
#[derive(Debug, Deserialize)]
pub(super) struct BestForm {
    quantity: u16,
    #[serde(default, rename = "where")]
    place: String,
    #[serde(default)]
    concession: String,
    #[serde(default)]
    accessible: String,
}

/// Keeps the best available places and goes on to pay.
pub(super) async fn hold(
    visit: Visit,
    Id(id): Id<PerformanceId>,
    posted: Posted<BestForm>,
) -> Result<Response, Problem> {
    match keep(&visit, id, &posted).await {
        Ok(hold) => Ok(go_to(&format!("/checkout/{hold}"))),
        Err(problem) if problem.status().is_server_error() => Err(problem),
        Err(problem) => {
            let page = page(&visit, id, Some(&problem))?;
            visit.show_refused(problem.status(), &page)
        }
    }
}

async fn keep(visit: &Visit, id: PerformanceId, posted: &Posted<BestForm>) -> Result<HoldId, Problem> {
    let selling = &visit.app.selling;
    let performance = selling.performance(id).ok_or_else(|| Problem::not_found("performance"))?;
    let form = &posted.form;
    if u32::from(form.quantity) > selling.places_max() {
        return Err(Problem::too_many_places());
    }
    let secret = posted.token();
    let selection = selection(form, &performance)?;
    let request = HoldRequest { performance: id, holder: visit.holder(secret), selection, secret };
    Ok(selling.hold(posted.key(), request).await?.hold)
}

fn selection(form: &BestForm, performance: &Arc<Performance>) -> Result<Selection, Problem> {
    let concessions = &performance.sale.concessions;
    let concession = match form.concession.as_str() {
        "" => 0,
        key => concessions
            .iter()
            .position(|known| known == key)
            .ok_or_else(|| Problem::new(kinds::UNKNOWN_PRICE))?,
    };
    // A performance has at most 256 concessions.
    let concession = concession as u8;
    let mut letters = form.place.chars();
    let (what, number) = (letters.next(), letters.as_str().parse::<u16>().ok());
    let mut best = BestAvailable {
        concessions: vec![concession; form.quantity.into()],
        section: None,
        category: None,
        accessible: !form.accessible.is_empty(),
    };
    match (what, number) {
        (None, _) => {}
        (Some('a'), Some(area)) => {
            return Ok(Selection::Areas(vec![AreaWish { area, concession, quantity: form.quantity }]));
        }
        (Some('s'), Some(section)) => best.section = Some(section),
        (Some('c'), Some(category)) => {
            let category = u8::try_from(category).map_err(|_large| Problem::new(kinds::UNKNOWN_PRICE))?;
            best.category = Some(category);
        }
        _other => return Err(Problem::new(kinds::UNKNOWN_SECTION)),
    }
    Ok(Selection::BestAvailable(best))
}
