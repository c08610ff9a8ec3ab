//! A price in a text: "free", "under $50", "up to 30 euros".

use super::{Meaning, Money, Typed};
use crate::document::Currency;

/// More than anybody pays, so that minor units do not overflow.
const AMOUNT_MAX: u64 = 1_000_000;

/// Words before an amount that make it the highest.
const LEADS: &[&[&str]] = &[
    &["under"],
    &["below"],
    &["max"],
    &["maximum"],
    &["less", "than"],
    &["cheaper", "than"],
    &["not", "over"],
    &["up", "to"],
    &["at", "most"],
];

/// What the chunks from `at` on say about a price, and how many of them do.
pub(super) fn read(typed: &Typed<'_>, at: usize, currency: Currency) -> Option<(usize, Meaning)> {
    if typed.is(at, &["for", "free"]) {
        return Some((2, Meaning::PriceMax(Money { currency, minor: 0 })));
    }
    if typed.is(at, &["free"]) {
        let more = usize::from(matches!(typed.word(at + 1), "entry" | "admission"));
        return Some((1 + more, Meaning::PriceMax(Money { currency, minor: 0 })));
    }
    if let Some(raw) = typed.raw(at).strip_prefix('<').filter(|raw| !raw.is_empty()) {
        return Some((1, Meaning::PriceMax(amount(raw, currency)?)));
    }
    let lead = LEADS.iter().find(|lead| typed.is(at, lead))?.len();
    let (length, named) = match typed.word(at + lead + 1) {
        "dollar" | "dollars" | "usd" | "bucks" => (lead + 2, Currency::USD),
        "euro" | "euros" | "eur" => (lead + 2, Currency::EUR),
        "pound" | "pounds" | "gbp" => (lead + 2, Currency::GBP),
        _ => (lead + 1, currency),
    };
    Some((length, Meaning::PriceMax(amount(typed.raw(at + lead), named)?)))
}

/// `50`, `$50`, `50$`, `€19.99`.
fn amount(raw: &str, currency: Currency) -> Option<Money> {
    let signs = [('$', Currency::USD), ('€', Currency::EUR), ('£', Currency::GBP)];
    let raw = raw.trim_end_matches([',', ';', '!', '?', '.']);
    let signed = signs.iter().find_map(|(sign, currency)| {
        raw.strip_prefix(*sign).or_else(|| raw.strip_suffix(*sign)).map(|rest| (rest, *currency))
    });
    let (number, currency) = signed.unwrap_or((raw, currency));
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let is_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !is_digits(whole) || !is_digits(part) {
        return None;
    }
    let digits = currency.minor_digits();
    // Of a finer part than the currency has, the beginning counts.
    let part: String = part.chars().chain("000".chars()).take(usize::try_from(digits).ok()?).collect();
    let whole: u64 = whole.parse().ok().filter(|whole| *whole <= AMOUNT_MAX)?;
    let part: u64 = if part.is_empty() { 0 } else { part.parse().ok()? };
    Some(Money { currency, minor: whole * 10_u64.pow(digits) + part })
}
