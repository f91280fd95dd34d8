//! Entries that would do harm: a feed that lists `0.0.0.0/0` makes everything malicious, one that lists `127.0.0.1`
//! makes every host so. They are refused whoever asserts them and whatever they assert.
//!
//! Documentation ranges and names pass: nobody can have them, and exercises live there.

use super::{Reason, value};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use watchfire_knowledge::{reserved, suffix};
use watchfire_model::{Indicator, Observable, ObservableType};

/// Shortest prefix of a network of IPv4.
const SHORTEST_V4: u8 = 8;
/// Shortest prefix of a network of IPv6.
const SHORTEST_V6: u8 = 16;

/// Ranges inside which everybody's own hosts are, or nobody's.
const OWN_V4: &[(Ipv4Addr, u8)] = &[
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(224, 0, 0, 0), 3),
];

/// Ranges inside which everybody's own hosts are, or nobody's.
const OWN_V6: &[(Ipv6Addr, u8)] = &[
    (Ipv6Addr::UNSPECIFIED, 127),
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7),
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 9),
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8),
];

/// Digests of no bytes at all.
const NOTHING: &[&str] = &[
    "d41d8cd98f00b204e9800998ecf8427e",
    "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "d14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
];

/// Whether an indicator is safe to have.
pub(super) fn screen(indicator: &Indicator) -> Result<(), (Reason, &'static str)> {
    use ObservableType as T;
    let raw = indicator.observable.raw();
    match indicator.observable.kind() {
        T::Ipv4 | T::Ipv6 => raw.parse().map_or(Ok(()), address),
        T::Ipv4Cidr | T::Ipv6Cidr => network(&indicator.observable),
        T::Domain => domain(raw),
        T::Url => url(raw),
        T::Md5 | T::Sha1 | T::Sha224 | T::Sha256 if NOTHING.contains(&raw) => {
            Err((Reason::Everywhere, "the digest of the empty file"))
        }
        _ => Ok(()),
    }
}

fn address(address: IpAddr) -> Result<(), (Reason, &'static str)> {
    use reserved::Range as R;
    let range = match address {
        IpAddr::V4(address) => reserved::ipv4(address),
        IpAddr::V6(address) => reserved::ipv6(address),
    };
    match range {
        None | Some(R::Documentation | R::SixToFour | R::Teredo | R::Nat64 | R::Ipv4Mapped) => Ok(()),
        Some(_) => Err((Reason::Reserved, "a reserved address")),
    }
}

fn network(observable: &Observable) -> Result<(), (Reason, &'static str)> {
    let Some((first, length)) = value::network(observable) else {
        return Ok(());
    };
    let shortest = if first.is_ipv4() { SHORTEST_V4 } else { SHORTEST_V6 };
    if length < shortest {
        return Err((Reason::TooBroad, "a network so large would meet the innocent"));
    }
    let meets_own = match first {
        IpAddr::V4(first) => OWN_V4.iter().any(|(own, own_length)| {
            let shared = u32::from(length.min(*own_length));
            (first.to_bits() ^ own.to_bits()).leading_zeros() >= shared
        }),
        IpAddr::V6(first) => OWN_V6.iter().any(|(own, own_length)| {
            let shared = u32::from(length.min(*own_length));
            (first.to_bits() ^ own.to_bits()).leading_zeros() >= shared
        }),
    };
    if meets_own {
        return Err((Reason::Reserved, "it holds reserved addresses"));
    }
    Ok(())
}

fn domain(name: &str) -> Result<(), (Reason, &'static str)> {
    if !name.contains('.') || suffix::public_suffix(name) == Some(name) {
        return Err((Reason::PublicSuffix, "a name under which anybody can have theirs"));
    }
    host(name)
}

fn host(name: &str) -> Result<(), (Reason, &'static str)> {
    use reserved::Name as N;
    match reserved::name(name) {
        Some(N::Loopback | N::LinkLocal | N::Private | N::Invalid | N::Infrastructure) => {
            Err((Reason::Reserved, "a reserved name"))
        }
        _ => Ok(()),
    }
}

fn url(url: &str) -> Result<(), (Reason, &'static str)> {
    let Some(name) = value::url_host(url) else {
        return Ok(());
    };
    match name.parse::<IpAddr>() {
        Ok(literal) => address(literal),
        Err(_) => host(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<Reason>) {
        let indicator = Indicator::new(Indicator::guess(text).unwrap());
        assert_eq!(screen(&indicator).err().map(|(reason, _)| reason), expected, "{text}");
    }

    #[test]
    fn what_would_meet_the_innocent_is_refused() {
        for text in ["0.0.0.0/0", "64.0.0.0/7", "2000::/3", "2a00::/12"] {
            check(text, Some(Reason::TooBroad));
        }
        for text in ["com.br", "co.uk", "github.io", "xn--p1ai.example.kawasaki.jp"] {
            let expected = (text != "xn--p1ai.example.kawasaki.jp").then_some(Reason::PublicSuffix);
            check(text, expected);
        }
        check("d41d8cd98f00b204e9800998ecf8427e", Some(Reason::Everywhere));
    }

    #[test]
    fn what_nobody_outside_can_have_is_refused() {
        for text in [
            "127.0.0.1",
            "10.1.2.3",
            "0.0.0.0",
            "255.255.255.255",
            "224.0.0.1",
            "169.254.169.254",
            "::1",
            "fe80::1",
            "fd00::1",
            "10.0.0.0/8",
            "192.168.1.0/24",
            "172.16.0.0/12",
            "240.0.0.0/8",
            "fe80::/16",
            "printer.local",
            "http://192.168.0.1/login",
            "http://localhost:8080/a",
            "https://user@router.lan/x",
            "http://[::1]/",
        ] {
            check(text, Some(Reason::Reserved));
        }
    }

    #[test]
    fn everything_else_passes_and_so_does_what_exercises_use() {
        for text in [
            "203.0.113.7",
            "203.0.113.0/24",
            "8.0.0.0/8",
            "2001:db8::/32",
            "2a02::/16",
            "evil.example",
            "user.github.io",
            "http://evil.example/192.168.0.1",
            "https://example.com:8443/a?b=c",
            "0cc175b9c0f1b6a831c399e269772661",
            "CVE-2026-1234",
        ] {
            check(text, None);
        }
    }
}
