//! A text as whoever undoes its escapes and encodings would read it, with the place of every byte.
//!
//! Undone are escapes that stand for one ASCII character (percent-encoding, backslashes of JSON and programs, character
//! references, brackets of defanged forms), base64 and hexadecimal digits, one inside the other up to [`DEPTH`] times.

use std::ops::Range;

/// How many encodings inside one another are undone.
pub(super) const DEPTH: usize = 4;
/// Runs of base64 or hexadecimal digits that are shorter hold no URL with a secret. Bytes.
const SHORTEST: usize = 12;
/// What is looked at of a run. Bytes.
const LONGEST: usize = 64 << 10;

/// Finds places in plain text.
pub(super) type Finder<'f> = &'f dyn Fn(&str) -> Vec<Range<usize>>;

/// A text made of another one.
struct View {
    text: Vec<u8>,
    /// Where in the other text the spelling of each byte stands. Those of neighbours may overlap.
    at: Vec<Range<usize>>,
}

impl View {
    fn new() -> Self {
        Self {
            text: Vec::new(),
            at: Vec::new(),
        }
    }

    fn push(&mut self, byte: u8, at: Range<usize>) {
        self.text.push(byte);
        self.at.push(at);
    }

    /// What `finder` finds in it, as places of the text that it was made of.
    fn places(self, finder: Finder<'_>, depth: usize) -> Vec<Range<usize>> {
        // What is not text has no place in a secret, and must not move the others.
        let text = String::from_utf8(self.text)
            .unwrap_or_else(|error| error.into_bytes().iter().map(|byte| ascii_or_control(*byte)).collect());
        let place = |found: Range<usize>| {
            let last = self.at.get(found.end.checked_sub(1)?)?;
            Some(self.at.get(found.start)?.start..last.end)
        };
        find(&text, finder, depth).into_iter().filter_map(place).collect()
    }
}

fn ascii_or_control(byte: u8) -> char {
    if byte.is_ascii() { char::from(byte) } else { '\u{7f}' }
}

/// What `finder` finds in `text` and in whatever `text` is an encoding of, in no order; some may overlap.
pub(super) fn find(text: &str, finder: Finder<'_>, depth: usize) -> Vec<Range<usize>> {
    let mut found = finder(text);
    let Some(depth) = depth.checked_sub(1) else {
        return found;
    };
    if let Some(view) = unescaped(text.as_bytes()) {
        found.extend(view.places(finder, depth));
    }
    if !may_encode(text.as_bytes()) {
        return found;
    }
    for run in runs(text.as_bytes()) {
        for view in decodings(text.as_bytes(), run.clone()) {
            found.extend(view.places(finder, depth));
        }
    }
    // Places in a decoding are as wide as its groups of characters, which are ASCII; escapes may stand beside others.
    found.retain(|place| text.is_char_boundary(place.start) && text.is_char_boundary(place.end));
    found
}

/// `text` without its escapes, if it has any.
fn unescaped(text: &[u8]) -> Option<View> {
    if memchr::memchr3(b'%', b'\\', b'&', text).is_none() {
        memchr::memchr3(b'[', b'(', b'{', text)?;
        // A defanged sign makes a secret only beside one of these.
        let is_telling =
            |window: &[u8; 3]| matches!(window, [_, b't' | b'T', b']' | b')' | b'}'] | b"/bo" | b"erv" | b"ook");
        memchr::memchr2(b'@', b'=', text).or_else(|| text.array_windows().position(is_telling))?;
    }
    let mut view = View::new();
    let mut changed = false;
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        let escape = match byte {
            b'%' | b'\\' | b'&' | b'[' | b'(' | b'{' => escape(text.get(at..).unwrap_or_default()),
            _ => None,
        };
        let (byte, length) = escape.unwrap_or((*byte, 1));
        changed |= length > 1;
        view.push(byte, at..at + length);
        at += length;
    }
    changed.then_some(view)
}

