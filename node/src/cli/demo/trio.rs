//! Three nodes as processes of their own, in regions far apart, on this machine's loopback.
//!
//! The first start makes the cluster within this process: it founds it, lets two nodes join, loads the catalog, and
//! closes everything. From then on each node is a process that can be killed and started like any other.

use std::net::{SocketAddr, TcpListener as Probe};
use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};
use std::time::Duration;

use marquee_config::Settings;
use marquee_replication::trust::JoinToken;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::{DemoArguments, ORGANIZER, Told, ToldNode, gateway_address, make_accounts};
use crate::cli::{Failed, gateway, import, logging, output, runtime, signals};
use crate::cluster::identity::Belonging;
use crate::cluster::joining;
use crate::directory;
use crate::node::{Node, facts};

/// The regions: name, latitude, longitude, and the one-way delay to each in milliseconds with `--wan`.
const REGIONS: [(&str, f64, f64, [u64; 3]); 3] = [
    ("us-east", 40.71, -74.01, [0, 38, 95]),
    ("eu-west", 51.51, -0.13, [38, 0, 60]),
    ("ap-south", 19.08, 72.88, [95, 60, 0]),
];
/// How long the nodes may take to be ready.
const READY_MAX: Duration = Duration::from_secs(180);
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// A node before it runs.
struct Plan {
    name: &'static str,
    http: SocketAddr,
    file: PathBuf,
    settings: Settings,
}

pub(super) fn run(arguments: &DemoArguments) -> Result<ExitCode, Failed> {
    logging::start(&super::settings()?.logging)?;
    runtime()?.block_on(async {
        let gateway_at = gateway_address(arguments.listen);
        let listener = TcpListener::bind(gateway_at).await.map_err(|error| {
            Failed::new(format!(
                "cannot listen on {gateway_at} for the gateway: {error}; choose another --listen"
            ))
        })?;
        let gateway_at = listener.local_addr()?;
        let plans = plans(arguments, &format!("http://{gateway_at}"))?;
        let sandbox = gateway::start(listener, Some(format!("http://{}", plans[0].http)))?;
        set_up(&plans, arguments.empty).await?;
        let status = run_nodes(&plans, sandbox.base_url(), arguments).await;
        sandbox.stop().await;
        status
    })
}

/// The three nodes, with their settings written into their folders.
fn plans(arguments: &DemoArguments, gateway: &str) -> Result<Vec<Plan>, Failed> {
    let mut plans = Vec::with_capacity(REGIONS.len());
    for (nth, (name, ..)) in (0u16..).zip(REGIONS) {
        let port = match (arguments.listen.port(), nth) {
            (0, _) => Probe::bind((arguments.listen.ip(), 0))?.local_addr()?.port(),
            (port, 0) => port,
            // The gateway has the next one.
            (port, nth) => port
                .checked_add(nth + 1)
                .ok_or_else(|| Failed::usage("choose a lower --listen".to_owned()))?,
        };
        let http = SocketAddr::new(arguments.listen.ip(), port);
        let folder = arguments.data.join(name);
        std::fs::create_dir_all(&folder)?;
        let file = folder.join("node.toml");
        let text = settings_text(nth.into(), http, &folder, gateway, arguments.wan);
        std::fs::write(&file, &text)?;
        let settings = Settings::parse(&text, &file.display().to_string());
        let settings = settings.map_err(|error| Failed::usage(error.to_string()))?;
        plans.push(Plan { name, http, file, settings });
    }
    Ok(plans)
}

fn settings_text(nth: usize, http: SocketAddr, folder: &Path, gateway: &str, wan: bool) -> String {
    let (name, _, _, delays) = REGIONS[nth];
    let mut text = format!(
        "# Written by `marquee demo`, anew at every start.\n\n[node]\nname = \"{name}\"\nregion = \"{name}\"\n\n\
         [http]\nlisten = \"{http}\"\n\n[network]\nlisten = \"{http}\"\n"
    );
    if wan {
        let delays = REGIONS.iter().zip(delays).filter(|(_, delay)| *delay > 0);
        let delays: Vec<_> =
            delays.map(|((region, ..), delay)| format!("{region} = \"{delay}ms\"")).collect();
        text.push_str(&format!("delay = {{ {} }}\n", delays.join(", ")));
    }
    text.push_str(&format!("\n[storage]\ndata_dir = {:?}\n", folder.display().to_string()));
    text.push_str("\n[limits]\nloopback_exempt = true\n\n[logging]\nfilter = \"warn\"\n");
    text.push_str(&format!("\n[cluster.payments]\ngateway = \"sandbox\"\nurl = \"{gateway}\"\n"));
    if wan {
        text.push_str("\n[cluster.replication]\nwan = true\n");
    }
    for (region, lat, lon, _) in REGIONS {
        text.push_str(&format!("\n[cluster.regions.{region}]\nlocation = {{ lat = {lat}, lon = {lon} }}\n"));
    }
    text
}

