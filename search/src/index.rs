//! The index on disk or in memory: opening, healing, and what readers see.
//!
//! A folder holds *generations*, each a whole tantivy index in a folder of its own, and the file `current`, which names
//! the one that serves. A rebuild fills another generation and then changes the file, so that it either happened or did
//! not. A generation that is damaged, missing or of another schema is put aside for an empty one, and the caller is told:
//! an index holds nothing that cannot be made again.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use data_encoding::HEXLOWER;
use parking_lot::Mutex;
use tantivy::index::SegmentId;
use tantivy::{IndexReader, ReloadPolicy, Searcher, TantivyError};

use crate::analysis::tokenizers;
use crate::columns::Columns;
use crate::schema::{Fields, SCHEMA_VERSION, schema};
use crate::writer::{Rebuild, Writer};

/// The file that names the generation that serves.
const CURRENT: &str = "current";

/// What an index may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// How much memory a writer fills before it writes a segment; at least 15 MB.
    pub writer_heap_bytes: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { writer_heap_bytes: 32 << 20 }
    }
}

/// What was found where an index was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// An index that can be used.
    Whole {
        /// What the caller gave with the last commit: where to go on from.
        catalog: Vec<u8>,
    },
    /// Nothing that can be used. The index is empty, and waits to be filled.
    Empty {
        /// What was the matter.
        why: Emptied,
    },
}

/// Why an index is empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Emptied {
    /// There was none.
    #[error("there was no index")]
    Missing,
    /// It was made, but nothing was ever committed to it.
    #[error("nothing was committed to the index")]
    NeverFilled,
    /// It was of another version of this crate.
    #[error("the index is of another version")]
    OtherVersion,
    /// It could not be read.
    #[error("the index is damaged: {0}")]
    Damaged(String),
}

