//! The server and the front: protocols, limits, deadlines, stopping.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::response::sse::{Event, Sse};
use axum::routing::get;
use futures_util::{StreamExt, stream};
use http_body_util::Full;
use hyper_util::rt::{TokioExecutor, TokioIo};
use marquee_config::{Limits, RateLimit, Settings};
use marquee_node::http::{App, tls};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio_rustls::TlsConnector;

use crate::house::{House, ask};

fn with_limits(limits: Limits) -> Settings {
    Settings { limits, ..Settings::default() }
}

fn same(_app: &App, router: Router) -> Router {
    router
}

#[tokio::test]
async fn what_does_not_exist_is_told_as_a_problem() {
    let house = House::open().await;
    house.get("/v1/nothing").await.problem(404, "not-found");
    let wrong = house.send(ask("PUT", "/health").body(Full::default()).unwrap()).await;
    wrong.problem(405, "method-not-allowed");
    assert!(wrong.header("allow").contains("GET"), "{wrong:?}");
    assert_eq!(house.get("/health").await.status, 204);
    house.close().await;
}

#[tokio::test]
async fn http2_is_spoken_on_the_same_port() {
    let house = House::open().await;
    let request = ask("GET", &format!("http://{}/health", house.address)).body(Full::default()).unwrap();
    assert_eq!(house.send_http2(request).await.status, 204);
    house.close().await;
}

#[tokio::test]
async fn every_answer_has_a_request_id_and_keeps_a_decent_one() {
    let house = House::open().await;
    let (one, two) = (house.get("/health").await, house.get("/health").await);
    assert_eq!(one.header("x-request-id").len(), 16);
    assert_ne!(one.header("x-request-id"), two.header("x-request-id"));
    for (sent, kept) in [("abc-1", true), ("a b", false), ("<script>", false), (&*"x".repeat(65), false)] {
        let request = ask("GET", "/health").header("x-request-id", sent).body(Full::default()).unwrap();
        assert_eq!(house.send(request).await.header("x-request-id") == sent, kept, "{sent}");
    }
    house.close().await;
}

#[tokio::test]
async fn pages_and_data_have_their_security_headers() {
    let house = House::open().await;
    let page = house.get("/docs").await;
    assert!(page.header("content-security-policy").starts_with("default-src 'self'"));
    assert_eq!(page.header("x-frame-options"), "DENY");
    let data = house.get("/health").await;
    assert!(data.header("content-security-policy").starts_with("default-src 'none'"));
    assert_eq!(data.header("x-content-type-options"), "nosniff");
    assert_eq!(data.header("cache-control"), "no-store");
    house.close().await;
}

#[tokio::test]
async fn the_documentation_is_served_compressed_and_conditionally() {
    let house = House::open().await;
    let document = house.get("/openapi.json").await;
    assert_eq!(document.json()["openapi"], "3.1.0");
    let problem = document.json().pointer("/components/schemas/Problem/properties/code").cloned();
    assert!(problem.is_some(), "{document:?}");
    let page = house.get("/docs").await;
    let text = std::str::from_utf8(&page.body).unwrap();
    assert!(
        text.contains("id=\"problem-seats-taken\"")
            && text.contains("<code><b class=\"get\">GET</b> /health")
    );
    assert!(!text.contains("style=") && !text.contains("<script"), "the policy forbids what is inline");

    let request = ask("GET", "/docs").header("accept-encoding", "gzip").body(Full::default()).unwrap();
    let compressed = house.send(request).await;
    assert_eq!(compressed.header("content-encoding"), "gzip");
    assert!(compressed.body.len() * 2 < page.body.len());

    let request =
        ask("GET", "/docs").header("if-none-match", page.header("etag")).body(Full::default()).unwrap();
    let unchanged = house.send(request).await;
    assert_eq!((unchanged.status.as_u16(), unchanged.body.len()), (304, 0));
    house.close().await;
}

#[tokio::test]
async fn too_many_requests_are_told_when_to_come_again() {
    let per_address = RateLimit { per_minute: 60, burst: 2 };
    let house = House::with(with_limits(Limits { per_address, ..Limits::default() }), None, same).await;
    let first = house.get("/health").await;
    assert_eq!(first.header("ratelimit-policy"), "\"address\";q=2;w=2");
    assert_eq!(first.header("ratelimit"), "\"address\";r=1;t=2");
    house.get("/health").await;
    let refused = house.get("/health").await;
    refused.problem(429, "rate-limited");
    assert_eq!(refused.header("retry-after"), "1");
    house.close().await;
}

