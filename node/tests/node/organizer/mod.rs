//! The organizer's pages. What all their tests begin with stands here: who looks, what a page says, how a form is filled in.

mod dates;
mod offers;
mod orders;
mod rights;
mod sales;
mod things;
mod undoing;

use std::time::{Duration, Instant};

use marquee_ledger::AccountId;
use marquee_node::accounts::{Role, Roles, SessionId};

use crate::house::{Answer, House};
use crate::pages::{Browser, text};
use crate::show::ORGANIZER;

/// A browser that somebody is signed in with.
pub(crate) fn signed<'h>(house: &'h House, account: AccountId, roles: &[Role]) -> Browser<'h> {
    let now_ms = house.app.now_ms();
    let roles: Roles = roles.iter().copied().collect();
    let (token, _claims) = house.app.tokens.issue(account, SessionId::random(now_ms), roles, now_ms);
    let mut browser = Browser::new(house);
    browser.cookies.insert("marquee_access".to_owned(), token);
    browser
}

pub(crate) fn organizer(house: &House) -> Browser<'_> {
    signed(house, ORGANIZER, &[Role::Organizer])
}

/// The fields that are told to be wrong, in the order of the page.
fn faulty(page: &Answer) -> Vec<String> {
    let mut fields = Vec::new();
    for part in text(page).split("data-testid=\"fault\" data-field=\"").skip(1) {
        fields.push(part.split('"').next().unwrap().to_owned());
    }
    // Each stands in the list above as well, with a link to the field, which says what is wrong with it.
    for name in &fields {
        assert!(text(page).contains(&format!("href=\"#field-{name}\"")), "{name}: {}", text(page));
        assert!(text(page).contains(&format!("id=\"fault-{name}\"")), "{name}: {}", text(page));
        let is_one_field = !["prices", "weekdays"].contains(&name.as_str());
        assert!(!is_one_field || text(page).contains("aria-invalid=\"true\""), "{}", text(page));
    }
    fields
}

/// What stands in the element with this test id.
fn told(page: &Answer, test_id: &str) -> String {
    let mark = format!("data-testid=\"{test_id}\"");
    let rest = text(page).split_once(mark.as_str()).unwrap_or_else(|| panic!("{test_id}: {}", text(page))).1;
    let inside = rest.split_once('>').unwrap().1;
    inside.split('<').next().unwrap().replace('\u{a0}', " ")
}

/// Every field of the page's form, as it would be sent; then these instead.
pub(crate) fn filled<'a>(
    base: &[(&'a str, &'a str)],
    instead: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    let is_replaced = |name: &str| instead.iter().any(|(other, _)| *other == name);
    let mut fields: Vec<_> = base.iter().copied().filter(|(name, _)| !is_replaced(name)).collect();
    fields.extend_from_slice(instead);
    fields
}

/// Checks that a form was taken, and where it led.
#[track_caller]
pub(crate) fn led_on(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", text(answer));
    answer.header("location").to_owned()
}

/// Asks for a page until it is so: takings are counted on the side, and refunds are carried out there too.
async fn until(browser: &mut Browser<'_>, path: &str, is_so: impl Fn(&Answer) -> bool) -> Answer {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let page = browser.get(path).await;
        assert_eq!(page.status, 200, "{}", text(&page));
        let is_counted = !text(&page).contains("data-testid=\"counting\"");
        if is_counted && is_so(&page) {
            return page;
        }
        assert!(Instant::now() < deadline, "{path} never becomes so: {}", text(&page));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
