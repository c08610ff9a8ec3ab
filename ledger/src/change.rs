//! What an entry changed, told to live views and to the outbox's workers after its commit.

use serde::{Deserialize, Serialize};

use crate::command::PaymentChoice;
use crate::ids::{AccountId, OrderId, PerformanceId};
use crate::layout::SeatIndex;
use crate::money::Money;
use crate::order::{OrderStatus, RefundId};
use crate::transfer::Standing;

/// Something that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Seats or areas of a performance.
    Seats(SeatChange),
    /// A performance's terms or status; views of it must be read again.
    Performance(PerformanceId),
    /// An order moved to this status, or its payment or refunds did.
    Order {
        /// Which.
        order: OrderId,
        /// Where it stands.
        status: OrderStatus,
    },
    /// A task was added to the outbox.
    Task {
        /// Its number.
        number: u64,
        /// What is to be done.
        task: Task,
    },
    /// A venue stands otherwise with this group: it may sell here from then on, or not any more.
    Venue {
        /// Which.
        venue: u32,
        /// How it stands.
        standing: Standing,
    },
    /// The earliest instant at which a hold lapses, when it became another (milliseconds since 1970; `u64::MAX` when
    /// there is no hold).
    NextExpiry(u64),
}

/// Seats or areas of a performance that changed in one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeatChange {
    /// Which performance.
    pub performance: PerformanceId,
    /// Its sequence number after the change. It grows by one with every entry that touches the performance.
    pub seq: u64,
    /// Seats with their status, in order.
    pub seats: Vec<(SeatIndex, SeatStatus)>,
    /// Areas by index with their free places, in order.
    pub areas: Vec<(u16, u32)>,
}

/// Where a seat stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum SeatStatus {
    /// For sale.
    Free = 0,
    /// Kept for somebody.
    Held = 1,
    /// Sold.
    Booked = 2,
    /// Taken out of sale.
    Killed = 3,
}

impl SeatStatus {
    /// The status that is kept as this byte.
    #[must_use]
    pub const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0 => Some(Self::Free),
            1 => Some(Self::Held),
            2 => Some(Self::Booked),
            3 => Some(Self::Killed),
            _ => None,
        }
    }
}

/// What the home must do outside of the ledger: at least once, with the order's id as the key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Task {
    /// Ask the gateway for an order's money, and ask again until it is captured or declined. Ends with
    /// [`SettlePayment`](crate::Command::SettlePayment).
    Charge {
        /// Which order.
        order: OrderId,
        /// How much.
        total: Money,
        /// How it is paid.
        choice: PaymentChoice,
        /// For the gateway's receipt.
        email: String,
    },
    /// Ask the gateway to pay money back. Ends with [`SettleRefund`](crate::Command::SettleRefund).
    Refund {
        /// Which order.
        order: OrderId,
        /// Which of its refunds.
        refund: RefundId,
        /// How much.
        amount: Money,
        /// The gateway.
        gateway: String,
        /// The gateway's name for the payment.
        intent: String,
    },
    /// Tell an account's home that the account has an order, or a ticket of one. Ends with [`FinishTasks`](crate::Command::FinishTasks).
    IndexOrder {
        /// The account.
        account: AccountId,
        /// The order.
        order: OrderId,
    },
    /// Cancel the orders of a performance that was called off, some at a time. Ends by itself when
    /// [`CancelOrders`](crate::Command::CancelOrders) has none left.
    CancelOrders {
        /// Which performance.
        performance: PerformanceId,
    },
}

impl Task {
    /// The number of the venue that it is about.
    #[must_use]
    pub const fn owner(&self) -> u32 {
        match self {
            Self::Charge { order, .. } | Self::Refund { order, .. } | Self::IndexOrder { order, .. } => {
                order.owner()
            }
            Self::CancelOrders { performance } => performance.owner(),
        }
    }
}
