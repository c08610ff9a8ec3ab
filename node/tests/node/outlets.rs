//! What is on, for programs of others: calendars, feeds, sitemaps and structured data.

use marquee_ledger::EventId;
use marquee_node::catalog::{Action, By, Command, Outcome};
use serde_json::Value;

use crate::show::{ORGANIZER, Show, event_facts};

/// Whether XML is well-formed, as far as elements go: each that begins ends.
fn is_balanced(xml: &str) -> bool {
    let mut open = Vec::new();
    for part in xml.split('<').skip(1) {
        let tag = part.split('>').next().unwrap();
        let name = tag.split_whitespace().next().unwrap_or_default();
        match name.strip_prefix('/') {
            Some(name) if open.pop() != Some(name) => return false,
            Some(_) => {}
            None if tag.starts_with('?') || tag.ends_with('/') => {}
            None => open.push(name),
        }
    }
    open.is_empty()
}

/// Gives the event words that would break out of what they stand in.
async fn rename(show: &Show, title: &str) {
    let mut facts = event_facts();
    (facts.title, facts.description) = (title.to_owned(), "Fish & chips; <b>bold</b>,\nand more".to_owned());
    let action = Action::UpdateEvent { event: show.event, version: None, facts };
    let command = Command { by: By { account: ORGANIZER, operator: false }, action };
    let done = show.house.app.home.catalog(None, command).await.unwrap();
    assert!(matches!(done, Ok(Outcome::Updated { .. })), "{done:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_s_page_tells_search_engines_what_people_see() {
    let show = Show::open().await;
    rename(&show, "</script><script>alert(1)</script>").await;
    let page = show.get(&format!("/events/{}", show.event), &[("accept", "text/html")]).await;
    let html = String::from_utf8(page.body.to_vec()).unwrap();
    let json = html.split_once("<script type=\"application/ld+json\">").unwrap().1;
    let json: Value = serde_json::from_str(json.split_once("</script>").unwrap().0).unwrap();
    let told = json["@graph"].as_array().unwrap();
    assert_eq!(told.len(), 2);
    for told in told {
        assert_eq!(told["@type"], "MusicEvent");
        assert_eq!(told["name"], "</script><script>alert(1)</script>");
        assert_eq!(told["location"]["address"]["addressLocality"], "Oakland");
        assert_eq!(told["offers"]["lowPrice"], "15.00");
        assert_eq!(told["offers"]["availability"], "https://schema.org/InStock");
        assert!(told["startDate"].as_str().unwrap().contains("-0"), "with the venue's offset: {told}");
    }
    assert!(!html.contains("<script>alert"), "{html}");
    show.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn performances_go_into_calendars() {
    let show = Show::open().await;
    rename(&show, "Harbour, Lights; & more").await;
    for (path, count) in
        [("/calendar.ics".to_owned(), 1), (format!("/events/{}/calendar.ics", show.event), 2)]
    {
        let answer = show.get(&path, &[]).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("content-type")),
            (200, "text/calendar; charset=utf-8")
        );
        let text = String::from_utf8(answer.body.to_vec()).unwrap();
        assert!(text.starts_with("BEGIN:VCALENDAR\r\n") && text.ends_with("END:VCALENDAR\r\n"), "{text}");
        assert_eq!(text.matches("BEGIN:VEVENT").count(), count, "{text}");
        assert!(text.contains("SUMMARY:Harbour\\, Lights\\; & more\r\n"), "{text}");
        assert!(
            text.contains("LOCATION:Fox Theater\\, 1807 Telegraph Ave\\, Oakland\\, CA\\, 94612"),
            "{text}"
        );
        assert!(text.lines().all(|line| line.len() <= 75), "lines are folded: {text}");
        assert!(text.contains(&format!("UID:{}", show.performance)), "{text}");
    }
    let nothing = show.get("/calendar.ics?place=Nowhere", &[]).await;
    assert!(!String::from_utf8(nothing.body.to_vec()).unwrap().contains("VEVENT"));
    show.get(&format!("/events/{}/calendar.ics", EventId(1)), &[]).await.problem(404, "unknown-event");
    show.get("/calendar.ics?date=tomorrow", &[]).await.problem(422, "invalid");
    show.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_go_into_feeds_and_sitemaps() {
    let show = Show::open().await;
    rename(&show, "Tom & <Jerry>").await;
    let text = async |path: &str| {
        let answer = show.get(path, &[]).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        String::from_utf8(answer.body.to_vec()).unwrap()
    };
    let feed = text("/feed.atom?kind=concert").await;
    assert!(is_balanced(&feed), "{feed}");
    assert!(feed.contains("<title>Tom &amp; &lt;Jerry&gt;</title>"), "{feed}");
    assert!(feed.contains(&format!("/events/{}</id>", show.event)), "{feed}");
    assert!(!text("/feed.atom?kind=movie").await.contains("<entry>"));

    let index = text("/sitemap.xml").await;
    assert!(is_balanced(&index) && index.contains("/sitemap/0</loc>"), "{index}");
    let part = text("/sitemap/0").await;
    assert!(is_balanced(&part) && part.contains(&format!("/events/{}</loc>", show.event)), "{part}");
    for path in ["/sitemap/1", "/sitemap/x", "/sitemap/99999999999999999999"] {
        show.get(path, &[]).await.problem(404, "not-found");
    }
    assert!(text("/robots.txt").await.contains("Disallow: /account\n"));
    show.close().await;
}