/// The ASCII character that the escape at the beginning stands for, and the length of the escape.
fn escape(text: &[u8]) -> Option<(u8, usize)> {
    let (first, rest) = text.split_first()?;
    let digits = |prefix: usize, count: usize| {
        let digits = rest.get(prefix..prefix + count)?;
        Some((ascii(number(digits, 16)?)?, 1 + prefix + count))
    };
    match (first, rest.first()?) {
        (b'%', b'u') | (b'\\', b'u') => digits(1, 4).or_else(|| braced(rest).map(|(byte, length)| (byte, length + 1))),
        (b'%', _) => digits(0, 2),
        (b'\\', b'x') => digits(1, 2),
        (b'\\', byte @ (b'/' | b'\\' | b'"' | b'\'' | b':' | b'.' | b'@' | b'=' | b'?' | b'&')) => Some((*byte, 2)),
        (b'\\', b'n' | b'r' | b't') => Some((b'\n', 2)),
        (b'&', _) => reference(rest).map(|(byte, length)| (byte, length + 1)),
        (b'[' | b'(' | b'{', _) => bracketed(rest).map(|(byte, length)| (byte, length + 1)),
        _ => None,
    }
}

/// `u{40}`, behind a backslash.
fn braced(text: &[u8]) -> Option<(u8, usize)> {
    let digits = text.strip_prefix(b"u{")?;
    let end = digits.iter().take(7).position(|byte| *byte == b'}')?;
    Some((ascii(number(digits.get(..end)?, 16)?)?, end + 3))
}

/// A character reference of HTML, behind its `&`.
fn reference(text: &[u8]) -> Option<(u8, usize)> {
    const NAMES: &[(&[u8], u8)] = &[
        (b"amp", b'&'),
        (b"colon", b':'),
        (b"commat", b'@'),
        (b"sol", b'/'),
        (b"equals", b'='),
        (b"quest", b'?'),
        (b"num", b'#'),
        (b"quot", b'"'),
        (b"apos", b'\''),
        (b"lt", b'<'),
        (b"gt", b'>'),
        (b"period", b'.'),
    ];
    let end = text.iter().take(9).position(|byte| *byte == b';')?;
    let name = text.get(..end)?;
    let byte = match name {
        [b'#', b'x' | b'X', digits @ ..] => ascii(number(digits, 16)?)?,
        [b'#', digits @ ..] => ascii(number(digits, 10)?)?,
        _ => NAMES.iter().find(|(known, _)| *known == name)?.1,
    };
    Some((byte, end + 1))
}

/// A defanged sign, behind its bracket.
fn bracketed(text: &[u8]) -> Option<(u8, usize)> {
    let end = text
        .iter()
        .take(4)
        .position(|byte| matches!(byte, b']' | b')' | b'}'))?;
    let inner = text.get(..end)?;
    let byte = match inner {
        [byte @ (b'.' | b':' | b'@' | b'/' | b'?' | b'&' | b'=' | b'-')] => *byte,
        _ if inner.eq_ignore_ascii_case(b"at") => b'@',
        _ if inner.eq_ignore_ascii_case(b"dot") => b'.',
        _ => return None,
    };
    Some((byte, end + 1))
}

fn number(digits: &[u8], radix: u32) -> Option<u32> {
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, radix).ok()
}

/// A character that is one byte in the view as well.
fn ascii(code: u32) -> Option<u8> {
    u8::try_from(code).ok().filter(u8::is_ascii)
}

/// Groups of base64 in a row that stand for printable ASCII, from which on text is worth decoding. Three are nine characters;
/// no URL with a secret is shorter. One in hundreds of other texts looks so.
const TELLING: u8 = 3;
/// The same for UTF-16 of ASCII, of which half of the bytes are zero.
const TELLING_WIDE: u8 = 4;
/// Pairs of hexadecimal digits in a row.
const TELLING_PAIRS: u8 = 7;

