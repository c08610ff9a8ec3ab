//! Holding, ordering and paying.

use super::language::transcript;

#[test]
fn a_purchase_and_its_cancellation() {
    transcript(
        "
        > hall ..... .....
        > sale
        > hold ann 1,2
        h1 keeps 1,2 for 2000 until 600
        > hold bob 2,3
        refused 40: 1 of the seats are taken
        > map
        .hh.. .....
        > order h1 ann
        o1 AwaitingPayment 2000
        > tasks
        1 charge o1 2000 of \"ann@example.org\"
        > captured o1 2000
        Booked
        > map
        .BB.. .....
        > show o1
        Booked of ann, tickets VV, Gateway 2000, Sales -2000
        > cancel o1 buyer 0
        refund 0 of 1000
        > map
        ..B.. .....
        > tasks
        2 refund o1 0 of 1000 by pi-o1
        > refunded o1 0
        > show o1
        Booked of ann, tickets CV, Gateway 1000, Sales -1000; refunds 1000 Settled
        > tasks
        ",
    );
}
