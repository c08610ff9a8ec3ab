//! The auditor: a second, simple telling of the rules, that shares no code with the ledger.
//!
//! It remembers only who claims what: open holds, orders with their tickets, kills. What a seat is, is derived from
//! these claims each time anew, and two claims on one seat are a panic. For each [`Act`] it says what the answer must be.
//! It is written from the design and the documentation of the commands, and is allowed to be slow.

mod hall;

use std::collections::BTreeSet;

use marquee_ledger::change::SeatStatus;
use marquee_ledger::order::OrderStatus;

pub(crate) use hall::Hall;

/// How long things last, in milliseconds.
pub(crate) const HOLD_MS: u64 = 600_000;
pub(crate) const EXTENSION_MS: u64 = 300_000;
pub(crate) const PAYMENT_MS: u64 = 400_000;
/// The most live tickets of a customer.
pub(crate) const LIMIT: usize = 6;
/// What comes back of a price when the buyer cancels, in percent.
pub(crate) const SHARE_PERCENT: i64 = 80;

/// Something that somebody asks for. Holds and orders are named by their number; people by theirs.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    Hold {
        who: u8,
        seats: BTreeSet<u32>,
        children: bool,
    },
    Areas {
        who: u8,
        quantity: u16,
    },
    Best {
        who: u8,
        quantity: usize,
        accessible: bool,
        category: Option<u8>,
        children: bool,
    },
    Buy {
        who: u8,
        buyer: u8,
        seats: BTreeSet<u32>,
    },
    Order {
        hold: usize,
        who: u8,
        buyer: u8,
    },
    Release {
        hold: usize,
        who: u8,
    },
    Extend {
        hold: usize,
        who: u8,
    },
    Expire {
        limit: u32,
    },
    Captured {
        order: usize,
        short_by: i64,
    },
    Declined {
        order: usize,
    },
    Processing {
        order: usize,
    },
    Cancel {
        order: usize,
        tickets: BTreeSet<usize>,
        by_buyer: bool,
    },
    Refund {
        order: usize,
        amount: Option<i64>,
    },
    RefundSettled {
        order: usize,
        refund: usize,
        paid: bool,
    },
    Offer {
        order: usize,
        ticket: usize,
        to: u8,
    },
    /// With the serial of so many steps ago.
    Accept {
        order: usize,
        ticket: usize,
        who: u8,
        late: u32,
    },
    CallBack {
        order: usize,
        ticket: usize,
    },
    Anonymise {
        order: usize,
    },
    Kill {
        seats: BTreeSet<u32>,
    },
    Revive {
        seats: BTreeSet<u32>,
    },
    CallOff,
    CancelOrders {
        limit: u32,
    },
    Wait {
        ms: u64,
    },
    Restart,
}

/// What must be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    Refused(u16),
    Done,
    Held { places: Vec<Spot>, total: i64, until_ms: u64 },
    Until(u64),
    Treated(u32),
    Ordered { status: OrderStatus, total: i64 },
    Settled(OrderStatus),
    Refunding(i64),
    Serial(u32),
}

/// A place: a seat by its number, or one admission to the area.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Spot {
    Seat(u32),
    Area,
}

#[derive(Debug, Clone)]
pub(crate) struct HoldClaim {
    who: u8,
    places: Vec<(Spot, i64)>,
    until_ms: u64,
    extended: bool,
    ordered_by: Option<usize>,
    open: bool,
    /// Whether it counts towards the limit of who holds.
    counted: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct OrderClaim {
    hold: usize,
    buyer: u8,
    pub(crate) status: OrderStatus,
    /// What it is for, its price, and whether it admits.
    pub(crate) tickets: Vec<(Spot, i64, bool)>,
    captured: i64,
    /// Whose each ticket is.
    pub(crate) hands: Vec<Hands>,
    /// Each with its amount and what became of it.
    pub(crate) refunds: Vec<(i64, RefundFate)>,
    /// Whether it counts towards the limit of who buys, and of who held.
    counted: bool,
    counted_for_holder: bool,
}

/// How often a ticket was offered, accepted or called back, whether it is on offer, and who accepted it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Hands {
    pub(crate) serial: u32,
    pub(crate) is_offered: bool,
    /// Somebody who was anonymised is none of them.
    pub(crate) holder: Option<Option<u8>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RefundFate {
    Asked,
    Paid,
    Failed,
}

pub(crate) struct Auditor {
    hall: Hall,
    pub(crate) now_ms: u64,
    cancel_until_ms: u64,
    pub(crate) holds: Vec<HoldClaim>,
    pub(crate) orders: Vec<OrderClaim>,
    killed: BTreeSet<u32>,
    called_off: bool,
    orders_treated: usize,
}

impl OrderClaim {
    pub(crate) fn refundable(&self) -> i64 {
        let gone = self.refunds.iter().filter(|refund| refund.1 != RefundFate::Failed);
        self.captured - gone.map(|refund| refund.0).sum::<i64>()
    }

