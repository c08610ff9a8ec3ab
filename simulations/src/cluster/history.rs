//! Is a history of one seat linearizable?
//!
//! Each operation has a moment when it was begun and one when its answer came; somewhere in between it must have happened
//! at once, so that all answers make sense one after the other (Herlihy and Wing 1990). The search is that of Wing and
//! Gong, with Lowe's memory of what was tried: operations that are done, and the seat's state after them.
//!
//! An operation whose answer never came may have happened at any moment after its beginning, or not at all.

use std::collections::BTreeSet;

/// Who holds or booked a seat: the number of the request that held it.
pub type Claim = u128;

/// A seat's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seat {
    /// For sale.
    Free,
    /// Kept for a claim.
    Held(Claim),
    /// Sold to a claim.
    Booked(Claim),
}

/// What was asked of a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Keep it for the claim.
    Hold(Claim),
    /// Sell it to the claim, which holds it.
    Book(Claim),
    /// Give it back; the claim holds it.
    Release(Claim),
    /// Give it back; it is sold to the claim.
    Cancel(Claim),
    /// Say how it stands.
    Look,
}

/// What was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// It is done.
    Done,
    /// It cannot be, as the seat stands.
    Refused,
    /// The seat stands like this.
    Seen(Seat),
}

/// One operation of a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// When it was begun; moments are unique and in order.
    pub begun: u64,
    /// When it was answered, and how; none when nothing came.
    pub answered: Option<(u64, Reply)>,
    /// What was asked.
    pub wish: Wish,
}

impl Wish {
    /// The state afterwards, if the seat can answer like this; `None` as an answer stands for any.
    fn step(self, seat: Seat, reply: Option<Reply>) -> Option<Seat> {
        let after = match (self, seat) {
            (Self::Hold(claim), Seat::Free) => Some(Seat::Held(claim)),
            (Self::Book(claim), Seat::Held(held)) if claim == held => Some(Seat::Booked(claim)),
            (Self::Release(claim), Seat::Held(held)) if claim == held => Some(Seat::Free),
            (Self::Cancel(claim), Seat::Booked(sold)) if claim == sold => Some(Seat::Free),
            (Self::Hold(_) | Self::Book(_) | Self::Release(_) | Self::Cancel(_) | Self::Look, _) => None,
        };
        match reply {
            None => Some(after.unwrap_or(seat)),
            Some(Reply::Done) => after,
            Some(Reply::Refused) => (after.is_none() && self != Self::Look).then_some(seat),
            Some(Reply::Seen(seen)) => (self == Self::Look && seen == seat).then_some(seat),
        }
    }
}

/// Whether the operations, on a seat that was free before them, can have happened one after the other.
#[must_use]
pub fn is_linearizable(operations: &[Operation]) -> bool {
    let mut operations = operations.to_vec();
    // What was never answered and changes nothing proves nothing.
    operations.retain(|operation| operation.answered.is_some() || operation.wish != Wish::Look);
    operations.sort_by_key(|operation| operation.begun);
    let search = Search { operations: &operations };
    let mut tried = BTreeSet::new();
    let mut stack = vec![(Done::new(operations.len()), Seat::Free)];
    while let Some((done, seat)) = stack.pop() {
        if search.is_over(&done) {
            return true;
        }
        if !tried.insert((done.clone(), seat)) {
            continue;
        }
        search.push_next(&done, seat, &mut stack);
    }
    false
}

struct Search<'o> {
    operations: &'o [Operation],
}

impl Search<'_> {
    /// Whether everything that was answered has happened.
    fn is_over(&self, done: &Done) -> bool {
        let mut operations = self.operations.iter().enumerate();
        operations.all(|(at, operation)| operation.answered.is_none() || done.has(at))
    }

    /// What can happen next: whatever was begun before the first answer that is still to come. What changes nothing and
    /// was answered as it should be may as well happen at once; then there is nothing else to try.
    fn push_next(&self, done: &Done, seat: Seat, stack: &mut Vec<(Done, Seat)>) {
        let waiting = || self.operations.iter().enumerate().filter(|(at, _)| !done.has(*at));
        let first_answer = waiting().filter_map(|(_, operation)| Some(operation.answered?.0)).min();
        let before = stack.len();
        for (at, operation) in waiting() {
            if first_answer.is_some_and(|answer| operation.begun > answer) {
                break;
            }
            let reply = operation.answered.map(|(_, reply)| reply);
            match operation.wish.step(seat, reply) {
                Some(after) if after != seat => stack.push((done.with(at), after)),
                Some(_same) if reply.is_some() => {
                    stack.truncate(before);
                    stack.push((done.with(at), seat));
                    return;
                }
                Some(_) | None => {}
            }
        }
    }
}

/// Which operations have happened.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Done(Vec<u64>);

impl Done {
    fn new(count: usize) -> Self {
        Self(vec![0; count.div_ceil(64)])
    }

    fn has(&self, at: usize) -> bool {
        self.0[at / 64] & 1 << (at % 64) != 0
    }

