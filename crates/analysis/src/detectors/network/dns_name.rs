//! Questions to the domain name system, as detectors look at them.

use watchfire_knowledge::{host, reserved};
use watchfire_model::network::{Dns, Event, Exchange};

/// Ports of its kin on a link, where hosts answer for themselves: NetBIOS names, mDNS, LLMNR.
const LINK: [u16; 3] = [137, 5353, 5355];

/// A question about a name that somebody registered.
pub(super) struct Question<'e> {
    /// What was asked and answered.
    pub(super) dns: &'e Dns,
    /// The whole name, lower case.
    pub(super) name: String,
    /// Where in it the registered part begins.
    registered: usize,
}

impl<'e> Question<'e> {
    /// Nothing for what is no question to the system itself, and for names that are looked up backwards, or nowhere.
    pub(super) fn of(event: &'e Event) -> Option<Self> {
        let Exchange::Dns(dns) = &event.exchange else {
            return None;
        };
        if LINK.contains(&event.responder.port()) || dns.class.0 != 1 {
            return None;
        }
        let name = dns.query.raw().trim_end_matches('.').to_ascii_lowercase();
        let is_public = !matches!(
            reserved::name(&name),
            Some(
                reserved::Name::Infrastructure
                    | reserved::Name::LinkLocal
                    | reserved::Name::Loopback
                    | reserved::Name::Private
            )
        );
        if !name.contains('.') || !is_public {
            return None;
        }
        let registered = name.len() - host::registrable(&name).len();
        Some(Self { dns, name, registered })
    }

    /// The part that somebody registered.
    pub(super) fn registered(&self) -> &str {
        self.name.get(self.registered..).unwrap_or(&self.name)
    }

    /// The part below it, without the dot.
    pub(super) fn below(&self) -> &str {
        let below = self.name.get(..self.registered).unwrap_or_default();
        below.strip_suffix('.').unwrap_or(below)
    }
}

/// A number for a text: the same text, the same number (FNV-1a).
pub(super) fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
