//! Layouts, terms, and seats out of sale.

use super::language::transcript;

#[test]
fn terms_and_layouts_are_recorded_once() {
    transcript(
        "
        > hall ...
        > hall ...
        > hall ....
        refused 12: it exists already, with another content
        > sale version=2
        refused 11: there is no such layout
        > sale share=101
        refused 13: more than the price cannot come back
        > sale hold=0
        refused 13: a hold lasts for some time
        > sale from=9 to=8
        refused 13: the sale ends before it begins
        > amend
        refused 10: there is no such performance
        > sale
        > sale
        > sale limit=2
        refused 12: it exists already, with another content
        ",
    );
}

#[test]
fn seats_are_taken_out_of_sale_and_put_back() {
    transcript(
        "
        > hall .....
        > sale
        > kill 1,2
        > hold ann 2
        refused 40: 1 of the seats are taken
        > best ann 3
        refused 42: no 3 seats side by side are free
        > hold ann 4
        h1 keeps 4 for 1000 until 600
        > kill 3,4
        refused 40: 1 of the seats are taken
        > kill 2,9
        refused 32: there is no seat 9 in this hall
        > kill 3,3
        refused 30: choose at least one place, and none of them twice
        > map
        .xx.h
        > revive 0,2
        > revive 1,4
        refused 40: 1 of the seats are taken
        > map
        .x..h
        > revive 1
        > map
        ....h
        ",
    );
}

#[test]
fn another_layout_keeps_the_seats_that_are_in_use() {
    transcript(
        "
        > hall ..... ..... area:4
        > sale
        > layout2 .... ..... area:4
        > hold ann 1,4
        h1 keeps 1,4 for 2000 until 600
        > amend version=2
        refused 14: 1 seats are in use, the first is 4
        > release h1 ann
        > hold ann 1
        h2 keeps 1 for 1000 until 600
        > amend version=2
        > hold ann 9
        refused 32: there is no seat 9 in this hall
        > hold ann 8
        h3 keeps 8 for 1000 until 600
        > amend version=2 currency=EUR
        refused 13: the currency stays while places are taken
        ",
    );
}

#[test]
fn areas_that_are_in_use_do_not_shrink_below_it() {
    transcript(
        "
        > hall area:4
        > sale
        > layout2 area:2
        > areas ann 0x3
        h1 keeps G0,G0,G0 for 3000 until 600
        > amend version=2
        refused 13: 3 places of the area \"G0\" are in use
        > release h1 ann
        > areas bob 0x2
        h2 keeps G0,G0 for 2000 until 600
        > amend version=2
        > areas cid 0x1
        refused 41: only 0 places are free in this area
        ",
    );
}

#[test]
fn a_performance_without_orders_is_withdrawn() {
    transcript(
        "
        > hall .....
        > sale limit=4
        > kill 0
        > hold ann 1,2
        h1 keeps 1,2 for 2000 until 600
        > withdraw
        > map
        no such performance
        > release h1 ann
        refused 50: there is no such hold, or it has lapsed
        > at 600
        > expire
        0 treated
        > sale
        > map
        .....
        > buy bob 1
        o1 AwaitingPayment 1000
        > declined o1
        Declined
        > withdraw
        refused 15: the performance has orders
        ",
    );
}
