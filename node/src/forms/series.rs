//! A series of performances as it is written down: days of the week, times of the day, from a day until a day.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::TimeZone;

use crate::catalog::checks::{self, Faults};

/// The most performances that are made at once.
pub const SERIES_MAX: usize = 5_000;
/// The longest series, in days.
const DAYS_MAX: i32 = 5 * 366;
/// The most times on one day.
const TIMES_MAX: usize = 24;
/// How many times that the clock skips are named.
const NAMED_MAX: usize = 5;

/// A series.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SeriesForm {
    /// The first day: `2026-12-01`.
    pub from: String,
    /// The last day.
    pub until: String,
    /// On these days of the week, `mon` to `sun`.
    pub weekdays: Vec<String>,
    /// At these times by the clock of the venue, with commas or blanks between them: `15:00, 19:30`.
    pub times: String,
    /// But not on these days, with commas or blanks between them.
    pub except: String,
}

/// A start of the series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Start {
    /// Milliseconds since 1970.
    pub at_ms: u64,
    /// By the clock of the venue.
    pub local: DateTime,
}

/// The days of the week with their words, as a week begins.
pub const WEEKDAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

impl SeriesForm {
    /// Every start in order, if nothing is wrong with the series. A time that the clock of the venue skips on one of the
    /// days, or shows twice, is refused: the day must be left out.
    pub fn starts(&self, zone: &TimeZone, now_ms: u64, faults: &mut Faults) -> Option<Vec<Start>> {
        let days = self.days(faults);
        let times = self.times(faults);
        let (days, times) = (days?, times?);
        if days.is_empty() {
            faults.add("/weekdays", "none of these days lies between the first and the last day");
            return None;
        }
        if days.len() * times.len() > SERIES_MAX {
            let count = days.len() * times.len();
            faults.add("/until", format!("{count} performances are too many at once: at most {SERIES_MAX}"));
            return None;
        }
        let mut starts = Vec::with_capacity(days.len() * times.len());
        let mut skipped = 0;
        for local in days.iter().flat_map(|day| times.iter().map(|time| day.to_datetime(*time))) {
            match checks::instant(&local.to_string(), zone) {
                Ok(at_ms) => starts.push(Start { at_ms, local }),
                Err(_wrong) if skipped == NAMED_MAX => {}
                Err(wrong) => {
                    skipped += 1;
                    faults.add("/times", format!("{wrong}, or leave that day out"));
                }
            }
        }
        if starts.first().is_some_and(|first| first.at_ms <= now_ms) {
            faults.add("/from", "the first performance would begin in the past");
        }
        Some(starts)
    }

    fn days(&self, faults: &mut Faults) -> Option<Vec<Date>> {
        let (from, until) = (day("/from", &self.from, faults), day("/until", &self.until, faults));
        let weekdays: BTreeSet<i8> = self.weekdays.iter().filter_map(|word| weekday(word)).collect();
        if weekdays.is_empty() {
            faults.add("/weekdays", "choose at least one day of the week");
        }
        let mut except = BTreeSet::new();
        for word in words(&self.except) {
            match word.parse::<Date>() {
                Ok(day) => _ = except.insert(day),
                Err(_no_day) => {
                    faults.add("/except", format!("{word} is not a day: write days such as 2026-12-24"));
                }
            }
        }
        let (from, until) = (from?, until?);
        if until < from {
            faults.add("/until", "must not be before the first day");
            return None;
        }
        if from.until(until).map_or(DAYS_MAX, |span| span.get_days()) >= DAYS_MAX {
            faults.add("/until", "must be within five years of the first day");
            return None;
        }
        let days = from.series(jiff::Span::new().days(1)).take_while(|day| *day <= until);
        let days = days.filter(|day| weekdays.contains(&day.weekday().to_monday_zero_offset()));
        Some(days.filter(|day| !except.contains(day)).collect())
    }

    fn times(&self, faults: &mut Faults) -> Option<Vec<Time>> {
        let mut times = BTreeSet::new();
        let mut is_fit = true;
        for word in words(&self.times) {
            match word.parse::<Time>() {
                Ok(time) if word.contains(':') => _ = times.insert(time),
                Ok(_) | Err(_) => {
                    is_fit = false;
                    faults.add("/times", format!("{word} is not a time: write times such as 19:30"));
                }
            }
        }
        if is_fit && times.is_empty() {
            faults.add("/times", "write at least one time, such as 19:30");
        }
        if times.len() > TIMES_MAX {
            faults.add("/times", format!("must be at most {TIMES_MAX}"));
        }
        (is_fit && (1..=TIMES_MAX).contains(&times.len())).then(|| times.into_iter().collect())
    }
}

/// Refuses an instant that is over, at a field.
pub fn not_past(pointer: &str, at_ms: u64, now_ms: u64, faults: &mut Faults) {
    if at_ms <= now_ms {
        faults.add(pointer, "lies in the past");
    }
}

