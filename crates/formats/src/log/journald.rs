//! The journal of systemd in its export format: fields on lines, entries between empty lines.
//!
//! A value with line ends or other bytes comes as its name, its length in eight bytes, and the bytes ("Journal Export
//! Formats", systemd.io).

use super::draft::Draft;
use super::frame::Frame;
use super::inner;
use super::registry::Format;
use super::scan::{integer, split_at_byte};
use super::time;
use crate::bytes::{le64, piece, place};

pub(crate) static FORMAT: Format = Format {
    name: "journald",
    describes: "systemd journal, export format",
    recognised: "a first line `__CURSOR=…`",
    time: "microseconds since 1970, UTC",
};

/// Whether text begins like an export.
pub(crate) fn is(start: &[u8]) -> bool {
    start.starts_with(b"__CURSOR=") || (start.starts_with(b"__REALTIME_TIMESTAMP=") && start.contains(&b'\n'))
}

/// The next entry.
pub(crate) fn next(rest: &[u8], is_end: bool) -> Option<Frame> {
    let mut at = 0_usize;
    while rest.get(at) == Some(&b'\n') {
        at = at.saturating_add(1);
    }
    let start = at;
    while let Some(here) = rest.get(at..).filter(|here| !here.is_empty()) {
        if here.first() == Some(&b'\n') {
            return Some(Frame::new(start, at, at.saturating_add(1)));
        }
        match field(here) {
            Some((_, _, len)) => at = at.saturating_add(len),
            None if is_end => return Some(Frame::broken(start, rest.len())),
            None => return None,
        }
    }
    match is_end {
        true if start < rest.len() => Some(Frame::new(start, rest.len(), rest.len())),
        _ if start > 0 && start == rest.len() => Some(Frame::skip(start)),
        _ => None,
    }
}

/// A field's name, its value, and the length of both with what ends them.
fn field(text: &[u8]) -> Option<(&[u8], &[u8], usize)> {
    let end = memchr::memchr(b'\n', text)?;
    let line = text.get(..end)?;
    if let Some((name, value)) = split_at_byte(line, b'=') {
        return Some((name, value, end.checked_add(1)?));
    }
    let start = end.checked_add(9)?;
    let len = place(le64(text, end.checked_add(1)?)?);
    let close = start.checked_add(len)?;
    (text.get(close) == Some(&b'\n')).then(|| (line, piece(text, start, len), close.saturating_add(1)))
}

/// Reads one entry.
pub(crate) fn entry(text: &[u8], draft: &mut Draft) -> bool {
    draft.is(&FORMAT);
    let mut rest = text.to_vec();
    // The last line of an entry has lost its end.
    rest.push(b'\n');
    let mut at = 0_usize;
    let (mut message, mut program) = (None, None);
    while let Some((name, value, len)) = rest.get(at..).and_then(field) {
        at = at.saturating_add(len);
        match name {
            b"__REALTIME_TIMESTAMP" => draft.time = time::epoch(value).or(draft.time),
            b"_SOURCE_REALTIME_TIMESTAMP" => draft.time = draft.time.or_else(|| time::epoch(value)),
            b"MESSAGE" => message = Some(value.to_vec()),
            b"SYSLOG_IDENTIFIER" => program = Some(value.to_vec()),
            _ => {}
        }
        let id = draft.name(name);
        let is_number = matches!(
            name,
            b"PRIORITY" | b"_PID" | b"_UID" | b"_GID" | b"SYSLOG_FACILITY" | b"SYSLOG_PID"
        );
        let value = match integer(value) {
            Some(number) if is_number => super::record::RawValue::Integer(number),
            _ => draft.copied(value),
        };
        draft.push(id, value);
    }
    let read = !draft.fields.is_empty();
    if let Some(message) = message {
        inner::message(program.as_deref().unwrap_or_default(), &message, draft);
    }
    read
}
