//! Secrets that are told by what they are: cookies, passwords of command lines, and tokens that their issuers mark.

use std::ops::Range;

/// What cookies are sent with and set by.
const HEADERS: &[&[u8]] = &[b"cookie", b"set-cookie"];
/// What is read of a list of cookies. Bytes.
const LONGEST_LIST: usize = 4096;
/// Parts of a cookie that say how it is kept.
const ATTRIBUTES: &[&str] = &[
    "domain", "path", "expires", "max-age", "samesite", "version", "priority",
];

/// What issuers begin their tokens with.
const MARKS: &[&str] = &[
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "sk_live_",
    "rk_live_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "xoxa-",
    "xoxs-",
];
/// Letters behind such a mark that are a token. Bytes.
const SHORTEST_TOKEN: usize = 16;

/// Options behind which a user and a password stand, and those with the password alone.
const USERS: &[&str] = &["-u", "--user", "--proxy-user"];
const PASSWORDS: &[&str] = &["sshpass -p"];

/// Every place, in no order; some may overlap.
pub(super) fn find(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut read = 0;
    for colon in memchr::memchr_iter(b':', bytes).filter(|colon| is_header(bytes, *colon)) {
        if colon >= read {
            read = cookies(text, colon + 1, &mut found);
        }
    }
    for at in memchr::memchr2_iter(b'_', b'-', bytes) {
        found.extend(token(text, at));
        found.extend(option(text, at));
    }
    found
}

/// Whether a header of cookies ends at `colon`, in quotes or not.
fn is_header(text: &[u8], colon: usize) -> bool {
    let quoted = text.get(..colon).unwrap_or_default();
    let named = quoted
        .strip_suffix(b"\"")
        .or(quoted.strip_suffix(b"'"))
        .unwrap_or(quoted);
    HEADERS.iter().any(|header| {
        let start = named.len().checked_sub(header.len());
        start.is_some_and(|start| named.get(start..).is_some_and(|name| name.eq_ignore_ascii_case(header)))
    })
}

/// The values of cookies from `at` on: `Cookie: a=1; b=2`. Returns where their list ends.
fn cookies(text: &str, at: usize, found: &mut Vec<Range<usize>>) -> usize {
    let blanks = |byte: &&u8| matches!(byte, b' ' | b'"' | b'\'');
    let start = at + text.as_bytes().iter().skip(at).take_while(blanks).take(3).count();
    let rest = text.get(start..).unwrap_or_default();
    let rest = rest.get(..rest.floor_char_boundary(LONGEST_LIST)).unwrap_or_default();
    let ends = |c: char| c.is_control() || matches!(c, '"' | '\'' | '<' | '`' | '\\');
    let list = rest.get(..rest.find(ends).unwrap_or(rest.len())).unwrap_or_default();
    let mut at = start;
    for pair in list.split(';') {
        let blanks = pair.len() - pair.trim_start().len();
        if let Some((name, cookie)) = pair.trim_start().split_once('=') {
            let start = at + blanks + name.len() + 1;
            let length = cookie.find(char::is_whitespace).unwrap_or(cookie.len());
            let attribute = ATTRIBUTES.iter().any(|known| known.eq_ignore_ascii_case(name));
            if length > 0 && !attribute && !name.contains(char::is_whitespace) {
                found.push(start..start + length);
            }
        }
        at += pair.len() + 1;
    }
    start + list.len()
}

/// The token whose mark ends with the byte at `at`.
fn token(text: &str, at: usize) -> Option<Range<usize>> {
    let before = text.as_bytes().get(..=at)?;
    if !matches!(
        before,
        [.., b'p' | b'o' | b'u' | b's' | b'r' | b't' | b'e' | b'b' | b'a', _]
    ) {
        return None;
    }
    let mark = MARKS.iter().find(|mark| before.ends_with(mark.as_bytes()))?;
    let start = at + 1 - mark.len();
    let rest = text.as_bytes().get(at + 1..)?;
    let length = rest
        .iter()
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        .count();
    (length >= SHORTEST_TOKEN).then_some(start..at + 1 + length)
}

/// The password behind the option that begins at `at`: `-u user:password`.
fn option(text: &str, at: usize) -> Option<Range<usize>> {
    let begins = at
        .checked_sub(1)
        .is_none_or(|before| text.as_bytes().get(before) == Some(&b' '));
    if !begins {
        return None;
    }
    let behind = |option: &&str| {
        let value = text.get(at..)?.strip_prefix(*option)?;
        Some(text.len() - value.strip_prefix([' ', '='])?.len())
    };
    let word = |start: usize| {
        let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'');
        let rest = text.get(start..)?;
        Some(start..start + rest.find(ends).unwrap_or(rest.len()))
    };
    if let Some(start) = USERS.iter().find_map(behind) {
        let quote = usize::from(text.get(start..)?.starts_with(['"', '\'']));
        let value = word(start + quote)?;
        let (user, password) = text.get(value.clone())?.split_once(':')?;
        // A host and its port, or a URL.
        let other = password.starts_with('/') || password.bytes().all(|byte| byte.is_ascii_digit());
        return (!other && !user.is_empty()).then_some(value.end - password.len()..value.end);
    }
    let start = PASSWORDS.iter().find_map(|command| {
        let (program, option) = command.split_once(' ')?;
        let told = text.get(..at)?.trim_end().ends_with(program);
        behind(&option).filter(|_| told)
    })?;
    word(start).filter(|value| !value.is_empty())
}
