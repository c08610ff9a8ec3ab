//! Days in a text: "tonight", "this weekend", "next friday", "dec 24", "2026-12-24".

use jiff::civil::{Date, Time, Weekday, time};
use jiff::{ToSpan as _, ZonedDateTime};

use super::{Meaning, Span, Typed};

/// When an evening begins, and when the night after it ends.
const EVENING: Time = time(17, 0, 0, 0);
const NIGHT_END: Time = time(4, 0, 0, 0);
const MORNING: Time = time(6, 0, 0, 0);
const NOON: Time = time(12, 0, 0, 0);
const AFTERNOON_END: Time = time(18, 0, 0, 0);

/// What the chunks from `at` on say about days, and how many of them do.
pub(super) fn read(typed: &Typed<'_>, at: usize, now: &ZonedDateTime) -> Option<(usize, Meaning)> {
    // "on friday", "in december", but "on" alone is a word.
    let lead = usize::from(matches!(typed.word(at), "on" | "in" | "for"));
    let calendar = Calendar { now, today: now.date() };
    let (length, span) = calendar
        .relative(typed, at + lead)
        .or_else(|| calendar.weekday(typed, at + lead, lead == 1))
        .or_else(|| calendar.month(typed, at + lead, lead == 1))
        .or_else(|| calendar.numeric(typed, at + lead))?;
    // What was earlier today is over.
    let from = if span.to > now.timestamp() { span.from.max(now.timestamp()) } else { span.from };
    Some((lead + length, Meaning::Days(Span { from, to: span.to })))
}

struct Calendar<'a> {
    now: &'a ZonedDateTime,
    today: Date,
}

/// A part of a day.
#[derive(Clone, Copy)]
enum Part {
    Whole,
    Morning,
    Afternoon,
    Night,
}

