//! Access and error logs of Apache, Nginx and whoever writes as they do.
//!
//! `address identity user [time] "request" status bytes`, with referrer and agent behind them in the combined form, a virtual
//! host in front of them on some servers, and more behind. Names are those of Apache's `LogFormat` documentation in words.

use super::draft::Draft;
use super::name::key;
use super::registry::{Format, Outcome};
use super::scan::{Scan, find, split_at, split_at_byte};
use super::{plain, time};

pub(crate) static ACCESS: Format = Format {
    name: "web-access",
    describes: "access logs of Apache and Nginx: common, combined, with a virtual host in front",
    recognised: "an address, two words, a time in brackets and a quoted request",
    time: "with its zone",
};

pub(crate) static APACHE_ERROR: Format = Format {
    name: "apache-error",
    describes: "Apache error log",
    recognised: "a weekday and time in brackets, then `[module:level]`",
    time: "local time of the server: the zone is assumed",
};

pub(crate) static NGINX_ERROR: Format = Format {
    name: "nginx-error",
    describes: "Nginx error log",
    recognised: "`2027/01/31 12:00:00 [error] 12#34:`",
    time: "local time of the server: the zone is assumed",
};

/// Reads a line of an access log.
#[inline]
pub(crate) fn access(text: &[u8], draft: &mut Draft) -> Outcome {
    match read_access(text, draft) {
        Some(()) => Outcome::Record,
        None => Outcome::No,
    }
}

#[inline]
fn read_access(text: &[u8], draft: &mut Draft) -> Option<()> {
    let mut scan = Scan::new(text);
    let first = scan.word()?;
    let mut second = scan.word()?;
    let (mut host, mut client) = (None, first);
    // A virtual host in front: then the address is the second word.
    if !matches!(second, b"-") && is_address(second) && scan.peek() != b'[' {
        host = Some(first);
        client = second;
        second = scan.word()?;
    }
    let user = if scan.peek() == b'[' {
        // Some leave the identity out.
        std::mem::replace(&mut second, b"-")
    } else {
        // A user's name may hold blanks.
        let end = find(scan.rest, b'[')?;
        let user = scan.rest.get(..end)?.strip_suffix(b" ")?;
        scan.skip(end);
        user
    };
    let stamp = scan.between(b'[', b']')?;
    let (civil, len) = time::common(stamp).or_else(|| time::iso(stamp))?;
    if len != stamp.len() || !scan.eat(b" \"") {
        return None;
    }
    draft.is(&ACCESS);
    draft.at(&civil);
    if let Some(host) = host {
        draft.text(key!("vhost"), host);
    }
    draft.text(key!("client"), client);
    draft.some(key!("identity"), second);
    draft.some(key!("user"), user);
    let request = end_of_quote(&mut scan)?;
    split_request(request, draft);
    draft.say(request);
    scan.eat(b" ");
    let status = scan.word()?;
    draft.number(key!("status"), status);
    if let Some(bytes) = scan.word()
        && bytes != b"-"
    {
        draft.number(key!("bytes"), bytes);
    }
    if scan.eat(b"\"") {
        draft.some(key!("referrer"), end_of_quote(&mut scan)?);
        if scan.eat(b" \"") {
            draft.some(key!("user_agent"), end_of_quote(&mut scan)?);
        }
        if !scan.is_empty() {
            draft.some(key!("extra"), scan.rest.trim_ascii());
        }
    } else if !scan.is_empty() {
        draft.some(key!("extra"), scan.rest.trim_ascii());
    }
    Some(())
}

/// What comes before the quote that ends a text; a backslash takes the next byte with it.
#[inline]
fn end_of_quote<'a>(scan: &mut Scan<'a>) -> Option<&'a [u8]> {
    let rest = scan.rest;
    let mut from = 0_usize;
    loop {
        let at = memchr::memchr(b'"', rest.get(from..)?)?.checked_add(from)?;
        let before = rest.get(..at)?;
        if before.last() == Some(&b'\\') && before.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1 {
            from = at.checked_add(1)?;
            continue;
        }
        scan.rest = rest.get(at.checked_add(1)?..)?;
        return Some(before);
    }
}

/// `GET /path?query HTTP/1.1`. What is none is a request all the same: scanners send anything.
#[inline]
pub(crate) fn split_request(request: &[u8], draft: &mut Draft) {
    let parts = split_at_byte(request, b' ');
    let is_method = |text: &[u8]| {
        (1..=20).contains(&text.len())
            && text
                .iter()
                .all(|byte| byte.is_ascii_uppercase() || matches!(byte, b'_' | b'-'))
    };
    let Some((method, rest)) = parts.filter(|(method, _)| is_method(method)) else {
        return draft.some(key!("request"), request);
    };
    draft.text(key!("method"), method);
    // The protocol is what follows the last blank.
    let cut = memchr::memrchr(b' ', rest);
    let (url, protocol) = match cut.and_then(|at| Some((rest.get(..at)?, rest.get(at.checked_add(1)?..)?))) {
        Some((url, protocol)) if protocol.starts_with(b"HTTP/") => (url, protocol),
        _ => (rest, b"".as_slice()),
    };
    draft.text(key!("url"), url);
    draft.some(key!("protocol"), protocol);
}

