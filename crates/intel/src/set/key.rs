//! What an indicator is found by, and what an observable is looked for by.
//!
//! A key is a byte for its kind, then the value in the shortest form that tells it apart: addresses and digests in
//! binary, names as they are. URLs are compared without scheme, default port and fragment: feeds and evidence rarely
//! agree on them, and the same page is meant. Their hosts are compared as browsers read them: a full stop at the end is
//! none, an address is the same in any numerals, and a backslash is a slash.

use std::io::Write;
use std::net::IpAddr;
use watchfire_model::observable::host;
use watchfire_model::{Observable, ObservableType, Reach};

/// The kinds of keys. A set says which it has, so that no time is lost on others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    Address = 1,
    /// An address that stands in an indicator with a port: whoever asks for the address should know.
    AddressOfSocket = 2,
    Domain = 3,
    Below = 4,
    Url = 5,
    Prefix = 6,
    Digest = 7,
    Other = 8,
    /// Networks are no keys; the bit alone.
    Networks = 9,
}

impl Kind {
    pub(super) const fn bit(self) -> u64 {
        1 << self as u8
    }
}

/// One look-up.
pub(super) enum Probe<'k> {
    /// In the table; whether it is the value itself.
    Key(&'k [u8], bool),
    /// In the networks: from the first address to the last.
    Range(IpAddr, IpAddr),
}

/// Deepest URL whose prefixes are looked for.
const SEGMENTS: usize = 32;

/// The keys under which an indicator about `value` is filed. None for networks. `key` is room to make them in.
pub(super) fn of_indicator(
    (kind, value, reach): (ObservableType, &str, Reach),
    key: &mut Vec<u8>,
    each: &mut dyn FnMut(Kind, &[u8]),
) {
    key.clear();
    let mut file = |kind: Kind, key: &mut Vec<u8>| {
        each(kind, key);
        key.clear();
    };
    match kind {
        ObservableType::Ipv4 => {
            if let Some(address) = host::parse_ipv4(value.as_bytes()) {
                push_address(Kind::Address, address.into(), key);
                file(Kind::Address, key);
            }
        }
        ObservableType::Ipv6 => {
            if let Ok(address) = value.parse() {
                push_address(Kind::Address, address, key);
                file(Kind::Address, key);
            }
        }
        ObservableType::Ipv4Cidr | ObservableType::Ipv6Cidr => {}
        ObservableType::Socket => {
            push_other(kind, value, key);
            file(Kind::Other, key);
            if let Some(address) = address_of_socket(value) {
                push_address(Kind::AddressOfSocket, address, key);
                file(Kind::AddressOfSocket, key);
            }
        }
        ObservableType::Domain | ObservableType::Onion => {
            let kind = if reach == Reach::Below {
                Kind::Below
            } else {
                Kind::Domain
            };
            key.push(kind as u8);
            key.extend(value.as_bytes());
            file(kind, key);
        }
        ObservableType::Url => {
            let url = Url::of(value);
            if reach == Reach::Prefix {
                key.push(Kind::Prefix as u8);
                url.push_place(key);
                push_path(url.path.trim_end_matches(SLASHES), key);
                file(Kind::Prefix, key);
            } else {
                url.push_whole(key);
                file(Kind::Url, key);
            }
        }
        _ => {
            if push_digest(kind, value, key) {
                file(Kind::Digest, key);
            } else {
                push_other(kind, value, key);
                file(Kind::Other, key);
            }
        }
    }
}

