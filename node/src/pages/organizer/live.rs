//! `/organizer/performances/{id}`: what a performance sells, just now. Without scripts it shows the same when it is loaded
//! again.

use askama::Template;
use axum::response::Response;
use marquee_ledger::PerformanceId;
use marquee_ledger::change::SeatStatus;
use marquee_ledger::terms::PerformanceStatus;

use super::super::performance::{hall_words, venue_words};
use super::super::visit::{Frame, Here, Visit};
use super::rights::Desk;
use super::shown::{Bar, Crumb, Mark, amounts, status_of};
use crate::home::Failure;
use crate::http::Problem;
use crate::http::extract::{Id, Query};
use crate::selling::books::asking::PlaceCounts;
use crate::selling::books::counted::Of;
use crate::selling::books::minutes::{MINUTES, placed};
use crate::selling::books::takings::Takings;
use crate::selling::{SeatsNow, Showing};
use crate::texts::When;

/// How long a page waits for what the performance brought.
const COUNT_WAIT: std::time::Duration = std::time::Duration::from_millis(400);

#[derive(Template)]
#[template(path = "organizer/live.html")]
struct LivePage {
    frame: Frame,
    trail: Vec<Crumb>,
    here: String,
    event_href: String,
    public_href: String,
    title: String,
    when: When,
    place: String,
    status: Mark,
    on_sale: String,
    cancelled: Option<CancelledView>,
    /// What was just done.
    told: Option<String>,
    bar: Bar,
    free: String,
    held: String,
    killed: String,
    money: Option<MoneyView>,
    minutes: Minutes,
    rows: Vec<CategoryRow>,
    is_scheduled: bool,
}

/// How far the refunds of a cancelled performance are.
struct CancelledView {
    reason: String,
    progress: String,
    is_done: bool,
}

struct MoneyView {
    revenue: String,
    refunded: String,
    tickets: String,
    orders: String,
    waiting: String,
    refunds_failed: Option<String>,
}

/// Orders minute by minute: bars of a picture 60 high.
struct Minutes {
    bars: Vec<(usize, u32, u32)>,
    words: String,
}

struct CategoryRow {
    name: String,
    color: String,
    sold: String,
    held: String,
    free: String,
    killed: String,
    revenue: String,
}

/// What was just done.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Told {
    #[serde(default)]
    done: String,
}

/// Shows what a performance sells.
pub(super) async fn live(
    visit: Visit,
    Id(id): Id<PerformanceId>,
    Query(Told { done }): Query<Told>,
) -> Result<Response, Problem> {
    let desk = Desk::open(visit)?;
    let showing = desk.showing(id)?;
    let app = desk.visit.app.clone();
    let now_ms = desk.say.now_ms();
    // A stadium takes milliseconds to read.
    let read = move || -> Result<_, Failure> {
        let seats = app.selling.seats_now(id)?;
        let minutes = placed(&app.home.snapshot()?.ledger()?, id, now_ms)?;
        Ok((seats, minutes))
    };
    let read = tokio::task::spawn_blocking(read).await.map_err(|_stopped| Failure::Stopping)?;
    let (seats, minutes) = read?;
    let seats = seats.ok_or_else(|| Problem::not_found("performance"))?;
    let takings = desk.visit.app.selling.takings(Of::Performance(id), COUNT_WAIT).await;
    let page = page(&desk, &showing, &seats, &minutes, takings.as_deref(), &done);
    desk.visit.show(&page)
}

