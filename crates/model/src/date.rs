//! A day of the calendar.

use crate::Invalid;
use serde::{Serialize, Serializer};
use std::fmt;

/// A calendar day in UTC, `2027-01-31`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// The first day of the year 1.
    pub const FIRST: Self = Self {
        year: 1,
        month: 1,
        day: 1,
    };

    /// A day of the Gregorian calendar.
    pub fn new(year: u16, month: u8, day: u8) -> Result<Self, Invalid> {
        let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => return Err(Invalid("no such month")),
        };
        if year > 9999 || !(1..=days).contains(&day) {
            return Err(Invalid("no such day"));
        }
        Ok(Self { year, month, day })
    }

    /// Year, month and day.
    pub const fn parts(self) -> (u16, u8, u8) {
        (self.year, self.month, self.day)
    }

    /// Reads `2027-01-31`, or the day at the start of an RFC 3339 instant.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let (day, rest) = text.split_at_checked(10).ok_or(Invalid("not a date like 2027-01-31"))?;
        let mut parts = day.split('-');
        let mut number = |digits: usize| {
            parts
                .next()
                .filter(|part| part.len() == digits && part.bytes().all(|b| b.is_ascii_digit()))
                .and_then(|part| part.parse::<u16>().ok())
        };
        let (Some(year), Some(month), Some(day)) = (number(4), number(2), number(2)) else {
            return Err(Invalid("not a date like 2027-01-31"));
        };
        if !(rest.is_empty() || rest.starts_with(['T', 't', ' '])) {
            return Err(Invalid("not a date like 2027-01-31"));
        }
        let small = |number: u16| u8::try_from(number).map_err(|_| Invalid("no such day"));
        Self::new(year, small(month)?, small(day)?)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:04}-{:02}-{:02}", self.year, self.month, self.day))
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_days_of_the_calendar() {
        assert!(Date::parse("2028-02-29").is_ok());
        for text in [
            "2027-02-29",
            "2027-13-01",
            "2027-1-01",
            "2027-01-31x",
            "+027-01-31",
            "é027-01-3",
        ] {
            assert!(Date::parse(text).is_err(), "{text}");
        }
    }
}
