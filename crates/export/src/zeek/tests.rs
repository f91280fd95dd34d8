//! Logs of records that are made here.

use super::*;
use crate::samples::{event, flow};
use watchfire_model::network::{Dhcp, Dns, DnsAnswer, DnsClass, DnsReply, DnsType, Http, Login};

/// Logs in memory.
#[derive(Default)]
struct Shelf(BTreeMap<&'static str, String>);

impl LogFolder for Shelf {
    fn append(&mut self, log: &'static str, bytes: &[u8]) -> io::Result<()> {
        let text = std::str::from_utf8(bytes).map_err(io::Error::other)?;
        self.0.entry(log).or_default().push_str(text);
        Ok(())
    }
}

fn logs(form: ZeekForm, hear: impl FnOnce(&mut dyn RecordSink)) -> BTreeMap<&'static str, String> {
    let mut logs = ZeekLogs::new(form, Shelf::default());
    hear(&mut logs);
    let (shelf, written) = logs.finish();
    written.unwrap();
    shelf.0
}

/// The only row of a log, by the names of its columns.
fn row(log: &str) -> BTreeMap<String, String> {
    let names = log.lines().find_map(|line| line.strip_prefix("#fields\t")).unwrap();
    let mut rows = log.lines().filter(|line| !line.starts_with('#'));
    let row = rows.next().unwrap();
    assert_eq!(rows.next(), None, "{log}");
    assert_eq!(names.split('\t').count(), row.split('\t').count(), "{log}");
    let columns = names.split('\t').zip(row.split('\t'));
    columns
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

#[track_caller]
fn check(row: &BTreeMap<String, String>, expected: &[(&str, &str)]) {
    for (name, value) in expected {
        assert_eq!(row.get(*name).map(String::as_str), Some(*value), "{name}");
    }
}

fn request() -> Exchange {
    Exchange::Http(Box::new(Http {
        method: "GET".into(),
        host: Some("a.example".into()),
        target: "/a\tb%0a%7e?x=#\u{fffd}".into(),
        version: "1.1".into(),
        user: Some("ann".into()),
        user_agent: Some("-".into()),
        referrer: Some("".into()),
        ..Http::default()
    }))
}

#[test]
fn a_log_has_a_head_and_an_end_and_its_times_are_those_of_the_capture() {
    let logs = logs(ZeekForm::Tsv, |sink| sink.flow(&flow()));
    assert_eq!(logs.keys().collect::<Vec<_>>(), [&"conn"]);
    let lines: Vec<&str> = logs["conn"].lines().collect();
    assert_eq!(
        lines[..6],
        [
            "#separator \\x09",
            "#set_separator\t,",
            "#empty_field\t(empty)",
            "#unset_field\t-",
            "#path\tconn",
            "#open\t2023-11-14-22-13-20",
        ]
    );
    assert!(lines[6].starts_with("#fields\tts\tuid\tid.orig_h\t"), "{lines:#?}");
    assert!(lines[7].starts_with("#types\ttime\tstring\taddr\tport\t"), "{lines:#?}");
    assert_eq!(lines[9..], ["#close\t2023-11-14-22-13-20"]);
    check(
        &row(&logs["conn"]),
        &[
            ("ts", "1700000000.000000"),
            ("id.orig_h", "10.0.0.1"),
            ("id.resp_p", "80"),
            ("proto", "tcp"),
            ("service", "http"),
            ("duration", "1.500000"),
            ("orig_bytes", "100"),
            ("conn_state", "SF"),
            ("local_orig", "T"),
            ("missed_bytes", "-"),
            ("history", "ShADadFf"),
            ("resp_ip_bytes", "1100"),
            ("ip_proto", "6"),
        ],
    );
}

#[test]
fn text_stays_in_its_column_and_rows_of_a_flow_have_one_name() {
    let logs = logs(ZeekForm::Tsv, |sink| {
        sink.event(&event(request()));
        sink.flow(&flow());
    });
    let (http, conn) = (row(&logs["http"]), row(&logs["conn"]));
    assert_eq!(http["uid"], conn["uid"]);
    check(
        &http,
        &[
            ("trans_depth", "1"),
            ("uri", "/a\\x09b\\x0a~?x=#\u{fffd}"),
            ("user_agent", "\\x2d"),
            ("referrer", "(empty)"),
            ("origin", "-"),
            ("tags", "(empty)"),
            ("password", "-"),
            ("status_code", "-"),
        ],
    );
}

#[test]
fn passwords_are_masked_unless_they_were_revealed() {
    let mut login = Login::clear("http", Some("ann".into()), "secret");
    let heard = |login: &Login| {
        logs(ZeekForm::Tsv, |sink| {
            sink.event(&event(Exchange::Login(Box::new(login.clone()))));
            sink.event(&event(request()));
        })
    };
    check(
        &row(&heard(&login)["http"]),
        &[("password", "***"), ("username", "ann")],
    );
    login.reveal();
    check(&row(&heard(&login)["http"]), &[("password", "secret")]);
}

fn question() -> Exchange {
    let answer = |kind: u16, data: &str| DnsAnswer {
        name: "a.example".into(),
        kind: DnsType(kind),
        ttl: 60,
        data: data.into(),
    };
    Exchange::Dns(Box::new(Dns {
        id: 7,
        query: "a.example".into(),
        kind: DnsType(1),
        class: DnsClass(1),
        asked: true,
        recursion_desired: true,
        reply: Some(DnsReply {
            frame: 11,
            code: 0,
            after: Some(43_000_000),
            authoritative: false,
            truncated: false,
            recursion_available: true,
            answers: vec![answer(5, "b,c.example"), answer(1, "192.0.2.1")],
        }),
    }))
}

#[test]
fn entries_of_lists_are_told_apart() {
    let logs = logs(ZeekForm::Tsv, |sink| sink.event(&event(question())));
    check(
        &row(&logs["dns"]),
        &[
            ("rtt", "0.043000"),
            ("qtype_name", "A"),
            ("rcode_name", "NOERROR"),
            ("answers", "b\\x2cc.example,192.0.2.1"),
            ("TTLs", "60.000000,60.000000"),
            ("rejected", "F"),
        ],
    );
}

#[test]
fn lines_of_json_have_the_same_names_and_leave_out_what_is_unset() {
    let logs = logs(ZeekForm::Json, |sink| {
        sink.event(&event(question()));
        sink.event(&event(request()));
    });
    let dns: serde_json::Value = serde_json::from_str(&logs["dns"]).unwrap();
    assert_eq!(dns["answers"], serde_json::json!(["b,c.example", "192.0.2.1"]));
    assert_eq!(
        (&dns["ts"], &dns["id.orig_p"]),
        (&1_700_000_000.0.into(), &50_000.into())
    );
    assert_eq!(dns["RD"], true);
    let http: serde_json::Value = serde_json::from_str(&logs["http"]).unwrap();
    assert_eq!(http["uri"], "/a\tb\n~?x=#\u{fffd}");
    assert!(http.get("origin").is_none() && http["user_agent"] == "-", "{http:#}");
}

#[test]
fn a_folder_that_is_full_ends_the_reading_and_is_told() {
    struct Full;
    impl LogFolder for Full {
        fn append(&mut self, _: &'static str, _: &[u8]) -> io::Result<()> {
            Err(io::ErrorKind::StorageFull.into())
        }
    }
    let mut logs = ZeekLogs::new(ZeekForm::Tsv, Full);
    assert!(logs.goes_on());
    logs.flow(&flow());
    assert!(!logs.goes_on());
    assert_eq!(logs.finish().1.unwrap_err().kind(), io::ErrorKind::StorageFull);
}

#[test]
fn logs_have_names_of_their_own_and_columns_that_are_named_once() {
    let mut seen = std::collections::BTreeSet::new();
    for log in FAMILIES.iter().flat_map(|family| family.logs) {
        assert!(seen.insert(log.path), "{}", log.path);
        let names: std::collections::BTreeSet<_> = log.all().map(|(name, _)| name).collect();
        assert_eq!(names.len(), log.all().count(), "{}", log.path);
    }
    assert_eq!(zeek_logs().count(), seen.len());
}

#[test]
fn a_transaction_over_flows_without_end_names_as_many_as_messages_are_kept() {
    let logs = logs(ZeekForm::Json, |sink| {
        for flow in 1..=500 {
            let dhcp = Dhcp {
                transaction: 7,
                ..Dhcp::default()
            };
            sink.event(&Event {
                flow,
                ..event(Exchange::Dhcp(Box::new(dhcp)))
            });
        }
    });
    let row: serde_json::Value = serde_json::from_str(logs["dhcp"].lines().next().unwrap()).unwrap();
    let uids = row["uids"].as_array().unwrap();
    assert_eq!((uids.len(), logs["dhcp"].lines().count()), (Dhcp::MOST_MESSAGES, 1));
}

#[test]
fn flows_that_begin_in_the_same_frame_have_names_of_their_own() {
    let logs = logs(ZeekForm::Json, |sink| {
        sink.event(&event(request()));
        let mut outer = flow();
        outer.responder.port = 4_789;
        sink.flow(&outer);
    });
    let uid = |log: &str| -> String {
        let row: serde_json::Value = serde_json::from_str(log.lines().next().unwrap()).unwrap();
        row["uid"].as_str().unwrap().to_owned()
    };
    assert_ne!(uid(&logs["http"]), uid(&logs["conn"]));
}
