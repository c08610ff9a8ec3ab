//! The sandbox's books: intents, refunds, events and what is due when. No clock, no IO: the caller brings `now` and takes
//! out what is to be delivered.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use super::{
    records::{Card, IntentRecord, NewIntent, NewRefund, RefundRecord, Rejection, TimerKey},
    settings::{Setup, Stats},
    shelf::Shelf,
    wire::{Capture, EventView, Failure, IntentView, RefundState, RefundView, Status, Subject},
};

/// What the hosted page shows.
pub(super) struct PageView {
    pub(super) intent: IntentView,
    pub(super) return_url: String,
}

pub(super) struct Book {
    setup: Setup,
    intents: Shelf<IntentRecord>,
    latest_of_order: HashMap<Arc<str>, u64>,
    refunds: Shelf<RefundRecord>,
    events: VecDeque<Arc<EventView>>,
    undelivered: VecDeque<Arc<EventView>>,
    /// At most one for each intent and refund; it leaves with its record.
    timers: BTreeMap<TimerKey, Timer>,
    timers_set: u64,
    pub(super) stats: Stats,
}

/// What happens later.
enum Timer {
    /// The intent's payment comes through, if it is still open.
    Complete(u64),
    /// The refund ends.
    FinishRefund(u64, RefundState),
    /// The event goes out again.
    Redeliver(Arc<EventView>),
}

/// `GET /v1/intents?order=` shows at most so many.
const INTENTS_OF_ORDER_MAX: usize = 100;
/// `card_refund_fails` says `pending` first, so that the failure comes as news.
const REFUND_FAILS_AFTER: Duration = Duration::from_millis(100);

impl Book {
    pub(super) fn new(setup: Setup) -> Self {
        Self {
            intents: Shelf::new(setup.limits.intents),
            latest_of_order: HashMap::new(),
            refunds: Shelf::new(setup.limits.intents),
            events: VecDeque::new(),
            undelivered: VecDeque::new(),
            timers: BTreeMap::new(),
            timers_set: 0,
            stats: Stats::default(),
            setup,
        }
    }

    /// Creates and confirms an intent, or shows the one that this key made.
    pub(super) fn charge(&mut self, now_ms: i64, key: &str, new: NewIntent) -> Result<IntentView, Rejection> {
        if let Some(number) = self.intents.number_of(key) {
            let record = self.intents.get(number).ok_or(Rejection::NoSuchIntent)?;
            if record.fingerprint != new.fingerprint {
                return Err(Rejection::KeyReused);
            }
            return Ok(self.answer_to_charge(number, record));
        }

        // From here on nothing fails.
        self.make_room_for_an_intent(now_ms);
        let number = self.intents.next();
        let key = if *key == *new.order { Arc::clone(&new.order) } else { Arc::from(key) };
        let record = IntentRecord {
            fingerprint: new.fingerprint,
            previous_of_order: self.latest_of_order.insert(Arc::clone(&new.order), number),
            order: new.order,
            amount_minor: new.amount_minor,
            captured_minor: 0,
            refunded_minor: 0,
            currency: new.currency,
            card: new.card,
            capture: new.capture,
            status: Status::Processing,
            timer: None,
            return_url: (new.card == Card::TwoStep).then(|| new.return_url.into()),
        };
        self.intents.push(key, record);
        self.stats.intents += 1;
        match new.card {
            Card::Ok | Card::RefundFails | Card::Lost => self.approve(now_ms, number),
            Card::Twice => {
                self.approve(now_ms, number);
                if let Some(event) = self.events.back().cloned() {
                    self.wake_intent(now_ms, number, self.setup.delays.twice, Timer::Redeliver(event));
                }
            }
            Card::Declined => self.decline(now_ms, number),
            Card::TwoStep => self.update(number, |record| record.status = Status::RequiresAction),
            Card::Slow => self.wake_intent(now_ms, number, self.setup.delays.slow, Timer::Complete(number)),
            Card::Late => self.wake_intent(now_ms, number, self.setup.delays.late, Timer::Complete(number)),
        }
        let record = self.intents.get(number).ok_or(Rejection::NoSuchIntent)?;
        Ok(self.answer_to_charge(number, record))
    }

    pub(super) fn intent(&self, id: &str) -> Result<IntentView, Rejection> {
        let number = self.intent_number(id)?;
        let record = self.intents.get(number).ok_or(Rejection::NoSuchIntent)?;
        Ok(self.intent_view(number, record))
    }

    /// The intents of an order, latest first.
    pub(super) fn intents_of(&self, order: &str) -> Vec<IntentView> {
        let latest = self.latest_of_order.get(order).copied();
        std::iter::successors(latest, |number| self.intents.get(*number)?.previous_of_order)
            .map_while(|number| Some(self.intent_view(number, self.intents.get(number)?)))
            .take(INTENTS_OF_ORDER_MAX)
            .collect()
    }

