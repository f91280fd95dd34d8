//! Packets that Linux's firewall logged: iptables, nftables, UFW, firewalld.
//!
//! `[UFW BLOCK] IN=eth0 OUT= MAC=… SRC=192.0.2.1 DST=198.51.100.2 LEN=40 … PROTO=TCP SPT=1 DPT=2 WINDOW=1024 SYN URGP=0`. Names
//! are those of the kernel; what stands before `IN=` is `prefix`, flags without a value are values of `flags`.

use super::draft::Draft;
use super::name::key;
use super::registry::{Format, Outcome};
use super::scan::{Scan, split_at_byte};
use memchr::memmem;

pub(crate) static FORMAT: Format = Format {
    name: "netfilter",
    describes: "Linux firewall: iptables, nftables, UFW",
    recognised: "`IN=`, `OUT=` and `SRC=` in a message of the kernel",
    time: "that of the carrier",
};

/// Reads a message.
#[inline]
pub(crate) fn message(text: &[u8], draft: &mut Draft) -> Outcome {
    let head = text.get(..160).unwrap_or(text);
    let Some(start) = memmem::find(head, b"IN=") else {
        return Outcome::No;
    };
    let Some(tail) = text.get(start..).filter(|tail| memmem::find(tail, b"OUT=").is_some()) else {
        return Outcome::No;
    };
    if memmem::find(tail, b" SRC=").is_none() && memmem::find(tail, b" MAC=").is_none() {
        return Outcome::No;
    }
    draft.is(&FORMAT);
    let mut before = Scan::new(text.get(..start).unwrap_or_default());
    // `[12345.678901]`, the time since the machine began.
    if before.peek() == b'[' {
        let mut uptime = before;
        if let Some(inside) = uptime
            .between(b'[', b']')
            .filter(|inside| inside.trim_ascii_start().first().is_some_and(u8::is_ascii_digit))
        {
            draft.text(key!("uptime"), inside.trim_ascii());
            before = uptime;
        }
    }
    let prefix = before.rest.trim_ascii();
    draft.some(key!("prefix"), prefix);
    action(prefix, draft);
    for word in tail.split(|byte| *byte == b' ').filter(|word| !word.is_empty()) {
        match split_at_byte(word, b'=') {
            Some((_, b"")) => {}
            Some((name @ (b"SPT" | b"DPT" | b"LEN" | b"TTL" | b"ID" | b"WINDOW"), value)) => {
                let id = draft.name(name);
                let value = match super::scan::integer(value) {
                    Some(number) => super::record::RawValue::Integer(number),
                    None => draft.place(value),
                };
                draft.push(id, value);
            }
            Some((name, value)) => draft.named(name, value),
            None => draft.text(key!("flags"), word),
        }
    }
    Outcome::Record
}

/// What the prefix says became of the packet.
fn action(prefix: &[u8], draft: &mut Draft) {
    let says = |word: &[u8]| memmem::find(&prefix.to_ascii_uppercase(), word).is_some();
    let action = if says(b"BLOCK") || says(b"DROP") || says(b"DENY") || says(b"REJECT") {
        "block"
    } else if says(b"ALLOW") || says(b"ACCEPT") {
        "allow"
    } else if says(b"AUDIT") {
        "audit"
    } else {
        return;
    };
    draft.fixed(key!("action"), action);
}
