//! What protocols say, row by row beside Zeek's logs, and names of hosts beside nDPI's.
//!
//! Rows that differ on purpose, or for what is not read yet, stand with the reason in `capture_adjudicated.tsv`. Each of its
//! lines has to differ still, in the columns that it names.

use super::{Heard, Log, bytes_of, hear, logs};
use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::net::{IpAddr, SocketAddr};
use watchfire_model::Untrusted;
use watchfire_model::network::{Dns, Event, Exchange, Http, Tls};
use watchfire_testkit::corpus::{corpus_folder, files};

/// The rows of one kind of log, and what became of them.
pub(super) struct Verdicts {
    kind: &'static str,
    rows: usize,
    met: usize,
    misses: Vec<String>,
    /// What of the table differs as it says.
    adjudicated: Vec<String>,
    /// What of the table does not differ so any more.
    outdated: Vec<String>,
    table: BTreeMap<(String, String), String>,
}

impl Verdicts {
    pub(super) fn new(kind: &'static str) -> Self {
        let table = include_str!("../capture_adjudicated.tsv").lines().skip(1);
        let table = table.map(|line| {
            let columns: Vec<&str> = line.split('\t').collect();
            let [test, row, what, why] = columns.as_slice() else {
                panic!("{line:?} has not four columns")
            };
            assert!(!why.is_empty(), "{line:?} has no reason");
            (((*test).to_owned(), (*row).to_owned()), (*what).to_owned())
        });
        let of_kind = table.filter(|((_, row), _)| row.split(' ').next() == Some(kind));
        Self {
            kind,
            rows: 0,
            met: 0,
            misses: Vec::new(),
            adjudicated: Vec::new(),
            outdated: Vec::new(),
            table: of_kind.collect(),
        }
    }

    /// A row, by its number in its file, and the names of what differs with what was found and what was expected.
    pub(super) fn row(&mut self, test: &str, number: usize, differences: &[(&str, String, String)]) {
        self.rows += 1;
        let what = differences.iter().map(|(name, ..)| *name).collect::<Vec<_>>().join(" ");
        let row = format!("{} {number}", self.kind);
        let judged = self.table.remove(&(test.to_owned(), row.clone()));
        match judged {
            None if what.is_empty() => self.met += 1,
            Some(judged) if judged == what && !what.is_empty() => {
                self.adjudicated.push(format!("{test}\t{row}\t{what}"))
            }
            Some(judged) => self.outdated.push(format!(
                "{test} {row} differs in {what:?}, and the table says {judged:?}"
            )),
            None => self.misses.push(format!("{test}\t{row}\t{what}\t{differences:?}")),
        }
    }

    /// Prints the shares and fails below `least` per cent, counting what was adjudicated as met.
    pub(super) fn report(self, least: f64) {
        if std::env::var_os("WATCHFIRE_CONFORMANCE_VERBOSE").is_some() {
            self.misses.iter().for_each(|miss| println!("{miss}"));
        }
        let share = |met: usize| 100.0 * met as f64 / self.rows.max(1) as f64;
        let (before, after) = (share(self.met), share(self.met + self.adjudicated.len()));
        println!(
            "{}: {} of {} rows, {before:.2} %; {} more adjudicated, {after:.2} %",
            self.kind,
            self.met,
            self.rows,
            self.adjudicated.len()
        );
        assert!(self.outdated.is_empty(), "{:#?}", self.outdated);
        assert!(after >= least, "{}: {after:.2} % instead of {least} %", self.kind);
        assert!(self.table.is_empty(), "no such rows: {:?}", self.table);
    }
}

