//! A node under load: one that runs already, or one of our own in a child process.

use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, bail};
use serde::Deserialize;

/// The first argument that makes a program of this crate the node itself; the arguments of `marquee` follow.
pub const SUBCOMMAND: &str = "__node";

/// A login of the organizer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Login {
    /// Whom the node takes them for.
    #[serde(default)]
    pub role: String,
    /// The e-mail address.
    pub email: String,
    /// The password.
    pub password: String,
}

impl std::str::FromStr for Login {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let (email, password) = text.split_once(':').context("write EMAIL:PASSWORD")?;
        Ok(Self { role: "organizer".to_owned(), email: email.to_owned(), password: password.to_owned() })
    }
}

/// The line that `marquee demo --json` prints when it is ready.
#[derive(Debug, Deserialize)]
pub struct Ready {
    /// The nodes; a demo has one.
    pub nodes: Vec<ReadyNode>,
    /// Who can sign in.
    pub accounts: Vec<Login>,
}

/// A node that is ready.
#[derive(Debug, Deserialize)]
pub struct ReadyNode {
    /// Its address, such as `http://127.0.0.1:8080`.
    pub http: String,
    /// Its process.
    pub pid: u32,
}

/// A node that we started; it is stopped when this is dropped.
#[derive(Debug)]
pub struct OwnNode {
    child: Child,
    /// What it said when it was ready.
    pub ready: Ready,
}

impl OwnNode {
    /// Starts a demo node by running this very program again, with [`SUBCOMMAND`], and waits until it is ready.
    ///
    /// # Errors
    /// If it does not become ready; the end of its log is in the error.
    pub fn start(data: &Path) -> anyhow::Result<Self> {
        let log = data.with_extension("log");
        let errors =
            std::fs::File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
        let program = std::env::current_exe().context("cannot find this program")?;
        let mut child = Command::new(program)
            .args([SUBCOMMAND, "demo", "--single", "--empty", "--json", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .context("cannot start a node")?;
        let output = child.stdout.take().context("the node has no output")?;
        let mut line = String::new();
        let read = BufReader::new(output).read_line(&mut line);
        let ready = match (read, serde_json::from_str::<Ready>(&line)) {
            (Ok(_bytes), Ok(ready)) if !ready.nodes.is_empty() => ready,
            _otherwise => {
                // It may be alive and merely misunderstood.
                let _killed = child.kill();
                let _status = child.wait();
                bail!("the node did not become ready; it said:\n{line}{}", last_lines(&log));
            }
        };
        Ok(Self { child, ready })
    }

    /// Stops it and waits until it has ended.
    ///
    /// # Errors
    /// If it does not end well.
    pub fn stop(mut self) -> anyhow::Result<()> {
        terminate(&self.child)?;
        let status = self.child.wait()?;
        if status.success() { Ok(()) } else { bail!("the node ended with {status}") }
    }
}

impl Drop for OwnNode {
    fn drop(&mut self) {
        // Nothing more can be done about a process that cannot be ended; one that has ended is no harm.
        if matches!(self.child.try_wait(), Ok(None)) {
            let _killed = self.child.kill();
            let _status = self.child.wait();
        }
    }
}

fn terminate(child: &Child) -> anyhow::Result<()> {
    let pid = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw);
    let pid = pid.context("the node has no process id")?;
    Ok(rustix::process::kill_process(pid, rustix::process::Signal::TERM)?)
}

fn last_lines(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}

/// Where a node with this address listens.
///
/// # Errors
/// If it is not a plain `http://HOST:PORT`: the generator speaks no TLS, which would be most of what it does.
pub fn address(url: &str) -> anyhow::Result<SocketAddr> {
    let host = url.strip_prefix("http://").context("the address must begin with http://")?;
    let host = host.split('/').next().unwrap_or_default();
    let with_port = if host.contains(':') { host.to_owned() } else { format!("{host}:80") };
    let mut found = with_port.to_socket_addrs().with_context(|| format!("cannot find {host}"))?;
    found.next().with_context(|| format!("{host} has no address"))
}

/// Lets this process and its children open as many sockets as the system allows; returns how many.
#[must_use]
pub fn raise_socket_limit() -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    // Without a maximum there is no limit.
    let wanted = Rlimit { current: limit.maximum, maximum: limit.maximum };
    let raised = setrlimit(Resource::Nofile, wanted).is_ok();
    let reached = if raised { limit.maximum } else { limit.current };
    reached.unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_plain_http_and_have_a_port() {
        assert_eq!(address("http://127.0.0.1:8080/").unwrap(), "127.0.0.1:8080".parse().unwrap());
        assert_eq!(address("http://127.0.0.1").unwrap(), "127.0.0.1:80".parse().unwrap());
        assert!(address("https://127.0.0.1:8443").is_err());
    }

    #[test]
    fn a_login_is_split_at_the_first_colon() {
        let login: Login = "a@b.example:pass:word".parse().unwrap();
        assert_eq!((login.email.as_str(), login.password.as_str()), ("a@b.example", "pass:word"));
        assert!("a@b.example".parse::<Login>().is_err());
    }
}
