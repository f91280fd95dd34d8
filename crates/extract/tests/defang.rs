//! Every way in which people make network names harmless.
//!
//! The forms are those that eight extractors and their test suites know; each is tried with every type that it can
//! disguise.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "a test"
)]

mod disguises;

use disguises::{Checks, DOTS, found};
use watchfire_extract::{Extractor, Options, defang, refang};
use watchfire_model::ObservableType as T;

/// Dots that prose has too: only short names with a common ending are read.
const LOOSE_DOTS: &[&str] = &[" . ", " .", " dot ", " DOT ", "-dot-", " punto ", " punkt "];

const ATS: &[&str] = &[
    "[@]", "(@)", "{@}", "[at]", "(at)", "{at}", "[AT]", "(AT)", " [at] ", " (at) ", " [@] ", " at ", " AT ", " @ ",
    "[ at ]", "[arroba]", "(arroba)", "[et]", "(et)",
];

/// What stands for `http://`.
const SCHEMES: &[&str] = &[
    "hxxp://",
    "hXXp://",
    "HXXP://",
    "htxp://",
    "hxtp://",
    "htp://",
    "meow://",
    "h**p://",
    "http[:]//",
    "http[://]",
    "http(:)//",
    "http{:}//",
    "hxxp[:]//",
    "hxxp[://]",
    "http:\\\\",
    "http__",
    "hxxp__",
    "http:// ",
    "http ://",
    "http[:]\\\\",
    "hxxp:\\\\",
    "http[:/]/",
    "http:/[/]",
    "h__p://",
    "h00p://",
    "[http]://",
    "(http)://",
    "http///",
    "http:///",
    "hxxp:///",
    "http//",
];

const SECURE: &[&str] = &[
    "hxxps://",
    "hXXps://",
    "htxps://",
    "https[:]//",
    "https[://]",
    "https:__",
    "https__",
    "hxxps[:]//",
    "h**ps://",
];

#[test]
fn dots_in_names() {
    let mut checks = Checks::new();
    for dot in DOTS {
        checks.check(T::Domain, &format!("evil{dot}example"), "evil.example");
        checks.check(T::Domain, &format!("www{dot}evil{dot}example"), "www.evil.example");
        checks.check(T::Domain, &format!("www.evil-site{dot}com"), "www.evil-site.com");
        checks.check(T::Domain, &format!("a1{dot}b2.co{dot}uk"), "a1.b2.co.uk");
    }
    checks.check(T::Domain, "evilDOTcom", "evil.com");
    checks.done();
}

#[test]
fn dots_that_prose_has_too() {
    for dot in LOOSE_DOTS {
        let raw = format!("evil{dot}com");
        let text = format!("It reached {raw} today.");
        assert_eq!(
            found(T::Domain, &text),
            [(raw, "evil.com".to_owned(), false)],
            "in {text:?}"
        );
    }
    for text in [
        "The end . The next",
        "A dot on the map",
        "connect the dot to it",
        "The first . Then com",
        "The era of dot com firms",
        "Click here . More follows",
        "see Fig .com",
        "polka dot dress",
        "el punto de vista",
    ] {
        assert_eq!(found(T::Domain, text), [], "in {text:?}");
    }
}

#[test]
fn brackets_of_code_and_prose_are_no_dots() {
    for text in [
        "print(items[i].name)",
        "arr[0].id; list[n].do(x)",
        "f(x).name",
        "print(a).run",
        "see file(1).zip",
        "arr[1].2.3.4",
        "a[class].menu {",
        ".a{color:red!important}.menu{",
        "color:red !important.menu",
        "if(a){b}.so",
        "extensions [.com] and [.zip]",
        "/[a-z].com/",
        "DNS (.net and .com)",
        "and so on.) It goes on",
        "the end.] It goes on",
        "{a} .to",
    ] {
        assert_eq!(found(T::Domain, text), [], "in {text:?}");
        assert_eq!(found(T::Ipv4, text), [], "in {text:?}");
        assert_eq!(String::from_utf8_lossy(&refang(text.as_bytes())), text);
    }
    // What stood in the brackets was taken out of the name; the rest is one.
    for text in ["[redacted].evil[.]com", "[name redacted].evil[.]com", "{id}.evil[.]com"] {
        assert_eq!(
            found(T::Domain, text),
            [("evil[.]com".to_owned(), "evil.com".to_owned(), true)]
        );
    }
    // Nothing was opened: half a disguise, or an accident.
    assert_eq!(
        found(T::Domain, "see evil].com"),
        [("evil].com".to_owned(), "evil.com".to_owned(), false)]
    );
    assert_eq!(found(T::Domain, "see report).zip"), []);
    for raw in ["[www].evil.com", "(www).evil[.]com"] {
        assert_eq!(
            found(T::Domain, raw),
            [(raw[1..].to_owned(), "www.evil.com".to_owned(), true)]
        );
    }
}

