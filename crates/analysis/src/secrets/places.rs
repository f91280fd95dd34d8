//! Where secrets stand in plain text: passwords before a host, what follows the paths of webhooks and bots, parameters
//! of URLs that are called so, credentials in a header.

use super::named;
use std::ops::Range;

/// Paths of which the piece behind the last one is a secret. `#` is a name, `0` a number; neither is a secret.
const PLACES: &[&[&str]] = &[
    &["/webhooks/", "0", "/"],
    &["/services/T", "#", "/B", "#", "/"],
    &["/IncomingWebhook/", "#", "/"],
    &["/IncomingWebhook/"],
    &["/bot", "0", ":"],
    &["/bot", "0", "%3A"],
    &["/bot", "0", "%3a"],
];

/// How the names of parameters end that hold secrets, in lower case and without hyphens, underscores and dots.
const SECRET_NAMES: &[&str] = &[
    "token",
    "password",
    "passwd",
    "passphrase",
    "secret",
    "signature",
    "apikey",
    "accesskey",
    "secretkey",
    "privatekey",
    "authkey",
    "sessionid",
    "sessid",
];
/// The names that are secrets as a whole only: `design=` and `compass=` are none.
const SECRET_WORDS: &[&str] = &[
    "pwd",
    "pass",
    "pw",
    "sig",
    "hmac",
    "jwt",
    "auth",
    "authorization",
    "bearer",
    "otp",
];
/// Longest name of a parameter, and longest secret. Bytes.
const LONGEST_NAME: usize = 40;
const LONGEST_VALUE: usize = 4096;

/// What stands before credentials in the header of a request, in lower case.
const SCHEMES: &[&str] = &["basic", "bearer", "token", "apikey", "negotiate", "ntlm"];
/// Shorter values of fields are words such as `null`. Bytes.
const SHORTEST_FIELD: usize = 6;

/// Every place, in no order; some may overlap.
pub(super) fn find(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    for at in memchr::memchr_iter(b'/', bytes) {
        if bytes.get(at + 1) == Some(&b'/') {
            found.extend(userinfo(text, at + 2));
        }
        if matches!(bytes.get(at + 1), Some(b'w' | b's' | b'I' | b'b')) {
            found.extend(PLACES.iter().filter_map(|steps| behind(text, at, steps)));
        }
    }
    let equals = memchr::memchr_iter(b'=', bytes).map(|at| (at, at + 1));
    let escaped = memchr::memchr_iter(b'%', bytes)
        .filter(|at| matches!(bytes.get(at + 1..at + 3), Some([b'3', b'd' | b'D'])))
        .map(|at| (at, at + 3));
    found.extend(equals.chain(escaped).filter_map(|sign| parameter(text, sign)));
    let signs = memchr::memchr2_iter(b':', b'=', bytes);
    found.extend(signs.filter_map(|sign| field(text, sign)));
    found.extend(named::find(text));
    found
}

/// The value of the field whose sign stands at `sign`, if its name says that it is a secret: `X-Api-Key: …`,
/// `"access_token": "…"`, `AWS_SECRET_ACCESS_KEY=…`. A plain word before a colon is prose.
fn field(text: &str, sign: usize) -> Option<Range<usize>> {
    let named = text.get(..sign)?.trim_end_matches(' ');
    let bare = named.trim_end_matches(['"', '\'', '\\']);
    let start = bare
        .bytes()
        .rev()
        .take(LONGEST_NAME)
        .take_while(|byte| is_name(*byte))
        .count();
    let name = bare.get(bare.len() - start..)?;
    let behind = text.get(sign + 1..)?;
    let behind = behind.trim_start_matches(' ').trim_start_matches(['"', '\'', '\\']);
    let is_header = ends_with(name, "authorization");
    let value = if is_header {
        let scheme = behind
            .bytes()
            .take_while(u8::is_ascii_alphanumeric)
            .take(LONGEST_NAME)
            .count();
        let (scheme, value) = behind.split_at_checked(scheme)?;
        let is_scheme = SCHEMES.contains(&scheme.to_ascii_lowercase().as_str());
        value.strip_prefix(' ').filter(|_| is_scheme)?
    } else {
        let is_field = bare.len() < named.len() || name.contains(['-', '_']);
        (is_field && is_secret(name)).then_some(behind)?
    };
    let start = text.len() - value.len();
    let value = value.get(..value.floor_char_boundary(LONGEST_VALUE))?;
    let length = value.find(ends_field).unwrap_or(value.len());
    (length >= SHORTEST_FIELD || (is_header && length > 0)).then_some(start..start + length)
}

fn ends_field(c: char) -> bool {
    let stops = ['"', '\'', '<', '>', ',', ';', '&', '#', '\\', '`', '|'];
    c.is_whitespace() || c.is_control() || stops.contains(&c)
}

/// The password in the authority that begins at `at`.
fn userinfo(text: &str, at: usize) -> Option<Range<usize>> {
    let rest = text.as_bytes().get(at..)?;
    let stop = |byte: &u8| {
        matches!(byte, b'/' | b'?' | b'#' | b'"' | b'\'' | b'<' | b'>' | b'\\')
            || byte.is_ascii_whitespace()
            || byte.is_ascii_control()
    };
    let authority = rest.get(..rest.iter().position(stop).unwrap_or(rest.len()))?;
    let host = authority.iter().rposition(|byte| *byte == b'@')?;
    let colon = authority.get(..host)?.iter().position(|byte| *byte == b':')?;
    // `[@]` is an at-sign in disguise.
    let disguise = usize::from(matches!(authority.get(host.checked_sub(1)?), Some(b'[' | b'(' | b'{')));
    let password = at + colon + 1..at + host - disguise;
    (password.start < password.end).then_some(password)
}

