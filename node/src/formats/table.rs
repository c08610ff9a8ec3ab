//! Performances as CSV (RFC 4180): a line each, below a line with the names of the columns.
//!
//! | column | what | needed |
//! |---|---|---|
//! | `event` | key of an event of yours, or an id | yes |
//! | `hall` | key of a hall of yours, or an id | yes |
//! | `starts_at` | by the clock of the venue: `2026-12-05T19:30`; where that comes twice with its offset | yes |
//! | `currency` | ISO 4217 code | yes |
//! | `prices` | `stalls=45.00; stalls/child=20.00; floor=30.00`: price category, concession if it is not `adult`, amount | yes |
//! | `key` | your own name for the performance; made of event, hall and start unless it is said | |
//! | `id` | its id, where it was exported: nothing is made twice | |
//! | `doors_minutes` | the doors open so many minutes before the start | |
//! | `on_sale_days` | the sale begins so many days before the start; at once unless it is said | |
//! | `ticket_limit` | the most tickets of one customer; 0 for no limit | |
//! | `refund_until_hours`, `refund_percent` | until how long before the start how much comes back | |
//! | `accessibility` | what there is for those who need it: `captions; sign_language` | |
//!
//! Columns stand in any order. Fields are parted by commas, or by semicolons if the first line has more of them.

use csv::{ReaderBuilder, StringRecord, Trim};
use marquee_ledger::PerformanceId;

use super::amount::{decimal, minor};
use crate::catalog::checks::Fault;
use crate::catalog::copy::CatalogIndex;
use crate::catalog::entity::Performance;
use crate::forms::TermsForm;
use crate::forms::terms::{PriceForm, RefundPolicyForm};
use crate::import::intake::{Intake, Reader, Spot, Wanted, local};
use crate::import::{Checked, Mistake};

/// The names of the columns, in the order in which they are written.
pub const COLUMNS: [&str; 13] = [
    "id",
    "key",
    "event",
    "hall",
    "starts_at",
    "doors_minutes",
    "on_sale_days",
    "currency",
    "prices",
    "ticket_limit",
    "refund_until_hours",
    "refund_percent",
    "accessibility",
];
/// The concession of a price that names none.
const USUAL: &str = "adult";
const NEEDED: [&str; 5] = ["event", "hall", "starts_at", "currency", "prices"];

/// Reads performances.
///
/// # Errors
/// Everything that is wrong, each with its line and its column's name.
pub fn read(text: &str, file: &str, reader: Reader<'_>) -> Result<Checked, Vec<Mistake>> {
    let mut intake = Intake::new(reader, file);
    let text = text.trim_start_matches('\u{feff}');
    let first = text.lines().next().unwrap_or_default();
    let count = |separator: char| first.matches(separator).count();
    let separator = if count(';') > count(',') { b';' } else { b',' };
    let mut lines =
        ReaderBuilder::new().delimiter(separator).trim(Trim::All).flexible(true).from_reader(text.as_bytes());
    match lines.headers().cloned() {
        Ok(header) if check_header(&header, &mut intake) => {
            for line in lines.records() {
                match line {
                    Ok(record) => Line { header: &header, record: &record }.read(&mut intake),
                    Err(error) => {
                        let at = error.position().map_or(1, csv::Position::line);
                        intake.mistake(&spot(at, ""), format!("this is no line of a table: {error}"));
                    }
                }
                if intake.is_full() {
                    break;
                }
            }
        }
        Ok(_told) => {}
        Err(error) => intake.mistake(&spot(1, ""), format!("this is no table: {error}")),
    }
    intake.finish()
}

fn spot(line: u64, field: &str) -> Spot {
    Spot { line: usize::try_from(line).unwrap_or(usize::MAX), column: 1, field: field.to_owned() }
}

fn check_header(header: &StringRecord, intake: &mut Intake<'_>) -> bool {
    let mut is_sound = true;
    for (nth, name) in header.iter().enumerate() {
        let words = if !COLUMNS.contains(&name) {
            format!("unknown column {name:?}; there are: {}", COLUMNS.join(", "))
        } else if header.iter().take(nth).any(|before| before == name) {
            format!("the column {name} is there twice")
        } else {
            continue;
        };
        is_sound = false;
        intake.mistake(&spot(1, name), words);
    }
    for name in NEEDED {
        if !header.iter().any(|column| column == name) {
            is_sound = false;
            intake.mistake(&spot(1, name), format!("the first line must name the column {name}"));
        }
    }
    is_sound
}

