//! Which encoding text is in.
//!
//! A byte order mark decides. Without one, zero bytes at regular places speak for UTF-16 and UTF-32, validity speaks for
//! UTF-8, and escape sequences for ISO-2022-JP. Among legacy encodings the declared one wins; else those of East Asia
//! are believed if nearly all of the text is valid and common in them, and Cyrillic if letters look like words. Nothing
//! is learnt from dictionaries: a wrong guess moves no ASCII character, and observables are made of those.

use super::utf32::Order;
use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, Encoding, GB18030, ISO_2022_JP, KOI8_R, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1251,
    WINDOWS_1252,
};

/// How much of the beginning is looked at.
const SAMPLE: usize = 64 << 10;

#[derive(Clone, Copy, Debug)]
pub(super) enum Guess {
    Utf8,
    Encoding(&'static Encoding),
    Utf32(Order),
}

/// Whether text in a charset that is called so can be read.
pub fn is_charset(label: &str) -> bool {
    Encoding::for_label_no_replacement(label.trim().as_bytes()).is_some()
}

/// The encoding of `bytes` and the length of their byte order mark.
pub(super) fn guess(bytes: &[u8], charset: Option<&str>) -> (Guess, usize) {
    match bytes {
        [0xef, 0xbb, 0xbf, ..] => return (Guess::Utf8, 3),
        // Of the two that begin alike, the one with a plausible first character.
        [0xff, 0xfe, 0, 0, rest @ ..] if rest.len() % 4 == 0 && is_utf32(rest, Order::Little) => {
            return (Guess::Utf32(Order::Little), 4);
        }
        [0, 0, 0xfe, 0xff, ..] => return (Guess::Utf32(Order::Big), 4),
        [0xff, 0xfe, ..] => return (Guess::Encoding(UTF_16LE), 2),
        [0xfe, 0xff, ..] => return (Guess::Encoding(UTF_16BE), 2),
        _ => {}
    }
    let sample = bytes.get(..SAMPLE).unwrap_or(bytes);
    if let Some(wide) = wide(sample) {
        return (wide, 0);
    }
    let declared = charset.and_then(|label| Encoding::for_label_no_replacement(label.trim().as_bytes()));
    // Declared UTF-16 that shows no zero bytes may be text of East Asia, but a wrong label is more common.
    let declared =
        declared.filter(|&encoding| encoding != UTF_16LE && encoding != UTF_16BE || looks_utf16_cjk(sample, encoding));
    if is_iso_2022_jp(sample) {
        return (Guess::Encoding(ISO_2022_JP), 0);
    }
    if memchr::memchr(0x1b, sample).is_none() || declared != Some(ISO_2022_JP) {
        let (good, bad) = utf8_sequences(bytes);
        // One bad byte among much that is valid is damage; a Latin-1 text has hardly any valid sequence.
        if bad == 0 || good / 10 >= bad || (declared == Some(UTF_8) && good >= bad) {
            return (Guess::Utf8, 0);
        }
    }
    match declared {
        Some(encoding) if encoding != UTF_8 => (Guess::Encoding(encoding), 0),
        _ => (Guess::Encoding(legacy(sample)), 0),
    }
}

/// The WHATWG name in lower case.
pub(super) fn name(encoding: &'static Encoding) -> &'static str {
    const NAMES: &[&str] = &[
        "big5",
        "euc-jp",
        "euc-kr",
        "gb18030",
        "gbk",
        "ibm866",
        "iso-2022-jp",
        "iso-8859-10",
        "iso-8859-13",
        "iso-8859-14",
        "iso-8859-15",
        "iso-8859-16",
        "iso-8859-2",
        "iso-8859-3",
        "iso-8859-4",
        "iso-8859-5",
        "iso-8859-6",
        "iso-8859-7",
        "iso-8859-8",
        "iso-8859-8-i",
        "koi8-r",
        "koi8-u",
        "macintosh",
        "shift_jis",
        "utf-16be",
        "utf-16le",
        "utf-8",
        "windows-1250",
        "windows-1251",
        "windows-1252",
        "windows-1253",
        "windows-1254",
        "windows-1255",
        "windows-1256",
        "windows-1257",
        "windows-1258",
        "windows-874",
        "x-mac-cyrillic",
        "x-user-defined",
    ];
    NAMES
        .iter()
        .find(|name| name.eq_ignore_ascii_case(encoding.name()))
        .copied()
        .unwrap_or_else(|| encoding.name())
}

/// Whether `bytes` look like text in some encoding rather than binary data: few controls, and valid where that says
/// something.
pub fn is_plausible(bytes: &[u8]) -> bool {
    let sample = bytes.get(..SAMPLE).unwrap_or(bytes);
    let is_marked = matches!(
        sample,
        [0xef, 0xbb, 0xbf, _, ..] | [0xff, 0xfe, _, ..] | [0xfe, 0xff, _, ..] | [0, 0, 0xfe, 0xff, ..]
    );
    if is_marked || wide(sample).is_some() {
        return true;
    }
    let controls = count(sample, is_binary_control);
    if controls * 100 > sample.len() {
        return false;
    }
    let high = count(sample, |byte| byte >= 0x80);
    match guess(sample, None).0 {
        Guess::Utf8 | Guess::Utf32(_) => true,
        // Nothing is invalid in a legacy code page, so text must show itself in its ASCII part.
        Guess::Encoding(_) if high * 10 <= sample.len() * 3 => true,
        Guess::Encoding(encoding) => controls == 0 && encoding != WINDOWS_1252,
    }
}

/// How many bytes are so. In short steps with small sums, which the compiler takes many at a time.
fn count(bytes: &[u8], is_so: impl Fn(u8) -> bool) -> usize {
    let step = |bytes: &[u8]| {
        bytes
            .iter()
            .fold(0_u8, |sum, byte| sum.wrapping_add(u8::from(is_so(*byte))))
    };
    bytes.chunks(255).map(|chunk| usize::from(step(chunk))).sum()
}

/// Controls that text does not hold. Escape is not among them: terminal logs are text.
fn is_binary_control(byte: u8) -> bool {
    let within = |first: u8, last: u8| byte.wrapping_sub(first) <= last - first;
    within(0, 8) | within(0x0e, 0x1a) | within(0x1c, 0x1f) | (byte == 0x7f)
}

/// UTF-16 or UTF-32, told by where the zero bytes are.
fn wide(sample: &[u8]) -> Option<Guess> {
    // Nearly all text ends here.
    if sample.len() < 4 || memchr::memchr(0, sample).is_none() {
        return None;
    }
    for order in [Order::Little, Order::Big] {
        if sample.len() >= 8 && is_utf32(sample, order) {
            return Some(Guess::Utf32(order));
        }
    }
    let (units, _) = sample.as_chunks::<2>();
    let little = units.iter().filter(|[low, high]| *high == 0 && is_text(*low)).count();
    let big = units.iter().filter(|[high, low]| *high == 0 && is_text(*low)).count();
    let zero_pairs = units.iter().filter(|unit| **unit == [0, 0]).count();
    // Half of all units being ASCII text is far above chance, and text of another script has at least line ends.
    let is_wide =
        |count: usize, other: usize| count * 2 >= units.len() && other * 8 < count && zero_pairs * 32 <= units.len();
    if is_wide(little, big) {
        Some(Guess::Encoding(UTF_16LE))
    } else if is_wide(big, little) {
        Some(Guess::Encoding(UTF_16BE))
    } else {
        None
    }
}

fn is_text(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r')
}

/// Whether every unit is a character and most are not zero.
fn is_utf32(sample: &[u8], order: Order) -> bool {
    let (units, _) = sample.as_chunks::<4>();
    let text = units
        .iter()
        .map(|&unit| order.read(unit))
        .filter(|&unit| unit != 0 && char::from_u32(unit).is_some());
    !units.is_empty() && text.count() * 16 >= units.len() * 15
}

/// Whether a declared UTF-16 without zero bytes is what it claims: few pairs outside the common planes of CJK.
fn looks_utf16_cjk(sample: &[u8], encoding: &'static Encoding) -> bool {
    let (units, _) = sample.as_chunks::<2>();
    let high = |&[a, b]: &[u8; 2]| if encoding == UTF_16LE { b } else { a };
    let common = units
        .iter()
        .map(high)
        .filter(|&high| matches!(high, 0 | 0x04 | 0x05 | 0x06 | 0x20 | 0x30 | 0x4e..=0x9f | 0xac..=0xd7 | 0xff));
    // ASCII in pairs would give units in the CJK block too, so ASCII must be rare.
    let ascii = sample.iter().filter(|&&byte| is_text(byte)).count();
    common.count() * 8 >= units.len() * 7 && ascii * 4 < sample.len() * 3
}

/// Valid multi-byte sequences and invalid ones. A sequence cut by the end of the sample counts as neither.
fn utf8_sequences(bytes: &[u8]) -> (usize, usize) {
    if std::str::from_utf8(bytes).is_ok() {
        return (1, 0);
    }
    let (mut good, mut bad) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().bytes().filter(|byte| *byte >= 0xc0).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    (good, bad)
}

/// Whether escape sequences switch to Japanese.
fn is_iso_2022_jp(sample: &[u8]) -> bool {
    sample.is_ascii()
        && memchr::memchr_iter(0x1b, sample)
            .take(16)
            .any(|at| matches!(sample.get(at + 1..at + 3), Some(b"$B" | b"$@" | b"(J" | b"(I")))
}

/// The likeliest of the legacy encodings.
fn legacy(sample: &[u8]) -> &'static Encoding {
    let east = [
        (SHIFT_JIS, japanese as fn(&str) -> usize),
        (EUC_JP, japanese),
        (GB18030, chinese),
        (BIG5, chinese),
        (EUC_KR, korean),
    ];
    let mut best = (WINDOWS_1252, 0);
    for (encoding, common) in east {
        if let Some(score) = score_east(encoding, sample, common)
            && score > best.1
        {
            best = (encoding, score);
        }
    }
    if best.1 > 0 {
        return best.0;
    }
    cyrillic(sample).unwrap_or(WINDOWS_1252)
}

/// How much of the text outside ASCII is common in a language, in thousandths; `None` if the bytes are not valid.
fn score_east(encoding: &'static Encoding, sample: &[u8], common: fn(&str) -> usize) -> Option<usize> {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(decoder.max_utf8_buffer_length(sample.len())?);
    let (_, _, _) = decoder.decode_to_string(sample, &mut text, false);
    let foreign = text.chars().filter(|c| !c.is_ascii()).count();
    let bad = text.chars().filter(|&c| c == char::REPLACEMENT_CHARACTER).count();
    // Few characters prove nothing: two bytes of Latin-1 may well be one of GB18030.
    if foreign < 8 || bad * 50 > foreign {
        return None;
    }
    let score = common(&text) * 1000 / foreign;
    (score >= 700).then_some(score)
}

/// Kana are a large part of any Japanese text, and of no other.
fn japanese(text: &str) -> usize {
    let kana = text.chars().filter(|c| matches!(c, '\u{3041}'..='\u{30fe}')).count();
    let others = text
        .chars()
        .filter(|c| matches!(c, '\u{3000}'..='\u{3003}' | '\u{4e00}'..='\u{9fff}' | '\u{ff01}'..='\u{ff5e}'))
        .count();
    if kana * 5 >= others { kana + others } else { 0 }
}

fn korean(text: &str) -> usize {
    text.chars()
        .filter(|c| matches!(c, '\u{ac00}'..='\u{d7a3}' | '\u{3000}'..='\u{3003}'))
        .count()
}

/// Among ideographs, those that make up much of any Chinese text must appear.
fn chinese(text: &str) -> usize {
    const FREQUENT: &str = "的一是不了在人有我他这這中大来來上国國个個到说說们們为為和你地出会會也时時要就可以";
    let ideographs = text
        .chars()
        .filter(|c| matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3000}'..='\u{3011}' | '\u{ff01}'..='\u{ff1f}'))
        .count();
    let frequent = text.chars().filter(|&c| !c.is_ascii() && FREQUENT.contains(c)).count();
    if frequent * 25 >= ideographs { ideographs } else { 0 }
}

/// Cyrillic, if letters outside ASCII stand together in words that a Russian reader could meet: mostly lower case, with
/// the most frequent letters being the most frequent.
fn cyrillic(sample: &[u8]) -> Option<&'static Encoding> {
    let high = sample.iter().filter(|byte| !byte.is_ascii()).count();
    let pairs = sample.array_windows().filter(|[a, b]| *a >= 0xc0 && *b >= 0xc0).count();
    if high < 8 || pairs * 2 < high {
        return None;
    }
    let score = |encoding: &'static Encoding| {
        let (text, _) = encoding.decode_without_bom_handling(sample);
        let letters = text
            .chars()
            .filter(|c| matches!(c, 'а'..='я' | 'ё' | 'і' | 'ї' | 'є' | 'ў'))
            .count();
        let frequent = text.chars().filter(|c| "оеаинтсрвл".contains(*c)).count();
        if letters * 10 >= high * 7 && frequent * 2 >= letters {
            letters + frequent
        } else {
            0
        }
    };
    [WINDOWS_1251, KOI8_R]
        .into_iter()
        .map(|encoding| (score(encoding), encoding))
        .filter(|(score, _)| *score > 0)
        .max_by_key(|(score, _)| *score)
        .map(|(_, encoding)| encoding)
}
