//! URLs in disguise: base64, hexadecimal digits, percent-encoding, and URLs inside URLs.

use crate::chain::Chain;
use crate::email;
use crate::found::{Found, Sink};
use crate::reader::Reader;
use crate::scan;
use crate::scheme::{self, Scheme};
use crate::separator::Form;
use crate::text::{ALNUM, BASE64, BRACKET, DELIMITER, DIGIT, HEX, HEX_LETTER, HOST, LETTER, Text, URL, is};
use crate::url;
use memchr::memmem;
use watchfire_model::{Confidence, Encoding, ObservableType, TypeSet, Via};

/// Encoded bytes that are decoded at once.
const MOST: usize = 16_384;

/// Hands what was found in decoded text to the real sink, with the place of the encoded text.
struct Decoded<'s> {
    sink: &'s mut dyn Sink,
    /// What was decoded.
    text: &'s [u8],
    start: usize,
    end: usize,
    encoding: Encoding,
    via: Option<Via>,
    accepted: usize,
}

impl Sink for Decoded<'_> {
    fn found(&mut self, mut found: Found<'_>) -> bool {
        if found.kind == ObservableType::Url && is_broken_off(&found, self.text) {
            return false;
        }
        (found.start, found.end) = (self.start, self.end);
        found.via = found.via.or(self.via);
        let mut found = found.decoded(self.encoding);
        if found.confidence < Confidence::High && found.via.is_none() {
            found.reason = "in decoded text";
        }
        let accepted = self.sink.found(found);
        self.accepted += usize::from(accepted && found.kind == ObservableType::Url);
        accepted
    }
}

/// Whether a host without a dot ends at what is no text: "http://f" and then garbage is what decodes so by chance.
fn is_broken_off(found: &Found<'_>, text: &[u8]) -> bool {
    let garbage = |byte: u8| byte >= 0x7F || (byte < b' ' && !matches!(byte, 0 | 9..=13));
    let host = memmem::find(found.clean, b"//").and_then(|at| found.clean.get(at + 2..));
    let bare = |host: &[u8]| !host.iter().any(|byte| matches!(byte, b'.' | b'/' | b':' | b'['));
    text.get(found.end).copied().is_some_and(garbage) && host.is_some_and(bare)
}

/// Types that are looked for in decoded text: what hides in an encoding is a location.
fn wanted(types: TypeSet) -> TypeSet {
    use ObservableType as T;
    [T::Url, T::Domain, T::Ipv4, T::Ipv6, T::Onion]
        .into_iter()
        .filter(|kind| types.contains(*kind))
        .collect()
}

/// Reads the URLs in decoded text; the number of URLs found.
fn read<S: Sink>(
    reader: &mut Reader<'_, '_, S>,
    decoded: &[u8],
    place: (usize, usize),
    encoding: Encoding,
    via: Option<Via>,
) -> usize {
    let types = wanted(reader.types);
    let mut sink = Decoded {
        sink: reader.sink,
        text: decoded,
        start: place.0,
        end: place.1,
        encoding,
        via,
        accepted: 0,
    };
    let text = Text::new(decoded);
    let mut scratch = Vec::new();
    let mut inner = Reader::nested(text, &mut sink, types, reader.policy, &mut scratch);
    scan::each(inner.words(0..text.len()), |start, end| inner.urls_only(start, end));
    sink.accepted
}

/// Base64 that begins with `http` is tried from this length on.
pub(crate) const SHORTEST: usize = 16;

/// Whether base64 of `http` begins at `start`.
#[inline]
pub(crate) fn begins(text: Text<'_>, start: usize) -> bool {
    text.at(start) == b'a' && text.slice(start, start + 5) == b"aHR0c"
}

/// Base64 of a URL inside a URL, whose first characters are the label `start..end`.
pub(crate) fn base64_in_url<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize, end: usize) -> bool {
    let text = reader.text;
    let end = padding(text, end);
    let decoded = decode64(text.slice(start, end.min(start + MOST)).iter().copied());
    let via = Some(Via::EmbeddedUrl);
    !reader.nested && read(reader, &decoded, (start, end), Encoding::Base64, via) > 0
}

/// A URL as Proofpoint's "URL Defense" version 2 writes it in the query of its own, `https-3A__host_path`, from `start`
/// on: hyphens for percent signs, underscores for slashes.
pub(crate) fn proofpoint<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize, limit: usize) -> bool {
    let text = reader.text;
    if reader.nested || !(text.is_word(start, b"http-3a__") || text.is_word(start, b"https-3a__")) {
        return false;
    }
    let written = text.slice(start, limit);
    let end = written.iter().position(|byte| *byte == b'&').unwrap_or(written.len());
    let percent: Vec<u8> = written
        .iter()
        .take(end)
        .map(|byte| match byte {
            b'-' => b'%',
            b'_' => b'/',
            other => *other,
        })
        .collect();
    let place = (start, start + end);
    read(
        reader,
        &unescape(&percent),
        place,
        Encoding::Percent,
        Some(Via::EmbeddedUrl),
    ) > 0
}

