//! One host that asks many whether they are there.
//!
//! | seen | weight | why |
//! |---|---|---|
//! | from inside, 100 hosts and more | 0.30 | a map of the network is made; monitoring knows whom it asks |
//! | from inside, 20 hosts and more | 0.20 | |
//! | from outside | 0.05 | whoever can be reached from everywhere is asked all day |
//! | by a scanner of the organisation | 0 | it is its work |
//!
//! A third of those that are asked have to be silent. Those that are asked again and again do not count: monitoring asks those
//! that it knows. Nor do hosts that somebody in the capture calls by a name.

use super::probe::is_scanner;
use super::shared::{Frames, Span, Table, host, is_inside, is_named, is_one, say};
use crate::detectors::{Detector, DetectorInfo, Scene};
use std::collections::BTreeMap;
use std::net::IpAddr;
use watchfire_model::network::{Flow, TransportProtocol};
use watchfire_model::{Confidence, RuleId, Severity, TechniqueId};

static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("ping-sweep"),
    describes: "one host asks many by ICMP whether they are there",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    weight: 300,
    group: "scan",
    techniques: &[TechniqueId::new("T1018")],
    false_positives: "inventories and monitoring that the configuration does not name",
};

const MOST: usize = 1 << 14;
const MOST_TARGETS: usize = 4_096;
const SOME: usize = 20;
const MANY: usize = 100;
/// Questions to a host beyond which somebody watches it.
const PATIENT: u64 = 6;
/// What asks: of ICMP (RFC 792) and ICMPv6 (RFC 4443).
const ECHO: u16 = 8;
const ECHO6: u16 = 128;

/// See the module.
#[derive(Debug)]
pub(crate) struct PingSweep {
    asked: Table<IpAddr, Asked>,
}

#[derive(Debug, Default)]
struct Asked {
    hosts: BTreeMap<IpAddr, Target>,
    span: Span,
    frames: Frames,
}

/// How often one host was asked, and whether it answered.
#[derive(Debug, Default)]
struct Target {
    questions: u64,
    answers: bool,
}

impl Default for PingSweep {
    fn default() -> Self {
        Self {
            asked: Table::new(MOST),
        }
    }
}

impl Detector for PingSweep {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_flow(&mut self, flow: &Flow, _: &mut Scene<'_>) {
        let asks = match flow.protocol {
            TransportProtocol::ICMP => flow.originator.port == ECHO,
            TransportProtocol::ICMP6 => flow.originator.port == ECHO6,
            _ => false,
        };
        let target = flow.responder.address;
        if !asks || flow.carries || !is_one(target) {
            return;
        }
        let Some(asked) = self
            .asked
            .row_or(flow.originator.address, |asked| asked.hosts.len() < 2)
        else {
            return;
        };
        if asked.hosts.len() >= MOST_TARGETS && !asked.hosts.contains_key(&target) {
            return;
        }
        let answers = flow.received.packets > 0;
        let is_new = !asked.hosts.contains_key(&target);
        let known = asked.hosts.entry(target).or_default();
        known.answers |= answers;
        known.questions = known.questions.saturating_add(flow.sent.packets);
        asked.span.met(flow.first, flow.last);
        if is_new {
            asked
                .frames
                .met(flow.first_frame, || format!("echo request to {target}"));
        }
    }

    fn conclude(&self, scene: &mut Scene<'_>) {
        for (&from, asked) in self.asked.rows() {
            let few = |(_, target): &(&IpAddr, &Target)| target.questions <= PATIENT;
            let all = asked.hosts.iter().filter(few).count();
            let silent = asked
                .hosts
                .iter()
                .filter(few)
                .filter(|(_, target)| !target.answers)
                .count();
            let unnamed = asked
                .hosts
                .iter()
                .filter(few)
                .filter(|(address, _)| !is_named(scene, **address))
                .count();
            if unnamed < SOME || silent * 3 < all {
                continue;
            }
            let weight = if is_scanner(scene, from) {
                0
            } else if !is_inside(scene.organisation(), from) {
                50
            } else if unnamed >= MANY {
                INFO.weight
            } else {
                200
            };
            let who = if weight == 0 { "the organisation's scanner " } else { "" };
            let title = format!(
                "ping sweep: {who}{} asked {all} addresses whether they are there {}, {} answered",
                host(scene, from),
                asked.span.words(),
                all - silent,
            );
            say(scene, &INFO, (title, weight), &asked.frames, (&[from], &[from]));
        }
    }
}
