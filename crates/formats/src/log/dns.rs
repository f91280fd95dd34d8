//! DNS servers: BIND's query log, dnsmasq, and the debug log of Microsoft's server.

use super::draft::Draft;
use super::name::key;
use super::registry::{Format, Outcome};
use super::scan::{Scan, split_at, split_at_byte};
use super::time;

pub(crate) static BIND: Format = Format {
    name: "bind",
    describes: "BIND: queries, and the client in other messages",
    recognised: "`client … (name): query: name IN A …`, in a file or syslog",
    time: "local time of the server: the zone is assumed",
};

pub(crate) static DNSMASQ: Format = Format {
    name: "dnsmasq",
    describes: "dnsmasq: queries, replies, leases",
    recognised: "the program `dnsmasq` or `dnsmasq-dhcp` in syslog",
    time: "that of the carrier",
};

pub(crate) static MICROSOFT: Format = Format {
    name: "microsoft-dns",
    describes: "Microsoft DNS server, debug log",
    recognised: "a time, a thread, `PACKET`, and a name as `(3)www(7)example(3)com(0)`",
    time: "local time of the server: the zone is assumed",
};

pub(crate) const BIND_PROGRAMS: &[&str] = &["named", "named-sdb", "named-pkcs11"];
pub(crate) const DNSMASQ_PROGRAMS: &[&str] = &["dnsmasq", "dnsmasq-dhcp"];

/// Reads a line of BIND's own file: `31-Jan-2027 12:00:00.123 queries: info: client @0x7f 192.0.2.1#5353 (x): query: …`.
pub(crate) fn bind(text: &[u8], draft: &mut Draft) -> Outcome {
    let Some((civil, len)) = time::common(text).or_else(|| time::iso(text)) else {
        return Outcome::No;
    };
    let mut scan = Scan::new(text.get(len..).unwrap_or_default().trim_ascii_start());
    let mark = draft.mark();
    for name in [key!("category"), key!("level")] {
        let mut rest = scan;
        if let Some(word) = rest
            .until(b':')
            .filter(|word| word.len() <= 24 && word.iter().all(|byte| byte.is_ascii_lowercase() || *byte == b'-'))
        {
            draft.text(name, word);
            rest.blanks();
            scan = rest;
        }
    }
    draft.is(&BIND);
    if query(scan.rest, draft).is_none() {
        draft.back(mark);
        return Outcome::No;
    }
    draft.at(&civil);
    draft.say(scan.rest);
    Outcome::Record
}

/// Reads what BIND said through syslog.
pub(crate) fn bind_message(text: &[u8], draft: &mut Draft) -> bool {
    draft.is(&BIND);
    let mark = draft.mark();
    if query(text, draft).is_none() {
        draft.back(mark);
    }
    true
}

/// `client @0x7f… 192.0.2.1#5353 (www.example.com): query: www.example.com IN A +E(0)K (198.51.100.1)`
fn query(text: &[u8], draft: &mut Draft) -> Option<()> {
    let (_, rest) = match text.strip_prefix(b"queries: info: ") {
        Some(rest) => (b"".as_slice(), rest),
        None => (b"".as_slice(), text),
    };
    let mut scan = Scan::new(rest);
    if !scan.eat(b"client ") {
        return None;
    }
    if scan.peek() == b'@' {
        scan.word()?;
    }
    let (address, port) = split_at_byte(scan.word()?, b'#')?;
    draft.text(key!("client_ip"), address);
    draft.number(key!("client_port"), port.strip_suffix(b":").unwrap_or(port));
    if let Some(name) = scan.between(b'(', b')') {
        draft.text(key!("name"), name);
    }
    scan.eat(b": ");
    if scan.eat(b"view ") {
        draft.text(key!("view"), scan.until(b':')?);
        scan.blanks();
    }
    if scan.eat(b"query: ") {
        draft.fixed(key!("event"), "query");
        draft.text(key!("query"), scan.word()?);
        draft.text(key!("qclass"), scan.word()?);
        draft.text(key!("qtype"), scan.word()?);
        draft.some(key!("flags"), scan.part(b' '));
        draft.some(key!("server_ip"), scan.between(b'(', b')').unwrap_or_default());
    } else {
        draft.some(key!("text"), scan.rest);
    }
    Some(())
}