pub(super) type Row = BTreeMap<String, String>;
/// A column with what was found and what was expected.
pub(super) type Column = (&'static str, String, String);

pub(super) fn value(row: &Row, name: &str) -> String {
    row.get(name).cloned().unwrap_or_else(|| "-".to_owned())
}

/// As Zeek writes texts: what is no text stands as `\x` and its number, nothing as `-`.
pub(super) fn text(found: Option<&Untrusted>) -> String {
    match found.map(Untrusted::raw) {
        None | Some("") => "-".to_owned(),
        Some(text) => text.to_owned(),
    }
}

pub(super) fn flag(is: bool) -> String {
    if is { "T" } else { "F" }.to_owned()
}

/// Holds the rows of all logs of a kind to the events that `part` knows.
fn compare<'e, T: 'e>(
    verdicts: &mut Verdicts,
    log: &Log,
    events: &'e [Event],
    part: fn(&'e Exchange) -> Option<&'e T>,
    columns: fn(&T, &Row) -> Vec<Column>,
) {
    let mut by_ends: BTreeMap<Vec<String>, VecDeque<&T>> = BTreeMap::new();
    // The ends, where the log has them, and what tells questions apart that are answered in another order.
    let key = |ends: [(IpAddr, u16); 2], exchange: &Exchange| {
        let id = match exchange {
            Exchange::Dns(dns) => dns.id.to_string(),
            _ => "-".to_owned(),
        };
        let mut key: Vec<String> = ends
            .iter()
            .flat_map(|(address, port)| [address.to_string(), port.to_string()])
            .collect();
        key.push(id);
        key
    };
    let has_ends = log.rows.iter().all(|row| row.contains_key("id.orig_h"));
    for event in events {
        let ends = [event.originator, event.responder].map(|end| (end.ip(), end.port()));
        if let Some(found) = part(&event.exchange) {
            let key = if has_ends {
                key(ends, &event.exchange)
            } else {
                Vec::new()
            };
            by_ends.entry(key).or_default().push_back(found);
        }
    }
    for (at, row) in log.rows.iter().enumerate() {
        let names = ["id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p", "trans_id"];
        let key = if has_ends {
            names.iter().map(|name| value(row, name)).collect()
        } else {
            Vec::new()
        };
        let differences = |found: &T| -> Vec<Column> {
            let columns = columns(found, row).into_iter();
            columns.filter(|(_, found, expected)| found != expected).collect()
        };
        let candidates = by_ends.entry(key).or_default();
        // Logs without ends are in no order of flows: whatever is like the row is its event.
        let alike = (!has_ends).then(|| candidates.iter().position(|found| differences(found).is_empty()));
        let found = candidates.remove(alike.flatten().unwrap_or(0));
        let differences = found.map_or_else(|| vec![("event", "none".to_owned(), format!("{row:?}"))], differences);
        verdicts.row(&log.test, at + 1, &differences);
    }
}

/// Holds all logs of a kind.
pub(super) fn check<T>(
    name: &'static str,
    kind: &'static str,
    part: fn(&Exchange) -> Option<&T>,
    columns: fn(&T, &Row) -> Vec<Column>,
    least: f64,
) {
    let Some(folder) = corpus_folder(name, "pcap/zeek") else {
        return;
    };
    let mut verdicts = Verdicts::new(kind);
    for log in logs(&folder, kind) {
        let path = folder.join("traces").join(&log.trace);
        if path.exists() {
            let Heard { events, .. } = hear(&bytes_of(&path), 1);
            compare(&mut verdicts, &log, &events, part, columns);
        }
    }
    verdicts.report(least);
}

#[test]
fn questions_of_dns_are_those_of_zeek() {
    fn part(exchange: &Exchange) -> Option<&Dns> {
        match exchange {
            Exchange::Dns(dns) => Some(dns),
            _ => None,
        }
    }
    check("questions_of_dns_are_those_of_zeek", "dns.log", part, dns, 100.0);
}

fn dns(dns: &Dns, row: &Row) -> Vec<Column> {
    let reply = dns.reply.as_ref();
    let mut columns = vec![
        ("query", text(Some(&dns.query)).to_lowercase(), value(row, "query")),
        (
            "rcode",
            reply.map_or("-".to_owned(), |reply| reply.code.to_string()),
            value(row, "rcode"),
        ),
    ];
    // Zeek takes it from questions.
    if dns.asked {
        columns.push(("RD", flag(dns.recursion_desired), value(row, "RD")));
    }
    if row.contains_key("qtype") {
        columns.push(("qtype", dns.kind.0.to_string(), value(row, "qtype")));
    }
    // Zeek takes these from answers, and there are not always some.
    if let Some(reply) = reply.filter(|_| row.contains_key("answers")) {
        columns.extend([
            ("AA", flag(reply.authoritative), value(row, "AA")),
            ("TC", flag(reply.truncated), value(row, "TC")),
            ("RA", flag(reply.recursion_available), value(row, "RA")),
        ]);
        // Addresses and names; Zeek has forms of its own for the rest, with the type before them.
        let plain = reply
            .answers
            .iter()
            .filter(|answer| matches!(answer.kind.0, 1 | 2 | 5 | 12 | 28));
        let ours: Vec<&str> = plain.map(|answer| answer.data.raw()).collect();
        let theirs = value(row, "answers");
        let is_plain = |answer: &&str| !answer.contains(' ') && !["-", "NSEC3PARAM"].contains(answer);
        let theirs: Vec<&str> = theirs.split(',').filter(is_plain).collect();
        columns.push(("answers", ours.join(",").to_lowercase(), theirs.join(",")));
    }
    columns
}

#[test]
fn requests_of_http_are_those_of_zeek() {
    fn part(exchange: &Exchange) -> Option<&Http> {
        match exchange {
            Exchange::Http(http) => Some(http),
            _ => None,
        }
    }
    check("requests_of_http_are_those_of_zeek", "http.log", part, http, 100.0);
}

fn http(http: &Http, row: &Row) -> Vec<Column> {
    let reply = http.reply.as_ref();
    let status = reply.map_or("-".to_owned(), |reply| reply.status.to_string());
    let received = reply.map_or(0, |reply| reply.received);
    let columns = [
        ("method", text(Some(&http.method))),
        ("host", text(http.host.as_ref())),
        ("uri", unescaped(&text(Some(&http.target)))),
        ("referrer", text(http.referrer.as_ref())),
        ("user_agent", text(http.user_agent.as_ref())),
        ("status_code", status),
        ("request_body_len", http.sent.to_string()),
        ("response_body_len", received.to_string()),
    ];
    // Some logs have a few columns only.
    let is_whole = row.contains_key("response_body_len");
    let known = columns
        .into_iter()
        .filter(|(name, _)| is_whole || row.contains_key(*name));
    let expected = |name| match value(row, name) {
        empty if empty == "(empty)" => "-".to_owned(),
        other => other,
    };
    known.map(|(name, found)| (name, found, expected(name))).collect()
}

/// A target without its `%` and two digits, as Zeek tells it.
fn unescaped(target: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = target;
    while let Some((before, behind)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        let byte = behind.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.unwrap_or(b'%'));
        rest = byte.and_then(|_| behind.get(2..)).unwrap_or(behind);
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn handshakes_of_tls_are_those_of_zeek() {
    fn part(exchange: &Exchange) -> Option<&Tls> {
        match exchange {
            Exchange::Tls(tls) => Some(tls),
            _ => None,
        }
    }
    check("handshakes_of_tls_are_those_of_zeek", "ssl.log", part, tls, 100.0);
}

/// IANA's names of the suites that Zeek's logs of the corpus have.
const SUITES: &[(u16, &str)] = &[
    (0x0004, "TLS_RSA_WITH_RC4_128_MD5"),
    (0x0039, "TLS_DHE_RSA_WITH_AES_256_CBC_SHA"),
    (0x0088, "TLS_DHE_RSA_WITH_CAMELLIA_256_CBC_SHA"),
    (0x009d, "TLS_RSA_WITH_AES_256_GCM_SHA384"),
    (0x1301, "TLS_AES_128_GCM_SHA256"),
    (0x1302, "TLS_AES_256_GCM_SHA384"),
    (0xc014, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA"),
    (0xc02f, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
    (0xc030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"),
    (0xcca8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"),
    (0xcca9, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"),
];

fn tls(tls: &Tls, row: &Row) -> Vec<Column> {
    let (client, server) = (tls.client.as_ref(), tls.server.as_ref());
    let suite = |number: u16| {
        let known = SUITES.iter().find(|(suite, _)| *suite == number);
        known.map_or_else(|| format!("{number:#06x}"), |(_, name)| (*name).to_owned())
    };
    let columns = [
        (
            "version",
            server.map_or("-".to_owned(), |server| server.version.to_string()),
        ),
        ("cipher", server.map_or("-".to_owned(), |server| suite(server.cipher))),
        (
            "server_name",
            text(client.and_then(|client| client.server_name.as_ref())),
        ),
        ("resumed", flag(server.is_some_and(|server| server.resumed))),
        (
            "next_protocol",
            text(server.and_then(|server| server.protocol.as_ref())),
        ),
        ("established", flag(tls.established)),
        ("cert_chain_fps", tls.certificates.join(",")),
    ];
    let columns = columns.into_iter().map(|(name, found)| {
        let expected = row.get(name).filter(|value| *value != "(empty)").cloned();
        let nothing = if name == "cert_chain_fps" { "" } else { "-" };
        (name, found, expected.unwrap_or_else(|| nothing.to_owned()))
    });
    columns.collect()
}

/// A name of DNS with its octets as they are: in mDNS, they are UTF-8.
fn plain(name: &str) -> String {
    let mut parts = name.split('\\');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let octet = part.get(..3).and_then(|digits| digits.parse::<u8>().ok());
        bytes.extend(octet);
        bytes.extend_from_slice(octet.and_then(|_| part.get(3..)).unwrap_or(part).as_bytes());
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A row of nDPI's: two ends, and the host that is asked for.
fn named(line: &str) -> Option<(SocketAddr, SocketAddr, &str)> {
    let end = |text: &str| text.parse::<SocketAddr>().ok();
    let mut words = line.split_whitespace().skip(2);
    let (from, _, to) = (end(words.next()?)?, words.next()?, end(words.next()?)?);
    let protocol = line.split_once("[proto: ")?.1.split_once(']')?.0.split_once('/')?.1;
    let is_read = [
        "DNS", "MDNS", "LLMNR", "NetBIOS", "HTTP", "TLS", "QUIC", "DTLS", "DoH_DoT", "DoQ",
    ]
    .contains(&protocol.split('.').next()?);
    let name = line.split_once("[Hostname/SNI: ")?.1.split_once(']')?.0;
    is_read.then_some((from, to, name))
}

#[test]
fn names_of_hosts_are_those_of_ndpi() {
    let Some(folder) = corpus_folder("names_of_hosts_are_those_of_ndpi", "pcap/ndpi") else {
        return;
    };
    let mut verdicts = Verdicts::new("ndpi");
    for path in files(&folder) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Ok(expected) = fs::read(folder.join("expected").join(format!("{name}.out"))) else {
            continue;
        };
        let expected = String::from_utf8_lossy(&expected);
        let mut rows = expected.lines().filter_map(named).peekable();
        if rows.peek().is_none() {
            continue;
        }
        let mut found: BTreeMap<[SocketAddr; 2], Vec<String>> = BTreeMap::new();
        for event in hear(&bytes_of(&path), 1).events {
            let name = match &event.exchange {
                Exchange::Dns(dns) => Some(&dns.query),
                Exchange::Http(http) => http.host.as_ref(),
                Exchange::Tls(tls) => tls.client.as_ref().and_then(|client| client.server_name.as_ref()),
                _ => None,
            };
            let mut ends = [event.originator, event.responder];
            ends.sort();
            found.entry(ends).or_default().push(plain(&text(name)).to_lowercase());
        }
        for (at, (from, to, host)) in rows.enumerate() {
            let mut ends = [from, to];
            ends.sort();
            let names = found.get(&ends).cloned().unwrap_or_default();
            let host = host.to_lowercase();
            // nDPI leaves ports out, and keeps so many characters only.
            let is_same = |name: &String| {
                let bare = name.rsplit_once(':').map_or(name.as_str(), |(host, _)| host);
                *name == host || bare == host || host.len() > 60 && name.contains(&host)
            };
            let differences = if names.iter().any(is_same) {
                Vec::new()
            } else {
                vec![("host", format!("{names:?}"), host)]
            };
            verdicts.row(&format!("{name} {from} {to}"), at + 1, &differences);
        }
    }
    verdicts.report(100.0);
}
