//! From JSON-LD to what the catalog understands.

use std::collections::BTreeSet;

use jiff::civil::DateTime;
use jiff::{SignedDuration, Span, Timestamp};
use serde_json::Value;

use super::super::node::Node;
use super::super::table::prices;
use super::write::feature;
use crate::catalog::EventKind;
use crate::catalog::checks::{self, Fault, Faults};
use crate::catalog::entity::{Aid, EventFacts};
use crate::formats::amount::minor;
use crate::forms::TermsForm;
use crate::forms::terms::PriceForm;
use crate::import::intake::{Intake, Reader, Spot, Wanted};
use crate::import::{Checked, Mistake, place_of};

/// What a file leaves to who imports it.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// Key or id of the hall of all performances.
    pub hall: Option<String>,
    /// The terms of performances without offers.
    pub terms: Option<TermsForm>,
}

/// Reads events with their performances.
///
/// # Errors
/// Everything that is wrong, each with its line and its JSON pointer.
pub fn read(text: &str, file: &str, given: &Given, reader: Reader<'_>) -> Result<Checked, Vec<Mistake>> {
    let mut intake = Intake::new(reader, file);
    let value: Value = match serde_json::from_str(text) {
        Ok(value) => value,
        Err(error) => {
            let spot = Spot { line: error.line(), column: error.column(), field: String::new() };
            intake.mistake(&spot, format!("this is no JSON: {error}"));
            return intake.finish();
        }
    };
    let root = Node::root(&value);
    let nodes = root.get("@graph").unwrap_or_else(|| root.clone()).each();
    let events: Vec<_> = nodes.iter().filter_map(|node| Some((node, kind_of(node)?))).collect();
    let mut faults = Faults::default();
    if events.is_empty() {
        faults.add(
            "",
            "there is no event of schema.org: something with \"@type\": \"Event\" or one of its kinds",
        );
    }
    for (node, kind) in events {
        read_event(node, kind, given, &mut intake, &mut faults);
        if intake.is_full() {
            break;
        }
    }
    if let Err(list) = faults.finish() {
        list.into_iter().for_each(|fault| tell(text, &fault, &mut intake));
    }
    intake.finish()
}

fn tell(text: &str, fault: &Fault, intake: &mut Intake<'_>) {
    let (line, column) = place_of(text, &fault.pointer);
    intake.mistake(&Spot { line, column, field: fault.pointer.clone() }, &*fault.detail);
}

/// What an event is by its types; none if it is no event.
fn kind_of(node: &Node<'_>) -> Option<EventKind> {
    let types = node.get("@type")?.each();
    types.iter().filter_map(|node| node.value.as_str()).find_map(|name| {
        let name = name.trim_start_matches("https://").trim_start_matches("http://");
        Some(match name.trim_start_matches("schema.org/").trim_start_matches("schema:") {
            "ScreeningEvent" => EventKind::Movie,
            "MusicEvent" => EventKind::Concert,
            "TheaterEvent" => EventKind::Theatre,
            "DanceEvent" => EventKind::Dance,
            "SportsEvent" => EventKind::Sport,
            "ComedyEvent" => EventKind::Comedy,
            "ChildrensEvent" => EventKind::Family,
            "Festival" => EventKind::Festival,
            "EducationEvent" | "LiteraryEvent" => EventKind::Talk,
            "Event" | "BusinessEvent" | "CourseInstance" | "ExhibitionEvent" | "FoodEvent" | "Hackathon"
            | "PublicationEvent" | "SaleEvent" | "SocialEvent" | "VisualArtsEvent" => EventKind::Other,
            _ => return None,
        })
    })
}

