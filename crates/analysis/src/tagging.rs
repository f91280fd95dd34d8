//! Marks observables with what is known about where they belong. Tagged, never dropped; a tag says nothing of guilt.
//!
//! Three sources: ranges and names that standards set aside, lists of well-known infrastructure (the tag is the list's
//! name, and another one says its role), and the organisation's own domains and ranges. ATT&CK identifiers that are no
//! longer in use are marked too.

use crate::standing::Standing;
use crate::url::Url;
use std::net::IpAddr;
use std::sync::Arc;
use watchfire_knowledge::attack::{self, State};
use watchfire_knowledge::geography::{self, Geography};
use watchfire_knowledge::infrastructure::{self, Hit, Role};
use watchfire_knowledge::reserved;
use watchfire_model::{
    ArtifactId, Asset, Local, Location, Observable, ObservableType, Observed, Organisation, Spot, Tag,
};

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
        let mut hits = Vec::new();
        for observed in observed {
            (observed.location, _) = self.mark(&observed.observable, &mut observed.tags, &mut hits);
            observed.asset = self.asset(&observed.observable).map(Box::new);
            hits.clear();
        }
    }

    /// Where the value belongs, with the lists that it is on.
    pub(crate) fn standing(&self, what: &Observable) -> Standing {
        let (mut tags, mut lists) = (Vec::new(), Vec::new());
        let (location, set_aside) = self.mark(what, &mut tags, &mut lists);
        Standing {
            location,
            tags,
            lists,
            set_aside,
            asset: self.asset(what),
        }
    }

    /// Whose host it is.
    fn asset(&self, what: &Observable) -> Option<Asset> {
        self.local.as_ref()?.asset(what)
    }

    /// Where something is.
    fn place(&self, spot: Spot) -> Location {
        let embedded = || located(geography::embedded(), spot);
        match &self.local {
            Some(local) => local.place(spot, &embedded),
            None => embedded(),
        }
    }

    /// Adds tags and lists. Returns where the value is, and whether a standard set it aside.
    fn mark(&self, what: &Observable, tags: &mut Vec<Tag>, hits: &mut Vec<Hit>) -> (Location, bool) {
        let place = self.by_place(what, tags, hits);
        by_list(what, hits);
        for hit in hits.iter() {
            tags.push(hit.list.tag());
            tags.extend(role_tag(hit.list.role));
        }
        by_state(what, tags);
        tags.sort_unstable();
        tags.dedup();
        place
    }

    /// The list of known-good identities that holds the digest.
    pub(crate) fn known_good(&self, artifact: ArtifactId) -> Option<&'static str> {
        let mut hits = Vec::new();
        infrastructure::hash(&artifact.to_string(), &mut hits);
        hits.iter()
            .find(|hit| hit.list.role == Role::KnownGood)
            .map(|hit| hit.list.name)
    }

    /// Tags by where the value is reached; returns where that is, and whether a standard set it aside.
    fn by_place(&self, observable: &Observable, tags: &mut Vec<Tag>, hits: &mut Vec<Hit>) -> (Location, bool) {
        match host_of(observable) {
            Some(Host::Address(address)) => {
                let range = match address {
                    IpAddr::V4(v4) => reserved::ipv4(v4),
                    IpAddr::V6(v6) => reserved::ipv6(v6),
                };
                tags.extend(range.map(reserved::Range::tag));
                if self.organisation.owns_address(address) {
                    tags.push(OWN);
                }
                infrastructure::ip(address, hits);
                // A reserved address is nowhere, whatever was announced.
                if range.is_none() {
                    return (self.place(Spot::Address(address)), false);
                }
                (Location::NOWHERE, true)
            }
            Some(Host::Name(name)) => {
                let reserved = reserved::name(name);
                tags.extend(reserved.map(reserved::Name::tag));
                if self.organisation.owns_domain(name) {
                    tags.push(OWN);
                }
                if !matches!(observable.kind(), ObservableType::Url | ObservableType::Email) {
                    infrastructure::host(name, hits);
                }
                (Location::NOWHERE, reserved.is_some())
            }
            None if observable.kind() == ObservableType::Asn => {
                let number = observable
                    .raw()
                    .trim_start_matches(|c: char| !c.is_ascii_digit())
                    .parse();
                let place = number.map(|number| self.place(Spot::Network(number)));
                (place.unwrap_or(Location::NOWHERE), false)
            }
            None => (Location::NOWHERE, false),
        }
    }
}

/// Where something is, by tables of countries and networks.
pub fn located(tables: &'static Geography, spot: Spot) -> Location {
    let known = match spot {
        Spot::Address(address) => tables.locate(address),
        Spot::Network(number) => geography::Location {
            country: None,
            network: tables.network(number),
        },
    };
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

fn role_tag(role: Role) -> Option<Tag> {
    match role {
        Role::KnownGood => Some(Tag("known-good")),
        Role::Shared => Some(Tag("shared-infrastructure")),
        Role::Disposable => Some(Tag("disposable-service")),
        Role::Context => None,
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
    let host = match observable.kind() {
        ObservableType::Ipv4 | ObservableType::Ipv6 | ObservableType::Domain | ObservableType::Onion => value,
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
