//! Lists of orders.

use serde_json::json;

use super::organizer;
use crate::house::Answer;
use crate::pages::{Browser, text};
use crate::show::Show;

#[tokio::test]
async fn orders_come_a_page_at_a_time_and_all_of_them_are_looked_through() {
    const ORDERS: usize = 63;
    let show = Show::open().await;
    let event = show.event;
    let seats = show.seats().await;
    let floor = seats["areas"][0]["id"].as_str().unwrap().to_owned();
    for (performance, count) in [(show.performance, ORDERS - 10), (show.other_performance, 10)] {
        let map = show.get(&format!("/v1/performances/{performance}/seats"), &[]).await.json();
        let floor = map["areas"][0]["id"].as_str().unwrap_or(&floor).to_owned();
        for nth in 0..count {
            let body = json!({
                "performance_id": performance, "areas": [{"area": floor, "quantity": 1}],
                "payment": {"method": "card_ok"}, "email": format!("guest{nth}@example.org"),
                "name": format!("=Guest {nth}"),
            });
            let bought =
                show.post(&format!("/v1/events/{event}/bookings"), &[("prefer", "wait=0")], &body).await;
            assert_eq!(bought.status, 201, "{bought:?}");
        }
    }
    let mut browser = organizer(&show.house);
    let walk = async |browser: &mut Browser<'_>, path: String| {
        let (mut ids, mut pages, mut path) = (Vec::new(), 0, path);
        loop {
            let page = browser.get(&path).await;
            let shown = text(&page).split("data-testid=\"order\" data-id=\"").skip(1);
            ids.extend(shown.map(|rest| rest.split('"').next().unwrap().to_owned()));
            pages += 1;
            let Some((before, _)) = text(&page).split_once("rel=\"next\"") else { return (ids, pages) };
            let next = before.rsplit("href=\"").next().unwrap().split('"').next().unwrap();
            path = next.replace("&#38;", "&");
        }
    };
    let of_one = format!("/organizer/performances/{}/orders", show.performance);
    let (one, pages) = walk(&mut browser, of_one.clone()).await;
    assert_eq!((one.len(), pages), (ORDERS - 10, 2));
    assert!(one.is_sorted(), "in the order of their placing");
    let (all, pages) = walk(&mut browser, format!("/organizer/events/{event}/orders")).await;
    let distinct: std::collections::BTreeSet<_> = all.iter().collect();
    assert_eq!((all.len(), distinct.len(), pages), (ORDERS, ORDERS, 2));
    let (found, pages) = walk(&mut browser, format!("{of_one}?q=guest52")).await;
    assert_eq!((found.len(), pages), (1, 1));
    let (found, _) = walk(&mut browser, format!("/organizer/events/{event}/orders?q=guest7+floor")).await;
    assert_eq!(found.len(), 2, "one of each performance");
    let table = browser.get(&format!("{of_one}.csv")).await;
    assert_eq!(table.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(tickets(&table), one, "a ticket of each order");
    let table = browser.get(&format!("/organizer/events/{event}/orders.csv")).await;
    assert_eq!(tickets(&table), all);
    show.close().await;
}

/// The orders of a table of tickets, each of which has one; checks that its lines say what they should.
fn tickets(table: &Answer) -> Vec<String> {
    let mut lines = csv::Reader::from_reader(&table.body[..]);
    let names = lines.headers().unwrap().clone();
    let column = |name: &str| names.iter().position(|known| known == name).unwrap();
    let read = |line: csv::StringRecord| {
        assert_eq!((&line[column("area")], &line[column("seat")]), ("Floor", ""), "{line:?}");
        assert_eq!((&line[column("price")], &line[column("currency")]), ("15.00", "USD"), "{line:?}");
        assert_eq!(line[column("buyer")], line[column("holder")], "{line:?}");
        assert!(line[column("buyer")].starts_with("'=Guest "), "no formula for a spreadsheet: {line:?}");
        line[column("order")].to_owned()
    };
    lines.records().map(|line| read(line.unwrap())).collect()
}
