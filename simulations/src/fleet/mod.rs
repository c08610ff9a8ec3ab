//! A cluster of real processes on this machine: each node with its own folder, its own address, and, where the system
//! allows it, a network namespace of its own whose links can be cut.
//!
//! [`Fleet::start`] makes the cluster as an operator would, with the commands `cluster init`, `account create`, `serve`
//! and `cluster join`, and the admin API for tokens. Then nodes are [killed](Fleet::kill), [paused](Fleet::pause), cut off
//! and started again, while [buyers](buyer) buy through the others and write down what they were answered.

pub mod buyer;
mod ground;
mod member;
pub mod moving;
pub mod sale;
mod settings;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

pub use self::ground::Ground;
use self::member::Member;
use crate::load::session::Session;
use crate::node::Login;

/// How long anything may take that must happen.
const PATIENCE: Duration = Duration::from_secs(120);
const LOOK_AGAIN: Duration = Duration::from_millis(20);
const PASSWORD: &str = "correct horse battery";
const OPERATOR: &str = "operator@fleet.example";
const ORGANIZER: &str = "organizer@fleet.example";

/// How `marquee` is run: a program, and the arguments that come before its own.
#[derive(Debug, Clone)]
pub struct Program {
    /// The file.
    pub file: PathBuf,
    /// Arguments before those of `marquee`.
    pub before: Vec<OsString>,
}

impl Program {
    /// This very program, which must treat [`SUBCOMMAND`](crate::node::SUBCOMMAND) as `onsale` does.
    ///
    /// # Errors
    /// If the system does not tell where it is.
    pub fn this() -> anyhow::Result<Self> {
        let file = std::env::current_exe().context("cannot find this program")?;
        Ok(Self { file, before: vec![crate::node::SUBCOMMAND.into()] })
    }
}

/// A cluster that runs. Its processes end with it.
#[derive(Debug)]
pub struct Fleet {
    ground: Ground,
    program: Program,
    folder: PathBuf,
    members: BTreeMap<u8, Member>,
    gateway: Option<Child>,
}

/// Where a group has its home, and who votes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupView {
    /// The home, by the member's number.
    pub home: Option<u8>,
    /// How many vote.
    pub voters: usize,
    /// How many entries the slowest of the replicas lacks.
    pub lag_max: u64,
}

impl Fleet {
    /// Makes a cluster of so many nodes in a folder that is empty.
    ///
    /// # Errors
    /// If one of them does not become ready; the end of its log is in the error.
    pub async fn start(program: Program, nodes: u8, folder: &Path) -> anyhow::Result<Self> {
        let ground = Ground::choose()?;
        let folder = folder.to_owned();
        let mut fleet = Self { ground, program, folder, members: BTreeMap::new(), gateway: None };
        fleet.start_gateway().await?;
        fleet.found().await?;
        for member in 2..=nodes {
            fleet.join(member).await?;
        }
        fleet.until_whole(nodes.into()).await?;
        Ok(fleet)
    }

    /// Where it runs.
    #[must_use]
    pub const fn ground(&self) -> &Ground {
        &self.ground
    }

    /// Where a member serves HTTP.
    #[must_use]
    pub fn address(&self, member: u8) -> SocketAddr {
        settings::http(&self.ground, member)
    }

    /// The members that run.
    pub fn running(&self) -> impl Iterator<Item = u8> {
        self.members.keys().copied()
    }

    /// The data folder of a member.
    #[must_use]
    pub fn data(&self, member: u8) -> PathBuf {
        settings::data(&self.folder, member)
    }

    async fn start_gateway(&mut self) -> anyhow::Result<()> {
        let address = settings::gateway(&self.ground);
        let log = std::fs::File::create(self.folder.join("gateway.log"))?;
        let mut gateway = self.program.command();
        gateway.args(["gateway", "--listen", &address.to_string()]);
        self.gateway = Some(gateway.stdout(std::process::Stdio::null()).stderr(log).spawn()?);
        until("the gateway", async || tokio::net::TcpStream::connect(address).await.ok()).await?;
        Ok(())
    }

    async fn found(&mut self) -> anyhow::Result<()> {
        let file = settings::write(&self.ground, &self.folder, 1)?;
        self.run(1, &["cluster", "init", "--name", "fleet", "--config", &file], "").await?;
        for (email, role) in [(OPERATOR, "operator"), (ORGANIZER, "organizer")] {
            let make =
                ["account", "create", "--config", &file, "--email", email, "--name", role, "--role", role];
            let make = [&make[..], &["--password-stdin"]].concat();
            self.run(1, &make, PASSWORD).await?;
        }
        self.restart(1).await
    }

