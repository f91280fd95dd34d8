//! DKIM: the examples of the standards, mail signed by our own signer in every form, and tampered copies of it.

use crate::signer::{Signer, SigningKey};
use crate::{NOW, open_texts, texts, verified};
use watchfire_model::dns::DnsSnapshot;
use watchfire_model::{DkimOutcome, DkimResult};

/// The mail of both standards.
const GAME: &str = "From: Joe SixPack <joe@football.example.com>\r\n\
    To: Suzie Q <suzie@shopping.example.net>\r\n\
    Subject: Is dinner ready?\r\n\
    Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n\
    Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n\
    \r\n\
    Hi.\r\n\
    \r\n\
    We lost the game.  Are you hungry yet?\r\n\
    \r\n\
    Joe.\r\n";

#[track_caller]
fn check(mail: &str, dns: &DnsSnapshot, expected: &[DkimOutcome]) -> Vec<DkimResult> {
    let found = verified(mail.as_bytes(), dns).dkim;
    let outcomes: Vec<DkimOutcome> = found.iter().map(|result| result.outcome).collect();
    let reasons: Vec<&str> = found.iter().map(|result| result.why.raw()).collect();
    assert_eq!(outcomes, expected, "{reasons:?}\n{mail}");
    found
}

/// RFC 8463, appendix A.
#[test]
fn the_signatures_of_rfc_8463_hold() {
    let dns = texts(&[
        (
            "brisbane._domainkey.football.example.com",
            "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
        ),
        (
            "test._domainkey.football.example.com",
            "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQi\
             Y/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G\
             +2kryOTIKT+l/K4w3QIDAQAB",
        ),
    ]);
    let signed = String::from(
        "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n \
         d=football.example.com; i=@football.example.com;\r\n \
         q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n \
         subject : date : message-id : from : subject : date;\r\n \
         bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n \
         b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\r\n \
         Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\r\n\
         DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n \
         d=football.example.com; i=@football.example.com;\r\n \
         q=dns/txt; s=test; t=1528637909; h=from : to : subject :\r\n \
         date : message-id : from : subject : date;\r\n \
         bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n \
         b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3\r\n \
         DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz\r\n \
         dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=\r\n",
    ) + GAME;
    let found = check(&signed, &dns, &[DkimOutcome::Pass, DkimOutcome::Pass]);
    assert_eq!((found[0].key_bits, found[1].key_bits), (Some(256), Some(1024)));
    check(
        &signed.replace("\r\n", "\n"),
        &dns,
        &[DkimOutcome::Pass, DkimOutcome::Pass],
    );
    check(
        &signed.replace("lost", "won"),
        &dns,
        &[DkimOutcome::Fail, DkimOutcome::Fail],
    );
}

/// RFC 6376, appendix A.
#[test]
fn the_signature_of_rfc_6376_holds() {
    let dns = texts(&[(
        "brisbane._domainkey.example.com",
        "v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYt\
         IxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhi\
         tdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB",
    )]);
    let signed = String::from(
        "DKIM-Signature: v=1; a=rsa-sha256; s=brisbane; d=example.com;\r\n      \
         c=simple/simple; q=dns/txt; i=joe@football.example.com;\r\n      \
         h=Received : From : To : Subject : Date : Message-ID;\r\n      \
         bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n      \
         b=AuUoFEfDxTDkHlLXSZEpZj79LICEps6eda7W3deTVFOk4yAUoqOB\r\n      \
         4nujc7YopdG5dWLSdNg6xNAZpOPr+kHxt1IrE+NahM6L/LbvaHut\r\n      \
         KVdkLLkpVaVVQPzeRDI009SO2Il5Lu7rDNH6mZckBdrIx0orEtZV\r\n      \
         4bmp/YzhwvcubU4=;\r\n\
         Received: from client1.football.example.com  [192.0.2.1]\r\n      \
         by submitserver.example.com with SUBMISSION;\r\n      \
         Fri, 11 Jul 2003 21:01:54 -0700 (PDT)\r\n",
    ) + &GAME.replace("game.  Are", "game. Are");
    check(&signed, &dns, &[DkimOutcome::Pass]);
    check(&signed.replace(".com  [", ".com ["), &dns, &[DkimOutcome::Fail]);
}

const SIGNED: &str = "From: =?utf-8?q?J=C3=B6?= <j@corp.example>\r\nTo:  a@b.example,\r\n\tc@d.example\r\n\
    Subject: Two  words \r\nX-Twice: 1\r\nX-Twice: 2\r\nX-Free: yes\r\n\r\n  Line\t one \r\n\r\n\r\nLast  line\r\n\r\n";

