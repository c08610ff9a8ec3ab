//! The rules, told as transcripts.

mod best_available;
mod cancelling;
mod language;
mod moving;
mod paying;
mod performances;
mod selling;
