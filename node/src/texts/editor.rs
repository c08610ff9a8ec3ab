//! The texts of the editor of halls, in parts: a page fetches what its first view says, and the rest with what says it.
//!
//! Which part a text belongs to is read in the scripts themselves, so that nobody has to keep lists of it.

use std::collections::{BTreeMap, BTreeSet};

use fluent_syntax::ast::Entry;
use serde_json::{Value, json};

use super::bundles::files;
use super::language::Language;
use super::scripts::parts;

/// The end of the name of the file with these texts.
const OF_EDITOR: &str = "editor.ftl";

/// What begins the making of a key of a word: `texts.word("editor-the", kind)`.
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
    }

    fn has(&self, key: &str) -> bool {
        self.keys.contains(key) || self.beginnings.iter().any(|prefix| key.starts_with(prefix.as_str()))
    }
}

fn is_of_key(character: char) -> bool {
    character.is_ascii_lowercase() || character.is_ascii_digit() || character == '-'
}

/// The modules with a language's texts, each with the name of its part: of the pages `hall` and `kills` what their first views
/// say, of `tools` what all other scripts of the editor say.
pub(crate) fn editor_scripts(
    language: Language,
    hall: &Said,
    kills: &Said,
    all: &Said,
) -> [(&'static str, String); 3] {
    let texts = messages(language);
    let module = |is_part: &dyn Fn(&str) -> bool| {
        let part: BTreeMap<_, _> = texts.iter().filter(|(key, _text)| is_part(key)).collect();
        format!("export default {};\n", json!(part))
    };
    [
        ("hall", module(&|key| hall.has(key))),
        ("kills", module(&|key| kills.has(key))),
        ("tools", module(&|key| all.has(key) && !hall.has(key))),
    ]
}

fn messages(language: Language) -> BTreeMap<String, Value> {
    let mut texts = BTreeMap::new();
    // What a language lacks is said in English.
    for (name, text) in files(Language::English).into_iter().chain(files(language)) {
        if !name.ends_with(OF_EDITOR) {
            continue;
        }
        let resource = fluent_syntax::parser::parse(text).unwrap_or_else(|(read, _errors)| read);
        for entry in resource.body {
            if let Entry::Message(message) = entry
                && let Some(pattern) = message.value
            {
                texts.insert(message.id.name, parts(&pattern));
            }
        }
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_in_the_part_that_says_it() {
        let [mut hall, mut kills, mut all] = [Said::default(), Said::default(), Said::default()];
        hall.read("t(\"editor-dismiss\"); texts.word(\"editor-state\", state)");
        kills.read("isGood ? t(\"kills-done\", { count }) : t(\"editor-dismiss\")");
        for script in ["t(\"editor-did-move\")", "t(\"editor-dismiss\")", "t(\"kills-done\")"] {
            all.read(script);
        }
        for language in Language::ALL {
            let scripts = editor_scripts(language, &hall, &kills, &all);
            for (part, script) in &scripts {
                let keys: BTreeMap<String, Value> = serde_json::from_str(
                    script.trim_start_matches("export default ").trim_end_matches(";\n"),
                )
                .unwrap();
                let expected: &[&str] = match *part {
                    "hall" => &[
                        "editor-dismiss",
                        "editor-state-changed",
                        "editor-state-saved",
                        "editor-state-saving",
                    ],
                    "kills" => &["editor-dismiss", "kills-done"],
                    _tools => &["editor-did-move", "kills-done"],
                };
                assert_eq!(keys.keys().collect::<Vec<_>>(), expected, "{part} in {}", language.tag());
                assert!(!script.contains("[\"\""), "{part} in {}", language.tag());
            }
        }
    }
}
