//! The part of a text that has what was looked for, and where in it.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::analysis::{stem, words};
use crate::query::Marked;

/// About as long is a snippet, in bytes.
const SNIPPET_BYTES: usize = 200;

/// What was looked for, as stems.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) stems: BTreeSet<String>,
}

impl Wanted {
    pub(crate) fn add(&mut self, word: &str) {
        self.stems.insert(stem(word));
    }

    /// All of `text`, marked.
    pub(crate) fn mark(&self, text: &str) -> Marked {
        Marked { text: text.to_owned(), marks: self.marks(text) }
    }

    /// The stretch of `text` with the most different words that were looked for; none if it has none of them.
    pub(crate) fn snippet(&self, text: &str) -> Option<Marked> {
        let marks = self.marks(text);
        let best = (0..marks.len()).max_by_key(|first| {
            let until = marks[*first].start + SNIPPET_BYTES;
            let within = marks[*first..].iter().take_while(|mark| mark.end <= until);
            let different: BTreeSet<String> = within.map(|mark| stem_of(&text[mark.clone()])).collect();
            // Of the same, the first.
            (different.len(), std::cmp::Reverse(*first))
        })?;
        let start = stretch_start(text, marks[best].start);
        let end = stretch_end(text, (start + SNIPPET_BYTES).max(marks[best].end));
        let inside = marks.into_iter().filter(|mark| mark.start >= start && mark.end <= end);
        let marks = inside.map(|mark| mark.start - start..mark.end - start).collect();
        Some(Marked { text: text[start..end].to_owned(), marks })
    }

    fn marks(&self, text: &str) -> Vec<Range<usize>> {
        if self.stems.is_empty() {
            return Vec::new();
        }
        word_ranges(text).filter(|range| self.stems.contains(&stem_of(&text[range.clone()]))).collect()
    }
}

/// The stem of what is one word in the text; of what folding makes several words of, none.
fn stem_of(word: &str) -> String {
    match &words(word)[..] {
        [word] => stem(word),
        [..] => String::new(),
    }
}

/// Where the words are: letters and digits, with apostrophes and combining marks inside.
fn word_ranges(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let is_inside = |c: char| c.is_alphanumeric() || matches!(c, '\'' | '’' | '\u{300}'..='\u{36f}');
    let mut rest = 0;
    std::iter::from_fn(move || {
        let start = rest + text[rest..].find(char::is_alphanumeric)?;
        let end = text[start..].find(|c| !is_inside(c)).map_or(text.len(), |length| start + length);
        rest = end;
        Some(start..end)
    })
}

/// The beginning of the sentence or at least of the words before `at`, some way back.
fn stretch_start(text: &str, at: usize) -> usize {
    let earliest = text.floor_char_boundary(at.saturating_sub(SNIPPET_BYTES / 3));
    let before = &text[earliest..at];
    if earliest == 0 {
        return 0;
    }
    match before.rfind(['.', '!', '?']) {
        Some(end) if end + 1 < before.len() => {
            let sentence = &before[end + 1..];
            earliest + end + 1 + (sentence.len() - sentence.trim_start().len())
        }
        Some(_) | None => before.find(char::is_whitespace).map_or(at, |blank| {
            earliest + blank + before[blank..].len() - before[blank..].trim_start().len()
        }),
    }
}

/// The end of the word that `at` is in.
fn stretch_end(text: &str, at: usize) -> usize {
    let at = text.floor_char_boundary(at.min(text.len()));
    text[at..].find(char::is_whitespace).map_or(text.len(), |length| at + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(marked: &Marked) -> String {
        let mut shown = String::new();
        let mut rest = 0;
        for mark in &marked.marks {
            shown += &format!("{}[{}]", &marked.text[rest..mark.start], &marked.text[mark.clone()]);
            rest = mark.end;
        }
        shown + &marked.text[rest..]
    }

    fn wanted(text: &str) -> Wanted {
        let mut wanted = Wanted::default();
        words(text).iter().for_each(|word| wanted.add(word));
        wanted
    }

    #[test]
    fn what_was_looked_for_is_marked() {
        let cases = [
            ("dancing", "The Dancers’ Dances", "The Dancers’ [Dances]"),
            ("beyonce", "BEYONCÉ & friends", "[BEYONCÉ] & friends"),
            ("montreal", "Montre\u{301}al!", "[Montre\u{301}al]!"),
            ("oneill", "O'Neill plays", "[O'Neill] plays"),
            ("x", "", ""),
            ("", "as it is", "as it is"),
            ("東京", "東京 ドーム", "[東京] ドーム"),
        ];
        for (query, text, expected) in cases {
            assert_eq!(shown(&wanted(query).mark(text)), expected, "for {query:?} in {text:?}");
        }
    }

    #[test]
    fn a_snippet_is_the_stretch_with_most_of_it() {
        let filler = "Nothing of interest is said in this sentence, which goes on and on. ".repeat(6);
        let text = format!("{filler}A jazz singer meets a sailor in Paris. {filler}Jazz again.");
        let snippet = wanted("paris jazz").snippet(&text).unwrap();
        assert!(
            shown(&snippet).starts_with("A [jazz] singer meets a sailor in [Paris]."),
            "{}",
            shown(&snippet)
        );
        assert!(snippet.text.len() < SNIPPET_BYTES + 80);
        assert_eq!(wanted("opera").snippet(&text), None);
        let accented = "éé ".repeat(1_000);
        assert!(wanted("ee").snippet(&accented).unwrap().text.len() <= SNIPPET_BYTES + 5);
    }
}
