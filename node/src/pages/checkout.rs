//! `/checkout/{hold}`: who buys, how they pay, and how long the seats are kept.

use std::borrow::Cow;
use std::time::Duration;

use askama::Template;
use axum::http::header;
use axum::response::Response;
use marquee_config::GatewayKind;
use marquee_ledger::command::{OrderRequest, PaymentChoice, Place, PricedPlace};
use marquee_ledger::order::Buyer;
use marquee_ledger::{Hold, HoldId};
use serde::Deserialize;

use super::performance::{hall_words, venue_words};
use super::problems::ProblemView;
use super::visit::{Frame, Here, NoFields, Posted, Visit, go_to, random_text};
use super::words::clock;
use crate::accounts::{EmailAddress, PersonName};
use crate::catalog::entity::Sale;
use crate::http::Problem;
use crate::http::extract::{Id, Storefront};
use crate::http::kinds;
use crate::selling::Showing;
use crate::selling::hall::HallMap;
use crate::texts::{Texts, When};

/// How long the browser waits for the payment before it is shown that it is under way.
const SETTLE_WAIT: Duration = Duration::from_secs(4);

#[derive(Template)]
#[template(path = "checkout.html")]
struct CheckoutPage {
    frame: Frame,
    hold: String,
    title: String,
    when: When,
    venue: String,
    lines: Vec<Line>,
    total: String,
    is_free: bool,
    left_ms: u64,
    left_words: String,
    until: When,
    can_extend: bool,
    extension_words: String,
    account: Option<AccountView>,
    email: String,
    name: String,
    is_sandbox: bool,
    methods: Vec<Method>,
    chosen: String,
    policy: String,
    problem: Option<ProblemView>,
    request: String,
}

/// A place and what it costs.
pub(super) struct Line {
    pub(super) place: String,
    pub(super) kind: String,
    pub(super) price: String,
}

struct AccountView {
    name: String,
    email: String,
}

struct Method {
    key: &'static str,
    name: Cow<'static, str>,
    hint: Cow<'static, str>,
}

/// The sandbox's cards: each is a way that a payment can go.
const TEST_CARDS: [&str; 7] =
    ["card_ok", "card_two_step", "card_declined", "card_slow", "card_late", "card_twice", "card_lost"];

impl Method {
    fn new(texts: Texts, key: &'static str) -> Self {
        let text = key.replace('_', "-");
        Self { key, name: texts.t(&text), hint: texts.t(&format!("{text}-hint")) }
    }
}

/// Shows the checkout.
pub(super) async fn checkout(visit: Visit, Id(id): Id<HoldId>) -> Result<Response, Problem> {
    let hold = hold_of(&visit, id)?;
    if let Some(order) = hold.order {
        return Ok(go_to(&format!("/bookings/{order}")));
    }
    let page = page(&visit, id, &hold, &PayForm::default(), None)?;
    visit.show(&page)
}

/// A hold for who made it: with this account, or in this browser.
fn hold_of(visit: &Visit, id: HoldId) -> Result<Hold, Problem> {
    let hold = visit.app.home.snapshot()?.ledger()?.hold(id).map_err(crate::home::Failure::from)?;
    let hold = hold.filter(|hold| visit.is_holder(hold.holder) && hold.expires_at_ms > visit.app.now_ms());
    hold.ok_or_else(Problem::hold_lapsed)
}

