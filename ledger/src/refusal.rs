//! Why a command was not carried out. A refusal never touches seats, holds, orders or money.

use serde::{Deserialize, Serialize};

use crate::ids::OrderId;
use crate::layout::SeatIndex;

/// A refusal. Its [`code`](Refusal::code) is stable: it stands in journals and in what clients see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Refusal {
    /// The key was used for another request. Use a fresh key; a retry is useless.
    #[error("this idempotency key was used for another request")]
    KeyReused,
    /// No such performance.
    #[error("there is no such performance")]
    UnknownPerformance,
    /// No such hall or version of it.
    #[error("there is no such layout")]
    UnknownLayout,
    /// The version exists with another content, or the performance does.
    #[error("it exists already, with another content")]
    AlreadyExists,
    /// A layout or terms that cannot be sold; the words say what is wrong.
    #[error("{0}")]
    Invalid(String),
    /// Some of the seats are in use: the change would take them away.
    #[error("{count} seats are in use, the first is {first}")]
    SeatsInUse {
        /// The first of them.
        first: SeatIndex,
        /// How many.
        count: u32,
    },
    /// The performance has orders, so that it can be cancelled but not withdrawn.
    #[error("the performance has orders")]
    HasOrders,
    /// The performance was called off.
    #[error("the performance was cancelled")]
    PerformanceCancelled,
    /// The sale begins later. A retry is useful from then on.
    #[error("the sale has not begun")]
    NotOnSaleYet {
        /// When it begins, in milliseconds since 1970.
        from_ms: u64,
    },
    /// The sale is over.
    #[error("the sale is over")]
    SaleOver,
    /// Nothing was asked for, or the same seat twice.
    #[error("choose at least one place, and none of them twice")]
    EmptySelection,
    /// More places than one hold can have.
    #[error("at most {max} places at once")]
    TooManyPlaces {
        /// The limit.
        max: u32,
    },
    /// No such seat in this hall.
    #[error("there is no seat {0} in this hall")]
    UnknownSeat(SeatIndex),
    /// No such area in this hall.
    #[error("there is no area {0} in this hall")]
    UnknownArea(u16),
    /// No such section in this hall.
    #[error("there is no section {0} in this hall")]
    UnknownSection(u16),
    /// No such price category, or it is not sold with this concession.
    #[error("there is no price for this category and concession")]
    UnknownPrice,
    /// Somebody else has some of the seats. Choose others; a retry may help when their hold lapses.
    #[error("{} of the seats are taken", seats.len())]
    SeatsTaken {
        /// Which.
        seats: Vec<SeatIndex>,
    },
    /// Not that many places are free in the area.
    #[error("only {free} places are free in this area")]
    AreaFull {
        /// Index of the area.
        area: u16,
        /// How many are free.
        free: u32,
    },
    /// No free seats side by side fit the wish. Ask for fewer, or with fewer conditions.
    #[error("no {quantity} seats side by side are free")]
    NoneSideBySide {
        /// How many were wanted.
        quantity: u32,
        /// How many fitting seats are free, wherever they are.
        free: u32,
    },
    /// The customer would have more tickets of this performance than allowed.
    #[error("at most {limit} tickets per customer")]
    TicketLimit {
        /// The limit.
        limit: u16,
    },
    /// The customer has as many open holds as allowed. A retry is useful when one was ordered, released or has lapsed.
    #[error("at most {max} holds at a time")]
    TooManyHolds {
        /// The limit.
        max: u32,
    },
    /// No such hold, or it lapsed, or the secret is another's.
    #[error("there is no such hold, or it has lapsed")]
    UnknownHold,
    /// The hold was extended before.
    #[error("the hold was extended before, or cannot be")]
    NotExtendable,
    /// The hold has an order whose payment is under way.
    #[error("the hold has been ordered")]
    HoldOrdered {
        /// The order.
        order: OrderId,
    },
    /// No such order.
    #[error("there is no such order")]
    UnknownOrder,
    /// No such ticket in the order, or it is not valid any more.
    #[error("there is no such live ticket")]
    UnknownTicket,
    /// The order is not paid, so there is nothing to cancel, refund or transfer.
    #[error("the order is not booked")]
    NotBooked,
    /// The time to cancel under the order's refund policy is over.
    #[error("the time to cancel is over")]
    TooLateToCancel {
        /// When it ended, in milliseconds since 1970.
        until_ms: u64,
    },
    /// More than what was captured and not refunded.
    #[error("at most {max} can be refunded")]
    RefundTooHigh {
        /// Minor units.
        max: i64,
    },
    /// No such refund in the order.
    #[error("there is no such refund")]
    UnknownRefund,
    /// Nothing was captured, or the order costs nothing. (Another amount than the order's total is no refusal: it is paid
    /// back.) A retry is useless.
    #[error("the amount is not what the order costs")]
    AmountMismatch,
    /// Nobody offers the ticket, or not with this serial: it was accepted, called back, or offered to somebody else since. A
    /// retry is useless.
    #[error("the ticket is not on offer, or not any more")]
    NotOffered,
    /// The venue is on its way to another group, or belongs to one. Nothing of this is kept: the same request with the same
    /// key is answered there, or here if the venue stays.
    #[error("the venue moves, or has moved, to another group")]
    Moved,
    /// A step of a move that is overtaken: by a later attempt, by another move, or by the end of this one. Look again.
    #[error("this step of the move is overtaken")]
    StaleStep,
    /// Not all of the venue is here, or it is not what the source has. Nothing was settled; send what is missing.
    #[error("the venue is not here whole")]
    Incomplete,
    /// Rows of the venue are left here from before, or it is owned here. They must go first.
    #[error("rows of the venue are here already")]
    LeftOver,
    /// The order is not in conflict here, or not any more. A retry is useless.
    #[error("the order is not in conflict")]
    NoConflict,
    /// Something else was said before of what becomes of the order. A retry is useless.
    #[error("something else was decided about the order before")]
    Judged,
    /// Orders of the venue are in conflict still: its rows stay. Useful when all are settled.
    #[error("orders of the venue are in conflict still")]
    InConflict,
}