/// Whether some of `text` could be base64 or hexadecimal digits of a text: a few operations for each character, where
/// decoding in every way takes hundreds.
fn may_encode(text: &[u8]) -> bool {
    // Most texts have no word that is long enough.
    let (mut from, mut length) = (0, 0);
    for (at, byte) in text.iter().enumerate() {
        match KINDS.get(usize::from(*byte)) {
            Some(Kind::Digit | Kind::Break) => length += 1,
            _ => {
                if length >= SHORTEST && tells(text.get(from..at).unwrap_or_default()) {
                    return true;
                }
                (from, length) = (at + 1, 0);
            }
        }
    }
    length >= SHORTEST && tells(text.get(from..).unwrap_or_default())
}

/// What a character is in a run.
#[derive(Clone, Copy)]
enum Kind {
    Digit,
    Break,
    Other,
}

static KINDS: [Kind; 256] = {
    let mut kinds = [Kind::Other; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        let kind = match byte {
            b'\r' | b'\n' => Kind::Break,
            _ if sextet(byte).is_some() => Kind::Digit,
            _ => Kind::Other,
        };
        #[expect(
            clippy::indexing_slicing,
            reason = "evaluated when it is compiled, with an index below 128"
        )]
        {
            kinds[byte as usize] = kind;
        }
        byte += 1;
    }
    kinds
};

/// Whether a run of digits and line ends has enough in a row that could stand for a text.
fn tells(run: &[u8]) -> bool {
    // How many in a row end here, for each of the places at which groups may begin.
    let (mut narrow, mut wide, mut pairs) = ([0_u8; 4], [0_u8; 4], [0_u8; 2]);
    let (mut window, mut before) = (0_u32, 0_u8);
    let mut length = 0_usize;
    for byte in run {
        let Some(sextet) = sextet(*byte) else { continue };
        length += 1;
        window = window << 6 | u32::from(sextet);
        let high = std::mem::replace(&mut before, *byte);
        let (at, parity) = (length % 4, length % 2);
        let [_, bytes @ ..] = window.to_be_bytes();
        let is_group = length >= 4;
        let is_narrow = is_group && bytes.iter().all(|byte| matches!(byte, b' '..=b'~'));
        let is_wide = is_group && bytes.contains(&0) && bytes.is_ascii();
        let is_pair = length >= 2 && byte.is_ascii_hexdigit() && matches!(high, b'0' | b'2'..=b'7');
        if extends(&mut narrow, at, is_narrow, TELLING)
            || extends(&mut wide, at, is_wide, TELLING_WIDE)
            || extends(&mut pairs, parity, is_pair, TELLING_PAIRS)
        {
            return true;
        }
    }
    false
}

/// Counts one more in the row `at`, or begins it anew; whether it is as long as `enough`.
fn extends(rows: &mut [u8], at: usize, more: bool, enough: u8) -> bool {
    let Some(row) = rows.get_mut(at) else { return false };
    *row = if more { *row + 1 } else { 0 };
    *row >= enough
}

/// Runs of characters of base64, with single line ends inside them.
fn runs(text: &[u8]) -> Vec<Range<usize>> {
    let in_run = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
    let mut runs: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let length = text
            .get(at..)
            .unwrap_or_default()
            .iter()
            .take_while(|byte| in_run(**byte))
            .count();
        if length == 0 {
            at += 1;
            continue;
        }
        let between = |last: &Range<usize>| matches!(text.get(last.end..at), Some(b"\n" | b"\r\n"));
        match runs.last_mut() {
            Some(last) if between(last) && last.len() < LONGEST => last.end = at + length,
            _ => runs.push(at..at + length),
        }
        at += length;
    }
    runs.retain(|run| run.len() >= SHORTEST);
    runs
}

