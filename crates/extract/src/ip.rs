//! IPv4 and IPv6 addresses, networks and sockets, and MAC addresses, which look like the latter.

use crate::chain::Chain;
use crate::decode;
use crate::found::{Found, Sink};
use crate::keyword;
use crate::reader::{Reader, is_edge};
use crate::separator::{self, Form};
use crate::text::{ALNUM, DASH, DIGIT, HEX, LETTER, Text, URL, is};
use crate::url::{Path, Url};
use std::net::Ipv6Addr;
use watchfire_model::{Confidence, ObservableType, Via};

/// An address of four numbers at the start of `chain`; returns where reading goes on.
#[inline]
pub(crate) fn four<S: Sink>(reader: &mut Reader<'_, '_, S>, chain: &Chain) -> Option<usize> {
    let text = reader.text;
    let (_, end) = chain.ipv4(text)?;
    let next = text.at(end);
    let before = text.before(chain.start);
    // More labels: a version, an object identifier, or netstat's "10.1.1.117.4222".
    if next == b'.' && is(text.at(end + 1), DIGIT) {
        return Some(netstat(reader, chain, end).unwrap_or(chain.end));
    }
    if is(next, ALNUM) || next == b'_' || (chain.end > end && next != b'-' && next < 0x80) {
        return if chain.numeric { Some(chain.end) } else { None };
    }
    let inside = before == b'.' && text.before(chain.start - 1) != b'.';
    let glued = is(before, ALNUM) && !decode::follows_escaped_separator(text, chain.start);
    if inside || glued || before == b'_' {
        return Some(end);
    }
    let (confidence, reason) = credibility(reader, chain);
    let suffix = suffix(text, end);
    if !matches!(suffix, Some((ObservableType::Ipv4Cidr, _))) && confidence > Confidence::Low {
        let mut host = *chain;
        host.end = end;
        if let Some(end) = with_path(reader, &host) {
            return Some(end);
        }
    }
    if let Some((kind, whole)) = suffix {
        let via = if kind == ObservableType::Socket {
            Via::Socket
        } else {
            Via::Network
        };
        let clean = clean_with_suffix(reader, chain, end, whole);
        let defanged = chain.defanged || text.at(end) == b'[';
        let found = match clean {
            Clean::AsIs => Found::new(kind, text.slice(chain.start, whole), chain.start, whole),
            Clean::Scratch => Found::new(kind, reader.scratch, chain.start, whole),
        };
        let found = found
            .because(Confidence::High, "an address with a port or prefix length")
            .defanged(defanged);
        if reader.types.contains(kind) {
            reader.sink.found(found);
        }
        if reader.policy.parts {
            reader.emit_chain(ObservableType::Ipv4, chain, end, Some(via), confidence, reason);
        }
        return Some(whole);
    }
    reader.emit_chain(ObservableType::Ipv4, chain, end, None, confidence, reason);
    if before == b'[' {
        reader.literal_email(chain.start, end);
    }
    Some(end)
}

/// `203.0.113.7/x.sh`, `203[.]0[.]113[.]7:8080/gate.php`: a URL without a scheme.
fn with_path<S: Sink>(reader: &mut Reader<'_, '_, S>, host: &Chain) -> Option<usize> {
    let text = reader.text;
    let path = Path::read(text, host.end)?;
    // "/default/203.0.113.7/x" is a path itself.
    let inside = text.before(host.start) == b'/' && is(text.before(host.start - 1), ALNUM);
    let readable = reader.policy.refang || (path.is_plain() && !host.defanged);
    if inside || !readable || !path.is_evident(text, host.defanged) {
        return None;
    }
    // Firewalls write an interface in front of the address, and the name of a port behind its slash.
    let service = text.skip(path.segment, path.segment + 16, ALNUM | DASH);
    let named =
        !is(text.at(service), URL) || matches!(text.at(service), b')' | b']' | b',' | b';' | b'(' | b':' | b'.');
    if named && (text.before(host.start) == b':' || is_service(text.slice(path.segment, service))) {
        return None;
    }
    let url = Url::without_scheme(text, *host, &path);
    reader.emit_url(&url, None, None);
    Some(url.end)
}

