//! Durations written as `"10m"` or `"250ms"`. Use as `#[serde(with = "crate::duration")]`.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::Deserialize;
use serde::de::{Deserializer, Error, Unexpected, Visitor};

/// The units, the longest name of those that end alike first.
const UNITS: [(&str, u64); 5] = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

/// Reads a duration from text.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    struct Text;
    impl Visitor<'_> for Text {
        type Value = Duration;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a duration: a whole number and a unit (ms, s, m, h, d), such as \"10m\"")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Duration, E> {
            parse(text).ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
        }
    }
    deserializer.deserialize_str(Text)
}

/// Reads durations under names. Use as `#[serde(deserialize_with = "crate::duration::by_name")]`.
pub(crate) fn by_name<'de, D, K>(deserializer: D) -> Result<BTreeMap<K, Duration>, D::Error>
where
    D: Deserializer<'de>,
    K: Deserialize<'de> + Ord,
{
    #[derive(Deserialize)]
    struct Text(#[serde(with = "crate::duration")] Duration);

    let texts = BTreeMap::<K, Text>::deserialize(deserializer)?;
    Ok(texts.into_iter().map(|(name, Text(duration))| (name, duration)).collect())
}

fn parse(text: &str) -> Option<Duration> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(digits);
    let (_, unit_ms) = UNITS.iter().find(|(name, _)| *name == unit)?;
    Some(Duration::from_millis(number.parse::<u64>().ok()?.checked_mul(*unit_ms)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_a_whole_number_and_a_unit() {
        let cases = [
            ("250ms", Some(Duration::from_millis(250))),
            ("0s", Some(Duration::ZERO)),
            ("10m", Some(Duration::from_secs(600))),
            ("24h", Some(Duration::from_secs(86_400))),
            ("30d", Some(Duration::from_secs(30 * 86_400))),
            ("", None),
            ("10", None),
            ("m", None),
            ("-1s", None),
            ("1.5s", None),
            ("1 s", None),
            ("1M", None),
            ("18446744073709551615d", None),
            ("99999999999999999999s", None),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text), expected, "for {text:?}");
        }
    }
}
