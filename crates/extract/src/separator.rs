//! The separators of network names, plain and defanged.
//!
//! A dot, an at sign, a colon and a slash can each be written in dozens of ways so that nobody clicks on them. They are
//! recognised where they stand; the text is never rewritten, so spans stay exact. Each function looks at a bounded
//! number of bytes.

use crate::foreign;
use crate::text::{ALNUM, BLANK, BRACKET, DIGIT, HEX, HOST, Text, URL, is};

/// How a separator was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Form {
    /// As it is.
    Plain,
    /// Defanged beyond doubt: brackets, a backslash, `DOT`.
    Defanged,
    /// Only spaces or a bare word tell; it could be prose.
    Loose,
}

/// A separator and where it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Separator {
    pub(crate) end: usize,
    pub(crate) form: Form,
}

/// Brackets and blanks around a separator: no form has more.
const MOST: usize = 12;

fn at(end: usize, form: Form) -> Option<Separator> {
    Some(Separator { end, form })
}

/// Opening side: blanks, then brackets with blanks between them. Returns (end, blanks before, brackets).
fn opening(text: Text<'_>, i: usize) -> (usize, usize, usize) {
    let after_blanks = text.skip(i, i + MOST, BLANK);
    let mut end = after_blanks;
    let mut brackets = 0;
    let mut j = after_blanks;
    while j < i + 2 * MOST {
        let byte = text.at(j);
        if is(byte, BRACKET) {
            brackets += 1;
            j += 1;
            end = j;
        } else if is(byte, BLANK) && brackets > 0 {
            j += 1;
            end = j;
        } else {
            break;
        }
    }
    (end, after_blanks - i, brackets)
}

/// Closing side: brackets, with blanks between them if the opening side had brackets. Returns (end, brackets).
fn closing(text: Text<'_>, i: usize, opened: bool) -> (usize, usize) {
    let mut end = i;
    let mut brackets = 0;
    let mut j = i;
    while j < i + 2 * MOST {
        let byte = text.at(j);
        if matches!(byte, b']' | b')' | b'}') || (is(byte, BRACKET) && byte != b'(' && j == end) {
            brackets += 1;
            j += 1;
            end = j;
        } else if is(byte, BLANK) && opened {
            j += 1;
        } else {
            break;
        }
    }
    (end, brackets)
}

/// The dot after a label that ends at `i`, if the next label follows it.
#[inline]
pub(crate) fn dot(text: Text<'_>, i: usize) -> Option<Separator> {
    match text.at(i) {
        b'.' => {
            let next = text.at(i + 1);
            if is(next, HOST) && (next < 0x80 || !foreign::is_mark(text, i + 1)) {
                return at(i + 1, Form::Plain);
            }
            unusual_dot(text, i)
        }
        b'[' | b'(' | b'{' | b']' | b')' | b'}' | b' ' | b'\t' | b'\\' | b'^' | b'<' | b'D' | b'-' | 0xE3 | 0xEF => {
            unusual_dot(text, i)
        }
        b',' if is(text.at(i + 1), DIGIT) && is(text.before(i), DIGIT) => comma(text, i),
        _ => None,
    }
}

/// `http://203,0,113,7`: only behind a scheme, elsewhere such numbers are a list.
#[cold]
fn comma(text: Text<'_>, i: usize) -> Option<Separator> {
    const LONGEST: usize = "255,255,255,255".len();
    let part = |byte: u8| is(byte, DIGIT) || byte == b',';
    let mut start = i;
    while start + LONGEST > i && part(text.before(start)) {
        start -= 1;
    }
    if text.before(start) != b'/' || text.before(start - 1) != b'/' {
        return None;
    }
    let mut end = start;
    while end <= start + LONGEST && part(text.at(end)) {
        end += 1;
    }
    let run = text.slice(start, end);
    let octet = |digits: &[u8]| {
        (1..=3).contains(&digits.len())
            && digits
                .iter()
                .fold(0u16, |value, digit| value * 10 + u16::from(digit - b'0'))
                <= 255
    };
    let address = run.split(|byte| *byte == b',').count() == 4 && run.split(|byte| *byte == b',').all(octet);
    address.then_some(Separator {
        end: i + 1,
        form: Form::Defanged,
    })
}

