//! The schemes of URLs, live and in disguise, and what stands between them and the host.

use crate::separator::{self, Form, Separator};
use crate::text::{ALNUM, BRACKET, HIGH, HOST, LETTER, Text, is};

/// The scheme as it should be, and where it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scheme<'t> {
    pub(crate) name: &'t [u8],
    pub(crate) start: usize,
    /// Where the host begins.
    pub(crate) host: usize,
    pub(crate) form: Form,
    /// Only the host can tell whether this is a scheme (`http__`, `http//`).
    pub(crate) doubtful: bool,
}

/// Finds a scheme that ends with the label `start..end`.
#[inline]
pub(crate) fn read<'t>(text: Text<'t>, start: usize, end: usize) -> Option<Scheme<'t>> {
    let next = text.at(end);
    if next == b':' && text.at(end + 1) == b'/' && text.at(end + 2) == b'/' {
        let separator = separator::scheme_end(text, end)?;
        return named(text, start, end, separator, true);
    }
    match next {
        b':' | b'[' | b'(' | b'{' | b')' | b']' | b'}' | b'!' | b'@' | b'&' | b'/' | b'\\' | b' ' | b'\t' => {
            unusual_scheme(text, start, end)
        }
        b'*' => starred_scheme(text, start, end),
        _ if text.at(end.wrapping_sub(1)) == b'A' && next == b':' => unusual_scheme(text, start, end),
        _ => underscored_scheme(text, start, end),
    }
}

#[cold]
fn unusual_scheme<'t>(text: Text<'t>, start: usize, end: usize) -> Option<Scheme<'t>> {
    // "[:]" and "[://]" are unmistakable behind any scheme.
    let explicit = is(text.at(end), BRACKET) && text.at(end + 1) == b':';
    // Cheap refusal of ordinary words before the separators are tried.
    if !explicit && (end - start > 24 || !is(text.at(start), ALNUM)) {
        return None;
    }
    if let Some(scheme) = underscored_scheme(text, start, end) {
        return Some(scheme);
    }
    if let Some(scheme) = optionally_secure(text, start, end) {
        return Some(scheme);
    }
    let enclosed = closes(text.at(end)) && is(text.before(start), BRACKET);
    if !explicit {
        known(text.slice(start, end))?;
    }
    let separator = separator::scheme_end(text, end)?;
    let doubtful = text.at(end) != b':' && !explicit;
    let mut scheme = named(text, start, end, separator, explicit)?;
    scheme.doubtful = doubtful && separator.form != Form::Plain;
    scheme.start -= usize::from(enclosed && scheme.start == start);
    Some(scheme)
}

fn closes(byte: u8) -> bool {
    matches!(byte, b']' | b')' | b'}')
}

/// `hxxp[s]://`, `http(s)://`
fn optionally_secure<'t>(text: Text<'t>, start: usize, end: usize) -> Option<Scheme<'t>> {
    let secure =
        text.at(end + 1) | 0x20 == b's' && matches!(text.slice(end, end + 3), [b'[', _, b']'] | [b'(', _, b')']);
    if !secure || known(text.slice(start, end))? != b"http" {
        return None;
    }
    let separator = separator::scheme_end(text, end + 3)?;
    Some(Scheme {
        name: b"https",
        start,
        host: separator.end,
        form: Form::Defanged,
        doubtful: false,
    })
}

/// `h**p`, `h**ps`
#[cold]
fn starred_scheme<'t>(text: Text<'t>, start: usize, end: usize) -> Option<Scheme<'t>> {
    let stars = text.at(start).eq_ignore_ascii_case(&b'h') && end == start + 1 && text.at(end + 1) == b'*';
    if !stars || !text.at(end + 2).eq_ignore_ascii_case(&b'p') {
        return None;
    }
    let secure = text.at(end + 3).eq_ignore_ascii_case(&b's');
    let scheme_end = end + 3 + usize::from(secure);
    let separator = separator::scheme_end(text, scheme_end)?;
    let name: &[u8] = if secure { b"https" } else { b"http" };
    Some(Scheme {
        name,
        start,
        host: separator.end,
        form: Form::Defanged,
        doubtful: false,
    })
}

/// `http__host`, `h__ps__host`, `https:__host` is handled with the separators.
fn underscored_scheme<'t>(text: Text<'t>, start: usize, end: usize) -> Option<Scheme<'t>> {
    if !matches!(text.at(start), b'h' | b'H' | b'f' | b'F') {
        return None;
    }
    let label = text.slice(start, end.min(start + 12));
    let cut = [4, 5, 3]
        .into_iter()
        .find(|cut| label.get(*cut..*cut + 2) == Some(b"__".as_slice()))?;
    let name = known(label.get(..cut)?)?;
    let host = start + cut + 2;
    is(text.at(host), ALNUM).then_some(Scheme {
        name,
        start,
        host,
        form: Form::Defanged,
        doubtful: true,
    })
}

