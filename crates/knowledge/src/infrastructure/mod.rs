//! Well-known infrastructure: the warninglists of the MISP project and a few of our own, each with a role.
//!
//! Which list has which role, where it comes from and why some are left out stands in `data/lists.tsv`. Being on a list
//! says where a value belongs; only [`Role::KnownGood`] may speak for benign.

mod token;

use crate::packed::names::Names;
use crate::packed::ranges::Ranges;
use crate::packed::u16_at;
use std::net::IpAddr;
use std::sync::LazyLock;
use watchfire_model::{Moment, Tag};

include!("../../data/lists.rs");

static HOSTS: Names = Names::new(include_bytes!("../../data/hosts.bin"));
static TOKENS: Names = Names::new(include_bytes!("../../data/tokens.bin"));
static IPV4: Ranges<u32> = Ranges::new(include_bytes!("../../data/ipv4.bin"));
/// Where the addresses with each upper half begin in [`IPV4`]: made when it is first asked, in a fraction of a
/// millisecond, and worth it from the second question on.
static IPV4_INDEX: LazyLock<Vec<u32>> = LazyLock::new(|| IPV4.index());
/// Prefixes of at most 64 bits, by the upper half of the address.
static IPV6_HIGH: Ranges<u64> = Ranges::new(include_bytes!("../../data/ipv6-high.bin"));
static IPV6: Ranges<u128> = Ranges::new(include_bytes!("../../data/ipv6.bin"));
static SETS: &[u8] = include_bytes!("../../data/sets.bin");

/// The mailboxes of the one list that is a pattern.
const CONTACT_LIST: &str = "common-contact-emails";
const CONTACTS: [&str; 4] = ["security", "noc", "soc", "abuse"];

/// What being on a list says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Identifies one harmless thing exactly. The only role that speaks for benign.
    KnownGood,
    /// Run by one party, used by many, good and bad: clouds, content delivery networks, resolvers, VPN exits.
    Shared,
    /// Free for anyone in seconds and often abused: shorteners, dynamic DNS, disposable mail, link pages.
    Disposable,
    /// Worth knowing, proves nothing: popularity, scanners, sinkholes, banks, universities.
    Context,
}

/// One list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct List {
    /// The short name, `url-shortener`; also the tag.
    pub name: &'static str,
    /// One line for people, as the project words it.
    pub title: &'static str,
    /// What being on it says.
    pub role: Role,
    /// The version that the project gave it, most often a date.
    pub version: u64,
    /// Why it has its role, lower case, no full stop.
    pub reason: &'static str,
    /// Who gathered it.
    pub upstream: &'static str,
    /// The terms it comes under.
    pub licence: &'static str,
}

impl List {
    /// The mark that observables on the list get.
    pub const fn tag(&self) -> Tag {
        Tag(self.name)
    }

    /// The day of its version, `2026-08-20`, where that is one: 20260820, or 26082014 with the hour behind.
    pub fn day(&self) -> Option<String> {
        let day = match self.version {
            20_000_000..21_000_000 => self.version,
            10_000_000..20_000_000 | 21_000_000..100_000_000 => 20_000_000 + self.version / 100,
            _ => return None,
        };
        let text = format!("{:04}-{:02}-{:02}", day / 10_000, day / 100 % 100, day % 100);
        Moment::parse(&text).is_ok().then_some(text)
    }
}

/// One list that a value is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The list.
    pub list: &'static List,
}

/// Every embedded list, by name.
pub fn lists() -> impl Iterator<Item = &'static List> {
    LISTS.iter()
}

/// Appends the lists that `host`, a lower-case ASCII name, is on: those that name it exactly, and those of domains that
/// it is or lies below. Each list once, by name.
pub fn host(host: &str, out: &mut Vec<Hit>) {
    host_lists(host).append_to(out);
}

/// Appends the lists that name `host`, a lower-case ASCII name, itself, and not a domain above it. Each list once, by name.
pub fn host_itself(host: &str, out: &mut Vec<Hit>) {
    let host = host.strip_suffix('.').unwrap_or(host);
    let mut lists = Lists::default();
    if let Some(set) = HOSTS.get(host.as_bytes()) {
        lists.add(set, false);
    }
    lists.append_to(out);
}

/// Appends the lists with a range that `address` lies in. An IPv4 address in IPv6 clothing is the IPv4 address.
pub fn ip(address: IpAddr, out: &mut Vec<Hit>) {
    ip_lists(address).append_to(out);
}

/// Appends the lists that a digest is on: MD5, SHA-1, SHA-2 in hexadecimal of any case, or ssdeep.
pub fn hash(hex: &str, out: &mut Vec<Hit>) {
    token_lists(hex).append_to(out);
}

