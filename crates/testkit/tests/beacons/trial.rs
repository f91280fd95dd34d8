//! Trials of the detector of beacons: an office with beacons in it, what was found, and what was found wrongly.

use std::collections::BTreeSet;
use std::io::Read;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use watchfire_analysis::network::Watching;
use watchfire_analysis::{Engine, Settings};
use watchfire_model::network::{CaptureFacts, Event, Exchange, Flow, RecordSink};
use watchfire_model::{Finding, Organisation, Origin, Weight};
use watchfire_testkit::capture::office::{Beacon, Jitter, Office};

/// From here on, a finding alone makes a verdict.
pub(crate) const SUSPICIOUS: u16 = 400;

/// Pairs of a host and a port of another, and of a host and a name.
#[derive(Debug, Default)]
pub(crate) struct Pairs {
    ends: BTreeSet<(IpAddr, SocketAddr)>,
    names: BTreeSet<(IpAddr, String)>,
}

impl Pairs {
    pub(crate) fn len(&self) -> usize {
        self.ends.len() + self.names.len()
    }
}

impl RecordSink for Pairs {
    fn event(&mut self, event: &Event) {
        let name = match &event.exchange {
            Exchange::Tls(tls) => tls.client.as_ref().and_then(|client| client.server_name.as_ref()),
            Exchange::Http(http) => http.host.as_ref(),
            _ => None,
        };
        if let Some(name) = name {
            self.names.insert((event.originator.ip(), name.raw().to_owned()));
        }
    }

    fn flow(&mut self, flow: &Flow) {
        let responder = SocketAddr::new(flow.responder.address, flow.responder.port);
        self.ends.insert((flow.originator.address, responder));
    }
}

/// What came of a capture.
pub(crate) struct Outcome {
    pub(crate) facts: CaptureFacts,
    pub(crate) findings: Vec<Finding>,
    pub(crate) pairs: usize,
}

impl Outcome {
    /// Findings of a weight, in thousandths, and above.
    pub(crate) fn findings(&self, rule: Option<&str>, least: u16) -> Vec<&Finding> {
        let is_meant = |finding: &&Finding| rule.is_none_or(|rule| finding.rule.0 == rule);
        let weighs = |finding: &&Finding| finding.weight >= Weight::from_thousandths(least);
        self.findings.iter().filter(is_meant).filter(weighs).collect()
    }

    /// Whether the beacon that asks for a name was found.
    pub(crate) fn finds(&self, name: &str) -> bool {
        let told = self.findings(Some("beaconing"), SUSPICIOUS);
        told.iter()
            .any(|finding| finding.title.contains(&watchfire_model::observable::defang(name)))
    }

    /// Beacons that are none.
    pub(crate) fn wrong(&self) -> Vec<&str> {
        let told = self.findings(Some("beaconing"), SUSPICIOUS);
        let titles = told.into_iter().map(|finding| finding.title.as_str());
        titles.filter(|title| !title.contains("[.]beacon[.]example")).collect()
    }
}

/// Reads a capture as it is made.
pub(crate) fn watch(office: &Office) -> Outcome {
    read(Box::new(office.pcap()))
}

/// Reads a capture.
pub(crate) fn read(source: Box<dyn Read + '_>) -> Outcome {
    let organisation = Organisation {
        ranges: vec![watchfire_model::AddressRange::parse("10.0.0.0/16").expect("a range")],
        ..Organisation::default()
    };
    let engine = Engine::new(Settings {
        organisation,
        ..Settings::default()
    });
    let mut pairs = Pairs::default();
    let watching = Watching {
        records: Some(&mut pairs),
        ..Watching::default()
    };
    let budget = engine.budget();
    let analysis = engine.watch(
        Origin::root("office"),
        ("office".into(), source),
        || None,
        watching,
        &budget,
    );
    let facts = analysis
        .artifacts
        .iter()
        .find_map(|artifact| artifact.capture.as_deref());
    Outcome {
        facts: facts.expect("a capture has facts").clone(),
        findings: analysis.findings,
        pairs: pairs.len(),
    }
}

/// How far intervals stray, in hundredths.
pub(crate) const JITTERS: [u64; 5] = [0, 10, 20, 30, 40];

/// A beacon for each jitter, evenly drawn and like a bell, and their names.
pub(crate) fn beacons(interval: u64, missing: u64, repeats: usize) -> Vec<(u64, Beacon)> {
    let mut beacons = Vec::new();
    for repeat in 0..repeats {
        for jitter in JITTERS {
            for (letter, jitter_of) in [("u", Jitter::Uniform(jitter)), ("g", Jitter::Gaussian(jitter))] {
                let host = beacons.len();
                let name = format!("{letter}{jitter}r{repeat}.beacon.example");
                // Shared with names that others ask for.
                let last = u8::try_from(host % 250).unwrap_or_default() + 1;
                let mut beacon = Beacon::new(host, &name, Ipv4Addr::new(198, 51, 100, last));
                if host % 3 == 0 {
                    beacon.addresses.push(Ipv4Addr::new(203, 0, 113, last));
                }
                beacon.interval = interval;
                beacon.jitter = jitter_of;
                beacon.missing = missing;
                // Not all from the first minute to the last.
                beacon.from = (host as u64 * 631) % 3_600;
                beacons.push((jitter, beacon));
            }
        }
    }
    beacons
}
