//! A venue's passage from one group's ledger to another's.
//!
//! The data of a venue are rows of the tables: layouts, performances, seats, kills, holds, orders, customers' counts and
//! the outbox's tasks; and the answers that its keys were given lately. They are **copied while the venue sells**: the
//! *source* notes which rows change meanwhile, and what is noted is sent again, in ever shorter rounds. Only then is the
//! venue frozen, so that the pause lasts for the last round and for one comparison, however large the venue is.
//!
//! | step | at | from | to | what happens |
//! |---|---|---|---|---|
//! | [`Prepare`](Act::Prepare) | source | owned, copied, departed | copied, departed | another attempt begins; changes are noted |
//! | [`Depart`](Act::Depart) | source | copied | departed | nobody writes to the venue any more: [`Refusal::Moved`](crate::Refusal::Moved) |
//! | [`Stay`](Act::Stay) | source | copied, departed | owned | it sells again |
//! | [`Forget`](Act::Forget) | source | departed | leaving, gone | its rows go, some at a time |
//! | [`Await`](Act::Await) | destination | –, gone, arriving | arriving | an attempt is let in; earlier ones are shut out |
//! | [`Arrive`](Act::Arrive) | destination | arriving | arriving | a piece is put aside |
//! | [`Settle`](Act::Settle) | destination | arriving | owned | with the last piece it is here whole, and sells here |
//! | [`Discard`](Act::Discard) | destination | –, arriving | leaving, gone | it will never settle at this epoch; its rows go |
//!
//! Every step names the **epoch** that the move leads to, which the directory gave out and gives out once, and may be
//! repeated. Two coordinators may be at work at a time, and each message may be late or come twice: an *attempt* has a
//! number from the source's log, the destination takes pieces of the latest attempt only, in their order.
//!
//! **One owner.** `Settle` is the point of no return, and the destination's log has it once. `Stay` is right only once
//! the destination has answered [`Act::Discard`], after which it never settles at that epoch; `Forget` only once it has
//! settled. So no order of messages lets both sell. What is told to the directory follows; it decides nothing.
//!
//! **Whole.** The destination adds up a [`Digest`] of every row that it has; `Settle` names the digest that the frozen
//! source counts from its tables. A row that was lost, or whose change was not noted, is a difference, and the venue
//! stays where it is.
//!
//! **Taken over.** A group with one voter may be lost with what only it knows. An operator can give its venue away without
//! it: the copy of another replica travels, as of an entry that the directory has written down, the *base*. The source has
//! no part in it, so it goes on selling until it hears: then it yields, keeps its rows, and lists as [`Conflict`]s every
//! order that changed after the base. Nothing of them is the venue's any more; each is settled by a person.
//!
//! | step | at | from | to | what happens |
//! |---|---|---|---|---|
//! | [`Yield`](Act::Yield) | source | owned, copied, departed | yielded | it sells no more; conflicts are listed |
//! | [`Judge`](Act::Judge) | source | yielded | yielded | a person says what becomes of an order; a refund begins |
//! | [`Late`](Act::Late) | source | yielded | yielded | what a gateway says of an order in conflict |
//! | [`Adopt`](Act::Adopt) | owner | owned, copied | same | an order of the source's becomes the owner's, or its end is shown there |
//! | [`Withdraw`](Act::Withdraw) | source | yielded | yielded | the owner cannot keep an order: somebody else has its seats |
//! | [`Close`](Act::Close) | source | yielded | yielded | an order is in conflict no more |
//! | [`Forget`](Act::Forget) | source | yielded | leaving, gone | once no conflict is open |
//!
//! No order is kept and refunded: what is said of it stands in the source's log once, and the owner's refusal to adopt it is
//! kept under the key of the request, so that a late repetition is refused as well.
//!
//! **Proof.** The chains of both groups go on. The source's chain has the departure as its last word on the venue. The
//! destination's has every piece by its hash, and the source's link at the departure in `Settle`: who holds an old
//! receipt shows it against the source's journal, up to that link. An order that arrived says which entry took it in; its
//! receipts from then on are the destination's.

mod conflict;
mod digest;
mod notes;
mod reading;
mod rows;

use serde::{Deserialize, Serialize};

use crate::command::PaymentResult;
use crate::ids::{COUNTER_MAX, OrderId};
use crate::journal::ChainLink;
use crate::order::{Order, RefundId};

pub use conflict::{Conflict, End, Origin, Verdict};
pub use digest::Digest;
pub(crate) use notes::{Notebook, NotedRows, NotedTasks, venue_in};
pub(crate) use reading::performances_of;
pub(crate) use rows::order_to_travel;
pub use rows::{Blob, KeptAnswer, Piece, Row, RowName, Shelf};

/// A step of a venue's move. See the module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The venue's number.
    pub venue: u32,
    /// The epoch that the move leads to.
    pub epoch: u64,
    /// What is to be done.
    pub act: Act,
}

