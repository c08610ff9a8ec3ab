//! How venues come and go; see [`transfer`](crate::transfer).

mod adopting;
mod arriving;
mod clearing;
mod yielding;

use redb::ReadableTable;

use super::{Decided, LedgerEntry};
use crate::broken::Broken;
use crate::change::Change;
use crate::command::Outcome;
use crate::hold::Hold;
use crate::ids::HoldId;
use crate::record;
use crate::refusal::Refusal;
use crate::tables::{self, SeatsKey};
use crate::transfer::{
    Act, Arrival, Copying, Piece, Settlement, Stage, Standing, Step, performances_of, venue_in,
};

impl LedgerEntry<'_> {
    pub(super) fn transfer(&mut self, step: &Step) -> Decided {
        let Step { venue, epoch, act } = step;
        let (venue, epoch) = (*venue, *epoch);
        match act {
            Act::Prepare => self.prepare(venue, epoch),
            Act::Depart { attempt } => self.depart(venue, epoch, *attempt),
            Act::Stay => self.stay(venue, epoch),
            Act::Forget { limit } => self.forget_venue(venue, epoch, *limit),
            Act::Await { attempt } => self.await_venue(venue, epoch, *attempt),
            Act::Arrive(piece) => self.arrive(venue, epoch, piece),
            Act::Settle(settlement) => self.settle(venue, epoch, settlement),
            Act::Discard { limit } => self.discard(venue, epoch, *limit),
            Act::Yield { base } => self.yield_venue(venue, epoch, *base),
            Act::Judge { order, verdict } => self.judge(venue, epoch, *order, *verdict),
            Act::Late { order, news } => self.late(venue, epoch, *order, news),
            Act::Withdraw { order, why } => self.withdraw(venue, epoch, *order, why),
            Act::Close { order, end } => self.close(venue, epoch, *order, *end),
            Act::Adopt(adoption) => self.adopt(venue, adoption),
        }
    }

    // The source.

    fn prepare(&mut self, venue: u32, epoch: u64) -> Decided {
        let standing = self.standing(venue);
        let stage = match standing.stage {
            Stage::Owned if standing.epoch < epoch => {
                Stage::Copied(Copying { from: standing.epoch, attempt: 1, since: self.at.index })
            }
            Stage::Copied(copying) if standing.epoch == epoch => {
                Stage::Copied(Copying { attempt: copying.attempt + 1, ..copying })
            }
            Stage::Departed(copying) if standing.epoch == epoch => {
                Stage::Departed(Copying { attempt: copying.attempt + 1, ..copying })
            }
            Stage::Owned
            | Stage::Copied(_)
            | Stage::Departed(_)
            | Stage::Arriving(_)
            | Stage::Leaving
            | Stage::Gone
            | Stage::Yielded(_) => return Err(Refusal::StaleStep.into()),
        };
        // Nothing is refused from here on.
        Ok(self.stand(venue, Standing { epoch, stage })?)
    }

    fn depart(&mut self, venue: u32, epoch: u64, attempt: u64) -> Decided {
        let standing = self.standing(venue);
        let copying = match standing.stage {
            Stage::Copied(copying) if standing.epoch == epoch && copying.attempt == attempt => copying,
            Stage::Departed(copying) if standing.epoch == epoch && copying.attempt == attempt => {
                return Ok(Outcome::Stands(standing));
            }
            Stage::Owned
            | Stage::Copied(_)
            | Stage::Departed(_)
            | Stage::Arriving(_)
            | Stage::Leaving
            | Stage::Gone
            | Stage::Yielded(_) => return Err(Refusal::StaleStep.into()),
        };
        // Nothing is refused from here on. The frozen venue's holds do not lapse: whoever owns it next has that done.
        for (id, hold) in self.holds_in(venue)? {
            self.memory.forget_hold(id, &hold);
        }
        Ok(self.stand(venue, Standing { epoch, stage: Stage::Departed(copying) })?)
    }

    fn stay(&mut self, venue: u32, epoch: u64) -> Decided {
        let standing = self.standing(venue);
        let was_frozen = match standing.stage {
            Stage::Owned if standing.epoch == epoch => return Ok(Outcome::Stands(standing)),
            Stage::Copied(_) if standing.epoch == epoch => false,
            Stage::Departed(_) if standing.epoch == epoch => true,
            Stage::Owned
            | Stage::Copied(_)
            | Stage::Departed(_)
            | Stage::Arriving(_)
            | Stage::Leaving
            | Stage::Gone
            | Stage::Yielded(_) => return Err(Refusal::StaleStep.into()),
        };
        // Nothing is refused from here on.
        if was_frozen {
            for (id, hold) in self.holds_in(venue)? {
                self.memory.know_hold(id, &hold);
            }
        }
        self.drop_notes(venue)?;
        Ok(self.stand(venue, Standing { epoch, stage: Stage::Owned })?)
    }

    fn forget_venue(&mut self, venue: u32, epoch: u64, limit: u32) -> Decided {
        let standing = self.standing(venue);
        match standing.stage {
            Stage::Departed(_) | Stage::Leaving | Stage::Gone if standing.epoch == epoch => {}
            Stage::Yielded(_) if standing.epoch == epoch => self.lay_down(venue)?,
            Stage::Owned
            | Stage::Copied(_)
            | Stage::Departed(_)
            | Stage::Arriving(_)
            | Stage::Leaving
            | Stage::Gone
            | Stage::Yielded(_) => return Err(Refusal::StaleStep.into()),
        }
        Ok(self.clear(venue, epoch, limit)?)
    }

    // The destination.

    fn await_venue(&mut self, venue: u32, epoch: u64, attempt: u64) -> Decided {
        let known = self.memory.standing(venue);
        let fresh = Arrival { attempt, pieces: 0, through: 0, digest: crate::transfer::Digest::default() };
        let arrival = match known.map(|known| (known.epoch, known.stage)) {
            None if self.has_rows(venue)? => return Err(Refusal::LeftOver.into()),
            None => fresh,
            Some((at, Stage::Owned)) if at == epoch => {
                return Ok(Outcome::Stands(Standing { epoch, stage: Stage::Owned }));
            }
            Some((at, Stage::Gone)) if at < epoch => fresh,
            Some((at, Stage::Arriving(known))) if at == epoch && known.attempt == attempt => known,
            Some((at, Stage::Arriving(known))) if at == epoch && known.attempt < attempt => {
                // What is here stays: rows that changed since are sent again.
                Arrival { attempt, pieces: 0, ..known }
            }
            Some((at, _stage)) if at >= epoch => return Err(Refusal::StaleStep.into()),
            Some((_at, _stage)) => return Err(Refusal::LeftOver.into()),
        };
        // Nothing is refused from here on.
        Ok(self.stand(venue, Standing { epoch, stage: Stage::Arriving(arrival) })?)
    }

    fn arrive(&mut self, venue: u32, epoch: u64, piece: &Piece) -> Decided {
        let standing = self.standing(venue);
        let mut arrival = match standing.stage {
            Stage::Owned if standing.epoch == epoch => return Ok(Outcome::Stands(standing)),
            Stage::Arriving(arrival) if standing.epoch == epoch && arrival.attempt == piece.attempt => {
                arrival
            }
            Stage::Owned
            | Stage::Copied(_)
            | Stage::Departed(_)
            | Stage::Arriving(_)
            | Stage::Leaving
            | Stage::Gone
            | Stage::Yielded(_) => return Err(Refusal::StaleStep.into()),
        };
        if piece.number < arrival.pieces {
            return Ok(Outcome::Stands(standing));
        }
        arriving::check_next(venue, arrival, piece)?;
        // Nothing is refused from here on.
        arrival.digest = self.digest_with(venue, &piece.rows, arrival.digest)?;
        self.put_piece(venue, piece)?;
        arrival.pieces += 1;
        arrival.through = piece.through.unwrap_or(arrival.through);
        Ok(self.stand(venue, Standing { epoch, stage: Stage::Arriving(arrival) })?)
    }

    fn settle(&mut self, venue: u32, epoch: u64, settlement: &Settlement) -> Decided {
        let standing = self.standing(venue);
        let arrival = match standing.stage {
            Stage::Owned if standing.epoch == epoch => return Ok(Outcome::Stands(standing)),
            Stage::Arriving(arrival) if standing.epoch == epoch => arrival,
            Stage::Owned
            | Stage::Copied(_)
            | Stage::Departed(_)
            | Stage::Arriving(_)
            | Stage::Leaving
            | Stage::Gone
            | Stage::Yielded(_) => return Err(Refusal::StaleStep.into()),
        };
        let last = &settlement.last;
        if arrival.attempt != last.attempt {
            return Err(Refusal::StaleStep.into());
        }
        arriving::check_next(venue, arrival, last)?;
        if self.digest_with(venue, &last.rows, arrival.digest)? != settlement.digest {
            return Err(Refusal::Incomplete.into());
        }
        // Nothing is refused from here on.
        self.put_piece(venue, last)?;
        self.numbers.id = self.numbers.id.max(settlement.departure.counter);
        self.number_tasks(venue)?;
        for (id, hold) in self.holds_in(venue)? {
            self.memory.know_hold(id, &hold);
        }
        for performance in performances_of(&*self.tables.offers, venue)? {
            self.changes.push(Change::Performance(performance));
        }
        Ok(self.stand(venue, Standing { epoch, stage: Stage::Owned })?)
    }

    fn discard(&mut self, venue: u32, epoch: u64, limit: u32) -> Decided {
        match self.memory.standing(venue).map(|known| (known.epoch, known.stage)) {
            None if self.has_rows(venue)? => return Err(Refusal::LeftOver.into()),
            None => {}
            Some((at, Stage::Arriving(_))) if at <= epoch => {}
            Some((at, Stage::Leaving | Stage::Gone)) if at <= epoch => {}
            Some((
                _at,
                Stage::Owned
                | Stage::Copied(_)
                | Stage::Departed(_)
                | Stage::Arriving(_)
                | Stage::Leaving
                | Stage::Gone
                | Stage::Yielded(_),
            )) => return Err(Refusal::StaleStep.into()),
        }
        Ok(self.clear(venue, epoch, limit)?)
    }

    // What both have in common.

    /// Writes down where a venue stands from then on.
    fn stand(&mut self, venue: u32, standing: Standing) -> Result<Outcome, Broken> {
        self.memory.set_standing(venue, standing);
        self.notebook.set(venue, standing.is_noted());
        self.tables.standings.insert(venue, record::encode(&standing).as_slice())?;
        self.changes.push(Change::Venue { venue, standing });
        Ok(Outcome::Stands(standing))
    }

    fn drop_notes(&mut self, venue: u32) -> Result<(), Broken> {
        self.tables.notes.retain_in((venue, 0)..=(venue, u64::MAX), |_entry, _names| false)?;
        Ok(())
    }

    /// All open holds of a venue. Reads the names of all open holds.
    fn holds_in(&self, venue: u32) -> Result<Vec<(HoldId, Hold)>, Broken> {
        let mut holds = Vec::new();
        for row in self.tables.holds.range::<&tables::IdKey>(..)? {
            let (key, bytes) = row?;
            if venue_in(key.value()) == venue {
                let id = HoldId(u128::from_be_bytes(*key.value()));
                holds.push((id, record::decode(bytes.value())?));
            }
        }
        Ok(holds)
    }

    /// Whether anything of a venue is here that has no standing: then it was made here.
    fn has_rows(&self, venue: u32) -> Result<bool, Broken> {
        let is_its = |key: &[u8]| venue_in(key) == venue;
        for row in self.tables.layouts.range::<&SeatsKey>(..)? {
            if is_its(row?.0.value()) {
                return Ok(true);
            }
        }
        Ok(!performances_of(&*self.tables.offers, venue)?.is_empty())
    }
}
