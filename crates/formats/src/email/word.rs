//! Encoded words (RFC 2047) and the text of header fields: as a reader sees it.
//!
//! Read as mail programs read them and not as they should be written: inside quotes, with blanks inside, without the
//! blank that should stand between two. A character that two words share is put together again.

use super::field::unfolded;
use super::transfer::{base64, hexadecimal};
use encoding_rs::Encoding;

/// No text of a header is longer. Bytes.
pub const LONGEST: usize = 64 << 10;

/// The text of an unstructured field (subject, comments, display names): unfolded, decoded.
pub fn text(value: &[u8]) -> String {
    let value = unfolded(value.get(..LONGEST).unwrap_or(value));
    words(value.trim_ascii())
}

/// Text in which encoded words may stand. Blanks between two of them are not part of it.
pub fn words(value: &[u8]) -> String {
    if find(value).is_none() {
        return plain(value);
    }
    let mut out = String::with_capacity(value.len());
    // Bytes of words in a row in one charset: they may share a character.
    let mut open: Option<(Vec<u8>, String)> = None;
    let mut rest = value;
    while !rest.is_empty() {
        let start = find(rest).unwrap_or(rest.len());
        let (before, from) = rest.split_at_checked(start).unwrap_or((rest, &[]));
        let word = read(from);
        // Blanks between two words are there for the line's length.
        let between = open.is_some() && word.is_some() && before.iter().all(u8::is_ascii_whitespace);
        if !between {
            close(&mut open, &mut out);
            out.push_str(&plain(before));
        }
        let Some(word) = word else {
            // No word after all: `=?` stands for itself.
            out.push_str(if from.is_empty() { "" } else { "=?" });
            rest = from.get(2..).unwrap_or_default();
            continue;
        };
        if open
            .as_ref()
            .is_some_and(|(_, charset)| !charset.eq_ignore_ascii_case(&word.charset))
        {
            close(&mut open, &mut out);
        }
        let (bytes, _) = open.get_or_insert_with(|| (Vec::new(), word.charset.clone()));
        bytes.extend(&word.bytes);
        rest = word.rest;
    }
    close(&mut open, &mut out);
    out
}

fn close(open: &mut Option<(Vec<u8>, String)>, out: &mut String) {
    if let Some((bytes, charset)) = open.take() {
        // A line end or another control inside a word would forge a field.
        let decoded = charset_text(&bytes, Some(&charset));
        out.extend(decoded.chars().map(|c| if c.is_control() { ' ' } else { c }));
    }
}

/// Bytes in the charset of that name; in UTF-8 or, where they are not that, in windows-1252 where there is none.
pub fn charset_text(bytes: &[u8], charset: Option<&str>) -> String {
    if charset.is_some_and(is_utf7) {
        return utf7(bytes);
    }
    let named = charset.and_then(|label| Encoding::for_label_no_replacement(label.trim().as_bytes()));
    match named {
        Some(encoding) if encoding != encoding_rs::UTF_8 => {
            let (text, _) = encoding.decode_without_bom_handling(bytes);
            text.into_owned()
        }
        _ => plain(bytes),
    }
}

/// Whether a charset is UTF-7 (RFC 2152), which browsers have dropped and some mail programs have not.
pub fn is_utf7(charset: &str) -> bool {
    let charset = charset.trim();
    ["utf-7", "unicode-1-1-utf-7"]
        .iter()
        .any(|known| charset.eq_ignore_ascii_case(known))
}

/// UTF-7: `+` begins UTF-16 in base64, which anything else ends; `+-` is a plus.
pub fn utf7(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = memchr::memchr(b'+', rest) {
        let (before, after) = rest.split_at_checked(at).unwrap_or((rest, &[]));
        out.push_str(&plain(before));
        let after = after.get(1..).unwrap_or_default();
        let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
        let end = after.iter().position(|byte| !is_letter(byte)).unwrap_or(after.len());
        let (letters, behind) = after.split_at_checked(end).unwrap_or((after, &[]));
        if letters.is_empty() {
            out.push('+');
        } else {
            let units = base64(letters).0;
            let units = units
                .chunks_exact(2)
                .filter_map(|pair| Some(u16::from_be_bytes(pair.try_into().ok()?)));
            out.extend(char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)));
        }
        rest = behind.strip_prefix(b"-").unwrap_or(behind);
    }
    out.push_str(&plain(rest));
    out
}