/// Whether a word is an address of the internet.
pub(crate) fn is_address(word: &[u8]) -> bool {
    let (dots, colons) = word.iter().fold((0, 0), |(dots, colons), byte| match byte {
        b'.' => (dots + 1, colons),
        b':' => (dots, colons + 1),
        _ => (dots, colons),
    });
    let is_made_of = |allowed: fn(&u8) -> bool| word.iter().all(allowed);
    (dots == 3 && word.len() >= 7 && is_made_of(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b',')))
        || (colons >= 2 && is_made_of(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.')))
}

/// Reads a line of an error log.
pub(crate) fn error(text: &[u8], draft: &mut Draft) -> Outcome {
    let read = match text.first() {
        Some(b'[') => apache(text, draft),
        Some(b'0'..=b'9') => nginx(text, draft),
        _ => None,
    };
    if read.is_some() { Outcome::Record } else { Outcome::No }
}

/// `[Wed Jan 31 12:00:00.123456 2027] [core:error] [pid 1:tid 2] [client 192.0.2.1:3000] AH00126: …`
fn apache(text: &[u8], draft: &mut Draft) -> Option<()> {
    let mut scan = Scan::new(text);
    let stamp = scan.between(b'[', b']')?;
    let (civil, len) = plain::weekday(stamp)?;
    if len != stamp.len() || !scan.eat(b" [") {
        return None;
    }
    draft.is(&APACHE_ERROR);
    draft.at(&civil);
    let level = scan.until(b']')?;
    match split_at_byte(level, b':') {
        Some((module, level)) => {
            draft.some(key!("module"), module);
            draft.text(key!("level"), level);
        }
        None => draft.text(key!("level"), level),
    }
    scan.blanks();
    while scan.peek() == b'[' {
        let Some(inside) = scan.between(b'[', b']') else { break };
        scan.blanks();
        let (name, value) = split_at_byte(inside, b' ').unwrap_or((inside, b""));
        match name {
            b"client" | b"remote" => {
                let (address, port) = address_and_port(value);
                draft.some(key!("client"), address);
                if !port.is_empty() {
                    draft.number(key!("client_port"), port);
                }
            }
            b"pid" => {
                let (process, thread) = split_at_byte(value, b':').unwrap_or((value, b""));
                draft.number(key!("pid"), process);
                draft.some(key!("tid"), thread.strip_prefix(b"tid ").unwrap_or(thread));
            }
            _ => draft.named(name, value),
        }
    }
    let code = scan
        .rest
        .get(..7)
        .filter(|code| code.starts_with(b"AH") && code.iter().skip(2).all(u8::is_ascii_digit));
    if let Some(code) = code {
        draft.text(key!("code"), code);
    }
    draft.say(scan.rest);
    Some(())
}

/// An address and the port behind its last colon; an IPv6 address alone has none.
pub(crate) fn address_and_port(text: &[u8]) -> (&[u8], &[u8]) {
    if let Some(inside) = text.strip_prefix(b"[")
        && let Some((address, port)) = split_at_byte(inside, b']')
    {
        return (address, port.strip_prefix(b":").unwrap_or(port));
    }
    let cut = memchr::memrchr(b':', text);
    match cut.and_then(|at| Some((text.get(..at)?, text.get(at.checked_add(1)?..)?))) {
        Some((address, port)) if address.contains(&b'.') && !port.is_empty() && port.iter().all(u8::is_ascii_digit) => {
            (address, port)
        }
        _ => (text, b""),
    }
}

/// `2027/01/31 12:00:00 [error] 12#34: *5 open() "/x" failed, client: 192.0.2.1, server: _, request: "GET / HTTP/1.1"`
fn nginx(text: &[u8], draft: &mut Draft) -> Option<()> {
    if text.get(4) != Some(&b'/') {
        return None;
    }
    let (civil, len) = time::iso(text)?;
    let mut scan = Scan::new(text.get(len..)?);
    if !scan.eat(b" [") {
        return None;
    }
    let level = scan.until(b']')?;
    scan.eat(b" ");
    let process = scan.digits()?;
    if !scan.eat(b"#") {
        return None;
    }
    draft.is(&NGINX_ERROR);
    draft.at(&civil);
    draft.text(key!("level"), level);
    draft.number(key!("pid"), process);
    let thread = scan.until(b':')?;
    draft.some(key!("tid"), thread);
    scan.blanks();
    if scan.peek() == b'*' {
        scan.skip(1);
        draft.number(key!("connection"), scan.digits()?);
        scan.blanks();
    }
    draft.say(scan.rest);
    for name in [
        b"client".as_slice(),
        b"server",
        b"request",
        b"upstream",
        b"host",
        b"referrer",
    ] {
        let mut mark = b", ".to_vec();
        mark.extend_from_slice(name);
        mark.extend_from_slice(b": ");
        let Some((_, value)) = split_at(scan.rest, &mark) else {
            continue;
        };
        let mut value = Scan::new(value);
        let value = match value.peek() {
            b'"' => value.quoted().unwrap_or(value.rest),
            _ => value.part(b','),
        };
        match name {
            b"request" => split_request(value, draft),
            _ => draft.named(name, value),
        }
    }
    Some(())
}
