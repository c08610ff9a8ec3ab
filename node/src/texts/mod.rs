//! What people read, in their language.
//!
//! Texts are Fluent messages in `texts/<language>/*.ftl`, one file an area of the site; all files of a language make one
//! bundle, which is built once. Pages say `frame.t("key")`, code says `visit.texts().t("key")`, scripts import
//! `assets/texts.js`. What a language lacks is read in English, and what English lacks is shown as its key: a test
//! (`complete`) sees to it that neither happens.
//!
//! Numbers, money, instants and lists are written by the rules of the Unicode locale data (CLDR), the same that browsers
//! use: what a script writes beside what the node wrote looks the same.
//!
//! A language is added by its folder, which has to say all that `en` says, and by a variant of [`Language`].
//!
//! **Architecture invariant**: the API, logs and the formats for other programs (calendars, feeds, structured data) speak
//! English or the event's own language; only pages and what is printed from them are translated.

mod bundles;
#[cfg(test)]
mod complete;
mod editor;
mod instants;
mod language;
mod numbers;
mod scripts;

use std::borrow::Cow;
use std::fmt::Display;

pub(crate) use editor::{Said, editor_scripts};
pub(crate) use instants::When;
pub(crate) use language::Language;
pub(crate) use scripts::script;

use bundles::{Arguments, bundle};

/// The texts of one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Texts(Language);

/// A text with a part that is marked by `[` and `]`, to be made a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cut {
    pub(crate) before: String,
    pub(crate) marked: String,
    pub(crate) after: String,
}

impl Texts {
    pub(crate) const fn of(language: Language) -> Self {
        Self(language)
    }

    pub(crate) const fn language(self) -> Language {
        self.0
    }

    /// A text without arguments.
    pub(crate) fn t(self, key: &str) -> Cow<'static, str> {
        let nothing = Arguments::new();
        Cow::Owned(self.write(key, &nothing))
    }

    /// A text that counts: its argument is `$count`.
    pub(crate) fn count(self, key: &str, count: impl Countable) -> String {
        let mut arguments = Arguments::new();
        arguments.set("count", count.number());
        self.write(key, &arguments)
    }

    /// A text that counts, with another argument.
    pub(crate) fn count_with(
        self,
        key: &str,
        count: impl Countable,
        name: &str,
        value: impl Display,
    ) -> String {
        let mut arguments = Arguments::new();
        arguments.set("count", count.number());
        arguments.set(name.to_owned(), value.to_string());
        self.write(key, &arguments)
    }

    /// A text with an argument.
    pub(crate) fn with(self, key: &str, name: &str, value: impl Display) -> String {
        let mut arguments = Arguments::new();
        arguments.set(name.to_owned(), value.to_string());
        self.write(key, &arguments)
    }

    /// A text with two arguments.
    pub(crate) fn with2(
        self,
        key: &str,
        first: &str,
        value: impl Display,
        second: &str,
        other: impl Display,
    ) -> String {
        let mut arguments = Arguments::new();
        arguments.set(first.to_owned(), value.to_string());
        arguments.set(second.to_owned(), other.to_string());
        self.write(key, &arguments)
    }

    /// A text with three arguments.
    pub(crate) fn with3<A: Display, B: Display, C: Display>(
        self,
        key: &str,
        first: (&str, A),
        second: (&str, B),
        third: (&str, C),
    ) -> String {
        let ((first, a), (second, b), (third, c)) = (first, second, third);
        let mut arguments = Arguments::new();
        arguments.set(first.to_owned(), a.to_string());
        arguments.set(second.to_owned(), b.to_string());
        arguments.set(third.to_owned(), c.to_string());
        self.write(key, &arguments)
    }

    /// A text with any number of arguments.
    pub(crate) fn with_all(self, key: &str, named: &[(&'static str, String)]) -> String {
        let mut arguments = Arguments::new();
        for (name, value) in named {
            arguments.set(*name, value.as_str());
        }
        self.write(key, &arguments)
    }

    /// A text that has a link in it, cut at `[` and `]`.
    pub(crate) fn cut(self, key: &str) -> Cut {
        Cut::of(&self.t(key))
    }

    /// The same with an argument.
    pub(crate) fn cut_with(self, key: &str, name: &str, value: impl Display) -> Cut {
        // What is put in may have such marks of its own.
        let value = value.to_string().replace(['[', ']'], "");
        Cut::of(&self.with(key, name, value))
    }

    /// A text whose key is made of a word of the domain, such as `kind-concert`. A word that nobody foresaw is shown as it is.
    pub(crate) fn word(self, prefix: &str, word: &str) -> String {
        let key = format!("{prefix}-{}", word.replace('_', "-"));
        self.known(&key).unwrap_or_else(|| sentence(word))
    }

    /// A text, if there is one with this key.
    pub(crate) fn known(self, key: &str) -> Option<String> {
        let has = |language| bundle(language).has_message(key);
        (has(self.0) || has(Language::English)).then(|| self.write(key, &Arguments::new()))
    }

    fn write(self, key: &str, arguments: &Arguments<'_>) -> String {
        bundles::write(self.0, key, arguments)
            .or_else(|| bundles::write(Language::English, key, arguments))
            .unwrap_or_else(|| key.to_owned())
    }
}

impl Cut {
    fn of(text: &str) -> Self {
        let (before, rest) = text.split_once('[').unwrap_or((text, ""));
        let (marked, after) = rest.split_once(']').unwrap_or((rest, ""));
        Self { before: before.to_owned(), marked: marked.to_owned(), after: after.to_owned() }
    }
}

/// `senior_citizen` → `Senior citizen`.
pub(crate) fn sentence(key: &str) -> String {
    let words = key.replace(['_', '-'], " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// What a text can count.
pub(crate) trait Countable {
    fn number(&self) -> u64;
}

macro_rules! countable {
    ($($number:ty),*) => {$(
        impl Countable for $number {
            fn number(&self) -> u64 {
                u64::try_from(*self).unwrap_or(0)
            }
        }
    )*};
}
countable!(u8, u16, u32, u64, usize, i32, i64);

impl<T: Countable + ?Sized> Countable for &T {
    fn number(&self) -> u64 {
        (**self).number()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_takes_the_form_of_its_number() {
        let said = |language, count: u64| Texts::of(language).count("tickets", count);
        assert_eq!(said(Language::English, 1), "1 ticket");
        assert_eq!(said(Language::English, 1_200), "1,200 tickets");
        assert_eq!(said(Language::German, 1), "1 Ticket");
        assert_eq!(said(Language::German, 1_200), "1.200 Tickets");
        assert_eq!(said(Language::Spanish, 2), "2 entradas");
    }

    #[test]
    fn a_key_that_no_language_has_is_shown() {
        assert_eq!(Texts::of(Language::German).t("no-such-key"), "no-such-key");
        assert_eq!(Texts::of(Language::German).word("concession", "press_guest"), "Press guest");
    }

    #[test]
    fn a_text_is_cut_where_its_link_is() {
        let cut = Cut::of("See [My bookings].");
        assert_eq!(
            (cut.before.as_str(), cut.marked.as_str(), cut.after.as_str()),
            ("See ", "My bookings", ".")
        );
        let given = Texts::of(Language::English).cut_with("search-did-you-mean", "words", "a [b]");
        assert_eq!(given.marked, "a b");
    }
}
