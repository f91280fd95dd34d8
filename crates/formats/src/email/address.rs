//! Addresses as an attacker would abuse them (RFC 5322, section 3.4, and what is sent instead).
//!
//! The list keeps its entries as they are written, also those without an address: `From: Support ,_<x@evil.example>` is
//! two entries, and mail programs show the first. Structure is read before encoded words are decoded, so that a decoded
//! comma or bracket separates nothing. One pass, no recursion.

use super::field::unfolded;
use super::word::{LONGEST, words};
use watchfire_model::{Mailbox, Untrusted};

/// Most entries that are kept of one field.
pub const MOST: usize = 1_000;

/// Reads the value of `From`, `To`, `Reply-To` and their like.
pub fn list(value: &[u8]) -> Vec<Mailbox> {
    let value = unfolded(value.get(..LONGEST).unwrap_or(value));
    let mut entries = Reader::new(&value, true).read();
    if !entries.iter().any(|entry| entry.address.is_some()) && value.contains(&b'"') && value.contains(&b'@') {
        // A quote that never ends hides all that follows. Programs then take quotes for letters.
        let without = Reader::new(&value, false).read();
        if without.iter().any(|entry| entry.address.is_some()) {
            entries = without;
        }
    }
    if !entries.iter().any(|entry| entry.address.is_some()) && memchr::memmem::find(&value, b"=?").is_some() {
        // All of it in encoded words, brackets too: no server reads an address there, and every reader does.
        let decoded = Reader::new(words(&value).as_bytes(), true).read();
        if decoded.iter().any(|entry| entry.address.is_some()) {
            entries = decoded;
        }
    }
    entries
}

/// What has been read of one entry.
#[derive(Default)]
struct Entry {
    /// Text outside of brackets and comments, quotes taken off.
    phrase: Vec<u8>,
    /// Text inside of comments.
    comment: Vec<u8>,
    /// Text inside of brackets, the last of several.
    angle: Option<Vec<u8>>,
    /// Text of brackets before the last.
    angles: Vec<Vec<u8>>,
}

struct Reader<'a> {
    value: &'a [u8],
    quotes: bool,
    out: Vec<Mailbox>,
    group: Option<Untrusted>,
    entry: Entry,
}

impl<'a> Reader<'a> {
    fn new(value: &'a [u8], quotes: bool) -> Self {
        Self {
            value,
            quotes,
            out: Vec::new(),
            group: None,
            entry: Entry::default(),
        }
    }

    fn read(mut self) -> Vec<Mailbox> {
        let value = self.value;
        let mut bytes = value.iter().copied().enumerate();
        let (mut quoted, mut depth) = (false, 0_usize);
        while let Some((at, byte)) = bytes.next() {
            match byte {
                b'\\' if quoted || depth > 0 => {
                    if let Some((_, escaped)) = bytes.next() {
                        self.push(escaped, depth);
                    }
                }
                b'"' if depth == 0 && self.quotes => quoted = !quoted,
                _ if quoted => self.push(byte, 0),
                b'(' => {
                    depth += 1;
                    if depth > 1 {
                        self.push(byte, depth);
                    }
                }
                b')' if depth > 0 => {
                    depth -= 1;
                    if depth > 0 {
                        self.push(byte, depth);
                    }
                }
                _ if depth > 0 => self.push(byte, depth),
                b'<' => {
                    let rest = value.get(at + 1..).unwrap_or_default();
                    // Without its other bracket it ends where the next entry begins.
                    let end = memchr::memchr3(b'>', b'<', b',', rest).unwrap_or(rest.len());
                    let end = match rest.get(end) {
                        // An old source route, `<@a,@b:c@d>`.
                        Some(b',') if rest.first() == Some(&b'@') => memchr::memchr(b'>', rest).unwrap_or(end),
                        _ => end,
                    };
                    if let Some(before) = self.entry.angle.replace(rest.get(..end).unwrap_or_default().to_vec()) {
                        self.entry.angles.push(before);
                    }
                    let ends = rest.get(end) == Some(&b'>');
                    let skip = end + usize::from(ends);
                    if skip > 0 {
                        bytes.nth(skip - 1);
                    }
                }
                b',' | b';' => {
                    self.end();
                    if byte == b';' {
                        self.group = None;
                    }
                    if self.out.len() >= MOST {
                        return self.out;
                    }
                }
                b':' if self.begins_group(at) => {
                    let name = words(self.entry.phrase.trim_ascii());
                    self.group = Some(name.into());
                    self.entry = Entry::default();
                }
                _ => self.push(byte, 0),
            }
        }
        self.end();
        self.out
    }

