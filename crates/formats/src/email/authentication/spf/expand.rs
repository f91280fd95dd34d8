//! Texts with macros (RFC 7208, section 7): checked when a policy is read, expanded when a term is done.
//!
//! What comes out is bounded, whatever the macros are; what would be longer is no name, and no explanation.

use std::fmt::Write as _;
use std::net::IpAddr;
use watchfire_model::dns::Name;

/// Longest text that comes out. Bytes.
const LONGEST: usize = 16 << 10;
/// Longest name that can be asked about. Bytes.
const LONGEST_NAME: usize = 253;
/// What separates parts inside of a macro.
const DELIMITERS: &[u8] = b".-+,/_=";

/// Which macros a text may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Letters {
    /// Those that name things.
    Target,
    /// Those of explanations too: `c`, `r`, `t`.
    Any,
}

/// What macros stand for.
#[derive(Clone, Debug)]
pub(crate) struct Values<'v> {
    pub(crate) local: &'v str,
    pub(crate) sender_domain: &'v str,
    pub(crate) domain: &'v Name,
    pub(crate) client: IpAddr,
    pub(crate) helo: &'v str,
    pub(crate) receiver: &'v str,
    /// Seconds since 1970.
    pub(crate) now: i64,
    /// The name that the client proved to have.
    pub(crate) validated: String,
}

enum Piece<'a> {
    Literal(&'a [u8]),
    Fixed(&'static str),
    Macro(Macro<'a>),
}

struct Macro<'a> {
    letter: u8,
    escaped: bool,
    /// How many parts are kept, from the right; all where 0.
    keep: usize,
    reversed: bool,
    delimiters: &'a [u8],
}

/// Whether a text is in order, without blanks.
pub(crate) fn is_text(text: &[u8], letters: Letters) -> bool {
    Pieces { rest: text, letters }.all(|piece| match piece {
        Some(Piece::Literal(literal)) => literal.iter().all(u8::is_ascii_graphic),
        Some(_) => true,
        None => false,
    })
}

/// Whether a text names a target: it ends with a macro or with a top label.
pub(crate) fn is_target(text: &[u8]) -> bool {
    let letters = Letters::Target;
    is_text(text, letters)
        && match (Pieces { rest: text, letters }).last() {
            Some(Some(Piece::Literal(tail))) => ends_with_top_label(tail),
            Some(Some(_)) => true,
            _ => false,
        }
}

/// Whether the macro `p` is used, which costs questions.
pub(crate) fn wants_validated(text: &[u8]) -> bool {
    let letters = Letters::Any;
    (Pieces { rest: text, letters }).any(|piece| matches!(piece, Some(Piece::Macro(Macro { letter: b'p', .. }))))
}

/// The name that a target stands for. Nothing where it is no name that can be asked about. Labels on the left go where
/// it is too long.
pub(crate) fn target(text: &[u8], values: &Values<'_>) -> Option<Name> {
    let out = expand(text, Letters::Target, values)?;
    let mut name = out.strip_suffix('.').unwrap_or(&out);
    while name.len() > LONGEST_NAME {
        name = name.split_once('.')?.1;
    }
    Name::parse(name).filter(|name| !name.is_root())
}

/// An explanation, which may hold blanks. Nothing where it is not in order.
pub(crate) fn explanation(text: &[u8], values: &Values<'_>) -> Option<String> {
    let printable = text.iter().all(|byte| (b' '..=b'~').contains(byte));
    printable.then(|| expand(text, Letters::Any, values)).flatten()
}

fn expand(text: &[u8], letters: Letters, values: &Values<'_>) -> Option<String> {
    let mut out = String::new();
    for piece in (Pieces { rest: text, letters }) {
        match piece? {
            Piece::Literal(literal) => out.push_str(std::str::from_utf8(literal).ok()?),
            Piece::Fixed(fixed) => out.push_str(fixed),
            Piece::Macro(part) => part.expand(values, &mut out),
        }
        if out.len() > LONGEST {
            return None;
        }
    }
    Some(out)
}

/// `.top` or `.top.`, where `top` is not all digits.
fn ends_with_top_label(tail: &[u8]) -> bool {
    let tail = tail.strip_suffix(b".").unwrap_or(tail);
    let Some(dot) = memchr::memrchr(b'.', tail) else {
        return false;
    };
    let label = tail.get(dot.saturating_add(1)..).unwrap_or_default();
    let ends = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    ends(label.first())
        && ends(label.last())
        && label.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
        && !label.iter().all(u8::is_ascii_digit)
}

/// The pieces of a text; `None` inside, and nothing more, where it is not in order.
struct Pieces<'a> {
    rest: &'a [u8],
    letters: Letters,
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Option<Piece<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let piece = self.piece();
        if piece.is_none() {
            self.rest = &[];
        }
        Some(piece)
    }
}

impl<'a> Pieces<'a> {
    fn piece(&mut self) -> Option<Piece<'a>> {
        let percent = memchr::memchr(b'%', self.rest).unwrap_or(self.rest.len());
        let (literal, rest) = self.rest.split_at_checked(percent)?;
        if !literal.is_empty() {
            self.rest = rest;
            return Some(Piece::Literal(literal));
        }
        let (second, rest) = rest.get(1..)?.split_first()?;
        let fixed = match second {
            b'%' => "%",
            b'_' => " ",
            b'-' => "%20",
            b'{' => {
                let end = memchr::memchr(b'}', rest)?;
                let (inner, after) = rest.split_at_checked(end)?;
                self.rest = after.get(1..)?;
                return Macro::read(inner, self.letters).map(Piece::Macro);
            }
            _ => return None,
        };
        self.rest = rest;
        Some(Piece::Fixed(fixed))
    }
}

