//! Reviews and follows over real sockets.

use marquee_ledger::EventId;
use marquee_node::accounts::Role;
use marquee_node::catalog::entity::Schedule;
use marquee_node::catalog::{Action, By, Command, Outcome};
use serde_json::{Value, json};

use crate::house::Answer;
use crate::pages::{Browser, check_page, text};
use crate::show::{ORGANIZER, PASSWORD, STRANGER, Show};

const HOUR_MS: u64 = 3_600_000;

async fn put(show: &Show, path: &str, by: &str, body: &Value) -> Answer {
    show.send("PUT", path, &[("authorization", by)], body).await
}

async fn delete(show: &Show, path: &str, by: &str, body: &Value) -> Answer {
    show.send("DELETE", path, &[("authorization", by)], body).await
}

async fn buy_a_seat(show: &Show, seat: usize, by: &str) {
    let seat = show.seat(seat).await;
    let by = [("authorization", by), ("prefer", "wait=30")];
    let held = show.post(&show.path("holds"), &by, &json!({"seats": [seat]})).await.json();
    let body = json!({"hold_id": held["id"], "hold_token": held["token"], "payment": {"method": "card_ok"}});
    let booked = show.post("/v1/bookings", &by, &body).await;
    assert_eq!(booked.json()["status"], "booked", "{booked:?}");
}

