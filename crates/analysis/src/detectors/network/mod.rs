//! Detectors that hear what captures of networks say, while they are read.
//!
//! They see events and flows in the order of the capture, tick by tick: an event comes once its exchange is over, a flow when
//! it is, so that both may have begun before those that came earlier. A capture may be longer than memory, so whatever a
//! detector remembers is bounded, and what goes beyond its bound is counted. They say what they found at the end, with the
//! names of hosts that were learnt until then.

pub(super) mod clear_login;

use super::{Detector, Kept, NETWORK, Scene};
use crate::Engine;
use crate::context;
use crate::network::Hosts;
use std::panic::{AssertUnwindSafe, catch_unwind};
use watchfire_model::network::{Event, Flow};
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
        self.tell(hosts, |detector, scene| detector.on_event(event, scene));
    }

    /// A flow is over.
    pub(crate) fn flow(&mut self, flow: &Flow, hosts: &Hosts) {
        self.tell(hosts, |detector, scene| detector.on_flow(flow, scene));
    }

    fn tell(&mut self, hosts: &Hosts, tell: impl Fn(&mut dyn Detector, &mut Scene<'_>)) {
        let capture = Capture {
            artifact: self.artifact,
            hosts,
        };
        for watcher in &mut self.all {
            let Some(detector) = &mut watcher.detector else {
                continue;
            };
            let mut scene = Scene::new(self.organisation);
            scene.capture = Some(capture);
            scene.findings = std::mem::take(&mut watcher.findings);
            let told = catch_unwind(AssertUnwindSafe(|| tell(&mut **detector, &mut scene)));
            watcher.findings = scene.findings;
            if told.is_err() {
                watcher.detector = None;
            }
        }
    }

    /// What all of them found, in the order of the registry.
    pub(crate) fn finish(mut self, hosts: &Hosts, problems: &mut Vec<Problem>) -> Vec<Finding> {
        self.tell(hosts, |detector, scene| detector.finish(scene));
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
}

impl<'c> Capture<'c> {
    /// The hosts that were met so far, and their names.
    pub(crate) fn hosts(&self) -> &'c Hosts {
        self.hosts
    }

    /// A frame to look at.
    pub(crate) fn frame(&self, frame: u64, text: &str) -> Evidence {
        context::evidence(self.artifact, Place::Frame(frame), text)
    }
}
