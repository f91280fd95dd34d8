//! Cisco: messages of ASA and Firepower, and `%FACILITY-SEVERITY-MNEMONIC` of IOS.
//!
//! After the system log messages guide of the ASA series. Numbers that matter to analysts are read into fields: connections
//! built and torn down (302013–302016, 302020, 302021), denials (106001, 106006, 106007, 106014, 106015, 106023, 106100,
//! 710003), logins (605004, 605005, 113004, 113005, 113015, 113039, 716038, 722022, 722023, 111008–111010). Of the others
//! number, severity and text are kept.

use super::draft::Draft;
use super::name::{Key, key};
use super::registry::{Format, Outcome};
use super::scan::{Scan, digits, split_at, split_at_byte};

pub(crate) static ASA: Format = Format {
    name: "cisco-asa",
    describes: "Cisco ASA, PIX, FWSM and Firepower",
    recognised: "`%ASA-6-302013:` and its kin",
    time: "that of the carrier",
};

pub(crate) static IOS: Format = Format {
    name: "cisco-ios",
    describes: "Cisco IOS and NX-OS",
    recognised: "`%SYS-5-CONFIG_I:` and its kin",
    time: "that of the carrier",
};

/// Reads a message.
pub(crate) fn message(text: &[u8], draft: &mut Draft) -> Outcome {
    let head = text.get(..96).unwrap_or(text);
    let Some(start) = memchr::memchr(b'%', head) else {
        return Outcome::No;
    };
    match text.get(start.saturating_add(1)..).and_then(|rest| read(rest, draft)) {
        Some(()) => Outcome::Record,
        None => Outcome::No,
    }
}

fn read(text: &[u8], draft: &mut Draft) -> Option<()> {
    let (tag, rest) = split_at_byte(text, b':').filter(|(tag, _)| tag.len() <= 64)?;
    let mut parts = tag.rsplitn(3, |byte| *byte == b'-');
    let (id, severity, facility) = (parts.next()?, parts.next()?, parts.next()?);
    let is_name = |text: &[u8]| {
        !text.is_empty()
            && text
                .iter()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-'))
    };
    if !matches!(severity, [b'0'..=b'7']) || !is_name(facility) || !is_name(id) {
        return None;
    }
    let rest = rest.trim_ascii_start();
    let is_asa = matches!(facility, b"ASA" | b"PIX" | b"FWSM" | b"FTD" | b"NGIPS") && id.len() == 6 && digits(id) == 6;
    draft.is(if is_asa { &ASA } else { &IOS });
    draft.text(key!("facility_name"), facility);
    draft.number(key!("level"), severity);
    draft.text(key!("message_id"), id);
    draft.say(rest);
    if is_asa {
        let mark = draft.mark();
        if fields(id, rest, draft).is_none() {
            draft.back(mark);
        }
    }
    Some(())
}

fn fields(id: &[u8], text: &[u8], draft: &mut Draft) -> Option<()> {
    let mut scan = Scan::new(text);
    match id {
        b"302013" | b"302015" | b"302020" => built(&mut scan, draft),
        b"302014" | b"302016" | b"302021" => teardown(&mut scan, draft),
        b"106023" => denied(&mut scan, draft),
        b"106001" | b"106006" | b"106007" | b"106014" | b"106015" | b"710003" => from_to(&mut scan, draft),
        b"106100" => listed(&mut scan, draft),
        _ => named(text, draft),
    }
}

/// `outside:192.0.2.1/443 (192.0.2.1/443)`, with the user in brackets on some.
fn side(text: &[u8], names: [&Key; 3], draft: &mut Draft) -> Option<()> {
    let word = split_at_byte(text, b' ').map_or(text, |(word, _)| word);
    let word = split_at_byte(word, b'(').map_or(word, |(word, _)| word);
    let (interface, rest) = match split_at_byte(word, b':') {
        Some((interface, rest)) if !interface.contains(&b'.') => (interface, rest),
        _ => (b"".as_slice(), word),
    };
    let [interface_name, address_name, port_name] = names;
    draft.some(interface_name, interface);
    let (address, port) = split_at_byte(rest, b'/').unwrap_or((rest, b""));
    if address.is_empty() {
        return None;
    }
    draft.text(address_name, address);
    if !port.is_empty() {
        draft.number(port_name, port);
    }
    Some(())
}

const fn source() -> [&'static Key; 3] {
    [key!("src_interface"), key!("src_ip"), key!("src_port")]
}

const fn destination() -> [&'static Key; 3] {
    [key!("dst_interface"), key!("dst_ip"), key!("dst_port")]
}

/// `Built outbound TCP connection 1 for outside:192.0.2.1/443 (…) to inside:10.0.0.1/5000 (…)`. For inbound ones the first is
/// who began; for outbound ones it is the second.
fn built(scan: &mut Scan<'_>, draft: &mut Draft) -> Option<()> {
    if !scan.eat(b"Built ") {
        return None;
    }
    draft.fixed(key!("action"), "built");
    let direction = scan.word()?;
    draft.text(key!("direction"), direction);
    protocol(scan, draft)?;
    if scan.eat(b"faddr ") {
        draft.text(key!("dst_ip"), scan.word()?.split(|byte| *byte == b'/').next()?);
        return Some(());
    }
    let (first, second) = split_at(scan.rest, b" to ")?;
    if direction == b"outbound" {
        side(second, source(), draft)?;
        side(first, destination(), draft)
    } else {
        side(first, source(), draft)?;
        side(second, destination(), draft)
    }
}