    /// Takes some or all of the authorised money.
    pub(super) fn capture(
        &mut self,
        now_ms: i64,
        id: &str,
        amount_minor: Option<i64>,
    ) -> Result<IntentView, Rejection> {
        let number = self.intent_number(id)?;
        let record = self.intents.get(number).ok_or(Rejection::NoSuchIntent)?;
        let amount_minor = amount_minor.unwrap_or(record.amount_minor);
        if record.status != Status::RequiresCapture {
            return Err(Rejection::NotCapturable);
        }
        if amount_minor <= 0 {
            return Err(Rejection::InvalidAmount);
        }
        if amount_minor > record.amount_minor {
            return Err(Rejection::AmountTooLarge { left_minor: record.amount_minor });
        }
        self.take_money(now_ms, number, amount_minor);
        self.intent(id)
    }

    /// Cancels what is open; shows what has settled.
    pub(super) fn cancel(&mut self, now_ms: i64, id: &str) -> Result<IntentView, Rejection> {
        let number = self.intent_number(id)?;
        if !self.intents.get(number).ok_or(Rejection::NoSuchIntent)?.is_settled() {
            self.update(number, |record| record.status = Status::Canceled);
            self.announce_intent(now_ms, number);
        }
        self.intent(id)
    }

    /// Ends the wait of an intent: the customer's decision, or a test's.
    pub(super) fn complete(
        &mut self,
        now_ms: i64,
        id: &str,
        approved: bool,
    ) -> Result<IntentView, Rejection> {
        let number = self.intent_number(id)?;
        match self.intents.get(number).ok_or(Rejection::NoSuchIntent)?.status {
            Status::Processing | Status::RequiresAction if approved => self.approve(now_ms, number),
            Status::Processing | Status::RequiresAction => self.decline(now_ms, number),
            Status::RequiresCapture | Status::Succeeded | Status::Failed | Status::Canceled => {
                return Err(Rejection::NotOpen);
            }
        }
        self.intent(id)
    }

    /// Gives money back, or shows the refund that this key made.
    pub(super) fn refund(&mut self, now_ms: i64, key: &str, new: NewRefund) -> Result<RefundView, Rejection> {
        if let Some(number) = self.refunds.number_of(key) {
            let record = self.refunds.get(number).ok_or(Rejection::NoSuchRefund)?;
            let same = record.fingerprint == new.fingerprint;
            return if same { Ok(self.refund_view(number, record)) } else { Err(Rejection::KeyReused) };
        }
        let intent = self.intent_number(&new.intent)?;
        let record = self.intents.get(intent).ok_or(Rejection::NoSuchIntent)?;
        if record.status != Status::Succeeded {
            return Err(Rejection::NotCaptured);
        }
        if record.currency != new.currency {
            return Err(Rejection::CurrencyMismatch);
        }
        let left_minor = record.captured_minor - record.refunded_minor;
        if new.amount_minor > left_minor {
            return Err(Rejection::AmountTooLarge { left_minor });
        }

        // From here on nothing fails.
        let fails = record.card == Card::RefundFails;
        self.update(intent, |record| record.refunded_minor += new.amount_minor);
        self.make_room_for_a_refund();
        let key: Arc<str> = Arc::from(key);
        let number = self.refunds.push(
            Arc::clone(&key),
            RefundRecord {
                fingerprint: new.fingerprint,
                intent,
                intent_id: new.intent,
                order: new.order,
                key,
                amount_minor: new.amount_minor,
                currency: new.currency,
                timer: None,
                status: RefundState::Pending,
            },
        );
        self.stats.refunds += 1;
        self.stats.refunded_minor += new.amount_minor;
        let (delay, end) = match fails {
            true => (self.setup.delays.refund.max(REFUND_FAILS_AFTER), RefundState::Failed),
            false => (self.setup.delays.refund, RefundState::Succeeded),
        };
        if delay.is_zero() {
            self.finish_refund(now_ms, number, end);
        } else {
            self.announce_refund(now_ms, number);
            let timer = self.set_timer(now_ms, delay, Timer::FinishRefund(number, end));
            if let Some(record) = self.refunds.get_mut(number) {
                record.timer = Some(timer);
            }
        }
        let record = self.refunds.get(number).ok_or(Rejection::NoSuchRefund)?;
        Ok(self.refund_view(number, record))
    }

    pub(super) fn refund_status(&self, id: &str) -> Result<RefundView, Rejection> {
        let number = self.number_in("re", id).ok_or(Rejection::NoSuchRefund)?;
        let record = self.refunds.get(number).ok_or(Rejection::NoSuchRefund)?;
        Ok(self.refund_view(number, record))
    }

