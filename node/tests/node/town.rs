//! Nodes of one cluster, in one process, each with its folder, its ports and its HTTP.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use marquee_config::{NodeGroup, NodeNetwork, Settings};
use marquee_ledger::AccountId;
use marquee_node::accounts::service::NewAccount;
use marquee_node::accounts::{Password, Role, Roles, create_account};
use marquee_node::catalog::{Action, By, Command, Created, Outcome};
use marquee_node::cluster::identity::Belonging;
use marquee_node::cluster::joining;
use marquee_node::http::App;
use marquee_node::node::{Node, facts};
use marquee_replication::trust::JoinToken;
use marquee_replication::{GroupId, NodeId};
use serde_json::{Value, json as value};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::cluster::{LIFETIME, PASSWORD, with_network};
use crate::house::{Answer, ask, json, send};

/// Guards against waiting for ever; far longer than anything takes.
const GUARD: Duration = Duration::from_secs(60);

/// Fails the test instead of hanging.
pub(crate) async fn guarded<T>(what: &str, wait: impl Future<Output = T>) -> T {
    match tokio::time::timeout(GUARD, wait).await {
        Ok(done) => done,
        Err(_elapsed) => panic!("{what} takes for ever"),
    }
}

/// A node that runs.
pub(crate) struct Member {
    pub(crate) app: App,
    pub(crate) address: SocketAddr,
    node: Arc<Node>,
    serving: JoinHandle<()>,
}

/// The nodes of a cluster, by number; some run.
pub(crate) struct Town {
    folders: BTreeMap<u64, (TempDir, Settings)>,
    members: BTreeMap<u64, Member>,
    operator: String,
    gateway: Option<String>,
    /// The node that joins as a box office.
    box_office: Option<u64>,
}

impl Town {
    /// So many nodes, whose groups have so many replicas.
    pub(crate) async fn of(nodes: u64, replicas: u8) -> Self {
        Self::with(nodes, replicas, None).await
    }

    /// The same, with a gateway that takes money.
    pub(crate) async fn with(nodes: u64, replicas: u8, gateway: Option<String>) -> Self {
        Self::with_box_office(nodes, replicas, gateway, None).await
    }

    /// The same, and one of them is a box office.
    pub(crate) async fn with_box_office(
        nodes: u64,
        replicas: u8,
        gateway: Option<String>,
        box_office: Option<u64>,
    ) -> Self {
        let (folders, members) = (BTreeMap::new(), BTreeMap::new());
        let mut town = Self { folders, members, operator: String::new(), gateway, box_office };
        let (folder, settings) = town.folder(1, replicas);
        Belonging::found(folder.path(), "stage", LIFETIME).unwrap();
        town.folders.insert(1, (folder, settings));
        town.start(1).await;
        town.until("the directory is founded", 1, |app| app.home.commons().views.now().nodes().len() == 1)
            .await;
        town.sign_in().await;
        for node in 2..=nodes {
            town.join(node, replicas).await;
        }
        town
    }

    async fn sign_in(&mut self) {
        let email = "ops@example.com";
        let account = NewAccount {
            email: email.parse().unwrap(),
            name: "Operator".parse().unwrap(),
            zip: None,
            password: Password::new(PASSWORD),
        };
        let (app, roles) = (self.app(1).clone(), Roles::default().with(Role::Operator));
        create_account(&app.home, &app.passwords, None, account, roles).await.unwrap();
        let body = value!({"email": email, "password": PASSWORD});
        let session = self.ask(1, "POST", "/v1/sessions", &body).await;
        assert_eq!(session.status, 201, "{session:?}");
        self.operator = session.json()["access_token"].as_str().unwrap().to_owned();
    }

    async fn join(&mut self, node: u64, replicas: u8) {
        let made = self.ask(1, "POST", "/v1/cluster/tokens", &value!({"lifetime_seconds": 600})).await.json();
        let token: JoinToken = made["token"].as_str().unwrap().parse().unwrap();
        let (folder, settings) = self.folder(node, replicas);
        let quic = settings.network.as_ref().unwrap().listen.socket_addr();
        let said = facts(&settings, SocketAddr::from(([127, 0, 0, 1], 80)), quic);
        let member = self.app(1).net.as_ref().unwrap().address;
        let belonging = guarded("joining", joining::join(&settings, said, member, &token)).await.unwrap();
        assert_eq!(belonging.node(), NodeId(node));
        self.folders.insert(node, (folder, settings));
        self.start(node).await;
    }

