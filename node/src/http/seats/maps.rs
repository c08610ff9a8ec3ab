//! Encoded seat maps, kept while they are asked for.
//!
//! A map is encoded once for each state of its seats, and compressed once, however many people ask for it. A large hall's
//! map takes tens of milliseconds, and in a rush its seats change every few: so it is encoded anew at most every
//! [`LARGE_PACE`]. Its sequence number says how current it is, and the stream goes on from there.

use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use marquee_ledger::{HallId, PerformanceId};
use moka::sync::Cache;
use tokio::sync::OnceCell;

use super::json::Template;
use crate::http::extract::ETag;
use crate::http::problem::Problem;
use crate::selling::Selling;
use crate::selling::hall::HallMap;

/// From so many seats on, a hall is large.
const LARGE_SEATS_MIN: usize = 5_000;
/// How old a large hall's map may be.
const LARGE_PACE: Duration = Duration::from_millis(500);
const TEMPLATE_BYTES_MAX: u64 = 64 << 20;
/// Of encoded maps, compressed ones included.
const ENCODED_BYTES_MAX: u64 = 128 << 20;

/// Encoded seat maps.
pub struct SeatMaps {
    templates: Cache<(HallId, u32), Arc<Template>>,
    latest: Cache<PerformanceId, Arc<Encoded>>,
    // Who encodes a performance's map: the others wait and take it over.
    turns: Cache<PerformanceId, Arc<tokio::sync::Mutex<()>>>,
}

/// A seat map at one moment.
pub(super) struct Encoded {
    pub(super) tag: ETag,
    pub(super) json: Bytes,
    gzip: OnceCell<Bytes>,
    seq: u64,
    version: u64,
    made: Instant,
    is_large: bool,
}

impl Default for SeatMaps {
    fn default() -> Self {
        let bytes = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let of_template = move |_key: &(HallId, u32), template: &Arc<Template>| bytes(template.len());
        // Compressed it takes another tenth or so.
        let of_map = move |_key: &PerformanceId, map: &Arc<Encoded>| bytes(map.json.len() * 5 / 4);
        Self {
            templates: Cache::builder().weigher(of_template).max_capacity(TEMPLATE_BYTES_MAX).build(),
            latest: Cache::builder().weigher(of_map).max_capacity(ENCODED_BYTES_MAX).build(),
            turns: Cache::new(10_000),
        }
    }
}

impl SeatMaps {
    /// A performance's map; none if nothing is sold for it.
    pub(super) async fn get(
        &self,
        selling: &Selling,
        id: PerformanceId,
    ) -> Result<Option<Arc<Encoded>>, Problem> {
        if let Some(known) = self.current(selling, id)? {
            return Ok(Some(known));
        }
        let turn = self.turns.get_with(id, Arc::default);
        let _turn = turn.lock().await;
        if let Some(known) = self.current(selling, id)? {
            return Ok(Some(known));
        }
        // The catalog is looked at first: the seats are not older than the version that they are tagged with.
        let Some(version) = version(selling, id) else { return Ok(None) };
        let reading = selling.clone();
        let templates = self.templates.clone();
        let encode = move || {
            let Some(now) = reading.seats_now(id)? else { return Ok(None) };
            let template = template(&templates, &now.map);
            let json = template.fill(id, &now.performance.terms, &now.availability);
            let seq = now.availability.seq;
            Ok::<_, Problem>(Some(Encoded {
                tag: ETag::of(&[&id.0.to_be_bytes(), &version.to_be_bytes(), &seq.to_be_bytes()]),
                json,
                gzip: OnceCell::new(),
                seq,
                version,
                made: Instant::now(),
                is_large: now.availability.statuses.len() >= LARGE_SEATS_MIN,
            }))
        };
        let encoded = tokio::task::spawn_blocking(encode).await;
        let Some(encoded) = encoded.map_err(|error| Problem::internal(&error))?? else { return Ok(None) };
        let encoded = Arc::new(encoded);
        self.latest.insert(id, Arc::clone(&encoded));
        Ok(Some(encoded))
    }

    /// The map that is there, if it is current enough.
    fn current(&self, selling: &Selling, id: PerformanceId) -> Result<Option<Arc<Encoded>>, Problem> {
        let Some(known) = self.latest.get(&id) else { return Ok(None) };
        if version(selling, id) != Some(known.version) {
            return Ok(None);
        }
        if known.is_large && known.made.elapsed() < LARGE_PACE {
            return Ok(Some(known));
        }
        let seq = selling.sold(id)?.map(|sold| sold.seq);
        Ok(Some(known).filter(|known| seq == Some(known.seq)))
    }
}

impl Encoded {
    /// The map, compressed by whoever asks first.
    pub(super) async fn gzip(&self) -> Result<Bytes, Problem> {
        let compress = || async {
            let json = self.json.clone();
            let compressed = tokio::task::spawn_blocking(move || compress(&json)).await;
            compressed.map_err(|error| Problem::internal(&error))?.map_err(|error| Problem::internal(&error))
        };
        self.gzip.get_or_try_init(compress).await.cloned()
    }
}

fn version(selling: &Selling, id: PerformanceId) -> Option<u64> {
    selling.performance(id).map(|performance| performance.stamp.version)
}

fn template(templates: &Cache<(HallId, u32), Arc<Template>>, map: &HallMap) -> Arc<Template> {
    templates.get_with((map.hall, map.version), || Arc::new(Template::new(map)))
}

fn compress(json: &[u8]) -> std::io::Result<Bytes> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(json.len() / 8), Compression::fast());
    encoder.write_all(json)?;
    Ok(encoder.finish()?.into())
}
