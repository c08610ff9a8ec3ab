//! `marquee cluster watch`.

use std::io::IsTerminal;
use std::process::ExitCode;
use std::time::Duration;

use super::client::Client;
use super::show;
use crate::cli::{Failed, output, signals};

/// The pause between two looks.
const EVERY: Duration = Duration::from_secs(1);

// ECMA-48 and xterm: another screen without a cursor, and the one before.
const ENTER: &str = "\x1b[?1049h\x1b[?25l";
const LEAVE: &str = "\x1b[?25h\x1b[?1049l";

/// Shows the cluster until somebody interrupts; once where there is no terminal.
pub(super) async fn watch(client: &mut Client, json: bool) -> Result<ExitCode, Failed> {
    let first = client.cluster(0).await?;
    if json || !std::io::stdout().is_terminal() {
        return Ok(show::everything(&first).print(json));
    }
    let mut asked = std::pin::pin!(signals::asked_to_stop());
    let mut words = show::everything(&first).words;
    output::text(ENTER);
    let stopped = loop {
        output::text(&screen(&words));
        let looked = async {
            tokio::time::sleep(EVERY).await;
            client.cluster(0).await
        };
        tokio::select! {
            stopped = asked.as_mut() => break stopped,
            looked = looked => match looked {
                Ok(cluster) => words = show::everything(&cluster).words,
                Err(failed) => words = behind(&words, &failed.words),
            },
        }
    };
    output::text(LEAVE);
    stopped?;
    Ok(ExitCode::SUCCESS)
}

/// What was seen last, below why it is not newer.
fn behind(words: &str, why: &str) -> String {
    let seen = words.split_once(MARK_END).map_or(words, |(_mark, seen)| seen);
    format!("{MARK}{why}{MARK_END}{seen}")
}

const MARK: &str = "! ";
const MARK_END: &str = "\n! This was seen last:\n\n";

/// Draws over what is on the screen, without a flicker: each line is cleared to its end, then what is below.
fn screen(words: &str) -> String {
    format!("\x1b[H{}\n\x1b[K\nCtrl-C ends this.\x1b[K\x1b[J", words.trim_end().replace('\n', "\x1b[K\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_that_does_not_answer_is_told_above_what_was_seen_last() {
        let once = behind("seen\n", "gone");
        assert_eq!(once, "! gone\n! This was seen last:\n\nseen\n");
        assert_eq!(behind(&once, "still gone"), "! still gone\n! This was seen last:\n\nseen\n");
    }

    #[test]
    fn a_screen_is_drawn_over_the_last_one() {
        assert_eq!(screen("a\nb\n"), "\x1b[Ha\x1b[K\nb\n\x1b[K\nCtrl-C ends this.\x1b[K\x1b[J");
    }
}
