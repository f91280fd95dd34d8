//! One JSON object to fields: nested objects are joined with dots, arrays give several values under one name.
//!
//! RFC 8259, read leniently where logs are: control characters inside of strings are letters, and a key may come twice; both
//! values stay. Strings without escapes stay where they are. Nothing recurses: what lies deeper than [`MOST_DEEP`] is one
//! value, as it stands. Who wrote the object is told by its keys ([`dialect`]), and its time is the value of the key that its
//! dialect or habit says.

pub(crate) mod dialect;
mod string;

use super::draft::Draft;
use super::name::NameId;
use super::record::{Fault, RawName, RawValue};
use super::registry::Outcome;
use super::scan::integer;
use super::time;
use dialect::Traits;
pub(crate) use string::{end_of_value, unescape};

/// Objects and arrays inside of one another at most.
pub(crate) const MOST_DEEP: usize = 64;

/// What is kept between records.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    stack: Vec<Open>,
    /// By the number of a name.
    traits: Vec<Option<Traits>>,
}

/// An object or array that was begun.
#[derive(Clone, Copy, Debug)]
struct Open {
    name: RawName,
    is_array: bool,
    is_empty: bool,
}

/// What was noticed while reading.
#[derive(Debug, Default)]
struct Seen {
    /// The field that holds the time, and how much it deserves that.
    time: Option<usize>,
    rank: u8,
    markers: u64,
}

/// A line that is an object.
pub(crate) fn line(text: &[u8], draft: &mut Draft) -> Outcome {
    if text.first() != Some(&b'{') {
        return Outcome::No;
    }
    if object(text, draft) {
        Outcome::Record
    } else {
        Outcome::No
    }
}

/// Reads one object that is all of `text`.
pub(crate) fn object(text: &[u8], draft: &mut Draft) -> bool {
    let mark = draft.mark();
    let mut stack = std::mem::take(&mut draft.json.stack);
    stack.clear();
    let mut seen = Seen::default();
    let read = read(text.trim_ascii(), draft, &mut stack, &mut seen);
    draft.json.stack = stack;
    if read.is_none() {
        draft.back(mark);
        return false;
    }
    finish(text, draft, &seen, mark.fields());
    true
}

fn read(text: &[u8], draft: &mut Draft, stack: &mut Vec<Open>, seen: &mut Seen) -> Option<()> {
    let mut rest = text.strip_prefix(b"{")?;
    // A row that Splunk exported stands in an envelope, whose name says nothing.
    let is_row = rest.trim_ascii_start().starts_with(b"\"preview\"");
    stack.push(Open {
        name: RawName::Known(NameId::ROOT),
        is_array: false,
        is_empty: true,
    });
    while let Some(open) = stack.last_mut() {
        rest = rest.trim_ascii_start();
        let (first, after) = rest.split_first()?;
        if *first == if open.is_array { b']' } else { b'}' } {
            let Open { name, is_empty, .. } = *open;
            stack.pop();
            if is_empty && !stack.is_empty() {
                add(draft, name, RawValue::Null, seen);
            }
            rest = after;
            continue;
        }
        if !open.is_empty {
            rest = rest.strip_prefix(b",")?.trim_ascii_start();
        }
        open.is_empty = false;
        let Open { name, is_array, .. } = *open;
        let name = if is_array {
            name
        } else {
            let (key, tail) = key(rest, draft, name)?;
            rest = tail.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
            key
        };
        let is_envelope = is_row && stack.len() == 1 && rest.starts_with(b"{");
        let name = if is_envelope {
            RawName::Known(NameId::ROOT)
        } else {
            name
        };
        rest = value(rest, name, draft, stack, seen)?;
    }
    rest.trim_ascii().is_empty().then_some(())
}

/// One value, or the beginning of an object or array.
#[inline]
fn value<'a>(
    rest: &'a [u8],
    name: RawName,
    draft: &mut Draft,
    stack: &mut Vec<Open>,
    seen: &mut Seen,
) -> Option<&'a [u8]> {
    let (value, rest) = match rest.first()? {
        b'"' => {
            let (raw, tail, has_escapes) = string::raw(rest)?;
            let value = if has_escapes {
                let start = draft.scratch.len();
                string::unescape(raw, &mut draft.scratch);
                if draft.is_full() {
                    RawValue::Null
                } else {
                    draft.since(start)
                }
            } else {
                draft.place(raw)
            };
            (value, tail)
        }
        open @ (b'{' | b'[') => {
            if stack.len() < MOST_DEEP {
                stack.push(Open {
                    name,
                    is_array: *open == b'[',
                    is_empty: true,
                });
                return rest.get(1..);
            }
            draft.fault = Some(Fault::Bounded);
            let (whole, tail) = rest.split_at_checked(string::end_of_value(rest)?)?;
            (draft.place(whole), tail)
        }
        b't' => (RawValue::Bool(true), rest.strip_prefix(b"true")?),
        b'f' => (RawValue::Bool(false), rest.strip_prefix(b"false")?),
        b'n' => (RawValue::Null, rest.strip_prefix(b"null")?),
        _ => {
            let len = string::number(rest)?;
            let (text, tail) = rest.split_at_checked(len)?;
            (number(text, draft), tail)
        }
    };
    add(draft, name, value, seen);
    Some(rest)
}

