//! User agents: `Mozilla/5.0 (…) …` and programs that fetch wherever they stand, whatever a `User-Agent:` header says,
//! and the last quoted field of access logs.

use crate::chain::Chain;
use crate::found::{Found, Sink};
use crate::reader::Reader;
use crate::text::{ALNUM, BLANK, DIGIT, LETTER, Text, is};
use watchfire_model::{Confidence, ObservableType};

const MOST: usize = 512;

/// Whether `chain` could begin a user agent. Its first label would have been read alone.
pub(crate) fn begins(text: Text<'_>, chain: &Chain) -> bool {
    matches!(text.at(chain.start), b'm' | b'M') && text.is_word(chain.start, b"mozilla/")
}

/// Programs that fetch, by what they call themselves. Lower case, sorted.
const FETCHERS: [&[u8]; 34] = [
    b"aiohttp",
    b"apache-httpclient",
    b"axios",
    b"certutil",
    b"curl",
    b"dalvik",
    b"dart",
    b"faraday",
    b"feroxbuster",
    b"gobuster",
    b"go-http-client",
    b"guzzlehttp",
    b"hydra",
    b"insomnia",
    b"java",
    b"libcurl",
    b"libwww-perl",
    b"lwp-trivial",
    b"masscan",
    b"microsoft-cryptoapi",
    b"nikto",
    b"node-fetch",
    b"nuclei",
    b"okhttp",
    b"opera",
    b"postmanruntime",
    b"python",
    b"python-requests",
    b"python-urllib",
    b"reqwest",
    b"sqlmap",
    b"wget",
    b"wpscan",
    b"zgrab",
];

/// `curl/8.10.1`, `python-requests/2.28.1` by name wherever they stand; in quotation marks all of it, and behind the
/// quoted referrer of an access log whatever is called `name/version`. `start..end` is the name, a slash follows.
pub(crate) fn fetcher<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize, end: usize) -> Option<usize> {
    let text = reader.text;
    if !is(text.at(end + 1), DIGIT)
        || end - start > 24
        || end - start < 3
        || !reader.types.contains(ObservableType::UserAgent)
    {
        return None;
    }
    let before = text.before(start);
    let known = FETCHERS
        .iter()
        .any(|name| name.len() == end - start && text.is_word(start, name));
    if before == b'"' {
        reader.outside = true;
        let field = start > 2 && text.slice(start - 3, start) == b"\" \"" && is(text.at(start), LETTER);
        let stop =
            (end..start + MOST).find(|at| matches!(text.at(*at), 0..=0x1F | b'"' | b'<' | b'>' | b'|' | b'`'))?;
        if (known || field) && text.at(stop) == b'"' {
            let found = Found::new(ObservableType::UserAgent, text.slice(start, stop), start, stop)
                .because(Confidence::High, "a product and its version in quotation marks");
            return reader.emit(found).then_some(stop);
        }
    }
    let edge = matches!(
        before,
        0..=b' ' | b'"' | b'\'' | b'`' | b'=' | b':' | b'(' | b'[' | b'>' | b',' | b';' | b'|'
    );
    if !known || !edge {
        return None;
    }
    let stop = product(text, start, start + MOST);
    // "curl/8/index.html" is a path.
    if text.slice(end + 1, stop).contains(&b'/') || text.at(stop) == b'/' {
        return None;
    }
    let found = Found::new(ObservableType::UserAgent, text.slice(start, stop), start, stop)
        .because(Confidence::Medium, "a program that fetches and its version");
    reader.emit(found).then_some(stop)
}

