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
        let dns = asked(event)?;
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

/// The question of an event as it stands there. Whoever can tell by it that a name is nothing for him asks no further:
/// what is a [`Question`] takes much longer to find out.
pub(super) fn asked(event: &Event) -> Option<&Dns> {
    match &event.exchange {
        Exchange::Dns(dns) => Some(dns),
        _ => None,
    }
}

/// Letters below the last two labels of a name: what is registered has no fewer labels.
pub(super) fn most_below(dns: &Dns) -> usize {
    let name = dns.query.raw().trim_end_matches('.');
    name.rsplitn(3, '.').nth(2).map_or(0, str::len)
}

/// A number for a text: the same text, the same number (FNV-1a).
pub(super) fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
