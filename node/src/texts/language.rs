//! The languages of the pages, and which one a visit gets.

use axum::http::{HeaderMap, header};
use icu_locale_core::{Locale, locale};
use unic_langid::LanguageIdentifier;

/// A language that pages are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    /// English as in the United States.
    English,
    /// German, with "Sie".
    German,
    /// Spanish, with "usted".
    Spanish,
}

impl Language {
    pub(crate) const ALL: [Self; 3] = [Self::English, Self::German, Self::Spanish];

    /// Its BCP 47 tag: what `lang` says.
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::Spanish => "es",
        }
    }

    /// Its name in itself.
    pub(crate) const fn native_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "Deutsch",
            Self::Spanish => "Español",
        }
    }

    /// Which way it is written: what `dir` says.
    pub(crate) const fn direction(self) -> &'static str {
        match self {
            Self::English | Self::German | Self::Spanish => "ltr",
        }
    }

    pub(crate) fn by_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag() == tag)
    }

    /// What a browser chose before, else the first of its languages that we have, else English.
    pub(crate) fn of_visit(headers: &HeaderMap, chosen: Option<&str>) -> Self {
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|accepted| accepted.to_str().ok());
        chosen.and_then(Self::by_tag).unwrap_or_else(|| accepted.map_or(Self::English, Self::accepted))
    }

    fn accepted(header: &str) -> Self {
        // A header is a few dozen bytes; who sends more gets what the first ones say.
        let wanted = accept_language::parse(header.get(..256).unwrap_or(header));
        let ours = |tag: &String| Self::by_tag(tag.split('-').next().unwrap_or_default());
        wanted.iter().find_map(ours).unwrap_or(Self::English)
    }

    pub(super) const fn index(self) -> usize {
        match self {
            Self::English => 0,
            Self::German => 1,
            Self::Spanish => 2,
        }
    }

    pub(super) fn identifier(self) -> LanguageIdentifier {
        // The tags above are well formed.
        self.tag().parse().expect("a language's tag")
    }

    pub(super) const fn locale(self) -> Locale {
        match self {
            Self::English => locale!("en"),
            Self::German => locale!("de"),
            Self::Spanish => locale!("es"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visit_gets_the_first_language_that_we_have() {
        let of = |accepted: &str, chosen| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, accepted.parse().unwrap());
            Language::of_visit(&headers, chosen)
        };
        assert_eq!(of("de-AT,de;q=0.9,en;q=0.5", None), Language::German);
        assert_eq!(of("fr-FR,fr;q=0.9,es-MX;q=0.8,en;q=0.5", None), Language::Spanish);
        assert_eq!(of("en;q=0.2,de;q=0.9", None), Language::German);
        assert_eq!(of("ja", None), Language::English);
        assert_eq!(of("*", None), Language::English);
        assert_eq!(of("", None), Language::English);
        assert_eq!(of("de", Some("es")), Language::Spanish);
        assert_eq!(of("de", Some("tlh")), Language::German);
        assert_eq!(of(&"x".repeat(5_000), None), Language::English);
        assert_eq!(Language::of_visit(&HeaderMap::new(), None), Language::English);
    }
}
