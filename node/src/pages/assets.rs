//! Scripts and pictures: embedded, and served under an address that changes with their content.
//!
//! All of them share one hash, so that modules find each other by relative addresses. The texts of scripts are made of the
//! node's texts, a module a language. Each is compressed once, as well as it can be, and sent without its comments: those
//! are for who reads the folder. Style sheets stand in the pages themselves ([`super::sheets`]).

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Write};
use std::sync::{LazyLock, OnceLock};

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use brotli::enc::BrotliEncoderParams;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use rust_embed::Embed;

use crate::http::Problem;
use crate::http::codings::takes;
use crate::http::extract::{ETag, IfNoneMatch};
use crate::http::kinds;
use crate::texts::{Language, Said, editor_scripts, page_scripts};

#[derive(Embed)]
#[folder = "assets/"]
struct Files;

struct Assets {
    base: String,
    hash: String,
    by_name: BTreeMap<String, Asset>,
}

struct Asset {
    bytes: Bytes,
    content_type: &'static str,
    /// The same compressed, made when it is asked for first.
    brotli: OnceLock<Bytes>,
    gzip: OnceLock<Bytes>,
}

/// How an asset is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Brotli,
    Gzip,
    Identity,
}

static ASSETS: LazyLock<Assets> = LazyLock::new(Assets::load);

/// What the address of every asset begins with, without a slash at its end.
pub(super) fn base() -> &'static str {
    &ASSETS.base
}

/// A module and all that it imports, so that a page can name them at once instead of one wave after the other. What is
/// imported later, by `import()`, is not among them.
pub(super) fn modules(entry: &str) -> Vec<&'static str> {
    closure(&ASSETS.by_name, entry)
}

fn closure<'a>(by_name: &'a BTreeMap<String, Asset>, entry: &str) -> Vec<&'a str> {
    let mut found = BTreeSet::new();
    let mut wanted: Vec<&str> =
        by_name.get_key_value(entry).map(|(name, _asset)| name.as_str()).into_iter().collect();
    while let Some(name) = wanted.pop() {
        if let Some(asset) = by_name.get(name).filter(|_asset| found.insert(name)) {
            wanted.extend(imports(name, asset).filter_map(|other| known(by_name, &other)));
        }
    }
    found.into_iter().collect()
}

fn known<'a>(by_name: &'a BTreeMap<String, Asset>, name: &str) -> Option<&'a str> {
    by_name.get_key_value(name).map(|(name, _asset)| name.as_str())
}

/// The names of what a module imports at once.
fn imports<'a>(name: &'a str, asset: &'a Asset) -> impl Iterator<Item = String> + 'a {
    let lines = asset.text().lines().filter(|line| line.starts_with("import "));
    lines.filter_map(|line| line.split('"').nth(1)).map(|from| resolved(name, from))
}

/// The name of what a module names by a path relative to its folder.
fn resolved(name: &str, from: &str) -> String {
    let folder = name.rsplit_once('/').map_or("", |(folder, _name)| folder);
    match from.strip_prefix("../") {
        Some(outer) => outer.to_owned(),
        None if folder.is_empty() => from.trim_start_matches("./").to_owned(),
        None => format!("{folder}/{}", from.trim_start_matches("./")),
    }
}

/// The folders of scripts whose pages have texts of their own: the editor of halls, and the seat map.
const EDITOR: &str = "editor/";
const SEAT_MAP: &str = "seat-map/";

/// The texts of scripts: the names of modules, each with what it is.
fn texts(by_name: &BTreeMap<String, Asset>) -> Vec<(String, String)> {
    let read = |names: Vec<&str>| {
        let mut said = Said::default();
        for asset in names.into_iter().filter_map(|name| by_name.get(name)) {
            said.read(asset.text());
        }
        said
    };
    let all = |is_one: &dyn Fn(&str) -> bool| {
        read(
            by_name.keys().map(String::as_str).filter(|name| name.ends_with(".js") && is_one(name)).collect(),
        )
    };
    let everywhere = all(&|name| !name.starts_with(EDITOR) && !name.starts_with(SEAT_MAP));
    let seats = all(&|name| name.starts_with(SEAT_MAP));
    let editor = all(&|name| name.starts_with(EDITOR));
    let [hall, kills] = ["editor/page.js", "editor/kills-page.js"].map(|entry| read(closure(by_name, entry)));
    let of = |language: &Language| {
        let pages = page_scripts(*language, &everywhere, &seats);
        let parts = pages.into_iter().chain(editor_scripts(*language, &hall, &kills, &editor));
        let tag = language.tag();
        parts.map(|(part, module)| (format!("texts/{part}{tag}.js"), module)).collect::<Vec<_>>()
    };
    Language::ALL.iter().flat_map(of).collect()
}

