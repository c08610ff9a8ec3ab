//! What people take along and programs exchange: tickets as PDF, calendars, seating plans.

use axum::http::Request;
use bytes::Bytes;
use http_body_util::Full;
use marquee_config::Selling;
use marquee_ledger::AccountId;
use marquee_node::accounts::Role;
use marquee_node::catalog::service::Writer;
use marquee_node::formats::reading::{self, Format, Given};
use marquee_node::formats::table;
use marquee_node::import::intake::Reader;
use marquee_node::import::{Checked, Mistake, Plan, Report, Source};
use serde_json::{Value, json};

use crate::house::{Answer, House, ask};
use crate::show::{ORGANIZER, STRANGER, Show, hall_map};

fn pages(answer: &Answer) -> usize {
    let text = String::from_utf8_lossy(&answer.body).replace("/Type /Page", "/Type/Page");
    text.matches("/Type/Page").count() - text.matches("/Type/Pages").count()
}

#[tokio::test]
async fn tickets_are_printed_for_who_may_have_them() {
    let show = Show::open().await;
    let order = show.book(&show.hold(&[0, 1, 2]).await, "card_ok").await.json();
    let id = order["id"].as_str().unwrap();
    let path = format!("/v1/bookings/{id}/tickets.pdf");
    let token = [("x-order-token", order["token"].as_str().unwrap())];
    let printed = show.get(&path, &token).await;
    assert_eq!((printed.status.as_u16(), printed.header("content-type")), (200, "application/pdf"));
    assert_eq!(printed.header("cache-control"), "private, no-store");
    assert!(printed.header("content-disposition").contains("marquee-tickets.pdf"));
    assert!(printed.body.starts_with(b"%PDF-") && pages(&printed) == 2, "{}", pages(&printed));
    for (size, count) in [("a4", 2), ("home", 3), ("receipt", 3)] {
        let printed = show.get(&format!("{path}?size={size}"), &token).await;
        assert_eq!((printed.status.as_u16(), pages(&printed)), (200, count), "{size}");
    }
    show.get(&format!("{path}?size=poster"), &token).await.problem(400, "invalid-query");

    // Others do not learn that there is something to print; the event's organizer can print it again.
    show.get(&path, &[]).await.problem(404, "unknown-order");
    show.get(&path, &[("x-order-token", "AAAAAAAAAAAAAAAAAAAAAA")]).await.problem(404, "unknown-order");
    let bearer = |account: AccountId, roles: &[Role]| show.bearer(account, roles);
    let stranger = bearer(STRANGER, &[Role::Organizer]);
    show.get(&path, &[("authorization", &stranger)]).await.problem(404, "unknown-order");
    let organizer = bearer(ORGANIZER, &[Role::Organizer]);
    assert_eq!(show.get(&path, &[("authorization", &organizer)]).await.status, 200);

    // What is on offer can be printed by nobody, and what was cancelled neither.
    let ticket = order["tickets"][0]["id"].as_str().unwrap();
    let to = json!({"email": "grace@example.com", "name": "Grace"});
    show.post(&format!("/v1/tickets/{ticket}/transfer"), &token, &to).await;
    let cancelled = json!({"tickets": [order["tickets"][1]["id"]]});
    show.post(&format!("/v1/bookings/{id}/cancellation"), &token, &cancelled).await;
    let home = format!("{path}?size=home");
    assert_eq!(pages(&show.get(&home, &token).await), 1);
    assert_eq!(pages(&show.get(&home, &[("authorization", &organizer)]).await), 1);
    let cancelled = json!({"tickets": [order["tickets"][2]["id"]]});
    show.post(&format!("/v1/bookings/{id}/cancellation"), &token, &cancelled).await;
    show.get(&home, &token).await.problem(404, "unknown-ticket");
    show.close().await;
}

