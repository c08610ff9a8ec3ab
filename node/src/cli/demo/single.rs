//! One node and the sandbox gateway, in this process.

use std::process::ExitCode;

use marquee_config::PublicUrl;
use tokio::net::TcpListener;

use super::{DemoArguments, ORGANIZER, Told, ToldNode, gateway_address, make_accounts, settings};
use crate::cli::serve::{listen, until_asked_to_stop};
use crate::cli::{Failed, gateway, import, logging, runtime};
use crate::node::Node;

pub(super) fn run(arguments: &DemoArguments) -> Result<ExitCode, Failed> {
    let mut settings = settings()?;
    settings.http.listen = arguments.listen.into();
    settings.storage.data_dir.clone_from(&arguments.data);
    logging::start(&settings.logging)?;
    runtime()?.block_on(async {
        let listener = listen(&settings).await?;
        let address = listener.local_addr()?;
        let sandbox = TcpListener::bind(gateway_address(arguments.listen)).await.map_err(|error| {
            let address = gateway_address(arguments.listen);
            Failed::new(format!(
                "cannot listen on {address} for the gateway: {error}; choose another --listen"
            ))
        })?;
        let sandbox = gateway::start(sandbox, Some(format!("http://{address}")))?;
        settings.cluster.payments.url = Some(PublicUrl::try_from(sandbox.base_url())?);
        let own = settings.node.clone();
        let node = Node::open(settings, address).await?;
        make_accounts(&node).await?;
        if !arguments.empty {
            import::demo_catalog(&node, ORGANIZER).await?;
        }
        let told = ToldNode {
            name: own.name.to_string(),
            region: own.region.to_string(),
            http: format!("http://{address}"),
            pid: std::process::id(),
        };
        Told::new(vec![told], sandbox.base_url()).tell(arguments);
        let status = until_asked_to_stop(node, listener).await;
        sandbox.stop().await;
        status
    })
}
