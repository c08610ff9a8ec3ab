//! Tickets given back, and money given back while they stay valid.

use super::language::transcript;

#[test]
fn the_policy_decides_what_a_buyer_gets_back() {
    transcript(
        "
        > hall ....
        > sale share=80 until=3600
        > buy ann 0,1,2c
        o1 AwaitingPayment 2500
        > cancel o1 buyer
        refused 62: the order is not booked
        > captured o1 2500
        Booked
        > cancel o1 buyer 3
        refused 61: there is no such live ticket
        > cancel o1 buyer 2,2
        refund 0 of 400
        > cancel o1 buyer 2
        refused 61: there is no such live ticket
        > show o1
        Booked of ann, tickets VVC, Gateway 2500, Sales -2000, Fees -100, Owed -400; refunds 400 Requested
        > at 356400
        > cancel o1 buyer 0
        refused 63: the time to cancel is over
        > cancel o1 seller 0
        refund 1 of 1000
        > cancel o1 seller
        refund 2 of 1000
        > show o1
        Cancelled of ann, tickets CCC, Gateway 2500, Fees -100, Owed -2400; refunds 400 Requested, 1000 Requested, 1000 Requested
        > cancel o1 seller
        refused 62: the order is not booked
        > map
        ....
        ",
    );
}

#[test]
fn a_later_start_lets_the_buyer_cancel_for_longer() {
    transcript(
        "
        > hall ....
        > sale until=3600 starts=10000
        > buy ann 0,1
        o1 AwaitingPayment 2000
        > captured o1 2000
        Booked
        > amend until=3600 starts=20000
        > at 7000
        > cancel o1 buyer 0
        refund 0 of 1000
        > amend until=9000 starts=10000
        > cancel o1 buyer 1
        refused 63: the time to cancel is over
        ",
    );
}

#[test]
fn nobody_gets_more_back_than_they_paid() {
    transcript(
        "
        > hall ....
        > sale
        > buy ann 0,1
        o1 AwaitingPayment 2000
        > refund o1 100
        refused 62: the order is not booked
        > captured o1 2000
        Booked
        > refund o1 2001
        refused 64: at most 2000 can be refunded
        > refund o1 0
        refused 13: the amount of a refund is positive
        > refund o1 1200
        refund 0 of 1200
        > show o1
        Booked of ann, tickets VV, Gateway 2000, Sales -2000, Goodwill 1200, Owed -1200; refunds 1200 Requested
        > cancel o1 seller 0
        refund 1 of 800
        > cancel o1 seller 1
        nothing comes back
        > show o1
        Cancelled of ann, tickets CC, Gateway 2000, Owed -2000; refunds 1200 Requested, 800 Requested
        > refund o1
        refused 64: at most 0 can be refunded
        ",
    );
}

#[test]
fn a_kept_fee_can_be_given_back_later() {
    transcript(
        "
        > hall ....
        > sale share=50
        > buy ann 0
        o1 AwaitingPayment 1000
        > captured o1 1000
        Booked
        > cancel o1 buyer
        refund 0 of 500
        > refund o1
        refund 1 of 500
        > show o1
        Cancelled of ann, tickets C, Gateway 1000, Fees -500, Goodwill 500, Owed -1000; refunds 500 Requested, 500 Requested
        ",
    );
}

#[test]
fn a_performance_is_called_off() {
    transcript(
        "
        > hall ...... area:4
        > sale share=50
        > buy ann 0,1
        o1 AwaitingPayment 2000
        > captured o1 2000
        Booked
        > buy bob 2
        o2 AwaitingPayment 1000
        > captured o2 1000
        Booked
        > buy cid 3
        o3 AwaitingPayment 1000
        > hold dan 4
        h1 keeps 4 for 1000 until 600
        > call-off
        > call-off
        > map
        BBB... 4/4
        > show o3
        Lapsed of cid, tickets P
        > hold eve 5
        refused 16: the performance was cancelled
        > order h1 dan
        refused 50: there is no such hold, or it has lapsed
        > tasks
        3 charge o3 1000 of \"cid@example.org\"
        4 cancel orders
        > captured o3 1000
        Unfulfilled
        > cancel-orders 2
        2 treated
        > map
        ...... 4/4
        > tasks
        4 cancel orders
        5 refund o3 0 of 1000 by pi-o3
        6 refund o1 0 of 2000 by pi-o1
        7 refund o2 0 of 1000 by pi-o2
        > cancel-orders 2
        1 treated
        > tasks
        5 refund o3 0 of 1000 by pi-o3
        6 refund o1 0 of 2000 by pi-o1
        7 refund o2 0 of 1000 by pi-o2
        > cancel-orders 2
        0 treated
        > amend share=100
        refused 16: the performance was cancelled
        ",
    );
}
