//! How values stand in the tables: `MessagePack` by position, and a CRC-32C of it behind.
//!
//! The storage does not verify what it reads; the checksum makes a flipped bit an error instead of another seat.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Broken;

/// How long a checksum is.
pub(crate) const CHECKSUM_BYTES: usize = 4;

/// Encodes a value with its checksum.
#[must_use]
pub fn encode<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    let mut record = encode_bare(value);
    seal(&mut record);
    record
}

/// Decodes a value after checking it.
///
/// # Errors
/// [`Broken::Damaged`] when the bytes are not what [`encode`] wrote for a value of this shape.
pub fn decode<T: DeserializeOwned>(record: &[u8]) -> Result<T, Broken> {
    decode_bare(unseal(record)?)
}

/// Encodes without a checksum, for what becomes part of a larger record.
pub(crate) fn encode_bare<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(128);
    // Memory takes every byte, and our records have no maps of unknown length: there is nothing that could fail.
    #[expect(clippy::expect_used, reason = "see above")]
    rmp_serde::encode::write(&mut bytes, value).expect("a record encodes");
    bytes
}

pub(crate) fn decode_bare<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Broken> {
    rmp_serde::from_slice(bytes).map_err(|error| Broken::damaged(error.to_string()))
}

/// Appends the checksum of all that is there.
pub(crate) fn seal(bytes: &mut Vec<u8>) {
    let checksum = crc32c::crc32c(bytes);
    bytes.extend_from_slice(&checksum.to_le_bytes());
}

/// Takes the checksum off after verifying it.
pub(crate) fn unseal(record: &[u8]) -> Result<&[u8], Broken> {
    let (content, checksum) = record
        .split_last_chunk::<CHECKSUM_BYTES>()
        .ok_or_else(|| Broken::damaged("it is shorter than a checksum"))?;
    if crc32c::crc32c(content) == u32::from_le_bytes(*checksum) {
        Ok(content)
    } else {
        Err(Broken::damaged("its checksum does not fit"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_reads_back_and_no_flipped_bit_goes_unseen() {
        let value = ("text".to_owned(), 7u64, vec![1u8, 2, 3]);
        let record = encode(&value);
        assert_eq!(decode::<(String, u64, Vec<u8>)>(&record).unwrap(), value);
        for bit in 0..record.len() * 8 {
            let mut flipped = record.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(decode::<(String, u64, Vec<u8>)>(&flipped).is_err(), "bit {bit}");
        }
        assert!(decode::<u64>(&record).is_err(), "another shape");
        assert!(decode::<u64>(&[]).is_err());
    }
}
