//! Marks observables with what is known about where they belong. Tagged, never dropped; a tag says nothing of guilt.
//!
//! Three sources: ranges and names that standards set aside, lists of well-known infrastructure (the tag is the list's
//! name, and another one says its role), and the organisation's own domains and ranges. ATT&CK identifiers that are no
//! longer in use are marked too.

use crate::standing::{Marks, Standing};
use std::net::IpAddr;
use std::sync::Arc;
use watchfire_formats::digest::Digester;
use watchfire_knowledge::attack::{self, State};
use watchfire_knowledge::geography::{self, Geography};
use watchfire_knowledge::infrastructure::{self, Hit, Role};
use watchfire_knowledge::{reserved, suffix, tenants};
use watchfire_model::observable::host;
use watchfire_model::url::Url;
use watchfire_model::{
    ArtifactId, Digests, KnownGood, Local, Location, Observable, ObservableType, Observed, Organisation, Spot, Tag,
};

/// The organisation's own domains and ranges.
pub(crate) const OWN: Tag = Tag("own-organisation");

/// A name that many people use by itself: what one of them does there is not all that is done there.
pub(crate) const POPULAR: Tag = Tag("popular");
/// The embedded list of what is visited most.
const MOST_VISITED: &str = "majestic_million";

/// Knows whose things are whose.
#[derive(Debug)]
pub(crate) struct Tagger {
    organisation: Organisation,
    local: Option<Arc<dyn Local>>,
}

impl Tagger {
    pub(crate) fn new(organisation: Organisation, local: Option<Arc<dyn Local>>) -> Self {
        Self { organisation, local }
    }

    /// Adds every tag that applies, and sorts.
    pub(crate) fn tag(&self, observed: &mut [Observed]) {
        let mut marks = Marks::default();
        for observed in observed {
            self.mark(&observed.observable, &mut marks);
            observed.location = self.location(&marks);
            observed.asset = marks.asset.take().map(Box::new);
            marks.append_tags(&mut observed.tags);
        }
    }

    /// Says in `marks` where the value belongs, and nothing else any more.
    pub(crate) fn mark(&self, what: &Observable, marks: &mut Marks) {
        marks.clear();
        self.by_place(what, marks);
        by_list(what, &mut marks.lists);
        by_state(what, &mut marks.tags);
        marks.asset = self.local.as_ref().and_then(|local| local.asset(what));
    }

    /// Where it is, by its marks.
    pub(crate) fn location(&self, marks: &Marks) -> Location {
        let Some(spot) = marks.spot else {
            return Location::NOWHERE;
        };
        let embedded = || located(geography::embedded(), spot);
        match &self.local {
            Some(local) => local.place(spot, &embedded),
            None => embedded(),
        }
    }

    /// The marks in words.
    pub(crate) fn standing(&self, marks: &Marks) -> Standing {
        let mut tags = Vec::new();
        marks.append_tags(&mut tags);
        Standing {
            location: self.location(marks),
            tags,
            lists: marks.lists.clone(),
            set_aside: marks.set_aside,
            asset: marks.asset.clone(),
        }
    }

    /// Appends what tells these marks from all others, but for the asset: those with the same key have the same standing.
    pub(crate) fn append_key(&self, marks: &Marks, key: &mut Vec<u8>) {
        marks.append_key(key);
        let Some(spot) = marks.spot else {
            return key.push(0);
        };
        let embedded = || place_key(geography::embedded(), spot);
        let short = match &self.local {
            Some(local) => local.place_key(spot, &embedded),
            None => Some(embedded()),
        };
        if let Some(short) = short {
            key.push(1);
            return key.extend(short.to_le_bytes());
        }
        // Longer, and no less exact.
        let place = format!("{:?}", self.location(marks));
        key.push(2);
        key.extend((place.len() as u64).to_le_bytes());
        key.extend(place.as_bytes());
    }

    /// What artifacts are known by besides their SHA-256.
    pub(crate) fn digester(&self) -> Digester {
        Digester::new(
            self.local
                .as_ref()
                .map(|local| local.needed_digests())
                .unwrap_or_default(),
        )
    }

