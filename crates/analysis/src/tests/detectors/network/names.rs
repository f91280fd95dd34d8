//! What is asked of the domain name system and its kin.

use super::{Said, check, check_title, dns, drawn};

const HOST: &str = "10.0.0.5:50000";
const RESOLVER: &str = "10.0.0.1:53";
const A: u16 = 1;
const TXT: u16 = 16;

fn asks(name: &str, kind: u16, answers: &[&str]) -> Said {
    dns(HOST, RESOLVER, name, kind, 0, answers)
}

/// Questions for so many names of so many letters.
fn tunnel(domain: &str, count: u64, length: usize, kind: u16) -> Vec<Said> {
    let name = |number| {
        asks(
            &format!("{}.{domain}", drawn(number, length)),
            kind,
            &["aGVsbG8gd29ybGQ"],
        )
    };
    (0..count).map(name).collect()
}

#[test]
fn names_that_carry_data_are_a_tunnel() {
    check("TXT", &tunnel("t.evil.example", 300, 30, TXT), &[("dns-tunnel", 600)]);
    check(
        "long names",
        &tunnel("evil.example", 300, 50, A),
        &[("dns-tunnel", 600)],
    );
    check("slow", &tunnel("evil.example", 60, 26, A), &[("dns-tunnel", 350)]);
    check("own", &tunnel("x.corp.example", 300, 50, TXT), &[("dns-tunnel", 100)]);
    check_title(
        &tunnel("evil.example", 100, 50, TXT),
        "data in names: 10[.]0[.]0[.]5 asked for 100 names of evil[.]example, 50 letters each on average, 100 % as if drawn by lot, 100 % for records that carry data; 5000 bytes out, 1500 bytes in, within 1 s",
    );
}

#[test]
fn lookups_of_addresses_digests_and_files_are_no_tunnel() {
    check("antivirus", &tunnel("avqs.mcafee.com", 300, 50, A), &[]);
    check("antivirus", &tunnel("a.j.e5.sk", 300, 40, TXT), &[]);
    check("content", &tunnel("cloudfront.net", 300, 14, A), &[]);
    let backwards = (0..250).map(|host| asks(&format!("{host}.113.0.203.in-addr.arpa"), 12, &["a.example"]));
    check("backwards", &backwards.collect::<Vec<_>>(), &[]);
    let lists = (0..250).map(|host| asks(&format!("{host}.113.0.203.zen.dnsbl.example"), A, &["127.0.0.2"]));
    check("lists of senders", &lists.collect::<Vec<_>>(), &[]);
    let mail = (0..200).map(|number| {
        let name = format!("s{number}._domainkey.sender{number}.example");
        asks(
            &name,
            TXT,
            &["v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQ"],
        )
    });
    check("proofs of mail", &mail.collect::<Vec<_>>(), &[]);
    let words = (0..200).map(|number| {
        asks(
            &format!("customer-portal-frontend{number}.shops.example"),
            A,
            &["192.0.2.1"],
        )
    });
    check("many hosts of one shop", &words.collect::<Vec<_>>(), &[]);
    let again = (0..300).map(|number| asks(&format!("{}.evil.example", drawn(number % 20, 50)), A, &["192.0.2.1"]));
    check("the same again", &again.collect::<Vec<_>>(), &[]);
}

/// Questions for domains that do not exist.
fn missing(from: &str, names: impl Iterator<Item = String>) -> Vec<Said> {
    names.map(|name| dns(from, RESOLVER, &name, A, 3, &[])).collect()
}

#[test]
fn domains_that_are_made_up_are_found() {
    let made_up = |count| (0..count).map(|number| format!("{}.example", drawn(number, 12)));
    check("many", &missing(HOST, made_up(60)), &[("made-up-names", 450)]);
    check("some", &missing(HOST, made_up(12)), &[("made-up-names", 300)]);
    check(
        "from outside",
        &missing("203.0.113.5:5353", made_up(60)),
        &[("made-up-names", 100)],
    );
    let mut found = missing(HOST, made_up(10));
    found.push(asks("kq3vhx7zw2pl.example", A, &["192.0.2.66"]));
    check_title(
        &found,
        &format!(
            "made-up names: 10[.]0[.]0[.]5 asked for 10 domains that do not exist and look drawn by lot ({}[.]example, {}[.]example, {}[.]example), of 10 that do not exist, within 1 s; found: kq3vhx7zw2pl[.]example",
            drawn(0, 12),
            drawn(1, 12),
            drawn(2, 12)
        ),
    );
}

