//! Applying commands: who may have which seat, and whose money it is.
//!
//! A [`Ledger`] is opened once; every log entry is a [`LedgerEntry`]: [`begin`](Ledger::begin), one
//! [`apply`](LedgerEntry::apply) per command, [`finish`](LedgerEntry::finish). Within an entry every command sees what
//! those before it did.
//!
//! Each command is a function that checks first and writes afterwards; a comment marks the point from which on nothing is
//! refused. So a refusal never leaves anything half done, and needs no undo. The rooms:
//! `performances` (what is sold), `selection` (which places), `holds`, `orders`, `payments`, `refunds`, `transfer` (how
//! venues come and go), and `effects`, the writes that several of them share.
//!
//! **Invariant**: memory and tables say the same after `finish`. If anything returns [`Broken`], memory may be ahead of
//! the tables, the transaction must be aborted, and the ledger opened again before it is used again.

mod anonymising;
mod effects;
mod gifts;
mod holds;
mod orders;
mod payments;
mod performances;
mod refunds;
mod selection;
mod transfer;

use std::rc::Rc;

use redb::WriteTransaction;

use crate::broken::Broken;
use crate::change::Change;
use crate::command::{Answer, Command, Outcome, Request};
use crate::ids::TICKETS_PER_ORDER_MAX;
use crate::journal::{ChainLink, Found, Journal};
use crate::memory::Memory;
use crate::position::Position;
use crate::record;
use crate::refusal::Refusal;
use crate::tables::{Names, Tables};
use crate::transfer::{Act, Notebook, Standing};
use crate::visitor::TableVisitor;

/// How much the ledger keeps in memory, and how much one hold may keep.
///
/// All replicas of a group must have the same `keys_max`, `places_per_hold_max` and `holds_per_holder_max`: they decide
/// what is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// How many idempotency keys are remembered at the most; at least half as many always are.
    pub keys_max: usize,
    /// How many seats the performances that are kept in memory have together; about 20 bytes each.
    pub seats_cached_max: usize,
    /// How many places one hold can have; at most [`TICKETS_PER_ORDER_MAX`] are allowed whatever it says.
    pub places_per_hold_max: u32,
    /// How many open holds one holder can have, over all performances; 0 for no limit.
    pub holds_per_holder_max: u32,
}

impl Default for Options {
    /// 1.8 million keys (about 70 MB), 4 million seats (about 80 MB), 100 places a hold, any number of holds.
    fn default() -> Self {
        // Two generations that each just fill a hash map of 2^20 buckets.
        Self {
            keys_max: 2 * 7 * (1 << 20) / 8,
            seats_cached_max: 4_000_000,
            places_per_hold_max: 100,
            holds_per_holder_max: 0,
        }
    }
}

/// The ledger of a group: the rules, and what of the tables is kept in memory.
pub struct Ledger {
    names: Names,
    options: Options,
    journal: Journal,
    memory: Memory,
    numbers: Numbers,
}

/// One log entry, being applied.
pub struct LedgerEntry<'a> {
    state: &'a WriteTransaction,
    tables: Tables<'a>,
    at: Position,
    options: Options,
    journal: &'a mut Journal,
    memory: &'a mut Memory,
    numbers: &'a mut Numbers,
    notebook: Rc<Notebook>,
    next_expiry_ms: u64,
    changes: Vec<Change>,
}

/// The ledger's counters; the journal keeps them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Numbers {
    /// Of the last id.
    id: u64,
    /// Of the last task.
    task: u64,
}

/// Why a command ends early.
enum Stop {
    Refused(Refusal),
    Broken(Broken),
}

/// What becomes of a command.
type Decided = Result<Outcome, Stop>;

impl Ledger {
    /// A ledger whose tables have names under `namespace`. [`open`](Self::open) it before use.
    #[must_use]
    pub fn new(namespace: &str, options: Options) -> Self {
        let names = Names::new(namespace);
        let journal = Journal::new(&names.journal, options.keys_max);
        Self { names, options, journal, memory: Memory::default(), numbers: Numbers::default() }
    }