/// What logs write behind an address and a slash: protocols, services, interfaces.
fn is_service(name: &[u8]) -> bool {
    const SERVICES: [&[u8]; 15] = [
        b"tcp", b"udp", b"icmp", b"sctp", b"http", b"https", b"www", b"dns", b"domain", b"ssh", b"smtp", b"snmp",
        b"ntp", b"ldap", b"unknown",
    ];
    SERVICES.iter().any(|service| name.eq_ignore_ascii_case(service))
        || name
            .strip_prefix(b"eth")
            .is_some_and(|number| number.iter().all(u8::is_ascii_digit))
}

enum Clean {
    AsIs,
    Scratch,
}

fn clean_with_suffix<S: Sink>(reader: &mut Reader<'_, '_, S>, chain: &Chain, end: usize, whole: usize) -> Clean {
    let text = reader.text;
    if chain.is_plain() && matches!(text.at(end), b':' | b'/') {
        return Clean::AsIs;
    }
    reader.scratch.clear();
    let mut host = *chain;
    host.end = end;
    host.write(text, reader.scratch);
    let digits = text.skip_back(whole, end, DIGIT);
    let slash = text.slice(end, digits).contains(&b'/');
    reader.scratch.push(if slash { b'/' } else { b':' });
    reader.scratch.extend_from_slice(text.slice(digits, whole));
    Clean::Scratch
}

/// `:443`, `[:]443`, `/24` behind an address.
fn suffix(text: Text<'_>, end: usize) -> Option<(ObservableType, usize)> {
    let slash = match text.at(end) {
        b'/' => Some(end + 1),
        b'[' if text.at(end + 1) == b'/' && text.at(end + 2) == b']' => Some(end + 3),
        _ => None,
    };
    if let Some(from) = slash {
        let to = text.skip(from, from + 3, DIGIT);
        let bits = text
            .slice(from, to)
            .iter()
            .fold(0u32, |value, digit| value * 10 + u32::from(digit - b'0'));
        let second = separator::dot(text, to).is_some_and(|dot| dot.form != Form::Loose);
        let apart = is_edge(text.at(to)) && text.at(to) != b'/' && !second;
        return (to > from && to - from <= 2 && bits <= 32 && apart).then_some((ObservableType::Ipv4Cidr, to));
    }
    port(text, end).map(|(_, to)| (ObservableType::Socket, to))
}

/// Where the digits of a port behind a host begin and end.
fn port(text: Text<'_>, end: usize) -> Option<(usize, usize)> {
    let colon = separator::port_colon(text, end)?;
    let to = text.skip(colon.end, colon.end + 6, DIGIT);
    let port = text
        .slice(colon.end, to)
        .iter()
        .fold(0u32, |value, digit| value * 10 + u32::from(digit - b'0'));
    let leading_zero = text.at(colon.end) == b'0';
    let apart = is_edge(text.at(to)) && text.at(to) != b':' && !(text.at(to) == b'.' && is(text.at(to + 1), DIGIT));
    let valid = (1..=65_535).contains(&port) && to - colon.end <= 5 && !leading_zero && apart;
    (to > colon.end && valid).then_some((colon.end, to))
}

/// `evil.example:8443`: a host name and a port; returns its end. One digit behind a colon is rather a line or a verse.
pub(crate) fn named_socket<S: Sink>(
    reader: &mut Reader<'_, '_, S>,
    host: &Chain,
    confidence: Confidence,
) -> Option<usize> {
    let text = reader.text;
    if !matches!(text.at(host.end), b':' | b'[' | b'(' | b'{') {
        return None;
    }
    let (digits, end) = port(text, host.end).filter(|(digits, end)| end - digits > 1)?;
    if !reader.types.contains(ObservableType::Socket) || confidence == Confidence::Low {
        return None;
    }
    let defanged = host.defanged || text.at(host.end) != b':';
    if defanged && !reader.policy.refang {
        return None;
    }
    reader.scratch.clear();
    host.write(text, reader.scratch);
    reader.scratch.push(b':');
    reader.scratch.extend_from_slice(text.slice(digits, end));
    let found = Found::new(ObservableType::Socket, reader.scratch, host.start, end)
        .because(confidence, "a host name with a port")
        .defanged(defanged);
    reader.sink.found(found).then_some(end)
}

