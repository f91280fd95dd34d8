//! Values with parameters: `Content-Type` and `Content-Disposition` (RFC 2045, RFC 2183), with the continuations and
//! charsets of RFC 2231 and the encoded words that most senders write instead.

use super::field::unfolded;
use super::transfer::hexadecimal;
use super::word::{LONGEST, charset_text, words};

/// Most parameters that are kept of one field.
const MOST: usize = 64;

/// A value and its parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parametrised {
    /// What stands before the first `;`, lower case, without comments.
    pub value: String,
    /// Names in lower case, values decoded; in their order, the first of each name.
    pub parameters: Vec<(String, String)>,
}

impl Parametrised {
    /// The parameter of that name.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Reads a field's value.
    pub fn parse(value: &[u8]) -> Self {
        let value = unfolded(value.get(..LONGEST).unwrap_or(value));
        let mut pieces = split(&value).into_iter();
        let first = pieces.next().unwrap_or_default();
        Self {
            value: String::from_utf8_lossy(first.trim_ascii()).to_ascii_lowercase(),
            parameters: parameters(pieces),
        }
    }
}

/// Splits at `;` outside of quotes; comments are left out.
fn split(value: &[u8]) -> Vec<Vec<u8>> {
    let mut pieces = vec![Vec::new()];
    let (mut quoted, mut depth) = (false, 0_usize);
    let mut bytes = value.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' if depth == 0 => quoted = !quoted,
            b'\\' if quoted || depth > 0 => {
                let escaped = bytes.next();
                if depth == 0
                    && let Some(piece) = pieces.last_mut()
                {
                    piece.push(b'\\');
                    piece.extend(escaped);
                }
                continue;
            }
            b'(' if !quoted => {
                depth += 1;
                continue;
            }
            b')' if depth > 0 => {
                depth -= 1;
                continue;
            }
            b';' if !quoted && depth == 0 => {
                if pieces.len() > MOST {
                    return pieces;
                }
                pieces.push(Vec::new());
                continue;
            }
            _ => {}
        }
        if depth == 0
            && let Some(piece) = pieces.last_mut()
        {
            piece.push(byte);
        }
    }
    pieces
}

/// A piece of a value that was cut into several (RFC 2231, section 3).
struct Section {
    name: String,
    number: usize,
    /// Percent-encoded.
    coded: bool,
    value: Vec<u8>,
}

fn parameters(pieces: impl Iterator<Item = Vec<u8>>) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = Vec::new();
    let mut sections: Vec<Section> = Vec::new();
    for piece in pieces {
        let Some(at) = memchr::memchr(b'=', &piece) else {
            continue;
        };
        let (name, value) = piece.split_at_checked(at).unwrap_or_default();
        let name = String::from_utf8_lossy(name.trim_ascii()).to_ascii_lowercase();
        let value = unquoted(value.get(1..).unwrap_or_default().trim_ascii());
        match section(&name) {
            Some((name, number, coded)) => sections.push(Section {
                name,
                number,
                coded,
                value,
            }),
            None if !name.is_empty() && !out.iter().any(|(known, _)| *known == name) => out.push((name, words(&value))),
            None => {}
        }
    }
    sections.sort_by(|a, b| (&a.name, a.number).cmp(&(&b.name, b.number)));
    for parts in sections.chunk_by(|a, b| a.name == b.name) {
        let Some(first) = parts.first() else { continue };
        let value = joined(parts);
        // The long form wins over the plain one, which is there for old programs.
        out.retain(|(known, _)| *known != first.name);
        out.push((first.name.clone(), value));
    }
    out
}

/// `filename*1*` is the second section of `filename`, percent-encoded.
fn section(name: &str) -> Option<(String, usize, bool)> {
    let (base, rest) = name.split_once('*')?;
    let (number, coded) = match rest.strip_suffix('*') {
        Some(number) => (number, true),
        None => (rest, rest.is_empty()),
    };
    let number = if number.is_empty() { 0 } else { number.parse().ok()? };
    (!base.is_empty()).then(|| (base.to_owned(), number, coded))
}

