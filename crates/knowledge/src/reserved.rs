//! Addresses and names set aside by standards: nobody in particular can be reached there, or nobody outside.
//!
//! The IANA special-purpose registries (RFC 6890 and its updates) for addresses; RFC 2606, 6761 and 6762 and the
//! special-use domain names registry for names. The most specific range wins. A value in a reserved range is a valid
//! observable: it is tagged, never sent out, and never evidence of benignity.

use std::net::{Ipv4Addr, Ipv6Addr};
use watchfire_model::Tag;

/// What a range of addresses is set aside for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Range {
    /// `0.0.0.0`, `::` (RFC 1122, RFC 4291).
    Unspecified,
    /// "This network", `0.0.0.0/8` (RFC 791).
    ThisNetwork,
    /// Private use, `10.0.0.0/8`, `172.16.0.0/12`, `192.168.0.0/16` (RFC 1918).
    Private,
    /// Unique local addresses, `fc00::/7` (RFC 4193).
    UniqueLocal,
    /// Shared address space of carrier-grade NAT, `100.64.0.0/10` (RFC 6598).
    CarrierNat,
    /// `127.0.0.0/8`, `::1` (RFC 1122, RFC 4291).
    Loopback,
    /// `169.254.0.0/16`, `fe80::/10` (RFC 3927, RFC 4291).
    LinkLocal,
    /// The metadata service of clouds, `169.254.169.254`, `fd00:ec2::254`: link-local or unique local by address,
    /// telling by use.
    CloudMetadata,
    /// The deprecated site-local prefix, `fec0::/10` (RFC 3879).
    SiteLocal,
    /// Documentation: `192.0.2.0/24`, `198.51.100.0/24`, `203.0.113.0/24` (RFC 5737), `233.252.0.0/24` (RFC 6676),
    /// `2001:db8::/32` (RFC 3849), `3fff::/20` (RFC 9637).
    Documentation,
    /// Benchmarking, `198.18.0.0/15`, `2001:2::/48` (RFC 2544, RFC 5180).
    Benchmark,
    /// Protocol assignments, `192.0.0.0/24`, `2001::/23` (RFC 6890, RFC 2928).
    Protocol,
    /// 6to4: `192.88.99.0/24`, `2002::/16` (RFC 3056, RFC 7526).
    SixToFour,
    /// Teredo, `2001::/32` (RFC 4380).
    Teredo,
    /// NAT64, `64:ff9b::/96`, `64:ff9b:1::/48` (RFC 6052, RFC 8215).
    Nat64,
    /// An IPv4 address written as IPv6, `::ffff:0:0/96` (RFC 4291).
    Ipv4Mapped,
    /// AS112 sinks for reverse look-ups of private ranges, `192.31.196.0/24`, `192.175.48.0/24`, `2001:4:112::/48`,
    /// `2620:4f:8000::/48` (RFC 7534, RFC 7535).
    As112,
    /// ORCHID identifiers, `2001:10::/28`, `2001:20::/28` (RFC 4843, RFC 7343).
    Orchid,
    /// Discard only, `100::/64` (RFC 6666).
    Discard,
    /// `224.0.0.0/4`, `ff00::/8` (RFC 5771, RFC 4291).
    Multicast,
    /// `255.255.255.255` (RFC 919).
    Broadcast,
    /// Reserved for the future, `240.0.0.0/4` (RFC 1112).
    Reserved,
}

impl Range {
    /// The mark that observables in the range get.
    pub const fn tag(self) -> Tag {
        Tag(match self {
            Self::Unspecified => "unspecified",
            Self::ThisNetwork => "this-network",
            Self::Private => "private",
            Self::UniqueLocal => "unique-local",
            Self::CarrierNat => "carrier-nat",
            Self::Loopback => "loopback",
            Self::LinkLocal => "link-local",
            Self::CloudMetadata => "cloud-metadata",
            Self::SiteLocal => "site-local",
            Self::Documentation => "documentation",
            Self::Benchmark => "benchmark",
            Self::Protocol => "protocol-assignment",
            Self::SixToFour => "6to4",
            Self::Teredo => "teredo",
            Self::Nat64 => "nat64",
            Self::Ipv4Mapped => "ipv4-mapped",
            Self::As112 => "as112",
            Self::Orchid => "orchid",
            Self::Discard => "discard",
            Self::Multicast => "multicast",
            Self::Broadcast => "broadcast",
            Self::Reserved => "reserved",
        })
    }

