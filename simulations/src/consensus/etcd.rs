//! etcd as three members on this machine, and clients that put values by gRPC.
//!
//! The few messages that this takes are written by hand: a put's key and value, and a member's status.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use bytes::{BufMut, Bytes, BytesMut};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};

use super::COMMAND_BYTES;
use super::measure::{Measured, measure};

const MEMBERS: usize = 3;
/// How many connections the callers share.
const CONNECTIONS_MAX: usize = 16;
const KEY_BYTES: usize = 8;
/// How long the members may take to elect a leader.
const READY_MAX: Duration = Duration::from_secs(30);
const LOOK_AGAIN: Duration = Duration::from_millis(50);

type Client = SendRequest<Full<Bytes>>;

/// Three members that run; they end with this.
#[derive(Debug)]
pub struct Etcd {
    members: Vec<Child>,
    leader: SocketAddr,
}

/// The version of the etcd on this machine; none if there is none.
#[must_use]
pub fn version() -> Option<String> {
    let output = Command::new("etcd").arg("--version").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().next()?.strip_prefix("etcd Version: ").map(str::to_owned)
}

impl Etcd {
    /// Starts three members in a folder that is empty, and waits until they have a leader.
    ///
    /// # Errors
    /// If they do not.
    pub async fn start(folder: &Path) -> anyhow::Result<Self> {
        let listeners =
            (0..2 * MEMBERS).map(|_| TcpListener::bind("127.0.0.1:0")).collect::<Result<Vec<_>, _>>()?;
        let addresses = listeners.iter().map(TcpListener::local_addr).collect::<Result<Vec<_>, _>>()?;
        drop(listeners);
        let (peers, clients) = addresses.split_at(MEMBERS);
        let cluster: Vec<_> =
            peers.iter().enumerate().map(|(nth, peer)| format!("m{nth}=http://{peer}")).collect();
        let cluster = cluster.join(",");
        let mut members = Vec::new();
        for (nth, (peer, client)) in peers.iter().zip(clients).enumerate() {
            let log = std::fs::File::create(folder.join(format!("m{nth}.log")))?;
            let (peer, client) = (format!("http://{peer}"), format!("http://{client}"));
            let child = Command::new("etcd")
                .args(["--name", &format!("m{nth}"), "--data-dir"])
                .arg(folder.join(format!("m{nth}")))
                .args(["--listen-peer-urls", &peer, "--initial-advertise-peer-urls", &peer])
                .args(["--listen-client-urls", &client, "--advertise-client-urls", &client])
                .args(["--initial-cluster", &cluster, "--initial-cluster-state", "new"])
                .args(["--quota-backend-bytes", "8589934592", "--log-level", "error"])
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(log)
                .spawn()
                .context("cannot start etcd")?;
            members.push(child);
        }
        let mut etcd = Self { members, leader: clients[0] };
        let found = async {
            loop {
                for client in clients {
                    if leads(*client).await.unwrap_or(false) {
                        return *client;
                    }
                }
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        };
        etcd.leader = tokio::time::timeout(READY_MAX, found).await.context("etcd elects no leader")?;
        Ok(etcd)
    }

    /// Lets so many callers put values at the leader, each under a key of its own that changes with every put.
    ///
    /// # Errors
    /// If a put is refused.
    pub async fn measure(&self, callers: usize, lasts: Duration) -> anyhow::Result<Measured> {
        let mut clients = Vec::new();
        for _ in 0..callers.min(CONNECTIONS_MAX) {
            clients.push(connect(self.leader).await?);
        }
        let next = Arc::new(AtomicU64::new(0));
        let authority = self.leader.to_string();
        measure(callers, lasts, move |caller| {
            let (mut client, authority) = (clients[caller % clients.len()].clone(), authority.clone());
            let next = Arc::clone(&next);
            async move {
                let mut message = BytesMut::with_capacity(COMMAND_BYTES + 8);
                field(&mut message, 1, &next.fetch_add(1, Ordering::Relaxed).to_be_bytes());
                field(&mut message, 2, &[7; COMMAND_BYTES - KEY_BYTES]);
                ask(&mut client, &authority, "/etcdserverpb.KV/Put", &message).await?;
                Ok(())
            }
        })
        .await
    }
}

impl Drop for Etcd {
    fn drop(&mut self) {
        for member in &mut self.members {
            // One that has ended is no harm.
            let _killed = member.kill();
            let _status = member.wait();
        }
    }
}

async fn connect(address: SocketAddr) -> anyhow::Result<Client> {
    let stream = tokio::net::TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (client, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream)).await?;
    // It ends with its client.
    tokio::spawn(async move { _ = connection.await });
    Ok(client)
}