/// Four numbers can also be a version.
fn credibility<S: Sink>(reader: &mut Reader<'_, '_, S>, chain: &Chain) -> (Confidence, &'static str) {
    let text = reader.text;
    if chain.defanged {
        return (Confidence::High, "defanged");
    }
    if chain.loose {
        return (Confidence::Low, "its dots are written in a way that prose has, too");
    }
    let before = text.before(chain.start);
    if before == b'/' && is(text.before(chain.start - 1), LETTER) {
        return (
            Confidence::Low,
            "follows a name and a slash like the version of a product",
        );
    }
    if matches!(before, b' ' | b'=' | b':' | b'"' | b'(' | b'\t' | b'v' | b'V') {
        let words = reader.before(chain.start);
        if keyword::names_a_version(words.nearest()) {
            return (Confidence::Low, "a word before it says that it is a version");
        }
    }
    (Confidence::Medium, "four numbers in range")
}

/// `10.1.1.117.4222`: an address and a port as netstat on BSD and tcpdump write them.
fn netstat<S: Sink>(reader: &mut Reader<'_, '_, S>, chain: &Chain, end: usize) -> Option<usize> {
    let text = reader.text;
    let to = text.skip(end + 1, end + 7, DIGIT);
    let port = text
        .slice(end + 1, to)
        .iter()
        .fold(0u32, |value, digit| value * 10 + u32::from(digit - b'0'));
    let apart = chain.labels == 5 && chain.end == to && is_edge(text.at(to));
    if !chain.is_plain() || !apart || !(256..=65_535).contains(&port) || text.at(end + 1) == b'0' {
        return None;
    }
    reader.scratch.clear();
    reader.scratch.extend_from_slice(text.slice(chain.start, end));
    reader.scratch.push(b':');
    reader.scratch.extend_from_slice(text.slice(end + 1, to));
    let reason = "an address with a port behind a fifth dot";
    if reader.types.contains(ObservableType::Socket) {
        let found =
            Found::new(ObservableType::Socket, reader.scratch, chain.start, to).because(Confidence::Low, reason);
        reader.sink.found(found);
    }
    if reader.policy.parts {
        reader.emit_chain(
            ObservableType::Ipv4,
            chain,
            end,
            Some(Via::Socket),
            Confidence::Low,
            reason,
        );
    }
    Some(to)
}

/// Longest text of an IPv6 address, and of an Ethernet header in a firewall's log.
const MOST: usize = 46;

/// An IPv6 or MAC address in the run of hexadecimal digits and colons at `start`; returns the end of the run.
pub(crate) fn six<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize) -> Option<usize> {
    let text = reader.text;
    let before = text.before(start);
    let mut end = start;
    let mut colons = 0;
    while end < start + MOST + ":65535".len() && (is(text.at(end), HEX) || matches!(text.at(end), b':' | b'.')) {
        colons += usize::from(text.at(end) == b':');
        end += 1;
    }
    if colons < 2 {
        return None;
    }
    let run = end;
    while end > start && (text.before(end) == b'.' || (text.before(end) == b':' && text.before(end - 1) != b':')) {
        end -= 1;
    }
    let literal = before == b':' && text.is_word(start.saturating_sub(5), b"ipv6:");
    if !is_edge(text.at(end)) || is(before, ALNUM) || (matches!(before, b':' | b'_') && !literal) {
        return Some(run);
    }
    if macs(reader, start, end) {
        return Some(run);
    }
    let bytes = text.slice(start, end);
    let Some(address) = std::str::from_utf8(bytes)
        .ok()
        .and_then(|run| run.parse::<Ipv6Addr>().ok())
    else {
        // Times of day have few colons.
        let more = colons >= 8 || (colons >= 3 && bytes.contains(&b'.'));
        let port = if more { six_with_port(reader, start, end) } else { None };
        return Some(port.unwrap_or(run));
    };
    if address.is_unspecified() {
        return Some(run);
    }
    let (confidence, reason) = if bytes.iter().any(u8::is_ascii_digit) || colons > 3 {
        (Confidence::High, "parses as IPv6")
    } else {
        (Confidence::Low, "parses as IPv6, and as a path in a program")
    };
    let prefix = text.skip(end + 1, end + 4, DIGIT);
    if text.at(end) == b'/' && prefix > end + 1 && is_edge(text.at(prefix)) {
        let cidr = Found::new(ObservableType::Ipv6Cidr, text.slice(start, prefix), start, prefix)
            .because(confidence, "parses as an IPv6 network");
        if reader.emit(cidr) {
            if reader.policy.parts {
                reader.emit(
                    Found::new(ObservableType::Ipv6, bytes, start, end)
                        .because(confidence, reason)
                        .via(Via::Network),
                );
            }
            return Some(prefix);
        }
    }
    let port = text.skip(end + 2, end + 7, DIGIT);
    let socket =
        before == b'[' && text.at(end) == b']' && text.at(end + 1) == b':' && port > end + 2 && is_edge(text.at(port));
    if socket {
        reader.emit(
            Found::new(ObservableType::Socket, text.slice(start - 1, port), start - 1, port)
                .because(confidence, "an IPv6 address with a port"),
        );
    }
    let mut found = Found::new(ObservableType::Ipv6, bytes, start, end).because(confidence, reason);
    found.via = socket.then_some(Via::Socket);
    reader.emit(found);
    if text.at(end) == b']' && !socket {
        reader.literal_email(start, end);
    }
    Some(if socket { port } else { end })
}

