//! OpenSSH's server, as it speaks through syslog or the journal.
//!
//! sshd names no fields. The names here are those that analysts give to the parts of its sentences: `user`, `src_ip`,
//! `src_port`, `method`, `event`, `outcome`. Sentences that say nothing of these keep their message alone.

use super::draft::Draft;
use super::name::key;
use super::registry::Format;
use super::scan::{self, Scan};

pub(crate) static FORMAT: Format = Format {
    name: "sshd",
    describes: "OpenSSH server: accepted and failed logins, invalid users, disconnects",
    recognised: "the program `sshd`, `sshd-session` or `sshd-auth` in syslog or journal",
    time: "that of the carrier",
};

pub(crate) const PROGRAMS: &[&str] = &["sshd", "sshd-session", "sshd-auth"];

/// Reads a message.
#[inline]
pub(crate) fn message(text: &[u8], draft: &mut Draft) -> bool {
    draft.is(&FORMAT);
    let mut scan = Scan::new(text);
    let before = draft.fields.len();
    let read = match scan.peek() {
        b'F' if scan.eat(b"Failed ") => login(&mut scan, draft, "login", "failure"),
        b'A' if scan.eat(b"Accepted ") => login(&mut scan, draft, "login", "success"),
        b'P' if scan.eat(b"Postponed ") => login(&mut scan, draft, "login", "postponed"),
        b'I' if scan.eat(b"Invalid user ") || scan.eat(b"Illegal user ") => invalid(&mut scan, draft),
        b'i' if scan.eat(b"input_userauth_request: invalid user ") => {
            event(draft, "invalid-user", "failure");
            draft.text(key!("user"), scan.part(b' '));
            Some(())
        }
        b'C' if scan.eat(b"Connection closed by ") => closed(&mut scan, draft, "connection-closed"),
        b'C' if scan.eat(b"Connection reset by ") => closed(&mut scan, draft, "connection-reset"),
        b'C' if scan.eat(b"Connection from ") => source_event(&mut scan, draft, "connection"),
        b'D' if scan.eat(b"Disconnected from ") => closed(&mut scan, draft, "disconnect"),
        b'D' if scan.eat(b"Disconnecting ") => closed(&mut scan, draft, "disconnect"),
        b'D' if scan.eat(b"Did not receive identification string from ") => {
            source_event(&mut scan, draft, "no-identification")
        }
        b'R' if scan.eat(b"Received disconnect from ") => disconnect(&mut scan, draft),
        b'R' if scan.eat(b"ROOT LOGIN REFUSED FROM ") => {
            event(draft, "login", "failure");
            draft.fixed(key!("user"), "root");
            source(&mut scan, draft)
        }
        b'r' if scan.eat(b"reverse mapping checking getaddrinfo for ") => reverse(&mut scan, draft),
        b'U' if scan.eat(b"User ") => user(&mut scan, draft),
        b'B' if scan.eat(b"Bad protocol version identification ") => after_from(&mut scan, draft, "bad-protocol"),
        b'S' if scan.eat(b"Server listening on ") => source_event(&mut scan, draft, "listening"),
        b'U' | b'e' | b'm' | b'M' => more(&mut scan, draft),
        _ => None,
    };
    if read.is_none() {
        draft.fields.truncate(before);
        if super::auth::pam(text, draft) {
            draft.is(&FORMAT);
        }
    }
    true
}

#[inline]
fn event(draft: &mut Draft, event: &'static str, outcome: &'static str) {
    draft.fixed(key!("event"), event);
    draft.fixed(key!("outcome"), outcome);
}

/// `password for invalid user root from 192.0.2.1 port 22 ssh2: RSA SHA256:…`. A user's name may hold anything, blanks and
/// ` from ` too: what is behind the last ` from ` counts.
#[inline]
fn login(scan: &mut Scan<'_>, draft: &mut Draft, what: &'static str, outcome: &'static str) -> Option<()> {
    let method = scan.until(b' ')?;
    if !scan.eat(b"for ") {
        return None;
    }
    let is_invalid = scan.eat(b"invalid user ") || scan.eat(b"illegal user ");
    let (user, rest) = split_at_last_from(scan.rest)?;
    event(draft, what, outcome);
    draft.text(key!("method"), method);
    draft.text(key!("user"), user);
    if is_invalid {
        draft.fixed(key!("invalid_user"), "true");
    }
    scan.rest = rest;
    source(scan, draft)?;
    let protocol = scan.part(b' ');
    match protocol.strip_suffix(b":") {
        Some(protocol) => {
            draft.some(key!("protocol"), protocol);
            let kind = scan.part(b' ');
            draft.some(key!("key_type"), kind);
            let digest = scan.part(b' ');
            // Behind `ID` stand the names of a certificate.
            draft.some(key!("key_fingerprint"), digest);
        }
        None => draft.some(key!("protocol"), protocol),
    }
    Some(())
}

