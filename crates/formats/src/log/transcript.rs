//! Transcripts of PowerShell: a header that says who and where, then what was typed and what came back.
//!
//! The header is one record, each command with its output is one, and each start and end. Commands carry a time only where
//! transcription was told to write invocation headers (`Command start time: 20270131120000`).

use super::draft::Draft;
use super::frame::Frame;
use super::name::key;
use super::registry::Format;
use super::scan::{number, split_at};
use super::time::Civil;
use memchr::memmem;

pub(crate) static FORMAT: Format = Format {
    name: "powershell-transcript",
    describes: "PowerShell transcripts: one record for each header and each command",
    recognised: "a line of asterisks and `PowerShell transcript start`",
    time: "local time of the machine: the zone is assumed",
};

const STARS: &[u8] = b"**********************";

/// Whether text begins like a transcript.
pub(crate) fn is(start: &[u8]) -> bool {
    start.starts_with(STARS) && memmem::find(start.get(..256).unwrap_or(start), b"ranscript start").is_some()
}

/// The next header, or the next command with what it printed.
pub(crate) fn next(rest: &[u8], is_end: bool) -> Option<Frame> {
    let mut at = 0_usize;
    let mut stars = 0_usize;
    let is_header = rest.starts_with(STARS);
    loop {
        let line = match super::frame::line(rest.get(at..)?, is_end) {
            Some(line) if line.next > 0 => line,
            _ if is_end => return (at > 0).then(|| Frame::new(0, trimmed(rest, at), at)),
            _ => return None,
        };
        let text = rest.get(at..at.saturating_add(line.end)).unwrap_or_default();
        let next = at.saturating_add(line.next);
        if is_header {
            stars = stars.saturating_add(usize::from(text.starts_with(STARS)));
            if stars == 2 {
                return Some(Frame::new(0, trimmed(rest, next), next));
            }
        } else if at > 0 && (text.starts_with(STARS) || is_prompt(text)) {
            return Some(Frame::new(0, trimmed(rest, at), at));
        }
        at = next;
    }
}

fn trimmed(rest: &[u8], end: usize) -> usize {
    rest.get(..end).map_or(end, |text| text.trim_ascii_end().len())
}

fn is_prompt(line: &[u8]) -> bool {
    line.starts_with(b"PS ") && line.contains(&b'>') || line.starts_with(b"PS>")
}

/// Reads a header or a command.
pub(crate) fn block(text: &[u8], draft: &mut Draft) -> bool {
    draft.is(&FORMAT);
    if text.starts_with(STARS) {
        for line in text.split(|byte| *byte == b'\n') {
            header(line.trim_ascii(), draft);
        }
        return !draft.fields.is_empty();
    }
    let end = memchr::memchr(b'\n', text).unwrap_or(text.len());
    let first = text.get(..end).unwrap_or(text).trim_ascii();
    if !is_prompt(first) {
        draft.text(key!("output"), text.trim_ascii());
        draft.say(text.trim_ascii());
        return true;
    }
    let (folder, command) = match super::scan::split_at_byte(first, b'>') {
        Some((folder, command)) => (folder, command),
        None => (first, b"".as_slice()),
    };
    draft.some(
        key!("folder"),
        folder.strip_prefix(b"PS").unwrap_or(folder).trim_ascii(),
    );
    draft.some(key!("command"), command.trim_ascii());
    draft.some(key!("output"), text.get(end..).unwrap_or_default().trim_ascii());
    draft.say(command.trim_ascii());
    true
}

fn header(line: &[u8], draft: &mut Draft) {
    if line.ends_with(b"ranscript start") {
        return draft.fixed(key!("event"), "start");
    }
    if line.ends_with(b"ranscript end") {
        return draft.fixed(key!("event"), "end");
    }
    let Some((name, value)) = split_at(line, b":") else {
        return;
    };
    let value = value.trim_ascii();
    if matches!(name, b"Start time" | b"End time" | b"Command start time")
        && let Some(civil) = stamp(value)
    {
        draft.at(&civil);
    }
    draft.named(name, value);
}

/// `20270131120000`
fn stamp(text: &[u8]) -> Option<Civil> {
    let part = |at: usize, len: usize| number(text.get(at..at.checked_add(len)?)?);
    let two = |at: usize| part(at, 2).and_then(|value| u8::try_from(value).ok());
    Some(Civil {
        year: i32::try_from(part(0, 4)?).ok(),
        month: two(4)?,
        day: two(6)?,
        hour: two(8)?,
        minute: two(10)?,
        second: two(12)?,
        ..Civil::default()
    })
}
