//! What is wrong with a form, in the visitor's language.
//!
//! Checks speak English, as the API does. The sentences that forms meet are known here by their shape; whatever else a check
//! says is shown as it says it.

use crate::texts::Texts;

/// The shape of what a check says, with `*` for what it puts in; and the text that says the same, with the names of that.
const KNOWN: &[(&str, &str, &[&str])] = &[
    ("must not be empty", "org-fault-empty", &[]),
    ("must be one line", "org-fault-one-line", &[]),
    ("must have at most * characters", "org-fault-characters", &["most"]),
    ("must not contain control characters", "org-fault-control", &[]),
    ("must be an ISO 3166 code of two capital letters, such as US", "org-fault-country", &[]),
    ("must be a zone of the IANA database, such as America/New_York", "org-fault-zone", &[]),
    ("must be between -90 and 90, and between -180 and 180 degrees", "org-fault-point", &[]),
    ("must be a number of degrees such as 37.8083", "org-fault-degrees", &[]),
    ("must be there if the latitude is", "org-fault-both-degrees", &[]),
    ("must be there if the longitude is", "org-fault-both-degrees", &[]),
    ("must be between * and * minor units", "org-fault-price", &["least", "most"]),
    ("must be between * and * minutes", "org-fault-minutes", &["least", "most"]),
    ("must be between * and *", "org-fault-between", &["least", "most"]),
    ("must be at most *", "org-fault-at-most", &["most"]),
    ("must be a whole number", "org-fault-whole", &[]),
    ("must not be after the start", "org-fault-doors", &[]),
    ("must be after the sale begins", "org-fault-sale-order", &[]),
    ("must be before the sale of the first performance ends", "org-fault-sale-order", &[]),
    ("must be within a day of the start", "org-fault-sale-late", &[]),
    ("must not be named twice", "org-fault-twice", &[]),
    ("must be a time such as *", "org-fault-time", &["rest"]),
    ("must be in a year between * and *", "org-fault-year", &["least", "most"]),
    (
        "there is no * in *: the clocks go forward by * minutes then; choose another time, or leave that day out",
        "org-fault-gap-day",
        &["time", "zone", "minutes"],
    ),
    (
        "there is no * in *: the clocks go forward by * minutes then; choose another time",
        "org-fault-gap",
        &["time", "zone", "minutes"],
    ),
    (
        "* comes twice in *, since the clocks go back then: add the offset that is meant, *, or leave that day out",
        "org-fault-fold-day",
        &["time", "zone", "offsets"],
    ),
    (
        "* comes twice in *, since the clocks go back then: add the offset that is meant, *",
        "org-fault-fold",
        &["time", "zone", "offsets"],
    ),
    ("not a currency code: write three capital letters, such as USD", "org-fault-currency", &[]),
    ("* is no currency of ISO 4217", "org-fault-currency-unknown", &["code"]),
    ("must be an amount such as 45 or 45.50", "org-fault-amount", &[]),
    ("there must be at least one price", "org-fault-no-price", &[]),
    ("must not be negative", "org-fault-negative", &[]),
    ("must have at most * digits behind the point", "org-fault-digits", &["digits"]),
    ("must be a whole number: the currency has no smaller unit", "org-fault-no-cents", &[]),
    ("is too much", "org-fault-too-much", &[]),
    ("must be more than nothing", "org-fault-nothing", &[]),
    ("must say why: the buyers are told", "org-fault-reason", &[]),
    ("must say why: the buyer reads it", "org-fault-reason", &[]),
    ("must be one line of at most * characters", "org-fault-characters", &["most"]),
    ("must be a day such as 2026-12-01", "org-fault-day", &[]),
    ("* is not a day: write days such as 2026-12-24", "org-fault-no-day", &["word"]),
    ("* is not a time: write times such as 19:30", "org-fault-no-time", &["word"]),
    ("write at least one time, such as 19:30", "org-fault-no-times", &[]),
    ("choose at least one day of the week", "org-fault-no-weekday", &[]),
    ("none of these days lies between the first and the last day", "org-fault-no-days", &[]),
    ("* performances are too many at once: at most *", "org-fault-many", &["count", "most"]),
    ("must not be before the first day", "org-fault-backwards", &[]),
    ("must be within five years of the first day", "org-fault-long", &[]),
    ("lies in the past", "org-fault-past", &[]),
    ("the first performance would begin in the past", "org-fault-past", &[]),
    ("choose at least one ticket", "org-fault-no-ticket", &[]),
    ("there is no valid ticket left to cancel", "org-fault-no-ticket-left", &[]),
    ("other prices are needed: fill in the table and save again", "org-fault-table", &[]),
    ("the key * is taken", "org-fault-key-taken", &["key"]),
];

/// A sentence of a check, as a page tells it.
pub(super) fn told(texts: Texts, detail: &str) -> String {
    for (shape, key, names) in KNOWN {
        let Some(found) = matched(shape, detail) else { continue };
        return match (*names, found.as_slice()) {
            ([], _) => texts.t(key).into_owned(),
            ([name], [value, ..]) => texts.with(key, name, value),
            ([first, second], [one, two, ..]) => texts.with2(key, first, one, second, two),
            ([first, second, third], [one, two, three, ..]) => {
                texts.with3(key, (*first, *one), (*second, *two), (*third, *three))
            }
            _others => sentence(detail),
        };
    }
    sentence(detail)
}

/// What stands at the stars of a shape.
fn matched<'d>(shape: &str, detail: &'d str) -> Option<Vec<&'d str>> {
    let mut parts = shape.split('*');
    let mut rest = detail.strip_prefix(parts.next()?)?;
    let mut found = Vec::new();
    for part in parts {
        let at = if part.is_empty() { rest.len() } else { rest.find(part)? };
        found.push(&rest[..at]);
        rest = &rest[at + part.len()..];
    }
    rest.is_empty().then_some(found)
}

fn sentence(detail: &str) -> String {
    let mut letters = detail.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let end = if detail.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::Language;

    #[test]
    fn shapes_are_matched_from_end_to_end() {
        assert_eq!(matched("must be at most *", "must be at most 50"), Some(vec!["50"]));
        assert_eq!(matched("must be between * and *", "must be between 1 and 9"), Some(vec!["1", "9"]));
        assert_eq!(matched("* is not a day: *", "xmas is not a day: write"), Some(vec!["xmas", "write"]));
        assert_eq!(matched("must not be empty", "must not be empty at all"), None);
        assert_eq!(matched("must be one line", "must be one line of at most 5 characters"), None);
    }

    #[test]
    fn what_a_check_says_is_told_in_the_language_and_anything_else_as_it_is() {
        let (english, german) = (Texts::of(Language::English), Texts::of(Language::German));
        let gap = "there is no 2027-03-14T02:30:00 in America/New_York: the clocks go forward by 60 minutes \
                   then; choose another time";
        let told_in = |texts| told(texts, gap);
        for texts in [english, german] {
            for part in ["2027-03-14T02:30:00", "America/New_York", "60"] {
                assert!(told_in(texts).contains(part), "{}", told_in(texts));
            }
        }
        assert_ne!(told_in(english), told_in(german));
        assert_eq!(told(german, "something else"), "Something else.");
    }

    #[test]
    fn every_text_of_a_shape_is_there() {
        for (_shape, key, _names) in KNOWN {
            assert!(Texts::of(Language::German).known(key).is_some(), "{key}");
        }
    }
}
