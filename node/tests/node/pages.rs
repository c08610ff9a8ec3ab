//! The pages: their landmarks, their policy, their forms, and the main path without a script.

use std::collections::BTreeMap;

use axum::http::header;
use data_encoding::BASE64;
use http_body_util::Full;
use marquee_node::accounts::Role;
use marquee_node::catalog::{Action, By, Command, Created, EventKind, Outcome, entity::EventFacts};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::cluster::signed_in;
use crate::house::{Answer, House, ask};
use crate::show::{ORGANIZER, Show};

/// A browser without scripts: keeps cookies, and fills in the forms of pages.
pub(crate) struct Browser<'h> {
    house: &'h House,
    pub(crate) cookies: BTreeMap<String, String>,
}

impl<'h> Browser<'h> {
    pub(crate) fn new(house: &'h House) -> Self {
        Self { house, cookies: BTreeMap::new() }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, "").await
    }

    /// Sends a form of the page that was shown last.
    pub(crate) async fn submit(&mut self, page: &Answer, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.append_pair("csrf", &field(page, "csrf"));
        let request = field(page, "request");
        if !request.is_empty() {
            body.append_pair("request", &request);
        }
        body.extend_pairs(fields);
        self.send("POST", path, &body.finish()).await
    }

    pub(crate) async fn send(&mut self, method: &str, path: &str, body: &str) -> Answer {
        // Cookies of one booking, or one ticket, go to its address only.
        let cookies = self.cookies.iter().filter(|(name, _)| match name.as_str() {
            "marquee_order" => path.starts_with("/bookings/"),
            "marquee_ticket" => path.starts_with("/tickets/"),
            _ours => true,
        });
        let cookies: Vec<_> = cookies.map(|(name, value)| format!("{name}={value}")).collect();
        let request = ask(method, path)
            .header("accept", "text/html")
            .header("cookie", cookies.join("; "))
            .header("content-type", "application/x-www-form-urlencoded");
        let answer = self.house.send(request.body(Full::from(body.to_owned())).unwrap()).await;
        for cookie in answer.headers.get_all(header::SET_COOKIE) {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        answer
    }

    /// Follows the redirect that an answer is.
    pub(crate) async fn follow(&mut self, answer: &Answer) -> Answer {
        assert_eq!(answer.status, 303, "{}", text(answer));
        let to = answer.header("location").to_owned();
        self.get(&to).await
    }
}

pub(crate) fn text(answer: &Answer) -> &str {
    std::str::from_utf8(&answer.body).unwrap()
}

/// The value of the first hidden field of this name.
pub(crate) fn field(page: &Answer, name: &str) -> String {
    let mark = format!("name=\"{name}\" value=\"");
    let rest = text(page).split_once(mark.as_str()).map_or("", |(_before, rest)| rest);
    rest.split('"').next().unwrap().to_owned()
}

/// What every page has.
#[track_caller]
pub(crate) fn check_page(answer: &Answer, status: u16, heading: &str) {
    let page = text(answer);
    assert_eq!(answer.status, status, "{page}");
    assert!(answer.header("content-type").starts_with("text/html"), "{answer:?}");
    assert!(answer.header("content-security-policy").starts_with("default-src 'self'"));
    // What has a tag is asked for again; what has none is somebody's own, or a refusal.
    let kept = if answer.header("etag").is_empty() { "no-store" } else { "private, no-cache" };
    assert_eq!(answer.header("cache-control"), kept);
    assert!(page.starts_with("<!doctype html>\n<html lang=\"en\" dir=\"ltr\">"), "{page}");
    assert!(page.contains(" · Marquee</title>"), "{page}");
    assert_eq!(page.matches("<h1").count(), 1, "{page}");
    assert!(page.contains(&format!("<h1>{heading}</h1>")), "{heading}: {page}");
    for landmark in ["<header", "<nav aria-label=\"Main\"", "<main id=\"main\"", "<footer", "href=\"#main\""]
    {
        assert!(page.contains(landmark), "{landmark}: {page}");
    }
    // The policy forbids what is inline, but the sheets that it names.
    for inline in [" style=", " onclick=", "<script>", "javascript:"] {
        assert!(!page.contains(inline), "{inline}: {page}");
    }
    let sheets = page.split("<style>").skip(1).map(|rest| rest.split("</style>").next().unwrap());
    let sources = sheets.map(|sheet| format!("'sha256-{}'", BASE64.encode(&Sha256::digest(sheet))));
    let unknown = sources.filter(|source| !answer.header("content-security-policy").contains(source));
    assert_eq!(unknown.count(), 0, "{page}");
}