#[cold]
fn unusual_dot(text: Text<'_>, i: usize) -> Option<Separator> {
    if let Some(end) = foreign_dot(text, i) {
        return before_label(text, end, Form::Defanged);
    }
    match text.at(i) {
        b'\\' | b'^' => return escaped_dot(text, i),
        b'<' if text.at(i + 1) == b'.' && text.at(i + 2) == b'>' => return before_label(text, i + 3, Form::Defanged),
        b'D' => {
            let squeezed = text.slice(i, i + 3) == b"DOT" && text.before(i).is_ascii_lowercase();
            return (squeezed && text.at(i + 3).is_ascii_lowercase()).then_some(Separator {
                end: i + 3,
                form: Form::Defanged,
            });
        }
        b'-' => {
            let dashed = text.is_word(i + 1, b"dot-");
            return if dashed {
                before_label(text, i + 5, Form::Loose)
            } else {
                None
            };
        }
        _ => {}
    }
    let (core, blanks, opened) = opening(text, i);
    let (after, word) = dot_core(text, core, opened > 0)?;
    let (closed_end, closed) = closing(text, after, opened > 0);
    if word && opened + closed == 0 {
        // "example dot com": a word between single labels, nothing else marks it.
        let end = text.skip(after, after + 4, BLANK);
        let spaced = blanks > 0 && end > after;
        return if spaced {
            before_label(text, end, Form::Loose)
        } else {
            None
        };
    }
    if word && (opened == 0 || closed == 0) {
        return None;
    }
    if opened > 0 && closed > 0 {
        return before_label(text, text.skip(closed_end, closed_end + 4, BLANK), Form::Defanged);
    }
    if opened + closed > 0 {
        return half(text, i, (core, blanks), closed_end);
    }
    // Only blanks: " . " or " .".
    let end = text.skip(after, after + 2, BLANK);
    let even = blanks == 1 && end == after + 1;
    let leading = blanks == 1 && end == after;
    if even || leading {
        before_label(text, end, Form::Loose)
    } else {
        None
    }
}

/// A dot with brackets on one side only, from `i` to `end`. Prose has such brackets beside its blanks: "DNS (.net",
/// "extensions [.com]", "and so on.) It".
fn half(text: Text<'_>, i: usize, (core, blanks): (usize, usize), end: usize) -> Option<Separator> {
    if blanks > 0 {
        let square = text.at(i + blanks) == b'[' && core == i + blanks + 1;
        let enclosed = text.at(text.label(end).0) == b']';
        return if square && !enclosed {
            before_label(text, end, Form::Defanged)
        } else {
            None
        };
    }
    let brackets = text.slice(i, core);
    if !closes(text.at(i)) || brackets.iter().any(|byte| is(*byte, BRACKET) && !closes(*byte)) {
        return before_label(text, end, Form::Defanged);
    }
    if brackets.iter().any(|byte| is(*byte, BLANK)) {
        return None;
    }
    match opener(text, i) {
        // "[www].example.com"
        Some(open) if i == open + 4 && text.is_word(open + 1, b"www") => before_label(text, end, Form::Defanged),
        // "items[i].name", "file(1).zip", "[redacted].example.com"
        Some(_) => None,
        None => before_label(text, end, Form::Loose),
    }
}

/// Whether what stands at `i` closes a bracket in front of a dot: "].com", "]].com".
#[inline]
pub(crate) fn closes_before_dot(text: Text<'_>, i: usize) -> bool {
    closes(text.at(i)) && (closes(text.at(i + 1)) || text.at(i + 1) == b'.' && is(text.at(i + 2), HOST))
}

fn closes(byte: u8) -> bool {
    matches!(byte, b']' | b')' | b'}')
}

/// How far in front of a closing bracket its other half is looked for.
const MOST_ENCLOSED: usize = 64;

/// The bracket that the one at `close` closes, if it stands shortly before on the same line.
pub(crate) fn opener(text: Text<'_>, close: usize) -> Option<usize> {
    let closing = text.at(close);
    let opening = match closing {
        b')' => b'(',
        b']' => b'[',
        _ => b'{',
    };
    let mut inner = 0u32;
    for at in (close.saturating_sub(MOST_ENCLOSED)..close).rev() {
        match text.at(at) {
            b'\n' | b'\r' => return None,
            byte if byte == closing => inner += 1,
            byte if byte == opening => match inner.checked_sub(1) {
                Some(fewer) => inner = fewer,
                None => return Some(at),
            },
            _ => {}
        }
    }
    None
}

/// Whether a dot in disguise could stand at `i`, its brackets included. Cautious.
pub(crate) fn may_be_dot(text: Text<'_>, i: usize) -> bool {
    let core = text.skip(i, i + MOST, BRACKET | BLANK);
    match text.at(core) {
        b'.' | b',' | b'\\' | 0xE3 | 0xEF => true,
        b'd' | b'D' => text.is_word(core, b"dot"),
        b'p' | b'P' => matches!(text.at(core + 1) | 0x20, b'u' | b'o' | b'e'),
        byte => is(byte, BRACKET),
    }
}

