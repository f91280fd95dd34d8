//! E-mail and XMPP addresses: the local part in front of a host (RFC 5322, RFC 6530, and what people write).

use crate::decode;
use crate::foreign::{self, Kind};
use crate::separator::{self, Form};
use crate::text::{ALNUM, BLANK, BRACKET, DIGIT, LETTER, LOCAL, Text, is};

/// Longest local part (RFC 5321).
const MOST_LOCAL: usize = 64;
/// Bytes between local part and host, however the at sign is written.
const MOST_AT: usize = 24;

/// The local part that belongs to a host starting at `host`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Local {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) form: Form,
}

impl Local {
    /// How the loose at sign in front of `host` is written.
    pub(crate) fn sign(&self, text: Text<'_>, host: usize) -> Sign {
        let sign = text.slice(self.end, host);
        if !sign.contains(&b'@') {
            return Sign::Word;
        }
        let blank = |byte: Option<&u8>| byte.is_some_and(|byte| is(*byte, BLANK));
        if blank(sign.first()) == blank(sign.last()) {
            Sign::Even
        } else {
            Sign::Uneven
        }
    }
}

/// An at sign that prose has, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sign {
    /// "user at host"
    Word,
    /// "user @ host"
    Even,
    /// "user @host", "user@ host"
    Uneven,
}

