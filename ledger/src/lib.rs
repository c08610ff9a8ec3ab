//! The rules of selling seats.
//!
//! The ledger is a pure function over redb tables: a [`Request`] comes in with the position of its log entry and the
//! instant at which the home proposed it; an [`Answer`] comes out, and the tables say what is so. There is no clock, no
//! network, no randomness and no async in this crate: two replicas that apply the same entries hold the same bytes.
//!
//! What is sold is a [`performance`](terms::Terms): one dated showing in one hall. The hall's [`Layout`] numbers its
//! seats densely; a performance's seats are `free`, `held`, `booked` or `killed`, each with exactly one owner. A buyer
//! *holds* seats until an instant, *orders* what the hold keeps, and the order is *booked* when its payment is captured.
//! What must happen outside (charge a card, pay money back) is written to the outbox in the same commit, and its result
//! comes back as another command. A lapsed hold frees its seats; a payment that arrives later takes the same seats again
//! if they are free, and is otherwise refunded by itself.
//!
//! **How it is used**: a [`Ledger`] is opened over the tables and applies one log entry after another:
//! [`begin`](Ledger::begin), [`apply`](LedgerEntry::apply) per command, [`finish`](LedgerEntry::finish), all in the
//! caller's write transaction. What changed comes back as a list of [`Change`]s, for live views and workers. A
//! [`read::Reader`] answers questions from a snapshot.
//!
//! A venue can pass from one group's ledger to another's while it sells: see [`transfer`].
//!
//! Reading order: [`ids`], [`money`], [`layout`], [`terms`]; [`command`], [`refusal`], [`hold`], [`order`], [`change`]:
//! what the others see. Then the tables and their [`record`]s, the [`journal`], the plan of a hall, the inventory of a
//! performance and how the best seats are chosen. Last, `apply`, which has the rules, and the
//! [`audit`], which trusts none of it.
//!
//! **Invariants**, checked by [`audit`] over any copy of the tables:
//! 1. a seat of a performance has at most one live owner, and at most one ledger sells a venue;
//! 2. free + held + booked + killed = capacity, per performance and per area;
//! 3. every order's postings sum to zero, and what is captured less what is refunded is what its live tickets, kept fees
//!    and open refunds account for;
//! 4. the same key gives the same answer;
//! 5. the hash chain over the journal is whole.

mod apply;
pub mod audit;
mod best;
mod broken;
pub mod change;
pub mod command;
pub mod hold;
pub mod ids;
mod inventory;
pub mod journal;
pub mod layout;
mod memory;
pub mod money;
pub mod order;
mod plan;
mod position;
pub mod read;
pub mod record;
pub mod refusal;
mod tables;
pub mod terms;
pub mod transfer;
mod visitor;

pub use apply::{Ledger, LedgerEntry, Options};
pub use broken::Broken;
pub use change::Change;
pub use command::{Answer, Command, Key, Outcome, Request};
pub use hold::Hold;
pub use ids::{AccountId, EventId, HallId, HoldId, OrderId, PerformanceId, TicketId, VenueId};
pub use journal::Journal;
pub use layout::Layout;
pub use money::{Currency, Money};
pub use order::Order;
pub use position::Position;
pub use refusal::Refusal;
pub use visitor::TableVisitor;
