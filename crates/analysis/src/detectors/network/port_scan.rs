//! One host that tries the doors of another.
//!
//! | seen | weight | why |
//! |---|---|---|
//! | from inside, 100 ports and more of one host in vain | 0.45 | nothing else does that; what remains open is who is allowed to |
//! | from inside, 15 ports and more | 0.30 | programs that look for their server try some, seldom so many |
//! | from outside | 0.10 | whoever can be reached from everywhere is asked all day |
//! | by a scanner of the organisation | 0 | it is its work; named, so that nobody wonders |
//!
//! An attempt counts if nobody answered or it was refused; more have to be in vain than not. What was asked over UDP counts
//! below port 32,768 alone: media and traceroute go above. Attempts that the capture does not show from their beginning are
//! left out.

use super::probe::{Attempt, is_scanner};
use super::shared::{Frames, Room, Span, Table, host, is_inside, say};
use crate::detectors::{Detector, DetectorInfo, Scene};
use std::collections::BTreeSet;
use std::net::IpAddr;
use watchfire_model::network::{Flow, TransportProtocol};
use watchfire_model::{Confidence, RuleId, Severity, TechniqueId};

static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("port-scan"),
    describes: "one host tries many ports of another, most in vain",
    severity: Severity::High,
    confidence: Confidence::High,
    weight: 450,
    group: "scan",
    techniques: &[TechniqueId::new("T1046")],
    false_positives: "inventories and vulnerability scanners that the configuration does not name; programs that look for their server",
};

/// Pairs of hosts that are told apart.
const MOST: usize = 1 << 15;
/// Ports of each that are told apart.
const MOST_PORTS: usize = 4_096;
/// Ports that answer and are remembered of pairs where nothing was tried in vain so far.
const MOST_BEFORE: usize = 32;
/// So many ports are a scan.
const SOME: usize = 15;
/// So many are nothing else.
const MANY: usize = 100;

/// See the module.
#[derive(Debug)]
pub(crate) struct PortScan {
    pairs: Table<(IpAddr, IpAddr), Tried>,
    /// What answered before anything was tried in vain.
    before: Table<(IpAddr, IpAddr), Vec<(u8, u16)>>,
    room: Room,
}

#[derive(Debug, Default)]
struct Tried {
    dead: BTreeSet<(u8, u16)>,
    alive: BTreeSet<(u8, u16)>,
    /// Those that answered since something was tried in vain.
    more: usize,
    span: Span,
    frames: Frames,
}

impl Default for PortScan {
    fn default() -> Self {
        Self {
            pairs: Table::new(MOST),
            before: Table::new(MOST),
            room: Room::new(Room::MOST),
        }
    }
}

impl Detector for PortScan {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_flow(&mut self, flow: &Flow, _: &mut Scene<'_>) {
        let attempt = Attempt::of(flow);
        let port = (flow.protocol.0, flow.responder.port);
        let pair = (flow.originator.address, flow.responder.address);
        match attempt {
            Attempt::Dead if flow.protocol == TransportProtocol::UDP && port.1 >= 32_768 => {}
            Attempt::Dead => {
                let room = &self.room;
                let worthless = |tried: &Tried| room.frees(tried.dead.len() < 2, tried.dead.len() + tried.more);
                let Some(tried) = self.pairs.row_or(pair, worthless) else {
                    return;
                };
                if tried.dead.is_empty() {
                    let before = self.before.known(&pair).map(std::mem::take);
                    tried.alive = before.unwrap_or_default().into_iter().collect();
                }
                if tried.dead.len() < MOST_PORTS && !tried.dead.contains(&port) && room.take() {
                    tried.dead.insert(port);
                    tried.span.met(flow.first, flow.last);
                    tried.frames.met(flow.first_frame, || {
                        format!("{} port {} {}", flow.protocol, port.1, flow.state.as_str())
                    });
                }
            }
            Attempt::Touched | Attempt::Alive => {
                if let Some(tried) = self.pairs.known(&pair) {
                    if tried.alive.len() < MOST_PORTS && !tried.alive.contains(&port) && self.room.take() {
                        tried.alive.insert(port);
                        tried.more += 1;
                    }
                // The latest are kept: who scans does so within a while.
                } else if let Some(before) = self.before.row_or(pair, |_| true)
                    && before.len() < MOST_BEFORE
                    && !before.contains(&port)
                {
                    // Most of them have one.
                    before.reserve_exact(usize::from(before.is_empty()));
                    before.push(port);
                }
            }
            Attempt::Unclear => {}
        }
    }

    fn conclude(&self, scene: &mut Scene<'_>) {
        for (&(from, to), tried) in self.pairs.rows_where(|tried| tried.dead.len() >= SOME) {
            let dead = tried.dead.difference(&tried.alive).count();
            if dead < SOME || dead < tried.alive.len() {
                continue;
            }
            let weight = if is_scanner(scene, from) {
                0
            } else if !is_inside(scene.organisation(), from) {
                100
            } else if dead >= MANY {
                INFO.weight
            } else {
                300
            };
            let who = if weight == 0 { "the organisation's scanner " } else { "" };
            let answered = match tried.alive.len() {
                0 => "none answered".to_owned(),
                count => format!("{count} answered"),
            };
            let title = format!(
                "port scan: {who}{} tried {} ports of {} {}, {answered}",
                host(scene, from),
                dead + tried.alive.len(),
                host(scene, to),
                tried.span.words(),
            );
            say(scene, &INFO, (title, weight), &tried.frames, (&[from], &[from]));
        }
    }
}