/// A run of at least twenty-four characters that could hide a URL; returns its end if it did.
pub(crate) fn run<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize, end: usize) -> Option<usize> {
    if reader.nested {
        return None;
    }
    let text = reader.text;
    let label = text.slice(start, end);
    if text.skip(start, end, HEX) == end {
        memmem::find(label, b"747470")?;
        return hexadecimal(reader, start, end);
    }
    // A wrapped line of base64 may end inside the host.
    let short = end - start < 24
        && !decode64(label.iter().copied())
            .array_windows()
            .any(|[dot, next]| *dot == b'.' && is(*next, ALNUM));
    if short {
        return None;
    }
    let (trigger, width) = match trigger(label) {
        Some(trigger) => (trigger, Width::One),
        None => (wide_trigger(label)?, Width::Two),
    };
    base64(reader, start, start + trigger, width)
}

/// Where a group of four base64 characters begins that encodes the `h` of `http` (see RFC 4648 for the alignments).
fn trigger(label: &[u8]) -> Option<usize> {
    if let Some(at) = memmem::find(label, b"aHR0c") {
        return Some(at);
    }
    if let Some(at) = memmem::find(label, b"h0dH").filter(|at| *at >= 2) {
        return Some(at - 2);
    }
    memmem::find(label, b"odHRw").filter(|at| *at >= 3).map(|at| at - 3)
}

/// Bytes of a decoded character.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Width {
    One,
    Two,
}

/// The same of `http` in UTF-16, as in encoded commands of PowerShell.
fn wide_trigger(label: &[u8]) -> Option<usize> {
    memmem::find(label, b"AH")?;
    let aligned = |needle: &[u8], back: usize| memmem::find(label, needle)?.checked_sub(back);
    aligned(b"aAB0AHQAcA", 0)
        .or_else(|| aligned(b"GgAdAB0AHAA", 1))
        .or_else(|| aligned(b"oAHQAdABw", 3))
}

/// ASCII out of UTF-16, little-endian: every other byte, as long as those between are zero.
fn narrow(wide: &[u8]) -> Vec<u8> {
    let skip = usize::from(wide.first() == Some(&0));
    let (pairs, _) = wide.get(skip..).unwrap_or(&[]).as_chunks::<2>();
    pairs
        .iter()
        .take_while(|[_, high]| *high == 0)
        .map(|[low, _]| *low)
        .collect()
}

/// `687474703a2f2f…`
fn hexadecimal<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize, end: usize) -> Option<usize> {
    let text = reader.text;
    let nibble = |byte: u8| {
        if is(byte, DIGIT) {
            byte - b'0'
        } else {
            (byte | 0x20) - b'a' + 10
        }
    };
    debug_assert!(text.skip(start, end, DIGIT | HEX_LETTER) == end);
    let label = text.slice(start, end.min(start + MOST));
    // The URL may begin at an odd digit of the run.
    let odd = memmem::find(label, b"747470")? % 2;
    let (pairs, _) = label.get(odd..)?.as_chunks::<2>();
    let decoded: Vec<u8> = pairs
        .iter()
        .map(|[high, low]| nibble(*high) << 4 | nibble(*low))
        .collect();
    (read(reader, &decoded, (start, end), Encoding::Hex, None) > 0).then_some(end)
}

/// Base64 from the group at `group` on; the raw text is the run around it. A long run is read to its end, part by part: if
/// reading began anew behind each part, it would look for the end of the run each time.
fn base64<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize, group: usize, width: Width) -> Option<usize> {
    let text = reader.text;
    let first = text.skip_back(start, reader.floor.max(start.saturating_sub(4096)), BASE64);
    let (mut first, mut group) = (first, group);
    let mut found = 0;
    loop {
        let end = text.skip(group, group + MOST, BASE64);
        let mut decoded = decode64(text.slice(group, end).iter().copied());
        if width == Width::Two {
            decoded = narrow(&decoded);
        }
        let whole = padding(text, end);
        found += read(reader, &decoded, (first, whole), Encoding::Base64, None);
        if found == 0 {
            return None;
        }
        if end < group + MOST {
            return Some(whole);
        }
        (first, group) = (end, end);
    }
}

