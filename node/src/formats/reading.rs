//! A file in one of the formats, whichever it is.

use std::path::Path;
use std::str::FromStr;

use marquee_config::Selling;
use serde_json::Value;

use super::{calendar, jsonld, pretix, table};
use crate::forms::TermsForm;
use crate::import::intake::{Intake, Reader, Spot};
use crate::import::{Checked, Mistake, Source, check, place_of};

/// A format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Our own documents.
    Catalog,
    /// A seating plan of pretix.
    Pretix,
    /// Events in the words of schema.org.
    JsonLd,
    /// A table of performances.
    Csv,
    /// A calendar with the performances of an event.
    Calendar,
}

/// A word that is no format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write one of: catalog pretix jsonld csv ics")]
pub struct UnknownFormat;

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        match text {
            "catalog" => Ok(Self::Catalog),
            "pretix" => Ok(Self::Pretix),
            "jsonld" => Ok(Self::JsonLd),
            "csv" => Ok(Self::Csv),
            "ics" => Ok(Self::Calendar),
            _ => Err(UnknownFormat),
        }
    }
}

impl Format {
    /// What a file is by the end of its name; of JSON, by what it says of itself.
    #[must_use]
    pub fn of(source: &Source) -> Self {
        let extension = Path::new(&source.name).extension().and_then(|extension| extension.to_str());
        match extension.unwrap_or_default().to_ascii_lowercase().as_str() {
            "csv" => return Self::Csv,
            "ics" | "ical" => return Self::Calendar,
            "jsonld" => return Self::JsonLd,
            _ => {}
        }
        // What is no JSON, or says nothing, is told so as a catalog document.
        let value: Value = serde_json::from_str(&source.text).unwrap_or_default();
        let first = value.get(0).unwrap_or(&value);
        let has = |name: &str| first.get(name).is_some();
        match () {
            () if has("marquee_catalog") => Self::Catalog,
            () if has("zones") => Self::Pretix,
            () if has("@context") || has("@graph") || has("@type") => Self::JsonLd,
            () => Self::Catalog,
        }
    }
}

/// What files leave to who imports them.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// Key or id of the venue that a plan's hall is in.
    pub venue: Option<String>,
    /// The name of a plan's hall; key or id of the hall of performances.
    pub hall: Option<String>,
    /// Key or id of the event of a calendar.
    pub event: Option<String>,
    /// The terms of performances of which a file does not say any.
    pub terms: Option<TermsForm>,
}

/// Reads some files, all in the format of the first unless one is named.
///
/// # Errors
/// Everything that is wrong, each with its place; a mistake of the whole file is that something must be given.
pub fn read(
    sources: &[Source],
    format: Format,
    given: &Given,
    reader: Reader<'_>,
    house: &Selling,
) -> Result<Checked, Vec<Mistake>> {
    let (Some(source), false) = (sources.first(), format == Format::Catalog) else {
        return check(sources, house);
    };
    let lacking = |words: &str| {
        let mut intake = Intake::new(reader, &source.name);
        intake.mistake(&Spot::default(), words);
        intake.finish()
    };
    if sources.len() > 1 {
        return lacking("only catalog documents come in folders: import such files one by one");
    }
    match format {
        Format::Catalog => check(sources, house),
        Format::Pretix => match &given.venue {
            Some(venue) => plan(source, venue, given.hall.as_deref(), reader),
            None => lacking("a seating plan needs a venue: name it with --venue"),
        },
        Format::JsonLd => {
            let given = jsonld::Given { hall: given.hall.clone(), terms: given.terms.clone() };
            jsonld::read(&source.text, &source.name, &given, reader)
        }
        Format::Csv => table::read(&source.text, &source.name, reader),
        Format::Calendar => match (&given.event, &given.hall) {
            (Some(event), Some(hall)) => {
                let terms = given.terms.clone();
                let given = calendar::Given { event: event.clone(), hall: hall.clone(), terms };
                calendar::read(&source.text, &source.name, &given, reader)
            }
            _lacking => lacking("a calendar needs an event and a hall: name them with --event and --hall"),
        },
    }
}

/// A hall of a seating plan. Its key is the venue's and its name, so that importing it again finds it.
fn plan(
    source: &Source,
    venue: &str,
    hall: Option<&str>,
    reader: Reader<'_>,
) -> Result<Checked, Vec<Mistake>> {
    let mut intake = Intake::new(reader, &source.name);
    let value: Value = match serde_json::from_str(&source.text) {
        Ok(value) => value,
        Err(error) => {
            let spot = Spot { line: error.line(), column: error.column(), field: String::new() };
            intake.mistake(&spot, format!("this is no JSON: {error}"));
            return intake.finish();
        }
    };
    let index = match intake.venue(venue) {
        Ok(index) => Some(index),
        Err(words) => {
            intake.mistake(&Spot::default(), words);
            None
        }
    };
    match (pretix::read(&value), index) {
        (Ok(plan), Some(index)) => {
            let name = hall.map_or_else(|| plan.name.clone(), str::to_owned);
            let name = if name.trim().is_empty() { "Hall".to_owned() } else { name };
            intake.make_hall(index, format!("{venue}/{name}"), name, plan.map);
        }
        (Ok(_plan), None) => {}
        (Err(faults), _) => {
            for fault in faults {
                let (line, column) = place_of(&source.text, &fault.pointer);
                intake.mistake(&Spot { line, column, field: fault.pointer }, fault.detail);
            }
        }
    }
    intake.finish()
}
