//! Someone's assertion that a value is worth detecting (STIX 2.1 `indicator`, MISP `to_ids`).

use crate::{Invalid, Moment, Observable, ObservableType, Untrusted, Verdict};
use serde::Serialize;

/// Which observables an indicator meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// The value itself.
    Exact,
    /// Every address of the network.
    Network,
    /// The domain and every name below it.
    Below,
    /// Every URL of the host whose path begins so, at the boundary of a segment.
    Prefix,
}

/// One assertion, as a feed makes it. What a feed says of all its indicators alike (reliability, licence) stands with
/// the feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Indicator {
    /// What it is about.
    pub observable: Observable,
    /// What it meets.
    pub reach: Reach,
    /// What it asserts: `Malicious`, `Suspicious`, `Benign`, or `Unknown` for what is worth knowing and says nothing of
    /// guilt, such as that a vulnerability is being exploited.
    pub towards: Verdict,
    /// How sure its author is, in percent.
    pub confidence: Option<u8>,
    /// When its author first saw it.
    pub first_seen: Option<Moment>,
    /// When its author last saw it, or last confirmed it.
    pub last_seen: Option<Moment>,
    /// From when on it no longer holds.
    pub valid_until: Option<Moment>,
    /// What it is said to be, `botnet C2, port 443`. Empty if nothing is said.
    pub threat: Untrusted,
    /// Where to read on: a URL or an identifier. Empty if there is none.
    pub reference: Untrusted,
}

impl Indicator {
    /// Longest [`Indicator::threat`] that is kept. Bytes.
    pub const MAX_THREAT: usize = 240;
    /// Longest [`Indicator::reference`] that is kept. Bytes.
    pub const MAX_REFERENCE: usize = 480;

    /// An assertion of malice about a value with its natural reach: networks meet their addresses, domains (not those
    /// with a single owner's host in front) themselves alone.
    pub fn new(observable: Observable) -> Self {
        let reach = match observable.kind() {
            ObservableType::Ipv4Cidr | ObservableType::Ipv6Cidr => Reach::Network,
            _ => Reach::Exact,
        };
        Self {
            observable,
            reach,
            towards: Verdict::Malicious,
            confidence: None,
            first_seen: None,
            last_seen: None,
            valid_until: None,
            threat: Untrusted::default(),
            reference: Untrusted::default(),
        }
    }

    /// Reads a value whose type is not said: an address, a network, `address:port`, a URL, a digest, a domain, an
    /// e-mail address, an identifier of a vulnerability. Defanged forms are not read here.
    ///
    /// # Errors
    /// When it is none of these.
    pub fn guess(text: &str) -> Result<Observable, Invalid> {
        /// In the order in which they are tried: the first that takes a text has it.
        const TYPES: &[ObservableType] = &[
            ObservableType::Ipv4,
            ObservableType::Ipv6,
            ObservableType::Ipv4Cidr,
            ObservableType::Ipv6Cidr,
            ObservableType::Socket,
            ObservableType::Md5,
            ObservableType::Sha1,
            ObservableType::Sha224,
            ObservableType::Sha256,
            ObservableType::Sha384,
            ObservableType::Sha512,
            ObservableType::Cve,
            ObservableType::Ghsa,
            ObservableType::Asn,
            ObservableType::Onion,
            ObservableType::Domain,
            ObservableType::Url,
            ObservableType::Email,
        ];
        let text = text.trim();
        TYPES
            .iter()
            .find_map(|kind| Observable::parse(*kind, text).ok())
            .ok_or(Invalid(
                "not an address, network, domain, URL, digest or other indicator",
            ))
    }

    /// How long ago somebody last vouched for it. Seconds; nothing if it bears no time.
    pub fn age(&self, as_of: Moment) -> Option<u64> {
        let vouched = self.last_seen.max(self.first_seen)?;
        Some(as_of.since(vouched))
    }
}
