//! How text becomes the words of the index, and a query's text the words that are looked for: the same way.
//!
//! Everything is [folded](crate::fold::fold). Running text is stemmed as English, so that "dancers" finds "dancing". Stop
//! words stay in names, because "The Who" and "It" have no others; in descriptions they are left out.

use tantivy::tokenizer::{Language, Stemmer, TextAnalyzer, Token, TokenStream, Tokenizer, TokenizerManager};

use crate::fold::fold;

/// Stemmed words of names.
pub(crate) const STEMMED: &str = "stemmed";
/// Stemmed words of running text, without stop words.
pub(crate) const PROSE: &str = "prose";
/// Words as they are, and words joined that punctuation parts.
pub(crate) const PLAIN: &str = "plain";
/// The beginnings of words.
pub(crate) const BEGINNINGS: &str = "beginnings";

/// A longer word is cut there: nobody types it, and the index refuses terms of some 64 kB.
const WORD_CHARS_MAX: usize = 40;
/// The shortest and the longest beginning of a word that the index keeps.
pub(crate) const BEGINNING_CHARS: std::ops::RangeInclusive<usize> = 1..=12;

/// Words that say little by themselves, folded.
const STOP_WORDS: &[&str] = &[
    "a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "from", "i", "in", "into", "is", "it",
    "its", "me", "my", "no", "not", "of", "on", "or", "our", "so", "that", "the", "their", "then", "there",
    "these", "they", "this", "to", "was", "we", "what", "when", "where", "which", "who", "will", "with",
    "you", "your",
];

/// Words of people who look for tickets, which say nothing about what they look for.
const FILLERS: &[&str] = &[
    "best",
    "buy",
    "cheap",
    "event",
    "events",
    "find",
    "get",
    "going",
    "happening",
    "live",
    "looking",
    "please",
    "seat",
    "seats",
    "show",
    "shows",
    "things",
    "ticket",
    "tickets",
    "upcoming",
    "want",
];

/// Whether a folded word says little by itself.
pub(crate) fn is_stop_word(word: &str) -> bool {
    STOP_WORDS.binary_search(&word).is_ok()
}

/// Whether a folded word can be missed in a query: a stop word, or one that only says that somebody wants tickets.
pub(crate) fn is_optional(word: &str) -> bool {
    is_stop_word(word) || FILLERS.binary_search(&word).is_ok()
}

/// The folded words of `text`, each cut to a length that somebody could type.
pub(crate) fn words(text: &str) -> Vec<String> {
    fold(text).split(' ').filter(|word| !word.is_empty()).map(cut).collect()
}

fn cut(word: &str) -> String {
    word.chars().take(WORD_CHARS_MAX).collect()
}

/// The stem of a folded word.
pub(crate) fn stem(word: &str) -> String {
    let mut analyzer =
        TextAnalyzer::builder(Words { form: Form::All }).filter(Stemmer::new(Language::English)).build();
    let mut stream = analyzer.token_stream(word);
    match stream.next() {
        Some(token) => token.text.clone(),
        None => String::new(),
    }
}

/// The analyzers by the names that the schema calls them.
pub(crate) fn tokenizers() -> TokenizerManager {
    let english = || Stemmer::new(Language::English);
    let manager = TokenizerManager::default();
    manager.register(STEMMED, TextAnalyzer::builder(Words { form: Form::All }).filter(english()).build());
    manager.register(
        PROSE,
        TextAnalyzer::builder(Words { form: Form::WithoutStopWords }).filter(english()).build(),
    );
    manager.register(PLAIN, TextAnalyzer::from(Words { form: Form::WithJoined }));
    manager.register(BEGINNINGS, TextAnalyzer::from(Words { form: Form::Beginnings }));
    manager
}

/// Parts text into folded words.
#[derive(Debug, Clone)]
struct Words {
    form: Form,
}