    fn with(&self, at: usize) -> Self {
        let mut done = self.clone();
        done.0[at / 64] |= 1 << (at % 64);
        done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: Claim = 1;
    const BOB: Claim = 2;

    fn answered(begun: u64, answered: u64, wish: Wish, reply: Reply) -> Operation {
        Operation { begun, answered: Some((answered, reply)), wish }
    }

    fn lost(begun: u64, wish: Wish) -> Operation {
        Operation { begun, answered: None, wish }
    }

    fn done(begun: u64, end: u64, wish: Wish) -> Operation {
        answered(begun, end, wish, Reply::Done)
    }

    fn seen(begun: u64, end: u64, seat: Seat) -> Operation {
        answered(begun, end, Wish::Look, Reply::Seen(seat))
    }

    #[test]
    fn what_happens_one_after_the_other_is_linearizable() {
        assert!(is_linearizable(&[]));
        assert!(is_linearizable(&[
            done(0, 1, Wish::Hold(ANN)),
            answered(2, 3, Wish::Hold(BOB), Reply::Refused),
            done(4, 5, Wish::Book(ANN)),
            seen(6, 7, Seat::Booked(ANN)),
            done(8, 9, Wish::Cancel(ANN)),
            done(10, 11, Wish::Hold(BOB)),
            done(12, 13, Wish::Release(BOB)),
            seen(14, 15, Seat::Free),
        ]));
    }

    #[test]
    fn what_overlaps_may_happen_in_any_order() {
        let hold = done(0, 10, Wish::Hold(ANN));
        assert!(is_linearizable(&[hold, seen(1, 2, Seat::Free), seen(3, 4, Seat::Held(ANN))]));
        assert!(is_linearizable(&[hold, answered(1, 5, Wish::Hold(BOB), Reply::Refused)]));
    }

    #[test]
    fn a_seat_that_two_have_is_not() {
        assert!(!is_linearizable(&[done(0, 10, Wish::Hold(ANN)), done(1, 9, Wish::Hold(BOB))]));
        assert!(!is_linearizable(&[
            done(0, 1, Wish::Hold(ANN)),
            done(2, 3, Wish::Book(ANN)),
            done(4, 5, Wish::Hold(BOB)),
        ]));
    }

    #[test]
    fn an_answer_that_was_lost_is_no_loss_of_the_sale() {
        let sale = [done(0, 1, Wish::Hold(ANN)), done(2, 3, Wish::Book(ANN))];
        assert!(!is_linearizable(&[&sale[..], &[seen(4, 5, Seat::Free)]].concat()));
        assert!(!is_linearizable(&[&sale[..], &[seen(4, 5, Seat::Held(ANN))]].concat()));
        assert!(!is_linearizable(&[&sale[..], &[done(4, 5, Wish::Hold(BOB))]].concat()));
    }

    #[test]
    fn a_look_at_the_past_is_not() {
        assert!(!is_linearizable(&[done(0, 1, Wish::Hold(ANN)), seen(2, 3, Seat::Free)]));
        // One has seen the hold, so a later one must see it as well.
        assert!(!is_linearizable(&[
            done(0, 10, Wish::Hold(ANN)),
            seen(1, 2, Seat::Held(ANN)),
            seen(3, 4, Seat::Free),
        ]));
    }

    #[test]
    fn a_refusal_without_a_reason_is_not() {
        assert!(!is_linearizable(&[answered(0, 1, Wish::Hold(ANN), Reply::Refused)]));
        assert!(!is_linearizable(&[
            done(0, 1, Wish::Hold(ANN)),
            answered(2, 3, Wish::Book(ANN), Reply::Refused),
        ]));
    }

    #[test]
    fn a_booking_of_what_nobody_held_is_not() {
        assert!(!is_linearizable(&[done(0, 1, Wish::Book(ANN))]));
        assert!(!is_linearizable(&[done(0, 1, Wish::Hold(ANN)), done(2, 3, Wish::Book(BOB))]));
    }

    #[test]
    fn what_was_never_answered_happened_or_not_but_not_before_it_began() {
        let hold = lost(2, Wish::Hold(ANN));
        assert!(is_linearizable(&[hold, seen(4, 5, Seat::Free)]));
        assert!(is_linearizable(&[hold, seen(4, 5, Seat::Held(ANN))]));
        assert!(is_linearizable(&[hold, seen(4, 5, Seat::Free), seen(6, 7, Seat::Held(ANN))]));
        assert!(!is_linearizable(&[hold, seen(0, 1, Seat::Held(ANN))]));
        assert!(!is_linearizable(&[hold, seen(4, 5, Seat::Held(ANN)), seen(6, 7, Seat::Free)]));
    }

    #[test]
    fn many_at_once_are_searched_in_time() {
        let mut history: Vec<Operation> =
            (0..60).map(|at| answered(at, 1_000 + at, Wish::Hold(at.into()), Reply::Refused)).collect();
        history.push(done(60, 1_100, Wish::Hold(60)));
        assert!(is_linearizable(&history));
        history.pop();
        assert!(!is_linearizable(&history));
    }
}
