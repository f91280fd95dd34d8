//! Who asks a domain controller for the secrets of everybody.
//!
//! | seen | weight | why |
//! |---|---|---|
//! | replication asked for by a host that is no domain controller in the capture | 0.45 | only controllers and the gateways into clouds replicate; tools that do it get every password's hash |
//!
//! Calls of `DRSGetNCChanges` (MS-DRSR). A host is a controller if it answers Kerberos or replication itself.

use super::shared::{Frames, Table, counted, host, say};
use crate::detectors::{Detector, DetectorInfo, Scene};
use std::net::IpAddr;
use watchfire_model::network::{Event, Exchange, Flow};
use watchfire_model::{Confidence, RuleId, Severity, TechniqueId};

static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("directory-theft"),
    describes: "a host that is no domain controller asks one to replicate its secrets",
    severity: Severity::High,
    confidence: Confidence::Medium,
    weight: 450,
    group: "directory-theft",
    techniques: &[TechniqueId::new("T1003.006")],
    false_positives: "controllers that the capture does not show as such; gateways that replicate into a cloud",
};

const MOST: usize = 4_096;
const KERBEROS: u16 = 88;

/// See the module.
#[derive(Debug)]
pub(crate) struct DirectoryTheft {
    asked: Table<(IpAddr, IpAddr), Asked>,
    controllers: Table<IpAddr, ()>,
}

#[derive(Debug, Default)]
struct Asked {
    count: u64,
    frames: Frames,
}

impl Default for DirectoryTheft {
    fn default() -> Self {
        Self {
            asked: Table::new(MOST),
            controllers: Table::new(MOST),
        }
    }
}

impl Detector for DirectoryTheft {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_event(&mut self, event: &Event, _: &mut Scene<'_>) {
        let Exchange::DceRpc(call) = &event.exchange else {
            return;
        };
        if call.name != Some("DRSGetNCChanges") || call.fault.is_some_and(|fault| fault != 0) {
            return;
        }
        self.controllers.row(event.responder.ip());
        if let Some(asked) = self.asked.row((event.originator.ip(), event.responder.ip())) {
            asked.count += 1;
            asked.frames.met(event.frame, || "DRSGetNCChanges".to_owned());
        }
    }

    fn on_flow(&mut self, flow: &Flow, _: &mut Scene<'_>) {
        if flow.responder.port == KERBEROS && flow.received.bytes > 0 {
            self.controllers.row(flow.responder.address);
        }
    }

    fn conclude(&self, scene: &mut Scene<'_>) {
        for (&(from, to), asked) in self.asked.rows() {
            if self.controllers.get(&from).is_some() {
                continue;
            }
            let title = format!(
                "secrets of the directory: {}, which is no domain controller here, asked {} {} to replicate",
                host(scene, from),
                host(scene, to),
                counted(asked.count, "time"),
            );
            say(scene, &INFO, (title, INFO.weight), &asked.frames, (&[from], &[from]));
        }
    }
}
