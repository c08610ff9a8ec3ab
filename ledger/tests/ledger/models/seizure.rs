//! A venue of two seats is taken over from copies of a box office that goes on selling: see [`marquee_ledger::transfer`].
//!
//! Two nodes have copies, each of which may be as old as it likes; the directory names one of them, later perhaps the other. What
//! they brought may settle at any time. The box office may hear of it at any time, or never.

use std::collections::BTreeSet;

use stateright::{Model, Property};

use super::check;

const SEATS: u8 = 2;
/// The directory gives out so many epochs.
const EPOCHS: u8 = 3;
/// And so many verdicts are spoken about an order.
const VERDICTS: u8 = 2;

/// A step that is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flaw {
    None,
    /// A copy settles that the directory has not written down.
    BaseNotWritten,
    /// Another copy is written down for an epoch whose pieces are not shut out.
    NotShutOut,
    /// The box office lists nothing: it forgets.
    ListsNothing,
    /// It forgets while orders are in conflict.
    ForgetsEarly,
    /// The owner does not remember that it refused an order.
    RefusalForgotten,
    /// An order that is kept may be refunded as well.
    JudgedTwice,
}

/// What became of an order of the box office's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Late {
    /// Nobody has asked, or the list does not have it.
    Unlisted,
    Open {
        verdicts: u8,
    },
    Keep {
        verdicts: u8,
    },
    Refunded,
    Kept,
}

/// Who has a seat at the venue's owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Seat {
    Free,
    /// The box office's order.
    Old,
    /// One that was sold here.
    New,
}

