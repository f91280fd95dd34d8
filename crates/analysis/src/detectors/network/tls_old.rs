//! Versions of TLS that nobody should speak any more.
//!
//! | seen | weight | why |
//! |---|---|---|
//! | SSL 2 and 3, TLS 1.0 and 1.1 are agreed on | 0.05 | a weakness (RFC 7568, RFC 8996), and no sign of an attack |

use super::shared::{Frames, Table, counted, host, say};
use crate::detectors::{Detector, DetectorInfo, Scene};
use std::collections::BTreeMap;
use std::net::IpAddr;
use watchfire_model::network::{Event, Exchange, TlsVersion};
use watchfire_model::{Confidence, RuleId, Severity, TechniqueId};

static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("tls-old"),
    describes: "a version of TLS is agreed on that nobody should speak any more",
    severity: Severity::Low,
    confidence: Confidence::High,
    weight: 50,
    group: "tls",
    techniques: &[TechniqueId::new("T1040")],
    false_positives: "old devices in a network of their own",
};

const MOST: usize = 8_192;
/// Servers that are named.
const NAMED: usize = 3;
const OLD: [TlsVersion; 4] = [
    TlsVersion(0x0002),
    TlsVersion(0x0300),
    TlsVersion(0x0301),
    TlsVersion(0x0302),
];

/// See the module.
#[derive(Debug)]
pub(crate) struct TlsOld {
    seen: Table<(TlsVersion, IpAddr), Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    count: u64,
    frames: Frames,
}

impl Default for TlsOld {
    fn default() -> Self {
        Self { seen: Table::new(MOST) }
    }
}

impl Detector for TlsOld {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_event(&mut self, event: &Event, _: &mut Scene<'_>) {
        let Exchange::Tls(tls) = &event.exchange else { return };
        let Some(version) = tls.server.as_ref().map(|server| server.version) else {
            return;
        };
        if !tls.established || !OLD.contains(&version) {
            return;
        }
        if let Some(seen) = self.seen.row((version, event.responder.ip())) {
            seen.count += 1;
            seen.frames
                .met(event.frame, || format!("{version} with {}", event.responder));
        }
    }

    fn conclude(&self, scene: &mut Scene<'_>) {
        let mut versions: BTreeMap<TlsVersion, (Vec<IpAddr>, u64, Frames)> = BTreeMap::new();
        for (&(version, server), seen) in self.seen.rows() {
            let sum = versions.entry(version).or_default();
            sum.0.push(server);
            sum.1 += seen.count;
            sum.2.join(seen.frames.clone());
        }
        for (version, (servers, times, frames)) in versions {
            let named: Vec<String> = servers.iter().take(NAMED).map(|server| host(scene, *server)).collect();
            let more = match servers.len().saturating_sub(NAMED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let title = format!(
                "old TLS: {version} in {} with {}{more}",
                counted(times, "handshake"),
                named.join(", ")
            );
            say(scene, &INFO, (title, INFO.weight), &frames, (&[], &[]));
        }
    }
}
