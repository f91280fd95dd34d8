//! Detectors that hear what captures of networks say, while they are read.
//!
//! They see events and flows in the order of the capture, tick by tick: an event comes once its exchange is over, a flow when
//! it is, so that both may have begun before those that came earlier. A capture may be longer than memory, so whatever a
//! detector remembers is bounded, and what goes beyond its bound is counted. They say what they found at the end, with the
//! names of hosts that were learnt until then. What they would say earlier can be asked of a capture that goes on: saying it
//! changes nothing.

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
use crate::network::{self, Hosts};
use std::panic::{AssertUnwindSafe, catch_unwind};
use watchfire_capture::{Listener, Round};
use watchfire_model::network::{Carried, Event, Flow, Rhythm};
use watchfire_model::{Artifact, DiagnosticSeverity, Evidence, Finding, Organisation, Place, Problem};

/// Detectors of one capture: all of them, or those that hear it on a thread of their own.
pub(crate) struct Watchers<'e> {
    artifact: &'e Artifact,
    organisation: &'e Organisation,
    all: Vec<Watcher>,
    /// Whoever asks for hosts before all is read gets these, which are none.
    nobody: Hosts,
    /// The flow that is meant, where it is one.
    follow: Option<u64>,
}

struct Watcher {
    /// Where it stands in the registry.
    place: usize,
    /// Nothing, once it failed.
    detector: Option<Box<dyn Detector>>,
    findings: Kept,
    name: &'static str,
}

impl Watcher {
    /// Has the detector hear something; one that fails hears nothing any more.
    fn tell(&mut self, scene: &mut Scene<'_>, tell: impl FnOnce(&mut dyn Detector, &mut Scene<'_>)) {
        if let Some(detector) = &mut self.detector {
            let told = catch_unwind(AssertUnwindSafe(|| tell(&mut **detector, scene)));
            if told.is_err() {
                self.detector = None;
            }
            self.findings.append(&mut scene.findings);
        }
    }
}

impl<'e> Watchers<'e> {
    /// Everybody in the registry: first those that hear files as well, then the others in so many groups.
    pub(crate) fn new(
        engine: &'e Engine,
        artifact: &'e Artifact,
        follow: Option<u64>,
        groups: usize,
    ) -> (Self, Vec<Self>) {
        let group = || Self {
            artifact,
            organisation: &engine.organisation,
            all: Vec::new(),
            nobody: Hosts::default(),
            follow,
        };
        let mut with_files = group();
        let mut others: Vec<Self> = (0..groups).map(|_| group()).collect();
        for (place, new) in NETWORK.iter().enumerate() {
            let detector = new();
            // Neighbours in the registry are much alike, and so is what they cost.
            let group = match others.get_mut(place.checked_rem(groups).unwrap_or_default()) {
                Some(group) if !detector.hears_files() => group,
                _ => &mut with_files,
            };
            group.all.push(Watcher {
                place,
                name: detector.info().rule.0,
                detector: Some(detector),
                findings: Kept::default(),
            });
        }
        (with_files, others)
    }

    /// Something was exchanged.
    pub(crate) fn event(&mut self, event: &Event) {
        self.tell(|detector, scene| detector.on_event(event, scene));
    }

    /// A file is at its end.
    pub(crate) fn carried(&mut self, carried: &Carried) {
        self.tell(|detector, scene| detector.on_carried(carried, scene));
    }

    /// A flow is over.
    pub(crate) fn flow(&mut self, flow: &Flow) {
        self.tell(|detector, scene| detector.on_flow(flow, scene));
    }

