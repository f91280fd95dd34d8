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
    for run in runs(text.as_bytes()) {
        let told = tells(text.as_bytes().get(run.clone()).unwrap_or_default());
        if told.is_empty() {
            continue;
        }
        for view in decodings(text.as_bytes(), run, told) {
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
    let escape_at = |at: usize| match text.get(at)? {
        b'%' | b'\\' | b'&' | b'[' | b'(' | b'{' => escape(text.get(at..)?),
        _ => None,
    };
    // Most texts have such signs and no escapes.
    (0..text.len()).find(|at| escape_at(*at).is_some())?;
    let mut view = View::new();
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        let (byte, length) = escape_at(at).unwrap_or((*byte, 1));
        view.push(byte, at..at + length);
        at += length;
    }
    Some(view)
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

/// How a run of digits has enough in a row that could stand for a text: by how many digits the groups begin late.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Told {
    base64: [bool; 4],
    hex: [bool; 2],
}

impl Told {
    fn is_empty(self) -> bool {
        self == Self::default()
    }
}

/// Looks at a run of digits and line ends: a few operations for each character, where decoding in every way takes hundreds.
fn tells(run: &[u8]) -> Told {
    // How many in a row end here, for each of the places at which groups may begin.
    let (mut narrow, mut wide, mut pairs) = ([0_u8; 4], [0_u8; 4], [0_u8; 2]);
    let (mut window, mut before) = (0_u32, 0_u8);
    let mut length = 0_usize;
    let mut told = Told::default();
    for byte in run {
        let sextet = SEXTETS.get(usize::from(*byte)).copied().unwrap_or(NONE);
        if sextet == NONE {
            continue;
        }
        length += 1;
        window = (window << 6 | u32::from(sextet)) & 0x00ff_ffff;
        let high = std::mem::replace(&mut before, *byte);
        let (at, parity) = (length % 4, length % 2);
        if length >= 4 {
            let is_ascii = window & 0x0080_8080 == 0;
            // Every byte is printable: not below a blank, and no DEL.
            let upper = window & 0x0060_6060;
            let is_narrow = is_ascii
                && (upper | upper << 1) & 0x0040_4040 == 0x0040_4040
                && (window + 0x0001_0101) & 0x0080_8080 == 0;
            let has_zero = window & 0xff == 0 || window & 0xff00 == 0 || window & 0x00ff_0000 == 0;
            let is_wide = is_ascii && has_zero;
            let enough = extends(&mut narrow, at, is_narrow, TELLING) | extends(&mut wide, at, is_wide, TELLING_WIDE);
            mark(&mut told.base64, at, enough);
        }
        let is_pair = length >= 2 && matches!(high, b'0' | b'2'..=b'7') && byte.is_ascii_hexdigit();
        mark(
            &mut told.hex,
            parity,
            extends(&mut pairs, parity, is_pair, TELLING_PAIRS),
        );
    }
    told
}

fn mark(told: &mut [bool], at: usize, enough: bool) {
    if let Some(told) = told.get_mut(at) {
        *told |= enough;
    }
}

/// Counts one more in the row `at`, or begins it anew; whether it is as long as `enough`.
fn extends(rows: &mut [u8], at: usize, more: bool, enough: u8) -> bool {
    let Some(row) = rows.get_mut(at) else { return false };
    *row = if more { row.saturating_add(1) } else { 0 };
    *row >= enough
}

/// Runs of characters of base64, with single line ends inside them.
fn runs(text: &[u8]) -> Vec<Range<usize>> {
    let in_run = |byte: u8| SEXTETS.get(usize::from(byte)).is_some_and(|sextet| *sextet != NONE);
    let mut runs: Vec<Range<usize>> = Vec::new();
    // Most texts have no word that is long enough. Line ends may join short ones.
    if text
        .split(|byte| !in_run(*byte) && !matches!(byte, b'\r' | b'\n'))
        .all(|word| word.len() < SHORTEST)
    {
        return runs;
    }
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
/// alphabet, its groups may begin anywhere; those are undone where what they stand for is `told` to look like a text.
fn decodings(text: &[u8], run: Range<usize>, told: Told) -> Vec<View> {
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
    let skips =
        |told: &[bool]| -> Vec<usize> { (0..told.len()).filter(|skip| told.get(*skip) == Some(&true)).collect() };
    let base64s = skips(&told.base64).into_iter();
    let mut views: Vec<View> = base64s.filter_map(|skip| base64(digits.get(skip..)?)).collect();
    let hexes = skips(&told.hex);
    if !hexes.is_empty() && digits.iter().all(|(byte, _)| byte.is_ascii_hexdigit()) {
        views.extend(hexes.into_iter().filter_map(|skip| hex(digits.get(skip..)?)));
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

/// No digit.
const NONE: u8 = 0xff;

static SEXTETS: [u8; 256] = {
    let mut sextets = [NONE; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        if let Some(sextet) = sextet(byte) {
            #[expect(
                clippy::indexing_slicing,
                reason = "evaluated when it is compiled, with an index below 128"
            )]
            {
                sextets[byte as usize] = sextet;
            }
        }
        byte += 1;
    }
    sextets
};

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
    fn what_is_told_of_a_run_is_what_its_decodings_show() {
        let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut state = 7_u32;
        for round in 0..3_000_usize {
            let run: Vec<u8> = (0..round % 40)
                .map(|_| {
                    state = state.wrapping_mul(1_103_515_245).wrapping_add(12_345);
                    letters[(state >> 16) as usize % if round % 2 == 0 { 64 } else { 40 }]
                })
                .collect();
            let digits: Vec<(u8, usize)> = run.iter().enumerate().map(|(at, byte)| (*byte, at)).collect();
            let shows = |skip: usize| {
                let text = digits
                    .get(skip..)
                    .and_then(base64)
                    .map(|view| view.text)
                    .unwrap_or_default();
                let groups: Vec<&[u8]> = text.chunks_exact(3).collect();
                let in_row = |count: usize, is_so: &dyn Fn(&[u8]) -> bool| {
                    groups
                        .windows(count)
                        .any(|groups| groups.iter().all(|group| is_so(group)))
                };
                in_row(usize::from(TELLING), &|group| {
                    group.iter().all(|byte| matches!(byte, b' '..=b'~'))
                }) || in_row(usize::from(TELLING_WIDE), &|group| {
                    group.contains(&0) && group.is_ascii()
                })
            };
            assert_eq!(
                tells(&run).base64,
                [0, 1, 2, 3].map(shows),
                "{}",
                String::from_utf8_lossy(&run)
            );
        }
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