    /// Creates missing tables and reads what is kept in memory: the counters, the last keys and when holds lapse.
    ///
    /// # Errors
    /// When the storage failed or a record is damaged.
    pub fn open(&mut self, state: &WriteTransaction) -> Result<(), Broken> {
        let tables = Tables::open(state, &self.names, &Rc::default())?;
        self.memory.open(&tables)?;
        self.journal.open(state)?;
        self.numbers = Numbers::from_memo(self.journal.memo())?;
        Ok(())
    }

    /// Shows all tables, in an order that does not change.
    ///
    /// # Errors
    /// What the visitor says.
    pub fn visit_tables<V: TableVisitor>(&self, visitor: &mut V) -> Result<(), V::Error> {
        self.names.visit(visitor)
    }

    /// Begins a log entry. Its time is `at.now_ms`, or that of the last entry if that was later.
    ///
    /// # Errors
    /// When the storage failed, or this entry or a later one was applied before.
    pub fn begin<'a>(
        &'a mut self,
        state: &'a WriteTransaction,
        at: Position,
    ) -> Result<LedgerEntry<'a>, Broken> {
        let at = self.journal.begin(at)?;
        let notebook = Notebook::new(self.memory.noted());
        Ok(LedgerEntry {
            state,
            tables: Tables::open(state, &self.names, &notebook)?,
            notebook,
            at,
            options: self.options,
            next_expiry_ms: self.memory.next_expiry_ms(),
            journal: &mut self.journal,
            memory: &mut self.memory,
            numbers: &mut self.numbers,
            changes: Vec::new(),
        })
    }

    /// The last link of the hash chain. Replicas that applied the same entries have the same.
    #[must_use]
    pub const fn chain_head(&self) -> ChainLink {
        self.journal.head()
    }

    /// Where a venue stands with this group.
    #[must_use]
    pub fn standing(&self, venue: u32) -> Standing {
        self.memory.standing(venue).unwrap_or(Standing::FIRST)
    }
}