fn page(
    visit: &Visit,
    id: HoldId,
    hold: &Hold,
    form: &PayForm,
    problem: Option<&Problem>,
) -> Result<CheckoutPage, Problem> {
    let (now_ms, texts) = (visit.app.now_ms(), visit.texts());
    let selling = &visit.app.selling;
    let showing = selling.showing(hold.performance).ok_or_else(|| Problem::not_found("performance"))?;
    let hall = selling.map_of(&showing.performance)?;
    let sale = &showing.performance.sale;
    let account = visit.account()?.map(|account| AccountView {
        name: account.name.as_str().to_owned(),
        email: account.email.to_string(),
    });
    let left_ms = hold.expires_at_ms.saturating_sub(now_ms);
    let hall_name = hall_words(&showing);
    let venue = venue_words(&showing);
    Ok(CheckoutPage {
        frame: visit.frame(Here::Events),
        hold: id.to_string(),
        title: showing.event.facts.title.clone(),
        when: texts.when(showing.performance.schedule.starts_at_ms, &showing.zone, now_ms),
        venue: if hall_name.is_empty() { venue } else { format!("{hall_name}, {venue}") },
        lines: hold.places.iter().map(|place| line(texts, &hall, sale, place)).collect(),
        total: texts.money(hold.total(), sale.currency),
        is_free: hold.total() == 0,
        left_ms,
        left_words: clock(left_ms),
        until: until(texts, hold.expires_at_ms, &showing, now_ms),
        can_extend: !hold.extended && sale.pace.extension_ms > 0,
        extension_words: texts.duration(sale.pace.extension_ms),
        account,
        email: form.email.clone(),
        name: form.name.clone(),
        is_sandbox: visit.app.settings.cluster.payments.gateway == GatewayKind::Sandbox,
        methods: TEST_CARDS.iter().map(|card| Method::new(texts, card)).collect(),
        chosen: if form.method.is_empty() { TEST_CARDS[0].to_owned() } else { form.method.clone() },
        policy: policy_words(texts, &showing, now_ms),
        problem: problem.map(ProblemView::new),
        request: random_text(),
    })
}

fn until(texts: Texts, at_ms: u64, showing: &Showing, now_ms: u64) -> When {
    let when = texts.when(at_ms, &showing.zone, now_ms);
    When { text: format!("{} {}", when.time, when.zone), ..when }
}

/// A place in words, with what it costs.
pub(super) fn line(texts: Texts, hall: &HallMap, sale: &Sale, priced: &PricedPlace) -> Line {
    let concession = sale.concessions.get(usize::from(priced.concession));
    let concession = concession.map_or_else(String::new, |key| texts.word("concession", key));
    let none = String::new();
    let category =
        hall.map.categories.get(usize::from(priced.category)).map_or(&none, |category| &category.name);
    Line {
        place: place_words(texts, hall, priced.place),
        kind: [&concession, category, &view_words(texts, hall, priced.place)]
            .into_iter()
            .filter(|words| !words.is_empty())
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(", "),
        price: texts.money(priced.price, sale.currency),
    }
}

/// What one should know of the view before one pays; empty for most places.
fn view_words(texts: Texts, hall: &HallMap, place: Place) -> String {
    let is_restricted = match place {
        Place::Seat(seat) => hall.seat(seat).is_some_and(|seat| seat.flags.is_restricted()),
        Place::Area(_area) => false,
    };
    if is_restricted { texts.t("seat-is-restricted").into_owned() } else { String::new() }
}

/// `Stalls, row C, seat 12`, or an area's name.
pub(super) fn place_words(texts: Texts, hall: &HallMap, place: Place) -> String {
    match place {
        Place::Seat(seat) => hall.seat(seat).map_or_else(String::new, |seat| {
            texts.with3("seat-words", ("section", seat.section), ("row", seat.row), ("seat", seat.number))
        }),
        Place::Area(area) => hall.area(area).map_or_else(String::new, |(area, _section)| area.name.clone()),
    }
}

/// What is agreed about cancelling, before one agrees.
fn policy_words(texts: Texts, showing: &Showing, now_ms: u64) -> String {
    let performance = &showing.performance;
    let policy = performance.sale.refund;
    let until_ms = performance.schedule.starts_at_ms.saturating_sub(policy.until_ms_before);
    let until = texts.when(until_ms, &showing.zone, now_ms);
    refund_words(texts, policy.share_basis_points, &until, until_ms > now_ms)
}

/// A refund policy in a sentence.
pub(super) fn refund_words(texts: Texts, share_basis_points: u16, until: &When, is_open: bool) -> String {
    if share_basis_points == 0 || !is_open {
        return texts.t("no-refund").into_owned();
    }
    texts.with2("refund-until", "until", &until.text, "share", texts.share(share_basis_points))
}

/// The form of the checkout.
#[derive(Debug, Default, Deserialize)]
pub(super) struct PayForm {
    #[serde(default)]
    email: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    method: String,
}

