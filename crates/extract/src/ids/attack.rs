//! Identifiers of ATT&CK: techniques, tactics, mitigations.

use crate::found::{Found, Sink};
use crate::reader::{Reader, is_edge};
use crate::text::{DIGIT, LETTER, Text, is};
use watchfire_knowledge::attack;
use watchfire_model::{Confidence, ObservableType};

/// `T1566`, `TA0001`, `M1036`. With a sub-technique it is a chain, see [`chain`].
pub(super) fn attack_id<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize, end: usize) -> Option<usize> {
    use ObservableType as T;
    let text = reader.text;
    let letters = if text.at(start + 1).eq_ignore_ascii_case(&b'a') {
        2
    } else {
        1
    };
    if end - start != letters + 4 || text.skip(start + letters, end, DIGIT) != end || text.before(start) == b'_' {
        return None;
    }
    let kind = match (text.at(start).to_ascii_uppercase(), letters) {
        (b'T', 1) => T::AttackTechnique,
        (b'T', 2) => T::AttackTactic,
        (b'M', 1) => T::AttackMitigation,
        _ => return None,
    };
    // The slash is that of addresses: "techniques/T1059/001".
    let sub = text.skip(end + 1, end + 4, DIGIT);
    let has_sub =
        kind == T::AttackTechnique && matches!(text.at(end), b'.' | b'/') && sub == end + 4 && is_edge(text.at(sub));
    has_sub
        .then(|| emit_attack(reader, kind, start, sub))
        .flatten()
        .or_else(|| emit_attack(reader, kind, start, end))
}

/// An identifier that ATT&CK knows.
fn emit_attack<S: Sink>(
    reader: &mut Reader<'_, '_, S>,
    kind: ObservableType,
    start: usize,
    end: usize,
) -> Option<usize> {
    let text = reader.text;
    reader.scratch.clear();
    let id = text.slice(start, end).iter().map(u8::to_ascii_uppercase);
    reader
        .scratch
        .extend(id.map(|byte| if byte == b'/' { b'.' } else { byte }));
    let id = std::str::from_utf8(reader.scratch).ok()?;
    attack::lookup(id)?;
    // "room M1001": a letter and four digits alone may be anything.
    let alone = id.len() == 5 && !is_attack_near(text, start, end);
    // Where something near does speak of ATT&CK, what stands near it elsewhere no longer matters.
    reader.outside |= alone;
    let (confidence, reason) = if alone {
        (
            Confidence::Medium,
            "an identifier that ATT&CK lists, but nothing near it speaks of ATT&CK",
        )
    } else {
        (Confidence::High, "an identifier that ATT&CK lists")
    };
    let found = Found::new(kind, reader.scratch, start, end).because(confidence, reason);
    (reader.types.contains(kind) && reader.sink.found(found)).then_some(end)
}

/// Whether something near `start..end` speaks of ATT&CK: a word of it, or another identifier. Between two identifiers
/// that are close together little is looked at, so the whole stays linear.
fn is_attack_near(text: Text<'_>, start: usize, end: usize) -> bool {
    const NEAR: usize = 256;
    (end..end + NEAR).any(|at| speaks_of_attack(text, at))
        || (start.saturating_sub(NEAR)..start)
            .rev()
            .any(|at| speaks_of_attack(text, at))
}

fn speaks_of_attack(text: Text<'_>, at: usize) -> bool {
    let number = |at: usize| text.skip(at, at + 4, DIGIT) == at + 4 && is_edge(text.at(at + 4));
    match text.at(at) {
        b'a' | b'A' => {
            text.is_word(at, b"att&")
                || (text.is_word(at, b"attack")
                    && matches!(text.at(at + 6), b'.' | b'-' | b':')
                    && is(text.at(at + 7), LETTER))
        }
        b'm' | b'M' => {
            (text.is_word(at, b"mit") && (text.is_word(at + 3, b"re") || text.is_word(at + 3, b"igation")))
                || (is_edge(text.before(at)) && number(at + 1))
        }
        b't' | b'T' if is_edge(text.before(at)) => {
            let words: [&[u8]; 3] = [b"actic", b"echnique", b"tp"];
            words.iter().any(|word| text.is_word(at + 1, word))
                || number(at + 1 + usize::from(text.at(at + 1).eq_ignore_ascii_case(&b'a')))
        }
        _ => false,
    }
}