fn named<'t>(text: Text<'t>, start: usize, end: usize, separator: Separator, generic: bool) -> Option<Scheme<'t>> {
    let label = text.slice(start, end);
    let make = |name: &'t [u8], start: usize, defanged: bool| Scheme {
        name,
        start,
        host: separator.end,
        form: if defanged {
            separator.form.max(Form::Defanged)
        } else {
            separator.form
        },
        doubtful: false,
    };
    if let Some(name) = known(label) {
        let whole = whole_scheme(text, start, end).filter(|_| label.eq_ignore_ascii_case(name));
        if let Some(whole) = whole.filter(|whole| !is_web(name) || is_repository(text.slice(*whole, start))) {
            return Some(make(text.slice(whole, end), whole, false));
        }
        return Some(make(name, start, !label.eq_ignore_ascii_case(name)));
    }
    // A scheme glued to what stands before it: "xhttp://", "--~Chttp://".
    for suffix in ["https", "http", "hxxps", "hxxp", "ftp"] {
        let Some(cut) = label.len().checked_sub(suffix.len()) else {
            continue;
        };
        let tail = label.get(cut..)?;
        if tail.eq_ignore_ascii_case(suffix.as_bytes()) {
            let name = known(tail)?;
            return Some(make(name, start + cut, !tail.eq_ignore_ascii_case(name)));
        }
    }
    // Behind other schemes three slashes are an empty host: "file:///etc", "sqlite:///x.db".
    let empty = text.slice(end, separator.end).ends_with(b"///");
    let shaped = !empty
        && (2..=15).contains(&label.len())
        && label.first().is_some_and(u8::is_ascii_alphabetic)
        && label.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
    let start = whole_scheme(text, start, end).unwrap_or(start);
    (generic && shaped).then(|| make(text.slice(start, end), start, false))
}

/// Where a scheme begins whose last part is the label `start..end`: `stratum+tcp`, `com.example.app` (RFC 3986 §3.1).
fn whole_scheme(text: Text<'_>, start: usize, end: usize) -> Option<usize> {
    const MOST_SCHEME: usize = 21;
    if !matches!(text.before(start), b'+' | b'.') {
        return None;
    }
    let mut whole = start;
    while end - whole <= MOST_SCHEME
        && (is(text.before(whole), ALNUM) || matches!(text.before(whole), b'+' | b'.' | b'-'))
    {
        whole -= 1;
    }
    let glued = is(text.before(whole), HOST | HIGH) || !is(text.at(whole), LETTER);
    (!glued && end - whole <= MOST_SCHEME).then_some(whole)
}

fn is_web(scheme: &[u8]) -> bool {
    matches!(scheme, b"http" | b"https" | b"ftp")
}

/// What stands before the scheme of the web in those of repositories. In a query a `+` is a blank.
fn is_repository(prefix: &[u8]) -> bool {
    matches!(prefix, b"git+" | b"hg+" | b"svn+" | b"bzr+" | b"dav+" | b"scm+")
}

/// The schemes of the web and their disguises. Schemes without a disguise pass by their shape alone.
fn known(label: &[u8]) -> Option<&'static [u8]> {
    let mut lower = [0; 6];
    let name = lower.get_mut(..label.len())?;
    name.copy_from_slice(label);
    name.make_ascii_lowercase();
    Some(match &*name {
        b"http" | b"htp" | b"meow" | b"htxp" | b"hxtp" | b"httx" | b"ttp" => b"http",
        b"https" | b"htps" | b"meows" | b"xxxxx" | b"htxps" | b"hxtps" | b"httpa" => b"https",
        b"ftp" | b"ftx" | b"fxp" | b"xtp" => b"ftp",
        b"ftps" | b"ftxs" | b"fxps" => b"ftps",
        b"sftp" | b"sftx" | b"sfxp" => b"sftp",
        b"tcp" => b"tcp",
        b"udp" => b"udp",
        b"ws" => b"ws",
        b"wss" => b"wss",
        [b'h', a, b, b'p'] if disguises_t(*a) && disguises_t(*b) => b"http",
        [b'h', a, b, b'p', b's'] if disguises_t(*a) && disguises_t(*b) => b"https",
        _ => return None,
    })
}

/// `hxxp`, `h00p`, `h__p`, `hXXp`, `htxp`
fn disguises_t(byte: u8) -> bool {
    matches!(byte, b'x' | b't' | b'_' | b'0' | b'-' | b'*' | b'y')
}
