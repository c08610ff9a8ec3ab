//! The texts of scripts: what `scripts.ftl` says, as a module that browsers keep for ever.
//!
//! Browsers have plural rules and formats of their own, so the messages come as lists of parts that a few lines of
//! `assets/texts.js` put together: a text, `["name"]` for an argument, or `["count", {"one": [...], "other": [...]}]`
//! for a text that counts. Only what these can say may stand in the file.

use std::collections::BTreeMap;

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement, Variant, VariantKey};
use serde_json::{Value, json};

use super::bundles::files;
use super::language::Language;
use super::said::Said;

/// The end of the names of files whose texts go to browsers.
const FOR_SCRIPTS: &str = "scripts.ftl";

/// Beginnings of keys that other files share with scripts.
const SHARED: [&str; 13] = [
    "concession-",
    "problem-seats-taken",
    "problem-none-side-by-side",
    "problem-area-full",
    "problem-ticket-limit",
    "problem-too-many-holds",
    "problem-not-on-sale-yet",
    "problem-sale-over",
    "problem-performance-cancelled",
    "problem-rate-limited",
    "problem-overloaded",
    "problem-hold-lapsed",
    "problem-csrf-token-wrong",
];

/// The modules with a language's texts, each with what its name begins with: what scripts of any page may say, and of
/// `seats-` what those of the seat map say beside it.
pub(crate) fn page_scripts(
    language: Language,
    everywhere: &Said,
    seats: &Said,
) -> [(&'static str, String); 2] {
    let mut texts = messages(Language::English);
    texts.append(&mut messages(language));
    let module = |is_part: &dyn Fn(&str) -> bool| {
        let part: BTreeMap<_, _> = texts.iter().filter(|(key, _text)| is_part(key)).collect();
        format!("export default {};\n", json!(part))
    };
    [
        ("", module(&|key| everywhere.has(key))),
        ("seats-", module(&|key| seats.has(key) && !everywhere.has(key))),
    ]
}

/// The messages of a language for scripts, by key.
fn messages(language: Language) -> BTreeMap<String, Value> {
    let mut messages = BTreeMap::new();
    for (name, text) in files(language) {
        let resource = fluent_syntax::parser::parse(text).unwrap_or_else(|(read, _errors)| read);
        for entry in resource.body {
            if let Entry::Message(message) = entry
                && let Some(pattern) = message.value
                && is_shared(&name, &message.id.name)
            {
                messages.insert(message.id.name, parts(&pattern));
            }
        }
    }
    messages
}

fn is_shared(file: &str, key: &str) -> bool {
    file.ends_with(FOR_SCRIPTS) || SHARED.iter().any(|shared| key.starts_with(shared))
}

pub(super) fn parts(pattern: &Pattern<String>) -> Value {
    let parts: Vec<_> = pattern.elements.iter().map(part).collect();
    // Most texts are only that.
    match parts.as_slice() {
        [Value::String(text)] => json!(text),
        _several => json!(parts),
    }
}

fn part(element: &PatternElement<String>) -> Value {
    match element {
        PatternElement::TextElement { value } => json!(value),
        PatternElement::Placeable { expression: Expression::Inline(inline) } => said(inline),
        PatternElement::Placeable { expression: Expression::Select { selector, variants } } => {
            let variants: BTreeMap<_, _> = variants.iter().map(variant).collect();
            json!([argument(selector), variants])
        }
    }
}

fn said(inline: &InlineExpression<String>) -> Value {
    match inline {
        InlineExpression::StringLiteral { value } => json!(value),
        InlineExpression::NumberLiteral { .. }
        | InlineExpression::FunctionReference { .. }
        | InlineExpression::MessageReference { .. }
        | InlineExpression::TermReference { .. }
        | InlineExpression::VariableReference { .. }
        | InlineExpression::Placeable { .. } => json!([argument(inline)]),
    }
}

/// The argument's name; a test refuses files with anything else in its place.
fn argument(inline: &InlineExpression<String>) -> &str {
    match inline {
        InlineExpression::VariableReference { id } => &id.name,
        InlineExpression::StringLiteral { .. }
        | InlineExpression::NumberLiteral { .. }
        | InlineExpression::FunctionReference { .. }
        | InlineExpression::MessageReference { .. }
        | InlineExpression::TermReference { .. }
        | InlineExpression::Placeable { .. } => "",
    }
}

fn variant(variant: &Variant<String>) -> (String, Value) {
    let (VariantKey::Identifier { name: key } | VariantKey::NumberLiteral { value: key }) = &variant.key;
    // Scripts fall back to `other`, which has to be the default.
    (key.clone(), parts(&variant.value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_become_parts() {
        let parsed = fluent_syntax::parser::parse(
            "one = { $count ->\n    [one] { $count } ticket\n   *[other] { $count } tickets for { $name }\n}\ntwo = Seats\n"
                .to_owned(),
        );
        let shown: Vec<_> = parsed
            .unwrap()
            .body
            .iter()
            .filter_map(|entry| {
                let Entry::Message(message) = entry else { return None };
                message.value.as_ref().map(parts)
            })
            .collect();
        let counted = json!([["count", { "one": [["count"], " ticket"], "other": [["count"], " tickets for ", ["name"]] }]]);
        assert_eq!(shown, [counted, json!("Seats")]);
    }

    #[test]
    fn scripts_get_nothing_that_they_cannot_say() {
        for language in Language::ALL {
            for (key, message) in messages(language) {
                let text = message.to_string();
                assert!(!text.contains("[\"\""), "{key} in {}", language.tag());
                assert_eq!(
                    text.contains("\"one\":"),
                    text.contains("\"other\":"),
                    "{key} in {}",
                    language.tag()
                );
            }
        }
    }
}
