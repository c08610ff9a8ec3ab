//! The Fluent bundles: one a language, made of all of its files.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use rust_embed::Embed;

use super::language::Language;
use super::numbers::grouped;

/// The files of all languages: `en/checkout.ftl`.
#[derive(Embed)]
#[folder = "texts/"]
struct Files;

pub(super) type Bundle = FluentBundle<FluentResource>;
pub(super) type Arguments<'a> = FluentArgs<'a>;

static BUNDLES: LazyLock<[Bundle; 3]> = LazyLock::new(|| Language::ALL.map(load));

pub(super) fn bundle(language: Language) -> &'static Bundle {
    &BUNDLES[language.index()]
}

/// A text of a language, if it has it.
pub(super) fn write(language: Language, key: &str, arguments: &Arguments<'_>) -> Option<String> {
    let bundle = bundle(language);
    let pattern = bundle.get_message(key)?.value()?;
    let mut errors = Vec::new();
    let text = bundle.format_pattern(pattern, Some(arguments), &mut errors);
    if !errors.is_empty() {
        tracing::warn!(key, language = language.tag(), ?errors, "a text lacks an argument");
    }
    Some(text.into_owned())
}

/// The files of a language, by name.
pub(super) fn files(language: Language) -> Vec<(String, String)> {
    let folder = format!("{}/", language.tag());
    let mut names: Vec<_> =
        Files::iter().filter(|name| name.starts_with(&folder) && name.ends_with(".ftl")).collect();
    names.sort();
    let read = |name: &str| Files::get(name).map(|file| String::from_utf8_lossy(&file.data).into_owned());
    names.iter().filter_map(|name| Some((name.to_string(), read(name)?))).collect()
}

fn load(language: Language) -> Bundle {
    let mut bundle = Bundle::new_concurrent(vec![language.identifier()]);
    // Isolation marks are for texts that mix directions; pages say `dir` where they do.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(match language {
        Language::English => |value, _memoizer| number(value, Language::English),
        Language::German => |value, _memoizer| number(value, Language::German),
        Language::Spanish => |value, _memoizer| number(value, Language::Spanish),
    }));
    for (name, text) in files(language) {
        // A file with a mistake gives what could be read of it.
        let resource = FluentResource::try_new(text).unwrap_or_else(|(resource, errors)| {
            tracing::error!(name, ?errors, "a file of texts has mistakes");
            resource
        });
        if let Err(errors) = bundle.add_resource(resource) {
            tracing::error!(name, ?errors, "texts stand in two files");
        }
    }
    bundle
}

/// Counts are written with their groups of digits.
fn number(value: &FluentValue<'_>, language: Language) -> Option<String> {
    let FluentValue::Number(number) = value else { return None };
    (number.value.fract() == 0.0).then(|| grouped(language, number.value as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_reads_without_mistakes_and_no_key_stands_twice() {
        for language in Language::ALL {
            let mut bundle = Bundle::new_concurrent(vec![language.identifier()]);
            for (name, text) in files(language) {
                let resource = FluentResource::try_new(text).map_err(|(_read, errors)| errors);
                let resource = resource.unwrap_or_else(|errors| panic!("{name}: {errors:?}"));
                bundle.add_resource(resource).unwrap_or_else(|errors| panic!("{name}: {errors:?}"));
            }
        }
    }
}
