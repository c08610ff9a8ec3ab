//! A venue of two seats moves between three groups: see [`marquee_ledger::transfer`].

use std::collections::BTreeSet;

use stateright::{Model, Property};

use super::check;

const GROUPS: u8 = 3;
const SEATS: u8 = 2;

/// A step that is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flaw {
    None,
    /// The venue settles without having been frozen where it was.
    NotFrozen,
    /// The destination does not compare what it has with what the source had.
    NotCompared,
    /// The source sells again without having asked the destination.
    StaysUnasked,
    /// A destination that shut a move out does not remember it.
    ShutsOutForNow,
    /// An epoch that was called off is given to the next move.
    EpochReused,
    /// The source forgets before the destination has settled.
    ForgetsEarly,
}

/// How a group stands to the venue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Stage {
    Never,
    Owned,
    Copied { attempt: u8 },
    Departed { attempt: u8 },
    Arriving { attempt: u8, copied: bool },
    Gone,
}

/// A group's ledger: seats are bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Ledger {
    epoch: u8,
    stage: Stage,
    sold: u8,
}

impl Ledger {
    fn sells(self) -> bool {
        matches!(self.stage, Stage::Owned | Stage::Copied { .. })
    }
}

/// What was answered once. An attempt is named by its epoch and number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Answered {
    /// The directory's placement: a move from one group to another.
    Placed {
        epoch: u8,
        from: u8,
        to: u8,
    },
    Prepared {
        epoch: u8,
        attempt: u8,
    },
    Departed {
        epoch: u8,
        attempt: u8,
    },
    /// What a coordinator read after the departure.
    Rest {
        epoch: u8,
        attempt: u8,
        sold: u8,
    },
    Settled {
        epoch: u8,
    },
    ShutOut {
        epoch: u8,
    },
    Stayed {
        epoch: u8,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct World {
    ledgers: [Ledger; GROUPS as usize],
    owner: u8,
    epoch: u8,
    moving_to: Option<u8>,
    answered: BTreeSet<Answered>,
    /// Seats that somebody was told they have.
    told: u8,
    sold_twice: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Action {
    Sell {
        group: u8,
        seat: u8,
    },
    BeginMove {
        to: u8,
    },
    Prepare {
        epoch: u8,
    },
    Await {
        epoch: u8,
        attempt: u8,
    },
    /// Puts aside what was read at the source, just now or some sales ago.
    Arrive {
        epoch: u8,
        attempt: u8,
        sold: u8,
    },
    Depart {
        epoch: u8,
        attempt: u8,
    },
    ReadRest {
        epoch: u8,
        attempt: u8,
    },
    /// Sends what the copy lacks; some of it may not have been noted.
    Settle {
        epoch: u8,
        attempt: u8,
        sold: u8,
        noted: u8,
    },
    Finish {
        epoch: u8,
    },
    Forget {
        epoch: u8,
    },
    Discard {
        epoch: u8,
    },
    Stay {
        epoch: u8,
    },
    Abort {
        epoch: u8,
    },
}

struct Moves {
    flaw: Flaw,
    epochs_max: u8,
    attempts_max: u8,
}

impl Moves {
    /// Where a move leads from and to.
    fn way(world: &World, epoch: u8) -> impl Iterator<Item = (u8, u8)> + '_ {
        world.answered.iter().filter_map(move |answered| {
            let Answered::Placed { epoch: at, from, to } = *answered else { return None };
            (at == epoch).then_some((from, to))
        })
    }

    fn sources(world: &World, epoch: u8) -> Vec<u8> {
        Self::way(world, epoch).map(|(from, _to)| from).collect()
    }

    /// The groups that a step of the destination may come to.
    fn destinations(world: &World, epoch: u8) -> Vec<u8> {
        Self::way(world, epoch).map(|(_from, to)| to).collect()
    }
}

impl Model for Moves {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        let mut ledgers = [Ledger { epoch: 0, stage: Stage::Never, sold: 0 }; GROUPS as usize];
        ledgers[0].stage = Stage::Owned;
        vec![World {
            ledgers,
            owner: 0,
            epoch: 0,
            moving_to: None,
            answered: BTreeSet::new(),
            told: 0,
            sold_twice: false,
        }]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        for group in 0..GROUPS {
            for seat in 0..SEATS {
                actions.push(Action::Sell { group, seat });
            }
            if group != world.owner && world.moving_to.is_none() && world.epoch < self.epochs_max {
                actions.push(Action::BeginMove { to: group });
            }
        }
        for answered in &world.answered {
            match *answered {
                Answered::Placed { epoch, .. } => {
                    actions.push(Action::Prepare { epoch });
                    if self.flaw == Flaw::StaysUnasked {
                        actions.push(Action::Stay { epoch });
                    }
                    if self.flaw == Flaw::ForgetsEarly {
                        actions.push(Action::Forget { epoch });
                    }
                }
                Answered::Prepared { epoch, attempt } => {
                    actions.push(Action::Await { epoch, attempt });
                    actions.push(Action::Depart { epoch, attempt });
                    let parts = (0..1 << SEATS).filter(|sold| sold & world.told == *sold);
                    actions.extend(parts.map(|sold| Action::Arrive { epoch, attempt, sold }));
                    // Whoever is at work may give up at any time.
                    actions.push(Action::Discard { epoch });
                    if self.flaw == Flaw::NotFrozen {
                        actions.push(Action::ReadRest { epoch, attempt });
                    }
                }
                Answered::Departed { epoch, attempt } => actions.push(Action::ReadRest { epoch, attempt }),
                Answered::Rest { epoch, attempt, sold } => {
                    let parts = (0..1 << SEATS).filter(|noted| noted & sold == *noted);
                    actions.extend(parts.map(|noted| Action::Settle { epoch, attempt, sold, noted }));
                }
                Answered::Settled { epoch } => {
                    actions.push(Action::Finish { epoch });
                    actions.push(Action::Forget { epoch });
                }
                Answered::ShutOut { epoch } => actions.push(Action::Stay { epoch }),
                Answered::Stayed { epoch } => actions.push(Action::Abort { epoch }),
            }
        }
    }

    fn next_state(&self, last: &World, action: Action) -> Option<World> {
        let mut world = last.clone();
        match action {
            Action::Sell { group, seat } => world.sell(group, 1 << seat)?,
            Action::BeginMove { to } => world.begin_move(to),
            Action::Prepare { epoch } => world.prepare(epoch, self.attempts_max)?,
            Action::Await { epoch, attempt } => world.let_in(epoch, attempt)?,
            Action::Arrive { epoch, attempt, sold } => world.arrive(epoch, attempt, sold)?,
            Action::Depart { epoch, attempt } => world.depart(epoch, attempt)?,
            Action::ReadRest { epoch, attempt } => {
                for from in Self::sources(last, epoch) {
                    let ledger = last.ledgers[from as usize];
                    // Once it is forgotten there is nothing to read.
                    if ledger.epoch == epoch && ledger.stage != Stage::Gone {
                        world.answered.insert(Answered::Rest { epoch, attempt, sold: ledger.sold });
                    }
                }
            }
            Action::Settle { epoch, attempt, sold, noted } => {
                world.settle(epoch, attempt, sold, noted, self.flaw)?;
            }
            Action::Finish { epoch } => world.finish(epoch)?,
            Action::Forget { epoch } => world.forget(epoch)?,
            Action::Discard { epoch } => world.discard(epoch, self.flaw)?,
            Action::Stay { epoch } => world.stay(epoch)?,
            Action::Abort { epoch } => world.abort(epoch, self.flaw)?,
        }
        (world != *last).then_some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let mut properties = vec![
            Property::always("at most one group sells", |_, world: &World| {
                world.ledgers.iter().filter(|ledger| ledger.sells()).count() <= 1
            }),
            Property::always("no seat is sold twice", |_, world: &World| !world.sold_twice),
            Property::always("whoever sells knows every sale", |_, world: &World| {
                let mut selling = world.ledgers.iter().filter(|ledger| ledger.sells());
                selling.all(|ledger| ledger.sold & world.told == world.told)
            }),
            Property::always("somebody knows every sale", |_, world: &World| {
                world.ledgers.iter().any(|ledger| ledger.sold & world.told == world.told)
            }),
        ];
        // A model that gets nowhere is safe, too.
        if self.epochs_max > 1 {
            properties.push(Property::sometimes("a venue moves twice, and sells", |_, world: &World| {
                let at_home = world.ledgers[2].sells() && world.owner == 2 && world.moving_to.is_none();
                at_home && world.epoch == 2 && world.told == 3 && world.ledgers[0].stage == Stage::Gone
            }));
            properties.push(Property::sometimes(
                "a move is called off, the next is not",
                |_, world: &World| {
                    let called_off = world.answered.contains(&Answered::Stayed { epoch: 1 });
                    called_off && world.owner == 1 && world.epoch == 2 && world.ledgers[1].sells()
                },
            ));
        }
        if self.attempts_max > 1 {
            properties.push(Property::sometimes("an attempt ends what another began", |_, world: &World| {
                let first = Answered::Departed { epoch: 1, attempt: 1 };
                let second = Answered::Departed { epoch: 1, attempt: 2 };
                world.answered.contains(&first) && world.answered.contains(&second) && world.owner != 0
            }));
        }
        properties
    }
}

