//! A place in a text: a zip code, "near me", "in Chicago", "Portland, ME".

use super::{KnowsCity, Meaning, Typed};
use crate::analysis::is_stop_word;
use crate::places::{Zip, state_code};
use crate::synonyms;

/// The most words of a city's name.
const CITY_WORDS_MAX: usize = 4;

/// What the chunks from `at` on say about a place, and how many of them do.
pub(super) fn read(typed: &Typed<'_>, at: usize, knows_city: KnowsCity<'_>) -> Option<(usize, Meaning)> {
    if typed.word(at) == "nearby" {
        return Some((1, Meaning::NearMe));
    }
    let lead = match typed.word(at) {
        "near" | "in" | "around" | "at" => 1,
        "close" if typed.word(at + 1) == "to" => 2,
        _ => 0,
    };
    if let Some(zip) = zip(typed.raw(at + lead)) {
        return Some((lead + 1, Meaning::Zip(zip)));
    }
    if lead > 0 && typed.word(at) != "in" && typed.word(at + lead) == "me" {
        return Some((lead + 1, Meaning::NearMe));
    }
    if typed.word(at) == "at" {
        // Shows are at a venue, not at a city.
        return None;
    }
    let (length, meaning) = city(typed, at + lead, lead > 0, knows_city)?;
    Some((lead + length, meaning))
}

fn zip(raw: &str) -> Option<Zip> {
    raw.trim_matches([',', '.', ';', '?', '!', '(', ')']).parse().ok()
}

/// A city, the longest name that is known. Without a word such as "in" before it, its state must follow after a comma.
fn city(typed: &Typed<'_>, at: usize, is_led: bool, knows_city: KnowsCity<'_>) -> Option<(usize, Meaning)> {
    for length in (1..=CITY_WORDS_MAX).rev() {
        let words: Vec<&str> = (at..at + length).map(|nth| typed.word(nth)).collect();
        if words.contains(&"") || !could_be_city(&words) {
            continue;
        }
        let name = words.join(" ");
        let has_comma = typed.raw(at + length - 1).ends_with(',');
        if is_led || has_comma {
            if let Some((more, region)) = region(typed, at + length)
                && knows_city(&name, Some(&region))
            {
                return Some((length + more, Meaning::City { name, region: Some(region) }));
            }
            if is_led && knows_city(&name, None) {
                return Some((length, Meaning::City { name, region: None }));
            }
        }
    }
    None
}

/// A name of words that say nothing, or that name what is looked for, is no city here, even if some hamlet has it.
fn could_be_city(words: &[&str]) -> bool {
    match words {
        [word] => !is_stop_word(word) && synonyms::kind(word).is_none(),
        [..] => !words.iter().all(|word| is_stop_word(word)),
    }
}

/// A state's code in small letters, and how many chunks it takes.
fn region(typed: &Typed<'_>, at: usize) -> Option<(usize, String)> {
    let two = format!("{} {}", typed.word(at), typed.word(at + 1));
    let (length, code) = match state_code(&two) {
        Some(code) if !typed.word(at + 1).is_empty() => (2, code),
        Some(_) | None => (1, state_code(typed.word(at))?),
    };
    Some((length, code.to_ascii_lowercase()))
}
