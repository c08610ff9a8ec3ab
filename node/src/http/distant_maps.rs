//! Seat maps of homes elsewhere, asked for once for many.
//!
//! In a rush thousands ask one node for the same map. Each gets one that was asked for after they came, so it has
//! everything that they were answered before; but who comes while a map is on its way waits for the next one together with
//! all others. So a home answers one node's customers at the pace of its answers, however many they are. When the home
//! cannot be reached, the last map is shown, and says how old it is.

use std::sync::Arc;

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use http_body_util::BodyExt;
use marquee_ledger::PerformanceId;
use moka::sync::Cache;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::dispatch::{STALE, WARNING};

/// Of the maps that are kept.
const BYTES_MAX: u64 = 64 << 20;
/// How many performances are asked for at a time, about.
const TURNS_MAX: u64 = 10_000;
/// A longer map is passed on and not kept.
const MAP_BYTES_MAX: usize = 32 << 20;

type Key = (PerformanceId, bool);

/// See the module.
pub struct DistantMaps {
    turns: Cache<Key, Arc<Mutex<()>>>,
    latest: Cache<Key, Arc<Kept>>,
}

/// A map as its home answered it.
struct Kept {
    asked_at: Instant,
    headers: HeaderMap,
    body: Bytes,
}

impl Default for DistantMaps {
    fn default() -> Self {
        let bytes = |_key: &Key, kept: &Arc<Kept>| u32::try_from(kept.body.len()).unwrap_or(u32::MAX);
        Self {
            turns: Cache::new(TURNS_MAX),
            latest: Cache::builder().weigher(bytes).max_capacity(BYTES_MAX).build(),
        }
    }
}

/// The performance whose map a request asks for.
pub(super) fn asked_for(parts: &Parts) -> Option<PerformanceId> {
    let path = parts.uri.path().strip_prefix("/v1/performances/")?.strip_suffix("/seats")?;
    (parts.method == Method::GET).then(|| path.parse().ok())?
}

impl DistantMaps {
    /// A map that was asked for after the call, by `ask`; or the last one, if that finds nobody.
    pub(super) async fn get<F>(
        &self,
        performance: PerformanceId,
        client: &HeaderMap,
        ask: impl FnOnce(HeaderMap) -> F,
    ) -> Response
    where
        F: Future<Output = Response>,
    {
        let came_at = Instant::now();
        let encoding = client.get(header::ACCEPT_ENCODING);
        let is_gzip = encoding.is_some_and(|list| list.to_str().is_ok_and(|list| list.contains("gzip")));
        let key = (performance, is_gzip);
        let turn = self.turns.get_with(key, Arc::default);
        let _turn = turn.lock().await;
        if let Some(kept) = self.latest.get(&key).filter(|kept| kept.asked_at >= came_at) {
            return kept.answer(client);
        }
        let asked_at = Instant::now();
        let mut headers = client.clone();
        headers.remove(header::IF_NONE_MATCH);
        let coding = if is_gzip { "gzip" } else { "identity" };
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(coding));
        let answer = ask(headers).await;
        if answer.status() == StatusCode::SERVICE_UNAVAILABLE
            && let Some(kept) = self.latest.get(&key)
        {
            return kept.stale(client);
        }
        if answer.status() != StatusCode::OK {
            return answer;
        }
        let (head, body) = answer.into_parts();
        let body = match http_body_util::Limited::new(body, MAP_BYTES_MAX).collect().await {
            Ok(body) => body.to_bytes(),
            Err(_broken) => {
                let mut broken = Response::new(Body::empty());
                *broken.status_mut() = StatusCode::BAD_GATEWAY;
                return broken;
            }
        };
        let kept = Arc::new(Kept { asked_at, headers: head.headers, body });
        self.latest.insert(key, Arc::clone(&kept));
        kept.answer(client)
    }
}

impl Kept {
    fn answer(&self, client: &HeaderMap) -> Response {
        let tag = self.headers.get(header::ETAG);
        let known = client.get_all(header::IF_NONE_MATCH).iter().filter_map(|tags| tags.to_str().ok());
        let mut known = known.flat_map(|tags| tags.split(',')).map(str::trim);
        let is_known =
            tag.and_then(|tag| tag.to_str().ok()).is_some_and(|tag| known.any(|known| known == tag));
        let mut response = Response::new(if is_known { Body::empty() } else { self.body.clone().into() });
        *response.headers_mut() = self.headers.clone();
        if is_known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            for name in [header::CONTENT_LENGTH, header::CONTENT_ENCODING, header::CONTENT_TYPE] {
                response.headers_mut().remove(name);
            }
        }
        response
    }

    fn stale(&self, client: &HeaderMap) -> Response {
        let mut response = self.answer(client);
        let headers = response.headers_mut();
        headers.insert(WARNING, STALE);
        headers.insert(header::AGE, self.asked_at.elapsed().as_secs().into());
        response
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use super::*;

    /// A home that takes its time, and numbers its answers.
    async fn slow(asked: &AtomicU32) -> Response {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let number = asked.fetch_add(1, Ordering::Relaxed) + 1;
        let mut response = Response::new(Body::from(number.to_string()));
        let tag = HeaderValue::from_str(&format!("\"{number}\"")).unwrap();
        response.headers_mut().insert(header::ETAG, tag);
        response
    }

    async fn text(response: Response) -> String {
        let body = response.into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(body.to_vec()).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn many_who_ask_at_once_get_two_answers_and_none_that_is_older_than_their_question() {
        let (maps, asked, id) = (DistantMaps::default(), AtomicU32::new(0), PerformanceId(7));
        let none = HeaderMap::new();
        let first = async { text(maps.get(id, &none, |_| slow(&asked)).await).await };
        let later = (0..50).map(|_| async {
            // The first answer is on its way: it may lack what these were told meanwhile.
            tokio::time::sleep(Duration::from_millis(50)).await;
            text(maps.get(id, &none, |_| slow(&asked)).await).await
        });
        let (first, later) = tokio::join!(first, futures_util::future::join_all(later));
        assert_eq!(first, "1");
        assert!(later.iter().all(|answer| answer == "2"), "{later:?}");
        assert_eq!(asked.load(Ordering::Relaxed), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn who_has_the_map_gets_nothing_and_nobody_home_shows_the_last_with_its_age() {
        let (maps, asked, id) = (DistantMaps::default(), AtomicU32::new(0), PerformanceId(7));
        let mut client = HeaderMap::new();
        maps.get(id, &client, |_| slow(&asked)).await;
        client.insert(header::IF_NONE_MATCH, HeaderValue::from_static("\"0\", \"2\""));
        let answer = maps.get(id, &client, |_| slow(&asked)).await;
        assert_eq!(answer.status(), StatusCode::NOT_MODIFIED);
        tokio::time::sleep(Duration::from_secs(9)).await;
        client.clear();
        let nobody = |_headers| async {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
            response
        };
        let answer = maps.get(id, &client, nobody).await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()[header::AGE], "9");
        assert_eq!((answer.headers()[WARNING].clone(), text(answer).await), (STALE, "2".to_owned()));
    }
}