impl LedgerEntry<'_> {
    /// Applies a command, or repeats the answer that its key was given before.
    ///
    /// # Errors
    /// When the storage failed or contradicts itself; see the module's invariant.
    pub fn apply(&mut self, request: &Request) -> Result<Answer, Broken> {
        let index = self.at.index;
        if let Some(key) = request.key {
            match self.journal.find(self.state, key)? {
                Found::Nothing => {}
                Found::Answered { index, answer } => {
                    return Ok(Answer { index, result: record::decode_bare(&answer)? });
                }
                Found::Reused => return Ok(Answer { index, result: Err(Refusal::KeyReused) }),
            }
        }
        if !self.may_write(&request.command) {
            return Ok(Answer { index, result: Err(Refusal::Moved) });
        }
        let result = match self.decide(&request.command) {
            Ok(outcome) => Ok(outcome),
            Err(Stop::Refused(refusal)) => Err(refusal),
            Err(Stop::Broken(broken)) => return Err(broken),
        };
        match request.key {
            Some(key) => {
                let owner = request.command.owner().unwrap_or(0);
                self.journal.record(key, owner, &record::encode_bare(&result));
            }
            // What has no key and was refused left no trace and will not be asked for.
            None if result.is_err() => {}
            None => self.journal.note(hash_of(&request.command), &record::encode_bare(&result)),
        }
        Ok(Answer { index, result })
    }

    /// Writes what the entry's commands have in common, and adds what changed to `changes`.
    ///
    /// # Errors
    /// When the storage failed.
    pub fn finish(mut self, changes: &mut Vec<Change>) -> Result<(), Broken> {
        for performance in self.memory.take_touched() {
            if let Some(inventory) = self.memory.loaded(performance) {
                changes.extend(inventory.store(&mut self.tables, performance)?.map(Change::Seats));
            }
        }
        changes.append(&mut self.changes);
        let next_expiry_ms = self.memory.next_expiry_ms();
        if next_expiry_ms != self.next_expiry_ms {
            changes.push(Change::NextExpiry(next_expiry_ms));
        }
        self.tables.write_notes(&self.notebook, self.at.index)?;
        self.memory.shrink(self.options.seats_cached_max);
        self.journal.finish(self.state, &self.numbers.to_memo())
    }

    fn decide(&mut self, command: &Command) -> Decided {
        match command {
            Command::DefineLayout { hall, version, layout } => self.define_layout(*hall, *version, layout),
            Command::OpenPerformance { performance, terms } => self.open_performance(*performance, terms),
            Command::AmendPerformance { performance, terms } => self.amend_performance(*performance, terms),
            Command::WithdrawPerformance { performance } => self.withdraw_performance(*performance),
            Command::CancelPerformance { performance, reason } => {
                self.cancel_performance(*performance, reason)
            }
            Command::CancelOrders { performance, limit } => self.cancel_orders(*performance, *limit),
            Command::Kill { performance, seats, reason } => self.kill(*performance, seats, reason),
            Command::Revive { performance, seats } => self.revive(*performance, seats),
            Command::Hold(request) => self.hold(request),
            Command::ReleaseHold { hold, secret } => self.release_hold(*hold, *secret),
            Command::ExtendHold { hold, secret } => self.extend_hold(*hold, *secret),
            Command::ExpireHolds { limit } => self.expire_holds(*limit),
            Command::PlaceOrder(request) => self.place_order(request),
            Command::Buy { hold, buyer, payment } => self.buy(hold, buyer, payment),
            Command::SettlePayment { order, result } => self.settle_payment(*order, result),
            Command::CancelTickets { order, tickets, ground, reason } => {
                self.cancel_tickets(*order, tickets, *ground, reason)
            }
            Command::RefundOrder { order, amount, reason } => self.refund_order(*order, *amount, reason),
            Command::SettleRefund { order, refund, result } => self.settle_refund(*order, *refund, result),
            Command::TransferTicket { ticket, to } => self.transfer_ticket(*ticket, to),
            Command::AcceptTicket { ticket, serial, holder, secret } => {
                self.accept_ticket(*ticket, *serial, holder, *secret)
            }
            Command::CallBackTicket { ticket } => self.call_back_ticket(*ticket),
            Command::Anonymise { orders, account } => self.anonymise(orders, *account),
            Command::FinishTasks { tasks } => self.finish_tasks(tasks),
            Command::Transfer(step) => self.transfer(step),
        }
    }

    /// Whether all that the command is about is sold here.
    fn may_write(&self, command: &Command) -> bool {
        if let Command::Anonymise { orders, .. } = command {
            return orders.iter().all(|order| self.memory.sells(order.owner()));
        }
        if let Command::Transfer(step) = command
            && matches!(step.act, Act::Adopt(_))
        {
            return self.memory.sells(step.venue);
        }
        command.owner().is_none_or(|venue| self.memory.sells(venue))
    }

    /// Where a venue stands with this group.
    #[must_use]
    pub fn standing(&self, venue: u32) -> Standing {
        self.memory.standing(venue).unwrap_or(Standing::FIRST)
    }

    fn places_max(&self) -> u32 {
        self.options.places_per_hold_max.min(TICKETS_PER_ORDER_MAX as u32)
    }
}

impl Numbers {
    fn to_memo(self) -> [u8; 16] {
        let mut memo = [0; 16];
        memo[..8].copy_from_slice(&self.id.to_le_bytes());
        memo[8..].copy_from_slice(&self.task.to_le_bytes());
        memo
    }

    fn from_memo(memo: &[u8]) -> Result<Self, Broken> {
        if memo.is_empty() {
            return Ok(Self::default());
        }
        let ([id, task], []) = memo.as_chunks::<8>() else {
            return Err(Broken::damaged("the counters in the journal are not two"));
        };
        Ok(Self { id: u64::from_le_bytes(*id), task: u64::from_le_bytes(*task) })
    }
}

/// The counter of ids that a journal's memo keeps.
pub(crate) fn id_counter(memo: &[u8]) -> Result<u64, Broken> {
    Ok(Numbers::from_memo(memo)?.id)
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl<E: Into<Broken>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Broken(error.into())
    }
}

/// What a row of the journal says about a command that came without a key.
fn hash_of(command: &Command) -> u128 {
    let mut hash = [0; 16];
    blake3::Hasher::new().update(&record::encode_bare(command)).finalize_xof().fill(&mut hash);
    u128::from_le_bytes(hash)
}
