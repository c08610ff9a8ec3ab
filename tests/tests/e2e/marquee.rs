//! The binary, run.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};

use crate::client::Client;

/// Enough for a debug build on a busy machine; only a failure takes so long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// The binary under test.
pub(crate) fn binary() -> PathBuf {
    if let Some(given) = std::env::var_os("MARQUEE_BIN") {
        return given.into();
    }
    // This test is target/<profile>/deps/e2e-….
    let test = std::env::current_exe().unwrap();
    let binary = test.parent().and_then(Path::parent).unwrap().join("marquee");
    assert!(binary.is_file(), "{} is missing: run `cargo build -p marquee-node`", binary.display());
    binary
}

/// Runs a command of `marquee` to its end.
pub(crate) async fn run(arguments: &[&str]) -> Output {
    run_with(arguments, "").await
}

/// The same, with something on its standard input.
pub(crate) async fn run_with(arguments: &[&str], input: &str) -> Output {
    use tokio::io::AsyncWriteExt;
    let mut child = Command::new(binary())
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // A command that does not read its input may have ended already.
    _ = stdin.write_all(input.as_bytes()).await;
    drop(stdin);
    tokio::time::timeout(PATIENCE, child.wait_with_output()).await.expect("the command ends").unwrap()
}

/// The text of an output.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A folder for a test's data, on disk.
pub(crate) fn folder() -> TempDir {
    tempfile::Builder::new().prefix("marquee-e2e-").tempdir().unwrap()
}

/// A node with the sandbox gateway beside it and no catalog, in a process of its own.
pub(crate) struct Demo {
    child: Child,
    /// Kept open: a process that cannot print may end.
    _output: BufReader<ChildStdout>,
    told: Value,
    log: PathBuf,
}

impl Demo {
    /// Starts one over a data folder; returns when it is ready.
    pub(crate) async fn start(data: &Path) -> Self {
        let arguments = ["demo", "--single", "--empty", "--json", "--listen", "127.0.0.1:0", "--data"];
        let arguments = arguments.iter().map(OsStr::new).chain([data.as_os_str()]);
        let log = data.with_extension("log");
        // A second start adds to the log of the first.
        let errors = std::fs::OpenOptions::new().create(true).append(true).open(&log).unwrap();
        let mut child = Command::new(binary())
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(errors)
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        let read = tokio::time::timeout(PATIENCE, output.read_line(&mut line)).await;
        assert!(matches!(read, Ok(Ok(1..))), "the node is not ready: {}", log_of(&log));
        let told: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        Self { child, _output: output, told, log }
    }

    /// What it printed when it was ready.
    pub(crate) fn told(&self) -> &Value {
        &self.told
    }

    /// Its address.
    pub(crate) fn url(&self) -> &str {
        self.told["nodes"][0]["http"].as_str().unwrap()
    }

    /// Somebody who is not signed in.
    pub(crate) fn guest(&self) -> Client {
        Client::new(self.url())
    }

    /// Somebody who is signed in with the demo's login for a role.
    pub(crate) async fn signed_in(&self, role: &str) -> Client {
        let accounts = self.told["accounts"].as_array().unwrap();
        let login = accounts.iter().find(|account| account["role"] == role).unwrap();
        let (email, password) = (login["email"].as_str().unwrap(), login["password"].as_str().unwrap());
        self.guest().sign_in(email, password).await
    }

    /// Takes the power away: SIGKILL.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// Asks it to stop: SIGTERM.
    pub(crate) fn terminate(&self) {
        let pid = i32::try_from(self.child.id().expect("it is running")).unwrap();
        let pid = rustix::process::Pid::from_raw(pid).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    }

    /// Waits until it has ended; it must do so well.
    pub(crate) async fn ended(mut self) {
        let status = tokio::time::timeout(PATIENCE, self.child.wait()).await.expect("it ends").unwrap();
        assert!(status.success(), "{status}: {}", log_of(&self.log));
    }

    /// Stops it and waits for that.
    pub(crate) async fn stop(self) {
        self.terminate();
        self.ended().await;
    }
}

fn log_of(log: &Path) -> String {
    std::fs::read_to_string(log).unwrap_or_default()
}

/// Looks again and again until `look` finds something.
pub(crate) async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "{what} did not happen");
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}
