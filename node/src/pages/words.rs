//! Instants and keys in English: for feeds and structured data, and for pages that speak nothing else.

use crate::texts::{Language, Texts};

pub(super) use crate::texts::{When, sentence as title};

const ENGLISH: Texts = Texts::of(Language::English);

/// `1 ticket`, `2 tickets`.
pub(super) fn count(number: usize, one: &str) -> String {
    match number {
        1 => format!("1 {one}"),
        _ => format!("{} {one}s", ENGLISH.number(number as u64)),
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
    fn counts_and_clocks_read_as_sentences_have_them() {
        assert_eq!(
            (count(1, "ticket").as_str(), count(1_200, "ticket").as_str()),
            ("1 ticket", "1,200 tickets")
        );
        assert_eq!((title("senior_citizen").as_str(), title("").as_str()), ("Senior citizen", ""));
        assert_eq!((clock(245_000).as_str(), clock(1).as_str()), ("4:05", "0:01"));
    }
}