impl Refusal {
    /// The stable number. Never reused: a refusal that goes leaves its number behind.
    #[must_use]
    pub const fn code(&self) -> u16 {
        match self {
            Self::KeyReused => 1,
            Self::UnknownPerformance => 10,
            Self::UnknownLayout => 11,
            Self::AlreadyExists => 12,
            Self::Invalid(_) => 13,
            Self::SeatsInUse { .. } => 14,
            Self::HasOrders => 15,
            Self::PerformanceCancelled => 16,
            Self::NotOnSaleYet { .. } => 20,
            Self::SaleOver => 21,
            Self::EmptySelection => 30,
            Self::TooManyPlaces { .. } => 31,
            Self::UnknownSeat(_) => 32,
            Self::UnknownArea(_) => 33,
            Self::UnknownSection(_) => 34,
            Self::UnknownPrice => 35,
            Self::SeatsTaken { .. } => 40,
            Self::AreaFull { .. } => 41,
            Self::NoneSideBySide { .. } => 42,
            Self::TicketLimit { .. } => 43,
            Self::TooManyHolds { .. } => 44,
            Self::UnknownHold => 50,
            Self::NotExtendable => 51,
            Self::HoldOrdered { .. } => 52,
            Self::UnknownOrder => 60,
            Self::UnknownTicket => 61,
            Self::NotBooked => 62,
            Self::TooLateToCancel { .. } => 63,
            Self::RefundTooHigh { .. } => 64,
            Self::UnknownRefund => 65,
            Self::AmountMismatch => 66,
            Self::NotOffered => 67,
            Self::Moved => 70,
            Self::StaleStep => 71,
            Self::Incomplete => 72,
            Self::LeftOver => 73,
            Self::NoConflict => 74,
            Self::Judged => 75,
            Self::InConflict => 76,
        }
    }

    /// Whether the same request may be answered otherwise a moment later, so that the refusal is no answer to keep.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Moved)
    }
}
