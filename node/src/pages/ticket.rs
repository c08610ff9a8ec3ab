//! `/tickets/{ticket}`: a ticket that somebody was given. Before it is accepted, the page says who gives what and asks;
//! afterwards it is its holder's ticket.
//!
//! Both the link of an offer and the one of a guest who has a ticket are the page's address with `?key=`, which leaves its
//! token in a cookie, as the links of bookings do.

use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::Response;
use marquee_ledger::order::{Ticket, TicketStatus};
use marquee_ledger::{Order, TicketId};
use serde::Deserialize;

use super::booking::{Key, Status, place_facts, qr};
use super::checkout::{line, person};
use super::events::Fact;
use super::passing::{self, Passing, TransferForm};
use super::performance::{hall_words, venue_words};
use super::printed::{self, PaperQuery};
use super::problems::ProblemView;
use super::visit::{Frame, Here, NoFields, Posted, Visit, go_to, random_text};
use crate::http::extract::{Id, Query, Storefront};
use crate::http::{Problem, bookings, kinds, tickets, tokens};
use crate::selling::Showing;
use crate::selling::hall::HallMap;
use crate::selling::rights::{Asker, Hand};
use crate::texts::{Texts, When};

/// A ticket, for who has it.
#[derive(Template)]
#[template(path = "ticket.html")]
struct TicketPage {
    frame: Frame,
    id: String,
    here: String,
    shown: Shown,
    status: Status,
    problem: Option<ProblemView>,
    qr: Option<String>,
    passing: Option<Passing>,
    /// The link that brings a guest back here from elsewhere.
    guest_link: Option<String>,
}

/// What is asked of who follows an offer's link.
#[derive(Template)]
#[template(path = "ticket_offer.html")]
struct OfferPage {
    frame: Frame,
    here: String,
    shown: Shown,
    problem: Option<ProblemView>,
    /// Who would have it; none for guests.
    account: Option<Person>,
    /// What a guest wrote, or to whom it is offered.
    name: String,
    email: String,
    request: String,
}

/// What is said when a link leads nowhere any more.
#[derive(Template)]
#[template(path = "ticket_over.html")]
struct OverPage {
    frame: Frame,
}

struct Person {
    name: String,
    email: String,
}

/// What both pages say of a ticket.
struct Shown {
    title: String,
    when: When,
    venue: String,
    place: Vec<Fact>,
    kind: String,
    /// Who gave it, or gives it.
    giver: String,
}

/// A ticket with what is around it.
struct Looked {
    order: Order,
    index: u8,
    showing: Showing,
}

impl Looked {
    /// None if there is no such ticket.
    fn at(visit: &Visit, id: TicketId) -> Result<Option<Self>, Problem> {
        let selling = &visit.app.selling;
        let Some(index) = id.index() else { return Ok(None) };
        let Some(proved) = selling.proved(id.order())? else { return Ok(None) };
        let order = proved.order;
        if usize::from(index) >= order.tickets.len() {
            return Ok(None);
        }
        Ok(selling.showing(order.performance).map(|showing| Self { order, index, showing }))
    }

    fn hand(&self, visit: &Visit, asker: &Asker) -> Option<Hand> {
        visit.app.selling.hand(&self.order, self.index, asker)
    }

    fn ticket(&self) -> &Ticket {
        &self.order.tickets[usize::from(self.index)]
    }

    fn shown(&self, visit: &Visit, hall: &HallMap) -> Shown {
        let (order, ticket, showing) = (&self.order, self.ticket(), &self.showing);
        let texts = visit.texts();
        let (hall_name, venue) = (hall_words(showing), venue_words(showing));
        let giver = match (&ticket.offered, &ticket.gift) {
            (None, Some(gift)) => &gift.from,
            (Some(_), _) | (None, None) => order.holder(ticket),
        };
        Shown {
            title: showing.event.facts.title.clone(),
            when: texts.when(showing.performance.schedule.starts_at_ms, &showing.zone, visit.app.now_ms()),
            venue: if hall_name.is_empty() { venue } else { format!("{hall_name}, {venue}") },
            place: place_facts(texts, hall, ticket.place.place),
            kind: line(texts, hall, &showing.performance.sale, &ticket.place).kind,
            giver: match giver.name.as_str() {
                "" => texts.t("somebody").into_owned(),
                name => name.to_owned(),
            },
        }
    }
}

