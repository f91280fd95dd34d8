//! Handshakes of TLS that browsers do not make.
//!
//! | seen | weight | why |
//! |---|---|---|
//! | a server outside that is asked by no name, at an address that nobody in the capture calls by one, by this host alone | 0.10 | malware has addresses; VPNs and devices, too |
//!
//! Public resolvers are asked by their addresses and do not count. Only handshakes that went on do. Versions that nobody should speak any more are for [`tls-old`](super::tls_old).

use super::shared::{Frames, Table, counted, host, is_inside, is_named, is_outside, say};
use crate::detectors::{Detector, DetectorInfo, Scene};
use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use watchfire_knowledge::infrastructure;
use watchfire_model::network::{Event, Exchange};
use watchfire_model::{Confidence, RuleId, Severity, TechniqueId};

static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("tls-nameless"),
    describes: "TLS to an address outside that has no name",
    severity: Severity::Low,
    confidence: Confidence::Low,
    weight: 100,
    group: "tls",
    techniques: &[TechniqueId::new("T1573.002")],
    false_positives: "VPNs, devices and applications that were set up with an address",
};

const MOST: usize = 8_192;

/// See the module.
#[derive(Debug)]
pub(crate) struct TlsNameless {
    seen: Table<SocketAddr, Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    count: u64,
    from: BTreeSet<IpAddr>,
    fingerprint: String,
    frames: Frames,
}

impl Default for TlsNameless {
    fn default() -> Self {
        Self { seen: Table::new(MOST) }
    }
}

impl Detector for TlsNameless {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_event(&mut self, event: &Event, _: &mut Scene<'_>) {
        let Exchange::Tls(tls) = &event.exchange else { return };
        let Some(client) = &tls.client else { return };
        if !tls.established || client.server_name.is_some() || client.encrypted_hello {
            return;
        }
        let Some(seen) = self.seen.row(event.responder) else {
            return;
        };
        seen.count += 1;
        if seen.from.len() < 3 {
            seen.from.insert(event.originator.ip());
        }
        if seen.fingerprint.is_empty() {
            seen.fingerprint.clone_from(&client.ja4);
        }
        seen.frames
            .met(event.frame, || format!("no server name; JA4 {}", client.ja4));
    }

    fn conclude(&self, scene: &mut Scene<'_>) {
        for (&to, seen) in self.seen.rows() {
            let organisation = scene.organisation();
            let Some(from) = seen.from.first().filter(|_| seen.from.len() == 1) else {
                continue;
            };
            if is_resolver(to.ip())
                || !is_inside(organisation, *from)
                || !is_outside(organisation, to.ip())
                || is_named(scene, to.ip())
            {
                continue;
            }
            let title = format!(
                "TLS to an address without a name: {} to {} port {}, {}, JA4 {}",
                host(scene, *from),
                host(scene, to.ip()),
                to.port(),
                counted(seen.count, "handshake"),
                seen.fingerprint,
            );
            say(scene, &INFO, (title, INFO.weight), &seen.frames, (&[*from], &[to.ip()]));
        }
    }
}

/// Whether everybody asks there for names.
fn is_resolver(address: IpAddr) -> bool {
    let mut hits = Vec::new();
    infrastructure::ip(address, &mut hits);
    hits.iter().any(|hit| hit.list.name == "own-public-resolvers")
}
