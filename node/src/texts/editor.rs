//! The texts of the editor of halls: a module of their own, which only its pages load.

use std::collections::BTreeMap;

use fluent_syntax::ast::Entry;
use serde_json::json;

use super::bundles::files;
use super::language::Language;
use super::scripts::parts;

/// The end of the name of the file with these texts.
const OF_EDITOR: &str = "editor.ftl";

/// The module with a language's texts.
pub(crate) fn editor_script(language: Language) -> String {
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
    format!("export default {};\n", json!(texts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_a_module_that_scripts_can_say() {
        for language in Language::ALL {
            let script = editor_script(language);
            assert!(script.contains("\"editor-did-move\":"), "{}", language.tag());
            assert!(!script.contains("[\"\""), "{}", language.tag());
        }
    }
}
