//! Captures of networks, held to the corpus: flows and their states as Zeek tells them, Community IDs as their
//! specification does, fingerprints of clients as FoxIO does.
//!
//! `WATCHFIRE_CONFORMANCE_VERBOSE=1` shows every miss.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test, and it prints its figures"
)]

#[path = "capture_conformance/certificates.rs"]
mod certificates;
#[path = "capture_conformance/infrastructure.rs"]
mod infrastructure;
#[path = "capture_conformance/protocols.rs"]
mod protocols;
#[path = "capture_conformance/quic.rs"]
mod quic;
#[path = "capture_conformance/secrets.rs"]
mod secrets;
#[path = "capture_conformance/text.rs"]
mod text;
#[path = "capture_conformance/windows.rs"]
mod windows;
#[path = "capture_conformance/written_logs.rs"]
mod written_logs;

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::path::Path;
use watchfire_capture::{FrameReader, Options, Sink, Totals, read};
use watchfire_formats::capped::{Codec, unpack};
use watchfire_model::network::{Event, Exchange, Flow, TransportProtocol};
use watchfire_model::{Budget, Limits};
use watchfire_testkit::corpus::{corpus_folder, files};
use watchfire_testkit::fuzz::capture_flows;
use watchfire_testkit::mutate;
use watchfire_testkit::random::Random;

/// All that a capture says.
#[derive(Debug, Default, PartialEq)]
struct Heard {
    flows: Vec<Flow>,
    events: Vec<Event>,
    totals: Totals,
}

impl Sink for Heard {
    fn event(&mut self, event: &Event) {
        self.events.push(event.clone());
    }

    fn flow(&mut self, flow: &Flow) {
        self.flows.push(flow.clone());
    }
}

fn bytes_of(path: &Path) -> Vec<u8> {
    let bytes = fs::read(path).expect("the corpus can be read");
    if bytes.starts_with(&[0x1f, 0x8b]) {
        return unpack(Codec::Gzip, &bytes, &Budget::new(Limits::default())).bytes;
    }
    bytes
}

fn hear(bytes: &[u8], threads: usize) -> Heard {
    let mut heard = Heard::default();
    let options = Options {
        threads,
        ..Options::default()
    };
    heard.totals = read(&mut FrameReader::new(bytes), || None, &options, &mut heard);
    heard
}

/// Assertions that were met and those that were not.
#[derive(Default)]
struct Tally {
    met: usize,
    misses: Vec<String>,
}

impl Tally {
    fn check(&mut self, what: &str, found: &str, expected: &str) {
        if found == expected {
            self.met += 1;
        } else {
            self.misses.push(format!("{what}: {found:?} instead of {expected:?}"));
        }
    }

    /// Prints the share and fails below `least` per cent.
    fn report(&self, name: &str, least: f64) {
        if std::env::var_os("WATCHFIRE_CONFORMANCE_VERBOSE").is_some() {
            self.misses.iter().for_each(|miss| println!("{name}: {miss}"));
        }
        let all = self.met + self.misses.len();
        let share = 100.0 * self.met as f64 / all.max(1) as f64;
        println!("{name}: {} of {all}, {share:.2} %", self.met);
        assert!(share >= least, "{name}: {share:.2} % instead of {least} %");
    }
}

/// One log that Zeek wrote of a trace.
struct Log {
    test: String,
    trace: String,
    rows: Vec<BTreeMap<String, String>>,
}

/// All logs of a kind.
fn logs(folder: &Path, kind: &str) -> Vec<Log> {
    let index = fs::read_to_string(folder.join("index.tsv")).expect("there is an index");
    let lines = index.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>());
    let of_kind = lines.filter(|columns| columns[2] == kind);
    of_kind
        .map(|columns| {
            let text = fs::read_to_string(folder.join("expected").join(columns[0]).join(kind)).unwrap_or_default();
            Log {
                test: columns[0].to_owned(),
                trace: columns[1].to_owned(),
                rows: rows(&text),
            }
        })
        .collect()
}