    fn total(&self) -> i64 {
        self.tickets.iter().map(|ticket| ticket.1).sum()
    }
}

impl Auditor {
    pub(crate) fn new(hall: Hall, now_ms: u64, cancel_until_ms: u64) -> Self {
        let (holds, orders, killed) = (Vec::new(), Vec::new(), BTreeSet::new());
        Self { hall, now_ms, cancel_until_ms, holds, orders, killed, called_off: false, orders_treated: 0 }
    }

    /// The status of every seat, derived from who claims it.
    pub(crate) fn seats(&self) -> Vec<SeatStatus> {
        let mut seats = vec![SeatStatus::Free; self.hall.seats.len()];
        let mut claim = |seat: u32, status: SeatStatus| {
            let known = std::mem::replace(&mut seats[seat as usize], status);
            assert_eq!(known, SeatStatus::Free, "seat {seat} has two owners");
        };
        self.killed.iter().for_each(|seat| claim(*seat, SeatStatus::Killed));
        for (spot, status) in self.taken() {
            if let Spot::Seat(seat) = spot {
                claim(seat, status);
            }
        }
        seats
    }

    pub(crate) fn area_free(&self) -> u32 {
        self.hall.area_capacity - self.taken().filter(|(spot, _status)| *spot == Spot::Area).count() as u32
    }

    /// When the first open hold lapses.
    pub(crate) fn next_expiry_ms(&self) -> u64 {
        self.holds.iter().filter(|hold| hold.open).map(|hold| hold.until_ms).min().unwrap_or(u64::MAX)
    }

    fn taken(&self) -> impl Iterator<Item = (Spot, SeatStatus)> + '_ {
        let held = self.holds.iter().filter(|hold| hold.open).flat_map(|hold| &hold.places);
        let booked = self.orders.iter().flat_map(|order| &order.tickets).filter(|ticket| ticket.2);
        held.map(|place| (place.0, SeatStatus::Held)).chain(booked.map(|t| (t.0, SeatStatus::Booked)))
    }

    /// What must be answered; afterwards it is so.
    pub(crate) fn judge(&mut self, act: &Act) -> Verdict {
        self.decide(act).unwrap_or_else(Verdict::Refused)
    }

