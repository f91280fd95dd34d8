//! Mail and answers made to cost, confuse or crash. Each is bounded, and each says what happened.

use crate::clock::soon;
use crate::signer::{Signer, SigningKey};
use crate::{NOW, texts, verified};
use watchfire_formats::email::authentication::ask::Asker;
use watchfire_formats::email::authentication::dkim::MOST_SIGNATURES;
use watchfire_formats::email::authentication::spf::{Request, check};
use watchfire_formats::email::authentication::zone;
use watchfire_formats::email::field::{MOST_FIELDS, split};
use watchfire_model::dns::DnsSnapshot;
use watchfire_model::{ArcOutcome, DkimOutcome, SpfOutcome, SpfResult};

fn spf(dns: &DnsSnapshot, mail_from: &str, helo: &str) -> SpfResult {
    let request = Request {
        client: [192, 0, 2, 1].into(),
        helo,
        mail_from,
        receiver: "",
        as_of: NOW,
    };
    check(&request, &mut Asker::new(dns))
}

#[test]
fn policies_that_loop_explode_or_never_end() {
    let bomb = format!("v=spf1 exists:{}.example -all", "%{s}".repeat(10_000));
    let long = format!("v=spf1 {} -all", "ip4:192.0.2.9 ".repeat(4_000));
    let longer = format!("v=spf1 {} -all", "a ".repeat(400_000));
    let deep = format!("v=spf1 {}", "?include:%{d} ".repeat(200));
    let narrow = format!("v=spf1 exists:{}example.com -all", "%{h1}".repeat(12_000));
    let wide = format!("v=spf1 exists:{}example.com -all", "%{i15r.-+,/_=}.".repeat(900));
    let dns = texts(&[
        ("loop.example", "v=spf1 include:loop.example -all"),
        ("redirect.example", "v=spf1 redirect=redirect.example"),
        ("bomb.example", &bomb),
        ("long.example", &long),
        ("longer.example", &longer),
        ("deep.example", &deep),
        ("narrow.example", &narrow),
        ("wide.example", &wide),
        (
            "digits.example",
            "v=spf1 exists:%{d99999999999999999999999r}.example.com -all",
        ),
    ]);
    let local = "x".repeat(1_000_000);
    let helo = "x.".repeat(500_000);
    for (domain, expected) in [
        ("loop.example", SpfOutcome::Permerror),
        ("redirect.example", SpfOutcome::Permerror),
        ("bomb.example", SpfOutcome::Fail),
        ("long.example", SpfOutcome::Fail),
        ("longer.example", SpfOutcome::Permerror),
        ("deep.example", SpfOutcome::Permerror),
        ("narrow.example", SpfOutcome::Fail),
        ("wide.example", SpfOutcome::Fail),
        ("digits.example", SpfOutcome::Fail),
    ] {
        let found = soon(domain, || spf(&dns, &format!("{local}@{domain}"), &helo));
        assert_eq!(found.outcome, expected, "{domain}: {}", found.why.shown(200));
    }
}

#[test]
fn senders_that_are_no_addresses() {
    let dns = texts(&[("a.example", "v=spf1 exists:%{l}.%{h}.%{o} exp=why.a.example -all")]);
    for sender in [
        "@",
        "a@",
        "\u{0}@a.example",
        "é@a.example",
        "\u{1b}[2J@\u{202e}a.example",
        "a@b@a.example",
        "..@a.example",
    ] {
        for helo in ["", ".", "[::1]", "\u{7f}", "a b"] {
            let found = spf(&dns, sender, helo);
            assert_ne!(found.outcome, SpfOutcome::Unverified, "{sender:?}");
            assert!(!found.why.is_empty());
        }
    }
}

#[test]
fn ten_thousand_signatures_are_counted_and_a_few_verified() {
    let key = SigningKey::rsa().unwrap();
    let signer = Signer {
        key: &key,
        domain: "corp.example",
        selector: "k1",
        forms: "relaxed/relaxed",
        fields: "from",
        tags: "",
    };
    let mail = "From: a@corp.example\r\n\r\nbody\r\n";
    let signed = signer.dkim(mail);
    let field = signed.strip_suffix(mail).unwrap();
    let dns = texts(&[("k1._domainkey.corp.example", &key.record())]);
    let found = soon("signatures", || {
        verified((field.repeat(10_000) + mail).as_bytes(), &dns)
    });
    assert_eq!(found.dkim.len(), MOST_SIGNATURES);
    assert_eq!(found.dkim_beyond, 10_000 - 16);
    assert!(found.dkim.iter().all(|result| result.outcome == DkimOutcome::Pass));
}

