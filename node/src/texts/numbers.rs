//! Numbers, amounts, lists and distances, as a language writes them.

use std::sync::LazyLock;

use icu_decimal::DecimalFormatter;
use icu_decimal::input::Decimal;
use icu_decimal::options::DecimalFormatterOptions;
use icu_list::ListFormatter;
use icu_list::options::ListFormatterOptions;
use marquee_ledger::Currency;

use super::Texts;
use super::language::Language;
use crate::payments::currency::iso_exponent;

const NO_BREAK: char = '\u{a0}';

static DECIMALS: LazyLock<[DecimalFormatter; 3]> = LazyLock::new(|| {
    Language::ALL.map(|language| {
        let made = DecimalFormatter::try_new(language.locale().into(), DecimalFormatterOptions::default());
        // The data is compiled in, and falls back to the root locale.
        made.expect("number formats are compiled in")
    })
});

static LISTS: LazyLock<[ListFormatter; 3]> = LazyLock::new(|| {
    Language::ALL.map(|language| {
        let made = ListFormatter::try_new_and(language.locale().into(), ListFormatterOptions::default());
        // As above.
        made.expect("list formats are compiled in")
    })
});

/// `1,200`, `1.200`
pub(super) fn grouped(language: Language, number: i64) -> String {
    write(language, &Decimal::from(number))
}

fn write(language: Language, number: &Decimal) -> String {
    DECIMALS[language.index()].format(number).to_string()
}

impl Texts {
    /// `1,200`
    pub(crate) fn number(self, number: u64) -> String {
        grouped(self.language(), i64::try_from(number).unwrap_or(i64::MAX))
    }

    /// `4.3`, with so many digits after the point.
    pub(crate) fn decimal(self, number: f64, digits: u8) -> String {
        let shifted = (number * 10_f64.powi(digits.into())).round() as i64;
        let mut decimal = Decimal::from(shifted);
        decimal.multiply_pow10(-i16::from(digits));
        write(self.language(), &decimal)
    }

    /// `$1,234.50`, `1.234,50 €`: as browsers write it in this language.
    pub(crate) fn money(self, amount: i64, currency: Currency) -> String {
        let code = currency.code();
        let digits = iso_exponent(code);
        let mut number = Decimal::from(amount.unsigned_abs());
        number.multiply_pow10(-i16::try_from(digits).unwrap_or(0));
        let number = write(self.language(), &number);
        let sign = if amount < 0 { "-" } else { "" };
        let symbol = symbol(self.language(), code);
        match self.language() {
            // A code keeps away from the number, a symbol stands beside it.
            Language::English if symbol.ends_with(|letter: char| letter.is_alphabetic()) => {
                format!("{sign}{symbol}{NO_BREAK}{number}")
            }
            Language::English => format!("{sign}{symbol}{number}"),
            Language::German | Language::Spanish => format!("{sign}{number}{NO_BREAK}{symbol}"),
        }
    }

    /// `$20.00 – $45.00`, or one price if all are the same; empty for none.
    pub(crate) fn range(self, amounts: impl Iterator<Item = i64> + Clone, currency: Currency) -> String {
        match (amounts.clone().min(), amounts.max()) {
            (Some(least), Some(most)) if least == most => self.money(least, currency),
            (Some(least), Some(most)) => {
                format!("{} – {}", self.money(least, currency), self.money(most, currency))
            }
            _none => String::new(),
        }
    }

    /// `a, b, and c`
    pub(crate) fn list<S: AsRef<str>>(self, items: &[S]) -> String {
        LISTS[self.language().index()].format(items.iter().map(AsRef::as_ref)).to_string()
    }

    /// `87.5%`
    pub(crate) fn share(self, basis_points: u16) -> String {
        let mut number = Decimal::from(basis_points);
        number.multiply_pow10(-2);
        number.absolute.trim_end();
        let number = write(self.language(), &number);
        match self.language() {
            Language::English => format!("{number}%"),
            Language::German | Language::Spanish => format!("{number}{NO_BREAK}%"),
        }
    }

    /// `10 minutes`, `90 seconds`.
    pub(crate) fn duration(self, ms: u64) -> String {
        match ms / 1_000 {
            seconds if seconds % 60 == 0 => self.count("minutes", seconds / 60),
            seconds => self.count("seconds", seconds),
        }
    }

    /// How far away something is: in miles where road signs are, by the place's country.
    pub(crate) fn distance(self, km: f64, country: &str) -> String {
        if uses_miles(country) {
            let miles = km / KM_PER_MILE;
            let digits = u8::from(miles < 10.0);
            return self.with("miles-away", "distance", self.decimal(miles, digits));
        }
        match km {
            _ if km < 1.0 => self.with("metres-away", "distance", self.decimal(km * 1_000.0, 0)),
            _ => self.with("kilometres-away", "distance", self.decimal(km, u8::from(km < 10.0))),
        }
    }
}

const KM_PER_MILE: f64 = 1.609_344;

