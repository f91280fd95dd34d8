//! Sets against a naive twin, and against damage.

use super::*;
use watchfire_model::{Moment, ObservableType, Reach, Verdict};

fn observable(text: &str) -> Observable {
    Indicator::guess(text).unwrap()
}

fn set(indicators: impl IntoIterator<Item = Indicator>) -> Vec<u8> {
    let mut writer = SetWriter::default();
    for indicator in indicators {
        writer.add(indicator).unwrap();
    }
    let mut bytes = Vec::new();
    writer.finish(&mut bytes).unwrap();
    bytes
}

fn open(bytes: Vec<u8>) -> IndicatorSet {
    IndicatorSet::open(Backing::Memory(bytes)).unwrap()
}

fn reaching(text: &str, reach: Reach) -> Indicator {
    Indicator {
        reach,
        ..Indicator::new(observable(text))
    }
}

/// What `what` meets in a set of `indicators`: their values, with a star where it is the value itself.
#[track_caller]
fn check(indicators: &[(&str, Reach)], what: &str, expected: &[&str]) {
    let set = open(set(indicators.iter().map(|(text, reach)| reaching(text, *reach))));
    let what = observable(what);
    let mut met = Vec::new();
    set.find(&what, &mut met);
    let met: Vec<String> = met
        .iter()
        .map(|met| {
            format!(
                "{}{}",
                if met.itself { "*" } else { "" },
                met.indicator.observable.raw()
            )
        })
        .collect();
    assert_eq!(met, expected, "{what}");
    assert_eq!(set.may_hold(&what), !expected.is_empty());
}

#[test]
fn values_meet_themselves() {
    let all = [
        "203.0.113.7",
        "2001:db8::7",
        "evil.example.com",
        "http://evil.example.com/a?b=c",
        "d41d8cd98f00b204e9800998ecf8427e",
        "CVE-2026-1234",
        "a@evil.example.com",
    ];
    let indicators: Vec<(&str, Reach)> = all.iter().map(|text| (*text, Reach::Exact)).collect();
    for text in ["203.0.113.7", "2001:db8::7", "evil.example.com", "CVE-2026-1234"] {
        check(&indicators, text, &[&format!("*{text}")]);
    }
    check(&indicators, "203.0.113.8", &[]);
    check(&indicators, "example.com", &[]);
    check(&indicators, "x.evil.example.com", &[]);
    check(
        &indicators,
        "a@evil.example.com",
        &["*a@evil.example.com", "evil.example.com"],
    );
}

#[test]
fn addresses_meet_the_networks_around_them() {
    let networks = [
        ("203.0.0.0/16", Reach::Network),
        ("203.0.113.0/24", Reach::Network),
        ("203.0.113.0/28", Reach::Network),
        ("203.0.113.128/25", Reach::Network),
        ("2001:db8::/32", Reach::Network),
        ("203.0.113.7", Reach::Exact),
    ];
    check(
        &networks,
        "203.0.113.7",
        &["*203.0.113.7", "203.0.113.0/28", "203.0.113.0/24", "203.0.0.0/16"],
    );
    check(
        &networks,
        "203.0.113.200",
        &["203.0.113.128/25", "203.0.113.0/24", "203.0.0.0/16"],
    );
    check(&networks, "203.0.113.127", &["203.0.113.0/24", "203.0.0.0/16"]);
    check(&networks, "203.1.0.0", &[]);
    check(&networks, "202.255.255.255", &[]);
    check(&networks, "203.0.113.0/24", &["*203.0.113.0/24", "203.0.0.0/16"]);
    check(&networks, "203.0.113.0/26", &["203.0.113.0/24", "203.0.0.0/16"]);
    check(&networks, "203.0.0.0/15", &[]);
    check(&networks, "2001:db8::1", &["2001:db8::/32"]);
    check(&networks, "203.0.9.1:443", &["203.0.0.0/16"]);
    check(&networks, "http://203.0.9.1/x", &["203.0.0.0/16"]);
}

#[test]
fn an_address_meets_the_socket_that_names_it() {
    let sockets = [("203.0.113.7:443", Reach::Exact)];
    check(&sockets, "203.0.113.7", &["203.0.113.7:443"]);
    check(&sockets, "203.0.113.7:443", &["*203.0.113.7:443"]);
    check(&sockets, "203.0.113.7:80", &["203.0.113.7:443"]);
}

