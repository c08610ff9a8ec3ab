//! What can be asked of the ledger, and what it answers.

use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, HallId, HoldId, OrderId, PerformanceId, TicketId};
use crate::layout::{Layout, SeatIndex};
use crate::money::Money;
use crate::order::{Buyer, OrderStatus, RefundId};
use crate::refusal::Refusal;
use crate::terms::Terms;
use crate::transfer::{Standing, Step};

/// A command and, if its sender may repeat it, the key that makes the repetition harmless.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Without a key the command is applied as often as it arrives; only commands that are idempotent by nature come so.
    pub key: Option<Key>,
    /// What is asked.
    pub command: Command,
}

/// An idempotency key, hashed where the request entered the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Key {
    /// Hash of who asked and of the key that they chose.
    pub id: u128,
    /// Hash of what they asked. The same id with another body is refused.
    pub body: u128,
}

/// A secret that proves a guest's right to a hold or an order. Made at random by the node that proposes.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secret(pub u128);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Who holds seats: limits are counted per holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Holder {
    /// A signed-in customer.
    Account(AccountId),
    /// A guest, by a hash of their session.
    Guest(u128),
}

/// What a customer wants to hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Selection {
    /// These seats, all or none, each with its concession (index into the terms' concessions).
    Seats(Vec<(SeatIndex, u8)>),
    /// The best seats side by side, wherever they are.
    BestAvailable(BestAvailable),
    /// Places in general-admission areas.
    Areas(Vec<AreaWish>),
}

/// The best seats side by side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BestAvailable {
    /// One concession per wanted seat.
    pub concessions: Vec<u8>,
    /// Only in this section of the layout.
    pub section: Option<u16>,
    /// Only at this price category of the layout.
    pub category: Option<u8>,
    /// Whether one of the seats must be an accessible place (its companion seats serve the others).
    pub accessible: bool,
}

/// Places in one area.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AreaWish {
    /// Index into the layout's areas.
    pub area: u16,
    /// Index into the terms' concessions.
    pub concession: u8,
    /// How many; not 0.
    pub quantity: u16,
}