/// What a step does. See the module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Act {
    /// Begins an attempt; answered with its number in the [`Standing`].
    Prepare,
    /// Freezes the venue.
    Depart {
        /// The attempt that copied it.
        attempt: u64,
    },
    /// Lets the venue sell where it was. Only once the destination has discarded it.
    Stay,
    /// Removes the venue's rows. Only once it has settled at the destination.
    Forget {
        /// How many rows at the most.
        limit: u32,
    },
    /// Lets an attempt in.
    Await {
        /// Its number.
        attempt: u64,
    },
    /// Puts a piece aside.
    Arrive(Piece),
    /// Lets the venue sell here.
    Settle(Settlement),
    /// Shuts the move out for ever and removes what has come.
    Discard {
        /// How many rows at the most.
        limit: u32,
    },
    /// Ends selling here, since another group has taken the venue over.
    Yield {
        /// What that group knows of this one.
        base: Departure,
    },
    /// Says what becomes of an order in conflict.
    Judge {
        /// Which.
        order: OrderId,
        /// What.
        verdict: Verdict,
    },
    /// What a gateway says of an order in conflict.
    Late {
        /// Which.
        order: OrderId,
        /// What it says.
        news: News,
    },
    /// Takes the verdict that an order is to be kept back, since its owner refuses it.
    Withdraw {
        /// Which.
        order: OrderId,
        /// Why it is refused.
        why: String,
    },
    /// Ends a conflict.
    Close {
        /// Which order's.
        order: OrderId,
        /// How.
        end: End,
    },
    /// Takes an order of a group that has yielded the venue.
    Adopt(Box<Adoption>),
}

/// What a gateway says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum News {
    /// Of a payment.
    Payment(PaymentResult),
    /// Of a refund.
    Refund {
        /// Which of the order's.
        refund: RefundId,
        /// Whether the money went back; if not, why.
        result: Result<(), String>,
    },
}

/// An order that was sold where the venue is sold no more. Its valid tickets become valid here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adoption {
    /// As it stands there.
    pub order: Order,
    /// The version of the hall's layout that its places are of.
    pub layout_version: u32,
}

/// What must be so for a venue to settle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settlement {
    /// The attempt's last piece: with it the venue is here whole.
    pub last: Piece,
    /// Of all rows at the frozen source.
    pub digest: Digest,
    /// Where the venue left the source.
    pub departure: Departure,
}

/// Where a venue left its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Departure {
    /// The source's counter of ids: whoever takes the venue over counts on from there, so that no id is given twice.
    pub counter: u64,
    /// The source's chain, at the departure or after it.
    pub link: ChainLink,
}

/// Where a venue stands with a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The epoch of the last move that touched the group; 0 for a venue that never moved.
    pub epoch: u64,
    /// How far it is.
    pub stage: Stage,
}

/// How far a venue is with a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// It sells here.
    Owned,
    /// It sells here, and is being copied.
    Copied(Copying),
    /// It is frozen.
    Departed(Copying),
    /// It is not here whole yet.
    Arriving(Arrival),
    /// Its rows are being removed.
    Leaving,
    /// It is not here any more.
    Gone,
    /// Another group took it over. Its rows are kept until no order is in conflict.
    Yielded(Departure),
}

/// What the source knows of a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copying {
    /// The epoch at which it owns the venue.
    pub from: u64,
    /// The latest attempt.
    pub attempt: u64,
    /// The entry since which changes are noted.
    pub since: u64,
}

/// What the destination knows of a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrival {
    /// The attempt that is let in.
    pub attempt: u64,
    /// How many pieces of it are here.
    pub pieces: u64,
    /// Everything that changed at the source up to this entry is here; 0 before all was copied once.
    pub through: u64,
    /// Of all rows that are here.
    pub digest: Digest,
}

impl Departure {
    /// Whether an order of the source's was placed after it.
    #[must_use]
    pub const fn is_before(self, order: OrderId) -> bool {
        order.counter() > self.counter & COUNTER_MAX
    }
}

impl Standing {
    /// That of a venue that never moved.
    pub const FIRST: Self = Self { epoch: 0, stage: Stage::Owned };

    /// Whether the group sells the venue's seats.
    #[must_use]
    pub const fn sells(self) -> bool {
        match self.stage {
            Stage::Owned | Stage::Copied(_) => true,
            Stage::Departed(_) | Stage::Arriving(_) | Stage::Leaving | Stage::Gone | Stage::Yielded(_) => {
                false
            }
        }
    }

    /// The epoch at which the group owns the venue, if it does. A frozen venue has its owner still.
    #[must_use]
    pub const fn owned_at(self) -> Option<u64> {
        match self.stage {
            Stage::Owned => Some(self.epoch),
            Stage::Copied(copying) | Stage::Departed(copying) => Some(copying.from),
            Stage::Arriving(_) | Stage::Leaving | Stage::Gone | Stage::Yielded(_) => None,
        }
    }

    /// Whether a hold with this order lapses here by its time.
    #[must_use]
    pub(crate) fn has_lapse(self, order: Option<OrderId>) -> bool {
        match self.stage {
            Stage::Owned | Stage::Copied(_) => true,
            // Nobody else knows of it, and its payment may be under way.
            Stage::Yielded(base) => order.is_some_and(|order| base.is_before(order)),
            Stage::Departed(_) | Stage::Arriving(_) | Stage::Leaving | Stage::Gone => false,
        }
    }

    /// Whether changes of the venue's rows are noted.
    #[must_use]
    pub(crate) const fn is_noted(self) -> bool {
        match self.stage {
            Stage::Copied(_) | Stage::Departed(_) => true,
            Stage::Owned | Stage::Arriving(_) | Stage::Leaving | Stage::Gone | Stage::Yielded(_) => false,
        }
    }
}
