//! Digests: runs of hexadecimal digits of a telling length, told apart by the word in front of them.

use crate::columns;
use crate::found::{Found, Sink};
use crate::keyword::{self, Before};
use crate::reader::{Reader, is_edge};
use crate::text::{ALNUM, BASE64, DIGIT, HEX, Text, is};
use watchfire_model::{Confidence, ObservableType, Via};

/// Digests in the label `start..end`; true if something was found.
#[inline]
pub(crate) fn label<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize, end: usize) -> bool {
    runs(reader, start, end, None)
}

/// Digests inside a URL.
pub(crate) fn in_url<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize, end: usize) -> bool {
    runs(reader, start, end, Some(Via::Url))
}

/// Every run of letters and digits between hyphens and underscores.
#[inline]
fn runs<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize, end: usize, via: Option<Via>) -> bool {
    let text = reader.text;
    let mut found = false;
    let mut at = start;
    while at < end {
        let run = text.skip(at, end, HEX);
        if !is(text.at(run), ALNUM) || run >= end {
            if run - at >= 32 {
                found |= digest(reader, at, run, via);
            }
            at = run + 1;
            continue;
        }
        let rest = text.skip(run, end, ALNUM);
        found |= other(reader, at, rest);
        at = rest + 1;
    }
    found || (end - start == 36 && ja4(reader, start, end))
}

/// A run of hexadecimal digits only.
#[inline]
fn digest<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize, end: usize, via: Option<Via>) -> bool {
    use ObservableType as T;
    let text = reader.text;
    let kind = match end - start {
        32 => T::Md5,
        40 => T::Sha1,
        56 => T::Sha224,
        62 => T::Jarm,
        64 => T::Sha256,
        70 => T::Tlsh,
        76 => T::Tox,
        96 => T::Sha384,
        128 => T::Sha512,
        _ => return false,
    };
    let words = if via.is_none() {
        reader.before(start)
    } else {
        Before::read(text, 0)
    };
    let (mut kind, mut confidence, mut reason) = decide(kind, &words, text, start, end);
    if end - start == 32
        && via.is_none()
        && let Some((other, trust, why)) = fingerprint(reader, &words, start, end)
    {
        (kind, confidence, reason) = (other, trust, why);
    }
    let mut found = Found::new(kind, text.slice(start, end), start, end).because(confidence, reason);
    if via.is_some() {
        found = found.because(Confidence::Medium, "in the path of a URL");
        found.via = via;
    }
    reader.emit(found)
}

/// What the title of a column, or a word further back in the sentence, calls thirty-two digits.
fn fingerprint<S: Sink>(
    reader: &mut Reader<'_, '_, S>,
    words: &Before,
    start: usize,
    end: usize,
) -> Option<(ObservableType, Confidence, &'static str)> {
    use ObservableType as T;
    let text = reader.text;
    if columns::is_cell(text, start, end) {
        reader.outside = true;
        let kind = reader.columns.kind(text, start)?;
        let fits = matches!(kind, T::Md5 | T::Imphash | T::Ja3 | T::Ja3s | T::Hassh);
        return fits.then_some((kind, Confidence::High, "the title of its column names its type"));
    }
    // Only prose has words in between; what stands behind a colon is called by the word before that.
    let blank = text.before(start) == b' ' || (text.before(start) == b'"' && start > 1 && text.at(start - 2) == b' ');
    if !blank || keyword::names_a_digest(words.nearest()) {
        return None;
    }
    reader.outside = true;
    if words.nearest().is_empty() {
        return None;
    }
    let mark = text.before(start - usize::from(text.before(start) == b'"') - 1);
    if mark == b':' {
        return None;
    }
    let kind = keyword::in_sentence(text, start)?;
    Some((kind, Confidence::Medium, "its sentence names its type"))
}

