//! Asks a node over its API, as an operator.

use std::time::Duration;

use axum::http::{Method, Request, StatusCode, header};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::Asking;
use crate::cli::{Failed, account, words};
use crate::http::cluster::document::ClusterBody;
use crate::payments::http::connector;

const CONNECT_MAX: Duration = Duration::from_secs(5);
/// A node answers within its own limit, which is less unless it was set higher.
const ANSWER_MAX: Duration = Duration::from_secs(60);
/// A document with a hundred thousand venues is smaller.
const ANSWER_BYTES_MAX: usize = 64 << 20;

/// Asks one node.
pub(in crate::cli) struct Client {
    http: legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    node: String,
    credentials: Option<Credentials>,
    access_token: Option<Zeroizing<String>>,
}

struct Credentials {
    email: String,
    password: Zeroizing<String>,
}

/// The part of a problem document that people read.
#[derive(Deserialize)]
struct Refused {
    title: String,
    detail: String,
    code: String,
}

impl Client {
    /// Reads the password if it is needed; asks nobody yet.
    pub(in crate::cli) fn new(asking: &Asking) -> Result<Self, Failed> {
        let node = asking.node.trim_end_matches('/').to_owned();
        let uri = node.parse::<axum::http::Uri>().ok();
        let is_base = uri.is_some_and(|uri| {
            matches!(uri.scheme_str(), Some("http" | "https"))
                && uri.host().is_some()
                && uri.query().is_none()
        });
        if !is_base {
            let words = format!("--node {node:?} is no address such as https://london-1.example.com");
            return Err(Failed::usage(words));
        }
        let access_token = asking.access_token.clone().map(Zeroizing::new);
        let credentials = match (&access_token, &asking.email) {
            (Some(_), _) => None,
            (None, Some(email)) => {
                let password = match &asking.password {
                    Some(password) if !asking.password_stdin => password.clone(),
                    Some(_) | None => account::password(asking.password_stdin)?,
                };
                Some(Credentials { email: email.clone(), password: Zeroizing::new(password) })
            }
            (None, None) => {
                let words =
                    "say who asks: --email (and a password), or --access-token, of an operator's account";
                return Err(Failed::usage(words.to_owned()));
            }
        };
        let http = legacy::Client::builder(TokioExecutor::new()).build(connector(CONNECT_MAX));
        Ok(Self { http, node, credentials, access_token })
    }

    /// The cluster, with at most so many venues.
    pub(super) async fn cluster(&mut self, venues: usize) -> Result<ClusterBody, Failed> {
        self.ask("GET", &format!("/v1/cluster?venues={venues}"), None).await
    }

    /// Asks as an operator; signs in first, and again when the session has ended.
    pub(in crate::cli) async fn ask<T: DeserializeOwned>(
        &mut self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<T, Failed> {
        let (status, answer) = self.exchange(method, path, body).await?;
        self.read(status, &answer)
    }

    async fn exchange(
        &mut self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(StatusCode, Bytes), Failed> {
        if self.access_token.is_none() {
            self.sign_in().await?;
        }
        let (status, answer) = self.send(method, path, body).await?;
        if status == StatusCode::UNAUTHORIZED && self.credentials.is_some() {
            self.sign_in().await?;
            return self.send(method, path, body).await;
        }
        Ok((status, answer))
    }

    /// Asks for something that is answered without words.
    pub(super) async fn tell(&mut self, method: &str, path: &str, body: &Value) -> Result<(), Failed> {
        let (status, answer) = self.exchange(method, path, Some(body)).await?;
        if status == StatusCode::NO_CONTENT {
            return Ok(());
        }
        let _words: Value = self.read(status, &answer)?;
        Ok(())
    }

    async fn sign_in(&mut self) -> Result<(), Failed> {
        #[derive(Deserialize)]
        struct Session {
            access_token: String,
        }
        let Some(Credentials { email, password }) = &self.credentials else { return Ok(()) };
        let body = json!({"email": email, "password": password.as_str()});
        self.access_token = None;
        let (status, answer) = self.send("POST", "/v1/sessions", Some(&body)).await?;
        let session: Session = self.read(status, &answer)?;
        self.access_token = Some(Zeroizing::new(session.access_token));
        Ok(())
    }

    /// Ends the session that was begun here: an account has few of them.
    pub(in crate::cli) async fn sign_out(&mut self) {
        if self.credentials.is_some() && self.access_token.is_some() {
            // What was asked for is done; a session that is left over ends by itself.
            let _ = self.send("DELETE", "/v1/sessions/current", None).await;
        }
    }

    async fn send(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(StatusCode, Bytes), Failed> {
        let method: Method = method.parse()?;
        let mut request = Request::builder().method(&method).uri(format!("{}{path}", self.node));
        if let Some(token) = &self.access_token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", token.as_str()));
        }
        if method == Method::POST {
            let key = u128::from_be_bytes(crate::keys::random());
            request = request.header("idempotency-key", format!("cli-{key:032x}"));
        }
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let body = body.map(Value::to_string).unwrap_or_default();
        let request = request.body(Full::from(body)).map_err(|error| Failed::usage(error.to_string()))?;
        let exchange = async {
            let response = self.http.request(request).await.map_err(|error| self.silent(&words(&error)))?;
            let (head, body) = response.into_parts();
            let body = Limited::new(body, ANSWER_BYTES_MAX).collect().await;
            let body = body.map_err(|error| self.silent(&error.to_string()))?;
            Ok((head.status, body.to_bytes()))
        };
        let answered = tokio::time::timeout(ANSWER_MAX, exchange).await;
        answered.unwrap_or_else(|_elapsed| Err(self.silent("no answer in time")))
    }

    fn silent(&self, why: &str) -> Failed {
        Failed::new(format!("{} cannot be asked: {why}; name another node with --node", self.node))
    }

    fn read<T: DeserializeOwned>(&self, status: StatusCode, answer: &[u8]) -> Result<T, Failed> {
        if status.is_success() {
            return serde_json::from_slice(answer).map_err(|error| {
                Failed::new(format!("{} answers something else than a node would: {error}", self.node))
            });
        }
        match serde_json::from_slice::<Refused>(answer) {
            Ok(Refused { title, detail, code }) => {
                Err(Failed::new(format!("refused ({code}): {title}. {detail}")))
            }
            Err(_no_problem) => Err(Failed::new(format!("{} answers with status {status}", self.node))),
        }
    }
}
