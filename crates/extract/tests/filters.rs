//! The two filters, on texts put together at random, always the same ones.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "a test"
)]

#[path = "../../testkit/src/random.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    reason = "the generator of the test kit, which itself uses this crate"
)]
mod random;

use random::Random;
use watchfire_extract::{Extractor, Options, defang, refang};
use watchfire_model::ObservableType as T;

/// Separated by `¦`.
const PIECES: &str = concat!(
    "the server¦was seen¦at¦dot¦et¦Paris¦GET¦HTTP/1.1¦e.g.¦i.e.¦...¦--¦-¦#1¦100%¦a/b¦x = y[0];¦foo(bar)¦",
    "if (a.b) { c(); }¦v1.2.3¦1.2.3.4.5¦12:30:45¦2024-01-02T03:04:05Z¦std::io::Read¦array[i]¦f(x)¦{}¦",
    "C:\\Windows\\a.exe¦/etc/passwd¦HKLM\\Software\\x¦readme.md¦setup.py¦(see below)¦[1]¦\"quoted\"¦",
    "'single'¦<b>¦</b>¦&amp;¦key=value¦a,b,c¦über¦naïve¦中文¦日本語。¦emoji 🔥¦\t¦\n¦\r\n¦  ¦CVE-2024-1234¦",
    "T1059.001¦AS64496¦d41d8cd98f00b204e9800998ecf8427e¦00:11:22:33:44:55¦10.0.0.1-10.0.0.9¦mail¦user¦@¦",
    "@someone¦a@b¦::¦::1¦fe80::1%eth0¦?¦!¦:¦;¦,¦.¦|¦\\¦^¦*¦_¦~¦$¦http¦https¦ftp¦http:¦com¦example¦www¦",
    "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101",
);

/// Separated by `¦`.
const HOSTS: &str = concat!(
    "evil.example¦www.example.com¦a-b.c_d.example.org¦xn--mnchen-3ya.de¦münchen.example¦EXAMPLE.NET¦",
    "localhost¦t.me¦x.co.uk",
);

/// Separated by `¦`.
const PATHS: &str = "/¦/a/b.php¦/?q=1&r=2¦/a(b)c¦/x#y¦/%7Euser/¦/a,b;c¦?a=b¦/wiki/A_(b)¦/r?u=http://other.example/x";

/// Separated by `¦`.
const LIVE_SCHEMES: &str =
    "http://¦https://¦ftp://¦HTTP://¦sftp://¦tcp://¦ms-settings://¦ws://¦Https://¦stratum+tcp://¦git+https://";

