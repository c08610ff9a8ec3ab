//! Style sheet, scripts and pictures: embedded, and served under an address that changes with their content.
//!
//! All of them share one hash, so that modules find each other by relative addresses. The style sheet is written in
//! several files, one a layer, and served as one. The texts of scripts are made of the node's texts, a module a language.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use rust_embed::Embed;

use crate::http::Problem;
use crate::http::extract::{ETag, IfNoneMatch};
use crate::http::kinds;
use crate::texts::{Language, script};

#[derive(Embed)]
#[folder = "assets/"]
struct Files;

/// The name of the style sheet that the files of this folder become.
const STYLE_SHEET: &str = "style.css";
const STYLE_FOLDER: &str = "style/";

struct Assets {
    base: String,
    hash: String,
    by_name: BTreeMap<String, Asset>,
}

struct Asset {
    bytes: Bytes,
    content_type: &'static str,
}

static ASSETS: LazyLock<Assets> = LazyLock::new(Assets::load);

/// What the address of every asset begins with, without a slash at its end.
pub(super) fn base() -> &'static str {
    &ASSETS.base
}

/// Serves an asset.
pub(super) async fn asset(
    Path((hash, name)): Path<(String, String)>,
    has: IfNoneMatch,
) -> Result<Response, Problem> {
    let asset = ASSETS.by_name.get(&name).ok_or_else(|| Problem::new(kinds::NOT_FOUND))?;
    let mut response = has.answer(&ETag::of(&[&asset.bytes]), || {
        ([(header::CONTENT_TYPE, asset.content_type)], asset.bytes.clone()).into_response()
    });
    // A page of another version of the node, kept open, asks by another hash: it gets what there is, for the moment.
    let kept = if hash == ASSETS.hash { "public, max-age=31536000, immutable" } else { "no-cache" };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    Ok(response)
}

/// Serves the service worker. It may ask every origin, since the nodes that it is told of change while it stays; it only
/// asks those.
pub(super) async fn switch_worker(has: IfNoneMatch) -> Result<Response, Problem> {
    let worker = ASSETS.by_name.get("switch-worker.js").ok_or_else(|| Problem::new(kinds::NOT_FOUND))?;
    let mut response = has.answer(&ETag::of(&[&worker.bytes]), || {
        ([(header::CONTENT_TYPE, worker.content_type)], worker.bytes.clone()).into_response()
    });
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; connect-src https: http:"),
    );
    Ok(response)
}

impl Assets {
    fn load() -> Self {
        let mut by_name = BTreeMap::new();
        let mut style = Vec::new();
        let mut names: Vec<_> = Files::iter().collect();
        // The layers are numbered.
        names.sort();
        for name in names {
            let Some(file) = Files::get(&name) else { continue };
            if name.starts_with(STYLE_FOLDER) {
                style.extend_from_slice(&file.data);
            } else {
                let asset = Asset { content_type: content_type(&name), bytes: file.data.into_owned().into() };
                by_name.insert(name.into_owned(), asset);
            }
        }
        let style = Asset { content_type: content_type(STYLE_SHEET), bytes: style.into() };
        by_name.insert(STYLE_SHEET.to_owned(), style);
        for language in Language::ALL {
            let name = format!("texts/{}.js", language.tag());
            let texts = Asset { content_type: content_type(&name), bytes: script(language).into() };
            by_name.insert(name, texts);
        }
        let mut hasher = blake3::Hasher::new();
        for (name, asset) in &by_name {
            hasher.update(name.as_bytes()).update(&asset.bytes);
        }
        let hash = hasher.finalize().to_hex()[..16].to_owned();
        Self { base: format!("/assets/{hash}"), hash, by_name }
    }
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_name, extension)| extension) {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _other => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_layers_of_the_style_sheet_come_in_order() {
        let style = std::str::from_utf8(&ASSETS.by_name[STYLE_SHEET].bytes).unwrap();
        let places =
            ["@layer tokens {", "@layer base {", "@layer layout {", "@layer components {", "@layer pages {"]
                .map(|layer| style.find(layer).unwrap());
        assert!(places.is_sorted(), "{places:?}");
    }

    #[test]
    fn every_module_that_is_imported_is_there() {
        for (name, asset) in &ASSETS.by_name {
            let folder = name.rsplit_once('/').map_or("", |(folder, _name)| folder);
            for line in
                std::str::from_utf8(&asset.bytes).unwrap().lines().filter(|line| line.starts_with("import"))
            {
                let from = line.split('"').nth(1).unwrap();
                let wanted = match from.strip_prefix("../") {
                    Some(outer) => outer.to_owned(),
                    None if folder.is_empty() => from.trim_start_matches("./").to_owned(),
                    None => format!("{folder}/{}", from.trim_start_matches("./")),
                };
                assert!(ASSETS.by_name.contains_key(&wanted), "{name} imports {from}");
            }
        }
    }
}
