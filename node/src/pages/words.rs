//! Instants and keys in English, for feeds and structured data; and clocks.

pub(super) use crate::texts::{When, sentence as title};

/// `4:05`: minutes and seconds.
pub(super) fn clock(ms: u64) -> String {
    let seconds = ms.div_ceil(1_000);
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_clocks_read_as_sentences_have_them() {
        assert_eq!((title("senior_citizen").as_str(), title("").as_str()), ("Senior citizen", ""));
        assert_eq!((clock(245_000).as_str(), clock(1).as_str()), ("4:05", "0:01"));
    }
}
