//! Strings and numbers of JSON, and where a value ends.

/// What stands between the quotes that `rest` begins with, what is behind them, and whether there are escapes.
#[inline]
pub(super) fn raw(rest: &[u8]) -> Option<(&[u8], &[u8], bool)> {
    let body = rest.strip_prefix(b"\"")?;
    // Most strings are short: looking byte by byte is faster than to begin a search.
    let head = body.get(..24).unwrap_or(body);
    let at = match head.iter().position(|byte| matches!(byte, b'"' | b'\\')) {
        Some(at) => at,
        None => memchr::memchr2(b'"', b'\\', body.get(head.len()..)?)?.checked_add(head.len())?,
    };
    let (inside, tail) = body.split_at_checked(at)?;
    let (mark, tail) = tail.split_first()?;
    if *mark == b'"' {
        return Some((inside, tail, false));
    }
    let mut from = at.checked_add(2)?;
    loop {
        let at = memchr::memchr2(b'"', b'\\', body.get(from..)?)?.checked_add(from)?;
        if body.get(at) == Some(&b'"') {
            return Some((body.get(..at)?, body.get(at.checked_add(1)?..)?, true));
        }
        from = at.checked_add(2)?;
    }
}

/// Writes `raw` without its escapes. What is no escape stays as it stands; halves of surrogates are U+FFFD.
pub(crate) fn unescape(raw: &[u8], out: &mut String) {
    let mut rest = raw;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        let (plain, tail) = rest.split_at_checked(at).unwrap_or((rest, &[]));
        push(plain, out);
        let (letter, len) = escape(tail);
        match letter {
            Some(letter) => out.push(letter),
            None => push(tail.get(..len).unwrap_or(tail), out),
        }
        rest = tail.get(len..).unwrap_or_default();
    }
    push(rest, out);
}

fn push(plain: &[u8], out: &mut String) {
    match std::str::from_utf8(plain) {
        Ok(text) => out.push_str(text),
        Err(_) => out.push_str(&String::from_utf8_lossy(plain)),
    }
}

/// The letter that an escape stands for, and its length.
fn escape(tail: &[u8]) -> (Option<char>, usize) {
    let letter = match tail.get(1) {
        Some(b'n') => '\n',
        Some(b't') => '\t',
        Some(b'r') => '\r',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(byte @ (b'"' | b'\\' | b'/')) => char::from(*byte),
        Some(b'u') => return unicode(tail),
        _ => return (None, 2.min(tail.len())),
    };
    (Some(letter), 2)
}

fn unicode(tail: &[u8]) -> (Option<char>, usize) {
    let unit = |at: usize| {
        let text = std::str::from_utf8(tail.get(at..at.checked_add(4)?)?).ok()?;
        text.bytes()
            .all(|byte| byte.is_ascii_hexdigit())
            .then(|| u16::from_str_radix(text, 16).ok())
            .flatten()
    };
    let Some(high) = unit(2) else { return (None, 2) };
    let is_pair = tail.get(6..8) == Some(b"\\u");
    if let (0xd800..=0xdbff, true, Some(low)) = (high, is_pair, unit(8))
        && let Some(Ok(letter)) = char::decode_utf16([high, low]).next()
    {
        return (Some(letter), 12);
    }
    let letter = char::from_u32(u32::from(high)).unwrap_or(char::REPLACEMENT_CHARACTER);
    (Some(letter), 6)
}

/// How many bytes the number at the beginning takes.
pub(super) fn number(rest: &[u8]) -> Option<usize> {
    let len = rest
        .iter()
        .position(|byte| !matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'))
        .unwrap_or(rest.len());
    let first = rest.strip_prefix(b"-").unwrap_or(rest).first()?;
    (len > 0 && first.is_ascii_digit()).then_some(len)
}

/// Where the value ends that `rest` begins with, however deep it is. One pass, no memory.
pub(crate) fn end_of_value(rest: &[u8]) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = 0_usize;
    loop {
        match rest.get(at)? {
            b'"' => {
                let (_, tail, _) = raw(rest.get(at..)?)?;
                at = rest.len().checked_sub(tail.len())?;
            }
            b'{' | b'[' => {
                depth = depth.checked_add(1)?;
                at = at.checked_add(1)?;
            }
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                at = at.checked_add(1)?;
            }
            _ => at = at.checked_add(1)?,
        }
        if depth == 0 {
            return Some(at);
        }
    }
}