/// One of the texts in such a list.
fn one(random: &mut Random, list: &'static str) -> &'static str {
    let items: Vec<_> = list.split('¦').collect();
    random.pick(&items)
}

/// Pieces of prose, code and logs without any defanged form.
fn piece(random: &mut Random) -> String {
    match random.index(10) {
        0..4 => one(random, PIECES).to_owned(),
        4 => format!(
            "{}{}{}",
            one(random, LIVE_SCHEMES),
            one(random, HOSTS),
            one(random, PATHS)
        ),
        5 => one(random, HOSTS).to_owned(),
        6 => {
            let octet = |random: &mut Random| random.below(256);
            let ip = format!(
                "{}.{}.{}.{}",
                octet(random),
                octet(random),
                octet(random),
                octet(random)
            );
            match random.index(5) {
                0 => format!("{ip}/{}", random.below(34)),
                1 => format!("{ip}:{}", random.below(70_000)),
                2 => format!("{}{ip}{}", one(random, LIVE_SCHEMES), one(random, PATHS)),
                _ => ip,
            }
        }
        7 => format!(
            "{}@{}",
            random.pick(&["bob", "a.b+c", "o'neil", "_x", "müller", "\"quoted part\"", "1"]),
            one(random, HOSTS)
        ),
        8 => {
            let ip = random.pick(&[
                "2001:db8::1",
                "2001:DB8:0:0:8:800:200C:417A",
                "::ffff:192.0.2.1",
                "fe80::1",
                "::1",
            ]);
            match random.index(4) {
                0 => format!("[{ip}]:{}", 1 + random.below(65_535)),
                1 => format!("http://[{ip}]:8080/x"),
                2 => format!("{ip}/64"),
                _ => ip.to_owned(),
            }
        }
        _ => {
            let length = 1 + random.index(12);
            random.text(b"abcdefghijklmnopqrstuvwxyz0123456789-._/:@", length)
        }
    }
}

fn text(random: &mut Random) -> String {
    let mut out = String::new();
    for _ in 0..1 + random.index(12) {
        out.push_str(&piece(random));
        out.push_str(random.pick(&[" ", " ", " ", "\n", ", ", ". ", "", "\"", ") ", " (", "\t", ": "]));
    }
    out
}

/// Whether `text` is without defanged forms: nothing in it is read as one, and refanging leaves it alone.
fn is_live(text: &str) -> bool {
    let found = Extractor::new(Options::default()).extract(text.as_bytes()).observed;
    found.iter().all(|seen| !seen.defanged) && refang(text.as_bytes()) == text.as_bytes()
}

#[test]
fn refanging_undoes_defanging() {
    let mut random = Random::new(2_606);
    let (mut bad, mut live) = (Vec::new(), 0);
    for _ in 0..20_000 {
        let text = text(&mut random);
        if !is_live(&text) {
            continue;
        }
        live += 1;
        let safe = defang(text.as_bytes());
        let back = refang(&safe);
        if back != text.as_bytes() {
            bad.push(format!(
                "{text:?}\n  {:?}\n  {:?}",
                String::from_utf8_lossy(&safe),
                String::from_utf8_lossy(&back)
            ));
        }
    }
    assert!(live > 12_000, "only {live} texts were without defanged forms");
    assert!(bad.is_empty(), "{} of {live}:\n{}", bad.len(), bad.join("\n"));
}

#[test]
fn urls_inside_urls_are_made_live_with_them() {
    for (safe, live) in [
        (
            "hxxps://safe[.]example/?u=hxxps://evil[.]example/",
            "https://safe.example/?u=https://evil.example/",
        ),
        (
            "hxxp://a[.]com/hXXp[:]//b[.]com/HXXP://c[.]com/x[.]php",
            "http://a.com/http://b.com/HTTP://c.com/x.php",
        ),
        ("http://a.com/?hxxp://b", "http://a.com/?http://b"),
        ("hxxp://hxxp://evil[.]com/x", "http://http://evil.com/x"),
    ] {
        let got = refang(safe.as_bytes());
        assert_eq!(String::from_utf8_lossy(&got), live, "{safe}");
    }
}

#[test]
fn chains_of_urls_come_back_whatever_their_length() {
    for unit in [
        "http://",
        "https://",
        "HTTP://",
        "http://a.com/",
        "http://a.com/?u=",
        "http://a.com",
        "http://bob@203.0.113.7:80/",
    ] {
        for count in [2, 9, 100, 1_000, 5_000] {
            let live = format!("{}evil.com/x", unit.repeat(count));
            let safe = defang(live.as_bytes());
            assert_eq!(refang(&safe), live.as_bytes(), "{unit} {count} times");
            // Where somebody defanged every one of them, every one comes back.
            let everywhere = live.replace("http", "hxxp").replace("HTTP", "HXXP").replace(".", "[.]");
            assert_eq!(
                String::from_utf8_lossy(&refang(everywhere.as_bytes())),
                live,
                "{unit} {count} times"
            );
        }
    }
}

#[test]
fn filters_do_nothing_the_second_time() {
    let mut random = Random::new(1_034);
    let mut bad = Vec::new();
    for round in 0..20_000 {
        let mut text = text(&mut random);
        if round % 2 == 0 {
            for disguise in ["[.]", "hxxp", "[@]", "[:]"] {
                let plain = match disguise {
                    "hxxp" => "http",
                    other => &other[1..2],
                };
                if random.chance(1, 2) {
                    text = text.replacen(plain, disguise, 1 + random.index(3));
                }
            }
        }
        for (name, filter) in [("defang", defang as fn(&[u8]) -> Vec<u8>), ("refang", refang)] {
            let once = filter(text.as_bytes());
            let twice = filter(&once);
            if once != twice {
                bad.push(format!(
                    "{name} {text:?}\n  {:?}\n  {:?}",
                    String::from_utf8_lossy(&once),
                    String::from_utf8_lossy(&twice)
                ));
            }
        }
    }
    assert!(bad.is_empty(), "{}:\n{}", bad.len(), bad.join("\n"));
}

#[test]
fn what_was_defanged_is_found_again() {
    let mut random = Random::new(3_986);
    let values = |text: &[u8]| {
        let found = Extractor::new(Options::default()).extract(text).observed;
        let network = |seen: &watchfire_model::Observed| {
            seen.observable.kind().spec().family == watchfire_model::observable::Family::Network
        };
        let mut values: Vec<_> = found.into_iter().filter(network).map(|seen| seen.observable).collect();
        values.retain(|value| value.kind() != T::Mac && value.kind() != T::Asn);
        values.sort();
        values
    };
    let mut bad = Vec::new();
    for _ in 0..5_000 {
        let piece = piece(&mut random);
        let text = format!("It reached {piece} today.");
        if !is_live(&text) {
            continue;
        }
        let safe = defang(text.as_bytes());
        let (before, after) = (values(text.as_bytes()), values(&safe));
        if before != after {
            bad.push(format!(
                "{text:?}\n  {:?}\n  {before:?}\n  {after:?}",
                String::from_utf8_lossy(&safe)
            ));
        }
    }
    bad.sort();
    bad.dedup();
    assert!(bad.is_empty(), "{}:\n{}", bad.len(), bad.join("\n"));
}