fn padding(text: Text<'_>, mut end: usize) -> usize {
    let limit = end + 2;
    while end < limit && text.at(end) == b'=' {
        end += 1;
    }
    end
}

/// Base64 that begins with the short word at `start` and goes on over white space, as in wrapped mail bodies.
pub(crate) fn split_base64<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize, end: usize) -> Option<usize> {
    let text = reader.text;
    if reader.nested || text.slice(start, start + 5) != b"aHR0c" || text.skip(start, end, ALNUM) != end {
        return None;
    }
    reader.outside = true;
    if !reader.may_look_ahead() {
        return None;
    }
    let mut encoded = Vec::new();
    let mut at = start;
    let mut stop = start;
    while at < start + 4096 {
        let byte = text.at(at);
        if is(byte, BASE64) {
            encoded.push(byte);
            stop = at + 1;
        } else if byte == 0 || !(byte == b' ' || (9..=13).contains(&byte)) {
            break;
        }
        at += 1;
    }
    reader.looked_ahead(at - start);
    let decoded = decode64(encoded.into_iter());
    // Prose after the word would decode to garbage: insist on text.
    let printable = decoded
        .iter()
        .take_while(|byte| matches!(byte, b' '..=b'~' | b'\t' | b'\r' | b'\n'))
        .count();
    let stop = padding(text, text.skip(stop, stop + 4, DELIMITER).min(stop + 4));
    (printable + 2 >= decoded.len() && read(reader, &decoded, (start, stop), Encoding::Base64, None) > 0)
        .then_some(stop)
}

/// Decodes without padding; what is left over at the end is dropped.
fn decode64(characters: impl Iterator<Item = u8>) -> Vec<u8> {
    let mut out = Vec::new();
    let mut bits = 0u32;
    let mut held = 0;
    for byte in characters {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            _ => 63,
        };
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    out
}

/// Times that something can be escaped again: `%252540`.
const MOST_LEVELS: usize = 3;

/// What the percent escape at `at` means, where it ends, and how often it was escaped again: `%40`, `%2540`.
fn escape(text: Text<'_>, at: usize) -> Option<(u8, usize, usize)> {
    if text.at(at) != b'%' {
        return None;
    }
    let hex = |i: usize| is(text.at(i), HEX);
    let mut digits = at + 1;
    let mut level = 0;
    while level < MOST_LEVELS && text.slice(digits, digits + 2) == b"25" && hex(digits + 2) && hex(digits + 3) {
        digits += 2;
        level += 1;
    }
    let nibble = |i: usize| char::from(text.at(i)).to_digit(16);
    let value = nibble(digits)? << 4 | nibble(digits + 1)?;
    Some((value as u8, digits + 2, level))
}

/// The percent escape at `at`, if it stands for what separates names, blanks and punctuation: what it means, and its end.
pub(crate) fn escaped_separator(text: Text<'_>, at: usize) -> Option<(u8, usize)> {
    escape(text, at)
        .map(|(value, end, _)| (value, end))
        .filter(|(value, _)| value.is_ascii() && !value.is_ascii_alphanumeric())
}

/// Whether such an escape ends at `at`.
pub(crate) fn follows_escaped_separator(text: Text<'_>, at: usize) -> bool {
    (0..=MOST_LEVELS)
        .filter_map(|level| at.checked_sub(3 + 2 * level))
        .any(|start| escaped_separator(text, start).is_some_and(|(_, end)| end == at))
}