/// How far the owner-to-be is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum There {
    Nothing,
    /// A copy, and the epoch at which it came.
    Arriving {
        epoch: u8,
        copy: u8,
    },
    ShutOut {
        epoch: u8,
    },
    Owned {
        epoch: u8,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct World {
    /// What the box office sold: seats are bits.
    sold: u8,
    /// What its copies may be.
    copies: BTreeSet<u8>,
    yielded: bool,
    forgotten: bool,
    late: [Late; SEATS as usize],
    /// The epoch that the seizure leads to.
    epoch: u8,
    /// Whether the directory knows that it is over.
    is_over: bool,
    /// What it has written down for that epoch.
    base: Option<u8>,
    there: There,
    seats: [Seat; SEATS as usize],
    /// Which adoptions the owner refused: the seat and the verdict.
    refused: BTreeSet<(u8, u8)>,
    /// Which it was asked for.
    asked: BTreeSet<(u8, u8)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Action {
    /// The box office sells a seat.
    SellHere {
        seat: u8,
    },
    /// So does the owner.
    SellThere {
        seat: u8,
    },
    /// Or takes it back.
    CancelThere {
        seat: u8,
    },
    /// The directory writes a copy down for the epoch.
    SetBase {
        copy: u8,
    },
    /// A coordinator's copy comes.
    Arrive {
        epoch: u8,
        copy: u8,
    },
    Settle {
        epoch: u8,
        copy: u8,
    },
    ShutOut {
        epoch: u8,
    },
    SeizeAgain,
    Finish,
    Yield,
    Judge {
        seat: u8,
        keep: bool,
    },
    /// The owner is asked to adopt an order, now or as often as a message comes again.
    Adopt {
        seat: u8,
        verdict: u8,
    },
    Withdraw {
        seat: u8,
    },
    CloseKept {
        seat: u8,
    },
    Forget,
}

struct Seizing(Flaw);

impl Model for Seizing {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        vec![World {
            sold: 0,
            copies: BTreeSet::from([0]),
            yielded: false,
            forgotten: false,
            late: [Late::Unlisted; SEATS as usize],
            epoch: 1,
            is_over: false,
            base: None,
            there: There::Nothing,
            seats: [Seat::Free; SEATS as usize],
            refused: BTreeSet::new(),
            asked: BTreeSet::new(),
        }]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        for seat in 0..SEATS {
            actions.extend([
                Action::SellHere { seat },
                Action::SellThere { seat },
                Action::CancelThere { seat },
            ]);
            actions.extend([true, false].map(|keep| Action::Judge { seat, keep }));
            actions.extend([Action::Withdraw { seat }, Action::CloseKept { seat }]);
            actions.extend((1..=VERDICTS).map(|verdict| Action::Adopt { seat, verdict }));
        }
        for copy in world.copies.iter().copied() {
            actions.push(Action::SetBase { copy });
            for epoch in 1..=world.epoch {
                actions.extend([Action::Arrive { epoch, copy }, Action::Settle { epoch, copy }]);
            }
        }
        actions.extend((1..=world.epoch).map(|epoch| Action::ShutOut { epoch }));
        actions.extend([Action::SeizeAgain, Action::Finish, Action::Yield, Action::Forget]);
    }

    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        let mut next = world.clone();
        match action {
            Action::SellHere { seat } => {
                let is_free = world.sold & (1 << seat) == 0;
                if world.yielded || !is_free {
                    return None;
                }
                next.sold |= 1 << seat;
                next.copies.insert(next.sold);
            }
            Action::SellThere { seat } => next.sell_there(seat)?,
            Action::CancelThere { seat } => next.cancel_there(seat)?,
            Action::SetBase { copy } => {
                if world.is_over || world.base.is_some() && self.0 != Flaw::NotShutOut {
                    return None;
                }
                next.base = Some(copy);
            }
            Action::Arrive { epoch, copy } => self.arrive(&mut next, epoch, copy)?,
            Action::Settle { epoch, copy } => next.settle(epoch, copy)?,
            Action::ShutOut { epoch } => next.shut_out(epoch)?,
            Action::SeizeAgain => {
                let is_shut_out = world.there == There::ShutOut { epoch: world.epoch };
                if world.is_over || !is_shut_out || world.epoch == EPOCHS {
                    return None;
                }
                (next.epoch, next.base) = (world.epoch + 1, None);
            }
            Action::Finish => {
                if world.is_over || world.there != (There::Owned { epoch: world.epoch }) {
                    return None;
                }
                next.is_over = true;
            }
            Action::Yield => self.yields(&mut next)?,
            Action::Judge { seat, keep } => self.judge(&mut next, seat, keep)?,
            Action::Adopt { seat, verdict } => self.adopt(&mut next, seat, verdict)?,
            Action::Withdraw { seat } => {
                let Late::Keep { verdicts } = world.late[usize::from(seat)] else { return None };
                if !world.refused.contains(&(seat, verdicts)) {
                    return None;
                }
                next.late[usize::from(seat)] = Late::Open { verdicts };
            }
            Action::CloseKept { seat } => {
                let Late::Keep { .. } = world.late[usize::from(seat)] else { return None };
                if world.seats[usize::from(seat)] != Seat::Old {
                    return None;
                }
                next.late[usize::from(seat)] = Late::Kept;
            }
            Action::Forget => {
                let is_open = |late: &Late| matches!(late, Late::Open { .. } | Late::Keep { .. });
                let may = !world.late.iter().any(is_open) || self.0 == Flaw::ForgetsEarly;
                if !world.yielded || world.forgotten || !may {
                    return None;
                }
                next.forgotten = true;
            }
        }
        (next != *world).then_some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("what has settled is what the directory wrote down", |_, world: &World| {
                !matches!(world.there, There::Owned { .. }) || world.base.is_some()
            }),
            Property::always("no sale is lost without a word", |_, world: &World| {
                (0..SEATS).all(|seat| !world.is_lost(seat))
            }),
            Property::always("no order is kept and refunded", |_, world: &World| {
                (0..SEATS).all(|seat| {
                    let is_refunded = world.late[usize::from(seat)] == Late::Refunded;
                    !is_refunded || world.seats[usize::from(seat)] != Seat::Old
                })
            }),
            Property::sometimes("an order is kept after it was refused once", |_, world: &World| {
                world.forgotten && world.late.contains(&Late::Kept) && !world.refused.is_empty()
            }),
            Property::sometimes("all is settled at the last epoch", |_, world: &World| {
                world.forgotten && world.epoch == EPOCHS && world.late == [Late::Refunded, Late::Kept]
            }),
        ]
    }
}

impl World {
    fn sell_there(&mut self, seat: u8) -> Option<()> {
        let seat = &mut self.seats[usize::from(seat)];
        if !matches!(self.there, There::Owned { .. }) || *seat != Seat::Free {
            return None;
        }
        *seat = Seat::New;
        Some(())
    }

    fn cancel_there(&mut self, seat: u8) -> Option<()> {
        let seat = &mut self.seats[usize::from(seat)];
        if *seat != Seat::New {
            return None;
        }
        *seat = Seat::Free;
        Some(())
    }

    fn settle(&mut self, epoch: u8, copy: u8) -> Option<()> {
        if self.there != (There::Arriving { epoch, copy }) {
            return None;
        }
        self.there = There::Owned { epoch };
        for seat in 0..SEATS {
            let is_sold = copy & (1 << seat) != 0;
            self.seats[usize::from(seat)] = if is_sold { Seat::Old } else { Seat::Free };
        }
        Some(())
    }

