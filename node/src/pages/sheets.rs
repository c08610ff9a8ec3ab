//! Style sheets, which stand in the pages themselves.
//!
//! On a slow line a sheet of its own costs a trip to the node and back before anything is seen; ours are so small that a
//! page with its sheets still fits into what a server sends before it waits. The layers that all pages share (`style/`) are
//! one sheet; what an area alone needs is a sheet beside its scripts, in the pages that ask for it. The content security
//! policy of pages names the hash of each, so that nothing else can style a page.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use data_encoding::BASE64;
use sha2::{Digest, Sha256};

use super::assets::{named, source, without_comments};

/// The folder whose files, in order, are the sheet of all pages.
const SHARED: &str = "style/";

static SHEETS: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let mut sheets = BTreeMap::<String, String>::new();
    for name in named(".css") {
        let text = without_comments(&name, source(&name).into_bytes());
        let sheet = if name.starts_with(SHARED) { SHARED.to_owned() } else { name };
        // The files are text.
        sheets.entry(sheet).or_default().push_str(&String::from_utf8_lossy(&text));
    }
    sheets
});

/// The sheet of all pages.
pub(super) fn shared() -> &'static str {
    sheet(SHARED)
}

/// The sheet of an area, by its file's name; empty if there is none.
pub(super) fn sheet(name: &str) -> &'static str {
    SHEETS.get(name).map_or("", String::as_str)
}

/// The sources of style that a page's policy allows: the hash of each sheet.
pub(crate) fn sources() -> &'static str {
    static SOURCES: LazyLock<String> = LazyLock::new(|| {
        let hashes = SHEETS.values().map(|sheet| BASE64.encode(&Sha256::digest(sheet)));
        hashes.map(|hash| format!("'sha256-{hash}'")).collect::<Vec<_>>().join(" ")
    });
    &SOURCES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_layers_come_in_order() {
        let style = shared();
        let places =
            ["@layer tokens {", "@layer base {", "@layer layout {", "@layer components {", "@layer pages {"]
                .map(|layer| style.find(layer).unwrap());
        assert!(places.is_sorted(), "{places:?}");
    }

    #[test]
    fn no_sheet_ends_its_element() {
        for (name, sheet) in &*SHEETS {
            assert!(!sheet.is_empty() && !sheet.contains('<'), "{name}");
            assert!(sheet.starts_with("@layer "), "{name} would win over every layer");
        }
    }

    #[test]
    fn templates_ask_for_sheets_that_there_are() {
        let mut asked = 0;
        for entry in walk("templates") {
            let text = std::fs::read_to_string(&entry).unwrap();
            for name in text.split("frame.sheet(\"").skip(1).filter_map(|rest| rest.split('"').next()) {
                assert!(!sheet(name).is_empty(), "{name} in {}", entry.display());
                asked += 1;
            }
        }
        assert!(asked >= SHEETS.len() - 1, "some sheet is in no page");
    }

    fn walk(folder: &str) -> Vec<std::path::PathBuf> {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let mut folders = vec![root];
        let mut files = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { folders.push(path) } else { files.push(path) }
            }
        }
        files
    }
}