impl World {
    fn ledger(&mut self, group: u8) -> &mut Ledger {
        &mut self.ledgers[group as usize]
    }

    fn sell(&mut self, group: u8, seat: u8) -> Option<()> {
        let ledger = *self.ledger(group);
        if !ledger.sells() || ledger.sold & seat != 0 {
            return None;
        }
        self.ledger(group).sold |= seat;
        self.sold_twice |= self.told & seat != 0;
        self.told |= seat;
        Some(())
    }

    fn begin_move(&mut self, to: u8) {
        self.moving_to = Some(to);
        self.answered.insert(Answered::Placed { epoch: self.epoch + 1, from: self.owner, to });
    }

    fn prepare(&mut self, epoch: u8, attempts_max: u8) -> Option<()> {
        let from = Moves::sources(self, epoch).into_iter().next_back()?;
        let ledger = self.ledger(from);
        let (attempt, stage) = match ledger.stage {
            Stage::Owned if ledger.epoch < epoch => (1, Stage::Copied { attempt: 1 }),
            Stage::Copied { attempt } if ledger.epoch == epoch => {
                (attempt + 1, Stage::Copied { attempt: attempt + 1 })
            }
            Stage::Departed { attempt } if ledger.epoch == epoch => {
                (attempt + 1, Stage::Departed { attempt: attempt + 1 })
            }
            Stage::Never
            | Stage::Owned
            | Stage::Copied { .. }
            | Stage::Departed { .. }
            | Stage::Arriving { .. }
            | Stage::Gone => return None,
        };
        if attempt > attempts_max {
            return None;
        }
        (ledger.epoch, ledger.stage) = (epoch, stage);
        self.answered.insert(Answered::Prepared { epoch, attempt });
        if let Stage::Departed { attempt } = stage {
            self.answered.insert(Answered::Departed { epoch, attempt });
        }
        Some(())
    }

