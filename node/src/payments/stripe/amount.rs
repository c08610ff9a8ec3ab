//! Stripe's minor units.
//!
//! Stripe counts as ISO 4217 does, including the currencies without decimals (BIF, CLP, DJF, GNF, JPY, KMF, KRW, PYG, RWF,
//! VND, VUV, XAF, XOF, XPF), with these exceptions (<https://docs.stripe.com/currencies>):
//!
//! - MGA has no decimals at Stripe, and two in ISO 4217;
//! - ISK has none in ISO 4217 and is written with two at Stripe, which must be zeros;
//! - BHD, JOD, KWD, OMR and TND have three, of which the last must be zero;
//! - UGX: Stripe's list and its remarks have contradicted each other about the decimals. An amount that is wrong a
//!   hundredfold is worse than none, so it is refused.

use crate::payments::{GatewayError, Money};

enum Rule {
    AsIso,
    HundredOfOurs,
    HundredthOfOurs,
    LastDigitZero,
    Refused,
}

fn rule(currency: &str) -> Rule {
    match currency {
        "ISK" => Rule::HundredthOfOurs,
        "MGA" => Rule::HundredOfOurs,
        "BHD" | "JOD" | "KWD" | "OMR" | "TND" => Rule::LastDigitZero,
        "UGX" => Rule::Refused,
        _ => Rule::AsIso,
    }
}

/// The number that stands for this amount in a request.
pub(super) fn to_stripe(amount: &Money) -> Result<i64, GatewayError> {
    let Money { minor, currency } = amount;
    let exact = match rule(currency) {
        Rule::AsIso => Some(*minor),
        Rule::HundredOfOurs => (minor % 100 == 0).then_some(minor / 100),
        Rule::HundredthOfOurs => minor.checked_mul(100),
        Rule::LastDigitZero => (minor % 10 == 0).then_some(*minor),
        Rule::Refused => None,
    };
    exact.ok_or_else(|| {
        GatewayError::refused(
            "amount_not_expressible",
            format!("Stripe cannot take {minor} minor units of {currency}"),
        )
    })
}

/// The amount that a number in an answer stands for.
pub(super) fn from_stripe(number: i64, currency: &str) -> Money {
    let currency = currency.to_ascii_uppercase();
    let minor = match rule(&currency) {
        Rule::AsIso | Rule::LastDigitZero | Rule::Refused => number,
        Rule::HundredOfOurs => number.saturating_mul(100),
        Rule::HundredthOfOurs => number / 100,
    };
    Money { minor, currency }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_go_over_exactly_or_not_at_all() {
        for (minor, currency, number) in [
            (2_500, "EUR", Some(2_500)),
            (500, "JPY", Some(500)),
            (5, "ISK", Some(500)),
            (i64::MAX, "ISK", None),
            (500, "MGA", Some(5)),
            (501, "MGA", None),
            (5_120, "KWD", Some(5_120)),
            (5_124, "KWD", None),
            (500, "UGX", None),
        ] {
            let money = Money { minor, currency: currency.into() };
            assert_eq!(to_stripe(&money).ok(), number, "{minor} {currency}");
            if let Some(number) = number {
                assert_eq!(from_stripe(number, &currency.to_lowercase()), money);
            }
        }
    }
}
