//! Packets that pf logged: `filterlog` of pfSense and OPNsense, which writes commas, and tcpdump's reading of pflog.
//!
//! pfSense's columns depend on the version of IP and the protocol ("Raw Filter Log Format", pfSense documentation).

use super::csv::Cells;
use super::draft::Draft;
use super::name::{Key, key};
use super::registry::{Format, Outcome};
use super::scan::{Scan, split_at};

pub(crate) static FORMAT: Format = Format {
    name: "pf",
    describes: "pf, as pfSense, OPNsense and the BSDs log it",
    recognised: "the program `filterlog`, or `rule …: block in on …`",
    time: "that of the carrier",
};

pub(crate) const PROGRAMS: &[&str] = &["filterlog", "pf", "pflogd"];

/// Columns that all packets have.
static FIRST: &[&Key] = &[
    key!("rule"),
    key!("subrule"),
    key!("anchor"),
    key!("tracker"),
    key!("interface"),
    key!("reason"),
    key!("action"),
    key!("direction"),
    key!("ip_version"),
];

/// What follows for IPv4, and for IPv6.
static VERSION_4: &[&Key] = &[
    key!("tos"),
    key!("ecn"),
    key!("ttl"),
    key!("id"),
    key!("offset"),
    key!("ip_flags"),
    key!("protocol_id"),
    key!("protocol"),
    key!("length"),
    key!("src_ip"),
    key!("dst_ip"),
];
static VERSION_6: &[&Key] = &[
    key!("class"),
    key!("flow_label"),
    key!("hop_limit"),
    key!("protocol"),
    key!("protocol_id"),
    key!("length"),
    key!("src_ip"),
    key!("dst_ip"),
];

/// Reads what filterlog said.
pub(crate) fn filterlog(text: &[u8], draft: &mut Draft) -> bool {
    if super::scan::number(text.get(..super::scan::digits(text)).unwrap_or_default()).is_none() {
        return rule(text, draft) == Outcome::Record;
    }
    let mut cells = Cells::new(text, b',');
    let mut version = b"".as_slice();
    for name in FIRST {
        let Some(cell) = cells.text() else { return false };
        draft.some(name, cell);
        version = cell;
    }
    let (next, protocol_at) = match version {
        b"4" => (VERSION_4, 7),
        b"6" => (VERSION_6, 3),
        _ => return false,
    };
    let mut protocol = b"".as_slice();
    for (index, name) in next.iter().enumerate() {
        let Some(cell) = cells.text() else { break };
        draft.some(name, cell);
        if index == protocol_at {
            protocol = cell;
        }
    }
    if protocol.eq_ignore_ascii_case(b"tcp") || protocol.eq_ignore_ascii_case(b"udp") {
        for name in [key!("src_port"), key!("dst_port"), key!("data_length")] {
            if let Some(cell) = cells.text() {
                draft.number(name, cell);
            }
        }
        for name in [
            key!("tcp_flags"),
            key!("sequence"),
            key!("ack"),
            key!("window"),
            key!("urgent"),
            key!("options"),
        ] {
            if let Some(cell) = cells.text() {
                draft.some(name, cell);
            }
        }
    } else if let Some(cell) = cells.text() {
        draft.some(key!("icmp_type"), cell);
    }
    draft.is(&FORMAT);
    true
}

/// `rule 5/0(match): block in on em0: 192.0.2.1.4444 > 198.51.100.2.22: Flags [S], …`
pub(crate) fn rule(text: &[u8], draft: &mut Draft) -> Outcome {
    let Some(start) = text.strip_prefix(b"rule ") else {
        return Outcome::No;
    };
    match read(start, draft) {
        Some(()) => Outcome::Record,
        None => Outcome::No,
    }
}

fn read(text: &[u8], draft: &mut Draft) -> Option<()> {
    let (rule, rest) = split_at(text, b": ")?;
    let mut scan = Scan::new(rest);
    let action = scan
        .word()
        .filter(|action| matches!(*action, b"block" | b"pass" | b"match" | b"rdr" | b"nat"))?;
    let direction = scan.word()?;
    if !scan.eat(b"on ") {
        return None;
    }
    let interface = scan.until(b':')?;
    draft.is(&FORMAT);
    draft.text(key!("rule"), rule);
    draft.text(key!("action"), action);
    draft.text(key!("direction"), direction);
    draft.text(key!("interface"), interface);
    scan.blanks();
    if let Some((from, rest)) = split_at(scan.rest, b" > ") {
        let (to, _) = split_at(rest, b": ").unwrap_or((rest, b""));
        for (side, address, port) in [
            (from, key!("src_ip"), key!("src_port")),
            (to, key!("dst_ip"), key!("dst_port")),
        ] {
            let (host, number) = endpoint(side);
            draft.text(address, host);
            if !number.is_empty() {
                draft.number(port, number);
            }
        }
    }
    Some(())
}

/// tcpdump joins the port to the address by a dot.
fn endpoint(text: &[u8]) -> (&[u8], &[u8]) {
    let dots = text.iter().filter(|byte| **byte == b'.').count();
    let cut = memchr::memrchr(b'.', text).filter(|_| dots == 4 || (text.contains(&b':') && dots == 1));
    match cut.and_then(|at| Some((text.get(..at)?, text.get(at.checked_add(1)?..)?))) {
        Some(parts) => parts,
        None => (text, b""),
    }
}