/// A command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// Records a version of a hall's layout. Recording the same again changes nothing.
    DefineLayout {
        /// The hall.
        hall: HallId,
        /// The version; another layout under a version that exists is refused.
        version: u32,
        /// The layout.
        layout: Layout,
    },
    /// Puts a performance on sale.
    OpenPerformance {
        /// Its id, made by the catalog.
        performance: PerformanceId,
        /// Its terms.
        terms: Terms,
    },
    /// Changes the terms of a performance: prices, times, limits, or the layout version. Refused with
    /// [`Refusal::SeatsInUse`] when a seat that is held, booked or killed would vanish or move.
    AmendPerformance {
        /// Which.
        performance: PerformanceId,
        /// All its terms from then on; orders keep what they were bought under.
        terms: Terms,
    },
    /// Removes a performance that never had an order.
    WithdrawPerformance {
        /// Which.
        performance: PerformanceId,
    },
    /// Calls a performance off: nothing more is sold, holds lapse, and the outbox asks for [`Command::CancelOrders`].
    CancelPerformance {
        /// Which.
        performance: PerformanceId,
        /// Told to the buyers.
        reason: String,
    },
    /// Cancels and fully refunds the next orders of a cancelled performance. Repeated until none is left.
    CancelOrders {
        /// Which performance.
        performance: PerformanceId,
        /// How many orders at the most.
        limit: u32,
    },
    /// Takes free seats out of sale.
    Kill {
        /// Of which performance.
        performance: PerformanceId,
        /// Which seats, all or none.
        seats: Vec<SeatIndex>,
        /// Why.
        reason: String,
    },
    /// Puts killed seats back on sale.
    Revive {
        /// Of which performance.
        performance: PerformanceId,
        /// Which seats, all or none.
        seats: Vec<SeatIndex>,
    },
    /// Keeps seats for a customer.
    Hold(HoldRequest),
    /// Gives a hold's seats back.
    ReleaseHold {
        /// Which.
        hold: HoldId,
        /// Its secret.
        secret: Secret,
    },
    /// Lets a hold last longer, once.
    ExtendHold {
        /// Which.
        hold: HoldId,
        /// Its secret.
        secret: Secret,
    },
    /// Frees the seats of holds that have lapsed by now.
    ExpireHolds {
        /// How many holds at the most.
        limit: u32,
    },
    /// Orders what a hold keeps.
    PlaceOrder(OrderRequest),
    /// Holds and orders in one step; if either is refused, nothing happens.
    Buy {
        /// What to hold.
        hold: HoldRequest,
        /// Who buys. The order's secret is the hold's.
        buyer: Buyer,
        /// How they pay.
        payment: PaymentChoice,
    },
    /// What the gateway said of an order's payment. Idempotent by nature: webhooks, answers and polls may all say it.
    SettlePayment {
        /// Which order.
        order: OrderId,
        /// What became of the payment.
        result: PaymentResult,
    },
    /// Cancels tickets of an order.
    CancelTickets {
        /// Which order.
        order: OrderId,
        /// Which tickets; none named means all live ones.
        tickets: Vec<TicketId>,
        /// On what ground, which decides what comes back.
        ground: CancelGround,
        /// Why, in the words of who asks.
        reason: String,
    },
    /// Pays money back while the tickets stay valid.
    RefundOrder {
        /// Which order.
        order: OrderId,
        /// Minor units; without it, all that has not been refunded.
        amount: Option<i64>,
        /// Why.
        reason: String,
    },
    /// What the gateway said of a refund. Idempotent by nature.
    SettleRefund {
        /// Which order.
        order: OrderId,
        /// Which of its refunds.
        refund: RefundId,
        /// Whether the money went back; if not, why.
        result: Result<(), String>,
    },
    /// Offers a ticket to another person, instead of who it was offered to before; its earlier code admits nobody any more.
    TransferTicket {
        /// Which ticket.
        ticket: TicketId,
        /// Who has it once they accept.
        to: Buyer,
    },
    /// Removes what names a person from orders; the money records stay.
    Anonymise {
        /// Which orders.
        orders: Vec<OrderId>,
        /// Whose account is gone: what others have in the same orders stays. Without it, everyone is removed.
        #[serde(default)]
        account: Option<AccountId>,
    },
    /// Takes tasks off the outbox that have been carried out and need no other record.
    FinishTasks {
        /// Their numbers. Those that are gone already are passed over.
        tasks: Vec<u64>,
    },
    /// A step of a venue's move to another group.
    Transfer(Box<Step>),
    /// Takes a ticket that is on offer; who offered it has never seen the code that it has from then on.
    AcceptTicket {
        /// Which ticket.
        ticket: TicketId,
        /// The serial that it had when it was offered: an offer is accepted once, and not after another was made.
        serial: u32,
        /// Who has it from then on. The order's buyer has it as if it had never been given away.
        holder: Buyer,
        /// Proves a guest's right to it.
        secret: Secret,
    },
    /// Takes an offer back: who made it has the ticket, with a code that nobody has seen.
    CallBackTicket {
        /// Which ticket.
        ticket: TicketId,
    },
}

impl Command {
    /// The number of the venue that it is about; none for one that is about the group at hand. Whoever names several orders
    /// names those of one venue.
    #[must_use]
    pub fn owner(&self) -> Option<u32> {
        Some(match self {
            Self::DefineLayout { hall, .. } => hall.owner(),
            Self::OpenPerformance { performance, .. }
            | Self::AmendPerformance { performance, .. }
            | Self::WithdrawPerformance { performance }
            | Self::CancelPerformance { performance, .. }
            | Self::CancelOrders { performance, .. }
            | Self::Kill { performance, .. }
            | Self::Revive { performance, .. }
            | Self::Hold(HoldRequest { performance, .. })
            | Self::Buy { hold: HoldRequest { performance, .. }, .. } => performance.owner(),
            Self::ReleaseHold { hold, .. } | Self::ExtendHold { hold, .. } => hold.owner(),
            Self::PlaceOrder(order) => order.hold.owner(),
            Self::SettlePayment { order, .. }
            | Self::CancelTickets { order, .. }
            | Self::RefundOrder { order, .. }
            | Self::SettleRefund { order, .. } => order.owner(),
            Self::TransferTicket { ticket, .. }
            | Self::AcceptTicket { ticket, .. }
            | Self::CallBackTicket { ticket } => ticket.owner(),
            Self::Anonymise { orders, .. } => return orders.first().map(|order| order.owner()),
            Self::ExpireHolds { .. } | Self::FinishTasks { .. } | Self::Transfer(_) => return None,
        })
    }
}