    fn let_in(&mut self, epoch: u8, attempt: u8) -> Option<()> {
        let to = Moves::destinations(self, epoch).into_iter().next_back()?;
        let ledger = self.ledger(to);
        match ledger.stage {
            Stage::Never => ledger.sold = 0,
            Stage::Gone if ledger.epoch < epoch => ledger.sold = 0,
            Stage::Owned if ledger.epoch == epoch => {
                self.answered.insert(Answered::Settled { epoch });
                return Some(());
            }
            Stage::Arriving { attempt: known, .. } if ledger.epoch == epoch && known < attempt => {}
            Stage::Owned
            | Stage::Copied { .. }
            | Stage::Departed { .. }
            | Stage::Arriving { .. }
            | Stage::Gone => return None,
        }
        (ledger.epoch, ledger.stage) = (epoch, Stage::Arriving { attempt, copied: false });
        Some(())
    }

    fn arrive(&mut self, epoch: u8, attempt: u8, sold: u8) -> Option<()> {
        let to = Moves::destinations(self, epoch).into_iter().next_back()?;
        let ledger = self.ledger(to);
        if ledger.epoch != epoch || ledger.stage != (Stage::Arriving { attempt, copied: false }) {
            return None;
        }
        (ledger.stage, ledger.sold) = (Stage::Arriving { attempt, copied: true }, sold);
        Some(())
    }

    fn depart(&mut self, epoch: u8, attempt: u8) -> Option<()> {
        let from = Moves::sources(self, epoch).into_iter().next_back()?;
        let ledger = self.ledger(from);
        if ledger.epoch != epoch || ledger.stage != (Stage::Copied { attempt }) {
            return None;
        }
        ledger.stage = Stage::Departed { attempt };
        self.answered.insert(Answered::Departed { epoch, attempt });
        Some(())
    }