    fn shut_out(&mut self, epoch: u8) -> Option<()> {
        match self.there {
            There::Owned { .. } => return None,
            There::Arriving { epoch: at, .. } | There::ShutOut { epoch: at } if at > epoch => return None,
            There::Nothing | There::Arriving { .. } | There::ShutOut { .. } => {}
        }
        self.there = There::ShutOut { epoch };
        Some(())
    }

    /// Whether the box office sold a seat of which nobody knows any more: its owner does not have the order, and it is neither
    /// listed nor paid back.
    fn is_lost(&self, seat: u8) -> bool {
        let (is_sold, at) = (self.sold & (1 << seat) != 0, usize::from(seat));
        if !is_sold || !self.yielded || self.seats[at] == Seat::Old {
            return false;
        }
        match self.late[at] {
            Late::Refunded => false,
            Late::Open { .. } | Late::Keep { .. } => self.forgotten,
            Late::Unlisted | Late::Kept => true,
        }
    }
}

impl Seizing {
    fn arrive(&self, next: &mut World, epoch: u8, copy: u8) -> Option<()> {
        // A coordinator sends what it had written down, however long ago; a later epoch's base is none of its own.
        let is_written = epoch == next.epoch && next.base == Some(copy);
        if !is_written && self.0 != Flaw::BaseNotWritten {
            return None;
        }
        match next.there {
            There::Nothing => {}
            There::ShutOut { epoch: at } if at < epoch => {}
            There::Arriving { .. } | There::ShutOut { .. } | There::Owned { .. } => return None,
        }
        next.there = There::Arriving { epoch, copy };
        Some(())
    }

    fn yields(&self, next: &mut World) -> Option<()> {
        if !next.is_over || next.yielded {
            return None;
        }
        let base = next.base.unwrap_or_default();
        next.yielded = true;
        for seat in 0..SEATS {
            let is_late = next.sold & !base & (1 << seat) != 0;
            if is_late && self.0 != Flaw::ListsNothing {
                next.late[usize::from(seat)] = Late::Open { verdicts: 0 };
            }
        }
        Some(())
    }

    fn judge(&self, next: &mut World, seat: u8, keep: bool) -> Option<()> {
        let late = &mut next.late[usize::from(seat)];
        *late = match (*late, keep) {
            (Late::Open { verdicts }, true) if verdicts < VERDICTS => Late::Keep { verdicts: verdicts + 1 },
            (Late::Open { .. }, false) => Late::Refunded,
            (Late::Keep { .. }, false) if self.0 == Flaw::JudgedTwice => Late::Refunded,
            (Late::Open { .. } | Late::Keep { .. } | Late::Unlisted | Late::Refunded | Late::Kept, _) => {
                return None;
            }
        };
        Some(())
    }

    fn adopt(&self, next: &mut World, seat: u8, verdict: u8) -> Option<()> {
        // Once it was asked, the message may come again at any time.
        let is_asked = next.late[usize::from(seat)] == Late::Keep { verdicts: verdict };
        if !is_asked && !next.asked.contains(&(seat, verdict)) {
            return None;
        }
        next.asked.insert((seat, verdict));
        let is_refused = next.refused.contains(&(seat, verdict)) && self.0 != Flaw::RefusalForgotten;
        match next.seats[usize::from(seat)] {
            Seat::Old => {}
            Seat::Free if !is_refused => next.seats[usize::from(seat)] = Seat::Old,
            Seat::Free => {}
            Seat::New => _ = next.refused.insert((seat, verdict)),
        }
        Some(())
    }
}

#[test]
fn whoever_was_sold_a_seat_has_it_or_is_known() {
    let (states, wrong) = check(Seizing(Flaw::None));
    assert_eq!(wrong, Vec::<&str>::new());
    assert!(states > 4_000, "{states} states");
}

#[test]
fn every_step_is_needed() {
    const LOST: &str = "no sale is lost without a word";
    const BOTH: &str = "no order is kept and refunded";
    for (flaw, what) in [
        (Flaw::BaseNotWritten, "what has settled is what the directory wrote down"),
        (Flaw::NotShutOut, LOST),
        (Flaw::ListsNothing, LOST),
        (Flaw::ForgetsEarly, LOST),
        (Flaw::RefusalForgotten, BOTH),
        (Flaw::JudgedTwice, BOTH),
    ] {
        let (_states, wrong) = check(Seizing(flaw));
        assert!(wrong.contains(&what), "{flaw:?} does no harm: {wrong:?}");
    }
}
