//! Parts of instants, as they are written: `2024-05-06T07:08:09Z` and its like, or seconds since 1970.
//!
//! The specification asks for no conversion of time zones, and there is none: the hour is the hour that stands there.

use super::modifier::TimePart;
use crate::value::Value;

/// A day and a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Instant {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
}

/// The part of the instant that `value` is.
pub(crate) fn part(value: Value<'_>, part: TimePart) -> Option<f64> {
    let instant = match value {
        Value::Text(text) => written(text).or_else(|| text.parse().ok().and_then(counted))?,
        Value::Integer(number) => counted(number)?,
        _ => return None,
    };
    let number = match part {
        TimePart::Minute => instant.minute,
        TimePart::Hour => instant.hour,
        TimePart::Day => instant.day,
        TimePart::Week => week(instant),
        TimePart::Month => instant.month,
        TimePart::Year => instant.year,
    };
    i32::try_from(number).ok().map(f64::from)
}

/// `YYYY-MM-DD`, then nothing, or `T` or a space and `HH:MM`. Slashes serve for dashes.
fn written(text: &str) -> Option<Instant> {
    let bytes = text.trim().as_bytes();
    let number = |from: usize, to: usize| {
        bytes.get(from..to)?.iter().try_fold(0, |sum: i64, byte| {
            byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte - b'0'))
        })
    };
    let is = |at: usize, wanted: &[u8]| bytes.get(at).is_some_and(|byte| wanted.contains(byte));
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    if !is(4, b"-/") || !is(7, b"-/") || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let (hour, minute) = if bytes.len() == 10 {
        (0, 0)
    } else {
        let (hour, minute) = (number(11, 13)?, number(14, 16)?);
        if !is(10, b"T t") || !is(13, b":") || hour > 23 || minute > 59 {
            return None;
        }
        (hour, minute)
    };
    Some(Instant {
        year,
        month,
        day,
        hour,
        minute,
    })
}

/// Seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by their size.
fn counted(number: i64) -> Option<Instant> {
    let seconds = match number {
        ..0 => return None,
        0..100_000_000_000 => number,
        100_000_000_000..100_000_000_000_000 => number / 1_000,
        100_000_000_000_000..100_000_000_000_000_000 => number / 1_000_000,
        _ => number / 1_000_000_000,
    };
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = civil(days);
    Some(Instant {
        year,
        month,
        day,
        hour: second / 3_600,
        minute: second / 60 % 60,
    })
}

/// Year, month and day of a number of days since 1970.
fn civil(days: i64) -> (i64, i64, i64) {
    // Years begin in March here, so that the day that comes every four years is the last.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

/// Days since 1970.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The week of ISO 8601: that of its Thursday, counted from the week with the year's first Thursday.
fn week(instant: Instant) -> i64 {
    let today = days(instant.year, instant.month, instant.day);
    // 1 January 1970 was a Thursday.
    let thursday = today - (today + 3).rem_euclid(7) + 3;
    let (year, _, _) = civil(thursday);
    (thursday - days(year, 1, 1)) / 7 + 1
}
