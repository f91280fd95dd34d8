//! URLs, hosts with a path, and addresses in URLs: disguised, escaped, encoded, inside one another.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "a test"
)]

mod disguises;

use disguises::{Checks, DOTS, found};
use watchfire_extract::{defang, refang};
use watchfire_model::ObservableType as T;

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
fn the_title_behind_a_link_is_no_part_of_it() {
    let check = |text: &str, url: &str| {
        let found: Vec<String> = found(T::Url, text).into_iter().map(|(_, clean, _)| clean).collect();
        assert_eq!(found, [url], "in {text:?}");
    };
    for title in [
        "Title",
        "Two words",
        "title",
        "Title,window=_blank",
        "Über uns",
        "1",
        "a [b] c",
    ] {
        for url in [
            "http://evil.example/x",
            "http://evil.example/a/x.html",
            "http://evil.example/x#top",
        ] {
            check(&format!("see {url}[{title}] now"), url);
            check(&format!("link:{url}[{title}]."), url);
        }
    }
    check("http://evil.example/x?a=b[Title]", "http://evil.example/x?a=b");
    check("http://evil.example/[The title]", "http://evil.example/");
    check("hxxp://evil[.]example/a[.]php[Title]", "http://evil.example/a.php");
    for url in [
        "http://evil.example/a[1].txt",
        "http://evil.example/[id]/x",
        "http://evil.example/users/[id]",
        "http://evil.example/?a[]=1&b[0]=2",
        "http://evil.example/?x=a[0]",
        "http://evil.example/?ids=[1,2]",
        "http://evil.example/x[0-9]",
    ] {
        check(&format!("see {url} now"), url);
    }
}
