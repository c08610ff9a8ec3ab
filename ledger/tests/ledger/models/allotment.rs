//! A block of two seats is allotted by the group that owns it to one of two others, and comes back.
//!
//! The owner commits `Allot` and from then on does not own the seats; the receiver commits `Accept` before it sells. On
//! return the receiver commits `Relinquish` first, with what it sold, then the owner `Reclaim`. Each names the epoch of
//! the allotment, which is never given again. A receiver that never accepted may relinquish as well: it will not accept
//! then. Nothing is reclaimed by a timeout or a suspicion.

use std::collections::BTreeSet;

use stateright::{Model, Property};

use super::check;

const RECEIVERS: u8 = 2;
const SEATS: u8 = 2;

/// A step that is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flaw {
    None,
    /// The owner reclaims what it thinks is lost.
    ReclaimsUnasked,
    /// A receiver sells what it was told of, without having written down that it accepts.
    AcceptsAgain,
    /// The owner takes the return of an earlier allotment for that of this one.
    AnyEpoch,
    /// What was sold does not come back with the seats.
    SalesForgotten,
    /// The owner goes on selling what it allotted.
    SellsAllotted,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Held {
    /// The receiver has not written anything down, or not of this epoch.
    Nothing,
    Accepted,
    Relinquished,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Receiver {
    epoch: u8,
    held: Held,
    sold: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Message {
    Allotted { to: u8, epoch: u8, sold: u8 },
    Recalled { to: u8, epoch: u8 },
    Relinquished { epoch: u8, sold: u8 },
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct World {
    /// The epoch of the last allotment.
    epoch: u8,
    /// Who has the block just now; none while the owner has it.
    allotted_to: Option<u8>,
    sold: u8,
    receivers: [Receiver; RECEIVERS as usize],
    sent: BTreeSet<Message>,
    told: u8,
    sold_twice: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Action {
    SellHere {
        seat: u8,
    },
    SellThere {
        by: u8,
        seat: u8,
    },
    Allot {
        to: u8,
    },
    Recall,
    Accept {
        by: u8,
        epoch: u8,
        sold: u8,
    },
    /// The receiver gives the block back, of its own accord or because it is asked to.
    Relinquish {
        by: u8,
        epoch: u8,
    },
    Reclaim {
        epoch: u8,
        sold: u8,
    },
}

struct Allotments {
    flaw: Flaw,
    epochs_max: u8,
}

impl Model for Allotments {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        let nothing = Receiver { epoch: 0, held: Held::Nothing, sold: 0 };
        vec![World {
            epoch: 0,
            allotted_to: None,
            sold: 0,
            receivers: [nothing; RECEIVERS as usize],
            sent: BTreeSet::new(),
            told: 0,
            sold_twice: false,
        }]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        for seat in 0..SEATS {
            actions.push(Action::SellHere { seat });
            actions.extend((0..RECEIVERS).map(|by| Action::SellThere { by, seat }));
        }
        if world.epoch < self.epochs_max {
            actions.extend((0..RECEIVERS).map(|to| Action::Allot { to }));
        }
        actions.push(Action::Recall);
        for by in 0..RECEIVERS {
            let epoch = world.receivers[by as usize].epoch;
            actions.push(Action::Relinquish { by, epoch });
        }
        for message in &world.sent {
            match *message {
                Message::Allotted { to, epoch, sold } => actions.push(Action::Accept { by: to, epoch, sold }),
                Message::Recalled { to, epoch } => actions.push(Action::Relinquish { by: to, epoch }),
                Message::Relinquished { epoch, sold } => actions.push(Action::Reclaim { epoch, sold }),
            }
        }
        if self.flaw == Flaw::ReclaimsUnasked && world.allotted_to.is_some() {
            actions.push(Action::Reclaim { epoch: world.epoch, sold: 0 });
        }
    }

    fn next_state(&self, last: &World, action: Action) -> Option<World> {
        let mut world = last.clone();
        match action {
            Action::SellHere { seat } => {
                let may = world.allotted_to.is_none() || self.flaw == Flaw::SellsAllotted;
                if !may || world.sold & (1 << seat) != 0 {
                    return None;
                }
                world.sold |= 1 << seat;
                world.tell(1 << seat);
            }
            Action::SellThere { by, seat } => {
                let receiver = &mut world.receivers[by as usize];
                if receiver.held != Held::Accepted || receiver.sold & (1 << seat) != 0 {
                    return None;
                }
                receiver.sold |= 1 << seat;
                world.tell(1 << seat);
            }
            Action::Allot { to } => {
                if world.allotted_to.is_some() {
                    return None;
                }
                world.epoch += 1;
                world.allotted_to = Some(to);
                world.sent.insert(Message::Allotted { to, epoch: world.epoch, sold: world.sold });
            }
            Action::Recall => {
                let to = world.allotted_to?;
                world.sent.insert(Message::Recalled { to, epoch: world.epoch });
            }
            Action::Accept { by, epoch, sold } => {
                let receiver = &mut world.receivers[by as usize];
                let is_next = receiver.epoch < epoch;
                let again = self.flaw == Flaw::AcceptsAgain && receiver.epoch == epoch;
                if !is_next && !again {
                    return None;
                }
                *receiver = Receiver { epoch, held: Held::Accepted, sold };
            }
            Action::Relinquish { by, epoch } => world.relinquish(by, epoch)?,
            Action::Reclaim { epoch, sold } => {
                let is_its = epoch == world.epoch || self.flaw == Flaw::AnyEpoch;
                if world.allotted_to.is_none() || !is_its {
                    return None;
                }
                world.allotted_to = None;
                if self.flaw != Flaw::SalesForgotten {
                    world.sold |= sold;
                }
            }
        }
        (world != *last).then_some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("at most one group sells", |_, world: &World| {
                let there = world.receivers.iter().filter(|receiver| receiver.held == Held::Accepted);
                there.count() + usize::from(world.allotted_to.is_none()) <= 1
            }),
            Property::always("no seat is sold twice", |_, world: &World| !world.sold_twice),
            Property::always("whoever sells knows every sale", |_, world: &World| {
                let knows = |sold: u8| sold & world.told == world.told;
                let there = world.receivers.iter().filter(|receiver| receiver.held == Held::Accepted);
                (world.allotted_to.is_some() || knows(world.sold))
                    && there.into_iter().all(|receiver| knows(receiver.sold))
            }),
            Property::sometimes(
                "both receivers sell, one after the other, and all comes back",
                |_, world: &World| {
                    let gave_back = |by: usize| {
                        world.receivers[by].held == Held::Relinquished && world.receivers[by].sold != 0
                    };
                    gave_back(0) && gave_back(1) && world.allotted_to.is_none() && world.sold == 3
                },
            ),
            Property::sometimes("what was never accepted comes back", |_, world: &World| {
                let never = world
                    .receivers
                    .iter()
                    .any(|receiver| receiver.held == Held::Relinquished && receiver.sold == 0);
                never && world.epoch == 1 && world.allotted_to.is_none() && world.told == 1
            }),
        ]
    }
}

impl World {
    fn tell(&mut self, seat: u8) {
        self.sold_twice |= self.told & seat != 0;
        self.told |= seat;
    }

    fn relinquish(&mut self, by: u8, epoch: u8) -> Option<()> {
        let receiver = &mut self.receivers[by as usize];
        if epoch == 0 || receiver.epoch > epoch {
            return None;
        }
        if receiver.epoch < epoch {
            // It was never accepted, and will not be: nothing of it was sold.
            if receiver.held == Held::Accepted {
                return None;
            }
            *receiver = Receiver { epoch, held: Held::Relinquished, sold: 0 };
        }
        receiver.held = Held::Relinquished;
        let sold = receiver.sold;
        self.sent.insert(Message::Relinquished { epoch, sold });
        Some(())
    }
}

#[test]
fn an_allotted_block_is_sold_by_one_group_whatever_happens() {
    let (states, wrong) = check(Allotments { flaw: Flaw::None, epochs_max: 3 });
    assert_eq!(wrong, Vec::<&str>::new());
    assert!(states > 1_000, "{states} states are too few to say anything");
}

#[test]
fn every_step_that_is_left_out_is_found_out() {
    for flaw in
        [Flaw::ReclaimsUnasked, Flaw::AcceptsAgain, Flaw::AnyEpoch, Flaw::SalesForgotten, Flaw::SellsAllotted]
    {
        let (_states, wrong) = check(Allotments { flaw, epochs_max: 3 });
        assert!(!wrong.is_empty(), "{flaw:?} goes unseen");
    }
}
