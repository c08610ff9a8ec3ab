//! Whether a document has what a query asks for: all its words, each as the beginning of a word of the document.
//!
//! `"phil ny"` finds the Philharmonic in New York only if a word begins with `ny`; there are no synonyms, no ranking and
//! no tolerance for typing errors. Documents are built once and kept; matching allocates nothing.

use crate::fold::fold;

/// The most words of a query that count; what follows is ignored, so that a query's cost is bounded.
pub const QUERY_WORDS_MAX: usize = 16;

/// The words that something can be found by.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Document {
    /// The folded words, each after a blank, so that " phil" is found only where a word begins.
    words: Box<str>,
}

impl Document {
    /// A document of some fields: a title, performers, a venue's name, a city.
    pub fn new<'a>(fields: impl IntoIterator<Item = &'a str>) -> Self {
        let mut words = String::new();
        for field in fields {
            let folded = fold(field);
            if !folded.is_empty() {
                words.push(' ');
                words.push_str(&folded);
            }
        }
        Self { words: words.into_boxed_str() }
    }
}

/// What someone looks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    /// The folded words, each after a blank.
    words: Vec<String>,
}

impl Query {
    /// The query that `text` asks.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let folded = fold(text);
        Self {
            words: folded
                .split(' ')
                .filter(|w| !w.is_empty())
                .take(QUERY_WORDS_MAX)
                .map(|w| format!(" {w}"))
                .collect(),
        }
    }

    /// Whether it asks for nothing, and so finds everything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Whether `document` has all its words.
    #[must_use]
    pub fn matches(&self, document: &Document) -> bool {
        self.words.iter().all(|word| document.words.contains(word.as_str()))
    }

    /// Which of its words `document` has, a bit for each: what two documents find together is the union of the bits,
    /// and they match together if that is [`all_bits`](Self::all_bits).
    #[must_use]
    pub fn bits_in(&self, document: &Document) -> u32 {
        let words = self.words.iter().enumerate();
        words.fold(0, |bits, (nth, word)| bits | (u32::from(document.words.contains(word.as_str())) << nth))
    }

    /// The bits of all its words.
    #[must_use]
    pub fn all_bits(&self) -> u32 {
        // There are at most `QUERY_WORDS_MAX` words, fewer than a u32 has bits.
        (1 << self.words.len()) - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_words_of_a_query_begin_words_of_the_document() {
        let document =
            Document::new(["The Cherry Orchard", "Anya Ferreira", "Théâtre St-Denis", "Montréal", ""]);
        let cases = [
            ("", true),
            ("  ", true),
            ("cherry", true),
            ("orch cher", true),
            ("CHERRY montreal", true),
            ("théâtre denis", true),
            ("herry", false),
            ("cherry toronto", false),
            ("cherryorchard", false),
        ];
        for (query, expected) in cases {
            assert_eq!(Query::new(query).matches(&document), expected, "for {query:?}");
        }
        assert!(Query::new(" ?! ").is_empty());
        assert!(!Query::new("x").matches(&Document::default()));
    }

    #[test]
    fn documents_match_together_what_neither_matches_alone() {
        let (event, venue) = (Document::new(["Cherry Orchard"]), Document::new(["Fox Theatre", "Oakland"]));
        let query = Query::new("cherry oak");
        assert!(!query.matches(&event) && !query.matches(&venue));
        assert_eq!((query.bits_in(&event), query.bits_in(&venue)), (0b01, 0b10));
        assert_eq!(query.all_bits(), 0b11);
        assert_eq!(Query::new("").all_bits(), 0);
    }

    #[test]
    fn words_beyond_the_most_are_ignored() {
        let text = format!("{}zzz", "a ".repeat(QUERY_WORDS_MAX));
        assert!(Query::new(&text).matches(&Document::new(["a"])));
    }
}
