//! The one place that prints.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line prints")]

use std::io::{IsTerminal, Write};

use serde::Serialize;

/// Prints text as it is. A reader that is gone, as in `marquee … | head`, is no failure.
pub(super) fn text(text: &str) {
    _ = std::io::stdout().write_all(text.as_bytes());
}

/// Prints a line.
pub(super) fn line(line: &str) {
    _ = writeln!(std::io::stdout(), "{line}");
}

/// Prints a value as one line of JSON.
pub(super) fn json(value: &impl Serialize) {
    // What is printed are structs of text and numbers.
    let text = serde_json::to_string(value).unwrap_or_default();
    line(&text);
    _ = std::io::stdout().flush();
}

/// Tells why a command failed.
pub(super) fn error(words: &str) {
    eprintln!("marquee: {words}");
}

/// Something that a person who looks on should know.
pub(super) fn notice(words: &str) {
    eprintln!("{words}");
}

/// A progress bar on standard error; it shows nothing if that is no terminal.
pub(super) fn progress(total: u64, what: &'static str) -> indicatif::ProgressBar {
    if !std::io::stderr().is_terminal() {
        return indicatif::ProgressBar::hidden();
    }
    let bar = indicatif::ProgressBar::new(total).with_message(what);
    let style = indicatif::ProgressStyle::with_template("{msg:>14} [{bar:40}] {human_pos}/{human_len} {eta}");
    if let Ok(style) = style {
        bar.set_style(style.progress_chars("=> "));
    }
    bar
}