fn read_event(node: &Node<'_>, kind: EventKind, given: &Given, intake: &mut Intake<'_>, faults: &mut Faults) {
    let text = |name: &str, faults: &mut Faults| node.get(name).and_then(|node| name_of(&node, faults));
    let Some(name) = node.need("name", faults).and_then(|node| node.text(faults)) else { return };
    let names = ["identifier", "@id", "url"].into_iter();
    let key = names.filter_map(|name| node.get(name)?.value.as_str().map(str::to_owned)).next();
    let key = key.unwrap_or_else(|| name.clone());
    let movie = node.get("workPresented");
    let rating =
        movie.as_ref().and_then(|movie| movie.get("contentRating")?.value.as_str().map(str::to_owned));
    let facts = EventFacts {
        kind,
        title: name,
        description: text("description", faults).unwrap_or_default(),
        host: text("organizer", faults).unwrap_or_default(),
        performers: names_of(node, "performer", faults),
        genres: names_of(node, "keywords", faults),
        language: text("inLanguage", faults).unwrap_or_default(),
        duration_min: duration(node, faults),
        age_rating: rating.unwrap_or_default(),
    };
    let mut wrong = Faults::default();
    checks::event(&facts, &mut wrong);
    if let Err(list) = wrong.finish() {
        list.into_iter().for_each(|fault| faults.add(property(node, &fault.pointer), fault.detail));
        return;
    }
    let event = intake.event(&key).unwrap_or_else(|_unknown| intake.make_event(&key, facts));
    let is_cancelled = node
        .get("eventStatus")
        .and_then(|node| node.value.as_str())
        .is_some_and(|word| word.ends_with("EventCancelled"));
    let Some(starts) = node.get("startDate").filter(|_starts| !is_cancelled) else { return };
    let Some(starts_at) = starts.text(faults) else { return };
    let Some(hall) = hall_of(node, given, intake, faults) else { return };
    let Some(mut terms) = terms_of(node, event, hall, given, intake, faults) else { return };
    if let Some(named) = accessibility(node) {
        terms.accessibility = named;
    }
    let doors_minutes = doors(node, &starts_at);
    // What was exported knows which performance it is.
    let id = node.get("@id").and_then(|node| node.value.as_str()?.rsplit('/').next()?.parse().ok());
    let wanted = Wanted { id, event, hall, starts_at, terms, doors_minutes, ..Wanted::default() };
    if let Err(list) = intake.performance(wanted) {
        list.into_iter().for_each(|fault| faults.add(property(node, &fault.pointer), fault.detail));
    }
}

/// What the work that is shown has for those who need it, if that is said; what the catalog has no word for is left out.
fn accessibility(node: &Node<'_>) -> Option<Vec<String>> {
    let work = node.get("workPerformed").or_else(|| node.get("workPresented"))?;
    let named = work.get("accessibilityFeature")?.each();
    let known = |named: &Node<'_>| Aid::ALL.iter().find(|aid| named.value == feature(**aid));
    Some(named.iter().filter_map(known).map(|aid| aid.word().to_owned()).collect())
}

/// A text, or the name of the thing that stands there.
fn name_of(node: &Node<'_>, faults: &mut Faults) -> Option<String> {
    match node.get("name") {
        Some(name) => name.text(faults),
        None => node.each().first()?.text(faults),
    }
}

fn names_of(node: &Node<'_>, property: &str, faults: &mut Faults) -> Vec<String> {
    let nodes = node.get(property).map_or_else(Vec::new, |node| node.each());
    nodes.iter().filter_map(|node| name_of(node, faults)).collect()
}

/// Which property a field of ours comes from.
fn property(node: &Node<'_>, field: &str) -> String {
    let name = match field.split('/').nth(1).unwrap_or_default() {
        "title" | "key" => "name",
        "description" => "description",
        "host" => "organizer",
        "performers" => "performer",
        "genres" => "keywords",
        "language" => "inLanguage",
        "duration_min" => "duration",
        "age_rating" => "workPresented",
        "starts_at" | "doors_at" => "startDate",
        "id" => "@id",
        _terms => "offers",
    };
    // What is not there is told where it should be.
    if node.get(name).is_some() { format!("{}/{name}", node.pointer) } else { node.pointer.clone() }
}

/// How long it lasts: what it says, or what is between its beginning and its end.
fn duration(node: &Node<'_>, faults: &mut Faults) -> Option<u32> {
    if let Some(node) = node.get("duration") {
        let span = node.value.as_str().and_then(|text| text.parse::<Span>().ok());
        let minutes = span.and_then(|span| SignedDuration::try_from(span).ok()).map(|span| span.as_mins());
        let minutes = minutes.and_then(|minutes| u32::try_from(minutes).ok());
        if minutes.is_none() {
            faults.add(node.pointer, "must be a duration such as PT2H30M");
        }
        return minutes;
    }
    let at = |name: &str| node.get(name).and_then(|node| instant(node.value.as_str()?));
    let minutes = at("endDate")?.duration_since(at("startDate")?).as_mins();
    u32::try_from(minutes).ok().filter(|minutes| (1..=100_000).contains(minutes))
}

/// An instant; a local time as if it were UTC, which is enough to subtract.
fn instant(text: &str) -> Option<Timestamp> {
    let local = || text.parse::<DateTime>().ok()?.in_tz("UTC").ok().map(|zoned| zoned.timestamp());
    text.parse().ok().or_else(local)
}

