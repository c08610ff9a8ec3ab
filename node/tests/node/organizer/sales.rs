//! What is sold, to whom, and how money goes back; at every node.

use std::time::{Duration, Instant};

use http_body_util::Full;
use serde_json::json;

use super::{filled, led_on, organizer, told, until};
use crate::house::{ask, send};
use crate::pages::{Browser, check_page, text};
use crate::show::Show;
use crate::trio::Trio;

#[tokio::test]
async fn sales_are_seen_orders_are_found_and_money_goes_back_after_it_was_shown() {
    let show = Show::open().await;
    let mut browser = organizer(&show.house);
    let live = format!("/organizer/performances/{}", show.performance);
    let before = browser.get(&live).await;
    check_page(&before, 200, "Harbour Lights");
    assert_eq!((told(&before, "revenue"), told(&before, "free")), ("$0.00".to_owned(), "110".to_owned()));

    // Two seats for Ada, one for Ben, and one that somebody holds.
    let ada = show.book(&show.hold(&[0, 1]).await, "card_ok").await.json();
    let ben = show.hold(&[7]).await;
    let ben = json!({
        "hold_id": ben["id"], "hold_token": ben["token"], "payment": {"method": "card_ok"},
        "email": "ben@example.org", "name": "Ben <b>Brown</b> 🎟",
    });
    let ben = show.post("/v1/bookings", &[("prefer", "wait=30")], &ben).await.json();
    show.hold(&[9]).await;
    let page = until(&mut browser, &live, |page| told(page, "tickets-sold") == "3").await;
    assert_eq!(told(&page, "revenue"), "$135.00");
    assert_eq!((told(&page, "held"), told(&page, "free")), ("1".to_owned(), "106".to_owned()));
    // A minute may have ended since they were placed.
    let minutes = told(&page, "minutes");
    let counts: Vec<u32> = minutes.split(' ').filter_map(|word| word.parse().ok()).collect();
    assert!(counts[..2] == [2, 30] && counts[2] <= 2, "{minutes}");
    let best: Vec<_> = text(&page).split("data-testid=\"category\"").collect();
    assert!(
        best[1].contains("BEST") && best[1].contains(">3</td>") && best[1].contains(">$135.00</td>"),
        "{}",
        best[1]
    );
    let event = format!("/organizer/events/{}", show.event);
    let event = until(&mut browser, &event, |page| told(page, "tickets-sold") == "3").await;
    assert_eq!(told(&event, "revenue"), "$135.00");
    let desk = until(&mut browser, "/organizer", |page| text(page).contains("3 tickets")).await;
    assert_eq!(told(&desk, "revenue"), "$135.00");

    // Found by seat, name, address and number; in the list of the event as well.
    let orders = format!("{live}/orders");
    let (ada, ben) = (ada["id"].as_str().unwrap().to_owned(), ben["id"].as_str().unwrap().to_owned());
    let found = async |browser: &mut Browser<'_>, path: &str, q: &str| {
        let q: String = form_urlencoded::byte_serialize(q.as_bytes()).collect();
        let page = browser.get(&format!("{path}?q={q}")).await;
        assert_eq!(page.status, 200, "{}", text(&page));
        let ids = text(&page).split("data-testid=\"order\" data-id=\"").skip(1);
        ids.map(|rest| rest.split('"').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let of_event = format!("/organizer/events/{}/orders", show.event);
    for path in [&orders, &of_event] {
        assert_eq!(found(&mut browser, path, "").await, [ada.clone(), ben.clone()]);
        assert_eq!(found(&mut browser, path, "ben@example").await, std::slice::from_ref(&ben));
        assert_eq!(found(&mut browser, path, "brown").await, std::slice::from_ref(&ben));
        assert_eq!(found(&mut browser, path, "ADA").await, std::slice::from_ref(&ada));
        assert_eq!(found(&mut browser, path, "B3").await, std::slice::from_ref(&ben));
        assert_eq!(found(&mut browser, path, "stalls row A seat 2").await, std::slice::from_ref(&ada));
        assert!(found(&mut browser, path, "nobody").await.is_empty());
        let by_number = browser.get(&format!("{path}?q={ada}")).await;
        assert_eq!(led_on(&by_number), format!("/organizer/orders/{ada}"));
    }
    let listed = browser.get(&orders).await;
    assert!(text(&listed).contains("Ben &#60;b&#62;Brown&#60;/b&#62; 🎟"), "{}", text(&listed));

    // The order, with the link that its guest may have lost.
    let at = format!("/organizer/orders/{ada}");
    let order = browser.get(&at).await;
    check_page(
        &order,
        200,
        "Order <span class=\"tag good\" data-testid=\"order-status\" data-status=\"booked\">Booked</span>",
    );
    let link = text(&order).split_once("id=\"booking-link\" value=\"").unwrap().1.split('"').next().unwrap();
    let link = link.split_once("/bookings/").unwrap().1;
    let guest = Browser::new(&show.house).get(&format!("/bookings/{link}")).await;
    assert_eq!(led_on(&guest), format!("/bookings/{ada}"));
    assert!(text(&order).contains("$90.00 were paid."));

    // An amount: too much is told at its field; the sum is shown; sent twice, it goes back once.
    let refund = format!("{at}/refund");
    let much = browser.get(&format!("{refund}?review=yes&what=amount&amount=90.01&reason=Late")).await;
    assert_eq!(much.status, 422);
    assert!(text(&much).contains("At most $90.00 can be paid back."), "{}", text(&much));
    for (amount, words) in [("-1", "below zero"), ("1.001", "At most 2 digits"), ("", "Write an amount")] {
        let wrong =
            browser.get(&format!("{refund}?review=yes&what=amount&amount={amount}&reason=Late")).await;
        assert!(wrong.status == 422 && text(&wrong).contains(words), "{amount}: {}", text(&wrong));
    }
    let silent = browser.get(&format!("{refund}?review=yes&what=amount&amount=10&reason=")).await;
    assert!(silent.status == 422 && text(&silent).contains("fault-reason"));
    let review = browser.get(&format!("{refund}?review=yes&what=amount&amount=10&reason=Late+start")).await;
    assert_eq!(told(&review, "refund-total"), "$10.00");
    let goodwill = [
        ("what", "amount"),
        ("tickets", ""),
        ("amount", "10"),
        ("reason", "Late start"),
        ("expected", "1000"),
    ];
    let done = browser.submit(&review, &refund, &goodwill).await;
    assert_eq!(led_on(&done), at);
    led_on(&browser.submit(&review, &refund, &goodwill).await);
    let order = until(&mut browser, &at, |page| {
        text(page).contains("data-testid=\"refund\" data-status=\"settled\"")
    })
    .await;
    assert_eq!(text(&order).matches("data-testid=\"refund\"").count(), 1);
    assert!(text(&order).contains("A refund of $10.00 was granted.") && text(&order).contains("Late start"));

    // One ticket: its price is shown first. What was shown is what is done.
    let choose = browser.get(&refund).await;
    let ticket =
        text(&choose).split_once("name=\"ticket\" value=\"").unwrap().1.split('"').next().unwrap().to_owned();
    let review = browser.get(&format!("{refund}?review=yes&what=tickets&ticket={ticket}&reason=Ill")).await;
    assert_eq!(told(&review, "refund-total"), "$45.00");
    let one = [
        ("what", "tickets"),
        ("tickets", ticket.as_str()),
        ("amount", ""),
        ("reason", "Ill"),
        ("expected", "4400"),
    ];
    let shown_again = browser.submit(&review, &refund, &one).await;
    assert_eq!((shown_again.status.as_u16(), told(&shown_again, "refund-total")), (409, "$45.00".to_owned()));
    let right = filled(&one, &[("expected", "4500")]);
    led_on(&browser.submit(&review, &refund, &right).await);
    // What was given back before as goodwill does not go back twice.
    let review = browser.get(&format!("{refund}?review=yes&what=all&reason=Called+off")).await;
    assert_eq!(told(&review, "refund-total"), "$35.00");
    let page = until(&mut browser, &live, |page| told(page, "refunded") == "$55.00").await;
    assert_eq!((told(&page, "revenue"), told(&page, "tickets-sold")), ("$80.00".to_owned(), "2".to_owned()));
    show.close().await;
}

#[tokio::test]
async fn every_node_shows_what_another_one_sells() {
    let trio = Trio::open().await;
    let on_sale = trio.sell_in(3, 2).await;
    let wish = json!({"seats": [on_sale.seats[12]]});
    let hold = trio.ask(1, "POST", &format!("/v1/performances/{}/holds", on_sale.performance), &wish).await;
    let hold = hold.json();
    let body = json!({
        "hold_id": hold["id"], "hold_token": hold["token"], "payment": {"method": "card_ok"},
        "email": "ada@example.com", "name": "Ada Adams",
    });
    let order = trio.ask(2, "POST", "/v1/bookings", &body).await.json();
    let order = order["id"].as_str().unwrap();
    let event = {
        let catalog = trio.town.app(1).home.catalog_copy().read();
        catalog.performance(on_sale.performance).unwrap().event
    };
    for node in 1..=3 {
        let page = async |path: &str| {
            let cookie = format!("marquee_access={}", trio.town.operator());
            let request = ask("GET", path).header("cookie", cookie).header("accept", "text/html");
            let answer = send(trio.town.address(node), request.body(Full::default()).unwrap()).await;
            assert_eq!(answer.status, 200, "{path} at {node}: {}", text(&answer));
            answer
        };
        for of in [format!("performances/{}", on_sale.performance), format!("events/{event}")] {
            let orders = page(&format!("/organizer/{of}/orders?q=ada+row+2")).await;
            assert!(text(&orders).contains(&format!("data-id=\"{order}\"")), "{of}: {}", text(&orders));
        }
        let found = page(&format!("/organizer/orders/{order}")).await;
        assert_eq!(told(&found, "buyer"), "Ada Adams");
        let deadline = Instant::now() + Duration::from_secs(60);
        for path in
            [format!("/organizer/performances/{}", on_sale.performance), format!("/organizer/events/{event}")]
        {
            loop {
                let counted = page(&path).await;
                let is_counted = !text(&counted).contains("data-testid=\"counting\"");
                if is_counted && told(&counted, "tickets-sold") == "1" {
                    assert_eq!(told(&counted, "revenue"), "$45.00");
                    break;
                }
                assert!(Instant::now() < deadline, "{path} at {node}: {}", text(&counted));
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    trio.close().await;
}