/// The countries whose road signs count miles.
fn uses_miles(country: &str) -> bool {
    matches!(country, "US" | "GB")
}

/// How the Unicode locale data writes a currency in a language; others are written by their code.
fn symbol(language: Language, code: &str) -> &str {
    let symbols: &[(&str, &str)] = match language {
        Language::English => &[
            ("USD", "$"),
            ("JPY", "¥"),
            ("CAD", "CA$"),
            ("AUD", "A$"),
            ("NZD", "NZ$"),
            ("MXN", "MX$"),
            ("HKD", "HK$"),
            ("TWD", "NT$"),
            ("CNY", "CN¥"),
            ("KRW", "₩"),
            ("PHP", "₱"),
        ],
        Language::German => &[
            ("USD", "$"),
            ("JPY", "¥"),
            ("CAD", "CA$"),
            ("AUD", "AU$"),
            ("NZD", "NZ$"),
            ("MXN", "MX$"),
            ("HKD", "HK$"),
            ("TWD", "NT$"),
            ("CNY", "CN¥"),
            ("KRW", "₩"),
            ("PHP", "₱"),
        ],
        Language::Spanish => &[("USD", "US$")],
    };
    let everywhere: &[(&str, &str)] = match language {
        Language::English | Language::German => {
            &[("EUR", "€"), ("GBP", "£"), ("BRL", "R$"), ("INR", "₹"), ("ILS", "₪"), ("VND", "₫")]
        }
        Language::Spanish => &[("EUR", "€"), ("VND", "₫")],
    };
    let known = symbols.iter().chain(everywhere).find(|(known, _symbol)| *known == code);
    known.map_or(code, |(_code, symbol)| symbol)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENGLISH: Texts = Texts::of(Language::English);
    const GERMAN: Texts = Texts::of(Language::German);
    const SPANISH: Texts = Texts::of(Language::Spanish);

    #[test]
    fn amounts_are_written_as_browsers_do() {
        let written = |amount, code: &str| {
            let currency: Currency = code.parse().unwrap();
            [ENGLISH, GERMAN, SPANISH].map(|texts| texts.money(amount, currency).replace(NO_BREAK, "_"))
        };
        assert_eq!(written(4_500, "USD"), ["$45.00", "45,00_$", "45,00_US$"]);
        assert_eq!(written(123_450, "EUR"), ["€1,234.50", "1.234,50_€", "1234,50_€"]);
        assert_eq!(written(123_456_789, "EUR"), ["€1,234,567.89", "1.234.567,89_€", "1.234.567,89_€"]);
        assert_eq!(written(1_500, "JPY"), ["¥1,500", "1.500_¥", "1500_JPY"]);
        assert_eq!(written(-4_500, "USD"), ["-$45.00", "-45,00_$", "-45,00_US$"]);
        assert_eq!(written(5, "USD")[0], "$0.05");
        assert_eq!(written(1_005, "KWD"), ["KWD_1.005", "1,005_KWD", "1,005_KWD"]);
        assert_eq!(written(4_500, "CHF")[0], "CHF_45.00");
    }

    #[test]
    fn ranges_name_one_price_once() {
        let usd = "USD".parse().unwrap();
        assert_eq!(ENGLISH.range([3_000, 4_500].into_iter(), usd), "$30.00 – $45.00");
        assert_eq!(ENGLISH.range([3_000, 3_000].into_iter(), usd), "$30.00");
        assert_eq!(ENGLISH.range([].into_iter(), usd), "");
    }

    #[test]
    fn lists_shares_and_durations_are_sentences_parts() {
        assert_eq!(ENGLISH.list(&["a", "b", "c"]), "a, b, and c");
        assert_eq!(GERMAN.list(&["a", "b", "c"]), "a, b und c");
        assert_eq!(SPANISH.list(&["agua", "hielo"]), "agua y hielo");
        assert_eq!(SPANISH.list(&["agua", "iglesia"]), "agua e iglesia");
        assert_eq!((ENGLISH.share(8_750).as_str(), ENGLISH.share(10_000).as_str()), ("87.5%", "100%"));
        assert_eq!(GERMAN.share(8_750), "87,5\u{a0}%");
        assert_eq!(
            (ENGLISH.duration(600_000).as_str(), GERMAN.duration(90_000).as_str()),
            ("10 minutes", "90 Sekunden")
        );
        assert_eq!(GERMAN.decimal(4.27, 1), "4,3");
    }

    #[test]
    fn distances_are_told_as_road_signs_of_the_place_do() {
        let told = |km| ENGLISH.distance(km, "FR").replace(NO_BREAK, " ");
        assert_eq!([0.35, 4.24, 120.4].map(told), ["350 m", "4.2 km", "120 km"]);
        assert_eq!(ENGLISH.distance(16.1, "US").replace(NO_BREAK, " "), "10 mi");
        assert_eq!(GERMAN.distance(4.24, "GB").replace(NO_BREAK, " "), "2,6 Meilen");
    }
}
