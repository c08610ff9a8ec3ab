//! A connection that costs little: HTTP/1.1 as a node speaks it, one request at a time, kept alive.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::request::Request;

/// After this long a request counts as unanswered.
const PATIENCE: Duration = Duration::from_secs(60);
/// The longest head of an answer.
const HEAD_BYTES_MAX: usize = 64 * 1024;
const READ_BYTES: usize = 4 * 1024;

/// Why a request has no answer.
#[derive(Debug, thiserror::Error)]
pub enum Unanswered {
    /// The connection broke.
    #[error("the connection broke")]
    Broken(#[from] io::Error),
    /// The node closed the connection in the middle.
    #[error("the node closed the connection before it had answered")]
    Closed,
    /// What came is not HTTP/1.1.
    #[error("the answer is not HTTP/1.1: {0}")]
    Garbled(&'static str),
    /// Nothing came for a minute.
    #[error("no answer for {} s", PATIENCE.as_secs())]
    Late,
}

/// An answer; its body is valid until the next request.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// The HTTP status.
    pub status: u16,
    /// The body, whole.
    pub body: &'a [u8],
}

/// One kept-alive connection. A node closes those that are idle for long, which is no failure: they are opened again.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    address: SocketAddr,
    host: String,
    output: Vec<u8>,
    /// What has arrived; the answer's body stands in it.
    input: Vec<u8>,
    usable: bool,
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// If nobody listens there, or the machine has no more sockets.
    pub async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = connect(address).await?;
        let host = address.to_string();
        Ok(Self { stream, address, host, output: Vec::new(), input: Vec::new(), usable: true })
    }

    /// Whether another request can be sent.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        self.usable
    }

    /// Sends a request and waits for the whole answer.
    ///
    /// # Errors
    /// [`Unanswered`]; whether the node carried the request out is not known then, and the connection is used up.
    pub async fn exchange(&mut self, request: &Request<'_>) -> Result<Answer<'_>, Unanswered> {
        request.write(&self.host, &mut self.output);
        self.usable = false;
        if self.was_closed() {
            self.stream = connect(self.address).await?;
        }
        let exchanged = tokio::time::timeout(PATIENCE, self.send_and_receive()).await;
        let head = exchanged.map_err(|_elapsed| Unanswered::Late)??;
        self.usable = head.keep_alive;
        Ok(Answer { status: head.status, body: &self.input[head.body_from..head.body_until] })
    }

    /// Whether the node has closed the connection since the last answer.
    fn was_closed(&self) -> bool {
        // Nothing was asked for, so nothing but the end can have come. Without news this is no system call.
        let read = self.stream.try_read(&mut [0]);
        !matches!(read, Err(error) if error.kind() == io::ErrorKind::WouldBlock)
    }

    async fn send_and_receive(&mut self) -> Result<Head, Unanswered> {
        self.stream.write_all(&self.output).await?;
        self.input.clear();
        let mut searched: usize = 0;
        let head_end = loop {
            if let Some(at) = find(&self.input[searched..], b"\r\n\r\n") {
                break searched + at + 4;
            }
            if self.input.len() > HEAD_BYTES_MAX {
                return Err(Unanswered::Garbled("its head does not end"));
            }
            searched = self.input.len().saturating_sub(3);
            self.read_more().await?;
        };
        let mut head = Head::parse(&self.input[..head_end])?;
        head.body_from = head_end;
        head.body_until = match head.framing {
            Framing::Length(length) => {
                while self.input.len() < head_end + length {
                    self.read_more().await?;
                }
                head_end + length
            }
            Framing::Chunks => self.join_chunks(head_end).await?,
        };
        Ok(head)
    }

    async fn read_more(&mut self) -> Result<(), Unanswered> {
        // Grows with what has arrived, so that a large seat map takes few reads.
        self.input.reserve(READ_BYTES.max(self.input.len()));
        match self.stream.read_buf(&mut self.input).await? {
            0 => Err(Unanswered::Closed),
            _some => Ok(()),
        }
    }

    /// Moves the chunks' contents together; returns where they end.
    async fn join_chunks(&mut self, body_from: usize) -> Result<usize, Unanswered> {
        let (mut joined, mut at) = (body_from, body_from);
        loop {
            let line = loop {
                match find(&self.input[at..], b"\r\n") {
                    Some(end) => break &self.input[at..at + end],
                    None => self.read_more().await?,
                }
            };
            let contents = at + line.len() + 2;
            let size = chunk_size(line).ok_or(Unanswered::Garbled("a chunk's size is not a number"))?;
            while self.input.len() < contents + size + 2 {
                self.read_more().await?;
            }
            if size == 0 {
                return Ok(joined);
            }
            self.input.copy_within(contents..contents + size, joined);
            joined += size;
            at = contents + size + 2;
        }
    }
}

async fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

#[derive(Debug, Clone, Copy)]
enum Framing {
    Length(usize),
    Chunks,
}

#[derive(Debug, Clone, Copy)]
struct Head {
    status: u16,
    framing: Framing,
    keep_alive: bool,
    body_from: usize,
    body_until: usize,
}

impl Head {
    fn parse(bytes: &[u8]) -> Result<Self, Unanswered> {
        let mut lines = bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
        let status = lines
            .next()
            .and_then(|line| line.strip_prefix(b"HTTP/1.1 "))
            .and_then(|rest| number(rest.get(..3)?, 10))
            .ok_or(Unanswered::Garbled("it has no status"))?;
        // Answers without a body say so by their status.
        let mut framing = Framing::Length(0);
        let mut keep_alive = true;
        for line in lines.filter(|line| !line.is_empty()) {
            let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len() - 1);
            let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
            if name.eq_ignore_ascii_case(b"content-length") {
                let length = number(value, 10).ok_or(Unanswered::Garbled("its length is not a number"))?;
                framing = Framing::Length(length);
            } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
                framing = Framing::Chunks;
            } else if name.eq_ignore_ascii_case(b"connection") {
                keep_alive = !value.eq_ignore_ascii_case(b"close");
            }
        }
        // Three digits fit.
        Ok(Self { status: status as u16, framing, keep_alive, body_from: 0, body_until: 0 })
    }
}

fn chunk_size(line: &[u8]) -> Option<usize> {
    number(line.split(|byte| *byte == b';').next()?.trim_ascii(), 16)
}

fn number(digits: &[u8], radix: u32) -> Option<usize> {
    usize::from_str_radix(std::str::from_utf8(digits).ok()?, radix).ok()
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}