    /// The list of known-good identities that holds an artifact of `size` bytes. Nothing is known of no bytes at all,
    /// although their digest is on lists: an empty file is what is left when a download failed.
    pub(crate) fn known_good(&self, artifact: ArtifactId, digests: &Digests, size: u64) -> Option<KnownGood> {
        if size == 0 {
            return None;
        }
        let mut hits = Vec::new();
        infrastructure::hash(&artifact.to_string(), &mut hits);
        let embedded = hits.iter().find(|hit| hit.list.role == Role::KnownGood);
        match embedded {
            Some(hit) => Some(KnownGood::Surely(hit.list.name.into())),
            None => self.local.as_ref()?.known_good(artifact, digests),
        }
    }

    /// Marks by where the value is reached: where that is, and whether a standard set it aside.
    fn by_place(&self, observable: &Observable, marks: &mut Marks) {
        match host_of(observable) {
            Some(Host::Address(address)) => {
                let range = match address {
                    IpAddr::V4(v4) => reserved::ipv4(v4),
                    IpAddr::V6(v6) => reserved::ipv6(v6),
                };
                marks.tags.extend(range.map(reserved::Range::tag));
                if self.organisation.owns_address(address) {
                    marks.tags.push(OWN);
                }
                infrastructure::ip(address, &mut marks.lists);
                marks.set_aside = range.is_some();
                // A reserved address is nowhere, whatever was announced.
                if !marks.set_aside {
                    marks.spot = Some(Spot::Address(address));
                }
            }
            Some(Host::Name(name)) => {
                let reserved = reserved::name(name);
                marks.tags.extend(reserved.map(reserved::Name::tag));
                marks.set_aside = reserved.is_some();
                if self.organisation.owns_domain(name) {
                    marks.tags.push(OWN);
                }
                if !matches!(observable.kind(), ObservableType::Url | ObservableType::Email) {
                    infrastructure::host(name, &mut marks.lists);
                }
                if observable.kind() == ObservableType::Domain && is_popular(name, &marks.lists) {
                    marks.tags.push(POPULAR);
                }
            }
            None if observable.kind() == ObservableType::Asn => {
                let number = observable
                    .raw()
                    .trim_start_matches(|c: char| !c.is_ascii_digit())
                    .parse();
                marks.spot = number.ok().map(Spot::Network);
            }
            None => {}
        }
    }
}

/// Where something is, by tables of countries and networks.
pub fn located(tables: &'static Geography, spot: Spot) -> Location {
    let known = known(tables, spot);
    Location {
        country: known.country.map(geography::Country::code),
        asn: known.network.map(geography::Network::number),
        as_name: known
            .network
            .and_then(geography::Network::holder)
            .map(|holder| holder.to_string().into()),
        own: None,
    }
}

fn known(tables: &'static Geography, spot: Spot) -> geography::Location {
    match spot {
        Spot::Address(address) => tables.locate(address),
        Spot::Network(number) => geography::Location {
            country: None,
            network: tables.network(number),
        },
    }
}

/// Tells the places of one edition of the tables from one another.
pub fn place_key(tables: &'static Geography, spot: Spot) -> u64 {
    let known = known(tables, spot);
    let country = known.country.map_or("", geography::Country::code);
    let letters = country.bytes().fold(0, |all, letter| all << 8 | u64::from(letter));
    letters << 32 | u64::from(known.network.map_or(0, geography::Network::number))
}

/// Whether `name`, which is on `lists`, is itself what many use: it is listed by name, or lies below a popular site whose
/// owner alone gives such names away. What anybody can have below a popular name is not popular.
fn is_popular(name: &str, lists: &[Hit]) -> bool {
    let attracts = |hit: &Hit| hit.list.role == Role::Shared || hit.list.name == MOST_VISITED;
    if !lists.iter().any(attracts) {
        return false;
    }
    let mut named = Vec::new();
    infrastructure::host_itself(name, &mut named);
    if named.iter().any(attracts) {
        return true;
    }
    let is_given_away = || tenants::site_above(name).is_some();
    if lists.iter().any(|hit| hit.list.role == Role::Disposable) || is_given_away() {
        return false;
    }
    let site = suffix::registrable(name).unwrap_or(name);
    named.clear();
    infrastructure::host_itself(site, &mut named);
    named.iter().any(|hit| hit.list.name == MOST_VISITED)
}

