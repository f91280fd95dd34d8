//! Hosts where they are written in ways of their own: behind backslashes, in percent escapes, glued to the next URL, with a
//! port of netstat, in front of an at sign, in expressions.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a test")]

use watchfire_extract::{Extractor, Options, defang, refang};
use watchfire_model::{ObservableType as T, Role, Via};

/// Everything in `text`, parts of other values included.
#[track_caller]
fn check(text: &str, expected: &[(T, &str)]) {
    let found = Extractor::new(Options::default()).extract(text.as_bytes()).observed;
    let mut found: Vec<_> = found
        .iter()
        .map(|seen| (seen.observable.kind(), seen.observable.raw()))
        .collect();
    let mut expected = expected.to_vec();
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found, expected, "in {text:?}");
}

#[test]
fn servers_of_network_paths() {
    for (server, kind) in [("evil.com", T::Domain), ("203.0.113.5", T::Ipv4)] {
        for mark in ["", "@SSL", "@80", "@ssl@8443"] {
            let path = format!(r"\\{server}{mark}\DavWWWRoot\a.exe");
            check(&path, &[(kind, server), (T::FilePath, &path)]);
            check(
                &format!("search-ms:query=x&crumb=location:{path}"),
                &[(kind, server), (T::FilePath, &path)],
            );
            let doubled = path.replace('\\', r"\\");
            check(&format!("\"{doubled}\""), &[(kind, server), (T::FilePath, &path)]);
        }
        let defanged = defang(format!(r"\\{server}\share\x.dll").as_bytes());
        assert!(!String::from_utf8_lossy(&defanged).contains(server));
        assert_eq!(refang(&defanged), format!(r"\\{server}\share\x.dll").as_bytes());
        let path = format!(r"\\{server}\share\x.dll");
        check(
            &String::from_utf8_lossy(&defanged),
            &[(kind, server), (T::FilePath, &path)],
        );
    }
    check(
        r"\\fileserver\share\a.exe",
        &[(T::FilePath, r"\\fileserver\share\a.exe")],
    );
    let found = Extractor::new(Options::default())
        .extract(br"\\evil.com\a\b.exe")
        .observed;
    assert!(
        found
            .iter()
            .any(|seen| seen.observable.kind() == T::Domain && seen.via == Some(Via::Url))
    );
}

#[test]
fn addresses_of_ipv6_with_a_port_and_no_brackets() {
    for text in [
        "::ffff:203.0.113.5:443",
        "tcp6 0 0 ::ffff:203.0.113.5:443 :::*",
        "/0:0:0:0:0:ffff:203.0.113.5:443 up",
    ] {
        let found = Extractor::new(Options::default()).extract(text.as_bytes()).observed;
        let kinds: Vec<_> = found.iter().map(|seen| seen.observable.kind()).collect();
        assert_eq!(kinds.len(), 2, "{text} {found:?}");
        assert!(kinds.contains(&T::Socket) && kinds.contains(&T::Ipv4), "{text}");
    }
    check(
        "2001:db8:0:0:0:0:0:7:443",
        &[(T::Socket, "[2001:db8::7]:443"), (T::Ipv6, "2001:db8::7")],
    );
    check(
        "2001:db8::1:443 :::22 1:2:3:4:5:6:7:8:0",
        &[(T::Ipv6, "2001:db8::1:443")],
    );
}

#[test]
fn hosts_in_percent_escapes() {
    check(
        "http://good.com%2eevil.com/",
        &[(T::Url, "http://good.com.evil.com/"), (T::Domain, "good.com.evil.com")],
    );
    check(
        "see http://ev%69l.com/a?b=%20c.",
        &[(T::Url, "http://evil.com/a?b=%20c"), (T::Domain, "evil.com")],
    );
    check(
        "http://good.com%20and",
        &[(T::Url, "http://good.com"), (T::Domain, "good.com")],
    );
}

#[test]
fn urls_without_anything_between() {
    check(
        "http://evil.comhttp://e2.com/",
        &[
            (T::Url, "http://evil.com"),
            (T::Domain, "evil.com"),
            (T::Url, "http://e2.com/"),
            (T::Domain, "e2.com"),
        ],
    );
    check(
        "hxxp://evil[.]comhxxps://e2[.]com/a",
        &[
            (T::Url, "http://evil.com"),
            (T::Domain, "evil.com"),
            (T::Url, "https://e2.com/a"),
            (T::Domain, "e2.com"),
        ],
    );
    check(
        "http://http://evil.com/",
        &[(T::Url, "http://evil.com/"), (T::Domain, "evil.com")],
    );
}

#[test]
fn names_in_front_of_an_at_sign_are_no_hosts() {
    for local in ["j.li", "marie.fr", "info.de", "marie.fr+news", "a.b.me", "info.zip"] {
        let mail = format!("{local}@corp.com");
        check(&mail, &[(T::Email, &mail), (T::Domain, "corp.com")]);
    }
    check("Message-ID: <abc.123.me@mailserver>", &[]);
    check(
        "Message-ID: <abc.123.me@shop.com>",
        &[(T::Email, "abc.123.me@shop.com"), (T::Domain, "shop.com")],
    );
}