/// The dot itself, or a word for it. `[,]` counts only in brackets.
fn dot_core(text: Text<'_>, i: usize, bracketed: bool) -> Option<(usize, bool)> {
    match text.at(i) {
        b'.' => {
            // "[. .]" and "[..]" were seen; without brackets two dots are an ellipsis.
            let mut end = i + 1;
            if bracketed {
                let next = text.skip(end, end + 3, BLANK);
                if text.at(next) == b'.' {
                    end = next + 1;
                }
            }
            Some((end, false))
        }
        b',' if bracketed && is(text.at(i + 1), BRACKET) => Some((i + 1, false)),
        b'\\' if bracketed && text.at(i + 1) == b'.' => Some((i + 2, false)),
        b'd' | b'D' if text.is_word(i, b"dot") => Some((i + 3, true)),
        b'p' | b'P' if text.is_word(i, b"punto") || text.is_word(i, b"punkt") => Some((i + 5, true)),
        b'p' | b'P' if bracketed && text.is_word(i, b"point") => Some((i + 5, true)),
        b'p' | b'P' if bracketed && text.is_word(i, b"period") => Some((i + 6, true)),
        0xE3 | 0xEF if bracketed => foreign_dot(text, i).map(|end| (end, false)),
        _ => None,
    }
    .filter(|(end, word)| !word || !is(text.at(*end), ALNUM))
}

/// U+30FB `・`, U+3002 `。`, U+FF0E `．`, U+FF61 `｡`: what IDNA maps to a dot, and the middle dot of Japanese.
fn foreign_dot(text: Text<'_>, i: usize) -> Option<usize> {
    // Between a sentence and a name stands a full stop: both sides are of one script.
    let one_script = (text.before(i) >= 0x80) == (text.at(i + 3) >= 0x80) || is(text.before(i), BRACKET);
    let dot = matches!(
        text.slice(i, i + 3),
        [0xE3, 0x83, 0xBB] | [0xE3, 0x80, 0x82] | [0xEF, 0xBC, 0x8E] | [0xEF, 0xBD, 0xA1]
    );
    (dot && one_script).then_some(i + 3)
}

/// `\.`, `\\\\.`, `^.`
fn escaped_dot(text: Text<'_>, i: usize) -> Option<Separator> {
    let mut j = i;
    while j < i + 2 * MOST && matches!(text.at(j), b'\\' | b'^') {
        j += 1;
    }
    if text.at(j) == b'.' {
        before_label(text, j + 1, Form::Defanged)
    } else {
        None
    }
}

fn before_label(text: Text<'_>, end: usize, form: Form) -> Option<Separator> {
    if begins_label(text, end) { at(end, form) } else { None }
}

/// Whether a label can begin at `at`: not with punctuation of another script.
#[inline]
fn begins_label(text: Text<'_>, at: usize) -> bool {
    is(text.at(at), HOST) && !foreign::is_mark(text, at)
}

/// The at sign after a local part that ends at `i`.
pub(crate) fn at_sign(text: Text<'_>, i: usize) -> Option<Separator> {
    if text.at(i) == b'@' && (is(text.at(i + 1), HOST) || text.at(i + 1) == b'[') {
        return at(i + 1, Form::Plain);
    }
    let (core, blanks, opened) = opening(text, i);
    let (after, word) = match text.at(core) {
        b'@' => (core + 1, false),
        b'a' | b'A' if text.is_word(core, b"arroba") => (core + 6, true),
        b'a' | b'A' if text.is_word(core, b"at") => (core + 2, true),
        b'e' | b'E' if text.is_word(core, b"et") => (core + 2, true),
        _ => return None,
    };
    let (closed_end, closed) = closing(text, after, opened > 0);
    let end = text.skip(closed_end, closed_end + 4, BLANK);
    if opened > 0 && closed > 0 {
        return before_label(text, end, Form::Defanged);
    }
    if opened + closed > 0 {
        return None;
    }
    let spaced = blanks > 0 || end > after;
    match (word, spaced) {
        (false, _) => before_label(text, end, if spaced { Form::Loose } else { Form::Plain }),
        (true, _) if blanks > 0 && end > after && text.at(core).eq_ignore_ascii_case(&b'a') => {
            before_label(text, end, Form::Loose)
        }
        _ => None,
    }
}

/// What stands between a scheme that ends at `i` and the host: `://` in all its disguises. The second value is false
/// where even the scheme would not be one without the host looking right (`http__`, `http//`).
pub(crate) fn scheme_end(text: Text<'_>, i: usize) -> Option<Separator> {
    if text.at(i) == b':' && text.at(i + 1) == b'/' && text.at(i + 2) == b'/' && is(text.at(i + 3), HOST) {
        return at(i + 3, Form::Plain);
    }
    unusual_scheme_end(text, i)
}

