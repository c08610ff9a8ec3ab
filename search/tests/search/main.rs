//! The crate as its callers use it: asking, keeping an index, and how well people find what they mean.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so by a panic")]

mod any_text;
mod asking;
mod catalog;
mod keeping;
mod relevance;
