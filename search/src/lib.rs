//! Finding what a customer means: places, and plain matching of words.
//!
//! What exists is what lists need to be filtered:
//!
//! - [`fold`] makes text comparable: `"Montréal"`, `"montreal"` and `"MONTRÉAL"` are one word.
//! - [`matching`] answers whether a document has all words of a query, each as the beginning of one of its words.
//! - [`places`] knows where a US zip code or city is, and how far it is from there to a venue.
//!
//! It knows words and points, not venues or events: the node says what a document is made of. A filter looks at every
//! document, which is right for thousands of them; an index with ranking and tolerance for typing errors is a later and
//! separate part of this crate.
//!
//! **Architecture invariant:** nothing here does IO. The table of places is made when the crate is built, and is part of
//! the binary.

pub mod fold;
pub mod matching;
pub mod places;
