//! Two hosts that say to have the same address.
//!
//! | seen | weight | why |
//! |---|---|---|
//! | at the same time, and one of them has another address of its own, and says it unasked or again and again | 0.45 | who stands between two others says to each that he is the other |
//! | one after the other, and the later keeps another address meanwhile and says it unasked, 20 times and more | 0.45 | the one whose address it is may have nothing to say in a short capture |
//! | the same, less often | 0.15 | pairs of servers take over from one another like that |
//! | at the same time, otherwise | 0.15 | an address was given twice |
//! | one after the other, otherwise | nothing | addresses are leased again; machines move |
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
/// The same, of somebody who never stops. Servers that take over announce it five times or ten.
const PERSISTS: u64 = 20;

/// From when until when.
type Period = (Timestamp, Timestamp);

/// See the module.
#[derive(Debug)]
pub(crate) struct ArpSpoofing {
    claims: Table<(Option<u16>, Ipv4Addr), BTreeMap<Mac, Claim>>,
    /// Addresses that each says to have.
    own: Table<Mac, Vec<Own>>,
}

/// An address that somebody says to have, and when he does.
#[derive(Debug)]
struct Own {
    address: Ipv4Addr,
    period: Period,
}

#[derive(Debug, Default)]
struct Claim {
    answers: u64,
    /// Nobody had asked.
    unasked: u64,
    period: Option<Period>,
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
        let period = (event.time, arp.last);
        if let Some(own) = self.own.row(arp.mac) {
            let is_full = own.len() >= MOST_CLAIMS;
            match own.iter_mut().find(|own| own.address == arp.address) {
                Some(known) => known.period = both(known.period, period),
                None if is_full => {}
                None => own.push(Own {
                    address: arp.address,
                    period,
                }),
            }
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
        claim.period = Some(both(claim.period.unwrap_or(period), period));
        claim
            .frames
            .met(event.frame, || format!("{} is at {}", arp.address, arp.mac));
    }

    fn conclude(&self, scene: &mut Scene<'_>) {
        let all = self.claims.rows();
        let contested: BTreeSet<Ipv4Addr> = all
            .iter()
            .filter(|(_, claims)| claims.len() > 1)
            .map(|((_, address), _)| *address)
            .collect();
        for (&(_, address), claims) in all {
            if claims.len() < 2 {
                continue;
            }
            let known = |mac: Mac| self.own.get(&mac).map(Vec::as_slice).unwrap_or_default();
            let spoofer = spoofer(claims, known, &contested);
            let (what, weight) = match spoofer {
                Some((mac, at_once)) if at_once || persists(claims, mac) => ("spoofed", INFO.weight),
                Some(_) => ("taken over", 150),
                None if overlap(claims) => ("claimed twice", 150),
                None => continue,
            };
            let spoofer = spoofer.map(|(mac, _)| mac);
            let macs: Vec<String> = claims.keys().map(Mac::to_string).collect();
            let why = match spoofer {
                Some(mac) => format!("; {mac} says to have {} more", known(mac).len().saturating_sub(1)),
                None => String::new(),
            };
            let about = spoofer.map_or_else(|| address.to_string(), |mac| called(mac, known(mac), &contested));
            let title = format!(
                "address {what}: {} say to have {}{why}",
                macs.join(" and "),
                host(scene, IpAddr::V4(address))
            );
            let mut claims: Vec<(&Mac, &Claim)> = claims.iter().collect();
            claims.sort_by_key(|(mac, _)| Some(**mac) != spoofer);
            let frames = Frames::of_all(claims.into_iter().map(|(_, claim)| claim.frames.clone()).collect());
            say_about(
                scene,
                &INFO,
                (title, weight),
                &frames,
                (&[], vec![Target::Host(about.into())]),
            );
        }
    }
}

/// Who says to have the address besides one of his own, and insists; and whether others say it meanwhile. A router has several
/// addresses, too: it is the one who claims most of what others claim.
fn spoofer<'a>(
    claims: &BTreeMap<Mac, Claim>,
    known: impl Fn(Mac) -> &'a [Own],
    contested: &BTreeSet<Ipv4Addr>,
) -> Option<(Mac, bool)> {
    let of_others = |mac: Mac| {
        let own = known(mac).iter();
        own.filter(|own| contested.contains(&own.address)).count()
    };
    let judged = claims.iter().filter_map(|(mac, claim)| {
        let (own, period) = (known(*mac), claim.period?);
        let meets = |other: Option<Period>| other.is_some_and(|other| meet(other, period));
        let at_once = claims.iter().any(|(other, claim)| other != mac && meets(claim.period));
        // Its own address is among them.
        let keeps = own.iter().filter(|own| meet(own.period, period)).count() > 1;
        let insists = claim.unasked >= INSISTS || claim.answers >= INSISTS;
        (own.len() > 1 && insists && (at_once || keeps)).then(|| (at_once, of_others(*mac), claim.unasked, *mac))
    });
    judged.max().map(|(at_once, .., mac)| (mac, at_once))
}

fn persists(claims: &BTreeMap<Mac, Claim>, mac: Mac) -> bool {
    claims.get(&mac).is_some_and(|claim| claim.unasked >= PERSISTS)
}

/// A host by an address that nobody else says to have, or by the one on the link.
fn called(mac: Mac, own: &[Own], contested: &BTreeSet<Ipv4Addr>) -> String {
    let sure = own.iter().find(|own| !contested.contains(&own.address));
    sure.map_or_else(|| mac.to_string(), |own| own.address.to_string())
}

/// Whether two of them spoke at the same time.
fn overlap(claims: &BTreeMap<Mac, Claim>) -> bool {
    let mut periods: Vec<Period> = claims.values().filter_map(|claim| claim.period).collect();
    periods.sort();
    periods.windows(2).any(|pair| match pair {
        [one, other] => meet(*one, *other),
        _ => false,
    })
}

/// Whether two periods have some time in common.
fn meet(one: Period, other: Period) -> bool {
    one.0 < other.1 && other.0 < one.1 || one == other
}

/// What holds both.
fn both(one: Period, other: Period) -> Period {
    (one.0.min(other.0), one.1.max(other.1))
}
