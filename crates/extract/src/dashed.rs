//! Names whose dots are written `-dot-`. To the scanner such a name is one label.

use crate::found::{Found, Sink};
use crate::reader::Reader;
use crate::text::LETTER;
use watchfire_model::{Confidence, ObservableType};

/// `www-dot-evil-dot-com` in the label `start..end`, if it ends like most names do; "the pre-dot-com era" must not
/// become a pattern, so it is trusted little.
pub(crate) fn label<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize, end: usize) -> bool {
    let text = reader.text;
    let last = text.skip_back(end, end.saturating_sub(8).max(start), LETTER);
    if last < start + 6 || text.slice(last - 5, last) != b"-dot-" || !reader.policy.refang {
        return false;
    }
    let common = matches!(
        text.slice(last, end),
        b"com" | b"net" | b"org" | b"info" | b"biz" | b"ru" | b"cn" | b"xyz" | b"top" | b"onion" | b"example"
    );
    if !common || end - start > 253 {
        return false;
    }
    reader.scratch.clear();
    let mut at = start;
    while at < end {
        if at > start && at < last && text.slice(at, at + 5) == b"-dot-" {
            reader.scratch.push(b'.');
            at += 5;
        } else {
            reader.scratch.push(text.at(at));
            at += 1;
        }
    }
    let found = Found::new(ObservableType::Domain, reader.scratch, start, end)
        .because(Confidence::Low, "its dots are written as words or between spaces");
    reader.types.contains(ObservableType::Domain) && reader.sink.found(found)
}
