//! What the home of a group owes a venue.

use marquee_ledger::transfer::{Departure, Stage, Standing};
use marquee_replication::GroupId;

use crate::directory::Placement;

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duty {
    /// Nothing, or nothing yet: the placement that this node knows may be older than what it did itself.
    Nothing,
    /// To move the venue.
    Move {
        /// The epoch that the move leads to.
        epoch: u64,
        /// The group that it leads to.
        to: GroupId,
    },
    /// To tell the directory that the move was called off.
    CallOff {
        /// The epoch that it would have led to.
        epoch: u64,
        /// The group that it would have led to.
        to: GroupId,
    },
    /// To remove the venue's rows.
    Forget {
        /// The epoch at which they became another group's, or nobody's.
        epoch: u64,
    },
    /// To sell it no more, since it was taken over.
    Yield {
        /// The epoch at which it became another group's.
        epoch: u64,
        /// The copy that it was taken over from.
        base: Departure,
    },
    /// To settle what it sold after that copy, then to remove the venue's rows and tell the directory.
    Reconcile {
        /// The epoch at which it became another group's.
        epoch: u64,
    },
}

/// What a group owes a venue that is placed so, and stands so with it.
#[must_use]
pub fn duty(group: GroupId, placement: Placement, standing: Standing) -> Duty {
    if let Some(owed) = after_seizure(group, placement, standing) {
        return owed;
    }
    let at = standing.epoch;
    match (placement.group == group, placement.moving_to, standing.stage) {
        // Who takes it over does so without its home.
        (true, Some(_to), _stage) if placement.under_seizure().is_some() => Duty::Nothing,
        (true, Some(to), stage) => {
            let epoch = placement.epoch + 1;
            match stage {
                Stage::Owned if at < epoch => Duty::Move { epoch, to },
                // It stays, and the directory was not told: the home was lost in between.
                Stage::Owned if at == epoch => Duty::CallOff { epoch, to },
                Stage::Copied(_) | Stage::Departed(_) if at == epoch => Duty::Move { epoch, to },
                Stage::Owned
                | Stage::Copied(_)
                | Stage::Departed(_)
                | Stage::Arriving(_)
                | Stage::Leaving
                | Stage::Gone
                | Stage::Yielded(_) => Duty::Nothing,
            }
        }
        (true, None, _stage) => Duty::Nothing,
        // The directory gives an epoch to another group only when the venue has settled there.
        (false, _, Stage::Departed(_)) if at <= placement.epoch => Duty::Forget { epoch: at },
        // It left, or a move to this group was called off.
        (false, _, Stage::Leaving) if at <= placement.epoch => Duty::Forget { epoch: at },
        (
            false,
            _,
            Stage::Owned
            | Stage::Copied(_)
            | Stage::Departed(_)
            | Stage::Arriving(_)
            | Stage::Leaving
            | Stage::Gone
            | Stage::Yielded(_),
        ) => Duty::Nothing,
    }
}