/// What a run may be the encoding of. Where its beginning was cut off, or it stands behind other characters of its
/// alphabet, its groups may begin anywhere.
fn decodings(text: &[u8], run: Range<usize>) -> Vec<View> {
    let from = run.start;
    let digits: Vec<(u8, usize)> = text
        .get(run)
        .unwrap_or_default()
        .iter()
        .take(LONGEST)
        .enumerate()
        .filter(|(_, byte)| !matches!(byte, b'\r' | b'\n'))
        .map(|(at, byte)| (*byte, from + at))
        .collect();
    let mut views: Vec<View> = (0..4).filter_map(|skip| base64(digits.get(skip..)?)).collect();
    if digits.iter().all(|(byte, _)| byte.is_ascii_hexdigit()) {
        views.extend((0..2).filter_map(|skip| hex(digits.get(skip..)?)));
    }
    let wide: Vec<View> = views
        .iter()
        .flat_map(|view| [narrowed(view, 0), narrowed(view, 1)])
        .flatten()
        .collect();
    views.extend(wide);
    views
}

fn base64(digits: &[(u8, usize)]) -> Option<View> {
    let mut view = View::new();
    for group in digits.chunks(4) {
        let mut bits = 0_u32;
        for (byte, _) in group {
            bits = bits << 6 | u32::from(sextet(*byte)?);
        }
        bits <<= 6 * (4 - group.len());
        let [_, bytes @ ..] = bits.to_be_bytes();
        // Two digits hold each byte.
        for (byte, pair) in bytes.iter().zip(group.windows(2)) {
            if let [(_, first), (_, last)] = pair {
                view.push(*byte, *first..last + 1);
            }
        }
    }
    Some(view)
}

const fn sextet(byte: u8) -> Option<u8> {
    Some(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    })
}

fn hex(digits: &[(u8, usize)]) -> Option<View> {
    let mut view = View::new();
    let digit = |byte: u8| char::from(byte).to_digit(16);
    for pair in digits.chunks_exact(2) {
        let [(high, first), (low, last)] = pair else {
            return None;
        };
        view.push(u8::try_from(digit(*high)? << 4 | digit(*low)?).ok()?, *first..last + 1);
    }
    Some(view)
}

/// UTF-16 of ASCII characters, of which the other half is zero, as PowerShell takes its commands.
fn narrowed(view: &View, first: usize) -> Option<View> {
    let mut narrow = View::new();
    let mut zeros = 0;
    for (number, (byte, at)) in view.text.iter().zip(&view.at).enumerate() {
        if number % 2 == first {
            narrow.push(*byte, at.clone());
        } else {
            zeros += usize::from(*byte == 0);
        }
    }
    (zeros * 2 > narrow.text.len()).then_some(narrow)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Vec<Range<usize>> {
        text.match_indices("SECRET")
            .map(|(at, word)| at..at + word.len())
            .collect()
    }

    #[track_caller]
    fn check(text: &str, hidden: &[&str]) {
        let mut found: Vec<&str> = find(text, &secret, DEPTH)
            .into_iter()
            .filter_map(|place| text.get(place))
            .collect();
        found.sort_unstable();
        found.dedup();
        assert_eq!(found, hidden, "{text}");
    }

    #[test]
    fn escapes_stand_for_what_they_escape() {
        check("a SECRET b", &["SECRET"]);
        check("S%45CRE%54", &["S%45CRE%54"]);
        check("S%2545CRET", &["S%2545CRET"]);
        check("S\\u0045CRET S\\x45CRET", &["S\\u0045CRET", "S\\x45CRET"]);
        check("S&#69;CRE&#x54;", &["S&#69;CRE&#x54;"]);
        check("é %45 é SECRE%54é", &["SECRE%54"]);
        check("S%C3%A9CRET %zz \\", &[]);
    }

    #[test]
    fn encodings_are_undone_wherever_they_begin() {
        // "a SECRET b", with what stands before it in the run.
        check("YSBTRUNSRVQgYg", &["BTRUNSRVQ"]);
        check("/YSBTRUNSRVQgYg==", &["BTRUNSRVQ"]);
        check("xyzYSBTRUNS\nRVQgYg==", &["BTRUNS\nRVQ"]);
        check("6120534543524554", &["534543524554"]);
        check("f6120534543524554", &["534543524554"]);
        // UTF-16 of the same.
        check("UwBFAEMAUgBFAFQA", &["UwBFAEMAUgBFAFQ"]);
    }
}