#[tokio::test]
async fn a_booking_goes_into_its_buyer_s_calendar() {
    let show = Show::open().await;
    let order = show.book(&show.hold(&[0, 1]).await, "card_ok").await.json();
    let id = order["id"].as_str().unwrap();
    let path = format!("/bookings/{id}/calendar.ics");
    let cookie = format!("marquee_order={}", order["token"].as_str().unwrap());
    let answer = show.get(&path, &[("cookie", &cookie)]).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("content-type")),
        (200, "text/calendar; charset=utf-8")
    );
    let text = String::from_utf8(answer.body.to_vec()).unwrap().replace("\r\n ", "");
    assert_eq!(text.matches("BEGIN:VEVENT").count(), 1);
    assert!(text.contains(&format!("UID:{id}\r\n")) && text.contains("STATUS:CONFIRMED\r\n"), "{text}");
    assert!(text.contains("row A\\, seat 1"), "{text}");
    assert!(!text.contains("MQ1."), "no code leaves with a calendar: {text}");
    let printed = show.get(&format!("/bookings/{id}/tickets.pdf?size=receipt"), &[("cookie", &cookie)]).await;
    assert_eq!((printed.status.as_u16(), pages(&printed)), (200, 2));
    assert_eq!(show.get(&path, &[]).await.status, 404);
    show.close().await;
}

/// The show's hall as a plan, by its path.
async fn plan_of(show: &Show) -> (String, Value, String) {
    let performance = show.get(&format!("/v1/performances/{}", show.performance), &[]).await.json();
    let hall = performance["hall"]["id"].as_str().unwrap().to_owned();
    let tag = show.get(&format!("/v1/halls/{hall}"), &[]).await.header("etag").to_owned();
    let path = format!("/v1/halls/{hall}/plan.json");
    let plan = show.get(&path, &[]).await.json();
    (path, plan, tag)
}

#[tokio::test]
async fn halls_go_out_as_plans_and_come_back() {
    let show = Show::open().await;
    let (path, plan, tag) = plan_of(&show).await;
    assert_eq!((&plan["name"], plan["zones"][0]["rows"].as_array().unwrap().len()), (&json!("Main"), 2));
    assert_eq!(plan["categories"][0], json!({"name": "BEST", "color": "#336699"}));
    let organizer = show.bearer(ORGANIZER, &[Role::Organizer]);
    let headers = [("authorization", organizer.as_str()), ("if-match", tag.as_str())];

    let dry = show.send("PUT", &format!("{path}?dry_run=true"), &headers, &plan).await;
    assert_eq!((dry.status.as_u16(), &dry.json()["seats"]), (200, &json!(10)));
    assert_eq!(dry.json()["left_out"][0]["pointer"], "/zones/0/areas/0");
    assert_eq!(show.get(&path, &[]).await.json(), plan, "nothing was written");

    let written = show.send("PUT", &path, &headers, &plan).await;
    assert_eq!((written.status.as_u16(), &written.json()["seat_map_version"]), (200, &json!(2)));
    let again = show.get(&path, &[]).await.json();
    assert_eq!(again["zones"][0]["rows"], plan["zones"][0]["rows"]);
    // The floor is only drawn in a plan.
    assert_eq!(written.json()["standing"], 0);
    show.send("PUT", &path, &headers, &plan).await.problem(412, "precondition-failed");

    let venue = show.get(&format!("/v1/performances/{}", show.performance), &[]).await.json();
    let halls = format!("/v1/venues/{}/halls/plans", venue["venue"]["id"].as_str().unwrap());
    let made = show.post(&format!("{halls}?name=Twin%20%F0%9F%8E%AD&key=twin"), &headers[..1], &plan).await;
    assert_eq!(
        (made.status.as_u16(), &made.json()["name"], &made.json()["seats"]),
        (201, &json!("Twin 🎭"), &json!(10))
    );
    assert_eq!(show.get(made.header("location"), &[]).await.json()["key"], "twin");
    let dry = show.post(&format!("{halls}?dry_run=true"), &headers[..1], &plan).await;
    assert_eq!((dry.status.as_u16(), &dry.json()["name"]), (200, &json!("Main")));

    show.post(&halls, &[], &plan).await.problem(401, "unauthenticated");
    let customer = show.bearer(STRANGER, &[Role::Customer]);
    show.post(&halls, &[("authorization", &customer)], &plan).await.problem(403, "forbidden");
    let stranger = show.bearer(STRANGER, &[Role::Organizer]);
    show.post(&halls, &[("authorization", &stranger)], &plan).await.problem(403, "forbidden");
    show.close().await;
}

