//! Names whose parts are joined by colons: CPE names and those of Amazon's cloud (ARN).

use super::prefixed;
use crate::found::Sink;
use crate::reader::Reader;
use crate::text::{ALNUM, DASH, Text, URL, is};
use watchfire_model::ObservableType;

/// `cpe:2.3:a:vendor:product:…`, `cpe:/a:vendor:product`
pub(super) fn cpe<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize) -> Option<usize> {
    let text = reader.text;
    // What has this head is one, so that nothing is read in vain behind it.
    let uri = text.slice(start + 4, start + 5) == b"/";
    let part = if uri { start + 5 } else { start + 8 };
    let head = (uri || text.slice(start + 4, part) == b"2.3:") && text.at(part + 1) == b':';
    if !head || !matches!(text.at(part) | 0x20, b'a' | b'h' | b'o' | b'*' | b'-') {
        return None;
    }
    let most = if uri { 6 } else { 10 };
    let mut colons = 0;
    let mut end = part;
    while end < start + 512 && is_cpe(text.at(end), uri) {
        colons += u32::from(text.at(end) == b':' && text.before(end) != b'\\');
        if colons > most {
            break;
        }
        end += 1;
    }
    while end > start && matches!(text.before(end), b'.' | b':') {
        end -= 1;
    }
    prefixed(reader, ObservableType::Cpe, start, end)
}

fn is_cpe(byte: u8, uri: bool) -> bool {
    is(byte, ALNUM)
        || matches!(
            byte,
            b'-' | b'.' | b'_' | b'~' | b'%' | b':' | b'!' | b'*' | b'+' | b'&' | b'@'
        )
        || (!uri && matches!(byte, b'\\' | b'?' | b'/' | b'$' | b'#' | b'^' | b'='))
}

/// `arn:partition:service:region:account:resource`. A resource may contain spaces; it goes on while the words look like
/// parts of a name rather than of a sentence.
pub(super) fn arn<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize, end: usize) -> Option<usize> {
    let text = reader.text;
    if !reader.types.contains(ObservableType::Arn) || !has_arn_head(text, end) {
        return None;
    }
    reader.looks_behind();
    let limit = end + 512;
    let part = |byte: u8| is(byte, URL) && !matches!(byte, b';' | b')' | b']' | b'}');
    let mut stop = end;
    while stop < limit && part(text.at(stop)) {
        stop += 1;
    }
    let named = text.slice(start, stop).contains(&b'/');
    while named && text.at(stop) == b' ' && stop < limit {
        let mut word = stop + 1;
        while word < limit && part(text.at(word)) {
            word += 1;
        }
        let capital = text.at(stop + 1).is_ascii_uppercase();
        let joins =
            text.slice(stop + 1, word) == b"and" && text.at(word) == b' ' && text.at(word + 1).is_ascii_uppercase();
        let ended = matches!(text.before(stop), b'.' | b',' | b':');
        if word == stop + 1 || ended || !(capital || joins) {
            break;
        }
        stop = word;
    }
    while stop > end && matches!(text.before(stop), b',' | b':')
        || (text.before(stop) == b'.' && text.before(stop - 1) != b'?')
    {
        stop -= 1;
    }
    prefixed(reader, ObservableType::Arn, start, stop)
}

/// `:aws:service:region:account:`, each short. What has this head is an ARN, so nothing is read in vain behind it.
fn has_arn_head(text: Text<'_>, colon: usize) -> bool {
    let mut at = colon;
    let mut account = (colon, colon);
    for longest in [12, 32, 32, 12] {
        if text.at(at) != b':' {
            return false;
        }
        let end = text.skip(at + 1, at + 2 + longest, ALNUM | DASH);
        let end = if end == at + 1 && text.at(end) == b'*' {
            end + 1
        } else {
            end
        };
        account = (at + 1, end);
        at = end;
    }
    let account = text.slice(account.0, account.1);
    let numbered = account.len() == 12 && account.iter().all(u8::is_ascii_digit);
    text.is_word(colon, b":aws") && text.at(at) == b':' && (numbered || matches!(account, b"" | b"aws" | b"*"))
}