/// Replaces percent escapes by what they mean.
pub(crate) fn unescape(encoded: &[u8]) -> Vec<u8> {
    let text = Text::new(encoded);
    let mut decoded = Vec::with_capacity(encoded.len());
    let mut at = 0;
    while at < encoded.len() {
        let hex = |i: usize| char::from(text.at(i)).to_digit(16);
        match (text.at(at), hex(at + 1), hex(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                decoded.push((high << 4 | low) as u8);
                at += 3;
            }
            (byte, _, _) => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    decoded
}

/// `http%3A%2F%2F…`, whose scheme is `start..end`, or `name%40host`, whose name ends at `end`; returns its end.
pub(crate) fn percent<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize, end: usize) -> Option<usize> {
    let text = reader.text;
    if reader.nested {
        return None;
    }
    if let Some((b'@', host, _)) = escape(text, end) {
        return email(reader, end, host);
    }
    if end - start > 16 || text.skip(start, end, LETTER) != end {
        return None;
    }
    let mut level = None;
    let mut at = end;
    for expected in *b"://" {
        at = match escape(text, at) {
            Some((value, after, times)) if value == expected => {
                level = level.max(Some(times));
                after
            }
            _ if text.at(at) == expected => at + 1,
            _ => return None,
        };
    }
    let level = level?;
    // In a query the encoded URL ends where the next parameter begins, in a path where the next segment does: links that
    // count their readers write "/L0/https:%2F%2Fhost%2Fpath/1/…".
    let segment = text.before(at) != b'/';
    let mut stop = at;
    while stop < start + MOST
        && (is(text.at(stop), ALNUM)
            || is_bracketed_dot(text, stop)
            || is_bracketed_dot(text, stop.saturating_sub(1))
            || is_bracketed_dot(text, stop.saturating_sub(2))
            || matches!(
                text.at(stop),
                b'%' | b'.' | b'-' | b'_' | b'~' | b'+' | b'*' | b'!' | b':'
            )
            || text.at(stop) == b'/' && !segment)
    {
        stop += 1;
    }
    let mut decoded = text.slice(start, stop).to_vec();
    for _ in 0..=level {
        decoded = unescape(&decoded);
    }
    (read(reader, &decoded, (start, stop), Encoding::Percent, None) > 0).then_some(stop)
}

fn is_bracketed_dot(text: Text<'_>, at: usize) -> bool {
    text.at(at) == b'[' && text.at(at + 1) == b'.' && text.at(at + 2) == b']'
}

/// `name%40host`, `name\u0040host`, or `=name@host` in a URL, whose at sign is `sign..host`; returns its end.
pub(crate) fn email<S: Sink>(reader: &mut Reader<'_, '_, S>, sign: usize, host: usize) -> Option<usize> {
    let text = reader.text;
    let domain = Chain::read(text, host).domain(text).filter(Chain::is_plain)?;
    let local = email::local_ending(text, sign, 0, Form::Plain)?;
    let escaped = text.at(sign) == b'%';
    if text.at(sign) == b'@' && !matches!(text.before(local.start), b'=' | b'#') {
        return None;
    }
    let mut name = unescape(text.slice(local.start, local.end));
    name.push(b'@');
    domain.write(text, &mut name);
    let mut found = Found::new(ObservableType::Email, &name, local.start, domain.end)
        .because(Confidence::High, "a local part and a registered top-level domain");
    found.encoding = escaped.then_some(Encoding::Percent);
    if !reader.emit(found) {
        return None;
    }
    if reader.policy.parts {
        let clean = text.slice(domain.start, domain.end);
        let found = Found::new(ObservableType::Domain, clean, domain.start, domain.end)
            .because(Confidence::High, "domain of an e-mail address")
            .via(Via::Email);
        reader.emit(found);
    }
    Some(domain.end)
}

/// A URL behind `scheme` whose host has percent escapes in it, which browsers decode (WHATWG URL, host parsing):
/// `http://good.example%2eevil.example/`; returns its end.
pub(crate) fn escaped_host<S: Sink>(reader: &mut Reader<'_, '_, S>, scheme: &Scheme<'_>) -> Option<usize> {
    const MOST_HOST: usize = 512;
    let text = reader.text;
    if reader.nested {
        return None;
    }
    let mut end = scheme.host;
    let mut escapes = false;
    while end < scheme.host + MOST_HOST {
        match text.at(end) {
            b'%' => {
                let (value, behind, _) = escape(text, end).filter(|(_, _, level)| *level == 0)?;
                if !(is(value, HOST) || value == b'.') {
                    break;
                }
                escapes = true;
                end = behind;
            }
            byte if is(byte, HOST) || byte == b'.' => end += 1,
            _ if is_bracketed_dot(text, end) && reader.policy.refang => end += 3,
            _ => break,
        }
    }
    let stop = match text.at(end) {
        b'/' | b'?' | b'#' | b':' => text.skip(end, scheme.start + url::MOST, URL),
        _ => end,
    };
    let mut decoded = [scheme.name, b"://"].concat();
    let host = unescape(text.slice(scheme.host, end));
    decoded.extend(host.iter().filter(|byte| !is(**byte, BRACKET)));
    let host = decoded.len();
    decoded.extend_from_slice(text.slice(end, stop));
    // The sentence's punctuation behind it.
    let trimmed = url::trim(Text::new(&decoded), host, decoded.len());
    let stop = stop - (decoded.len() - trimmed);
    decoded.truncate(trimmed);
    let place = (scheme.start, stop);
    (escapes && read(reader, &decoded, place, Encoding::Percent, None) > 0).then_some(stop)
}

/// A URL inside a URL, whose scheme ends with the label `start..end`.
pub(crate) fn embedded<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize, end: usize) -> bool {
    if reader.nested {
        return false;
    }
    match scheme::read(reader.text, start, end) {
        Some(scheme) => reader.read_embedded(&scheme),
        None => false,
    }
}
