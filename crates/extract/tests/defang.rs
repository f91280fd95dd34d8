//! Every way in which people make network names harmless, and the two filters.
//!
//! The forms are those that eight extractors and their test suites know; each is tried with every type that it can
//! disguise. The filters are tried on texts put together at random, always the same ones.

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

/// Dots that leave no doubt.
const DOTS: &[&str] = &[
    "[.]", "(.)", "{.}", "<.>", "[.", ".]", "(.", ".)", "{.", ".}", "[.[", "].[", "].]", "[[.]]", "[.)", "(.]", "{.]",
    "[ . ]", "( . )", "[.  .]", "(. .)", "[..]", " [.] ", " (.) ", "[dot]", "(dot)", "{dot}", "[DOT]", "(DOT)",
    "{DOT}", "[Dot]", " [dot] ", " (dot) ", "[ dot ]", "[punto]", "[punkt]", "(punkt)", "\\.", "^.", "\\\\.", "[,]",
    "(,)", "\u{30fb}", "\u{ff0e}", "\u{3002}", "\u{ff61}", "[\\.]",
];

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

/// Everything of type `kind`: raw text and value.
fn found(kind: T, text: &str) -> Vec<(String, String, bool)> {
    let mut found = Vec::new();
    Extractor::new(Options::default()).each(text.as_bytes(), &mut |seen| {
        if seen.observable.kind() == kind {
            let raw = &text[seen.span.start as usize..seen.span.end as usize];
            found.push((raw.to_owned(), seen.observable.raw().to_owned(), seen.defanged));
        }
    });
    found
}

struct Checks {
    bad: Vec<String>,
    tried: usize,
}

impl Checks {
    fn new() -> Self {
        Self {
            bad: Vec::new(),
            tried: 0,
        }
    }

    /// `raw` stands in a sentence and means `value`.
    fn check(&mut self, kind: T, raw: &str, value: &str) {
        for (before, after) in [
            ("It reached ", " today."),
            ("(", ")"),
            ("", "\n"),
            ("\"", "\", "),
            ("| ", " |"),
        ] {
            self.tried += 1;
            let text = format!("{before}{raw}{after}");
            let got = found(kind, &text);
            if got != [(raw.to_owned(), value.to_owned(), true)] {
                self.bad
                    .push(format!("{text:?}: expected {raw:?} as {value:?}, found {got:?}"));
            }
        }
        self.refanged(raw, value);
    }

    /// The filter makes `raw` live, and leaves nothing to do.
    fn refanged(&mut self, raw: &str, value: &str) {
        let text = format!("It reached {raw} today.");
        let got = String::from_utf8_lossy(&refang(text.as_bytes())).into_owned();
        let lower = got.to_lowercase();
        if lower != format!("it reached {value} today.") {
            self.bad.push(format!("refang of {text:?} is {got:?}"));
        }
        let twice = refang(got.as_bytes());
        if twice != got.as_bytes() {
            self.bad
                .push(format!("refang of {got:?} is {:?}", String::from_utf8_lossy(&twice)));
        }
    }

    fn done(self) {
        assert!(
            self.bad.is_empty(),
            "{} of {} fail:\n{}",
            self.bad.len(),
            self.tried,
            self.bad.join("\n")
        );
    }
}

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
fn ports_and_paths_behind_hosts_without_a_scheme() {
    let mut checks = Checks::new();
    for dot in DOTS.iter().filter(|dot| !dot.contains(' ')) {
        for host in [format!("evil{dot}example"), format!("203{dot}0{dot}113{dot}7")] {
            let clean = if host.starts_with('e') {
                "evil.example"
            } else {
                "203.0.113.7"
            };
            for (raw, path) in [
                ("/gate.php", "/gate.php"),
                (":8080/gate.php", ":8080/gate.php"),
                ("[:]8080/gate[.]php", ":8080/gate.php"),
                ("(:)8080[/]a", ":8080/a"),
                (":443/", ":443/"),
                ("/2024a/x", "/2024a/x"),
            ] {
                checks.check(T::Url, &format!("{host}{raw}"), &format!("{clean}{path}"));
            }
        }
    }
    checks.done();
    for text in [
        "203.0.113.7/x.sh",
        "203.0.113.7:8080/x.sh",
        "evil.example:8080/x.sh",
        "203.0.113.7/a?b=c",
    ] {
        assert_eq!(
            found(T::Url, &format!("wget {text} now")),
            [(text.to_owned(), text.to_owned(), false)]
        );
    }
    for text in [
        "203.0.113.0/24",
        "203.0.113.7/443",
        "203.0.113.7/255.255.255.0",
        "203.0.113.7:80/10.0.0.1:443",
        "from outside:203.0.113.7/https to inside:10.0.0.1/sip",
        "203.0.113.7:443/tcp",
        "/rack/203.0.113.7:50010/x",
        "version 1.2.3.4/release",
        "Chrome/90.0.0.93/x",
        "evil.example:12/05/2020",
        "(203.0.113.7/client7.isp.example)",
        "1[.]2[.]3[.]4/5[.]6[.]7[.]8",
        "1[.]2[.]3[.]4/evil[.]com",
    ] {
        assert_eq!(found(T::Url, text), [], "in {text:?}");
    }
}

