//! Records of `log.redb` and `state.redb`, each with a CRC32C of its own: the database does not
//! verify what it reads, so a flipped bit has to be seen here.
//!
//! ```text
//! sealed    crc32c (4, little endian) | bytes             the sum covers the key and the bytes
//! entry     format (1) | kind (1) | term (8) | body
//! point     format (1) | term (8) | index (8)
//! ```

/// Where an entry stands in its group's log, by consensus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LogPoint {
    pub(crate) term: u64,
    pub(crate) index: u64,
}

/// One entry of a log, as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct LogRecord<B> {
    pub(crate) at: LogPoint,
    /// What the body is; the log does not look at it.
    pub(crate) kind: u8,
    pub(crate) body: B,
}

/// What is wrong with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Damage {
    #[error("its checksum does not match")]
    Checksum,
    #[error("it is too short")]
    Length,
    #[error("its format {0} is unknown")]
    Format(u8),
    #[error("what it says does not belong there")]
    Content,
}

const FORMAT: u8 = 1;
const SUM: usize = 4;
const ENTRY_HEAD: usize = 1 + 1 + 8;

impl<B: AsRef<[u8]>> LogRecord<B> {
    pub(crate) fn encoded_length(&self) -> usize {
        SUM + ENTRY_HEAD + self.body.as_ref().len()
    }

    /// Writes the record into `out`, which has [`encoded_length`](Self::encoded_length) bytes.
    pub(crate) fn encode(&self, group: u64, out: &mut [u8]) {
        let (sum, bytes) = out.split_at_mut(SUM);
        bytes[0] = FORMAT;
        bytes[1] = self.kind;
        bytes[2..ENTRY_HEAD].copy_from_slice(&self.at.term.to_le_bytes());
        bytes[ENTRY_HEAD..].copy_from_slice(self.body.as_ref());
        sum.copy_from_slice(&checksum(group, self.at.index, bytes).to_le_bytes());
    }
}

impl<'a> LogRecord<&'a [u8]> {
    pub(crate) fn decode(group: u64, index: u64, stored: &'a [u8]) -> Result<Self, Damage> {
        let bytes = unseal(group, index, stored)?;
        let (head, body) = bytes.split_at_checked(ENTRY_HEAD).ok_or(Damage::Length)?;
        if head[0] != FORMAT {
            return Err(Damage::Format(head[0]));
        }
        let term = read_u64(&head[2..])?;
        Ok(Self { at: LogPoint { term, index }, kind: head[1], body })
    }
}

impl LogPoint {
    pub(crate) fn encode(self) -> Vec<u8> {
        let mut bytes = vec![FORMAT];
        bytes.extend_from_slice(&self.term.to_le_bytes());
        bytes.extend_from_slice(&self.index.to_le_bytes());
        bytes
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, Damage> {
        let (format, numbers) = bytes.split_first().ok_or(Damage::Length)?;
        if *format != FORMAT {
            return Err(Damage::Format(*format));
        }
        Ok(Self { term: read_u64(numbers)?, index: read_u64(numbers.get(8..).ok_or(Damage::Length)?)? })
    }
}

/// The bytes with their checksum in front.
pub(crate) fn seal(group: u64, place: u64, bytes: &[u8]) -> Vec<u8> {
    let mut sealed = Vec::with_capacity(SUM + bytes.len());
    sealed.extend_from_slice(&checksum(group, place, bytes).to_le_bytes());
    sealed.extend_from_slice(bytes);
    sealed
}

/// The bytes of a sealed record, when its checksum matches.
pub(crate) fn unseal(group: u64, place: u64, stored: &[u8]) -> Result<&[u8], Damage> {
    let (sum, bytes) = stored.split_at_checked(SUM).ok_or(Damage::Length)?;
    if sum != checksum(group, place, bytes).to_le_bytes() {
        return Err(Damage::Checksum);
    }
    Ok(bytes)
}

/// The little-endian number at the beginning of the bytes.
pub(crate) fn read_u64(bytes: &[u8]) -> Result<u64, Damage> {
    let (number, _) = bytes.split_first_chunk::<8>().ok_or(Damage::Length)?;
    Ok(u64::from_le_bytes(*number))
}

/// The little-endian number at the beginning of the bytes.
pub(crate) fn read_u32(bytes: &[u8]) -> Result<u32, Damage> {
    let (number, _) = bytes.split_first_chunk::<4>().ok_or(Damage::Length)?;
    Ok(u32::from_le_bytes(*number))
}

/// The key is part of the sum, so that a record under another key is damage too.
fn checksum(group: u64, place: u64, bytes: &[u8]) -> u32 {
    let sum = crc32c::crc32c(&group.to_le_bytes());
    let sum = crc32c::crc32c_append(sum, &place.to_le_bytes());
    crc32c::crc32c_append(sum, bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flipped_bit_of_an_entry_is_seen() {
        let record = LogRecord { at: LogPoint { term: 3, index: 9 }, kind: 1, body: b"seats".as_slice() };
        let mut stored = vec![0; record.encoded_length()];
        record.encode(7, &mut stored);
        assert_eq!(LogRecord::decode(7, 9, &stored).unwrap().body, b"seats");
        for bit in 0..stored.len() * 8 {
            stored[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(LogRecord::decode(7, 9, &stored).unwrap_err(), Damage::Checksum);
            stored[bit / 8] ^= 1 << (bit % 8);
        }
    }

    #[test]
    fn an_entry_under_another_key_is_damage() {
        let record = LogRecord { at: LogPoint { term: 3, index: 9 }, kind: 1, body: b"seats".as_slice() };
        let mut stored = vec![0; record.encoded_length()];
        record.encode(7, &mut stored);
        assert!(LogRecord::decode(7, 10, &stored).is_err());
        assert!(LogRecord::decode(8, 9, &stored).is_err());
    }

    #[test]
    fn a_point_reads_back() {
        let point = LogPoint { term: u64::MAX, index: 1 };
        assert_eq!(LogPoint::decode(&point.encode()), Ok(point));
    }
}