/// A file of the folder, as it is written; empty if there is none.
pub(super) fn source(name: &str) -> String {
    Files::get(name).map_or_else(String::new, |file| String::from_utf8_lossy(&file.data).into_owned())
}

/// The names of all files of the folder that end so, in order.
pub(super) fn named(ending: &str) -> Vec<String> {
    let mut names: Vec<_> = Files::iter().filter(|name| name.ends_with(ending)).map(Into::into).collect();
    names.sort();
    names
}

/// Serves an asset.
pub(super) async fn asset(
    Path((hash, name)): Path<(String, String)>,
    asked: HeaderMap,
    has: IfNoneMatch,
) -> Result<Response, Problem> {
    let asset = ASSETS.by_name.get(&name).ok_or_else(|| Problem::new(kinds::NOT_FOUND))?;
    let coding = Coding::of(&asked);
    let body = match asset.ready(coding) {
        Some(body) => body,
        // The first who asks waits for the compression; nobody else on this thread does.
        None => tokio::task::spawn_blocking(move || asset.compressed(coding))
            .await
            .map_err(|error| Problem::internal(&error))?,
    };
    let mut response = has.answer(&ETag::of(&[&asset.bytes]), || asset.answer(coding, body));
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
    let body = worker.bytes.clone();
    let mut response = has.answer(&ETag::of(&[&worker.bytes]), || worker.answer(Coding::Identity, body));
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; connect-src https: http:"),
    );
    Ok(response)
}

impl Coding {
    fn of(asked: &HeaderMap) -> Self {
        if takes(asked, "br") {
            Self::Brotli
        } else if takes(asked, "gzip") {
            Self::Gzip
        } else {
            Self::Identity
        }
    }
}

impl Asset {
    fn new(name: &str, bytes: Bytes) -> Self {
        Self { bytes, content_type: content_type(name), brotli: OnceLock::new(), gzip: OnceLock::new() }
    }

    /// A script's text.
    fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap_or_default()
    }

    /// What is sent, if it was made already.
    fn ready(&self, coding: Coding) -> Option<Bytes> {
        match coding {
            Coding::Brotli => self.brotli.get().cloned(),
            Coding::Gzip => self.gzip.get().cloned(),
            Coding::Identity => Some(self.bytes.clone()),
        }
    }

    fn compressed(&self, coding: Coding) -> Bytes {
        match coding {
            Coding::Brotli => self.brotli.get_or_init(|| brotli(&self.bytes)).clone(),
            Coding::Gzip => self.gzip.get_or_init(|| gzip(&self.bytes)).clone(),
            Coding::Identity => self.bytes.clone(),
        }
    }

    fn answer(&self, coding: Coding, body: Bytes) -> Response {
        let mut response = ([(header::CONTENT_TYPE, self.content_type)], body).into_response();
        let name = match coding {
            Coding::Brotli => "br",
            Coding::Gzip => "gzip",
            Coding::Identity => return response,
        };
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
        response
    }
}