/// A line with the names of its fields.
struct Line<'l> {
    header: &'l StringRecord,
    record: &'l StringRecord,
}

impl Line<'_> {
    fn read(&self, intake: &mut Intake<'_>) {
        let at = self.record.position().map_or(1, csv::Position::line);
        if self.record.len() != self.header.len() {
            let words = format!("has {} fields, and the first line {}", self.record.len(), self.header.len());
            return intake.mistake(&spot(at, ""), words);
        }
        let mut wrong: Vec<(&str, String)> = Vec::new();
        let mut need = |name: &'static str, found: Result<usize, String>| {
            found.map_err(|words| wrong.push((name, words))).ok()
        };
        let event = need("event", intake.event(self.field("event")));
        let hall = need("hall", intake.hall(self.field("hall")));
        let terms = self.terms(&mut wrong);
        let id = self.field("id");
        let known = (!id.is_empty()).then(|| id.parse::<PerformanceId>());
        if matches!(known, Some(Err(_))) {
            wrong.push(("id", format!("{id:?} is no id of a performance: leave it empty")));
        }
        let doors_minutes = self.number("doors_minutes", &mut wrong);
        let on_sale_days = self.number("on_sale_days", &mut wrong);
        if let (Some(event), Some(hall)) = (event, hall) {
            let wanted = Wanted {
                id: known.and_then(Result::ok),
                key: Some(self.field("key").to_owned()).filter(|key| !key.is_empty()),
                event,
                hall,
                starts_at: self.field("starts_at").to_owned(),
                doors_minutes,
                on_sale_days,
                terms,
            };
            if let Err(faults) = intake.performance(wanted) {
                for fault in faults {
                    // What could not be read is not also told to be missing.
                    let column = column_of(&fault);
                    if !wrong.iter().any(|(name, _words)| *name == column) {
                        wrong.push((column, fault.detail));
                    }
                }
            }
        }
        wrong.sort_by_key(|(name, _words)| self.header.iter().position(|column| column == *name));
        wrong.into_iter().for_each(|(name, words)| intake.mistake(&spot(at, name), words));
    }

    fn field(&self, name: &str) -> &str {
        let column = self.header.iter().position(|column| column == name);
        column.and_then(|column| self.record.get(column)).unwrap_or_default()
    }

    fn number(&self, name: &'static str, wrong: &mut Vec<(&str, String)>) -> Option<u32> {
        let text = self.field(name);
        if text.is_empty() {
            return None;
        }
        text.parse().map_err(|_none| wrong.push((name, format!("{text:?} is no whole number")))).ok()
    }

    fn terms(&self, wrong: &mut Vec<(&str, String)>) -> TermsForm {
        let currency = self.field("currency").to_owned();
        let (concessions, prices) = match prices(self.field("prices"), &currency) {
            Ok(read) => read,
            Err(words) => {
                wrong.push(("prices", words));
                Default::default()
            }
        };
        let limit = self.number("ticket_limit", wrong);
        let hours = self.number("refund_until_hours", wrong);
        let percent = self.number("refund_percent", wrong);
        let small = |number: Option<u32>| number.map(|number| u16::try_from(number).unwrap_or(u16::MAX));
        let usual = RefundPolicyForm { until_hours_before: 24, share_percent: 100 };
        TermsForm {
            currency,
            concessions,
            prices,
            refund_policy: (hours.is_some() || percent.is_some()).then(|| RefundPolicyForm {
                until_hours_before: hours.unwrap_or(usual.until_hours_before),
                share_percent: small(percent).unwrap_or(usual.share_percent),
            }),
            ticket_limit: small(limit),
            accessibility: words(self.field("accessibility")),
            ..TermsForm::default()
        }
    }
}

/// Reads `captions; sign_language`.
fn words(text: &str) -> Vec<String> {
    text.split(';').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// In which column something is wrong.
fn column_of(fault: &Fault) -> &'static str {
    let first = fault.pointer.trim_start_matches('/').split('/').next().unwrap_or_default();
    match first {
        "starts_at" | "doors_at" | "on_sale_from" | "on_sale_until" => "starts_at",
        "currency" => "currency",
        "ticket_limit" => "ticket_limit",
        "refund_policy" if fault.pointer.ends_with("percent") => "refund_percent",
        "refund_policy" => "refund_until_hours",
        "key" => "key",
        "accessibility" => "accessibility",
        "id" => "id",
        _prices => "prices",
    }
}

/// Concessions, the default one first, and prices.
type Prices = (Vec<String>, Vec<PriceForm>);

