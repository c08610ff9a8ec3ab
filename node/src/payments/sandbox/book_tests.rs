use super::*;
use crate::payments::sandbox::{Delays, Limits, wire::IntentBody, wire::RefundBody};

const RUN: &str = "0a0b0c0d";

fn book_with(limits: Limits) -> Book {
    Book::new(Setup {
        run: RUN.into(),
        pages: "http://127.0.0.1:1/pay".into(),
        page_key: [7; 32],
        delays: Delays::default(),
        limits,
        webhooks: true,
    })
}

fn book() -> Book {
    book_with(Limits::default())
}

fn new_intent(order: &str, method: &str, capture: Capture) -> NewIntent {
    NewIntent::parse(IntentBody {
        order: order.into(),
        amount_minor: 2_500,
        currency: "EUR".into(),
        method: method.into(),
        email: "ada@example.org".into(),
        return_url: "https://shop.example/".into(),
        capture,
    })
    .unwrap()
}

fn charge(book: &mut Book, now_ms: i64, order: &str, method: &str) -> IntentView {
    book.charge(now_ms, order, new_intent(order, method, Capture::Automatic)).unwrap()
}

fn new_refund(intent: &str, amount_minor: i64) -> NewRefund {
    NewRefund::parse(RefundBody {
        intent: intent.into(),
        order: "o".into(),
        amount_minor,
        currency: "EUR".into(),
        reason: String::new(),
    })
    .unwrap()
}

/// What was delivered since the last look: each event's status, by its JSON name.
fn news(book: &mut Book) -> Vec<String> {
    let name = |value| serde_json::to_value(value).unwrap().as_str().unwrap().to_owned();
    let statuses = |event: &Arc<EventView>| match &event.subject {
        Subject::Intent(view) => name(serde_json::to_value(view.status).unwrap()),
        Subject::Refund(view) => format!("refund {}", name(serde_json::to_value(view.status).unwrap())),
    };
    book.take_batch().iter().map(statuses).collect()
}

