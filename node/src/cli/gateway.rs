//! `marquee gateway`: the sandbox alone.

use std::net::SocketAddr;
use std::process::ExitCode;

use tokio::net::TcpListener;

use super::{Failed, output, runtime, signals};
use crate::payments::Secret;
use crate::payments::sandbox::{SandboxOptions, Server, USUAL_API_KEY, USUAL_WEBHOOK_SECRET, Webhooks};

pub(super) fn run(listen: SocketAddr, node: Option<String>) -> Result<ExitCode, Failed> {
    runtime()?.block_on(async {
        let listener = TcpListener::bind(listen).await?;
        let server = start(listener, node)?;
        output::line(&format!("the sandbox gateway is at {}", server.base_url()));
        signals::asked_to_stop().await?;
        server.stop().await;
        Ok(ExitCode::SUCCESS)
    })
}

/// A sandbox with the usual secrets, whose webhooks go to the node at this address.
pub(super) fn start(listener: TcpListener, node: Option<String>) -> Result<Server, Failed> {
    let mut options = SandboxOptions::new(Secret::new(USUAL_API_KEY));
    options.webhooks = node.map(|node| Webhooks {
        url: format!("{}/v1/webhooks/sandbox", node.trim_end_matches('/')),
        secret: Secret::new(USUAL_WEBHOOK_SECRET),
    });
    Ok(Server::start(listener, options)?)
}
