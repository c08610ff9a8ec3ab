//! Amounts of money as people write them.

use marquee_ledger::Currency;

use crate::payments::currency::iso_exponent;

/// More digits than any amount that something costs.
const DIGITS_MAX: usize = 15;

/// Why a text is no amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAnAmount {
    /// It is no number.
    #[error("must be an amount such as 45 or 45.50")]
    NoNumber,
    /// It is below zero.
    #[error("must not be negative")]
    Negative,
    /// It has more digits behind the point than its currency.
    #[error("must have at most {digits} digits behind the point")]
    TooFine {
        /// How many the currency has.
        digits: u32,
    },
    /// Its currency has no smaller unit.
    #[error("must be a whole number: the currency has no smaller unit")]
    NotWhole,
    /// It has too many digits.
    #[error("is too much")]
    TooMuch,
}

/// An amount in minor units of its currency. The part behind the point may stand behind a comma as well; thousands are not
/// parted, since nobody can tell which of the two a sign means.
///
/// # Errors
/// When it is no such amount.
pub fn minor_units(text: &str, currency: Currency) -> Result<i64, NotAnAmount> {
    let text = text.trim();
    let digits = iso_exponent(currency.code());
    if let Some(rest) = text.strip_prefix(['-', '−']) {
        // What is no number without its sign is none with it.
        return minor_units(rest, currency).and(Err(NotAnAmount::Negative));
    }
    let (whole, part) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_number(whole) || !is_number(part) {
        return Err(NotAnAmount::NoNumber);
    }
    let part = part.trim_end_matches('0');
    if part.len() > digits as usize {
        return Err(if digits == 0 { NotAnAmount::NotWhole } else { NotAnAmount::TooFine { digits } });
    }
    if whole.trim_start_matches('0').len() > DIGITS_MAX {
        return Err(NotAnAmount::TooMuch);
    }
    let minor = format!("{whole}{part:0<width$}", width = digits as usize);
    minor.parse().map_err(|_overflow| NotAnAmount::TooMuch)
}

/// An amount as a form shows it to be changed: `45`, `45.50`.
#[must_use]
pub fn written(amount: i64, currency: Currency) -> String {
    let digits = iso_exponent(currency.code());
    let unit = 10_u64.pow(digits);
    let (sign, amount) = (if amount < 0 { "-" } else { "" }, amount.unsigned_abs());
    match amount % unit {
        0 => format!("{sign}{}", amount / unit),
        part => format!("{sign}{}.{part:0width$}", amount / unit, width = digits as usize),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_in_the_minor_units_of_their_currency() {
        let read = |text: &str, code: &str| minor_units(text, code.parse().unwrap());
        for (text, code, amount) in [
            ("45", "USD", 4_500),
            ("45.5", "USD", 4_550),
            (" 45,50 ", "EUR", 4_550),
            ("0", "USD", 0),
            ("007", "USD", 700),
            ("1500", "JPY", 1_500),
            ("1500.00", "JPY", 1_500),
            ("1.005", "KWD", 1_005),
            ("12.50000", "USD", 1_250),
        ] {
            assert_eq!(read(text, code), Ok(amount), "{text} {code}");
        }
        for (text, code, wrong) in [
            ("", "USD", NotAnAmount::NoNumber),
            ("free", "USD", NotAnAmount::NoNumber),
            ("1,234.50", "USD", NotAnAmount::NoNumber),
            (".50", "USD", NotAnAmount::NoNumber),
            ("$45", "USD", NotAnAmount::NoNumber),
            ("1e3", "USD", NotAnAmount::NoNumber),
            ("٤٥", "USD", NotAnAmount::NoNumber),
            ("-5", "USD", NotAnAmount::Negative),
            ("-x", "USD", NotAnAmount::NoNumber),
            ("1.005", "USD", NotAnAmount::TooFine { digits: 2 }),
            ("1.5", "JPY", NotAnAmount::NotWhole),
            ("99999999999999999999", "USD", NotAnAmount::TooMuch),
        ] {
            assert_eq!(read(text, code), Err(wrong), "{text} {code}");
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        for (amount, code, text) in [
            (4_500, "USD", "45"),
            (4_550, "USD", "45.50"),
            (5, "USD", "0.05"),
            (1_500, "JPY", "1500"),
            (1_005, "KWD", "1.005"),
            (0, "EUR", "0"),
        ] {
            let currency = code.parse().unwrap();
            assert_eq!(written(amount, currency), text);
            assert_eq!(minor_units(text, currency), Ok(amount));
        }
    }
}