    fn push(&mut self, byte: u8, depth: usize) {
        if depth > 0 {
            self.entry.comment.push(byte);
        } else {
            self.entry.phrase.push(byte);
        }
    }

    /// Whether the colon at `at` ends the name of a group. Ports and `mailto:` are no groups.
    fn begins_group(&self, _at: usize) -> bool {
        let phrase = self.entry.phrase.trim_ascii();
        self.group.is_none()
            && self.entry.angle.is_none()
            && !phrase.is_empty()
            && !phrase.contains(&b'@')
            && !phrase.eq_ignore_ascii_case(b"mailto")
    }

    /// Ends an entry.
    fn end(&mut self) {
        let entry = std::mem::take(&mut self.entry);
        for inner in entry.angles.into_iter().take(MOST) {
            self.out.extend(self.mailbox(&[], &[], Some(&inner)));
        }
        self.out
            .extend(self.mailbox(&entry.phrase, &entry.comment, entry.angle.as_deref()));
    }

    fn mailbox(&self, phrase: &[u8], comment: &[u8], angle: Option<&[u8]>) -> Option<Mailbox> {
        let phrase = phrase.trim_ascii();
        let (name, address) = match angle {
            Some(inner) => (words(phrase), address(inner)),
            None => match bare(phrase) {
                Some((address, rest)) => (words(&rest), Some(address)),
                None => (words(phrase), None),
            },
        };
        // `Name,(<address>)`: programs that look for brackets find them there too.
        let address = address.or_else(|| {
            let start = memchr::memchr(b'<', comment)?;
            let end = memchr::memchr(b'>', comment)?;
            self::address(comment.get(start + 1..end)?)
        });
        let name = if name.trim().is_empty() && address.is_none() || comment_is_name(&name, comment) {
            words(comment.trim_ascii())
        } else {
            name
        };
        let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
        // Something in brackets that is no address still is what was written.
        let name = match (angle, &address) {
            (Some(inner), None) if name.is_empty() => words(inner.trim_ascii()),
            _ => name,
        };
        (!name.is_empty() || address.is_some()).then(|| Mailbox {
            name: name.into(),
            address: address.map(Untrusted::from),
            group: self.group.clone(),
        })
    }
}

/// An address as it stands in brackets.
fn address(inner: &[u8]) -> Option<String> {
    let inner = inner.trim_ascii();
    let inner = inner
        .strip_prefix(b"\"")
        .and_then(|inner| inner.strip_suffix(b"\""))
        .unwrap_or(inner);
    // A source route (RFC 5322, section 4.4).
    let inner = match inner.first() {
        Some(b'@') => inner
            .iter()
            .position(|byte| *byte == b':')
            .and_then(|at| inner.get(at + 1..))?,
        _ => inner,
    };
    let inner = match inner.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case(b"mailto:") => inner.get(7..)?,
        _ => inner,
    };
    let text = words(inner);
    let text = without_comments(&text);
    let text = text.trim().trim_end_matches(['.', ';', '>']);
    let Some((local, domain)) = text.rsplit_once('@') else {
        // A mailbox of the machine itself, `<root>`.
        let is_name = !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        return is_name.then(|| text.to_owned());
    };
    let fits = !domain.is_empty() && !domain.contains(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"'));
    // Blanks around the dots and the at sign are allowed and ignored (RFC 5322, section 4.4).
    let local: String = local.chars().filter(|c| !c.is_whitespace()).collect();
    (fits && !local.is_empty()).then(|| format!("{local}@{}", domain.to_lowercase()))
}

/// Whether the name stands in the comment, `a@b.example (Ann)`.
fn comment_is_name(name: &str, comment: &[u8]) -> bool {
    name.trim().is_empty() && !comment.contains(&b'@')
}

fn without_comments(text: &str) -> String {
    let mut depth = 0_usize;
    text.chars()
        .filter(|c| match c {
            '(' => {
                depth += 1;
                false
            }
            ')' if depth > 0 => {
                depth -= 1;
                false
            }
            _ => depth == 0,
        })
        .collect()
}

