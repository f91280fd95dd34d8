//! Marks observables with what is known about where they belong. Tagged, never dropped; a tag says nothing of guilt.

use std::net::IpAddr;
use watchfire_model::{ArtifactId, Observable, ObservableType, Observed, Organisation, Tag};

/// The organisation's own domains and ranges.
const OWN: Tag = Tag("own-organisation");

/// Knows whose things are whose.
#[derive(Debug)]
pub(crate) struct Tagger {
    organisation: Organisation,
}

impl Tagger {
    pub(crate) fn new(organisation: Organisation) -> Self {
        Self { organisation }
    }

    /// Adds every tag that applies, and sorts.
    pub(crate) fn tag(&self, observed: &mut [Observed]) {
        for observed in observed {
            let tags = &mut observed.tags;
            self.place(&observed.observable, tags);
            tags.sort_unstable();
            tags.dedup();
        }
    }

    /// The list of known-good identities that holds the digest.
    pub(crate) fn known_good(&self, artifact: ArtifactId) -> Option<&'static str> {
        let _ = artifact;
        None
    }

    fn place(&self, observable: &Observable, tags: &mut Vec<Tag>) {
        match host_of(observable) {
            Some(Host::Address(address)) if self.organisation.owns_address(address) => tags.push(OWN),
            Some(Host::Name(name)) if self.organisation.owns_domain(name) => tags.push(OWN),
            _ => {}
        }
    }
}

/// The network place that an observable leads to.
pub(crate) enum Host<'o> {
    Address(IpAddr),
    Name(&'o str),
}

/// The address or name behind an address, socket, domain, URL or mail address.
pub(crate) fn host_of(observable: &Observable) -> Option<Host<'_>> {
    let value = observable.raw();
    let host = match observable.kind() {
        ObservableType::Ipv4 | ObservableType::Ipv6 | ObservableType::Domain | ObservableType::Onion => value,
        ObservableType::Socket => value.rsplit_once(':')?.0,
        ObservableType::Ipv4Cidr | ObservableType::Ipv6Cidr => value.split_once('/')?.0,
        ObservableType::Email | ObservableType::Xmpp => value.rsplit_once('@')?.1,
        ObservableType::Url => crate::url::Url::parse(value)?.host,
        _ => return None,
    };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    Some(match bare.parse() {
        Ok(address) => Host::Address(address),
        Err(_) => Host::Name(host),
    })
}
