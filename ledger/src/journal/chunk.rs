//! The bytes of a chunk of the journal.
//!
//! A chunk is rows, end to end; then, in the last chunk of an entry, the seal; then one byte that says whether the seal
//! is there; then the CRC-32C of all that. Integers are little-endian.
//!
//! ```text
//! row:  flags u8 (1: keyed, 2: owned) | owner u32, if owned | key id u128 | body hash u128 | length u32 | answer
//! seal: memo | memo length u16 | now_ms u64 | keyed rows so far u64 | hash [u8; 32]
//! ```

use crate::broken::Broken;
use crate::record;

/// A chunk is closed before it exceeds this, so that it fits a page of 16 KiB with its key. A larger row has a chunk
/// of its own.
pub(super) const CHUNK_LEN_MAX: usize = 16_000;

const ROW_HEAD_LEN: usize = 1 + 16 + 16 + 4;
const OWNER_LEN: usize = 4;
const SEAL_TAIL_LEN: usize = 2 + 8 + 8 + 32;
const KEYED: u8 = 1;
const OWNED: u8 = 2;
const CONTINUED: u8 = 0;
const SEALED: u8 = 1;

/// A row of the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Row<'a> {
    /// The key's id, if the command had a key.
    pub(crate) id: Option<u128>,
    /// The number of the venue that was asked about; 0 for none.
    pub(crate) owner: u32,
    pub(crate) body: u128,
    pub(crate) answer: &'a [u8],
}

/// What ends an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seal {
    pub(crate) now_ms: u64,
    /// How many keyed rows the journal has up to and with this entry.
    pub(crate) rows_keyed: u64,
    pub(crate) memo: Vec<u8>,
    pub(crate) hash: [u8; 32],
}

impl Row<'_> {
    pub(super) const fn len(&self) -> usize {
        let owner_len = if self.owner == 0 { 0 } else { OWNER_LEN };
        ROW_HEAD_LEN + owner_len + self.answer.len()
    }

    pub(super) fn write(&self, chunk: &mut Vec<u8>) {
        let keyed = if self.id.is_some() { KEYED } else { 0 };
        chunk.push(keyed | if self.owner == 0 { 0 } else { OWNED });
        if self.owner != 0 {
            chunk.extend_from_slice(&self.owner.to_le_bytes());
        }
        chunk.extend_from_slice(&self.id.unwrap_or(0).to_le_bytes());
        chunk.extend_from_slice(&self.body.to_le_bytes());
        // An answer is at most a list of all seats of a hall: some hundred kilobytes.
        chunk.extend_from_slice(&(self.answer.len() as u32).to_le_bytes());
        chunk.extend_from_slice(self.answer);
    }
}

impl Seal {
    /// The hash of an entry: BLAKE3 of the hash before it, the entry's index, this seal and all bytes of its rows.
    pub(crate) fn chain(
        &mut self,
        before: &[u8; 32],
        index: u64,
        rows: impl Iterator<Item = impl AsRef<[u8]>>,
    ) {
        let mut hasher = blake3::Hasher::new();
        hasher.update(before).update(&index.to_le_bytes()).update(&self.now_ms.to_le_bytes());
        hasher.update(&self.rows_keyed.to_le_bytes());
        hasher.update(&(self.memo.len() as u64).to_le_bytes()).update(&self.memo);
        for bytes in rows {
            hasher.update(bytes.as_ref());
        }
        self.hash = *hasher.finalize().as_bytes();
    }
}

/// Closes the rows of a chunk, with the seal if it is the entry's last.
pub(super) fn close(rows: &mut Vec<u8>, seal: Option<&Seal>) {
    match seal {
        None => rows.push(CONTINUED),
        Some(seal) => {
            rows.extend_from_slice(&seal.memo);
            // A memo is a handful of counters.
            rows.extend_from_slice(&(seal.memo.len() as u16).to_le_bytes());
            rows.extend_from_slice(&seal.now_ms.to_le_bytes());
            rows.extend_from_slice(&seal.rows_keyed.to_le_bytes());
            rows.extend_from_slice(&seal.hash);
            rows.push(SEALED);
        }
    }
    record::seal(rows);
}

/// Takes a stored chunk apart into the bytes of its rows and, if it is the last of its entry, the seal.
pub(crate) fn open(chunk: &[u8]) -> Result<(&[u8], Option<Seal>), Broken> {
    let content = record::unseal(chunk)?;
    let short = || Broken::damaged("a chunk of the journal is too short");
    let (kind, content) = content.split_last().ok_or_else(short)?;
    if *kind == CONTINUED {
        return Ok((content, None));
    }
    let (content, tail) = content.split_last_chunk::<SEAL_TAIL_LEN>().ok_or_else(short)?;
    let (memo_len, tail) = tail.split_first_chunk::<2>().ok_or_else(short)?;
    let (now_ms, tail) = tail.split_first_chunk::<8>().ok_or_else(short)?;
    let (rows_keyed, tail) = tail.split_first_chunk::<8>().ok_or_else(short)?;
    let hash = *tail.first_chunk::<32>().ok_or_else(short)?;
    let rows_len = content.len().checked_sub(usize::from(u16::from_le_bytes(*memo_len))).ok_or_else(short)?;
    let (rows, memo) = content.split_at(rows_len);
    let now_ms = u64::from_le_bytes(*now_ms);
    let rows_keyed = u64::from_le_bytes(*rows_keyed);
    Ok((rows, Some(Seal { now_ms, rows_keyed, memo: memo.to_vec(), hash })))
}

/// The row at the start of `rows`, and what follows it.
pub(crate) fn first_row(rows: &[u8]) -> Result<(Row<'_>, &[u8]), Broken> {
    let short = || Broken::damaged("a row of the journal is cut off");
    let (flags, mut rest) = rows.split_first().ok_or_else(short)?;
    let mut owner = 0;
    if *flags & OWNED != 0 {
        let (bytes, after) = rest.split_first_chunk::<OWNER_LEN>().ok_or_else(short)?;
        (owner, rest) = (u32::from_le_bytes(*bytes), after);
    }
    let (id, rest) = rest.split_first_chunk::<16>().ok_or_else(short)?;
    let (body, rest) = rest.split_first_chunk::<16>().ok_or_else(short)?;
    let (len, rest) = rest.split_first_chunk::<4>().ok_or_else(short)?;
    let (answer, rest) = rest.split_at_checked(u32::from_le_bytes(*len) as usize).ok_or_else(short)?;
    let id = (*flags & KEYED != 0).then(|| u128::from_le_bytes(*id));
    Ok((Row { id, owner, body: u128::from_le_bytes(*body), answer }, rest))
}
