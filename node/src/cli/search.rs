//! `marquee search …`: looks at a running node's search index, and has it made anew.

use std::process::ExitCode;
use std::time::Duration;

use clap::Subcommand;
use serde::{Deserialize, Serialize};

use super::cluster::Asking;
use super::cluster::client::Client;
use super::{Failed, output, runtime};

/// How often it is asked how far a rebuild is.
const LOOK: Duration = Duration::from_millis(200);

/// What to do with a search index.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Tells what a node's search index holds.
    #[command(after_help = "Example:\n  marquee search status --email ops@example.com")]
    Status {
        #[command(flatten)]
        asking: Asking,
    },
    /// Makes a node's search index anew from its catalog; what there is goes on serving until it is done.
    #[command(
        after_help = "Example:\n  marquee search rebuild --node https://london-1.example.com --email ops@example.com"
    )]
    Rebuild {
        #[command(flatten)]
        asking: Asking,
    },
}

/// What a node says of its index.
#[derive(Debug, Serialize, Deserialize)]
struct Index {
    node: String,
    documents: u64,
    bytes: Option<u64>,
    commits: u64,
    progress: Option<Progress>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Progress {
    what: String,
    done: u64,
    total: u64,
}

pub(super) fn run(command: Command) -> Result<ExitCode, Failed> {
    let (asking, is_rebuild) = match command {
        Command::Status { asking } => (asking, false),
        Command::Rebuild { asking } => (asking, true),
    };
    runtime()?.block_on(async {
        let mut client = Client::new(&asking)?;
        let index = match is_rebuild {
            false => client.ask("GET", "/v1/search/index", None).await,
            true => rebuild(&mut client).await,
        };
        client.sign_out().await;
        let index: Index = index?;
        match asking.json {
            true => output::json(&index),
            false => output::text(&words(&index)),
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// Has the index made anew, and waits until it is.
async fn rebuild(client: &mut Client) -> Result<Index, Failed> {
    let mut index: Index = client.ask("POST", "/v1/search/index/rebuild", None).await?;
    let bar = output::progress(0, "indexing");
    while let Some(Progress { done, total, .. }) = &index.progress {
        bar.set_length(*total);
        bar.set_position(*done);
        tokio::time::sleep(LOOK).await;
        index = client.ask("GET", "/v1/search/index", None).await?;
    }
    bar.finish_and_clear();
    Ok(index)
}

fn words(index: &Index) -> String {
    let megabytes = index.bytes.map_or_else(String::new, |bytes| format!(" in {:.1} MB", bytes as f64 / 1e6));
    let progress = index.progress.as_ref().map_or_else(String::new, |progress| {
        format!("; {} under way: {} of {}", progress.what, progress.done, progress.total)
    });
    format!("The search index of {} has {} documents{megabytes}{progress}.\n", index.node, index.documents)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_is_told_in_a_line() {
        let progress = Progress { what: "rebuild".to_owned(), done: 5, total: 9 };
        let index = Index {
            node: "london-1".to_owned(),
            documents: 1_234,
            bytes: Some(5_600_000),
            commits: 3,
            progress: Some(progress),
        };
        let told = "The search index of london-1 has 1234 documents in 5.6 MB; rebuild under way: 5 of 9.\n";
        assert_eq!(words(&index), told);
    }
}
