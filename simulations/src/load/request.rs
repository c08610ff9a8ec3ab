//! The bytes of a request.

use std::io::Write as _;

/// A request, as its parts.
#[derive(Debug, Clone, Copy, Default)]
pub struct Request<'a> {
    /// `GET`, `POST`, ....
    pub method: &'a str,
    /// The path with its query.
    pub path: &'a str,
    /// The access token, if somebody is signed in.
    pub bearer: Option<&'a str>,
    /// The idempotency key, if there is one.
    pub key: Option<&'a str>,
    /// One more header, such as a hold's token.
    pub header: Option<(&'a str, &'a str)>,
    /// The JSON body; none if it is empty.
    pub body: &'a [u8],
}

impl Request<'_> {
    /// Replaces what is in `bytes` with the request to `host`.
    pub fn write(&self, host: &str, bytes: &mut Vec<u8>) {
        bytes.clear();
        let mut head =
            |parts: &[&str]| parts.iter().for_each(|part| bytes.extend_from_slice(part.as_bytes()));
        head(&[self.method, " ", self.path, " HTTP/1.1\r\nhost: ", host, "\r\n"]);
        if let Some(bearer) = self.bearer {
            head(&["authorization: Bearer ", bearer, "\r\n"]);
        }
        if let Some(key) = self.key {
            head(&["idempotency-key: ", key, "\r\n"]);
        }
        if let Some((name, value)) = self.header {
            head(&[name, ": ", value, "\r\n"]);
        }
        if self.body.is_empty() {
            head(&["\r\n"]);
        } else {
            // Writing to a vector does not fail.
            let _written = write!(
                bytes,
                "content-type: application/json\r\ncontent-length: {}\r\n\r\n",
                self.body.len()
            );
            bytes.extend_from_slice(self.body);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_written_as_http_has_it() {
        let mut bytes = b"what was there".to_vec();
        let request = Request {
            method: "POST",
            path: "/v1/bookings",
            bearer: Some("abc"),
            key: Some("k1"),
            header: Some(("x-hold-token", "t")),
            body: b"{}",
        };
        request.write("127.0.0.1:1", &mut bytes);
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            "POST /v1/bookings HTTP/1.1\r\nhost: 127.0.0.1:1\r\nauthorization: Bearer abc\r\n\
             idempotency-key: k1\r\nx-hold-token: t\r\ncontent-type: application/json\r\n\
             content-length: 2\r\n\r\n{}"
        );
    }

    #[test]
    fn a_request_without_a_body_has_no_length() {
        let mut bytes = Vec::new();
        Request { method: "GET", path: "/health", ..Request::default() }.write("h", &mut bytes);
        assert_eq!(bytes, b"GET /health HTTP/1.1\r\nhost: h\r\n\r\n");
    }
}
