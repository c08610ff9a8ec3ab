//! What the home of a group owes a venue.

use marquee_ledger::transfer::{Stage, Standing};
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
}

/// What a group owes a venue that is placed so, and stands so with it.
#[must_use]
pub fn duty(group: GroupId, placement: Placement, standing: Standing) -> Duty {
    let at = standing.epoch;
    match (placement.group == group, placement.moving_to, standing.stage) {
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
                | Stage::Gone => Duty::Nothing,
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
            | Stage::Gone,
        ) => Duty::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use marquee_ledger::transfer::{Arrival, Copying, Digest};

    use super::*;

    const HERE: GroupId = GroupId(2);
    const THERE: GroupId = GroupId(3);

    fn placed(group: GroupId, epoch: u64, moving_to: Option<GroupId>) -> Placement {
        Placement { venue: 7, group, epoch, moving_to }
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
}
