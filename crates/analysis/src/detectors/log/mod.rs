//! Detectors that hear what logs say: log-ins as they come, and Sigma rules that hold when all was read.
//!
//! Logs may be longer than memory, so whatever a detector remembers is bounded. They say what they found at the end.

pub(super) mod first_admin;
pub(super) mod impossible_travel;
pub(super) mod password_guessing;
pub(crate) mod sigma;
pub(crate) mod unusual;

use super::{Detector, Kept, LOG, Scene};
use crate::Engine;
use crate::context::excerpt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use watchfire_model::log::{Anomaly, LogIn, LogPlace, LogRight, RuleHit};
use watchfire_model::observable::defang;
use watchfire_model::{
    ArtifactId, DiagnosticSeverity, Evidence, Finding, Organisation, Origin, Place, Problem, Timestamp, Untrusted,
};

/// A name for titles, cut and defanged.
pub(super) fn shown(text: &Untrusted) -> String {
    defang(&text.shown(60))
}

/// `2026-11-02 09:30 UTC`
pub(super) fn minute(time: Timestamp) -> String {
    let text = time.moment().to_string();
    let (day, clock) = text.split_once('T').unwrap_or((&text, ""));
    format!("{day} {} UTC", clock.get(..5).unwrap_or(clock))
}

/// The logs that detectors look at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LogScene<'s> {
    files: &'s [Arc<Origin>],
}

impl<'s> LogScene<'s> {
    pub(crate) fn new(files: &'s [Arc<Origin>]) -> Self {
        Self { files }
    }

    /// A record to look at.
    pub(crate) fn record(&self, place: LogPlace, text: &str) -> Evidence {
        let file = self.files.get(place.file as usize);
        Evidence {
            artifact: ArtifactId::UNKNOWN,
            path: file.map(|file| file.path()).unwrap_or_default(),
            place: if place.number == 0 { Place::Whole } else { place.place() },
            excerpt: excerpt(text),
        }
    }
}

/// The detectors of logs that are read together.
pub(crate) struct Watchers<'e> {
    organisation: &'e Organisation,
    all: Vec<Watcher>,
}

struct Watcher {
    /// Nothing, once it failed.
    detector: Option<Box<dyn Detector>>,
    name: &'static str,
}

impl<'e> Watchers<'e> {
    /// Everybody in the registry.
    pub(crate) fn new(engine: &'e Engine) -> Self {
        let all = LOG.iter().map(|new| {
            let detector = new();
            Watcher {
                name: detector.info().rule.0,
                detector: Some(detector),
            }
        });
        Self {
            organisation: &engine.organisation,
            all: all.collect(),
        }
    }

    /// Some were let in or refused.
    pub(crate) fn logins(&mut self, logins: &[LogIn]) {
        if logins.is_empty() {
            return;
        }
        self.tell(None, |detector, scene| {
            logins.iter().for_each(|login| detector.on_login(login, scene));
        });
    }

    /// What can be said already, in the order of the registry.
    pub(crate) fn pause(&mut self, log: LogScene<'_>) -> Vec<Finding> {
        let told = self.tell(Some(log), |detector, scene| detector.on_pause(scene));
        let (root, mut dropped) = (Untrusted::default(), Vec::new());
        let mut findings = Vec::new();
        for (watcher, kept) in self.all.iter().zip(told) {
            findings.extend(kept.take(watchfire_model::RuleId(watcher.name), &root, &mut dropped));
        }
        findings
    }

    /// Somebody used the rights of an administrator.
    pub(crate) fn right(&mut self, right: &LogRight) {
        self.tell(None, |detector, scene| detector.on_right(right, scene));
    }

    /// A rule holds.
    pub(crate) fn hit(&mut self, hit: &RuleHit) {
        self.tell(None, |detector, scene| detector.on_hit(hit, scene));
    }

    /// Something is unlike the rest.
    pub(crate) fn anomaly(&mut self, anomaly: &Anomaly) {
        self.tell(None, |detector, scene| detector.on_anomaly(anomaly, scene));
    }

    fn tell(&mut self, log: Option<LogScene<'_>>, tell: impl Fn(&mut dyn Detector, &mut Scene<'_>)) -> Vec<Kept> {
        let mut found = Vec::with_capacity(self.all.len());
        for watcher in &mut self.all {
            let mut scene = Scene::new(self.organisation);
            scene.log = log;
            if let Some(detector) = &mut watcher.detector {
                let told = catch_unwind(AssertUnwindSafe(|| tell(&mut **detector, &mut scene)));
                if told.is_err() {
                    watcher.detector = None;
                }
            }
            found.push(scene.findings);
        }
        found
    }

    /// What all of them found, in the order of the registry.
    pub(crate) fn finish(mut self, log: LogScene<'_>) -> (Vec<Finding>, Vec<Problem>) {
        let found = self.tell(Some(log), |detector, scene| detector.finish(scene));
        let mut findings = Vec::new();
        let mut problems = Vec::new();
        for (watcher, kept) in self.all.into_iter().zip(found) {
            if watcher.detector.is_none() {
                problems.push(Problem {
                    severity: DiagnosticSeverity::Error,
                    code: "detector-panic",
                    message: format!("the {} detector failed; please report it", watcher.name).into(),
                });
            }
            let mut dropped = Vec::new();
            let root = Untrusted::default();
            findings.extend(kept.take(watchfire_model::RuleId(watcher.name), &root, &mut dropped));
            problems.extend(dropped.into_iter().map(|dropped| Problem {
                severity: dropped.severity,
                code: dropped.code,
                message: dropped.message,
            }));
        }
        (findings, problems)
    }
}
