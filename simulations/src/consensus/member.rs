//! One of our three: a process that holds a replica, and does what it reads from its standard input.

use std::io::{BufRead, BufReader, Write as _};
use std::net::{SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, bail};
use bytes::Bytes;
use marquee_node::home::Home;
use marquee_replication::transport::{
    Kind, QuicOptions, QuicTransport, Switch, Transport, answer_call, call,
};
use marquee_replication::trust::{ClusterAuthority, IdentityStore, NodeIdentity, Validity};
use marquee_replication::{Group, GroupId, GroupNetwork, GroupOptions, NodeId, Store, StoreOptions};
use serde::{Deserialize, Serialize};

use super::measure::{Measured, measure};
use super::recorder::Recorder;
use super::{COMMAND_BYTES, Work};
use crate::pipeline::{Pipeline, STADIUM_SEATS, Stadium, ask};

/// The first argument that makes a program a member; its [`Orders`] follow as JSON.
pub const SUBCOMMAND: &str = "__member";

const MEMBERS: u64 = 3;
/// The number of the process that measures.
const CALLER: u64 = 9;
const DEADLINE: Duration = Duration::from_secs(60);

/// What a member is told.
#[derive(Debug, Serialize, Deserialize)]
pub struct Orders {
    node: u64,
    folder: PathBuf,
    addresses: Vec<SocketAddr>,
    work: Work,
}

/// What a member is asked, a line of JSON each; each is answered with a line.
#[derive(Debug, Serialize, Deserialize)]
enum Question {
    /// Makes all three vote, and is answered when they do.
    Gather,
    /// Lets callers in the member's own process propose commands.
    Run { callers: usize, seconds: u64 },
}

/// Three members that run, seen by who measures.
#[derive(Debug)]
pub struct Three {
    members: Vec<(Child, ChildStdin, BufReader<ChildStdout>)>,
    transport: Arc<QuicTransport>,
    _switch: Arc<Switch>,
}

impl Three {
    /// Starts them in a folder that is empty. Must be called within a runtime.
    ///
    /// # Errors
    /// If one does not start.
    pub fn start(folder: &Path, work: Work) -> anyhow::Result<Self> {
        let authority = ClusterAuthority::create("three", SystemTime::now())?;
        let issue = |node| {
            authority.issue(NodeId(node), Validity::starting(SystemTime::now(), Validity::NODE_LIFETIME))
        };
        let addresses = free_addresses(MEMBERS)?;
        let program = std::env::current_exe()?;
        let mut members = Vec::new();
        for node in 1..=MEMBERS {
            let folder = folder.join(node.to_string());
            std::fs::create_dir_all(&folder)?;
            std::fs::write(folder.join("node.pem"), issue(node)?.to_pem().as_bytes())?;
            let orders = Orders { node, folder, addresses: addresses.clone(), work };
            let mut child = Command::new(&program)
                .args([SUBCOMMAND, &serde_json::to_string(&orders)?])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()?;
            let input = child.stdin.take().context("it has no input")?;
            let output = BufReader::new(child.stdout.take().context("it has no output")?);
            members.push((child, input, output));
        }
        let switch = Switch::new();
        let options = QuicOptions::new(([127, 0, 0, 1], 0).into());
        let transport =
            QuicTransport::bind(options, Arc::clone(&switch), IdentityStore::new(issue(CALLER)?)?)?;
        for (node, address) in (1..).zip(addresses) {
            transport.set_address(NodeId(node), address);
        }
        let mut three = Self { members, transport, _switch: switch };
        for node in 0..three.members.len() {
            three.answer::<()>(node)?;
        }
        three.ask::<()>(0, &Question::Gather)?;
        Ok(three)
    }

    /// Measures callers in the home's own process.
    ///
    /// # Errors
    /// If a command is not answered.
    pub fn measure_inside(&mut self, callers: usize, lasts: Duration) -> anyhow::Result<Measured> {
        self.ask(0, &Question::Run { callers, seconds: lasts.as_secs() })
    }

    /// Measures callers in this process, who send each command over QUIC.
    ///
    /// # Errors
    /// If a command is not answered.
    pub async fn measure_outside(&self, callers: usize, lasts: Duration) -> anyhow::Result<Measured> {
        let transport = Arc::clone(&self.transport);
        measure(callers, lasts, move |_caller| {
            let transport = Arc::clone(&transport);
            async move {
                let command = Bytes::from_static(&[7; COMMAND_BYTES]);
                let answer = call(&*transport, NodeId(1), Kind::Forward, command, DEADLINE).await?;
                anyhow::ensure!(!answer.is_empty(), "a command was refused");
                Ok(())
            }
        })
        .await
    }

    /// Stops them.
    ///
    /// # Errors
    /// If one does not end well.
    pub fn stop(mut self) -> anyhow::Result<()> {
        for (mut child, input, _output) in self.members.drain(..) {
            drop(input);
            let status = child.wait()?;
            anyhow::ensure!(status.success(), "a member ended with {status}");
        }
        Ok(())
    }

    fn ask<T: for<'de> Deserialize<'de>>(&mut self, member: usize, question: &Question) -> anyhow::Result<T> {
        let (_child, input, _output) = &mut self.members[member];
        writeln!(input, "{}", serde_json::to_string(question)?)?;
        self.answer(member)
    }

    fn answer<T: for<'de> Deserialize<'de>>(&mut self, member: usize) -> anyhow::Result<T> {
        let mut line = String::new();
        self.members[member].2.read_line(&mut line)?;
        serde_json::from_str(&line).with_context(|| format!("member {} said {line:?}", member + 1))
    }
}