#[tokio::test]
async fn a_plan_with_mistakes_is_refused_with_their_lines_and_nothing_is_saved() {
    let show = Show::open().await;
    let (path, plan, tag) = plan_of(&show).await;
    let organizer = show.bearer(ORGANIZER, &[Role::Organizer]);
    let put = async |text: String| {
        let request = ask("PUT", &path).header("authorization", &organizer).header("if-match", &tag);
        let request: Request<Full<Bytes>> =
            request.header("content-type", "application/json").body(Full::from(text)).unwrap();
        show.house.send(request).await
    };
    let mut wrong = plan.clone();
    wrong["size"]["width"] = json!(-3);
    let seats = &mut wrong["zones"][0]["rows"][0]["seats"];
    seats[1]["seat_guid"] = seats[0]["seat_guid"].clone();
    seats[2]["position"] = seats[0]["position"].clone();
    seats[3]["category"] = json!("<script>🎭");
    let text = format!("{wrong:#}");
    let refused = put(text.clone()).await.problem(422, "invalid");
    let told = refused["errors"].as_array().unwrap();
    let pointers: Vec<_> = told.iter().map(|told| told["pointer"].as_str().unwrap()).collect();
    let seat = "/zones/0/rows/0/seats";
    let expected = [
        format!("{seat}/1/seat_guid"),
        format!("{seat}/3/category"),
        "/size/width".to_owned(),
        format!("{seat}/2/position"),
    ];
    assert_eq!(pointers, expected);
    for (told, word) in told.iter().zip(["seat_guid", "<script>", "-3", "position"]) {
        let line = told["line"].as_u64().unwrap() as usize;
        assert!(text.lines().nth(line - 1).unwrap().contains(word), "{told}");
    }
    let broken = put(format!("{{\n\"zones\": [{}", "x")).await.problem(400, "malformed-json");
    assert_eq!(broken["line"], 2);
    put("[".repeat(100_000)).await.problem(400, "malformed-json");
    put("{}".to_owned()).await.problem(422, "invalid");
    let hall = show.get(&path.replace("/plan.json", ""), &[]).await.json();
    assert_eq!(hall["seat_map_version"], 1);
    show.close().await;
}

#[tokio::test]
async fn a_plan_of_200_megabytes_is_refused_before_it_is_read() {
    let show = Show::open().await;
    let (path, _plan, tag) = plan_of(&show).await;
    let organizer = show.bearer(ORGANIZER, &[Role::Organizer]);
    // The answer comes while the body is still awaited: only its length was announced.
    let request = ask("PUT", &path)
        .header("authorization", &organizer)
        .header("if-match", &tag)
        .header("content-type", "application/json")
        .body(Full::from(vec![b' '; 200 << 20]))
        .unwrap();
    let refused = crate::house::try_send(show.house.address, request).await;
    match refused {
        Ok(answer) => assert_eq!(answer.problem(413, "body-too-large")["max"], 16 << 20),
        // The connection may close while the client is still sending.
        Err(closed) => assert!(
            closed.to_string().contains("connection") || closed.to_string().contains("send"),
            "{closed}"
        ),
    }
    assert_eq!(show.get(&path.replace("/plan.json", ""), &[]).await.json()["seat_map_version"], 1);
    show.close().await;
}

