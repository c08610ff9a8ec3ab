//! In which codings a client takes an answer.

use axum::http::{HeaderMap, header};

/// Whether a client takes `gzip` or `br`. `q=0` says that it does not.
pub(crate) fn takes(headers: &HeaderMap, coding: &str) -> bool {
    let lists = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|list| list.to_str().ok());
    lists.flat_map(|list| list.split(',')).any(|named| {
        let mut parts = named.split(';').map(str::trim);
        let is_it = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(coding));
        let refused = parts
            .any(|part| part.strip_prefix("q=").and_then(|weight| weight.parse::<f32>().ok()) == Some(0.0));
        is_it && !refused
    })
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn clients_say_what_they_take() {
        for (said, gzip, br) in [
            ("", false, false),
            ("identity", false, false),
            ("gzip", true, false),
            ("gzip, deflate, br, zstd", true, true),
            ("GZip;q=0.5,BR;q=1", true, true),
            ("br;q=0, gzip;q=0.0", false, false),
            ("x-gzip, brotli", false, false),
        ] {
            let headers =
                HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_str(said).unwrap())]);
            assert_eq!((takes(&headers, "gzip"), takes(&headers, "br")), (gzip, br), "{said}");
        }
    }
}