impl Drop for Three {
    fn drop(&mut self) {
        for (child, ..) in &mut self.members {
            // One that has ended is no harm.
            let _killed = child.kill();
            let _status = child.wait();
        }
    }
}

fn free_addresses(count: u64) -> anyhow::Result<Vec<SocketAddr>> {
    let sockets = (0..count).map(|_| UdpSocket::bind("127.0.0.1:0")).collect::<Result<Vec<_>, _>>()?;
    Ok(sockets.iter().map(UdpSocket::local_addr).collect::<Result<Vec<_>, _>>()?)
}

/// Is a member until its input ends.
///
/// # Errors
/// If it cannot be, or a command is not answered.
pub fn run(orders: &str) -> anyhow::Result<()> {
    let orders: Orders = serde_json::from_str(orders)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(Replica::serve(orders))
}

/// What commands are proposed to.
#[derive(Clone)]
enum Proposed {
    Records(Group<Recorder>),
    Holds { home: Home, next: Arc<AtomicU64> },
}

impl Proposed {
    async fn once(&self) -> anyhow::Result<()> {
        match self {
            Self::Records(group) => {
                group.propose(Bytes::from_static(&[7; COMMAND_BYTES])).await?;
            }
            Self::Holds { home, next } => {
                let nth = next.fetch_add(1, Ordering::Relaxed);
                let stadium = Stadium::nth(nth / u64::from(STADIUM_SEATS));
                // Less than the seats of a stadium.
                let seat = (nth % u64::from(STADIUM_SEATS)) as u32;
                ask(home, None, stadium.hold_chosen(seat)).await?;
            }
        }
        Ok(())
    }

    async fn set_voters(&self) -> anyhow::Result<()> {
        let voters = (1..=MEMBERS).map(NodeId).collect();
        match self {
            Self::Records(group) => group.set_members(voters, [].into()).await?,
            Self::Holds { home, .. } => home.group().set_members(voters, [].into()).await?,
        }
        Ok(())
    }
}

struct Replica {
    proposed: Proposed,
    work: Work,
}

impl Replica {
    async fn serve(orders: Orders) -> anyhow::Result<()> {
        let Orders { node, folder, addresses, work } = orders;
        let own = addresses.get(usize::try_from(node - 1)?).context("it has no address")?;
        let identity = NodeIdentity::from_pem(&std::fs::read_to_string(folder.join("node.pem"))?)?;
        let switch = Switch::new();
        let transport =
            QuicTransport::bind(QuicOptions::new(*own), Arc::clone(&switch), IdentityStore::new(identity)?)?;
        for (peer, address) in (1..).zip(&addresses).filter(|(peer, _address)| *peer != node) {
            transport.set_address(NodeId(peer), *address);
        }
        let network = GroupNetwork::new(Arc::clone(&transport) as _, &switch);
        let founds = node == 1;
        let store = Store::open(StoreOptions::new(&folder))?;
        let proposed = match work {
            Work::Record => {
                let clock =
                    || SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as u64;
                let options = GroupOptions::new(GroupId(1), NodeId(node), Arc::new(clock));
                Proposed::Records(match founds {
                    true => Group::found(&store, &network, options, Recorder::default()).await?,
                    false => Group::open(&store, &network, options, Recorder::default()).await?,
                })
            }
            Work::Hold => {
                let pipeline = Pipeline::over(store, NodeId(node), network, founds).await?;
                Proposed::Holds { home: pipeline.home(), next: Arc::default() }
            }
        };
        let answering = proposed.clone();
        switch.on_stream(Kind::Forward, move |from, stream| {
            let proposed = answering.clone();
            tokio::spawn(async move {
                let answered = answer_call(stream, from, async |_command| match proposed.once().await {
                    Ok(()) => Bytes::from_static(&[1]),
                    Err(_refused) => Bytes::new(),
                });
                // Who asked is gone.
                let _ = answered.await;
            });
        });
        Self { proposed, work }.obey().await
    }

    /// Does what it reads until there is nothing more to read.
    async fn obey(self) -> anyhow::Result<()> {
        let mut out = std::io::stdout();
        writeln!(out, "null")?;
        let (lines, mut questions) = tokio::sync::mpsc::channel(1);
        // Reading a line blocks.
        std::thread::spawn(move || {
            for line in std::io::stdin().lines().map_while(Result::ok) {
                if lines.blocking_send(line).is_err() {
                    return;
                }
            }
        });
        while let Some(line) = questions.recv().await {
            let answer = match serde_json::from_str(&line)? {
                Question::Gather => {
                    self.proposed.set_voters().await?;
                    if self.work == Work::Hold {
                        self.put_on_sale().await?;
                    }
                    serde_json::Value::Null
                }
                Question::Run { callers, seconds } => {
                    let proposed = self.proposed.clone();
                    let asked = move |_caller| {
                        let proposed = proposed.clone();
                        async move { proposed.once().await }
                    };
                    serde_json::to_value(measure(callers, Duration::from_secs(seconds), asked).await?)?
                }
            };
            writeln!(out, "{answer}")?;
        }
        Ok(())
    }

    /// Enough stadiums for all that a measurement can hold.
    async fn put_on_sale(&self) -> anyhow::Result<()> {
        const STADIUMS: u64 = 200;
        let Proposed::Holds { home, .. } = &self.proposed else { bail!("there is no ledger") };
        for nth in 0..STADIUMS {
            Stadium::open(home, nth).await?;
        }
        Ok(())
    }
}
