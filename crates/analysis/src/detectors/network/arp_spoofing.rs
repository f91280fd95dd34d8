//! Two hosts that say to have the same address.
//!
//! | seen | weight | why |
//! |---|---|---|
//! | one of them has another address of its own, and said it unasked or again and again | 0.45 | who stands between two others says to each that he is the other |
//! | at the same time, otherwise | 0.15 | an address was given twice; a machine moves |
//!
//! By ARP (RFC 826). Addresses of groups of routers (VRRP, HSRP, CARP) and of nobody do not count. What is told is about the
//! host that takes the address of another, by an address that is its own, or by the one on the link where it has said none.

use super::shared::{Frames, Table, host, say_about};
use crate::detectors::{Detector, DetectorInfo, Scene};
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};
use watchfire_model::network::{Event, Exchange, Mac};
use watchfire_model::{Confidence, RuleId, Severity, Target, TechniqueId, Timestamp};

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
        let all: Vec<_> = self.claims.take().into_iter().collect();
        let contested: BTreeSet<Ipv4Addr> = all
            .iter()
            .filter(|(_, claims)| claims.len() > 1)
            .map(|((_, address), _)| *address)
            .collect();
        for ((_, address), claims) in all {
            if claims.len() < 2 {
                continue;
            }
            let known = |mac: Mac| own.get(&mac).map(Vec::as_slice).unwrap_or_default();
            let spoofer = spoofer(&claims, known, &contested);
            if spoofer.is_none() && !overlap(&claims) {
                continue;
            }
            let weight = if spoofer.is_none() { 150 } else { INFO.weight };
            let macs: Vec<String> = claims.keys().map(Mac::to_string).collect();
            let why = match spoofer {
                Some(mac) => format!("; {mac} says to have {} more", known(mac).len().saturating_sub(1)),
                None => String::new(),
            };
            let about = spoofer.map_or_else(|| address.to_string(), |mac| called(mac, known(mac), &contested));
            let title = format!(
                "address spoofed: {} say to have {}{why}",
                macs.join(" and "),
                host(scene, IpAddr::V4(address))
            );
            let mut claims: Vec<(Mac, Claim)> = claims.into_iter().collect();
            claims.sort_by_key(|(mac, _)| Some(*mac) != spoofer);
            let frames = Frames::of_all(claims.into_iter().map(|(_, claim)| claim.frames).collect());
            say_about(scene, &INFO, (title, weight), frames, vec![Target::Host(about.into())]);
        }
    }
}

/// Who says to have the address besides one of his own, and insists. A router has several addresses, too: it is the one who
/// claims most of what others claim.
fn spoofer<'a>(
    claims: &BTreeMap<Mac, Claim>,
    known: impl Fn(Mac) -> &'a [Ipv4Addr],
    contested: &BTreeSet<Ipv4Addr>,
) -> Option<Mac> {
    let insists = |claim: &Claim| claim.unasked >= INSISTS || claim.answers >= INSISTS;
    let of_others = |mac: Mac| known(mac).iter().filter(|address| contested.contains(address)).count();
    let between = claims
        .iter()
        .filter(|(mac, claim)| known(**mac).len() > 1 && insists(claim));
    between
        .max_by_key(|(mac, claim)| (of_others(**mac), claim.unasked))
        .map(|(mac, _)| *mac)
}

/// A host by an address that nobody else says to have, or by the one on the link.
fn called(mac: Mac, own: &[Ipv4Addr], contested: &BTreeSet<Ipv4Addr>) -> String {
    let sure = own.iter().find(|address| !contested.contains(address));
    sure.map_or_else(|| mac.to_string(), Ipv4Addr::to_string)
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
