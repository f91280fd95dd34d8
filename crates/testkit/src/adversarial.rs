//! Texts made to slow a scanner down: runs of every byte that it stops at, and their mixtures.
//!
//! A scanner that looks back over what it has read, or tries again from the next byte, takes time that grows with the
//! square of such a run. Linear means: ten times the text takes ten times as long.

use crate::Random;

/// A text and the name under which it is measured.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// Its name.
    pub name: &'static str,
    unit: Unit,
}

#[derive(Clone, Copy, Debug)]
enum Unit {
    /// The same piece again and again.
    Run(&'static str),
    /// Pieces in random order, from this seed.
    Mixture(u64, &'static [&'static str]),
    /// An opening, then a run that never closes.
    Unclosed(&'static str, &'static str),
}

impl Pattern {
    /// `length` bytes of it.
    pub fn text(&self, length: usize) -> Vec<u8> {
        let mut out = Vec::with_capacity(length.saturating_add(64));
        match self.unit {
            Unit::Run(piece) => {
                while out.len() < length {
                    out.extend_from_slice(piece.as_bytes());
                }
            }
            Unit::Mixture(seed, pieces) => {
                let mut random = Random::new(seed);
                while out.len() < length {
                    out.extend_from_slice(random.pick(pieces).as_bytes());
                }
            }
            Unit::Unclosed(opening, piece) => {
                out.extend_from_slice(opening.as_bytes());
                while out.len() < length {
                    out.extend_from_slice(piece.as_bytes());
                }
            }
        }
        out.truncate(length);
        out
    }
}

const fn run(name: &'static str, piece: &'static str) -> Pattern {
    Pattern {
        name,
        unit: Unit::Run(piece),
    }
}

const fn mixture(name: &'static str, seed: u64, pieces: &'static [&'static str]) -> Pattern {
    Pattern {
        name,
        unit: Unit::Mixture(seed, pieces),
    }
}

const fn unclosed(name: &'static str, opening: &'static str, piece: &'static str) -> Pattern {
    Pattern {
        name,
        unit: Unit::Unclosed(opening, piece),
    }
}

/// Every pattern that is measured.
pub static PATTERNS: &[Pattern] = &[
    run("letters", "a"),
    run("digits", "1"),
    run("dots", "."),
    run("colons", ":"),
    run("slashes", "/"),
    run("backslashes", "\\"),
    run("ats", "@"),
    run("hyphens", "-"),
    run("underscores", "_"),
    run("percents", "%"),
    run("equals", "="),
    run("spaces", " "),
    run("newlines", "\n"),
    run("opening brackets", "["),
    run("closing brackets", "]"),
    run("opening parentheses", "("),
    run("closing parentheses", ")"),
    run("braces", "{"),
    run("quotes", "\""),
    run("zero bytes", "\0"),
    run("labels", "a."),
    run("octets", "1."),
    run("groups", "1:"),
    run("double colons", "::"),
    run("defanged labels", "a[.]"),
    run("half brackets", "a[."),
    run("word dots", "a dot "),
    run("bracketed dots", "[dot]"),
    run("local parts", "a@"),
    run("mail labels", "a@a."),
    run("schemes", "http://"),
    run("defanged schemes", "hxxp[:]//"),
    run("scheme separators", "://"),
    run("URLs in URLs", "http://a.com/?u="),
    run("percent-encoded URLs", "http%3A%2F%2F"),
    run("URL parentheses", "http://a.com/(((("),
    run("addresses", "1.1.1.1."),
    run("networks", "1.1.1.1/"),
    run("hex digits", "f0"),
    run("hex URLs", "687474703a2f2f"),
    run("base64", "aHR0cDovL2"),
    run("base58", "1Fee"),
    run("bech32", "bc1q"),
    run("ether", "0x"),
    run("techniques", "T1059"),
    run("catalogue", "CVE-2024-"),
    run("registry", "HKLM\\a\\"),
    run("paths", "C:\\a "),
    run("folders", "/a/a"),
    run("arns", "arn:aws:"),
    run("digests with colons", "3:aaaaaaa:"),
    run("markings", "TLP:"),
    run("katakana dots", "a\u{30fb}"),
    run("UTF-16 shaped", "h\0t\0"),
    unclosed("a rule that never ends", "rule a { strings: ", "$a = { 00 } "),
    unclosed("rules that never begin", "rule ", "rule a "),
    unclosed(
        "a key block that never ends",
        "-----BEGIN PGP PUBLIC KEY BLOCK-----\n",
        "mQENBF\n",
    ),
    run("key blocks that never end", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n"),
    unclosed("one long URL", "http://example.com/", "a/b?c=d&"),
    unclosed("one long quoted name", "\"", "a\\\""),
    unclosed("a browser that never ends", "Mozilla/5.0 (", "a; "),
    mixture(
        "separators",
        1,
        &[".", "[", "]", "(", ")", "{", "}", "@", ":", "/", "\\", " "],
    ),
    run("numbers for schemes", "1001://"),
    run("brackets that close nothing", "].a"),
    run("escapes in names", "a%40b.co"),
    mixture("hosts", 2, &["a", ".", "[.]", " dot ", "-", "com", "1", "@", "http://"]),
    mixture("numbers", 3, &["1", ".", ":", "/", "f", "::", "-", "[.]"]),
    mixture(
        "schemes and hosts",
        4,
        &["http://", "hxxps://", "%3A%2F%2F", "a.com", "?", "#", "(", ")", ","],
    ),
    mixture(
        "wallets",
        5,
        &["1", "3", "bc1", "0x", "4A", "r", "T", "addr1", "a", "9", " "],
    ),
    mixture(
        "words",
        6,
        &[
            "rule ",
            "{",
            "}",
            "\"",
            "TLP",
            ":",
            "imphash ",
            "AS",
            "CVE-",
            "T1",
            "-----BEGIN PGP ",
        ],
    ),
    mixture(
        "any bytes",
        7,
        &["\0", "\u{7f}", "a", "\u{e9}", "\u{30fb}", "\u{202e}", ".", "@", "/"],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_distinct_and_lengths_kept() {
        let mut names: Vec<_> = PATTERNS.iter().map(|pattern| pattern.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), PATTERNS.len());
        assert!(PATTERNS.iter().all(|pattern| pattern.text(1_000).len() == 1_000));
    }
}