fn keys() -> [SigningKey; 2] {
    [SigningKey::rsa().unwrap(), SigningKey::ed25519().unwrap()]
}

fn signer<'s>(key: &'s SigningKey, forms: &'s str, tags: &'s str) -> Signer<'s> {
    Signer {
        key,
        domain: "corp.example",
        selector: "k1",
        forms,
        fields: "from:to:subject:x-twice:from:x-none",
        tags,
    }
}

fn published(key: &SigningKey) -> DnsSnapshot {
    texts(&[("k1._domainkey.corp.example", &key.record())])
}

const FORMS: [&str; 5] = [
    "simple/simple",
    "simple/relaxed",
    "relaxed/simple",
    "relaxed/relaxed",
    "relaxed",
];

#[test]
fn what_our_signer_signs_holds_in_every_form() {
    for key in keys() {
        for forms in FORMS {
            for body in [
                SIGNED.to_owned(),
                SIGNED.split("\r\n\r\n").next().unwrap().to_owned() + "\r\n\r\n",
            ] {
                let signed = signer(&key, forms, "t=1; i=@mail.corp.example").dkim(&body);
                let found = check(&signed, &published(&key), &[DkimOutcome::Pass]);
                assert_eq!(found[0].algorithm.raw(), key.algorithm());
                assert_eq!(found[0].signed.len(), 6);
                // Kept on a system with other line ends, it is the same mail.
                check(&signed.replace("\r\n", "\n"), &published(&key), &[DkimOutcome::Pass]);
            }
        }
    }
}

#[test]
fn every_change_of_what_is_signed_breaks_it() {
    let changes = [
        ("=C3=B6", "=C3=B7"),
        ("c@d.example", "e@d.example"),
        ("Two  words", "Too  words"),
        ("X-Twice: 2", "X-Twice: 3"),
        ("X-Free: yes", "X-None: there"),
        ("X-Free: yes", "From: other@corp.example"),
        ("Line", "line"),
        ("Last  line", "Last  line\r\nmore"),
        ("; s=k1", "; z=x; s=k1"),
        ("v=1; a=", "v=1;  x=99999999999; a="),
        ("h=from:to", "h=from:date:to"),
    ];
    for key in keys() {
        for forms in FORMS {
            let signed = signer(&key, forms, "t=1").dkim(SIGNED);
            for (from, to) in changes {
                let tampered = signed.replacen(from, to, 1);
                assert_ne!(tampered, signed, "'{from}' is there");
                check(&tampered, &published(&key), &[DkimOutcome::Fail]);
            }
            // Each byte of the signature and of the body's hash counts.
            for tag in [" b=", "\tbh="] {
                let at = signed.find(tag).unwrap() + tag.len() + 9;
                let other = if signed.as_bytes()[at] == b'A' { "B" } else { "A" };
                let mut tampered = signed.clone();
                tampered.replace_range(at..=at, other);
                check(&tampered, &published(&key), &[DkimOutcome::Fail]);
            }
        }
        // Blanks are free where the form says so, and what is not signed always is.
        let relaxed = signer(&key, "relaxed/relaxed", "").dkim(SIGNED);
        let changed = relaxed
            .replace("Two  words ", "Two\r\n words")
            .replace("Last  line", "Last line");
        check(&changed, &published(&key), &[DkimOutcome::Pass]);
        let simple = signer(&key, "simple/simple", "").dkim(SIGNED);
        check(
            &simple.replace("Two  words", "Two words"),
            &published(&key),
            &[DkimOutcome::Fail],
        );
        check(
            &simple.replace("X-Free: yes", "X-Free: no"),
            &published(&key),
            &[DkimOutcome::Pass],
        );
        check(
            &simple.replace("X-Twice: 1\r\n", ""),
            &published(&key),
            &[DkimOutcome::Pass],
        );
    }
}

#[test]
fn a_body_signed_in_part_says_so() {
    let key = SigningKey::ed25519().unwrap();
    let signed = signer(&key, "relaxed/simple", "l=9").dkim(SIGNED);
    let found = check(&signed, &published(&key), &[DkimOutcome::Pass]);
    assert_eq!(found[0].body_signed, Some(9));
    check(&(signed.clone() + "Click here"), &published(&key), &[DkimOutcome::Pass]);
    check(&signed.replace("Line", "line"), &published(&key), &[DkimOutcome::Fail]);
    check(
        &signed.replace("l=9", "l=9999"),
        &published(&key),
        &[DkimOutcome::Permerror],
    );
    check(
        &signed.replace("l=9", "l=x"),
        &published(&key),
        &[DkimOutcome::Permerror],
    );
}