/// What is listed as itself, not by its host.
fn by_list(observable: &Observable, hits: &mut Vec<Hit>) {
    let value = observable.raw();
    match observable.kind() {
        ObservableType::Md5
        | ObservableType::Sha1
        | ObservableType::Sha224
        | ObservableType::Sha256
        | ObservableType::Sha384
        | ObservableType::Sha512
        | ObservableType::Ssdeep => infrastructure::hash(value, hits),
        ObservableType::Url => infrastructure::url(value, hits),
        ObservableType::Email => infrastructure::email(value, hits),
        ObservableType::Uuid => infrastructure::uuid(value, hits),
        _ => {}
    }
}

fn by_state(observable: &Observable, tags: &mut Vec<Tag>) {
    let catalogued = matches!(
        observable.kind(),
        ObservableType::AttackTechnique | ObservableType::AttackTactic | ObservableType::AttackMitigation
    );
    if !catalogued {
        return;
    }
    match attack::lookup(observable.raw()).map(|entry| entry.state) {
        Some(State::Revoked) => tags.push(Tag("attack-revoked")),
        Some(State::Deprecated) => tags.push(Tag("attack-deprecated")),
        Some(State::Current) => {}
        None => tags.push(Tag("attack-unknown")),
    }
}

/// The network place that an observable leads to.
enum Host<'o> {
    Address(IpAddr),
    Name(&'o str),
}

/// The address or name behind an address, range, socket, domain, URL or mail address.
fn host_of(observable: &Observable) -> Option<Host<'_>> {
    let value = observable.raw();
    if observable.kind() == ObservableType::Ipv4 {
        return host::parse_ipv4(value.as_bytes()).map(|address| Host::Address(address.into()));
    }
    let host = match observable.kind() {
        ObservableType::Ipv6 | ObservableType::Domain | ObservableType::Onion => value,
        ObservableType::Socket => value.rsplit_once(':')?.0,
        ObservableType::Ipv4Cidr | ObservableType::Ipv6Cidr => value.split_once('/')?.0,
        ObservableType::Email | ObservableType::Xmpp => value.rsplit_once('@')?.1,
        ObservableType::Url if value.contains("://") => return Some(as_browsers_read(Url::parse(value)?.host)),
        // People leave the scheme out.
        ObservableType::Url => {
            let place = value.split('/').next()?;
            return Some(as_browsers_read(place.split_once(':').map_or(place, |(host, _)| host)));
        }
        _ => return None,
    };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    Some(match bare.parse() {
        Ok(address) => Host::Address(address),
        Err(_) => Host::Name(host),
    })
}

/// The host of a URL: an address in whatever numerals, or a name without the full stop at its end.
fn as_browsers_read(host: &str) -> Host<'_> {
    let host = host.strip_suffix('.').unwrap_or(host);
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let numeric = || host::numeric_ipv4(bare).map(IpAddr::V4);
    match bare.parse().ok().or_else(numeric) {
        Some(address) => Host::Address(address),
        None => Host::Name(host),
    }
}