/// Shows a ticket to who has it, and asks whom it is offered to.
pub(super) async fn ticket(
    visit: Visit,
    Id(id): Id<TicketId>,
    Query(Key { key }): Query<Key>,
) -> Result<Response, Problem> {
    let looked = Looked::at(&visit, id)?;
    let asker = visit.asker();
    let hand = looked.as_ref().and_then(|looked| looked.hand(&visit, &asker));
    if !key.is_empty() {
        return by_link(&visit, id, looked.as_ref(), hand, &key);
    }
    match (looked, hand) {
        (Some(looked), Some(Hand::Holder)) if looked.ticket().gift.is_some() => {
            visit.show(&ticket_page(&visit, &looked, None)?)
        }
        (Some(looked), Some(Hand::Invited)) => {
            visit.show(&offer_page(&visit, &looked, None, AcceptForm::default()).await?)
        }
        // Who bought it, and who sells it, see it with its booking.
        (Some(_), Some(Hand::Holder | Hand::Of(_))) => Ok(go_to(&format!("/bookings/{}", id.order()))),
        (_, None) if asker.ticket_token.is_some() => over(&visit),
        // It may be an account's that is not signed in here.
        (_, None) if asker.account.is_none() => Err(Problem::new(kinds::UNAUTHENTICATED)),
        (_, None) => Err(Problem::not_found("ticket")),
        (None, Some(_)) => Err(Problem::not_found("ticket")),
    }
}

/// Keeps the link's token in a cookie, so that it does not stay in the address. One that is spent must not take the place
/// of one that is good.
fn by_link(
    visit: &Visit,
    id: TicketId,
    looked: Option<&Looked>,
    hand: Option<Hand>,
    key: &str,
) -> Result<Response, Problem> {
    let ticket_token = tokens::secret(key);
    let with_link = Asker { account: None, token: None, ticket_token };
    let is_good = looked.is_some_and(|looked| looked.hand(visit, &with_link).is_some());
    match ticket_token.filter(|_token| is_good) {
        Some(secret) => {
            let mut response = go_to(&format!("/tickets/{id}"));
            let cookie = visit.ticket_cookie(id, secret);
            response.headers_mut().extend(cookie.map(|cookie| (header::SET_COOKIE, cookie)));
            Ok(response)
        }
        None if hand.is_some() => Ok(go_to(&format!("/tickets/{id}"))),
        None => over(visit),
    }
}

fn over(visit: &Visit) -> Result<Response, Problem> {
    visit.show_refused(StatusCode::GONE, &OverPage { frame: visit.frame(Here::Bookings) })
}

fn ticket_page(visit: &Visit, looked: &Looked, problem: Option<&Problem>) -> Result<TicketPage, Problem> {
    let Looked { order, index, showing } = looked;
    let (selling, ticket) = (&visit.app.selling, looked.ticket());
    let hall = selling.map_of(&showing.performance)?;
    let id = order.id.ticket(*index);
    let here = format!("/tickets/{id}");
    let guest = ticket.gift.as_ref().filter(|gift| gift.holder.account.is_none());
    Ok(TicketPage {
        frame: visit.frame(Here::Bookings),
        id: id.to_string(),
        shown: looked.shown(visit, &hall),
        status: ticket_status(visit.texts(), ticket),
        problem: problem.map(ProblemView::new),
        qr: selling.code(order, *index, &showing.performance, &visit.asker()).map(|code| qr(&code)),
        passing: Passing::new(visit, order, (*index, ticket), &here),
        guest_link: guest.map(|gift| bookings::ticket_link(id, &tokens::text(gift.secret))),
        here,
    })
}

/// Where a ticket stands, for who has it.
pub(super) fn ticket_status(texts: Texts, ticket: &Ticket) -> Status {
    let (key, name, kind) = match (ticket.status, &ticket.offered) {
        (TicketStatus::Cancelled, _) => ("cancelled", "ticket-cancelled", "bad"),
        (TicketStatus::Pending, _) => ("pending", "order-awaiting-payment", "warn"),
        (TicketStatus::Valid, Some(_)) => ("offered", "ticket-on-offer", "warn"),
        (TicketStatus::Valid, None) => ("valid", "ticket-valid", "good"),
    };
    Status { key, name: texts.t(name), kind }
}

async fn offer_page(
    visit: &Visit,
    looked: &Looked,
    problem: Option<&Problem>,
    wrote: AcceptForm,
) -> Result<OfferPage, Problem> {
    let hall = visit.app.selling.map_of(&looked.showing.performance)?;
    let account = match visit.caller.caller().account_id() {
        // The account's home may be another than the ticket's.
        Some(account) => Some(visit.app.selling.buyer_of(account, None).await?),
        None => None,
    };
    let to = looked.ticket().offered.as_ref().map_or("", |to| &to.name);
    Ok(OfferPage {
        frame: visit.frame(Here::Bookings),
        here: format!("/tickets/{}", looked.order.id.ticket(looked.index)),
        shown: looked.shown(visit, &hall),
        problem: problem.map(ProblemView::new),
        account: account.map(|known| Person { name: known.name, email: known.email }),
        name: if wrote.name.is_empty() { to.to_owned() } else { wrote.name },
        email: wrote.email,
        request: random_text(),
    })
}

