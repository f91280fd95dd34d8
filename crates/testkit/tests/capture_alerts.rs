//! What a capture that goes on is said to hold while it does: the same whatever the threads, and nothing of it changes what is
//! found at the end.

#![allow(clippy::expect_used, clippy::panic, reason = "a test")]

use std::collections::BTreeMap;
use std::io::Read;
use std::net::SocketAddr;
use watchfire_analysis::network::Watching;
use watchfire_analysis::{Analysis, Engine, Settings};
use watchfire_model::network::{CaptureAlert, Event, Flow, RecordSink};
use watchfire_model::{Finding, Origin, Severity};
use watchfire_testkit::capture::{Pcap, Segment, frame, tcp};
use watchfire_testkit::demo;

/// Writes down what is told.
#[derive(Debug, Default)]
struct Told {
    alerts: Vec<CaptureAlert>,
    flows: Vec<Flow>,
    events: u64,
    wants_none: bool,
}

impl RecordSink for Told {
    fn event(&mut self, _: &Event) {
        self.events += 1;
    }

    fn flow(&mut self, flow: &Flow) {
        self.flows.push(flow.clone());
    }

    fn wants_alerts(&self) -> bool {
        !self.wants_none
    }

    fn alert(&mut self, alert: &CaptureAlert) {
        self.alerts.push(alert.clone());
    }
}

/// A source that gives a little at a time, as an interface does.
struct Trickle<'b>(&'b [u8]);

impl Read for Trickle<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let most = buffer.len().min(7_000);
        self.0.read(buffer.get_mut(..most).unwrap_or_default())
    }
}

fn read<'t>(capture: &[u8], told: &'t mut Told, with: Watching<'t>) -> Analysis {
    let engine = Engine::new(Settings::default());
    let part = ("x.pcapng".into(), Box::new(Trickle(capture)) as Box<dyn Read + '_>);
    let watching = Watching {
        records: Some(told),
        hidden: None,
        ..with
    };
    let budget = engine.budget();
    engine.watch(Origin::root("x.pcapng"), part, || None, watching, &budget)
}

fn live(capture: &[u8], threads: usize) -> (Told, Analysis) {
    let mut told = Told::default();
    let with = Watching {
        threads,
        live: true,
        ..Watching::default()
    };
    let analysis = read(capture, &mut told, with);
    (told, analysis)
}

#[test]
fn what_is_told_meanwhile_changes_nothing_and_does_not_depend_on_threads() {
    let capture = demo::capture().bytes;
    let mut from_file = Told::default();
    let file = read(&capture, &mut from_file, Watching::default());
    assert!(from_file.alerts.is_empty(), "a file is told at its end");
    let (first, alone) = live(&capture, 1);
    assert_eq!(alone, file);
    assert_eq!((&first.flows, first.events), (&from_file.flows, from_file.events));
    assert!(!first.alerts.is_empty());
    for threads in [2, 4] {
        let (told, analysis) = live(&capture, threads);
        assert_eq!(analysis, file, "{threads} threads");
        assert_eq!(told.alerts, first.alerts, "{threads} threads");
        assert_eq!(told.flows, first.flows, "{threads} threads");
    }
}

/// Once, and again where it gets more urgent.
#[test]
fn each_thing_is_told_once_with_its_frame() {
    let (told, _) = live(&demo::capture().bytes, 1);
    let mut known: BTreeMap<_, Severity> = BTreeMap::new();
    for alert in &told.alerts {
        assert!(alert.frame > 0 && !alert.title.is_empty(), "{alert:#?}");
        assert!(
            alert.to_string().ends_with(&format!(" · frame {}", alert.frame)),
            "{alert}"
        );
        let key = (alert.detector, alert.targets.clone(), alert.frame);
        let before = known.insert(key, alert.severity);
        assert!(before.is_none_or(|before| before < alert.severity), "{alert:#?}");
    }
    let times = told.alerts.iter().map(|alert| alert.time);
    assert!(times.is_sorted());
}

#[test]
fn what_nobody_wants_is_not_told() {
    let capture = demo::capture().bytes;
    let (told, file) = live(&capture, 1);
    let rule = told.alerts.first().map(|alert| alert.detector).expect("something");
    let hidden = |finding: &Finding| finding.rule.0 == rule;
    let engine = Engine::new(Settings::default());
    let mut without = Told::default();
    let watching = Watching {
        live: true,
        records: Some(&mut without),
        hidden: Some(&hidden),
        ..Watching::default()
    };
    let part = ("x.pcapng".into(), Box::new(Trickle(&capture)) as Box<dyn Read + '_>);
    let budget = engine.budget();
    let analysis = engine.watch(Origin::root("x.pcapng"), part, || None, watching, &budget);
    assert!(without.alerts.iter().all(|alert| alert.detector != rule));
    assert_eq!(analysis, file, "the report is told by its own list");
    let mut nobody = Told {
        wants_none: true,
        ..Told::default()
    };
    let with = Watching {
        live: true,
        ..Watching::default()
    };
    assert_eq!(read(&capture, &mut nobody, with), file);
    assert!(nobody.alerts.is_empty());
}

/// A scan is told while it goes on, long before the capture ends.
#[test]
fn a_scan_is_told_while_it_goes_on() {
    let (scanner, server) = (
        "10.0.0.66".parse().expect("an address"),
        "10.0.0.5".parse().expect("an address"),
    );
    let mut capture = Pcap::new(1);
    for port in 1..4_000_u16 {
        let (from, to) = (SocketAddr::new(scanner, 40_000), SocketAddr::new(server, port));
        let (ask, refuse) = (
            Segment {
                flags: 0x02,
                ..Segment::default()
            },
            Segment {
                flags: 0x14,
                acknowledged: 1,
                ..Segment::default()
            },
        );
        let time = u64::from(port) * 100_000_000;
        capture = capture
            .frame(time, &frame(&tcp(from, to, ask, b"")))
            .frame(time + 1_000_000, &frame(&tcp(to, from, refuse, b"")));
    }
    let capture = capture.build();
    let (told, analysis) = live(&capture, 1);
    let scan = told.alerts.iter().find(|alert| alert.detector == "port-scan");
    let scan = scan.expect("it is told");
    let found = analysis.findings.iter().find(|finding| finding.rule.0 == "port-scan");
    let found = found.expect("it is found");
    assert_eq!(scan.frame, CaptureAlert::frame_of(found));
    assert_ne!(scan.title, found.title, "it went on");
}
