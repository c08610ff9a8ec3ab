//! The nearest node over HTTP, and what the pages of other nodes may ask.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use marquee_config::Settings;
use marquee_node::geo::{Candidate, Candidates, Nodes};
use marquee_replication::NodeId;
use serde_json::Value;

use crate::house::{Answer, House, ask};

/// Three nodes around the world, of which this is the first.
const SETTINGS: &str = r#"
    [node]
    name = "new-york-1"
    region = "us-east"
    [http]
    trusted_proxies = ["127.0.0.1"]
    [cluster.regions.us-east]
    location = { lat = 40.7, lon = -74.0 }
    [cluster.regions.eu-west]
    location = { lat = 51.5, lon = -0.1 }
    addresses = ["198.51.100.0/24", "2001:db8:1::/48"]
    [cluster.regions.ap-south]
    location = { lat = 19.1, lon = 72.9 }
    addresses = ["203.0.113.0/24", "198.51.100.128/25"]
"#;

struct World(Nodes);

impl World {
    fn new(down: Option<u64>) -> Arc<Self> {
        let node = |number: u64, name: &str, region: &str| {
            Arc::new(Candidate {
                node: NodeId(number),
                name: name.to_owned(),
                region: region.to_owned(),
                zone: "a".to_owned(),
                location: None,
                url: format!("https://{name}.example.com"),
                addresses: Vec::new(),
                healthy: down != Some(number),
                load_permille: 0,
            })
        };
        Arc::new(Self(Arc::from([
            node(1, "new-york-1", "us-east"),
            node(2, "london-1", "eu-west"),
            node(3, "mumbai-1", "ap-south"),
        ])))
    }
}

impl Candidates for World {
    fn own(&self) -> NodeId {
        NodeId(1)
    }

    fn all(&self) -> Nodes {
        Arc::clone(&self.0)
    }
}

async fn house() -> House {
    let settings = Settings::parse(SETTINGS, "x.toml").unwrap();
    let house = House::with(settings, None, |_app, router| router).await;
    house.app.geo.follow(World::new(None));
    house
}

/// `london-1 new-york-1`: the names in order, and how the place was found.
fn told(answer: &Answer) -> (String, String) {
    let body = answer.json();
    let name = |node: &Value| node["name"].as_str().unwrap().to_owned();
    let mut names = vec![name(&body["node"])];
    names.extend(body["alternatives"].as_array().unwrap().iter().map(name));
    (names.join(" "), body["origin"]["by"].as_str().unwrap().to_owned())
}

async fn from(house: &House, address: &str) -> Answer {
    let request = ask("GET", "/v1/nearest").header("x-forwarded-for", address);
    house.send(request.body(Full::default()).unwrap()).await
}

#[tokio::test]
async fn a_lone_node_names_itself() {
    let house = House::open().await;
    let body = house.get("/v1/nearest").await.json();
    assert_eq!((&body["node"]["name"], &body["answered_by"]), (&"node-1".into(), &"node-1".into()));
    assert_eq!(body["node"]["url"], format!("http://{}", house.address));
    assert_eq!((&body["alternatives"], &body["origin"]["by"]), (&Value::Array(Vec::new()), &"region".into()));
    house.close().await;
}

#[tokio::test]
async fn the_nearest_node_is_found_by_point_zip_and_address() {
    let house = house().await;
    for (query, expected, by) in [
        ("?point=52.5,13.4", "london-1 mumbai-1 new-york-1", "point"),
        ("?point=+1.35,%20103.8", "mumbai-1 london-1 new-york-1", "point"),
        ("?zip=94612", "new-york-1 london-1 mumbai-1", "zip"),
        // An empty field of a form says nothing, and a military post office is nowhere.
        ("?zip=&point=", "new-york-1 london-1 mumbai-1", "region"),
        ("?zip=09002", "new-york-1 london-1 mumbai-1", "region"),
        ("", "new-york-1 london-1 mumbai-1", "region"),
    ] {
        let answer = house.get(&format!("/v1/nearest{query}")).await;
        assert_eq!(told(&answer), (expected.to_owned(), by.to_owned()), "{query}");
    }
    for (address, expected, by) in [
        ("198.51.100.7", "london-1 new-york-1 mumbai-1", "address"),
        ("198.51.100.200", "mumbai-1 london-1 new-york-1", "address"),
        ("2001:db8:1::7", "london-1 new-york-1 mumbai-1", "address"),
        ("192.0.2.1", "new-york-1 london-1 mumbai-1", "region"),
    ] {
        let answer = from(&house, address).await;
        assert_eq!(told(&answer), (expected.to_owned(), by.to_owned()), "{address}");
        assert_eq!(answer.header("cache-control"), "no-store", "it depends on who asks");
    }
    let by_point = house.get("/v1/nearest?point=52.5,13.4").await;
    assert_eq!(by_point.header("cache-control"), "public, max-age=5");
    let nearest = &by_point.json()["node"];
    assert_eq!(nearest["url"], "https://london-1.example.com");
    let distance = nearest["distance_km"].as_f64().unwrap();
    assert!((900.0..960.0).contains(&distance), "{distance}");
    house.close().await;
}

