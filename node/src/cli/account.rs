//! `marquee account create`.

use std::io::{IsTerminal, Read};
use std::net::SocketAddr;
use std::process::ExitCode;

use marquee_config::Settings;
use serde::Serialize;

use super::{Failed, output, runtime};
use crate::accounts::service::NewAccount;
use crate::accounts::{EmailAddress, Password, PersonName, Role, Roles, create_account};
use crate::node::Node;

/// Longer than any password may be.
const PASSWORD_BYTES_MAX: u64 = 4_096;

/// Who is wanted.
pub(super) struct Wanted {
    pub(super) email: String,
    pub(super) name: String,
    pub(super) roles: Vec<Role>,
}

#[derive(Serialize)]
struct Told {
    id: String,
    email: String,
    roles: Vec<&'static str>,
}

pub(super) fn create(
    settings: Settings,
    wanted: &Wanted,
    password_stdin: bool,
    json: bool,
) -> Result<ExitCode, Failed> {
    let wrong = |what: &str, error: &dyn std::error::Error| Failed::usage(format!("{what}: {error}"));
    let email: EmailAddress = wanted.email.parse().map_err(|error| wrong("--email", &error))?;
    let name: PersonName = wanted.name.parse().map_err(|error| wrong("--name", &error))?;
    let password = Password::new(&password(password_stdin)?);
    runtime()?.block_on(async {
        let node = Node::open(settings, SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        let account = NewAccount { email, password, name, zip: None };
        let roles: Roles = wanted.roles.iter().copied().collect();
        let app = node.app();
        let made = create_account(&app.home, &app.passwords, None, account, roles).await;
        node.close().await?;
        let made = made?;
        let told = Told {
            id: made.id.to_string(),
            email: made.email.as_str().to_owned(),
            roles: roles.iter().map(Role::name).collect(),
        };
        if json {
            output::json(&told);
        } else {
            output::line(&format!("{} is {} ({})", told.email, told.id, told.roles.join(", ")));
        }
        Ok(ExitCode::SUCCESS)
    })
}

pub(super) fn password(from_stdin: bool) -> Result<String, Failed> {
    if !from_stdin {
        if !std::io::stdin().is_terminal() {
            let words = "there is no terminal to read the password from; use --password-stdin";
            return Err(Failed::usage(words.to_owned()));
        }
        return Ok(rpassword::prompt_password("Password: ")?);
    }
    let mut text = String::new();
    std::io::stdin().take(PASSWORD_BYTES_MAX).read_to_string(&mut text)?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}
