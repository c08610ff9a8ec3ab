//! Reads what a round of a move sends, and cuts it into pieces of bounded size.
//!
//! Reading blocks, and a venue may be larger than memory likes: a thread of its own reads one snapshot and hands over
//! piece after piece, never more than a few ahead of what is sent. In a runtime of one thread, as a simulation's is, all is
//! read where it is asked for, so that it does not depend on another thread when it is there.

use std::collections::BTreeMap;
use std::sync::Arc;

use marquee_ledger::journal;
use marquee_ledger::transfer::{Blob, Departure, Digest, KeptAnswer, Row};
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::{Semaphore, mpsc};

use super::Halt;
use crate::catalog::transfer::{Item, ItemName, Manifest};
use crate::home::{Failure, Home, Snapshot};

/// A piece has about so many bytes; a larger row has one of its own.
const PIECE_BYTES: usize = 256 << 10;
/// How many pieces are read ahead.
const PIECES_AHEAD: usize = 2;
/// Answers to keys go along if they are younger than this: whoever repeats a request does it sooner.
const ANSWERS_MS: u64 = 3_600_000;
/// And at most so many, the latest.
const ANSWERS_MAX: usize = 200_000;

/// Where a venue is read.
#[derive(Clone)]
pub(super) struct Origin {
    home: Home,
    /// What is read whenever it is; without it, what there is just then.
    copy: Option<Arc<Snapshot>>,
}

impl Origin {
    /// The home that has it.
    pub(super) fn home(home: &Home) -> Self {
        Self { home: home.clone(), copy: None }
    }

    /// A replica, as it is just now.
    pub(super) fn copy_of(replica: &Home) -> Result<Self, Failure> {
        Ok(Self { home: replica.clone(), copy: Some(Arc::new(replica.snapshot()?)) })
    }

    pub(super) fn look(&self) -> Result<Arc<Snapshot>, Failure> {
        match &self.copy {
            Some(copy) => Ok(Arc::clone(copy)),
            None => Ok(Arc::new(self.home.snapshot()?)),
        }
    }
}

/// What one command of the destination's log brings.
#[derive(Debug, Default)]
pub(super) struct Crate {
    pub(super) rows: Vec<Row>,
    pub(super) answers: Vec<KeptAnswer>,
    pub(super) items: Vec<Item>,
    /// Answers of the parts beside the ledger.
    pub(super) part_answers: Vec<KeptAnswer>,
    /// What the destination has with this crate, the round's last.
    pub(super) through: Option<u64>,
    bytes: usize,
}

/// What the destination has.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    /// Everything of the ledger that changed up to this entry; 0 before all was copied once.
    pub(super) through: u64,
    /// Entities of the catalog, by the hash of their records.
    pub(super) items: BTreeMap<ItemName, u128>,
}

/// What a venue that settles must be.
#[derive(Debug)]
pub(super) struct Bill {
    pub(super) digest: Digest,
    pub(super) departure: Departure,
    pub(super) manifest: Manifest,
}

impl Crate {
    pub(super) fn count(&self) -> u64 {
        (self.rows.len() + self.items.len()) as u64
    }
}

/// Reads what the destination lacks, crate by crate; the last one has its `through`.
pub(super) fn read(origin: &Origin, venue: u32, known: Known) -> mpsc::Receiver<Result<Crate, Halt>> {
    let is_here = is_one_thread();
    let (loaded, crates) = mpsc::channel(if is_here { Semaphore::MAX_PERMITS } else { PIECES_AHEAD });
    let origin = origin.clone();
    let reading = move || {
        let mut dock = Dock { loaded, is_here, next: Crate::default() };
        if let Err(Left::Broke(halt)) = load(&origin, venue, &known, &mut dock) {
            // Who does not wait for crates any more does not wait for this either.
            _ = dock.send(Err(halt));
        }
    };
    if is_here {
        reading();
    } else {
        tokio::task::spawn_blocking(reading);
    }
    crates
}

fn is_one_thread() -> bool {
    matches!(Handle::current().runtime_flavor(), RuntimeFlavor::CurrentThread)
}

