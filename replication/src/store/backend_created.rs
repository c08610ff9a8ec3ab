//! A file whose creation was cut off.
//!
//! The database writes its magic number last when it makes a file. A power cut, or a kill, before
//! that leaves a file that is neither empty nor a database, and that it refuses to open. Such a
//! file holds nothing: nobody can have been answered from it. It is recognised by its beginning,
//! which has no magic number yet, and by its body of zeros, and is made anew.

use std::fmt;
use std::io;
use std::ops::Bound;
use std::sync::OnceLock;

use redb::{BackendError, StorageBackend};

use super::backend_encrypted::is_encrypted;
use super::refusal::FileRefusal;

/// A page, and the unit that the database's header fits in.
const PAGE: usize = 4096;
/// The magic number's bytes.
const MAGIC_LENGTH: usize = 9;
/// A file is made with a few megabytes; a longer one holds something.
const LENGTH_CREATED_MAX: u64 = 64 << 20;

/// A storage backend that empties a file whose creation was cut off, before the database reads it.
pub(crate) struct CreatedBackend<B> {
    inner: B,
    /// Set at the first look at the length, by when the database holds the file's lock.
    looked: OnceLock<()>,
}

impl<B> fmt::Debug for CreatedBackend<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CreatedBackend")
    }
}

impl<B: StorageBackend> CreatedBackend<B> {
    pub(crate) fn new(inner: B) -> Self {
        Self { inner, looked: OnceLock::new() }
    }

    fn look(&self) -> io::Result<()> {
        let length = self.inner.len()?;
        if length == 0 {
            return Ok(());
        }
        // Longer than both magic numbers; a shorter file cannot be a database.
        let mut beginning = [0; 16];
        if length >= beginning.len() as u64 {
            self.inner.read(0, &mut beginning)?;
        }
        if is_encrypted(&beginning) {
            return Err(FileRefusal::KeyNeeded.into());
        }
        let unmarked = beginning[..MAGIC_LENGTH] == [0; MAGIC_LENGTH];
        if unmarked && length <= LENGTH_CREATED_MAX && self.is_zero_behind_header(length)? {
            tracing::warn!("the creation of a database was cut off; it held nothing and is made anew");
            self.inner.set_len(0)?;
        }
        Ok(())
    }

    fn is_zero_behind_header(&self, length: u64) -> io::Result<bool> {
        let mut page = [0; PAGE];
        let mut offset = PAGE as u64;
        while offset < length {
            let left = usize::try_from(length - offset).unwrap_or(PAGE).min(PAGE);
            self.inner.read(offset, &mut page[..left])?;
            if page[..left].iter().any(|byte| *byte != 0) {
                return Ok(false);
            }
            offset += left as u64;
        }
        Ok(true)
    }
}

impl<B: StorageBackend> StorageBackend for CreatedBackend<B> {
    fn len(&self) -> io::Result<u64> {
        if self.looked.get().is_none() {
            self.look()?;
            let _ = self.looked.set(());
        }
        self.inner.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.inner.read(offset, out)
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.inner.set_len(length)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.inner.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.inner.write(offset, data)
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
