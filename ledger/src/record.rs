//! How values stand in the tables: `MessagePack` by position, and a CRC-32C of it behind.
//!
//! The storage does not verify what it reads; the checksum makes a flipped bit an error instead of another seat.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Broken;

const CHECKSUM_BYTES: usize = 4;

/// Encodes a value with its checksum.
#[must_use]
pub fn encode<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    let mut record = Vec::with_capacity(128);
    // Memory takes every byte, and our records have no maps of unknown length: there is nothing that could fail.
    rmp_serde::encode::write(&mut record, value).expect("a record encodes");
    let checksum = crc32c::crc32c(&record);
    record.extend_from_slice(&checksum.to_le_bytes());
    record
}

/// Decodes a value after checking it.
///
/// # Errors
/// [`Broken::Damaged`] when the bytes are not what [`encode`] wrote for a value of this shape.
pub fn decode<T: DeserializeOwned>(record: &[u8]) -> Result<T, Broken> {
    let damaged = |what: String| Broken::Damaged { what };
    let (value, checksum) = record
        .split_last_chunk::<CHECKSUM_BYTES>()
        .ok_or_else(|| damaged("it is shorter than a checksum".to_owned()))?;
    if crc32c::crc32c(value) != u32::from_le_bytes(*checksum) {
        return Err(damaged("its checksum does not fit".to_owned()));
    }
    rmp_serde::from_slice(value).map_err(|error| damaged(error.to_string()))
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
