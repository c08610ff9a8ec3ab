//! Encryption at rest: AES-256-XTS by sector, below the database.
//!
//! ```text
//! file      header sector | sector 0 | sector 1 | ... | last sector | L mod 4096 zeros
//! header    "MARQUEE-XTS" | version | check block (16 bytes) | zeros
//! ```
//!
//! * Sector `n` of the plain view stands at byte `4096 × (n + 1)`; its tweak is `n` and the volume,
//!   so that equal sectors of the two files differ.
//! * The check block is a fixed text under a tweak that no sector has: it tells a wrong key, and a
//!   file under another's name.
//! * The plain length `L` needs no record of its own: when it ends inside a sector, the file is
//!   longer than whole sectors by `L mod 4096` zeros. So a change of length that ends at a sector, as
//!   all of the database's do, is one operation, which a power cut cannot tear.
//! * A block of 16 zeros in the file reads as 16 zeros: a file grows by zeros, and nobody has to
//!   write them. (A block that encrypts to zeros by chance has odds of 2⁻¹²⁸.)
//! * XTS blocks of 16 bytes stand alone, so a torn sector holds old and new plain text at the same
//!   places as a torn plain sector would, and the database's checksums deal with it.
//!
//! XTS hides, it does not authenticate: who can write the file can damage it (and the records'
//! checksums tell), and who sees it at several times learns which sectors changed.

use std::fmt;
use std::io;
use std::ops::Bound;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use redb::{BackendError, StorageBackend};

use super::Volume;
use super::key::StorageKey;
use super::refusal::FileRefusal;
use super::xts::{BLOCK, Xts};

const SECTOR: usize = 4096;
const SECTOR_U64: u64 = SECTOR as u64;
const MAGIC: &[u8; 11] = b"MARQUEE-XTS";
const VERSION: u8 = 1;
const CHECK_TEXT: &[u8; BLOCK] = b"marquee at rest.";
const CHECK_SECTOR: u64 = u64::MAX;
/// How every plain redb file begins.
const REDB_MAGIC: &[u8; 4] = b"redb";

/// Whether a file that begins like this was written by [`EncryptedBackend`].
pub(crate) fn is_encrypted(beginning: &[u8]) -> bool {
    beginning.starts_with(MAGIC)
}

/// A storage backend that keeps another one's bytes encrypted.
pub(crate) struct EncryptedBackend<B> {
    inner: B,
    cipher: Xts,
    volume: Volume,
    /// Set when the header was checked or written, which happens at the first use: by then the
    /// database holds the file's lock.
    ready: OnceLock<()>,
    /// The length of the plain view, as the file has it.
    length: AtomicU64,
    /// Held while a sector is read, changed in part and written back.
    part_of_sector: Mutex<()>,
}

impl<B> fmt::Debug for EncryptedBackend<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EncryptedBackend({})", self.volume)
    }
}

impl<B: StorageBackend> EncryptedBackend<B> {
    pub(crate) fn new(inner: B, key: &StorageKey, volume: Volume) -> Self {
        Self {
            inner,
            cipher: Xts::new(key),
            volume,
            ready: OnceLock::new(),
            length: AtomicU64::new(0),
            part_of_sector: Mutex::new(()),
        }
    }

    fn ready(&self) -> io::Result<()> {
        if self.ready.get().is_none() {
            self.check_or_write_header()?;
            self.length.store(plain_length(self.inner.len()?), Ordering::Release);
            let _ = self.ready.set(());
        }
        Ok(())
    }

    fn check_or_write_header(&self) -> io::Result<()> {
        // A file without a sector holds nothing yet: its creation may have been cut off anywhere.
        if self.inner.len()? <= SECTOR_U64 {
            self.refuse_plain_beginning()?;
            self.inner.set_len(SECTOR_U64)?;
            self.inner.write(0, &self.header())?;
            return self.inner.sync_data();
        }
        let mut header = [0; MAGIC.len() + 1 + BLOCK];
        self.inner.read(0, &mut header)?;
        if !is_encrypted(&header) {
            let refusal = if header.starts_with(REDB_MAGIC) {
                FileRefusal::NotEncrypted
            } else {
                FileRefusal::WrongKey
            };
            return Err(refusal.into());
        }
        let version = header[MAGIC.len()];
        if version != VERSION {
            return Err(FileRefusal::LaterVersion(version).into());
        }
        if header[MAGIC.len() + 1..] != self.check_block() {
            return Err(FileRefusal::WrongKey.into());
        }
        Ok(())
    }

    fn refuse_plain_beginning(&self) -> io::Result<()> {
        if self.inner.len()? >= REDB_MAGIC.len() as u64 {
            let mut beginning = [0; REDB_MAGIC.len()];
            self.inner.read(0, &mut beginning)?;
            if &beginning == REDB_MAGIC {
                return Err(FileRefusal::NotEncrypted.into());
            }
        }
        Ok(())
    }

    fn header(&self) -> Vec<u8> {
        let mut header = vec![0; SECTOR];
        header[..MAGIC.len()].copy_from_slice(MAGIC);
        header[MAGIC.len()] = VERSION;
        header[MAGIC.len() + 1..][..BLOCK].copy_from_slice(&self.check_block());
        header
    }

    fn check_block(&self) -> [u8; BLOCK] {
        let mut block = *CHECK_TEXT;
        self.cipher.encrypt(&mut block, self.tweak(CHECK_SECTOR));
        block
    }

