//! The journal: what was answered to which key, and the hash chain over it.
//!
//! Every applied entry that changed or answered anything becomes one record of one table, keyed by the entry's log
//! index (and a chunk number, if there is much of it), so the table only grows at its end and a batch of a thousand
//! commands costs a handful of inserts. A row names the key, a hash of what was asked, and the answer as bytes; what
//! they mean is the user's business, so that any part of a state machine can keep a journal of its own.
//!
//! The last chunk of an entry ends in a *seal*: the time, a memo in which the user keeps its counters, and the BLAKE3
//! hash of the previous seal's hash and everything in the entry. The chain can be recomputed from this table alone.
//!
//! **Repetitions**: an index in memory knows the last keys (between half of `keys_max` and all of it), and is rebuilt from
//! the journal's tail when the journal is opened. A key that is older is forgotten: its command would be applied again,
//! and only what the rules of its domain say then protects it (a hold is ordered at most once, a payment settled once).
//!
//! One entry goes: [`begin`](Journal::begin), then per command [`find`](Journal::find) and, if nothing was found,
//! [`record`](Journal::record) or [`note`](Journal::note), then [`finish`](Journal::finish).

pub(crate) mod chunk;
mod keys;

use redb::{ReadTransaction, ReadableTable, TableDefinition, WriteTransaction};
use serde::{Deserialize, Serialize};

use crate::broken::Broken;
use crate::command::Key;
use crate::position::Position;
use crate::transfer::{Blob, KeptAnswer};
use crate::visitor::TableVisitor;
use chunk::{CHUNK_LEN_MAX, Row, Seal};
use keys::{Keys, Location};

/// What the journal knows of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Nothing: the command is to be applied.
    Nothing,
    /// The same was asked before; this was the answer.
    Answered {
        /// The log index of the entry that answered.
        index: u64,
        /// The answer.
        answer: Vec<u8>,
    },
    /// Something else was asked with this key.
    Reused,
}

/// The chain at an entry: whoever keeps it can later prove that nothing before it was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainLink {
    /// The entry's log index.
    pub index: u64,
    /// When the entry was applied, in milliseconds since 1970.
    pub now_ms: u64,
    /// The hash over everything up to and with this entry.
    pub hash: [u8; 32],
}

/// The hash before the first entry.
pub const GENESIS: [u8; 32] = [0; 32];

// Log index and chunk number, big-endian.
pub(crate) type ChunkKey = [u8; 12];

/// A journal. See the module's description.
pub struct Journal {
    table: String,
    keys: Keys,
    head: ChainLink,
    memo: Vec<u8>,
    at: Position,
    /// The rows of the entry under way, cut into chunks.
    chunks: Vec<Vec<u8>>,
}

impl Journal {
    /// A journal in the table of this name, with an index of at most `keys_max` keys (32 bytes of memory each).
    #[must_use]
    pub fn new(table: &str, keys_max: usize) -> Self {
        Self {
            table: table.to_owned(),
            keys: Keys::new(keys_max),
            head: ChainLink { index: 0, now_ms: 0, hash: GENESIS },
            memo: Vec::new(),
            at: Position { index: 0, now_ms: 0 },
            chunks: Vec::new(),
        }
    }

    /// Creates the table if it is missing, reads the last seal and rebuilds the index of keys.
    ///
    /// # Errors
    /// When the storage failed or the journal's tail is damaged.
    pub fn open(&mut self, state: &WriteTransaction) -> Result<(), Broken> {
        let table = state.open_table(definition(&self.table))?;
        let Some((link, seal)) = last_seal(&table, u64::MAX)? else {
            self.keys.restart(0);
            return Ok(());
        };
        self.head = link;
        self.memo = seal.memo;
        let oldest = self.keys.restart(seal.rows_keyed);
        let mut end = seal.rows_keyed;
        for entry in table.iter()?.rev() {
            if end <= oldest {
                break;
            }
            let (key, bytes) = entry?;
            let (index, chunk) = split_key(key.value());
            let (rows, _seal) = chunk::open(bytes.value())?;
            let found = keyed_rows(rows)?;
            let first = end
                .checked_sub(found.len() as u64)
                .ok_or_else(|| Broken::contradiction("the journal counts fewer keyed rows than it has"))?;
            for (number, (id, offset)) in (first..end).zip(found) {
                if number >= oldest {
                    self.keys.restore(number, id, Location { index, chunk, offset });
                }
            }
            end = first;
        }
        Ok(())
    }

    /// Shows the journal's table.
    ///
    /// # Errors
    /// What the visitor says.
    pub fn visit_tables<V: TableVisitor>(&self, visitor: &mut V) -> Result<(), V::Error> {
        visitor.table(definition(&self.table))
    }