/// Raw bytes of a header: UTF-8 (RFC 6532), or what people wrote before it.
fn plain(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding_rs::WINDOWS_1252
            .decode_without_bom_handling(bytes)
            .0
            .into_owned(),
    }
}

fn find(text: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b'=', text).find(|at| text.get(at + 1) == Some(&b'?'))
}

/// An encoded word, decoded to bytes.
struct Word<'a> {
    charset: String,
    bytes: Vec<u8>,
    rest: &'a [u8],
}

/// The word at the beginning of `text`, `=?charset*language?Q?text?=`.
fn read(text: &[u8]) -> Option<Word<'_>> {
    const CHARSET: usize = 60;
    const WORD: usize = 8 << 10;
    let inner = text.strip_prefix(b"=?")?;
    let end = memchr::memchr(b'?', inner.get(..inner.len().min(CHARSET))?)?;
    let charset = std::str::from_utf8(inner.get(..end)?).ok()?;
    let charset = charset.split('*').next().filter(|charset| !charset.is_empty())?;
    let (encoding, inner) = inner.get(end + 1..)?.split_first()?;
    let inner = inner.strip_prefix(b"?")?;
    let end = memchr::memmem::find(inner.get(..inner.len().min(WORD))?, b"?=")?;
    let (content, rest) = inner.split_at_checked(end)?;
    let bytes = match encoding {
        // Another question mark would be the beginning of another word: this one was never ended.
        b'B' | b'b' if !content.contains(&b'?') => base64(content).0,
        b'Q' | b'q' => q(content),
        _ => return None,
    };
    Some(Word {
        charset: charset.to_owned(),
        bytes,
        rest: rest.get(2..)?,
    })
}

/// The Q encoding: `_` is a blank, `=41` a byte.
fn q(content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len());
    let mut rest = content;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        let coded = after.split_first_chunk::<2>().filter(|_| byte == b'=');
        match coded.and_then(|(digits, after)| Some((hexadecimal(*digits)?, after))) {
            Some((byte, after)) => {
                out.push(byte);
                rest = after;
            }
            None => out.push(if byte == b'_' { b' ' } else { byte }),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_words_are_read_as_mail_programs_do() {
        for (value, expected) in [
            ("plain", "plain"),
            ("=?utf-8?Q?caf=C3=A9_au_lait?= now", "café au lait now"),
            ("=?UTF-8?B?Y2Fmw6k=?=", "café"),
            ("a =?utf-8?q?b?=  =?utf-8?q?c?= d", "a bc d"),
            ("=?utf-8?q?b?==?utf-8?q?c?=", "bc"),
            // One character in two words.
            ("=?utf-8?b?Y2Fmww==?= =?utf-8?b?qQ==?=", "café"),
            ("=?iso-8859-1*de?Q?gr=FC=DFe?=", "grüße"),
            ("=?windows-1251?B?z/Do4uXy?=", "Привет"),
            ("=?iso-2022-jp?B?GyRCJDMkcyRLJEEkTxsoQg==?=", "こんにちは"),
            ("=?x-unknown?Q?a=41?=", "aA"),
            ("=?utf-7?Q?Fr+APY-sche_1+-1?=", "Frösche 1+1"),
            ("=?utf-8?Q?never ended", "=?utf-8?Q?never ended"),
            ("1 =? 2", "1 =? 2"),
            ("=?utf-8?Q?two=0D=0AFrom:_x?=", "two  From: x"),
            ("=?utf-8?q?a?= =?iso-8859-1?q?=E9?=", "aé"),
            ("\"=?utf-8?q?in_quotes?=\"", "\"in quotes\""),
        ] {
            assert_eq!(text(value.as_bytes()), expected, "{value}");
        }
        assert_eq!(text(b"caf\xe9\r\n folded"), "café folded");
    }

    #[test]
    fn many_beginnings_of_words_take_no_square_of_the_time() {
        let text = b"=?utf-8?Q?".repeat(6_000);
        assert!(!words(&text).is_empty());
    }
}
