//! Much that goes out and little that comes back.
//!
//! | seen | weight | why |
//! |---|---|---|
//! | 20 MB and more, five times of what comes back, to a host that only this one speaks to | 0.30 | stolen files leave like that, and so do backups |
//! | the same to an address that nobody in the capture calls by a name | 0.35 | |
//! | to a service that everybody uses, or that other hosts speak to, or nobody knows whether they do | 0.10 | files are put into clouds all day |
//!
//! Sums over all flows between two hosts, however small each is: a thief may take his time. Calls with pictures send about as much as they receive.
//! Inside is what the configuration says, and what no one can reach from outside.

use super::shared::{Frames, Table, amount, callers, counted, host, is_inside, is_named, is_outside, say};
use crate::detectors::{Detector, DetectorInfo, Scene};
use std::net::IpAddr;
use watchfire_knowledge::infrastructure::{self, Role};
use watchfire_model::network::Flow;
use watchfire_model::{Confidence, Organisation, RuleId, Severity, TechniqueId};

static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("large-upload"),
    describes: "a host sends much to one outside that few others speak to",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    weight: 350,
    group: "large-upload",
    techniques: &[TechniqueId::new("T1048"), TechniqueId::new("T1041")],
    false_positives: "backups, uploads of recordings, replication to another site that the configuration does not name",
};

const MOST: usize = 7 << 13;
/// Bytes.
const MUCH: u64 = 20_000_000;
/// What goes out for each byte that comes back.
const RATIO: u64 = 5;
/// What makes a flow worth a row when the table is full, in bytes.
const LITTLE: u64 = 100_000;

/// See the module.
#[derive(Debug)]
pub(crate) struct LargeUpload {
    pairs: Table<(IpAddr, IpAddr), Sum>,
}

#[derive(Debug, Default)]
struct Sum {
    sent: u64,
    received: u64,
    flows: u64,
    /// Of the largest flow: what it sent, by what, and to which port.
    largest: u64,
    service: Option<&'static str>,
    port: u16,
    frames: Frames,
}

impl Default for LargeUpload {
    fn default() -> Self {
        Self {
            pairs: Table::new(MOST),
        }
    }
}

impl Detector for LargeUpload {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_flow(&mut self, flow: &Flow, scene: &mut Scene<'_>) {
        if flow.carries {
            return;
        }
        // A server that is asked for a file sends much, too: to whoever began the flow, which is no upload.
        let (from, to) = (flow.originator.address, flow.responder.address);
        if !goes_out(scene.organisation(), from, to) {
            return;
        }
        // Bytes of packets: of TCP, sequence numbers may say anything.
        let Some(sum) = self.pairs.row_or((from, to), |sum| sum.sent < LITTLE) else {
            return;
        };
        sum.flows += 1;
        sum.sent = sum.sent.saturating_add(flow.sent.ip_bytes);
        sum.received = sum.received.saturating_add(flow.received.ip_bytes);
        let sent = flow.sent.ip_bytes;
        if sent >= sum.largest {
            sum.largest = sent;
            sum.service = flow.services.last().copied();
            sum.port = flow.responder.port;
        }
        // Half of the places are for flows that carry much, should little come first. Most pairs exchange little in all.
        if sent >= LITTLE || sum.sent >= LITTLE && sum.frames.len() < Frames::MOST / 2 {
            sum.frames.met(flow.first_frame, || {
                format!("{} port {}: {} out", flow.protocol, flow.responder.port, amount(sent))
            });
        }
    }

    fn conclude(&self, scene: &mut Scene<'_>) {
        let is_upload = |sum: &Sum| sum.sent >= MUCH && sum.sent / RATIO >= sum.received;
        for (&(from, to), sum) in self.pairs.rows_where(is_upload) {
            let alone = callers(scene, to).map(|callers| callers <= 1);
            let weight = match (alone, is_shared(scene, to), is_named(scene, to)) {
                (Some(true), false, false) => INFO.weight,
                (Some(true), false, true) => 300,
                _ => 100,
            };
            let service = sum.service.map_or_else(|| format!("port {}", sum.port), str::to_owned);
            let title = format!(
                "large upload: {} sent {} to {} by {service} in {} and got {} back; {}",
                host(scene, from),
                amount(sum.sent),
                host(scene, to),
                counted(sum.flows, "connection"),
                amount(sum.received),
                match alone {
                    Some(true) => "no other host speaks to it",
                    Some(false) => "others speak to it, too",
                    None => "who else speaks to it was not counted",
                },
            );
            say(scene, &INFO, (title, weight), &sum.frames, (&[from], &[to]));
        }
    }
}

/// Whether something goes from a host of the organisation to one of somebody else.
fn goes_out(organisation: &Organisation, from: IpAddr, to: IpAddr) -> bool {
    is_inside(organisation, from) && is_outside(organisation, to)
}

/// Whether a host is one that everybody uses, by its names.
fn is_shared(scene: &Scene<'_>, address: IpAddr) -> bool {
    let known = scene.capture().and_then(|capture| capture.hosts().get(address));
    let mut hits = Vec::new();
    for name in known.into_iter().flat_map(|host| host.names()) {
        infrastructure::host(&name.raw().to_ascii_lowercase(), &mut hits);
    }
    hits.iter()
        .any(|hit| matches!(hit.list.role, Role::Shared | Role::KnownGood))
}
