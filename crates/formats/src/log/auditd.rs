//! The Linux audit daemon: lines of one event share a serial number and are one record.
//!
//! `type=SYSCALL msg=audit(1364481363.243:24287): arch=c000003e syscall=2 …`, after "Understanding Audit Log Files" of Red
//! Hat's documentation. Lines of an event follow one another; where the daemon wrote another event between them, the event
//! becomes two records with the same serial. Fields keep their names; where several lines have a field, it has several
//! values. Values in hexadecimal (`proctitle`, `cmd`, names with blanks) are written out. Enriched logs carry readable names
//! behind a group separator; those are fields as well.

use super::draft::Draft;
use super::frame::Frame;
use super::name::key;
use super::record::RawValue;
use super::registry::{Format, Outcome};
use super::scan::{Scan, integer, split_at_byte};
use super::time;
use memchr::memmem;

pub(crate) static FORMAT: Format = Format {
    name: "auditd",
    describes: "Linux audit log; lines of one event are one record",
    recognised: "`type=` and `msg=audit(`",
    time: "seconds since 1970, UTC",
};

/// Lines of one event at most.
const MOST_LINES: usize = 64;

/// Whether text begins like an audit log.
pub(crate) fn is(start: &[u8]) -> bool {
    let end = memchr::memchr(b'\n', start).unwrap_or(start.len());
    start.get(..end).is_some_and(|line| serial(line).is_some())
}

/// `1364481363.243:24287`
fn serial(line: &[u8]) -> Option<&[u8]> {
    if !(line.starts_with(b"type=") || line.starts_with(b"node=")) {
        return None;
    }
    let head = line.get(..256).unwrap_or(line);
    let start = memmem::find(head, b"msg=audit(")?.checked_add(10)?;
    let rest = head.get(start..)?;
    let end = rest.iter().position(|byte| *byte == b')')?;
    rest.get(..end)
}

/// Lines that follow one another and have one serial.
pub(crate) fn next(rest: &[u8], is_end: bool) -> Option<Frame> {
    let first = super::frame::line(rest, is_end)?;
    let Some(wanted) = rest.get(..first.end).and_then(serial) else {
        return Some(first);
    };
    let mut frame = first;
    for _ in 1..MOST_LINES {
        let tail = rest.get(frame.next..).unwrap_or_default();
        if tail.is_empty() {
            // The next line may belong to it.
            return is_end.then_some(frame);
        }
        let line = super::frame::line(tail, is_end)?;
        if tail.get(..line.end).and_then(serial) != Some(wanted) {
            break;
        }
        frame.end = frame.next.saturating_add(line.end);
        frame.next = frame.next.saturating_add(line.next);
    }
    Some(frame)
}

/// A single line, in another log or through syslog.
pub(crate) fn line(text: &[u8], draft: &mut Draft) -> Outcome {
    let start = text.strip_prefix(b"audit: ").unwrap_or(text);
    // The kernel writes `audit: type=1400 audit(…): …` where no daemon listens.
    let is_kernel = start.starts_with(b"type=") && memmem::find(start.get(..40).unwrap_or(start), b" audit(").is_some();
    if (serial(start).is_some() || is_kernel) && event(start, draft) {
        Outcome::Record
    } else {
        Outcome::No
    }
}

/// Reads the lines of one event.
pub(crate) fn event(text: &[u8], draft: &mut Draft) -> bool {
    draft.is(&FORMAT);
    let mut first = true;
    for line in text.split(|byte| *byte == b'\n') {
        if part(line.strip_suffix(b"\r").unwrap_or(line), first, draft).is_none() {
            return false;
        }
        first = false;
    }
    true
}

