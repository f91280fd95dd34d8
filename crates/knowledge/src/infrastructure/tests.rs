//! Known truths about the embedded lists.

use super::*;

fn names(find: impl FnOnce(&mut Vec<Hit>)) -> Vec<&'static str> {
    let mut hits = Vec::new();
    find(&mut hits);
    hits.iter().map(|hit| hit.list.name).collect()
}

fn check(host_name: &str, on: &[&str], not_on: &[&str]) {
    let found = names(|out| host(host_name, out));
    for list in on {
        assert!(found.contains(list), "{host_name} is on {list}: {found:?}");
    }
    for list in not_on {
        assert!(!found.contains(list), "{host_name} is not on {list}: {found:?}");
    }
}

fn known_good(host_name: &str) -> bool {
    let mut hits = Vec::new();
    host(host_name, &mut hits);
    hits.iter().any(|hit| hit.list.role == Role::KnownGood)
}

#[test]
fn the_table_of_lists_is_sorted_and_fits_its_bits() {
    assert!((90..=128).contains(&LISTS.len()), "{}", LISTS.len());
    assert!(LISTS.windows(2).all(|pair| pair[0].name < pair[1].name));
    for list in lists() {
        assert!(
            !list.reason.is_empty() && !list.licence.is_empty() && !list.upstream.is_empty(),
            "{}",
            list.name
        );
        assert!(list.version > 0, "{}", list.name);
        assert!(
            !list.licence.contains("NC") && !list.licence.contains("unclear"),
            "{}",
            list.name
        );
    }
}

#[test]
fn lists_of_domains_reach_below() {
    check("bit.ly", &["url-shortener"], &[]);
    check("x.bit.ly", &["url-shortener"], &[]);
    check("evil.duckdns.org", &["dynamic-dns"], &[]);
    check("duckdns.org", &["dynamic-dns"], &[]);
    check("notduckdns.org", &[], &["dynamic-dns"]);
    check("duckdns.org.evil.net", &[], &["dynamic-dns"]);
    check("mail.0-mail.com", &["disposable-email"], &[]);
    check("linktr.ee", &["link-in-bio"], &[]);
    check("bafy.dweb.link", &["public-ipfs-gateways"], &[]);
    check("x.trycloudflare.com", &["own-abused-services"], &[]);
    check("portal.deutsche-boerse.com.", &["dax30"], &[]);
}

#[test]
fn lists_that_name_a_host_itself_are_told_from_those_that_reach_below() {
    let itself = |name: &str| names(|out| host_itself(name, out));
    assert!(itself("google.com").contains(&"majestic_million"));
    assert!(itself("duckdns.org.").contains(&"dynamic-dns"));
    assert!(itself("evil.duckdns.org").is_empty());
}

#[test]
fn lists_of_names_do_not_reach_below() {
    check("ocsp.digicert.com", &["crl-hostname"], &[]);
    check("x.ocsp.digicert.com", &[], &["crl-hostname"]);
    check("captive.apple.com", &["captive-portals"], &[]);
    check("x.captive.apple.com", &[], &["captive-portals"]);
}

#[test]
fn an_international_name_is_found_by_its_ascii_form() {
    check("xn--vakfbank-vkb.com", &["bank-website"], &[]);
}

#[test]
fn only_names_that_nobody_else_can_fill_are_known_good() {
    for name in [
        "ctldl.windowsupdate.com",
        "au.download.windowsupdate.com",
        "www.msftconnecttest.com",
        "ocsp.digicert.com",
    ] {
        assert!(known_good(name), "{name}");
    }
    for name in [
        "www.google.com",
        "www.microsoft.com",
        "apple.com",
        "evil.akamaiedge.net",
        "evil.blob.core.windows.net",
        "wallet-frontend-prod-westus.cloudapp.net",
        "spectrum.s3.amazonaws.com",
        "login.live.com",
        "www.bing.com",
        "www.airport.us",
        "windowsupdate.com.evil.net",
        "evilwindowsupdate.com",
        "github.com",
        "paypal.com",
    ] {
        assert!(!known_good(name), "{name}");
    }
}

#[test]
fn ranges_are_never_known_good_and_addresses_only_one_by_one() {
    for list in lists().filter(|list| list.role == Role::KnownGood) {
        assert!(!list.name.contains("ip"), "{}", list.name);
    }
    let known_good = |address: &str| {
        let mut hits = Vec::new();
        ip(address.parse().unwrap(), &mut hits);
        hits.iter().any(|hit| hit.list.role == Role::KnownGood)
    };
    for address in ["8.8.8.7", "13.107.6.171", "17.0.0.1", "104.18.20.226", "9.9.9.8"] {
        assert!(!known_good(address), "{address}");
    }
    assert!(known_good("8.8.8.8") && known_good("2620:fe::fe"));
}

fn check_ip(address: &str, list: &str, expected: bool) {
    let found = names(|out| ip(address.parse().unwrap(), out));
    assert_eq!(found.contains(&list), expected, "{address} on {list}: {found:?}");
}

