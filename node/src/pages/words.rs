//! Amounts, instants and keys as people read them.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime};
use marquee_ledger::Currency;

use crate::payments::currency::iso_exponent;

/// An instant, as pages show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct When {
    /// For machines.
    pub(super) iso: String,
    /// `Sat, Dec 5, 7:30 PM EST`; with the year unless it is this one.
    pub(super) text: String,
    /// `7:30 PM`
    pub(super) time: String,
    /// `EST`
    pub(super) zone: String,
    /// `Saturday, December 5`; with the year unless it is this one.
    pub(super) date: String,
    /// `Dec`
    pub(super) month: String,
    /// `5`
    pub(super) day: String,
    /// `Sat`
    pub(super) weekday: String,
}

impl When {
    /// An instant in a zone, seen at another.
    pub(super) fn new(at_ms: u64, zone: &TimeZone, now_ms: u64) -> Self {
        let (at, now) = (zoned(at_ms, zone), zoned(now_ms, zone));
        let year = if at.year() == now.year() { "" } else { ", %Y" };
        let write = |format: &str| at.strftime(format).to_string();
        Self {
            iso: write("%Y-%m-%dT%H:%M:%S%:z"),
            text: write(&format!("%a, %b %-d{year}, %-I:%M %p %Z")),
            time: write("%-I:%M %p"),
            zone: write("%Z"),
            date: write(&format!("%A, %B %-d{year}")),
            month: write("%b"),
            day: write("%-d"),
            weekday: write("%a"),
        }
    }
}

fn zoned(at_ms: u64, zone: &TimeZone) -> ZonedDateTime {
    let at = i64::try_from(at_ms).ok().and_then(|at| Timestamp::from_millisecond(at).ok());
    ZonedDateTime::new(at.unwrap_or(Timestamp::MAX), zone.clone())
}

/// `$1,234.50`, `€20.00`, `CHF 45.00`, `¥500`: as browsers write it for `en-US`.
pub(super) fn money(amount: i64, currency: Currency) -> String {
    let digits = iso_exponent(currency.code());
    let unit = 10_u64.pow(digits);
    let sign = if amount < 0 { "-" } else { "" };
    let whole = grouped(amount.unsigned_abs() / unit);
    let symbol = symbol(currency.code());
    match digits {
        0 => format!("{sign}{symbol}{whole}"),
        _ => {
            let part = amount.unsigned_abs() % unit;
            format!("{sign}{symbol}{whole}.{part:0width$}", width = digits as usize)
        }
    }
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The symbols that the Unicode locale data has for `en-US`; others are written by their code, with a no-break space.
fn symbol(code: &str) -> String {
    let symbol = match code {
        "USD" => "$",
        "EUR" => "€",
        "GBP" => "£",
        "JPY" => "¥",
        "CAD" => "CA$",
        "AUD" => "A$",
        "NZD" => "NZ$",
        "MXN" => "MX$",
        "HKD" => "HK$",
        "TWD" => "NT$",
        "BRL" => "R$",
        "CNY" => "CN¥",
        "INR" => "₹",
        "KRW" => "₩",
        "ILS" => "₪",
        "VND" => "₫",
        "PHP" => "₱",
        _other => return format!("{code}\u{a0}"),
    };
    symbol.to_owned()
}

/// `$20.00 – $45.00`, or one price if all are the same; empty for none.
pub(super) fn range(amounts: impl Iterator<Item = i64> + Clone, currency: Currency) -> String {
    match (amounts.clone().min(), amounts.max()) {
        (Some(least), Some(most)) if least == most => money(least, currency),
        (Some(least), Some(most)) => format!("{} – {}", money(least, currency), money(most, currency)),
        _none => String::new(),
    }
}

/// `senior_citizen` → `Senior citizen`.
pub(super) fn title(key: &str) -> String {
    let words = key.replace(['_', '-'], " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// `1 ticket`, `2 tickets`.
pub(super) fn count(number: usize, one: &str) -> String {
    match number {
        1 => format!("1 {one}"),
        _ => format!("{} {one}s", grouped(number as u64)),
    }
}

/// `10 minutes`, `90 seconds`.
pub(super) fn duration(ms: u64) -> String {
    match ms / 1_000 {
        seconds if seconds % 60 == 0 => count(usize::try_from(seconds / 60).unwrap_or(usize::MAX), "minute"),
        seconds => count(usize::try_from(seconds).unwrap_or(usize::MAX), "second"),
    }
}

/// `4:05`: minutes and seconds.
pub(super) fn clock(ms: u64) -> String {
    let seconds = ms.div_ceil(1_000);
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_the_digits_of_their_currency() {
        let money = |amount, code: &str| money(amount, code.parse().unwrap());
        assert_eq!(money(4_500, "USD"), "$45.00");
        assert_eq!(money(123_456_789, "EUR"), "€1,234,567.89");
        assert_eq!(money(5, "USD"), "$0.05");
        assert_eq!(money(-4_500, "USD"), "-$45.00");
        assert_eq!(money(1_500, "JPY"), "¥1,500");
        assert_eq!(money(1_005, "KWD"), "KWD\u{a0}1.005");
    }

    #[test]
    fn times_are_those_of_the_place_with_its_abbreviation() {
        let zone = TimeZone::get("America/New_York").unwrap();
        let (now, at) = (1_764_000_000_000, 1_764_981_000_000);
        let when = When::new(at, &zone, now);
        assert_eq!(when.text, "Fri, Dec 5, 7:30 PM EST");
        assert_eq!(when.iso, "2025-12-05T19:30:00-05:00");
        assert_eq!(When::new(at, &zone, now + 90 * 86_400_000).text, "Fri, Dec 5, 2025, 7:30 PM EST");
    }

    #[test]
    fn ranges_and_counts_read_as_sentences_have_them() {
        let usd = "USD".parse().unwrap();
        assert_eq!(range([3_000, 4_500].into_iter(), usd), "$30.00 – $45.00");
        assert_eq!(range([3_000, 3_000].into_iter(), usd), "$30.00");
        assert_eq!(range([].into_iter(), usd), "");
        assert_eq!(
            (count(1, "ticket").as_str(), count(1_200, "ticket").as_str()),
            ("1 ticket", "1,200 tickets")
        );
        assert_eq!((duration(600_000).as_str(), duration(90_000).as_str()), ("10 minutes", "90 seconds"));
        assert_eq!((title("senior_citizen").as_str(), title("").as_str()), ("Senior citizen", ""));
        assert_eq!((clock(245_000).as_str(), clock(1).as_str()), ("4:05", "0:01"));
    }
}
