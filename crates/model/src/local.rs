//! What is known on this machine besides what is embedded. Whoever marks values asks; the façade passes it in.

use crate::{ArtifactId, Asset, Digests, KnownGood, Location, NeededDigests, Observable};
use std::fmt;
use std::net::IpAddr;

/// The inventory of assets, and databases of places of the user's own.
pub trait Local: fmt::Debug + Send + Sync {
    /// Whose host it is.
    fn asset(&self, what: &Observable) -> Option<Asset>;

    /// Where something is: by what is here, and by `embedded`, what the embedded tables say, where nothing here knows it.
    fn place(&self, spot: Spot, embedded: &dyn Fn() -> Location) -> Location;

    /// What files are known by here besides their SHA-256.
    fn needed_digests(&self) -> NeededDigests {
        NeededDigests::default()
    }

    /// The list of the user's own that holds a file. Whoever asks has seen that the file is not empty.
    fn known_good(&self, _sha256: ArtifactId, _digests: &Digests) -> Option<KnownGood> {
        None
    }

    /// A number that tells places from one another, `embedded` as above: spots with the same number are in the same place.
    /// Nothing, where no number does.
    fn place_key(&self, spot: Spot, embedded: &dyn Fn() -> u64) -> Option<u64>;
}

/// What has a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spot {
    /// An address.
    Address(IpAddr),
    /// An autonomous system, by its number.
    Network(u32),
}