/// What a group owes a venue that was taken over from it; nothing special if it was not.
fn after_seizure(group: GroupId, placement: Placement, standing: Standing) -> Option<Duty> {
    let seizure = placement.seized().filter(|seizure| seizure.from == group)?;
    let (at, epoch) = (standing.epoch, seizure.epoch);
    match standing.stage {
        // It may be in the middle of a move that came to nothing.
        Stage::Owned | Stage::Copied(_) | Stage::Departed(_) if at < epoch => {
            seizure.base.map(|base| Duty::Yield { epoch, base })
        }
        Stage::Yielded(_) | Stage::Leaving | Stage::Gone if at == epoch => Some(Duty::Reconcile { epoch }),
        // It has come back since, which it cannot before all is settled: the directory was not told.
        Stage::Owned
        | Stage::Copied(_)
        | Stage::Departed(_)
        | Stage::Arriving(_)
        | Stage::Leaving
        | Stage::Gone
        | Stage::Yielded(_)
            if at > epoch =>
        {
            Some(Duty::Reconcile { epoch })
        }
        Stage::Owned
        | Stage::Copied(_)
        | Stage::Departed(_)
        | Stage::Arriving(_)
        | Stage::Leaving
        | Stage::Gone
        | Stage::Yielded(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use marquee_ledger::journal::ChainLink;
    use marquee_ledger::transfer::{Arrival, Copying, Digest};
    use marquee_replication::NodeId;

    use super::*;
    use crate::directory::Seizure;

    const HERE: GroupId = GroupId(2);
    const THERE: GroupId = GroupId(3);

    fn placed(group: GroupId, epoch: u64, moving_to: Option<GroupId>) -> Placement {
        Placement { epoch, moving_to, ..Placement::first(7, group) }
    }

    fn at(epoch: u64, stage: Stage) -> Standing {
        Standing { epoch, stage }
    }

    #[test]
    fn every_standing_has_its_duty() {
        let copying = Copying { from: 0, attempt: 3, since: 9 };
        let arrival = Arrival { attempt: 1, pieces: 0, through: 0, digest: Digest::default() };
        let moving = placed(HERE, 4, Some(THERE));
        let go = Duty::Move { epoch: 5, to: THERE };
        for (placement, standing, owed) in [
            (placed(HERE, 4, None), at(4, Stage::Owned), Duty::Nothing),
            (placed(HERE, 0, Some(THERE)), Standing::FIRST, Duty::Move { epoch: 1, to: THERE }),
            (moving, at(4, Stage::Owned), go),
            (moving, at(5, Stage::Copied(copying)), go),
            (moving, at(5, Stage::Departed(copying)), go),
            (moving, at(5, Stage::Owned), Duty::CallOff { epoch: 5, to: THERE }),
            // What is known of the directory is older than what was done here.
            (moving, at(6, Stage::Owned), Duty::Nothing),
            (moving, at(6, Stage::Departed(copying)), Duty::Nothing),
            (moving, at(5, Stage::Leaving), Duty::Nothing),
            (moving, at(5, Stage::Gone), Duty::Nothing),
            (placed(THERE, 5, None), at(5, Stage::Departed(copying)), Duty::Forget { epoch: 5 }),
            (placed(THERE, 4, None), at(5, Stage::Departed(copying)), Duty::Nothing),
            (placed(THERE, 5, Some(HERE)), at(5, Stage::Leaving), Duty::Forget { epoch: 5 }),
            (placed(THERE, 5, Some(HERE)), at(6, Stage::Arriving(arrival)), Duty::Nothing),
            (placed(THERE, 5, None), at(5, Stage::Gone), Duty::Nothing),
            (placed(THERE, 6, None), at(6, Stage::Leaving), Duty::Forget { epoch: 6 }),
            (placed(THERE, 0, None), Standing::FIRST, Duty::Nothing),
        ] {
            assert_eq!(duty(HERE, placement, standing), owed, "{placement:?} {standing:?}");
        }
    }

    #[test]
    fn a_group_that_lost_a_venue_yields_it_and_settles_what_it_sold() {
        let base = Departure { counter: 4, link: ChainLink { index: 9, now_ms: 9, hash: [9; 32] } };
        let seizure =
            |from, epoch| Seizure { from, by: NodeId(3), epoch, base: Some(base), is_overtaking: false };
        let taken = |placement: Placement, from| Placement { seizure: Some(seizure(from, 5)), ..placement };
        let copying = Copying { from: 0, attempt: 3, since: 9 };
        let arrival = Arrival { attempt: 1, pieces: 0, through: 0, digest: Digest::default() };
        let (lost, settle) = (Duty::Yield { epoch: 5, base }, Duty::Reconcile { epoch: 5 });
        let under_way = taken(placed(HERE, 4, Some(THERE)), HERE);
        let over = taken(placed(THERE, 5, None), HERE);
        let back = taken(placed(HERE, 6, None), HERE);
        for (placement, standing, owed) in [
            // It sells until it is over, and begins no move of its own.
            (under_way, Standing::FIRST, Duty::Nothing),
            (under_way, at(4, Stage::Copied(copying)), Duty::Nothing),
            (over, Standing::FIRST, lost),
            (over, at(4, Stage::Owned), lost),
            (over, at(4, Stage::Copied(copying)), lost),
            // A move that was given up for the seizure took nothing away.
            (over, at(4, Stage::Departed(copying)), lost),
            (over, at(5, Stage::Yielded(base)), settle),
            (over, at(5, Stage::Leaving), settle),
            (over, at(5, Stage::Gone), settle),
            (back, at(6, Stage::Owned), settle),
            (taken(placed(THERE, 5, Some(HERE)), HERE), at(6, Stage::Arriving(arrival)), settle),
            // Another group's loss is none of ours.
            (taken(placed(THERE, 5, None), THERE), Standing::FIRST, Duty::Nothing),
            (taken(placed(HERE, 5, None), THERE), at(5, Stage::Owned), Duty::Nothing),
            (placed(THERE, 5, None), at(5, Stage::Yielded(base)), Duty::Nothing),
        ] {
            assert_eq!(duty(HERE, placement, standing), owed, "{placement:?} {standing:?}");
        }
    }
}
