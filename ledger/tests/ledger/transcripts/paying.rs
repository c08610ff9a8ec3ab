//! What the gateway says, early, late, twice or never; and what goes back.

use super::language::transcript;

#[test]
fn a_capture_is_told_twice() {
    transcript(
        "
        > hall ..
        > sale
        > buy ann 0
        o1 AwaitingPayment 1000
        > processing o1
        AwaitingPayment
        > action o1
        AwaitingPayment
        > captured o1 1000
        Booked
        > captured o1 1000
        Booked
        > processing o1
        Booked
        > declined o1
        Booked
        > show o1
        Booked of ann, tickets V, Gateway 1000, Sales -1000
        > captured o9 1000
        refused 60: there is no such order
        ",
    );
}

#[test]
fn a_late_payment_takes_the_same_seats_again() {
    transcript(
        "
        > hall ... area:2
        > sale
        > buy ann 0,1
        o1 AwaitingPayment 2000
        > at 600
        > expire
        1 treated
        > map
        ... 2/2
        > processing o1
        Lapsed
        > captured o1 2000
        Booked
        > map
        BB. 2/2
        > tasks
        ",
    );
}

#[test]
fn a_late_payment_is_refunded_when_a_seat_is_gone() {
    transcript(
        "
        > hall ...
        > sale
        > buy ann 0,1
        o1 AwaitingPayment 2000
        > at 600
        > expire
        1 treated
        > hold bob 1
        h1 keeps 1 for 1000 until 1200
        > captured o1 2000
        Unfulfilled
        > map
        .h.
        > show o1
        Unfulfilled of ann, tickets CC, Gateway 2000, Owed -2000; refunds 2000 Requested
        > tasks
        2 refund o1 0 of 2000 by pi-o1
        > captured o1 2000
        Unfulfilled
        > refunded o1 0
        > refunded o1 0
        > show o1
        Unfulfilled of ann, tickets CC; refunds 2000 Settled
        ",
    );
}

#[test]
fn a_payment_after_it_was_declined() {
    transcript(
        "
        > hall ...
        > sale
        > hold ann 0
        h1 keeps 0 for 1000 until 600
        > order h1 ann
        o1 AwaitingPayment 1000
        > declined o1
        Declined
        > captured o1 1000
        Booked
        > map
        B..
        > hold bob 1
        h2 keeps 1 for 1000 until 600
        > order h2 bob
        o2 AwaitingPayment 1000
        > declined o2
        Declined
        > order h2 bob
        o3 AwaitingPayment 1000
        > captured o2 1000
        Unfulfilled
        > captured o3 1000
        Booked
        > map
        BB.
        ",
    );
}

#[test]
fn a_declined_payment_of_a_lapsed_order_ends_it() {
    transcript(
        "
        > hall ...
        > sale
        > buy ann 0
        o1 AwaitingPayment 1000
        > at 600
        > expire
        1 treated
        > declined o1
        Lapsed
        > tasks
        ",
    );
}

#[test]
fn another_amount_goes_back_whole() {
    transcript(
        "
        > hall ...
        > sale
        > buy ann 0,1
        o1 AwaitingPayment 2000
        > captured o1 0
        refused 66: the amount is not what the order costs
        > captured o1 1500
        Unfulfilled
        > map
        ...
        > show o1
        Unfulfilled of ann, tickets CC, Gateway 1500, Owed -1500; refunds 1500 Requested
        > refund-failed o1 0
        > show o1
        Unfulfilled of ann, tickets CC, Gateway 1500, Goodwill -1500; refunds 1500 Failed { message: \"account closed\" }
        > refund o1
        refund 1 of 1500
        > refunded o1 1
        > show o1
        Unfulfilled of ann, tickets CC; refunds 1500 Failed { message: \"account closed\" }, 1500 Settled
        ",
    );
}

#[test]
fn a_refund_fails_comes_back_and_goes_through_after_all() {
    transcript(
        "
        > hall ...
        > sale
        > buy ann 0
        o1 AwaitingPayment 1000
        > captured o1 1000
        Booked
        > cancel o1 seller
        refund 0 of 1000
        > refunded o1 0
        > refund-failed o1 0
        > show o1
        Cancelled of ann, tickets C, Gateway 1000, Goodwill -1000; refunds 1000 Failed { message: \"account closed\" }
        > refunded o1 0
        > show o1
        Cancelled of ann, tickets C; refunds 1000 Settled
        > refunded o1 1
        refused 65: there is no such refund
        ",
    );
}