#[tokio::test]
async fn every_page_has_its_landmarks_and_its_policy() {
    let show = Show::open().await;
    let mut browser = Browser::new(&show.house);
    check_page(&browser.get("/").await, 200, "What’s on");
    check_page(&browser.get("/?kind=concert&place=Oakland&date=2026-01-01").await, 200, "What’s on");
    let title = field_of_event(&show).await;
    check_page(&browser.get(&format!("/events/{}", show.event)).await, 200, &title);
    check_page(&browser.get(&format!("/performances/{}", show.performance)).await, 200, &title);
    check_page(&browser.get("/bookings").await, 200, "My bookings");
    check_page(&browser.get("/sign-in").await, 200, "Sign in");
    check_page(&browser.get("/sign-up").await, 200, "Create an account");
    check_page(&browser.get("/help").await, 200, "Help");
    check_page(&browser.get("/nowhere").await, 404, "There is no such page");
    check_page(&browser.get("/events/evt_1").await, 404, "This is not on any more");
    check_page(
        &browser.get("/checkout/hld_01kc0000000000000000000000").await,
        410,
        "Your seats are not kept any longer",
    );
    check_page(
        &browser.get("/bookings/ord_01kc0000000000000000000000").await,
        404,
        "This booking is not yours to see",
    );
    let account = browser.get("/account").await;
    assert_eq!((account.status.as_u16(), account.header("location")), (303, "/sign-in?then=%2Faccount"));
    show.close().await;
}