    async fn join(&mut self, member: u8) -> anyhow::Result<()> {
        let file = settings::write(&self.ground, &self.folder, member)?;
        let mut operator = self.sign_in(1, OPERATOR).await?;
        let form = json!({"lifetime_seconds": 600});
        let made: Value = operator.call("POST", "/v1/cluster/tokens", Some(&form)).await?;
        let token = made["token"].as_str().context("the node gave no token")?;
        let at = settings::quic(&self.ground, 1).to_string();
        self.run(member, &["cluster", "join", &at, "--token", token, "--config", &file], "").await?;
        self.restart(member).await
    }

    /// Runs a command of `marquee` to its end, on a member's address.
    async fn run(&self, member: u8, arguments: &[&str], input: &str) -> anyhow::Result<()> {
        let log = self.folder.join(format!("{member}.log"));
        let running = Member::spawn(&self.ground, &self.program, member, arguments, &log)?;
        running.finish(input).await.with_context(|| format!("marquee {}", arguments.join(" ")))
    }

    /// Starts a member that does not run, and waits until it answers.
    ///
    /// # Errors
    /// If it does not.
    pub async fn restart(&mut self, member: u8) -> anyhow::Result<()> {
        self.start_member(member)?;
        self.until_ready(member).await
    }

    /// Starts a member that does not run.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn start_member(&mut self, member: u8) -> anyhow::Result<()> {
        let file = settings::file(&self.folder, member).display().to_string();
        let log = self.folder.join(format!("{member}.log"));
        let arguments = ["serve", "--stop-with-input", "--config", &file];
        let running = Member::spawn(&self.ground, &self.program, member, &arguments, &log)?;
        self.members.insert(member, running);
        Ok(())
    }

    /// Waits until a member answers.
    ///
    /// # Errors
    /// If it does not, or ends; the end of its log is in the error.
    pub async fn until_ready(&mut self, member: u8) -> anyhow::Result<()> {
        let address = self.address(member);
        let running = self.members.get_mut(&member).context("it does not run")?;
        running.until_ready(address).await
    }

    /// Takes a member's power away: SIGKILL.
    ///
    /// # Errors
    /// If it does not run.
    pub fn kill(&mut self, member: u8) -> anyhow::Result<()> {
        self.members.remove(&member).context("it does not run")?.kill()
    }

    /// Stops a member in order.
    ///
    /// # Errors
    /// If it does not end well.
    pub async fn stop(&mut self, member: u8) -> anyhow::Result<()> {
        self.members.remove(&member).context("it does not run")?.finish("").await
    }

    /// Lets a member stand still: SIGSTOP.
    ///
    /// # Errors
    /// If it does not run.
    pub fn pause(&self, member: u8) -> anyhow::Result<()> {
        self.members.get(&member).context("it does not run")?.signal(rustix::process::Signal::STOP)
    }

    /// Lets it go on: SIGCONT.
    ///
    /// # Errors
    /// If it does not run.
    pub fn go_on(&self, member: u8) -> anyhow::Result<()> {
        self.members.get(&member).context("it does not run")?.signal(rustix::process::Signal::CONT)
    }

    /// Loses everything that one member sends to another.
    ///
    /// # Errors
    /// If the [ground](Ground) has no links of its own.
    pub fn cut(&self, from: u8, to: u8) -> anyhow::Result<()> {
        let receiver = self.members.get(&to).context("it does not run")?;
        self.ground.cut(from, receiver.pid())
    }

    /// Cuts a member off from all other members, both ways. Customers reach it still.
    ///
    /// # Errors
    /// If the [ground](Ground) has no links of its own.
    pub fn cut_off(&self, member: u8) -> anyhow::Result<()> {
        for other in self.running().filter(|other| *other != member) {
            self.cut(member, other)?;
            self.cut(other, member)?;
        }
        Ok(())
    }

    /// Mends all links.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn heal(&self) -> anyhow::Result<()> {
        self.members.values().try_for_each(|member| self.ground.heal(member.pid()))
    }

    /// Signs the organizer in, through a member.
    ///
    /// # Errors
    /// If nobody can be signed in there.
    pub async fn organizer(&self, member: u8) -> anyhow::Result<Session> {
        self.sign_in(member, ORGANIZER).await
    }

    /// Signs the operator in, through a member.
    ///
    /// # Errors
    /// If nobody can be signed in there.
    pub async fn operator(&self, member: u8) -> anyhow::Result<Session> {
        self.sign_in(member, OPERATOR).await
    }

    async fn sign_in(&self, member: u8, email: &str) -> anyhow::Result<Session> {
        let login = Login { role: String::new(), email: email.to_owned(), password: PASSWORD.to_owned() };
        let address = self.address(member);
        // While a group has no home, signing in has to wait.
        until("signing in", async || Session::open(address, &login).await.ok()).await
    }

    /// What a member knows of the groups.
    ///
    /// # Errors
    /// If it does not answer.
    pub async fn groups(&self, member: u8) -> anyhow::Result<BTreeMap<String, GroupView>> {
        let mut operator = self.sign_in(member, OPERATOR).await?;
        let cluster: Value = operator.call("GET", "/v1/cluster", None).await?;
        let groups = cluster["groups"].as_array().context("the cluster has no groups")?;
        let number = |node: &Value| node.as_str()?.strip_prefix('n')?.parse().ok();
        let view = |group: &Value| {
            let replicas = group["replicas"].as_array().map(Vec::as_slice).unwrap_or_default();
            let voters = replicas.iter().filter(|replica| replica["role"] == "voter").count();
            let lags = replicas.iter().filter_map(|replica| replica["lag"].as_u64());
            let lag_max = lags.max().unwrap_or_default();
            GroupView { home: number(&group["home"]), voters, lag_max }
        };
        Ok(groups
            .iter()
            .map(|group| (group["id"].as_str().unwrap_or_default().to_owned(), view(group)))
            .collect())
    }

    /// The group of a venue.
    ///
    /// # Errors
    /// If the member does not answer, or does not know the venue.
    pub async fn group_of(&self, member: u8, venue: &str) -> anyhow::Result<String> {
        let mut operator = self.sign_in(member, OPERATOR).await?;
        let cluster: Value = operator.call("GET", "/v1/cluster?venues=100000", None).await?;
        let venues = cluster["venues"].as_array().context("the cluster has no venues")?;
        let known = venues.iter().find(|known| known["id"] == venue).context("the venue is not known")?;
        Ok(known["group"].as_str().context("it has no group")?.to_owned())
    }

    /// Waits until every group has so many voters, a home, and no replica that is behind.
    ///
    /// # Errors
    /// If that does not happen.
    pub async fn until_whole(&self, voters: usize) -> anyhow::Result<()> {
        let member = self.running().next().context("no node runs")?;
        let is_whole = async || {
            let groups = self.groups(member).await.ok()?;
            let is_so = |view: &GroupView| view.home.is_some() && view.voters == voters && view.lag_max <= 64;
            (groups.len() >= voters && groups.values().all(is_so)).then_some(())
        };
        until("all groups with all their replicas", is_whole).await
    }

    /// Waits until a group's home is this member.
    ///
    /// # Errors
    /// If that does not happen.
    pub async fn until_home(&self, group: &str, home: u8) -> anyhow::Result<()> {
        let is_home = async || {
            let groups = self.groups(home).await.ok()?;
            (groups.get(group)?.home == Some(home)).then_some(())
        };
        until("a group's home", is_home).await
    }

    /// Stops all nodes in order.
    ///
    /// # Errors
    /// If one does not end well.
    pub async fn stop_all(&mut self) -> anyhow::Result<()> {
        for member in self.running().collect::<Vec<_>>() {
            self.stop(member).await?;
        }
        Ok(())
    }

    /// Proves the ledgers of a stopped member whole; returns the report of `marquee ledger verify`.
    ///
    /// # Errors
    /// If something is wrong.
    pub fn verify(&self, member: u8) -> anyhow::Result<Value> {
        let file = settings::file(&self.folder, member);
        let output =
            self.program.command().args(["ledger", "verify", "--json", "--config"]).arg(file).output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        ensure!(
            output.status.success(),
            "member {member}: {text}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(serde_json::from_str(&text)?)
    }
}

impl Program {
    fn command(&self) -> std::process::Command {
        let mut command = std::process::Command::new(&self.file);
        command.args(&self.before).stdin(std::process::Stdio::null());
        command
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        if let Some(mut gateway) = self.gateway.take() {
            // One that has ended is no harm.
            let _killed = gateway.kill();
            let _status = gateway.wait();
        }
    }
}

/// Looks again and again until there is something to see.
///
/// # Errors
/// If there is nothing for too long.
pub async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> anyhow::Result<T> {
    let seen = async {
        loop {
            if let Some(seen) = look().await {
                return seen;
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    };
    let waited = tokio::time::timeout(PATIENCE, seen).await;
    waited.with_context(|| format!("{what}: not within {} s", PATIENCE.as_secs()))
}
