//! Which texts scripts say, read in the scripts themselves: so each page fetches those that it needs, and nobody keeps lists.

use std::collections::BTreeSet;

/// What begins the making of a key of a word: `texts.word("editor-the", kind)`. A template such as `what-${kind}` is the other way.
const WORD: &str = ".word(\"";

/// The texts that scripts say, by their keys.
#[derive(Default)]
pub(crate) struct Said {
    keys: BTreeSet<String>,
    beginnings: Vec<String>,
}

impl Said {
    /// Takes in a script.
    pub(crate) fn read(&mut self, script: &str) {
        // A key stands between quotes, alone.
        let quoted = script.split('"').filter(|text| !text.is_empty() && text.chars().all(is_of_key));
        self.keys.extend(quoted.map(str::to_owned));
        let words = script.split(WORD).skip(1).filter_map(|rest| rest.split('"').next());
        self.beginnings.extend(words.map(|prefix| format!("{prefix}-")));
        let made = script.split('`').filter_map(|text| text.split_once("${")).map(|(prefix, _rest)| prefix);
        let made = made.filter(|prefix| prefix.ends_with('-') && prefix.chars().all(is_of_key));
        self.beginnings.extend(made.map(str::to_owned));
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.keys.contains(key) || self.beginnings.iter().any(|prefix| key.starts_with(prefix.as_str()))
    }
}

fn is_of_key(character: char) -> bool {
    character.is_ascii_lowercase() || character.is_ascii_digit() || character == '-'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_whole_and_by_what_they_are_made_of() {
        let mut said = Said::default();
        said.read("isGood ? t(\"seat-taken\") : texts.word(\"editor-state\", state); known(`problem-${code}-words`)");
        said.read("make(\"p\", { class: `notice ${kind}` }, t(`what-${what}`)); const id = `${made}`;");
        for key in ["seat-taken", "editor-state-saved", "problem-offline-words", "what-event"] {
            assert!(said.has(key), "{key}");
        }
        for key in ["seat", "editor-did-move", "notice-bad", "taken"] {
            assert!(!said.has(key), "{key}");
        }
    }
}