/// The command [`Command::Hold`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldRequest {
    /// Of which performance.
    pub performance: PerformanceId,
    /// For whom.
    pub holder: Holder,
    /// What.
    pub selection: Selection,
    /// Proves the right to the hold.
    pub secret: Secret,
}

/// The command [`Command::PlaceOrder`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderRequest {
    /// Which hold.
    pub hold: HoldId,
    /// The hold's secret; it becomes the order's.
    pub secret: Secret,
    /// Who buys.
    pub buyer: Buyer,
    /// How they pay.
    pub payment: PaymentChoice,
}

/// How a customer pays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentChoice {
    /// Which gateway, by name.
    pub gateway: String,
    /// The gateway's token for the means of payment; never card data.
    pub method: String,
    /// Where the gateway sends the customer back to; the order's id is appended. It is part of what the gateway is asked,
    /// so that every home asks the same.
    #[serde(default)]
    pub return_url: String,
}

/// What became of a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PaymentResult {
    /// The gateway works on it.
    Processing {
        /// The gateway's name for the payment.
        intent: String,
    },
    /// The customer must do something first.
    ActionRequired {
        /// The gateway's name for the payment.
        intent: String,
        /// Where they do it.
        url: String,
    },
    /// The money is ours.
    Captured {
        /// The gateway's name for the payment.
        intent: String,
        /// Minor units of the order's currency.
        amount: i64,
    },
    /// There will be no money.
    Declined {
        /// A stable word for the cause.
        code: String,
        /// For the customer.
        message: String,
    },
}

/// On what ground tickets are cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum CancelGround {
    /// The buyer's wish: the order's refund policy decides, and refuses after its time.
    Buyer,
    /// The seller's decision: everything comes back, at any time.
    Seller,
}

/// What the ledger answers, and where in the journal it says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The log index of the entry that gave this answer first.
    pub index: u64,
    /// What came of the command.
    pub result: Result<Outcome, Refusal>,
}

/// What came of a command that was not refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// It is so; there is nothing to tell.
    Done,
    /// A hold was made.
    Held(Held),
    /// A hold lasts until this instant (milliseconds since 1970).
    Extended {
        /// When it lapses.
        expires_at_ms: u64,
    },
    /// This many were treated; fewer than the limit means that none is left.
    Treated {
        /// How many.
        count: u32,
    },
    /// An order was placed.
    Ordered {
        /// The order.
        order: OrderId,
        /// Its status: awaiting payment, or booked at once when it costs nothing.
        status: OrderStatus,
        /// What it costs.
        total: Money,
    },
    /// A payment was taken note of.
    Settled {
        /// The order's status after it.
        status: OrderStatus,
    },
    /// Tickets were cancelled, or money is on its way back.
    Refunding {
        /// Which refund of the order; none if nothing comes back.
        refund: Option<RefundId>,
        /// What comes back.
        amount: Money,
    },
    /// A ticket is on offer, was accepted or was called back.
    Transferred {
        /// The serial that its valid code carries.
        serial: u32,
    },
    /// A step of a move was done; the venue stands so.
    Stands(Standing),
}

/// What a hold keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The hold.
    pub hold: HoldId,
    /// Its places, in order of seat and area.
    pub places: Vec<PricedPlace>,
    /// When it lapses, in milliseconds since 1970.
    pub expires_at_ms: u64,
    /// What it costs.
    pub total: Money,
}

/// A place and what it costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PricedPlace {
    /// Where.
    pub place: Place,
    /// Index into the layout's categories.
    pub category: u8,
    /// Index into the terms' concessions.
    pub concession: u8,
    /// Minor units.
    pub price: i64,
}

/// A numbered seat, or one admission to an area.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Place {
    /// A numbered seat.
    Seat(SeatIndex),
    /// One admission to the area at this index of the layout.
    Area(u16),
}
