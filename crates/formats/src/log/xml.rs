//! Windows events as XML (Event Viewer, `wevtutil`, `Get-WinEvent`, Sysmon for Linux), and the network policy server's log,
//! which is XML too.
//!
//! Names are those of [`evtx`](super::evtx). Entities of XML are resolved, others stay as they stand; document types are
//! passed over, so nothing expands. Nothing recurses: open elements are a list of bounded length.

use super::draft::Draft;
use super::evtx::SYSMON;
use super::frame::Frame;
use super::name::key;
use super::record::{Fault, RawName};
use super::registry::{Format, Outcome};
use super::scan::{Scan, find};
use super::time;
use memchr::memmem;

pub(crate) static FORMAT: Format = Format {
    name: "windows-xml",
    describes: "Windows events as XML, one after the other or in one document, UTF-16 or UTF-8",
    recognised: "elements `<Event` with `<System>`",
    time: "with its zone",
};

pub(crate) static NPS: Format = Format {
    name: "nps",
    describes: "Microsoft network policy server (RADIUS), in the DTS format",
    recognised: "elements `<Event>` whose children have `data_type`",
    time: "local time of the server: the zone is assumed",
};

/// Elements inside of one another at most.
const MOST_DEEP: usize = 32;

/// Whether a text that begins with an angle bracket holds events.
pub(crate) fn is(start: &[u8]) -> bool {
    let head = start.get(..4096).unwrap_or(start);
    memmem::find(head, b"<Event").is_some_and(|at| {
        at == 0
            || !head.get(..at).unwrap_or_default().contains(&b'\n')
            || memmem::find(head, b"<Events").is_some()
            || head.starts_with(b"<?xml")
    })
}

/// The next `<Event …>…</Event>`.
pub(crate) fn next(rest: &[u8], is_end: bool) -> Option<Frame> {
    let mut from = 0_usize;
    let start = loop {
        let Some(found) = memmem::find(rest.get(from..)?, b"<Event") else {
            let keep = if is_end { 0 } else { 8 };
            let len = rest.len().saturating_sub(keep);
            return (len > 0).then(|| Frame::skip(len));
        };
        let at = from.saturating_add(found);
        match rest.get(at.saturating_add(6)) {
            Some(b' ' | b'>' | b'\t' | b'\r' | b'\n') => break at,
            None if !is_end => return (at > 0).then(|| Frame::skip(at)),
            _ => from = at.saturating_add(6),
        }
    };
    let body = rest.get(start..)?;
    match memmem::find(body, b"</Event>") {
        Some(len) => {
            let end = start.saturating_add(len).saturating_add(8);
            Some(Frame::new(start, end, end))
        }
        None if is_end => Some(Frame::broken(start, rest.len())),
        None if start > 0 => Some(Frame::skip(start)),
        None => None,
    }
}

/// A line that is an event.
pub(crate) fn line(text: &[u8], draft: &mut Draft) -> Outcome {
    if text.starts_with(b"<Event") && event(text, draft) {
        Outcome::Record
    } else {
        Outcome::No
    }
}

/// An element that is open.
#[derive(Clone, Copy)]
struct Open<'a> {
    name: &'a [u8],
    label: &'a [u8],
    /// Where its text began.
    from: usize,
    has_children: bool,
}

/// Reads one event.
pub(crate) fn event(text: &[u8], draft: &mut Draft) -> bool {
    draft.is(&FORMAT);
    let mut stack: Vec<Open<'_>> = Vec::new();
    let mut at = 0_usize;
    let mut seen = 0_usize;
    while let Some(open) = text.get(at..).and_then(|rest| memchr::memchr(b'<', rest)) {
        let tag_at = at.saturating_add(open);
        let rest = text.get(tag_at..).unwrap_or_default();
        if rest.starts_with(b"<![CDATA[") {
            at = memmem::find(rest, b"]]>").map_or(text.len(), |end| tag_at.saturating_add(end).saturating_add(3));
            continue;
        }
        let Some(len) = end_of_tag(rest) else { break };
        let tag = rest.get(1..len.saturating_sub(1)).unwrap_or_default();
        at = tag_at.saturating_add(len);
        match tag.first() {
            Some(b'?' | b'!') | None => {}
            Some(b'/') => {
                if let Some(element) = stack.pop() {
                    let inside = text.get(element.from..tag_at).unwrap_or_default();
                    close(&element, inside, &stack, draft);
                }
                if stack.is_empty() {
                    return seen > 1;
                }
            }
            Some(_) => {
                seen = seen.saturating_add(1);
                let is_empty = tag.ends_with(b"/");
                let tag = tag.strip_suffix(b"/").unwrap_or(tag);
                if let Some(parent) = stack.last_mut() {
                    parent.has_children = true;
                }
                let element = begin(tag, at, draft);
                if is_empty {
                    if !element.label.is_empty() {
                        close(&element, b"", &stack, draft);
                    }
                } else if stack.len() < MOST_DEEP {
                    stack.push(element);
                } else {
                    draft.fault = Some(Fault::Bounded);
                    return true;
                }
            }
        }
    }
    draft.fault = Some(Fault::Truncated);
    seen > 1
}

/// Where a tag ends, quotes in it counted.
fn end_of_tag(rest: &[u8]) -> Option<usize> {
    let mut at = 0_usize;
    loop {
        let found = memchr::memchr3(b'>', b'"', b'\'', rest.get(at..)?)?.checked_add(at)?;
        match rest.get(found)? {
            b'>' => return found.checked_add(1),
            quote => {
                at = memchr::memchr(*quote, rest.get(found.checked_add(1)?..)?)?
                    .checked_add(found)?
                    .checked_add(2)?
            }
        }
    }
}

