//! Holding and ordering.

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

#[test]
fn what_cannot_be_held() {
    transcript(
        "
        > hall ..,, area:3
        > sale from=10 to=100
        > hold ann 0
        refused 20: the sale has not begun
        > at 10
        > hold ann
        refused 30: choose at least one place, and none of them twice
        > hold ann 0,0
        refused 30: choose at least one place, and none of them twice
        > hold ann 0,9
        refused 32: there is no seat 9 in this hall
        > hold ann 2c
        refused 35: there is no price for this category and concession
        > areas ann 1x2
        refused 33: there is no area 1 in this hall
        > areas ann 0x4
        refused 41: only 3 places are free in this area
        > areas ann 0x0
        refused 30: choose at least one place, and none of them twice
        > at 100
        > hold ann 0
        refused 21: the sale is over
        > map
        .... 3/3
        ",
    );
}

#[test]
fn areas_count_their_places() {
    transcript(
        "
        > hall area:5 area:2
        > sale
        > areas ann 0x2,0x1c,1x1
        h1 keeps G0,G0,G0c,G1 for 3500 until 600
        > areas bob 0x1,0x2
        refused 41: only 2 places are free in this area
        > areas bob 0x2
        h2 keeps G0,G0 for 2000 until 600
        > map
        0/5 1/2
        > order h1 ann
        o1 AwaitingPayment 3500
        > captured o1 3500
        Booked
        > release h2 bob
        > map
        2/5 1/2
        > cancel o1 seller 0,3
        refund 0 of 2000
        > map
        3/5 2/2
        ",
    );
}

#[test]
fn holds_lapse_are_released_and_extended_once() {
    transcript(
        "
        > hall .....
        > sale
        > hold ann 0
        h1 keeps 0 for 1000 until 600
        > extend h1 bob
        refused 50: there is no such hold, or it has lapsed
        > extend h1 ann
        until 900
        > extend h1 ann
        refused 51: the hold was extended before, or cannot be
        > hold bob 1
        h2 keeps 1 for 1000 until 600
        > release h2 ann
        refused 50: there is no such hold, or it has lapsed
        > release h2 bob
        > release h2 bob
        refused 50: there is no such hold, or it has lapsed
        > hold bob 2
        h3 keeps 2 for 1000 until 600
        > at 600
        > order h3 bob
        refused 50: there is no such hold, or it has lapsed
        > extend h3 bob
        refused 50: there is no such hold, or it has lapsed
        > map
        h.h..
        > expire
        1 treated
        > map
        h....
        > at 899
        > expire
        0 treated
        > at 900
        > expire 1
        1 treated
        > map
        .....
        ",
    );
}

#[test]
fn a_hold_is_ordered_once() {
    transcript(
        "
        > hall .....
        > sale
        > hold ann 0
        h1 keeps 0 for 1000 until 600
        > order h1 bob
        refused 50: there is no such hold, or it has lapsed
        > order h1 ann
        o1 AwaitingPayment 1000
        > order h1 ann
        refused 52: the hold has been ordered
        > release h1 ann
        refused 52: the hold has been ordered
        > extend h1 ann
        refused 52: the hold has been ordered
        > declined o1
        Declined
        > map
        h....
        > order h1 ann
        o2 AwaitingPayment 1000
        > tasks
        2 charge o2 1000 of \"ann@example.org\"
        > captured o2 1000
        Booked
        > order h1 ann
        refused 50: there is no such hold, or it has lapsed
        ",
    );
}

#[test]
fn an_order_gives_its_hold_time_for_the_payment() {
    transcript(
        "
        > hall ...
        > sale hold=600 pay=300
        > hold ann 0
        h1 keeps 0 for 1000 until 600
        > hold bob 1
        h2 keeps 1 for 1000 until 600
        > at 599
        > order h1 ann
        o1 AwaitingPayment 1000
        > at 898
        > expire
        1 treated
        > map
        h..
        > at 899
        > expire
        1 treated
        > show o1
        Lapsed of ann, tickets P
        ",
    );
}

#[test]
fn what_costs_nothing_is_booked_at_once() {
    transcript(
        "
        > hall ... area:2
        > sale free
        > hold ann 0,1
        h1 keeps 0,1 for 0 until 600
        > order h1 ann
        o1 Booked 0
        > buy bob 2
        o2 Booked 0
        > tasks
        > captured o1 500
        refused 66: the amount is not what the order costs
        > cancel o1 buyer
        nothing comes back
        > show o1
        Cancelled of ann, tickets CC
        > map
        ..B 2/2
        ",
    );
}

#[test]
fn tickets_per_customer_are_limited() {
    transcript(
        "
        > hall ..........
        > sale limit=3
        > hold ann 0,1
        h1 keeps 0,1 for 2000 until 600
        > hold ann 2,3
        refused 43: at most 3 tickets per customer
        > hold bob 2,3
        h2 keeps 2,3 for 2000 until 600
        > release h1 ann
        > hold ann 0,1,4
        h3 keeps 0,1,4 for 3000 until 600
        > order h3 ann
        o1 AwaitingPayment 3000
        > buy ann 5
        refused 43: at most 3 tickets per customer
        > captured o1 3000
        Booked
        > hold ann 5
        refused 43: at most 3 tickets per customer
        > cancel o1 buyer 2
        refund 0 of 1000
        > buy ann 5
        o2 AwaitingPayment 1000
        > at 600
        > expire
        2 treated
        > hold ann 6
        h4 keeps 6 for 1000 until 1200
        ",
    );
}

