//! Who comes in, and to what.

use marquee_node::accounts::Role;
use serde_json::json;

use super::{organizer, signed};
use crate::cluster::signed_in;
use crate::pages::{Browser, check_page, text};
use crate::show::{STRANGER, Show};

#[tokio::test]
async fn only_organizers_come_in_and_only_to_what_is_theirs() {
    let show = Show::open().await;
    let (event, performance) = (show.event, show.performance);
    let booked = show.book(&show.hold(&[0]).await, "card_ok").await.json();
    let order = booked["id"].as_str().unwrap();
    let catalog = show.get(&format!("/v1/performances/{performance}"), &[]).await.json();
    let venue = catalog["venue"]["id"].as_str().unwrap();
    let own = [
        format!("/organizer/venues/{venue}"),
        format!("/organizer/events/{event}"),
        format!("/organizer/events/{event}/edit"),
        format!("/organizer/events/{event}/orders"),
        format!("/organizer/events/{event}/series"),
        format!("/organizer/events/{event}/orders.csv"),
        format!("/organizer/events/{event}/performances.csv"),
        format!("/organizer/performances/{performance}/orders.csv"),
        format!("/organizer/events/{event}/performances/new"),
        format!("/organizer/performances/{performance}"),
        format!("/organizer/performances/{performance}/edit"),
        format!("/organizer/performances/{performance}/orders"),
        format!("/organizer/performances/{performance}/cancellation"),
        format!("/organizer/performances/{performance}/reschedule"),
        format!("/organizer/orders/{order}"),
        format!("/organizer/orders/{order}/refund"),
    ];
    let general = ["/organizer", "/organizer/venues", "/organizer/venues/new", "/organizer/events/new"];
    let all = general.map(str::to_owned).into_iter().chain(own.clone());
    let customer = signed_in(&show.house, "customer@example.org", None).await;
    for path in all {
        let guest = Browser::new(&show.house).get(&path).await;
        assert_eq!(guest.status, 303, "{path}");
        assert!(guest.header("location").starts_with("/sign-in?then=%2Forganizer"), "{path}");
        let mut browser = Browser::new(&show.house);
        browser.cookies.insert("marquee_access".to_owned(), customer.clone());
        check_page(&browser.get(&path).await, 403, "You may not do this");
        let page = organizer(&show.house).get(&path).await;
        assert_eq!(page.status, 200, "{path}: {}", text(&page));
        assert!(path.ends_with(".csv") || text(&page).contains("data-testid=\"organize-link\""));
        let operator = signed(&show.house, STRANGER, &[Role::Operator]).get(&path).await;
        assert_eq!(operator.status, 200, "{path}: operators see everything");
    }
    for path in own {
        let mut stranger = signed(&show.house, STRANGER, &[Role::Organizer]);
        check_page(&stranger.get(&path).await, 403, "You may not do this");
        // A form of one's own does not help.
        let form = stranger.get("/organizer/venues/new").await;
        let sent = stranger.submit(&form, &path, &[("reason", "mine"), ("hall", "hal_1")]).await;
        assert!([403, 404, 405].contains(&sent.status.as_u16()), "{path}: {}", text(&sent));
    }
    let performance = show.get(&format!("/v1/performances/{performance}"), &[]).await.json();
    assert_eq!((&performance["status"], &performance["version"]), (&json!("scheduled"), &json!(1)));
    show.close().await;
}