/// Asks by gRPC; returns the answer's message.
async fn ask(client: &mut Client, authority: &str, path: &str, message: &[u8]) -> anyhow::Result<Bytes> {
    let mut body = BytesMut::with_capacity(5 + message.len());
    body.put_u8(0);
    body.put_u32(u32::try_from(message.len())?);
    body.put_slice(message);
    let request = hyper::Request::post(format!("http://{authority}{path}"))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .body(Full::new(body.freeze()))?;
    client.ready().await?;
    let answer = client.send_request(request).await?;
    let status =
        |headers: &hyper::HeaderMap| headers.get("grpc-status").map(|status| status.as_bytes() == b"0");
    let early = status(answer.headers());
    let collected = answer.into_body().collect().await?;
    let is_ok = collected.trailers().and_then(status).or(early);
    ensure!(is_ok == Some(true), "etcd refused: {:?}", collected.trailers());
    let mut message = collected.to_bytes();
    ensure!(message.len() >= 5, "etcd answered nothing");
    Ok(message.split_off(5))
}

/// Whether a member is the leader, as it says itself.
async fn leads(address: SocketAddr) -> anyhow::Result<bool> {
    let mut client = connect(address).await?;
    let status = ask(&mut client, &address.to_string(), "/etcdserverpb.Maintenance/Status", &[]).await?;
    // StatusResponse: 1 = header (2 = the member's own number), 4 = the leader's number.
    let own = bytes_field(&status, 1).and_then(|header| number_field(header, 2));
    let leader = number_field(&status, 4);
    Ok(own.is_some() && own == leader && leader != Some(0))
}

/// Appends a field of bytes to a protobuf message. It is shorter than 128 bytes.
fn field(message: &mut BytesMut, number: u8, content: &[u8]) {
    debug_assert!(content.len() < 128, "its length takes one byte");
    message.put_u8(number << 3 | 2);
    message.put_u8(content.len() as u8);
    message.put_slice(content);
}

fn bytes_field(message: &[u8], wanted: u64) -> Option<&[u8]> {
    fields(message).find_map(|(number, field)| match field {
        Field::Bytes(bytes) if number == wanted => Some(bytes),
        Field::Bytes(_) | Field::Number(_) => None,
    })
}

fn number_field(message: &[u8], wanted: u64) -> Option<u64> {
    fields(message).find_map(|(number, field)| match field {
        Field::Number(value) if number == wanted => Some(value),
        Field::Bytes(_) | Field::Number(_) => None,
    })
}

enum Field<'m> {
    Number(u64),
    Bytes(&'m [u8]),
}

/// The fields of a message, as long as they are numbers and bytes.
fn fields(mut message: &[u8]) -> impl Iterator<Item = (u64, Field<'_>)> {
    std::iter::from_fn(move || {
        let tag = varint(&mut message)?;
        let value = varint(&mut message)?;
        match tag & 7 {
            0 => Some((tag >> 3, Field::Number(value))),
            2 => {
                let (bytes, rest) = message.split_at_checked(usize::try_from(value).ok()?)?;
                message = rest;
                Some((tag >> 3, Field::Bytes(bytes)))
            }
            _other => None,
        }
    })
}

fn varint(message: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for place in 0..10 {
        let (byte, rest) = message.split_first()?;
        *message = rest;
        value |= u64::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_as_they_were_written() {
        let mut header = BytesMut::new();
        header.put_slice(&[2 << 3, 0xac, 0x02]);
        let mut message = BytesMut::new();
        field(&mut message, 1, &header);
        message.put_slice(&[4 << 3, 0xac, 0x02]);
        let inner = bytes_field(&message, 1).unwrap();
        assert_eq!((number_field(inner, 2), number_field(&message, 4)), (Some(300), Some(300)));
        assert_eq!(number_field(&message[..2], 4), None);
    }
}
