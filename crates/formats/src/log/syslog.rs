//! Lines of syslog: RFC 3164 as it is written in files, RFC 5424, and what daemons made of both.
//!
//! A line has a priority in angle brackets or none, a time (`Jan 31 12:00:00`, with a year on some, or RFC 3339), a host, a
//! program with or without a process in brackets, and a message. The message is read by the format of its program. Cisco's
//! devices leave the host out or put a sequence number in front; both are taken.

use super::draft::Draft;
use super::name::key;
use super::registry::{Format, Outcome};
use super::scan::{Scan, number};
use super::time::{self, Civil};
use super::{inner, scan};

pub(crate) static RFC3164: Format = Format {
    name: "syslog",
    describes: "syslog as daemons write it to files, RFC 3164",
    recognised: "a time, a host, a program and a colon",
    time: "without year and zone: both are assumed; RFC 3339 times state both",
};

pub(crate) static RFC5424: Format = Format {
    name: "syslog-5424",
    describes: "syslog of RFC 5424, with its structured data",
    recognised: "a priority in angle brackets and version 1",
    time: "RFC 3339, with its zone",
};

/// Reads a line.
#[inline]
pub(crate) fn line(text: &[u8], draft: &mut Draft) -> Outcome {
    let mut scan = Scan::new(text);
    let priority = priority(&mut scan);
    if priority.is_some() && scan.rest.starts_with(b"1 ") && rfc5424(&mut scan, priority, draft).is_some() {
        return Outcome::Record;
    }
    match rfc3164(&mut scan, priority, draft) {
        Some(()) => Outcome::Record,
        None => Outcome::No,
    }
}

/// `<34>`: facility times eight plus severity.
#[inline]
fn priority(scan: &mut Scan<'_>) -> Option<i64> {
    if scan.peek() != b'<' {
        return None;
    }
    let mut rest = *scan;
    let inside = rest.between(b'<', b'>')?;
    let value = number(inside).filter(|value| *value <= 191)?;
    *scan = rest;
    i64::try_from(value).ok()
}

fn levels(priority: Option<i64>, draft: &mut Draft) {
    if let Some(priority) = priority {
        draft.integer(key!("facility"), priority / 8);
        draft.integer(key!("severity"), priority % 8);
    }
}

#[inline]
fn stamp(text: &[u8]) -> Option<(Civil, usize)> {
    match text.first()? {
        b'A'..=b'Z' => time::bsd(text),
        b'0'..=b'9' => time::iso(text),
        _ => None,
    }
}

#[inline]
fn rfc3164(scan: &mut Scan<'_>, priority: Option<i64>, draft: &mut Draft) -> Option<()> {
    let text = scan.rest;
    let Some((civil, len)) = stamp(text) else {
        return priority.and_then(|_| headless(scan, priority, draft));
    };
    scan.skip(len);
    if scan.peek() == b':' && priority.is_some() {
        scan.skip(1);
    }
    if !scan.eat(b" ") {
        return None;
    }
    // An ISO time at the beginning of a line is many programs' habit: syslog is what names a host and a program next.
    let is_iso = text.first()?.is_ascii_digit();
    let after_time = *scan;
    let host = scan.word()?;
    let after_host = *scan;
    let tag_found = tag(scan).filter(|(program, _)| !program.starts_with(b"%") && !is_mark(program));
    let (program, pid) = match tag_found {
        Some(tag) if is_host(host) && (!is_iso || is_name(host)) => tag,
        _ if is_iso => return None,
        _ => {
            draft.at(&civil);
            // No host: the tag stands where it would be.
            *scan = after_time;
            if let Some((program, pid)) = tag(scan).filter(|(program, _)| !program.starts_with(b"%")) {
                return finish(scan, priority, b"", program, pid, draft);
            }
            if after_time.peek() == b'%' {
                *scan = after_time;
                return finish(scan, priority, b"", b"", b"", draft);
            }
            *scan = after_host;
            scan.eat(b": ");
            return untagged(scan, priority, host, draft);
        }
    };
    draft.at(&civil);
    finish(scan, priority, host, program, pid, draft)
}

#[inline]
fn finish(
    scan: &mut Scan<'_>,
    priority: Option<i64>,
    host: &[u8],
    program: &[u8],
    pid: &[u8],
    draft: &mut Draft,
) -> Option<()> {
    draft.is(&RFC3164);
    levels(priority, draft);
    if !host.is_empty() {
        draft.text(key!("hostname"), host);
    }
    if !program.is_empty() {
        draft.text(key!("program"), program);
    }
    if !pid.is_empty() {
        draft.number(key!("pid"), pid);
    }
    inner::message(program, scan.rest, draft);
    Some(())
}

/// No program: what says itself what it is, or comes with a priority.
fn untagged(scan: &mut Scan<'_>, priority: Option<i64>, host: &[u8], draft: &mut Draft) -> Option<()> {
    if !is_host(host) {
        return None;
    }
    finish(scan, priority, host, b"", b"", draft)?;
    let is_known = draft.format.is_some_and(|format| !std::ptr::eq(format, &RFC3164));
    (is_known || priority.is_some()).then_some(())
}

/// What is no program though it stands where one would.
fn is_mark(program: &[u8]) -> bool {
    matches!(program, b"CEF" | b"LEEF") || program.starts_with(b"{") || program.starts_with(b"<")
}