/// Appends the lists that an identifier is on: a UUID with its hyphens, any case.
pub fn uuid(uuid: &str, out: &mut Vec<Hit>) {
    token_lists(uuid).append_to(out);
}

/// Appends the lists that the host of `url` is on, a name or an address. Any case.
pub fn url(url: &str, out: &mut Vec<Hit>) {
    let Some((_, rest)) = url.split_once("://") else {
        return;
    };
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = match host.strip_prefix('[').and_then(|bracketed| bracketed.split_once(']')) {
        Some((address, _)) => address,
        None => host.split(':').next().unwrap_or_default(),
    };
    match host.parse() {
        Ok(address) => ip_lists(address),
        Err(_) => any_case_host_lists(host),
    }
    .append_to(out);
}

/// Appends the lists that a mail address is on, by its domain and by its local part. Any case.
pub fn email(address: &str, out: &mut Vec<Hit>) {
    let Some((local, domain)) = address.rsplit_once('@') else {
        return;
    };
    let mut lists = any_case_host_lists(domain);
    if domain.contains('.') && CONTACTS.iter().any(|contact| contact.eq_ignore_ascii_case(local)) {
        lists.add_named(CONTACT_LIST);
    }
    lists.append_to(out);
}

/// Some of the lists, one bit each.
#[derive(Clone, Copy, Default)]
struct Lists(u128);

impl Lists {
    /// Adds the members of `set`; of a domain above the host in question, only those that reach below it.
    fn add(&mut self, set: u16, above: bool) {
        let start = usize::from(set);
        let size = u16_at(SETS, start).unwrap_or_default();
        for at in 1..=usize::from(size) {
            let Some(member) = u16_at(SETS, start + at) else {
                return;
            };
            if !above || member & 1 == 1 {
                self.0 |= 1_u128.checked_shl(u32::from(member >> 1)).unwrap_or_default();
            }
        }
    }

    fn add_named(&mut self, name: &str) {
        if let Ok(at) = LISTS.binary_search_by(|list| list.name.cmp(name)) {
            self.0 |= 1 << at;
        }
    }

    fn append_to(self, out: &mut Vec<Hit>) {
        let mut left = self.0;
        while left != 0 {
            out.extend(LISTS.get(left.trailing_zeros() as usize).map(|list| Hit { list }));
            left &= left - 1;
        }
    }
}

fn host_lists(host: &str) -> Lists {
    let mut lists = Lists::default();
    let host = host.strip_suffix('.').unwrap_or(host);
    // No name of the DNS is longer.
    if host.len() <= 253 {
        HOSTS.walk(host, |domain, set| {
            if let Some(set) = set {
                lists.add(set, domain.len() < host.len());
            }
            true
        });
    }
    lists
}

fn any_case_host_lists(host: &str) -> Lists {
    let mut lower = [0; 254];
    let Some(lower) = lower.get_mut(..host.len()) else {
        return Lists::default();
    };
    lower.copy_from_slice(host.as_bytes());
    lower.make_ascii_lowercase();
    std::str::from_utf8(lower).map(host_lists).unwrap_or_default()
}

fn ip_lists(address: IpAddr) -> Lists {
    let mut lists = Lists::default();
    match address.to_canonical() {
        IpAddr::V4(v4) => lists.add(IPV4.get_by(&IPV4_INDEX, v4.to_bits()), false),
        IpAddr::V6(v6) => {
            let bits = v6.to_bits();
            lists.add(IPV6_HIGH.get((bits >> 64) as u64), false);
            lists.add(IPV6.get(bits), false);
        }
    }
    lists
}

fn token_lists(token: &str) -> Lists {
    let mut lists = Lists::default();
    if let Some(set) = token::key(token).and_then(|key| TOKENS.get(key.as_ref())) {
        lists.add(set, false);
    }
    lists
}

/// The names of hosts and domains on the list `list`, in no particular order; none where there is no such list.
pub fn named_by(list: &str) -> impl Iterator<Item = &'static str> + use<> {
    let at = LISTS.binary_search_by(|known| known.name.cmp(list)).ok();
    HOSTS.iter().filter_map(move |(name, set)| {
        let mut lists = Lists::default();
        lists.add(set, false);
        let is_on_it = at.is_some_and(|at| lists.0 >> at & 1 == 1);
        std::str::from_utf8(name).ok().filter(|_| is_on_it)
    })
}

/// How many names, digests and pieces of address space the lists hold together.
pub(crate) fn entries() -> usize {
    HOSTS.iter().count() + TOKENS.iter().count() + IPV4.len() + IPV6_HIGH.len() + IPV6.len()
}

#[cfg(test)]
mod tests;
