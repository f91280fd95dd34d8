//! When something happened, as logs write it, and how much of that was said.
//!
//! Many logs leave out the time zone, and RFC 3164 the year. Nothing is guessed in silence: a [`Time`] tells which parts
//! were stated and which were assumed from the options. A year that is missing is the latest in which the date does not lie
//! more than a day behind [`Options::as_of`](super::Options::as_of). Names of zones (`CET`) are not read but `UTC`, `GMT` and
//! `Z`: they mean different offsets in different places, and the assumed zone stands in for them.

use super::scan::{digits, number};
use watchfire_model::Timestamp;

/// An instant and how it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Time {
    /// The instant.
    pub at: Timestamp,
    /// Whether the record said its time zone.
    pub zone: Known,
    /// Whether the record said its year.
    pub year: Known,
}

/// How a part of a time is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Known {
    /// The log says it.
    Stated,
    /// It follows from the options.
    Assumed,
}

/// A time of the calendar, with what may be missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Civil {
    pub(crate) year: Option<i32>,
    pub(crate) month: u8,
    pub(crate) day: u8,
    pub(crate) hour: u8,
    pub(crate) minute: u8,
    pub(crate) second: u8,
    pub(crate) nanos: u32,
    /// Seconds east of Greenwich.
    pub(crate) offset: Option<i32>,
}

const DAY: i64 = 86_400;

/// Days since 1970 of a day of the Gregorian calendar (Hinnant, "chrono-compatible low-level date algorithms").
pub(crate) fn days(year: i32, month: u8, day: u8) -> i64 {
    let (year, month, day) = (i64::from(year), i64::from(month), i64::from(day));
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn is_leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn is_day(year: i32, month: u8, day: u8) -> bool {
    let last = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        _ => return false,
    };
    (1..=last).contains(&day)
}

/// What the options say about times.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Assumptions {
    /// Seconds east of Greenwich.
    pub(crate) zone: i32,
    /// The year of `as_of`.
    pub(crate) year: i32,
    /// A day behind `as_of`: no time without a year is later.
    latest: i64,
    /// The day that was asked for last.
    recent: Day,
}

/// A day and the second at which it begins, in its own zone.
#[derive(Clone, Copy, Debug, Default)]
struct Day {
    year: Option<i32>,
    month: u8,
    day: u8,
    start: i64,
}

impl Assumptions {
    pub(crate) fn new(as_of: Timestamp, zone: i32) -> Self {
        let (year, _, _) = as_of.moment().date().parts();
        Self {
            zone,
            year: i32::from(year),
            // Clocks of two machines differ, and so do zones: a day ahead is no other year.
            latest: as_of.moment().unix().saturating_add(DAY),
            recent: Day::default(),
        }
    }

    /// The second at which the day of `civil` begins. A day without a year is the latest that is not too late.
    #[inline]
    fn start(&mut self, civil: &Civil) -> Option<i64> {
        let recent = &self.recent;
        if recent.day == civil.day && recent.month == civil.month && recent.year == civil.year && recent.day > 0 {
            return Some(recent.start);
        }
        self.look_up(civil)
    }

    fn look_up(&mut self, civil: &Civil) -> Option<i64> {
        let at = |year: i32| is_day(year, civil.month, civil.day).then(|| days(year, civil.month, civil.day) * DAY);
        let start = match civil.year {
            Some(year) => at(year)?,
            // Leap days are eight years apart at most.
            None => {
                let year = self.year;
                let start = |year: &i32| at(*year).is_some_and(|start| start - i64::from(self.zone) <= self.latest);
                at((year - 8..=year + 1).rev().find(start)?)?
            }
        };
        self.recent = Day {
            year: civil.year,
            month: civil.month,
            day: civil.day,
            start,
        };
        Some(start)
    }
}

impl Civil {
    /// The instant; nothing for days and hours that do not exist. A leap second is the last of its minute.
    #[inline]
    pub(crate) fn resolve(&self, assumed: &mut Assumptions) -> Option<Time> {
        if self.hour > 23 || self.minute > 59 || self.second > 60 {
            return None;
        }
        let clock = i64::from(self.hour) * 3600 + i64::from(self.minute) * 60 + i64::from(self.second.min(59));
        let offset = i64::from(self.offset.unwrap_or(assumed.zone));
        let start = assumed.start(self)?;
        let known = |is: bool| if is { Known::Stated } else { Known::Assumed };
        Some(Time {
            at: Timestamp::new(start + clock - offset, self.nanos),
            zone: known(self.offset.is_some()),
            year: known(self.year.is_some()),
        })
    }
}

