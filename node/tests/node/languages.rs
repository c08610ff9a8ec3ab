//! The pages in the languages of who looks at them.

use std::fs;
use std::path::Path;

use axum::http::header;
use http_body_util::Full;

use crate::house::{Answer, House, ask};
use crate::pages::{Browser, text};
use crate::show::Show;

async fn accepting(house: &House, path: &str, languages: &str) -> Answer {
    let request = ask("GET", path).header("accept", "text/html").header("accept-language", languages);
    house.send(request.body(Full::default()).unwrap()).await
}

/// The whole sentences of a language, without those that others share.
fn sentences(of: &str, unlike: &str) -> Vec<String> {
    let read = |tag: &str| {
        let mut lines = Vec::new();
        for file in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("texts").join(tag)).unwrap() {
            let text = fs::read_to_string(file.unwrap().path()).unwrap();
            lines.extend(
                text.lines().filter_map(|line| line.split_once(" = ")).map(|(_key, said)| said.to_owned()),
            );
        }
        lines
    };
    let others = read(unlike);
    let is_told = |said: &String| said.contains(' ') && said.len() > 8 && !said.contains(['{', '[']);
    read(of).into_iter().filter(is_told).filter(|said| !others.contains(said)).collect()
}

/// A page in German, of which nothing is English.
#[track_caller]
fn check_german(answer: &Answer, status: u16) {
    let page = text(answer);
    assert_eq!(answer.status, status, "{page}");
    assert!(page.contains("<html lang=\"de\" dir=\"ltr\">"), "{page}");
    assert_eq!(answer.header("content-language"), "de");
    let english = sentences("en", "de");
    assert!(english.len() > 100, "{}", english.len());
    for said in english {
        assert!(!page.contains(&said), "{said:?} in {page}");
    }
}

#[tokio::test]
async fn a_page_comes_in_the_first_language_of_the_browser_that_there_is() {
    let house = House::open().await;
    for (accepted, tag, heading) in [
        ("de-AT,de;q=0.9,en;q=0.5", "de", "<h1>Programm</h1>"),
        ("fr,es-MX;q=0.8", "es", "<h1>Cartelera</h1>"),
        ("ja", "en", "<h1>What’s on</h1>"),
        ("", "en", "<h1>What’s on</h1>"),
    ] {
        let page = accepting(&house, "/", accepted).await;
        assert!(text(&page).contains(&format!("<html lang=\"{tag}\" dir=\"ltr\">")), "{accepted}");
        assert!(text(&page).contains(heading), "{accepted}: {}", text(&page));
        assert_eq!(page.header("content-language"), tag);
        let varies = page.headers.get_all(header::VARY).iter().any(|vary| {
            let vary = vary.to_str().unwrap();
            vary.contains("accept-language") && vary.contains("cookie")
        });
        assert!(varies, "{page:?}");
    }
    house.close().await;
}

#[tokio::test]
async fn who_chooses_a_language_comes_back_to_the_page_and_keeps_it() {
    let house = House::open().await;
    let mut browser = Browser::new(&house);
    let page = browser.get("/help?a=1&b=2").await;
    assert!(text(&page).contains("name=\"back\" value=\"/help?a=1&#38;b=2\""), "{}", text(&page));
    let chosen = browser.submit(&page, "/language", &[("lang", "es"), ("back", "/help?a=1&b=2")]).await;
    assert_eq!(chosen.header("location"), "/help?a=1&b=2");
    let cookie = chosen.header("set-cookie");
    assert!(cookie.starts_with("marquee_lang=es; Path=/; HttpOnly; SameSite=Lax; Max-Age="), "{cookie}");
    assert!(text(&browser.follow(&chosen).await).contains("<h1>Ayuda</h1>"));

    let away = browser.submit(&page, "/language", &[("lang", "de"), ("back", "//evil.example/")]).await;
    assert_eq!(away.header("location"), "/");
    let unknown = browser.submit(&page, "/language", &[("lang", "tlh"), ("back", "/")]).await;
    assert_eq!(unknown.status, 422);
    assert!(unknown.headers.get(header::SET_COOKIE).is_none(), "{unknown:?}");
    let foreign = browser.send("POST", "/language", "lang=de&back=/").await;
    assert_eq!(foreign.status, 403, "a form that is not ours");
    house.close().await;
}

