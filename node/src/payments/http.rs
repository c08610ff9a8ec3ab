//! The HTTP client of gateways and webhooks: a pool of kept-alive connections, a deadline per call, a bounded answer.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, Request, StatusCode, Uri, header};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};

use super::{GatewayError, Secret};

/// No documented answer of a gateway comes near this.
const ANSWER_BYTES_MAX: usize = 1 << 20;
/// Below the time after which servers usually close an idle connection themselves.
const IDLE: Duration = Duration::from_secs(30);

/// Sends requests to a gateway or to a webhook's receiver.
pub(super) struct HttpClient {
    inner: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    deadline: Duration,
}

/// Connects within so long, with TLS for `https`.
pub(crate) fn connector(connect_timeout: Duration) -> HttpsConnector<HttpConnector> {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(connect_timeout));
    HttpsConnectorBuilder::new()
        .with_provider_and_webpki_roots(rustls::crypto::ring::default_provider())
        // The provider is compiled in, with TLS 1.2 and 1.3.
        .expect("ring supports the default protocol versions")
        .https_or_http()
        .enable_http1()
        .wrap_connector(tcp)
}

/// An answer, read to its end.
pub(super) struct HttpAnswer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl HttpClient {
    /// A client whose calls each end within `deadline`, connecting included.
    pub(super) fn new(deadline: Duration) -> Self {
        // A connection that cannot be made fails before the deadline, so that it is known that nothing was sent.
        let tls = connector(deadline / 2);
        let inner = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .build(tls);
        Self { inner, deadline }
    }

    /// Sends one request. Any status is an answer; an error says whether the request can have had an effect.
    pub(super) async fn send(&self, request: Request<Full<Bytes>>) -> Result<HttpAnswer, GatewayError> {
        match tokio::time::timeout(self.deadline, self.exchange(request)).await {
            Ok(answer) => answer,
            Err(_elapsed) => Err(GatewayError::unknown(format!("no answer within {:?}", self.deadline))),
        }
    }

    /// Sends one request to a gateway. What comes back is 2xx or a refusal (4xx); everything that leaves the fate open or
    /// asks for patience is an error, for every gateway alike.
    pub(super) async fn ask(&self, request: Request<Full<Bytes>>) -> Result<HttpAnswer, GatewayError> {
        let answer = self.send(request).await?;
        match answer.status.as_u16() {
            429 => Err(GatewayError::Busy { retry_after: answer.retry_after() }),
            // 408: it gave up reading us; 424: something behind it failed.
            408 | 424 | 500.. => Err(GatewayError::unknown(format!("status {}", answer.status))),
            200..=299 | 400.. => Ok(answer),
            _ => Err(GatewayError::unknown(format!("status {}, which no gateway uses", answer.status))),
        }
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<HttpAnswer, GatewayError> {
        let response = self.inner.request(request).await.map_err(|error| {
            let reason = with_sources(&error);
            if error.is_connect() {
                GatewayError::Unreachable { reason }
            } else {
                GatewayError::Unknown { reason }
            }
        })?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, ANSWER_BYTES_MAX).collect().await;
        let body = body.map_err(|error| GatewayError::unknown(format!("the answer broke off: {error}")))?;
        Ok(HttpAnswer { status: head.status, headers: head.headers, body: body.to_bytes() })
    }
}

impl HttpAnswer {
    /// The body, which cannot be trusted to be what it should be: a proxy may have answered.
    pub(super) fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T, GatewayError> {
        serde_json::from_slice(&self.body)
            .map_err(|error| GatewayError::unknown(format!("status {}, unreadable: {error}", self.status)))
    }

    /// The `Retry-After` header, where it counts seconds.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        let seconds = self.headers.get(header::RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
        Some(Duration::from_secs(seconds))
    }
}

/// Why an adapter cannot be made from its options.
#[derive(Debug, thiserror::Error)]
pub enum InvalidOptions {
    /// The base URL has no scheme and host, or has a query.
    #[error("{0:?} is no base URL such as https://api.example.com")]
    BaseUrl(String),
    /// The API key holds bytes that cannot stand in a header.
    #[error("the API key holds characters that no key has")]
    ApiKey,
    /// The webhook secret does not have its documented form.
    #[error(transparent)]
    WebhookSecret(#[from] super::InvalidWebhookSecret),
}

/// Checks a base URL and takes a slash off its end.
pub(super) fn base_url(url: &str) -> Result<String, InvalidOptions> {
    let invalid = || InvalidOptions::BaseUrl(url.to_owned());
    let uri: Uri = url.parse().ok().ok_or_else(invalid)?;
    let usable =
        matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some() && uri.query().is_none();
    if usable { Ok(url.trim_end_matches('/').to_owned()) } else { Err(invalid()) }
}

/// The `Authorization` header of an API key; marked, so that it is not printed.
pub(super) fn bearer(key: &Secret) -> Result<HeaderValue, InvalidOptions> {
    let value = HeaderValue::try_from(format!("Bearer {}", key.expose())).ok();
    let mut value = value.ok_or(InvalidOptions::ApiKey)?;
    value.set_sensitive(true);
    Ok(value)
}

/// hyper's errors say the interesting part in their sources.
fn with_sources(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| error.source())
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    fn get(address: std::net::SocketAddr) -> Request<Full<Bytes>> {
        Request::get(format!("http://{address}/")).body(Full::default()).unwrap()
    }

    #[tokio::test]
    async fn a_closed_port_is_unreachable_and_a_silent_one_unknown() {
        let client = HttpClient::new(Duration::from_millis(200));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        // Nobody accepts: the kernel completes the handshake and the request is written into the void.
        let silent = client.send(get(address)).await;
        assert!(matches!(silent, Err(GatewayError::Unknown { .. })));
        drop(listener);
        let closed = client.send(get(address)).await;
        assert!(matches!(closed, Err(GatewayError::Unreachable { .. })));
    }
}