fn number(text: &[u8], draft: &mut Draft) -> RawValue {
    if let Some(number) = integer(text) {
        return RawValue::Integer(number);
    }
    let is_float = text.iter().any(|byte| matches!(byte, b'.' | b'e' | b'E'));
    let float = std::str::from_utf8(text).ok().and_then(|text| text.parse::<f64>().ok());
    match float.filter(|float| is_float && float.is_finite()) {
        Some(float) => RawValue::Float(float),
        // No number that this machine has holds it exactly.
        None => draft.place(text),
    }
}

/// The name that a key makes below `parent`.
#[inline]
fn key<'a>(rest: &'a [u8], draft: &mut Draft, parent: RawName) -> Option<(RawName, &'a [u8])> {
    let (raw, tail, has_escapes) = string::raw(rest)?;
    let RawName::Known(parent) = parent else {
        return Some((draft.name_below(NameId::NONE, raw), tail));
    };
    if !has_escapes {
        return Some((draft.name_below(parent, raw), tail));
    }
    let mut clean = String::new();
    string::unescape(raw, &mut clean);
    Some((draft.name_below(parent, clean.as_bytes()), tail))
}

#[inline]
fn add(draft: &mut Draft, name: RawName, value: RawValue, seen: &mut Seen) {
    if let RawName::Known(id) = name {
        let known = draft.json.traits.get(id.index()).copied().flatten();
        let traits = known.unwrap_or_else(|| look_up(draft, id));
        seen.markers |= traits.markers;
        if traits.time > seen.rank && !matches!(value, RawValue::Null | RawValue::Bool(_)) {
            seen.rank = traits.time;
            seen.time = Some(draft.fields.len());
        }
    }
    draft.push(name, value);
}

#[cold]
fn look_up(draft: &mut Draft, id: NameId) -> Traits {
    let traits = dialect::traits(draft.names.get(id));
    let memory = &mut draft.json.traits;
    if memory.len() <= id.index() && id != NameId::NONE {
        memory.resize(id.index().saturating_add(1), None);
    }
    if let Some(place) = memory.get_mut(id.index()) {
        *place = Some(traits);
    }
    traits
}

/// Time, dialect and message, once all is read.
fn finish(text: &[u8], draft: &mut Draft, seen: &Seen, from: usize) {
    let dialect = dialect::of(seen.markers);
    draft.is(dialect.format);
    let time = seen.time.and_then(|at| draft.fields.get(at)).map(|field| field.value);
    if let Some(value) = time {
        draft.time = time_of(text, value, draft).or(draft.time);
    }
    for name in dialect.messages {
        let fields = draft.fields.get(from..).unwrap_or_default();
        let found = fields.iter().find(|field| match field.name {
            RawName::Known(id) => draft.names.get(id) == *name,
            RawName::Carried(_) => false,
        });
        if let Some(field) = found {
            draft.message = Some(field.value);
            break;
        }
    }
    if dialect.has_pairs {
        dialect::pair(text, draft, from);
    }
    if let Some(inner) = dialect.inner {
        super::inner::of_field(text, draft, inner, from);
    }
}

fn time_of(text: &[u8], value: RawValue, draft: &Draft) -> Option<time::Time> {
    match value {
        RawValue::Text(..) | RawValue::Scratch(..) => {
            let mut assumed = draft.assumed;
            let text = draft.peek(text, value);
            time::any(text, &mut assumed).or_else(|| dialect::microsoft_date(text))
        }
        RawValue::Integer(number) => time::epoch(number.to_string().as_bytes()),
        RawValue::Float(number) => {
            let nanos = number.fract() * 1e9;
            (1e8..1e11)
                .contains(&number)
                .then(|| time::instant(number.trunc() as i64, nanos.round().clamp(0.0, 999_999_999.0) as u32))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