/// `TCP connection 12345 for `
fn protocol(scan: &mut Scan<'_>, draft: &mut Draft) -> Option<()> {
    draft.text(key!("protocol"), scan.word()?);
    scan.eat(b"connection ");
    if let Some(number) = scan.digits() {
        draft.number(key!("connection"), number);
        scan.eat(b" ");
    }
    scan.eat(b"for ");
    Some(())
}

/// `Teardown TCP connection 1 for outside:192.0.2.1/443 to inside:10.0.0.1/5000 duration 0:00:30 bytes 1234 TCP FINs`
fn teardown(scan: &mut Scan<'_>, draft: &mut Draft) -> Option<()> {
    if !scan.eat(b"Teardown ") {
        return None;
    }
    draft.fixed(key!("action"), "teardown");
    protocol(scan, draft)?;
    let (first, second) = split_at(scan.rest, b" to ")?;
    side(first, source(), draft)?;
    side(second, destination(), draft)?;
    if let Some((_, rest)) = split_at(second, b" duration ") {
        let mut rest = Scan::new(rest);
        draft.some(key!("duration"), rest.part(b' '));
        if rest.eat(b"bytes ") {
            draft.number(key!("bytes"), rest.part(b' '));
        }
        draft.some(key!("reason"), rest.rest);
    }
    Some(())
}

/// `Deny tcp src outside:192.0.2.1/4444 dst inside:10.0.0.1/22 by access-group "outside_in" [0x0, 0x0]`
fn denied(scan: &mut Scan<'_>, draft: &mut Draft) -> Option<()> {
    if !scan.eat(b"Deny ") {
        return None;
    }
    draft.fixed(key!("action"), "deny");
    scan.eat(b"protocol ");
    draft.text(key!("protocol"), scan.word()?);
    let (_, rest) = split_at(scan.rest, b"src ")?;
    side(rest, source(), draft)?;
    let (_, rest) = split_at(rest, b" dst ")?;
    side(rest, destination(), draft)?;
    if let Some((_, rest)) = split_at(rest, b"access-group ") {
        draft.some(key!("access_group"), Scan::new(rest).quoted().unwrap_or(rest));
    }
    Some(())
}

/// `Inbound TCP connection denied from 192.0.2.1/4444 to 10.0.0.1/22 flags SYN on interface outside`
fn from_to(scan: &mut Scan<'_>, draft: &mut Draft) -> Option<()> {
    draft.fixed(key!("action"), "deny");
    let (before, rest) = split_at(scan.rest, b" from ").or_else(|| split_at(scan.rest, b" src "))?;
    let known = [b"TCP".as_slice(), b"UDP", b"ICMP", b"tcp", b"udp", b"icmp"];
    if let Some(protocol) = before.split(|byte| *byte == b' ').find(|word| known.contains(word)) {
        draft.text(key!("protocol"), protocol);
    }
    let (from, to) = split_at(rest, b" to ").or_else(|| split_at(rest, b" dst "))?;
    side(from, source(), draft)?;
    side(to, destination(), draft)?;
    if let Some((_, interface)) = split_at(to, b" on interface ") {
        draft.some(key!("interface"), interface.trim_ascii());
    }
    Some(())
}

/// `access-list acl denied tcp outside/192.0.2.1(4444) -> inside/10.0.0.1(22) hit-cnt 1 first hit`
fn listed(scan: &mut Scan<'_>, draft: &mut Draft) -> Option<()> {
    if !scan.eat(b"access-list ") {
        return None;
    }
    draft.text(key!("access_group"), scan.word()?);
    draft.text(key!("action"), scan.word()?);
    draft.text(key!("protocol"), scan.word()?);
    for [interface, address, port] in [source(), destination()] {
        draft.text(interface, scan.until(b'/')?);
        draft.text(address, scan.until(b'(')?);
        draft.number(port, scan.until(b')')?);
        let (_, rest) = split_at(scan.rest, b"-> ").unwrap_or((b"", scan.rest));
        scan.rest = rest;
    }
    Some(())
}

/// What messages about logins and commands name: `User 'bob'`, `user = bob`, `Group <g> User <bob> IP <192.0.2.1>`, `from 192.0.2.1/4444`.
fn named(text: &[u8], draft: &mut Draft) -> Option<()> {
    let mut any = false;
    let mut give = |draft: &mut Draft, key: &Key, value: &[u8]| {
        let value = value.trim_ascii();
        if !value.is_empty() {
            any = true;
            draft.text(key, value);
        }
    };
    let between = |open: &[u8], close: u8| {
        split_at(text, open)
            .and_then(|(_, rest)| split_at_byte(rest, close))
            .map(|(inside, _)| inside)
    };
    let user = between(b"User <", b'>')
        .or_else(|| between(b"User '", b'\''))
        .or_else(|| between(b"user \"", b'"'))
        .or_else(|| between(b"Username = ", b','))
        .or_else(|| {
            let (_, rest) = split_at(text, b"user = ")?;
            Some(rest.split(|byte| matches!(byte, b' ' | b':')).next().unwrap_or(rest))
        });
    if let Some(user) = user {
        give(draft, key!("user"), user);
    }
    if let Some(group) = between(b"Group <", b'>') {
        give(draft, key!("group"), group);
    }
    if let Some(address) = between(b"IP <", b'>') {
        give(draft, key!("src_ip"), address);
    }
    if let Some((_, rest)) = split_at(text, b" from ") {
        let word = rest.split(|byte| *byte == b' ').next().unwrap_or(rest);
        let (address, port) = split_at_byte(word, b'/').unwrap_or((word, b""));
        if super::web::is_address(address) {
            give(draft, key!("src_ip"), address);
            if digits(port) > 0 {
                draft.number(key!("src_port"), port);
            }
        }
    }
    if let Some(command) = between(b"executed the '", b'\'') {
        give(draft, key!("command"), command);
    }
    any.then_some(())
}
