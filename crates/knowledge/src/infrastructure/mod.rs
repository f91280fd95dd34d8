//! Well-known infrastructure: the warninglists of the MISP project.

use std::net::IpAddr;
use watchfire_model::Tag;

/// What being on a list says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Identifies one harmless thing exactly. The only role that speaks for benign.
    KnownGood,
    /// Shared by many tenants, good and bad: clouds, content delivery networks, resolvers, VPN exits.
    Shared,
    /// Free to use and often abused: shorteners, dynamic DNS, disposable mail, link pages.
    Disposable,
    /// Worth knowing, proves nothing: popularity, scanners, sinkholes, banks, universities.
    Context,
}

/// One list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct List {
    /// The short name, `url-shortener`; also the tag.
    pub name: &'static str,
    /// One line for people.
    pub title: &'static str,
    /// What being on it says.
    pub role: Role,
    /// The version the project gave it.
    pub version: u64,
    /// The terms its upstream gives it under.
    pub licence: &'static str,
}

impl List {
    /// The mark that observables on the list get.
    pub const fn tag(&self) -> Tag {
        Tag(self.name)
    }
}

/// One list that a value is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The list.
    pub list: &'static List,
}

static LISTS: [List; 0] = [];

/// Every embedded list, by name.
pub fn lists() -> impl Iterator<Item = &'static List> {
    LISTS.iter()
}

/// Appends the lists that `host`, a lower-case ASCII name, is on: those that name it exactly, and those of domains that
/// it is or lies below. Each list at most once, by name.
pub fn host(host: &str, out: &mut Vec<Hit>) {
    let _ = (host, out);
}

/// Appends the lists with a range that `address` lies in.
pub fn ip(address: IpAddr, out: &mut Vec<Hit>) {
    let _ = (address, out);
}

/// Appends the lists that the digest `hex` is on. Any case.
pub fn hash(hex: &str, out: &mut Vec<Hit>) {
    let _ = (hex, out);
}

/// Appends the lists that `url`'s host is on.
pub fn url(url: &str, out: &mut Vec<Hit>) {
    let _ = (url, out);
}

/// Appends the lists that the mail address's domain or local part is on.
pub fn email(address: &str, out: &mut Vec<Hit>) {
    let _ = (address, out);
}

/// Appends the lists that the identifier `uuid` is on. Any case.
pub fn uuid(uuid: &str, out: &mut Vec<Hit>) {
    let _ = (uuid, out);
}