/// A script or style sheet without those comments that have lines of their own. Nothing else is changed, so what a browser
/// shows to who looks for a mistake reads like the file.
pub(super) fn without_comments(name: &str, bytes: Vec<u8>) -> Vec<u8> {
    if !name.ends_with(".js") && !name.ends_with(".css") {
        return bytes;
    }
    let Ok(text) = std::str::from_utf8(&bytes) else { return bytes };
    let mut is_inside = false;
    let mut kept = String::with_capacity(text.len());
    for line in text.lines() {
        let code = line.trim();
        let begins = !is_inside && code.starts_with("/*");
        let is_comment = is_inside || begins || code.starts_with("//") || code.is_empty();
        is_inside = (is_inside || begins) && !code.ends_with("*/");
        if !is_comment {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept.into_bytes()
}

fn gzip(bytes: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    // Memory takes every byte.
    _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default().into()
}

fn brotli(bytes: &[u8]) -> Bytes {
    let mut compressed = Vec::new();
    // Memory gives and takes every byte.
    _ = brotli::BrotliCompress(&mut Cursor::new(bytes), &mut compressed, &BrotliEncoderParams::default());
    compressed.into()
}

impl Assets {
    fn load() -> Self {
        let mut by_name = BTreeMap::new();
        for name in Files::iter().filter(|name| !name.ends_with(".css")) {
            let Some(file) = Files::get(&name) else { continue };
            let asset = Asset::new(&name, without_comments(&name, file.data.into_owned()).into());
            by_name.insert(name.into_owned(), asset);
        }
        for (name, module) in texts(&by_name) {
            let asset = Asset::new(&name, module.into());
            by_name.insert(name, asset);
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
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _other => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_module_that_is_imported_is_there() {
        let scripts = ASSETS.by_name.iter().filter(|(name, _asset)| name.ends_with(".js"));
        for (name, asset) in scripts {
            let text = asset.text();
            let lines = text.lines().filter(|line| line.starts_with("import ")).count();
            let at_once: Vec<_> = imports(name, asset).collect();
            assert_eq!(at_once.len(), lines, "{name}");
            let later = text.split("import(\"").skip(1).filter_map(|rest| rest.split('"').next());
            for wanted in at_once.into_iter().chain(later.map(|from| resolved(name, from))) {
                assert!(ASSETS.by_name.contains_key(&wanted), "{name} imports {wanted}");
            }
        }
    }

    #[test]
    fn what_is_fetched_later_is_not_named_at_first() {
        let named = modules("editor/page.js");
        assert!(named.contains(&"editor/tools.js"), "{named:?}");
        for name in ["editor/tool-draw.js", "editor/panel.js", "editor/storing.js"] {
            assert!(!named.contains(&name) && ASSETS.by_name.contains_key(name), "{name} in {named:?}");
        }
        // What comes later brings its texts itself.
        let kills = modules("editor/kills-page.js");
        for (name, asset) in ASSETS.by_name.iter().filter(|(name, _asset)| name.starts_with(EDITOR)) {
            let is_first = named.contains(&name.as_str()) || kills.contains(&name.as_str());
            let says = asset.text().contains("from \"../texts.js\"");
            assert!(!says || is_first || name == "editor/tool-words.js", "{name} says what may not be there");
        }
        let said = ASSETS.by_name["texts/hall-en.js"].text();
        assert!(said.contains("editor-state-saved") && !said.contains("editor-fault"), "{said}");
        assert!(ASSETS.by_name["texts/tools-en.js"].text().contains("editor-fault-twice"));
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
    fn comments_are_left_out_and_nothing_else() {
        let written = "/** What it\n * does. */\nimport { a } from \"./a.js\";\n\n// Why.\nconst b = a / 2; // half\n  /* one line */\nexport { b };\n";
        let sent = without_comments("a.js", written.as_bytes().to_vec());
        let left = "import { a } from \"./a.js\";\nconst b = a / 2; // half\nexport { b };\n";
        assert_eq!(String::from_utf8(sent).unwrap(), left);
        assert_eq!(without_comments("icon.svg", b"// a\n".to_vec()), b"// a\n");
        // Where a comment has code behind it on its last line, that would be lost.
        for name in Files::iter().filter(|name| name.ends_with(".js") || name.ends_with(".css")) {
            let file = Files::get(&name).unwrap();
            let text = std::str::from_utf8(&file.data).unwrap();
            let behind = |line: &&str| {
                line.contains("*/")
                    && line.trim_start().starts_with(['*', '/'])
                    && !line.trim_end().ends_with("*/")
            };
            assert_eq!(text.lines().find(behind), None, "{name}");
        }
    }

    #[test]
    fn assets_are_compressed_whole() {
        use std::io::Read;
        let asset = &ASSETS.by_name["api.js"];
        let mut text = Vec::new();
        flate2::read::GzDecoder::new(&gzip(&asset.bytes)[..]).read_to_end(&mut text).unwrap();
        assert_eq!(text, asset.bytes);
        let compressed = brotli(&asset.bytes);
        let mut text = Vec::new();
        brotli::Decompressor::new(&compressed[..], 4096).read_to_end(&mut text).unwrap();
        assert_eq!(text, asset.bytes);
        assert!(compressed.len() < gzip(&asset.bytes).len());
    }
}