/// `Mozilla/5.0 (Windows NT 10.0; …) AppleWebKit/537.36 (KHTML, like Gecko) …`
pub(crate) fn read<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize) -> Option<usize> {
    let text = reader.text;
    if !matches!(text.at(start), b'm' | b'M') || !text.is_word(start, b"mozilla/") || !is(text.at(start + 8), DIGIT) {
        return None;
    }
    reader.outside = true;
    let limit = start + MOST;
    let mut end = product(text, start, limit);
    loop {
        let next = text.skip(end, end + 1, BLANK);
        if next == end || next >= limit {
            break;
        }
        let part = match text.at(next) {
            b'(' => comment(text, next, limit),
            b'[' => bracketed(text, next, limit),
            byte if is(byte, ALNUM) && !text.is_word(next, b"mozilla/") => product(text, next, limit),
            _ => next,
        };
        // A word without a version is part of it only if browsers write it so.
        let versioned = text.slice(next, part).contains(&b'/') || matches!(text.at(next), b'(' | b'[');
        let usual = [b"gecko".as_slice(), b"like", b"mobile", b"safari", b"khtml,"]
            .iter()
            .any(|word| text.is_word(next, word));
        if part == next || !(versioned || usual) {
            break;
        }
        end = part;
    }
    let found = Found::new(ObservableType::UserAgent, text.slice(start, end), start, end)
        .because(Confidence::High, "a browser's product tokens");
    reader.emit(found).then_some(end)
}

/// Whether the label `start..end` ends in "user-agent" or "user_agent": the name of a header, or of a field of a log.
pub(crate) fn is_header(text: Text<'_>, start: usize, end: usize) -> bool {
    let Some(from) = end.checked_sub(b"user-agent".len()).filter(|from| *from >= start) else {
        return false;
    };
    text.is_word(from, b"user") && matches!(text.at(from + 4), b'-' | b'_') && text.is_word(from + 5, b"agent")
}

/// The value behind the name of a header that ends at `name`: `: value` to the end of the line, `="value"`, `=value` to
/// the next blank, `": "value"` in JSON.
pub(crate) fn header<S: Sink>(reader: &mut Reader<'_, '_, S>, name: usize) -> Option<usize> {
    let text = reader.text;
    reader.outside = true;
    let sign = name + usize::from(matches!(text.at(name), b'"' | b'\''));
    let field = text.at(sign) == b'=';
    if !field && text.at(sign) != b':' {
        return None;
    }
    let mut start = text.skip(sign + 1, sign + 8, BLANK);
    let quoted = matches!(text.at(start), b'"' | b'\'');
    if sign > name && !quoted {
        return None;
    }
    start += usize::from(quoted);
    if text.is_word(start, b"mozilla/") || !is(text.at(start), ALNUM) {
        return None;
    }
    let mut end = start;
    let stops = |byte| {
        matches!(byte, 0..=0x1F | b'"' | b'\'' | b'<' | b'>' | b'|' | b'`')
            || (field && !quoted && matches!(byte, b' ' | b'&' | b',' | b';'))
    };
    // In a string of a program or of JSON the line ends with an escape.
    let escape = |at| text.at(at) == b'\\' && matches!(text.at(at + 1), b'n' | b'r' | b't' | b'u' | b'"');
    while end < start + MOST && !stops(text.at(end)) && !escape(end) {
        end += 1;
    }
    end = text.skip_back(end, start, BLANK);
    let product = text.skip(start, end, LETTER);
    if product == start {
        return None;
    }
    let found = Found::new(ObservableType::UserAgent, text.slice(start, end), start, end)
        .because(Confidence::High, "the value of a User-Agent header");
    reader.emit(found).then_some(end)
}

/// `name/version`, with the punctuation that versions have.
fn product(text: Text<'_>, start: usize, limit: usize) -> usize {
    let mut end = start;
    while end < limit
        && (is(text.at(end), ALNUM) || matches!(text.at(end), b'/' | b'.' | b'_' | b'-' | b'+' | b':' | b',' | b'@'))
    {
        end += 1;
    }
    while end > start && matches!(text.before(end), b',' | b'.' | b':') {
        end -= 1;
    }
    end
}

/// `(…)`, nested ones included; unchanged if it does not close.
fn comment(text: Text<'_>, start: usize, limit: usize) -> usize {
    let mut depth = 0u32;
    let mut at = start;
    while at < limit {
        match text.at(at) {
            b'(' => depth += 1,
            b')' => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            b'\n' | b'\r' | b'"' | 0 => return start,
            _ => {}
        }
        at += 1;
    }
    start
}

/// `[FBAN/FBIOS;…]`
fn bracketed(text: Text<'_>, start: usize, limit: usize) -> usize {
    (start..limit)
        .find(|at| matches!(text.at(*at), b']' | b'\n' | b'"' | 0))
        .filter(|at| text.at(*at) == b']')
        .map_or(start, |at| at + 1)
}