#[cold]
fn unusual_scheme_end(text: Text<'_>, start: usize) -> Option<Separator> {
    let mut i = start;
    let mut form = Form::Plain;
    // "(https)://" and one mistyped character before the colon.
    if matches!(text.at(i), b')' | b']' | b'}' | b'!' | b'@' | b'&' | b'A') && text.at(i + 1) == b':' {
        i += 1;
        form = Form::Defanged;
    }
    if is(text.at(i), BLANK) {
        i = text.skip(i, i + 3, BLANK);
        form = Form::Defanged;
    }
    let colon_from = i;
    let mut colon = false;
    while i < colon_from + MOST {
        let (byte, next) = unescaped(text, i);
        match byte {
            b':' if !colon => colon = true,
            b'[' | b'(' | b'{' | b']' | b')' | b'}' => form = Form::Defanged,
            _ => break,
        }
        i = next;
    }
    if !colon && i > colon_from && text.at(i) != b'/' {
        return None;
    }
    let slashes_from = i;
    let mut slashes = 0;
    let mut open = text.slice(colon_from, i).iter().any(|byte| is(*byte, BRACKET));
    while i < slashes_from + MOST {
        let (byte, next) = unescaped(text, i);
        match byte {
            b'/' => slashes += 1,
            b'\\' => {
                slashes += 1;
                // JSON escapes its slashes: `\/`.
                if text.at(i + 1) == b'/' {
                    i += 2;
                    continue;
                }
                form = Form::Defanged;
            }
            b'_' if form != Form::Plain || slashes == 0 || text.before(i) == b'_' => {
                slashes += 1;
                form = Form::Defanged;
            }
            // Behind the slashes a bracket begins an IPv6 address.
            b'[' | b'(' | b'{' if slashes < 2 && matches!(text.at(i + 1), b'/' | b':') => {
                open = true;
                form = Form::Defanged;
            }
            b']' | b')' | b'}' if open || slashes < 2 => form = Form::Defanged,
            b':' if !colon => {
                colon = true;
                form = Form::Defanged;
            }
            _ => break,
        }
        i = next;
    }
    if slashes < 2 {
        return None;
    }
    if !colon || slashes > 2 {
        form = Form::Defanged;
    }
    let end = text.skip(i, i + 2, BLANK);
    if end > i {
        form = Form::Loose;
    }
    // "http://%65vil.example"
    let escaped = || text.at(end) == b'%' && is(text.at(end + 1), HEX) && is(text.at(end + 2), HEX);
    let host = is(text.at(end), HOST) || text.at(end) == b'[' || escaped();
    host.then_some(Separator { end, form })
}

/// What the escape at `i` means in JSON and in programs, and where it ends: `\u0026`, `\x26`, their backslash doubled or
/// not. Only punctuation of URLs: what is escaped otherwise ends them.
pub(crate) fn escape(text: Text<'_>, i: usize) -> Option<(u8, usize)> {
    if text.at(i) != b'\\' {
        return None;
    }
    let letter = i + 1 + usize::from(text.at(i + 1) == b'\\');
    let digits = match text.at(letter) {
        b'u' if text.at(letter + 1) == b'0' && text.at(letter + 2) == b'0' => letter + 3,
        b'x' => letter + 1,
        _ => return None,
    };
    let digit = |i: usize| char::from(text.at(i)).to_digit(16);
    let byte = (digit(digits)? << 4 | digit(digits + 1)?) as u8;
    (byte.is_ascii_punctuation() && is(byte, URL)).then_some((byte, digits + 2))
}

/// The byte at `i`, or what is escaped there, and what comes behind it.
fn unescaped(text: Text<'_>, i: usize) -> (u8, usize) {
    escape(text, i).unwrap_or((text.at(i), i + 1))
}

/// A colon before a port: plain or in brackets.
pub(crate) fn port_colon(text: Text<'_>, i: usize) -> Option<Separator> {
    if text.at(i) == b':' {
        return at(i + 1, Form::Plain);
    }
    let bracketed = is(text.at(i), BRACKET) && text.at(i + 1) == b':' && is(text.at(i + 2), BRACKET);
    bracketed.then_some(Separator {
        end: i + 3,
        form: Form::Defanged,
    })
}

/// A slash that begins a path: plain, escaped for JSON, or in brackets.
pub(crate) fn slash(text: Text<'_>, i: usize) -> Option<Separator> {
    match text.at(i) {
        b'/' => at(i + 1, Form::Plain),
        b'\\' if text.at(i + 1) == b'/' => at(i + 2, Form::Plain),
        b'\\' => escape(text, i).and_then(|(byte, end)| at(end, Form::Plain).filter(|_| byte == b'/')),
        b'[' | b'(' | b'{' if text.at(i + 1) == b'/' && matches!(text.at(i + 2), b']' | b')' | b'}') => {
            at(i + 3, Form::Defanged)
        }
        _ => None,
    }
}