fn doors(node: &Node<'_>, starts_at: &str) -> Option<u32> {
    let doors = instant(node.get("doorTime")?.value.as_str()?)?;
    u32::try_from(instant(starts_at)?.duration_since(doors).as_mins()).ok()
}

fn hall_of(node: &Node<'_>, given: &Given, intake: &mut Intake<'_>, faults: &mut Faults) -> Option<usize> {
    if let Some(word) = &given.hall {
        return faults.take(&node.pointer, intake.hall(word));
    }
    let location = node.need("location", faults)?;
    let location = location.each().into_iter().next()?;
    if let Some(word) = location.get("identifier").and_then(|node| node.value.as_str())
        && let Ok(hall) = intake.hall(word)
    {
        return Some(hall);
    }
    let name = name_of(&location, faults)?;
    faults.take(&location.pointer, intake.hall_at(&name))
}

/// What the offers say; without any, what was given, or on which terms the event was sold before.
fn terms_of(
    node: &Node<'_>,
    event: usize,
    hall: usize,
    given: &Given,
    intake: &Intake<'_>,
    faults: &mut Faults,
) -> Option<TermsForm> {
    let Some(offers) = node.get("offers") else {
        let usual = given.terms.clone().or_else(|| intake.usual_terms(event, hall));
        if usual.is_none() {
            faults.add(&*node.pointer, "must have \"offers\", or be given a currency and prices");
        }
        return usual;
    };
    let each: Vec<Node<'_>> = offers
        .each()
        .into_iter()
        .flat_map(|offer| offer.get("offers").map_or_else(|| vec![offer.clone()], |of| of.each()))
        .collect();
    let keys: Vec<String> = intake.map(hall).categories.iter().map(|category| category.key.clone()).collect();
    let mut terms = TermsForm { concessions: Vec::new(), ..given.terms.clone().unwrap_or_default() };
    terms.prices.clear();
    let mut seen = BTreeSet::new();
    for offer in &each {
        let currency = offer.get("priceCurrency").or_else(|| offers.get("priceCurrency"));
        let Some(currency) = currency else {
            faults.add(&*offer.pointer, "must have \"priceCurrency\"");
            continue;
        };
        terms.currency = currency.text(faults)?;
        let Some((at, amount)) = price(offer, faults) else { continue };
        let Some(amount) = faults.take(&at, minor(&amount, &terms.currency)) else { continue };
        let category = offer.get("category").and_then(|node| node.value.as_str());
        match category {
            None if each.len() == 1 => {
                terms.prices.extend(keys.iter().map(|key| PriceForm {
                    category: key.clone(),
                    concession: None,
                    amount,
                }));
            }
            None => faults.add(&*offer.pointer, "must have the key of a price category as its \"category\""),
            Some(word) => {
                let (key, concession) = match word.rsplit_once('/') {
                    Some((key, concession)) if !keys.iter().any(|known| known == word) => {
                        (key, Some(concession))
                    }
                    _plain => (word, None),
                };
                if let Some(concession) = concession
                    && seen.insert(concession.to_owned())
                {
                    terms.concessions.push(concession.to_owned());
                }
                let concession = concession.map(str::to_owned);
                terms.prices.push(PriceForm { category: key.to_owned(), concession, amount });
            }
        }
    }
    Some(terms)
}

/// Where a price stands, and the price.
fn price(offer: &Node<'_>, faults: &mut Faults) -> Option<(String, String)> {
    if let Some(node) = offer.get("price") {
        return Some((node.pointer.clone(), node.text(faults)?));
    }
    let (low, high) = (offer.get("lowPrice"), offer.get("highPrice"));
    match (low, high) {
        (Some(low), None) => Some((low.pointer.clone(), low.text(faults)?)),
        (Some(low), Some(high)) if low.value == high.value => Some((low.pointer.clone(), low.text(faults)?)),
        (Some(low), Some(_higher)) => {
            faults.add(
                low.pointer,
                "must be an offer for each price: from a range it is not known what costs how much",
            );
            None
        }
        (None, _) => {
            faults.add(&*offer.pointer, "must have \"price\"");
            None
        }
    }
}

/// The terms that are given beside a file: a currency and prices as a table has them.
///
/// # Errors
/// In words, when they are none.
pub fn given_terms(currency: &str, text: &str) -> Result<TermsForm, String> {
    let (concessions, prices) = prices(text, currency)?;
    Ok(TermsForm { currency: currency.to_owned(), concessions, prices, ..TermsForm::default() })
}