    fn decide(&mut self, act: &Act) -> Result<Verdict, u16> {
        match act {
            Act::Hold { who, seats, children } => {
                let places = self.wanted(*who, seats, *children)?;
                Ok(self.held(*who, places))
            }
            Act::Areas { who, quantity } => {
                self.on_sale()?;
                refuse_if(30, *quantity == 0)?;
                refuse_if(41, u32::from(*quantity) > self.area_free())?;
                let places = vec![(Spot::Area, hall::ADULT); usize::from(*quantity)];
                refuse_if(43, self.live_as_holder(*who) + places.len() > LIMIT)?;
                Ok(self.held(*who, places))
            }
            Act::Best { who, quantity, accessible, category, children } => {
                self.on_sale()?;
                refuse_if(30, *quantity == 0)?;
                refuse_if(35, *children && *category == Some(1))?;
                let seats = self.seats();
                let places =
                    self.hall.best(&seats, *quantity, *accessible, *category, *children).ok_or(42u16)?;
                refuse_if(43, self.live_as_holder(*who) + places.len() > LIMIT)?;
                Ok(self.held(*who, places))
            }
            Act::Buy { who, buyer, seats } => {
                let places = self.wanted(*who, seats, false)?;
                refuse_if(43, self.live_as_buyer(*buyer) + places.len() > LIMIT)?;
                self.held(*who, places);
                Ok(self.ordered(self.holds.len() - 1, *buyer))
            }
            Act::Order { hold: number, who, buyer } => {
                let hold = self.hold_of(*number, *who)?;
                refuse_if(50, hold.until_ms <= self.now_ms)?;
                refuse_if(52, hold.ordered_by.is_some())?;
                refuse_if(43, self.live_as_buyer(*buyer) + hold.places.len() > LIMIT)?;
                Ok(self.ordered(*number, *buyer))
            }
            Act::Release { hold, who } => {
                refuse_if(52, self.hold_of(*hold, *who)?.ordered_by.is_some())?;
                self.holds[*hold].open = false;
                Ok(Verdict::Done)
            }
            Act::Extend { hold: number, who } => {
                let hold = self.hold_of(*number, *who)?;
                refuse_if(50, hold.until_ms <= self.now_ms)?;
                refuse_if(52, hold.ordered_by.is_some())?;
                refuse_if(51, hold.extended)?;
                let hold = &mut self.holds[*number];
                hold.extended = true;
                hold.until_ms += EXTENSION_MS;
                Ok(Verdict::Until(hold.until_ms))
            }
            Act::Expire { limit } => {
                let mut treated = 0;
                while treated < *limit && self.next_expiry_ms() <= self.now_ms {
                    let due = (0..self.holds.len()).filter(|nth| self.holds[*nth].open);
                    let first = due.min_by_key(|nth| self.holds[*nth].until_ms).unwrap();
                    self.lapse(first);
                    treated += 1;
                }
                Ok(Verdict::Treated(treated))
            }
            Act::Captured { order, short_by } => self.captured(*order, *short_by),
            Act::Declined { order: number } => {
                let order = self.order(*number)?;
                if order.status == OrderStatus::AwaitingPayment {
                    let hold = order.hold;
                    self.holds[hold].ordered_by = None;
                    self.orders[*number].status = OrderStatus::Declined;
                }
                Ok(Verdict::Settled(self.orders[*number].status))
            }
            Act::Processing { order } => Ok(Verdict::Settled(self.order(*order)?.status)),
            Act::Cancel { order, tickets, by_buyer } => self.cancelled(*order, tickets, *by_buyer),
            Act::Refund { order: number, amount } => {
                let order = self.order(*number)?;
                refuse_if(62, order.captured == 0)?;
                let max = order.refundable();
                let amount = amount.unwrap_or(max);
                refuse_if(64, amount > max || max <= 0)?;
                refuse_if(13, amount <= 0)?;
                self.orders[*number].refunds.push((amount, RefundFate::Asked));
                Ok(Verdict::Refunding(amount))
            }
            Act::RefundSettled { order, refund, paid } => {
                self.order(*order)?;
                let refund = self.orders[*order].refunds.get_mut(*refund).ok_or(65u16)?;
                refund.1 = if *paid { RefundFate::Paid } else { RefundFate::Failed };
                Ok(Verdict::Done)
            }
            Act::Offer { order, ticket, .. } => self.passed(*order, *ticket, |hands| {
                hands.is_offered = true;
                Ok(())
            }),
            Act::Accept { order, ticket, who, late } => self.passed(*order, *ticket, |hands| {
                refuse_if(67, !hands.is_offered || *late > 0)?;
                (hands.is_offered, hands.holder) = (false, Some(Some(*who)));
                Ok(())
            }),
            Act::CallBack { order, ticket } => self.passed(*order, *ticket, |hands| {
                refuse_if(67, !hands.is_offered)?;
                hands.is_offered = false;
                Ok(())
            }),
            Act::Anonymise { order: number } => {
                if self.order(*number).is_err() {
                    return Ok(Verdict::Treated(0));
                }
                let order = &mut self.orders[*number];
                (order.counted, order.counted_for_holder) = (false, false);
                order.hands.iter_mut().filter_map(|hands| hands.holder.as_mut()).for_each(|who| *who = None);
                if order.status == OrderStatus::AwaitingPayment {
                    self.holds[order.hold].counted = false;
                }
                Ok(Verdict::Treated(1))
            }
            Act::Kill { seats } => {
                self.on_sale()?;
                refuse_if(30, seats.is_empty())?;
                let now = self.seats();
                refuse_if(40, seats.iter().any(|seat| now[*seat as usize] != SeatStatus::Free))?;
                self.killed.extend(seats);
                Ok(Verdict::Done)
            }
            Act::Revive { seats } => {
                self.on_sale()?;
                refuse_if(30, seats.is_empty())?;
                let now = self.seats();
                let in_use =
                    |seat: &u32| matches!(now[*seat as usize], SeatStatus::Held | SeatStatus::Booked);
                refuse_if(40, seats.iter().any(in_use))?;
                seats.iter().for_each(|seat| {
                    self.killed.remove(seat);
                });
                Ok(Verdict::Done)
            }
            Act::CallOff => {
                self.called_off = true;
                (0..self.holds.len())
                    .filter(|nth| self.holds[*nth].open)
                    .collect::<Vec<_>>()
                    .into_iter()
                    .for_each(|nth| self.lapse(nth));
                Ok(Verdict::Done)
            }
            Act::CancelOrders { limit } => {
                refuse_if(13, !self.called_off)?;
                let end = self.orders.len().min(self.orders_treated + *limit as usize);
                let treated = self.orders_treated..end;
                self.orders_treated = end;
                let count = treated.len() as u32;
                for number in treated {
                    if self.orders[number].status == OrderStatus::Booked {
                        self.cancelled(number, &BTreeSet::new(), false)?;
                    }
                }
                Ok(Verdict::Treated(count))
            }
            Act::Wait { ms } => {
                self.now_ms += ms;
                Ok(Verdict::Done)
            }
            Act::Restart => Ok(Verdict::Done),
        }
    }

