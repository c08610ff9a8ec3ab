//! Takes a venue from one ledger to another, step by step, as a coordinator does.

use marquee_ledger::audit::contested;
use marquee_ledger::transfer::{Act, Arrival, Piece, Row, Settlement, Stage as At, Standing, Step};
use marquee_ledger::{Broken, Command, Outcome, Refusal};

use crate::stage::{Stage, VENUE};

/// A coordinator.
pub(crate) struct Mover {
    pub(crate) epoch: u64,
    pub(crate) attempt: u64,
    pub(crate) pieces: u64,
    /// How many rows a piece has.
    pub(crate) rows_max: usize,
}

impl Mover {
    /// Begins an attempt.
    pub(crate) fn prepare(from: &mut Stage, epoch: u64, rows_max: usize) -> Self {
        let stands = from.command(step(epoch, Act::Prepare)).unwrap();
        let Outcome::Stands(Standing { stage: At::Copied(copying) | At::Departed(copying), .. }) = stands
        else {
            panic!("{stands:?}")
        };
        Self { epoch, attempt: copying.attempt, pieces: 0, rows_max }
    }

    /// Sends what the destination lacks; tells how many rows that were.
    pub(crate) fn round(&mut self, from: &Stage, to: &mut Stage) -> Result<usize, Refusal> {
        to.now_ms = from.now_ms;
        let stands = to.command(step(self.epoch, Act::Await { attempt: self.attempt }))?;
        let Outcome::Stands(Standing { stage: At::Arriving(Arrival { pieces, through, .. }), .. }) = stands
        else {
            panic!("{stands:?}")
        };
        self.pieces = pieces;
        let (rows, answers, last) = from.read(|reader| {
            let mut rows = Vec::new();
            if through == 0 {
                let all = reader.each_row::<Broken>(VENUE, |name, value| {
                    rows.push(Row { name, value: Some(marquee_ledger::transfer::Blob(value)) });
                    Ok(())
                });
                all.unwrap();
            }
            let noted = reader.noted(VENUE, through).unwrap();
            // What was copied whole lacks only what is gone.
            let noted = noted.into_iter().map(|name| reader.row(name).unwrap());
            rows.extend(noted.filter(|row| through > 0 || row.value.is_none()));
            let answers = reader.answers_of(VENUE, through, 0, usize::MAX).unwrap();
            (rows, answers, reader.last_index().unwrap())
        });
        let count = rows.len();
        let mut pieces: Vec<Piece> = rows
            .chunks(self.rows_max)
            .map(|rows| Piece::new(self.attempt, 0, rows.to_vec(), Vec::new(), None))
            .collect();
        pieces.push(Piece::new(self.attempt, 0, Vec::new(), answers, Some(last)));
        for piece in pieces {
            let piece = Piece::new(self.attempt, self.pieces, piece.rows, piece.answers, piece.through);
            let arrived = to.command(step(self.epoch, Act::Arrive(piece.clone())))?;
            // The same again is passed over.
            assert_eq!(to.command(step(self.epoch, Act::Arrive(piece)))?, arrived);
            self.pieces += 1;
        }
        Ok(count)
    }

    /// Freezes the venue, sends the rest and lets it settle.
    pub(crate) fn finish(&mut self, from: &mut Stage, to: &mut Stage) {
        from.command(step(self.epoch, Act::Depart { attempt: self.attempt })).unwrap();
        self.round(from, to).unwrap();
        to.command(settle(from, to, self.epoch, self.attempt)).unwrap();
    }

    /// Removes the rows at the source, a few at a time; tells how many there were.
    pub(crate) fn forget(&self, from: &mut Stage) -> u32 {
        let mut all = 0;
        loop {
            let limit = self.rows_max as u32;
            let Ok(Outcome::Treated { count }) = from.command(step(self.epoch, Act::Forget { limit })) else {
                panic!("it is not forgotten")
            };
            from.audit();
            all += count;
            if count < limit {
                return all;
            }
        }
    }
}

/// A step of the venue's move.
pub(crate) fn step(epoch: u64, act: Act) -> Command {
    Command::Transfer(Box::new(Step { venue: VENUE, epoch, act }))
}

/// The step that lets the venue settle at `to`, with what `from` says of it.
pub(crate) fn settle(from: &Stage, to: &Stage, epoch: u64, attempt: u64) -> Command {
    let (digest, departure) =
        from.read(|reader| (reader.digest_of(VENUE).unwrap(), reader.departure().unwrap()));
    let pieces = match to.ledger.standing(VENUE).stage {
        At::Arriving(arrival) => arrival.pieces,
        At::Owned | At::Copied(_) | At::Departed(_) | At::Leaving | At::Gone | At::Yielded(_) => 0,
    };
    let last = Piece::new(attempt, pieces, Vec::new(), Vec::new(), None);
    step(epoch, Act::Settle(Settlement { last, digest, departure }))
}

/// At most one of two ledgers sells the venue.
#[track_caller]
pub(crate) fn assert_one_owner(one: &Stage, other: &Stage) {
    let reports = [("one".to_owned(), &one.audit()), ("other".to_owned(), &other.audit())];
    assert_eq!(contested(&reports), Vec::<String>::new());
}