/// Why an index cannot be opened or written. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The folder cannot be used.
    #[error("cannot use {path}", path = .path.display())]
    Folder {
        /// Which file or folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The index itself failed: it should be rebuilt.
    #[error("the search index failed")]
    Index(#[from] TantivyError),
    /// Another writer is open.
    #[error("the search index has a writer already")]
    Busy,
    /// A rebuild has taken this writer's index out of service: take the writer that the rebuild gave.
    #[error("this writer's index was rebuilt")]
    Superseded,
}

/// The index. Cheap to clone; all clones are the same index.
#[derive(Clone)]
pub struct Index {
    house: Arc<House>,
}

/// Where generations live.
pub(crate) struct House {
    /// None for an index in memory.
    folder: Option<PathBuf>,
    options: Options,
    pub(crate) current: ArcSwap<Generation>,
    /// The number of the youngest generation.
    youngest: Mutex<u64>,
}

/// One tantivy index.
pub(crate) struct Generation {
    pub(crate) number: u64,
    pub(crate) index: tantivy::Index,
    pub(crate) fields: Fields,
    reader: IndexReader,
    snapshot: ArcSwap<Snapshot>,
}

/// What readers see until the next reload.
pub(crate) struct Snapshot {
    pub(crate) searcher: Searcher,
    /// Of each segment of the searcher, in its order.
    pub(crate) columns: Vec<Arc<Columns>>,
    pub(crate) fields: Fields,
}

impl Index {
    /// Opens the index in a folder, or makes an empty one there. All its files are read once to see whether they are whole.
    ///
    /// # Errors
    /// [`IndexError::Folder`] if the folder cannot be used at all.
    pub fn open(folder: &Path, options: Options) -> Result<(Self, Opened), IndexError> {
        let at = |path: &Path, source| IndexError::Folder { path: path.to_owned(), source };
        fs::create_dir_all(folder).map_err(|e| at(folder, e))?;
        let found = match read_current(folder) {
            Ok(Some(number)) => {
                Generation::open(folder, number).map(|(generation, why)| (number, generation, why))
            }
            Ok(None) => Err(Emptied::Missing),
            Err(error) => Err(Emptied::Damaged(error.to_string())),
        };
        let (number, generation, opened) = match found {
            Ok((number, generation, opened)) => (number, generation, opened),
            Err(why) => {
                let number =
                    generations(folder).map_err(|e| at(folder, e))?.last().map_or(1, |last| last + 1);
                let generation = Generation::create(Some(folder), number)?;
                write_current(folder, number)?;
                (number, generation, Opened::Empty { why })
            }
        };
        for other in generations(folder).map_err(|e| at(folder, e))? {
            if other != number {
                // What stays takes room but harms nothing; it is tried again when next opened.
                let _removed = fs::remove_dir_all(generation_folder(folder, other));
            }
        }
        Ok((Self::new(Some(folder.to_owned()), options, generation), opened))
    }

    /// An empty index in memory.
    ///
    /// # Errors
    /// [`IndexError::Index`] if there is no memory for it.
    pub fn in_memory(options: Options) -> Result<Self, IndexError> {
        Ok(Self::new(None, options, Generation::create(None, 1)?))
    }

    fn new(folder: Option<PathBuf>, options: Options, generation: Generation) -> Self {
        let youngest = Mutex::new(generation.number);
        let current = ArcSwap::from_pointee(generation);
        Self { house: Arc::new(House { folder, options, current, youngest }) }
    }

    /// The one writer.
    ///
    /// # Errors
    /// [`IndexError::Busy`] if there is one already.
    pub fn writer(&self) -> Result<Writer, IndexError> {
        Writer::new(Arc::clone(&self.house), self.house.current.load_full())
    }

    /// Begins another generation beside the one that serves. `progress` is told how many documents were put, now and
    /// then.
    ///
    /// # Errors
    /// [`IndexError::Folder`] or [`IndexError::Index`] if it cannot be made.
    pub fn rebuild(&self, progress: impl FnMut(u64) + Send + 'static) -> Result<Rebuild, IndexError> {
        let number = {
            let mut youngest = self.house.youngest.lock();
            *youngest += 1;
            *youngest
        };
        let generation = Arc::new(Generation::create(self.house.folder.as_deref(), number)?);
        Rebuild::new(Arc::clone(&self.house), generation, Box::new(progress))
    }

    /// How many documents it holds.
    #[must_use]
    pub fn documents(&self) -> u64 {
        self.snapshot().searcher.num_docs()
    }

    /// How many bytes its files take.
    ///
    /// # Errors
    /// [`IndexError::Index`] if they cannot be read.
    pub fn bytes(&self) -> Result<u64, IndexError> {
        Ok(self.snapshot().searcher.space_usage().map_err(TantivyError::from)?.total().get_bytes())
    }

    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        self.house.current.load().snapshot.load_full()
    }
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Index")
            .field("folder", &self.house.folder)
            .field("documents", &self.documents())
            .finish()
    }
}

impl House {
    pub(crate) fn writer_heap_bytes(&self) -> usize {
        self.options.writer_heap_bytes
    }

    /// Lets `generation` serve, for good.
    pub(crate) fn install(&self, generation: &Arc<Generation>) -> Result<(), IndexError> {
        if let Some(folder) = &self.folder {
            write_current(folder, generation.number)?;
        }
        // From here on nothing fails.
        let before = self.current.swap(Arc::clone(generation));
        self.discard(before.number);
        Ok(())
    }

    /// Removes a generation's files. Who still reads them has them open.
    pub(crate) fn discard(&self, number: u64) {
        if let Some(folder) = &self.folder {
            // What stays takes room but harms nothing; it is tried again when next opened.
            let _removed = fs::remove_dir_all(generation_folder(folder, number));
        }
    }
}

impl Generation {
    /// Opens one and checks every file's checksum.
    fn open(folder: &Path, number: u64) -> Result<(Self, Opened), Emptied> {
        let damaged = |error: TantivyError| Emptied::Damaged(error.to_string());
        let index = tantivy::Index::open_in_dir(generation_folder(folder, number)).map_err(damaged)?;
        if index.schema() != schema().0 {
            return Err(Emptied::OtherVersion);
        }
        let broken = index.validate_checksum().map_err(damaged)?;
        if let Some(file) = broken.iter().next() {
            return Err(Emptied::Damaged(format!("the checksum of {} is wrong", file.display())));
        }
        let opened = match index.load_metas().map_err(damaged)?.payload {
            None => Opened::Empty { why: Emptied::NeverFilled },
            Some(payload) => Opened::Whole { catalog: read_payload(&payload)? },
        };
        Ok((Self::new(index, number).map_err(damaged)?, opened))
    }

