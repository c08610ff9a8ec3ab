//! `marquee demo`: a node, the sandbox gateway and a catalog, on this machine.

use std::net::SocketAddr;
use std::process::ExitCode;

use marquee_config::{PublicUrl, Settings};
use serde::Serialize;
use tokio::net::TcpListener;

use super::serve::{listen, until_asked_to_stop};
use super::{DemoArguments, Failed, gateway, import, logging, output, runtime};
use crate::accounts::service::NewAccount;
use crate::accounts::{self, Password, Role, create_account};
use crate::node::Node;

const SETTINGS: &str = include_str!("../../../config/demo.toml");
const PASSWORD: &str = "marquee-demo";
/// Everyone who can sign in to a demo: role, e-mail address, name, zip code.
const PEOPLE: [(Role, &str, &str, &str); 5] = [
    (Role::Customer, "demo@marquee.example", "Dana Demo", "10001"),
    (Role::Organizer, ORGANIZER, "Olive Organizer", "10001"),
    (Role::BoxOffice, "boxoffice@marquee.example", "Bo Office", "10001"),
    (Role::Support, "support@marquee.example", "Sam Support", "10001"),
    (Role::Operator, "operator@marquee.example", "Opal Operator", "10001"),
];
const ORGANIZER: &str = "organizer@marquee.example";

/// What a script is told.
#[derive(Serialize)]
struct Told {
    nodes: Vec<ToldNode>,
    gateway: String,
    accounts: Vec<ToldAccount>,
}

#[derive(Serialize)]
struct ToldNode {
    name: String,
    region: String,
    http: String,
    pid: u32,
}

#[derive(Serialize)]
struct ToldAccount {
    role: &'static str,
    email: &'static str,
    password: &'static str,
}

pub(super) fn run(arguments: &DemoArguments) -> Result<ExitCode, Failed> {
    let mut settings =
        Settings::parse(SETTINGS, "config/demo.toml").map_err(|error| Failed::usage(error.to_string()))?;
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
        let node = Node::open(settings, address).await?;
        make_accounts(&node).await?;
        if !arguments.empty {
            import::demo_catalog(&node, ORGANIZER).await?;
        }
        tell(&told(&node, address, sandbox.base_url()), arguments);
        let status = until_asked_to_stop(node, listener).await;
        sandbox.stop().await;
        status
    })
}

/// The port after the node's, or any if the system chooses.
const fn gateway_address(node: SocketAddr) -> SocketAddr {
    let port = match node.port() {
        0 => 0,
        // After the last port comes the one before it.
        u16::MAX => u16::MAX - 1,
        port => port + 1,
    };
    SocketAddr::new(node.ip(), port)
}

/// Makes the accounts that are not there yet.
async fn make_accounts(node: &Node) -> Result<(), Failed> {
    let app = node.app();
    for (role, email, name, zip) in PEOPLE {
        let account = NewAccount {
            email: email.parse()?,
            password: Password::new(PASSWORD),
            name: name.parse()?,
            zip: Some(zip.parse()?),
        };
        let roles = std::iter::once(role).collect();
        match create_account(&app.home, &app.passwords, None, account, roles).await {
            Ok(_made) => {}
            Err(accounts::service::Error::Refused(accounts::Refusal::EmailTaken)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn told(node: &Node, address: SocketAddr, gateway: String) -> Told {
    let own = &node.app().settings.node;
    Told {
        nodes: vec![ToldNode {
            name: own.name.to_string(),
            region: own.region.to_string(),
            http: format!("http://{address}"),
            pid: std::process::id(),
        }],
        gateway,
        accounts: PEOPLE
            .iter()
            .map(|(role, email, _name, _zip)| ToldAccount { role: role.name(), email, password: PASSWORD })
            .collect(),
    }
}

fn tell(told: &Told, arguments: &DemoArguments) {
    if arguments.json {
        return output::json(told);
    }
    let mut text = String::from("Marquee is ready.\n\n");
    for node in &told.nodes {
        text.push_str(&format!("  Pages     {}/\n  API       {}/docs\n", node.http, node.http));
    }
    text.push_str(&format!("  Gateway   {}/ (test cards; no money moves)\n", told.gateway));
    text.push_str(&format!("  Data      {}\n\n", arguments.data.display()));
    text.push_str(&format!("Sign in with the password {PASSWORD}:\n"));
    for account in &told.accounts {
        text.push_str(&format!("  {:<11} {}\n", account.role, account.email));
    }
    text.push_str("\nPress Ctrl-C to stop; the next start goes on from here.\n");
    output::text(&text);
}