    /// The memo of the last entry; empty before the first.
    #[must_use]
    pub fn memo(&self) -> &[u8] {
        &self.memo
    }

    /// The chain's last link.
    #[must_use]
    pub const fn head(&self) -> ChainLink {
        self.head
    }

    /// Begins an entry. The position returned has the time to use: it never runs backwards.
    ///
    /// # Errors
    /// [`Broken::Contradiction`] when an entry with this index or a later one was applied before.
    pub fn begin(&mut self, at: Position) -> Result<Position, Broken> {
        if at.index <= self.head.index {
            let last = self.head.index;
            return Err(Broken::contradiction(format!("entry {} comes after entry {last}", at.index)));
        }
        self.at = Position { index: at.index, now_ms: at.now_ms.max(self.head.now_ms) };
        self.chunks.clear();
        Ok(self.at)
    }

    /// What was answered to a key, also earlier in this entry.
    ///
    /// # Errors
    /// When the storage failed or the row is damaged.
    pub fn find(&self, state: &WriteTransaction, key: Key) -> Result<Found, Broken> {
        let Some(at) = self.keys.find(key.id) else { return Ok(Found::Nothing) };
        if at.index > self.head.index {
            // Of the entry under way.
            let rows = self.chunks.get(at.chunk as usize).map_or(&[][..], Vec::as_slice);
            return answer_at(rows, at, key);
        }
        let table = state.open_table(definition(&self.table))?;
        let bytes = table
            .get(&chunk_key(at.index, at.chunk))?
            .ok_or_else(|| Broken::contradiction(format!("the journal of entry {} is gone", at.index)))?;
        let (rows, _seal) = chunk::open(bytes.value())?;
        answer_at(rows, at, key)
    }

    /// Records the answer to a key that [`find`](Self::find) knew nothing of. `owner` is the number of the venue that was
    /// asked about, so that its answers can go where the venue goes; 0 for none.
    pub fn record(&mut self, key: Key, owner: u32, answer: &[u8]) {
        let (chunk, offset) = self.push(&Row { id: Some(key.id), owner, body: key.body, answer });
        self.keys.push(key.id, Location { index: self.at.index, chunk, offset });
    }

    /// Records the answer to a command without a key; `body` is a hash of the command.
    pub fn note(&mut self, body: u128, answer: &[u8]) {
        self.push(&Row { id: None, owner: 0, body, answer });
    }

    /// Whether nothing has been recorded in this entry.
    #[must_use]
    pub const fn is_idle(&self) -> bool {
        self.chunks.is_empty()
    }

    /// Writes the entry and extends the chain, unless nothing was recorded. `memo` is at most 65,535 bytes long.
    ///
    /// # Errors
    /// When the storage failed.
    pub fn finish(&mut self, state: &WriteTransaction, memo: &[u8]) -> Result<(), Broken> {
        if self.is_idle() {
            return Ok(());
        }
        let rows_keyed = self.keys.rows();
        let mut seal = Seal { now_ms: self.at.now_ms, rows_keyed, memo: memo.to_vec(), hash: GENESIS };
        seal.chain(&self.head.hash, self.at.index, self.chunks.iter());
        let mut table = state.open_table(definition(&self.table))?;
        let last = self.chunks.len() - 1;
        for (number, mut rows) in self.chunks.drain(..).enumerate() {
            chunk::close(&mut rows, (number == last).then_some(&seal));
            // An entry has a few thousand rows, so a few hundred chunks.
            table.insert(&chunk_key(self.at.index, number as u32), rows.as_slice())?;
        }
        self.head = ChainLink { index: self.at.index, now_ms: seal.now_ms, hash: seal.hash };
        self.memo = seal.memo;
        Ok(())
    }

    fn push(&mut self, row: &Row<'_>) -> (u32, u32) {
        let full = self.chunks.last().is_none_or(|chunk| chunk.len() + row.len() > CHUNK_LEN_MAX);
        if full {
            self.chunks.push(Vec::with_capacity(CHUNK_LEN_MAX.min(4 * row.len())));
        }
        let number = self.chunks.len() - 1;
        let chunk = &mut self.chunks[number];
        let offset = chunk.len();
        row.write(chunk);
        (number as u32, offset as u32)
    }
}

/// The chain's link at an entry, if the entry is in the journal.
///
/// # Errors
/// When the storage failed or the record is damaged.
pub fn link_at(state: &ReadTransaction, table: &str, index: u64) -> Result<Option<ChainLink>, Broken> {
    let table = state.open_table(definition(table))?;
    Ok(last_seal(&table, index)?.map(|(link, _seal)| link).filter(|link| link.index == index))
}