    fn create(folder: Option<&Path>, number: u64) -> Result<Self, IndexError> {
        let (schema, _) = schema();
        let index = match folder {
            None => tantivy::Index::create_in_ram(schema),
            Some(folder) => {
                let path = generation_folder(folder, number);
                fs::create_dir_all(&path)
                    .map_err(|source| IndexError::Folder { path: path.clone(), source })?;
                tantivy::Index::create_in_dir(path, schema)?
            }
        };
        Ok(Self::new(index, number)?)
    }

    fn new(mut index: tantivy::Index, number: u64) -> Result<Self, TantivyError> {
        index.set_tokenizers(tokenizers());
        let (_, fields) = schema();
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let snapshot = Snapshot::of(&reader, fields, None)?;
        Ok(Self { number, index, fields, reader, snapshot: ArcSwap::from_pointee(snapshot) })
    }

    /// Lets readers see the last commit.
    pub(crate) fn reload(&self) -> Result<(), TantivyError> {
        self.reader.reload()?;
        let snapshot = Snapshot::of(&self.reader, self.fields, Some(&self.snapshot.load()))?;
        self.snapshot.store(Arc::new(snapshot));
        Ok(())
    }
}

impl Snapshot {
    fn of(reader: &IndexReader, fields: Fields, before: Option<&Self>) -> Result<Self, TantivyError> {
        let searcher = reader.searcher();
        let known: BTreeMap<SegmentId, &Arc<Columns>> = before
            .iter()
            .flat_map(|before| before.searcher.segment_readers().iter().zip(&before.columns))
            .map(|(segment, columns)| (segment.segment_id(), columns))
            .collect();
        let columns: Result<Vec<Arc<Columns>>, TantivyError> = searcher
            .segment_readers()
            .iter()
            .map(|segment| match known.get(&segment.segment_id()) {
                Some(columns) => Ok(Arc::clone(columns)),
                None => Columns::open(segment).map(Arc::new),
            })
            .collect();
        Ok(Self { columns: columns?, searcher, fields })
    }
}

/// What is written with a commit: the schema's version and the caller's bytes.
pub(crate) fn payload(catalog: &[u8]) -> String {
    format!("{SCHEMA_VERSION} {}", HEXLOWER.encode(catalog))
}

fn read_payload(payload: &str) -> Result<Vec<u8>, Emptied> {
    let (version, catalog) = payload.split_once(' ').unwrap_or((payload, ""));
    if version != SCHEMA_VERSION.to_string() {
        return Err(Emptied::OtherVersion);
    }
    HEXLOWER.decode(catalog.as_bytes()).map_err(|error| Emptied::Damaged(error.to_string()))
}

fn generation_folder(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("generation-{number}"))
}

/// The numbers of all generations, in order.
fn generations(folder: &Path) -> io::Result<Vec<u64>> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let number: Option<u64> =
            name.to_str().and_then(|name| name.strip_prefix("generation-")).and_then(|n| n.parse().ok());
        numbers.extend(number);
    }
    numbers.sort_unstable();
    Ok(numbers)
}

fn read_current(folder: &Path) -> io::Result<Option<u64>> {
    match fs::read_to_string(folder.join(CURRENT)) {
        Ok(text) => text.trim().parse().map(Some).map_err(io::Error::other),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Writes the file beside and moves it over, so that there is always one that is whole.
fn write_current(folder: &Path, number: u64) -> Result<(), IndexError> {
    let path = folder.join(CURRENT);
    let write = || {
        let beside = folder.join("current.next");
        let mut file = fs::File::create(&beside)?;
        writeln!(file, "{number}")?;
        file.sync_all()?;
        fs::rename(&beside, &path)?;
        fs::File::open(folder)?.sync_all()
    };
    write().map_err(|source| IndexError::Folder { path: path.clone(), source })
}