/// Makes the cluster, as far as it is not there yet.
async fn set_up(plans: &[Plan], empty: bool) -> Result<(), Failed> {
    let first = &plans[0].settings.storage.data_dir;
    let ready = first.join("demo-is-set-up");
    if ready.exists() {
        return Ok(());
    }
    let lifetime = plans[0].settings.cluster.trust.certificate_lifetime;
    if Belonging::read(first)?.is_none() {
        Belonging::found(first, "demo", lifetime)?;
    }
    let mut nodes = vec![Node::open(plans[0].settings.clone(), plans[0].http).await?];
    until(&nodes, |node| !node.app().home.commons().views.now().nodes().is_empty()).await?;
    for plan in &plans[1..] {
        join(&nodes[0], plan).await?;
    }
    for plan in &plans[1..] {
        nodes.push(Node::open(plan.settings.clone(), plan.http).await?);
    }
    // Everything that is written from here on is on all three.
    until(&nodes, |node| node.app().home.group().members().voters.len() == REGIONS.len()).await?;
    again(async || make_accounts(&nodes[0]).await).await?;
    if !empty {
        again(async || import::demo_catalog(&nodes[0], ORGANIZER).await).await?;
    }
    for node in nodes {
        node.close().await?;
    }
    std::fs::write(ready, "")?;
    Ok(())
}

/// Does something that goes on where it was interrupted, until it is done: on a busy machine a group may lose its home
/// for a moment.
async fn again(todo: impl AsyncFn() -> Result<(), Failed>) -> Result<(), Failed> {
    let deadline = Instant::now() + READY_MAX;
    loop {
        match todo().await {
            Err(_not_yet) if Instant::now() < deadline => tokio::time::sleep(LOOK_AGAIN).await,
            done => return done,
        }
    }
}

async fn join(member: &Node, plan: &Plan) -> Result<(), Failed> {
    if Belonging::read(&plan.settings.storage.data_dir)?.is_some() {
        return Ok(());
    }
    let Some(net) = member.net() else { return Err(Failed::new("the first node has no network")) };
    let home = &member.app().home;
    let token = JoinToken::generate(net.belonging.authority().fingerprint())?;
    let expires_ms = home.now_ms() + 60_000;
    let issue = directory::Command::IssueToken { hash: token.secret_hash(), expires_ms };
    home.directory(None, issue).await??;
    let facts = facts(&plan.settings, plan.http, plan.http);
    joining::join(&plan.settings, facts, net.address, &token).await?;
    Ok(())
}

/// Waits until something holds on all nodes.
async fn until(nodes: &[Node], holds: impl Fn(&Node) -> bool) -> Result<(), Failed> {
    let all = async {
        while !nodes.iter().all(&holds) {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    };
    tokio::time::timeout(READY_MAX, all)
        .await
        .map_err(|_elapsed| Failed::new("the nodes do not find each other"))
}

async fn run_nodes(plans: &[Plan], gateway: String, arguments: &DemoArguments) -> Result<ExitCode, Failed> {
    let program = std::env::current_exe()?;
    let mut children = Vec::with_capacity(plans.len());
    // A node whose input ends stops in order, also when this process is killed.
    let mut inputs = Vec::with_capacity(plans.len());
    for plan in plans {
        let mut child = Command::new(&program)
            .args(["serve", "--stop-with-input", "--config"])
            .arg(&plan.file)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        // Waiting for a child would close its input.
        inputs.push(child.stdin.take());
        children.push(child);
    }
    let mut told = Vec::with_capacity(plans.len());
    for (plan, child) in plans.iter().zip(&mut children) {
        ready(plan, child).await?;
        let http = format!("http://{}", plan.http);
        let pid = child.id().unwrap_or_default();
        told.push(ToldNode { name: plan.name.to_owned(), region: plan.name.to_owned(), http, pid });
    }
    Told::new(told, gateway).tell(arguments);

    let mut running = JoinSet::new();
    for (plan, mut child) in plans.iter().zip(children) {
        let (name, file) = (plan.name, plan.file.clone());
        running.spawn(async move { (name, file, child.wait().await) });
    }
    let mut asked = std::pin::pin!(signals::asked_to_stop());
    let mut is_stopping = false;
    loop {
        tokio::select! {
            ended = running.join_next() => match ended {
                Some(Ok((name, file, status))) if !is_stopping => {
                    let status = status.map_or_else(|error| error.to_string(), |status| status.to_string());
                    let program = program.display();
                    output::notice(&format!(
                        "{name} ended ({status}); its venues sell on at the others. Start it again with:\n  \
                         {program} serve --config {}",
                        file.display()
                    ));
                }
                Some(_ended) => {}
                None => break,
            },
            asked = asked.as_mut(), if !is_stopping => {
                asked?;
                is_stopping = true;
                inputs.clear();
            }
        }
    }
    if is_stopping { Ok(ExitCode::SUCCESS) } else { Err(Failed::new("all nodes have ended")) }
}

/// Waits until a node answers.
async fn ready(plan: &Plan, child: &mut Child) -> Result<(), Failed> {
    let answers = async {
        while !is_healthy(plan.http).await {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    };
    tokio::select! {
        answered = tokio::time::timeout(READY_MAX, answers) => {
            answered.map_err(|_elapsed| Failed::new(format!("{} does not answer", plan.name)))
        }
        ended = child.wait() => Err(Failed::new(format!("{} ended at its start: {}", plan.name, ended?))),
    }
}

async fn is_healthy(address: SocketAddr) -> bool {
    let asked = async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(b"GET /health HTTP/1.1\r\nhost: node\r\nconnection: close\r\n\r\n").await?;
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await?;
        Ok::<_, std::io::Error>(answer == *b"HTTP/1.1 204")
    };
    asked.await.unwrap_or(false)
}