    /// The page of a `card_two_step` intent, for whoever knows its token.
    pub(super) fn page(&self, id: &str, token: &str) -> Result<PageView, Rejection> {
        let number = self.intent_number(id)?;
        let genuine = constant_time_eq(token.as_bytes(), self.page_token("page", number).as_bytes());
        let record = self.intents.get(number).filter(|_| genuine).ok_or(Rejection::NoSuchIntent)?;
        let return_url = record.return_url.as_deref().ok_or(Rejection::NoSuchIntent)?.to_owned();
        Ok(PageView { intent: self.intent_view(number, record), return_url })
    }

    /// A secret of one page for one purpose.
    pub(super) fn page_secret(&self, purpose: &str, id: &str) -> Result<String, Rejection> {
        Ok(self.page_token(purpose, self.intent_number(id)?))
    }

    /// Up to `limit` of the listed events after the one named, oldest first; all that are listed if it is not among them.
    pub(super) fn events_after(&self, id: Option<&str>, limit: usize) -> Vec<Arc<EventView>> {
        let seen = id.and_then(|id| self.events.iter().position(|event| event.id == id));
        let from = seen.map_or(0, |place| place + 1);
        self.events.iter().skip(from).take(limit).cloned().collect()
    }

    /// Does what is due at `now_ms`.
    pub(super) fn advance(&mut self, now_ms: i64) {
        while let Some(entry) = self.timers.first_entry().filter(|entry| entry.key().0 <= now_ms) {
            match entry.remove() {
                Timer::Complete(number) => {
                    let waits = |record: &IntentRecord| record.status == Status::Processing;
                    if self.intents.get(number).is_some_and(waits) {
                        self.approve(now_ms, number);
                    }
                }
                Timer::FinishRefund(number, end) => self.finish_refund(now_ms, number, end),
                Timer::Redeliver(event) => self.enqueue(event),
            }
        }
    }

    /// When [`advance`](Self::advance) has something to do next, in Unix milliseconds.
    pub(super) fn next_due_ms(&self) -> Option<i64> {
        self.timers.first_key_value().map(|((due_ms, _), _)| *due_ms)
    }

    pub(super) fn has_undelivered(&self) -> bool {
        !self.undelivered.is_empty()
    }

    /// Takes what one delivery carries.
    pub(super) fn take_batch(&mut self) -> Vec<Arc<EventView>> {
        let count = self.undelivered.len().min(self.setup.limits.batch_events);
        self.undelivered.drain(..count).collect()
    }

    fn approve(&mut self, now_ms: i64, number: u64) {
        let Some(record) = self.intents.get(number) else { return };
        match record.capture {
            Capture::Automatic => self.take_money(now_ms, number, record.amount_minor),
            Capture::Manual => {
                self.update(number, |record| record.status = Status::RequiresCapture);
                self.announce_intent(now_ms, number);
            }
        }
    }

    fn take_money(&mut self, now_ms: i64, number: u64, amount_minor: i64) {
        self.update(number, |record| {
            record.captured_minor = amount_minor;
            record.status = Status::Succeeded;
        });
        self.stats.succeeded += 1;
        self.stats.captured_minor += amount_minor;
        self.announce_intent(now_ms, number);
    }

    fn decline(&mut self, now_ms: i64, number: u64) {
        self.update(number, |record| record.status = Status::Failed);
        self.announce_intent(now_ms, number);
    }

    fn finish_refund(&mut self, now_ms: i64, number: u64, end: RefundState) {
        let Some(record) = self.refunds.get_mut(number) else { return };
        record.status = end;
        let (intent, amount_minor) = (record.intent, record.amount_minor);
        if end == RefundState::Failed {
            self.update(intent, |record| record.refunded_minor -= amount_minor);
            self.stats.refunded_minor -= amount_minor;
        }
        self.announce_refund(now_ms, number);
    }

    /// Lets the oldest intent go if there is no room; an open one is cancelled, so that its end is announced.
    fn make_room_for_an_intent(&mut self, now_ms: i64) {
        let Some(number) = self.intents.crowded_out() else { return };
        if self.intents.get(number).is_some_and(|record| !record.is_settled()) {
            self.update(number, |record| record.status = Status::Canceled);
            self.announce_intent(now_ms, number);
        }
        let Some(record) = self.intents.remove_oldest() else { return };
        record.timer.map(|timer| self.timers.remove(&timer));
        if self.latest_of_order.get(&record.order) == Some(&number) {
            self.latest_of_order.remove(&record.order);
        }
    }

    /// Lets the oldest refund go if there is no room, whatever its state.
    fn make_room_for_a_refund(&mut self) {
        if self.refunds.crowded_out().is_some()
            && let Some(record) = self.refunds.remove_oldest()
        {
            record.timer.map(|timer| self.timers.remove(&timer));
        }
    }