/// The value of the parameter of a URL whose equals sign, escaped or not, is `sign`, if its name says that it is a secret.
fn parameter(text: &str, (sign, behind): (usize, usize)) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let before = |at: usize| at.checked_sub(1).and_then(|at| bytes.get(at)).copied();
    let bracket = usize::from(matches!(before(sign), Some(b'[' | b'(' | b'{')));
    // "token[]=", "user[token]=": a list, or a part of a record.
    let part = part(bytes, sign);
    let end = part.as_ref().map_or(sign - bracket, |part| part.start);
    let mut start = end;
    while before(start).is_some_and(is_name) && end - start < LONGEST_NAME {
        start -= 1;
    }
    // `?`, `&`, `;` of "&amp;", `#`; `%3F`, `%26`; with a bracket behind where they are defanged.
    let (separated, name) = match before(start)? {
        b'?' | b'&' | b';' | b'#' => (true, text.get(start..end)?),
        b']' | b')' | b'}' => (matches!(before(start - 1)?, b'?' | b'&'), text.get(start..end)?),
        b'%' => {
            let escape = text.get(start..start + 2)?;
            let known = ["3f", "26", "23", "3b"]
                .iter()
                .any(|known| known.eq_ignore_ascii_case(escape));
            (known, text.get(start + 2..end)?)
        }
        _ => (false, ""),
    };
    let name = match part {
        Some(part) if part.len() > 2 => text.get(part.start + 1..part.end - 1)?,
        _ => name,
    };
    if !separated || !is_secret(name) {
        return None;
    }
    let value = behind + bracket;
    let rest = bytes.get(value..)?;
    let rest = rest.get(..rest.len().min(LONGEST_VALUE))?;
    let stop = |byte: &u8| {
        matches!(
            byte,
            b'&' | b';' | b'#' | b'"' | b'\'' | b'<' | b'>' | b'\\' | b'`' | b'|'
        ) || byte.is_ascii_whitespace()
            || byte.is_ascii_control()
    };
    let mut end = value + rest.iter().position(stop).unwrap_or(rest.len());
    // Where the sign is escaped, so is the next separator.
    if behind - sign > 1 {
        let next = text.get(value..end).and_then(|secret| secret.find("%26"));
        end = next.map_or(end, |next| value + next);
    }
    // The punctuation of the sentence, and the bracket of a defanged separator.
    while end > value
        && matches!(
            before(end),
            Some(b'[' | b'(' | b'{' | b')' | b']' | b'}' | b'.' | b',' | b'!')
        )
    {
        end -= 1;
    }
    end = text.floor_char_boundary(end);
    (end > value).then_some(value..end)
}

/// The brackets that name a part of a parameter in front of its equals sign.
fn part(text: &[u8], sign: usize) -> Option<Range<usize>> {
    let near = text.get(sign.saturating_sub(LONGEST_NAME)..sign)?;
    let name = near.strip_suffix(b"]")?;
    let open = name.iter().rposition(|byte| *byte == b'[')?;
    let inner = name.get(open + 1..)?;
    inner
        .iter()
        .all(|byte| is_name(*byte))
        .then_some(sign - (near.len() - open)..sign)
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
}

/// Without regard to case.
fn ends_with(name: &str, end: &str) -> bool {
    let start = name.len().checked_sub(end.len());
    start.is_some_and(|start| {
        name.as_bytes()
            .get(start..)
            .is_some_and(|tail| tail.eq_ignore_ascii_case(end.as_bytes()))
    })
}

pub(super) fn is_secret(name: &str) -> bool {
    let letters = || name.bytes().rev().filter(|byte| !matches!(byte, b'-' | b'_' | b'.'));
    let Some(last) = letters().next().map(|byte| byte.to_ascii_lowercase()) else {
        return false;
    };
    // What is left of the name in front of the word; nothing where it does not end so.
    let before = |word: &&str| {
        let mut left = letters();
        let is_end = word.as_bytes().last() == Some(&last)
            && word
                .bytes()
                .rev()
                .all(|byte| left.next().is_some_and(|letter| letter.to_ascii_lowercase() == byte));
        is_end.then_some(left)
    };
    SECRET_NAMES.iter().any(|end| before(end).is_some())
        || SECRET_WORDS
            .iter()
            .filter_map(|word| before(word))
            .any(|mut left| left.next().is_none())
}

/// What stands behind `steps`, of which the first stands at `at`.
fn behind(text: &str, at: usize, steps: &[&str]) -> Option<Range<usize>> {
    let mut at = at;
    for step in steps {
        let rest = text.get(at..)?;
        at += match *step {
            "#" => word(rest)?,
            "0" => Some(digits(rest)).filter(|length| *length > 0)?,
            exact => rest.starts_with(exact).then_some(exact.len())?,
        };
    }
    Some(at..at + word(text.get(at..)?)?)
}

/// The letters, digits, hyphens and underscores at the beginning.
fn word(text: &str) -> Option<usize> {
    let length = text
        .bytes()
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        .count();
    (length > 0).then_some(length)
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}
