//! Where a list was left, as text that only this crate reads.
//!
//! A cursor holds its query's fingerprint and time and the last result's rank and id, so that the next page goes on after it
//! whatever was added or removed meanwhile. It is checked by a checksum: what was not made here is refused.

use data_encoding::BASE64URL_NOPAD;

use crate::columns::Group;
use crate::document::Class;

/// Counts up with every change of the layout.
const VERSION: u8 = 1;
const LENGTH: usize = 1 + 4 + 8 + 8 + 4 + 1 + 16 + 4;

/// The order of results: greater is earlier; ties go by the group, smaller first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank {
    /// By what is sorted.
    pub(crate) sort: u64,
    /// By relevance, as the bits of a positive number.
    pub(crate) relevance: u32,
}

/// After which result to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cursor {
    /// Of the query: see [`fingerprint`].
    pub(crate) query: u32,
    /// The time that the first page was asked at, in seconds, since ranks depend on it.
    pub(crate) now: i64,
    pub(crate) rank: Rank,
    pub(crate) group: Group,
}

impl Cursor {
    pub(crate) fn encode(self) -> String {
        let mut bytes = Vec::with_capacity(LENGTH);
        bytes.push(VERSION);
        bytes.extend(self.query.to_be_bytes());
        bytes.extend(self.now.to_be_bytes());
        bytes.extend(self.rank.sort.to_be_bytes());
        bytes.extend(self.rank.relevance.to_be_bytes());
        bytes.push(self.group.class as u8);
        bytes.extend(self.group.id.to_be_bytes());
        bytes.extend(crc32c::crc32c(&bytes).to_be_bytes());
        BASE64URL_NOPAD.encode(&bytes)
    }

    /// Reads what [`encode`](Self::encode) wrote, and nothing else.
    pub(crate) fn decode(text: &str) -> Option<Self> {
        // A longer text is not even decoded.
        if text.len() > 2 * LENGTH {
            return None;
        }
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok().filter(|bytes| bytes.len() == LENGTH)?;
        let (checked, checksum) = bytes.split_at(LENGTH - 4);
        if crc32c::crc32c(checked).to_be_bytes() != *checksum || checked[0] != VERSION {
            return None;
        }
        let mut rest = &checked[1..];
        let query = u32::from_be_bytes(take(&mut rest)?);
        let now = i64::from_be_bytes(take(&mut rest)?);
        let sort = u64::from_be_bytes(take(&mut rest)?);
        let relevance = u32::from_be_bytes(take(&mut rest)?);
        let [class] = take(&mut rest)?;
        let class = [Class::Event, Class::Venue, Class::Person, Class::Help]
            .into_iter()
            .find(|known| *known as u8 == class)?;
        let id = u128::from_be_bytes(take(&mut rest)?);
        Some(Self { query, now, rank: Rank { sort, relevance }, group: Group { id, class } })
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, left) = rest.split_first_chunk()?;
    *rest = left;
    Some(*taken)
}

/// What a query is recognised by: everything that its results depend on, as text.
pub(crate) fn fingerprint(query: &str) -> u32 {
    crc32c::crc32c(query.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_read_back_and_nothing_else_does() {
        let cursor = Cursor {
            query: 7,
            now: 1_795_000_000,
            rank: Rank { sort: u64::MAX - 3, relevance: 4.5_f32.to_bits() },
            group: Group { id: u128::MAX / 3, class: Class::Venue },
        };
        let text = cursor.encode();
        assert_eq!(Cursor::decode(&text), Some(cursor));
        for other in
            ["", "abc", "…", &text[1..], &format!("{text}A"), &"A".repeat(10_000), &"A".repeat(text.len())]
        {
            assert_eq!(Cursor::decode(other), None, "for {other:?}");
        }
        let mut broken = text.into_bytes();
        broken[10] = if broken[10] == b'A' { b'B' } else { b'A' };
        assert_eq!(Cursor::decode(std::str::from_utf8(&broken).unwrap()), None);
    }
}
