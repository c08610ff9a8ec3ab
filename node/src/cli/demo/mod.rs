//! `marquee demo`: a cluster of three nodes, the sandbox gateway and a catalog, on this machine.

mod single;
mod trio;

use std::net::SocketAddr;
use std::process::ExitCode;

use marquee_config::Settings;
use serde::Serialize;

use super::{DemoArguments, Failed, output};
use crate::accounts::service::NewAccount;
use crate::accounts::{self, Password, Role, create_account};
use crate::node::Node;

const SETTINGS: &str = include_str!("../../../../config/demo.toml");
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
    if arguments.single { single::run(arguments) } else { trio::run(arguments) }
}

fn settings() -> Result<Settings, Failed> {
    Settings::parse(SETTINGS, "config/demo.toml").map_err(|error| Failed::usage(error.to_string()))
}

/// The port after the first node's, or any if the system chooses.
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

impl Told {
    fn new(nodes: Vec<ToldNode>, gateway: String) -> Self {
        let accounts = PEOPLE
            .iter()
            .map(|(role, email, _name, _zip)| ToldAccount { role: role.name(), email, password: PASSWORD })
            .collect();
        Self { nodes, gateway, accounts }
    }

    fn tell(&self, arguments: &DemoArguments) {
        if arguments.json {
            return output::json(self);
        }
        let mut text = String::from("Marquee is ready.\n\n");
        if let [node] = self.nodes.as_slice() {
            text.push_str(&format!("  Pages     {}/\n  API       {}/docs\n", node.http, node.http));
        } else {
            for node in &self.nodes {
                text.push_str(&format!("  {:<9} {}/   (process {})\n", node.region, node.http, node.pid));
            }
            text.push('\n');
        }
        text.push_str(&format!("  Gateway   {}/ (test cards; no money moves)\n", self.gateway));
        text.push_str(&format!("  Data      {}\n\n", arguments.data.display()));
        text.push_str(&format!("Sign in with the password {PASSWORD}:\n"));
        for account in &self.accounts {
            text.push_str(&format!("  {:<11} {}\n", account.role, account.email));
        }
        if self.nodes.len() > 1 {
            text.push_str(
                "\nEvery node answers everything. Kill one, and its venues sell on at the others:\n",
            );
            if let Some(node) = self.nodes.first() {
                text.push_str(&format!("  kill -9 {}\n", node.pid));
            }
        }
        text.push_str("\nPress Ctrl-C to stop; the next start goes on from here.\n");
        output::text(&text);
    }
}
