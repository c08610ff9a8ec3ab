//! The connection, byte by byte.

use std::net::SocketAddr;

use marquee_simulations::load::connection::{Connection, Unanswered};
use marquee_simulations::load::request::Request;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A server that answers each request on its one connection with the next of these texts, a few bytes at a time, and
/// then closes it.
async fn server(answers: &'static [&'static str]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _from) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        for answer in answers {
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                stream.read_buf(&mut request).await.unwrap();
            }
            for piece in answer.as_bytes().chunks(7) {
                stream.write_all(piece).await.unwrap();
                tokio::task::yield_now().await;
            }
        }
    });
    address
}

const GET: Request<'static> =
    Request { method: "GET", path: "/", bearer: None, key: None, header: None, body: b"" };

#[tokio::test]
async fn bodies_end_where_the_head_says_and_the_connection_is_kept() {
    let answers = &[
        "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{\"id\":\"one\"}\n",
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n4\r\nabcd\r\n10;x=y\r\n0123456789abcdef\r\n0\r\n\r\n",
        "HTTP/1.1 503 Busy\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
    ];
    let mut connection = Connection::open(server(answers).await).await.unwrap();
    let mut got = Vec::new();
    while connection.is_usable() {
        let answer = connection.exchange(&GET).await.unwrap();
        got.push((answer.status, String::from_utf8(answer.body.to_vec()).unwrap()));
    }
    let expected = [(200, "{\"id\":\"one\"}\n"), (204, ""), (201, "abcd0123456789abcdef"), (503, "")];
    assert_eq!(got, expected.map(|(status, body)| (status, body.to_owned())));
}

#[tokio::test]
async fn half_an_answer_is_none() {
    for half in [&["HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n{}"], &["HTTP/1.1 200 OK\r\ncont"], &[""]] {
        let mut connection = Connection::open(server(half).await).await.unwrap();
        let error = connection.exchange(&GET).await.unwrap_err();
        assert!(matches!(error, Unanswered::Closed | Unanswered::Broken(_)), "{error}");
        assert!(!connection.is_usable());
    }
}

#[tokio::test]
async fn what_is_not_http_is_told_apart() {
    let mut connection = Connection::open(server(&["SSH-2.0-OpenSSH\r\n\r\n"]).await).await.unwrap();
    assert!(matches!(connection.exchange(&GET).await, Err(Unanswered::Garbled(_))));
}