    fn settle(&mut self, epoch: u8, attempt: u8, digest: u8, rest: u8, flaw: Flaw) -> Option<()> {
        let to = Moves::destinations(self, epoch).into_iter().next_back()?;
        let ledger = self.ledger(to);
        if ledger.epoch != epoch || ledger.stage != (Stage::Arriving { attempt, copied: true }) {
            return None;
        }
        if ledger.sold | rest != digest && flaw != Flaw::NotCompared {
            return None;
        }
        (ledger.stage, ledger.sold) = (Stage::Owned, ledger.sold | rest);
        self.answered.insert(Answered::Settled { epoch });
        Some(())
    }

    fn finish(&mut self, epoch: u8) -> Option<()> {
        let to = self.moving_to.filter(|_to| self.epoch + 1 == epoch)?;
        (self.owner, self.epoch, self.moving_to) = (to, epoch, None);
        Some(())
    }

    fn forget(&mut self, epoch: u8) -> Option<()> {
        let from = Moves::sources(self, epoch).into_iter().next_back()?;
        let ledger = self.ledger(from);
        if ledger.epoch != epoch || !matches!(ledger.stage, Stage::Departed { .. }) {
            return None;
        }
        (ledger.stage, ledger.sold) = (Stage::Gone, 0);
        Some(())
    }

    fn discard(&mut self, epoch: u8, flaw: Flaw) -> Option<()> {
        let to = Moves::destinations(self, epoch).into_iter().next_back()?;
        let ledger = self.ledger(to);
        match ledger.stage {
            Stage::Never => {}
            Stage::Arriving { .. } | Stage::Gone if ledger.epoch <= epoch => {}
            Stage::Owned
            | Stage::Copied { .. }
            | Stage::Departed { .. }
            | Stage::Arriving { .. }
            | Stage::Gone => return None,
        }
        (ledger.epoch, ledger.stage, ledger.sold) = (epoch, Stage::Gone, 0);
        if flaw == Flaw::ShutsOutForNow {
            (ledger.epoch, ledger.stage) = (0, Stage::Never);
        }
        self.answered.insert(Answered::ShutOut { epoch });
        Some(())
    }

    fn stay(&mut self, epoch: u8) -> Option<()> {
        let from = Moves::sources(self, epoch).into_iter().next_back()?;
        let ledger = self.ledger(from);
        if ledger.epoch != epoch || !matches!(ledger.stage, Stage::Copied { .. } | Stage::Departed { .. }) {
            return None;
        }
        ledger.stage = Stage::Owned;
        self.answered.insert(Answered::Stayed { epoch });
        Some(())
    }

    fn abort(&mut self, epoch: u8, flaw: Flaw) -> Option<()> {
        if self.moving_to.is_none() || self.epoch + 1 != epoch {
            return None;
        }
        self.moving_to = None;
        if flaw == Flaw::EpochReused {
            // The source must be willing to begin anew, as it would be.
            let owner = self.owner;
            self.ledger(owner).epoch = self.epoch;
        } else {
            self.epoch = epoch;
        }
        Some(())
    }
}

/// Two moves, each by coordinators of one attempt; and one move, by coordinators of three.
fn models(flaw: Flaw) -> [Moves; 2] {
    [Moves { flaw, epochs_max: 2, attempts_max: 1 }, Moves { flaw, epochs_max: 1, attempts_max: 3 }]
}

#[test]
fn a_venue_is_sold_by_one_group_whatever_happens() {
    for model in models(Flaw::None) {
        let (states, wrong) = check(model);
        assert_eq!(wrong, Vec::<&str>::new());
        assert!(states > 1_000, "{states} states are too few to say anything");
    }
}

#[test]
fn every_step_that_is_left_out_is_found_out() {
    for flaw in [
        Flaw::NotFrozen,
        Flaw::NotCompared,
        Flaw::StaysUnasked,
        Flaw::ShutsOutForNow,
        Flaw::EpochReused,
        Flaw::ForgetsEarly,
    ] {
        let is_safe = |name: &&str| {
            ["at most one", "no seat", "whoever sells", "somebody"]
                .iter()
                .any(|begins| name.starts_with(begins))
        };
        let wrong: Vec<_> =
            models(flaw).into_iter().flat_map(|model| check(model).1).filter(is_safe).collect();
        assert!(!wrong.is_empty(), "{flaw:?} goes unseen");
    }
}
