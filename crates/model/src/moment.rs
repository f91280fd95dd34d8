//! A second in UTC, and the ways in which the world writes one.

use crate::{Date, Invalid};
use serde::{Serialize, Serializer};
use std::fmt;

/// Seconds since 1970-01-01T00:00:00Z, from the year 1 to the year 9999. Leap seconds do not exist (POSIX).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(i64);

/// Seconds of a day.
const DAY: i64 = 86_400;
/// 0001-01-01T00:00:00Z
const FIRST: i64 = -62_135_596_800;
/// 9999-12-31T23:59:59Z
const LAST: i64 = 253_402_300_799;

impl Moment {
    /// Outside the years 1 to 9999, the nearest moment inside.
    pub const fn from_unix(seconds: i64) -> Self {
        Self(if seconds < FIRST {
            FIRST
        } else if seconds > LAST {
            LAST
        } else {
            seconds
        })
    }

    /// Seconds since 1970.
    pub const fn unix(self) -> i64 {
        self.0
    }

    /// The day.
    pub fn date(self) -> Date {
        let (year, month, day) = civil(self.0.div_euclid(DAY));
        Date::new(year, month, day).unwrap_or(Date::FIRST)
    }

    /// Seconds from `earlier` to here; 0 if it is later.
    pub fn since(self, earlier: Self) -> u64 {
        u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or_default()
    }

    /// So many seconds later.
    #[must_use]
    pub fn after(self, seconds: u64) -> Self {
        Self::from_unix(self.0.saturating_add(i64::try_from(seconds).unwrap_or(i64::MAX)))
    }

    /// So many seconds earlier.
    #[must_use]
    pub fn before(self, seconds: u64) -> Self {
        Self::from_unix(self.0.saturating_sub(i64::try_from(seconds).unwrap_or(i64::MAX)))
    }

    /// Reads RFC 3339 with any offset, a day, and what feeds write instead: a space for the `T`, no offset (UTC is
    /// meant), `UTC` or `GMT` behind it, fractions of a second, and seconds since 1970.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        const WRONG: Invalid = Invalid("not a time like 2027-01-31T12:00:00Z");
        let text = text.trim();
        if (9..=11).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return text.parse().map(Self::from_unix).map_err(|_| WRONG);
        }
        let day = Date::parse(text)?;
        let start = days(day).saturating_mul(DAY);
        let Some(rest) = text.get(11..).filter(|rest| !rest.is_empty()) else {
            return if text.len() == 10 { Ok(Self(start)) } else { Err(WRONG) };
        };
        let (clock, rest) = match rest.split_at_checked(8) {
            Some((clock, rest)) if clock.as_bytes().get(5) == Some(&b':') => (clock, rest),
            _ => rest.split_at_checked(5).ok_or(WRONG)?,
        };
        let mut seconds = 0;
        for (part, most) in clock.split(':').zip([23, 59, 60]) {
            let number = Some(part).filter(|part| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit()));
            let number: i64 = number.and_then(|part| part.parse().ok()).ok_or(WRONG)?;
            if number > most {
                return Err(WRONG);
            }
            seconds = seconds * 60 + number;
        }
        if clock.len() == 5 {
            seconds *= 60;
        }
        if clock.as_bytes().get(2) != Some(&b':') {
            return Err(WRONG);
        }
        let rest = match rest.strip_prefix(['.', ',']) {
            Some(fraction) => fraction.trim_start_matches(|c: char| c.is_ascii_digit()),
            None => rest,
        };
        Ok(Self::from_unix(start + seconds - offset(rest.trim()).ok_or(WRONG)?))
    }
}

/// Seconds east of Greenwich.
fn offset(text: &str) -> Option<i64> {
    if matches!(text, "" | "Z" | "z" | "UTC" | "GMT") {
        return Some(0);
    }
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let (hours, minutes) = match digits.len() {
        5 if digits.as_bytes().get(2) == Some(&b':') => (digits.get(..2)?, digits.get(3..)?),
        4 => digits.split_at_checked(2)?,
        2 => (digits, "00"),
        _ => return None,
    };
    let number = |text: &str| -> Option<i64> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().ok()).flatten()
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

/// Days since 1970 to the calendar. Years are shifted to begin in March, so that leap days come last (Hinnant,
/// "chrono-compatible low-level date algorithms").
fn civil(days: i64) -> (u16, u8, u8) {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (
        u16::try_from(year).unwrap_or_default(),
        u8::try_from(month).unwrap_or_default(),
        u8::try_from(day).unwrap_or_default(),
    )
}

/// The calendar to days since 1970.
fn days(date: Date) -> i64 {
    let (year, month, day) = date.parts();
    let (year, month, day) = (i64::from(year), i64::from(month), i64::from(day));
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil(self.0.div_euclid(DAY));
        let second = self.0.rem_euclid(DAY);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        f.pad(&format!(
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"
        ))
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// An age in words, `2 days old`: the largest unit that fits, as people say it.
pub fn age(seconds: u64) -> String {
    let (count, unit) = match seconds {
        0..60 => return "just now".to_owned(),
        60..3_600 => (seconds / 60, "minute"),
        3_600..172_800 => (seconds / 3_600, "hour"),
        172_800..63_072_000 => (seconds / 86_400, "day"),
        _ => (seconds / 31_536_000, "year"),
    };
    format!("{count} {unit}{} old", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_read_as_the_calendar_has_them() {
        for (seconds, instant) in [
            (0, "1970-01-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_798_761_599, "2026-12-31T23:59:59Z"),
            (FIRST, "0001-01-01T00:00:00Z"),
            (LAST, "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(Moment::from_unix(seconds).to_string(), instant);
            assert_eq!(Moment::parse(instant), Ok(Moment(seconds)), "{instant}");
        }
        assert_eq!(Moment::from_unix(i64::MAX), Moment(LAST));
        assert_eq!(Moment(DAY + 5).date().to_string(), "1970-01-02");
    }

    #[test]
    fn times_of_feeds_are_read() {
        let noon = Moment::parse("2026-11-21T12:00:00Z").unwrap();
        for text in [
            "2026-11-21 12:00:00",
            "2026-11-21 12:00:00 UTC",
            " 2026-11-21T12:00:00.123456Z ",
            "2026-11-21T14:00:00+02:00",
            "2026-11-21T07:30:00-0430",
            "2026-11-21 12:00",
            "1795262400",
        ] {
            assert_eq!(Moment::parse(text), Ok(noon), "{text}");
        }
        assert_eq!(Moment::parse("2026-11-21").unwrap(), noon.before(12 * 3600));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "yesterday",
            "2026-02-30",
            "2026-11-21T25:00:00Z",
            "2026-11-21T12:60:00Z",
            "2026-11-21T12:00:00+99:00",
            "2026-11-21T12-00-00",
            "2026-11-21Tnoon",
            "2026-11-21T12:00:00 CEST",
            "2026-11-21é12:00:00",
        ] {
            assert!(Moment::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn distances_do_not_go_below_nothing() {
        let (one, two) = (Moment(100), Moment(160));
        assert_eq!((two.since(one), one.since(two)), (60, 0));
        assert_eq!((one.after(60), two.before(60)), (two, one));
    }

    #[test]
    fn ages_are_told_in_the_unit_that_fits() {
        for (seconds, words) in [
            (0, "just now"),
            (60, "1 minute old"),
            (3_600, "1 hour old"),
            (172_799, "47 hours old"),
            (172_800, "2 days old"),
            (63_072_000, "2 years old"),
        ] {
            assert_eq!(age(seconds), words);
        }
    }
}