/// The address or name that a URL, a socket or a mail address leads to, as a value of its own; the IPv4 address that one of
/// IPv6 stands for. `None` for what is itself a host, and for what leads nowhere.
pub fn host_behind(what: &Observable) -> Option<Observable> {
    use ObservableType as T;
    if !matches!(what.kind(), T::Url | T::Socket | T::Email | T::Xmpp | T::Ipv6) {
        return None;
    }
    let parse = |kind, text: &str| Observable::parse(kind, text).ok();
    match host_of(what)? {
        Host::Address(address) => match address.to_canonical() {
            IpAddr::V4(v4) => parse(T::Ipv4, &v4.to_string()),
            IpAddr::V6(_) if what.kind() == T::Ipv6 => None,
            IpAddr::V6(v6) => parse(T::Ipv6, &v6.to_string()),
        },
        Host::Name(name) => parse(T::Domain, name).or_else(|| parse(T::Onion, name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn behind_a_url_a_socket_and_a_mail_address_is_a_host() {
        use ObservableType as T;
        let onion = format!("{}.onion", "a".repeat(56));
        for (kind, value, expected) in [
            (T::Url, "http://user@Evil.com:8080/a?b", Some((T::Domain, "evil.com"))),
            (T::Url, "evil.com:81/a", Some((T::Domain, "evil.com"))),
            (T::Url, "http://9.9.9.8/x", Some((T::Ipv4, "9.9.9.8"))),
            (T::Url, "http://[2001:DB8::1]:8/x", Some((T::Ipv6, "2001:db8::1"))),
            (T::Url, "http://9.9.9.8./x", Some((T::Ipv4, "9.9.9.8"))),
            (T::Url, "http://0x09090908/x", Some((T::Ipv4, "9.9.9.8"))),
            (T::Url, "http://9.9.2312/x", Some((T::Ipv4, "9.9.9.8"))),
            (T::Url, "151587080.example/x", Some((T::Domain, "151587080.example"))),
            (T::Url, "http://[::ffff:9.9.9.8]/x", Some((T::Ipv4, "9.9.9.8"))),
            (T::Url, "http://evil.com./x", Some((T::Domain, "evil.com"))),
            (T::Url, r"http://good.org\@evil.com/", Some((T::Domain, "good.org"))),
            (T::Ipv6, "::ffff:9.9.9.8", Some((T::Ipv4, "9.9.9.8"))),
            (T::Ipv6, "2001:db8::1", None),
            (T::Socket, "9.9.9.8:443", Some((T::Ipv4, "9.9.9.8"))),
            (T::Socket, "[2001:db8::1]:443", Some((T::Ipv6, "2001:db8::1"))),
            (T::Email, "j.li@evil.com", Some((T::Domain, "evil.com"))),
            (T::Domain, "evil.com", None),
            (T::Ipv4Cidr, "9.9.9.0/24", None),
            (T::Cve, "CVE-2026-1234", None),
        ] {
            let what = Observable::parse(kind, value).unwrap();
            let host = host_behind(&what);
            let found = host.as_ref().map(|host| (host.kind(), host.raw()));
            assert_eq!(found, expected, "{value}");
        }
        if let Ok(what) = Observable::parse(T::Url, &format!("http://{onion}/")) {
            assert!(host_behind(&what).is_some_and(|host| host.raw() == onion));
        }
    }

    #[test]
    fn popular_is_a_name_that_is_listed_itself_and_not_what_anybody_has_below_it() {
        let tagger = Tagger::new(Organisation::default(), None);
        let mut marks = Marks::default();
        for (name, expected) in [
            ("google.com", true),
            ("www.google.com", true),
            ("mail.google.com", true),
            ("github.com", true),
            ("evil.github.io", false),
            ("evil.blogspot.com", false),
            ("evil.duckdns.org", false),
            ("sharepoint.com", true),
            ("evil.sharepoint.com", false),
            ("evil-my.sharepoint.com", false),
            ("evil.storage.googleapis.com", false),
            // Whose path says whose it is. A page is not held back.
            ("raw.githubusercontent.com", true),
            ("evil-c2.com", false),
            ("google.com.evil-c2.com", false),
        ] {
            let what = Observable::parse(ObservableType::Domain, name).unwrap();
            tagger.mark(&what, &mut marks);
            assert_eq!(marks.tags.contains(&POPULAR), expected, "{name}: {:?}", marks.lists);
        }
        let url = Observable::parse(ObservableType::Url, "https://google.com/a").unwrap();
        tagger.mark(&url, &mut marks);
        assert!(!marks.tags.contains(&POPULAR), "a page is not the site");
    }
}