/// Reads what dnsmasq said.
pub(crate) fn dnsmasq(text: &[u8], draft: &mut Draft) -> bool {
    draft.is(&DNSMASQ);
    let mut scan = Scan::new(text);
    // With `log-queries=extra` a serial and the client come first: `12 192.0.2.1/5353 query[A] …`.
    let mut extra = scan;
    if let Some(serial) = extra.digits().filter(|_| extra.eat(b" "))
        && let Some((address, port)) = extra.word().and_then(|word| split_at_byte(word, b'/'))
    {
        draft.number(key!("serial"), serial);
        draft.text(key!("client_ip"), address);
        draft.number(key!("client_port"), port);
        scan = extra;
    }
    if scan.eat(b"query[") {
        draft.fixed(key!("event"), "query");
        draft.text(key!("qtype"), scan.until(b']').unwrap_or_default());
        scan.blanks();
        draft.text(key!("query"), scan.part(b' '));
        if scan.eat(b"from ") {
            draft.text(key!("client_ip"), scan.part(b' '));
        }
    } else if scan.eat(b"reply ") || scan.eat(b"cached ") || scan.eat(b"config ") {
        draft.fixed(key!("event"), "reply");
        draft.text(key!("query"), scan.part(b' '));
        if scan.eat(b"is ") {
            draft.text(key!("answer"), scan.rest);
        }
    } else if scan.eat(b"forwarded ") {
        draft.fixed(key!("event"), "forwarded");
        draft.text(key!("query"), scan.part(b' '));
        if scan.eat(b"to ") {
            draft.text(key!("server_ip"), scan.rest);
        }
    } else if scan.rest.starts_with(b"DHCP") {
        // `DHCPACK(eth0) 192.0.2.7 52:54:00:12:34:56 laptop`
        draft.text(key!("event"), scan.part(b'('));
        draft.text(key!("interface"), scan.part(b')'));
        scan.blanks();
        for key in [key!("client_ip"), key!("client_mac"), key!("client_name")] {
            let word = scan.part(b' ');
            if key.is("client_ip") && !super::web::is_address(word) {
                draft.some(key!("client_mac"), word);
                break;
            }
            draft.some(key, word);
        }
    }
    true
}

/// `1/31/2027 12:00:00 PM 0E9C PACKET  000001 UDP Rcv 192.0.2.1 b47a Q [0001   D   NOERROR] A (3)www(7)example(3)com(0)`
pub(crate) fn microsoft(text: &[u8], draft: &mut Draft) -> Outcome {
    if !text.first().is_some_and(u8::is_ascii_digit)
        || memchr::memmem::find(text.get(..64).unwrap_or(text), b" PACKET ").is_none()
    {
        return Outcome::No;
    }
    match read_microsoft(text, draft) {
        Some(()) => Outcome::Record,
        None => Outcome::No,
    }
}

fn read_microsoft(text: &[u8], draft: &mut Draft) -> Option<()> {
    let (civil, len) = time::american(text)
        .or_else(|| time::iso(text))
        .or_else(|| time::common(text))?;
    let mut scan = Scan::new(text.get(len..)?);
    scan.blanks();
    let thread = scan.word()?;
    scan.blanks();
    if !scan.eat(b"PACKET ") {
        return None;
    }
    draft.is(&MICROSOFT);
    draft.at(&civil);
    draft.text(key!("thread"), thread);
    let mut next = || {
        scan.blanks();
        scan.word()
    };
    draft.text(key!("packet"), next()?);
    draft.text(key!("protocol"), next()?);
    draft.text(key!("direction"), next()?);
    draft.text(key!("remote_ip"), next()?);
    draft.text(key!("xid"), next()?);
    let (head, tail) = split_at_byte(scan.rest, b'[')?;
    draft.fixed(key!("event"), if head.contains(&b'R') { "response" } else { "query" });
    draft.some(
        key!("opcode"),
        head.trim_ascii().strip_prefix(b"R ").unwrap_or(head.trim_ascii()),
    );
    let (flags, tail) = split_at_byte(tail, b']')?;
    let words: Vec<&[u8]> = flags
        .split(|byte| *byte == b' ')
        .filter(|word| !word.is_empty())
        .collect();
    if let Some(code) = words.last() {
        draft.text(key!("rcode"), code);
    }
    let mut tail = Scan::new(tail.trim_ascii());
    draft.text(key!("qtype"), tail.word()?);
    let name = tail.rest.trim_ascii();
    let query = labels(name);
    let value = draft.copied(&query);
    let id = draft.names.key(key!("query"));
    draft.push(super::record::RawName::Known(id), value);
    draft.message = Some(value);
    Some(())
}

/// `(3)www(7)example(3)com(0)` as `www.example.com`.
fn labels(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, tail)) = split_at(rest, b"(") {
        out.extend_from_slice(before);
        let Some((_, tail)) = split_at_byte(tail, b')') else {
            break;
        };
        if !out.is_empty() && !tail.is_empty() {
            out.push(b'.');
        }
        rest = tail;
    }
    out.extend_from_slice(rest);
    out
}
