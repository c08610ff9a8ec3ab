//! The help articles: what they are about, and where they stand.

use marquee_search::document::{Class, Document, Key, Kind};

/// An article: a part of the page of help.
#[derive(Debug, Clone, Copy)]
pub struct Article {
    /// Its heading.
    pub title: &'static str,
    /// What it says, in the words in which people ask.
    pub about: &'static str,
    /// The address of it.
    pub address: &'static str,
}

/// All of them. Their numbers are their places.
pub const ARTICLES: &[Article] = &[
    Article {
        title: "Choosing seats",
        about: "How to pick seats on the map, best available seats, seats side by side, wheelchair and companion places, \
                how long seats are held while you pay.",
        address: "/help#seats",
    },
    Article {
        title: "Paying",
        about: "Cards, payment, declined card, two steps at the bank, when a booking is final, fees and prices.",
        address: "/help#paying",
    },
    Article {
        title: "Tickets",
        about: "Where tickets are, QR code at the door, giving a ticket to somebody else, transfer, printing.",
        address: "/help#tickets",
    },
    Article {
        title: "Cancelling and refunds",
        about: "How to cancel a booking or a ticket, how much money comes back and when, refund, event called off or moved.",
        address: "/help#refunds",
    },
    Article {
        title: "Your account",
        about: "Sign up, sign in, password, e-mail address, deleting the account and what stays, privacy.",
        address: "/help#account",
    },
];

/// They as documents.
pub fn documents() -> impl Iterator<Item = Document> {
    (0u128..).zip(ARTICLES).map(|(number, article)| Document {
        description: article.about.to_owned(),
        ..Document::new(Key::single(Class::Help, number), Kind::Help, article.title)
    })
}
