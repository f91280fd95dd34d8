//! Numbers that only some ask for: of cards and telephones.

use crate::found::{Found, Sink};
use crate::reader::{Reader, is_edge};
use crate::text::{DIGIT, Text, is};
use watchfire_model::{Confidence, ObservableType};

/// Numbers that only some ask for.
pub(super) fn numbered<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize) -> Option<usize> {
    let text = reader.text;
    reader.outside |= reader.types.contains(ObservableType::Card) || reader.types.contains(ObservableType::Phone);
    if reader.types.contains(ObservableType::Card) {
        let stop = grouped_digits(text, start, 23);
        let found = Found::new(ObservableType::Card, text.slice(start, stop), start, stop)
            .because(Confidence::Medium, "its check digit is right");
        if stop > start + 11 && reader.emit(found) {
            return Some(stop);
        }
    }
    if reader.types.contains(ObservableType::Phone) {
        return phone(reader, start);
    }
    None
}

/// Digits in groups, with single blanks or hyphens between them.
fn grouped_digits(text: Text<'_>, start: usize, most: usize) -> usize {
    let mut end = start;
    let mut at = start;
    while at < start + most {
        if is(text.at(at), DIGIT) {
            at += 1;
            end = at;
        } else if at > start && matches!(text.at(at), b' ' | b'-') && is(text.at(at + 1), DIGIT) {
            at += 1;
        } else {
            break;
        }
    }
    end
}

/// `+49 30 123456`; only where asked for.
pub(crate) fn phone<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize) -> Option<usize> {
    let text = reader.text;
    if !is_edge(text.before(start)) {
        return None;
    }
    reader.outside = true;
    let mut end = start;
    let mut at = start + usize::from(text.at(start) == b'+');
    while at < start + 24 {
        match text.at(at) {
            byte if is(byte, DIGIT) => end = at + 1,
            b' ' | b'-' | b'.' | b'(' | b')' | b'/' => {}
            _ => break,
        }
        at += 1;
    }
    let found = Found::new(ObservableType::Phone, text.slice(start, end), start, end)
        .because(Confidence::Low, "digits grouped like a telephone number");
    (end > start + 6 && reader.emit(found)).then_some(end)
}
