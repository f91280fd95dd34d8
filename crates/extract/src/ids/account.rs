//! Names of accounts that begin with a word and a colon.

use super::prefixed;
use crate::found::{Found, Sink};
use crate::reader::Reader;
use crate::text::{ALNUM, is};
use watchfire_model::{Confidence, ObservableType};

/// `live:.cid.1a2b3c`, `live:name`
pub(super) fn skype<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize) -> Option<usize> {
    let text = reader.text;
    let mut end = start + 5;
    while end < start + 64 && (is(text.at(end), ALNUM) || matches!(text.at(end), b'.' | b'_' | b'-' | b',')) {
        end += 1;
    }
    while end > start + 5 && matches!(text.before(end), b'.' | b',') {
        end -= 1;
    }
    reader.outside = true;
    let telling = text.at(start + 5) == b'.' || [b"skype".as_slice(), b"id"].contains(&reader.before(start).nearest());
    let found = Found::new(ObservableType::Skype, text.slice(start, end), start, end)
        .because(Confidence::Medium, "a Skype live name");
    (telling && end > start + 7 && reader.emit(found)).then_some(end)
}

/// `skype:some.one?chat`: the name; what to do with it is not part of it.
pub(super) fn skype_link<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize) -> Option<usize> {
    let text = reader.text;
    let name = start + 6;
    let mut end = name;
    while end < name + 64 && (is(text.at(end), ALNUM) || matches!(text.at(end), b'.' | b'_' | b'-' | b',' | b':')) {
        end += 1;
    }
    while end > name && matches!(text.before(end), b'.' | b',' | b':') {
        end -= 1;
    }
    prefixed(reader, ObservableType::Skype, start, end)
}
