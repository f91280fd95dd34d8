//! Postfix, as its daemons speak through syslog.
//!
//! `3F1A2B: to=<bob@example.com>, relay=…[192.0.2.1]:25, delay=1, dsn=2.0.0, status=sent (250 OK)`. Names are Postfix's; the
//! queue's identifier is `queue_id`, clients are `client_name` and `client_ip`.

use super::draft::Draft;
use super::name::key;
use super::registry::Format;
use super::scan::{Scan, split_at, split_at_byte};

pub(crate) static FORMAT: Format = Format {
    name: "postfix",
    describes: "Postfix: connections, queue, deliveries, rejections",
    recognised: "a program `postfix/…` in syslog",
    time: "that of the carrier",
};

/// Postfix's daemons; instances are `postfix-name/smtpd`, and only what follows the stroke is looked up.
pub(crate) const PROGRAMS: &[&str] = &[
    "smtpd",
    "smtp",
    "qmgr",
    "cleanup",
    "pickup",
    "local",
    "bounce",
    "pipe",
    "virtual",
    "lmtp",
    "postscreen",
    "anvil",
    "trivial-rewrite",
    "error",
    "discard",
    "scache",
    "tlsproxy",
    "submission",
    "smtps",
];

/// Reads a message.
pub(crate) fn message(text: &[u8], draft: &mut Draft) -> bool {
    draft.is(&FORMAT);
    let mut scan = Scan::new(text);
    let is_id = |word: &[u8]| {
        (6..=20).contains(&word.len())
            && word.iter().all(u8::is_ascii_alphanumeric)
            && word.iter().any(u8::is_ascii_digit)
    };
    let mut rest = scan;
    if let Some(id) = rest.until(b':').filter(|id| is_id(id) || *id == b"NOQUEUE") {
        draft.text(key!("queue_id"), id);
        rest.blanks();
        scan = rest;
    }
    if scan.eat(b"reject: ") {
        draft.fixed(key!("event"), "reject");
        draft.text(key!("stage"), scan.part(b' '));
        scan.eat(b"from ");
        client(&mut scan, draft);
        scan.eat(b": ");
        if let Some((reason, tail)) = split_at(scan.rest, b"; ") {
            draft.some(key!("reason"), reason);
            words(tail, draft);
        }
        return true;
    }
    for (mark, event) in [
        (b"connect from ".as_slice(), "connect"),
        (b"disconnect from ", "disconnect"),
        (b"lost connection after ", "lost-connection"),
        (b"warning: ", "warning"),
        (b"removed", "removed"),
    ] {
        if scan.eat(mark) {
            draft.fixed(key!("event"), event);
            if event == "lost-connection" {
                draft.text(key!("stage"), scan.part(b' '));
                scan.eat(b"from ");
            }
            if event == "warning" {
                return warning(&mut scan, draft);
            }
            client(&mut scan, draft);
            scan.blanks();
            words(scan.rest, draft);
            return true;
        }
    }
    pairs(scan.rest, draft);
    true
}

/// `name[192.0.2.1]:port`
fn client(scan: &mut Scan<'_>, draft: &mut Draft) {
    let Some((name, rest)) = split_at_byte(scan.rest, b'[') else {
        return;
    };
    let Some((address, rest)) = split_at_byte(rest, b']') else {
        return;
    };
    if name.contains(&b' ') {
        return;
    }
    draft.some(key!("client_name"), name);
    draft.some(key!("client_ip"), address);
    scan.rest = rest;
    let mut after = *scan;
    if after.eat(b":")
        && let Some(port) = after.digits()
    {
        draft.number(key!("client_port"), port);
        *scan = after;
    }
}

/// `unknown[192.0.2.1]: SASL LOGIN authentication failed: …`
fn warning(scan: &mut Scan<'_>, draft: &mut Draft) -> bool {
    client(scan, draft);
    scan.eat(b": ");
    if scan.eat(b"SASL ") {
        draft.text(key!("sasl_method"), scan.part(b' '));
        draft.fixed(key!("outcome"), "failure");
        if let Some((_, user)) = split_at(scan.rest, b"sasl_username=") {
            draft.some(key!("sasl_username"), user.trim_ascii());
        }
    }
    true
}

/// `client=name[192.0.2.1], sasl_method=LOGIN, sasl_username=bob`, `from=<…>, size=1, nrcpt=1 (queue active)`
fn pairs(text: &[u8], draft: &mut Draft) {
    for part in text.split(|byte| *byte == b',') {
        let Some((name, value)) = split_at_byte(part.trim_ascii(), b'=') else {
            continue;
        };
        let is_name = !name.is_empty()
            && name
                .iter()
                .all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'-'));
        if !is_name {
            continue;
        }
        if name == b"client" {
            client(&mut Scan::new(value), draft);
            continue;
        }
        let (value, note) = match split_at(value, b" (") {
            Some((value, note)) => (value, note.strip_suffix(b")").unwrap_or(note)),
            None => (value, b"".as_slice()),
        };
        let bare = value
            .strip_prefix(b"<")
            .and_then(|value| value.strip_suffix(b">"))
            .unwrap_or(value);
        draft.named(name, bare);
        if name == b"status" {
            // The answer of the other side may hold commas; it is the rest of the line.
            let all = split_at(text, b"status=")
                .and_then(|(_, rest)| split_at(rest, b" ("))
                .map(|(_, rest)| rest.strip_suffix(b")").unwrap_or(rest));
            draft.some(key!("response"), all.unwrap_or(note));
            break;
        }
    }
}

/// `from=<a@example.com> to=<b@example.com> proto=ESMTP helo=<x>`
fn words(text: &[u8], draft: &mut Draft) {
    for word in text.split(|byte| *byte == b' ') {
        if let Some((name, value)) = split_at_byte(word, b'=') {
            let bare = value
                .strip_prefix(b"<")
                .and_then(|value| value.strip_suffix(b">"))
                .unwrap_or(value);
            let is_name = !name.is_empty() && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
            if is_name && !bare.is_empty() {
                draft.named(name, bare);
            }
        }
    }
}
