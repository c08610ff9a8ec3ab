//! Customers: they look, hold, book, give back, and ask again elsewhere when a node does not answer.
//!
//! Everything that changes something carries a key, but for a few holds that are asked for once and never again: what
//! those were granted is never known if the answer is lost.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use marquee_ledger::command::{
    AreaWish, BestAvailable, CancelGround, HoldRequest, Holder, OrderRequest, PaymentChoice, Secret,
    Selection,
};
use marquee_ledger::layout::SeatIndex;
use marquee_ledger::order::{Buyer, OrderStatus};
use marquee_ledger::{Command, HoldId, Key, OrderId, Outcome, Refusal, Request};
use marquee_replication::NodeId;
use parking_lot::Mutex;
use tokio::time::sleep;

use super::auditor::{Auditor, Show};
use super::dice::Dice;
use super::front::{Asked, Doors, Got, Miss};
use super::gateway::{CARD_DECLINED, CARD_OK, CARD_SLOW};
use super::history::{Reply, Wish};
use super::trace::{Trace, note};

/// How many requests a customer remembers, to ask them again.
const REMEMBERED_MAX: usize = 8;

/// What all who are no nodes have in common.
#[derive(Clone)]
pub struct Public {
    /// The way into nodes.
    pub doors: Doors,
    /// Who watches.
    pub auditor: Auditor,
    /// What happens.
    pub trace: Trace,
    /// How far the run is.
    pub stage: Arc<Stage>,
}

/// How far a run is.
#[derive(Debug, Default)]
pub struct Stage {
    /// Nobody begins anything any more.
    pub is_closing: AtomicBool,
    /// Nobody waits any longer.
    pub is_over: AtomicBool,
    /// Who is still at something, and at what.
    at_work: Mutex<BTreeMap<String, String>>,
}

impl Stage {
    /// Whether nobody begins anything any more.
    #[must_use]
    pub fn is_closing(&self) -> bool {
        self.is_closing.load(Ordering::Relaxed)
    }

    /// Somebody is at something.
    pub fn begin(&self, who: &str, what: String) {
        self.at_work.lock().insert(who.to_owned(), what);
    }

    /// Somebody is through.
    pub fn finish(&self, who: &str) {
        self.at_work.lock().remove(who);
    }

    /// Who is still at something, and at what.
    #[must_use]
    pub fn waiting(&self) -> Vec<(String, String)> {
        self.at_work.lock().iter().map(|(who, what)| (who.clone(), what.clone())).collect()
    }

    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }
}

/// Somebody who asks nodes, and goes elsewhere when one does not answer.
pub struct Visitor {
    /// What all have in common.
    pub public: Public,
    /// Chance.
    pub dice: Dice,
    /// By this name it is known.
    pub name: String,
    node: Option<NodeId>,
}

impl Visitor {
    /// Somebody of this name.
    #[must_use]
    pub fn new(name: String, public: Public, dice: Dice) -> Self {
        Self { public, dice, name, node: None }
    }

    /// Waits for a while: from `low` to `high` milliseconds.
    pub async fn rest(&mut self, low: u64, high: u64) {
        sleep(Duration::from_millis(self.dice.between(low, high))).await;
    }

