//! An HTTP client with the words of the API.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::header::HeaderMap;
use hyper::{Method, Request};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

type Http = legacy::Client<HttpConnector, Full<Bytes>>;

/// Somebody who talks to a node.
#[derive(Clone)]
pub(crate) struct Client {
    http: Http,
    url: String,
    bearer: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Bytes,
    /// The body as JSON; null if it is none.
    pub(crate) body: Value,
}

impl Answer {
    /// The body of an answer with this status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.bytes));
        self.body
    }

    /// Checks that it is a problem document with this status and code.
    #[track_caller]
    pub(crate) fn expect_problem(&self, status: u16, code: &str) {
        let got = (self.status, self.body["code"].as_str());
        assert_eq!(got, (status, Some(code)), "{}", String::from_utf8_lossy(&self.bytes));
        let kind = self.headers.get("content-type").map(|kind| kind.to_str().unwrap());
        assert_eq!(kind, Some("application/problem+json"), "{code}");
        for field in ["type", "title", "status", "detail"] {
            assert!(!self.body[field].is_null(), "{code} has no {field}: {}", self.body);
        }
    }
}

impl Client {
    pub(crate) fn new(url: &str) -> Self {
        let http = legacy::Client::builder(TokioExecutor::new()).build_http();
        Self { http, url: url.to_owned(), bearer: None }
    }

    /// The same, signed in.
    pub(crate) async fn sign_in(&self, email: &str, password: &str) -> Self {
        let body = json!({"email": email, "password": password});
        let session = self.post("/v1/sessions", &body).await.expect(201);
        let bearer = Some(session["access_token"].as_str().unwrap().to_owned());
        Self { bearer, ..self.clone() }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, &[], Some(body)).await
    }

    /// Sends a request that must be answered.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Answer {
        self.try_send(method, path, headers, body).await.unwrap_or_else(|error| panic!("{path}: {error:#}"))
    }

    /// Sends a request that may stay without an answer.
    pub(crate) async fn try_send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> anyhow::Result<Answer> {
        let body = body.map(Value::to_string).unwrap_or_default();
        self.try_send_bytes(method, path, headers, body.into()).await
    }

    /// Sends a form as a browser without scripts would.
    pub(crate) async fn try_send_form(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        form: String,
    ) -> anyhow::Result<Answer> {
        self.try_send_bytes(Method::POST, path, headers, form.into()).await
    }

    /// Sends bytes as they are; JSON, unless the headers say otherwise.
    pub(crate) async fn try_send_bytes(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> anyhow::Result<Answer> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.url));
        if !body.is_empty() && headers.iter().all(|(name, _value)| *name != "content-type") {
            request = request.header("content-type", "application/json");
        }
        if let Some(bearer) = &self.bearer {
            request = request.header("authorization", format!("Bearer {bearer}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.http.request(request.body(Full::new(body))?).await?;
        let (head, body) = response.into_parts();
        let bytes = body.collect().await?.to_bytes();
        let body = serde_json::from_slice(&bytes).unwrap_or_default();
        Ok(Answer { status: head.status.as_u16(), headers: head.headers, bytes, body })
    }
}
