//! Data in what asks whether somebody is there.
//!
//! | seen | weight | why |
//! |---|---|---|
//! | answers to echoes that say something else than was asked, 20 and more and most of them, or of another length, 50 and more | 0.45 | who answers has to send back the same (RFC 792); tunnels send their own |
//! | 1,000 packets and more with 200 bytes and more each, on average | 0.25 | a ping of a size that somebody chose looks the same |
//!
//! A flow of echoes is all that one host asked another until a pause. Losses are allowed for: what came back is compared by
//! bytes for each packet. Echoes for measuring the largest packet are few.

use super::shared::{Frames, Table, amount, host, say};
use crate::detectors::{Detector, DetectorInfo, Scene};
use std::net::IpAddr;
use watchfire_model::network::{Event, Exchange, Flow, TransportProtocol};
use watchfire_model::{Confidence, RuleId, Severity, TechniqueId};

static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("icmp-tunnel"),
    describes: "echoes of ICMP that carry data",
    severity: Severity::High,
    confidence: Confidence::Medium,
    weight: 450,
    group: "icmp-tunnel",
    techniques: &[TechniqueId::new("T1095"), TechniqueId::new("T1048.003")],
    false_positives: "pings of a size that somebody chose, for hours; devices that answer with bytes of their own",
};

const MOST: usize = 1 << 14;
const ECHO: u16 = 8;
const ECHO6: u16 = 128;

/// See the module.
#[derive(Debug)]
pub(crate) struct IcmpTunnel {
    pairs: Table<(IpAddr, IpAddr), Echoes>,
}

#[derive(Debug, Default)]
struct Echoes {
    asked: u64,
    answered: u64,
    sent: u64,
    received: u64,
    /// Answers that repeat what was asked, and those that do not.
    same: u64,
    other: u64,
    frames: Frames,
}

impl Echoes {
    fn weight(&self) -> Option<u16> {
        let out = self.sent.checked_div(self.asked)?;
        let back = self.received.checked_div(self.answered).unwrap_or(out);
        // Eight bytes for each packet may be a stamp of time; data differs by more.
        let differs = out.abs_diff(back) > 16 && self.asked >= 50 && self.answered >= 50
            || self.other >= 20 && self.other > self.same;
        let large = out.max(back) >= 200 && self.asked.max(self.answered) >= 1_000;
        match (differs, large) {
            (true, _) => Some(INFO.weight),
            (false, true) => Some(250),
            (false, false) => None,
        }
    }
}

impl Default for IcmpTunnel {
    fn default() -> Self {
        Self {
            pairs: Table::new(MOST),
        }
    }
}

impl Detector for IcmpTunnel {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_event(&mut self, event: &Event, _: &mut Scene<'_>) {
        let Exchange::Icmp(icmp) = &event.exchange else { return };
        let key = (event.originator.ip(), event.responder.ip());
        if icmp.same_answers + icmp.other_answers == 0 {
            return;
        }
        let Some(echoes) = self.pairs.row_or(key, |echoes| echoes.asked < 10) else {
            return;
        };
        echoes.same += icmp.same_answers;
        echoes.other += icmp.other_answers;
        if icmp.other_answers > 0 {
            echoes.frames.met(event.frame, || {
                format!("{} answers say something else; {}", icmp.other_answers, icmp.sample)
            });
        }
    }

    fn on_flow(&mut self, flow: &Flow, _: &mut Scene<'_>) {
        let asks = match flow.protocol {
            TransportProtocol::ICMP => flow.originator.port == ECHO,
            TransportProtocol::ICMP6 => flow.originator.port == ECHO6,
            _ => false,
        };
        if !asks || flow.carries {
            return;
        }
        let key = (flow.originator.address, flow.responder.address);
        let Some(echoes) = self.pairs.row_or(key, |echoes| echoes.asked < 10) else {
            return;
        };
        echoes.asked += flow.sent.packets;
        echoes.answered += flow.received.packets;
        echoes.sent = echoes.sent.saturating_add(flow.sent.bytes);
        echoes.received = echoes.received.saturating_add(flow.received.bytes);
        echoes.frames.met(flow.first_frame, || {
            format!(
                "{} echoes with {}, {} answers with {}",
                flow.sent.packets,
                amount(flow.sent.bytes),
                flow.received.packets,
                amount(flow.received.bytes)
            )
        });
    }

    fn conclude(&self, scene: &mut Scene<'_>) {
        for (&(from, to), echoes) in self.pairs.rows() {
            let Some(weight) = echoes.weight() else { continue };
            let why = if weight == INFO.weight {
                "what comes back is not what was sent"
            } else {
                "more than it takes to ask"
            };
            let title = format!(
                "data in ICMP: {} and {} exchanged {} echoes with {} out and {} back: {why}",
                host(scene, from),
                host(scene, to),
                echoes.asked.max(echoes.answered),
                amount(echoes.sent),
                amount(echoes.received),
            );
            say(scene, &INFO, (title, weight), &echoes.frames, (&[from], &[from, to]));
        }
    }
}
