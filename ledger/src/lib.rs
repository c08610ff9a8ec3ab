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
//! Reading order: [`ids`], [`money`], [`layout`], [`terms`], [`command`], [`refusal`], [`order`], [`change`].
//!
//! **Invariants**, checked by [`audit`] over any copy of the tables:
//! 1. a seat of a performance has at most one live owner;
//! 2. free + held + booked + killed = capacity, per performance and per area;
//! 3. every order's postings sum to zero, and what is captured less what is refunded is what its live tickets, kept fees
//!    and open refunds account for;
//! 4. the same key gives the same answer;
//! 5. the hash chain over the journal is whole.

mod broken;
pub mod change;
pub mod command;
pub mod ids;
pub mod layout;
pub mod money;
pub mod order;
mod position;
pub mod record;
pub mod refusal;
pub mod terms;

pub use broken::Broken;
pub use change::Change;
pub use command::{Answer, Command, Key, Outcome, Request};
pub use ids::{AccountId, EventId, HallId, HoldId, OrderId, PerformanceId, TicketId, VenueId};
pub use layout::Layout;
pub use money::{Currency, Money};
pub use order::Order;
pub use position::Position;
pub use refusal::Refusal;
