//! Logs as they are written, beside those that Zeek wrote of the same traces: heads, and columns row by row.
//!
//! What differs for a reason is in `capture_adjudicated.tsv` row by row; here it counts as a difference all the same, and so
//! do columns that are never filled, so the share is what a program sees that reads the logs. It was 93.13 % on 2026-11-23.

use super::protocols::value;
use super::{bytes_of, logs, rows};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::io;
use watchfire_capture::{FrameReader, Options, Sink, read};
use watchfire_export::{LogFolder, ZeekForm, ZeekLogs, zeek_logs};
use watchfire_model::network::{Event, Flow, RecordSink};
use watchfire_testkit::corpus::corpus_folder;

/// Logs in memory.
#[derive(Default)]
struct Shelf(BTreeMap<&'static str, Vec<u8>>);

impl LogFolder for Shelf {
    fn append(&mut self, log: &'static str, bytes: &[u8]) -> io::Result<()> {
        self.0.entry(log).or_default().extend_from_slice(bytes);
        Ok(())
    }
}

struct Writing(ZeekLogs<Shelf>);

impl Sink for Writing {
    fn event(&mut self, event: &Event) {
        self.0.event(event);
    }

    fn flow(&mut self, flow: &Flow) {
        self.0.flow(flow);
    }
}

fn written(capture: &[u8]) -> BTreeMap<&'static str, String> {
    let mut writing = Writing(ZeekLogs::new(ZeekForm::Tsv, Shelf::default()));
    let options = Options {
        threads: 1,
        ..Options::default()
    };
    read(&mut FrameReader::new(capture), || None, &options, &mut writing);
    let (shelf, written) = writing.0.finish();
    written.expect("memory is never full");
    let text = |bytes| String::from_utf8(bytes).expect("logs are text");
    shelf.0.into_iter().map(|(log, bytes)| (log, text(bytes))).collect()
}

/// The names and types of columns; none where a test of Zeek kept rows alone.
fn head(log: &str) -> Vec<(&str, &str)> {
    let line = |begin| log.lines().find_map(|line: &str| line.strip_prefix(begin));
    match (line("#fields\t"), line("#types\t")) {
        (Some(names), Some(types)) => names.split('\t').zip(types.split('\t')).collect(),
        _ => Vec::new(),
    }
}

/// Columns that Zeek's scripts, which belong to some of the tests, add to those that it has by itself.
const OF_SCRIPTS: &[(&str, &str)] = &[
    ("conn", "_stream"),
    ("conn", "_system_name"),
    ("conn", "_write_ts"),
    ("conn", "failed_service"),
    ("conn", "orig_l2_addr"),
    ("conn", "resp_l2_addr"),
    ("dhcp", "agent_remote_id"),
    ("dhcp", "circuit_id"),
    ("dhcp", "subscriber_id"),
    ("dns", "addl"),
    ("dns", "auth"),
    ("ssl", "issuer"),
    ("ssl", "requested_client_certificate_authorities"),
    ("ssl", "subject"),
    ("ssl", "validation_status"),
    ("x509", "cert"),
    ("x509", "certificate.tbs_sig_alg"),
];

/// Columns that are not compared: random names and times that Zeek's tests hide, and what the events of a capture do not say.
const APART: &[&str] = &[
    "ts",
    "uid",
    "uids",
    "fuid",
    "fuids",
    "orig_fuids",
    "resp_fuids",
    "tunnel_parents",
    "analyzers",
];

/// How often a column was as Zeek wrote it.
#[derive(Default)]
struct Share {
    met: usize,
    all: usize,
    /// Whether there is ever anything in it.
    is_said: bool,
    misses: Vec<String>,
}

/// What rows are told apart by.
fn key(row: &BTreeMap<String, String>) -> Vec<String> {
    let names = [
        "id.orig_h",
        "id.orig_p",
        "id.resp_h",
        "id.resp_p",
        "proto",
        "trans_id",
        "fingerprint",
        "mac",
    ];
    names.iter().map(|name| value(row, name)).collect()
}