fn page(
    desk: &Desk,
    showing: &Showing,
    seats: &SeatsNow,
    minutes: &[u32; MINUTES],
    takings: Option<&Takings>,
    done: &str,
) -> LivePage {
    let say = &desk.say;
    let performance = &showing.performance;
    let event = &showing.event;
    let counts = PlaceCounts::of(&seats.performance);
    let (hall, venue) = (hall_words(showing), venue_words(showing));
    let schedule = performance.schedule;
    let when = say.when(schedule.starts_at_ms, &showing.zone);
    let from = say.when(schedule.on_sale_from_ms, &showing.zone);
    let until = say.when(schedule.on_sale_until_ms, &showing.zone);
    let is_scheduled = performance.status == PerformanceStatus::Scheduled;
    LivePage {
        frame: desk.visit.frame(Here::Organize),
        trail: vec![
            Crumb::desk(say),
            Crumb::new(format!("/organizer/events/{}", event.id), event.facts.title.clone()),
        ],
        here: format!("/organizer/performances/{}", performance.id),
        event_href: format!("/organizer/events/{}", event.id),
        public_href: format!("/performances/{}", performance.id),
        title: event.facts.title.clone(),
        place: if hall.is_empty() { venue } else { format!("{hall}, {venue}") },
        status: status_of(say, performance, Some(counts)),
        on_sale: say.with2("org-on-sale-span", "from", &from.text, "until", &until.text),
        when,
        cancelled: (!is_scheduled)
            .then(|| CancelledView::new(desk, performance.cancelled_because.clone(), takings)),
        told: match done {
            "cancelled" => Some(say.t("org-told-cancelled")),
            "rescheduled" => Some(say.t("org-told-rescheduled")),
            _nothing => None,
        },
        bar: Bar::new(say, Some(counts)),
        free: say.number(counts.free.into()),
        held: say.number(counts.held.into()),
        killed: say.number(counts.killed.into()),
        money: takings.map(|takings| MoneyView {
            revenue: amounts(say, takings, Some(performance.sale.currency), |sums| sums.net),
            refunded: amounts(say, takings, Some(performance.sale.currency), |sums| sums.refunded),
            tickets: say.number(takings.tickets),
            orders: say.number(takings.booked),
            waiting: say.number(takings.waiting),
            refunds_failed: (takings.refunds_failed > 0)
                .then(|| say.count("org-refunds-failed", takings.refunds_failed)),
        }),
        minutes: Minutes::new(desk, minutes),
        rows: rows(desk, showing, seats, takings),
        is_scheduled,
    }
}

impl CancelledView {
    fn new(desk: &Desk, reason: String, takings: Option<&Takings>) -> Self {
        let say = &desk.say;
        let (left, under_way) = takings.map_or((0, 0), |takings| (takings.booked, takings.refunds_under_way));
        let is_done = takings.is_some() && left == 0 && under_way == 0;
        let progress = match (takings, is_done) {
            (None, _) => say.t("org-counting"),
            (Some(_), true) => say.t("org-cancelled-all-refunded"),
            (Some(_), false) => {
                let (left, under_way) = (say.number(left), say.number(under_way));
                say.with2("org-cancelled-progress", "orders", &left, "refunds", &under_way)
            }
        };
        Self { reason, progress, is_done }
    }
}

impl Minutes {
    fn new(desk: &Desk, minutes: &[u32; MINUTES]) -> Self {
        let most = u64::from(*minutes.iter().max().unwrap_or(&0)).max(1);
        let bars = minutes.iter().enumerate().map(|(nth, count)| {
            // At most 60.
            let height = (u64::from(*count) * 60 / most) as u32;
            (nth * 10, 60 - height, height)
        });
        let all: u64 = minutes.iter().map(|count| u64::from(*count)).sum();
        let last = minutes.last().copied().unwrap_or(0);
        let (all, last) = (desk.say.number(all), desk.say.number(last.into()));
        Self { bars: bars.collect(), words: desk.say.with2("org-minutes-words", "all", &all, "last", &last) }
    }
}

/// Places and money by price category.
fn rows(desk: &Desk, showing: &Showing, seats: &SeatsNow, takings: Option<&Takings>) -> Vec<CategoryRow> {
    let say = &desk.say;
    let map = &seats.map.map;
    let mut counts = vec![PlaceCounts::default(); map.categories.len()];
    for (status, category) in seats.availability.statuses.iter().zip(&map.seats.categories) {
        let Some(count) = counts.get_mut(usize::from(*category)) else { continue };
        match status {
            SeatStatus::Free => count.free += 1,
            SeatStatus::Held => count.held += 1,
            SeatStatus::Booked => count.booked += 1,
            SeatStatus::Killed => count.killed += 1,
        }
    }
    for (area, known) in map.areas.iter().zip(&seats.performance.areas) {
        let Some(count) = counts.get_mut(usize::from(area.category)) else { continue };
        count.free += known.free;
        count.held += known.held;
        count.booked += known.booked;
    }
    let currency = showing.performance.sale.currency;
    let rows = (0u8..).zip(&map.categories).zip(counts).map(|((index, category), counts)| {
        let number = |places: u32| say.number(places.into());
        let brought = takings.map(|takings| takings.categories.get(&index).copied().unwrap_or_default());
        CategoryRow {
            name: category.name.clone(),
            color: category.color.clone(),
            sold: number(counts.booked),
            held: number(counts.held),
            free: number(counts.free),
            killed: number(counts.killed),
            revenue: brought.map_or_else(|| "…".to_owned(), |brought| say.money(brought.amount, currency)),
        }
    });
    rows.collect()
}
