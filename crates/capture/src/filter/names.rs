//! Names that stand for numbers: protocols of IP (IANA "Protocol Numbers"), ports (IANA "Service Name and Transport Protocol
//! Port Number Registry"), flags of TCP and messages of ICMP (pcap-filter(7)). The same on every system: `/etc/services` is
//! not asked.

use super::words::number;

/// What IP carries, by IANA's number or name; a backslash says that a word of the language is meant as a name.
pub(super) fn protocol(word: &str) -> Option<u8> {
    Some(match word.strip_prefix('\\').unwrap_or(word) {
        "icmp" => 1,
        "igmp" => 2,
        "tcp" => 6,
        "udp" => 17,
        "gre" => 47,
        "esp" => 50,
        "ah" => 51,
        "icmp6" | "ipv6-icmp" => 58,
        "ospf" => 89,
        "pim" => 103,
        "vrrp" => 112,
        "sctp" => 132,
        word => number(word)?.try_into().ok()?,
    })
}

pub(super) fn ether_type(word: &str) -> Option<u16> {
    Some(match word.strip_prefix('\\').unwrap_or(word) {
        "ip" => 0x0800,
        "arp" => 0x0806,
        "ip6" => 0x86dd,
        word => number(word)?.try_into().ok()?,
    })
}

/// A port by its number, or by IANA's name.
pub(super) fn port(word: &str) -> Option<u16> {
    Some(match word {
        "ftp-data" => 20,
        "ftp" => 21,
        "ssh" => 22,
        "telnet" => 23,
        "smtp" => 25,
        "time" => 37,
        "whois" => 43,
        "tacacs" => 49,
        "domain" => 53,
        "bootps" => 67,
        "bootpc" => 68,
        "tftp" => 69,
        "gopher" => 70,
        "finger" => 79,
        "http" => 80,
        "kerberos" => 88,
        "pop3" => 110,
        "sunrpc" => 111,
        "auth" => 113,
        "nntp" => 119,
        "ntp" => 123,
        "epmap" => 135,
        "netbios-ns" => 137,
        "netbios-dgm" => 138,
        "netbios-ssn" => 139,
        "imap" | "imap2" => 143,
        "snmp" => 161,
        "snmp-trap" => 162,
        "bgp" => 179,
        "irc" => 194,
        "ldap" => 389,
        "https" => 443,
        "microsoft-ds" => 445,
        "submissions" => 465,
        "isakmp" => 500,
        "mbap" => 502,
        "syslog" => 514,
        "printer" => 515,
        "rtsp" => 554,
        "submission" => 587,
        "ipp" => 631,
        "ldaps" => 636,
        "domain-s" => 853,
        "rsync" => 873,
        "imaps" => 993,
        "pop3s" => 995,
        "socks" => 1_080,
        "openvpn" => 1_194,
        "ms-sql-s" => 1_433,
        "ms-sql-m" => 1_434,
        "radius" => 1_812,
        "radius-acct" => 1_813,
        "mqtt" => 1_883,
        "nfs" => 2_049,
        "mysql" => 3_306,
        "ms-wbt-server" => 3_389,
        "sip" => 5_060,
        "sip-tls" => 5_061,
        "xmpp-client" => 5_222,
        "xmpp-server" => 5_269,
        "mdns" => 5_353,
        "postgresql" => 5_432,
        "amqp" => 5_672,
        "x11" => 6_000,
        "redis" => 6_379,
        "ircd" => 6_667,
        "http-alt" => 8_080,
        "git" => 9_418,
        "dnp" => 20_000,
        "bacnet" => 47_808,
        word => number(word)?.try_into().ok()?,
    })
}

/// Names of flags of TCP and of messages of ICMP, from pcap-filter(7).
pub(super) fn named(word: &str) -> Option<u8> {
    Some(match word {
        "tcp-fin" => 0x01,
        "tcp-syn" => 0x02,
        "tcp-rst" => 0x04,
        "tcp-push" => 0x08,
        "tcp-ack" => 0x10,
        "tcp-urg" => 0x20,
        "tcp-ece" => 0x40,
        "tcp-cwr" => 0x80,
        "icmp-echoreply" => 0,
        "icmp-unreach" => 3,
        "icmp-redirect" => 5,
        "icmp-echo" => 8,
        "icmp-timxceed" => 11,
        "icmp6-echo" => 128,
        "icmp6-echoreply" => 129,
        "icmp6-neighborsolicit" => 135,
        "icmp6-neighboradvert" => 136,
        _ => return None,
    })
}
