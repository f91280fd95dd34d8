//! Calendars (RFC 5545): the lines as they were before they were folded, and what each event says.
//!
//! One pass over the lines. Absent: time zones, repetitions, and whether an event is valid.

use crate::email::transfer;
use std::borrow::Cow;
use std::ops::Range;
use watchfire_model::{InviteFacts, Mailbox, Untrusted};

/// Events that are told.
const EVENTS: usize = 100;
/// People of an event.
const PEOPLE: usize = 500;
/// Characters of a text.
const LONGEST: usize = 4_000;
/// Files that are handed out.
const FILES: usize = 100;

/// A calendar.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar<'a> {
    /// Its lines, unfolded.
    pub lines: Vec<Line<'a>>,
    /// Its events.
    pub events: Vec<InviteFacts>,
    /// Files and pages inside of it: name, declared type, bytes.
    pub files: Vec<(String, String, Vec<u8>)>,
}

/// A line: name, parameters, value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// Its name, as written.
    pub name: Cow<'a, str>,
    /// Between the name and the value, `;CN=Ann;RSVP=TRUE`.
    pub parameters: Cow<'a, str>,
    /// The value, still escaped.
    pub value: Cow<'a, str>,
    /// Where the line stands in the text.
    pub place: Range<usize>,
}

impl Line<'_> {
    fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// A parameter, without its quotes.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        split_outside_quotes(&self.parameters, b';')
            .into_iter()
            .find_map(|parameter| {
                let (known, value) = parameter.split_once('=')?;
                known.eq_ignore_ascii_case(name).then(|| value.trim_matches('"'))
            })
    }

    /// The value as a reader sees it.
    pub fn text(&self) -> Cow<'_, str> {
        unescaped(&self.value)
    }

    /// Whether it is written by and for programs.
    pub fn is_of_machines(&self) -> bool {
        const NAMES: &[&str] = &[
            "UID",
            "PRODID",
            "DTSTAMP",
            "DTSTART",
            "DTEND",
            "CREATED",
            "LAST-MODIFIED",
            "RRULE",
            "TZID",
            "TZURL",
            "SEQUENCE",
            "TZOFFSETFROM",
            "TZOFFSETTO",
            "VERSION",
            "BEGIN",
            "END",
            "TRIGGER",
        ];
        NAMES.iter().any(|name| self.is(name)) || self.parameter("ENCODING").is_some()
    }
}

/// Reads a calendar.
pub fn read(text: &str) -> Calendar<'_> {
    let mut calendar = Calendar {
        lines: lines(text),
        ..Calendar::default()
    };
    let mut method = None;
    let mut event: Option<InviteFacts> = None;
    for line in &calendar.lines {
        if line.is("METHOD") && event.is_none() {
            method = Some(cut(line));
        } else if line.is("BEGIN") && is_event(&line.value) {
            event = Some(InviteFacts {
                method: method.clone(),
                ..InviteFacts::default()
            });
        } else if line.is("END") && is_event(&line.value) {
            calendar
                .events
                .extend(event.take().filter(|_| calendar.events.len() < EVENTS));
        } else if let Some(event) = event.as_mut() {
            put(event, line);
            if calendar.files.len() < FILES {
                calendar.files.extend(file(line));
            }
        }
    }
    // One that was cut counts too.
    calendar.events.extend(event.filter(|_| calendar.events.len() < EVENTS));
    calendar
}

fn is_event(component: &str) -> bool {
    ["VEVENT", "VTODO", "VJOURNAL"]
        .iter()
        .any(|known| component.trim().eq_ignore_ascii_case(known))
}

