//! How objects and heads are kept.
//!
//! ```text
//! object    CRC-32C of key and rest | format 1 | 0 or 1 (a tombstone) | group 8 | epoch 8 | index 8 | body
//! head      CRC-32C of group and rest | format 1 | epoch 8 | index 8 | watermark 8
//! ```
//!
//! Numbers are little-endian. A key is the kind and the id.

use bytes::Bytes;

use super::object::{FeedKey, FeedObject, FeedVersion};
use crate::identity::GroupId;

const FORMAT: u8 = 1;
const SUM: usize = 4;

/// A record that is not what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a record is damaged")]
pub(super) struct Damaged;

/// How far a group has come here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct HeadRecord {
    /// Everything up to here was taken in.
    pub(super) head: FeedVersion,
    /// Tombstones up to this index may be gone.
    pub(super) watermark: u64,
}

impl FeedKey {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(1 + self.id.len());
        bytes.push(self.kind);
        bytes.extend_from_slice(&self.id);
        bytes
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, Damaged> {
        let (kind, id) = bytes.split_first().ok_or(Damaged)?;
        Ok(Self { kind: *kind, id: Bytes::copy_from_slice(id) })
    }
}

pub(super) fn encode_object(key: &[u8], object: &FeedObject) -> Vec<u8> {
    let body = object.body.as_deref().unwrap_or_default();
    let mut record = Vec::with_capacity(SUM + 26 + body.len());
    record.extend_from_slice(&[0; SUM]);
    record.push(FORMAT);
    record.push(u8::from(object.body.is_none()));
    for number in [object.group.0, object.version.epoch, object.version.index] {
        record.extend_from_slice(&number.to_le_bytes());
    }
    record.extend_from_slice(body);
    seal(key, record)
}

pub(super) fn decode_object(key: &[u8], record: &[u8]) -> Result<FeedObject, Damaged> {
    let rest = unseal(key, record)?;
    let ([FORMAT, is_tombstone], rest) = rest.split_first_chunk::<2>().ok_or(Damaged)? else {
        return Err(Damaged);
    };
    let ([group, epoch, index], body) = numbers(rest)?;
    Ok(FeedObject {
        key: FeedKey::decode(key)?,
        group: GroupId(group),
        version: FeedVersion { epoch, index },
        body: (*is_tombstone == 0).then(|| Bytes::copy_from_slice(body)),
    })
}

impl HeadRecord {
    pub(super) fn encode(self, group: u64) -> Vec<u8> {
        let mut record = vec![0; SUM];
        record.push(FORMAT);
        for number in [self.head.epoch, self.head.index, self.watermark] {
            record.extend_from_slice(&number.to_le_bytes());
        }
        seal(&group.to_le_bytes(), record)
    }

    pub(super) fn decode(group: u64, record: &[u8]) -> Result<Self, Damaged> {
        let rest = unseal(&group.to_le_bytes(), record)?;
        let ([FORMAT], rest) = rest.split_first_chunk::<1>().ok_or(Damaged)? else {
            return Err(Damaged);
        };
        let ([epoch, index, watermark], _rest) = numbers(rest)?;
        Ok(Self { head: FeedVersion { epoch, index }, watermark })
    }
}

fn numbers(bytes: &[u8]) -> Result<([u64; 3], &[u8]), Damaged> {
    let (head, rest) = bytes.split_first_chunk::<24>().ok_or(Damaged)?;
    let mut numbers = [0; 3];
    for (number, bytes) in numbers.iter_mut().zip(head.chunks_exact(8)) {
        *number = u64::from_le_bytes(bytes.try_into().map_err(|_never| Damaged)?);
    }
    Ok((numbers, rest))
}

fn seal(key: &[u8], mut record: Vec<u8>) -> Vec<u8> {
    let sum = checksum(key, &record[SUM..]);
    record[..SUM].copy_from_slice(&sum.to_le_bytes());
    record
}

fn unseal<'a>(key: &[u8], record: &'a [u8]) -> Result<&'a [u8], Damaged> {
    let (sum, rest) = record.split_first_chunk::<SUM>().ok_or(Damaged)?;
    if u32::from_le_bytes(*sum) == checksum(key, rest) { Ok(rest) } else { Err(Damaged) }
}

fn checksum(key: &[u8], rest: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(key), rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flipped_bit_is_seen() {
        let object = FeedObject {
            key: FeedKey { kind: 3, id: Bytes::from_static(b"hall") },
            group: GroupId(7),
            version: FeedVersion { epoch: 1, index: 900 },
            body: Some(Bytes::from_static(b"seats")),
        };
        let key = object.key.encode();
        let mut record = encode_object(&key, &object);
        assert_eq!(decode_object(&key, &record).unwrap(), object);
        for bit in 0..record.len() * 8 {
            record[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(decode_object(&key, &record), Err(Damaged));
            record[bit / 8] ^= 1 << (bit % 8);
        }
        assert_eq!(decode_object(b"\x03hail", &record), Err(Damaged));

        let tombstone = FeedObject { body: None, ..object };
        assert_eq!(decode_object(&key, &encode_object(&key, &tombstone)).unwrap(), tombstone);
    }

    #[test]
    fn a_head_reads_back() {
        let head = HeadRecord { head: FeedVersion { epoch: 2, index: 3 }, watermark: 1 };
        assert_eq!(HeadRecord::decode(9, &head.encode(9)), Ok(head));
        assert_eq!(HeadRecord::decode(8, &head.encode(9)), Err(Damaged));
    }
}