/// An address without brackets: the last word with an at sign, and what else stands there.
fn bare(phrase: &[u8]) -> Option<(String, Vec<u8>)> {
    let mut pieces: Vec<&[u8]> = phrase
        .split(u8::is_ascii_whitespace)
        .filter(|piece| !piece.is_empty())
        .collect();
    let is_address = |piece: &&[u8]| piece.contains(&b'@') && address(piece).is_some();
    let at = pieces.iter().rposition(is_address);
    let Some(at) = at else {
        // `someone @ example.com`
        let joined: Vec<u8> = pieces.concat();
        let spread = phrase.contains(&b'@') && pieces.len() <= 3;
        return spread
            .then(|| address(&joined))
            .flatten()
            .map(|address| (address, Vec::new()));
    };
    let piece = pieces.remove(at);
    let trimmed = piece.trim_ascii_start();
    let inner: Vec<u8> = trimmed
        .iter()
        .copied()
        .filter(|byte| !matches!(byte, b'[' | b']' | b'<' | b'>' | b'\'' | b'"'))
        .collect();
    Some((address(&inner)?, pieces.join(&b' ')))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Entries as `name <address>`, `name` without one; `group: ` before those of a group.
    #[track_caller]
    fn check(value: &str, expected: &[&str]) {
        let listed: Vec<String> = list(value.as_bytes())
            .iter()
            .map(|entry| {
                let group = entry
                    .group
                    .as_ref()
                    .map(|group| format!("{}: ", group.raw()))
                    .unwrap_or_default();
                match &entry.address {
                    Some(address) => format!("{group}{} <{}>", entry.name.raw(), address.raw()),
                    None => format!("{group}{}", entry.name.raw()),
                }
            })
            .collect();
        assert_eq!(listed, expected, "{value}");
    }

    #[test]
    fn ordinary_addresses() {
        check("a@b.example", &[" <a@b.example>"]);
        check("Ann Bee <a@B.Example>", &["Ann Bee <a@b.example>"]);
        check(
            "\"Bee, Ann\" <a@b.example>, c@d.example",
            &["Bee, Ann <a@b.example>", " <c@d.example>"],
        );
        check("a@b.example (Ann Bee)", &["Ann Bee <a@b.example>"]);
        check(
            "team: a@b.example, C <c@d.example>;",
            &["team:  <a@b.example>", "team: C <c@d.example>"],
        );
        check("undisclosed-recipients:;", &[]);
        check("=?utf-8?Q?Ren=C3=A9?= <r@x.example>", &["René <r@x.example>"]);
        check("", &[]);
    }

    #[test]
    fn the_comma_trick_shows_both_entries() {
        check(
            "Microsoft account team ,_<no-reply@access-accsecurity.example>",
            &["Microsoft account team", "_ <no-reply@access-accsecurity.example>"],
        );
        check("PayPal, Inc <x@evil.example>", &["PayPal", "Inc <x@evil.example>"]);
    }

    #[test]
    fn names_may_pretend_to_be_addresses() {
        check(
            "\"ceo@corp.example\" <x@evil.example>",
            &["ceo@corp.example <x@evil.example>"],
        );
        check(
            "ceo@corp.example <x@evil.example>",
            &["ceo@corp.example <x@evil.example>"],
        );
        check(
            "=?utf-8?q?ceo=40corp=2Eexample=2C?= <x@evil.example>",
            &["ceo@corp.example, <x@evil.example>"],
        );
        check("<a@b.example> <c@d.example>", &[" <a@b.example>", " <c@d.example>"]);
    }

    #[test]
    fn what_is_malformed_is_read_as_far_as_possible() {
        check("\"Never ended <a@b.example>", &["Never ended <a@b.example>"]);
        check("Ann a@b.example", &["Ann <a@b.example>"]);
        check("Ann <a@b.example", &["Ann <a@b.example>"]);
        check("<a@b.example>>", &["> <a@b.example>"]);
        check("Ann <not an address>", &["Ann"]);
        check("Cron <root>", &["Cron <root>"]);
        check("=?utf-8?q?Ann_=3Ca=40b=2Eexample=3E?=", &["Ann <a@b.example>"]);
        check("[a@b.example]", &[" <a@b.example>"]);
        check("<@x.example,@y.example:a@b.example>", &[" <a@b.example>"]);
        check("a @ b.example", &[" <a@b.example>"]);
        check("Ann <mailto:a@b.example>", &["Ann <a@b.example>"]);
        check("Ann <\"a@b.example\">", &["Ann <a@b.example>"]);
        check("Ann,(<a@b.example>)", &["Ann", " <a@b.example>"]);
    }

    #[test]
    fn nested_comments_and_brackets_take_no_square_of_the_time() {
        for unit in ["(", "<", "\"", ",", "a:", "<a@b", "=?utf-8?q?"] {
            let value = unit.repeat(LONGEST / unit.len());
            assert!(list(value.as_bytes()).len() <= 2 * MOST + 2, "{unit}");
        }
    }
}
