//! Pairs of names and values: logfmt (`level=info msg="…"`), FortiGate, SonicWall, and whatever writes `name=value` all
//! along a line.
//!
//! Values stand bare up to a blank, or between quotes, where a backslash takes the next letter with it. A line is one of these
//! where at least three pairs make up most of it.

use super::draft::Draft;
use super::record::RawValue;
use super::registry::{Format, Outcome};
use super::scan::Scan;
use super::time;

pub(crate) static KEY_VALUE: Format = Format {
    name: "key-value",
    describes: "lines of `name=value`, logfmt among them",
    recognised: "three pairs or more that make up most of the line",
    time: "the value called `time`, `ts`, `timestamp` or the like, as it stands",
};

pub(crate) static FORTIGATE: Format = Format {
    name: "fortigate",
    describes: "Fortinet FortiGate and its kin",
    recognised: "pairs with `logid`, `type` and `devname` or `devid`",
    time: "`eventtime`, since 1970; else `date` and `time` with `tz`, or the zone is assumed",
};

/// Reads a line or message of pairs.
pub(crate) fn line(text: &[u8], draft: &mut Draft) -> Outcome {
    // Nothing that has no pair near its beginning is worth a closer look.
    let head = text.get(..64).unwrap_or(text);
    if !head.contains(&b'=') {
        return Outcome::No;
    }
    let mark = draft.mark();
    match pairs(text, draft) {
        Some(()) => Outcome::Record,
        None => {
            draft.back(mark);
            Outcome::No
        }
    }
}

fn is_name(name: &[u8]) -> bool {
    (1..=64).contains(&name.len())
        && name
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b'@' | b'/' | b'[' | b']'))
}

/// What of a line is seen on the way.
#[derive(Default)]
struct Seen<'a> {
    date: Option<&'a [u8]>,
    clock: Option<&'a [u8]>,
    zone: Option<&'a [u8]>,
    event: Option<&'a [u8]>,
    any: Option<&'a [u8]>,
    fortinet: u8,
}

fn pairs(text: &[u8], draft: &mut Draft) -> Option<()> {
    let mut scan = Scan::new(text);
    let mut seen = Seen::default();
    let (mut count, mut loose) = (0_usize, 0_usize);
    while !scan.is_empty() {
        while matches!(scan.peek(), b' ' | b',' | b';' | b'\t') {
            scan.skip(1);
        }
        let end = scan
            .rest
            .iter()
            .position(|byte| matches!(byte, b'=' | b' ' | b'"' | b'\t'))
            .unwrap_or(scan.rest.len());
        let name = scan.rest.get(..end).unwrap_or_default();
        if scan.rest.get(end) != Some(&b'=') || !is_name(name) {
            loose = loose.saturating_add(end.max(1));
            scan.skip(end.max(1));
            if count == 0 && loose > 64 {
                return None;
            }
            continue;
        }
        scan.skip(end.saturating_add(1));
        let value = match scan.peek() {
            b'"' => {
                let inside = scan.quoted()?;
                put(name, inside, inside.contains(&b'\\'), draft);
                inside
            }
            _ => {
                let end = scan
                    .rest
                    .iter()
                    .position(|byte| matches!(byte, b' ' | b'\t'))
                    .unwrap_or(scan.rest.len());
                let value = scan.rest.get(..end).unwrap_or_default();
                scan.skip(end);
                let value = value
                    .strip_suffix(b",")
                    .or_else(|| value.strip_suffix(b";"))
                    .unwrap_or(value);
                put(name, value, false, draft);
                value
            }
        };
        count = count.saturating_add(1);
        note(name, value, &mut seen, draft);
    }
    if count < 3 || loose.saturating_mul(3) > text.len() {
        return None;
    }
    let is_fortinet = seen.fortinet.count_ones() >= 2;
    draft.is(if is_fortinet { &FORTIGATE } else { &KEY_VALUE });
    stamp(&seen, draft);
    Some(())
}

fn put(name: &[u8], value: &[u8], has_escapes: bool, draft: &mut Draft) {
    let id = draft.name(name);
    let value = if has_escapes {
        let start = draft.scratch.len();
        super::json::unescape(value, &mut draft.scratch);
        draft.since(start)
    } else {
        match super::scan::integer(value) {
            // What begins with a zero is a code, no number.
            Some(number) if value.len() < 19 && (value.len() == 1 || !value.starts_with(b"0")) => {
                RawValue::Integer(number)
            }
            _ => draft.place(value),
        }
    };
    draft.push(id, value);
}

fn note<'a>(name: &[u8], value: &'a [u8], seen: &mut Seen<'a>, draft: &mut Draft) {
    match name {
        b"date" => seen.date = Some(value),
        b"time" => {
            seen.clock = Some(value);
            seen.any = Some(value);
        }
        b"tz" => seen.zone = Some(value),
        b"eventtime" => seen.event = Some(value),
        b"ts" | b"timestamp" | b"@timestamp" | b"t" | b"datetime" | b"start_time" | b"rt" => seen.any = Some(value),
        b"msg" | b"message" => draft.message = draft.fields.last().map(|field| field.value),
        b"logid" => seen.fortinet |= 1,
        b"devname" => seen.fortinet |= 2,
        b"devid" => seen.fortinet |= 4,
        b"vd" => seen.fortinet |= 8,
        _ => {}
    }
}

fn stamp(seen: &Seen<'_>, draft: &mut Draft) {
    let by_event = seen.event.and_then(time::epoch);
    let by_clock = seen
        .date
        .zip(seen.clock)
        .and_then(|(date, clock)| time::date_and_clock(date, clock))
        .and_then(|civil| {
            let mut joined = b"1970-01-01T00:00:00".to_vec();
            joined.extend_from_slice(seen.zone.unwrap_or_default());
            let offset = time::iso(&joined).and_then(|(zone, _)| zone.offset);
            time::Civil { offset, ..civil }.resolve(&mut draft.assumed)
        });
    let by_any = || seen.any.and_then(|value| time::any(value, &mut draft.assumed));
    if let Some(time) = by_event.or(by_clock).or_else(by_any) {
        draft.time = Some(time);
    }
}