/// The card; the answer's status; the events at once; how long the story lasts; the events by then; the end.
type Story = (&'static str, Status, &'static [&'static str], i64, &'static [&'static str], Status);

#[test]
fn each_card_tells_its_story() {
    let (slow, late) = (3_000, 1_200_000);
    let stories: &[Story] = &[
        ("card_ok", Status::Succeeded, &["succeeded"], late, &[], Status::Succeeded),
        ("card_declined", Status::Failed, &["failed"], late, &[], Status::Failed),
        ("card_two_step", Status::RequiresAction, &[], late, &[], Status::RequiresAction),
        ("card_slow", Status::Processing, &[], slow - 1, &[], Status::Processing),
        ("card_slow", Status::Processing, &[], slow, &["succeeded"], Status::Succeeded),
        ("card_late", Status::Processing, &[], late - 1, &[], Status::Processing),
        ("card_late", Status::Processing, &[], late, &["succeeded"], Status::Succeeded),
        ("card_twice", Status::Succeeded, &["succeeded"], 500, &["succeeded"], Status::Succeeded),
        ("card_lost", Status::Processing, &[], late, &[], Status::Succeeded),
    ];
    for (card, answer, at_once, later_ms, then, end) in stories {
        let mut book = book();
        let view = charge(&mut book, 0, "o", card);
        assert_eq!(view.status, *answer, "{card}");
        assert_eq!(news(&mut book), *at_once, "{card}");
        book.advance(*later_ms);
        assert_eq!(news(&mut book), *then, "{card} after {later_ms} ms");
        assert_eq!(book.intent(&view.id).unwrap().status, *end, "{card}");
    }
}

#[test]
fn an_event_that_comes_twice_has_one_id() {
    let mut book = book();
    charge(&mut book, 0, "o", "card_twice");
    let first = book.take_batch();
    book.advance(500);
    assert_eq!(book.take_batch(), first);
    assert_eq!(book.events_after(None, 10).len(), 1, "it is listed once");
}

#[test]
fn a_lost_payment_is_not_told_to_whoever_repeats_the_charge() {
    let mut book = book();
    charge(&mut book, 0, "o", "card_lost");
    let again = charge(&mut book, 1, "o", "card_lost");
    assert_eq!((again.status, again.captured_minor), (Status::Processing, 0));
    assert_eq!(book.intents_of("o")[0].status, Status::Succeeded);
}

#[test]
fn a_cancelled_intent_stays_cancelled_when_its_time_comes() {
    let mut book = book();
    let slow = charge(&mut book, 0, "o", "card_slow");
    assert_eq!(book.cancel(10, &slow.id).unwrap().status, Status::Canceled);
    book.advance(10_000);
    assert_eq!(news(&mut book), ["canceled"]);
    assert_eq!(book.cancel(11, &slow.id).unwrap().status, Status::Canceled);
    assert_eq!(news(&mut book), [""; 0], "nothing changed, nothing to tell");
    assert_eq!(book.complete(12, &slow.id, true), Err(Rejection::NotOpen));
}

#[test]
fn manual_capture_takes_some_of_what_was_authorised() {
    let mut book = book();
    let view = book.charge(0, "k", new_intent("o", "card_ok", Capture::Manual)).unwrap();
    assert_eq!((view.status, view.captured_minor), (Status::RequiresCapture, 0));
    assert_eq!(book.refund(0, "r", new_refund(&view.id, 1)), Err(Rejection::NotCaptured));
    for (amount_minor, rejection) in
        [(2_501, Rejection::AmountTooLarge { left_minor: 2_500 }), (0, Rejection::InvalidAmount)]
    {
        assert_eq!(book.capture(1, &view.id, Some(amount_minor)), Err(rejection));
    }
    let captured = book.capture(1, &view.id, Some(2_000)).unwrap();
    assert_eq!((captured.status, captured.captured_minor), (Status::Succeeded, 2_000));
    assert_eq!(book.capture(2, &view.id, None), Err(Rejection::NotCapturable));
    assert_eq!(
        book.refund(3, "r", new_refund(&view.id, 2_001)),
        Err(Rejection::AmountTooLarge { left_minor: 2_000 })
    );
    assert_eq!(news(&mut book), ["requires_capture", "succeeded"]);
}

#[test]
fn refunds_together_never_exceed_the_capture_and_a_failed_one_frees_its_share() {
    let mut book = book();
    let view = charge(&mut book, 0, "o", "card_refund_fails");
    news(&mut book);
    let first = book.refund(0, "r1", new_refund(&view.id, 2_000)).unwrap();
    assert_eq!(first.status, RefundState::Pending);
    assert_eq!(
        book.refund(0, "r2", new_refund(&view.id, 501)),
        Err(Rejection::AmountTooLarge { left_minor: 500 })
    );
    assert_eq!(book.refund(0, "r1", new_refund(&view.id, 1_999)), Err(Rejection::KeyReused));
    book.advance(100);
    assert_eq!(book.refund(200, "r1", new_refund(&view.id, 2_000)).unwrap().status, RefundState::Failed);
    assert_eq!(book.refund_status(&first.id).unwrap().failure.unwrap().code, "declined_by_bank");
    assert_eq!(book.intent(&view.id).unwrap().refunded_minor, 0);
    assert_eq!(news(&mut book), ["refund pending", "refund failed"]);
}

#[test]
fn several_attempts_of_an_order_are_listed_latest_first() {
    let mut book = book();
    book.charge(0, "o-1", new_intent("o", "card_declined", Capture::Automatic)).unwrap();
    book.charge(1, "o-2", new_intent("o", "card_ok", Capture::Automatic)).unwrap();
    let statuses: Vec<_> = book.intents_of("o").iter().map(|view| view.status).collect();
    assert_eq!(statuses, [Status::Succeeded, Status::Failed]);
    assert_eq!(book.intents_of("other"), []);
}

#[test]
fn the_oldest_intent_leaves_and_an_open_one_is_cancelled_first() {
    let mut book = book_with(Limits { intents: 2, ..Limits::default() });
    let open = charge(&mut book, 0, "o1", "card_two_step");
    charge(&mut book, 1, "o2", "card_ok");
    news(&mut book);
    charge(&mut book, 2, "o3", "card_ok");
    assert_eq!(news(&mut book), ["canceled", "succeeded"]);
    assert_eq!(book.intent(&open.id), Err(Rejection::NoSuchIntent));
    assert_eq!(book.intents_of("o1"), []);
    let again = charge(&mut book, 3, "o1", "card_ok");
    assert_ne!(again.id, open.id, "the key was forgotten with its intent, and numbers are not used again");
}

#[test]
fn a_timer_leaves_with_its_record() {
    let mut book = book_with(Limits { intents: 2, ..Limits::default() });
    for number in 0..10 {
        charge(&mut book, number, &format!("late{number}"), "card_late");
    }
    assert_eq!(book.timers.len(), 2);
    let paid = charge(&mut book, 10, "o", "card_refund_fails");
    for number in 0..10 {
        book.refund(11, &format!("r{number}"), new_refund(&paid.id, 1)).unwrap();
    }
    assert_eq!(book.timers.len(), 3, "one late intent and two refunds");
}

#[test]
fn events_that_nobody_takes_are_bounded() {
    let mut book =
        book_with(Limits { undelivered_events: 3, events: 2, batch_events: 2, ..Limits::default() });
    for number in 0..5 {
        charge(&mut book, number, &format!("o{number}"), "card_ok");
    }
    assert_eq!(book.stats.events_dropped, 2);
    assert_eq!((book.take_batch().len(), book.take_batch().len(), book.has_undelivered()), (2, 1, false));
    let listed = book.events_after(None, 10);
    assert_eq!(listed.len(), 2);
    assert_eq!(book.events_after(Some(&listed[0].id), 10), listed[1..]);
}

#[test]
fn ids_of_another_run_and_guessed_pages_are_not_found() {
    let mut book = book();
    let view = charge(&mut book, 0, "o", "card_two_step");
    let url = view.action_url.unwrap();
    let token = url.rsplit('/').next().unwrap();
    assert!(book.page(&view.id, token).is_ok());
    assert!(book.page(&view.id, "guess").is_err());
    assert_ne!(token, book.page_secret("form", &view.id).unwrap());
    for id in ["pi_ffffffff_0", "pi_0a0b0c0d_1", "pi_0a0b0c0d_", "re_0a0b0c0d_0", "", "pi_0a0b0c0d_-1"] {
        assert_eq!(book.intent(id), Err(Rejection::NoSuchIntent), "{id}");
    }
}