#[test]
fn file_urls_name_paths_and_are_no_disguise() {
    for (text, path) in [
        ("file:///C:/Users/x/evil.exe", "C:\\Users\\x\\evil.exe"),
        ("FILE:///C:/Users/x/evil.exe", "C:\\Users\\x\\evil.exe"),
        ("file:///C:/Program%20Files/x.exe", "C:\\Program Files\\x.exe"),
        ("file:///etc/passwd", "/etc/passwd"),
        ("file:////server/share/x.exe", "\\\\server\\share\\x.exe"),
        ("file://///server/share/x.exe", "\\\\server\\share\\x.exe"),
    ] {
        assert_eq!(
            found(T::FilePath, &format!("see {text}, and")),
            [(text.to_owned(), path.to_owned(), false)]
        );
        assert_eq!(found(T::Url, text), [], "in {text:?}");
        assert_eq!(found(T::Domain, text), [], "in {text:?}");
        assert_eq!(String::from_utf8_lossy(&refang(text.as_bytes())), text);
    }
    for text in [
        "sqlite:///data.db",
        "unix:///var/run/docker.sock",
        "http://a.example/?u=file:///etc/passwd",
    ] {
        let urls = found(T::Url, text);
        assert!(
            urls.iter().all(|(raw, _, defanged)| raw == text && !defanged),
            "{urls:?}"
        );
    }
    let text = "file://server.example/share/x.exe";
    assert_eq!(found(T::Url, text), [(text.to_owned(), text.to_owned(), false)]);
}

#[test]
fn rarer_disguises_of_urls() {
    let mut checks = Checks::new();
    for scheme in ["hxxp[s]://", "http(s)://", "hxxp[s][:]//"] {
        checks.check(T::Url, &format!("{scheme}evil[.]example/a"), "https://evil.example/a");
    }
    checks.check(
        T::Url,
        "hxxp://evil[.]example/a[?]b[=]c[&]d[=]e",
        "http://evil.example/a?b=c&d=e",
    );
    checks.check(T::Url, "http://[www].evil.example/a", "http://www.evil.example/a");
    checks.check(
        T::Url,
        "hxxp:\\\\evil[.]example\\a\\b.exe",
        "http://evil.example/a/b.exe",
    );
    checks.check(
        T::Url,
        "hxxp:\\\\\\\\evil[.]example\\\\a\\\\b.exe",
        "http://evil.example/a/b.exe",
    );
    checks.check(T::Url, "http[:]//203,0,113,7/a", "http://203.0.113.7/a");
    checks.done();
    assert_eq!(found(T::Ipv4, "203,0,113,7 and 10,20,30,40"), []);
    for junk in ["Https://))x", "hTTp:// hTTp://", "http://]evil"] {
        assert_eq!(found(T::Url, junk), [], "in {junk:?}");
        assert_eq!(refang(&defang(junk.as_bytes())), junk.as_bytes());
    }
}

#[test]
fn short_wide_and_embedded_base64() {
    let values = |text: &str| -> Vec<String> { found(T::Url, text).into_iter().map(|(_, value, _)| value).collect() };
    assert_eq!(values("aHR0cDovL2V2aWwuY29tL2E="), ["http://evil.com/a"]);
    assert_eq!(values("x = 'aHR0cDovL2V2aWwuY29t'"), ["http://evil.com"]);
    for raw in ["aHR0cDovL2V2aWwuY29tL2E=", "aHR0cDovL2V2aWwuY29tL2E"] {
        let text = format!("http://t.example/r?u={raw}&x=1");
        let urls = found(T::Url, &text);
        assert_eq!(urls.len(), 2, "{urls:?}");
        assert!(
            urls.contains(&(raw.to_owned(), "http://evil.com/a".to_owned(), false)),
            "{urls:?}"
        );
    }
    // "http://evil.com/a" in UTF-16, at each place in a group of three bytes.
    for wide in [
        "aAB0AHQAcAA6AC8ALwBlAHYAaQBsAC4AYwBvAG0ALwBhAA==",
        "aQB3AHIAIABoAHQAdABwADoALwAvAGUAdgBpAGwALgBjAG8AbQAvAGEA",
        "aQB3ACAAaAB0AHQAcAA6AC8ALwBlAHYAaQBsAC4AYwBvAG0ALwBhAA==",
        "aQBoAHQAdABwADoALwAvAGUAdgBpAGwALgBjAG8AbQAvAGEA",
        "aQAgAGgAdAB0AHAAOgAvAC8AZQB2AGkAbAAuAGMAbwBtAC8AYQA=",
    ] {
        assert_eq!(
            values(&format!("powershell -enc {wide}")),
            ["http://evil.com/a"],
            "in {wide}"
        );
    }
}