#[test]
fn a_million_fields_and_names_are_bounded() {
    let many = "X:\n".repeat(1_000_000) + "DKIM-Signature: v=1\n\nbody";
    let fields = soon("fields", || split(many.as_bytes()).fields.len());
    assert_eq!(fields, MOST_FIELDS);
    let names = format!(
        "DKIM-Signature: v=1; a=rsa-sha256; d=corp.example; s=k; b=AAAA; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;\n \
         c=relaxed/relaxed; h=from{}\n{}\n",
        ":x".repeat(500_000),
        "x: y\n".repeat(40_000)
    );
    let found = soon("names", || verified(names.as_bytes(), &texts(&[])));
    assert_eq!(found.dkim[0].outcome, DkimOutcome::Permerror);
    assert!(found.dkim[0].signed.len() <= 64);
}

#[test]
fn bodies_of_blanks_and_line_ends_stay_linear() {
    let head = "DKIM-Signature: v=1; a=ed25519-sha256; d=corp.example; s=k; b=AAAA; bh=AAAA; h=from; c=relaxed/relaxed\nFrom: a\n\n";
    for body in [
        " ".repeat(4 << 20),
        "\n".repeat(4 << 20),
        " \n".repeat(2 << 20),
        "\r".repeat(4 << 20),
        "a\n\n".repeat(1 << 20),
    ] {
        let mail = head.to_owned() + &body;
        let found = soon("a body", || verified(mail.as_bytes(), &texts(&[])));
        assert_eq!(found.dkim[0].outcome, DkimOutcome::Fail);
    }
}

#[test]
fn keys_of_any_size_are_refused_or_read() {
    let der_of = |bytes: usize| {
        // SEQUENCE { INTEGER modulus, INTEGER 65537 }
        let length = |length: usize| [vec![0x82], u16::try_from(length).unwrap().to_be_bytes().to_vec()].concat();
        let number = [vec![0x02], length(bytes), vec![0xff; bytes], vec![0x02, 3, 1, 0, 1]].concat();
        [vec![0x30], length(number.len()), number].concat()
    };
    let mail = "DKIM-Signature: v=1; a=rsa-sha256; d=corp.example; s=k; b=AAAA; h=from; c=relaxed/relaxed;\n \
                bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\nFrom: a\n\n";
    for (bytes, expected) in [
        (64, DkimOutcome::Policy),
        (127, DkimOutcome::Policy),
        (128, DkimOutcome::Fail),
        (1024, DkimOutcome::Fail),
        (2048, DkimOutcome::Permerror),
        (8000, DkimOutcome::Permerror),
        (60_000, DkimOutcome::Permerror),
    ] {
        let record = format!("v=DKIM1; p={}", crate::encode::base64(&der_of(bytes)));
        let dns = texts(&[("k._domainkey.corp.example", &record)]);
        let found = soon("a key", || verified(mail.as_bytes(), &dns));
        assert_eq!(found.dkim[0].outcome, expected, "{bytes}: {}", found.dkim[0].why);
    }
    for garbage in [
        "v=DKIM1; p====",
        "v=DKIM1; p=\u{1b}",
        "v=DKIM1; p=MA==",
        "\u{0}",
        "",
        ";;;;",
    ] {
        let dns = texts(&[("k._domainkey.corp.example", garbage)]);
        let found = verified(mail.as_bytes(), &dns);
        assert_eq!(found.dkim[0].outcome, DkimOutcome::Permerror, "{garbage}");
    }
}

#[test]
fn chains_made_of_anything_end() {
    for value in ["", "i=1", "i=0;", "i=99999999999999999999;", "i=1; i=1", "\u{0}"] {
        let mail =
            format!("ARC-Seal: {value}\nARC-Message-Signature: {value}\nARC-Authentication-Results: {value}\n\n");
        assert_eq!(
            verified(mail.as_bytes(), &texts(&[])).arc.outcome,
            ArcOutcome::Fail,
            "{value}"
        );
    }
    let many = (0..40_000).fold(String::new(), |mail, number| mail + &format!("ARC-Seal: i={number}\n"));
    let found = soon("seals", || verified(many.as_bytes(), &texts(&[])));
    assert_eq!(found.arc.outcome, ArcOutcome::Fail);
}

#[test]
fn files_of_answers_made_of_anything_are_read() {
    let deep = "[".repeat(100_000);
    let open = "(\n".repeat(500_000);
    let nested = format!("{{\"answers\": {deep}");
    for text in [
        deep.as_str(),
        &open,
        &nested,
        "\u{0}",
        "{\"answers\": {\"a\": {\"MX\": [[99999999, 3]]}}}",
    ] {
        let zone = soon("a file", || zone::read(text.as_bytes()));
        assert!(zone.problems.len() <= 32);
    }
}