/// The name of an element and its attributes.
fn begin<'a>(tag: &'a [u8], at: usize, draft: &mut Draft) -> Open<'a> {
    let end = tag.iter().position(u8::is_ascii_whitespace).unwrap_or(tag.len());
    let (name, attributes) = tag.split_at_checked(end).unwrap_or((tag, b""));
    let name = find(name, b':')
        .and_then(|colon| name.get(colon.saturating_add(1)..))
        .unwrap_or(name);
    let mut element = Open {
        name,
        label: b"",
        from: at,
        has_children: false,
    };
    let mut scan = Scan::new(attributes);
    loop {
        scan.blanks();
        let Some(attribute) = scan.until(b'=') else { break };
        let attribute = attribute.trim_ascii();
        scan.blanks();
        let quote = scan.peek();
        let Some(value) = scan.between(quote, quote).filter(|_| matches!(quote, b'"' | b'\'')) else {
            break;
        };
        if attribute.starts_with(b"xmlns") || attribute == b"data_type" {
            if attribute == b"data_type" {
                draft.format = Some(&NPS);
            }
        } else if attribute == b"Name" && matches!(name, b"Data" | b"ComplexData") {
            element.label = value;
        } else {
            give(name, Some(attribute), value, draft);
        }
    }
    element
}

/// An attribute, or the text of an element.
fn give(element: &[u8], attribute: Option<&[u8]>, value: &[u8], draft: &mut Draft) {
    let mut full = Vec::new();
    let name = match attribute {
        Some(attribute) => {
            full.extend_from_slice(element);
            full.push(b'_');
            full.extend_from_slice(attribute);
            full.as_slice()
        }
        None => element,
    };
    if name == b"Provider_Name" && value == b"Microsoft-Windows-Sysmon" {
        draft.format = Some(&SYSMON);
    }
    if matches!(name, b"TimeCreated_SystemTime" | b"Timestamp") {
        // It says more than what carried it.
        draft.time = time::any(value, &mut draft.assumed).or(draft.time);
    }
    let id = draft.name(name);
    put(id, value, draft);
}

fn put(name: RawName, value: &[u8], draft: &mut Draft) {
    let value = if memchr::memchr2(b'&', b'<', value).is_some() {
        let start = draft.scratch.len();
        resolve(value, &mut draft.scratch);
        draft.since(start)
    } else {
        draft.place(value)
    };
    draft.push(name, value);
}

fn close(element: &Open<'_>, inside: &[u8], parents: &[Open<'_>], draft: &mut Draft) {
    if element.has_children
        || matches!(
            element.name,
            b"Event" | b"Events" | b"System" | b"EventData" | b"UserData"
        )
    {
        return;
    }
    if parents.iter().any(|parent| parent.name == b"RenderingInfo") {
        let parent = draft.names.id("RenderingInfo");
        let name = draft.name_below(parent, element.name);
        put(name, inside, draft);
        if element.name == b"Message" {
            draft.message = draft.fields.last().map(|field| field.value);
        }
        return;
    }
    if !element.label.is_empty() {
        let name = draft.name(element.label);
        put(name, inside, draft);
    } else if matches!(
        element.name,
        b"EventID" | b"Level" | b"Version" | b"Task" | b"Opcode" | b"EventRecordID"
    ) {
        let name = draft.name(element.name);
        let value = match super::scan::integer(inside) {
            Some(number) => super::record::RawValue::Integer(number),
            None => draft.place(inside),
        };
        draft.push(name, value);
    } else if !inside.trim_ascii().is_empty() || element.name == b"Data" {
        give(element.name, None, inside, draft);
    }
    if element.name == b"Computer" && inside.is_empty() {
        draft.fixed(key!("Computer"), "");
    }
}

/// Entities of XML and numbers of letters; CDATA is what it holds.
fn resolve(text: &[u8], out: &mut String) {
    let push = |bytes: &[u8], out: &mut String| match std::str::from_utf8(bytes) {
        Ok(text) => out.push_str(text),
        Err(_) => out.push_str(&String::from_utf8_lossy(bytes)),
    };
    let mut rest = text;
    while let Some(at) = memchr::memchr2(b'&', b'<', rest) {
        let (plain, tail) = rest.split_at_checked(at).unwrap_or((rest, b""));
        push(plain, out);
        if let Some(data) = tail.strip_prefix(b"<![CDATA[") {
            let end = memmem::find(data, b"]]>").unwrap_or(data.len());
            push(data.get(..end).unwrap_or_default(), out);
            rest = data.get(end.saturating_add(3)..).unwrap_or_default();
            continue;
        }
        let end = tail.get(..12).unwrap_or(tail).iter().position(|byte| *byte == b';');
        let letter = end.and_then(|end| entity(tail.get(1..end)?));
        match (letter, end) {
            (Some(letter), Some(end)) => {
                out.push(letter);
                rest = tail.get(end.saturating_add(1)..).unwrap_or_default();
            }
            _ => {
                push(tail.get(..1).unwrap_or_default(), out);
                rest = tail.get(1..).unwrap_or_default();
            }
        }
    }
    push(rest, out);
}

fn entity(name: &[u8]) -> Option<char> {
    Some(match name {
        b"lt" => '<',
        b"gt" => '>',
        b"amp" => '&',
        b"quot" => '"',
        b"apos" => '\'',
        _ => {
            let digits = std::str::from_utf8(name.strip_prefix(b"#")?).ok()?;
            let number = match digits.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                None => digits.parse().ok()?,
            };
            char::from_u32(number)?
        }
    })
}