#[tokio::test]
async fn a_node_that_is_down_is_not_named() {
    let house = house().await;
    house.app.geo.follow(World::new(Some(2)));
    assert_eq!(told(&from(&house, "198.51.100.7").await).0, "new-york-1 mumbai-1");
    house.close().await;
}

#[tokio::test]
async fn places_that_are_none_are_told_what_to_write() {
    let house = house().await;
    for point in ["here", "91,0", "0,181", "1", "1,2,3", "NaN,0"] {
        let problem = house.get(&format!("/v1/nearest?point={point}")).await.problem(400, "invalid-query");
        assert!(problem["detail"].as_str().unwrap().contains("such as 40.7,-74.0"), "{problem}");
    }
    let problem = house.get("/v1/nearest?point=1,2&zip=94612").await.problem(400, "invalid-query");
    assert!(problem["detail"].as_str().unwrap().contains("not both"), "{problem}");
    let problem = house.get("/v1/nearest?zip=00000").await;
    let status = problem.status.as_u16();
    let problem = problem.problem(status, "unknown-zip");
    assert_eq!((status / 100, problem["near"].as_array().unwrap().len()), (4, 4));
    let answer = house.get("/v1/nearest?zip=SW1A").await;
    answer.problem(answer.status.as_u16(), "unknown-zip");
    house.close().await;
}

#[tokio::test]
async fn pages_of_the_clusters_nodes_may_ask_and_nobody_elses() {
    let house = house().await;
    let asks = |method: &str, origin: &str| {
        ask(method, "/v1/nearest")
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "idempotency-key")
            .body(Full::<Bytes>::default())
            .unwrap()
    };
    let sibling = "https://london-1.example.com";
    let preflight = house.send(asks("OPTIONS", sibling)).await;
    assert_eq!((preflight.status.as_u16(), preflight.header("access-control-allow-origin")), (204, sibling));
    assert_eq!(preflight.header("access-control-allow-credentials"), "true");
    assert!(preflight.header("access-control-allow-headers").contains("idempotency-key"));
    assert!(preflight.header("access-control-allow-methods").contains("POST"));
    let answer = house.send(asks("GET", sibling)).await;
    assert_eq!((answer.status.as_u16(), answer.header("access-control-allow-origin")), (200, sibling));
    // Refusals can be read as well, or the page could not say what is wrong.
    let request = ask("GET", "/v1/nothing").header("origin", sibling).body(Full::default()).unwrap();
    assert_eq!(house.send(request).await.header("access-control-allow-origin"), sibling);

    for stranger in ["https://evil.example.com", "http://london-1.example.com", "null", ""] {
        for method in ["OPTIONS", "GET"] {
            let answer = house.send(asks(method, stranger)).await;
            assert_eq!(answer.header("access-control-allow-origin"), "", "{stranger}");
            assert!(answer.headers.get_all("vary").iter().any(|vary| vary == "origin"), "{answer:?}");
        }
    }

    let policy = house.get("/help").await.header("content-security-policy").to_owned();
    let connect = "connect-src 'self' https://london-1.example.com https://mumbai-1.example.com";
    assert!(policy.starts_with("default-src 'self'; ") && policy.ends_with(connect), "{policy}");
    house.app.geo.follow(World::new(Some(2)));
    assert_eq!(house.get("/help").await.header("content-security-policy"), policy, "down for a moment only");
    house.close().await;

    let alone = House::open().await;
    let answer = alone.send(asks("GET", sibling)).await;
    assert_eq!((answer.header("access-control-allow-origin"), answer.header("vary")), ("", ""));
    assert!(alone.get("/help").await.header("content-security-policy").ends_with("connect-src 'self'"));
    alone.close().await;
}

#[tokio::test]
async fn cookies_are_for_the_domain_that_the_nodes_share() {
    let settings =
        "http.public_url = \"https://ny.example.com\"\ncluster.accounts.cookie_domain = \"example.com\"";
    let settings = Settings::parse(settings, "x.toml").unwrap();
    let house = House::with(settings, None, |_app, router| router).await;
    let cookie = house.get("/help").await.header("set-cookie").to_owned();
    assert!(
        cookie.starts_with("marquee_guest=") && cookie.ends_with("; Domain=example.com; Secure"),
        "{cookie}"
    );
    house.close().await;
}

#[tokio::test]
async fn pages_know_where_to_go_on_unless_their_node_is_alone() {
    let house = house().await;
    let page = house.get("/help").await;
    let page = std::str::from_utf8(&page.body).unwrap();
    assert!(page.contains("<meta name=\"other-nodes\"") && page.contains("/nodes.js\""), "{page}");
    let worker = house.get("/switch-worker.js").await;
    assert_eq!((worker.status.as_u16(), worker.header("cache-control")), (200, "no-cache"));
    assert_eq!(worker.header("content-type"), "text/javascript; charset=utf-8");
    assert_eq!(worker.header("content-security-policy"), "default-src 'none'; connect-src https: http:");
    house.close().await;

    let alone = House::open().await;
    let page = alone.get("/help").await;
    let page = std::str::from_utf8(&page.body).unwrap();
    assert!(!page.contains("other-nodes") && !page.contains("/nodes.js"), "{page}");
    alone.close().await;
}
