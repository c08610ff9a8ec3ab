//! Three nodes of one cluster in this process, with a hall of many seats on sale.

use std::net::{SocketAddr, TcpListener as Probe};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use marquee_config::{ByteSize, NodeNetwork, PasswordCost, Settings};
use marquee_ledger::audit::{Report, audit, contested};
use marquee_ledger::{AccountId, PerformanceId, VenueId};
use marquee_node::accounts::{Role, Roles, SessionId};
use marquee_node::catalog::{Action, By, Command, Created, Outcome};
use marquee_node::cluster::identity::Belonging;
use marquee_node::cluster::joining;
use marquee_node::directory;
use marquee_node::home::Home;
use marquee_node::node::{Node, facts};
use marquee_node::payments::Secret;
use marquee_node::payments::sandbox::{SandboxOptions, Server, USUAL_API_KEY};
use marquee_replication::GroupId;
use marquee_replication::trust::JoinToken;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::house::{Answer, ask, send_to};
use crate::show::{self, ORGANIZER, Terms};

const NAMES: [&str; 3] = ["first", "second", "third"];
const LIFETIME: Duration = Duration::from_secs(24 * 3_600);
/// How long the nodes may take to find each other, and a move to come to its end.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// See the module.
pub(crate) struct Trio {
    nodes: Vec<Option<Running>>,
    sandbox: Server,
}

struct Running {
    node: Arc<Node>,
    settings: Settings,
    address: SocketAddr,
    serving: JoinHandle<()>,
    folder: Option<TempDir>,
}

/// What is on sale.
#[derive(Clone)]
pub(crate) struct OnSale {
    pub(crate) venue: VenueId,
    pub(crate) performance: PerformanceId,
    /// The ids of the seats.
    pub(crate) seats: Vec<String>,
}