    fn on_sale(&self) -> Result<(), u16> {
        refuse_if(16, self.called_off)
    }

    fn wanted(&self, who: u8, seats: &BTreeSet<u32>, children: bool) -> Result<Vec<(Spot, i64)>, u16> {
        self.on_sale()?;
        refuse_if(30, seats.is_empty())?;
        let mut places = Vec::new();
        for seat in seats {
            let cell = self.hall.seats.get(*seat as usize).ok_or(32u16)?;
            places.push((Spot::Seat(*seat), cell.price(children).ok_or(35u16)?));
        }
        let now = self.seats();
        refuse_if(40, seats.iter().any(|seat| now[*seat as usize] != SeatStatus::Free))?;
        refuse_if(43, self.live_as_holder(who) + places.len() > LIMIT)?;
        Ok(places)
    }

    fn held(&mut self, who: u8, places: Vec<(Spot, i64)>) -> Verdict {
        let until_ms = self.now_ms + HOLD_MS;
        let total = places.iter().map(|place| place.1).sum();
        let told = places.iter().map(|place| place.0).collect();
        let (extended, ordered_by, open, counted) = (false, None, true, true);
        self.holds.push(HoldClaim { who, places, until_ms, extended, ordered_by, open, counted });
        Verdict::Held { places: told, total, until_ms }
    }

    fn ordered(&mut self, number: usize, buyer: u8) -> Verdict {
        let hold = &mut self.holds[number];
        hold.ordered_by = Some(self.orders.len());
        hold.until_ms = hold.until_ms.max(self.now_ms + PAYMENT_MS);
        let tickets: Vec<_> = hold.places.iter().map(|place| (place.0, place.1, false)).collect();
        let (status, captured, refunds) = (OrderStatus::AwaitingPayment, 0, Vec::new());
        let (counted, counted_for_holder) = (true, hold.counted);
        let hands = vec![Hands::default(); tickets.len()];
        let order = OrderClaim {
            hold: number,
            buyer,
            status,
            hands,
            tickets,
            captured,
            refunds,
            counted,
            counted_for_holder,
        };
        let total = order.total();
        self.orders.push(order);
        Verdict::Ordered { status, total }
    }

    fn lapse(&mut self, number: usize) {
        self.holds[number].open = false;
        if let Some(order) = self.holds[number].ordered_by {
            self.orders[order].status = OrderStatus::Lapsed;
        }
    }

