//! A node in a temporary folder, and a client that speaks plain HTTP/1.1 with it.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, StatusCode};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use marquee_config::Settings;
use marquee_node::http::houses::{House as Front, Houses};
use marquee_node::http::{App, router, server};
use marquee_node::node::Node;
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A running node.
pub(crate) struct House {
    pub(crate) app: App,
    pub(crate) address: SocketAddr,
    node: Node,
    serving: JoinHandle<()>,
    _folder: TempDir,
}

impl House {
    /// A node with the usual settings.
    pub(crate) async fn open() -> Self {
        Self::with(Settings::default(), None, |_app, router| router).await
    }

    /// A node with these settings, perhaps TLS, and routes of the test's own.
    pub(crate) async fn with(
        settings: Settings,
        tls: Option<Arc<rustls::ServerConfig>>,
        extend: impl FnOnce(&App, Router) -> Router,
    ) -> Self {
        Self::over(tempfile::tempdir().unwrap(), settings, tls, extend).await
    }

    /// The same over a data folder that is there.
    pub(crate) async fn over(
        folder: TempDir,
        mut settings: Settings,
        tls: Option<Arc<rustls::ServerConfig>>,
        extend: impl FnOnce(&App, Router) -> Router,
    ) -> Self {
        settings.storage.data_dir = folder.path().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let node = Node::open(settings, address).await.unwrap();
        let app = node.app().clone();
        let router = extend(&app, router::router(app.clone()).unwrap());
        let front = Front { app: app.clone(), router };
        let houses = Arc::new(Houses::default());
        houses.add(front.clone());
        let serving = tokio::spawn(server::serve(listener, tls, front, houses));
        Self { app, address, node, serving, _folder: folder }
    }

    /// Stops the node; returns when it has answered what was in flight.
    pub(crate) async fn close(self) {
        self.app.stopping.cancel();
        self.serving.await.unwrap();
        self.node.close().await.unwrap();
    }

    /// Sends a request on a connection of its own.
    pub(crate) async fn send(&self, request: Request<Full<Bytes>>) -> Answer {
        send(self.address, request).await
    }

    /// Sends a request that knows the server's protocol already, as HTTP/2 without TLS.
    pub(crate) async fn send_http2(&self, request: Request<Full<Bytes>>) -> Answer {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let (mut sender, connection) =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
        let connection = tokio::spawn(connection);
        let answer = Answer::read(sender.send_request(request).await.unwrap().map(Body::new)).await;
        connection.abort();
        answer
    }

    /// A request without a body.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(ask("GET", path).body(Full::default()).unwrap()).await
    }

    /// A request with a JSON body.
    pub(crate) async fn post(&self, path: &str, body: &str) -> Answer {
        self.send(json(ask("POST", path), body)).await
    }
}

/// Sends a request on a connection of its own.
pub(crate) async fn send(address: SocketAddr, request: Request<Full<Bytes>>) -> Answer {
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    let connection = tokio::spawn(connection);
    let answer = Answer::read(sender.send_request(request).await.unwrap().map(Body::new)).await;
    connection.abort();
    answer
}

/// Begins a request.
pub(crate) fn ask(method: &str, path: &str) -> axum::http::request::Builder {
    Request::builder().method(method).uri(path).header("host", "localhost")
}

/// Ends a request with a JSON body.
pub(crate) fn json(request: axum::http::request::Builder, body: &str) -> Request<Full<Bytes>> {
    request.header("content-type", "application/json").body(Full::from(body.to_owned())).unwrap()
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: axum::http::HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    async fn read(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Self { status: parts.status, headers: parts.headers, body }
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Checks that this is the problem document with this status and code, and that it says what to do.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16, code: &str) -> Value {
        let document = self.json();
        assert_eq!((self.status.as_u16(), document["code"].as_str()), (status, Some(code)), "{document}");
        assert_eq!(self.headers["content-type"], "application/problem+json");
        assert_eq!(document["status"], status);
        assert_eq!(document["type"], format!("/docs#problem-{code}"));
        assert!(document["detail"].as_str().unwrap().ends_with('.'), "{document}");
        document
    }

    /// A header as text; empty if it is missing.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}
