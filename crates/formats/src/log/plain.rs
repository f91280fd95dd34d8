//! What is left: lines of programs with a time and perhaps a level, and lines without anything.

use super::draft::Draft;
use super::name::key;
use super::registry::{Format, Outcome};
use super::scan::{Scan, digits};
use super::time::{self, Civil};

pub(crate) static APPLICATION: Format = Format {
    name: "application",
    describes: "lines of programs that begin with a time, or have one near the beginning, and often a level",
    recognised: "a time among the first words",
    time: "as it stands; zone and year are assumed where they are missing",
};

pub(crate) static TEXT: Format = Format {
    name: "text",
    describes: "lines that no other format knows",
    recognised: "nothing",
    time: "none",
};

/// A line without a format.
pub(crate) fn text(text: &[u8], draft: &mut Draft) {
    draft.is(&TEXT);
    draft.say(text.trim_ascii());
}

/// Words before a time at most.
const WORDS: usize = 6;

/// Reads a line that has a time somewhere in front.
pub(crate) fn line(text: &[u8], draft: &mut Draft) -> Outcome {
    let Some((time, rest)) = stamp(text, draft) else {
        return Outcome::No;
    };
    draft.time = Some(time);
    draft.is(&APPLICATION);
    let mut scan = Scan::new(rest);
    level(&mut scan, draft);
    draft.say(scan.rest);
    Outcome::Record
}

fn stamp<'a>(text: &'a [u8], draft: &mut Draft) -> Option<(time::Time, &'a [u8])> {
    let mut rest = text;
    for _ in 0..WORDS {
        let at = rest.strip_prefix(b"[").unwrap_or(rest);
        if let Some((civil, len)) = time::leading(at)
            .or_else(|| weekday(at))
            .or_else(|| compact(at))
            .or_else(|| pointed(at))
        {
            let after = at.get(len..).unwrap_or_default();
            // A time is followed by something else than a letter or digit.
            if !after.first().is_some_and(u8::is_ascii_alphanumeric)
                && let Some(time) = civil.resolve(&mut draft.assumed)
            {
                return Some((time, after.strip_prefix(b"]").unwrap_or(after)));
            }
        }
        let len = digits(at);
        let is_seconds = matches!(len, 10 | 13)
            && at
                .get(len)
                .is_none_or(|byte| matches!(byte, b' ' | b'.' | b']' | b',' | b'\t'));
        if is_seconds {
            let end = at
                .iter()
                .position(|byte| matches!(byte, b' ' | b']' | b',' | b'\t'))
                .unwrap_or(at.len());
            if let Some(time) = at.get(..end).and_then(time::epoch) {
                return Some((time, at.get(end..).unwrap_or_default()));
            }
        }
        let next = rest.iter().position(|byte| matches!(byte, b' ' | b'\t'))?;
        rest = rest.get(next.checked_add(1)?..)?.trim_ascii_start();
    }
    None
}

/// `Wed Jan 31 12:00:00.5 2027`
pub(crate) fn weekday(text: &[u8]) -> Option<(Civil, usize)> {
    const DAYS: &[&[u8]] = &[b"Mon ", b"Tue ", b"Wed ", b"Thu ", b"Fri ", b"Sat ", b"Sun "];
    let day = text.get(..4)?;
    if !DAYS.contains(&day) {
        return None;
    }
    let (civil, len) = time::bsd(text.get(4..)?)?;
    Some((civil, len.checked_add(4)?))
}

/// `081109 203615`, Hadoop's file system, and `20270131 12:00:00`.
fn compact(text: &[u8]) -> Option<(Civil, usize)> {
    let mut scan = Scan::new(text);
    let day = scan.digits()?;
    if !matches!(day.len(), 6 | 8) || !scan.eat(b" ") {
        return None;
    }
    let clock = scan.digits()?;
    let two = |text: &[u8], at: usize| -> Option<u8> {
        super::scan::number(text.get(at..at.checked_add(2)?)?)?.try_into().ok()
    };
    let short = day.len().checked_sub(6)?;
    let year = super::scan::number(day.get(..short.checked_add(2)?)?)?;
    let mut civil = Civil {
        year: i32::try_from(if short == 0 { year.checked_add(2000)? } else { year }).ok(),
        month: two(day, short.checked_add(2)?)?,
        day: two(day, short.checked_add(4)?)?,
        ..Civil::default()
    };
    if clock.len() == 6 {
        (civil.hour, civil.minute, civil.second) = (two(clock, 0)?, two(clock, 2)?, two(clock, 4)?);
    } else {
        return None;
    }
    Some((civil, text.len().checked_sub(scan.rest.len())?))
}

/// `10.30 16:49:06`, a month and a day without a year, as Proxifier writes it.
fn pointed(text: &[u8]) -> Option<(Civil, usize)> {
    let two = |at: usize| -> Option<u8> { super::scan::number(text.get(at..at.checked_add(2)?)?)?.try_into().ok() };
    let mark = |at: usize| text.get(at).copied();
    let is_shape = mark(2) == Some(b'.') && mark(5) == Some(b' ') && mark(8) == Some(b':') && mark(11) == Some(b':');
    if !is_shape {
        return None;
    }
    let civil = Civil {
        month: two(0)?,
        day: two(3)?,
        hour: two(6)?,
        minute: two(9)?,
        second: two(12)?,
        ..Civil::default()
    };
    Some((civil, 14))
}

/// A level among the next words: `INFO`, `[error]`, `<warn>`, `WARN:`.
fn level(scan: &mut Scan<'_>, draft: &mut Draft) {
    const LEVELS: &[&str] = &[
        "trace",
        "debug",
        "info",
        "information",
        "notice",
        "warn",
        "warning",
        "error",
        "err",
        "crit",
        "critical",
        "alert",
        "emerg",
        "fatal",
        "severe",
    ];
    scan.rest = scan.rest.trim_ascii_start().trim_start_matches_bytes();
    let mut rest = *scan;
    for _ in 0..4 {
        let Some(word) = rest.word() else { return };
        let bare = word.trim_matches_marks();
        let is = |level: &&str| level.as_bytes().eq_ignore_ascii_case(bare);
        if LEVELS.iter().any(is) {
            draft.text(key!("level"), bare);
            return;
        }
        rest.blanks();
    }
}

/// Marks around words.
trait Marks {
    fn trim_start_matches_bytes(&self) -> &Self;
    fn trim_matches_marks(&self) -> &Self;
}

impl Marks for [u8] {
    fn trim_start_matches_bytes(&self) -> &Self {
        let start = self
            .iter()
            .position(|byte| !matches!(byte, b' ' | b'\t' | b'-' | b':' | b'|'))
            .unwrap_or(self.len());
        self.get(start..).unwrap_or_default()
    }

    fn trim_matches_marks(&self) -> &Self {
        let is_mark = |byte: &u8| !byte.is_ascii_alphanumeric();
        let start = self.iter().position(|byte| !is_mark(byte)).unwrap_or(self.len());
        let end = self
            .iter()
            .rposition(|byte| !is_mark(byte))
            .map_or(start, |at| at.saturating_add(1));
        self.get(start..end).unwrap_or_default()
    }
}
