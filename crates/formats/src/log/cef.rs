//! Common Event Format (ArcSight) and Log Event Extended Format (QRadar), alone on a line or behind a syslog header.
//!
//! CEF: `CEF:0|vendor|product|version|class|name|severity|key=value key=value`. A value ends where the next ` key=` begins.
//! LEEF: `LEEF:1.0|vendor|product|version|event|key=value<tab>key=value`; version 2.0 may name another separator.

use super::draft::Draft;
use super::name::key;
use super::registry::{Format, Outcome};
use super::scan::split_at_byte;
use super::syslog::unescaped;
use super::time;
use memchr::memmem;

pub(crate) static CEF: Format = Format {
    name: "cef",
    describes: "Common Event Format, as ArcSight and many devices write it",
    recognised: "`CEF:0|`",
    time: "`rt`, `end` or `start`: milliseconds since 1970, or as it stands; else that of the carrier",
};

pub(crate) static LEEF: Format = Format {
    name: "leef",
    describes: "Log Event Extended Format, as QRadar reads it",
    recognised: "`LEEF:1.0|` or `LEEF:2.0|`",
    time: "`devTime`, as it stands; else that of the carrier",
};

/// Reads a line or message of either.
pub(crate) fn line(text: &[u8], draft: &mut Draft) -> Outcome {
    let head = text.get(..512).unwrap_or(text);
    if head.first() == Some(&b'{') {
        return Outcome::No;
    }
    let is_early = |mark: &[u8]| memmem::find(head, mark);
    let read = match (text.first(), is_early(b"CEF:"), is_early(b"LEEF:")) {
        (_, Some(at), _) if text.get(at.saturating_add(4)).is_some_and(u8::is_ascii_digit) => {
            let before = text.get(..at).unwrap_or_default();
            carrier(before, draft);
            cef(text.get(at.saturating_add(4)..).unwrap_or_default(), draft)
        }
        (_, _, Some(at)) if text.get(at.saturating_add(5)).is_some_and(u8::is_ascii_digit) => {
            let before = text.get(..at).unwrap_or_default();
            carrier(before, draft);
            leef(text.get(at.saturating_add(5)..).unwrap_or_default(), draft)
        }
        _ => None,
    };
    if read.is_some() { Outcome::Record } else { Outcome::No }
}

/// What stands before the mark on a line that no syslog reader knew: a time, perhaps.
fn carrier(before: &[u8], draft: &mut Draft) {
    if let Some((civil, _)) = time::leading(before) {
        draft.at(&civil);
    }
}

/// A part of the header, up to a bar that no backslash stands before.
fn part<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let mut from = 0_usize;
    loop {
        let at = memchr::memchr2(b'|', b'\\', rest.get(from..)?)?.checked_add(from)?;
        if rest.get(at) == Some(&b'|') {
            let part = rest.get(..at)?;
            *rest = rest.get(at.checked_add(1)?..)?;
            return Some(part);
        }
        from = at.checked_add(2)?;
    }
}

fn cef(text: &[u8], draft: &mut Draft) -> Option<()> {
    let mut rest = text;
    part(&mut rest)?;
    let parts = [
        (key!("device_vendor"), part(&mut rest)?),
        (key!("device_product"), part(&mut rest)?),
        (key!("device_version"), part(&mut rest)?),
        (key!("device_event_class_id"), part(&mut rest)?),
        (key!("name"), part(&mut rest)?),
    ];
    let severity = match part(&mut rest) {
        Some(severity) => severity,
        None => std::mem::take(&mut rest),
    };
    draft.is(&CEF);
    for (key, value) in parts {
        let value = unescaped(value, draft);
        let id = draft.names.key(key);
        draft.push(super::record::RawName::Known(id), value);
    }
    draft.message = draft.fields.last().map(|field| field.value);
    draft.number(key!("severity"), severity);
    extension(rest.trim_ascii(), draft);
    Some(())
}

/// Where the name of the next pair begins: letters and digits between a blank and an equals sign.
fn next_pair(text: &[u8], from: usize) -> Option<(usize, usize)> {
    let mut at = from;
    loop {
        let equals = memchr::memchr(b'=', text.get(at..)?)?.checked_add(at)?;
        let before = text.get(..equals)?;
        let start = before
            .iter()
            .rposition(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b'[' | b']')))
            .map_or(0, |place| place.saturating_add(1));
        let begins = start == 0 || before.get(start.saturating_sub(1)) == Some(&b' ');
        if start >= from && start < equals && begins {
            return Some((start, equals));
        }
        at = equals.checked_add(1)?;
    }
}

fn extension(text: &[u8], draft: &mut Draft) {
    let mut next = next_pair(text, 0);
    let mut rank = 0_u8;
    while let Some((start, equals)) = next {
        let name = text.get(start..equals).unwrap_or_default();
        next = next_pair(text, equals.saturating_add(1));
        let end = next.map_or(text.len(), |(start, _)| start.saturating_sub(1));
        let value = text
            .get(equals.saturating_add(1)..end)
            .unwrap_or_default()
            .trim_ascii_end();
        let own = match name {
            b"rt" => 3,
            b"end" => 2,
            b"start" => 1,
            _ => 0_u8,
        };
        if own > rank
            && let Some(time) = time::any(value, &mut draft.assumed)
        {
            draft.time = Some(time);
            rank = own;
        }
        let id = draft.name(name);
        let is_number = matches!(
            name,
            b"spt"
                | b"dpt"
                | b"cnt"
                | b"in"
                | b"out"
                | b"spid"
                | b"dpid"
                | b"sourceTranslatedPort"
                | b"destinationTranslatedPort"
        );
        let value = match super::scan::integer(value).filter(|_| is_number) {
            Some(number) => super::record::RawValue::Integer(number),
            None => unescaped(value, draft),
        };
        if name == b"msg" {
            draft.message = Some(value);
        }
        draft.push(id, value);
    }
}

fn leef(text: &[u8], draft: &mut Draft) -> Option<()> {
    let mut rest = text;
    let version = part(&mut rest)?;
    let parts = [
        (key!("device_vendor"), part(&mut rest)?),
        (key!("device_product"), part(&mut rest)?),
        (key!("device_version"), part(&mut rest)?),
        (key!("event_id"), part(&mut rest)?),
    ];
    draft.is(&LEEF);
    for (key, value) in parts {
        draft.text(key, value);
    }
    let mut separator = b'\t';
    if version.starts_with(b"2") {
        // `|^|` or `|x5E|`: the separator; nothing between the bars for a tab.
        if let Some(stated) = part(&mut rest) {
            let digits = stated.strip_prefix(b"0x").or_else(|| stated.strip_prefix(b"x"));
            let code = digits.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
            separator = code.or_else(|| stated.first().copied()).unwrap_or(b'\t');
        }
    }
    for pair in rest.split(|byte| *byte == separator) {
        let Some((name, value)) = split_at_byte(pair, b'=') else {
            continue;
        };
        let name = name.trim_ascii();
        if name == b"devTime"
            && let Some(time) = time::any(value.trim_ascii(), &mut draft.assumed)
        {
            draft.time = Some(time);
        }
        draft.named(name, value.trim_ascii());
    }
    Some(())
}