    /// Asks one node, once.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn ask_once(&mut self, asked: Asked) -> Result<Got, Miss> {
        self.rest(1, 12).await;
        let nodes = self.public.doors.nodes();
        let known = self.node.filter(|node| nodes.contains(node));
        let node = known.or_else(|| self.dice.pick(&nodes).copied()).ok_or(Miss::NotDone)?;
        self.node = Some(node);
        let patience = Duration::from_millis(self.dice.between(300, 6_000));
        let got = self.public.doors.ask(node, asked, patience).await;
        match &got {
            Ok(_) => {}
            Err(Miss::Broken(why)) => {
                note!(self.public.trace, "{}: node {node} is broken: {why}", self.name);
                self.node = None;
            }
            Err(Miss::NotDone | Miss::Unknown) => self.node = None,
        }
        got
    }

    /// Asks until there is an answer; none when the run is over before.
    pub async fn ask(&mut self, asked: Asked) -> Option<Got> {
        let mut pause_ms = 20;
        self.public.stage.begin(&self.name, format!("{asked:?}"));
        loop {
            if let Ok(got) = self.ask_once(asked.clone()).await {
                return Some(got);
            }
            if self.public.stage.is_over() {
                return None;
            }
            self.rest(pause_ms / 2, pause_ms).await;
            pause_ms = (pause_ms * 2).min(1_000);
        }
    }

    /// Asks the ledger under a key until there is an answer.
    pub async fn ask_ledger(&mut self, command: Command) -> Option<(Request, Result<Outcome, Refusal>)> {
        let id = self.dice.number();
        let request = Request { key: Some(Key { id, body: id }), command };
        let result = self.ask_again(request.clone()).await?;
        note!(self.public.trace, "{}: {:?} -> {result:?}", self.name, request.command);
        Some((request, result))
    }

    /// Asks the ledger a request that may have been asked before.
    async fn ask_again(&mut self, request: Request) -> Option<Result<Outcome, Refusal>> {
        let key = request.key.map(|key| key.id);
        let got = self.ask(Asked::Ledger(request)).await?;
        if let Some(key) = key {
            self.public.auditor.answered(key, &got);
        }
        match got {
            Got::Ledger(answer) => Some(answer.result),
            Got::Catalog(_)
            | Got::Directory(_)
            | Got::Orders(_)
            | Got::Seat(_)
            | Got::Done
            | Got::Status(_) => {
                self.public.auditor.violated(format!("the ledger was asked, and answered {got:?}"));
                None
            }
        }
    }
}

/// A customer.
pub struct Customer {
    visitor: Visitor,
    /// Single seats that cost nothing: their histories are searched.
    plain: Vec<Show>,
    /// Several seats, areas, payments, holds that lapse.
    lively: Vec<Show>,
    remembered: Vec<Request>,
}

impl Customer {
    /// A customer of these performances.
    #[must_use]
    pub fn new(name: String, public: Public, dice: Dice, shows: Vec<Show>) -> Self {
        let (plain, lively) = shows.into_iter().partition(|show| show.price == 0);
        Self { visitor: Visitor::new(name, public, dice), plain, lively, remembered: Vec::new() }
    }

    /// Looks at seats through one node, whatever becomes of it, until nobody begins anything any more.
    pub async fn watch(mut self, node: NodeId) {
        let stage = Arc::clone(&self.visitor.public.stage);
        while !stage.is_closing() {
            self.visitor.rest(10, 120).await;
            self.visitor.node = Some(node);
            let _seen = self.look().await;
        }
    }

    /// Buys until nobody begins anything any more.
    pub async fn run(mut self) {
        let stage = Arc::clone(&self.visitor.public.stage);
        while !stage.is_closing() {
            self.visitor.rest(5, 250).await;
            stage.begin(&self.visitor.name, "choosing".to_owned());
            let done = match self.visitor.dice.roll(100) {
                0..45 => self.take_one().await,
                45..65 => self.look().await,
                65..90 => self.take_some().await,
                90..96 => self.ask_again().await,
                _ => self.hold_once().await,
            };
            if done.is_none() {
                self.visitor
                    .public
                    .auditor
                    .violated(format!("{} has no answer to the end", self.visitor.name));
                break;
            }
        }
        stage.finish(&self.visitor.name);
    }

    fn show(&mut self, is_plain: bool) -> Option<Show> {
        let shows = if is_plain { &self.plain } else { &self.lively };
        self.visitor.dice.pick(shows).cloned()
    }

    async fn ask(&mut self, command: Command) -> Option<Result<Outcome, Refusal>> {
        let (request, result) = self.visitor.ask_ledger(command).await?;
        if self.remembered.len() == REMEMBERED_MAX {
            self.remembered.remove(0);
        }
        self.remembered.push(request);
        Some(result)
    }

    /// Asks something that was answered before: it must be answered like that again.
    async fn ask_again(&mut self) -> Option<()> {
        if let Some(request) = self.visitor.dice.pick(&self.remembered).cloned() {
            self.visitor.node = None;
            let _same = self.visitor.ask_again(request).await?;
        }
        Some(())
    }

    /// Looks at a seat.
    async fn look(&mut self) -> Option<()> {
        let Some(show) = self.show(true) else { return Some(()) };
        let place = (show.performance, self.visitor.dice.roll(show.seats.into()) as SeatIndex);
        let auditor = self.visitor.public.auditor.clone();
        let operation = auditor.begins(place, Wish::Look);
        // A look that is not answered is given up.
        if let Ok(Got::Seat(seat)) = self.visitor.ask_once(Asked::Seat(place.0, place.1)).await {
            auditor.ends(place, operation, Reply::Seen(seat));
            note!(self.visitor.public.trace, "{} sees seat {}: {seat:?}", self.visitor.name, place.1);
        }
        Some(())
    }