fn part(line: &[u8], is_first: bool, draft: &mut Draft) -> Option<()> {
    let mut scan = Scan::new(line);
    if scan.eat(b"node=") {
        let node = scan.word()?;
        if is_first {
            draft.text(key!("node"), node);
        }
    }
    if !scan.eat(b"type=") {
        return None;
    }
    let kind = scan.word()?;
    draft.text(key!("type"), kind);
    scan.eat(b"msg=");
    if !scan.eat(b"audit(") {
        return None;
    }
    let (seconds, serial) = split_at_byte(scan.until(b')')?, b':')?;
    if is_first {
        draft.time = time::epoch(seconds);
        draft.number(key!("serial"), serial);
    }
    scan.eat(b":");
    let rest = scan.rest.trim_ascii();
    pairs(rest, draft);
    if is_first {
        draft.say(rest);
    }
    Some(())
}

/// `a=1 b="x y" msg='op=login acct="root" exe="/usr/sbin/sshd"'`
fn pairs(text: &[u8], draft: &mut Draft) {
    let mut scan = Scan::new(text);
    while !scan.is_empty() {
        while matches!(scan.peek(), b' ' | b'\x1d' | b',' | b'\'') {
            scan.skip(1);
        }
        let end = scan.rest.iter().position(|byte| matches!(byte, b'=' | b' ' | b'\x1d'));
        let Some(end) = end else { break };
        let name = scan.rest.get(..end).unwrap_or_default();
        let is_pair = scan.rest.get(end) == Some(&b'=') && !name.is_empty();
        scan.skip(end.saturating_add(1));
        if !is_pair {
            continue;
        }
        match scan.peek() {
            // What programs say is between single quotes and made of pairs itself.
            b'\'' if name == b"msg" => scan.skip(1),
            b'"' => {
                let mut quoted = scan;
                let value = quoted
                    .between(b'"', b'"')
                    .unwrap_or_else(|| scan.rest.get(1..).unwrap_or_default());
                scan.skip(value.len().saturating_add(2));
                draft.named(name, value);
            }
            _ => {
                let end = scan
                    .rest
                    .iter()
                    .position(|byte| matches!(byte, b' ' | b'\x1d'))
                    .unwrap_or(scan.rest.len());
                let value = scan.rest.get(..end).unwrap_or_default();
                scan.skip(end);
                give(name, value.strip_suffix(b"'").unwrap_or(value), draft);
            }
        }
    }
}

fn give(name: &[u8], value: &[u8], draft: &mut Draft) {
    let id = draft.name(name);
    let is_text = matches!(
        name,
        b"proctitle" | b"cmd" | b"name" | b"comm" | b"exe" | b"cwd" | b"acct" | b"data" | b"path" | b"key"
    ) || (name.first() == Some(&b'a')
        && name.get(1..).is_some_and(|rest| super::scan::number(rest).is_some()));
    if is_text && let Some(text) = unhex(value, name) {
        let value = draft.copied(&text);
        return draft.push(id, value);
    }
    let is_number = !value.starts_with(b"0") || value == b"0";
    let value = match integer(value) {
        Some(number) if is_number => RawValue::Integer(number),
        _ => draft.place(value),
    };
    draft.push(id, value);
}

/// What two digits each stand for; zeros between arguments are blanks. Arguments of a system call (`a0`) are numbers there and
/// text in `EXECVE`: only what is long enough to be text and is text is taken for it.
fn unhex(value: &[u8], name: &[u8]) -> Option<Vec<u8>> {
    let is_argument = name.first() == Some(&b'a') && name.len() <= 4 && name != b"acct";
    if !value.len().is_multiple_of(2) || value.len() < 2 || (is_argument && value.len() < 18) {
        return None;
    }
    let mut out = Vec::with_capacity(value.len() / 2);
    for pair in value.as_chunks::<2>().0 {
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Some(byte.wrapping_sub(b'0')),
            b'A'..=b'F' => Some(byte.wrapping_sub(b'A').wrapping_add(10)),
            _ => None,
        };
        let [high, low] = *pair;
        out.push((digit(high)? << 4) | digit(low)?);
    }
    while out.last() == Some(&0) {
        out.pop();
    }
    for byte in &mut out {
        if *byte == 0 {
            *byte = b' ';
        }
    }
    std::str::from_utf8(&out).is_ok().then_some(out)
}