impl<'a> Macro<'a> {
    fn read(inner: &'a [u8], letters: Letters) -> Option<Self> {
        let (first, rest) = inner.split_first()?;
        let letter = first.to_ascii_lowercase();
        let allowed: &[u8] = match letters {
            Letters::Target => b"slodiphv",
            Letters::Any => b"slodiphvcrt",
        };
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = rest.split_at_checked(digits)?;
        let keep = match digits {
            [] => 0,
            _ => digits.iter().fold(0_usize, |number, digit| {
                number
                    .saturating_mul(10)
                    .saturating_add(usize::from(digit.wrapping_sub(b'0')))
            }),
        };
        let (reversed, delimiters) = match rest.split_first() {
            Some((b'r' | b'R', rest)) => (true, rest),
            _ => (false, rest),
        };
        let valid = allowed.contains(&letter)
            && (digits.is_empty() || keep > 0)
            && delimiters.iter().all(|byte| DELIMITERS.contains(byte));
        valid.then_some(Self {
            letter,
            escaped: first.is_ascii_uppercase(),
            keep,
            reversed,
            delimiters: if delimiters.is_empty() { b"." } else { delimiters },
        })
    }

    fn expand(&self, values: &Values<'_>, out: &mut String) {
        let value = self.value(values);
        let mut parts: Vec<&str> = value
            .split(|c: char| u8::try_from(c).is_ok_and(|byte| self.delimiters.contains(&byte)))
            .collect();
        if self.reversed {
            parts.reverse();
        }
        let skipped = if self.keep == 0 {
            0
        } else {
            parts.len().saturating_sub(self.keep)
        };
        let joined = parts.split_off(skipped).join(".");
        if self.escaped {
            escape(&joined, out);
        } else {
            out.push_str(&joined);
        }
    }

    fn value(&self, values: &Values<'_>) -> String {
        match self.letter {
            b's' => format!("{}@{}", values.local, values.sender_domain),
            b'l' => values.local.to_owned(),
            b'o' => values.sender_domain.to_owned(),
            b'd' => values.domain.as_str().to_owned(),
            b'i' => dotted(values.client),
            b'p' => values.validated.clone(),
            b'v' if values.client.is_ipv4() => "in-addr".to_owned(),
            b'v' => "ip6".to_owned(),
            b'h' => values.helo.to_owned(),
            b'c' => values.client.to_string(),
            b'r' => values.receiver.to_owned(),
            _ => values.now.to_string(),
        }
    }
}

/// An address with dots: an IPv6 address digit by digit.
fn dotted(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let digits = address.octets().into_iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
            digits.map(|digit| format!("{digit:X}")).collect::<Vec<_>>().join(".")
        }
    }
}

/// Percent-encodes all but the unreserved characters (RFC 3986, section 2.3).
fn escape(text: &str, out: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            let _infallible = write!(out, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(client: &str, text: &str, expected: &str) {
        let domain = Name::parse("email.example.com").unwrap();
        let values = Values {
            local: "strong-bad",
            sender_domain: "email.example.com",
            domain: &domain,
            client: client.parse().unwrap(),
            helo: "mx.example.org",
            receiver: "receiver.example.net",
            now: 1,
            validated: "unknown".to_owned(),
        };
        let found = expand(text.as_bytes(), Letters::Any, &values);
        assert_eq!(
            found.as_deref(),
            Some(expected).filter(|text| *text != "mistake"),
            "{text}"
        );
    }

    /// The examples of section 7.4.
    #[test]
    fn the_examples_of_the_standard_hold() {
        for (text, expected) in [
            ("%{s}", "strong-bad@email.example.com"),
            ("%{o}", "email.example.com"),
            ("%{d4}", "email.example.com"),
            ("%{d3}", "email.example.com"),
            ("%{d2}", "example.com"),
            ("%{d1}", "com"),
            ("%{dr}", "com.example.email"),
            ("%{d2r}", "example.email"),
            ("%{l}", "strong-bad"),
            ("%{l-}", "strong.bad"),
            ("%{lr}", "strong-bad"),
            ("%{lr-}", "bad.strong"),
            ("%{l1r-}", "strong"),
            ("%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"),
            ("%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"),
            (
                "%{lr-}.lp.%{ir}.%{v}._spf.%{d2}",
                "bad.strong.lp.3.2.0.192.in-addr._spf.example.com",
            ),
            (
                "%{d2}.trusted-domains.example.net",
                "example.com.trusted-domains.example.net",
            ),
            (
                "%{c} %{R} %{t} %{p} %%%_%-",
                "192.0.2.3 receiver.example.net 1 unknown % %20",
            ),
        ] {
            check("192.0.2.3", text, expected);
        }
        check(
            "2001:db8::cb01",
            "%{ir}.%{v}._spf.%{d2}",
            "1.0.B.C.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.B.D.0.1.0.0.2.ip6._spf.example.com",
        );
    }

    #[test]
    fn mistakes_are_mistakes() {
        for text in [
            "%", "%a", "%{", "%{}", "%{x}", "%{d0}", "%{d2rr}", "%{d;}", "%{d2", "%(d)",
        ] {
            check("192.0.2.3", text, "mistake");
            assert!(!is_text(text.as_bytes(), Letters::Any), "{text}");
        }
        for (text, expected) in [
            ("a.example", true),
            ("a.example.", true),
            ("%{d}", true),
            ("x%{d2}.", false),
            ("example", false),
            ("a.123", false),
            ("a.-b", false),
            ("a.b c", false),
            ("%{r}.example", false),
            ("", false),
        ] {
            assert_eq!(is_target(text.as_bytes()), expected, "{text}");
        }
    }
}