#[tokio::test]
async fn a_guest_who_reads_german_reads_nothing_else() {
    let show = Show::open().await;
    let mut browser = Browser::new(&show.house);
    browser.cookies.insert("marquee_lang".to_owned(), "de".to_owned());
    for path in ["/", "/help", "/sign-in", "/sign-up", "/bookings", "/search?q=harbour", "/?place=123"] {
        check_german(&browser.get(path).await, 200);
    }
    check_german(&browser.get(&format!("/events/{}", show.event)).await, 200);
    check_german(&browser.get("/nowhere").await, 404);
    check_german(&browser.get("/events/evt_01kc0000000000000000000000").await, 404);
    let seats = browser.get(&format!("/performances/{}", show.performance)).await;
    check_german(&seats, 200);

    let hold = format!("/performances/{}/hold", show.performance);
    let many = browser.submit(&seats, &hold, &[("quantity", "40"), ("where", "")]).await;
    check_german(&many, 409);
    let held = browser.submit(&many, &hold, &[("quantity", "2"), ("where", "")]).await;
    let address = held.header("location").to_owned();
    let checkout = browser.follow(&held).await;
    check_german(&checkout, 200);
    assert!(text(&checkout).contains("\u{a0}$ bezahlen</button>"), "money by locale: {}", text(&checkout));
    let nobody = [("method", "card_ok"), ("email", "x"), ("name", "Paul")];
    let nobody = browser.submit(&checkout, &address, &nobody).await;
    check_german(&nobody, 422);
    assert!(text(&nobody).contains("Schreiben Sie eine E-Mail-Adresse"));

    let person = [("method", "card_ok"), ("email", "paul@example.org"), ("name", "Paul Plain")];
    let paid = browser.submit(&nobody, &address, &person).await;
    let booking_at = paid.header("location").to_owned();
    check_german(&browser.follow(&paid).await, 200);
    let choose = browser.get(&format!("{booking_at}/cancel")).await;
    check_german(&choose, 200);
    let tickets =
        text(&choose).split("name=\"ticket\" value=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    let tickets: Vec<_> = tickets.collect();
    let named: String = tickets.iter().map(|ticket| format!("&ticket={ticket}")).collect();
    let review = browser.get(&format!("{booking_at}/cancel?review=yes{named}")).await;
    check_german(&review, 200);
    assert!(text(&review).contains("Möchten Sie 2 Tickets stornieren?"));
    let cancelled =
        browser.submit(&review, &format!("{booking_at}/cancel"), &[("tickets", &tickets.join(" "))]).await;
    let after = browser.follow(&cancelled).await;
    check_german(&after, 200);
    assert!(text(&after).contains("Vom Käufer storniert"), "a reason that is known is translated");
    show.close().await;
}

#[tokio::test]
async fn programs_are_answered_in_english_whatever_they_accept() {
    let house = House::open().await;
    let request = ask("GET", "/v1/nowhere").header("accept-language", "de").body(Full::default()).unwrap();
    let document = house.send(request).await.problem(404, "not-found");
    assert_eq!(document["title"], "There is nothing at this address");
    house.close().await;
}

#[tokio::test]
async fn scripts_get_their_texts_as_a_module_that_is_kept() {
    let house = House::open().await;
    let page = accepting(&house, "/", "de").await;
    let (_before, rest) =
        text(&page).split_once("rel=\"modulepreload\" fetchpriority=\"low\" href=\"").unwrap();
    let address = rest.split('"').next().unwrap();
    assert!(address.ends_with("/texts/de.js"), "{address}");
    let module = house.get(address).await;
    assert_eq!(module.header("cache-control"), "public, max-age=31536000, immutable");
    assert!(module.header("content-type").starts_with("text/javascript"));
    let texts = text(&module).strip_prefix("export default ").unwrap().trim_end().strip_suffix(';').unwrap();
    let texts: serde_json::Value = serde_json::from_str(texts).unwrap();
    assert_eq!(texts["suggestions"], "Vorschläge");
    assert_eq!(texts["ticket-count"][0][1]["one"][1], " Ticket");
    house.close().await;
}