async fn field_of_event(show: &Show) -> String {
    let event = show.house.get(&format!("/v1/events/{}", show.event)).await.json();
    event["title"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_page_that_a_browser_has_is_not_sent_again_unless_it_is_another_persons() {
    let show = Show::open().await;
    let mut browser = Browser::new(&show.house);
    let path = format!("/events/{}", show.event);
    let first = browser.get(&path).await;
    let again = |cookies: &BTreeMap<String, String>| {
        let cookies: Vec<_> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = ask("GET", &path)
            .header("accept", "text/html")
            .header("cookie", cookies.join("; "))
            .header("if-none-match", first.header("etag"));
        show.house.send(request.body(Full::from(String::new())).unwrap())
    };
    let same = again(&browser.cookies).await;
    assert_eq!((same.status.as_u16(), same.body.len()), (304, 0));
    // It would replace the policy of the page that the browser kept.
    assert_eq!(same.header("content-security-policy"), "");
    assert_eq!(again(&BTreeMap::new()).await.status, 200, "another guest's form token would not fit");

    let page = text(&first);
    assert!(page.contains(&format!("/events/{}\">", show.event)), "its canonical address: {page}");
    for named in ["rel=\"canonical\"", "name=\"description\"", "property=\"og:image\""] {
        assert_eq!(page.matches(named).count(), 1, "{named}: {page}");
    }
    // What is somebody's own is never kept, and not for search engines.
    let own = browser.get("/bookings").await;
    assert_eq!((own.header("cache-control"), own.header("etag")), ("no-store", ""));
    assert!(text(&own).contains("content=\"noindex\"") && !text(&own).contains("canonical"));
}

#[tokio::test]
async fn programs_get_documents_where_browsers_get_pages() {
    let house = House::open().await;
    house.get("/nowhere").await.problem(404, "not-found");
    let request = ask("GET", "/v1/nowhere").header("accept", "text/html").body(Full::default()).unwrap();
    house.send(request).await.problem(404, "not-found");
    house.close().await;
}

#[tokio::test]
async fn a_filter_that_cannot_be_understood_is_told_beside_the_form() {
    let house = House::open().await;
    let mut browser = Browser::new(&house);
    for (query, words) in [
        ("place=123", "A zip code has five digits"),
        ("place=00000", "This zip code is not known"),
        ("date=tomorrow", "Write the date as"),
        ("kind=circus", "Choose one of the kinds"),
    ] {
        let page = browser.get(&format!("/?{query}")).await;
        check_page(&page, 200, "What’s on");
        assert!(text(&page).contains(words), "{query}: {}", text(&page));
    }
    house.close().await;
}

#[tokio::test]
async fn what_people_write_is_never_read_as_html() {
    let house = House::open().await;
    let evil = "<script>alert(1)</script>\"'&";
    let facts = EventFacts {
        kind: EventKind::Concert,
        title: evil.to_owned(),
        description: evil.to_owned(),
        host: evil.to_owned(),
        performers: vec![evil.to_owned()],
        genres: Vec::new(),
        language: "en".to_owned(),
        duration_min: None,
        age_rating: evil.to_owned(),
    };
    let command = Command {
        by: By { account: ORGANIZER, operator: false },
        action: Action::CreateEvents { events: vec![(None, facts)] },
    };
    let Outcome::Created(made) = house.app.home.catalog(None, command).await.unwrap().unwrap() else {
        panic!()
    };
    let [Created::Event(event)] = made[..] else { panic!() };
    let mut browser = Browser::new(&house);
    for path in
        ["/".to_owned(), format!("/events/{event}"), format!("/?place={}", "%22%3E%3Cscript%3Ealert(1)")]
    {
        let page = browser.get(&path).await;
        assert_eq!(page.status, 200);
        assert!(!text(&page).contains("<script>alert"), "{path}: {}", text(&page));
    }
    assert!(
        text(&browser.get("/").await).contains("&#60;script&#62;alert(1)"),
        "it is shown as it was written"
    );
    house.close().await;
}

#[tokio::test]
async fn forms_that_are_not_ours_are_refused_and_nothing_is_done() {
    let show = Show::open().await;
    let mut browser = Browser::new(&show.house);
    let page = browser.get(&format!("/performances/{}", show.performance)).await;
    let hold = format!("/performances/{}/hold", show.performance);
    for path in
        [&hold, "/sign-in", "/sign-up", "/sign-out", "/account", "/account/password", "/account/deletion"]
    {
        for body in ["quantity=1", "quantity=1&csrf=", "quantity=1&csrf=AAAA"] {
            let refused = browser.send("POST", path, body).await;
            check_page(&refused, 403, "This form is too old");
        }
    }
    // Another browser's token is none.
    let mut other = Browser::new(&show.house);
    other.get("/").await;
    let stolen = other.submit(&page, &hold, &[("quantity", "1")]).await;
    check_page(&stolen, 403, "This form is too old");
    assert!(show.statuses().await.0.bytes().all(|status| status == b'f'), "nothing is held");
    show.close().await;
}

#[tokio::test]
async fn a_guest_buys_and_cancels_without_a_script() {
    let show = Show::open().await;
    let mut browser = Browser::new(&show.house);
    let seats = browser.get(&format!("/performances/{}", show.performance)).await;
    let hold = format!("/performances/{}/hold", show.performance);
    let held = browser.submit(&seats, &hold, &[("quantity", "2"), ("where", "")]).await;
    let again = browser.submit(&seats, &hold, &[("quantity", "2"), ("where", "")]).await;
    assert_eq!(held.header("location"), again.header("location"), "a form that is sent twice holds once");
    let checkout = browser.follow(&held).await;
    check_page(&checkout, 200, "Checkout");
    let address = held.header("location").to_owned();

    // Another browser cannot see it.
    check_page(&Browser::new(&show.house).get(&address).await, 410, "Your seats are not kept any longer");

    let nobody =
        browser.submit(&checkout, &address, &[("method", "card_ok"), ("email", "x"), ("name", "Paul")]).await;
    check_page(&nobody, 422, "Checkout");
    assert!(text(&nobody).contains("value=\"Paul\""), "what was written stays");
    let unknown = [("method", "card_gold"), ("email", "paul@example.org"), ("name", "Paul")];
    let unknown = browser.submit(&checkout, &address, &unknown).await;
    assert!(text(&unknown).contains("data-code=\"payment-method-unknown\""));

    let person = [("method", "card_ok"), ("email", "paul@example.org"), ("name", "Paul Plain")];
    let paid = browser.submit(&nobody, &address, &person).await;
    let booking_at = paid.header("location").to_owned();
    let booking = browser.follow(&paid).await;
    check_page(&booking, 200, "Your tickets");
    assert_eq!(text(&booking).matches("data-testid=\"qr\"").count(), 2);
    check_page(&Browser::new(&show.house).get(&booking_at).await, 404, "This booking is not yours to see");

    // The link leads there from another browser, and leaves no token in the address.
    let link = text(&booking).split_once(&format!("{booking_at}?key=")).unwrap().1;
    let link = format!("{booking_at}?key={}", link.split('"').next().unwrap());
    let mut elsewhere = Browser::new(&show.house);
    let through = elsewhere.get(&link).await;
    assert_eq!(through.header("location"), booking_at);
    check_page(&elsewhere.follow(&through).await, 200, "Your tickets");

    let choose = browser.get(&format!("{booking_at}/cancel")).await;
    check_page(&choose, 200, "Cancel tickets");
    let ticket = field_after(&choose, "name=\"ticket\" value=\"");
    let review = browser.get(&format!("{booking_at}/cancel?review=yes&ticket={ticket}")).await;
    check_page(&review, 200, "Cancel tickets");
    assert!(text(&review).contains("data-testid=\"refund-total\""), "what comes back is told first");
    let cancelled = browser.submit(&review, &format!("{booking_at}/cancel"), &[("tickets", &ticket)]).await;
    let after = browser.follow(&cancelled).await;
    assert_eq!(text(&after).matches("data-status=\"cancelled\"").count(), 1, "{}", text(&after));
    assert!(text(&after).contains("data-testid=\"refund\""));
    let none = browser.submit(&review, &format!("{booking_at}/cancel"), &[("tickets", "")]).await;
    check_page(&none, 422, "Nothing was chosen");
    show.close().await;
}

fn field_after(page: &Answer, mark: &str) -> String {
    text(page).split_once(mark).unwrap().1.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn an_account_is_made_changed_and_deleted_on_pages() {
    let show = Show::open().await;
    let mut browser = Browser::new(&show.house);
    let form = browser.get("/sign-up?then=/account").await;
    let person = [("name", "Ada Adams"), ("email", "ada@example.org"), ("zip", ""), ("then", "/account")];
    let short = browser.submit(&form, "/sign-up", &[&person[..], &[("password", "short")]].concat()).await;
    check_page(&short, 422, "Create an account");
    assert!(text(&short).contains("value=\"Ada Adams\"") && !text(&short).contains("value=\"short\""));
    let made =
        browser.submit(&form, "/sign-up", &[&person[..], &[("password", "a quiet evening")]].concat()).await;
    let account = browser.follow(&made).await;
    check_page(&account, 200, "Account");
    assert!(text(&account).contains("ada@example.org") && text(&account).contains("value=\"Ada Adams\""));

    let version = field(&account, "version");
    let facts = [("version", version.as_str()), ("name", "Ada King"), ("zip", "94612")];
    let saved = browser.submit(&account, "/account", &facts).await;
    let account = browser.follow(&saved).await;
    assert!(text(&account).contains("value=\"Ada King\"") && text(&account).contains("value=\"94612\""));
    let stale = browser.submit(&account, "/account", &facts).await;
    check_page(&stale, 412, "Account");

    let bookings = browser.get("/bookings").await;
    assert!(text(&bookings).contains("No bookings yet"));

    let mut others = [Browser::new(&show.house), Browser::new(&show.house)];
    for other in &mut others {
        let form = other.get("/sign-in").await;
        let proof = [("email", "ada@example.org"), ("password", "a quiet evening"), ("then", "/account")];
        other.submit(&form, "/sign-in", &proof).await;
    }
    let stays = |page: &Answer| text(page).matches("data-testid=\"session\"").count();
    let account = browser.get("/account").await;
    assert_eq!((stays(&account), text(&account).matches("This device").count()), (3, 1));
    let session = field(&account, "session");
    let one_less = browser.submit(&account, "/account/sessions", &[("session", &session)]).await;
    let account = browser.follow(&one_less).await;
    assert_eq!(stays(&account), 2);
    browser.submit(&account, "/account/sessions", &[("session", "")]).await;
    assert_eq!(stays(&browser.get("/account").await), 1);
    for other in &mut others {
        assert_eq!(other.get("/account").await.status, 303, "signed out there");
    }

    let account = browser.get("/account").await;
    let out = browser.submit(&account, "/sign-out", &[]).await;
    let home = browser.follow(&out).await;
    assert!(text(&home).contains("data-testid=\"sign-in-link\""));

    let form = browser.get("/sign-in").await;
    let wrong =
        [("email", "ada@example.org"), ("password", "another evening"), ("then", "https://evil.example")];
    let wrong = browser.submit(&form, "/sign-in", &wrong).await;
    check_page(&wrong, 403, "Sign in");
    assert!(text(&wrong).contains("data-code=\"credentials-wrong\""));
    let right =
        [("email", "ada@example.org"), ("password", "a quiet evening"), ("then", "https://evil.example")];
    let right = browser.submit(&form, "/sign-in", &right).await;
    assert_eq!(right.header("location"), "/", "only addresses of ours are gone to");

    let account = browser.get("/account").await;
    let kept = browser.submit(&account, "/account/deletion", &[("current_password", "wrong evening")]).await;
    check_page(&kept, 403, "Account");
    let gone =
        browser.submit(&account, "/account/deletion", &[("current_password", "a quiet evening")]).await;
    browser.follow(&gone).await;
    assert_eq!(browser.get("/account").await.status, 303);
    show.close().await;
}

#[tokio::test]
async fn the_cluster_is_shown_to_operators_only() {
    let show = Show::open().await;
    let mut browser = Browser::new(&show.house);
    let guest = browser.get("/operator/cluster").await;
    assert_eq!(
        (guest.status.as_u16(), guest.header("location")),
        (303, "/sign-in?then=%2Foperator%2Fcluster")
    );
    let support = signed_in(&show.house, "support@example.org", Some(Role::Support)).await;
    browser.cookies.insert("marquee_access".to_owned(), support);
    check_page(&browser.get("/operator/cluster").await, 403, "You may not do this");
    assert!(!text(&browser.get("/").await).contains("data-testid=\"cluster-link\""));

    let operator = signed_in(&show.house, "ops@example.org", Some(Role::Operator)).await;
    browser.cookies.insert("marquee_access".to_owned(), operator);
    let page = browser.get("/operator/cluster").await;
    check_page(&page, 200, "Cluster");
    let page = text(&page);
    assert!(
        page.contains("data-testid=\"cluster-link\"") && page.contains("data-healthy=\"true\""),
        "{page}"
    );
    assert!(page.contains("data-node=\"n1\"") && page.contains("data-group=\"g1\""), "{page}");
    assert!(page.contains("<li>Fox Theater, Oakland</li>"), "{page}");
    assert!(!page.contains("data-testid=\"stale\""), "a lone node is never behind: {page}");
    show.close().await;
}

#[tokio::test]
async fn cookies_change_things_by_the_api_only_with_the_form_token() {
    let show = Show::open().await;
    let mut browser = Browser::new(&show.house);
    let form = browser.get("/sign-up").await;
    let person = [
        ("name", "Ada"),
        ("email", "ada@example.org"),
        ("password", "a quiet evening"),
        ("then", "/bookings"),
    ];
    let made = browser.submit(&form, "/sign-up", &person).await;
    let page = browser.follow(&made).await;
    let cookies: Vec<_> = browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let cookies = cookies.join("; ");
    let me = show.get("/v1/accounts/me", &[("cookie", &cookies)]).await;
    assert_eq!(me.json()["email"], "ada@example.org");

    let wish = json!({"best_available": {"quantity": 1}});
    let holds = show.path("holds");
    show.post(&holds, &[("cookie", &cookies)], &wish).await.problem(403, "csrf-token-wrong");
    let forged = [("cookie", cookies.as_str()), ("x-csrf-token", "AAAA")];
    show.post(&holds, &forged, &wish).await.problem(403, "csrf-token-wrong");
    let token = field(&page, "csrf");
    let held = show.post(&holds, &[("cookie", &cookies), ("x-csrf-token", &token)], &wish).await;
    assert_eq!(held.status, 201, "{held:?}");
    let checkout = browser.get(&format!("/checkout/{}", held.json()["id"].as_str().unwrap())).await;
    check_page(&checkout, 200, "Checkout");
    assert!(text(&checkout).contains("ada@example.org"), "the account buys");
    show.close().await;
}

#[tokio::test]
async fn assets_are_kept_for_ever_and_weigh_little() {
    let show = Show::open().await;
    let mut browser = Browser::new(&show.house);
    let address = format!("/performances/{}", show.performance);
    let page = browser.get(&address).await;
    let base = field_after(&page, "rel=\"icon\" href=\"").replace("/icon.svg", "");
    let names = [
        "api.js",
        "elements.js",
        "words.js",
        "seat-map/basket.js",
        "seat-map/chart.js",
        "seat-map/choice.js",
        "seat-map/gestures.js",
        "seat-map/grid.js",
        "seat-map/hall.js",
        "seat-map/page.js",
        "seat-map/picture.js",
        "seat-map/seat-list.js",
        "seat-map/stream.js",
        "seat-map/view.js",
        "icon.svg",
    ];
    let compressed = async |address: &str, codings| {
        let request = ask("GET", address).header("accept-encoding", codings);
        let answer = show.house.send(request.body(Full::default()).unwrap()).await;
        assert_eq!(answer.status, 200, "{address}");
        answer
    };
    let mut weight = compressed(&address, "gzip").await.body.len();
    for name in names {
        let asset = compressed(&format!("{base}/{name}"), "gzip, br").await;
        assert_eq!(asset.header("content-encoding"), "br");
        assert_eq!(asset.header("vary"), "accept-encoding");
        assert_eq!(asset.header("cache-control"), "public, max-age=31536000, immutable");
        assert!(!asset.header("etag").is_empty());
        weight += asset.body.len();
    }
    assert!(weight < 60_000, "the seat page weighs {weight} bytes");
    let other = show.house.get("/assets/0000000000000000/api.js").await;
    assert_eq!((other.status.as_u16(), other.header("cache-control")), (200, "no-cache"));
    assert_eq!(compressed(&format!("{base}/api.js"), "gzip").await.header("content-encoding"), "gzip");
    show.house.get(&format!("{base}/nothing.js")).await.problem(404, "not-found");
    show.close().await;
}
