//! Style sheet, scripts and pictures: embedded, and served under an address that changes with their content.
//!
//! All of them share one hash, so that modules find each other by relative addresses. The style sheet is written in
//! several files, one a layer, and served as one. The texts of scripts are made of the node's texts, a module a language.
//! Each is compressed once, as well as it can be.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::sync::{LazyLock, OnceLock};

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use rust_embed::Embed;

use crate::http::Problem;
use crate::http::extract::{ETag, IfNoneMatch};
use crate::http::kinds;
use crate::http::seats::takes_gzip;
use crate::texts::{Language, editor_script, script};

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
    /// The same compressed, made when it is asked for first.
    gzip: OnceLock<Bytes>,
    content_type: &'static str,
}

static ASSETS: LazyLock<Assets> = LazyLock::new(Assets::load);

/// What the address of every asset begins with, without a slash at its end.
pub(super) fn base() -> &'static str {
    &ASSETS.base
}

/// A module and all that it imports, so that a page can name them at once instead of one wave after the other.
pub(super) fn modules(entry: &str) -> Vec<&'static str> {
    let mut found = BTreeSet::new();
    let mut wanted: Vec<&'static str> =
        ASSETS.by_name.keys().map(String::as_str).filter(|name| *name == entry).collect();
    while let Some(name) = wanted.pop() {
        if let Some(asset) = ASSETS.by_name.get(name).filter(|_asset| found.insert(name)) {
            wanted.extend(imports(name, asset));
        }
    }
    found.into_iter().collect()
}

/// The names of what a module imports: paths relative to its folder become those of assets.
fn imports(name: &str, asset: &'static Asset) -> Vec<&'static str> {
    let folder = name.rsplit_once('/').map_or("", |(folder, _name)| folder);
    let text = std::str::from_utf8(&asset.bytes).unwrap_or_default();
    let named =
        text.lines().filter(|line| line.starts_with("import ")).filter_map(|line| line.split('"').nth(1));
    let found = named.filter_map(|from| {
        let wanted = match from.strip_prefix("../") {
            Some(outer) => outer.to_owned(),
            None if folder.is_empty() => from.trim_start_matches("./").to_owned(),
            None => format!("{folder}/{}", from.trim_start_matches("./")),
        };
        ASSETS.by_name.get_key_value(&wanted).map(|(name, _asset)| name.as_str())
    });
    found.collect()
}

/// A file of the folder, as it is written.
pub(super) fn source(name: &str) -> String {
    Files::get(name).map_or_else(String::new, |file| String::from_utf8_lossy(&file.data).into_owned())
}

/// Serves an asset.
pub(super) async fn asset(
    Path((hash, name)): Path<(String, String)>,
    asked: HeaderMap,
    has: IfNoneMatch,
) -> Result<Response, Problem> {
    let asset = ASSETS.by_name.get(&name).ok_or_else(|| Problem::new(kinds::NOT_FOUND))?;
    let mut response = has.answer(&ETag::of(&[&asset.bytes]), || asset.answer(takes_gzip(&asked)));
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    // A page of another version of the node, kept open, asks by another hash: it gets what there is, for the moment.
    let kept = if hash == ASSETS.hash { "public, max-age=31536000, immutable" } else { "no-cache" };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    Ok(response)
}

/// Serves the service worker. It may ask every origin, since the nodes that it is told of change while it stays; it only
/// asks those.
pub(super) async fn switch_worker(has: IfNoneMatch) -> Result<Response, Problem> {
    let worker = ASSETS.by_name.get("switch-worker.js").ok_or_else(|| Problem::new(kinds::NOT_FOUND))?;
    let mut response = has.answer(&ETag::of(&[&worker.bytes]), || worker.answer(false));
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; connect-src https: http:"),
    );
    Ok(response)
}

impl Asset {
    fn new(name: &str, bytes: Bytes) -> Self {
        Self { bytes, gzip: OnceLock::new(), content_type: content_type(name) }
    }

    fn answer(&self, is_gzip: bool) -> Response {
        let content_type = [(header::CONTENT_TYPE, self.content_type)];
        if is_gzip {
            let encoding = [(header::CONTENT_ENCODING, "gzip")];
            return (content_type, encoding, self.gzip.get_or_init(|| gzip(&self.bytes)).clone())
                .into_response();
        }
        (content_type, self.bytes.clone()).into_response()
    }
}

fn gzip(bytes: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    // Memory takes every byte.
    _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default().into()
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
                let asset = Asset::new(&name, file.data.into_owned().into());
                by_name.insert(name.into_owned(), asset);
            }
        }
        let style = Asset::new(STYLE_SHEET, style.into());
        by_name.insert(STYLE_SHEET.to_owned(), style);
        for language in Language::ALL {
            let modules = [("", script(language)), ("editor-", editor_script(language))];
            for (area, module) in modules {
                let name = format!("texts/{area}{}.js", language.tag());
                let texts = Asset::new(&name, module.into());
                by_name.insert(name, texts);
            }
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
            let text = std::str::from_utf8(&asset.bytes).unwrap();
            let lines = text.lines().filter(|line| line.starts_with("import ")).count();
            assert_eq!(imports(name, asset).len(), lines, "{name}");
        }
    }

    #[test]
    fn a_page_names_all_modules_that_it_needs_once() {
        let named = modules("seat-map/page.js");
        for name in ["seat-map/page.js", "seat-map/picture.js", "api.js", "nodes.js"] {
            assert_eq!(named.iter().filter(|named| **named == name).count(), 1, "{name} in {named:?}");
        }
        assert!(modules("no-such.js").is_empty());
    }

    #[test]
    fn assets_are_compressed_whole() {
        use std::io::Read;
        let asset = &ASSETS.by_name[STYLE_SHEET];
        let mut text = Vec::new();
        flate2::read::GzDecoder::new(&gzip(&asset.bytes)[..]).read_to_end(&mut text).unwrap();
        assert_eq!(text, asset.bytes);
    }
}
