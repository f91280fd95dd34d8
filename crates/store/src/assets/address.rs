//! How assets are found: ranges of addresses, hardware addresses, names of hosts.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use watchfire_model::{Invalid, Observable, ObservableType};

/// Addresses from the first to the last, of one version. An IPv4-mapped IPv6 address is the IPv4 address it maps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AddressSpan {
    first: IpAddr,
    last: IpAddr,
}

/// Addresses with a common prefix. Addresses of IPv4 are numbers below 2³².
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Block {
    pub(crate) is_v4: bool,
    pub(crate) prefix: u8,
    pub(crate) network: u128,
}

impl AddressSpan {
    /// One address.
    pub fn one(address: IpAddr) -> Self {
        let address = address.to_canonical();
        Self {
            first: address,
            last: address,
        }
    }

    /// From one address to another.
    ///
    /// # Errors
    /// When the first comes after the last, or they are of two versions.
    pub fn new(first: IpAddr, last: IpAddr) -> Result<Self, Invalid> {
        let (first, last) = (first.to_canonical(), last.to_canonical());
        if first.is_ipv4() != last.is_ipv4() || first > last {
            return Err(Invalid("not a range: its end is before its beginning"));
        }
        Ok(Self { first, last })
    }

    /// Reads `192.0.2.7`, `192.0.2.0/24`, `192.0.2.7-192.0.2.9` and `192.0.2.7-9`. Bits beyond a prefix are cleared.
    ///
    /// # Errors
    /// When it is none of these.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        const WRONG: Invalid = Invalid("not an address or a range");
        let address = |text: &str| text.trim().parse::<IpAddr>().map_err(|_| WRONG);
        if let Some((network, prefix)) = text.split_once('/') {
            let network = address(network)?;
            let width = width(network.is_ipv4());
            let prefix: u8 = prefix.trim().parse().map_err(|_| WRONG)?;
            if prefix > width {
                return Err(Invalid("no network: its prefix is too long"));
            }
            let block = Block::around(network, prefix);
            let first = block.address(block.network);
            return Self::new(first, block.address(block.network | block.hosts()));
        }
        let Some((first, last)) = text.split_once('-') else {
            return address(text).map(Self::one);
        };
        let first = address(first)?;
        match (first, last.trim().parse::<u8>()) {
            (IpAddr::V4(v4), Ok(last)) => {
                let [a, b, c, _] = v4.octets();
                Self::new(first, Ipv4Addr::new(a, b, c, last).into())
            }
            _ => Self::new(first, address(last)?),
        }
    }

    /// The first address.
    pub fn first(self) -> IpAddr {
        self.first
    }

    /// The last address.
    pub fn last(self) -> IpAddr {
        self.last
    }

    /// The same addresses as networks, `192.0.2.0/24`: as few as possible.
    pub fn networks(self) -> impl Iterator<Item = String> {
        self.blocks()
            .into_iter()
            .map(|block| format!("{}/{}", block.address(block.network), block.prefix))
    }

    /// Both together, if `next` begins where this ends.
    pub(crate) fn joined(self, next: Self) -> Option<Self> {
        let follows = self.first.is_ipv4() == next.first.is_ipv4()
            && number(self.last).checked_add(1) == Some(number(next.first));
        follows.then_some(Self {
            first: self.first,
            last: next.last,
        })
    }

    /// How many addresses there are, less one.
    pub fn size(self) -> u128 {
        number(self.last) - number(self.first)
    }

    /// The fewest blocks that are the same addresses: at most twice as many as an address has bits.
    pub(crate) fn blocks(self) -> Vec<Block> {
        let is_v4 = self.first.is_ipv4();
        let (mut next, last) = (number(self.first), number(self.last));
        let mut blocks = Vec::new();
        loop {
            // As large as its beginning allows, and as what is left does.
            let aligned = next.trailing_zeros().min(width(is_v4).into());
            let left = (last - next).saturating_add(1);
            let fits = if last - next == u128::MAX { 128 } else { left.ilog2() };
            let bits = aligned.min(fits);
            let block = Block {
                is_v4,
                prefix: width(is_v4).saturating_sub(u8::try_from(bits).unwrap_or(u8::MAX)),
                network: next,
            };
            blocks.push(block);
            match (next | block.hosts()).checked_add(1) {
                Some(after) if after <= last => next = after,
                _ => return blocks,
            }
        }
    }
}

