//! Amounts as programs write them: `1234.50`, with the digits of their currency.

use marquee_ledger::Currency;

use crate::payments::currency::iso_exponent;

/// `4500` of USD is `45.00`.
pub(crate) fn decimal(amount: i64, currency: Currency) -> String {
    let digits = iso_exponent(currency.code());
    let (unit, sign) = (10_u64.pow(digits), if amount < 0 { "-" } else { "" });
    let (whole, part) = (amount.unsigned_abs() / unit, amount.unsigned_abs() % unit);
    match digits {
        0 => format!("{sign}{whole}"),
        _ => format!("{sign}{whole}.{part:0width$}", width = digits as usize),
    }
}

/// Minor units of a currency, by its code.
///
/// # Errors
/// In words, when it is no amount or has more digits than the currency.
pub(super) fn minor(text: &str, currency: &str) -> Result<i64, String> {
    let digits = iso_exponent(currency);
    let wrong =
        || format!("{text:?} is no amount of {currency}: write it with a point, such as {}", example(digits));
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let is_number = |part: &str| part.bytes().all(|digit| digit.is_ascii_digit());
    let part = part.trim_end_matches('0');
    if whole.is_empty()
        || whole.len() > 12
        || !is_number(whole)
        || !is_number(part)
        || part.len() > digits as usize
    {
        return Err(wrong());
    }
    let padded = format!("{whole}{part:0<width$}", width = digits as usize);
    padded.parse().map_err(|_too_long| wrong())
}

fn example(digits: u32) -> &'static str {
    match digits {
        0 => "500",
        3 => "1.250",
        _ => "12.50",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_come_back() {
        for (amount, code, text) in
            [(4_500, "USD", "45.00"), (5, "EUR", "0.05"), (1_500, "JPY", "1500"), (1_005, "KWD", "1.005")]
        {
            assert_eq!(decimal(amount, code.parse().unwrap()), text);
            assert_eq!(minor(text, code), Ok(amount));
        }
        assert_eq!(minor("45", "USD"), Ok(4_500));
        assert_eq!(minor("45.500", "USD"), Ok(4_550));
        for (text, code) in [
            ("45,00", "USD"),
            ("45.005", "USD"),
            ("1.5", "JPY"),
            ("", "USD"),
            ("-1", "USD"),
            ("9999999999999", "USD"),
        ] {
            assert!(minor(text, code).unwrap_err().contains("is no amount"), "{text}");
        }
    }
}