/// An instant that counts from 1970 in UTC.
pub(crate) fn instant(seconds: i64, nanos: u32) -> Time {
    Time {
        at: Timestamp::new(seconds, nanos),
        zone: Known::Stated,
        year: Known::Stated,
    }
}

/// A time and how many bytes it takes.
pub(crate) type Read = Option<(Civil, usize)>;

fn two(text: &[u8], at: usize) -> Option<u8> {
    let [tens, ones] = *text.get(at..)?.first_chunk::<2>()?;
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens < 10 && ones < 10).then(|| tens * 10 + ones)
}

fn four(text: &[u8], at: usize) -> Option<i32> {
    Some(i32::from(two(text, at)?) * 100 + i32::from(two(text, at.checked_add(2)?)?))
}

fn byte(text: &[u8], at: usize) -> u8 {
    text.get(at).copied().unwrap_or_default()
}

/// `HH:MM:SS` at `at`, into `civil`. The mark between is `:` or, as BlueGene has it, `.`.
fn clock(text: &[u8], at: usize, civil: &mut Civil) -> Option<usize> {
    civil.hour = two(text, at)?;
    civil.minute = two(text, at.checked_add(3)?)?;
    civil.second = two(text, at.checked_add(6)?)?;
    let mark = byte(text, at.checked_add(2)?);
    (matches!(mark, b':' | b'.') && byte(text, at.checked_add(5)?) == mark).then_some(at.checked_add(8)?)
}

/// Digits behind a point or comma, as nanoseconds; `at` behind them.
fn fraction(text: &[u8], at: usize, civil: &mut Civil) -> usize {
    if !matches!(byte(text, at), b'.' | b',') {
        return at;
    }
    let rest = text.get(at.saturating_add(1)..).unwrap_or_default();
    let (mut nanos, mut len, mut unit) = (0_u32, 0_usize, 100_000_000_u32);
    for digit in rest
        .iter()
        .map(|byte| byte.wrapping_sub(b'0'))
        .take_while(|digit| *digit < 10)
    {
        nanos = nanos.saturating_add(u32::from(digit).saturating_mul(unit));
        unit /= 10;
        len = len.saturating_add(1);
    }
    if len == 0 {
        return at;
    }
    civil.nanos = nanos;
    at.saturating_add(1).saturating_add(len)
}

/// `Z`, `+02:00`, `-0700`, `+02`, ` UTC`: the offset, and `at` behind it.
fn offset(text: &[u8], at: usize, civil: &mut Civil) -> usize {
    let after = |len: usize| at.saturating_add(len);
    let rest = text.get(at..).unwrap_or_default();
    let is_end = |len: usize| !byte(rest, len).is_ascii_alphanumeric();
    match byte(rest, 0) {
        b'Z' | b'z' if is_end(1) => {
            civil.offset = Some(0);
            after(1)
        }
        b' ' if (rest.starts_with(b" UTC") || rest.starts_with(b" GMT")) && is_end(4) => {
            civil.offset = Some(0);
            after(4)
        }
        sign @ (b'+' | b'-') => match zone(rest) {
            Some((seconds, len)) => {
                civil.offset = Some(if sign == b'-' { -seconds } else { seconds });
                after(len)
            }
            None => at,
        },
        b' ' if matches!(byte(rest, 1), b'+' | b'-') => match zone(rest.get(1..).unwrap_or_default()) {
            Some((seconds, len)) if len >= 5 => {
                civil.offset = Some(if byte(rest, 1) == b'-' { -seconds } else { seconds });
                after(len.saturating_add(1))
            }
            _ => at,
        },
        _ => at,
    }
}

fn zone(text: &[u8]) -> Option<(i32, usize)> {
    let hours = i32::from(two(text, 1)?);
    let (minutes, len) = match (byte(text, 3), two(text, 3), two(text, 4)) {
        (b':', _, Some(minutes)) => (minutes, 6),
        (_, Some(minutes), _) => (minutes, 5),
        _ => (0, 3),
    };
    (hours < 24 && minutes < 60).then_some((hours * 3600 + i32::from(minutes) * 60, len))
}