#[test]
fn dots_in_addresses() {
    let mut checks = Checks::new();
    for dot in DOTS {
        checks.check(T::Ipv4, &format!("203{dot}0{dot}113{dot}7"), "203.0.113.7");
        checks.check(T::Ipv4, &format!("203.0.113{dot}7"), "203.0.113.7");
        checks.check(T::Ipv4, &format!("203{dot}0.113.7"), "203.0.113.7");
    }
    checks.done();
}

#[test]
fn schemes_with_every_dot() {
    let mut checks = Checks::new();
    for scheme in SCHEMES {
        checks.check(
            T::Url,
            &format!("{scheme}evil.example/a.php"),
            "http://evil.example/a.php",
        );
        for dot in DOTS {
            checks.check(
                T::Url,
                &format!("{scheme}evil{dot}example/a.php"),
                "http://evil.example/a.php",
            );
        }
        checks.check(
            T::Url,
            &format!("{scheme}203[.]0[.]113[.]7/x?y=z"),
            "http://203.0.113.7/x?y=z",
        );
        checks.check(
            T::Url,
            &format!("{scheme}evil[.]example:8080/x"),
            "http://evil.example:8080/x",
        );
        checks.check(
            T::Url,
            &format!("{scheme}evil[.]example[:]8080/x"),
            "http://evil.example:8080/x",
        );
    }
    for scheme in SECURE {
        checks.check(T::Url, &format!("{scheme}evil[.]example/a"), "https://evil.example/a");
    }
    for (scheme, plain) in [
        ("ftx://", "ftp"),
        ("fxp://", "ftp"),
        ("ftp[:]//", "ftp"),
        ("sftp[://]", "sftp"),
        ("fxps://", "ftps"),
    ] {
        checks.check(
            T::Url,
            &format!("{scheme}evil[.]example/a"),
            &format!("{plain}://evil.example/a"),
        );
    }
    checks.done();
}

#[test]
fn slashes_and_hosts_without_a_scheme() {
    let mut checks = Checks::new();
    for slash in ["[/]", "(/)", "{/}"] {
        checks.check(
            T::Url,
            &format!("hxxp://evil[.]example{slash}a{slash}b"),
            "http://evil.example/a/b",
        );
        checks.check(T::Url, &format!("evil[.]example{slash}a"), "evil.example/a");
    }
    checks.check(T::Url, "evil[.]example/a/b.php", "evil.example/a/b.php");
    checks.check(T::Url, "hxxp://evil[.]example/a[.]php", "http://evil.example/a.php");
    checks.check(T::Url, "hxxp://evil[.]example/a[dot]php", "http://evil.example/a.php");
    checks.check(T::Url, "hxxp://user[@]evil[.]example/a", "http://user@evil.example/a");
    checks.check(T::Url, "hxxp://[2001[:]db8[:][:]7]/x", "http://[2001:db8::7]/x");
    checks.check(T::Url, "hxxp://[2001:db8::7][:]8080/x", "http://[2001:db8::7]:8080/x");
    checks.done();
}