/// Everything under which an observable may be met in a set that has the kinds `present`: the value itself first, then from
/// the narrowest to the widest.
///
/// `key` is room to make keys in.
pub(super) fn probes(what: &Observable, present: u64, key: &mut Vec<u8>, each: &mut dyn FnMut(Probe<'_>)) {
    let value = what.raw();
    key.clear();
    let mut probes = Probes { present, key, each };
    match what.kind() {
        ObservableType::Ipv4 => {
            if let Some(address) = host::parse_ipv4(value.as_bytes()) {
                probes.address(address.into(), true);
            }
        }
        ObservableType::Ipv6 => {
            if let Ok(address) = value.parse() {
                probes.address(address, true);
            }
        }
        ObservableType::Ipv4Cidr | ObservableType::Ipv6Cidr => {
            if let Some((first, last)) = ends(value) {
                probes.networks(first, last);
            }
        }
        ObservableType::Socket => {
            probes.other(what.kind(), value, true);
            if let Some(address) = address_of_socket(value) {
                probes.address(address, false);
            }
        }
        ObservableType::Domain | ObservableType::Onion => probes.domain(value, true),
        ObservableType::Email | ObservableType::Xmpp => {
            probes.other(what.kind(), value, true);
            if let Some((_, domain)) = value.rsplit_once('@') {
                probes.domain(domain, false);
            }
        }
        ObservableType::Url => probes.url(&Url::of(value)),
        kind => {
            if push_digest(kind, value, probes.key) {
                probes.send(Kind::Digest, true);
            } else {
                probes.other(kind, value, true);
            }
        }
    }
}

/// The kinds that [`probes`] looks for.
pub(super) fn kinds_for(kind: ObservableType) -> u64 {
    use ObservableType as T;
    let address = Kind::Address.bit() | Kind::AddressOfSocket.bit() | Kind::Networks.bit();
    let name = Kind::Domain.bit() | Kind::Below.bit();
    match kind {
        T::Ipv4 | T::Ipv6 => address,
        T::Ipv4Cidr | T::Ipv6Cidr => Kind::Networks.bit(),
        T::Socket => address | Kind::Other.bit(),
        T::Domain | T::Onion => name,
        T::Email | T::Xmpp => name | Kind::Other.bit(),
        T::Url => address | name | Kind::Url.bit() | Kind::Prefix.bit(),
        T::Md5 | T::Sha1 | T::Sha224 | T::Sha256 | T::Sha384 | T::Sha512 => Kind::Digest.bit(),
        _ => Kind::Other.bit(),
    }
}

struct Probes<'p> {
    present: u64,
    key: &'p mut Vec<u8>,
    each: &'p mut dyn FnMut(Probe<'_>),
}

impl Probes<'_> {
    fn has(&self, kind: Kind) -> bool {
        self.present & kind.bit() != 0
    }

    /// Sends the key and begins a new one.
    fn send(&mut self, kind: Kind, itself: bool) {
        if self.has(kind) {
            (self.each)(Probe::Key(self.key, itself));
        }
        self.key.clear();
    }

    fn other(&mut self, kind: ObservableType, value: &str, itself: bool) {
        push_other(kind, value, self.key);
        self.send(Kind::Other, itself);
    }

    fn networks(&mut self, first: IpAddr, last: IpAddr) {
        if self.has(Kind::Networks) {
            (self.each)(Probe::Range(first, last));
        }
    }

    fn address(&mut self, address: IpAddr, itself: bool) {
        for (kind, itself) in [(Kind::Address, itself), (Kind::AddressOfSocket, false)] {
            if self.has(kind) {
                push_address(kind, address, self.key);
                self.send(kind, itself);
            }
        }
        self.networks(address, address);
    }

    /// The name, and every domain above it: `Observable`s are short enough that their labels are few.
    fn domain(&mut self, name: &str, itself: bool) {
        if self.has(Kind::Domain) {
            self.key.push(Kind::Domain as u8);
            self.key.extend(name.as_bytes());
            self.send(Kind::Domain, itself);
        }
        if !self.has(Kind::Below) {
            return;
        }
        let mut rest = Some((name, itself));
        while let Some((domain, itself)) = rest {
            self.key.push(Kind::Below as u8);
            self.key.extend(domain.as_bytes());
            self.send(Kind::Below, itself);
            rest = domain.split_once('.').map(|(_, above)| (above, false));
        }
    }

    fn url(&mut self, url: &Url<'_>) {
        if self.has(Kind::Url) {
            url.push_whole(self.key);
            self.send(Kind::Url, true);
        }
        if self.has(Kind::Prefix) {
            let path = url.path.trim_end_matches(SLASHES);
            let ends = path.match_indices(SLASHES).map(|(at, _)| at).chain([path.len()]);
            let mut ends: Vec<usize> = ends.take(SEGMENTS).collect();
            ends.reverse();
            ends.dedup();
            for end in ends {
                self.key.push(Kind::Prefix as u8);
                url.push_place(self.key);
                push_path(path.get(..end).unwrap_or_default(), self.key);
                self.send(Kind::Prefix, false);
            }
        }
        match url.address() {
            Some(address) => self.address(address, false),
            None => self.domain(&url.host.to_ascii_lowercase(), false),
        }
    }
}

fn push_address(kind: Kind, address: IpAddr, key: &mut Vec<u8>) {
    key.push(kind as u8);
    match address.to_canonical() {
        IpAddr::V4(v4) => key.extend(v4.octets()),
        IpAddr::V6(v6) => key.extend(v6.octets()),
    }
}

