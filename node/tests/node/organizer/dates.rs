//! Lists of dates, however many there are.

use std::io::Read;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use flate2::read::GzDecoder;
use futures_util::StreamExt;
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use marquee_ledger::EventId;
use marquee_node::catalog::Action;
use marquee_node::catalog::service::Writer;
use tokio::net::TcpStream;

use super::organizer;
use crate::house::{Answer, House, ask};
use crate::pages::{Browser, text};
use crate::show::{ORGANIZER, Show, Terms, offer};

const DATES: u64 = 13_000;

/// Gives the show's event so many dates, two hours apart; tells how long that took.
async fn make_dates(show: &Show) -> Duration {
    let now_ms = show.house.app.now_ms();
    let house = &show.house;
    let hall = {
        let catalog = house.app.home.catalog_copy().read();
        catalog.performance(show.performance).unwrap().hall
    };
    let writer = Writer::new(house.app.home.clone(), ORGANIZER, false);
    let terms = Terms { hold_ms: 600_000, ticket_limit: 0 };
    let made = futures_util::stream::iter(0..DATES).map(|nth| {
        let mut offer = offer(&terms, now_ms);
        offer.schedule.starts_at_ms += nth * 2 * 3_600_000;
        offer.schedule.on_sale_until_ms = offer.schedule.starts_at_ms;
        let (event, event_owner) = (show.event, None);
        writer.write(None, Action::CreatePerformance { key: None, event, event_owner, hall, offer })
    });
    let began = Instant::now();
    let made: Vec<_> = made.buffered(512).collect().await;
    assert!(made.iter().all(Result::is_ok));
    began.elapsed()
}

#[tokio::test]
async fn thirteen_thousand_dates_are_listed_at_once() {
    let show = Show::open().await;
    println!("{DATES} performances were made in {:?}", make_dates(&show).await);
    let house = &show.house;
    let mut browser = organizer(house);
    let event: EventId = show.event;
    let mut slowest = Duration::ZERO;
    let mut pages = 0;
    let mut path = format!("/organizer/events/{event}?show=all");
    let mut seen = 0;
    // Walks a dozen pages, and jumps to the end.
    for _ in 0..12 {
        let (page, took) = timed(&mut browser, &path).await;
        slowest = slowest.max(took);
        pages += 1;
        seen += text(&page).matches("data-testid=\"date\"").count();
        let next = text(&page).split_once("rel=\"next\"").map(|(before, _)| before).unwrap();
        path = next.rsplit("href=\"").next().unwrap().split('"').next().unwrap().replace("&#38;", "&");
    }
    assert_eq!((pages, seen), (12, 600), "every page is full and shows others");
    for query in ["show=coming", "show=on-sale", "show=cancelled", "show=over", "show=all&from=2029-01-01"] {
        let (_page, took) = timed(&mut browser, &format!("/organizer/events/{event}?{query}")).await;
        slowest = slowest.max(took);
    }
    let last = browser.get(&format!("/organizer/events/{event}?show=all&from=2031-01-01")).await;
    assert!(!text(&last).contains("data-testid=\"date\""), "there is nothing so late");
    println!("the slowest page took {slowest:?}");
    lists_without_end(&show).await.iter().for_each(|words| println!("{words}"));
    // Optimised it takes a few milliseconds; the bound has room for a debug build on a machine that does other things too.
    let bound = if cfg!(debug_assertions) { Duration::from_millis(600) } else { Duration::from_millis(50) };
    assert!(slowest < bound, "the slowest page took {slowest:?}");
    show.close().await;
}

/// The fastest of three looks at a page.
async fn timed(browser: &mut Browser<'_>, path: &str) -> (Answer, Duration) {
    let mut best: Option<(Answer, Duration)> = None;
    for _ in 0..3 {
        let began = Instant::now();
        let page = browser.get(path).await;
        let took = began.elapsed();
        assert_eq!(page.status, 200, "{}", text(&page));
        if best.as_ref().is_none_or(|(_, known)| took < *known) {
            best = Some((page, took));
        }
    }
    best.unwrap()
}

/// An answer as it arrived.
struct Arrived {
    /// When its first letters were there, and when all were.
    first: Duration,
    all: Duration,
    text: String,
    /// All of that, to be printed.
    words: String,
}

/// Reads a long answer, compressed as browsers ask for it, letter by letter as it comes.
async fn arrive(house: &House, browser: &Browser<'_>, path: &str) -> Arrived {
    let stream = TcpStream::connect(house.address).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    let connection = tokio::spawn(connection);
    let cookie = format!("marquee_access={}", browser.cookies["marquee_access"]);
    let request = ask("GET", path).header("cookie", cookie).header("accept-encoding", "gzip");
    let began = Instant::now();
    let answer = sender.send_request(request.body(Full::<Bytes>::default()).unwrap()).await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["content-encoding"]),
        (200, &"gzip".parse().unwrap())
    );
    let (mut first, mut packed, mut body) = (None, BytesMut::new(), answer.into_body());
    while let Some(frame) = body.frame().await {
        packed.extend_from_slice(frame.unwrap().data_ref().unwrap());
        // What was sent of a compressed answer can be read as far as it came.
        if first.is_none() && GzDecoder::new(&packed[..]).read(&mut [0; 64]).is_ok_and(|read| read > 0) {
            first = Some(began.elapsed());
        }
    }
    let all = began.elapsed();
    let mut text = String::new();
    GzDecoder::new(&packed[..]).read_to_string(&mut text).unwrap();
    connection.abort();
    let words = format!(
        "{path}: {} kB, {} compressed; begun after {:?}, whole after {all:?}",
        text.len() >> 10,
        packed.len() >> 10,
        first.unwrap()
    );
    Arrived { first: first.unwrap(), all, text, words }
}

/// Lists that show all dates begin to arrive long before they are whole.
async fn lists_without_end(show: &Show) -> Vec<String> {
    let mut words = Vec::new();
    let browser = organizer(&show.house);
    let event = show.event;
    // Two dates were there before.
    let all = DATES as usize + 2;
    for (path, row, begin, end) in [
        (
            format!("/organizer/events/{event}?show=all&whole=true"),
            "data-testid=\"date\"",
            "<!doctype html>",
            "</html>",
        ),
        (format!("/organizer/events/{event}/performances.csv"), "\nprf_", "id,key,event,hall,", "\n"),
        (
            format!("/events/{event}/calendar.ics"),
            "BEGIN:VEVENT\r\n",
            "BEGIN:VCALENDAR\r\n",
            "END:VEVENT\r\nEND:VCALENDAR\r\n",
        ),
    ] {
        let arrived = arrive(&show.house, &browser, &path).await;
        assert_eq!(arrived.text.matches(row).count(), all, "{path}");
        assert!(arrived.text.starts_with(begin) && arrived.text.ends_with(end), "{path}");
        assert!(!arrived.text.contains("<!--rows-->"), "{path}");
        let (first, all) = (arrived.first, arrived.all);
        assert!(first * 4 < all, "{path} began after {first:?} and was whole after {all:?}");
        words.push(arrived.words);
    }
    words
}