#[test]
fn names_meet_the_domains_above_them_where_the_indicator_says_so() {
    let domains = [("evil.com", Reach::Below), ("b.evil.com", Reach::Exact)];
    check(&domains, "evil.com", &["*evil.com"]);
    check(&domains, "a.b.evil.com", &["evil.com"]);
    check(&domains, "b.evil.com", &["*b.evil.com", "evil.com"]);
    check(&domains, "notevil.com", &[]);
    check(&domains, "https://a.evil.com/x", &["evil.com"]);
    check(&domains, "evil.com.example.org", &[]);
}

#[test]
fn the_same_page_is_met_whatever_the_scheme_says() {
    let urls = [("http://evil.com:80/a?b=c", Reach::Exact)];
    for text in ["http://evil.com/a?b=c", "https://evil.com/a?b=c#top"] {
        let set = open(set(urls.iter().map(|(text, reach)| reaching(text, *reach))));
        assert!(set.may_hold(&observable(text)), "{text}");
    }
    check(&urls, "http://evil.com/a", &[]);
    check(&urls, "http://evil.com:8080/a?b=c", &[]);
    check(&urls, "evil.com", &[]);
}

#[test]
fn hosts_of_urls_are_met_as_browsers_read_them() {
    let urls = [
        ("http://evil.com/x", Reach::Exact),
        ("http://files.com./y", Reach::Prefix),
        ("http://9.9.9.8/x", Reach::Exact),
        ("evil.org", Reach::Exact),
    ];
    for (what, met) in [
        ("http://evil.com./x", "*http://evil.com/x"),
        ("http://evil.com\\x", "*http://evil.com/x"),
        ("http://files.com/y/z", "http://files.com./y"),
        ("http://files.com/y\\z", "http://files.com./y"),
        ("http://0x09090908/x", "*http://9.9.9.8/x"),
        ("http://9.9.2312./x", "*http://9.9.9.8/x"),
        ("http://[::ffff:9.9.9.8]/x", "*http://9.9.9.8/x"),
        ("http://evil.org\\@good.com/", "evil.org"),
    ] {
        check(&urls, what, &[met]);
    }
    check(&urls, "http://good.com\\@evil.com/x", &[]);
}

#[test]
fn prefixes_of_urls_end_at_a_segment() {
    let urls = [
        ("http://files.com/evil/", Reach::Prefix),
        ("http://own.com", Reach::Prefix),
    ];
    check(&urls, "https://files.com/evil/a/b.exe?x", &["http://files.com/evil/"]);
    check(&urls, "https://files.com/evil", &["http://files.com/evil/"]);
    check(&urls, "https://files.com/evilish", &[]);
    check(&urls, "https://own.com/anything", &["http://own.com"]);
}

#[test]
fn indicators_about_one_value_become_one() {
    let at = |text| Some(Moment::parse(text).unwrap());
    let one = Indicator {
        first_seen: at("2026-01-01"),
        last_seen: at("2026-03-01"),
        valid_until: at("2026-12-01"),
        confidence: Some(50),
        threat: "old".into(),
        ..Indicator::new(observable("203.0.113.7"))
    };
    let two = Indicator {
        first_seen: at("2026-02-01"),
        last_seen: at("2026-04-01"),
        valid_until: at("2026-11-01"),
        confidence: None,
        threat: "new".into(),
        reference: "https://feed.example/7".into(),
        ..one.clone()
    };
    let good = Indicator {
        towards: Verdict::Benign,
        ..Indicator::new(observable("203.0.113.7"))
    };
    let expected = Indicator {
        last_seen: two.last_seen,
        threat: two.threat.clone(),
        reference: two.reference.clone(),
        ..one.clone()
    };
    let set = open(set([one, two, good.clone()]));
    let mut met = Vec::new();
    set.find(&observable("203.0.113.7"), &mut met);
    let met: Vec<Indicator> = met.into_iter().map(|met| met.indicator).collect();
    assert_eq!(met, [expected, good]);
    assert_eq!(set.len(), 2);
}

#[test]
fn a_set_on_disk_answers_as_one_in_memory() {
    let file = std::env::temp_dir().join(format!("watchfire-set-{}", std::process::id()));
    let many = (0..5000u32).map(|n| Indicator {
        threat: format!("family {}", n % 7).into(),
        reference: "r".repeat(n as usize % 400).into(),
        ..Indicator::new(observable(&std::net::Ipv4Addr::from(n * 7919).to_string()))
    });
    let bytes = set(many.chain([reaching("1.0.0.0/8", Reach::Network)]));
    std::fs::write(&file, &bytes).unwrap();
    let (disk, memory) = (IndicatorSet::open(Backing::open(&file).unwrap()).unwrap(), open(bytes));
    for n in 0..5000u32 {
        let what = observable(&std::net::Ipv4Addr::from(n * 7919 + n % 2).to_string());
        let (mut one, mut two) = (Vec::new(), Vec::new());
        disk.find(&what, &mut one);
        memory.find(&what, &mut two);
        assert_eq!(one, two);
        assert!(n % 2 == 1 || one.iter().any(|met| met.itself));
    }
    std::fs::remove_file(file).unwrap();
}

