//! Content transfer encodings (RFC 2045, section 6) and uuencode (POSIX): what travelled as text becomes bytes again.
//!
//! Damage is stepped over as mail programs do, and told: a letter that does not belong does not cost the rest.

use std::borrow::Cow;

/// How bytes travelled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transfer {
    /// As they are: `7bit`, `8bit`, `binary`, or nothing said.
    #[default]
    Identity,
    /// `base64`
    Base64,
    /// `quoted-printable`
    QuotedPrintable,
    /// `x-uuencode`
    UuEncode,
    /// A name that nobody knows; the bytes are taken as they are.
    Unknown,
}

impl Transfer {
    /// The encoding that a header field names: its first word outside of comments (RFC 2045, section 6.1, has one).
    pub fn parse(value: &str) -> Self {
        let mut depth = 0_usize;
        let bare = value.chars().map(|c| {
            match c {
                '(' => depth += 1,
                ')' if depth > 0 => {
                    depth -= 1;
                    return ' ';
                }
                _ => {}
            }
            if depth > 0 { ' ' } else { c }
        });
        let bare: String = bare.collect();
        let is_edge = |c: char| c.is_whitespace() || matches!(c, ';' | ',' | '"' | '\'');
        let name = bare.split(is_edge).find(|word| !word.is_empty()).unwrap_or_default();
        match name.to_ascii_lowercase().as_str() {
            "" | "7bit" | "8bit" | "binary" | "7-bit" | "8-bit" | "none" => Self::Identity,
            "base64" => Self::Base64,
            "quoted-printable" | "quotedprintable" => Self::QuotedPrintable,
            "x-uuencode" | "uuencode" | "x-uue" | "uue" => Self::UuEncode,
            _ => Self::Unknown,
        }
    }

    /// The name used in every format.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "none",
            Self::Base64 => "base64",
            Self::QuotedPrintable => "quoted-printable",
            Self::UuEncode => "uuencode",
            Self::Unknown => "unknown",
        }
    }
}

/// What came out.
#[derive(Debug, PartialEq, Eq)]
pub struct Content<'a> {
    /// The bytes.
    pub bytes: Cow<'a, [u8]>,
    /// Something in the text was not of the encoding.
    pub damaged: bool,
}

/// Decodes the body of a part.
pub fn decode(body: &[u8], transfer: Transfer) -> Content<'_> {
    let (bytes, damaged) = match transfer {
        Transfer::Identity => (Cow::Borrowed(body), false),
        Transfer::Unknown => (Cow::Borrowed(body), true),
        Transfer::Base64 => owned(base64(body)),
        Transfer::QuotedPrintable => owned(quoted_printable(body)),
        Transfer::UuEncode => owned(uuencode(body)),
    };
    Content { bytes, damaged }
}

fn owned((bytes, damaged): (Vec<u8>, bool)) -> (Cow<'static, [u8]>, bool) {
    (Cow::Owned(bytes), damaged)
}

/// No letter of the alphabet.
const NONE: u8 = 0xff;
/// White space: allowed anywhere.
const BLANK: u8 = 0xfe;
/// `=`
const PAD: u8 = 0xfd;

const ALPHABET: [u8; 256] = alphabet();

#[expect(
    clippy::indexing_slicing,
    reason = "a table made at compile time; every index is a byte"
)]
const fn alphabet() -> [u8; 256] {
    let mut table = [NONE; 256];
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut at = 0;
    while at < letters.len() {
        table[letters[at] as usize] = at as u8;
        at += 1;
    }
    // The alphabet for URLs: some senders mix them up.
    table[b'-' as usize] = 62;
    table[b'_' as usize] = 63;
    let mut blanks = [b' ', b'\t', b'\r', b'\n', 0x0b, 0x0c];
    let mut at = 0;
    while at < blanks.len() {
        table[blanks[at] as usize] = BLANK;
        blanks[at] = 0;
        at += 1;
    }
    table[b'=' as usize] = PAD;
    table
}

/// Base64, with what does not belong to it left out (RFC 2045, section 6.8). Padding ends a group and not the whole.
pub fn base64(text: &[u8]) -> (Vec<u8>, bool) {
    let mut out = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let mut damaged = false;
    let (mut bits, mut letters) = (0_u32, 0_u8);
    for &byte in text {
        match ALPHABET.get(usize::from(byte)).copied().unwrap_or(NONE) {
            BLANK => {}
            NONE => damaged = true,
            PAD => {
                damaged |= rest(bits, letters, &mut out);
                (bits, letters) = (0, 0);
            }
            value => {
                bits = bits << 6 | u32::from(value);
                letters += 1;
                if letters == 4 {
                    let [_, a, b, c] = bits.to_be_bytes();
                    out.extend([a, b, c]);
                    (bits, letters) = (0, 0);
                }
            }
        }
    }
    damaged |= rest(bits, letters, &mut out);
    (out, damaged)
}

/// The bytes of a group that is not full. Whether a letter is left over.
fn rest(bits: u32, letters: u8, out: &mut Vec<u8>) -> bool {
    match letters {
        2 => out.extend((bits << 12).to_be_bytes().get(1..2).unwrap_or_default()),
        3 => out.extend((bits << 6).to_be_bytes().get(1..3).unwrap_or_default()),
        _ => {}
    }
    letters == 1
}

