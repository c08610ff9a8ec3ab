//! The shapes of what documents have beside the forms.

use serde::Deserialize;

use super::starts::{Start, clock, weekday};
use crate::drawing::Drawing;

/// The version of the format.
pub(super) const VERSION: u64 = 1;
/// The lists that a document may have, in the order in which they are read.
pub(super) const LISTS: [&str; 4] = ["venues", "offers", "events", "performances"];
/// The most performances that one entry of a document stands for.
const STARTS_MAX: usize = 2_000;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HallEntry {
    pub(super) key: String,
    pub(super) name: String,
    pub(super) seat_map: Drawing,
}

/// A showing, or a run of them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PerformanceEntry {
    pub(super) event: String,
    pub(super) hall: String,
    pub(super) offer: String,
    /// Each with a time of its own.
    #[serde(default)]
    starts: Vec<String>,
    /// Every day at the same times.
    daily: Option<Daily>,
    /// Every week on the same days at the same times.
    weekly: Option<Weekly>,
    /// The doors open so many minutes before the start.
    pub(super) doors_minutes: Option<u32>,
    /// The sale begins so many days before the start; at once if it is not said.
    pub(super) on_sale_days: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Daily {
    /// Days after the import.
    from_day: u32,
    days: u32,
    times: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Weekly {
    #[serde(default)]
    from_week: u32,
    weeks: u32,
    weekdays: Vec<String>,
    times: Vec<String>,
}

impl PerformanceEntry {
    /// All starts as they are written, and what they mean.
    ///
    /// # Errors
    /// The pointer to what is wrong within the entry, and what that is.
    pub(super) fn starts(&self) -> Result<Vec<(String, Start)>, (String, String)> {
        let mut written: Vec<(String, String)> = Vec::new();
        for (nth, text) in self.starts.iter().enumerate() {
            written.push((format!("/starts/{nth}"), text.clone()));
        }
        if let Some(daily) = &self.daily {
            bounded("/daily/days", daily.days as usize * daily.times.len())?;
            for day in 0..daily.days {
                for (nth, time) in daily.times.iter().enumerate() {
                    clock(time).map_err(|words| (format!("/daily/times/{nth}"), words))?;
                    let text = format!("+{}d {time}", daily.from_day.saturating_add(day));
                    written.push(("/daily/days".to_owned(), text));
                }
            }
        }
        if let Some(weekly) = &self.weekly {
            let count = weekly.weeks as usize * weekly.weekdays.len().saturating_mul(weekly.times.len());
            bounded("/weekly/weeks", count)?;
            for week in 0..weekly.weeks {
                for (nth, day) in weekly.weekdays.iter().enumerate() {
                    weekday(day).map_err(|words| (format!("/weekly/weekdays/{nth}"), words))?;
                    for (nth, time) in weekly.times.iter().enumerate() {
                        clock(time).map_err(|words| (format!("/weekly/times/{nth}"), words))?;
                        let text = format!("+{}w {day} {time}", weekly.from_week.saturating_add(week));
                        written.push(("/weekly/weeks".to_owned(), text));
                    }
                }
            }
        }
        bounded("/starts", written.len())?;
        if written.is_empty() {
            return Err((String::new(), "must have \"starts\", \"daily\" or \"weekly\"".to_owned()));
        }
        written
            .into_iter()
            .map(|(pointer, text)| match text.parse() {
                Ok(start) => Ok((text, start)),
                Err(words) => Err((pointer, words)),
            })
            .collect()
    }
}

fn bounded(pointer: &str, count: usize) -> Result<(), (String, String)> {
    if count <= STARTS_MAX {
        return Ok(());
    }
    Err((pointer.to_owned(), format!("must be at most {STARTS_MAX} performances; write several entries")))
}
