//! What somebody typed, as words and phrases.
//!
//! Every text is a query: quotes around words make a phrase, an odd quote is a blank, and whatever else there is, is text
//! too. Only its length is bounded.

use crate::analysis::words;

/// The most letters of a query.
pub const TEXT_CHARS_MAX: usize = 256;

/// The most words of a query.
pub const TEXT_WORDS_MAX: usize = 16;

/// A query that is too long.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextRefused {
    /// More than [`TEXT_CHARS_MAX`] letters.
    #[error("the query has {chars} letters; write at most {TEXT_CHARS_MAX}")]
    TooManyLetters {
        /// How many it has.
        chars: usize,
    },
    /// More than [`TEXT_WORDS_MAX`] words.
    #[error("the query has {words} words; write at most {TEXT_WORDS_MAX}")]
    TooManyWords {
        /// How many it has.
        words: usize,
    },
}

/// What stands between two blanks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chunk {
    /// As it was typed.
    pub(crate) raw: String,
    /// Folded: `AC/DC` has two.
    pub(crate) words: Vec<String>,
    /// The number of the quoted phrase that it belongs to.
    pub(crate) phrase: Option<usize>,
}

impl Chunk {
    /// Its words with blanks between them; nothing if it is quoted, since what is quoted means itself.
    pub(crate) fn plain(&self) -> String {
        if self.phrase.is_some() { String::new() } else { self.words.join(" ") }
    }
}

/// Parts a text into chunks; those without a letter or digit are left out, except amounts' signs, which their chunk has.
///
/// # Errors
/// [`TextRefused`] if it is too long.
pub(crate) fn parse(text: &str) -> Result<Vec<Chunk>, TextRefused> {
    let chars = text.chars().count();
    if chars > TEXT_CHARS_MAX {
        return Err(TextRefused::TooManyLetters { chars });
    }
    let parts: Vec<&str> = text.split(is_quote).collect();
    let mut chunks = Vec::new();
    for (nth, part) in parts.iter().enumerate() {
        // What stands after an odd quote is the last part, which no other quote closes.
        let is_quoted = !nth.is_multiple_of(2) && nth + 1 < parts.len();
        let phrase = is_quoted.then_some(nth / 2);
        for raw in part.split_whitespace() {
            let words = words(raw);
            if !words.is_empty() {
                chunks.push(Chunk { raw: raw.to_owned(), words, phrase });
            }
        }
    }
    let words = chunks.iter().map(|chunk| chunk.words.len()).sum();
    if words > TEXT_WORDS_MAX { Err(TextRefused::TooManyWords { words }) } else { Ok(chunks) }
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„' | '«' | '»')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Phrases in brackets, chunks parted by blanks, a chunk's words by `+`.
    fn shape(text: &str) -> String {
        let chunks = parse(text).unwrap();
        let mut shape = Vec::new();
        for (at, chunk) in chunks.iter().enumerate() {
            let same = |other: Option<&Chunk>| {
                chunk.phrase.is_some() && other.map(|o| o.phrase) == Some(chunk.phrase)
            };
            let before = if chunk.phrase.is_none() || at > 0 && same(chunks.get(at - 1)) { "" } else { "[" };
            let after = if chunk.phrase.is_none() || same(chunks.get(at + 1)) { "" } else { "]" };
            shape.push(format!("{before}{}{after}", chunk.words.join("+")));
        }
        shape.join(" ")
    }

    #[test]
    fn every_text_is_a_query() {
        let cases = [
            ("", ""),
            ("   ", ""),
            ("Jazz  at the\tFox", "jazz at the fox"),
            (r#""cherry orchard" play"#, "[cherry orchard] play"),
            (r#"play "cherry orchard""#, "play [cherry orchard]"),
            (r#""one" "two three""#, "[one] [two three]"),
            (r#"an "odd quote"#, "an odd quote"),
            (r#"""#, ""),
            (r#"""""#, ""),
            (r#""a" b "c"#, "[a] b c"),
            ("“curly quotes” too", "[curly quotes] too"),
            ("AC/DC", "ac+dc"),
            ("+title:(foo OR bar)^2 ~[* TO *]", "title+foo or bar+2 to"),
            ("^.*$ \\ (?:) <script>", "script"),
            ("don't", "dont"),
            ("$50", "50"),
        ];
        for (text, expected) in cases {
            assert_eq!(shape(text), expected, "for {text:?}");
        }
    }

    #[test]
    fn only_length_is_refused() {
        assert!(parse(&"x".repeat(TEXT_CHARS_MAX)).is_ok());
        let refused = parse(&"é".repeat(TEXT_CHARS_MAX + 1)).unwrap_err();
        assert_eq!(refused.to_string(), "the query has 257 letters; write at most 256");
        assert!(parse(&"a ".repeat(TEXT_WORDS_MAX)).is_ok());
        let refused = parse(&"a ".repeat(TEXT_WORDS_MAX + 1)).unwrap_err();
        assert_eq!(refused, TextRefused::TooManyWords { words: 17 });
    }
}