    /// Whether only people inside can reach the address: what an organisation would call its own and never send out.
    pub const fn is_internal(self) -> bool {
        matches!(
            self,
            Self::Unspecified
                | Self::ThisNetwork
                | Self::Private
                | Self::UniqueLocal
                | Self::CarrierNat
                | Self::Loopback
                | Self::LinkLocal
                | Self::CloudMetadata
                | Self::SiteLocal
                | Self::Broadcast
        )
    }
}

/// First address, prefix length, meaning; a range inside another stands before it.
const V4: &[([u8; 4], u32, Range)] = &[
    ([0, 0, 0, 0], 32, Range::Unspecified),
    ([0, 0, 0, 0], 8, Range::ThisNetwork),
    ([10, 0, 0, 0], 8, Range::Private),
    ([100, 64, 0, 0], 10, Range::CarrierNat),
    ([127, 0, 0, 0], 8, Range::Loopback),
    ([169, 254, 169, 254], 32, Range::CloudMetadata),
    ([169, 254, 0, 0], 16, Range::LinkLocal),
    ([172, 16, 0, 0], 12, Range::Private),
    ([192, 0, 2, 0], 24, Range::Documentation),
    ([192, 0, 0, 0], 24, Range::Protocol),
    ([192, 31, 196, 0], 24, Range::As112),
    ([192, 88, 99, 0], 24, Range::SixToFour),
    ([192, 168, 0, 0], 16, Range::Private),
    ([192, 175, 48, 0], 24, Range::As112),
    ([198, 18, 0, 0], 15, Range::Benchmark),
    ([198, 51, 100, 0], 24, Range::Documentation),
    ([203, 0, 113, 0], 24, Range::Documentation),
    ([233, 252, 0, 0], 24, Range::Documentation),
    ([224, 0, 0, 0], 4, Range::Multicast),
    ([255, 255, 255, 255], 32, Range::Broadcast),
    ([240, 0, 0, 0], 4, Range::Reserved),
];

