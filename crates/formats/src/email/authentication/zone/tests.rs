//! JSON, zone files, and the output of `dig`.

use super::*;
use watchfire_model::dns::Known;

fn look_up<'z>(zone: &'z Zone, name: &str, kind: RecordKind) -> Known<'z> {
    let name = Name::parse(name).unwrap();
    zone.dns.look_up(&Question { name, kind })
}

fn text(text: &str) -> Record {
    Record::Text(text.as_bytes().to_vec())
}

#[test]
fn json_is_read() {
    let zone = read(
        br#"{"complete": ["corp.example"], "answers": {
            "Example.com.": {"A": ["192.0.2.1"], "AAAA": [], "MX": [[10, "mx.example.com"]],
                "TXT": ["v=spf1 mx -all", ["two ", "strings"]]},
            "gone.example": "no such name", "slow.example": {"TXT": "failed"},
            "bad.example": {"A": ["::1"], "NAPTR": [], "MX": 1}, "worse.example": 3, "a..b": {}}}"#,
    );
    let txt = look_up(&zone, "example.com", RecordKind::Txt);
    assert_eq!(txt, Known::Records(&[text("v=spf1 mx -all"), text("two strings")]));
    assert_eq!(look_up(&zone, "example.com", RecordKind::Aaaa), Known::NoData);
    assert_eq!(look_up(&zone, "gone.example", RecordKind::Mx), Known::NoSuchName);
    assert_eq!(look_up(&zone, "slow.example", RecordKind::Txt), Known::Failed);
    assert_eq!(look_up(&zone, "x.corp.example", RecordKind::A), Known::NoSuchName);
    assert!(matches!(
        look_up(&zone, "example.com", RecordKind::Ptr),
        Known::Unknown(_)
    ));
    assert_eq!(zone.problems.len(), 5);
    assert_eq!(read(b"{").problems.len(), 1);
    assert_eq!(read(b"{}").problems.len(), 1);
}

#[test]
fn zone_files_are_read() {
    let zone = read(
        b"$ORIGIN example.com.\n$TTL 300\n@ IN SOA ns root (\n 1 ; serial\n 2 3 4 5 )\n\
          \tMX 10 mx\n  600 IN TXT ( \"v=spf1 \" ; comment\n \"mx; -all\" )\nmx A 192.0.2.1\n\
          www CNAME mx\nx\\046y TXT a\\\"b\nother.test. IN TXT \"\\226\\130\"\nbad A nowhere\n",
    );
    assert_eq!(
        look_up(&zone, "example.com", RecordKind::Txt),
        Known::Records(&[text("v=spf1 mx; -all")])
    );
    assert!(matches!(
        look_up(&zone, "example.com", RecordKind::Mx),
        Known::Records(_)
    ));
    let address = Record::Address([192, 0, 2, 1].into());
    assert_eq!(
        look_up(&zone, "www.example.com", RecordKind::A),
        Known::Records(&[address])
    );
    assert_eq!(
        look_up(&zone, "x.y.example.com", RecordKind::Txt),
        Known::Records(&[text("a\"b")])
    );
    let bytes = Record::Text(vec![226, 130]);
    assert_eq!(look_up(&zone, "other.test", RecordKind::Txt), Known::Records(&[bytes]));
    assert_eq!(look_up(&zone, "none.example.com", RecordKind::A), Known::NoSuchName);
    assert_eq!(zone.problems.len(), 1);
}

#[test]
fn the_output_of_dig_is_read() {
    let zone = read(
        b"; <<>> DiG 9.18 <<>> txt example.com\n;; QUESTION SECTION:\n;example.com.\t\tIN\tTXT\n\n\
          ;; ANSWER SECTION:\nexample.com.\t\t86400\tIN\tTXT\t\"v=spf1 -all\"\n\n;; Query time: 1 msec\n",
    );
    assert_eq!(
        look_up(&zone, "example.com", RecordKind::Txt),
        Known::Records(&[text("v=spf1 -all")])
    );
    assert_eq!(zone.problems, []);
}

#[test]
fn nonsense_is_a_problem_and_never_more() {
    for nonsense in [
        "(",
        "\"",
        "$ORIGIN",
        "a",
        "a IN",
        " A 1.2.3.4",
        "a MX",
        "\\",
        "a TXT \"\\",
    ] {
        let zone = read(nonsense.as_bytes());
        assert!(zone.dns.len() <= 1, "{nonsense}");
    }
}