#[test]
fn damage_is_met_without_a_panic() {
    let good = set([
        reaching("203.0.113.0/24", Reach::Network),
        reaching("evil.com", Reach::Below),
        reaching("203.0.113.9", Reach::Exact),
    ]);
    for end in 0..good.len() {
        let cut = IndicatorSet::open(Backing::Memory(good[..end].to_vec()));
        assert!(matches!(cut, Err(SetError::NotASet | SetError::Truncated)), "{end}");
    }
    for at in 0..good.len() {
        for bit in 0..8 {
            let mut bad = good.clone();
            bad[at] ^= 1 << bit;
            if let Ok(set) = IndicatorSet::open(Backing::Memory(bad)) {
                assert!(at >= layout::HEADER, "a damaged header is told, {at}");
                for what in ["203.0.113.9", "a.evil.com"] {
                    set.find(&observable(what), &mut Vec::new());
                }
            }
        }
    }
    assert!(matches!(
        IndicatorSet::open(Backing::Memory(Vec::new())),
        Err(SetError::NotASet)
    ));
}

#[test]
fn room_is_bounded() {
    let mut writer = SetWriter::with_room_for(1);
    assert!(writer.is_empty());
    assert_eq!(writer.add(reaching("evil.com", Reach::Exact)), Ok(()));
    assert_eq!(writer.add(reaching("evil.com", Reach::Exact)), Ok(()));
    assert_eq!(writer.add(reaching("evil.org", Reach::Exact)), Err(TooMany));
    assert_eq!(writer.len(), 1);
}

#[test]
fn an_empty_set_holds_nothing() {
    let set = open(set([]));
    assert!(set.is_empty());
    assert!(!set.may_hold(&observable("203.0.113.7")));
    assert_eq!(
        Observable::parse(ObservableType::Ipv4, "203.0.113.7").unwrap(),
        observable("203.0.113.7")
    );
}

#[test]
fn values_with_the_same_trace_meet_what_says_the_same() {
    let said = |text: &str, reach, threat: &str| Indicator {
        threat: threat.into(),
        ..reaching(text, reach)
    };
    let mut all: Vec<Indicator> = (0..200u32)
        .map(|n| {
            let address = std::net::Ipv4Addr::from(0x2d00_0000 + n * 7).to_string();
            said(&address, Reach::Exact, if n % 3 == 0 { "botnet" } else { "loader" })
        })
        .collect();
    all.extend([
        said("45.0.0.0/24", Reach::Network, "hosting"),
        said("45.0.1.3:443", Reach::Exact, "loader"),
        said("evil.com", Reach::Below, "kit"),
        said("http://evil.com/a/", Reach::Prefix, "kit"),
        said("http://evil.com/a/b", Reach::Exact, "kit"),
    ]);
    let set = open(set(all));
    let mut questions: Vec<Observable> = (0..1500u32)
        .map(|n| observable(&std::net::Ipv4Addr::from(0x2d00_0000 + n).to_string()))
        .collect();
    for text in [
        "evil.com",
        "x.evil.com",
        "y.evil.com",
        "evil.org",
        "http://evil.com/a/b",
        "https://evil.com/a/c",
    ] {
        questions.push(observable(text));
    }
    let mut scratch = Scratch::default();
    let mut known: std::collections::HashMap<(ObservableType, Vec<u8>), Vec<Met>> = std::collections::HashMap::new();
    let mut shared = 0;
    for what in questions {
        let (mut key, mut met) = (Vec::new(), Vec::new());
        set.trace(&what, &mut scratch, &mut key);
        set.find(&what, &mut met);
        assert_eq!(key.is_empty(), met.is_empty(), "{what}");
        // What is told of an indicator about the very value does not name it.
        for met in met.iter_mut().filter(|met| met.itself) {
            met.indicator.observable = observable("192.0.2.1");
        }
        if let Some(before) = known.insert((what.kind(), key), met.clone()) {
            shared += 1;
            assert_eq!(before, met, "{what}");
        }
    }
    assert!(shared > 1000, "{shared}");
}
