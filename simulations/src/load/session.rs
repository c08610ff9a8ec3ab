//! Somebody who is signed in, for what need not be fast.

use std::net::SocketAddr;

use anyhow::{Context as _, bail};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::connection::Connection;
use super::request::Request;
use crate::node::Login;

/// A signed-in account on a connection of its own.
#[derive(Debug)]
pub struct Session {
    address: SocketAddr,
    connection: Connection,
    bearer: Option<String>,
}

impl Session {
    /// Signs in.
    ///
    /// # Errors
    /// If the node cannot be reached or does not know the account.
    pub async fn open(address: SocketAddr, login: &Login) -> anyhow::Result<Self> {
        let connection =
            Connection::open(address).await.with_context(|| format!("no node listens on {address}"))?;
        let mut session = Self { address, connection, bearer: None };
        let body = serde_json::json!({"email": login.email, "password": login.password});
        let answer: Value = session.call("POST", "/v1/sessions", Some(&body)).await?;
        session.bearer = answer["access_token"].as_str().map(str::to_owned);
        if session.bearer.is_none() {
            bail!("the node gave no access token");
        }
        Ok(session)
    }

    /// The same account on another connection.
    ///
    /// # Errors
    /// If the node cannot be reached.
    pub async fn another(&self) -> anyhow::Result<Self> {
        let connection = Connection::open(self.address).await?;
        Ok(Self { address: self.address, connection, bearer: self.bearer.clone() })
    }

    /// Sends a request; the answer must be a success.
    ///
    /// # Errors
    /// If it is not, or cannot be read.
    pub async fn call<T: DeserializeOwned>(
        &mut self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> anyhow::Result<T> {
        let body = body.map(Value::to_string).unwrap_or_default();
        let (status, answer) = self.exchange(method, path, body.as_bytes()).await?;
        if !(200..300).contains(&status) {
            bail!("{method} {path} was answered {status}: {}", String::from_utf8_lossy(answer));
        }
        serde_json::from_slice(answer)
            .with_context(|| format!("{method} {path} was answered: {}", String::from_utf8_lossy(answer)))
    }

    /// Sends a request; returns the status and the body.
    ///
    /// # Errors
    /// If it is not answered.
    pub async fn exchange(&mut self, method: &str, path: &str, body: &[u8]) -> anyhow::Result<(u16, &[u8])> {
        if !self.connection.is_usable() {
            self.connection = Connection::open(self.address).await?;
        }
        let bearer = self.bearer.as_deref();
        let request = Request { method, path, bearer, body, ..Request::default() };
        let answer = self.connection.exchange(&request).await.with_context(|| format!("{method} {path}"))?;
        Ok((answer.status, answer.body))
    }
}