/// The form that accepts a ticket. Accounts have their own name and address.
#[derive(Debug, Default, Deserialize)]
pub(super) struct AcceptForm {
    #[serde(default)]
    email: String,
    #[serde(default)]
    name: String,
}

/// Accepts a ticket, and shows it.
pub(super) async fn accept(
    visit: Visit,
    Id(id): Id<TicketId>,
    posted: Posted<AcceptForm>,
) -> Result<Response, Problem> {
    let account = visit.caller.caller().account_id();
    let secret = posted.token();
    let accepted = async {
        let holder = match account {
            Some(account) => visit.app.selling.buyer_of(account, None).await?,
            None => person(&posted.form.email, &posted.form.name)?,
        };
        let token = visit.asker().ticket_token;
        tickets::accepted(&visit.app, id, token, posted.key(), holder, secret).await
    };
    match accepted.await {
        Ok(()) => {
            let mut response = go_to(&format!("/tickets/{id}"));
            let cookie = visit.ticket_cookie(id, secret).filter(|_cookie| account.is_none());
            response.headers_mut().extend(cookie.map(|cookie| (header::SET_COOKIE, cookie)));
            Ok(response)
        }
        Err(problem) if problem.status().is_server_error() => Err(problem),
        Err(problem) => match Looked::at(&visit, id)? {
            Some(looked) if looked.hand(&visit, &visit.asker()) == Some(Hand::Invited) => {
                let page = offer_page(&visit, &looked, Some(&problem), posted.form).await?;
                visit.show_refused(problem.status(), &page)
            }
            Some(_) | None => over(&visit),
        },
    }
}

/// Offers a ticket that somebody was given to somebody else.
pub(super) async fn transfer(
    visit: Visit,
    Id(id): Id<TicketId>,
    posted: Posted<TransferForm>,
) -> Result<Response, Problem> {
    let offered = passing::offer(&visit, id, posted).await;
    after(&visit, id, offered)
}

/// Takes that back.
pub(super) async fn call_back(
    visit: Visit,
    Id(id): Id<TicketId>,
    posted: Posted<NoFields>,
) -> Result<Response, Problem> {
    let called_back = passing::call_back(&visit, id, posted).await;
    after(&visit, id, called_back)
}

/// The ticket's page after a form, with what was wrong with that.
fn after(visit: &Visit, id: TicketId, done: Result<(), Problem>) -> Result<Response, Problem> {
    let problem = match done {
        Ok(()) => return Ok(go_to(&format!("/tickets/{id}"))),
        Err(problem) if problem.status().is_server_error() => return Err(problem),
        Err(problem) => problem,
    };
    match Looked::at(visit, id)? {
        Some(looked) if looked.hand(visit, &visit.asker()) == Some(Hand::Holder) => {
            visit.show_refused(problem.status(), &ticket_page(visit, &looked, Some(&problem))?)
        }
        // Who offered it to somebody that accepted it has nothing to do with it any more.
        Some(_) | None => Err(problem),
    }
}

/// The ticket as PDF.
pub(super) async fn pdf(
    visit: Visit,
    Id(id): Id<TicketId>,
    Query(query): Query<PaperQuery>,
) -> Result<Response, Problem> {
    let asker = visit.asker();
    let (order, index, _hand) = tickets::find(&visit.app, id, &asker)?;
    printed::pdf(&visit.app, &order, Some(index), &asker, &query, visit.texts()).await
}

/// The ticket's performance, for its holder's calendar.
pub(super) async fn entry(
    visit: Visit,
    front: Storefront,
    Id(id): Id<TicketId>,
) -> Result<Response, Problem> {
    let (order, index, hand) = tickets::find(&visit.app, id, &visit.asker())?;
    if hand != Hand::Holder {
        return Err(Problem::not_found("ticket"));
    }
    let ticket = (usize::from(index), &order.tickets[usize::from(index)]);
    let valid = Some(ticket).filter(|(_index, ticket)| ticket.status == TicketStatus::Valid);
    let named = ("Ticket", id.to_string(), format!("{}/tickets/{id}", front.0));
    printed::calendar_of(&visit.app, &order, valid, named, &front)
}