/// The rows of a log by the names of their columns; those without a value are left out.
fn rows(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut names: Vec<&str> = Vec::new();
    let mut rows = Vec::new();
    for line in text.lines() {
        if let Some(fields) = line.strip_prefix("#fields\t") {
            names = fields.split('\t').collect();
        } else if names.is_empty() && !line.starts_with('#') {
            names = line.split('\t').collect();
        } else if !line.starts_with('#') {
            let values = names.iter().zip(line.split('\t')).filter(|(_, value)| *value != "-");
            rows.push(
                values
                    .map(|(name, value)| ((*name).to_owned(), value.to_owned()))
                    .collect(),
            );
        }
    }
    rows
}

fn protocol(flow: &Flow) -> String {
    match flow.protocol {
        TransportProtocol::ICMP | TransportProtocol::ICMP6 => "icmp".into(),
        TransportProtocol::TCP | TransportProtocol::UDP => flow.protocol.to_string(),
        _ => "unknown_transport".into(),
    }
}

#[test]
fn flows_are_those_of_zeek() {
    let Some(folder) = corpus_folder("flows_are_those_of_zeek", "pcap/zeek") else {
        return;
    };
    let (mut found, mut numbers, mut states, mut histories) =
        (Tally::default(), Tally::default(), Tally::default(), Tally::default());
    let mut verdicts = protocols::Verdicts::new("conn.log");
    for log in logs(&folder, "conn.log") {
        let comparable =
            |row: &&BTreeMap<String, String>| row.contains_key("id.orig_h") && row.contains_key("orig_pkts");
        if log.rows.iter().filter(comparable).count() == 0 {
            continue;
        }
        let path = folder.join("traces").join(&log.trace);
        if !path.exists() {
            continue;
        }
        let heard = hear(&bytes_of(&path), 1);
        let mut flows: BTreeMap<[String; 5], VecDeque<&Flow>> = BTreeMap::new();
        for flow in &heard.flows {
            let (from, to) = (flow.originator, flow.responder);
            let id = [
                from.address.to_string(),
                from.port.to_string(),
                to.address.to_string(),
                to.port.to_string(),
                protocol(flow),
            ];
            flows.entry(id).or_default().push_back(flow);
        }
        for (at, row) in log.rows.iter().enumerate().filter(|(_, row)| comparable(row)) {
            let missed = |tally: &Tally| tally.misses.len();
            let before = [&found, &numbers, &states, &histories].map(missed);
            let id = ["id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p", "proto"].map(|name| row[name].clone());
            let what = format!("{} {}", log.test, id.join(" "));
            let Some(flow) = flows.get_mut(&id).and_then(VecDeque::pop_front) else {
                found.check(&what, "no flow", "a flow");
                verdicts.row(&log.test, at + 1, &[("flow", "none".into(), what)]);
                continue;
            };
            found.check(&what, "a flow", "a flow");
            let said = [
                ("orig_bytes", flow.sent.bytes),
                ("resp_bytes", flow.received.bytes),
                ("orig_pkts", flow.sent.packets),
                ("resp_pkts", flow.received.packets),
                ("orig_ip_bytes", flow.sent.ip_bytes),
                ("resp_ip_bytes", flow.received.ip_bytes),
            ];
            let ours = said.map(|(name, number)| match row.get(name) {
                Some(_) => number.to_string(),
                None => "-".into(),
            });
            let theirs = said.map(|(name, _)| row.get(name).cloned().unwrap_or("-".into()));
            numbers.check(&what, &ours.join(" "), &theirs.join(" "));
            if let Some(state) = row.get("conn_state") {
                states.check(&what, flow.state.as_str(), state);
            }
            if let Some(history) = row.get("history") {
                histories.check(&what, &flow.history, history);
            }
            let after = [&found, &numbers, &states, &histories].map(missed);
            let columns = ["flow", "numbers", "conn_state", "history"].into_iter().enumerate();
            let differences = columns.filter(|(column, _)| after[*column] > before[*column]);
            let differences: Vec<_> = differences
                .map(|(_, name)| (name, what.clone(), String::new()))
                .collect();
            verdicts.row(&log.test, at + 1, &differences);
        }
    }
    found.report("flows found", 97.0);
    numbers.report("bytes and packets", 96.0);
    states.report("states", 97.0);
    histories.report("histories", 94.0);
    verdicts.report(100.0);
}

