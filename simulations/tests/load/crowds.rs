//! Crowds, and the audit of what they were told.

use marquee_simulations::load::audit::{Findings, read_back};
use marquee_simulations::load::crowd::{Crowd, Outcome, Pace};
use marquee_simulations::load::customer::{Errand, Wish};
use marquee_simulations::load::session::Session;
use marquee_simulations::node::Login;

use super::playhouse::{Manners, Playhouse};

struct Ran {
    outcome: Outcome,
    findings: Findings,
}

/// Twenty buyers on four connections want one of so many seats each.
async fn run(seats: u32, manners: Manners, errand: Errand, pace: Pace) -> Ran {
    let house = Playhouse::open(seats, manners).await;
    let wish = Wish {
        performances: vec!["prf_1".to_owned()],
        tickets: 1,
        card: "card_ok".to_owned(),
        run: "test".to_owned(),
    };
    let address = house.address;
    let crowd = Crowd { address, errand, wish: wish.clone(), customers: 20, connections: 4, pace };
    let mut last = 0;
    let mut outcome = crowd.run(|done| last = done).await.unwrap();
    assert_eq!(last, 20, "everyone is accounted for");
    let login = Login { role: String::new(), email: "o@example.org".to_owned(), password: "p".to_owned() };
    let mut session = Session::open(address, &login).await.unwrap();
    let possessions = std::mem::take(&mut outcome.possessions);
    let findings = read_back(&mut session, &wish, errand, possessions, |_read| {}).await.unwrap();
    Ran { outcome, findings }
}

fn figures(findings: &Findings) -> (u64, u64, u64) {
    (findings.double_booked, findings.lost, findings.unclaimed)
}

#[tokio::test]
async fn a_house_that_keeps_its_word_is_found_clean_and_refusals_are_counted() {
    let ran = run(15, Manners::Good, Errand::Purchase, Pace::AsAnswered).await;
    assert_eq!(figures(&ran.findings), (0, 0, 0), "{:?}", ran.findings);
    let counts = ran.outcome.counts;
    assert_eq!((counts.succeeded, counts.refusals["none-side-by-side"], counts.unanswered), (15, 5, 0));
}

#[tokio::test]
async fn a_scheduled_crowd_is_served_in_full() {
    let pace = Pace::Scheduled { per_second: 2_000.0 };
    let ran = run(20, Manners::Good, Errand::Purchase, pace).await;
    assert_eq!((ran.outcome.counts.succeeded, ran.findings.is_clean()), (20, true));
}

#[tokio::test]
async fn holds_are_audited_against_the_seat_map() {
    let ran = run(20, Manners::Good, Errand::Hold, Pace::AsAnswered).await;
    assert_eq!((ran.outcome.counts.succeeded, figures(&ran.findings)), (20, (0, 0, 0)));
    let ran = run(20, Manners::SellsTwice, Errand::Hold, Pace::AsAnswered).await;
    assert_eq!(figures(&ran.findings), (10, 0, 0), "{:?}", ran.findings);
}

#[tokio::test]
async fn a_seat_that_is_sold_twice_is_found() {
    let ran = run(20, Manners::SellsTwice, Errand::Purchase, Pace::AsAnswered).await;
    assert_eq!(figures(&ran.findings), (10, 0, 0), "{:?}", ran.findings);
}

#[tokio::test]
async fn an_order_that_is_forgotten_is_found_and_its_seat_too() {
    let ran = run(20, Manners::Forgets, Errand::Purchase, Pace::AsAnswered).await;
    assert_eq!(figures(&ran.findings), (0, 1, 1), "{:?}", ran.findings);
    assert!(ran.findings.examples[0].contains("unknown-order"), "{:?}", ran.findings);
}

#[tokio::test]
async fn a_sold_seat_that_is_shown_as_free_is_found() {
    let ran = run(20, Manners::ShowsFree, Errand::Purchase, Pace::AsAnswered).await;
    assert_eq!(figures(&ran.findings), (0, 1, 0), "{:?}", ran.findings);
}

#[tokio::test]
async fn whoever_is_hung_up_on_counts_as_unanswered_and_the_next_connects_again() {
    let ran = run(20, Manners::HangsUp, Errand::Purchase, Pace::AsAnswered).await;
    let counts = ran.outcome.counts;
    assert_eq!((counts.succeeded, counts.unanswered), (19, 1), "{:?}", counts.unanswered_because);
    assert!(counts.unanswered_because.is_some());
}

#[tokio::test]
async fn a_payment_that_takes_its_time_is_waited_for() {
    let ran = run(20, Manners::PaysLate, Errand::Purchase, Pace::AsAnswered).await;
    assert_eq!((ran.outcome.counts.succeeded, ran.findings.is_clean()), (20, true));
}
