//! The operators' side: a lone node, the first of a cluster, and one that joins.

use std::net::UdpSocket;

use axum::http::Request;
use bytes::Bytes;
use http_body_util::Full;
use marquee_config::{ByteSize, NodeNetwork, PasswordCost, Settings};
use marquee_node::accounts::service::NewAccount;
use marquee_node::accounts::{Password, Role, Roles, create_account};
use marquee_node::cluster::identity::Belonging;
use marquee_replication::trust::JoinToken;
use serde_json::{Value, json as value};

use crate::house::{Answer, House, ask, json};

pub(crate) const PASSWORD: &str = "correct horse";
pub(crate) const LIFETIME: std::time::Duration = std::time::Duration::from_secs(24 * 3_600);

pub(crate) fn settings(name: &str) -> Settings {
    let mut settings = Settings::default();
    settings.node.name = name.to_owned().try_into().unwrap();
    settings.limits.loopback_exempt = true;
    settings.cluster.accounts.password =
        PasswordCost { memory: ByteSize::kib(64), iterations: 1, parallelism: 1 };
    settings
}

/// The settings of a node that has peers, at a port that is free.
pub(crate) fn with_network(name: &str) -> Settings {
    let port = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    Settings {
        network: Some(NodeNetwork { listen: port.into(), ..NodeNetwork::default() }),
        ..settings(name)
    }
}

/// The first node of a cluster, once it knows that.
async fn founded() -> House {
    let folder = tempfile::tempdir().unwrap();
    Belonging::found(folder.path(), "stage", LIFETIME).unwrap();
    let house = House::over(folder, with_network("first"), None, |_app, router| router).await;
    until_nodes(&house, 1).await;
    house
}

/// Waits until a node knows of so many nodes.
async fn until_nodes(house: &House, count: usize) {
    let views = &house.app.home.commons().views;
    let mut changes = views.changes();
    while views.now().nodes().len() < count {
        changes.changed().await.unwrap();
    }
}

/// Somebody's access token.
pub(crate) async fn signed_in(house: &House, email: &str, role: Option<Role>) -> String {
    let account = NewAccount {
        email: email.parse().unwrap(),
        name: "Staff".parse().unwrap(),
        zip: None,
        password: Password::new(PASSWORD),
    };
    let roles = role.map_or_else(Roles::default, |role| Roles::default().with(role));
    create_account(&house.app.home, &house.app.passwords, None, account, roles).await.unwrap();
    let body = value!({"email": email, "password": PASSWORD}).to_string();
    let session = house.post("/v1/sessions", &body).await;
    assert_eq!(session.status, 201, "{session:?}");
    session.json()["access_token"].as_str().unwrap().to_owned()
}

/// Asks with an access token; a body that is null is none.
async fn send(house: &House, token: &str, method: &str, path: &str, body: &Value) -> Answer {
    let request = ask(method, path).header("authorization", format!("Bearer {token}"));
    house.send(with_body(request, body)).await
}

fn with_body(request: axum::http::request::Builder, body: &Value) -> Request<Full<Bytes>> {
    if body.is_null() {
        return request.body(Full::default()).unwrap();
    }
    json(request, &body.to_string())
}

#[tokio::test]
async fn a_lone_node_tells_of_itself_and_is_no_cluster() {
    let house = House::with(settings("alone"), None, |_app, router| router).await;
    let operator = signed_in(&house, "ops@example.com", Some(Role::Operator)).await;
    let read = send(&house, &operator, "GET", "/v1/cluster", &Value::Null).await;
    assert_eq!((read.status.as_u16(), read.header("cache-control")), (200, "no-store"));
    let cluster = read.json();
    assert_eq!((&cluster["cluster"], &cluster["answered_by"]), (&Value::Null, &value!("n1")));
    assert_eq!((&cluster["healthy"], &cluster["findings"]), (&value!(true), &value!([])));
    let node = &cluster["nodes"][0];
    assert_eq!((&node["name"], &node["liveness"]), (&value!("alone"), &value!("alive")), "{node}");
    assert_eq!((&node["homes"], &node["replicas"]), (&value!(["g1"]), &value!(1)));
    let group = &cluster["groups"][0];
    assert_eq!((&group["home"], &group["told_by"]), (&value!("n1"), &value!("home")), "{group}");
    assert_eq!(group["replicas"], value!([{"node": "n1", "role": "voter", "lag": 0}]));
    assert_eq!(group["account_shards"].as_array().unwrap().len(), 64);
    assert!(group["applied_index"].as_u64().unwrap() > 0, "{group}");

    for (method, path) in [
        ("POST", "/v1/cluster/nodes/n1/drain?plan=true"),
        ("POST", "/v1/cluster/nodes/n1/rejoin"),
        ("POST", "/v1/cluster/nodes/n1/removal?force=true"),
    ] {
        send(&house, &operator, method, path, &Value::Null).await.problem(409, "no-cluster");
    }
    send(&house, &operator, "POST", "/v1/cluster/tokens", &value!({})).await.problem(409, "no-cluster");
    let strange = send(&house, &operator, "GET", "/v1/cluster?venues=many", &Value::Null).await;
    strange.problem(400, "invalid-query");
    house.close().await;
}