/// Whatever a capture holds, threads and blocks do not change what is said, packets are counted once, and events are in
/// flows; so it is with captures that were damaged.
#[test]
fn captures_keep_the_promises_of_flows() {
    let Some(folder) = corpus_folder("captures_keep_the_promises_of_flows", "pcap") else {
        return;
    };
    let (mut random, mut read) = (Random::new(7), 0);
    for path in files(&folder) {
        let bytes = bytes_of(&path);
        // What is larger takes long to hold to itself.
        if bytes.len() > 1 << 20 {
            continue;
        }
        capture_flows(&bytes);
        let mut flipped = bytes.clone();
        mutate::flip_bits(&mut random, &mut flipped);
        capture_flows(&flipped);
        read += 1;
    }
    println!("{read} files kept the promises");
    assert!(read > 100, "{read} files");
}

#[test]
fn community_ids_are_those_of_the_specification() {
    let Some(folder) = corpus_folder("community_ids_are_those_of_the_specification", "pcap/community-id") else {
        return;
    };
    let baseline = fs::read_to_string(folder.join("baseline_deflt.json")).expect("there are expected values");
    let baseline: Vec<Value> = serde_json::from_str(&baseline).expect("JSON");
    let expected: BTreeSet<String> = baseline
        .iter()
        .map(|row| row["communityid"].as_str().unwrap_or_default().to_owned())
        .collect();
    let captures = files(&folder)
        .into_iter()
        .filter(|path| path.to_string_lossy().contains(".pcap"));
    let flows = captures.flat_map(|path| hear(&bytes_of(&path), 1).flows);
    let found: BTreeSet<String> = flows.map(|flow| flow.community_id).collect();
    let wrong: Vec<&String> = found.difference(&expected).collect();
    let missing: Vec<&String> = expected.difference(&found).collect();
    println!(
        "Community ID: {} of {} met",
        expected.intersection(&found).count(),
        expected.len()
    );
    assert!(
        wrong.is_empty() && missing.is_empty(),
        "wrong {wrong:?}, missing {missing:?}"
    );
}

#[test]
fn fingerprints_of_clients_are_those_of_foxio() {
    let Some(folder) = corpus_folder("fingerprints_of_clients_are_those_of_foxio", "pcap/ja4") else {
        return;
    };
    let mut tally = Tally::default();
    for path in files(&folder) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let expected = folder.join("expected").join(format!("{name}.json"));
        let Ok(expected) = fs::read_to_string(expected) else {
            continue;
        };
        let expected: Vec<Value> = serde_json::from_str(&expected).expect("JSON");
        let heard = hear(&bytes_of(&path), 1);
        let mut found = BTreeMap::new();
        for event in &heard.events {
            if let Exchange::Tls(tls) = &event.exchange
                && let Some(client) = &tls.client
            {
                found
                    .entry((event.originator.to_string(), event.responder.to_string()))
                    .or_insert(client.ja4.clone());
            }
        }
        for row in &expected {
            let Some(ja4) = row["JA4.1"].as_str() else { continue };
            let end = |address: &str, port: &str| {
                let (address, port) = (
                    row[address].as_str().unwrap_or_default(),
                    row[port].as_str().unwrap_or_default(),
                );
                if address.contains(':') {
                    format!("[{address}]:{port}")
                } else {
                    format!("{address}:{port}")
                }
            };
            let ends = (end("src", "srcport"), end("dst", "dstport"));
            let what = format!("{name} {} {}", ends.0, ends.1);
            tally.check(&what, found.get(&ends).map_or("none", String::as_str), ja4);
        }
    }
    tally.report("JA4", 100.0);
}