#[test]
fn signatures_end() {
    let key = SigningKey::ed25519().unwrap();
    let now = NOW.unix();
    for (tags, expected) in [
        (format!("t={}; x={}", now - 9, now + 9), DkimOutcome::Pass),
        (format!("t={}; x={}", now - 9, now - 1), DkimOutcome::Permerror),
        (format!("t={}; x={}", now, now - 1), DkimOutcome::Permerror),
        (format!("t={}", now + 99), DkimOutcome::Pass),
        ("x=never".to_owned(), DkimOutcome::Permerror),
    ] {
        let signed = signer(&key, "relaxed/relaxed", &tags).dkim(SIGNED);
        check(&signed, &published(&key), &[expected]);
    }
}

#[test]
fn signatures_that_cannot_hold_say_why() {
    let key = SigningKey::ed25519().unwrap();
    let good = signer(&key, "relaxed/relaxed", "t=1").dkim(SIGNED);
    for (from, to, why) in [
        ("v=1", "v=2", "the signature is not of version 1"),
        ("d=corp.example", "d=", "the signature has no 'd='"),
        (
            "d=corp.example",
            "d=example",
            "the signature names no domain but 'example'",
        ),
        (
            "t=1",
            "t=1; i=x@corp2.example",
            "the signature is on behalf of 'x@corp2.example', which is not of corp.example",
        ),
        ("t=1", "t=1; q=dns/mx", "the signature has its key elsewhere: 'dns/mx'"),
        ("t=1", "t=1; t=1", "the signature is not in order"),
        (
            "h=from:to:subject:x-twice:from",
            "h=to",
            "the signature does not cover 'From'",
        ),
        (
            "c=relaxed/relaxed",
            "c=strict",
            "the signature has the unknown form 'strict'",
        ),
        (
            "a=ed25519-sha256",
            "a=dsa",
            "the signature is made with 'dsa', which is unknown",
        ),
        ("s=k1", "s=k2", "there is no key at k2._domainkey.corp.example"),
    ] {
        let found = check(&good.replacen(from, to, 1), &published(&key), &[DkimOutcome::Permerror]);
        assert_eq!(found[0].why.raw(), why);
    }
    let old = good.replacen("a=ed25519-sha256", "a=rsa-sha1", 1);
    check(&old, &published(&key), &[DkimOutcome::Policy]);
}

#[test]
fn keys_are_held_to_their_records() {
    let key = SigningKey::ed25519().unwrap();
    let record = key.record();
    let name = "k1._domainkey.corp.example";
    let own = signer(&key, "relaxed/relaxed", "").dkim(SIGNED);
    let below = signer(&key, "relaxed/relaxed", "i=@mail.corp.example").dkim(SIGNED);
    let with = |more: &str| texts(&[(name, &format!("{record}; {more}"))]);
    for (mail, dns, expected) in [
        (&own, with("t=s"), DkimOutcome::Pass),
        (&below, with("t=s"), DkimOutcome::Permerror),
        (&own, with("h=sha1"), DkimOutcome::Permerror),
        (&own, with("s=tlsrpt"), DkimOutcome::Permerror),
        (&own, with("g=nobody; n=x; s=*"), DkimOutcome::Pass),
        (&own, texts(&[(name, "v=DKIM1; p=")]), DkimOutcome::Permerror),
        (
            &own,
            texts(&[(name, &SigningKey::rsa().unwrap().record())]),
            DkimOutcome::Permerror,
        ),
        (
            &own,
            texts(&[(name, "v=spf1 -all"), (name, &record)]),
            DkimOutcome::Pass,
        ),
        (
            &own,
            texts(&[
                (
                    name,
                    "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
                ),
                (name, &record),
            ]),
            DkimOutcome::Pass,
        ),
        (
            &own,
            texts(&[(
                name,
                "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
            )]),
            DkimOutcome::Fail,
        ),
    ] {
        check(mail, &dns, &[expected]);
    }
    let found = check(&own, &with("t=y"), &[DkimOutcome::Pass]);
    assert!(found[0].testing);
}

#[test]
fn without_the_key_nothing_is_claimed() {
    let key = SigningKey::ed25519().unwrap();
    let signed = signer(&key, "relaxed/relaxed", "").dkim(SIGNED);
    let none = open_texts(&[]);
    let found = verified(signed.as_bytes(), &none);
    assert_eq!(found.dkim[0].outcome, DkimOutcome::Unverified);
    let missing: Vec<String> = found.missing.iter().map(ToString::to_string).collect();
    assert_eq!(missing, ["k1._domainkey.corp.example TXT"]);
    // That a body was changed needs no key.
    check(&signed.replace("Line", "line"), &none, &[DkimOutcome::Fail]);
}