    /// Holds one seat that costs nothing; books it or gives it back; later mostly gives it back.
    async fn take_one(&mut self) -> Option<()> {
        let Some(show) = self.show(true) else { return Some(()) };
        let seat = self.visitor.dice.roll(show.seats.into()) as SeatIndex;
        let (place, claim) = ((show.performance, seat), self.visitor.dice.number());
        let auditor = self.visitor.public.auditor.clone();
        auditor.claims(claim, show.performance, 1, false);
        let hold = hold_request(&show, claim, Selection::Seats(vec![(seat, 0)]));
        let operation = auditor.begins(place, Wish::Hold(claim));
        let held = match self.ask(Command::Hold(hold)).await? {
            Ok(Outcome::Held(held)) => held,
            other => {
                self.ends_refused(place, operation, &other, |why| matches!(why, Refusal::SeatsTaken { .. }));
                return Some(());
            }
        };
        auditor.ends(place, operation, Reply::Done);
        auditor.held(held.hold, show.performance, &held.places);
        self.visitor.rest(0, 150).await;
        if self.visitor.dice.chance(250) {
            let operation = auditor.begins(place, Wish::Release(claim));
            let release = Command::ReleaseHold { hold: held.hold, secret: Secret(claim) };
            let answer = self.ask(release).await?;
            self.ends(place, operation, &answer, unknown_hold);
            return Some(());
        }
        let operation = auditor.begins(place, Wish::Book(claim));
        let answer = self.ask(order(held.hold, claim, CARD_OK)).await?;
        let Ok(Outcome::Ordered { order, .. }) = answer else {
            self.ends_refused(place, operation, &answer, unknown_hold);
            return Some(());
        };
        auditor.ends(place, operation, Reply::Done);
        auditor.placed(order, held.hold);
        auditor.booked(order);
        self.visitor.rest(0, 400).await;
        if self.visitor.dice.chance(800) {
            let operation = auditor.begins(place, Wish::Cancel(claim));
            let answer = self.cancel(order).await?;
            self.ends(place, operation, &answer, not_booked);
        }
        Some(())
    }

    fn ends(
        &self,
        place: (marquee_ledger::PerformanceId, SeatIndex),
        operation: usize,
        answer: &Result<Outcome, Refusal>,
        is_fit: impl Fn(&Refusal) -> bool,
    ) {
        if answer.is_ok() {
            self.visitor.public.auditor.ends(place, operation, Reply::Done);
        } else {
            self.ends_refused(place, operation, answer, is_fit);
        }
    }

    /// A refusal is for a reason that the history knows of.
    fn ends_refused(
        &self,
        place: (marquee_ledger::PerformanceId, SeatIndex),
        operation: usize,
        answer: &Result<Outcome, Refusal>,
        is_fit: impl Fn(&Refusal) -> bool,
    ) {
        let auditor = &self.visitor.public.auditor;
        match answer {
            Err(why) if is_fit(why) => auditor.ends(place, operation, Reply::Refused),
            other => auditor.violated(format!("an operation on seat {} was answered {other:?}", place.1)),
        }
    }

    async fn cancel(&mut self, order: OrderId) -> Option<Result<Outcome, Refusal>> {
        let auditor = self.visitor.public.auditor.clone();
        auditor.cancelling(order);
        let reason = "as the customer wishes".to_owned();
        let cancel =
            Command::CancelTickets { order, tickets: Vec::new(), ground: CancelGround::Seller, reason };
        let answer = self.ask(cancel).await?;
        auditor.cancelled(order, answer.is_ok());
        Some(answer)
    }