/// Takes the row that is most like another one: flows have many.
fn nearest(
    rows: &mut VecDeque<BTreeMap<String, String>>,
    row: &BTreeMap<String, String>,
    columns: &[&str],
) -> Option<BTreeMap<String, String>> {
    let alike = |other: &BTreeMap<String, String>| {
        columns
            .iter()
            .filter(|name| value(other, name) == value(row, name))
            .count()
    };
    let places = rows.iter().take(60).enumerate();
    // Of those that are equally like it, the first.
    let nearest = places.max_by_key(|(at, other)| (alike(other), std::cmp::Reverse(*at)));
    rows.remove(nearest.map(|(at, _)| at)?)
}

#[test]
fn logs_are_written_as_zeek_writes_them() {
    let Some(folder) = corpus_folder("logs_are_written_as_zeek_writes_them", "pcap/zeek") else {
        return;
    };
    let mut read: BTreeMap<String, BTreeMap<&'static str, String>> = BTreeMap::new();
    let mut shares: BTreeMap<(&str, String), Share> = BTreeMap::new();
    let (mut heads, mut odd) = (0, BTreeSet::new());
    for name in zeek_logs() {
        let kind = format!("{name}.log");
        for log in logs(&folder, &kind) {
            let path = folder.join("traces").join(&log.trace);
            if !path.exists() {
                continue;
            }
            let ours = read
                .entry(log.trace.clone())
                .or_insert_with(|| written(&bytes_of(&path)));
            let Some(ours) = ours.get(name) else { continue };
            let theirs = fs::read_to_string(folder.join("expected").join(&log.test).join(&kind)).unwrap_or_default();
            let (own, other) = (head(ours), head(&theirs));
            heads += usize::from(!other.is_empty());
            let other: Vec<_> = other
                .into_iter()
                .filter(|(column, _)| !OF_SCRIPTS.contains(&(name, column)))
                .collect();
            // A test may leave columns out, and none may stand elsewhere or be of another type.
            let shared: Vec<_> = own.iter().filter(|column| other.contains(column)).copied().collect();
            if shared != other {
                odd.insert(format!("{} {kind}: {other:?} beside {own:?}", log.test));
            }
            let mut candidates: BTreeMap<Vec<String>, VecDeque<BTreeMap<String, String>>> = BTreeMap::new();
            for row in rows(ours) {
                candidates.entry(key(&row)).or_default().push_back(row);
            }
            for row in &log.rows {
                let columns: Vec<&str> = shared.iter().map(|(column, _)| *column).collect();
                let columns: Vec<&str> = columns.into_iter().filter(|column| !APART.contains(column)).collect();
                let Some(found) = candidates
                    .get_mut(&key(row))
                    .and_then(|rows| nearest(rows, row, &columns))
                else {
                    continue;
                };
                for column in columns {
                    let share = shares.entry((name, column.to_owned())).or_default();
                    let (found, expected) = (value(&found, column), value(row, column));
                    share.all += 1;
                    share.is_said |= found != "-";
                    match found == expected {
                        true => share.met += 1,
                        false => share
                            .misses
                            .push(format!("{}: {found} instead of {expected}", log.test)),
                    }
                }
            }
        }
    }
    assert!(odd.is_empty(), "{odd:#?}");
    report(&shares, heads);
}

fn report(shares: &BTreeMap<(&str, String), Share>, heads: usize) {
    let is_verbose = std::env::var_os("WATCHFIRE_CONFORMANCE_VERBOSE").is_some();
    for ((log, column), share) in shares
        .iter()
        .filter(|(_, share)| is_verbose && !share.misses.is_empty())
    {
        println!("{log}.log {column}: {} of {}", share.met, share.all);
        share.misses.iter().take(6).for_each(|miss| println!("    {miss}"));
    }
    let (met, all) = shares
        .values()
        .fold((0, 0), |(met, all), share| (met + share.met, all + share.all));
    let percent = 100.0 * met as f64 / all.max(1) as f64;
    println!("logs of Zeek: {heads} heads; {met} of {all} values, {percent:.2} %");
    assert!(heads > 100 && percent >= 93.0, "{heads} heads, {percent:.2} %");
}
