//! Text an attacker may have written.
//!
//! [`Untrusted`] shows itself escaped: control characters, terminal escapes, bidirectional overrides and other
//! characters that change what a reader sees come out as `\u{…}`. The plain text is behind [`Untrusted::raw`], so that
//! every place that uses it can be found by searching for `.raw()`.

use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;

/// Text from an artifact. `Display` is safe for a terminal or a log line; serialisation is raw, as machine formats
/// escape by their own rules.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Untrusted(Box<str>);

impl Untrusted {
    /// Takes text as it is.
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// Takes bytes; what is not UTF-8 becomes U+FFFD.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        match String::from_utf8_lossy(bytes) {
            Cow::Borrowed(text) => Self(text.into()),
            Cow::Owned(text) => Self(text.into_boxed_str()),
        }
    }

    /// The text exactly as it was found. Never print it to a terminal, page, log or spreadsheet.
    pub fn raw(&self) -> &str {
        &self.0
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a letter is escaped wherever it is shown.
    pub fn escapes(letter: char) -> bool {
        is_deceptive(letter)
    }

    /// The escaped form, cut to at most `width` characters, with `…` where something was left out.
    pub fn shown(&self, width: usize) -> String {
        let mut out = String::new();
        let mut used = 0;
        for c in self.0.chars() {
            let mut piece = String::new();
            escape_into(c, &mut piece);
            let more = piece.chars().count();
            if used + more > width.saturating_sub(1) && self.0.chars().count() > width.saturating_sub(1) {
                out.push('…');
                return out;
            }
            out.push_str(&piece);
            used += more;
        }
        out
    }
}

impl fmt::Display for Untrusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::with_capacity(self.0.len());
        for c in self.0.chars() {
            escape_into(c, &mut out);
        }
        f.pad(&out)
    }
}

impl fmt::Debug for Untrusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

impl From<&str> for Untrusted {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Untrusted {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl Serialize for Untrusted {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// Appends `c`, escaped if showing it could move the cursor, colour the screen, reorder text or hide something.
fn escape_into(c: char, out: &mut String) {
    if is_deceptive(c) {
        out.extend(c.escape_unicode());
    } else {
        out.push(c);
    }
}

/// Controls, bidirectional and invisible formatting characters, separators that break lines, tags, private use and
/// variation selectors: none belongs raw on a screen (Unicode UTS #36, "Trojan Source" CVE-2021-42574).
fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}'
            | '\u{E000}'..='\u{F8FF}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E0FFF}' | '\u{F0000}'..='\u{10FFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_what_would_act_on_a_terminal() {
        assert_eq!(
            Untrusted::new("a\u{1b}[31mb\r\n\u{202e}gpj").to_string(),
            r"a\u{1b}[31mb\u{d}\u{a}\u{202e}gpj"
        );
    }

    #[test]
    fn keeps_the_raw_text() {
        assert_eq!(Untrusted::from_bytes(b"a\xffb").raw(), "a\u{fffd}b");
    }

    #[test]
    fn cuts_to_the_width_with_an_ellipsis() {
        assert_eq!(Untrusted::new("abcdefgh").shown(5), "abcd…");
        assert_eq!(Untrusted::new("abc").shown(5), "abc");
    }
}