/// What a file says, for the show's organizer.
fn read(house: &House, name: &str, text: &str, given: &Given) -> Result<Checked, Vec<Mistake>> {
    let source = Source { name: name.to_owned(), text: text.to_owned() };
    let home = &house.app.home;
    let selling = Selling::default();
    let reader = Reader { home, owner: ORGANIZER, now_ms: home.now_ms(), house: &selling };
    let format = Format::of(&source);
    reading::read(&[source], format, given, reader, &selling)
}

async fn import(house: &House, checked: &Checked) -> Report {
    let home = house.app.home.clone();
    let plan = Plan::new(checked, &home, ORGANIZER, home.now_ms(), &Selling::default(), false).unwrap();
    let preview = plan.preview();
    let done = plan.carry_out(&Writer::new(home, ORGANIZER, false), &|_progress| ()).await.unwrap();
    assert_eq!(done, preview, "a dry run says what is done");
    done
}

fn told(read: Result<Checked, Vec<Mistake>>) -> Vec<String> {
    read.unwrap_err().iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn a_table_of_performances_is_imported_once_however_often_it_is_imported() {
    let show = Show::open().await;
    let hall = show.get(&format!("/v1/performances/{}", show.performance), &[]).await.json();
    let (event, hall) = (show.event.to_string(), hall["hall"]["id"].as_str().unwrap().to_owned());
    let header = "event,hall,starts_at,currency,prices,refund_percent";
    let text = format!(
        "{header},accessibility\n\
         {event},{hall},2199-12-05T19:30,USD,best=45.00; best/child=20; floor=15.00,50,captions; relaxed\n\
         {event},{hall},2199-12-06 19:30,USD,best=45.00,,\n"
    );
    let checked = read(&show.house, "dates.csv", &text, &Given::default()).unwrap();
    assert_eq!(import(&show.house, &checked).await.created.performances, 2);
    let checked = read(&show.house, "dates.csv", &text, &Given::default()).unwrap();
    let again = import(&show.house, &checked).await;
    assert_eq!((again.created.performances, again.unchanged.performances), (0, 2));

    // What is written is read back as what there is, the performances of others' making too.
    let written = {
        let catalog = show.house.app.home.catalog_copy().read();
        let performances: Vec<_> = catalog.performances_of(show.event).cloned().collect();
        table::write(&catalog, &performances)
    };
    assert_eq!(written.lines().count(), 5, "{written}");
    assert!(
        written.contains("2199-12-05T19:30,")
            && written.contains("best=45.00; best/child=20.00")
            && written.contains(",captions; relaxed"),
        "{written}"
    );
    let checked = read(&show.house, "out.csv", &written, &Given::default()).unwrap();
    let same = import(&show.house, &checked).await;
    assert_eq!((same.unchanged.performances, same.created.performances, same.left.performances), (4, 0, 0));

    let wrong = format!(
        "{header}\n{event},{hall},2019-12-05T19:30,USD,best=45.00,\n{event},{hall},2030-03-10T02:30,USD,best=45.00,\n\
         hamlet,{hall},2199-12-05T19:30,XXQ,best=45.00,\n{event},{hall},soon,USD,vip=45.00,\n\
         {event},{hall},2199-12-07T19:30,USD,best=free,200\n{event},{hall}\n\
         \"<b>🎭\",{hall},2199-12-07T19:30,USD,best=4,\n"
    );
    let told = told(read(&show.house, "dates.csv", &wrong, &Given::default()));
    let expected = [
        "dates.csv:2:1: starts_at: 2019-12-05T19:30 is over",
        "dates.csv:3:1: starts_at: there is no 2030-03-10T02:30:00 in America/Los_Angeles: the clocks go forward",
        "dates.csv:4:1: event: there is no event \"hamlet\"",
        "dates.csv:5:1: starts_at: must be a time such as",
        "dates.csv:5:1: prices: \"vip\" is no price category of the hall",
        "dates.csv:6:1: prices: \"free\" is no amount of USD",
        "dates.csv:6:1: refund_percent: must be between 0 and 100",
        "dates.csv:7:1: has 2 fields",
        "dates.csv:8:1: event: there is no event \"<b>🎭\"",
    ];
    for words in expected {
        assert!(told.iter().any(|told| told.starts_with(words)), "{words}: {told:#?}");
    }
    let smoke = format!("{header},accessibility\n{event},{hall},2199-12-05T19:30,USD,best=45.00,,smoke\n");
    let told_of = self::told(read(&show.house, "dates.csv", &smoke, &Given::default()));
    assert!(told_of[0].starts_with("dates.csv:2:1: accessibility: write one of: captions "), "{told_of:?}");
    let unknown = format!("{header}\n{event},{hall},2199-12-05T19:30,XXQ,best=45.00,\n");
    let told = self::told(read(&show.house, "dates.csv", &unknown, &Given::default()));
    assert_eq!(told, ["dates.csv:2:1: currency: XXQ is no currency of ISO 4217"]);
    let header = self::told(read(&show.house, "dates.csv", "event,hall,colour\n", &Given::default()));
    assert!(
        header[0].contains("must name the column starts_at") || header[0].contains("unknown column"),
        "{header:?}"
    );
    show.close().await;
}

/// What makes a document wrong.
type Change<'c> = &'c dyn Fn(&mut Value);

#[tokio::test]
async fn calendars_and_json_ld_become_performances() {
    let show = Show::open().await;
    let hall = show.get(&format!("/v1/performances/{}", show.performance), &[]).await.json();
    let hall = hall["hall"]["id"].as_str().unwrap().to_owned();
    let given = Given { event: Some(show.event.to_string()), hall: Some(hall.clone()), ..Given::default() };
    let entry = |inner: &str| {
        format!(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:x\r\n{inner}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        )
    };
    let text = entry("DTSTART;TZID=America/New_York:21991205T223000\r\nSUMMARY:Gala 🎭 <b>");
    let checked = read(&show.house, "dates.ics", &text, &given).unwrap();
    assert_eq!(import(&show.house, &checked).await.created.performances, 1);
    let checked = read(&show.house, "dates.ics", &text, &given).unwrap();
    assert_eq!(import(&show.house, &checked).await.created.performances, 0);
    // On the terms on which the event was sold in this hall before, at the venue's half past seven.
    let all = show.get(&format!("/v1/events/{}/performances", show.event), &[]).await.json();
    let last = all["items"].as_array().unwrap().last().unwrap();
    assert_eq!(last["local_starts_at"], "2199-12-05T19:30:00");
    assert_eq!(last["currency"], "USD");
    for (inner, line, words) in [
        ("DTSTART;TZID=Nowhere/Else:21991205T223000", 5, "DTSTART: TZID \"Nowhere/Else\" is no zone"),
        ("DTSTART:20300310T023000", 5, "DTSTART: there is no 2030-03-10T02:30:00"),
        ("DTSTART:20190310T013000", 5, "DTSTART: 2019-03-10T01:30:00 is over"),
        ("DTSTART:21991205T193000\r\nRRULE:FREQ=DAILY", 6, "RRULE: repeats"),
        ("SUMMARY:x", 3, "DTSTART: the entry has no beginning"),
    ] {
        let told = told(read(&show.house, "d.ics", &entry(inner), &given));
        assert!(told[0].starts_with(&format!("d.ics:{line}:1: {words}")), "{told:?}");
    }

    let event = |change: Change<'_>| {
        let mut event = json!({
            "@context": "https://schema.org", "@type": "TheaterEvent", "name": "Hamlet <b>🎭", "identifier": "hamlet",
            "startDate": "2199-11-05T19:30:00-07:00", "duration": "PT2H30M",
            "location": {"@type": "Place", "name": "Fox Theater", "identifier": hall},
            "performer": [{"@type": "Person", "name": "Ada"}],
            "offers": [{"@type": "Offer", "price": "30.00", "priceCurrency": "EUR"}],
        });
        change(&mut event);
        format!("{event:#}")
    };
    let checked = read(&show.house, "hamlet.json", &event(&|_same| ()), &Given::default()).unwrap();
    let made = import(&show.house, &checked).await;
    assert_eq!((made.created.events, made.created.performances), (1, 1));
    let checked = read(&show.house, "hamlet.json", &event(&|_same| ()), &Given::default()).unwrap();
    let again = import(&show.house, &checked).await;
    assert_eq!((again.created.events, again.created.performances, again.unchanged.performances), (0, 0, 1));
    // What is written is known again. Structured data does not tell all terms: those that there are stay.
    let written = {
        let catalog = show.house.app.home.catalog_copy().read();
        let event = catalog.event(show.event).unwrap();
        let shown: Vec<_> =
            catalog.performances_of(show.event).map(|performance| (&**event, performance)).collect();
        let now_ms = show.house.app.now_ms();
        marquee_node::formats::jsonld::graph(
            &catalog,
            shown,
            now_ms,
            "",
            marquee_node::formats::jsonld::Told::Fully,
        )
    };
    let checked = read(&show.house, "own.jsonld", &written.to_string(), &Given::default()).unwrap();
    let same = import(&show.house, &checked).await;
    let known = same.unchanged.performances + same.left.performances;
    assert_eq!((same.created.events, same.created.performances, known), (0, 0, 3));
    let wrong: [(Change<'_>, &str); 6] = [
        (&|event| event["offers"][0]["priceCurrency"] = json!("XXQ"), "/offers: XXQ is no currency"),
        (&|event| event["startDate"] = json!("2019-01-01T20:00"), "/startDate: 2019-01-01T20:00 is over"),
        (
            &|event| event["startDate"] = json!("2030-03-10T02:30"),
            "/startDate: there is no 2030-03-10T02:30:00",
        ),
        (&|event| event["location"] = json!({"name": "Globe"}), "/location: you have no venue \"Globe\""),
        (&|event| event["name"] = json!("x".repeat(301)), "/name: must have at most 300 characters"),
        (&|event| event["@type"] = json!("Recipe"), "there is no event of schema.org"),
    ];
    for (change, words) in wrong {
        let told = told(read(&show.house, "h.json", &event(change), &Given::default()));
        assert!(told.iter().any(|told| told.contains(words)), "{words}: {told:?}");
    }
    show.close().await;
}

#[tokio::test]
async fn a_plan_is_imported_into_a_venue() {
    let show = Show::open().await;
    let venue = show.get(&format!("/v1/performances/{}", show.performance), &[]).await.json();
    let venue = venue["venue"]["id"].as_str().unwrap().to_owned();
    let plan = marquee_node::formats::pretix::write("Studio", &hall_map()).to_string();
    let given = Given { venue: Some(venue), hall: Some("Small hall".to_owned()), ..Given::default() };
    let checked = read(&show.house, "plan.json", &plan, &given).unwrap();
    assert_eq!(import(&show.house, &checked).await.created.halls, 1);
    let checked = read(&show.house, "plan.json", &plan, &given).unwrap();
    let again = import(&show.house, &checked).await;
    assert_eq!((again.created.halls, again.unchanged.halls), (0, 1));
    let told = told(read(&show.house, "plan.json", &plan, &Given::default()));
    assert!(told[0].contains("needs a venue"), "{told:?}");
    show.close().await;
}

#[tokio::test]
async fn everything_that_is_kept_about_a_person_is_told_to_them_alone() {
    let show = Show::open().await;
    let person =
        json!({"email": "ada@example.com", "password": "correct horse battery", "name": "Ada <b>🎭"});
    assert_eq!(show.post("/v1/accounts", &[], &person).await.status, 201);
    let signed_in = show.post("/v1/sessions", &[], &person_without_name(&person)).await.json();
    let bearer = format!("Bearer {}", signed_in["access_token"].as_str().unwrap());
    let headers = [("authorization", bearer.as_str())];
    let hold =
        show.post(&show.path("holds"), &headers, &json!({"best_available": {"quantity": 1}})).await.json();
    let wish = json!({"hold_id": hold["id"], "payment": {"method": "card_ok"}});
    let booked = show.post("/v1/bookings", &[headers[0], ("prefer", "wait=30")], &wish).await.json();
    let follow = format!("/v1/accounts/me/follows/event/{}", show.event);
    assert_eq!(show.send("PUT", &follow, &headers, &Value::Null).await.status, 204);

    let told = show.get("/v1/accounts/me/export", &headers).await;
    assert_eq!((told.status.as_u16(), told.header("cache-control")), (200, "private, no-store"));
    assert!(told.header("content-disposition").contains("marquee-account.json"));
    let told = told.json();
    assert_eq!((&told["account"]["name"], &told["bookings"][0]["id"]), (&person["name"], &booked["id"]));
    assert_eq!(told["follows"][0]["id"], show.event.to_string());
    assert_eq!((told["sessions"].as_array().unwrap().len(), &told["reviews"]), (1, &json!([])));
    assert!(!told.to_string().contains("argon2") && !told.to_string().contains("refresh"), "{told}");
    // Others are told about themselves, and guests nothing.
    let other = show.bearer(STRANGER, &[Role::Customer]);
    show.get("/v1/accounts/me/export", &[("authorization", &other)]).await.problem(404, "unknown-account");
    show.get("/v1/accounts/me/export", &[]).await.problem(401, "unauthenticated");
    show.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_bought_a_lot_is_told_all_of_it() {
    const ORDERS: usize = 110;
    let show = Show::open().await;
    let person = json!({"email": "ada@example.com", "password": "correct horse battery", "name": "Ada"});
    assert_eq!(show.post("/v1/accounts", &[], &person).await.status, 201);
    let signed_in = show.post("/v1/sessions", &[], &person_without_name(&person)).await.json();
    let bearer = format!("Bearer {}", signed_in["access_token"].as_str().unwrap());
    for nth in 0..ORDERS {
        let performance = [show.performance, show.other_performance][nth % 2];
        let map = show.get(&format!("/v1/performances/{performance}/seats"), &[]).await.json();
        let body = json!({
            "performance_id": performance, "areas": [{"area": map["areas"][0]["id"], "quantity": 1}],
            "payment": {"method": "card_ok"},
        });
        let path = format!("/v1/events/{}/bookings", show.event);
        let headers = [("authorization", bearer.as_str()), ("prefer", "wait=0")];
        let bought = show.post(&path, &headers, &body).await;
        assert_eq!(bought.status, 201, "{bought:?}");
    }
    // The account's home hears of an order a moment after it was made.
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    loop {
        let told = show.get("/v1/accounts/me/export", &[("authorization", &bearer)]).await.json();
        let ids: std::collections::BTreeSet<_> =
            told["bookings"].as_array().unwrap().iter().map(|order| order["id"].to_string()).collect();
        assert_eq!(ids.len(), told["bookings"].as_array().unwrap().len(), "each is told once");
        if ids.len() == ORDERS {
            break;
        }
        assert!(std::time::Instant::now() < deadline, "{} of {ORDERS} are told", ids.len());
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    show.close().await;
}

fn person_without_name(person: &Value) -> Value {
    json!({"email": person["email"], "password": person["password"]})
}

#[tokio::test]
async fn links_are_shared_with_a_picture() {
    let show = Show::open().await;
    for path in [format!("/events/{}/picture.png", show.event), "/picture.png".to_owned()] {
        let picture = show.get(&path, &[]).await;
        assert_eq!((picture.status.as_u16(), picture.header("content-type")), (200, "image/png"), "{path}");
        assert_eq!(picture.body[16..24], [0, 0, 4, 176, 0, 0, 2, 118], "1200 by 630");
        let again = show.get(&path, &[("if-none-match", picture.header("etag"))]).await;
        assert_eq!(again.status, 304);
    }
    show.get("/events/evt_01kc0000000000000000000000/picture.png", &[]).await.problem(404, "unknown-event");
    show.close().await;
}