#[test]
fn the_limit_follows_who_is_anonymised_and_who_pays_late() {
    transcript(
        "
        > hall ......
        > sale limit=2
        > buy ann 0,1
        o1 AwaitingPayment 2000
        > at 600
        > expire
        1 treated
        > buy ann 2
        o2 AwaitingPayment 1000
        > captured o1 2000
        Booked
        > captured o2 1000
        Booked
        > cancel o1 seller 0
        refund 0 of 1000
        > anonymise o1
        1 treated
        > show o1
        Booked of nobody, tickets CV, Gateway 2000, Sales -1000, Owed -1000; refunds 1000 Requested
        > cancel o1 seller
        refund 1 of 1000
        > buy ann 3
        o3 AwaitingPayment 1000
        > anonymise o3
        1 treated
        > tasks
        3 refund o1 0 of 1000 by pi-o1
        4 refund o1 1 of 1000 by pi-o1
        5 charge o3 1000 of \"\"
        > declined o3
        Declined
        > at 2000
        > expire
        1 treated
        ",
    );
}

#[test]
fn an_anonymised_order_that_is_paid_after_all_counts_for_nobody() {
    transcript(
        "
        > hall ...
        > sale limit=2
        > buy ann 0
        o1 AwaitingPayment 1000
        > declined o1
        Declined
        > anonymise o1
        1 treated
        > captured o1 1000
        Booked
        > hold ann 1,2
        h1 keeps 1,2 for 2000 until 600
        ",
    );
}

#[test]
fn a_ticket_changes_hands_when_it_is_accepted() {
    transcript(
        "
        > hall ...
        > sale
        > buy ann 0,1
        o1 AwaitingPayment 2000
        > transfer o1 0 bob
        refused 62: the order is not booked
        > captured o1 2000
        Booked
        > call-back o1 0
        refused 67: the ticket is not on offer, or not any more
        > accept o1 0 0 bob
        refused 67: the ticket is not on offer, or not any more
        > transfer o1 0 bob
        serial 1
        > hands o1
        ann to bob, ann
        > transfer o1 0 cid
        serial 2
        > accept o1 0 1 bob
        refused 67: the ticket is not on offer, or not any more
        > accept o1 0 2 cid
        serial 3
        > accept o1 0 2 cid
        refused 67: the ticket is not on offer, or not any more
        > accept o1 0 3 cid
        refused 67: the ticket is not on offer, or not any more
        > call-back o1 0
        refused 67: the ticket is not on offer, or not any more
        > hands o1
        cid from ann, ann
        > transfer o1 0 dan
        serial 4
        > hands o1
        cid from ann to dan, ann
        > call-back o1 0
        serial 5
        > accept o1 0 4 dan
        refused 67: the ticket is not on offer, or not any more
        > hands o1
        cid from ann, ann
        > transfer o1 2 bob
        refused 61: there is no such live ticket
        > transfer o1 0 dan
        serial 6
        > cancel o1 buyer 0
        refund 0 of 1000
        > transfer o1 0 bob
        refused 61: there is no such live ticket
        > accept o1 0 6 dan
        refused 61: there is no such live ticket
        > call-back o1 0
        refused 61: there is no such live ticket
        ",
    );
}

#[test]
fn who_accepts_a_ticket_finds_it_and_who_bought_it_can_get_it_back() {
    transcript(
        "
        > hall ...
        > sale
        > buy @ann 0,1
        o1 AwaitingPayment 2000
        > captured o1 2000
        Booked
        > transfer o1 0 bob
        serial 1
        > accept o1 0 1 @bob
        serial 2
        > tasks
        2 index o1 of 97
        3 index o1 of 98
        > transfer o1 0 ann
        serial 3
        > accept o1 0 3 @ann
        serial 4
        > hands o1
        @ann, @ann
        > transfer o1 1 bob
        serial 1
        > accept o1 1 1 @ann
        serial 2
        > hands o1
        @ann, @ann
        ",
    );
}

#[test]
fn who_goes_takes_nothing_away_from_others() {
    transcript(
        "
        > hall ...
        > sale
        > buy @ann 0,1,2
        o1 AwaitingPayment 3000
        > captured o1 3000
        Booked
        > transfer o1 0 bob
        serial 1
        > accept o1 0 1 @bob
        serial 2
        > transfer o1 0 cid
        serial 3
        > transfer o1 1 dan
        serial 1
        > anonymise o1 @eve
        1 treated
        > hands o1
        @bob from @ann to cid, @ann to dan, @ann
        > anonymise o1 @ann
        1 treated
        > hands o1
        @bob from nobody to cid, nobody to nobody, nobody
        > accept o1 1 1 dan
        serial 2
        > anonymise o1 @bob
        1 treated
        > hands o1
        nobody from nobody to nobody, dan from nobody, nobody
        > show o1
        Booked of nobody, tickets VVV, Gateway 3000, Sales -3000
        ",
    );
}