    fn tweak(&self, sector: u64) -> [u8; BLOCK] {
        let mut tweak = [0; BLOCK];
        tweak[..8].copy_from_slice(&sector.to_le_bytes());
        tweak[8..].copy_from_slice(&self.volume.number().to_le_bytes());
        tweak
    }

    fn encrypt(&self, first_sector: u64, sectors: &mut [u8]) {
        for (sector, number) in sectors.chunks_exact_mut(SECTOR).zip(first_sector..) {
            self.cipher.encrypt(sector, self.tweak(number));
        }
    }

    fn decrypt(&self, first_sector: u64, sectors: &mut [u8]) {
        for (sector, number) in sectors.chunks_exact_mut(SECTOR).zip(first_sector..) {
            let zeros = zero_blocks(sector);
            if zeros.len() == SECTOR / BLOCK {
                continue;
            }
            self.cipher.decrypt(sector, self.tweak(number));
            for block in zeros {
                sector[block * BLOCK..][..BLOCK].fill(0);
            }
        }
    }

    /// Reads whole sectors, decrypted.
    fn read_sectors(&self, first: u64, out: &mut [u8]) -> io::Result<()> {
        self.inner.read(place(first), out)?;
        self.decrypt(first, out);
        Ok(())
    }

    /// Encrypts whole sectors and writes them.
    fn write_sectors(&self, first: u64, mut sectors: Vec<u8>) -> io::Result<()> {
        self.encrypt(first, &mut sectors);
        self.inner.write(place(first), &sectors)
    }

    fn check_end(&self, offset: u64, length: usize) -> io::Result<()> {
        if offset + length as u64 > self.length.load(Ordering::Acquire) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }

    /// Fills what stands behind a new, smaller end with zeros, so that growing again finds zeros.
    fn clear_behind(&self, end: u64) -> io::Result<()> {
        let within = (end % SECTOR_U64) as usize;
        if within == 0 {
            return Ok(());
        }
        let number = end / SECTOR_U64;
        let mut sector = vec![0; SECTOR];
        self.read_sectors(number, &mut sector)?;
        sector[within..].fill(0);
        self.write_sectors(number, sector)
    }
}

impl<B: StorageBackend> StorageBackend for EncryptedBackend<B> {
    fn len(&self) -> io::Result<u64> {
        self.ready()?;
        Ok(self.length.load(Ordering::Acquire))
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.ready()?;
        let first = offset / SECTOR_U64;
        self.check_end(offset, out.len())?;
        if is_whole(offset, out.len()) {
            return self.read_sectors(first, out);
        }
        let mut sectors = vec![0; span(offset, out.len())];
        self.read_sectors(first, &mut sectors)?;
        let within = (offset % SECTOR_U64) as usize;
        out.copy_from_slice(&sectors[within..within + out.len()]);
        Ok(())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.ready()?;
        let _guard = self.part_of_sector.lock();
        if length < self.length.load(Ordering::Acquire) {
            self.clear_behind(length)?;
            // First whole sectors only: what then stands behind them has to be zeros.
            self.inner.set_len(place(length.div_ceil(SECTOR_U64)))?;
        }
        self.inner.set_len(file_length(length))?;
        self.length.store(length, Ordering::Release);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        self.inner.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.ready()?;
        self.check_end(offset, data.len())?;
        let first = offset / SECTOR_U64;
        if is_whole(offset, data.len()) {
            return self.write_sectors(first, data.to_vec());
        }
        let _guard = self.part_of_sector.lock();
        let mut sectors = vec![0; span(offset, data.len())];
        self.read_sectors(first, &mut sectors)?;
        let within = (offset % SECTOR_U64) as usize;
        sectors[within..within + data.len()].copy_from_slice(data);
        self.write_sectors(first, sectors)
    }

    fn close(&self) -> io::Result<()> {
        self.inner.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.inner.try_lock_range(start, end)
    }

    fn try_lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.inner.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.inner.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.inner.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.inner.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.inner.query_lock_range(start, end)
    }
}

/// Which blocks of the sector are all zeros.
fn zero_blocks(sector: &[u8]) -> Vec<usize> {
    sector
        .chunks_exact(BLOCK)
        .enumerate()
        .filter(|(_, block)| *block == [0; BLOCK])
        .map(|(number, _)| number)
        .collect()
}

/// Where a sector stands in the file.
fn place(sector: u64) -> u64 {
    (sector + 1) * SECTOR_U64
}

fn is_whole(offset: u64, length: usize) -> bool {
    offset.is_multiple_of(SECTOR_U64) && length.is_multiple_of(SECTOR)
}

/// The length of the whole sectors that these bytes lie in.
fn span(offset: u64, length: usize) -> usize {
    ((offset % SECTOR_U64) as usize + length).next_multiple_of(SECTOR)
}

fn file_length(plain: u64) -> u64 {
    SECTOR_U64 + plain.next_multiple_of(SECTOR_U64) + plain % SECTOR_U64
}

fn plain_length(file: u64) -> u64 {
    let sectors = file.saturating_sub(SECTOR_U64);
    let remainder = sectors % SECTOR_U64;
    if remainder == 0 { sectors } else { sectors - SECTOR_U64 }
}

#[cfg(test)]
mod tests;
