//! The rules, told as transcripts.

mod language;
mod selling;
