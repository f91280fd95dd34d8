//! Syslog (RFC 3164, RFC 5424) over UDP: who says what, and how bad it is.
//!
//! A message is one exchange. Absent: syslog over TCP and TLS, structured data.

#[cfg(test)]
mod tests;

use super::field::filled;
use super::{Carrier, Context, Dissector, Guess, Heard, Opening, Protocol, Side};
use watchfire_model::Untrusted;
use watchfire_model::network::{Exchange, Syslog};

pub(super) static OVER_UDP: Protocol = Protocol {
    name: "syslog",
    carrier: Carrier::Datagram,
    recognise,
    dissector: || Box::new(Talk),
};

const PORT: u16 = 514;
/// Bytes of a message that are kept.
const LONGEST: usize = 1_024;

/// Names of RFC 5424 6.2.1, as Zeek writes them.
const FACILITIES: [&str; 24] = [
    "KERN", "USER", "MAIL", "DAEMON", "AUTH", "SYSLOG", "LPR", "NEWS", "UUCP", "CRON", "AUTHPRIV", "FTP", "NTP",
    "AUDIT", "ALERT", "CLOCK", "LOCAL0", "LOCAL1", "LOCAL2", "LOCAL3", "LOCAL4", "LOCAL5", "LOCAL6", "LOCAL7",
];
const SEVERITIES: [&str; 8] = ["EMERG", "ALERT", "CRIT", "ERR", "WARNING", "NOTICE", "INFO", "DEBUG"];
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// A priority in brackets, and behind it text; on its port, text alone is enough.
fn recognise(opening: &Opening<'_>) -> Guess {
    let bytes = opening.originator;
    let is_text = |bytes: &[u8]| {
        let head = bytes.get(..64).unwrap_or(bytes);
        let is_printable = |byte: &u8| matches!(byte, 0x20..=0x7e | b'\t' | b'\r' | b'\n' | 0x80..);
        let printable = head.iter().take_while(|byte| is_printable(byte)).count();
        printable >= head.len().min(8) && !head.is_empty()
    };
    Guess::only_if(match priority(bytes) {
        Some((_, rest)) if opening.port == PORT => is_text(rest),
        // Elsewhere, it has to go on like one: with a version or a month.
        Some((_, rest)) => rest.starts_with(b"1 ") || MONTHS.iter().any(|month| rest.starts_with(month.as_bytes())),
        None => opening.port == PORT && is_text(bytes),
    })
}

/// The priority, and what follows.
fn priority(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let rest = bytes.strip_prefix(b"<")?;
    let end = rest.iter().take(4).position(|byte| *byte == b'>')?;
    let (digits, rest) = rest.split_at_checked(end)?;
    let number = std::str::from_utf8(digits).ok()?.parse::<u8>().ok()?;
    let is_number = digits.iter().all(u8::is_ascii_digit);
    Some((number, rest.get(1..)?)).filter(|_| number < 192 && is_number)
}

/// A flow.
#[derive(Debug)]
struct Talk;

impl Dissector for Talk {
    fn hear(&mut self, side: Side, bytes: &[u8], context: &mut Context<'_>) -> Heard {
        if side == Side::Originator {
            context.say(context.here, Exchange::Syslog(Box::new(read(bytes))));
        }
        Heard::More
    }
}

fn read(bytes: &[u8]) -> Syslog {
    let (number, rest) = match priority(bytes) {
        Some((number, rest)) => (Some(usize::from(number)), rest),
        None => (None, bytes),
    };
    let (host, program) = sender(rest);
    Syslog {
        facility: number.and_then(|number| FACILITIES.get(number / 8).copied()),
        severity: number.and_then(|number| SEVERITIES.get(number % 8).copied()),
        host,
        program,
        message: Untrusted::from_bytes(rest.get(..LONGEST).unwrap_or(rest)),
    }
}

/// Host and program: of the newer form behind version and time, of the older one behind a date.
fn sender(message: &[u8]) -> (Option<Untrusted>, Option<Untrusted>) {
    let word = |word: &[u8]| filled(word).filter(|_| word != b"-");
    if let Some(rest) = message.strip_prefix(b"1 ") {
        let mut words = rest.split(|byte| *byte == b' ').skip(1);
        return (words.next().and_then(word), words.next().and_then(word));
    }
    // `Apr  5 12:56:51 `
    let Some((date, rest)) = message.split_at_checked(16) else {
        return (None, None);
    };
    if !MONTHS.iter().any(|month| date.starts_with(month.as_bytes())) || !date.ends_with(b" ") {
        return (None, None);
    }
    let mut words = rest.split(|byte| *byte == b' ').take(2);
    let first = words.next().unwrap_or_default();
    let tag = |word: &[u8]| {
        let end = word.iter().position(|byte| matches!(byte, b':' | b'['))?;
        filled(word.get(..end)?)
    };
    // Without a host, the program comes first.
    match tag(first) {
        Some(program) => (None, Some(program)),
        None => (word(first), words.next().and_then(tag)),
    }
}