/// `2027-01-31T12:00:00.5+02:00`, with a space or `T`, with `/` for `-`, with or without fraction and offset; the month may
/// come as `2027-Jan-31`. RFC 3339, ISO 8601 and what logs make of it.
pub(crate) fn iso(text: &[u8]) -> Read {
    let mut civil = Civil {
        year: Some(four(text, 0)?),
        ..Civil::default()
    };
    let mark = byte(text, 4);
    if !matches!(mark, b'-' | b'/' | b'.') {
        return None;
    }
    let mut at = 10_usize;
    match two(text, 5) {
        Some(month) => civil.month = month,
        None => {
            civil.month = month(text.get(5..)?)?;
            at = 11;
        }
    }
    if byte(text, at.checked_sub(3)?) != mark {
        return None;
    }
    civil.day = two(text, at.checked_sub(2)?)?;
    // Splunk and Azure write no leading zeros anywhere; those who do not are not ISO. BlueGene joins both by `-`.
    if !matches!(byte(text, at), b'T' | b't' | b' ' | b'-' | b'_') {
        return None;
    }
    at = clock(text, at.checked_add(1)?, &mut civil)?;
    at = fraction(text, at, &mut civil);
    at = offset(text, at, &mut civil);
    Some((civil, at))
}

/// A day alone, `2027-01-31`, and a clock of its own behind it, as W3C logs have them.
pub(crate) fn date_and_clock(date: &[u8], time: &[u8]) -> Option<Civil> {
    let mut civil = Civil {
        year: Some(four(date, 0)?),
        month: two(date, 5)?,
        day: two(date, 8)?,
        ..Civil::default()
    };
    if date.len() != 10 {
        return None;
    }
    let end = clock(time, 0, &mut civil)?;
    fraction(time, end, &mut civil);
    Some(civil)
}

/// The number of the month whose English name begins `text`.
pub(crate) fn month(text: &[u8]) -> Option<u8> {
    Some(match text.first_chunk::<3>()? {
        b"Jan" => 1,
        b"Feb" => 2,
        b"Mar" => 3,
        b"Apr" => 4,
        b"May" => 5,
        b"Jun" => 6,
        b"Jul" => 7,
        b"Aug" => 8,
        b"Sep" => 9,
        b"Oct" => 10,
        b"Nov" => 11,
        b"Dec" => 12,
        _ => return None,
    })
}

/// `Jan 31 12:00:00`, RFC 3164; also with a year before or behind the clock, with a fraction, and with one blank or two
/// before days of one digit.
pub(crate) fn bsd(text: &[u8]) -> Read {
    let mut civil = Civil {
        month: month(text)?,
        ..Civil::default()
    };
    if byte(text, 3) != b' ' {
        return None;
    }
    let mut at = if byte(text, 4) == b' ' { 5 } else { 4 };
    match two(text, at) {
        Some(day) => {
            civil.day = day;
            at = at.checked_add(2)?;
        }
        None => {
            civil.day = Some(byte(text, at).wrapping_sub(b'0')).filter(|day| *day < 10)?;
            at = at.checked_add(1)?;
        }
    }
    if byte(text, at) == b',' {
        at = at.checked_add(1)?;
    }
    if byte(text, at) != b' ' {
        return None;
    }
    at = at.checked_add(1)?;
    if let (Some(year), b' ') = (four(text, at), byte(text, at.checked_add(4)?)) {
        civil.year = Some(year);
        at = at.checked_add(5)?;
    }
    at = clock(text, at, &mut civil)?;
    at = fraction(text, at, &mut civil);
    if civil.year.is_none()
        && let (b' ', Some(year)) = (byte(text, at), four(text, at.checked_add(1)?))
        && (1970..=2100).contains(&year)
        && !byte(text, at.checked_add(5)?).is_ascii_alphanumeric()
    {
        civil.year = Some(year);
        at = at.checked_add(5)?;
    }
    at = offset(text, at, &mut civil);
    Some((civil, at))
}

/// `31/Jan/2027:12:00:00 +0200`, the common log format of web servers; also with a space before the clock, dashes, and a
/// fraction.
pub(crate) fn common(text: &[u8]) -> Read {
    let mark = byte(text, 2);
    let mut civil = Civil {
        day: two(text, 0)?,
        month: month(text.get(3..)?)?,
        year: Some(four(text, 7)?),
        ..Civil::default()
    };
    if !matches!(mark, b'/' | b'-') || byte(text, 6) != mark || !matches!(byte(text, 11), b':' | b' ') {
        return None;
    }
    let at = clock(text, 12, &mut civil)?;
    let at = fraction(text, at, &mut civil);
    let at = offset(text, at, &mut civil);
    Some((civil, at))
}

/// A number of one or two digits at `at`, and where it ends.
fn short(text: &[u8], at: usize) -> Option<(u8, usize)> {
    let len = digits(text.get(at..)?).min(2);
    let value = number(text.get(at..at.checked_add(len)?)?)?;
    Some((u8::try_from(value).ok()?, at.checked_add(len)?))
}

