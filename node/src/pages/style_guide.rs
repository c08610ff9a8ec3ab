//! `/styleguide`: what pages are made of, each in all its states, for who works on them.
//!
//! The colours are read from the style sheet's tokens, so the page cannot say anything else than what is shown.

use std::collections::BTreeMap;

use askama::Template;
use axum::response::Response;

use super::assets;
use super::visit::{Frame, Here, Visit};
use crate::http::{Problem, kinds};
use crate::texts::Texts;

/// The file with the design tokens.
const TOKENS: &str = "style/1-tokens.css";

/// What is written in which colour on which.
const PAIRS: [(&str, &str); 16] = [
    ("ink", "ground"),
    ("ink", "paper"),
    ("ink", "sunken"),
    ("ink-soft", "ground"),
    ("ink-soft", "paper"),
    ("ink-soft", "sunken"),
    ("accent", "ground"),
    ("accent", "paper"),
    ("accent-strong", "accent-soft"),
    ("on-accent", "accent"),
    ("good", "good-soft"),
    ("warn", "warn-soft"),
    ("bad", "bad-soft"),
    ("bad", "paper"),
    ("map-ink", "map-ground"),
    ("map-on-chosen", "map-chosen"),
];

#[derive(Template)]
#[template(path = "styleguide.html")]
struct StyleGuidePage {
    frame: Frame,
    swatches: Vec<Swatch>,
    pairs: Vec<Pair>,
    names: Names,
    money: Money,
}

/// Samples that are called the same in every language.
struct Names {
    letters: &'static str,
    play: &'static str,
    house: &'static str,
    company: &'static str,
    row: &'static str,
}

/// Sample amounts.
struct Money {
    large: String,
    much: String,
    some: String,
    adult: String,
    child: String,
    total: String,
}

/// A colour by its token's name.
struct Swatch {
    name: String,
    light: String,
    dark: String,
}

/// A colour on another, and how well it reads.
struct Pair {
    front: &'static str,
    back: &'static str,
    /// In light and in dark.
    readings: [Reading; 2],
}

struct Reading {
    front: String,
    back: String,
    /// `7.4 : 1`
    ratio: String,
}

/// Shows the components.
pub(super) async fn style_guide(visit: Visit) -> Result<Response, Problem> {
    if !visit.app.settings.http.style_guide {
        return Err(Problem::new(kinds::NOT_FOUND));
    }
    let (light, dark) = schemes(&assets::source(TOKENS));
    let swatches = light
        .iter()
        .map(|(name, value)| Swatch {
            name: name.clone(),
            light: value.clone(),
            dark: dark.get(name).unwrap_or(value).clone(),
        })
        .collect();
    let pairs = PAIRS.into_iter().filter_map(|(front, back)| {
        let readings = [reading(&light, front, back)?, reading(&dark, front, back)?];
        Some(Pair { front, back, readings })
    });
    let dollars = |amount: i64| dollars(visit.texts(), amount);
    visit.show(&StyleGuidePage {
        frame: visit.frame(Here::Elsewhere),
        swatches,
        pairs: pairs.collect(),
        names: Names {
            letters: "Aa",
            play: "An Ideal Husband",
            house: "Majestic Theatre, New York",
            company: "The House Company",
            row: "C",
        },
        money: Money {
            large: dollars(123_450),
            much: dollars(3_120_400),
            some: dollars(702_000),
            adult: dollars(6_200),
            child: dollars(3_100),
            total: dollars(9_300),
        },
    })
}

fn dollars(texts: Texts, amount: i64) -> String {
    "USD".parse().map_or_else(|_none| String::new(), |currency| texts.money(amount, currency))
}

type Colours = BTreeMap<String, String>;

/// The colours of the light and of the dark scheme. What is not a plain colour, such as a shadow, is left out.
fn schemes(tokens: &str) -> (Colours, Colours) {
    let (light, dark) = tokens.split_once("prefers-color-scheme: dark").unwrap_or((tokens, ""));
    (colours(light), colours(dark))
}

fn colours(tokens: &str) -> Colours {
    let declared = tokens.lines().filter_map(|line| line.trim().strip_prefix("--")?.split_once(':'));
    let plain = declared.filter_map(|(name, value)| {
        let value = value.trim().trim_end_matches(';');
        channels(value).map(|_plain| (name.to_owned(), value.to_owned()))
    });
    plain.collect()
}

/// `#9c1c3c`
fn channels(value: &str) -> Option<[u8; 3]> {
    let digits = value.strip_prefix('#').filter(|digits| digits.len() == 6)?;
    let number = u32::from_str_radix(digits, 16).ok()?;
    let [_none, red, green, blue] = number.to_be_bytes();
    Some([red, green, blue])
}

fn reading(colours: &Colours, front: &str, back: &str) -> Option<Reading> {
    let (front, back) = (colours.get(front)?, colours.get(back)?);
    let ratio = contrast(channels(front)?, channels(back)?);
    Some(Reading { front: front.clone(), back: back.clone(), ratio: format!("{ratio:.1} : 1") })
}

/// The contrast of two colours by WCAG 2.2: 1 to 21.
fn contrast(one: [u8; 3], other: [u8; 3]) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// The relative luminance by WCAG 2.2.
fn luminance(channels: [u8; 3]) -> f64 {
    let [red, green, blue] = channels.map(|channel| {
        let part = f64::from(channel) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrasts_are_those_of_the_guidelines() {
        let ratio = |one, other| contrast(channels(one).unwrap(), channels(other).unwrap());
        assert!((ratio("#000000", "#ffffff") - 21.0).abs() < 0.001);
        assert!((ratio("#767676", "#ffffff") - 4.54).abs() < 0.01);
        assert!(channels("rgb(0 0 0 / .4)").is_none() && channels("#fffffff0").is_none());
    }

    #[test]
    fn everything_that_is_written_reads_well_in_both_schemes() {
        let (light, dark) = schemes(&assets::source(TOKENS));
        for colours in [&light, &dark] {
            for (front, back) in PAIRS {
                let ratio = contrast(channels(&colours[front]).unwrap(), channels(&colours[back]).unwrap());
                assert!(ratio >= 4.5, "{front} on {back}: {ratio:.2}");
            }
        }
    }
}
