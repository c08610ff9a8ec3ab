//! That no text is missing: none in a language, none where it is used; and that none is left over.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};

use super::bundles::files;
use super::language::Language;
use crate::catalog::entity::{Aid, EventKind, VenueKind};

/// What begins keys that are made of a word of the domain: `problem-` and a code.
const MADE: [&str; 5] = ["problem-", "language-", "card-", "what-", "stage-"];

/// The functions whose first argument is a key.
const ASKING: [&str; 8] =
    [".t(", ".count(", ".count_with(", ".with(", ".with2(", ".with3(", ".cut(", ".cut_with("];

/// What may stand in a template as it is.
const NAMES: [&str; 1] = ["Marquee"];

/// A message: what it is made of.
#[derive(Debug, PartialEq, Eq)]
struct Shape {
    variables: BTreeSet<String>,
    /// Whether a part of it is marked.
    is_cut: bool,
}

fn messages(language: Language) -> BTreeMap<String, Shape> {
    let mut messages = BTreeMap::new();
    for (name, text) in files(language) {
        for entry in fluent_syntax::parser::parse(text).unwrap().body {
            if let Entry::Message(message) = entry {
                let pattern = message.value.expect("a message says something");
                let mut shape = Shape { variables: BTreeSet::new(), is_cut: false };
                look(&pattern, &mut shape);
                let before = messages.insert(message.id.name.clone(), shape);
                assert_eq!(before, None, "{} is said again in {name}", message.id.name);
            }
        }
    }
    messages
}

fn look(pattern: &Pattern<String>, shape: &mut Shape) {
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { value } => shape.is_cut |= value.contains('['),
            PatternElement::Placeable { expression: Expression::Inline(inline) } => note(inline, shape),
            PatternElement::Placeable { expression: Expression::Select { selector, variants } } => {
                note(selector, shape);
                variants.iter().for_each(|variant| look(&variant.value, shape));
            }
        }
    }
}

fn note(inline: &InlineExpression<String>, shape: &mut Shape) {
    if let InlineExpression::VariableReference { id } = inline {
        shape.variables.insert(id.name.clone());
    }
}

fn sources(folder: &str, extension: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    found
}

/// Templates, and code without its tests and comments.
fn all_sources() -> Vec<(PathBuf, String)> {
    let code = sources("src", "rs").into_iter().filter(|(path, _text)| !path.ends_with("texts/complete.rs"));
    let code = code.map(|(path, text)| {
        let end = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
        let code = text[..end].lines().filter(|line| !line.trim_start().starts_with("//"));
        (path, code.collect::<Vec<_>>().join("\n"))
    });
    sources("templates", "html").into_iter().chain(sources("assets", "js")).chain(code).collect()
}

/// The literals that directly follow `before`.
fn literals<'t>(text: &'t str, before: &str) -> Vec<&'t str> {
    let follows = |(at, _found): (usize, &str)| text[at + before.len()..].trim_start().strip_prefix('"');
    let literals = text.match_indices(before).filter_map(follows);
    literals.filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn every_language_says_everything_with_the_same_variables() {
    let english = messages(Language::English);
    assert!(english.len() > 200, "{}", english.len());
    for language in Language::ALL {
        let others = messages(language);
        for (key, shape) in &english {
            assert_eq!(others.get(key), Some(shape), "{key} in {}", language.tag());
        }
        assert_eq!(others.len(), english.len(), "{} says what English does not", language.tag());
    }
}

#[test]
fn every_key_that_is_used_exists() {
    let english = messages(Language::English);
    let speaks = |path: &Path| {
        let path = path.to_string_lossy();
        ["/templates/", "/pages/", "/sandbox/", "/texts/", "/assets/"].iter().any(|part| path.contains(part))
    };
    let mut used = 0;
    for (path, text) in all_sources().iter().filter(|(path, _text)| speaks(path)) {
        let is_script = path.extension().is_some_and(|extension| extension == "js");
        let asking: &[&str] = if is_script { &[" t(", "(t(", "{t(", "[t(", "!t("] } else { &ASKING };
        for key in asking.iter().flat_map(|asking| literals(text, asking)) {
            assert!(english.contains_key(key), "{key:?} of {}", path.display());
            used += 1;
        }
    }
    assert!(used > 150, "{used}");
}

#[test]
fn every_word_of_the_domain_is_known() {
    let english = messages(Language::English);
    let events = EventKind::ALL.iter().map(|kind| kind.word());
    let venues = VenueKind::ALL.iter().map(|kind| ("venue", kind.word()));
    let aids = Aid::ALL.iter().map(|aid| ("aid", aid.word()));
    let events = events.flat_map(|word| [("kind", word), ("what", word)]);
    for (prefix, word) in events.chain(venues).chain(aids) {
        let key = format!("{prefix}-{}", word.replace('_', "-"));
        assert!(english.contains_key(&key), "{key}");
    }
}

#[test]
fn every_problem_has_words_and_a_kind() {
    let english = messages(Language::English);
    for key in english.keys().filter_map(|key| key.strip_prefix("problem-")) {
        if key.starts_with("search") || key == "other" || key.ends_with("-words") {
            continue;
        }
        assert!(english.contains_key(&format!("problem-{key}-words")), "{key} does not say what to do");
        assert!(crate::http::kinds::by_code(key).is_some(), "no problem has the code {key}");
    }
}

#[test]
fn no_key_is_left_over() {
    let sources = all_sources();
    let words: BTreeSet<_> = sources
        .iter()
        .flat_map(|(_path, text)| literals(text, ".word("))
        .map(|prefix| format!("{prefix}-"))
        .collect();
    for key in messages(Language::English).keys() {
        let quoted = format!("\"{key}\"");
        let is_made = MADE.iter().any(|made| key.starts_with(made))
            || words.iter().any(|prefix| key.starts_with(prefix.as_str()));
        assert!(
            is_made || sources.iter().any(|(_path, text)| text.contains(&quoted)),
            "{key} is used nowhere"
        );
    }
}

#[test]
fn no_template_says_anything_by_itself() {
    for (path, text) in sources("templates", "html") {
        let bare = without_code(&without_width(&text));
        for said in bare.split('<').filter_map(|tag| tag.split_once('>')).map(|(_tag, said)| said) {
            let words = NAMES.iter().fold(said.to_owned(), |words, name| words.replace(name, ""));
            assert!(!words.contains(char::is_alphabetic), "{words:?} in {}", path.display());
        }
        for attribute in [" aria-label=", " placeholder=", " title=", " alt=", " data-busy="] {
            for said in literals(&bare, attribute) {
                assert!(!said.contains(char::is_alphabetic), "{said:?} in {}", path.display());
            }
        }
    }
}

/// A template without the block that names a class of the page.
fn without_width(template: &str) -> String {
    let mut parts = template.split("{% block width %}");
    let first = parts.next().unwrap_or_default();
    let others = parts.map(|part| part.split_once("{% endblock %}").map_or(part, |(_class, rest)| rest));
    std::iter::once(first).chain(others).collect()
}

/// A template without `{{ }}`, `{% %}` and `{# #}`.
fn without_code(template: &str) -> String {
    let mut bare = String::new();
    let mut rest = template;
    while let Some(start) = rest.find("{{").into_iter().chain(rest.find("{%")).chain(rest.find("{#")).min() {
        bare.push_str(&rest[..start]);
        let end = match &rest[start..start + 2] {
            "{{" => "}}",
            "{%" => "%}",
            _comment => "#}",
        };
        let length = rest[start..].find(end).expect("what is opened is closed");
        rest = &rest[start + length + 2..];
    }
    bare + rest
}