/// `1/31/2027 1:05:09 PM` and `01/31/27,12:00:00`: month first, as Windows services write it.
pub(crate) fn american(text: &[u8]) -> Read {
    let (month, at) = short(text, 0)?;
    if byte(text, at) != b'/' {
        return None;
    }
    let (day, at) = short(text, at.checked_add(1)?)?;
    if byte(text, at) != b'/' {
        return None;
    }
    let at = at.checked_add(1)?;
    let len = digits(text.get(at..)?);
    let year = i32::try_from(number(text.get(at..at.checked_add(len)?)?)?).ok()?;
    let year = match (len, year) {
        (4, _) => year,
        (2, 70..) => year + 1900,
        (2, _) => year + 2000,
        _ => return None,
    };
    let at = at.checked_add(len)?;
    if !matches!(byte(text, at), b' ' | b',') {
        return None;
    }
    let mut civil = Civil {
        year: Some(year),
        month,
        day,
        ..Civil::default()
    };
    let (hour, at) = short(text, at.checked_add(1)?)?;
    let (minute, at) = short(text, at.checked_add(1)?).filter(|_| byte(text, at) == b':')?;
    let (second, mut at) = match byte(text, at) {
        b':' => short(text, at.checked_add(1)?)?,
        _ => (0, at),
    };
    civil.minute = minute;
    civil.second = second;
    at = fraction(text, at, &mut civil);
    let rest = text.get(at..).unwrap_or_default();
    let (is_pm, is_am) = (rest.starts_with(b" PM"), rest.starts_with(b" AM"));
    civil.hour = match hour {
        12 if is_am => 0,
        1..12 if is_pm => hour.saturating_add(12),
        _ => hour,
    };
    if is_pm || is_am {
        at = at.checked_add(3)?;
    }
    at = offset(text, at, &mut civil);
    Some((civil, at))
}

/// `27/01/31 12:00:00`, the year in two digits first, as Hadoop's tools write it.
pub(crate) fn short_year(text: &[u8]) -> Read {
    let mark = byte(text, 2);
    if !matches!(mark, b'/' | b'-') || byte(text, 5) != mark || byte(text, 8) != b' ' {
        return None;
    }
    let mut civil = Civil {
        year: Some(i32::from(two(text, 0)?) + 2000),
        month: two(text, 3)?,
        day: two(text, 6)?,
        ..Civil::default()
    };
    let at = clock(text, 9, &mut civil)?;
    let at = fraction(text, at, &mut civil);
    Some((civil, at))
}

/// Seconds since 1970 as digits with or without a fraction; thirteen digits are milliseconds, sixteen micro-, nineteen
/// nanoseconds.
pub(crate) fn epoch(text: &[u8]) -> Option<Time> {
    let len = digits(text);
    let whole = i64::try_from(number(text.get(..len)?)?).ok()?;
    let rest = text.get(len..).unwrap_or_default();
    let nanos = |part: i64| u32::try_from(part).unwrap_or_default();
    match len {
        9..=11 => {
            let mut civil = Civil::default();
            let end = fraction(rest, 0, &mut civil);
            (end == rest.len()).then(|| instant(whole, civil.nanos))
        }
        13 if rest.is_empty() => Some(instant(whole / 1000, nanos(whole % 1000 * 1_000_000))),
        16 if rest.is_empty() => Some(instant(whole / 1_000_000, nanos(whole % 1_000_000 * 1_000))),
        19 if rest.is_empty() => Some(instant(whole / 1_000_000_000, nanos(whole % 1_000_000_000))),
        _ => None,
    }
}

/// Any of the times that this file knows, where `text` is nothing else.
pub(crate) fn any(text: &[u8], assumed: &mut Assumptions) -> Option<Time> {
    let text = text.trim_ascii();
    if text.first()?.is_ascii_digit() && text.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.') {
        return epoch(text);
    }
    let whole = |read: Read| read.filter(|(_, end)| *end == text.len()).map(|(civil, _)| civil);
    whole(iso(text))
        .or_else(|| whole(common(text)))
        .or_else(|| whole(bsd(text)))
        .or_else(|| whole(american(text)))
        .and_then(|civil| civil.resolve(assumed))
}

/// Times at the beginning of lines that programs write: any of those above but seconds.
pub(crate) fn leading(text: &[u8]) -> Read {
    iso(text)
        .or_else(|| bsd(text))
        .or_else(|| common(text))
        .or_else(|| short_year(text))
        .or_else(|| american(text))
}
