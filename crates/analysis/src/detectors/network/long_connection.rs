//! Connections to the outside that stay open for hours.
//!
//! | seen | weight | why |
//! |---|---|---|
//! | 4 hours and more, to an address that nobody in the capture calls by a name, and that only this host speaks to | 0.25 | tunnels and remote access look like that; so do games and calls |
//! | 8 hours and more otherwise | 0.05 | push services and chats wait like that |
//!
//! Time between the first frame of a flow and its last. What is over UDP counts too: VPNs and QUIC. Addresses of the name
//! system and of time are asked all day from the same port by some, and are left out.

use super::shared::{Frames, Table, amount, callers, duration, host, is_inside, is_named, is_outside, say};
use crate::detectors::{Detector, DetectorInfo, Scene};
use std::net::{IpAddr, SocketAddr};
use watchfire_model::network::{Flow, TransportProtocol};
use watchfire_model::{Confidence, RuleId, Severity, TechniqueId};

static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("long-connection"),
    describes: "a connection to the outside that stays open for hours",
    severity: Severity::Medium,
    confidence: Confidence::Low,
    weight: 250,
    group: "long-connection",
    techniques: &[TechniqueId::new("T1071"), TechniqueId::new("T1572")],
    false_positives: "push services, remote work, VPNs, chats and games",
};

const MOST: usize = 4_096;
/// Seconds.
const LONG: u64 = 4 * 3_600;
const VERY_LONG: u64 = 8 * 3_600;
/// Ports of the name system and of time.
const ASKED_ALL_DAY: [u16; 2] = [53, 123];

/// See the module.
#[derive(Debug)]
pub(crate) struct LongConnection {
    longest: Table<(IpAddr, SocketAddr), Open>,
}

#[derive(Debug, Default)]
struct Open {
    seconds: u64,
    sent: u64,
    received: u64,
    service: Option<&'static str>,
    frames: Frames,
}

impl Default for LongConnection {
    fn default() -> Self {
        Self {
            longest: Table::new(MOST),
        }
    }
}

impl Detector for LongConnection {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_flow(&mut self, flow: &Flow, _: &mut Scene<'_>) {
        let is_datagram = flow.protocol == TransportProtocol::UDP;
        if flow.carries
            || !(flow.protocol == TransportProtocol::TCP || is_datagram)
            || flow.sent.packets == 0
            || flow.received.packets == 0
        {
            return;
        }
        let (from, to) = (flow.originator.address, flow.responder);
        let seconds = flow.last.since(flow.first) / 1_000_000_000;
        if seconds < LONG || ASKED_ALL_DAY.contains(&to.port) {
            return;
        }
        let Some(open) = self.longest.row((from, SocketAddr::new(to.address, to.port))) else {
            return;
        };
        open.frames.met(flow.first_frame, || {
            format!("{} for {}", flow.protocol, duration(seconds))
        });
        if seconds > open.seconds {
            open.seconds = seconds;
            open.sent = flow.sent.bytes;
            open.received = flow.received.bytes;
            open.service = flow.services.last().copied();
        }
    }

    fn conclude(&self, scene: &mut Scene<'_>) {
        for (&(from, to), open) in self.longest.rows() {
            let organisation = scene.organisation();
            if !is_inside(organisation, from) || !is_outside(organisation, to.ip()) {
                continue;
            }
            let alone = callers(scene, to.ip()).is_some_and(|callers| callers == 1);
            let strange = alone && !is_named(scene, to.ip());
            if !strange && open.seconds < VERY_LONG {
                continue;
            }
            let title = format!(
                "long connection: {} to {} port {}{} for {}, {} out, {} in",
                host(scene, from),
                host(scene, to.ip()),
                to.port(),
                open.service.map(|service| format!(" ({service})")).unwrap_or_default(),
                duration(open.seconds),
                amount(open.sent),
                amount(open.received),
            );
            let weight = if strange { INFO.weight } else { 50 };
            say(scene, &INFO, (title, weight), &open.frames, (&[from], &[to.ip()]));
        }
    }
}