    fn captured(&mut self, number: usize, short_by: i64) -> Result<Verdict, u16> {
        let order = self.order(number)?.clone();
        let amount = order.total() - short_by;
        match order.status {
            OrderStatus::Booked | OrderStatus::Unfulfilled | OrderStatus::Cancelled => {
                return Ok(Verdict::Settled(order.status));
            }
            OrderStatus::AwaitingPayment | OrderStatus::Lapsed | OrderStatus::Declined => {}
        }
        refuse_if(66, amount <= 0)?;
        let hold = &self.holds[order.hold];
        let mine = hold.open && hold.ordered_by.is_none_or(|by| by == number);
        let others = hold.open && !mine;
        let now = self.seats();
        let in_area = order.tickets.iter().filter(|ticket| ticket.0 == Spot::Area).count() as u32;
        let free = order.tickets.iter().all(|ticket| match ticket.0 {
            Spot::Seat(seat) => now[seat as usize] == SeatStatus::Free,
            Spot::Area => in_area <= self.area_free(),
        });
        let books = short_by == 0 && !self.called_off && !others && (mine || free);
        if books || (mine && hold.ordered_by == Some(number)) {
            self.holds[order.hold].open = false;
        }
        let order = &mut self.orders[number];
        order.captured = amount;
        if books {
            order.status = OrderStatus::Booked;
            order.tickets.iter_mut().for_each(|ticket| ticket.2 = true);
        } else {
            order.status = OrderStatus::Unfulfilled;
            order.refunds.push((amount, RefundFate::Asked));
        }
        Ok(Verdict::Settled(order.status))
    }

    /// What somebody does with a ticket that admits; it has another serial afterwards.
    fn passed(
        &mut self,
        number: usize,
        ticket: usize,
        step: impl FnOnce(&mut Hands) -> Result<(), u16>,
    ) -> Result<Verdict, u16> {
        let order = self.order(number)?;
        refuse_if(62, order.status != OrderStatus::Booked)?;
        refuse_if(61, order.tickets.get(ticket).is_none_or(|ticket| !ticket.2))?;
        let hands = &mut self.orders[number].hands[ticket];
        step(hands)?;
        hands.serial += 1;
        Ok(Verdict::Serial(hands.serial))
    }

    fn cancelled(
        &mut self,
        number: usize,
        tickets: &BTreeSet<usize>,
        by_buyer: bool,
    ) -> Result<Verdict, u16> {
        let order = self.order(number)?;
        refuse_if(62, order.status != OrderStatus::Booked)?;
        refuse_if(61, tickets.iter().any(|nth| order.tickets.get(*nth).is_none_or(|ticket| !ticket.2)))?;
        refuse_if(63, by_buyer && self.now_ms >= self.cancel_until_ms)?;
        let order = &mut self.orders[number];
        let mut due = 0;
        for (nth, ticket) in order.tickets.iter_mut().enumerate() {
            if ticket.2 && (tickets.is_empty() || tickets.contains(&nth)) {
                ticket.2 = false;
                due += if by_buyer { ticket.1 * SHARE_PERCENT / 100 } else { ticket.1 };
            }
        }
        if order.tickets.iter().all(|ticket| !ticket.2) {
            order.status = OrderStatus::Cancelled;
        }
        let back = due.min(order.refundable());
        if back > 0 {
            order.refunds.push((back, RefundFate::Asked));
        }
        Ok(Verdict::Refunding(back))
    }

    fn hold_of(&self, number: usize, who: u8) -> Result<&HoldClaim, u16> {
        self.holds.get(number).filter(|hold| hold.open && hold.who == who).ok_or(50)
    }

    fn order(&self, number: usize) -> Result<&OrderClaim, u16> {
        self.orders.get(number).ok_or(60)
    }

    /// Live tickets of a guest's session: what they hold, and what became of what they held.
    fn live_as_holder(&self, who: u8) -> usize {
        let held = self.holds.iter().filter(|hold| hold.who == who && hold.open && hold.counted);
        let held: usize = held.map(|hold| hold.places.len()).sum();
        let booked =
            self.orders.iter().filter(|order| order.counted_for_holder && self.holds[order.hold].who == who);
        held + booked.map(|order| order.tickets.iter().filter(|ticket| ticket.2).count()).sum::<usize>()
    }

    /// Live tickets under an e-mail address: what is ordered with it.
    fn live_as_buyer(&self, buyer: u8) -> usize {
        let orders = self.orders.iter().filter(|order| order.counted && order.buyer == buyer);
        orders
            .map(|order| match order.status {
                OrderStatus::AwaitingPayment => order.tickets.len(),
                OrderStatus::Lapsed
                | OrderStatus::Booked
                | OrderStatus::Declined
                | OrderStatus::Unfulfilled
                | OrderStatus::Cancelled => order.tickets.iter().filter(|ticket| ticket.2).count(),
            })
            .sum()
    }
}

fn refuse_if(code: u16, condition: bool) -> Result<(), u16> {
    if condition { Err(code) } else { Ok(()) }
}
