//! Ports that servers listen on: who answers, where a capture did not see who asked.
//!
//! Ports of the protocols that Watchfire reads, and of those beside them, from IANA's registry of service names.

use crate::Ports;
use crate::bytes::byte;

const TCP: &[u16] = &[
    20, 21, 22, 23, 25, 53, 79, 80, 81, 88, 102, 110, 111, 119, 135, 139, 143, 179, 389, 443, 445, 464, 465, 502, 513,
    514, 515, 554, 563, 585, 587, 593, 614, 631, 636, 853, 873, 989, 990, 992, 993, 995, 1080, 1433, 1434, 1521, 1723,
    1883, 2049, 2123, 2152, 2181, 2222, 2375, 2404, 2811, 3128, 3268, 3269, 3306, 3389, 4444, 4840, 5060, 5061, 5222,
    5223, 5269, 5432, 5671, 5672, 5900, 5985, 5986, 6379, 6443, 6666, 6667, 6668, 6669, 6697, 8000, 8080, 8443, 8883,
    8888, 9001, 9092, 9100, 9200, 11211, 20000, 27017, 44818, 47808,
];

const UDP: &[u16] = &[
    53, 67, 69, 88, 111, 123, 137, 138, 161, 162, 389, 443, 464, 500, 514, 520, 623, 853, 1194, 1434, 1645, 1646, 1701,
    1812, 1813, 1900, 2123, 2152, 3268, 3389, 3478, 3544, 3702, 4011, 4500, 4789, 5060, 5072, 5351, 5353, 5355, 5683,
    6081, 8472, 10001, 11211, 20000, 44818, 47808, 51820,
];

/// Whether servers listen on this port of TCP.
pub(super) fn is_tcp(port: u16) -> bool {
    TCP.binary_search(&port).is_ok()
}

/// Whether servers listen on this port of UDP.
fn is_udp(port: u16) -> bool {
    UDP.binary_search(&port).is_ok()
}

/// Whether a datagram is an answer: servers listen where it comes from, and not where it goes to. Servers also speak among
/// themselves; then the message has to say it, of DNS (RFC 1035 4.1.1) and NTP (RFC 5905 7.3).
pub(super) fn is_answer(ports: Ports, payload: &[u8]) -> bool {
    match (ports.source, ports.destination) {
        (53, 53) => byte(payload, 2).is_some_and(|flags| flags & 0x80 != 0),
        (123, 123) => byte(payload, 0).is_some_and(|mode| mode & 0x07 == 4),
        (source, destination) => is_udp(source) && !is_udp(destination),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_answers_is_told_by_ports_and_between_servers_by_the_message() {
        let is_answer = |source, destination, payload: &[u8]| is_answer(Ports { source, destination }, payload);
        assert!(is_answer(53, 50_000, b""));
        assert!(!is_answer(50_000, 53, b""));
        assert!(!is_answer(53, 53, &[0, 1, 0x01, 0]));
        assert!(is_answer(53, 53, &[0, 1, 0x81, 0]));
        assert!(!is_answer(53, 53, b""));
        assert!(is_answer(123, 123, &[0x24]));
        assert!(!is_answer(123, 123, &[0x23]));
        assert!(!is_answer(123, 137, &[0x24]));
    }

    #[test]
    fn ports_are_in_order() {
        for ports in [TCP, UDP] {
            assert!(ports.is_sorted_by(|a, b| a < b), "{ports:?}");
        }
    }
}
