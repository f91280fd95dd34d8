//! Proxies: Squid's native log and HAProxy's.
//!
//! Squid: `seconds.millis duration address result/status bytes method url user hierarchy/peer type` ("Features/LogFormat").
//! HAProxy: the HTTP and TCP formats of its configuration manual, section 8.2.

use super::draft::Draft;
use super::name::key;
use super::registry::{Format, Outcome};
use super::scan::{Scan, digits, split_at_byte};
use super::time;
use super::web::{address_and_port, split_request};

pub(crate) static SQUID: Format = Format {
    name: "squid",
    describes: "Squid access log, native format",
    recognised: "seconds, a duration, an address and `TCP_MISS/200` or the like",
    time: "seconds since 1970, UTC",
};

pub(crate) static HAPROXY: Format = Format {
    name: "haproxy",
    describes: "HAProxy, HTTP and TCP format",
    recognised: "an address with port, a time in brackets, frontend and backend",
    time: "local time of the machine where it states no zone: then it is assumed",
};

pub(crate) const HAPROXY_PROGRAMS: &[&str] = &["haproxy"];
pub(crate) const SQUID_PROGRAMS: &[&str] = &["squid", "squid-1", "(squid-1)"];

/// Reads a line of Squid's.
pub(crate) fn squid(text: &[u8], draft: &mut Draft) -> Outcome {
    if digits(text) != 10 || text.get(10) != Some(&b'.') {
        return Outcome::No;
    }
    match read_squid(text, draft) {
        Some(()) => Outcome::Record,
        None => Outcome::No,
    }
}

/// The same behind syslog.
pub(crate) fn squid_message(text: &[u8], draft: &mut Draft) -> bool {
    squid(text, draft) == Outcome::Record
}

fn read_squid(text: &[u8], draft: &mut Draft) -> Option<()> {
    let mut scan = Scan::new(text);
    let mut word = || {
        scan.blanks();
        scan.word()
    };
    let time = time::epoch(word()?)?;
    let (elapsed, client) = (word()?, word()?);
    let (result, status) = split_at_byte(word()?, b'/')?;
    if !result.iter().all(|byte| byte.is_ascii_uppercase() || *byte == b'_') || super::scan::integer(elapsed).is_none()
    {
        return None;
    }
    let (bytes, method, url, user) = (word()?, word()?, word()?, word()?);
    let (hierarchy, peer) = split_at_byte(word()?, b'/')?;
    draft.is(&SQUID);
    draft.time = Some(time);
    draft.number(key!("elapsed"), elapsed);
    draft.text(key!("client"), client);
    draft.text(key!("result"), result);
    draft.number(key!("status"), status);
    draft.number(key!("bytes"), bytes);
    draft.text(key!("method"), method);
    draft.text(key!("url"), url);
    draft.some(key!("user"), user);
    draft.text(key!("hierarchy"), hierarchy);
    draft.some(key!("peer"), peer);
    if let Some(kind) = word() {
        draft.some(key!("content_type"), kind);
    }
    draft.say(url);
    Some(())
}

/// Reads what HAProxy said.
pub(crate) fn haproxy(text: &[u8], draft: &mut Draft) -> bool {
    draft.is(&HAPROXY);
    let mark = draft.mark();
    if read_haproxy(text, draft).is_none() {
        // Other messages of the program: servers that go up and down.
        draft.back(mark);
    }
    true
}

/// `192.0.2.1:4444 [31/Jan/2027:12:00:00.123] front back/server 0/0/1/2/3 200 1234 - - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.1"`
fn read_haproxy(text: &[u8], draft: &mut Draft) -> Option<()> {
    let mut scan = Scan::new(text);
    let (address, port) = address_and_port(scan.word()?);
    let stamp = scan.between(b'[', b']')?;
    let (civil, _) = time::common(stamp)?;
    let carried = draft.time;
    draft.at(&civil);
    draft.time = draft.time.or(carried);
    draft.text(key!("client"), address);
    draft.number(key!("client_port"), port);
    scan.blanks();
    draft.text(key!("frontend"), scan.word()?);
    let (backend, server) = split_at_byte(scan.word()?, b'/')?;
    draft.text(key!("backend"), backend);
    draft.text(key!("server"), server);
    let timers = scan.word()?;
    draft.text(key!("timers"), timers);
    if timers.iter().filter(|byte| **byte == b'/').count() == 4 {
        draft.number(key!("status"), scan.word()?);
        draft.number(key!("bytes"), scan.word()?);
        draft.some(key!("request_cookie"), scan.word()?);
        draft.some(key!("response_cookie"), scan.word()?);
    } else {
        draft.number(key!("bytes"), scan.word()?);
    }
    draft.text(key!("termination_state"), scan.word()?);
    draft.some(key!("connections"), scan.word()?);
    draft.some(key!("queues"), scan.word().unwrap_or_default());
    while scan.peek() == b'{' {
        draft.some(key!("captured"), scan.between(b'{', b'}')?);
        scan.blanks();
    }
    if let Some(request) = scan.quoted() {
        split_request(request, draft);
    }
    Some(())
}