#[test]
fn escaped_dots_of_expressions_are_no_disguise() {
    for text in [
        r"$c = /[a-z]{3}\.evil\.com/",
        r"^evil\.com$",
        r"(www\.)?evil\.com/",
        r"https?:\/\/evil\.com\/gate\.php",
        r".*\.evil\.com$",
        r"/evil\.com/i",
    ] {
        let found = Extractor::new(Options::default()).extract(text.as_bytes()).observed;
        for seen in &found {
            assert_eq!(seen.observable.kind(), T::Domain, "{text}");
            assert_eq!((seen.role, seen.defanged), (Role::Mentioned, false), "{text}");
        }
    }
    let found = Extractor::new(Options::default())
        .extract(br"see evil\.com and http://e2\.com/a")
        .observed;
    assert!(found.iter().all(|seen| seen.defanged));
    assert_eq!(found.len(), 3);
}

#[test]
fn what_is_disguised_in_its_path_only_is_made_harmless() {
    for text in [
        "http://evil.com/a[.]b",
        "http://evil.com/(dot)",
        "http://evil。com/",
        "evil.com/a[.]b",
        "http%3A%2F%2Fevil.com%2Fx",
        r#"{"u":"http:\/\/evil.com\/a"}"#,
    ] {
        let defanged = String::from_utf8(defang(text.as_bytes())).expect("UTF-8");
        assert!(
            !defanged.contains("evil.com") && !defanged.contains("evil。com"),
            "{defanged}"
        );
        assert!(!defanged.contains("http:"), "{defanged}");
        assert_eq!(defang(defanged.as_bytes()), defanged.as_bytes(), "twice");
    }
    for text in [
        r#"{"u":"http:\/\/evil.com\/a.b"}"#,
        "user@[192.0.2.4]",
        "http%3A%2F%2Fevil.com%2Fx",
        r"\\evil.com@SSL\DavWWWRoot\a.exe",
        r"http:\/\/evil.com\/a\u0026b",
    ] {
        let back = refang(&defang(text.as_bytes()));
        assert_eq!(String::from_utf8_lossy(&back), text);
        assert_eq!(String::from_utf8_lossy(&refang(text.as_bytes())), text);
    }
    check(
        "user[@][192[.]0[.]2[.]4]",
        &[(T::Email, "user@[192.0.2.4]"), (T::Ipv4, "192.0.2.4")],
    );
}

#[test]
fn context_is_cut_between_characters() {
    let extractor = Extractor::new(Options {
        context: 2,
        ..Options::default()
    });
    let found = extractor.extract("é 203.0.113.5 € end".as_bytes()).observed;
    assert_eq!(
        found[0]
            .context
            .as_ref()
            .map(|context| context.raw().to_owned())
            .as_deref(),
        Some(" 203.0.113.5 ")
    );
}

#[test]
fn servers_by_the_long_name_of_a_share_and_in_file_urls() {
    for (server, kind) in [("evil.com", T::Domain), ("203.0.113.5", T::Ipv4)] {
        let path = format!(r"\\{server}\share\a.exe");
        for long in [
            format!(r"\\?\UNC\{server}\share\a.exe"),
            format!(r"\\.\UNC\{server}\share\a.exe"),
        ] {
            check(&long, &[(kind, server), (T::FilePath, &path)]);
            check(
                &format!("\"{}\"", long.replace('\\', r"\\")),
                &[(kind, server), (T::FilePath, &path)],
            );
        }
        check(
            &format!("file:////{server}/share/a.exe"),
            &[(kind, server), (T::FilePath, &path)],
        );
    }
    check(r"\\?\C:\a.exe", &[(T::FilePath, r"C:\a.exe")]);
    check("file:///etc/evil.com/x", &[(T::FilePath, "/etc/evil.com/x")]);
}

#[test]
fn hosts_in_numbers_are_addresses() {
    for host in [
        "3232235777",
        "0xc0a80101",
        "0300.0250.1.1",
        "192.168.257",
        "0xc0.168.1.1",
    ] {
        let url = format!("http://{host}/x");
        check(&url, &[(T::Url, &url), (T::Ipv4, "192.168.1.1")]);
    }
    check(
        r"\\3232235777\share\a",
        &[(T::FilePath, r"\\3232235777\share\a"), (T::Ipv4, "192.168.1.1")],
    );
    for url in ["http://8080/x", "http://1/"] {
        check(url, &[(T::Url, url)]);
    }
}

#[test]
fn live_hosts_in_percent_escapes_are_made_harmless() {
    for text in [
        "see http://ev%69l.com/a now",
        "http://evil%2ecom",
        "http://good.com%2eevil.com/",
    ] {
        let harmless = String::from_utf8(defang(text.as_bytes())).expect("UTF-8");
        assert!(harmless.contains("hxxp://") && !harmless.contains("http"), "{harmless}");
        assert_eq!(refang(harmless.as_bytes()), text.as_bytes());
    }
}

#[test]
fn a_host_that_garbage_breaks_off_is_chance() {
    // "http://f" and bytes that are no text.
    for text in ["aHR0cDovL2b/////////////////", "aHR0cDovL2YBAgMEBQYHCAkKCwwN"] {
        check(text, &[]);
    }
    check(
        "aHR0cDovL2V2aWwuY29t////////",
        &[(T::Url, "http://evil.com"), (T::Domain, "evil.com")],
    );
    check("aHR0cDovL2ludHJhbmV0L3gueQ==", &[(T::Url, "http://intranet/x.y")]);
}