/// Reads `stalls=45.00; stalls/child=20.00`.
///
/// # Errors
/// In words, when it is something else.
pub fn prices(text: &str, currency: &str) -> Result<Prices, String> {
    let mut concessions: Vec<String> = Vec::new();
    let mut prices = Vec::new();
    for item in text.split(';').map(str::trim).filter(|item| !item.is_empty()) {
        let (what, amount) = item.rsplit_once('=').ok_or_else(|| {
            format!("{item:?} is no price: write stalls=45.00, and a semicolon between two")
        })?;
        let (category, concession) = match what.trim().rsplit_once('/') {
            Some((category, concession)) => (category.trim(), Some(concession.trim().to_owned())),
            None => (what.trim(), None),
        };
        let amount = minor(amount.trim(), currency)?;
        let named = concession.clone().unwrap_or_else(|| USUAL.to_owned());
        if !concessions.contains(&named) {
            concessions.push(named);
        }
        let concession = Some(concession.unwrap_or_else(|| USUAL.to_owned()));
        prices.push(PriceForm { category: category.to_owned(), concession, amount });
    }
    Ok((concessions, prices))
}

/// Writes performances below the names of the columns; those whose hall is not known are left out.
#[must_use]
pub fn write(catalog: &CatalogIndex, performances: &[std::sync::Arc<Performance>]) -> String {
    head() + &lines(catalog, performances)
}

/// The names of the columns.
#[must_use]
pub fn head() -> String {
    written([COLUMNS.map(str::to_owned)])
}

/// Performances, a line each.
#[must_use]
pub fn lines(catalog: &CatalogIndex, performances: &[std::sync::Arc<Performance>]) -> String {
    written(performances.iter().filter_map(|performance| record(catalog, performance)))
}

/// Lines of a table.
#[must_use]
pub fn written<const COLUMNS: usize>(records: impl IntoIterator<Item = [String; COLUMNS]>) -> String {
    let mut lines = csv::Writer::from_writer(Vec::new());
    for record in records {
        // Writing to memory does not fail.
        _ = lines.write_record(record);
    }
    let bytes = lines.into_inner().unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}

fn record(catalog: &CatalogIndex, performance: &Performance) -> Option<[String; COLUMNS.len()]> {
    let hall = catalog.hall(performance.hall)?;
    let event = catalog.event(performance.event)?;
    let terms = TermsForm::of_performance(performance, hall.map(performance.seat_map_version)?);
    let schedule = &performance.schedule;
    let currency = performance.sale.currency;
    let prices = terms.prices.iter().map(|price| {
        let concession = price.concession.as_ref().filter(|concession| **concession != USUAL);
        let concession = concession.map_or_else(String::new, |concession| format!("/{concession}"));
        format!("{}{concession}={}", price.category, decimal(price.amount, currency))
    });
    let doors =
        schedule.doors_at_ms.map(|doors_ms| (schedule.starts_at_ms.saturating_sub(doors_ms)) / 60_000);
    let number = |number: Option<u64>| number.map_or_else(String::new, |number| number.to_string());
    let refund = terms.refund_policy;
    Some([
        performance.id.to_string(),
        performance.stamp.key.clone().unwrap_or_default(),
        event.stamp.key.clone().unwrap_or_else(|| event.id.to_string()),
        hall.stamp.key.clone().unwrap_or_else(|| hall.id.to_string()),
        local(schedule.starts_at_ms, &catalog.zone(performance.venue)),
        number(doors),
        String::new(),
        currency.code().to_owned(),
        prices.collect::<Vec<_>>().join("; "),
        number(terms.ticket_limit.map(u64::from)),
        number(refund.map(|refund| u64::from(refund.until_hours_before))),
        number(refund.map(|refund| u64::from(refund.share_percent))),
        terms.accessibility.join("; "),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_read_with_their_concessions() {
        let (concessions, read) = prices("stalls=45.00; stalls/child=20; a/b/senior = 3.5", "USD").unwrap();
        assert_eq!(concessions, ["adult", "child", "senior"]);
        let told: Vec<_> = read
            .iter()
            .map(|price| (price.category.as_str(), price.concession.as_deref(), price.amount))
            .collect();
        assert_eq!(
            told,
            [
                ("stalls", Some("adult"), 4_500),
                ("stalls", Some("child"), 2_000),
                ("a/b", Some("senior"), 350)
            ]
        );
        assert!(prices("stalls 45", "USD").unwrap_err().contains("is no price"));
        assert!(prices("stalls=45,00", "USD").unwrap_err().contains("is no amount"));
        assert_eq!(prices("", "USD").unwrap().1, []);
    }
}