/// Quoted-printable (RFC 2045, section 6.7). What is no hexadecimal number stays as it is.
pub fn quoted_printable(text: &[u8]) -> (Vec<u8>, bool) {
    let mut out = Vec::with_capacity(text.len());
    let mut damaged = false;
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let content = line.trim_ascii_end();
        let ending = match line {
            [.., b'\r', b'\n'] => &b"\r\n"[..],
            [.., b'\n'] => b"\n",
            // The blanks at the end of a body without a last line ending are part of nothing.
            _ => b"",
        };
        let (content, soft) = match content.strip_suffix(b"=") {
            Some(content) => (content, true),
            None => (content, false),
        };
        let mut rest = content;
        while let Some(at) = memchr::memchr(b'=', rest) {
            out.extend(rest.get(..at).unwrap_or_default());
            rest = rest.get(at + 1..).unwrap_or_default();
            match rest
                .split_first_chunk::<2>()
                .and_then(|(digits, after)| Some((hexadecimal(*digits)?, after)))
            {
                Some((byte, after)) => {
                    out.push(byte);
                    rest = after;
                }
                None => {
                    out.push(b'=');
                    damaged = true;
                }
            }
        }
        out.extend(rest);
        if !soft {
            out.extend(ending);
        }
    }
    (out, damaged)
}

/// Two hexadecimal digits in any case.
pub(super) fn hexadecimal([high, low]: [u8; 2]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(high)? << 4 | digit(low)?)
}

/// The lines between `begin …` and `end`; without a `begin`, every line.
pub fn uuencode(text: &[u8]) -> (Vec<u8>, bool) {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let mut damaged = true;
    let mut lines = text
        .split(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
        .peekable();
    while lines.peek().is_some_and(|line| line.is_empty()) {
        lines.next();
    }
    if lines.peek().is_some_and(|line| line.starts_with(b"begin")) {
        lines.next();
    }
    for line in lines {
        if line == b"end" || matches!(line.first(), None | Some(b' ' | b'`')) {
            damaged = false;
            break;
        }
        let Some((&length, letters)) = line.split_first() else {
            continue;
        };
        let length = usize::from(length.wrapping_sub(b' ') & 0x3f);
        let before = out.len();
        for group in letters.chunks(4) {
            let bits = group.iter().fold(0_u32, |bits, letter| {
                bits << 6 | u32::from(letter.wrapping_sub(b' ') & 0x3f)
            });
            let short = u32::try_from(4 - group.len()).unwrap_or_default();
            let [_, a, b, c] = (bits << (6 * short)).to_be_bytes();
            out.extend([a, b, c]);
        }
        out.truncate(out.len().min(before + length));
    }
    (out, damaged)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(transfer: Transfer, text: &str, expected: &[u8], damaged: bool) {
        let content = decode(text.as_bytes(), transfer);
        assert_eq!((&*content.bytes, content.damaged), (expected, damaged), "{text:?}");
    }

    #[test]
    fn encodings_are_named_beside_comments_and_more() {
        for (value, expected) in [
            ("base64", Transfer::Base64),
            ("(x) BASE64", Transfer::Base64),
            ("base64 (y (z))", Transfer::Base64),
            ("base64 x", Transfer::Base64),
            ("\"quoted-printable\"; a=b", Transfer::QuotedPrintable),
            ("7bit", Transfer::Identity),
            ("(base64)", Transfer::Identity),
            ("", Transfer::Identity),
            ("x-strange", Transfer::Unknown),
        ] {
            assert_eq!(Transfer::parse(value), expected, "{value}");
        }
    }

    #[test]
    fn base64_is_read_whatever_its_lines() {
        check(Transfer::Base64, "SGVs\r\nbG8h", b"Hello!", false);
        check(Transfer::Base64, "SGVsbG8=", b"Hello", false);
        check(Transfer::Base64, "SGVsbG8", b"Hello", false);
        check(Transfer::Base64, "SGVsbG8=SGVsbG8=\n", b"HelloHello", false);
        check(Transfer::Base64, "SG*VsbG8=", b"Hello", true);
        check(Transfer::Base64, "SGVsb", b"Hel", true);
        check(Transfer::Base64, "_-8=", &[0xff, 0xef], false);
        check(Transfer::Base64, "", b"", false);
    }

    #[test]
    fn quoted_printable_keeps_what_it_cannot_read() {
        check(Transfer::QuotedPrintable, "a=3Db =\r\nc\r\n", b"a=b c\r\n", false);
        check(Transfer::QuotedPrintable, "caf=c3=A9", "café".as_bytes(), false);
        check(Transfer::QuotedPrintable, "x=zz=", b"x=zz", true);
        check(
            Transfer::QuotedPrintable,
            "blanks go  \t\r\nend",
            b"blanks go\r\nend",
            false,
        );
        check(Transfer::QuotedPrintable, "href=3D\"a=\nb\"", b"href=\"ab\"", false);
    }

    #[test]
    fn uuencode_is_read_between_its_lines() {
        check(
            Transfer::UuEncode,
            "begin 644 a\r\n#0V%T\r\n`\r\nend\r\n",
            b"Cat",
            false,
        );
        check(Transfer::UuEncode, "#0V%T\nend", b"Cat", false);
        check(Transfer::UuEncode, "#0V", b"C`\0", true);
    }

    #[test]
    fn names_of_encodings_are_read_as_people_write_them() {
        for (name, transfer) in [
            ("BASE64", Transfer::Base64),
            (" quoted-printable ; x=y", Transfer::QuotedPrintable),
            ("8BIT", Transfer::Identity),
            ("rot13", Transfer::Unknown),
        ] {
            assert_eq!(Transfer::parse(name), transfer);
        }
    }
}