const V6: &[([u16; 8], u32, Range)] = &[
    ([0, 0, 0, 0, 0, 0, 0, 0], 128, Range::Unspecified),
    ([0, 0, 0, 0, 0, 0, 0, 1], 128, Range::Loopback),
    ([0, 0, 0, 0, 0, 0xffff, 0, 0], 96, Range::Ipv4Mapped),
    ([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96, Range::Nat64),
    ([0x64, 0xff9b, 1, 0, 0, 0, 0, 0], 48, Range::Nat64),
    ([0x100, 0, 0, 0, 0, 0, 0, 0], 64, Range::Discard),
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 32, Range::Teredo),
    ([0x2001, 2, 0, 0, 0, 0, 0, 0], 48, Range::Benchmark),
    ([0x2001, 4, 0x112, 0, 0, 0, 0, 0], 48, Range::As112),
    ([0x2001, 0x10, 0, 0, 0, 0, 0, 0], 28, Range::Orchid),
    ([0x2001, 0x20, 0, 0, 0, 0, 0, 0], 28, Range::Orchid),
    ([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32, Range::Documentation),
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 23, Range::Protocol),
    ([0x2002, 0, 0, 0, 0, 0, 0, 0], 16, Range::SixToFour),
    ([0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0], 48, Range::As112),
    ([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20, Range::Documentation),
    ([0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254], 128, Range::CloudMetadata),
    ([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7, Range::UniqueLocal),
    ([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10, Range::LinkLocal),
    ([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10, Range::SiteLocal),
    ([0xff00, 0, 0, 0, 0, 0, 0, 0], 8, Range::Multicast),
];

/// The reserved range that `address` lies in.
pub fn ipv4(address: Ipv4Addr) -> Option<Range> {
    let bits = address.to_bits();
    V4.iter()
        .find(|(first, length, _)| (bits ^ u32::from_be_bytes(*first)).leading_zeros() >= *length)
        .map(|(_, _, range)| *range)
}

/// The reserved range that `address` lies in.
///
/// An address that carries an IPv4 address (`::ffff:10.0.0.1`) is answered for by the IPv4 address where that one is
/// reserved.
pub fn ipv6(address: Ipv6Addr) -> Option<Range> {
    if let Some(inner) = address.to_ipv4_mapped() {
        return ipv4(inner).or(Some(Range::Ipv4Mapped));
    }
    let bits = address.to_bits();
    V6.iter()
        .find(|(first, length, _)| (bits ^ Ipv6Addr::from(*first).to_bits()).leading_zeros() >= *length)
        .map(|(_, _, range)| *range)
}

/// What a name is set aside for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Name {
    /// `example.`, `example.com`, `.net`, `.org` and everything below (RFC 2606).
    Documentation,
    /// `test.` (RFC 6761).
    Test,
    /// `invalid.` (RFC 6761).
    Invalid,
    /// `localhost.` (RFC 6761) and its customary relatives.
    Loopback,
    /// `local.`, multicast DNS (RFC 6762).
    LinkLocal,
    /// `internal.`, `home.arpa.` (RFC 8375) and the suffixes that private networks use without asking: `lan`, `corp`,
    /// `home`, `intranet`, `private`, `localdomain`.
    Private,
    /// `onion.` (RFC 7686).
    Onion,
    /// `alt.` (RFC 9476): names that are not looked up in the DNS.
    Alternative,
    /// `arpa.` (RFC 3172): infrastructure, reverse look-ups.
    Infrastructure,
}

impl Name {
    /// The mark that observables below the name get.
    pub const fn tag(self) -> Tag {
        Tag(match self {
            Self::Documentation => "documentation",
            Self::Test => "test",
            Self::Invalid => "invalid",
            Self::Loopback => "loopback",
            Self::LinkLocal => "link-local",
            Self::Private => "private",
            Self::Onion => "onion",
            Self::Alternative => "alternative-name",
            Self::Infrastructure => "infrastructure",
        })
    }

    /// Whether only people inside can resolve the name.
    pub const fn is_internal(self) -> bool {
        matches!(self, Self::Loopback | Self::LinkLocal | Self::Private)
    }
}

/// The reserved name that `host` is or lies below. Any ASCII case; one trailing dot is allowed.
pub fn name(host: &str) -> Option<Name> {
    let host = host.strip_suffix('.').unwrap_or(host);
    let mut labels = host.rsplit('.');
    let last = labels.next()?;
    let below = labels.next().unwrap_or_default();
    let is = |label: &str, name: &str| label.eq_ignore_ascii_case(name);
    let any = |label: &str, names: &[&str]| names.iter().any(|name| label.eq_ignore_ascii_case(name));
    Some(match last.len() {
        3 if any(last, &["com", "net", "org"]) && is(below, "example") => Name::Documentation,
        3 if is(last, "alt") => Name::Alternative,
        3 if is(last, "lan") => Name::Private,
        4 if is(last, "test") => Name::Test,
        4 if is(last, "arpa") && is(below, "home") => Name::Private,
        4 if is(last, "arpa") => Name::Infrastructure,
        4 if any(last, &["corp", "home"]) => Name::Private,
        5 if is(last, "local") => Name::LinkLocal,
        5 if is(last, "onion") => Name::Onion,
        7 if is(last, "example") => Name::Documentation,
        7 if is(last, "invalid") => Name::Invalid,
        7 if is(last, "private") => Name::Private,
        8 if any(last, &["internal", "intranet"]) => Name::Private,
        9 if is(last, "localhost") => Name::Loopback,
        11 if is(last, "localdomain") && is(below, "localhost") => Name::Loopback,
        11 if is(last, "localdomain") => Name::Private,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(address: &str, expected: Option<Range>) {
        let range = match address.parse::<std::net::IpAddr>().unwrap() {
            std::net::IpAddr::V4(v4) => ipv4(v4),
            std::net::IpAddr::V6(v6) => ipv6(v6),
        };
        assert_eq!(range, expected, "{address}");
    }

    #[test]
    fn ranges_end_where_the_standards_end_them() {
        for (inside, last, beyond, range) in [
            ("10.0.0.0", "10.255.255.255", "11.0.0.0", Range::Private),
            ("172.16.0.0", "172.31.255.255", "172.32.0.0", Range::Private),
            ("192.168.0.0", "192.168.255.255", "192.169.0.0", Range::Private),
            ("100.64.0.0", "100.127.255.255", "100.128.0.0", Range::CarrierNat),
            ("127.0.0.0", "127.255.255.255", "128.0.0.0", Range::Loopback),
            ("169.254.0.0", "169.254.255.255", "169.255.0.0", Range::LinkLocal),
            ("192.0.2.0", "192.0.2.255", "192.0.3.0", Range::Documentation),
            ("198.51.100.0", "198.51.100.255", "198.51.101.0", Range::Documentation),
            ("203.0.113.0", "203.0.113.255", "203.0.114.0", Range::Documentation),
            ("198.18.0.0", "198.19.255.255", "198.20.0.0", Range::Benchmark),
            ("192.88.99.0", "192.88.99.255", "192.88.100.0", Range::SixToFour),
            ("0.0.0.1", "0.255.255.255", "1.0.0.0", Range::ThisNetwork),
            (
                "2001:db8::",
                "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
                "2001:db9::",
                Range::Documentation,
            ),
            (
                "3fff::",
                "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff",
                "3fff:1000::",
                Range::Documentation,
            ),
            (
                "2002::",
                "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                "2003::",
                Range::SixToFour,
            ),
            ("100::", "100::ffff:ffff:ffff:ffff", "100:0:0:1::", Range::Discard),
        ] {
            check(inside, Some(range));
            check(last, Some(range));
            check(beyond, None);
        }
        check("224.0.0.0", Some(Range::Multicast));
        check("239.255.255.255", Some(Range::Multicast));
        check("240.0.0.0", Some(Range::Reserved));
        check("255.255.255.254", Some(Range::Reserved));
        check("255.255.255.255", Some(Range::Broadcast));
        check("fc00::1", Some(Range::UniqueLocal));
        check("fdff:ffff::", Some(Range::UniqueLocal));
        check("fe00::", None);
        check("febf::1", Some(Range::LinkLocal));
        check("fec0::1", Some(Range::SiteLocal));
        check("ff02::1", Some(Range::Multicast));
    }

    #[test]
    fn the_most_specific_range_wins() {
        check("0.0.0.0", Some(Range::Unspecified));
        check("169.254.169.254", Some(Range::CloudMetadata));
        check("233.252.0.7", Some(Range::Documentation));
        check("2001:0:1::", Some(Range::Teredo));
        check("2001:2::1", Some(Range::Benchmark));
        check("2001:100::", Some(Range::Protocol));
        check("2001:200::", None);
        check("::", Some(Range::Unspecified));
        check("::1", Some(Range::Loopback));
        check("::2", None);
    }

    #[test]
    fn a_mapped_address_is_judged_by_the_address_inside() {
        check("::ffff:10.1.2.3", Some(Range::Private));
        check("::ffff:8.8.8.8", Some(Range::Ipv4Mapped));
    }

    #[test]
    fn ordinary_addresses_are_not_reserved() {
        for address in [
            "8.8.8.8",
            "1.1.1.1",
            "193.0.0.1",
            "2606:4700::1111",
            "2a00:1450:4001::1",
        ] {
            check(address, None);
        }
    }

    #[test]
    fn reserved_names_reach_below_themselves_and_no_further() {
        for (host, expected) in [
            ("example.com", Some(Name::Documentation)),
            ("WWW.Example.COM", Some(Name::Documentation)),
            ("www.example.com.", Some(Name::Documentation)),
            ("a.example", Some(Name::Documentation)),
            ("example.co", None),
            ("notexample.com", None),
            ("example.com.evil.net", None),
            ("localhost", Some(Name::Loopback)),
            ("localhost.localdomain", Some(Name::Loopback)),
            ("x.test", Some(Name::Test)),
            ("x.invalid", Some(Name::Invalid)),
            ("printer.local", Some(Name::LinkLocal)),
            ("dc01.corp", Some(Name::Private)),
            ("router.home.arpa", Some(Name::Private)),
            ("1.0.168.192.in-addr.arpa", Some(Name::Infrastructure)),
            ("svc.internal", Some(Name::Private)),
            ("expyuzz4wqqyqhjn.onion", Some(Name::Onion)),
            ("", None),
            (".", None),
        ] {
            assert_eq!(name(host), expected, "{host}");
        }
    }
}