#[test]
fn urls_in_the_queries_of_others_end_with_their_parameter() {
    for (text, inner) in [
        (
            "https://www.google.com/url?q=https://evil.com/a&sa=D",
            "https://evil.com/a",
        ),
        (
            "https://a.example/?u=https://evil.com/a?b=c&d=e",
            "https://evil.com/a?b=c&d=e",
        ),
        (
            "https://urldefense.proofpoint.com/v2/url?u=https-3A__evil.com_a-5Fb-2Dc_-3Fq-3Dr&d=DwMF",
            "https://evil.com/a_b-c/?q=r",
        ),
        (
            "https://urldefense.com/v3/__https://evil.com/a__;!!x!y$",
            "https://evil.com/a",
        ),
    ] {
        let urls = found(T::Url, text);
        assert!(urls.iter().any(|(_, value, _)| value == inner), "in {text:?}: {urls:?}");
    }
}

#[test]
fn schemes_are_read_whole() {
    for text in [
        "stratum+tcp://pool.evil.example:3333",
        "git+ssh://git@evil.example/x",
        "git+https://evil.example/x.git",
        "coap+tcp://evil.example/x",
        "x-a.b+cd://evil.example/x",
        "com.evil.app://evil.example/x",
        "ms-settings://evil.example/x",
    ] {
        assert_eq!(
            found(T::Url, &format!("see {text} and")),
            [(text.to_owned(), text.to_owned(), false)]
        );
    }
    for text in ["?q=word+http://evil.example/x", "see.http://evil.example/x"] {
        assert_eq!(found(T::Url, text)[0].1, "http://evil.example/x", "in {text:?}");
    }
}

#[test]
fn escapes_of_json_and_programs_are_part_of_urls() {
    for text in [
        r#"{"u":"https://evil.com/a?x=y\u0026b=1"}"#,
        r#"{"u":"https://evil.com/a?x\u003dy\u0026b=1"}"#,
        r#"{"u":"https:\/\/evil.com\/a?x=y&b=1"}"#,
        r#"{"u":"https:\u002f\u002fevil.com\u002fa\u003fx=y\u0026b\u003d1"}"#,
        r#"{"u":"https:\\u002F\\u002Fevil.com\\u002Fa?x=y\\u0026b=1"}"#,
        r#"var u = 'https\x3a\x2f\x2fevil.com\x2fa\x3fx\x3dy\x26b\x3d1';"#,
    ] {
        let urls = found(T::Url, text);
        assert_eq!(urls.len(), 1, "in {text:?}: {urls:?}");
        assert_eq!(
            (urls[0].1.as_str(), urls[0].2),
            ("https://evil.com/a?x=y&b=1", false),
            "in {text:?}"
        );
        assert_eq!(
            found(T::Domain, text),
            [("evil.com".to_owned(), "evil.com".to_owned(), false)]
        );
    }
    let text = r#"<a href=\u0022https://evil.com/a\u0022\u003e"#;
    assert_eq!(found(T::Url, text)[0].1, "https://evil.com/a");
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
fn percent_escapes_are_no_part_of_names() {
    let values = |kind, text| -> Vec<String> { found(kind, text).into_iter().map(|(_, value, _)| value).collect() };
    for text in [
        "email%3Dvictim%40corp.com",
        "GET /x?e=victim%40corp.com HTTP/1.1",
        "GET /x?e=victim%2540corp.com HTTP/1.1",
        "https://phish.example/?e=victim%40corp.com&x=1",
        "https://phish.example/#victim@corp.com",
        "mailto:%3Cvictim@corp.com%3E",
    ] {
        assert_eq!(values(T::Email, text), ["victim@corp.com"], "in {text:?}");
        let names = values(T::Domain, text);
        assert_eq!(names.last().map(String::as_str), Some("corp.com"), "in {text:?}");
    }
    assert_eq!(values(T::Email, "e=a.b%2Bc%40corp.com"), ["a.b+c@corp.com"]);
    for text in [
        "http%3A%2F%2Fevil.com%2Fa",
        "http%253A%252F%252Fevil.com%252fa",
        "q=http%25253A%25252F%25252Fevil.com%25252Fa&x",
        "http%3A//evil.com/a",
        "http:%2F%2Fevil.com%2Fa",
        "/L0/http:%2F%2Fevil.com%2Fa/1/0106019d",
    ] {
        assert_eq!(values(T::Url, text), ["http://evil.com/a"], "in {text:?}");
        assert_eq!(values(T::Domain, text), ["evil.com"], "in {text:?}");
    }
    for text in [
        "x=%2F%2Fevil.com%2Fa",
        "x%3devil.com",
        "%22evil.com%22",
        "x=%252F%252Fevil.com%252Fa",
    ] {
        assert_eq!(values(T::Domain, text), ["evil.com"], "in {text:?}");
    }
    for text in ["x=%2F%2F203.0.113.7%2Fa", "%22203.0.113.7%22"] {
        assert_eq!(values(T::Ipv4, text), ["203.0.113.7"], "in {text:?}");
    }
    // Letters behind a percent sign are an escape only where they stand for punctuation.
    assert_eq!(values(T::Domain, "100%face.com"), ["face.com"]);
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