#[derive(Debug, Clone, Copy)]
enum Form {
    All,
    /// The others keep their positions.
    WithoutStopWords,
    /// `AC/DC` is also `acdc`, `Spider-Man` also `spiderman`.
    WithJoined,
    Beginnings,
}

impl Tokenizer for Words {
    type TokenStream<'a> = WordStream;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> WordStream {
        let mut words: Vec<(usize, String)> = words(text).into_iter().enumerate().collect();
        match self.form {
            Form::All => {}
            Form::WithoutStopWords => words.retain(|(_, word)| !is_stop_word(word)),
            Form::WithJoined => {
                let last = words.len();
                words.extend(joined_words(text).map(|word| (last, word)));
            }
            Form::Beginnings => {
                words = words.iter().flat_map(|(at, word)| beginnings(word).map(|b| (*at, b))).collect();
            }
        }
        WordStream { words: words.into_iter(), token: Token::default() }
    }
}

/// What is written without a blank but with punctuation in it, as one word.
fn joined_words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split_whitespace().filter_map(|chunk| {
        let folded = fold(chunk);
        folded.contains(' ').then(|| cut(&folded.replace(' ', "")))
    })
}

fn beginnings(word: &str) -> impl Iterator<Item = String> + '_ {
    let ends = word.char_indices().map(|(at, _)| at).skip(1).chain([word.len()]);
    ends.skip(BEGINNING_CHARS.start() - 1)
        .take(BEGINNING_CHARS.end() - BEGINNING_CHARS.start() + 1)
        .map(|end| word[..end].to_owned())
}

/// The words of one text.
struct WordStream {
    words: std::vec::IntoIter<(usize, String)>,
    token: Token,
}

impl TokenStream for WordStream {
    fn advance(&mut self) -> bool {
        let Some((position, text)) = self.words.next() else { return false };
        // Offsets are those of the original text for tantivy's own snippets, which nobody asks for here.
        self.token = Token { offset_from: 0, offset_to: 0, position, text, position_length: 1 };
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn analyzed(analyzer: &str, text: &str) -> String {
        let mut analyzer = tokenizers().get(analyzer).unwrap();
        let mut stream = analyzer.token_stream(text);
        let mut all = Vec::new();
        while let Some(token) = stream.next() {
            all.push(token.text.clone());
        }
        all.join(" ")
    }

    #[test]
    fn text_becomes_words() {
        let cases = [
            (STEMMED, "The Dancers’ Dances", "the dancer danc"),
            (STEMMED, "Björk: Cornucopia", "bjork cornucopia"),
            (STEMMED, "It", "it"),
            (PROSE, "It is the story of the singers in Paris.", "stori singer pari"),
            (PLAIN, "AC/DC", "ac dc acdc"),
            (PLAIN, "Spider-Man: Homecoming", "spider man homecoming spiderman"),
            (PLAIN, "R&B night", "r b night rb"),
            (PLAIN, "Beyoncé", "beyonce"),
            (BEGINNINGS, "Jazz", "j ja jaz jazz"),
            (
                BEGINNINGS,
                "Internationally",
                "i in int inte inter intern interna internat internati internatio \
             internation internationa",
            ),
            (BEGINNINGS, "Ärzte", "a ar arz arzt arzte"),
            (STEMMED, "", ""),
            (PLAIN, "?!…", ""),
        ];
        for (analyzer, text, expected) in cases {
            assert_eq!(analyzed(analyzer, text), expected, "for {text:?} as {analyzer}");
        }
        assert_eq!(stem("musicals"), "music");
        assert_eq!(stem(""), "");
        assert_eq!(words(&"x".repeat(1_000))[0].len(), WORD_CHARS_MAX);
    }

    #[test]
    fn the_lists_are_sorted_as_lookups_need_it() {
        assert!(STOP_WORDS.is_sorted());
        assert!(FILLERS.is_sorted());
        assert!(is_optional("the") && is_optional("tickets") && !is_optional("jazz"));
    }
}