/// What the venue is just now. It must be frozen.
pub(super) async fn bill(origin: &Origin, venue: u32) -> Result<Bill, Halt> {
    let origin = origin.clone();
    let reading = move || {
        let snapshot = origin.look()?;
        let ledger = snapshot.ledger()?;
        let catalog = snapshot.catalog();
        let (counter, stamp) = (catalog.counter()?, snapshot.index()? + catalog.news_lead()?);
        let manifest = Manifest { items: catalog.manifest(venue)?, counter, stamp };
        Ok(Bill { digest: ledger.digest_of(venue)?, departure: ledger.departure()?, manifest })
    };
    if is_one_thread() {
        return reading();
    }
    // A task that panicked has told why; whoever is home goes on.
    tokio::task::spawn_blocking(reading).await.unwrap_or(Err(Halt::Overtaken))
}

/// Where crates are loaded.
struct Dock {
    loaded: mpsc::Sender<Result<Crate, Halt>>,
    /// There is room for everything, and nobody who could make some.
    is_here: bool,
    next: Crate,
}

/// Why loading ends early.
enum Left {
    /// Nobody waits for crates any more.
    Alone,
    Broke(Halt),
}

impl<E: Into<Halt>> From<E> for Left {
    fn from(error: E) -> Self {
        Self::Broke(error.into())
    }
}

impl Dock {
    /// Makes room for so many bytes more.
    fn room(&mut self, bytes: usize) -> Result<(), Left> {
        if self.next.bytes > 0 && self.next.bytes + bytes > PIECE_BYTES {
            self.ship()?;
        }
        self.next.bytes += bytes;
        Ok(())
    }

    fn ship(&mut self) -> Result<(), Left> {
        let full = std::mem::take(&mut self.next);
        self.send(Ok(full))
    }

    fn send(&self, loaded: Result<Crate, Halt>) -> Result<(), Left> {
        match self.is_here {
            true => self.loaded.try_send(loaded).map_err(|_closed| Left::Alone),
            false => self.loaded.blocking_send(loaded).map_err(|_closed| Left::Alone),
        }
    }

    fn row(&mut self, row: Row) -> Result<(), Left> {
        let value_len = row.value.as_ref().map_or(0, |value| value.0.len());
        self.room(row.name.key.0.len() + value_len)?;
        self.next.rows.push(row);
        Ok(())
    }
}

fn load(origin: &Origin, venue: u32, known: &Known, dock: &mut Dock) -> Result<(), Left> {
    let snapshot = origin.look()?;
    let ledger = snapshot.ledger()?;
    let through = ledger.last_index()?;
    load_items(&snapshot, venue, known, dock)?;
    if known.through == 0 {
        ledger.each_row::<Left>(venue, |name, value| dock.row(Row { name, value: Some(Blob(value)) }))?;
    }
    for name in ledger.noted(venue, known.through)? {
        let row = ledger.row(name)?;
        // What was copied whole lacks only what has gone since an earlier attempt.
        if known.through > 0 || row.value.is_none() {
            dock.row(row)?;
        }
    }
    let since_ms = origin.home.now_ms().saturating_sub(ANSWERS_MS);
    for answer in ledger.answers_of(venue, known.through, since_ms, ANSWERS_MAX)? {
        dock.room(answer.answer.0.len() + 32)?;
        dock.next.answers.push(answer);
    }
    let (state, table) = snapshot.parts_journal();
    for answer in journal::answers_of(state, &table, venue, known.through, since_ms, ANSWERS_MAX)? {
        dock.room(answer.answer.0.len() + 32)?;
        dock.next.part_answers.push(answer);
    }
    dock.next.through = Some(through);
    dock.ship()
}

fn load_items(snapshot: &Snapshot, venue: u32, known: &Known, dock: &mut Dock) -> Result<(), Left> {
    let catalog = snapshot.catalog();
    for (name, hash) in catalog.manifest(venue)? {
        if known.items.get(&name) == Some(&hash) {
            continue;
        }
        if let Some(record) = catalog.item(name)? {
            dock.room(record.len() + 32)?;
            dock.next.items.push(Item { name, record: Blob(record) });
        }
    }
    Ok(())
}
