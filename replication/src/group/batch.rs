//! The commands of one entry, in one piece of bytes that the log stores as it is.
//!
//! ```text
//! format (1) | now_ms (8) | count (4) | length (4) × count | commands, one after the other
//! ```
//!
//! Numbers are little endian. Reading gives slices of the same bytes, without a copy.

use std::fmt;

use bytes::{BufMut, Bytes, BytesMut};

use crate::store::record::{Damage, read_u32, read_u64};

const FORMAT: u8 = 1;
const HEAD: usize = 1 + 8 + 4;
const LENGTH: usize = 4;

/// What an entry carries.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Batch(Bytes);

impl Batch {
    /// Commands that were stamped with this time. Their lengths fit 32 bits, as
    /// [`propose`](crate::Group::propose) sees to.
    pub(crate) fn new<'a>(now_ms: u64, commands: impl ExactSizeIterator<Item = &'a Bytes> + Clone) -> Self {
        let bytes: usize = commands.clone().map(Bytes::len).sum();
        let count = commands.len();
        let mut frame = BytesMut::with_capacity(HEAD + count * LENGTH + bytes);
        frame.put_u8(FORMAT);
        frame.put_u64_le(now_ms);
        frame.put_u32_le(short(count));
        for command in commands.clone() {
            frame.put_u32_le(short(command.len()));
        }
        for command in commands {
            frame.put_slice(command);
        }
        Self(frame.freeze())
    }

    /// The stored form read back.
    pub(crate) fn from_stored(frame: Bytes) -> Self {
        Self(frame)
    }

    pub(crate) fn stored(&self) -> &Bytes {
        &self.0
    }

    /// The stamped time, and the commands in their order.
    pub(crate) fn read(&self) -> Result<(u64, Vec<Bytes>), Damage> {
        let (format, head) = self.0.split_first().ok_or(Damage::Length)?;
        if *format != FORMAT {
            return Err(Damage::Format(*format));
        }
        let now_ms = read_u64(head)?;
        let count = read_u32(&head[8..])? as usize;
        let lengths_end =
            count.checked_mul(LENGTH).and_then(|all| all.checked_add(HEAD)).ok_or(Damage::Length)?;
        let lengths = self.0.get(HEAD..lengths_end).ok_or(Damage::Length)?;
        let mut commands = Vec::with_capacity(count);
        let mut begin = lengths_end;
        for length in lengths.chunks_exact(LENGTH) {
            let end = begin + read_u32(length)? as usize;
            if end > self.0.len() {
                return Err(Damage::Length);
            }
            commands.push(self.0.slice(begin..end));
            begin = end;
        }
        if begin != self.0.len() {
            return Err(Damage::Length);
        }
        Ok((now_ms, commands))
    }
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Batch({} bytes)", self.0.len())
    }
}

impl fmt::Display for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "batch of {} bytes", self.0.len())
    }
}

fn short(number: usize) -> u32 {
    // Command sizes and batch counts are checked when commands are proposed.
    u32::try_from(number).expect("sizes within a batch fit 32 bits")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_read_back_in_order() {
        for count in [0, 1, 2, 300] {
            let commands: Vec<_> = (0..count).map(|n| Bytes::from(vec![n as u8; n])).collect();
            let batch = Batch::new(5, commands.iter());
            assert_eq!(batch.read(), Ok((5, commands)));
        }
    }

    #[test]
    fn a_frame_cut_anywhere_is_damage() {
        let commands = [Bytes::from_static(b"one"), Bytes::from_static(b"two")];
        let whole = Batch::new(5, commands.iter());
        for end in 0..whole.0.len() {
            assert!(Batch(whole.0.slice(..end)).read().is_err());
        }
    }
}
