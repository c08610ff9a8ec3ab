//! Filling an index: change by change, or anew beside the one that serves.

use std::sync::Arc;

use tantivy::directory::error::LockError;
use tantivy::indexer::{IndexWriterOptions, LogMergePolicy, NoMergePolicy};
use tantivy::{IndexWriter, TantivyError, Term};

use crate::document::{Class, Document, Key};
use crate::index::{Generation, House, IndexError, payload};

/// After so many documents a rebuild tells its progress.
const PROGRESS_EVERY: u64 = 1_000;

/// The share of removed documents at which a segment is written anew.
const REMOVED_SHARE_MAX: f32 = 0.3;

/// Changes an index. There is one at a time; its work is done by one thread beside the caller's and one that merges.
///
/// What was put or removed is found after the next [`commit`](Self::commit). A commit costs some milliseconds: a caller that
/// follows a log commits a few times a second, not for every change.
pub struct Writer {
    house: Arc<House>,
    generation: Arc<Generation>,
    inner: IndexWriter,
}

impl Writer {
    pub(crate) fn new(house: Arc<House>, generation: Arc<Generation>) -> Result<Self, IndexError> {
        let options = IndexWriterOptions::builder()
            .num_worker_threads(1)
            .num_merge_threads(1)
            .memory_budget_per_thread(house.writer_heap_bytes())
            .build();
        let opened: Result<IndexWriter, TantivyError> = generation.index.writer_with_options(options);
        if let Err(TantivyError::LockFailure(LockError::LockBusy, _)) = opened {
            return Err(IndexError::Busy);
        }
        let inner = opened?;
        let mut policy = LogMergePolicy::default();
        policy.set_del_docs_ratio_before_merge(REMOVED_SHARE_MAX);
        inner.set_merge_policy(Box::new(policy));
        Ok(Self { house, generation, inner })
    }

    /// Puts a document in place of what had its key.
    ///
    /// # Errors
    /// [`IndexError::Superseded`] after a rebuild; [`IndexError::Index`] if the index failed.
    pub fn put(&mut self, document: &Document) -> Result<(), IndexError> {
        self.remove(document.key)?;
        self.inner.add_document(self.generation.fields.lay_out(document))?;
        Ok(())
    }

    /// Removes the document with that key, if there is one.
    ///
    /// # Errors
    /// [`IndexError::Superseded`] after a rebuild.
    pub fn remove(&mut self, key: Key) -> Result<(), IndexError> {
        self.check_serves()?;
        self.inner.delete_term(Term::from_field_bytes(self.generation.fields.key, &key.to_bytes()));
        Ok(())
    }

    /// Removes all documents of an id: an event wherever it is shown.
    ///
    /// # Errors
    /// [`IndexError::Superseded`] after a rebuild.
    pub fn remove_all_of(&mut self, class: Class, id: u128) -> Result<(), IndexError> {
        self.check_serves()?;
        let group = Key::single(class, id).to_bytes();
        self.inner.delete_term(Term::from_field_bytes(self.generation.fields.group, &group[..17]));
        Ok(())
    }

    /// Makes everything since the last commit durable and found. `catalog` is given back when the index is next opened:
    /// write there up to where the catalog is indexed.
    ///
    /// # Errors
    /// [`IndexError::Superseded`] after a rebuild; [`IndexError::Index`] if the index failed, which then has what the last
    /// commit gave it.
    pub fn commit(&mut self, catalog: &[u8]) -> Result<(), IndexError> {
        self.check_serves()?;
        commit(&mut self.inner, catalog)?;
        self.generation.reload()?;
        Ok(())
    }

    fn check_serves(&self) -> Result<(), IndexError> {
        let serves = self.house.current.load().number == self.generation.number;
        if serves { Ok(()) } else { Err(IndexError::Superseded) }
    }
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").field("generation", &self.generation.number).finish_non_exhaustive()
    }
}

/// Fills a generation while another one serves. It is dropped without a trace unless it is finished.
pub struct Rebuild {
    house: Arc<House>,
    generation: Arc<Generation>,
    /// Taken when finished.
    inner: Option<IndexWriter>,
    progress: Box<dyn FnMut(u64) + Send>,
    documents: u64,
}

impl Rebuild {
    pub(crate) fn new(
        house: Arc<House>,
        generation: Arc<Generation>,
        progress: Box<dyn FnMut(u64) + Send>,
    ) -> Result<Self, IndexError> {
        let inner = Writer::new(Arc::clone(&house), Arc::clone(&generation))?.inner;
        // All segments are merged at the end, so merging some of them before would be for nothing.
        inner.set_merge_policy(Box::new(NoMergePolicy));
        Ok(Self { house, generation, inner: Some(inner), progress, documents: 0 })
    }

    /// Puts a document, which must not have been put before.
    ///
    /// # Errors
    /// [`IndexError::Index`] if the index failed.
    pub fn put(&mut self, document: &Document) -> Result<(), IndexError> {
        let inner = self.inner.as_mut().ok_or(IndexError::Superseded)?;
        inner.add_document(self.generation.fields.lay_out(document))?;
        self.documents += 1;
        if self.documents.is_multiple_of(PROGRESS_EVERY) {
            (self.progress)(self.documents);
        }
        Ok(())
    }

    /// Lets what was put serve instead of what served, and gives the writer that goes on from there. `catalog` is where
    /// the catalog stood when the rebuild began: what changed since must be put again.
    ///
    /// # Errors
    /// [`IndexError::Folder`] or [`IndexError::Index`]; what served then goes on serving.
    pub fn finish(mut self, catalog: &[u8]) -> Result<Writer, IndexError> {
        let mut inner = self.inner.take().ok_or(IndexError::Superseded)?;
        commit(&mut inner, catalog)?;
        // A query looks each of its words up in each segment, so one is best.
        let segments = self.generation.index.searchable_segment_ids()?;
        if segments.len() > 1 {
            inner.merge(&segments).wait()?;
        }
        inner.wait_merging_threads()?;
        self.generation.reload()?;
        (self.progress)(self.documents);
        let writer = Writer::new(Arc::clone(&self.house), Arc::clone(&self.generation))?;
        self.house.install(&self.generation)?;
        Ok(writer)
    }
}

impl Drop for Rebuild {
    fn drop(&mut self) {
        if self.house.current.load().number != self.generation.number {
            // Its files are closed before they go.
            drop(self.inner.take());
            self.house.discard(self.generation.number);
        }
    }
}

impl std::fmt::Debug for Rebuild {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rebuild").field("documents", &self.documents).finish_non_exhaustive()
    }
}

fn commit(inner: &mut IndexWriter, catalog: &[u8]) -> Result<(), TantivyError> {
    let mut prepared = inner.prepare_commit()?;
    prepared.set_payload(&payload(catalog));
    prepared.commit()?;
    Ok(())
}
