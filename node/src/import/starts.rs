//! When performances start, as documents write it: by date, or relative to the day of the import.

use std::str::FromStr;

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};

use crate::catalog::checks;

/// The most days or weeks after the import.
const DAYS_MAX: u32 = 3_660;

/// When something starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Start {
    /// As [`checks::instant`] reads it.
    Fixed(String),
    /// So many days after the import.
    Days(u32, Time),
    /// On the first such weekday after the import, and so many weeks later.
    Weeks(u32, Weekday, Time),
}

impl Start {
    /// Whether it depends on the day of the import.
    pub(super) const fn is_relative(&self) -> bool {
        !matches!(self, Self::Fixed(_))
    }

    /// The instant, if the import is on `today` by the venue's calendar.
    ///
    /// # Errors
    /// In words, when there is no such time or it comes twice. A relative start is moved out of the gap of a clock
    /// change, since nobody chose the day.
    pub(super) fn instant(&self, today: Date, zone: &TimeZone) -> Result<u64, String> {
        let (span, time) = match self {
            Self::Fixed(text) => return checks::instant(text, zone),
            Self::Days(days, time) => (i64::from(*days).days(), *time),
            Self::Weeks(weeks, weekday, time) => {
                let ahead = i64::from(today.weekday().until(*weekday));
                // The first such day after today: a week from now if it is one.
                let ahead = if ahead == 0 { 7 } else { ahead };
                (Span::new().days(ahead + 7 * i64::from(*weeks)), *time)
            }
        };
        let date = today.checked_add(span).map_err(|error| error.to_string())?;
        let at = zone.to_timestamp(date.to_datetime(time)).map_err(|error| error.to_string())?;
        u64::try_from(at.as_millisecond()).map_err(|_negative| "must not be before 1970".to_owned())
    }
}

impl FromStr for Start {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some(relative) = text.strip_prefix('+') else {
            // What is neither a time nor an instant in any zone is wrong in all of them.
            return match text.parse::<DateTime>() {
                Ok(_local) => Ok(Self::Fixed(text.to_owned())),
                Err(_) => checks::instant(text, &TimeZone::UTC).map(|_instant| Self::Fixed(text.to_owned())),
            };
        };
        let words: Vec<&str> = relative.split_whitespace().collect();
        let wrong = || {
            "must be a time such as 2026-12-01T19:30, or +12d 19:30, or +1w sat 19:30, by the clock of the venue"
                .to_owned()
        };
        let count = |text: &str, unit| {
            let count: u32 = text.strip_suffix(unit)?.parse().ok()?;
            (count <= DAYS_MAX).then_some(count)
        };
        match words.as_slice() {
            [days, time] => Ok(Self::Days(count(days, 'd').ok_or_else(wrong)?, clock(time)?)),
            [weeks, day, time] => {
                let weeks = count(weeks, 'w').ok_or_else(wrong)?;
                Ok(Self::Weeks(weeks, weekday(day)?, clock(time)?))
            }
            _ => Err(wrong()),
        }
    }
}

/// A time of day, as `19:30`.
pub(super) fn clock(text: &str) -> Result<Time, String> {
    let digits = text.len() == 5 && text.as_bytes()[2] == b':';
    let time = digits.then(|| text.parse::<Time>().ok()).flatten();
    time.ok_or_else(|| format!("{text} is no time of day such as 19:30"))
}

/// A day of the week by its first three letters.
pub(super) fn weekday(text: &str) -> Result<Weekday, String> {
    Ok(match text {
        "mon" => Weekday::Monday,
        "tue" => Weekday::Tuesday,
        "wed" => Weekday::Wednesday,
        "thu" => Weekday::Thursday,
        "fri" => Weekday::Friday,
        "sat" => Weekday::Saturday,
        "sun" => Weekday::Sunday,
        _ => return Err(format!("{text} is no day: write mon, tue, wed, thu, fri, sat or sun")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The local time of a start, for an import on Tuesday, 24 November 2026, in New York.
    fn local(text: &str) -> String {
        let zone = TimeZone::get("America/New_York").unwrap();
        let start: Start = text.parse().unwrap();
        let millis = start.instant(jiff::civil::date(2026, 11, 24), &zone).unwrap();
        let at = jiff::Timestamp::from_millisecond(i64::try_from(millis).unwrap()).unwrap();
        zone.to_datetime(at).strftime("%a %Y-%m-%d %H:%M").to_string()
    }

    #[test]
    fn starts_are_relative_to_the_day_of_the_import() {
        assert_eq!(local("+0d 09:05"), "Tue 2026-11-24 09:05");
        assert_eq!(local("+12d 19:30"), "Sun 2026-12-06 19:30");
        assert_eq!(local("+0w sat 20:00"), "Sat 2026-11-28 20:00");
        assert_eq!(local("+0w tue 20:00"), "Tue 2026-12-01 20:00");
        assert_eq!(local("+2w mon 20:00"), "Mon 2026-12-14 20:00");
        assert_eq!(local("2026-12-01T19:30"), "Tue 2026-12-01 19:30");
        assert_eq!(local("2026-12-02T00:30:00Z"), "Tue 2026-12-01 19:30");
        // The clocks go forward on 14 March 2027, 110 days later.
        assert_eq!(local("+110d 02:30"), "Sun 2027-03-14 03:30");
    }

    #[test]
    fn what_is_no_start_is_told() {
        for text in [
            "",
            "tomorrow",
            "+12d",
            "+12 19:30",
            "+1w 19:30",
            "+9999d 19:30",
            "+1d 19:30 sharp",
            "+-1d 10:00",
        ] {
            assert!(text.parse::<Start>().unwrap_err().contains("must be a time such as"), "{text}");
        }
        assert!("+1d 25:00".parse::<Start>().unwrap_err().contains("no time of day"));
        assert!("+1d 7:30".parse::<Start>().unwrap_err().contains("no time of day"));
        assert!("+1w someday 19:30".parse::<Start>().unwrap_err().contains("no day"));
    }
}
