//! Finding what a customer means: "jazz near 60601 this weekend".
//!
//! An [`Index`](index::Index) holds [`Document`](document::Document)s. An event stands in it once for each venue where it
//! is shown, so that text, place and date are decided in one document; results are told once for each event. It lives in a
//! folder or in memory, follows its caller's catalog by a [`Writer`](writer::Writer), and is made anew beside the one that
//! serves by a [`Rebuild`](writer::Rebuild). A damaged index is put aside for an empty one, and the caller is told to fill
//! it.
//!
//! A [`Query`](query::Query) has a text and filters. On the way to its [`Results`](query::Results):
//!
//! 1. [`text`] parts what was typed into words and quoted phrases; any text is a query, up to its length.
//! 2. `understand` reads places, days and prices out of it, unless they are a part of a name ("Midnight in Paris").
//! 3. `plan` looks for each word in all fields at once, with synonyms. If that finds nothing, words are taken for misspelled
//!    or unfinished ones, and at last only most of them must be there.
//! 4. `collect` goes through what is found, checks dates, distance and price exactly, multiplies the score of the text by how
//!    much an event is asked for, how soon and how near it is, and keeps the best document of each event.
//! 5. `search` cuts out a page, and marks what was looked for.
//!
//! [`suggest`] answers while somebody types, [`feed`] finds candidates for a feed. Beside the index stand:
//!
//! - [`fold`] makes text comparable: `"Montréal"`, `"montreal"` and `"MONTRÉAL"` are one word.
//! - [`matching`] answers whether a document has all words of a query, without an index.
//! - [`places`] knows where a US zip code or city is, and how far it is from there to a venue.
//!
//! **Architecture invariant:** nothing here knows nodes, groups or the catalog's entities: the caller says what a document is
//! made of, and keeps in the commit's `catalog` bytes up to where it has come.
//!
//! **Architecture invariant:** no text of a visitor is ever parsed as a query language. It is words, so there are no syntax
//! errors.

pub mod fold;
pub mod matching;
pub mod places;

mod analysis;
mod synonyms;

pub mod document;
mod fingerprint;
mod schema;

mod columns;
pub mod index;
pub mod writer;

pub mod query;
pub mod text;
mod understand;

mod ask;
mod collect;
mod cursor;
mod expand;
mod facets;
mod plan;
mod search;
mod snippet;
mod whereabouts;

pub mod feed;
pub mod suggest;

pub use collect::IsAvailable;
pub use tantivy::TantivyError;
