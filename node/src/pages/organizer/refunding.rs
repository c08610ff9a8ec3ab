//! `/organizer/orders/{id}/refund`: what goes back: everything, some tickets, or an amount while the tickets stay valid. The
//! sum is shown before the button.

use askama::Template;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use marquee_ledger::command::CancelGround;
use marquee_ledger::order::OrderStatus;
use marquee_ledger::{Order, OrderId, TicketId};

use super::super::problems::ProblemView;
use super::super::visit::{Frame, Here, Posted, Visit, go_to, random_text};
use super::filled::Filled;
use super::form::{Fields, first_part};
use super::order::trail;
use super::rights::Desk;
use super::shown::Crumb;
use crate::forms::amount::minor_units;
use crate::http::Problem;
use crate::http::extract::Id;
use crate::selling::Showing;
use crate::selling::books::takings::back_from_seller;

/// The longest reason, in characters.
const REASON_CHARS_MAX: usize = 500;

#[derive(Template)]
#[template(path = "organizer/refund.html")]
struct RefundPage {
    frame: Frame,
    trail: Vec<Crumb>,
    back: String,
    action: String,
    problem: Option<ProblemView>,
    buyer: String,
    has_valid: bool,
    what: String,
    tickets: Vec<TicketChoice>,
    amount: String,
    refundable: String,
    reason: String,
    faults: Vec<(&'static str, String)>,
    review: Option<Review>,
    request: String,
}

struct TicketChoice {
    id: String,
    place: String,
    price: String,
    is_chosen: bool,
}

/// What is about to go back.
struct Review {
    words: String,
    lines: Vec<(String, String)>,
    amount: String,
    /// In minor units, to see that it is still so when the button is pressed.
    expected: i64,
    tickets: String,
}

/// What was chosen.
enum Wish {
    /// These tickets are cancelled, and their price goes back.
    Tickets(Vec<TicketId>),
    /// This goes back while the tickets stay valid.
    Amount(i64),
}

/// Asks what goes back; with `review` in the query, shows it.
pub(super) async fn ask(visit: Visit, Id(id): Id<OrderId>, uri: Uri) -> Result<Response, Problem> {
    let desk = Desk::open(visit)?;
    let (proved, showing) = desk.order(id)?;
    let mut filled = Filled::with(Fields::asked(&uri));
    let fields = &mut filled.fields;
    if !fields.has("what") {
        let all = proved.order.valid_tickets().map(|(index, _)| id.ticket(index as u8).to_string());
        all.for_each(|ticket| fields.push("ticket", ticket));
        let begins = if proved.order.valid_tickets().next().is_some() { "all" } else { "amount" };
        fields.push("what", begins);
    }
    let is_review = fields.has("review");
    let wish = if is_review { read(&desk, &proved.order, &mut filled) } else { None };
    let page = page(&desk, &proved.order, &showing, &filled, wish.as_ref())?;
    if filled.faulty.is_empty() { desk.visit.show(&page) } else { desk.refuse(&filled, &page) }
}

/// Pays back.
pub(super) async fn refund(
    visit: Visit,
    Id(id): Id<OrderId>,
    posted: Posted<Fields>,
) -> Result<Response, Problem> {
    let desk = Desk::open(visit)?;
    let (proved, showing) = desk.order(id)?;
    let order = &proved.order;
    let mut filled = Filled::sent(&posted);
    for ticket in posted.form.get("tickets").split_whitespace() {
        filled.fields.push("ticket", ticket);
    }
    let Some(wish) = read(&desk, order, &mut filled) else {
        return desk.refuse(&filled, &page(&desk, order, &showing, &filled, None)?);
    };
    // What was shown is what is done: otherwise it is shown again.
    if filled.fields.get("expected").parse() != Ok(sum_of(order, &wish)) {
        let page = page(&desk, order, &showing, &filled, Some(&wish))?;
        return desk.visit.show_refused(StatusCode::CONFLICT, &page);
    }
    let selling = &desk.visit.app.selling;
    let reason = filled.fields.get("reason");
    let done = match wish {
        Wish::Tickets(tickets) => {
            selling.cancel(posted.key(), id, tickets, CancelGround::Seller, reason).await
        }
        Wish::Amount(amount) => selling.refund(posted.key(), id, Some(amount), reason).await,
    };
    match filled.settle(done, first_part)? {
        Some(()) => Ok(go_to(&format!("/organizer/orders/{id}"))),
        None => desk.refuse(&filled, &page(&desk, order, &showing, &filled, None)?),
    }
}

fn read(desk: &Desk, order: &Order, filled: &mut Filled) -> Option<Wish> {
    let Filled { fields, faulty, .. } = filled;
    let reason = fields.get("reason");
    if reason.is_empty() {
        faulty.add("reason", "must say why: the buyer reads it");
    }
    if reason.chars().count() > REASON_CHARS_MAX || reason.chars().any(char::is_control) {
        faulty.add("reason", format!("must be one line of at most {REASON_CHARS_MAX} characters"));
    }
    // An order has at most 200 tickets.
    let valid: Vec<TicketId> = order.valid_tickets().map(|(index, _)| order.id.ticket(index as u8)).collect();
    let wish = match fields.get("what").as_str() {
        "amount" => match minor_units(&fields.get("amount"), order.currency) {
            Ok(0) => {
                faulty.add("amount", "must be more than nothing");
                None
            }
            Ok(amount) if amount > order.refundable() => {
                let most = desk.say.money(order.refundable().max(0), order.currency);
                faulty.add("amount", desk.say.with("org-refund-most", "amount", &most));
                None
            }
            Ok(amount) => Some(Wish::Amount(amount)),
            Err(wrong) => {
                faulty.add("amount", wrong.to_string());
                None
            }
        },
        "tickets" => {
            let named = fields.all("ticket");
            let chosen: Vec<_> = valid.into_iter().filter(|id| named.contains(&id.to_string())).collect();
            if chosen.is_empty() {
                faulty.add("ticket", "choose at least one ticket");
            }
            (!chosen.is_empty()).then_some(Wish::Tickets(chosen))
        }
        _all if valid.is_empty() => {
            faulty.add("what", "there is no valid ticket left to cancel");
            None
        }
        _all => Some(Wish::Tickets(valid)),
    };
    wish.filter(|_wish| faulty.is_empty())
}

/// What goes back, in minor units.
fn sum_of(order: &Order, wish: &Wish) -> i64 {
    match wish {
        Wish::Amount(amount) => *amount,
        Wish::Tickets(tickets) => {
            let chosen =
                order.valid_tickets().filter(|(index, _)| tickets.contains(&order.id.ticket(*index as u8)));
            back_from_seller(order, chosen.map(|(_, ticket)| ticket.place.price).sum())
        }
    }
}

fn page(
    desk: &Desk,
    order: &Order,
    showing: &Showing,
    filled: &Filled,
    wish: Option<&Wish>,
) -> Result<RefundPage, Problem> {
    let Filled { fields, faulty, .. } = filled;
    let say = &desk.say;
    let hall = desk.visit.app.selling.map_of(&showing.performance)?;
    let named = fields.all("ticket");
    let tickets: Vec<TicketChoice> = order
        .valid_tickets()
        .map(|(index, ticket)| {
            let id = order.id.ticket(index as u8).to_string();
            let words = say.line(&hall, &showing.performance.sale, &ticket.place);
            TicketChoice {
                is_chosen: named.contains(&id),
                place: format!("{} ({})", words.place, words.kind),
                price: say.money(ticket.place.price, order.currency),
                id,
            }
        })
        .collect();
    let review = wish.map(|wish| {
        let expected = sum_of(order, wish);
        let (ids, words, lines) = match wish {
            Wish::Amount(_) => (Vec::new(), say.t("org-refund-review-amount"), Vec::new()),
            Wish::Tickets(chosen) => {
                let ids: Vec<String> = chosen.iter().map(ToString::to_string).collect();
                let shown = tickets.iter().filter(|ticket| ids.contains(&ticket.id));
                let lines = shown.map(|ticket| (ticket.place.clone(), ticket.price.clone())).collect();
                let words = say.count("org-refund-review-tickets", ids.len() as u64);
                (ids, words, lines)
            }
        };
        let (amount, tickets) = (say.money(expected, order.currency), ids.join(" "));
        Review { words, lines, amount, expected, tickets }
    });
    let when = say.when(showing.performance.schedule.starts_at_ms, &showing.zone);
    let here = format!("/organizer/orders/{}", order.id);
    let mut trail = trail(say, showing, &when);
    trail.push(Crumb::new(here.clone(), say.t("org-order")));
    let names = ["what", "ticket", "amount", "reason"];
    let faults = names.into_iter().filter_map(|name| Some((name, faulty.at(name, say)?)));
    Ok(RefundPage {
        frame: desk.visit.frame(Here::Organize),
        trail,
        action: format!("{here}/refund"),
        back: here,
        problem: filled.told(),
        buyer: order.buyer.name.clone(),
        has_valid: !tickets.is_empty() && order.status == OrderStatus::Booked,
        what: fields.get("what"),
        tickets,
        amount: fields.get("amount"),
        refundable: say.money(order.refundable().max(0), order.currency),
        reason: fields.get("reason"),
        faults: faults.collect(),
        review,
        request: random_text(),
    })
}

impl RefundPage {
    /// What is wrong at a field.
    fn fault(&self, name: &str) -> Option<&str> {
        self.faults.iter().find(|(known, _)| *known == name).map(|(_, fault)| fault.as_str())
    }
}