/// Whether `value` is a digest in hexadecimal, which goes into the key in binary. Digests of files have one place,
/// whatever they are called.
fn push_digest(kind: ObservableType, value: &str, key: &mut Vec<u8>) -> bool {
    use ObservableType as T;
    if !matches!(kind, T::Md5 | T::Sha1 | T::Sha224 | T::Sha256 | T::Sha384 | T::Sha512) {
        return false;
    }
    key.push(Kind::Digest as u8);
    for pair in value.as_bytes().chunks(2) {
        let digit = |byte: &u8| char::from(*byte).to_digit(16).unwrap_or_default() as u8;
        key.push(pair.iter().fold(0, |byte, half| byte << 4 | digit(half)));
    }
    true
}

fn push_other(kind: ObservableType, value: &str, key: &mut Vec<u8>) {
    key.push(Kind::Other as u8);
    key.extend(kind.name().as_bytes());
    key.push(0);
    key.extend(value.to_lowercase().as_bytes());
}

/// The first and the last address of a network in its normal form.
pub(super) fn ends(network: &str) -> Option<(IpAddr, IpAddr)> {
    let (address, prefix) = network.split_once('/')?;
    let prefix: u32 = prefix.parse().ok()?;
    let host = |width: u32| width.checked_sub(prefix);
    Some(match address.parse().ok()? {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shr(32 - host(32)?).unwrap_or(0);
            let bits = v4.to_bits();
            (IpAddr::V4((bits & !mask).into()), IpAddr::V4((bits | mask).into()))
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX.checked_shr(128 - host(128)?).unwrap_or(0);
            let bits = v6.to_bits();
            (IpAddr::V6((bits & !mask).into()), IpAddr::V6((bits | mask).into()))
        }
    })
}

/// An address as a number.
pub(super) fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => v4.to_bits().into(),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

fn address_of_socket(value: &str) -> Option<IpAddr> {
    let (host, _) = value.rsplit_once(':')?;
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

/// What browsers take for a slash.
const SLASHES: [char; 2] = ['/', '\\'];

fn push_path(path: &str, key: &mut Vec<u8>) {
    key.extend(path.bytes().map(|byte| if byte == b'\\' { b'/' } else { byte }));
}

/// A URL as keys see it.
struct Url<'u> {
    host: &'u str,
    port: &'u str,
    path: &'u str,
    query: Option<&'u str>,
}

impl<'u> Url<'u> {
    fn of(value: &'u str) -> Self {
        let (scheme, rest) = value.split_once("://").unwrap_or(("", value));
        let rest = rest.split('#').next().unwrap_or_default();
        let (place, query) = match rest.split_once('?') {
            Some((place, query)) => (place, Some(query)),
            None => (rest, None),
        };
        let at = place.find(SLASHES).unwrap_or(place.len());
        let (authority, path) = place.split_at_checked(at).unwrap_or((place, ""));
        let authority = authority.rsplit('@').next().unwrap_or_default();
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (host, port),
            _ => (authority, ""),
        };
        let usual = match scheme {
            "http" => "80",
            "https" => "443",
            "ftp" => "21",
            _ => "",
        };
        Self {
            host: host.strip_suffix('.').unwrap_or(host),
            port: if port == usual { "" } else { port },
            path,
            query,
        }
    }

    fn address(&self) -> Option<IpAddr> {
        let bare = self.host.trim_start_matches('[').trim_end_matches(']').parse().ok();
        let address = bare.or_else(|| host::numeric_ipv4(self.host).map(IpAddr::V4));
        address.map(|address| address.to_canonical())
    }

    /// Host and port.
    fn push_place(&self, key: &mut Vec<u8>) {
        // Writing into memory does not fail.
        let _ = match self.address() {
            Some(IpAddr::V4(address)) => write!(key, "{address}"),
            Some(IpAddr::V6(address)) => write!(key, "[{address}]"),
            None => {
                key.extend(self.host.bytes().map(|byte| byte.to_ascii_lowercase()));
                Ok(())
            }
        };
        if !self.port.is_empty() {
            key.push(b':');
            key.extend(self.port.as_bytes());
        }
    }

    fn push_whole(&self, key: &mut Vec<u8>) {
        key.push(Kind::Url as u8);
        self.push_place(key);
        push_path(if self.path.is_empty() { "/" } else { self.path }, key);
        if let Some(query) = self.query {
            key.push(b'?');
            key.extend(query.as_bytes());
        }
    }
}