#[test]
fn ranges_end_where_the_list_ends_them() {
    for (address, expected) in [
        ("103.21.243.255", false),
        ("103.21.244.0", true),
        ("103.21.247.255", true),
        ("103.21.248.0", false),
        ("2400:cb00::", true),
        ("2400:cb00:ffff:ffff:ffff:ffff:ffff:ffff", true),
        ("2400:cb01::", false),
        ("::ffff:103.21.244.1", true),
    ] {
        check_ip(address, "cloudflare", expected);
    }
    check_ip("16.255.255.255", "apple", false);
    check_ip("17.0.0.0", "apple", true);
    check_ip("17.255.255.255", "apple", true);
    check_ip("18.0.0.0", "apple", false);
    check_ip("0.0.0.0", "apple", false);
    check_ip("255.255.255.255", "apple", false);
}

#[test]
fn single_addresses_match_alone() {
    check_ip("146.112.61.104", "umbrella-blockpage-v4", true);
    check_ip("146.112.61.103", "umbrella-blockpage-v4", false);
    check_ip("8.8.8.8", "own-public-resolvers", true);
    check_ip("8.8.8.7", "own-public-resolvers", false);
    check_ip("104.155.11.149", "sinkholes", true);
    check_ip("2a00:5980:93::130", "circl-ssh-scanning", true);
    check_ip("2a00:5980:93::131", "circl-ssh-scanning", false);
}

#[test]
fn digests_are_found_in_any_case() {
    let empty = [
        "d41d8cd98f00b204e9800998ecf8427e",
        "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "3::",
    ];
    for digest in empty {
        assert!(names(|out| hash(digest, out)).contains(&"empty-hashes"), "{digest}");
    }
    assert!(names(|out| hash("44d88612fea8a8f36de82e1278abb02f", out)).contains(&"eicar.com"));
    assert!(names(|out| uuid("14D82EEC-204B-4C2F-B7E8-296A70DAB67E", out)).contains(&"microsoft-azure-appid"));
    for digest in [
        "",
        "d41d8cd98f00b204e9800998ecf8427f",
        "d41d8cd98f00b204e9800998ecf8427",
        "z41d8cd98f00b204e9800998ecf8427e",
        "3:::",
    ] {
        assert!(names(|out| hash(digest, out)).is_empty(), "{digest}");
    }
    assert!(
        names(|out| hash("14d82eec204b4c2fb7e8296a70dab67e", out)).is_empty(),
        "a UUID is no MD5"
    );
}

#[test]
fn the_host_of_a_url_is_looked_up() {
    for address in [
        "https://bit.ly/abc",
        "hxxp://user:pass@BIT.LY:8080?x=@evil.net",
        "http://evil.net@bit.ly\\@evil.net/",
    ] {
        assert!(names(|out| url(address, out)).contains(&"url-shortener"), "{address}");
    }
    assert!(names(|out| url("http://17.1.2.3/x", out)).contains(&"apple"));
    assert!(names(|out| url("http://[2400:cb00::1]:80/", out)).contains(&"cloudflare"));
    for address in [
        "",
        "bit.ly",
        "://",
        "http://",
        "http://evil.net/bit.ly",
        "http://[",
        "http://é/",
    ] {
        assert!(names(|out| url(address, out)).is_empty(), "{address}");
    }
}

#[test]
fn mail_addresses_are_looked_up_by_both_parts() {
    assert_eq!(
        names(|out| email("Abuse@mail.notlisted.invalid", out)),
        ["common-contact-emails"]
    );
    assert!(names(|out| email("x@0-Mail.com", out)).contains(&"disposable-email"));
    for address in ["", "@", "abuse@localhost", "abuser@mail.notlisted.invalid"] {
        assert!(names(|out| email(address, out)).is_empty(), "{address}");
    }
}

#[test]
fn hits_are_sorted_unique_and_appended() {
    let mut hits = vec![Hit { list: &LISTS[0] }];
    host("bit.ly", &mut hits);
    assert_eq!(hits[0].list, &LISTS[0]);
    assert!(hits.len() >= 3, "bit.ly is on several lists");
    assert!(hits[1..].windows(2).all(|pair| pair[0].list.name < pair[1].list.name));
}

#[test]
fn hostile_hosts_are_answered() {
    for name in [
        "",
        ".",
        "..",
        "a..b",
        &"a.".repeat(126),
        &"a".repeat(1 << 20),
        "\u{0}",
        "рф",
        "x.\u{202e}.com",
    ] {
        let _ = names(|out| host(name, out));
        let _ = names(|out| url(&format!("http://{name}/"), out));
        let _ = names(|out| email(&format!("a@{name}"), out));
        let _ = names(|out| hash(name, out));
    }
}

#[test]
fn every_stored_name_is_found() {
    assert!(HOSTS.iter().count() > 60_000);
    for (key, set) in HOSTS.iter() {
        assert_eq!(HOSTS.get(key), Some(set));
    }
    assert!(TOKENS.iter().count() > 8_000);
    for (key, set) in TOKENS.iter() {
        assert_eq!(TOKENS.get(key), Some(set));
    }
}