/// Orders what the hold keeps, and shows the booking.
pub(super) async fn pay(
    visit: Visit,
    Id(id): Id<HoldId>,
    storefront: Storefront,
    posted: Posted<PayForm>,
) -> Result<Response, Problem> {
    let hold = hold_of(&visit, id)?;
    if let Some(order) = hold.order {
        return Ok(go_to(&format!("/bookings/{order}")));
    }
    let ordered = match request(&visit, id, &hold, &posted.form, &storefront) {
        Ok(request) => visit.app.selling.order(posted.key(), request).await.map_err(Problem::from),
        Err(problem) => Err(problem),
    };
    let order = match ordered {
        Ok(order) => order,
        Err(problem) if problem.status().is_client_error() && problem.code() != "hold-lapsed" => {
            let page = page(&visit, id, &hold, &posted.form, Some(&problem))?;
            return visit.show_refused(problem.status(), &page);
        }
        Err(problem) => return Err(problem),
    };
    let settled = visit.app.selling.settled(order, SETTLE_WAIT).await?;
    let mut response = go_to(&format!("/bookings/{order}"));
    if settled.is_some_and(|settled| settled.order.buyer.account.is_none()) {
        let cookie = visit.order_cookie(order, hold.secret);
        response.headers_mut().extend(cookie.map(|cookie| (header::SET_COOKIE, cookie)));
    }
    Ok(response)
}

fn request(
    visit: &Visit,
    id: HoldId,
    hold: &Hold,
    form: &PayForm,
    storefront: &Storefront,
) -> Result<OrderRequest, Problem> {
    let gateway = visit.app.selling.gateway();
    let is_sandbox = visit.app.settings.cluster.payments.gateway == GatewayKind::Sandbox;
    let is_known = if is_sandbox {
        TEST_CARDS.iter().any(|card| *card == form.method)
    } else {
        (1..=256).contains(&form.method.len())
    };
    if !is_known {
        return Err(Problem::new(kinds::PAYMENT_METHOD_UNKNOWN));
    }
    let buyer = match visit.account()? {
        Some(account) => Buyer {
            account: Some(account.id),
            email: account.email.to_string(),
            name: account.name.as_str().to_owned(),
        },
        None => Buyer { account: None, ..person(&form.email, &form.name)? },
    };
    let (method, return_url) = (form.method.clone(), storefront.bookings());
    let payment = PaymentChoice { gateway: gateway.to_owned(), method, return_url };
    Ok(OrderRequest { hold: id, secret: hold.secret, buyer, payment })
}

/// Somebody who has no account here, by what a form says.
pub(super) fn person(email: &str, name: &str) -> Result<Buyer, Problem> {
    let email: EmailAddress =
        email.parse().map_err(|error| Problem::invalid("/email", &format!("{error}")))?;
    let name: PersonName = name.parse().map_err(|error| Problem::invalid("/name", &format!("{error}")))?;
    Ok(Buyer { account: None, email: email.to_string(), name: name.as_str().to_owned() })
}

/// Asks for more time.
pub(super) async fn extend(
    visit: Visit,
    Id(id): Id<HoldId>,
    posted: Posted<NoFields>,
) -> Result<Response, Problem> {
    let hold = hold_of(&visit, id)?;
    match visit.app.selling.extend(posted.key(), id, hold.secret).await.map_err(Problem::from) {
        Ok(_until_ms) => Ok(go_to(&format!("/checkout/{id}"))),
        Err(problem) if problem.code() == "not-extendable" => {
            let page = page(&visit, id, &hold, &PayForm::default(), Some(&problem))?;
            visit.show_refused(problem.status(), &page)
        }
        Err(problem) => Err(problem),
    }
}

/// Gives the seats back and goes to choose others.
pub(super) async fn release(
    visit: Visit,
    Id(id): Id<HoldId>,
    posted: Posted<NoFields>,
) -> Result<Response, Problem> {
    let hold = hold_of(&visit, id)?;
    visit.app.selling.release(posted.key(), id, hold.secret).await?;
    Ok(go_to(&format!("/performances/{}", hold.performance)))
}