#[tokio::test]
async fn only_operators_see_the_cluster_and_change_it() {
    let house = founded().await;
    let support = signed_in(&house, "support@example.com", Some(Role::Support)).await;
    for (method, path, body) in [
        ("GET", "/v1/cluster", Value::Null),
        ("POST", "/v1/cluster/tokens", value!({})),
        ("POST", "/v1/cluster/nodes/n1/drain", Value::Null),
        ("POST", "/v1/cluster/nodes/n1/rejoin", Value::Null),
        ("POST", "/v1/cluster/nodes/n1/removal", Value::Null),
        ("PUT", "/v1/cluster/groups/g1/replicas", value!({"nodes": ["n1"]})),
    ] {
        send(&house, &support, method, path, &body).await.problem(403, "forbidden");
        house.send(with_body(ask(method, path), &body)).await.problem(401, "unauthenticated");
    }
    house.close().await;
}

#[tokio::test]
async fn the_first_node_of_a_cluster_makes_tokens_and_cannot_be_spared() {
    let house = founded().await;
    let operator = signed_in(&house, "ops@example.com", Some(Role::Operator)).await;
    let cluster = send(&house, &operator, "GET", "/v1/cluster", &Value::Null).await.json();
    assert_eq!((&cluster["cluster"], &cluster["nodes"][0]["name"]), (&value!("stage"), &value!("first")));
    assert!(cluster["nodes"][0]["certificate_until"].is_string(), "{cluster}");
    assert!(cluster["counters"]["refused"]["handshake"].is_u64(), "{cluster}");

    let tokens = "/v1/cluster/tokens";
    let plan = send(&house, &operator, "POST", &format!("{tokens}?plan=true"), &value!({})).await.json();
    assert_eq!(plan["token"], Value::Null);
    let made = send(&house, &operator, "POST", tokens, &value!({"lifetime_seconds": 60})).await.json();
    made["token"].as_str().unwrap().parse::<JoinToken>().unwrap();
    for strange in [0, 8 * 86_400] {
        let body = value!({"lifetime_seconds": strange});
        send(&house, &operator, "POST", tokens, &body).await.problem(422, "invalid");
    }
    for path in ["drain?plan=true", "drain", "removal?force=true"] {
        let path = format!("/v1/cluster/nodes/first/{path}");
        send(&house, &operator, "POST", &path, &Value::Null).await.problem(409, "last-node");
    }
    for (method, path, body, status, code) in [
        ("POST", "/v1/cluster/nodes/n9/drain", Value::Null, 404, "unknown-node"),
        ("PUT", "/v1/cluster/groups/g9/replicas", value!({"nodes": ["n1"]}), 404, "unknown-group"),
        ("PUT", "/v1/cluster/groups/x/replicas", value!({"nodes": ["n1"]}), 404, "unknown-group"),
        ("PUT", "/v1/cluster/groups/g1/replicas", value!({"nodes": ["n1", "n9"]}), 404, "unknown-node"),
        ("PUT", "/v1/cluster/groups/g1/replicas", value!({"nodes": []}), 422, "unfit-replicas"),
        ("PUT", "/v1/cluster/groups/g1/replicas", value!({"nodes": "n1"}), 422, "invalid-body"),
    ] {
        send(&house, &operator, method, path, &body).await.problem(status, code);
    }
    house.close().await;
}