fn put(event: &mut InviteFacts, line: &Line<'_>) {
    match line.name.to_ascii_uppercase().as_str() {
        "ORGANIZER" => event.organizer = Some(person(line)),
        "ATTENDEE" if event.attendees.len() < PEOPLE => event.attendees.push(person(line)),
        "SUMMARY" => event.summary = cut(line),
        "LOCATION" => event.location = cut(line),
        "DESCRIPTION" => event.description = cut(line),
        "DTSTART" => event.begins = Some(cut(line)),
        "URL" | "CONFERENCE" | "ATTACH" | "X-GOOGLE-CONFERENCE" | "X-MICROSOFT-SKYPETEAMSMEETINGURL"
            if event.links.len() < FILES && line.value.contains("://") =>
        {
            event.links.push(cut(line));
        }
        _ => {}
    }
}

/// A page that says the same as the description, or an attached file.
fn file(line: &Line<'_>) -> Option<(String, String, Vec<u8>)> {
    let declared = line.parameter("FMTTYPE").unwrap_or_default().to_ascii_lowercase();
    if line.is("X-ALT-DESC") || (line.is("STYLED-DESCRIPTION") && declared == "text/html") {
        return Some((
            "description".to_owned(),
            "text/html".to_owned(),
            line.text().into_owned().into_bytes(),
        ));
    }
    let is_base64 = line
        .parameter("ENCODING")
        .is_some_and(|encoding| encoding.eq_ignore_ascii_case("BASE64"));
    if !line.is("ATTACH") || !is_base64 {
        return None;
    }
    let name = line
        .parameter("FILENAME")
        .or_else(|| line.parameter("X-FILENAME"))
        .unwrap_or("attachment");
    Some((name.to_owned(), declared, transfer::base64(line.value.as_bytes()).0))
}

/// `ORGANIZER;CN=Ann:mailto:ann@a.example`
fn person(line: &Line<'_>) -> Mailbox {
    let value = line.value.trim();
    let has_scheme = value
        .get(..7)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("mailto:"));
    let address = if has_scheme {
        value.get(7..).unwrap_or_default()
    } else {
        value
    };
    let address = address
        .rsplit_once('@')
        .map(|(local, domain)| format!("{local}@{}", domain.to_lowercase()));
    Mailbox {
        name: line.parameter("CN").unwrap_or_default().into(),
        address: address.map(Untrusted::from),
        group: None,
    }
}

fn cut(line: &Line<'_>) -> Untrusted {
    line.text().chars().take(LONGEST).collect::<String>().into()
}

/// Lines that begin with a blank go on the line before (RFC 5545, section 3.1).
fn lines(text: &str) -> Vec<Line<'_>> {
    let mut out = Vec::new();
    let mut open: Option<(Cow<'_, str>, Range<usize>)> = None;
    let mut at = 0;
    for written in text.split_inclusive('\n') {
        let start = at;
        at += written.len();
        let line = written.strip_suffix('\n').unwrap_or(written);
        let line = line.strip_suffix('\r').unwrap_or(line);
        let end = start + line.len();
        match (line.strip_prefix([' ', '\t']), open.as_mut()) {
            (Some(rest), Some((whole, place))) => {
                whole.to_mut().push_str(rest);
                place.end = end;
            }
            _ => {
                out.extend(open.take().and_then(|(whole, place)| taken_apart(whole, place)));
                open = Some((Cow::Borrowed(line), start..end));
            }
        }
    }
    out.extend(open.and_then(|(whole, place)| taken_apart(whole, place)));
    out
}

