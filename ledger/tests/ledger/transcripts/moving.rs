//! A venue goes from this ledger to the one beside it.

use super::language::transcript;

#[test]
fn a_venue_moves_while_it_sells() {
    transcript(
        "
        > hall .... area:2
        > sale
        > buy ann 0
        o1 AwaitingPayment 1000
        > prepare 1
        copied to 1, attempt 1
        > copy 1 1
        7 rows
        > hold bob 1
        h1 keeps 1 for 1000 until 600
        > captured o1 1000
        Booked
        > there map
        h... 2/2
        > depart 1 1
        departed to 1, attempt 1
        > hold cid 2
        refused 70: the venue moves, or has moved, to another group
        > there hold cid 2
        refused 70: the venue moves, or has moved, to another group
        > copy 1 1
        6 rows
        > there settle 1 1
        owned at 1
        > hold cid 2
        refused 70: the venue moves, or has moved, to another group
        > there map
        Bh.. 2/2
        > there order h1 bob
        o2 AwaitingPayment 1000
        > there tasks
        1 charge o2 1000 of \"bob@example.org\"
        > forget 1 3
        3 treated
        > forget 1 100
        3 treated
        > map
        no such performance
        > there captured o2 1000
        Booked
        > there cancel o1 seller
        refund 0 of 1000
        > there map
        .B.. 2/2
        ",
    );
}

#[test]
fn a_frozen_hold_lapses_where_the_venue_settles() {
    transcript(
        "
        > hall ....
        > sale
        > hold ann 0
        h1 keeps 0 for 1000 until 600
        > buy bob 1
        o1 AwaitingPayment 1000
        > prepare 1
        copied to 1, attempt 1
        > copy 1 1
        8 rows
        > depart 1 1
        departed to 1, attempt 1
        > at 700
        > expire
        0 treated
        > copy 1 1
        0 rows
        > there expire
        0 treated
        > there settle 1 1
        owned at 1
        > there expire
        2 treated
        > there tasks
        1 charge o1 1000 of \"bob@example.org\"
        > there captured o1 1000
        Booked
        > there map
        .B..
        ",
    );
}

#[test]
fn a_move_is_called_off() {
    transcript(
        "
        > hall ....
        > sale
        > hold ann 0
        h1 keeps 0 for 1000 until 600
        > prepare 1
        copied to 1, attempt 1
        > copy 1 1
        5 rows
        > depart 1 1
        departed to 1, attempt 1
        > there discard 1 2
        2 treated
        > there discard 1 100
        3 treated
        > stay 1
        owned at 1
        > at 600
        > expire
        1 treated
        > there await 1 2
        refused 71: this step of the move is overtaken
        > there settle 1 1
        refused 71: this step of the move is overtaken
        > prepare 1
        refused 71: this step of the move is overtaken
        > prepare 2
        copied to 2, attempt 1
        > prepare 2
        copied to 2, attempt 2
        > depart 2 1
        refused 71: this step of the move is overtaken
        > copy 2 2
        4 rows
        > depart 2 2
        departed to 2, attempt 2
        > copy 2 2
        0 rows
        > there settle 2 2
        owned at 2
        > there map
        ....
        ",
    );
}

#[test]
fn a_performance_that_was_called_off_goes_on_being_refunded() {
    transcript(
        "
        > hall ....
        > sale
        > buy ann 0
        o1 AwaitingPayment 1000
        > captured o1 1000
        Booked
        > buy bob 1
        o2 AwaitingPayment 1000
        > captured o2 1000
        Booked
        > call-off
        > cancel-orders 1
        1 treated
        > prepare 1
        copied to 1, attempt 1
        > depart 1 1
        departed to 1, attempt 1
        > copy 1 1
        8 rows
        > there settle 1 1
        owned at 1
        > there tasks
        1 cancel orders
        2 refund o1 0 of 1000 by pi-o1
        > there cancel-orders 5
        1 treated
        > there tasks
        2 refund o1 0 of 1000 by pi-o1
        3 refund o2 0 of 1000 by pi-o2
        > there refunded o1 0
        > there show o1
        Cancelled of ann, tickets C; refunds 1000 Settled
        ",
    );
}