#[inline]
fn split_at_last_from(text: &[u8]) -> Option<(&[u8], &[u8])> {
    const FROM: &[u8] = b" from ";
    // The first one nearly always is the last one.
    let first = scan::find(text, b' ')?;
    let at = match text.get(first..) {
        Some(rest) if rest.starts_with(FROM) && memchr::memchr(b'f', rest.get(FROM.len()..)?).is_none() => first,
        _ => memchr::memmem::rfind(text, FROM)?,
    };
    let (user, rest) = text.split_at_checked(at)?;
    Some((user, rest.get(FROM.len()..)?))
}

/// `192.0.2.1 port 22 `, or a name of a host.
#[inline]
fn source(line: &mut Scan<'_>, draft: &mut Draft) -> Option<()> {
    let address = line.part(b' ');
    let address = address.strip_suffix(b":").unwrap_or(address);
    let is_address = scan::are(address, scan::ADDRESS);
    if address.is_empty() {
        return None;
    }
    if is_address || address.contains(&b':') {
        draft.text(key!("src_ip"), address);
    } else {
        draft.text(key!("src_host"), address);
    }
    if line.eat(b"port ") {
        let port = line.digits()?;
        draft.number(key!("src_port"), port);
        line.eat(b" ");
    }
    Some(())
}

fn source_event(scan: &mut Scan<'_>, draft: &mut Draft, what: &'static str) -> Option<()> {
    draft.fixed(key!("event"), what);
    source(scan, draft)
}

/// `Invalid user bob from 192.0.2.1 port 22`; the name may be empty.
fn invalid(scan: &mut Scan<'_>, draft: &mut Draft) -> Option<()> {
    let (user, rest) = match scan.rest.strip_prefix(b"from ") {
        Some(rest) => (b"".as_slice(), rest),
        None => split_at_last_from(scan.rest)?,
    };
    event(draft, "invalid-user", "failure");
    draft.text(key!("user"), user);
    scan.rest = rest;
    source(scan, draft)
}

/// `[invalid|authenticating ]user bob 192.0.2.1 port 22 [preauth]`, or an address at once.
fn closed(scan: &mut Scan<'_>, draft: &mut Draft, what: &'static str) -> Option<()> {
    draft.fixed(key!("event"), what);
    let is_invalid = scan.eat(b"invalid user ");
    if is_invalid || scan.eat(b"authenticating user ") || scan.eat(b"user ") {
        let at = memchr::memmem::rfind(scan.rest, b" port ")?;
        let head = scan.rest.get(..at)?;
        let cut = memchr::memrchr(b' ', head)?;
        draft.text(key!("user"), head.get(..cut)?);
        if is_invalid {
            draft.fixed(key!("invalid_user"), "true");
        }
        scan.skip(cut.checked_add(1)?);
    }
    source(scan, draft)
}

/// `192.0.2.1 port 22:11: Bye Bye [preauth]`
fn disconnect(scan: &mut Scan<'_>, draft: &mut Draft) -> Option<()> {
    draft.fixed(key!("event"), "disconnect");
    source(scan, draft)?;
    scan.eat(b":");
    scan.blanks();
    if let Some(code) = scan.digits() {
        draft.number(key!("reason_code"), code);
        scan.eat(b":");
        scan.blanks();
    }
    let reason = scan.rest.strip_suffix(b" [preauth]").unwrap_or(scan.rest);
    draft.some(key!("reason"), reason);
    Some(())
}

/// `host.example [192.0.2.1] failed - POSSIBLE BREAK-IN ATTEMPT!`
fn reverse(scan: &mut Scan<'_>, draft: &mut Draft) -> Option<()> {
    draft.fixed(key!("event"), "reverse-mapping-failed");
    draft.text(key!("src_host"), scan.until(b' ')?);
    draft.text(key!("src_ip"), scan.between(b'[', b']')?);
    Some(())
}

/// `User bob from 192.0.2.1 not allowed because not listed in AllowUsers`
fn user(scan: &mut Scan<'_>, draft: &mut Draft) -> Option<()> {
    let user = scan.until_text(b" from ")?;
    event(draft, "user-not-allowed", "failure");
    draft.text(key!("user"), user);
    source(scan, draft)?;
    if scan.eat(b"not allowed because ") {
        draft.some(key!("reason"), scan.rest);
    }
    Some(())
}

fn after_from(scan: &mut Scan<'_>, draft: &mut Draft, what: &'static str) -> Option<()> {
    draft.fixed(key!("event"), what);
    let (_, rest) = split_at_last_from(scan.rest)?;
    scan.rest = rest;
    source(scan, draft)
}

/// Sentences of which an error is the beginning.
fn more(scan: &mut Scan<'_>, draft: &mut Draft) -> Option<()> {
    scan.eat(b"error: ");
    if scan.eat(b"maximum authentication attempts exceeded for ") {
        scan.eat(b"invalid user ");
        let (user, rest) = split_at_last_from(scan.rest)?;
        event(draft, "too-many-attempts", "failure");
        draft.text(key!("user"), user);
        scan.rest = rest;
        return source(scan, draft);
    }
    if scan.eat(b"Unable to negotiate with ") {
        return source_event(scan, draft, "no-common-algorithm");
    }
    None
}
