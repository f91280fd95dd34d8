//! What is known about the organisation that the evidence comes from.
//!
//! Names and ranges are checked when the configuration is read; inside there is nothing left to parse.

use crate::Invalid;
use crate::observable::{Observable, ObservableType};
use std::fmt;
use std::net::IpAddr;

/// `[organisation]` of the configuration. Every detector and every gate may read it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Organisation {
    /// Its own domains; everything below them is its own too.
    pub domains: Vec<DomainName>,
    /// Its own address ranges.
    pub ranges: Vec<AddressRange>,
    /// Hosts through which its mail comes in.
    pub mail_gateways: Vec<Host>,
    /// Names under which its mail gateways sign `Authentication-Results` (RFC 8601, section 2.5).
    pub authserv_ids: Vec<String>,
    /// Its own vulnerability scanners.
    pub scanners: Vec<Host>,
    /// Programs that deploy its software, by file name.
    pub deployment_tools: Vec<String>,
}

impl Organisation {
    /// Whether `name`, a host name in any case, is one of its domains or below one.
    pub fn owns_domain(&self, name: &str) -> bool {
        self.domains.iter().any(|domain| domain.covers(name))
    }

    /// Whether `address` is in one of its ranges.
    pub fn owns_address(&self, address: IpAddr) -> bool {
        self.ranges.iter().any(|range| range.contains(address))
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A domain in normal form.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DomainName(Box<str>);

impl DomainName {
    /// Reads a domain such as `corp.example`. A leading `*.` or `.` says nothing new and is dropped.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let text = text.strip_prefix('*').unwrap_or(text).trim_matches('.');
        // Internal names such as `corp.local` are domains here, although no public registry knows them.
        let labels_fit = !text.is_empty() && text.len() <= 253 && text.split('.').all(is_label);
        if !labels_fit {
            return Err(Invalid("not a domain name"));
        }
        Ok(Self(match Observable::parse(ObservableType::Domain, text) {
            Ok(domain) => domain.raw().into(),
            Err(_) => text.to_lowercase().into_boxed_str(),
        }))
    }

    /// The normal form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `name` is this domain or below it.
    pub fn covers(&self, name: &str) -> bool {
        let name = name.trim_end_matches('.');
        let Some(split) = name.len().checked_sub(self.0.len()) else {
            return false;
        };
        name.split_at_checked(split).is_some_and(|(below, tail)| {
            tail.eq_ignore_ascii_case(&self.0) && (below.is_empty() || below.ends_with('.'))
        })
    }
}

impl fmt::Display for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

fn is_label(label: &str) -> bool {
    let inner = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    !label.is_empty() && label.len() <= 63 && label.chars().all(inner)
}

/// Addresses with a common prefix: `10.0.0.0/16`, `2001:db8::/32`, or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AddressRange {
    network: IpAddr,
    prefix: u8,
}

impl AddressRange {
    /// Reads a range in CIDR notation (RFC 4632), or one address. Bits beyond the prefix are cleared.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| Invalid("not an address"))?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => width,
            Some(digits) => digits
                .parse()
                .ok()
                .filter(|prefix| *prefix <= width)
                .ok_or(Invalid("no network: its prefix is too long"))?,
        };
        Ok(Self {
            network: masked(address, prefix),
            prefix,
        })
    }

    /// The network of `address` with a prefix of so many bits. Nothing where the address has fewer.
    pub fn new(address: IpAddr, prefix: u8) -> Option<Self> {
        let width = if address.is_ipv4() { 32 } else { 128 };
        (prefix <= width).then(|| Self {
            network: masked(address, prefix),
            prefix,
        })
    }

    /// Whether `address` is in the range. An IPv4-mapped IPv6 address counts as the IPv4 address it maps.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.network.is_ipv4() && masked(address, self.prefix) == self.network
    }
}

impl fmt::Display for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}/{}", self.network, self.prefix))
    }
}

fn masked(address: IpAddr, prefix: u8) -> IpAddr {
    match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(32u32.saturating_sub(prefix.into())).unwrap_or(0);
            IpAddr::V4((v4.to_bits() & mask).into())
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX.checked_shl(128u32.saturating_sub(prefix.into())).unwrap_or(0);
            IpAddr::V6((v6.to_bits() & mask).into())
        }
    }
}

/// A host as a configuration names it: by domain or by address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Host {
    /// By name, `mx1.corp.example`.
    Name(DomainName),
    /// By address or range.
    Range(AddressRange),
}

impl Host {
    /// Reads an address, a range or a name.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        match AddressRange::parse(text) {
            Ok(range) => Ok(Self::Range(range)),
            Err(_) => DomainName::parse(text).map(Self::Name),
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => name.fmt(f),
            Self::Range(range) => range.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn organisation() -> Organisation {
        Organisation {
            domains: vec![DomainName::parse("*.Corp.example").unwrap()],
            ranges: vec![
                AddressRange::parse("10.0.3.7/16").unwrap(),
                AddressRange::parse("2001:db8::/32").unwrap(),
            ],
            ..Organisation::default()
        }
    }

    #[test]
    fn owns_its_domains_and_what_is_below_them() {
        let own = organisation();
        for name in ["corp.example", "MX1.corp.example", "a.b.corp.example."] {
            assert!(own.owns_domain(name), "{name}");
        }
        for name in ["notcorp.example", "corp.example.evil.test", "example", "é.example"] {
            assert!(!own.owns_domain(name), "{name}");
        }
    }

    #[test]
    fn owns_its_ranges() {
        let own = organisation();
        for address in ["10.0.255.1", "::ffff:10.0.1.1", "2001:db8:1::1"] {
            assert!(own.owns_address(address.parse().unwrap()), "{address}");
        }
        for address in ["10.1.0.1", "2001:db9::1"] {
            assert!(!own.owns_address(address.parse().unwrap()), "{address}");
        }
        assert!(
            AddressRange::parse("0.0.0.0/0")
                .unwrap()
                .contains("8.8.8.8".parse().unwrap())
        );
    }

    #[test]
    fn refuses_what_is_neither_name_nor_range() {
        for text in ["", "10.0.0.0/33", "a b", "..", "x/8"] {
            assert!(Host::parse(text).is_err(), "{text}");
        }
    }
}
