//! Two hosts that say to have the same address.
//!
//! | seen | weight | why |
//! |---|---|---|
//! | one of them has another address of its own, and said it unasked or again and again | 0.45 | who stands between two others says to each that he is the other |
//! | at the same time, otherwise | 0.15 | an address was given twice; a machine moves |
//!
//! By ARP (RFC 826). Addresses of groups of routers (VRRP, HSRP, CARP) and of nobody do not count.

use super::shared::{Frames, Table, host, say};
use crate::detectors::{Detector, DetectorInfo, Scene};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use watchfire_model::network::{Event, Exchange, Mac};
use watchfire_model::{Confidence, RuleId, Severity, TechniqueId, Timestamp};

static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("arp-spoofing"),
    describes: "two hosts of a link say to have the same address",
    severity: Severity::High,
    confidence: Confidence::Medium,
    weight: 450,
    group: "arp-spoofing",
    techniques: &[TechniqueId::new("T1557.002")],
    false_positives: "addresses that were given twice; pairs of servers that take over from one another",
};

const MOST: usize = 1 << 14;
/// Hosts that say to have one address.
const MOST_CLAIMS: usize = 8;
/// Unasked answers and announcements beyond which somebody insists.
const INSISTS: u64 = 5;

/// See the module.
#[derive(Debug)]
pub(crate) struct ArpSpoofing {
    claims: Table<(Option<u16>, Ipv4Addr), BTreeMap<Mac, Claim>>,
    /// Addresses that each says to have.
    own: Table<Mac, Vec<Ipv4Addr>>,
}

#[derive(Debug, Default)]
struct Claim {
    answers: u64,
    /// Nobody had asked.
    unasked: u64,
    span: Option<(Timestamp, Timestamp)>,
    frames: Frames,
}

impl Default for ArpSpoofing {
    fn default() -> Self {
        Self {
            claims: Table::new(MOST),
            own: Table::new(MOST),
        }
    }
}

/// Whether an address on the link is shared by routers: VRRP and CARP (RFC 9568), HSRP.
fn is_shared(Mac(address): Mac) -> bool {
    matches!(
        address,
        [0x00, 0x00, 0x5e, 0x00, 0x01 | 0x02, _] | [0x00, 0x00, 0x0c, 0x07, 0xac, _] | [0x00, 0x00, 0x0c, 0x9f, ..]
    )
}

impl Detector for ArpSpoofing {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_event(&mut self, event: &Event, _: &mut Scene<'_>) {
        let Exchange::Arp(arp) = &event.exchange else { return };
        let says = arp.answers + arp.unasked + arp.announcements + arp.questions;
        if arp.address.is_unspecified() || says == 0 || is_shared(arp.mac) || arp.mac.is_group() {
            return;
        }
        if let Some(own) = self.own.row(arp.mac)
            && own.len() < MOST_CLAIMS
            && !own.contains(&arp.address)
        {
            own.push(arp.address);
        }
        let Some(claims) = self.claims.row((arp.vlan, arp.address)) else {
            return;
        };
        if claims.len() >= MOST_CLAIMS && !claims.contains_key(&arp.mac) {
            return;
        }
        let claim = claims.entry(arp.mac).or_default();
        claim.answers += arp.answers;
        claim.unasked += arp.unasked + arp.announcements;
        let (first, last) = claim.span.unwrap_or((event.time, arp.last));
        claim.span = Some((first.min(event.time), last.max(arp.last)));
        claim
            .frames
            .met(event.frame, || format!("{} is at {}", arp.address, arp.mac));
    }

    fn finish(&mut self, scene: &mut Scene<'_>) {
        let own = self.own.take();
        for ((_, address), claims) in self.claims.take() {
            if claims.len() < 2 {
                continue;
            }
            let between = |mac: &Mac, claim: &Claim| {
                own.get(mac).is_some_and(|own| own.len() > 1) && (claim.unasked >= INSISTS || claim.answers >= INSISTS)
            };
            let spoofs: Vec<Mac> = claims
                .iter()
                .filter(|(mac, claim)| between(mac, claim))
                .map(|(mac, _)| *mac)
                .collect();
            if spoofs.is_empty() && !overlap(&claims) {
                continue;
            }
            let weight = if spoofs.is_empty() { 150 } else { INFO.weight };
            let macs: Vec<String> = claims.keys().map(Mac::to_string).collect();
            let why = match spoofs.first() {
                Some(mac) => {
                    let others = own.get(mac).map_or(0, |own| own.len().saturating_sub(1));
                    format!("; {mac} says to have {others} more")
                }
                None => String::new(),
            };
            let address = IpAddr::V4(address);
            let title = format!(
                "address spoofed: {} say to have {}{why}",
                macs.join(" and "),
                host(scene, address)
            );
            let mut frames = Frames::default();
            claims.into_values().for_each(|claim| frames.join(claim.frames));
            say(scene, &INFO, (title, weight), frames, &[address]);
        }
    }
}

/// Whether two of them spoke at the same time.
fn overlap(claims: &BTreeMap<Mac, Claim>) -> bool {
    let mut spans: Vec<(Timestamp, Timestamp)> = claims.values().filter_map(|claim| claim.span).collect();
    spans.sort();
    spans.windows(2).any(|pair| match pair {
        [(_, until), (from, _)] => from < until,
        _ => false,
    })
}