impl Calendar<'_> {
    fn relative(&self, typed: &Typed<'_>, at: usize) -> Option<(usize, Span)> {
        let monday =
            self.today.checked_sub(i64::from(self.today.weekday().to_monday_zero_offset()).days()).ok()?;
        let next_monday = monday.checked_add(7.days()).ok()?;
        let (length, span) = match (typed.word(at), typed.word(at + 1)) {
            ("tonight", _) => (1, self.part(self.evening_of()?, Part::Night)),
            ("today", _) => (1, self.part(self.today, Part::Whole)),
            ("tomorrow", part) => {
                let (more, part) = part_of_day(part);
                (1 + more, self.part(self.today.tomorrow().ok()?, part))
            }
            ("this", "evening") => (2, self.part(self.today, Part::Night)),
            ("this", "afternoon") => (2, self.part(self.today, Part::Afternoon)),
            ("this" | "the", "weekend") => (2, self.weekend(monday)),
            ("weekend", _) => (1, self.weekend(monday)),
            ("next", "weekend") => (2, self.weekend(next_monday)),
            ("this", "week") => (2, self.days(self.today, next_monday)),
            ("next", "week") => (2, self.days(next_monday, next_monday.checked_add(7.days()).ok()?)),
            ("this", "month") => (2, self.days(self.today, month_after(self.today)?)),
            ("next", "month") => {
                let first = month_after(self.today)?;
                (2, self.days(first, month_after(first)?))
            }
            (_, _) => return None,
        };
        span.map(|span| (length, span))
    }

    fn weekday(&self, typed: &Typed<'_>, at: usize, is_led: bool) -> Option<(usize, Span)> {
        let (lead, in_next_week) = match typed.word(at) {
            "next" => (1, true),
            "this" => (1, false),
            _ => (0, false),
        };
        let weekday = weekday(typed.word(at + lead), is_led || lead == 1)?;
        let day = if in_next_week {
            let offset = i64::from(self.today.weekday().to_monday_zero_offset());
            let next_monday = self.today.checked_add((7 - offset).days()).ok()?;
            next_monday.checked_add(i64::from(weekday.to_monday_zero_offset()).days()).ok()?
        } else {
            self.today.checked_add(i64::from(self.today.weekday().until(weekday)).days()).ok()?
        };
        let (more, part) = part_of_day(typed.word(at + lead + 1));
        Some((lead + 1 + more, self.part(day, part)?))
    }

    /// "december", "dec 24", "december 24th, 2026", "24th of december", "december 2026".
    fn month(&self, typed: &Typed<'_>, at: usize, is_led: bool) -> Option<(usize, Span)> {
        if let Some(day) = ordinal(typed.word(at)) {
            let of = usize::from(typed.word(at + 1) == "of");
            let month = month(typed.word(at + 1 + of))?;
            let (more, year) = self.year(typed.word(at + 2 + of));
            let date = self.date(year, month, day)?;
            return Some((2 + of + more, self.part(date, Part::Whole)?));
        }
        let word = typed.word(at);
        let month = month(word)?;
        if let Some(day) = ordinal(typed.word(at + 1)) {
            let (more, year) = self.year(typed.word(at + 2));
            if let Some(date) = self.date(year, month, day) {
                return Some((2 + more, self.part(date, Part::Whole)?));
            }
        }
        let (more, year) = self.year(typed.word(at + 1));
        // "may" and "march" are words of their own, and so are abbreviations.
        let is_word = matches!(word, "may" | "march" | "august" | "mar" | "jan" | "jun" | "dec" | "sept");
        if is_word && !is_led && more == 0 {
            return None;
        }
        let year = year.unwrap_or_else(|| match month.cmp(&self.today.month()) {
            // The month that has just passed is more likely meant than the one in eleven months.
            std::cmp::Ordering::Less if self.today.month() - month > 1 => self.today.year() + 1,
            std::cmp::Ordering::Less | std::cmp::Ordering::Equal | std::cmp::Ordering::Greater => {
                self.today.year()
            }
        });
        let first = Date::new(year, month, 1).ok()?;
        Some((1 + more, self.days(first, month_after(first)?)?))
    }

    /// `2026-12-24`, `12/24/2026`, `12/24`.
    fn numeric(&self, typed: &Typed<'_>, at: usize) -> Option<(usize, Span)> {
        let raw = typed.raw(at).trim_matches([',', '.', '(', ')']);
        let date = if raw.contains('-') {
            let parts: Vec<&str> = raw.split('-').collect();
            let [year, month, day] = parts[..] else { return None };
            let is_iso = year.len() == 4 && month.len() == 2 && day.len() == 2;
            Date::new(digits(year).filter(|_| is_iso)?, small(month)?, small(day)?).ok()?
        } else {
            let parts: Vec<&str> = raw.split('/').collect();
            match parts[..] {
                [month, day] => self.date(None, small(month)?, small(day)?)?,
                [month, day, year] if year.len() == 4 => {
                    Date::new(digits(year)?, small(month)?, small(day)?).ok()?
                }
                [..] => return None,
            }
        };
        Some((1, self.part(date, Part::Whole)?))
    }

    /// A year near this one, if the word is one, and how many chunks it takes.
    fn year(&self, word: &str) -> (usize, Option<i16>) {
        let year = digits(word).filter(|year| word.len() == 4 && (year - self.today.year()).abs() <= 10);
        (usize::from(year.is_some()), year)
    }

    /// The day in that year, or else the next such day.
    fn date(&self, year: Option<i16>, month: i8, day: i8) -> Option<Date> {
        if let Some(year) = year {
            return Date::new(year, month, day).ok();
        }
        let years = self.today.year()..=self.today.year() + 1;
        years.filter_map(|year| Date::new(year, month, day).ok()).find(|date| *date >= self.today)
    }

    /// The day whose evening it is or will be: until four in the morning it is still yesterday's.
    fn evening_of(&self) -> Option<Date> {
        if self.now.time() < NIGHT_END { self.today.yesterday().ok() } else { Some(self.today) }
    }

    /// Friday evening until Monday.
    fn weekend(&self, monday: Date) -> Option<Span> {
        let friday = monday.checked_add(4.days()).ok()?;
        self.span((friday, EVENING), (monday.checked_add(7.days()).ok()?, Time::midnight()))
    }

    fn days(&self, first: Date, end: Date) -> Option<Span> {
        self.span((first, Time::midnight()), (end, Time::midnight()))
    }

    fn part(&self, day: Date, part: Part) -> Option<Span> {
        match part {
            Part::Whole => self.days(day, day.tomorrow().ok()?),
            Part::Morning => self.span((day, MORNING), (day, NOON)),
            Part::Afternoon => self.span((day, NOON), (day, AFTERNOON_END)),
            Part::Night => self.span((day, EVENING), (day.tomorrow().ok()?, NIGHT_END)),
        }
    }

    fn span(&self, from: (Date, Time), to: (Date, Time)) -> Option<Span> {
        let instant = |(date, time): (Date, Time)| {
            date.to_datetime(time)
                .to_zoned_datetime(self.now.time_zone().clone())
                .ok()
                .map(|zoned| zoned.timestamp())
        };
        Some(Span { from: instant(from)?, to: instant(to)? })
    }
}