/// `::ffff:203.0.113.7:443`, `2001:db8:0:0:0:0:0:7:443`: an address that cannot go on, and a port, as netstat and Java write
/// them.
fn six_with_port<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize, end: usize) -> Option<usize> {
    let text = reader.text;
    let digits = text.skip_back(end, start, DIGIT);
    let colon = digits.checked_sub(1).filter(|at| text.at(*at) == b':')?;
    let number: u32 = std::str::from_utf8(text.slice(digits, end)).ok()?.parse().ok()?;
    let bytes = text.slice(start, colon);
    let address: Ipv6Addr = std::str::from_utf8(bytes).ok()?.parse().ok()?;
    // "1:2:3:4:5:6:7:8:9" is a list.
    let least = if bytes.contains(&b'.') { 1 } else { 10 };
    let valid = (least..=65_535).contains(&number) && text.at(digits) != b'0';
    if !valid || address.is_unspecified() {
        return None;
    }
    let reason = "an IPv6 address with a port behind a further colon";
    reader.scratch.clear();
    for part in [b"[", bytes, b"]:", text.slice(digits, end)] {
        reader.scratch.extend_from_slice(part);
    }
    if reader.types.contains(ObservableType::Socket) {
        let found = Found::new(ObservableType::Socket, reader.scratch, start, end).because(Confidence::High, reason);
        reader.sink.found(found);
    }
    if reader.policy.parts {
        let dotted = bytes
            .rsplit(|byte| *byte == b':')
            .next()
            .filter(|part| part.contains(&b'.'));
        let (kind, from) = match dotted {
            Some(part) => (ObservableType::Ipv4, colon - part.len()),
            None => (ObservableType::Ipv6, start),
        };
        let found = Found::new(kind, text.slice(from, colon), from, colon).because(Confidence::High, reason);
        reader.emit(found.via(Via::Socket));
    }
    Some(end)
}

/// `aa:bb:cc:dd:ee:ff`, or the two addresses at the head of an Ethernet header (`MAC=` in firewall logs).
fn macs<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize, end: usize) -> bool {
    let text = reader.text;
    let pairs = (end - start + 1) / 3;
    let regular = (end - start + 1).is_multiple_of(3)
        && (0..end - start).all(|i| {
            if i % 3 == 2 {
                text.at(start + i) == b':'
            } else {
                is(text.at(start + i), HEX)
            }
        });
    if !regular || !matches!(pairs, 6 | 14) {
        return false;
    }
    let header = pairs == 14;
    for first in [0, 18].into_iter().take(if header { 2 } else { 1 }) {
        let at = start + first;
        let (confidence, reason) = if header {
            (Confidence::Medium, "part of an Ethernet header")
        } else {
            (Confidence::High, "six pairs of digits")
        };
        reader.emit(Found::new(ObservableType::Mac, text.slice(at, at + 17), at, at + 17).because(confidence, reason));
    }
    true
}