#[test]
fn ats_with_every_dot() {
    let mut checks = Checks::new();
    for at in ATS {
        let word = at.trim() == "at" || at.trim() == "AT";
        for dot in DOTS.iter().filter(|dot| !word || dot.to_lowercase().contains("dot")) {
            checks.check(T::Email, &format!("bob.b{at}evil{dot}example"), "bob.b@evil.example");
        }
        let plain = !at.starts_with(' ') || at.contains(['[', '(', '@']);
        if plain {
            checks.check(T::Email, &format!("bob{at}evil.example"), "bob@evil.example");
        }
    }
    for dot in DOTS {
        checks.check(T::Email, &format!("bob@evil{dot}example"), "bob@evil.example");
    }
    checks.check(T::Email, "bob@evil dot com", "bob@evil.com");
    checks.done();
    for (text, raw, value) in [
        ("bob at evil dot com", "bob at evil dot com", "bob@evil.com"),
        ("user AT evil.example", "user AT evil.example", "user@evil.example"),
        (
            "john arroba evil punto com",
            "john arroba evil punto com",
            "john@evil.com",
        ),
        (
            "I saw john at dinner dot com",
            "john at dinner dot com",
            "john@dinner.com",
        ),
    ] {
        assert_eq!(found(T::Email, text), [(raw.to_owned(), value.to_owned(), false)]);
    }
    for text in [
        "sent to @ukr.net",
        "sent to @ukr[.]net",
        "follow @evil.example",
        "at bob@ evil.example",
    ] {
        assert_eq!(found(T::Email, text), [], "in {text:?}");
    }
    assert_eq!(
        found(
            T::Email,
            "It was hosted at evil[.]example, and seen at hxxp://evil[.]example"
        ),
        []
    );
}

#[test]
fn prose_is_left_alone() {
    for text in [
        "sent to @ukr.net",
        "I saw john at dinner dot com",
        "the hotel is open . net profit rose",
        "the company .com of old",
        "mail bob @someone.example",
    ] {
        assert_eq!(String::from_utf8_lossy(&refang(text.as_bytes())), text);
        let safe = defang(text.as_bytes());
        assert_eq!(String::from_utf8_lossy(&refang(&safe)), text);
    }
    // What stands alone is no prose.
    assert_eq!(
        refang(b"- evil . com\n- bob at evil dot com\n"),
        b"- evil.com\n- bob@evil.com\n"
    );
}

#[test]
fn networks_ports_and_long_addresses() {
    let mut checks = Checks::new();
    checks.check(T::Ipv4Cidr, "203[.]0[.]113[.]0/24", "203.0.113.0/24");
    checks.check(T::Ipv4Cidr, "203[.]0[.]113[.]0[/]24", "203.0.113.0/24");
    checks.check(T::Socket, "203[.]0[.]113[.]7:443", "203.0.113.7:443");
    checks.check(T::Socket, "203[.]0[.]113[.]7[:]443", "203.0.113.7:443");
    checks.check(T::Socket, "203.0.113.7[:]443", "203.0.113.7:443");
    checks.check(T::Socket, "[2001[:]db8[:][:]7][:]443", "[2001:db8::7]:443");
    checks.check(T::Ipv6, "2001[:]db8[:][:]7", "2001:db8::7");
    checks.check(T::Ipv6, "2001[:]db8::7", "2001:db8::7");
    checks.check(T::Ipv6, "2001(:)db8(:)1(:)2(:)3(:)4(:)5(:)6", "2001:db8:1:2:3:4:5:6");
    checks.check(T::Ipv6, "[:][:]7", "::7");
    checks.check(T::Ipv6, "[::]7", "::7");
    checks.check(T::Ipv6Cidr, "2001[:]db8[:][:]/32", "2001:db8::/32");
    checks.done();
}

#[test]
fn nothing_is_read_where_refanging_is_off() {
    let mut options = Options::default();
    options.policy.refang = false;
    let extractor = Extractor::new(options);
    for scheme in SCHEMES.iter().chain(SECURE) {
        for dot in DOTS {
            let text =
                format!("It reached {scheme}evil{dot}example/a.php today, 203{dot}0.113.7 and 2001[:]db8[:][:]7.");
            let found = extractor.extract(text.as_bytes()).observed;
            assert!(found.iter().all(|seen| !seen.defanged), "{text:?}: {found:?}");
        }
    }
}