/// The performance began some hours ago.
async fn let_it_pass(show: &Show) {
    let starts_at_ms = show.house.app.now_ms() - 4 * HOUR_MS;
    let schedule =
        Schedule { starts_at_ms, doors_at_ms: None, on_sale_from_ms: 0, on_sale_until_ms: starts_at_ms };
    let action = Action::Reschedule { performance: show.performance, version: None, schedule };
    let command = Command { by: By { account: ORGANIZER, operator: false }, action };
    let done = show.house.app.home.catalog(None, command).await.unwrap();
    assert!(matches!(done, Ok(Outcome::Updated { .. })), "{done:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_there_reviews_an_event_and_the_rest_is_told_why_not() {
    let show = Show::for_people().await;
    let (ann, bob) = (
        show.sign_up("ann@example.com", "Ann Archer").await,
        show.sign_up("bob@example.com", "Bob Baker").await,
    );
    buy_a_seat(&show, 0, &ann).await;
    let reviews = format!("/v1/events/{}/reviews", show.event);
    let mine = format!("{reviews}/mine");
    let good = json!({"stars": 5, "text": "Grand <b>evening</b>"});

    // Not before it is over, and only who had a ticket.
    put(&show, &mine, &ann, &good).await.problem(403, "no-ticket");
    let_it_pass(&show).await;
    put(&show, &mine, &bob, &good).await.problem(403, "no-ticket");
    show.send("PUT", &mine, &[], &good).await.problem(401, "unauthenticated");
    for (body, status, code) in [
        (json!({"stars": 6}), 422, "invalid"),
        (json!({"stars": 0}), 422, "invalid"),
        (json!({"stars": 4, "text": "x".repeat(2_001)}), 422, "invalid"),
        (json!({"stars": 4, "text": "a\u{0}b"}), 422, "invalid"),
        (json!({"stars": 4, "txt": ""}), 422, "invalid-body"),
    ] {
        put(&show, &mine, &ann, &body).await.problem(status, code);
    }
    let unknown = format!("/v1/events/{}/reviews/mine", EventId(1));
    put(&show, &unknown, &ann, &good).await.problem(404, "unknown-event");
    show.get(&mine, &[("authorization", &ann)]).await.problem(404, "unknown-review");

    let written = put(&show, &mine, &ann, &good).await.json();
    assert_eq!(
        (&written["number"], &written["author"], &written["stars"]),
        (&json!(1), &json!("Ann A."), &json!(5))
    );
    let anew = put(&show, &mine, &ann, &json!({"stars": 4, "text": "Good"})).await.json();
    assert_eq!((&anew["number"], &anew["text"]), (&json!(1), &json!("Good")));
    let listed = show.get(&reviews, &[]).await.json();
    assert_eq!(listed["rating"]["counts"], json!([0, 0, 0, 1, 0]));
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    let event = show.get(&format!("/v1/events/{}", show.event), &[]).await.json();
    assert_eq!((&event["rating"]["mean"], &event["rating"]["count"]), (&json!(4.0), &json!(1)));

    assert_eq!(delete(&show, &mine, &ann, &Value::Null).await.status, 204);
    assert_eq!(show.get(&reviews, &[]).await.json()["rating"]["count"], 0);
    show.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn organizers_answer_reviews_and_support_hides_them() {
    let show = Show::for_people().await;
    let ann = show.sign_up("ann@example.com", "Ann Archer").await;
    buy_a_seat(&show, 0, &ann).await;
    let_it_pass(&show).await;
    let reviews = format!("/v1/events/{}/reviews", show.event);
    put(&show, &format!("{reviews}/mine"), &ann, &json!({"stars": 1, "text": "Cold"})).await;

    let organizer = show.bearer(ORGANIZER, &[Role::Organizer]);
    let other = show.bearer(STRANGER, &[Role::Organizer]);
    let support = show.bearer(STRANGER, &[Role::Support]);
    let (answer, hidden) = (format!("{reviews}/1/answer"), format!("{reviews}/1/hidden"));
    let words = json!({"text": "We mended the heating."});
    put(&show, &answer, &other, &words).await.problem(403, "forbidden");
    put(&show, &answer, &organizer, &json!({"text": " "})).await.problem(422, "invalid");
    put(&show, &format!("{reviews}/9/answer"), &organizer, &words).await.problem(404, "unknown-review");
    let answered = put(&show, &answer, &organizer, &words).await.json();
    assert_eq!(answered["answer"]["text"], "We mended the heating.");

    let because = json!({"because": "insults"});
    put(&show, &hidden, &organizer, &because).await.problem(403, "forbidden");
    assert_eq!(put(&show, &hidden, &support, &because).await.json()["hidden_because"], "insults");
    let public = show.get(&reviews, &[]).await;
    assert_eq!((&public.json()["items"], &public.json()["rating"]["count"]), (&json!([]), &json!(0)));
    let seen = show.get(&reviews, &[("authorization", &support)]).await;
    assert_eq!(seen.json()["items"][0]["hidden_because"], "insults");
    assert!(!seen.header("cache-control").contains("public"), "{seen:?}");
    let own = show.get(&format!("{reviews}/mine"), &[("authorization", &ann)]).await.json();
    assert_eq!(own["hidden_because"], "insults");
    assert_eq!(delete(&show, &hidden, &support, &Value::Null).await.status, 204);
    assert_eq!(show.get(&reviews, &[]).await.json()["items"][0]["stars"], 1);
    show.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_form_of_a_review_keeps_what_was_written() {
    let show = Show::for_people().await;
    let ann = show.sign_up("ann@example.com", "Ann Archer").await;
    show.sign_up("bob@example.com", "Bob Baker").await;
    buy_a_seat(&show, 0, &ann).await;
    let_it_pass(&show).await;
    let event = format!("/events/{}", show.event);
    let review = format!("{event}/review");
    let (mut ann, mut bob) = (Browser::new(&show.house), Browser::new(&show.house));
    for (browser, email) in [(&mut ann, "ann@example.com"), (&mut bob, "bob@example.com")] {
        let form = browser.get("/sign-in").await;
        browser.submit(&form, "/sign-in", &[("email", email), ("password", PASSWORD), ("then", "/")]).await;
    }

    // What is wrong is told at its field, and nothing that was written is lost.
    let page = ann.get(&event).await;
    assert!(text(&page).contains("Were you there?") && !text(&page).contains(" checked"));
    let unrated = ann.submit(&page, &review, &[("text", "Grand <b>evening</b>")]).await;
    check_page(&unrated, 422, "Harbour Lights");
    for part in [
        "data-testid=\"review-form\" open",
        "stars-fault",
        ">Grand &#60;b&#62;evening&#60;/b&#62;</textarea>",
    ] {
        assert!(text(&unrated).contains(part), "{part}: {}", text(&unrated));
    }
    let long = "long ".repeat(500);
    let long = ann.submit(&unrated, &review, &[("stars", "4"), ("text", &long)]).await;
    check_page(&long, 422, "Harbour Lights");
    for part in ["At most 2,000 characters; these are 2,499.", "value=\"4\" required checked", ">long long"] {
        assert!(text(&long).contains(part), "{part}: {}", text(&long));
    }
    assert!(!text(&long).contains("stars-fault"));
    let page = bob.get(&event).await;
    let stranger = bob.submit(&page, &review, &[("stars", "1"), ("text", "Cold")]).await;
    check_page(&stranger, 403, "Harbour Lights");
    assert!(
        text(&stranger).contains("data-code=\"no-ticket\"") && text(&stranger).contains(">Cold</textarea>")
    );

    // What was written is there to be changed.
    let written = ann.submit(&long, &review, &[("stars", "4"), ("text", "Grand")]).await;
    assert_eq!(written.header("location"), format!("{event}#reviews"));
    let page = ann.get(&event).await;
    for part in ["You said how it was. Change it", "value=\"4\" required checked", ">Grand</textarea>"] {
        assert!(text(&page).contains(part), "{part}: {}", text(&page));
    }
    ann.submit(&page, &review, &[("stars", "5"), ("text", "Grander")]).await;
    let listed = show.get(&format!("/v1/events/{}/reviews", show.event), &[]).await.json();
    assert_eq!((&listed["items"][0]["stars"], &listed["items"][0]["text"]), (&json!(5), &json!("Grander")));
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    let nobody = Browser::new(&show.house).get(&event).await;
    assert!(!text(&nobody).contains("review-form") && text(&nobody).contains("Grander"));
    show.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deleted_account_leaves_no_review() {
    let show = Show::for_people().await;
    let ann = show.sign_up("ann@example.com", "Ann Archer").await;
    buy_a_seat(&show, 0, &ann).await;
    let_it_pass(&show).await;
    let reviews = format!("/v1/events/{}/reviews", show.event);
    put(&show, &format!("{reviews}/mine"), &ann, &json!({"stars": 3})).await;
    let mut changes = show.house.app.home.commons().spread.changes();
    let gone = delete(&show, "/v1/accounts/me", &ann, &json!({"current_password": PASSWORD})).await;
    assert_eq!(gone.status, 204);
    let removed = async {
        while show.house.app.home.catalog_copy().read().rating(show.event).count() > 0 {
            changes.changed().await.unwrap();
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), removed).await.unwrap();
    assert_eq!(show.get(&reviews, &[]).await.json()["items"], json!([]));
    show.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_venues_and_performers_are_followed() {
    let show = Show::for_people().await;
    let ann = show.sign_up("ann@example.com", "Ann Archer").await;
    let follow = |what: &str| format!("/v1/accounts/me/follows/{what}");
    let event = follow(&format!("event/{}", show.event));
    for path in [&event, &follow("performer/Beyonc%C3%A9"), &follow("performer/BEYONCE"), &event] {
        assert_eq!(put(&show, path, &ann, &Value::Null).await.status, 204);
    }
    let listed = show.get("/v1/accounts/me/follows", &[("authorization", &ann)]).await.json();
    let names: Vec<_> = listed["items"].as_array().unwrap().iter().map(|item| &item["name"]).collect();
    assert_eq!(names, ["Harbour Lights", "Beyoncé"]);

    put(&show, &follow(&format!("event/{}", EventId(1))), &ann, &Value::Null)
        .await
        .problem(404, "unknown-event");
    put(&show, &follow("venue/nonsense"), &ann, &Value::Null).await.problem(404, "unknown-venue");
    put(&show, &follow("city/Oakland"), &ann, &Value::Null).await.problem(404, "not-found");
    put(&show, &follow("performer/%20"), &ann, &Value::Null).await.problem(422, "invalid");
    show.send("PUT", &event, &[], &Value::Null).await.problem(401, "unauthenticated");
    assert_eq!(delete(&show, &event, &ann, &Value::Null).await.status, 204);
    let left = show.get("/v1/accounts/me/follows", &[("authorization", &ann)]).await.json();
    assert_eq!(left["items"].as_array().unwrap().len(), 1);
    show.close().await;
}
