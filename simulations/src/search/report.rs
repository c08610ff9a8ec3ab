//! The figures of both, beside each other, as Markdown.

use std::fmt::Write as _;

use super::measure::{Asked, Built, Times};
use super::postgres;

/// What a run found.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// How the index was built.
    pub built: Built,
    /// How it answered.
    pub asked: Vec<(Asked, Times)>,
    /// How the database did, if it was asked.
    pub postgres: Option<postgres::Measured>,
}

impl Report {
    /// As Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut text = String::new();
        let Built { documents, time, generating, bytes, memory_bytes, following, opening } = &self.built;
        let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
        // A string grows, so writing to it cannot fail.
        let _written = write!(
            text,
            "index: {documents} documents in {:.1} s ({:.0}/s; making them up takes {:.1} s of it), {:.0} MiB on disk, \
             {:.0} MiB of memory at most\n\
             a changed event is found after {:.0} ms (p50), {:.0} ms (p99); the index opens in {:.2} s\n\n",
            time.as_secs_f64(),
            *documents as f64 / time.as_secs_f64(),
            generating.as_secs_f64(),
            mib(*bytes),
            mib(*memory_bytes),
            following.ms(0.5),
            following.ms(0.99),
            opening.as_secs_f64(),
        );
        if let Some(postgres) = &self.postgres {
            let _written = write!(
                text,
                "PostgreSQL: loaded in {:.1} s, indexed in {:.1} s, {:.0} MiB on disk\n\n",
                postgres.loading.as_secs_f64(),
                postgres.indexing.as_secs_f64(),
                mib(postgres.bytes),
            );
        }
        text.push_str(
            "| asked | p50 | p99 | results | PostgreSQL p50 | p99 | results | ratio p50 | p99 |\n\
             |---|---|---|---|---|---|---|---|---|\n",
        );
        for (way, times) in &self.asked {
            let each = |times: &Times| times.results as f64 / times.count().max(1) as f64;
            let _written = write!(
                text,
                "| {} | {:.2} ms | {:.2} ms | {:.1} |",
                way.name(),
                times.ms(0.5),
                times.ms(0.99),
                each(times)
            );
            let other =
                self.postgres.iter().flat_map(|postgres| &postgres.asked).find(|(other, _)| other == way);
            let _written = match other {
                Some((_, other)) => writeln!(
                    text,
                    " {:.2} ms | {:.2} ms | {:.1} | {:.1} | {:.1} |",
                    other.ms(0.5),
                    other.ms(0.99),
                    each(other),
                    other.ms(0.5) / times.ms(0.5),
                    other.ms(0.99) / times.ms(0.99),
                ),
                None => writeln!(text, " – | – | – | – | – |"),
            };
        }
        text
    }
}
