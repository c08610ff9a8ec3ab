//! Words that mean the same to somebody who looks for a ticket.
//!
//! They are added to a query, not to the index, so that the table can change without a rebuild. What is typed always weighs
//! more than what it may also mean.

use crate::document::Kind;

/// Each line's words stand for each other, folded; a blank within one parts words that follow each other.
const GROUPS: &[&[&str]] = &[
    &["theatre", "theater", "theatres", "theaters", "playhouse", "cinema", "cinemas", "multiplex"],
    &["movie", "film", "movies", "films"],
    &["concert", "gig", "concerts", "gigs"],
    &["match", "game", "matches", "games"],
    &["standup", "stand up", "comedian"],
    &["kids", "children", "kid", "child"],
    &["center", "centre"],
    &["color", "colour"],
    &["gray", "grey"],
    &["harbor", "harbour"],
    &["hiphop", "hip hop", "rap"],
    &["rnb", "r b", "rhythm and blues"],
    &["edm", "electronic", "techno"],
    &["scifi", "sci fi", "science fiction"],
    &["xmas", "christmas", "holiday", "holidays"],
    &["symphony", "philharmonic", "orchestra"],
    &["soccer", "football"],
    &["ballet", "dance"],
    &["pics", "pictures"],
    &["dr", "doctor"],
    &["mr", "mister"],
    &["saint", "st"],
    &["mount", "mt"],
    &["versus", "vs", "v"],
    &["one", "1"],
    &["two", "2", "ii"],
    &["three", "3", "iii"],
    &["four", "4", "iv"],
    &["five", "5"],
    &["six", "6", "vi"],
    &["seven", "7", "vii"],
    &["eight", "8", "viii"],
    &["nine", "9", "ix"],
    &["ten", "10"],
    &["twelve", "12", "xii"],
];

/// Words that name a kind of event.
const KIND_WORDS: &[(&str, Kind)] = &[
    ("movie", Kind::Movie),
    ("movies", Kind::Movie),
    ("film", Kind::Movie),
    ("films", Kind::Movie),
    ("cinema", Kind::Movie),
    ("concert", Kind::Concert),
    ("concerts", Kind::Concert),
    ("gig", Kind::Concert),
    ("gigs", Kind::Concert),
    ("music", Kind::Concert),
    ("play", Kind::Theatre),
    ("plays", Kind::Theatre),
    ("musical", Kind::Musical),
    ("musicals", Kind::Musical),
    ("opera", Kind::Opera),
    ("operas", Kind::Opera),
    ("ballet", Kind::Dance),
    ("match", Kind::Sport),
    ("game", Kind::Sport),
    ("games", Kind::Sport),
    ("sports", Kind::Sport),
    ("comedy", Kind::Comedy),
    ("standup", Kind::Comedy),
    ("festival", Kind::Festival),
    ("festivals", Kind::Festival),
    ("lecture", Kind::Talk),
    ("lectures", Kind::Talk),
    ("venue", Kind::Venue),
    ("venues", Kind::Venue),
];

/// What a folded word may also mean; a meaning of several words has them parted by blanks.
pub(crate) fn of(word: &str) -> impl Iterator<Item = &'static str> + '_ {
    GROUPS
        .iter()
        .filter(move |group| group.contains(&word))
        .flat_map(move |group| group.iter().copied().filter(move |other| *other != word))
}

/// The kind of event that a folded word names.
pub(crate) fn kind(word: &str) -> Option<Kind> {
    KIND_WORDS.iter().find(|(name, _)| *name == word).map(|(_, kind)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold::fold;

    #[test]
    fn words_stand_for_each_other() {
        assert!(of("theater").any(|word| word == "theatre"));
        assert!(of("theater").any(|word| word == "cinema"));
        assert!(of("film").any(|word| word == "movie"));
        assert!(of("rap").any(|word| word == "hip hop"));
        assert_eq!(of("jazz").count(), 0);
        assert_eq!(kind("films"), Some(Kind::Movie));
        assert_eq!(kind("jazz"), None);
    }

    #[test]
    fn the_tables_are_folded() {
        for word in
            GROUPS.iter().flat_map(|group| group.iter()).chain(KIND_WORDS.iter().map(|(word, _)| word))
        {
            assert_eq!(fold(word), *word);
        }
    }
}