/// The word in front decides between digests of one length.
fn decide(
    kind: ObservableType,
    words: &Before,
    text: Text<'_>,
    start: usize,
    end: usize,
) -> (ObservableType, Confidence, &'static str) {
    use ObservableType as T;
    const NAMED: (Confidence, &str) = (Confidence::High, "a word before it names its type");
    let import = || {
        matches!(words.nearest(), b"import" | b"imports")
            || (words.nearest() == b"hash" && matches!(words.further(), b"import" | b"imp"))
    };
    let special = match kind {
        T::Md5 if words.says(b"imphash") || words.nearest() == b"importhash" || import() => Some(T::Imphash),
        T::Md5 if words.says(b"ja3") => Some(T::Ja3),
        T::Md5 if words.says(b"ja3s") => Some(T::Ja3s),
        T::Md5 if words.says(b"hassh") || words.says(b"hasshserver") => Some(T::Hassh),
        T::Sha256 | T::Sha1 if words.says(b"authentihash") => Some(T::Authentihash),
        _ => None,
    };
    if let Some(kind) = special {
        return (kind, NAMED.0, NAMED.1);
    }
    if kind == T::Tox {
        return (kind, Confidence::High, "its checksum is right");
    }
    let name = kind.name().as_bytes();
    let digits = name.strip_prefix(b"sha").unwrap_or(name);
    if words.says(name) || (words.nearest() == digits && words.further() == b"sha") {
        return (kind, NAMED.0, NAMED.1);
    }
    let first = text.at(start);
    let run = text.slice(start, end);
    if run.iter().all(|byte| *byte == first) {
        return (kind, Confidence::Low, "one digit repeated");
    }
    if run.iter().all(u8::is_ascii_digit) {
        return (kind, Confidence::Low, "decimal digits only");
    }
    (kind, Confidence::Medium, "hexadecimal digits of that length")
}

/// `0x…` and TLSH with its version.
fn other<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize, end: usize) -> bool {
    let text = reader.text;
    match (text.at(start), text.at(start + 1), end - start) {
        (b'0', b'x' | b'X', 42) => {
            // EIP-55 puts the checksum into the capitals: what has both cases and passes is right.
            let digits = text.slice(start + 2, end);
            let mixed = digits.iter().any(u8::is_ascii_uppercase) && digits.iter().any(u8::is_ascii_lowercase);
            let (confidence, reason) = if mixed {
                (Confidence::High, "its checksum is right")
            } else {
                (Confidence::Medium, "forty digits behind 0x, written without a checksum")
            };
            let found = Found::new(ObservableType::Eth, text.slice(start, end), start, end);
            reader.emit(found.because(confidence, reason))
        }
        (b'T', b'1', 72) if text.skip(start + 2, end, HEX) == end => {
            let found = Found::new(ObservableType::Tlsh, text.slice(start, end), start, end)
                .because(Confidence::High, "seventy digits behind T1");
            reader.emit(found)
        }
        _ => false,
    }
}

/// `t13d1516h2_8daaf6152771_b186095e22b6`
fn ja4<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize, end: usize) -> bool {
    let text = reader.text;
    let shaped =
        text.at(start + 10) == b'_' && text.at(start + 23) == b'_' && matches!(text.at(start), b't' | b'q' | b'd');
    shaped
        && reader.emit(
            Found::new(ObservableType::Ja4, text.slice(start, end), start, end)
                .because(Confidence::High, "the three parts of a JA4"),
        )
}

/// `1536:yB+A8b…:N4tMsb…`, starting with the digits `start..end`.
pub(crate) fn ssdeep<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize, end: usize) -> Option<usize> {
    let text = reader.text;
    if text.skip(start, end, DIGIT) != end
        || end - start > 10
        || !is(text.at(end + 1), BASE64)
        || !is_edge(text.before(start))
    {
        return None;
    }
    let first = text.skip(end + 1, end + 66, BASE64);
    if text.at(first) != b':' || first - end < 7 {
        return None;
    }
    let second = text.skip(first + 1, first + 66, BASE64);
    // "12:column:5" is one by its shape: short ones have to be called so.
    if (first - end < 12 || second - first < 4)
        && !matches!(reader.before(start).nearest(), b"ssdeep" | b"fuzzy" | b"hash")
    {
        return None;
    }
    let found = Found::new(ObservableType::Ssdeep, text.slice(start, second), start, second)
        .because(Confidence::High, "a block size and two hashes");
    reader.emit(found).then_some(second)
}