impl Trio {
    /// Three nodes whose groups all have three replicas.
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let sandbox = Server::start(listener, SandboxOptions::new(Secret::new(USUAL_API_KEY))).unwrap();
        let mut trio = Self { nodes: Vec::new(), sandbox };
        for name in NAMES {
            let folder = tempfile::tempdir().unwrap();
            let mut settings = settings(name, &trio.sandbox.base_url());
            settings.storage.data_dir = folder.path().to_owned();
            match trio.nodes.first().and_then(Option::as_ref) {
                None => drop(Belonging::found(folder.path(), "stage", LIFETIME).unwrap()),
                Some(first) => join(&first.node, &settings).await,
            }
            let mut running = Running::start(settings).await;
            running.folder = Some(folder);
            trio.nodes.push(Some(running));
            // Whoever joins asks the directory, which the first node makes.
            let joined = trio.nodes.len();
            trio.until("nodes know each other", |home| home.commons().views.now().nodes().len() >= joined)
                .await;
        }
        trio.until("groups have their replicas", |home| home.group().members().voters.len() == 3).await;
        trio
    }

    /// Puts a hall of so many rows of ten on sale.
    pub(crate) async fn sell(&self, rows: usize) -> OnSale {
        let facts = show::venue_facts("Move Theater");
        let Created::Venue(venue) = self.create(Action::CreateVenue { number: None, key: None, facts }).await
        else {
            panic!()
        };
        let (name, seat_map) = ("Main".to_owned(), Box::new(show::rows_of_ten(rows)));
        let Created::Hall(hall) = self.create(Action::CreateHall { venue, key: None, name, seat_map }).await
        else {
            panic!()
        };
        let events = vec![(None, show::event_facts())];
        let Created::Event(event) = self.create(Action::CreateEvents { events }).await else { panic!() };
        let offer = show::offer(&Terms { hold_ms: 600_000, ticket_limit: 0 }, self.home(0).now_ms());
        let event_owner = Some(ORGANIZER);
        let create = Action::CreatePerformance { key: None, event, event_owner, hall, offer };
        let Created::Performance(performance) = self.create(create).await else { panic!() };
        self.until("the hall is known", |home| home.catalog_copy().read().performance(performance).is_some())
            .await;
        let map = self.get(0, &format!("/v1/performances/{performance}/seats")).await.json();
        let seats = map["seats"].as_array().unwrap().iter();
        let seats = seats.map(|seat| seat["id"].as_str().unwrap().to_owned()).collect();
        OnSale { venue, performance, seats }
    }

    async fn create(&self, action: Action) -> Created {
        let by = By { account: ORGANIZER, operator: false };
        match self.home(0).catalog(None, Command { by, action }).await.unwrap() {
            Ok(Outcome::Created(created)) => created[0],
            other => panic!("{other:?}"),
        }
    }

    fn running(&self, nth: usize) -> &Running {
        self.nodes[nth].as_ref().expect("the node runs")
    }

    /// A node's own group, on that node.
    pub(crate) fn home(&self, nth: usize) -> Home {
        self.running(nth).node.app().home.clone()
    }

    /// Where the nodes are that run.
    pub(crate) fn addresses(&self) -> Vec<SocketAddr> {
        self.nodes.iter().flatten().map(|running| running.address).collect()
    }

    /// Waits until something is so on all nodes that run.
    pub(crate) async fn until(&self, what: &str, holds: impl Fn(&Home) -> bool) {
        let all = async {
            while !self.nodes.iter().flatten().all(|running| holds(&running.node.app().home)) {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        };
        tokio::time::timeout(PATIENCE, all).await.unwrap_or_else(|_elapsed| panic!("not yet: {what}"));
    }

    pub(crate) async fn get(&self, nth: usize, path: &str) -> Answer {
        let request = ask("GET", path).header("authorization", self.operator(nth));
        send_to(self.running(nth).address, request.body(Full::default()).unwrap()).await
    }

    pub(crate) async fn post(&self, nth: usize, path: &str, body: &Value) -> Answer {
        let request = ask("POST", path)
            .header("content-type", "application/json")
            .header("authorization", self.operator(nth));
        send_to(self.running(nth).address, request.body(Full::<Bytes>::from(body.to_string())).unwrap()).await
    }

    fn operator(&self, nth: usize) -> String {
        let app = self.running(nth).node.app();
        let now_ms = app.now_ms();
        let roles: Roles = [Role::Operator].into_iter().collect();
        let (token, _claims) = app.tokens.issue(AccountId(9), SessionId::random(now_ms), roles, now_ms);
        format!("Bearer {token}")
    }

    /// Has the venue moved to a node's own group, and waits until every node knows that it has; tells for how many
    /// milliseconds it was frozen.
    pub(crate) async fn move_venue(&self, on_sale: &OnSale, to: usize) -> Option<u64> {
        let asks = self.nodes.iter().position(Option::is_some).expect("some node runs");
        self.begin_move(on_sale, asks, to).await;
        self.has_moved(on_sale, to).await;
        let path = format!("/v1/cluster/venues/{}/move", on_sale.venue);
        self.get(asks, &path).await.json()["frozen_ms"].as_u64()
    }

    pub(crate) async fn begin_move(&self, on_sale: &OnSale, asks: usize, to: usize) {
        let path = format!("/v1/cluster/venues/{}/move", on_sale.venue);
        let begun = self.post(asks, &path, &json!({ "to": NAMES[to] })).await;
        assert_eq!((begun.status.as_u16(), &begun.json()["decided"]), (200, &json!(true)), "{begun:?}");
    }

    pub(crate) async fn has_moved(&self, on_sale: &OnSale, to: usize) {
        let group = GroupId(to as u64 + 1);
        let number = on_sale.venue.owner();
        self.until("the venue has moved", |home| {
            let view = home.commons().views.now();
            let placement = view.placements()[&number];
            placement.group == group && placement.moving_to.is_none()
        })
        .await;
    }

    /// Stops a node; what it was home of goes to the others.
    pub(crate) async fn stop(&mut self, nth: usize) {
        let running = self.nodes[nth].take().expect("the node runs");
        running.stop().await;
    }

    /// The audits of the groups' ledgers, each on the node that is its home; all are whole, and no venue is sold twice.
    pub(crate) async fn audits(&self) -> Vec<(String, Report)> {
        let mut reports = Vec::new();
        for group in (1..=NAMES.len() as u64).map(GroupId) {
            let running = self.nodes.iter().flatten();
            let replicas = running.filter_map(|running| running.node.app().home.commons().replica(group));
            let home = replicas.into_iter().find(Home::is_home).expect("somebody is home");
            home.read_barrier().await.unwrap();
            let snapshot = home.snapshot().unwrap();
            let report = audit(snapshot.parts_journal().0, &group.namespace(), &mut |_progress| {}).unwrap();
            assert!(report.is_whole(), "{group}: {:#?}", report.violations);
            reports.push((group.to_string(), report));
        }
        let seen: Vec<_> = reports.iter().map(|(name, report)| (name.clone(), report)).collect();
        assert_eq!(contested(&seen), Vec::<String>::new());
        reports
    }

    pub(crate) async fn close(mut self) {
        for running in self.nodes.drain(..).flatten() {
            running.stop().await;
        }
        self.sandbox.stop().await;
    }
}

impl Running {
    async fn start(settings: Settings) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let node = Arc::new(Node::open(settings.clone(), address).await.unwrap());
        let serves = Arc::clone(&node);
        let serving = tokio::spawn(async move { serves.serve(listener).await.unwrap() });
        Self { node, settings, address, serving, folder: None }
    }

    async fn stop(self) {
        self.node.app().stopping.cancel();
        self.serving.await.unwrap();
        let node = Arc::into_inner(self.node).expect("nobody else has the node");
        node.close().await.unwrap();
        drop((self.settings, self.folder));
    }
}

fn settings(name: &str, gateway: &str) -> Settings {
    let port = Probe::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut settings = Settings {
        network: Some(NodeNetwork { listen: port.into(), ..NodeNetwork::default() }),
        ..Settings::default()
    };
    settings.node.name = name.to_owned().try_into().unwrap();
    settings.limits.loopback_exempt = true;
    settings.cluster.payments.url = Some(gateway.to_owned().try_into().unwrap());
    settings.cluster.accounts.password =
        PasswordCost { memory: ByteSize::kib(64), iterations: 1, parallelism: 1 };
    settings
}

async fn join(member: &Node, settings: &Settings) {
    let (net, home) = (member.net().unwrap(), &member.app().home);
    let token = JoinToken::generate(net.belonging.authority().fingerprint()).unwrap();
    let expires_ms = home.now_ms() + 60_000;
    let issue = directory::Command::IssueToken { hash: token.secret_hash(), expires_ms };
    home.directory(None, issue).await.unwrap().unwrap();
    let at = settings.network.as_ref().unwrap().listen.to_string().parse().unwrap();
    joining::join(settings, facts(settings, at, at), net.address, &token).await.unwrap();
}
