//! The process of one node.

use std::ffi::OsStr;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ExitStatus};
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};

use super::ground::Ground;
use super::{Program, until};
use crate::load::connection::Connection;
use crate::load::request::Request;

/// A process on a member's address. It is killed when this is dropped.
#[derive(Debug)]
pub(super) struct Member {
    child: Child,
    /// A node stops in order when it ends.
    input: Option<ChildStdin>,
    log: PathBuf,
}

impl Member {
    /// Runs `marquee` with these arguments; what it says is added to the log.
    pub(super) fn spawn(
        ground: &Ground,
        program: &Program,
        member: u8,
        arguments: &[&str],
        log: &Path,
    ) -> anyhow::Result<Self> {
        let errors = OpenOptions::new().create(true).append(true).open(log)?;
        let mut child = ground
            .waiting()
            .arg(&program.file)
            .args(&program.before)
            .args(arguments.iter().map(OsStr::new))
            .stdout(errors.try_clone()?)
            .stderr(errors)
            .spawn()
            .context("cannot start a process")?;
        let input = child.stdin.take();
        let mut member_process = Self { child, input, log: log.to_owned() };
        ground.connect(member, member_process.pid())?;
        let go = member_process.input.as_mut().context("it has no input")?;
        go.write_all(b"go\n")?;
        Ok(member_process)
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(super) async fn until_ready(&mut self, address: SocketAddr) -> anyhow::Result<()> {
        let ready = until("a node that answers", async || {
            match self.child.try_wait() {
                Ok(None) => {}
                Ok(Some(status)) => return Some(Err(status)),
                Err(_gone) => return Some(Err(ExitStatus::default())),
            }
            is_healthy(address).await.then_some(Ok(()))
        });
        match ready.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(status)) => bail!("the node ended ({status}):\n{}", last_lines(&self.log)),
            Err(error) => Err(error.context(last_lines(&self.log))),
        }
    }

    pub(super) fn kill(mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    pub(super) fn signal(&self, signal: Signal) -> anyhow::Result<()> {
        let pid = i32::try_from(self.pid()).ok().and_then(Pid::from_raw).context("it has no number")?;
        Ok(kill_process(pid, signal)?)
    }

    /// Gives the process the rest of its input, and waits until it has ended; it must do so well.
    pub(super) async fn finish(mut self, input: &str) -> anyhow::Result<()> {
        if let Some(mut to) = self.input.take() {
            to.write_all(input.as_bytes())?;
        }
        let status = until("the end of a process", async || self.child.try_wait().transpose()).await??;
        ensure!(status.success(), "{status}:\n{}", last_lines(&self.log));
        Ok(())
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            // Nothing more can be done about a process that cannot be ended.
            let _killed = self.child.kill();
            let _status = self.child.wait();
        }
    }
}

async fn is_healthy(address: SocketAddr) -> bool {
    let asked = async {
        let mut connection = Connection::open(address).await.ok()?;
        let request = Request { method: "GET", path: "/health", ..Request::default() };
        Some(connection.exchange(&request).await.ok()?.status == 204)
    };
    tokio::time::timeout(Duration::from_secs(1), asked).await.ok().flatten().unwrap_or(false)
}

fn last_lines(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}
