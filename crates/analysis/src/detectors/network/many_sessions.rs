//! One host that works on many others.
//!
//! | seen | weight | why |
//! |---|---|---|
//! | sessions of Remote Desktop, WinRM or VNC with eight hosts and more inside | 0.25 | few people work on so many machines; administrators do |
//! | file sharing or remote calls with 30 hosts and more inside | 0.15 | servers of software and of inventories do that |
//!
//! Only sessions count in which both spoke, and only between hosts inside. A server to whom everybody goes is no such host: it
//! does not begin the sessions.

use super::probe::{Attempt, is_scanner};
use super::shared::{Frames, Span, Table, counted, host, is_inside, say};
use crate::detectors::{Detector, DetectorInfo, Scene};
use std::collections::BTreeSet;
use std::net::IpAddr;
use watchfire_model::network::{Flow, TransportProtocol};
use watchfire_model::{Confidence, RuleId, Severity, TechniqueId};

static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("many-sessions"),
    describes: "one host opens sessions of remote control or file sharing with many others inside",
    severity: Severity::Medium,
    confidence: Confidence::Low,
    weight: 250,
    group: "lateral",
    techniques: &[
        TechniqueId::new("T1021.001"),
        TechniqueId::new("T1021.002"),
        TechniqueId::new("T1021.006"),
    ],
    false_positives: "administrators, servers that distribute software, inventories and backups",
};

const MOST: usize = 1 << 14;
const MOST_TARGETS: usize = 512;

/// What lets somebody work on another machine: its name, its ports, how many hosts are many, what it weighs.
struct Kind {
    name: &'static str,
    ports: &'static [u16],
    many: usize,
    weight: u16,
}

const KINDS: &[Kind] = &[
    Kind {
        name: "Remote Desktop",
        ports: &[3389],
        many: 8,
        weight: 250,
    },
    Kind {
        name: "WinRM",
        ports: &[5985, 5986],
        many: 8,
        weight: 250,
    },
    Kind {
        name: "VNC",
        ports: &[5900, 5901],
        many: 8,
        weight: 250,
    },
    Kind {
        name: "file sharing and remote calls",
        ports: &[135, 139, 445],
        many: 30,
        weight: 150,
    },
];

/// See the module.
#[derive(Debug)]
pub(crate) struct ManySessions {
    sessions: Table<(IpAddr, usize), Sessions>,
}

#[derive(Debug, Default)]
struct Sessions {
    targets: BTreeSet<IpAddr>,
    span: Span,
    frames: Frames,
}

impl Default for ManySessions {
    fn default() -> Self {
        Self {
            sessions: Table::new(MOST),
        }
    }
}

impl Detector for ManySessions {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_flow(&mut self, flow: &Flow, _: &mut Scene<'_>) {
        let port = flow.responder.port;
        let Some(kind) = KINDS.iter().position(|kind| kind.ports.contains(&port)) else {
            return;
        };
        let speaks = flow.sent.bytes > 0 && flow.received.bytes > 0;
        if flow.protocol != TransportProtocol::TCP || !speaks || Attempt::of(flow) != Attempt::Alive {
            return;
        }
        let key = (flow.originator.address, kind);
        let Some(sessions) = self.sessions.row_or(key, |sessions| sessions.targets.len() < 2) else {
            return;
        };
        let target = flow.responder.address;
        if sessions.targets.len() < MOST_TARGETS && sessions.targets.insert(target) {
            sessions.span.met(flow.first, flow.last);
            sessions
                .frames
                .met(flow.first_frame, || format!("{target} port {port}"));
        }
    }

    fn conclude(&self, scene: &mut Scene<'_>) {
        for (&(from, kind), sessions) in self.sessions.rows() {
            let Some(kind) = KINDS.get(kind) else { continue };
            let organisation = scene.organisation();
            let inside = sessions
                .targets
                .iter()
                .filter(|target| is_inside(organisation, **target))
                .count();
            if inside < kind.many || !is_inside(organisation, from) {
                continue;
            }
            let weight = if is_scanner(scene, from) { 0 } else { kind.weight };
            let title = format!(
                "many sessions: {} opened {} with {} inside {}",
                host(scene, from),
                kind.name,
                counted(inside as u64, "host"),
                sessions.span.words(),
            );
            say(scene, &INFO, (title, weight), &sessions.frames, (&[from], &[from]));
        }
    }
}
