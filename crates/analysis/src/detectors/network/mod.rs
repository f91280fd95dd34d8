//! Detectors that hear what captures of networks say, while they are read.
//!
//! They see events and flows in the order of the capture, tick by tick: an event comes once its exchange is over, a flow when
//! it is, so that both may have begun before those that came earlier. A capture may be longer than memory, so whatever a
//! detector remembers is bounded, and what goes beyond its bound is counted. They say what they found at the end, with the
//! names of hosts that were learnt until then.

pub(super) mod address_post;
pub(super) mod arp_spoofing;
pub(super) mod beaconing;
pub(super) mod carried_program;
pub(super) mod clear_login;
pub(super) mod dga;
pub(super) mod directory_theft;
mod dns_name;
pub(super) mod dns_tunnel;
pub(super) mod host_scan;
pub(super) mod icmp_tunnel;
pub(super) mod large_upload;
pub(super) mod long_connection;
pub(super) mod many_sessions;
pub(super) mod name_poisoning;
pub(super) mod odd_certificate;
pub(super) mod odd_port;
pub(super) mod password_guessing;
pub(super) mod ping_sweep;
pub(super) mod planted_program;
pub(super) mod port_scan;
mod probe;
pub(super) mod remote_execution;
pub(super) mod rogue_dhcp;
pub(super) mod scanning_tool;
mod shared;
pub(super) mod ticket_roasting;
pub(super) mod tls_nameless;
pub(super) mod tls_old;
mod words;

pub(crate) use probe::is_listed;
pub(crate) use shared::{duration, is_inside};

use super::{Detector, Kept, NETWORK, Scene};
use crate::Engine;
use crate::context;
use crate::network::Hosts;
use std::panic::{AssertUnwindSafe, catch_unwind};
use watchfire_model::network::{Carried, Event, Flow, Rhythm};
use watchfire_model::{Artifact, DiagnosticSeverity, Evidence, Finding, Organisation, Place, Problem};

/// The detectors of one capture.
pub(crate) struct Watchers<'e> {
    artifact: &'e Artifact,
    organisation: &'e Organisation,
    all: Vec<Watcher>,
}

struct Watcher {
    /// Nothing, once it failed.
    detector: Option<Box<dyn Detector>>,
    findings: Kept,
    name: &'static str,
}

impl Watcher {
    fn tell(&mut self, scene: &mut Scene<'_>, tell: &impl Fn(&mut dyn Detector, &mut Scene<'_>)) {
        if let Some(detector) = &mut self.detector {
            tell(&mut **detector, scene);
            self.findings.append(&mut scene.findings);
        }
    }
}

impl<'e> Watchers<'e> {
    /// Everybody in the registry.
    pub(crate) fn new(engine: &'e Engine, artifact: &'e Artifact) -> Self {
        let all = NETWORK.iter().map(|new| {
            let detector = new();
            Watcher {
                name: detector.info().rule.0,
                detector: Some(detector),
                findings: Kept::default(),
            }
        });
        Self {
            artifact,
            organisation: &engine.organisation,
            all: all.collect(),
        }
    }

    /// Something was exchanged.
    pub(crate) fn event(&mut self, event: &Event, hosts: &Hosts) {
        self.tell((hosts, &[]), |detector, scene| detector.on_event(event, scene));
    }

    /// A file is at its end.
    pub(crate) fn carried(&mut self, carried: &Carried, hosts: &Hosts) {
        self.tell((hosts, &[]), |detector, scene| detector.on_carried(carried, scene));
    }

    /// A flow is over.
    pub(crate) fn flow(&mut self, flow: &Flow, hosts: &Hosts) {
        self.tell((hosts, &[]), |detector, scene| detector.on_flow(flow, scene));
    }

    fn tell(&mut self, (hosts, rhythms): (&Hosts, &[Rhythm]), tell: impl Fn(&mut dyn Detector, &mut Scene<'_>)) {
        let capture = Capture {
            artifact: self.artifact,
            hosts,
            rhythms,
        };
        let mut scene = Scene::new(self.organisation);
        scene.capture = Some(capture);
        let mut next = 0;
        // There are millions of exchanges, so one net is held under all detectors, and hung anew behind one that fell.
        while next < self.all.len() {
            let told = catch_unwind(AssertUnwindSafe(|| {
                while let Some(watcher) = self.all.get_mut(next) {
                    next += 1;
                    watcher.tell(&mut scene, &tell);
                }
            }));
            if told.is_err()
                && let Some(fallen) = next.checked_sub(1).and_then(|at| self.all.get_mut(at))
            {
                fallen.detector = None;
                fallen.findings.append(&mut scene.findings);
            }
        }
    }

    /// What all of them found, in the order of the registry.
    pub(crate) fn finish(mut self, hosts: &Hosts, rhythms: &[Rhythm], problems: &mut Vec<Problem>) -> Vec<Finding> {
        self.tell((hosts, rhythms), |detector, scene| detector.finish(scene));
        let mut found = Vec::new();
        for watcher in self.all {
            if watcher.detector.is_none() {
                problems.push(Problem {
                    severity: DiagnosticSeverity::Error,
                    code: "detector-panic",
                    message: format!("the {} detector failed; please report it", watcher.name).into(),
                });
            }
            let mut dropped = Vec::new();
            let name = watcher.name;
            let root = self.artifact.origin().path();
            found.extend(
                watcher
                    .findings
                    .take(watchfire_model::RuleId(name), &root, &mut dropped),
            );
            problems.extend(dropped.into_iter().map(|dropped| Problem {
                severity: dropped.severity,
                code: dropped.code,
                message: dropped.message,
            }));
        }
        found
    }
}

/// What detectors know of the capture besides what they are told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Capture<'c> {
    artifact: &'c Artifact,
    hosts: &'c Hosts,
    rhythms: &'c [Rhythm],
}

impl<'c> Capture<'c> {
    /// The hosts that were met so far, and their names.
    pub(crate) fn hosts(&self) -> &'c Hosts {
        self.hosts
    }

    /// What comes at regular times, what few hosts do first. Known when the capture is over, not before.
    pub(crate) fn rhythms(&self) -> &'c [Rhythm] {
        self.rhythms
    }

    /// A frame to look at.
    pub(crate) fn frame(&self, frame: u64, text: &str) -> Evidence {
        context::evidence(self.artifact, Place::Frame(frame), text)
    }
}
