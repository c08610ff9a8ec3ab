//! A venue's rows, in the form in which they travel.
//!
//! Values travel as they stand in the tables, with their checksums. Only an order is changed: the entry that changed it
//! last is one of the source's log, and is left out. Numbers of the outbox's tasks stay those of the source until the
//! venue settles.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::broken::Broken;
use crate::command::Key;
use crate::order::Order;
use crate::record;

/// Which table a row is of. The list of a performance's orders does not travel: it follows from the orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[repr(u8)]
pub enum Shelf {
    /// Layouts of halls.
    Layout = 1,
    /// Performances with their terms.
    Offer = 2,
    /// Counts of performances.
    Header = 3,
    /// Blocks of seats.
    Seats = 4,
    /// Seats out of sale.
    Kill = 5,
    /// Open holds.
    Hold = 6,
    /// Orders.
    Order = 7,
    /// Live tickets by customer.
    Customer = 8,
    /// Tasks of the outbox.
    Task = 9,
}

/// A row's name: its table and its key there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RowName {
    /// Its table.
    pub shelf: Shelf,
    /// Its key.
    pub key: Blob,
}

impl RowName {
    /// A row of a table.
    #[must_use]
    pub fn new(shelf: Shelf, key: &[u8]) -> Self {
        Self { shelf, key: Blob(key.to_vec()) }
    }

    /// The key as one of so many bytes.
    pub(crate) fn key<const N: usize>(&self) -> Result<&[u8; N], Broken> {
        self.key.0.as_slice().try_into().map_err(|_length| {
            Broken::damaged(format!("a key of {:?} has {} bytes", self.shelf, self.key.0.len()))
        })
    }
}

/// A row as it is from then on; one without a value is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Which.
    pub name: RowName,
    /// Its record.
    pub value: Option<Blob>,
}

/// An answer that a key was given at the source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptAnswer {
    /// The key.
    pub key: Key,
    /// The answer, as the journal keeps it.
    pub answer: Blob,
}

/// Some rows of a venue on their way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// Of which attempt.
    pub attempt: u64,
    /// Its place in the attempt, from 0.
    pub number: u64,
    /// Rows.
    pub rows: Vec<Row>,
    /// Answers to keys.
    pub answers: Vec<KeptAnswer>,
    /// With this piece all is there that changed at the source up to this entry.
    pub through: Option<u64>,
    /// Of what is above.
    pub checksum: [u8; 32],
}

impl Piece {
    /// A piece with its checksum.
    #[must_use]
    pub fn new(
        attempt: u64,
        number: u64,
        rows: Vec<Row>,
        answers: Vec<KeptAnswer>,
        through: Option<u64>,
    ) -> Self {
        let mut piece = Self { attempt, number, rows, answers, through, checksum: [0; 32] };
        piece.checksum = piece.count_checksum();
        piece
    }

    /// Whether it is what was sent.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.checksum == self.count_checksum()
    }

    fn count_checksum(&self) -> [u8; 32] {
        let content = (self.attempt, self.number, &self.rows, &self.answers, self.through);
        *blake3::hash(&record::encode_bare(&content)).as_bytes()
    }
}

/// An order's record in the form in which it travels.
pub(crate) fn order_to_travel(bytes: &[u8]) -> Result<Vec<u8>, Broken> {
    let order: Order = record::decode(bytes)?;
    Ok(record::encode(&Order { changed_at_index: 0, ..order }))
}

/// Bytes that are written as such.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Blob(pub Vec<u8>);

impl fmt::Debug for Blob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

impl Serialize for Blob {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_bytes(BlobVisitor).map(Self)
    }
}

struct BlobVisitor;

impl serde::de::Visitor<'_> for BlobVisitor {
    type Value = Vec<u8>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bytes")
    }

    fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
        Ok(bytes.to_vec())
    }

    fn visit_byte_buf<E: serde::de::Error>(self, bytes: Vec<u8>) -> Result<Vec<u8>, E> {
        Ok(bytes)
    }
}