fn taken_apart(line: Cow<'_, str>, place: Range<usize>) -> Option<Line<'_>> {
    let mut quoted = false;
    let colon = line.bytes().position(|byte| {
        quoted ^= byte == b'"';
        byte == b':' && !quoted
    })?;
    let semicolon = line
        .bytes()
        .position(|byte| byte == b';')
        .filter(|at| *at < colon)
        .unwrap_or(colon);
    let piece = |range: Range<usize>| match &line {
        Cow::Borrowed(line) => Cow::Borrowed(line.get(range).unwrap_or_default()),
        Cow::Owned(line) => Cow::Owned(line.get(range).unwrap_or_default().to_owned()),
    };
    Some(Line {
        name: piece(0..semicolon),
        parameters: piece(semicolon..colon),
        value: piece(colon + 1..line.len()),
        place,
    })
}

fn split_outside_quotes(text: &str, by: u8) -> Vec<&str> {
    let mut quoted = false;
    text.split(|letter: char| {
        quoted ^= letter == '"';
        letter == char::from(by) && !quoted
    })
    .collect()
}

/// `\n`, `\,`, `\;` and `\\` (RFC 5545, section 3.3.11).
fn unescaped(value: &str) -> Cow<'_, str> {
    if !value.contains('\\') {
        return Cow::Borrowed(value);
    }
    let mut out = String::with_capacity(value.len());
    let mut letters = value.chars();
    while let Some(letter) = letters.next() {
        match (letter, letter == '\\') {
            (_, true) => match letters.next() {
                Some('n' | 'N') => out.push('\n'),
                Some(other) => out.push(other),
                None => {}
            },
            (letter, false) => out.push(letter),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    const INVITE: &str = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:1@host.example\r\n\
        ORGANIZER;CN=\"Pay; Roll\":mailto:boss@Evil.Example\r\nATTENDEE;CN=Ann;RSVP=TRUE:MAILTO:ann@corp.example\r\n\
        SUMMARY:Salary\\, now\r\nLOCATION:https://meet.evil-site.com/\r\n a/b\r\nDESCRIPTION:Go to\\nhttps://x.evil-site.com/y\\n\r\n\
        X-ALT-DESC;FMTTYPE=text/html:<a href=\"https://z.example\">x</a>\r\nURL:https://u.example/\r\n\
        ATTACH;FMTTYPE=text/plain;ENCODING=BASE64;VALUE=BINARY;FILENAME=\"a.txt\":aGk=\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

    #[test]
    fn an_invitation_says_who_and_where() {
        let calendar = read(INVITE);
        let [event] = calendar.events.as_slice() else {
            panic!("{calendar:?}")
        };
        let organizer = event.organizer.as_ref().unwrap();
        assert_eq!(
            (organizer.name.raw(), organizer.domain()),
            ("Pay; Roll", Some("evil.example"))
        );
        assert_eq!(event.attendees.len(), 1);
        assert_eq!(
            (event.summary.raw(), event.location.raw()),
            ("Salary, now", "https://meet.evil-site.com/a/b")
        );
        assert_eq!(event.description.raw(), "Go to\nhttps://x.evil-site.com/y\n");
        assert_eq!(event.method.as_ref().map(Untrusted::raw), Some("REQUEST"));
        assert_eq!(event.links.len(), 1);
        let files: Vec<(&str, &[u8])> = calendar
            .files
            .iter()
            .map(|(name, _, bytes)| (name.as_str(), bytes.as_slice()))
            .collect();
        assert_eq!(
            files,
            [
                ("description", "<a href=\"https://z.example\">x</a>".as_bytes()),
                ("a.txt", b"hi")
            ]
        );
    }

    #[test]
    fn lines_are_where_they_were_folded() {
        let calendar = read("A:1\r\nLOC\r\n\tATION:x\r\n  y\r\nnothing\r\n :\r\n");
        let lines: Vec<(&str, &str, Range<usize>)> = calendar
            .lines
            .iter()
            .map(|line| (&*line.name, &*line.value, line.place.clone()))
            .collect();
        assert_eq!(
            lines,
            [("A", "1", 0..3), ("LOCATION", "x y", 5..23), ("nothing", "", 25..36)]
        );
    }

    #[test]
    fn a_calendar_without_end_is_bounded() {
        let many = "BEGIN:VEVENT\nATTENDEE:mailto:a@b.example\n".repeat(20_000);
        let calendar = read(&many);
        assert!(calendar.events.len() <= EVENTS);
        let one = format!("BEGIN:VEVENT\n{}", "ATTENDEE:mailto:a@b.example\n".repeat(2_000));
        assert_eq!(
            read(&one).events.first().map(|event| event.attendees.len()),
            Some(PEOPLE)
        );
        let _ = read(&"\\".repeat(100_000));
        let _ = read(&format!("A:{}", "\n x".repeat(100_000)));
    }
}
