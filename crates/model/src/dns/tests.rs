//! Names, snapshots, aliases, escapes.

use super::*;

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

fn question(text: &str, kind: RecordKind) -> Question {
    Question { name: name(text), kind }
}

fn text(text: &str) -> Record {
    Record::Text(text.as_bytes().to_vec())
}

#[test]
fn names_have_one_form() {
    assert_eq!(name("Example.COM.").as_str(), "example.com");
    assert_eq!(name("bücher.example").as_str(), "xn--bcher-kva.example");
    assert!(name(".").is_root() && name("").is_root());
    let long_label = "a".repeat(64);
    let long = "abc.".repeat(64);
    for wrong in ["a..b", ".a", long_label.as_str(), long.as_str(), "a\u{7}b", "a\nb"] {
        assert_eq!(Name::parse(wrong), None, "{wrong}");
    }
    assert!(name("example.com").covers(&name("a.example.com")));
    assert!(!name("example.com").covers(&name("notexample.com")));
    assert_eq!(name("a.b.c").parent(), Some(name("b.c")));
    assert_eq!(name("").parent(), None);
    assert_eq!(Name::reverse([8, 8, 4, 4].into()).as_str(), "4.4.8.8.in-addr.arpa");
    assert_eq!(Name::reverse(std::net::Ipv6Addr::LOCALHOST.into()).labels(), 34);
}

#[test]
fn what_is_not_held_is_a_question() {
    let mut dns = DnsSnapshot::new();
    dns.add(name("a.test"), RecordKind::Txt, text("x"));
    let asked = question("a.test", RecordKind::A);
    assert_eq!(dns.look_up(&asked), Known::Unknown(asked.clone()));
    dns.insert(asked.clone(), Answer::Records(Vec::new()));
    assert_eq!(dns.look_up(&asked), Known::NoData);
    dns.insert(question("gone.test", RecordKind::A), Answer::NoSuchName);
    assert_eq!(dns.look_up(&question("gone.test", RecordKind::Mx)), Known::NoSuchName);
}

#[test]
fn below_a_complete_name_nothing_else_exists() {
    let mut dns = DnsSnapshot::new();
    dns.add(name("a.test"), RecordKind::Txt, text("x"));
    dns.complete(name("test"));
    assert_eq!(dns.look_up(&question("a.test", RecordKind::A)), Known::NoData);
    assert_eq!(dns.look_up(&question("b.test", RecordKind::A)), Known::NoSuchName);
    let elsewhere = question("a.example", RecordKind::A);
    assert_eq!(dns.look_up(&elsewhere), Known::Unknown(elsewhere.clone()));
    dns.complete(name("."));
    assert_eq!(dns.look_up(&elsewhere), Known::NoSuchName);
}

#[test]
fn aliases_are_followed_and_circles_end() {
    let mut dns = DnsSnapshot::new();
    dns.add(name("a.test"), RecordKind::Cname, Record::Name(name("b.test")));
    let asked = question("b.test", RecordKind::Txt);
    assert_eq!(dns.look_up(&question("a.test", RecordKind::Txt)), Known::Unknown(asked));
    dns.add(name("b.test"), RecordKind::Txt, text("x"));
    let found = dns.look_up(&question("a.test", RecordKind::Txt));
    assert_eq!(found, Known::Records(&[text("x")]));
    dns.add(name("c.test"), RecordKind::Cname, Record::Name(name("c.test")));
    assert_eq!(dns.look_up(&question("c.test", RecordKind::A)), Known::Failed);
}

#[test]
fn escapes_of_zone_files_are_bytes() {
    assert_eq!(unescaped(br#"a\027\"\\b\9"#), b"a\x1b\"\\b9");
    assert_eq!(unescaped(br"\999\"), b"999");
}