/// An instant by the clock of a place, as forms show it: `2026-12-05T19:30`.
#[must_use]
pub fn local_minute(at_ms: u64, zone: &TimeZone) -> String {
    let at = i64::try_from(at_ms).ok().and_then(|at| Timestamp::from_millisecond(at).ok());
    zone.to_datetime(at.unwrap_or(Timestamp::MAX)).strftime("%Y-%m-%dT%H:%M").to_string()
}

fn day(pointer: &str, text: &str, faults: &mut Faults) -> Option<Date> {
    match text.trim().parse::<Date>() {
        Ok(day) if text.trim().len() == 10 => Some(day),
        Ok(_) | Err(_) => {
            faults.add(pointer, "must be a day such as 2026-12-01");
            None
        }
    }
}

fn weekday(word: &str) -> Option<i8> {
    let found = WEEKDAYS.iter().find(|(known, _day)| *known == word);
    found.map(|(_word, day)| day.to_monday_zero_offset())
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ';', ' ', '\n', '\r', '\t']).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(from: &str, until: &str, weekdays: &[&str], times: &str, except: &str) -> SeriesForm {
        SeriesForm {
            from: from.to_owned(),
            until: until.to_owned(),
            weekdays: weekdays.iter().map(|day| (*day).to_owned()).collect(),
            times: times.to_owned(),
            except: except.to_owned(),
        }
    }

    fn check(form: &SeriesForm, now_ms: u64) -> Result<Vec<String>, Vec<String>> {
        let mut faults = Faults::default();
        let york = TimeZone::get("America/New_York").unwrap();
        let starts = form.starts(&york, now_ms, &mut faults);
        match faults.finish() {
            Ok(()) => Ok(starts.unwrap().iter().map(|start| start.local.to_string()).collect()),
            Err(faults) => {
                Err(faults.into_iter().map(|fault| format!("{} {}", fault.pointer, fault.detail)).collect())
            }
        }
    }

    #[test]
    fn days_of_the_week_and_times_make_a_series_without_what_is_left_out() {
        let form = series("2026-12-04", "2026-12-13", &["sat", "sun"], "19:30 15:00, 19:30", "2026-12-06");
        assert_eq!(
            check(&form, 0).unwrap(),
            [
                "2026-12-05T15:00:00",
                "2026-12-05T19:30:00",
                "2026-12-12T15:00:00",
                "2026-12-12T19:30:00",
                "2026-12-13T15:00:00",
                "2026-12-13T19:30:00",
            ]
        );
    }

    #[test]
    fn a_time_that_the_clock_skips_or_shows_twice_is_refused_until_its_day_is_left_out() {
        // The clocks of New York go forward on March 14 and back on November 7, 2027.
        let gap = series("2027-03-07", "2027-03-21", &["sun"], "02:30", "");
        let told = check(&gap, 0).unwrap_err();
        assert_eq!(told.len(), 1);
        assert!(
            told[0].starts_with("/times there is no 2027-03-14T02:30:00 in America/New_York"),
            "{told:?}"
        );
        assert!(told[0].ends_with("or leave that day out"), "{told:?}");
        let around = series("2027-03-07", "2027-03-21", &["sun"], "02:30", "2027-03-14");
        assert_eq!(check(&around, 0).unwrap().len(), 2);
        let fold = series("2027-11-07", "2027-11-07", &["sun"], "01:30", "");
        assert!(check(&fold, 0).unwrap_err()[0].contains("comes twice"));
    }

    #[test]
    fn what_is_wrong_is_told_at_its_field() {
        let told = |form: &SeriesForm| check(form, 1_900_000_000_000).unwrap_err().join("\n");
        let all = told(&series("tomorrow", "", &[], "8pm, 25:00, 19", "xmas"));
        for words in [
            "/from must be a day",
            "/until must be a day",
            "/weekdays choose at least one",
            "/times 8pm is not",
            "/times 25:00 is not",
            "/times 19 is not",
            "/except xmas is not a day",
        ] {
            assert!(all.contains(words), "{words}: {all}");
        }
        let week = &["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        let none = told(&series("2031-01-06", "2031-01-07", &["sun"], "20:00", ""));
        assert!(none.starts_with("/weekdays none of these days"), "{none}");
        let backwards = told(&series("2031-01-06", "2031-01-05", week, "20:00", ""));
        assert!(backwards.starts_with("/until must not be before"), "{backwards}");
        let hours = "00:00 01:00 02:00 03:00 04:00 05:00";
        let many = told(&series("2031-01-01", "2033-12-31", week, hours, ""));
        assert!(many.contains("6576 performances are too many at once: at most 5000"), "{many}");
        let long = told(&series("2031-01-01", "2041-01-01", week, "20:00", ""));
        assert!(long.starts_with("/until must be within five years"), "{long}");
        let past = told(&series("2026-12-01", "2026-12-01", week, "20:00", ""));
        assert!(past.starts_with("/from the first performance would begin in the past"), "{past}");
    }
}