/// The chain's last link.
///
/// # Errors
/// When the storage failed or the record is damaged.
pub fn head(state: &ReadTransaction, table: &str) -> Result<Option<ChainLink>, Broken> {
    let table = state.open_table(definition(table))?;
    Ok(last_seal(&table, u64::MAX)?.map(|(link, _seal)| link))
}

/// The memo of the last entry; empty before the first.
pub(crate) fn last_memo(state: &ReadTransaction, table: &str) -> Result<Vec<u8>, Broken> {
    let table = state.open_table(definition(table))?;
    Ok(last_seal(&table, u64::MAX)?.map_or_else(Vec::new, |(_link, seal)| seal.memo))
}

/// What a venue's keys were answered after an entry and since an instant: the latest, at most so many, in order.
///
/// # Errors
/// When the storage failed or a record is damaged.
pub fn answers_of(
    state: &ReadTransaction,
    table: &str,
    owner: u32,
    after: u64,
    since_ms: u64,
    max: usize,
) -> Result<Vec<KeptAnswer>, Broken> {
    let table = state.open_table(definition(table))?;
    let mut answers = Vec::new();
    // Backwards: an entry's seal, which has its time, is in its last chunk.
    for chunk in table.range::<&ChunkKey>(&chunk_key(after.saturating_add(1), 0)..)?.rev() {
        let (_key, bytes) = chunk?;
        let (mut rows, seal) = chunk::open(bytes.value())?;
        if answers.len() >= max || seal.is_some_and(|seal| seal.now_ms < since_ms) {
            break;
        }
        let mut found = Vec::new();
        while !rows.is_empty() {
            let (row, rest) = chunk::first_row(rows)?;
            if let Some(id) = row.id.filter(|_id| row.owner == owner) {
                let key = Key { id, body: row.body };
                found.push(KeptAnswer { key, answer: Blob(row.answer.to_vec()) });
            }
            rows = rest;
        }
        answers.extend(found.into_iter().rev());
    }
    answers.truncate(max);
    answers.reverse();
    Ok(answers)
}

pub(crate) const fn definition(table: &str) -> TableDefinition<'_, &'static ChunkKey, &'static [u8]> {
    TableDefinition::new(table)
}

pub(crate) fn split_key(key: &ChunkKey) -> (u64, u32) {
    let [a, b, c, d, e, f, g, h, i, j, k, l] = *key;
    (u64::from_be_bytes([a, b, c, d, e, f, g, h]), u32::from_be_bytes([i, j, k, l]))
}

fn chunk_key(index: u64, chunk: u32) -> ChunkKey {
    let mut key = [0; 12];
    key[..8].copy_from_slice(&index.to_be_bytes());
    key[8..].copy_from_slice(&chunk.to_be_bytes());
    key
}

fn last_seal(
    table: &impl ReadableTable<&'static ChunkKey, &'static [u8]>,
    index_max: u64,
) -> Result<Option<(ChainLink, Seal)>, Broken> {
    let Some(entry) = table.range::<&ChunkKey>(..=&chunk_key(index_max, u32::MAX))?.next_back() else {
        return Ok(None);
    };
    let (key, bytes) = entry?;
    let (index, _chunk) = split_key(key.value());
    let (_rows, seal) = chunk::open(bytes.value())?;
    let seal =
        seal.ok_or_else(|| Broken::contradiction(format!("entry {index} of the journal has no seal")))?;
    Ok(Some((ChainLink { index, now_ms: seal.now_ms, hash: seal.hash }, seal)))
}

fn keyed_rows(mut rows: &[u8]) -> Result<Vec<(u128, u32)>, Broken> {
    let mut found = Vec::new();
    let len = rows.len();
    while !rows.is_empty() {
        let offset = len - rows.len();
        let (row, rest) = chunk::first_row(rows)?;
        if let Some(id) = row.id {
            found.push((id, offset as u32));
        }
        rows = rest;
    }
    Ok(found)
}

fn answer_at(rows: &[u8], at: Location, key: Key) -> Result<Found, Broken> {
    let (row, _rest) = chunk::first_row(rows.get(at.offset as usize..).unwrap_or_default())?;
    if row.id != Some(key.id) {
        return Err(Broken::contradiction(format!(
            "the index of keys names a wrong row in entry {}",
            at.index
        )));
    }
    if row.body == key.body {
        Ok(Found::Answered { index: at.index, answer: row.answer.to_vec() })
    } else {
        Ok(Found::Reused)
    }
}

#[cfg(test)]
mod tests;
