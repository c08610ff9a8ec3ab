//! What visitors would ask about a made-up catalog: popular things more often, near where they are shown, around the days
//! when they are.

use jiff::{Timestamp, ToSpan as _};
use marquee_search::places::{Place, Point};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use super::catalog::{Catalog, Event};

/// How far visitors would go.
pub const RADIUS_KM: f64 = 40.0;

/// One visitor's question, in the forms that it can take.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Words that something in the catalog has.
    pub words: String,
    /// Where the visitor is, near a venue that shows it.
    pub place: Place,
    /// The place's point.
    pub point: Point,
    /// Some days when it is shown.
    pub from: Timestamp,
    /// The end of those days.
    pub to: Timestamp,
    /// Words of a title, with a typing error.
    pub misspelled: String,
    /// Three to nine letters of a name.
    pub beginning: String,
}

/// So many questions about `catalog` with `events` events, by `seed`.
#[must_use]
pub fn questions(catalog: &Catalog, events: u32, seed: u64, count: usize) -> Vec<Question> {
    let mut dice = StdRng::seed_from_u64(seed);
    let mut questions = Vec::with_capacity(count);
    while questions.len() < count {
        let event = catalog.event(dice.random_range(0..events));
        questions.extend(question(&mut dice, catalog, &event));
    }
    questions
}

fn question(dice: &mut StdRng, catalog: &Catalog, event: &Event) -> Option<Question> {
    let performance = event.performances.get(dice.random_range(0..event.performances.len().max(1)))?;
    let place = catalog.venues().get(performance.venue as usize)?.place;
    let days = [1_i64, 3, 7, 30][dice.random_range(0..4)];
    let from = performance.starts - (dice.random_range(0..days) * 24).hours();
    let mut title: Vec<&str> = event.title.split([' ', ':']).filter(|word| word.len() > 3).collect();
    title.truncate(2);
    let genre = event.genres.first()?;
    let words = match (dice.random_range(0..10), event.people.first()) {
        (0..4, _) => (*genre).to_owned(),
        (4, _) => format!("{genre} {}", event.kind),
        (5..7, Some(person)) => person.clone(),
        (_, _) if title.is_empty() => event.title.clone(),
        (_, _) => title.join(" "),
    };
    let longest = event.title.split_whitespace().max_by_key(|word| word.chars().count())?;
    let name =
        if dice.random_ratio(1, 2) { &event.title } else { event.people.first().unwrap_or(&event.title) };
    let letters = dice.random_range(3..10);
    Some(Question {
        words,
        place,
        point: place.point?,
        from,
        to: from + (days * 24).hours(),
        misspelled: misspelled(dice, longest),
        beginning: name.chars().take(letters).collect::<String>().trim_end().to_owned(),
    })
}

/// Two neighbours within the word change places.
fn misspelled(dice: &mut StdRng, word: &str) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    if letters.len() > 3 {
        let at = dice.random_range(1..letters.len() - 1);
        letters.swap(at, at + 1);
    }
    letters.into_iter().collect()
}