impl fmt::Display for AddressSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last {
            return self.first.fmt(f);
        }
        write!(f, "{}-{}", self.first, self.last)
    }
}

impl Block {
    /// The block of that prefix in which an address is.
    pub(crate) fn around(address: IpAddr, prefix: u8) -> Self {
        let mut block = Self {
            is_v4: address.is_ipv4(),
            prefix,
            network: 0,
        };
        block.network = number(address) & !block.hosts();
        block
    }

    /// Every block in which an address is, the smallest first.
    pub(crate) fn all_around(address: IpAddr) -> impl Iterator<Item = Self> {
        let address = address.to_canonical();
        (0..=width(address.is_ipv4()))
            .rev()
            .map(move |prefix| Self::around(address, prefix))
    }

    /// The bits that tell its addresses apart.
    fn hosts(self) -> u128 {
        let bits = u32::from(width(self.is_v4).saturating_sub(self.prefix));
        1u128.checked_shl(bits).map_or(u128::MAX, |size| size - 1)
    }

    fn address(self, number: u128) -> IpAddr {
        match u32::try_from(number) {
            Ok(number) if self.is_v4 => Ipv4Addr::from_bits(number).into(),
            _ => Ipv6Addr::from_bits(number).into(),
        }
    }

    /// The network as bytes that sort as it does.
    pub(crate) fn bytes(self) -> Vec<u8> {
        match u32::try_from(self.network) {
            Ok(network) if self.is_v4 => network.to_be_bytes().to_vec(),
            _ => self.network.to_be_bytes().to_vec(),
        }
    }

    /// Its addresses.
    pub(crate) fn span(self) -> AddressSpan {
        AddressSpan {
            first: self.address(self.network),
            last: self.address(self.network | self.hosts()),
        }
    }

    /// The block of such bytes.
    pub(crate) fn of(bytes: &[u8], prefix: u8) -> Option<Self> {
        let (is_v4, network) = match bytes.len() {
            4 => (true, u32::from_be_bytes(bytes.try_into().ok()?).into()),
            16 => (false, u128::from_be_bytes(bytes.try_into().ok()?)),
            _ => return None,
        };
        Some(Self { is_v4, prefix, network })
    }
}

fn width(is_v4: bool) -> u8 {
    if is_v4 { 32 } else { 128 }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => v4.to_bits().into(),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

/// A hardware address (EUI-48).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mac([u8; 6]);

impl Mac {
    /// Reads one in the spellings of [`ObservableType::Mac`].
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let normal = Observable::parse(ObservableType::Mac, text.trim())?;
        let mut bytes = [0; 6];
        for (byte, digits) in bytes.iter_mut().zip(normal.raw().split(':')) {
            *byte = u8::from_str_radix(digits, 16).map_err(|_| Invalid("not a hardware address"))?;
        }
        Ok(Self(bytes))
    }

    pub(crate) const fn of(bytes: [u8; 6]) -> Self {
        Self(bytes)
    }

    pub(crate) const fn bytes(self) -> [u8; 6] {
        self.0
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, byte) in self.0.iter().enumerate() {
            let colon = if number == 0 { "" } else { ":" };
            write!(f, "{colon}{byte:02x}")?;
        }
        Ok(())
    }
}

/// The name of a host as an inventory has it, with or without a domain. Capitals make no difference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostName(Box<str>);

impl HostName {
    /// Checks a name: 1 to 253 letters, digits, `-`, `_` and `.`, in any script.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim().trim_end_matches('.');
        let inner = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
        if text.is_empty() || text.len() > 253 || !text.chars().all(inner) || text.starts_with('.') {
            return Err(Invalid("not the name of a host"));
        }
        // As observables are written, so that the two meet.
        let normal = Observable::parse(ObservableType::Domain, text);
        Ok(Self(match normal {
            Ok(domain) => domain.raw().into(),
            Err(_) => text.to_lowercase().into_boxed_str(),
        }))
    }

    /// The name in normal form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