    fn update(&mut self, number: u64, change: impl FnOnce(&mut IntentRecord)) {
        if let Some(record) = self.intents.get_mut(number) {
            change(record);
        }
    }

    /// Sets the intent's timer.
    fn wake_intent(&mut self, now_ms: i64, number: u64, delay: Duration, timer: Timer) {
        let timer = self.set_timer(now_ms, delay, timer);
        self.update(number, |record| record.timer = Some(timer));
    }

    fn set_timer(&mut self, now_ms: i64, delay: Duration, timer: Timer) -> TimerKey {
        let due_ms = now_ms.saturating_add(i64::try_from(delay.as_millis()).unwrap_or(i64::MAX));
        self.timers_set += 1;
        self.timers.insert((due_ms, self.timers_set), timer);
        (due_ms, self.timers_set)
    }

    /// Lists and enqueues what has become of an intent, except for `card_lost`, which nobody hears of.
    fn announce_intent(&mut self, now_ms: i64, number: u64) {
        let Some(record) = self.intents.get(number).filter(|record| record.card != Card::Lost) else {
            return;
        };
        let view = self.intent_view(number, record);
        self.announce(now_ms, Subject::Intent(view));
    }

    fn announce_refund(&mut self, now_ms: i64, number: u64) {
        let Some(record) = self.refunds.get(number) else { return };
        let view = self.refund_view(number, record);
        self.announce(now_ms, Subject::Refund(view));
    }

    fn announce(&mut self, now_ms: i64, subject: Subject) {
        let id = format!("evt_{}_{}", self.setup.run, self.stats.events);
        let event = Arc::new(EventView { id, created_ms: now_ms, subject });
        self.stats.events += 1;
        if self.events.len() >= self.setup.limits.events {
            self.events.pop_front();
        }
        self.events.push_back(Arc::clone(&event));
        self.enqueue(event);
    }

    fn enqueue(&mut self, event: Arc<EventView>) {
        if !self.setup.webhooks {
            return;
        }
        if self.undelivered.len() >= self.setup.limits.undelivered_events {
            self.undelivered.pop_front();
            self.stats.events_dropped += 1;
        }
        self.undelivered.push_back(event);
    }

    /// The answer to a charge: the intent as it is, but for `card_lost`, whose answer never tells.
    fn answer_to_charge(&self, number: u64, record: &IntentRecord) -> IntentView {
        let mut view = self.intent_view(number, record);
        if record.card == Card::Lost {
            view.status = Status::Processing;
            view.captured_minor = 0;
        }
        view
    }

    fn intent_view(&self, number: u64, record: &IntentRecord) -> IntentView {
        let id = format!("pi_{}_{number}", self.setup.run);
        let action_url = (record.status == Status::RequiresAction)
            .then(|| format!("{}/{id}/{}", self.setup.pages, self.page_token("page", number)));
        IntentView {
            id,
            order: record.order.to_string(),
            amount_minor: record.amount_minor,
            currency: record.currency.clone(),
            captured_minor: record.captured_minor,
            refunded_minor: record.refunded_minor,
            status: record.status,
            action_url,
            failure: record.failure(),
        }
    }

    fn refund_view(&self, number: u64, record: &RefundRecord) -> RefundView {
        RefundView {
            id: format!("re_{}_{number}", self.setup.run),
            intent: record.intent_id.clone(),
            order: record.order.clone(),
            key: record.key.to_string(),
            amount_minor: record.amount_minor,
            currency: record.currency.clone(),
            status: record.status,
            failure: (record.status == RefundState::Failed).then(|| Failure {
                code: "declined_by_bank".to_owned(),
                message: "The customer's bank sent the money back.".to_owned(),
            }),
        }
    }

    fn intent_number(&self, id: &str) -> Result<u64, Rejection> {
        self.number_in("pi", id).ok_or(Rejection::NoSuchIntent)
    }

    /// Reads `kind_run_number` for this run.
    fn number_in(&self, kind: &str, id: &str) -> Option<u64> {
        let rest = id.strip_prefix(kind)?.strip_prefix('_')?;
        rest.strip_prefix(&*self.setup.run)?.strip_prefix('_')?.parse().ok()
    }

    fn page_token(&self, purpose: &str, number: u64) -> String {
        let mut hasher = blake3::Hasher::new_keyed(&self.setup.page_key);
        hasher.update(purpose.as_bytes()).update(&number.to_le_bytes());
        let hash = hasher.finalize();
        data_encoding::BASE64URL_NOPAD.encode(&hash.as_bytes()[..16])
    }
}

/// Compares secrets in a time that depends on their lengths alone.
pub(super) fn constant_time_eq(left: &[u8], right: &[u8]) -> bool {
    use subtle::ConstantTimeEq;
    left.ct_eq(right).into()
}

#[cfg(test)]
#[path = "book_tests.rs"]
mod tests;
