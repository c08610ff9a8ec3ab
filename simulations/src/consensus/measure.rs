//! Callers that each do one thing after the other, and how long each thing takes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

/// How fast something was done.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// How many callers there were.
    pub callers: usize,
    /// How many commands were answered in a second.
    pub per_second: f64,
    /// The middle one took so many microseconds.
    pub p50_us: u64,
    /// Of a hundred, the slowest took so many microseconds.
    pub p99_us: u64,
}

/// Lets so many callers do something for so long, after a fifth of that to get warm.
///
/// # Errors
/// The first error of a caller.
pub async fn measure<F>(
    callers: usize,
    lasts: Duration,
    ask: impl Fn(usize) -> F + Send + Sync + 'static,
) -> anyhow::Result<Measured>
where
    F: Future<Output = anyhow::Result<()>> + Send + 'static,
{
    let ask = Arc::new(ask);
    let from = Instant::now() + lasts / 5;
    let until = from + lasts;
    let mut running = JoinSet::new();
    for caller in 0..callers {
        let ask = Arc::clone(&ask);
        running.spawn(async move {
            let mut took_us = histogram()?;
            loop {
                let begun = Instant::now();
                if begun >= until {
                    return anyhow::Ok(took_us);
                }
                ask(caller).await?;
                if begun >= from {
                    // What takes longer than a minute counts as a minute.
                    took_us.saturating_record(u64::try_from(begun.elapsed().as_micros())?);
                }
            }
        });
    }
    let mut all = histogram()?;
    while let Some(ended) = running.join_next().await {
        all.add(ended.context("a caller panicked")??)?;
    }
    Ok(Measured {
        callers,
        per_second: all.len() as f64 / from.elapsed().as_secs_f64(),
        p50_us: all.value_at_quantile(0.5),
        p99_us: all.value_at_quantile(0.99),
    })
}

fn histogram() -> anyhow::Result<Histogram<u64>> {
    Ok(Histogram::new_with_bounds(1, 60_000_000, 3)?)
}
