//! How many digits of an amount stand behind the point, by ISO 4217.

/// The exponent of a currency's minor unit. Two for every code that is not listed, which is the standard's rule of thumb
/// and covers all the rest of its active list.
pub(crate) fn iso_exponent(currency: &str) -> u32 {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "UYI"
        | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

/// Whether this has the shape of an ISO 4217 code.
pub(super) fn is_code(currency: &str) -> bool {
    currency.len() == 3 && currency.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// An amount for people: `EUR 25.00`, `JPY 500`. Amounts below zero do not occur.
pub(super) fn display(minor: i64, currency: &str) -> String {
    let digits = iso_exponent(currency);
    let unit = 10_i64.pow(digits);
    match digits {
        0 => format!("{currency} {minor}"),
        _ => format!("{currency} {}.{:0width$}", minor / unit, minor % unit, width = digits as usize),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_as_people_write_them() {
        assert_eq!(display(2_505, "EUR"), "EUR 25.05");
        assert_eq!(display(500, "JPY"), "JPY 500");
        assert_eq!(display(1_005, "KWD"), "KWD 1.005");
        assert_eq!(display(7, "USD"), "USD 0.07");
    }
}