fn month_after(date: Date) -> Option<Date> {
    date.last_of_month().tomorrow().ok()
}

/// The part of a day that a word names, and how many chunks that takes.
fn part_of_day(word: &str) -> (usize, Part) {
    match word {
        "morning" => (1, Part::Morning),
        "afternoon" | "matinee" => (1, Part::Afternoon),
        "night" | "evening" => (1, Part::Night),
        _ => (0, Part::Whole),
    }
}

/// A weekday; short names that are words of their own only after "on", "this" or "next".
fn weekday(word: &str, is_led: bool) -> Option<Weekday> {
    Some(match word {
        "monday" | "mondays" => Weekday::Monday,
        "tuesday" | "tuesdays" | "tue" | "tues" => Weekday::Tuesday,
        "wednesday" | "wednesdays" => Weekday::Wednesday,
        "thursday" | "thursdays" | "thu" | "thurs" => Weekday::Thursday,
        "friday" | "fridays" | "fri" => Weekday::Friday,
        "saturday" | "saturdays" => Weekday::Saturday,
        "sunday" | "sundays" => Weekday::Sunday,
        "mon" if is_led => Weekday::Monday,
        "wed" if is_led => Weekday::Wednesday,
        "sat" if is_led => Weekday::Saturday,
        "sun" if is_led => Weekday::Sunday,
        _ => return None,
    })
}

fn month(word: &str) -> Option<i8> {
    const MONTHS: [(&str, &str); 12] = [
        ("january", "jan"),
        ("february", "feb"),
        ("march", "mar"),
        ("april", "apr"),
        ("may", "may"),
        ("june", "jun"),
        ("july", "jul"),
        ("august", "aug"),
        ("september", "sep"),
        ("october", "oct"),
        ("november", "nov"),
        ("december", "dec"),
    ];
    if word == "sept" {
        return Some(9);
    }
    (1..).zip(MONTHS).find(|(_, (long, short))| word == *long || word == *short).map(|(number, _)| number)
}

/// A day of a month: `24`, `24th`.
fn ordinal(word: &str) -> Option<i8> {
    let number = ["st", "nd", "rd", "th"].iter().find_map(|end| word.strip_suffix(end)).unwrap_or(word);
    small(number).filter(|day| (1..=31).contains(day))
}

/// One or two digits.
fn small(text: &str) -> Option<i8> {
    digits(text).filter(|_| text.len() <= 2).and_then(|number| i8::try_from(number).ok())
}

fn digits(text: &str) -> Option<i16> {
    let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}
