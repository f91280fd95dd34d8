//! Who answers for names that are not his.
//!
//! | seen | weight | why |
//! |---|---|---|
//! | one host says that it is three and more names | 0.50 | hosts have one name, at most a few; those who want the log-ins of others have all of them |
//! | one host says that it is `wpad` | 0.35 | browsers would send everything through it |
//!
//! On a link hosts answer for themselves: NetBIOS names (RFC 1002), LLMNR (RFC 4795), mDNS (RFC 6762). Names count without
//! what services and suffixes add, once for all three. A host that answers for others with their addresses is a server of
//! names, and none that poisons. Names of one machine begin alike, and so do those of a machine that runs others. Browsers draw a
//! name for each call, in the form of a UUID, so that pages do not learn the address (RFC 8828): those are nobody's.

use super::shared::{Frames, Table, counted, host, is_one, say};
use crate::detectors::{Detector, DetectorInfo, Scene};
use std::collections::BTreeSet;
use std::net::IpAddr;
use watchfire_model::network::{DnsType, Event, Exchange};
use watchfire_model::observable::defang;
use watchfire_model::{Confidence, RuleId, Severity, TechniqueId, Untrusted};

static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("name-poisoning"),
    describes: "one host of the link answers for the names of many",
    severity: Severity::High,
    confidence: Confidence::High,
    weight: 500,
    group: "name-poisoning",
    techniques: &[TechniqueId::new("T1557.001")],
    false_positives: "hosts with several names of their own; a proxy that is announced as wpad on purpose",
};

const MOST: usize = 4_096;
const MOST_NAMES: usize = 64;
/// Ports where hosts answer for themselves.
const LINK: [u16; 3] = [137, 5353, 5355];
/// Records that hold an address.
const A: DnsType = DnsType(1);
const AAAA: DnsType = DnsType(28);
const NB: DnsType = DnsType(32);

/// See the module.
#[derive(Debug)]
pub(crate) struct NamePoisoning {
    said: Table<IpAddr, Said>,
}

/// What is said to be at one address.
#[derive(Debug, Default)]
struct Said {
    names: BTreeSet<String>,
    frames: Frames,
}

impl Default for NamePoisoning {
    fn default() -> Self {
        Self { said: Table::new(MOST) }
    }
}

impl Detector for NamePoisoning {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_event(&mut self, event: &Event, _: &mut Scene<'_>) {
        let Exchange::Dns(dns) = &event.exchange else { return };
        let Some(reply) = dns.reply.as_ref().filter(|reply| reply.code == 0) else {
            return;
        };
        let by = if LINK.contains(&event.responder.port()) && is_one(event.responder.ip()) {
            event.responder.ip()
        } else if LINK.contains(&event.originator.port()) {
            event.originator.ip()
        } else {
            return;
        };
        for answer in &reply.answers {
            if ![A, AAAA, NB].contains(&answer.kind) || answer.data.raw().parse() != Ok(by) {
                continue;
            }
            let Some(said) = self.said.row(by) else { continue };
            let name = bare(answer.name.raw());
            if !name.is_empty() && said.names.len() < MOST_NAMES && said.names.insert(name.clone()) {
                said.frames.met(reply.frame, || format!("{name} is {by}"));
            }
        }
    }

    fn conclude(&self, scene: &mut Scene<'_>) {
        for (&by, said) in self.said.rows() {
            let is_proxy = said.names.contains("wpad");
            let different = different(&said.names);
            let weight = match (different, is_proxy) {
                (3.., _) => INFO.weight,
                (_, true) => 350,
                _ => continue,
            };
            let shown = |name: &String| defang(&Untrusted::new(name.as_str()).shown(30));
            let names: Vec<String> = said.names.iter().take(5).map(shown).collect();
            let title = format!(
                "names poisoned: {} says that it is {} of the link: {}",
                host(scene, by),
                counted(said.names.len() as u64, "name"),
                names.join(", "),
            );
            say(scene, &INFO, (title, weight), &said.frames, (&[by], &[by]));
        }
    }
}

/// A name without domain and suffix, lower case; nothing for that of a service, or of a call.
fn bare(name: &str) -> String {
    let first = name.split(['.', '<']).next().unwrap_or_default();
    let first = first.trim_end_matches([' ', '*']).to_ascii_lowercase();
    if first.starts_with('_') || is_uuid(&first) {
        String::new()
    } else {
        first
    }
}

/// Whether a name has the form of a UUID (RFC 9562).
fn is_uuid(name: &str) -> bool {
    let is_hyphen = |at: usize| matches!(at, 8 | 13 | 18 | 23);
    let fits = |(at, byte): (usize, u8)| match is_hyphen(at) {
        true => byte == b'-',
        false => byte.is_ascii_hexdigit(),
    };
    name.len() == 36 && name.bytes().enumerate().all(fits)
}

/// How many names do not begin like another.
fn different(names: &BTreeSet<String>) -> usize {
    let mut heads = BTreeSet::new();
    for name in names {
        heads.insert(name.chars().take(4).collect::<String>());
    }
    heads.len()
}