/// Looks back from `host` for an at sign and a local part, not before `floor`.
#[inline]
pub(crate) fn local_before(text: Text<'_>, host: usize, floor: usize) -> Option<Local> {
    match text.before(host) {
        b'@' => {
            if is(text.before(host - 1), BLANK) {
                return unusual(text, host, floor);
            }
            local_ending(text, host - 1, floor, Form::Plain)
        }
        b']' | b')' | b'}' => unusual(text, host, floor),
        b' ' | b'\t' => {
            let before = text.skip_back(host, host.saturating_sub(4), BLANK);
            match text.before(before) {
                b'@' | b']' | b')' | b'}' => unusual(text, host, floor),
                b't' | b'T'
                    if matches!(text.before(before - 1), b'a' | b'A')
                        && is(text.before(before.saturating_sub(2)), BLANK) =>
                {
                    unusual(text, host, floor)
                }
                b'a' | b'A' if text.is_word(before.saturating_sub(6), b"arroba") => unusual(text, host, floor),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Tries every place at which a disguised at sign could begin.
#[cold]
pub(crate) fn unusual(text: Text<'_>, host: usize, floor: usize) -> Option<Local> {
    let lowest = host.saturating_sub(MOST_AT).max(floor);
    (lowest..host).find_map(|at| {
        let separator = separator::at_sign(text, at).filter(|separator| separator.end == host)?;
        if !is(text.before(at), LOCAL) && text.before(at) != b'"' {
            return None;
        }
        local_ending(text, at, floor, separator.form)
    })
}

pub(crate) fn local_ending(text: Text<'_>, end: usize, floor: usize, form: Form) -> Option<Local> {
    let lowest = end.saturating_sub(MOST_LOCAL).max(floor);
    if text.before(end) == b'"' {
        // A quoted local part: "John..Doe"@example.com
        let start = (lowest..end.saturating_sub(1))
            .rev()
            .find(|i| matches!(text.at(*i), b'"' | b'\n'))?;
        return (text.at(start) == b'"' && start + 1 < end - 1).then_some(Local { start, end, form });
    }
    let mut start = end;
    let mut form = form;
    let mut script = Script::default();
    while start > lowest {
        if text.before(start) >= 0x80 {
            match script.before(text, start).filter(|character| *character >= lowest) {
                Some(character) => start = character,
                None => break,
            }
        } else if is_practical(text.before(start)) {
            if !script.takes(text.before(start)) {
                break;
            }
            start -= 1;
        } else if start > lowest + 3
            && start < end
            && is_bracketed_dot(text, start - 3)
            && is(text.before(start - 3), ALNUM)
        {
            start -= 3;
            form = form.max(Form::Defanged);
        } else {
            break;
        }
    }
    // What goes on before the longest local part is something else: the end of a token is no address.
    if start + MOST_LOCAL == end && start > floor && is_practical(text.before(start)) {
        return None;
    }
    start = behind_escapes(text, start, end);
    if start < end && text.before(start) == b'\'' {
        start = before_apostrophe(text, start - 1, lowest).unwrap_or(start);
    }
    // RFC 5322 comments: "john.smith(comment)@example.com".
    if start == end && text.before(end) == b')' {
        let open = (lowest..end).rev().find(|i| text.at(*i) == b'(')?;
        start = text.skip_back(open, lowest, LOCAL);
        return (start < open).then_some(Local { start, end, form });
    }
    while start < end
        && matches!(
            text.at(start),
            b'.' | b'-' | b'*' | b'#' | b'!' | b'$' | b'~' | b'^' | b'%' | b'+'
        )
    {
        start += 1;
    }
    let starts = start < end && (is(text.at(start), ALNUM) || text.at(start) == b'_' || text.at(start) >= 0x80);
    (starts && text.before(end) != b'.' && !is_password(text, start)).then_some(Local { start, end, form })
}

/// How a colon and a slash are written in disguise and in escapes, in lower case.
const COLONS: [&[u8]; 8] = [
    b":", b"[:]", b"%3a", b"\\u003a", b"\\x3a", b"&#58;", b"&#x3a;", b"&colon;",
];
const SLASHES: [&[u8]; 8] = [
    b"//", b"%2f%2f", b"\\/\\/", b"\\u002f", b"\\x2f", b"&#47;", b"&#x2f;", b"&sol;",
];

/// Whether what begins at `start` is the password of a URL: `//user:password@host`, with its signs in any disguise.
fn is_password(text: Text<'_>, start: usize) -> bool {
    // What ends there says so, even where nothing of it is to be seen.
    if !matches!(
        text.slice(start.saturating_sub(1), start),
        [b':' | b']' | b'a' | b'A' | b';']
    ) {
        return false;
    }
    let before = text
        .slice(start.saturating_sub(2 * MOST_LOCAL), start)
        .to_ascii_lowercase();
    let Some(user) = COLONS.iter().find_map(|colon| before.strip_suffix(*colon)) else {
        return false;
    };
    let user = user.rsplit(u8::is_ascii_whitespace).next().unwrap_or_default();
    SLASHES
        .iter()
        .any(|slashes| user.windows(slashes.len()).any(|window| window == *slashes))
}

/// Where an at sign ends that is escaped for JSON, for a program or for HTML at `at`: `\u0040`, `\x40`, `&#64;`.
#[cold]
pub(crate) fn escaped_sign(text: Text<'_>, at: usize) -> Option<usize> {
    if let Some((sign, end)) = separator::escape(text, at) {
        return (sign == b'@').then_some(end);
    }
    [b"&#64;".as_slice(), b"&#x40;", b"&#064;", b"&commat;"]
        .iter()
        .find(|reference| text.is_word(at, reference))
        .map(|reference| at + reference.len())
}

/// The script of a local part, read from its end: a name is of one script, so what stands before a change of it is the
/// text around ("邮箱admin@…", "почтаadmin@…").
#[derive(Default)]
struct Script {
    kind: Option<Kind>,
    digits: bool,
}

impl Script {
    /// Where the character that ends at `end` begins, if it is of the script.
    #[cold]
    fn before(&mut self, text: Text<'_>, end: usize) -> Option<usize> {
        let (kind, start) = foreign::read_back(text, end);
        let fits = match kind {
            Kind::Mark => false,
            // "邮箱123@…": without blanks in the script, ASCII digits are of the other one, too.
            Kind::Wide if self.digits => false,
            _ => *self.kind.get_or_insert(kind) == kind,
        };
        fits.then_some(start)
    }

    /// Whether an ASCII character is of the script; digits and punctuation are of any.
    #[inline]
    fn takes(&mut self, byte: u8) -> bool {
        self.digits |= is(byte, DIGIT);
        match self.kind {
            None if is(byte, LETTER) => {
                self.kind = Some(Kind::Latin);
                true
            }
            Some(Kind::Letter) => !is(byte, LETTER),
            Some(Kind::Wide) => !is(byte, ALNUM),
            _ => true,
        }
    }
}

/// Where a local part begins behind percent escapes: "to%3Dname", but "name%2Btag".
fn behind_escapes(text: Text<'_>, start: usize, end: usize) -> usize {
    (start..end)
        .rev()
        .filter(|at| text.at(*at) == b'%')
        .filter_map(|at| decode::escaped_separator(text, at))
        .find(|(value, _)| !matches!(value, b'+' | b'-' | b'.' | b'_'))
        .map_or(start, |(_, behind)| behind.min(end))
}

/// `first[.]last`
fn is_bracketed_dot(text: Text<'_>, at: usize) -> bool {
    matches!(text.slice(at, at + 3), b"[.]" | b"(.)" | b"{.}")
}

/// Names such as `o'neil` and `anna.d'angelo`. What else stands before an apostrophe is a quotation or an elision
/// (`l'adresse d'anna@…`), which has no dots.
fn before_apostrophe(text: Text<'_>, apostrophe: usize, lowest: usize) -> Option<usize> {
    let mut start = apostrophe;
    while start > lowest && is_practical(text.before(start)) {
        start -= 1;
    }
    let name = text.slice(start, apostrophe);
    let letter = name.last().is_some_and(u8::is_ascii_alphabetic);
    (letter && (name.eq_ignore_ascii_case(b"o") || name.contains(&b'.'))).then_some(start)
}

/// Appends the local part without its comments.
pub(crate) fn write_local(text: Text<'_>, local: &Local, out: &mut Vec<u8>) {
    let part = text.slice(local.start, local.end);
    let comment = part
        .iter()
        .position(|byte| *byte == b'(')
        .filter(|_| part.last() == Some(&b')'));
    let part = part.get(..comment.unwrap_or(part.len())).unwrap_or(part);
    let quoted = part.first() == Some(&b'"');
    out.extend(part.iter().filter(|byte| quoted || !is(**byte, BRACKET)));
}

/// What local parts are made of in practice. RFC 5322 also allows `= ? & / { } |`, which in real text separate
/// addresses from what stands around them (`?to=a@b.example`).
fn is_practical(byte: u8) -> bool {
    is(byte, LOCAL) && !matches!(byte, b'=' | b'?' | b'&' | b'/')
}