#[test]
fn typing_errors_and_what_browsers_try_are_not_made_up() {
    let typed = [
        "gogle",
        "facebok",
        "wikipedai",
        "amazn",
        "youtub",
        "linkdin",
        "netflx",
        "twiter",
        "redit",
        "instagrm",
        "ebaay",
        "payapl",
    ];
    check(
        "typed",
        &missing(HOST, typed.iter().map(|name| format!("{name}.com"))),
        &[],
    );
    check(
        "one label",
        &missing(HOST, (0..60).map(|number| drawn(number, 10))),
        &[],
    );
    let below = (0..60).map(|number| format!("{}.corp.example", drawn(number, 10)));
    check("own", &missing(HOST, below), &[]);
    let senders = (0..60).map(|number| match number % 4 {
        0 => format!("{}.com", drawn(number, 12)),
        _ => format!("shop-of-the-week{number}.com"),
    });
    check("a server of mail", &missing(HOST, senders), &[]);
    let same = (0..60).map(|number| format!("{}.example", drawn(number % 3, 12)));
    check("the same again", &missing(HOST, same), &[]);
}

#[test]
fn who_answers_for_the_names_of_others_is_found() {
    let says = |names: &[&str], port: u16| -> Vec<Said> {
        let answer = |name: &&str| dns("10.0.0.66:5355", "10.0.0.5:50000", name, A, 0, &["10.0.0.66"]);
        let netbios = |name: &&str| dns("10.0.0.5:137", "10.0.0.66:137", name, 32, 0, &["10.0.0.66"]);
        match port {
            137 => names.iter().map(netbios).collect(),
            _ => names.iter().map(answer).collect(),
        }
    };
    check(
        "LLMNR",
        &says(&["fileserver", "prnt01", "intranet"], 5355),
        &[("name-poisoning", 500)],
    );
    check(
        "NetBIOS",
        &says(&["FILESERVER", "PRNT01", "INTRANET"], 137),
        &[("name-poisoning", 500)],
    );
    check("a proxy", &says(&["wpad"], 5355), &[("name-poisoning", 350)]);
    check("its own name", &says(&["desk-7", "DESK-7.local"], 5355), &[]);
    check(
        "names that begin alike",
        &says(&["desk-7", "desk-7-2", "desk-7-3"], 5355),
        &[],
    );
    let server: Vec<Said> = (1..40)
        .map(|host| {
            let name = format!("{}{host}", ["anna", "bert", "carl", "dora"][host % 4]);
            dns(
                "10.0.0.5:137",
                "10.0.0.2:137",
                &name,
                32,
                0,
                &[&format!("10.0.0.{host}")],
            )
        })
        .collect();
    check("a server of names", &server, &[]);
    let dns_server = ["a.example", "bravo.example", "carl.example"].map(|name| asks(name, A, &["10.0.0.1"]));
    check("the DNS", &dns_server, &[]);
}

#[test]
fn names_that_browsers_draw_by_lot_for_calls_are_nobodys() {
    let announces = |name: &str| dns("10.0.0.66:5353", "224.0.0.251:5353", name, A, 0, &["10.0.0.66"]);
    // RFC 8828: a name for each call, so that pages do not learn the address.
    let calls = [
        "5a1c7d2e-0f3b-4c6d-9e8f-1a2b3c4d5e6f.local",
        "c0ffee00-1234-4abc-8def-0123456789ab.local",
        "E7D4A1B2-55AA-4F00-B0B0-998877665544.local",
    ];
    check("calls", &calls.map(announces), &[]);
    let mut with_proxy = Vec::from(calls.map(announces));
    with_proxy.push(announces("wpad.local"));
    check("calls of a proxy", &with_proxy, &[("name-poisoning", 350)]);
    check_title(
        &[announces("wpad.local")],
        "names poisoned: wpad[.]local (10[.]0[.]0[.]66) says that it is 1 name of the link: wpad",
    );
}
