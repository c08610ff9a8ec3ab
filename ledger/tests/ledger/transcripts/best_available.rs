//! Which seats best-available chooses. Rows are written from the best to the worst.

use super::language::transcript;

#[test]
fn the_best_row_first_and_in_it_the_centre() {
    transcript(
        "
        > hall ....... .......
        > sale
        > best ann 3
        h1 keeps 2,3,4 for 3000 until 600
        > best bob 2
        h2 keeps 0,1 for 2000 until 600
        > best cid 2
        h3 keeps 5,6 for 2000 until 600
        > best dan 2
        h4 keeps 9,10 for 2000 until 600
        > map
        hhhhhhh ..hh...
        ",
    );
}

#[test]
fn no_single_seat_is_left_where_that_can_be_avoided() {
    // The centre of the first row would leave one seat on each side; the second row keeps the rule.
    transcript(
        "
        > hall .... ......
        > sale
        > best ann 2
        h1 keeps 0,1 for 2000 until 600
        > best bob 3
        h2 keeps 4,5,6 for 3000 until 600
        > best cid 2
        h3 keeps 2,3 for 2000 until 600
        > map
        hhhh hhh...
        ",
    );
}

#[test]
fn a_worse_row_rather_than_an_orphan() {
    transcript(
        "
        > hall ... .....
        > sale
        > best ann 2
        h1 keeps 3,4 for 2000 until 600
        > best bob 1
        h2 keeps 0 for 1000 until 600
        > map
        h.. hh...
        ",
    );
}

#[test]
fn an_orphan_rather_than_no_seats() {
    transcript(
        "
        > hall ... ...
        > sale
        > best ann 2
        h1 keeps 0,1 for 2000 until 600
        > best bob 2
        h2 keeps 3,4 for 2000 until 600
        > best cid 2
        refused 42: no 2 seats side by side are free
        > best dan 1
        h3 keeps 2 for 1000 until 600
        > map
        hhh hh.
        ",
    );
}

#[test]
fn aisles_part_a_party_and_end_a_run() {
    transcript(
        "
        > hall ..|...|..
        > sale
        > best ann 4
        refused 42: no 4 seats side by side are free
        > best bob 3
        h1 keeps 2,3,4 for 3000 until 600
        > best cid 2
        h2 keeps 0,1 for 2000 until 600
        > map
        hh|hhh|..
        ",
    );
}

#[test]
fn accessible_places_are_kept_for_who_asks() {
    transcript(
        "
        > hall @c..c@ ....
        > sale
        > best ann 2
        h1 keeps 2,3 for 2000 until 600
        > best bob 4
        h2 keeps 6,7,8,9 for 4000 until 600
        > best cid 1
        refused 42: no 1 seats side by side are free
        > best dan 2 accessible
        h3 keeps 0,1 for 2000 until 600
        > best eve 1 accessible
        h4 keeps 5 for 1000 until 600
        > best fay 1 accessible
        refused 42: no 1 seats side by side are free
        > map
        hhhh.h hhhh
        ",
    );
}

#[test]
fn an_accessible_party_takes_one_accessible_place_and_companion_seats() {
    transcript(
        "
        > hall .@@c..
        > sale
        > best ann 2 accessible
        h1 keeps 2,3 for 2000 until 600
        > best bob 2 accessible
        h2 keeps 0,1 for 2000 until 600
        ",
    );
}

#[test]
fn sections_categories_and_concessions_are_kept_to() {
    transcript(
        "
        > hall ,,,,.. / ......
        > sale
        > best ann 2 section=1
        h1 keeps 8,9 for 2000 until 600
        > best bob 2 category=0
        h2 keeps 4,5 for 2000 until 600
        > best cid 1 children=1
        h3 keeps 6,7c for 1500 until 600
        > best dan 1 category=1 children=1
        refused 35: there is no price for this category and concession
        > best eve 2 category=1
        h4 keeps 2,3 for 4000 until 600
        > best fay 2 section=2
        refused 34: there is no section 2 in this hall
        > map
        ..hhhh hhhh..
        ",
    );
}

#[test]
fn quantities_have_bounds() {
    transcript(
        "
        > hall ....
        > sale
        > best ann 0
        refused 30: choose at least one place, and none of them twice
        > best ann 101
        refused 31: at most 100 places at once
        > best ann 5
        refused 42: no 5 seats side by side are free
        ",
    );
}