    fn tell(&mut self, tell: impl Fn(&mut dyn Detector, &mut Scene<'_>)) {
        let capture = (&self.nobody, &[][..]);
        let mut scene = scene(self.artifact, self.organisation, capture);
        for watcher in &mut self.all {
            watcher.tell(&mut scene, &tell);
        }
    }

    /// What all of them would find if the capture ended now, in the order of the registry. It changes nothing.
    pub(crate) fn so_far(&self, others: &[Self], (hosts, rhythms): (&Hosts, &[Rhythm])) -> Vec<Finding> {
        let mut scene = scene(self.artifact, self.organisation, (hosts, rhythms));
        let others = others.iter().flat_map(|others| &others.all);
        let mut all: Vec<&Watcher> = self.all.iter().chain(others).collect();
        all.sort_by_key(|watcher| watcher.place);
        let mut found = Vec::new();
        for detector in all.into_iter().filter_map(|watcher| watcher.detector.as_deref()) {
            // One that fails says so at the end.
            let said = catch_unwind(AssertUnwindSafe(|| detector.conclude(&mut scene)));
            let findings = std::mem::take(&mut scene.findings);
            if said.is_ok() {
                found.extend(findings.findings.into_iter().flatten());
            }
        }
        found
    }

    /// What all of them found, in the order of the registry, and what went wrong.
    pub(crate) fn finish(
        self,
        others: Vec<Self>,
        (hosts, rhythms): (&Hosts, &[Rhythm]),
    ) -> (Vec<Finding>, Vec<Problem>) {
        let root = self.artifact.origin().path();
        let mut scene = scene(self.artifact, self.organisation, (hosts, rhythms));
        let others = others.into_iter().flat_map(|others| others.all);
        let mut all: Vec<Watcher> = self.all.into_iter().chain(others).collect();
        all.sort_by_key(|watcher| watcher.place);
        let (mut found, mut problems) = (Vec::new(), Vec::new());
        for mut watcher in all {
            watcher.tell(&mut scene, |detector, scene| detector.conclude(scene));
            if watcher.detector.is_none() {
                problems.push(Problem {
                    severity: DiagnosticSeverity::Error,
                    code: "detector-panic",
                    message: format!("the {} detector failed; please report it", watcher.name).into(),
                });
            }
            let mut dropped = Vec::new();
            let name = watchfire_model::RuleId(watcher.name);
            found.extend(watcher.findings.take(name, &root, &mut dropped));
            problems.extend(dropped.into_iter().map(|dropped| Problem {
                severity: dropped.severity,
                code: dropped.code,
                message: dropped.message,
            }));
        }
        (found, problems)
    }
}

/// One detector after the other hears the whole round: what it knows stays in the cache meanwhile.
impl Listener for Watchers<'_> {
    fn hear(&mut self, round: &Round) {
        let follow = self.follow;
        let mut scene = scene(self.artifact, self.organisation, (&self.nobody, &[]));
        for watcher in &mut self.all {
            watcher.tell(&mut scene, |detector, scene| {
                network::events(round, follow).for_each(|event| detector.on_event(event, scene));
                network::flows(round, follow).for_each(|flow| detector.on_flow(flow, scene));
            });
        }
    }
}

fn scene<'s>(
    artifact: &'s Artifact,
    organisation: &'s Organisation,
    (hosts, rhythms): (&'s Hosts, &'s [Rhythm]),
) -> Scene<'s> {
    let mut scene = Scene::new(organisation);
    scene.capture = Some(Capture {
        artifact,
        hosts,
        rhythms,
    });
    scene
}

/// What detectors know of the capture besides what they are told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Capture<'c> {
    artifact: &'c Artifact,
    hosts: &'c Hosts,
    rhythms: &'c [Rhythm],
}

impl<'c> Capture<'c> {
    /// The hosts that were met, and their names. Known when something is to be concluded, not before.
    pub(crate) fn hosts(&self) -> &'c Hosts {
        self.hosts
    }

    /// What comes at regular times, what few hosts do first. Known when something is to be concluded, not before.
    pub(crate) fn rhythms(&self) -> &'c [Rhythm] {
        self.rhythms
    }

    /// A frame to look at.
    pub(crate) fn frame(&self, frame: u64, text: &str) -> Evidence {
        context::evidence(self.artifact, Place::Frame(frame), text)
    }
}
