//! Performances that are moved or called off, after a look at who is affected.

use super::{faulty, led_on, organizer, told, until};
use crate::pages::{Browser, check_page, field, text};
use crate::show::Show;

#[tokio::test]
async fn who_is_affected_is_shown_before_a_performance_is_moved_or_called_off() {
    let show = Show::open().await;
    let mut browser = organizer(&show.house);
    show.book(&show.hold(&[0, 1]).await, "card_ok").await;
    show.book(&show.hold(&[5]).await, "card_ok").await;
    show.hold(&[9]).await;
    let here = format!("/organizer/performances/{}", show.performance);
    let before = show.get(&format!("/v1/performances/{}", show.performance), &[]).await.json();

    // Once tickets were ordered, the form of the terms does not change the start.
    let edit = browser.get(&format!("{here}/edit")).await;
    assert!(
        !text(&edit).contains("name=\"starts_at\"")
            && text(&edit).contains("data-testid=\"reschedule-link\"")
    );

    let at = format!("{here}/reschedule");
    let ask = async |browser: &mut Browser<'_>, start: &str| {
        browser.get(&format!("{at}?review=yes&starts_at={start}&doors_at=&on_sale_until=")).await
    };
    for (start, words) in [
        ("2021-01-01T20%3A00", "lies in the past"),
        ("2027-03-14T02%3A30", "the clocks go forward"),
        ("soon", "Write a day and a time"),
        ("", "Write a day and a time"),
    ] {
        let wrong = ask(&mut browser, start).await;
        assert!(wrong.status == 422 && text(&wrong).contains(words), "{start}: {}", text(&wrong));
        assert_eq!(faulty(&wrong), ["starts_at"]);
    }
    let preview = ask(&mut browser, "2099-06-01T20%3A00").await;
    assert_eq!(
        (told(&preview, "affected-orders"), told(&preview, "affected-tickets")),
        ("2".to_owned(), "3".to_owned())
    );
    // Half of the price goes back under the rule that they were bought under.
    assert_eq!(told(&preview, "affected-money"), "$67.50");
    let unchanged = show.get(&format!("/v1/performances/{}", show.performance), &[]).await.json();
    assert_eq!(unchanged["version"], before["version"], "a preview changes nothing");
    let confirm =
        [("starts_at", "2099-06-01T20:00"), ("doors_at", ""), ("on_sale_until", ""), ("version", "1")];
    let moved = browser.submit(&preview, &at, &confirm).await;
    assert_eq!(led_on(&moved), format!("{here}?done=rescheduled"));
    let after = show.get(&format!("/v1/performances/{}", show.performance), &[]).await.json();
    assert_eq!(after["local_starts_at"], "2099-06-01T20:00:00");
    let again = ask(&mut browser, "2099-06-02T20%3A00").await;
    let stale = browser.submit(&again, &at, &confirm).await;
    check_page(&stale, 412, "Reschedule");

    let at = format!("{here}/cancellation");
    let preview = browser.get(&at).await;
    check_page(&preview, 200, "Call it off");
    assert_eq!(
        (told(&preview, "affected-orders"), told(&preview, "affected-tickets")),
        ("2".to_owned(), "3".to_owned())
    );
    assert_eq!(told(&preview, "affected-money"), "$135.00", "everything, whatever the policy");
    let version = field(&preview, "version");
    let silent = browser.submit(&preview, &at, &[("version", &version), ("reason", " ")]).await;
    check_page(&silent, 422, "Call it off");
    assert_eq!(faulty(&silent), ["reason"]);
    let told_off = [("version", version.as_str()), ("reason", "The soprano <i>lost</i> her voice 😷.")];
    let off = browser.submit(&preview, &at, &told_off).await;
    assert_eq!(led_on(&off), format!("{here}?done=cancelled"));
    assert_eq!(led_on(&browser.submit(&preview, &at, &told_off).await), off.header("location"));
    let page = until(&mut browser, &here, |page| {
        text(page).contains("data-testid=\"cancelled\" data-done=\"true\"")
    })
    .await;
    assert!(text(&page).contains("The soprano &#60;i&#62;lost&#60;/i&#62; her voice 😷."));
    assert_eq!((told(&page, "refunded"), told(&page, "revenue")), ("$135.00".to_owned(), "$0.00".to_owned()));
    check_page(&browser.get(&at).await, 409, "This performance was cancelled");
    show.close().await;
}
