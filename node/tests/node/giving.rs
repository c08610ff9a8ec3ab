//! Tickets that go from one person to another: who sees which code, and whose link is good for how long.

use std::time::Duration;

use http_body_util::Full;
use marquee_node::accounts::Role;
use serde_json::{Value, json};

use crate::house::{Answer, ask, send};
use crate::pages::{Browser, check_page, text};
use crate::show::{ORGANIZER, PASSWORD, STRANGER, Show};
use crate::trio::Trio;

fn text_of(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

/// Asks until the answer is as it will be: the outbox of the venue tells the account's home.
async fn until(show: &Show, path: &str, by: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    let asked = async {
        loop {
            let answer = show.get(path, &[("authorization", by)]).await.json();
            if is_so(&answer) {
                return answer;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), asked).await.unwrap()
}

/// A ticket that Ada, a guest, bought.
struct Gift {
    show: Show,
    order: Value,
    /// Ada's token of the order.
    token: String,
    /// Of the first ticket.
    path: String,
}

impl Gift {
    async fn bought(seats: &[usize]) -> Self {
        let show = Show::for_people().await;
        let order = show.book(&show.hold(seats).await, "card_ok").await.json();
        let token = text_of(&order["token"]).to_owned();
        let path = format!("/v1/tickets/{}", text_of(&order["tickets"][0]["id"]));
        Self { show, order, token, path }
    }

    fn ada(&self) -> [(&str, &str); 1] {
        [("x-order-token", &self.token)]
    }

    async fn offer(&self, by: &[(&str, &str)], name: &str) -> Value {
        let to = json!({"email": format!("{}@example.com", name.to_lowercase()), "name": name});
        let offered = self.show.post(&format!("{}/transfer", self.path), by, &to).await;
        assert_eq!(offered.status, 200, "{offered:?}");
        offered.json()
    }

    async fn accept(&self, by: &[(&str, &str)], token: &Value, name: Option<&str>) -> Answer {
        let email = name.map(|name| format!("{}@example.com", name.to_lowercase()));
        let wish = json!({"token": token, "name": name, "email": email});
        self.show.post(&format!("{}/acceptance", self.path), by, &wish).await
    }

    async fn read(&self, by: &[(&str, &str)]) -> Value {
        self.show.get(&self.path, by).await.json()
    }

    fn serial(&self, ticket: &Value) -> u32 {
        let now_ms = self.show.house.app.now_ms();
        self.show.house.app.selling.keys().verify(text_of(&ticket["code"]), now_ms).unwrap().serial
    }

    /// Everything that somebody is told about the ticket, and that its code is nowhere in it.
    async fn is_without_code(&self, by: &[(&str, &str)]) {
        assert_eq!(self.read(by).await["code"], Value::Null);
        self.show.get(&format!("{}/qr.svg", self.path), by).await.problem(404, "unknown-ticket");
        self.show.get(&format!("{}/ticket.pdf", self.path), by).await.problem(404, "unknown-ticket");
        let order = self.show.get(&format!("/v1/bookings/{}", text_of(&self.order["id"])), by).await;
        if order.status == 200 {
            assert_eq!(order.json()["tickets"][0]["code"], Value::Null);
            let printed = format!("/v1/bookings/{}/tickets.pdf", text_of(&self.order["id"]));
            self.show.get(&printed, by).await.problem(404, "unknown-ticket");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_code_of_a_given_ticket_is_its_holder_s_alone() {
    let gift = Gift::bought(&[0]).await;
    let show = &gift.show;
    let grace = show.sign_up("grace@example.com", "Grace Hopper").await;
    let grace = [("authorization", grace.as_str())];
    let organizer = show.bearer(ORGANIZER, &[Role::Organizer]);
    let support = show.bearer(STRANGER, &[Role::Support]);
    let (organizer, support) = ([("authorization", &*organizer)], [("authorization", &*support)]);
    assert_eq!(gift.serial(&gift.read(&organizer).await), 0, "what was not given away can be printed again");

    // While it is on offer, its code is nobody's.
    let offered = gift.offer(&gift.ada(), "Grace").await;
    assert_eq!(
        (&offered["code"], &offered["offer"]["name"], &offered["offer"]["email"]),
        (&Value::Null, &json!("Grace"), &json!("grace@example.com"))
    );
    let offer = offered["offer"]["token"].clone();
    let link = format!("{}?key={}", gift.path.strip_prefix("/v1").unwrap(), text_of(&offer));
    assert_eq!(offered["offer"]["link"], link);
    for by in [&gift.ada()[..], &organizer, &support, &[("x-ticket-token", text_of(&offer))]] {
        gift.is_without_code(by).await;
    }
    for by in [&organizer, &support] {
        assert_eq!(gift.read(by).await["offer"]["token"], Value::Null, "only who offers it sees the link");
    }
    let invited = gift.read(&[("x-ticket-token", text_of(&offer))]).await;
    assert_eq!((&invited["offer"]["name"], &invited["offer"]["email"]), (&json!("Grace"), &Value::Null));
    show.get(&gift.path, &grace).await.problem(404, "unknown-ticket");

    // Who accepts it has it, with a code that nobody saw; who asks again by the same key is told the same.
    let with_key = [grace[0], ("idempotency-key", "grace-accepts")];
    let accepted = gift.accept(&with_key, &offer, None).await.json();
    assert_eq!((gift.serial(&accepted), &accepted["token"]), (2, &Value::Null));
    assert_eq!(
        (&accepted["holder"]["name"], &accepted["holder"]["email"], &accepted["given_by"]),
        (&json!("Grace Hopper"), &json!("grace@example.com"), &json!("Ada"))
    );
    assert_eq!(gift.accept(&with_key, &offer, None).await.json(), accepted);
    for by in [&gift.ada()[..], &organizer, &support] {
        gift.is_without_code(by).await;
    }
    let given = gift.read(&gift.ada()).await;
    assert_eq!((&given["holder"]["name"], &given["holder"]["email"]), (&json!("Grace Hopper"), &Value::Null));
    for (of, kind) in [("qr.svg", "image/svg+xml"), ("ticket.pdf?size=receipt", "application/pdf")] {
        let shown = show.get(&format!("{}/{of}", gift.path), &grace).await;
        assert_eq!((shown.status.as_u16(), shown.header("content-type")), (200, kind));
    }

    // It is in her list and her export; the order stays the buyer's.
    let listed = until(show, "/v1/accounts/me/tickets", grace[0].1, |list| list["items"] != json!([])).await;
    assert_eq!(listed["items"], json!([gift.read(&grace).await]));
    let told = show.get("/v1/accounts/me/export", &grace).await.json();
    assert_eq!((&told["tickets"], &told["bookings"]), (&listed["items"], &json!([])));
    assert_eq!(show.get("/v1/accounts/me/bookings", &grace).await.json()["items"], json!([]));
    let order = format!("/v1/bookings/{}", text_of(&gift.order["id"]));
    show.get(&order, &grace).await.problem(404, "unknown-order");
    gift.show.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_offer_s_link_is_good_until_it_is_used_overtaken_or_called_back() {
    let gift = Gift::bought(&[0]).await;
    let show = &gift.show;
    let transfer = format!("{}/transfer", gift.path);
    let (bob, eve) =
        (show.sign_up("bob@example.com", "Bob").await, show.sign_up("eve@example.com", "Eve").await);
    let (bob, eve) = ([("authorization", bob.as_str())], [("authorization", eve.as_str())]);
    show.send("DELETE", &transfer, &gift.ada(), &Value::Null).await.problem(404, "unknown-ticket");

    let first = gift.offer(&gift.ada(), "Bob").await["offer"]["token"].clone();
    let second = gift.offer(&gift.ada(), "Eve").await["offer"]["token"].clone();
    assert_ne!(first, second);
    gift.accept(&bob, &first, None).await.problem(404, "unknown-ticket");

    // Called back, it is Ada's again, with a code that was not seen before; sent again, the same is answered.
    let with_key = [gift.ada()[0], ("idempotency-key", "ada-calls-back")];
    let back = show.send("DELETE", &transfer, &with_key, &Value::Null).await.json();
    assert_eq!((gift.serial(&back), &back["offer"]), (3, &Value::Null));
    assert_eq!(show.send("DELETE", &transfer, &with_key, &Value::Null).await.json(), back);
    for spent in [&first, &second, &json!("AAAAAAAAAAAAAAAAAAAAAA"), &json!("")] {
        gift.accept(&eve, spent, None).await.problem(404, "unknown-ticket");
    }

    let third = gift.offer(&gift.ada(), "Bob").await["offer"]["token"].clone();
    assert_eq!(gift.serial(&gift.accept(&bob, &third, None).await.json()), 5);
    for by in [&bob[..], &eve, &[]] {
        let name = by.is_empty().then_some("Mallory");
        gift.accept(by, &third, name).await.problem(404, "unknown-ticket");
    }
    assert_eq!(gift.serial(&gift.read(&bob).await), 5);

    // It is Bob's to give on. Ada and the organizer cannot, and Ada does not learn to whom.
    let organizer = show.bearer(ORGANIZER, &[Role::Organizer]);
    let to = json!({"email": "eve@example.com", "name": "Eve"});
    for by in [&gift.ada()[..], &[("authorization", &organizer)]] {
        show.post(&transfer, by, &to).await.problem(403, "forbidden");
        show.send("DELETE", &transfer, by, &Value::Null).await.problem(403, "forbidden");
    }
    let fourth = gift.offer(&bob, "Eve").await["offer"]["token"].clone();
    assert_eq!(gift.read(&gift.ada()).await["offer"], Value::Null);
    gift.is_without_code(&bob).await;
    let given_on = gift.accept(&eve, &fourth, None).await.json();
    assert_eq!((gift.serial(&given_on), &given_on["given_by"]), (7, &json!("Bob")));
    show.get(&gift.path, &bob).await.problem(404, "unknown-ticket");
    until(show, "/v1/accounts/me/tickets", eve[0].1, |list| list["items"] != json!([])).await;
    assert_eq!(show.get("/v1/accounts/me/tickets", &bob).await.json()["items"], json!([]));
    gift.show.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guest_has_a_given_ticket_by_a_token_of_their_own() {
    let gift = Gift::bought(&[0, 1]).await;
    let offer = gift.offer(&gift.ada(), "Gus").await["offer"]["token"].clone();
    let nameless = json!({"token": offer});
    let acceptance = format!("{}/acceptance", gift.path);
    let refused = gift.show.post(&acceptance, &[], &nameless).await.problem(422, "invalid");
    assert_eq!(refused["errors"][0]["pointer"], "/email");
    let accepted = gift.accept(&[], &offer, Some("Gus")).await.json();
    let token = text_of(&accepted["token"]).to_owned();
    assert_ne!(accepted["token"], offer);
    let gus = [("x-ticket-token", token.as_str())];
    assert_eq!(gift.serial(&gift.read(&gus).await), 2);
    assert_eq!(gift.read(&gus).await["token"], Value::Null, "it is told once");

    // It is a token of this ticket only; and the offer's, and the order's, are none of it.
    let other = format!("/v1/tickets/{}", text_of(&gift.order["tickets"][1]["id"]));
    gift.show.get(&other, &gus).await.problem(404, "unknown-ticket");
    gift.show.get(&gift.path, &[("x-ticket-token", text_of(&offer))]).await.problem(404, "unknown-ticket");
    gift.show.get(&gift.path, &[("x-ticket-token", &gift.token)]).await.problem(404, "unknown-ticket");

    // What the buyer cancels, the guest loses, and sees so.
    let order = format!("/v1/bookings/{}", text_of(&gift.order["id"]));
    let tickets = json!({"tickets": [gift.order["tickets"][0]["id"]]});
    gift.show.post(&format!("{order}/cancellation"), &gus, &tickets).await.problem(404, "unknown-order");
    let cancelled = gift.show.post(&format!("{order}/cancellation"), &gift.ada(), &tickets).await.json();
    assert_eq!(cancelled["tickets"][0]["status"], "cancelled");
    let lost = gift.read(&gus).await;
    assert_eq!((&lost["status"], &lost["code"]), (&json!("cancelled"), &Value::Null));
    let to = json!({"email": "x@example.com", "name": "X"});
    gift.show.post(&format!("{}/transfer", gift.path), &gus, &to).await.problem(404, "unknown-ticket");
    gift.show.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_deletes_their_account_takes_no_ticket_and_no_order_away() {
    let show = Show::for_people().await;
    let (ada, bob) =
        (show.sign_up("ada@example.com", "Ada").await, show.sign_up("bob@example.com", "Bob").await);
    let (ada, bob) = ([("authorization", ada.as_str())], [("authorization", bob.as_str())]);
    let wish = json!({"best_available": {"quantity": 2}});
    let hold = show.post(&show.path("holds"), &ada, &wish).await.json();
    let body = json!({"hold_id": hold["id"], "hold_token": hold["token"], "payment": {"method": "card_ok"}});
    let order = show.post("/v1/bookings", &[ada[0], ("prefer", "wait=30")], &body).await.json();
    let path = format!("/v1/tickets/{}", text_of(&order["tickets"][0]["id"]));
    let gift = Gift { show, order, token: String::new(), path };
    let offer = gift.offer(&ada, "Bob").await["offer"]["token"].clone();
    gift.accept(&bob, &offer, None).await;
    until(&gift.show, "/v1/accounts/me/tickets", bob[0].1, |list| list["items"] != json!([])).await;

    // The one who bought goes: the ticket is Bob's still, from nobody.
    let gone = json!({"current_password": PASSWORD});
    assert_eq!(gift.show.send("DELETE", "/v1/accounts/me", &ada, &gone).await.status, 204);
    let ticket = |ticket: &Value| ticket["given_by"] == "";
    let kept = until(&gift.show, &gift.path, bob[0].1, ticket).await;
    assert_eq!((&kept["holder"]["name"], gift.serial(&kept)), (&json!("Bob"), 2));

    // The one who has it goes: the organizer sees the order with nobody's name in it.
    assert_eq!(gift.show.send("DELETE", "/v1/accounts/me", &bob, &gone).await.status, 204);
    let organizer = gift.show.bearer(ORGANIZER, &[Role::Organizer]);
    let nobody = |ticket: &Value| ticket["holder"] == json!({"name": "", "email": ""});
    let left = until(&gift.show, &gift.path, &organizer, nobody).await;
    assert_eq!((&left["status"], &left["code"]), (&json!("valid"), &Value::Null));
    gift.show.close().await;
}

/// What stands between a mark and the next quotation mark.
fn after<'p>(page: &'p Answer, mark: &str) -> &'p str {
    let (_before, rest) = text(page).split_once(mark).unwrap_or_else(|| panic!("{mark}: {}", text(page)));
    rest.split('"').next().unwrap()
}

/// The link of an offer on a page, without the site.
fn link_of(page: &Answer) -> String {
    let field = text(page).split_once("id=\"offer-1\" value=\"").unwrap().1.split('"').next().unwrap();
    field[field.find("/tickets/").unwrap()..].to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticket_is_given_called_back_and_accepted_on_pages() {
    let show = Show::for_people().await;
    let order = show.book(&show.hold(&[0, 1]).await, "card_ok").await.json();
    let booking = format!("/bookings/{}", text_of(&order["id"]));
    let id = text_of(&order["tickets"][0]["id"]);
    let mut ada = Browser::new(&show.house);
    let through = ada.get(&format!("{booking}?key={}", text_of(&order["token"]))).await;
    let page = ada.follow(&through).await;

    // What is wrong is told beside the form.
    let transfer = format!("{booking}/tickets/0/transfer");
    let wrong = ada.submit(&page, &transfer, &[("name", "Grace"), ("email", "grace")]).await;
    check_page(&wrong, 422, "Your tickets");
    let to = [("name", "Grace <b>🎭"), ("email", "grace@example.com")];
    let offered = ada.submit(&page, &transfer, &to).await;
    assert_eq!(offered.header("location"), format!("{booking}#{id}"));
    let page = ada.get(&booking).await;
    check_page(&page, 200, "Your tickets");
    assert!(text(&page).contains("Waits for Grace &#60;b&#62;🎭 to accept"), "{}", text(&page));
    assert_eq!(text(&page).matches("data-testid=\"qr\"").count(), 1);
    let first = link_of(&page);

    // Called back, the link leads nowhere, and says so; the next one is good.
    let back = ada.submit(&page, &format!("{booking}/tickets/0/call-back"), &[]).await;
    assert_eq!(back.status, 303);
    let page = ada.get(&booking).await;
    assert_eq!(text(&page).matches("data-testid=\"qr\"").count(), 2);
    check_page(&Browser::new(&show.house).get(&first).await, 410, "This link does not work any more");
    ada.submit(&page, &transfer, &to).await;
    let link = link_of(&ada.get(&booking).await);

    // A guest accepts: the link leaves no token in the address, and what is wrong is told beside the form.
    let mut grace = Browser::new(&show.house);
    let through = grace.get(&link).await;
    assert_eq!(through.header("location"), format!("/tickets/{id}"));
    let asked = grace.follow(&through).await;
    check_page(&asked, 200, "Ada gives you a ticket");
    assert!(!text(&asked).contains("data-testid=\"qr\"") && !text(&asked).contains("MQ1."));
    let acceptance = format!("/tickets/{id}/acceptance");
    let wrong = grace.submit(&asked, &acceptance, &[("name", "Grace"), ("email", "x")]).await;
    check_page(&wrong, 422, "Ada gives you a ticket");
    assert!(text(&wrong).contains("value=\"Grace\""), "what was written stays");
    let person = [("name", "Grace"), ("email", "grace@example.com")];
    let accepted = grace.submit(&wrong, &acceptance, &person).await;
    let again = grace.submit(&wrong, &acceptance, &person).await;
    assert_eq!(
        accepted.header("location"),
        again.header("location"),
        "a form that is sent twice accepts once"
    );
    let ticket = grace.follow(&accepted).await;
    check_page(&ticket, 200, "Your ticket");
    assert!(text(&ticket).contains("data-testid=\"qr\"") && text(&ticket).contains("Given to you by Ada"));
    for (link, kind) in [
        ("ticket.pdf", "application/pdf"),
        ("ticket.pdf?size=home", "application/pdf"),
        ("ticket.pdf?size=receipt", "application/pdf"),
        ("calendar.ics", "text/calendar; charset=utf-8"),
    ] {
        let paper = grace.get(&format!("/tickets/{id}/{link}")).await;
        assert_eq!((paper.status.as_u16(), paper.header("content-type")), (200, kind), "{link}");
    }

    // The offer's link is spent for everyone, and takes nothing away from who has the ticket.
    check_page(&Browser::new(&show.house).get(&link).await, 410, "This link does not work any more");
    let stays = grace.get(&link).await;
    check_page(&grace.follow(&stays).await, 200, "Your ticket");
    let own = after(&ticket, &format!("href=\"/tickets/{id}?key=")).to_owned();
    let mut elsewhere = Browser::new(&show.house);
    let through = elsewhere.get(&format!("/tickets/{id}?key={own}")).await;
    check_page(&elsewhere.follow(&through).await, 200, "Your ticket");
    let page = ada.get(&booking).await;
    assert!(text(&page).contains("Given to Grace") && text(&page).matches("data-testid=\"qr\"").count() == 1);
    let choose = ada.get(&format!("{booking}/cancel")).await;
    assert!(text(&choose).contains("Grace has this ticket and loses it."));

    // Given on to somebody with an account, it is in their bookings; who has no session here is asked to sign in.
    let on = format!("/tickets/{id}/transfer");
    let on = grace.submit(&ticket, &on, &[("name", "Bob"), ("email", "bob@example.org")]).await;
    assert_eq!(on.header("location"), format!("/tickets/{id}"));
    let waiting = grace.get(&format!("/tickets/{id}")).await;
    assert!(
        text(&waiting).contains("Waits for Bob to accept") && !text(&waiting).contains("data-testid=\"qr\"")
    );
    let link = link_of(&waiting);
    let mut bob = Browser::new(&show.house);
    let form = bob.get("/sign-up?then=/").await;
    let person = [("name", "Bob Brown"), ("email", "bob@example.org"), ("zip", ""), ("then", "/")];
    bob.submit(&form, "/sign-up", &[&person[..], &[("password", "a quiet evening")]].concat()).await;
    let through = bob.get(&link).await;
    let asked = bob.follow(&through).await;
    check_page(&asked, 200, "Grace gives you a ticket");
    assert!(text(&asked).contains("Bob Brown") && !text(&asked).contains("name=\"email\""));
    let accepted = bob.submit(&asked, &acceptance, &[]).await;
    check_page(&bob.follow(&accepted).await, 200, "Your ticket");
    let listed = async { while !text(&bob.get("/bookings").await).contains("Given to you by Grace") {} };
    tokio::time::timeout(Duration::from_secs(30), listed).await.unwrap();
    check_page(&grace.get(&format!("/tickets/{id}")).await, 410, "This link does not work any more");
    let stranger = Browser::new(&show.house).get(&format!("/tickets/{id}")).await;
    assert!(stranger.header("location").starts_with("/sign-in?then=%2Ftickets%2F"), "{stranger:?}");
    check_page(
        &Browser::new(&show.house).get("/tickets/tkt_00000000000000000000000000?key=x").await,
        410,
        "This link does not work any more",
    );
    show.close().await;
}

/// Asks one of three nodes, as nobody or with a header.
async fn ask_node(
    trio: &Trio,
    node: u64,
    (method, path): (&str, &str),
    by: Header<'_>,
    body: &Value,
) -> Answer {
    let mut request =
        ask(method, path).header("content-type", "application/json").header("prefer", "wait=30");
    if let Some((name, value)) = by {
        request = request.header(name, value);
    }
    let body = if body.is_null() { String::new() } else { body.to_string() };
    send(trio.town.address(node), request.body(Full::from(body)).unwrap()).await
}

type Header<'h> = Option<(&'h str, &'h str)>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticket_is_given_and_had_at_any_node_also_after_its_venue_moved() {
    let trio = Trio::open().await;
    let on_sale = trio.sell(1).await;
    let person = json!({"email": "grace@example.com", "password": "correct horse", "name": "Grace"});
    assert_eq!(ask_node(&trio, 2, ("POST", "/v1/accounts"), None, &person).await.status, 201);
    let wish = json!({"email": "grace@example.com", "password": "correct horse"});
    let session = ask_node(&trio, 3, ("POST", "/v1/sessions"), None, &wish).await.json();
    let bearer = format!("Bearer {}", text_of(&session["access_token"]));
    let grace: Header<'_> = Some(("authorization", &bearer));

    let holds = format!("/v1/performances/{}/holds", on_sale.performance);
    let hold = ask_node(&trio, 3, ("POST", &holds), None, &json!({"seats": [on_sale.seats[0]]})).await.json();
    let body = json!({
        "hold_id": hold["id"], "hold_token": hold["token"], "payment": {"method": "card_ok"},
        "email": "ada@example.com", "name": "Ada",
    });
    let order = ask_node(&trio, 2, ("POST", "/v1/bookings"), None, &body).await.json();
    let id = text_of(&order["tickets"][0]["id"]);
    let (path, token) = (format!("/v1/tickets/{id}"), text_of(&order["token"]));
    let to = json!({"email": "grace@example.com", "name": "Grace"});
    let transfer = format!("{path}/transfer");
    let offered = ask_node(&trio, 3, ("POST", &transfer), Some(("x-order-token", token)), &to).await.json();

    // The offer goes along with the venue.
    trio.move_venue(&on_sale, 2).await;
    let link = text_of(&offered["offer"]["link"]).to_owned();
    let followed = ask_node(&trio, 1, ("GET", &link), None, &Value::Null).await;
    assert_eq!((followed.status.as_u16(), followed.header("location")), (303, &*format!("/tickets/{id}")));
    let wish = json!({"token": offered["offer"]["token"]});
    let acceptance = format!("{path}/acceptance");
    let accepted = ask_node(&trio, 1, ("POST", &acceptance), grace, &wish).await.json();
    assert!(accepted["code"].as_str().is_some_and(|code| code.starts_with("MQ1.")), "{accepted}");
    ask_node(&trio, 3, ("POST", &acceptance), grace, &wish).await.problem(404, "unknown-ticket");
    let giver = ask_node(&trio, 3, ("GET", &path), Some(("x-order-token", token)), &Value::Null).await.json();
    assert_eq!((&giver["code"], &giver["holder"]["name"]), (&Value::Null, &json!("Grace")));

    // Every node shows it to her, and her export has it.
    let listed = async {
        while ask_node(&trio, 3, ("GET", "/v1/accounts/me/tickets"), grace, &Value::Null).await.json()["items"]
            == json!([])
        {}
    };
    tokio::time::timeout(Duration::from_secs(30), listed).await.unwrap();
    for node in 1..=3 {
        for (list, items) in [("me/tickets", "items"), ("me/export", "tickets")] {
            let path = format!("/v1/accounts/{list}");
            let told = ask_node(&trio, node, ("GET", &path), grace, &Value::Null).await.json();
            assert_eq!(told[items][0]["code"], accepted["code"], "node {node}, {list}: {told}");
        }
    }
    trio.audits().await;
    trio.close().await;
}