/// A priority and no time: what devices send that leave the time to the receiver.
fn headless(scan: &mut Scan<'_>, priority: Option<i64>, draft: &mut Draft) -> Option<()> {
    draft.is(&RFC3164);
    levels(priority, draft);
    // `<189>45: *Mar  1 00:00:01.000: %SYS-5-…`: a sequence number, and a mark for a clock that is not set.
    let mut rest = *scan;
    if let Some(sequence) = rest.digits()
        && rest.eat(b": ")
    {
        draft.number(key!("sequence"), sequence);
        rest.eat(b"*");
        rest.eat(b".");
        if let Some((civil, len)) = stamp(rest.rest) {
            draft.at(&civil);
            rest.skip(len);
            rest.eat(b":");
            rest.blanks();
        }
        *scan = rest;
    }
    let before = *scan;
    match tag(scan).filter(|(program, _)| !program.starts_with(b"%") && !is_mark(program)) {
        Some((program, pid)) => {
            draft.text(key!("program"), program);
            if !pid.is_empty() {
                draft.number(key!("pid"), pid);
            }
            inner::message(program, scan.rest, draft);
        }
        None => {
            *scan = before;
            inner::message(b"", scan.rest, draft);
        }
    }
    Some(())
}

/// `sshd[123]: `, `kernel: `, `postfix/smtpd[1]: `, `sshd(pam_unix)[19939]: `: the program and its process.
#[inline]
fn tag<'a>(line: &mut Scan<'a>) -> Option<(&'a [u8], &'a [u8])> {
    let text = line.rest;
    let end = text.iter().take(64).position(|byte| scan::is(*byte, scan::TAG_END))?;
    let (program, rest) = text.split_at_checked(end)?;
    if program.is_empty() || !scan::are(program, scan::GRAPHIC) {
        return None;
    }
    let mut rest = Scan::new(rest);
    if rest.peek() == b' '
        && program.iter().all(u8::is_ascii_alphabetic)
        && rest.rest.get(1).is_some_and(u8::is_ascii_digit)
    {
        // `syslogd 1.4.1: restart.`
        let version = rest.rest.iter().take(16).position(|byte| *byte == b':')?;
        let is_version = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
        if !rest.rest.get(1..version)?.iter().all(is_version) {
            return None;
        }
        rest.skip(version);
    }
    if rest.peek() == b'(' {
        rest.between(b'(', b')')?;
    }
    let pid = if rest.peek() == b'[' {
        rest.between(b'[', b']')?
    } else {
        b""
    };
    if !rest.eat(b":") {
        return None;
    }
    rest.eat(b" ");
    *line = rest;
    Some((program, pid))
}

#[inline]
fn is_host(text: &[u8]) -> bool {
    text.len() <= 255 && !matches!(text.last(), None | Some(b':')) && scan::are(text, scan::HOST)
}

/// A word that is no number and no level of a log of applications.
fn is_name(text: &[u8]) -> bool {
    const LEVELS: &[&[u8]] = &[
        b"TRACE",
        b"DEBUG",
        b"INFO",
        b"NOTICE",
        b"WARN",
        b"WARNING",
        b"ERROR",
        b"CRITICAL",
        b"FATAL",
        b"SEVERE",
    ];
    let is_level = LEVELS.iter().any(|level| level.eq_ignore_ascii_case(text));
    !is_level && text.iter().any(|byte| byte.is_ascii_alphabetic() || *byte == b'.')
}

/// `1 2027-01-31T12:00:00Z host app 123 ID47 [id a="b"] message`
fn rfc5424(scan: &mut Scan<'_>, priority: Option<i64>, draft: &mut Draft) -> Option<()> {
    let mut rest = *scan;
    rest.skip(2);
    let time = rest.word()?;
    if time != b"-" {
        let (civil, end) = time::iso(time)?;
        if end != time.len() {
            return None;
        }
        draft.at(&civil);
    }
    draft.is(&RFC5424);
    levels(priority, draft);
    let (host, program) = (rest.word()?, rest.word()?);
    let (process, id) = (rest.word()?, rest.word()?);
    draft.some(key!("hostname"), host);
    draft.some(key!("program"), program);
    if process != b"-" {
        draft.number(key!("pid"), process);
    }
    draft.some(key!("msgid"), id);
    structured(&mut rest, draft)?;
    rest.eat(b" ");
    let message = rest.rest.strip_prefix(b"\xef\xbb\xbf").unwrap_or(rest.rest);
    inner::message(program, message, draft);
    *scan = rest;
    Some(())
}

/// `[id@1 a="b" c="d"][…]` or `-`. Names are `id@1.a`.
fn structured(scan: &mut Scan<'_>, draft: &mut Draft) -> Option<()> {
    if scan.eat(b"-") {
        return Some(());
    }
    while scan.eat(b"[") {
        let end = scan.rest.iter().position(|byte| matches!(byte, b' ' | b']'))?;
        let id = scan.rest.get(..end)?;
        scan.skip(end);
        while scan.eat(b" ") {
            let name = scan.until(b'=')?;
            let value = scan.quoted()?;
            let parent = std::str::from_utf8(id).ok().map(|id| draft.names.id(id))?;
            let name = draft.name_below(parent, name);
            let value = unescaped(value, draft);
            draft.push(name, value);
        }
        if !scan.eat(b"]") {
            return None;
        }
    }
    Some(())
}

/// Quotes, brackets and backslashes behind a backslash stand for themselves.
pub(crate) fn unescaped(value: &[u8], draft: &mut Draft) -> super::record::RawValue {
    if !value.contains(&b'\\') {
        return draft.place(value);
    }
    let mut clean = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some((byte, tail)) = rest.split_first() {
        rest = tail;
        match (byte, tail.first()) {
            (b'\\', Some(next @ (b'"' | b'\\' | b']' | b'=' | b'|'))) => {
                clean.push(*next);
                rest = tail.get(1..).unwrap_or_default();
            }
            _ => clean.push(*byte),
        }
    }
    draft.copied(&clean)
}