fn joined(parts: &[Section]) -> String {
    let mut charset = None;
    let mut bytes = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        let mut value = part.value.as_slice();
        if part.coded && at == 0 {
            // `charset'language'text`
            let mut ticks = value.splitn(3, |byte| *byte == b'\'');
            if let (Some(name), Some(_), Some(text)) = (ticks.next(), ticks.next(), ticks.next()) {
                charset = std::str::from_utf8(name).ok().map(str::to_owned);
                value = text;
            }
        }
        if part.coded {
            bytes.extend(percent_decoded(value));
        } else {
            bytes.extend(value);
        }
    }
    match charset {
        Some(charset) => charset_text(&bytes, Some(&charset)),
        None => words(&bytes),
    }
}

fn percent_decoded(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        let coded = after.split_first_chunk::<2>().filter(|_| byte == b'%');
        match coded.and_then(|(digits, after)| Some((hexadecimal(*digits)?, after))) {
            Some((byte, after)) => {
                out.push(byte);
                rest = after;
            }
            None => out.push(byte),
        }
    }
    out
}

/// Without its quotes, also where the last is missing.
fn unquoted(value: &[u8]) -> Vec<u8> {
    let Some(inner) = value.strip_prefix(b"\"") else {
        return value
            .strip_prefix(b"'")
            .and_then(|v| v.strip_suffix(b"'"))
            .unwrap_or(value)
            .to_vec();
    };
    let mut out = Vec::with_capacity(inner.len());
    let mut bytes = inner.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => break,
            // Windows paths are written without doubling the backslash.
            b'\\' => match bytes.next() {
                Some(escaped @ (b'"' | b'\\')) => out.push(escaped),
                Some(other) => out.extend([b'\\', other]),
                None => out.push(b'\\'),
            },
            _ => out.push(byte),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: &str, expected: &str, parameters: &[(&str, &str)]) {
        let found = Parametrised::parse(value.as_bytes());
        let listed: Vec<(&str, &str)> = found.parameters.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(
            (found.value.as_str(), listed.as_slice()),
            (expected, parameters),
            "{value}"
        );
    }

    #[test]
    fn parameters_are_read_in_every_way_they_are_written() {
        check("Text/HTML; charset=\"utf-8\"", "text/html", &[("charset", "utf-8")]);
        check(
            "text/plain (a; b) ; Name = x y.txt ;",
            "text/plain",
            &[("name", "x y.txt")],
        );
        check(
            r#"attachment; filename="a\"b;c.exe"; size=3"#,
            "attachment",
            &[("filename", "a\"b;c.exe"), ("size", "3")],
        );
        check(
            "attachment; filename=\"never ended",
            "attachment",
            &[("filename", "never ended")],
        );
        check(
            "attachment; filename=\"=?utf-8?Q?caf=C3=A9=2Epdf?=\"",
            "attachment",
            &[("filename", "café.pdf")],
        );
        check(
            "attachment; filename=old.txt; filename*=utf-8''caf%c3%a9.pdf",
            "attachment",
            &[("filename", "café.pdf")],
        );
        check(
            "message/external-body; url*1=\"b/c\"; url*0*=us-ascii''ftp%3a//a; x=1; x=2",
            "message/external-body",
            &[("x", "1"), ("url", "ftp://ab/c")],
        );
        check("", "", &[]);
        check(r#"a/b; name="C:\new\x.txt""#, "a/b", &[("name", r"C:\new\x.txt")]);
    }

    #[test]
    fn nested_comments_are_no_recursion() {
        let value = format!("text/plain {}x{}; a=b", "(".repeat(30_000), ")".repeat(30_000));
        check(&value, "text/plain", &[("a", "b")]);
    }
}
