//! Networks of IP addresses: `10.0.0.0/8`, `fe80::/10`, and a plain address for itself.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

/// A network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Network {
    /// IPv4 addresses are kept apart from those of IPv6 that map them.
    address: IpAddr,
    prefix: u8,
}

fn bits(address: IpAddr) -> (u128, u8) {
    match address {
        IpAddr::V4(address) => (u128::from(address.to_bits()), 32),
        IpAddr::V6(address) => (address.to_bits(), 128),
    }
}

/// Reads an address as logs write it: with brackets, with a zone, or IPv4 mapped into IPv6.
pub(crate) fn address(text: &str) -> Option<IpAddr> {
    let first = text.bytes().next()?;
    if !(first.is_ascii_hexdigit() || matches!(first, b':' | b'[')) || text.len() > 80 {
        return None;
    }
    let text = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'))
        .unwrap_or(text);
    let text = text.split_once('%').map_or(text, |(address, _)| address);
    let address: IpAddr = text.parse().ok()?;
    Some(match address {
        IpAddr::V6(mapped) => mapped.to_ipv4_mapped().map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    })
}

impl Network {
    /// Reads a network. Bits behind the prefix are ignored.
    pub fn parse(text: &str) -> Option<Self> {
        let (host, prefix) = text
            .split_once('/')
            .map_or((text, None), |(host, prefix)| (host, Some(prefix)));
        let address: IpAddr = host.parse().ok()?;
        let (_, width) = bits(address);
        let prefix = prefix.map_or(Some(width), |prefix| prefix.parse().ok())?;
        (prefix <= width).then_some(Self { address, prefix })
    }

    /// Whether the address is in it.
    pub fn contains(self, address: IpAddr) -> bool {
        let (own, width) = bits(self.address);
        let (other, other_width) = bits(address);
        let other = match (self.address, address) {
            // A network of mapped addresses means the addresses that are mapped; a wider one of IPv6 means IPv6.
            (IpAddr::V6(own), IpAddr::V4(plain)) if self.prefix >= 96 && own.to_ipv4_mapped().is_some() => {
                Ipv6Addr::to_bits(plain.to_ipv6_mapped())
            }
            _ if width != other_width => return false,
            _ => other,
        };
        let behind = u32::from(width - self.prefix);
        (own ^ other).checked_shr(behind).unwrap_or(0) == 0
    }

    /// Address, and bits that count.
    pub(crate) fn parts(self) -> (IpAddr, u8) {
        (self.address, self.prefix)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}