    fn folder(&self, node: u64, replicas: u8) -> (TempDir, Settings) {
        let (folder, mut settings) = folder(node, replicas);
        if self.box_office == Some(node) {
            settings.node.group = NodeGroup::Solo;
        }
        settings.cluster.payments.url = self.gateway.clone().map(|url| url.try_into().unwrap());
        (folder, settings)
    }

    pub(crate) async fn start(&mut self, node: u64) {
        let settings = self.folders[&node].1.clone();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let node_handle = Arc::new(guarded("opening a node", Node::open(settings, address)).await.unwrap());
        let app = node_handle.app().clone();
        let serving = tokio::spawn({
            let node = Arc::clone(&node_handle);
            async move { node.serve(listener).await.unwrap() }
        });
        self.members.insert(node, Member { app, address, node: node_handle, serving });
    }

    pub(crate) async fn stop(&mut self, node: u64) {
        let Member { app, node, serving, .. } = self.members.remove(&node).unwrap();
        app.stopping.cancel();
        guarded("answering what was in flight", serving).await.unwrap();
        drop(app);
        let node = Arc::into_inner(node).expect("nobody else has the node");
        guarded("closing a node", node.close()).await.unwrap();
    }

    pub(crate) async fn stop_all(mut self) {
        for node in self.members.keys().copied().collect::<Vec<_>>() {
            self.stop(node).await;
        }
    }

    /// The nodes that run.
    pub(crate) fn members(&self) -> impl Iterator<Item = (u64, &Member)> {
        self.members.iter().map(|(node, member)| (*node, member))
    }

    pub(crate) fn address(&self, node: u64) -> SocketAddr {
        self.members[&node].address
    }

    pub(crate) fn settings(&self, node: u64) -> Settings {
        self.folders[&node].1.clone()
    }

    pub(crate) fn app(&self, node: u64) -> &App {
        &self.members[&node].app
    }

    /// The operator's access token.
    pub(crate) fn operator(&self) -> &str {
        &self.operator
    }

    /// Asks a node as the operator, once there is one.
    pub(crate) async fn ask(&self, node: u64, method: &str, path: &str, body: &Value) -> Answer {
        let mut request = ask(method, path);
        if !self.operator.is_empty() {
            request = request.header("authorization", format!("Bearer {}", self.operator));
        }
        let request = match body.is_null() {
            true => request.body(Full::default()).unwrap(),
            false => json(request, &body.to_string()),
        };
        guarded("an answer", send(self.members[&node].address, request)).await
    }

    /// Makes something of the catalog, through a node.
    pub(crate) async fn create(&self, node: u64, action: Action) -> Created {
        let outcome = self.change(node, action).await;
        let Outcome::Created(created) = outcome else { panic!("{outcome:?}") };
        created[0]
    }

    /// Changes the catalog, through a node.
    pub(crate) async fn change(&self, node: u64, action: Action) -> Outcome {
        let by = By { account: AccountId(1), operator: true };
        let asked = self.app(node).home.catalog(None, Command { by, action });
        guarded("a change", asked).await.unwrap().unwrap()
    }

    /// Waits until something is so on a node. What nodes know comes with the feed; who is home, with elections.
    pub(crate) async fn until(&self, what: &str, node: u64, is_so: impl Fn(&App) -> bool) {
        let app = self.app(node);
        let mut changes = app.home.commons().spread.changes();
        let wait = async {
            while !is_so(app) {
                // Homes and members change without the feed's saying so.
                let _ = tokio::time::timeout(Duration::from_millis(50), changes.changed()).await;
            }
        };
        guarded(what, wait).await;
    }

    /// Waits until a group's home is a node, as that node itself says.
    pub(crate) async fn until_home(&self, group: u64, node: u64) {
        let is_home =
            |app: &App| app.home.commons().replica(GroupId(group)).is_some_and(|replica| replica.is_home());
        self.until(&format!("group {group} at home on {node}"), node, is_home).await;
    }
}

fn folder(node: u64, replicas: u8) -> (TempDir, Settings) {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = with_network(&format!("node-{node}"));
    settings.storage.data_dir = folder.path().to_owned();
    settings.cluster.replication.replicas = replicas;
    // A busy machine is as slow as a wide network.
    settings.cluster.replication.wan = true;
    let listen = settings.network.as_ref().unwrap().listen;
    settings.network = Some(NodeNetwork { listen, ..NodeNetwork::default() });
    (folder, settings)
}
