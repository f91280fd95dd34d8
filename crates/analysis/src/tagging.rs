//! Marks observables with what is known about where they belong. Tagged, never dropped; a tag says nothing of guilt.
//!
//! Three sources: ranges and names that standards set aside, lists of well-known infrastructure (the tag is the list's
//! name, and another one says its role), and the organisation's own domains and ranges. ATT&CK identifiers that are no
//! longer in use are marked too.

use crate::standing::{Marks, Standing};
use crate::url::Url;
use std::net::IpAddr;
use std::sync::Arc;
use watchfire_knowledge::attack::{self, State};
use watchfire_knowledge::geography::{self, Geography};
use watchfire_knowledge::infrastructure::{self, Hit, Role};
use watchfire_knowledge::reserved;
use watchfire_model::observable::host;
use watchfire_model::{ArtifactId, Local, Location, Observable, ObservableType, Observed, Organisation, Spot, Tag};

/// The organisation's own domains and ranges.
pub(crate) const OWN: Tag = Tag("own-organisation");

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

    /// The list of known-good identities that holds the digest.
    pub(crate) fn known_good(&self, artifact: ArtifactId) -> Option<&'static str> {
        let mut hits = Vec::new();
        infrastructure::hash(&artifact.to_string(), &mut hits);
        hits.iter()
            .find(|hit| hit.list.role == Role::KnownGood)
            .map(|hit| hit.list.name)
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
        ObservableType::Url => Url::parse(value)?.host,
        _ => return None,
    };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    Some(match bare.parse() {
        Ok(address) => Host::Address(address),
        Err(_) => Host::Name(host),
    })
}