    /// Holds some places, pays, and sometimes gives them back.
    async fn take_some(&mut self) -> Option<()> {
        let Some(show) = self.show(false) else { return Some(()) };
        let claim = self.visitor.dice.number();
        let auditor = self.visitor.public.auditor.clone();
        let hold = self.some_places(&show, claim);
        let Ok(Outcome::Held(held)) = self.ask(Command::Hold(hold)).await? else { return Some(()) };
        auditor.held(held.hold, show.performance, &held.places);
        self.visitor.rest(0, 300).await;
        match self.visitor.dice.roll(10) {
            // Some go away and leave their hold to lapse.
            0 => return Some(()),
            1 => {
                let release = Command::ReleaseHold { hold: held.hold, secret: Secret(claim) };
                return self.ask(release).await.map(|_answer| ());
            }
            _ => {}
        }
        let card = *self.visitor.dice.pick(&[CARD_OK, CARD_OK, CARD_SLOW, CARD_DECLINED])?;
        let answer = self.ask(order(held.hold, claim, card)).await?;
        let Ok(Outcome::Ordered { order, .. }) = answer else { return Some(()) };
        auditor.placed(order, held.hold);
        if self.settled(&show, order).await? != OrderStatus::Booked {
            return Some(());
        }
        auditor.booked(order);
        self.visitor.rest(0, 500).await;
        if self.visitor.dice.chance(600) {
            let _answer = self.cancel(order).await?;
        }
        Some(())
    }

    fn some_places(&mut self, show: &Show, claim: u128) -> HoldRequest {
        let auditor = &self.visitor.public.auditor;
        let dice = &mut self.visitor.dice;
        let quantity = dice.between(1, 3) as u32;
        let (selection, of_area) = match dice.roll(3) {
            0 => {
                let first = dice.roll(u64::from(show.seats - quantity)) as SeatIndex;
                (Selection::Seats((first..first + quantity).map(|seat| (seat, 0)).collect()), false)
            }
            1 => {
                let concessions = vec![0; quantity as usize];
                let best = BestAvailable { concessions, section: None, category: None, accessible: false };
                (Selection::BestAvailable(best), false)
            }
            _ => {
                let wish = AreaWish { area: 0, concession: 0, quantity: quantity as u16 };
                (Selection::Areas(vec![wish]), true)
            }
        };
        auditor.claims(claim, show.performance, quantity, of_area);
        hold_request(show, claim, selection)
    }

    /// Waits until the payment of an order is decided.
    async fn settled(&mut self, show: &Show, order: OrderId) -> Option<OrderStatus> {
        loop {
            let asked = Asked::Orders(show.performance, vec![order]);
            if let Got::Orders(orders) = self.visitor.ask(asked).await? {
                match orders.first() {
                    Some(order) if order.status == OrderStatus::AwaitingPayment => {}
                    Some(order) => return Some(order.status),
                    None => {
                        let auditor = &self.visitor.public.auditor;
                        auditor.violated(format!("{order} was placed, and its home does not know it"));
                        return None;
                    }
                }
            }
            self.visitor.rest(100, 400).await;
            if self.visitor.public.stage.is_over() {
                return None;
            }
        }
    }

    /// Asks for a place without a key, once: whether that was granted is known only if the answer comes.
    async fn hold_once(&mut self) -> Option<()> {
        let Some(show) = self.show(false) else { return Some(()) };
        let claim = self.visitor.dice.number();
        self.visitor.public.auditor.claims(claim, show.performance, 1, true);
        let wish = AreaWish { area: 0, concession: 0, quantity: 1 };
        let command = Command::Hold(hold_request(&show, claim, Selection::Areas(vec![wish])));
        let got = self.visitor.ask_once(Asked::Ledger(Request { key: None, command })).await;
        note!(self.visitor.public.trace, "{} asks once: {got:?}", self.visitor.name);
        Some(())
    }
}

const fn unknown_hold(why: &Refusal) -> bool {
    matches!(why, Refusal::UnknownHold | Refusal::HoldOrdered { .. })
}

const fn not_booked(why: &Refusal) -> bool {
    matches!(why, Refusal::NotBooked | Refusal::UnknownTicket)
}

fn hold_request(show: &Show, claim: u128, selection: Selection) -> HoldRequest {
    HoldRequest {
        performance: show.performance,
        holder: Holder::Guest(claim),
        selection,
        secret: Secret(claim),
    }
}

fn order(hold: HoldId, claim: u128, card: &str) -> Command {
    let buyer = Buyer { account: None, email: format!("{claim:x}@example.org"), name: String::new() };
    let payment = PaymentChoice {
        gateway: "sandbox".to_owned(),
        method: card.to_owned(),
        return_url: "https://tickets.example/".to_owned(),
    };
    Command::PlaceOrder(OrderRequest { hold, secret: Secret(claim), buyer, payment })
}