#[tokio::test]
async fn a_panic_and_a_hang_become_problems() {
    let limits = Limits { request_timeout: Duration::from_millis(200), ..Limits::default() };
    let house = House::with(with_limits(limits), None, |_app, router| {
        async fn panics() {
            panic!("on purpose");
        }
        router.route("/panics", get(panics)).route("/hangs", get(std::future::pending::<()>))
    })
    .await;
    let broken = house.get("/panics").await.problem(500, "internal");
    assert!(!broken.to_string().contains("purpose"), "what broke is nobody's business");
    house.get("/hangs").await.problem(503, "timed-out");
    assert_eq!(house.get("/health").await.status, 204);
    house.close().await;
}

#[tokio::test]
async fn a_silent_connection_is_closed() {
    let limits = Limits { header_timeout: Duration::from_millis(200), ..Limits::default() };
    let house = House::with(with_limits(limits), None, same).await;
    // Nothing; the beginning of either protocol; half a head.
    for said in ["", "P", "PRI * HTTP/2.0\r\n", "GET /health HTTP/1.1\r\nhost: x\r\n"] {
        let mut stream = TcpStream::connect(house.address).await.unwrap();
        stream.write_all(said.as_bytes()).await.unwrap();
        let mut rest = Vec::new();
        let closed = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut rest)).await;
        assert!(closed.is_ok(), "{said:?}");
    }
    house.close().await;
}

#[tokio::test]
async fn stopping_finishes_what_is_in_flight_and_ends_streams() {
    let (entered, release) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (inside, gate) = (Arc::clone(&entered), Arc::clone(&release));
    let house = House::with(Settings::default(), None, move |_app, router| {
        router.route(
            "/slow",
            get(move || async move {
                inside.notify_one();
                gate.notified().await;
                "done"
            }),
        )
    })
    .await;
    let address = house.address;
    let stopping = house.app.stopping.clone();
    let asking = async {
        let answer = house.get("/slow").await;
        assert_eq!(&answer.body[..], b"done");
    };
    let stop = async {
        entered.notified().await;
        stopping.cancel();
        // The listener is gone before the request has its answer.
        while TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
        release.notify_one();
    };
    tokio::join!(asking, stop);
    house.close().await;
}

#[tokio::test]
async fn stopping_does_not_wait_for_endless_streams() {
    let entered = Arc::new(Notify::new());
    let inside = Arc::clone(&entered);
    let house = House::with(Settings::default(), None, move |app, router| {
        let stopping = app.stopping.clone();
        let events = move || async move {
            inside.notify_one();
            let endless = stream::pending::<Result<Event, Infallible>>();
            Sse::new(endless.take_until(stopping.cancelled_owned()))
        };
        router.route("/stream", get(events))
    })
    .await;
    let stop = async {
        entered.notified().await;
        house.app.stopping.cancel();
    };
    let (answer, ()) = tokio::join!(house.get("/stream"), stop);
    assert_eq!(answer.header("content-type"), "text/event-stream");
    tokio::time::timeout(Duration::from_secs(10), house.close()).await.unwrap();
}

#[tokio::test]
async fn tls_offers_http2() {
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (cert, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    std::fs::write(&cert, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let config = tls::server_config(&cert, &key).unwrap();
    let house = House::with(Settings::default(), Some(config), same).await;

    let mut roots = rustls::RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut client = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    client.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let stream = TcpStream::connect(house.address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let stream = TlsConnector::from(Arc::new(client)).connect(name, stream).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    let connection = tokio::spawn(connection);
    let request = ask("GET", "https://localhost/health").body(Full::<bytes::Bytes>::default()).unwrap();
    assert_eq!(sender.send_request(request).await.unwrap().status(), 204);
    connection.abort();
    house.close().await;

    assert!(tls::server_config(&key, &key).unwrap_err().to_string().contains("a certificate"));
    assert!(tls::server_config(&cert, &cert).unwrap_err().to_string().contains("a private key"));
}
