//! What is told of a capture at once, while it goes on.

use crate::{Finding, Place, Severity, Target, Timestamp, Untrusted};
use serde::Serialize;
use std::fmt;

/// Something that a finding would say if the capture ended now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CaptureAlert {
    /// When it was known, by the times of frames.
    pub time: Timestamp,
    /// How urgent.
    pub severity: Severity,
    /// Which detector says so, by its rule: `port-scan`, `beaconing`.
    pub detector: &'static str,
    /// What, in a few words; hosts are defanged.
    pub title: String,
    /// Who: what to act on.
    pub targets: Vec<Target>,
    /// The first frame to look at.
    pub frame: u64,
    /// What is in that frame.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub text: Untrusted,
}

/// A line for people: `2026-11-23T12:00:00Z  high  port scan: … · frame 812`.
impl fmt::Display for CaptureAlert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (time, severity) = (self.time.moment(), self.severity.as_str());
        write!(f, "{time}  {severity:<13}  {} · frame {}", self.title, self.frame)
    }
}

impl CaptureAlert {
    /// What a finding says, at a time.
    pub fn new(time: Timestamp, finding: Finding) -> Self {
        let first = finding.evidence().first();
        let text = first.map(|evidence| evidence.excerpt.clone()).unwrap_or_default();
        Self {
            time,
            severity: finding.severity,
            detector: finding.rule.0,
            frame: Self::frame_of(&finding),
            text,
            title: finding.title,
            targets: finding.targets,
        }
    }

    /// The first frame of a finding; 0 where it is about none.
    pub fn frame_of(finding: &Finding) -> u64 {
        match finding.evidence().first().map(|evidence| &evidence.place) {
            Some(Place::Frame(frame)) => *frame,
            _ => 0,
        }
    }
}
