//! Is the journal whole? Recomputes the hash chain from its rows.

use redb::{ReadTransaction, ReadableTable, ReadableTableMetadata};

use super::Findings;
use crate::broken::Broken;
use crate::journal::chunk::{self, Seal};
use crate::journal::{self, ChainLink, GENESIS};
use crate::tables::Names;

/// An entry of which not all chunks have been read.
struct Partial {
    index: u64,
    chunks: Vec<Vec<u8>>,
    keyed: u64,
}

pub(super) fn check(
    state: &ReadTransaction,
    names: &Names,
    findings: &mut Findings<'_>,
) -> Result<(), Broken> {
    let table = state.open_table(journal::definition(&names.journal))?;
    let total = table.len()?;
    let mut head = ChainLink { index: 0, now_ms: 0, hash: GENESIS };
    let mut rows_keyed = 0;
    let mut partial: Option<Partial> = None;
    for (done, row) in (1..).zip(table.iter()?) {
        findings.step("journal", done, total);
        let (key, bytes) = row?;
        let (index, number) = journal::split_key(key.value());
        let name = || format!("journal of entry {index}, chunk {number}");
        let mut entry = match partial.take() {
            Some(entry) if entry.index == index => entry,
            other => {
                if let Some(cut_off) = other {
                    findings.violated(|| format!("the journal of entry {} has no seal", cut_off.index));
                }
                Partial { index, chunks: Vec::new(), keyed: 0 }
            }
        };
        findings
            .check(number as usize == entry.chunks.len(), || format!("{}: one before it is missing", name()));
        let Some((rows, seal)) = findings.sound(chunk::open(bytes.value()), name) else { continue };
        entry.keyed += count_rows(rows, findings, name);
        entry.chunks.push(rows.to_vec());
        match seal {
            None => partial = Some(entry),
            Some(seal) => {
                rows_keyed += entry.keyed;
                head = check_seal(&entry, &seal, head, rows_keyed, findings);
                findings.report.entries += 1;
            }
        }
    }
    if let Some(cut_off) = partial {
        findings.violated(|| format!("the journal of entry {} has no seal", cut_off.index));
    }
    findings.report.head = (findings.report.entries > 0).then_some(head);
    Ok(())
}

/// The chain's link at the entry, as its seal says, so that one broken link is told once.
fn check_seal(
    entry: &Partial,
    seal: &Seal,
    before: ChainLink,
    rows_keyed: u64,
    findings: &mut Findings<'_>,
) -> ChainLink {
    let index = entry.index;
    let mut recomputed = seal.clone();
    recomputed.chain(&before.hash, index, entry.chunks.iter());
    findings.check(recomputed.hash == seal.hash, || format!("the hash chain is broken at entry {index}"));
    findings.check(seal.now_ms >= before.now_ms, || format!("time runs backwards at entry {index}"));
    findings.check(seal.rows_keyed == rows_keyed, || {
        let counted = seal.rows_keyed;
        format!("at entry {index} the journal has {rows_keyed} keyed rows but counts {counted}")
    });
    ChainLink { index, now_ms: seal.now_ms, hash: seal.hash }
}

/// Counts the answers of a chunk into the report; returns how many of them are keyed.
fn count_rows(mut rows: &[u8], findings: &mut Findings<'_>, name: impl Fn() -> String) -> u64 {
    let mut keyed = 0;
    while !rows.is_empty() {
        let Some((row, rest)) = findings.sound(chunk::first_row(rows), &name) else { break };
        findings.report.answers += 1;
        keyed += u64::from(row.id.is_some());
        rows = rest;
    }
    keyed
}
