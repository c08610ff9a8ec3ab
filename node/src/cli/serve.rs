//! `marquee serve`.

use std::path::Path;
use std::process::ExitCode;

use marquee_config::Settings;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{Failed, load, logging, output, runtime, signals};
use crate::node::{Node, public_url};

pub(super) fn run(config: &Path, check: bool, stop_with_input: bool) -> Result<ExitCode, Failed> {
    let settings = load(config)?;
    if check {
        output::line(&format!("{} is fine", config.display()));
        return Ok(ExitCode::SUCCESS);
    }
    logging::start(&settings.logging)?;
    runtime()?.block_on(async {
        let listener = listen(&settings).await?;
        let address = listener.local_addr()?;
        let node = Node::open(settings, address).await?;
        let url = public_url(&node.app().settings, address);
        tracing::info!(%address, url, "ready");
        if stop_with_input {
            stop_at_end_of_input(node.app().stopping.clone());
        }
        until_asked_to_stop(node, listener).await
    })
}

pub(super) async fn listen(settings: &Settings) -> Result<TcpListener, Failed> {
    let address = settings.http.listen.socket_addr();
    TcpListener::bind(address).await.map_err(|error| {
        Failed::new(format!("cannot listen on {address}: {error}; choose another http.listen"))
    })
}

/// Serves until a signal comes or the storage breaks, then stops in order.
pub(super) async fn until_asked_to_stop(node: Node, listener: TcpListener) -> Result<ExitCode, Failed> {
    let stopping = node.app().stopping.clone();
    let asked = tokio::spawn(async move {
        if let Err(error) = signals::asked_to_stop().await {
            tracing::error!(%error, "signals cannot be received");
        }
        tracing::info!("stopping: requests in flight are finished");
        stopping.cancel();
    });
    let served = node.serve(listener).await;
    asked.abort();
    let closed = node.close().await;
    served?;
    closed?;
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

/// Stops the node when standard input ends. A thread of its own, since reading it cannot be called off.
fn stop_at_end_of_input(stopping: CancellationToken) {
    std::thread::spawn(move || {
        let mut input = std::io::stdin().lock();
        // What is written there means nothing; an error is an end too.
        let _ = std::io::copy(&mut input, &mut std::io::sink());
        stopping.cancel();
    });
}
