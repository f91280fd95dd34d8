//! Mails that are handed in as text: found in what every program makes of them, and in nothing else.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test"
)]

use watchfire_analysis::{Assembly, Engine, Settings, assemble};
use watchfire_formats::email::forwarded;
use watchfire_model::{Artifact, DomainName, Hints, JudgedMail, Moment, Organisation, Origin, Verdict};
use watchfire_testkit::clock::soon;
use watchfire_testkit::forward::{Forwarded, Original, all};
use watchfire_testkit::mail::Mail;
use watchfire_testkit::{Random, mutate};

const LURE: Original<'static> = Original {
    name: "PayPal Service",
    address: "service@paypal-billing.example",
    date: "Monday, 2 November 2026 07:31",
    to: "ap-clerk@corp.example",
    subject: "Your account has been limited",
    text: "Dear customer,\nyour account has been suspended. Verify your account within 24 hours:\nhttp://203.0.113.66/paypal/login?e=ap-clerk@corp.example\n",
    page: "<a href=\"http://203.0.113.66/paypal/login\">www.paypal.com</a><p>Your account has been suspended. Verify your account within 24 hours.</p>",
};

const COLLEAGUE: &str = "Accounts Payable <ap-clerk@corp.example>";
const DESK: &str = "phishing@corp.example";

fn mail(from: &str, to: &str, subject: &str, forwarded: &Forwarded, fields: &[(&str, &str)]) -> Mail {
    let mail = Mail::basic(from, to, subject, "Mon, 2 Nov 2026 08:00:00 +0000", "9@corp.example");
    let mail = fields.iter().fold(mail, |mail, (name, value)| mail.header(name, value));
    match forwarded.is_page {
        true => mail.html(&forwarded.body),
        false => mail.text(&forwarded.body),
    }
}

fn organisation() -> Organisation {
    Organisation {
        domains: vec![DomainName::parse("corp.example").unwrap()],
        ..Organisation::default()
    }
}

/// What is judged, and the remarks.
fn judged_for(organisation: &Organisation, mail: &Mail) -> (Vec<JudgedMail>, Vec<&'static str>) {
    let engine = Engine::new(Settings {
        organisation: organisation.clone(),
        ..Settings::default()
    });
    let artifact = Artifact::new(mail.build(), Origin::root("fwd.eml"), Hints::default());
    let analysis = engine.analyze(artifact, &engine.budget());
    let assembly = Assembly {
        as_of: Moment::from_unix(1_793_000_000),
        version: "0",
        tlp: None,
        suppressions: &[],
        organisation,
        search: None,
    };
    let report = assemble([analysis], &assembly);
    let codes = report.diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
    (report.mails, codes)
}

fn judged(mail: &Mail) -> JudgedMail {
    let (mut mails, _) = judged_for(&organisation(), mail);
    assert_eq!(mails.len(), 1, "{mails:?}");
    mails.remove(0)
}

#[test]
fn every_program_in_every_language_is_understood() {
    for forwarded in all(&LURE) {
        let name = &forwarded.name;
        let mail = judged(&mail(COLLEAGUE, DESK, &forwarded.subject, &forwarded, &[]));
        assert!(mail.mail.quoted, "{name}");
        let author = mail.mail.author().expect(name);
        let address = author.address.as_ref().map(|address| address.raw());
        assert_eq!((author.name.raw(), address), (LURE.name, Some(LURE.address)), "{name}");
        assert_eq!(mail.mail.subject.raw(), LURE.subject, "{name}");
        assert_eq!(
            mail.mail.header("Date").map(|date| date.raw()),
            Some(LURE.date),
            "{name}"
        );
        let to = mail.mail.to[0].address.as_ref().map(|address| address.raw());
        assert_eq!(to, Some(LURE.to), "{name}");
        let reporter = mail.mail.reported_by.as_ref().and_then(|by| by.domain());
        assert_eq!(reporter, Some("corp.example"), "{name}");
        assert!(mail.verdict >= Verdict::Suspicious, "{name}: {}", mail.summary);
        assert!(mail.authentication.is_none() && mail.mail.results.is_empty(), "{name}");
    }
}

#[test]
fn the_note_stays_with_whoever_wrote_it() {
    for forwarded in all(&LURE) {
        let text = match forwarded.is_page {
            true => continue,
            false => &forwarded.body,
        };
        let quoted = forwarded::find(text).expect(&forwarded.name);
        assert_eq!(
            text.get(..quoted.at).unwrap().trim(),
            forwarded.note,
            "{}",
            forwarded.name
        );
        assert_eq!(quoted.words(text).trim(), LURE.text.trim(), "{}", forwarded.name);
    }
}

#[test]
fn what_came_with_the_original_is_judged_with_it() {
    let forwarded = &all(&LURE)[0];
    let mail = mail(COLLEAGUE, DESK, &forwarded.subject, forwarded, &[]).attachment(
        "invoice.pdf.exe",
        "application/octet-stream",
        b"MZ not a program",
    );
    let (mails, codes) = judged_for(&organisation(), &mail);
    assert_eq!(mails.len(), 1);
    assert!(mails[0].verdict == Verdict::Malicious, "{}", mails[0].summary);
    assert!(
        mails[0]
            .mail
            .parts
            .iter()
            .any(|part| part.name.as_ref().is_some_and(|name| name.raw() == "invoice.pdf.exe"))
    );
    assert!(codes.contains(&"mail-forwarded-inline"), "{codes:?}");
}

/// What is no report is judged as what it is: a mail of whoever sent it.
#[test]
fn answers_lists_and_strangers_hand_in_nothing() {
    let forwards = all(&LURE);
    let outlook = &forwards[0];
    let stranger = "Accounts Payable <ap-clerk@elsewhere.example>";
    let refuted =
        "mx1.corp.example; spf=fail smtp.mailfrom=corp.example; dkim=none; dmarc=fail header.from=corp.example";
    let ordinary = Forwarded {
        note: "",
        body: outlook.body.replace(outlook.note, "As discussed, please file this."),
        ..outlook.clone()
    };
    let luring = Forwarded {
        body: outlook
            .body
            .replace(outlook.note, "Look here first: https://lure.example/x"),
        ..outlook.clone()
    };
    let cases: &[(&str, Mail)] = &[
        ("an answer", mail(COLLEAGUE, DESK, "RE: Your account", outlook, &[])),
        (
            "a list",
            mail(COLLEAGUE, DESK, "FW: x", outlook, &[("List-Id", "<l.corp.example>")]),
        ),
        ("a stranger", mail(stranger, DESK, "FW: x", outlook, &[])),
        (
            "a stranger who is not who it says",
            mail(
                COLLEAGUE,
                DESK,
                "FW: x",
                outlook,
                &[("Authentication-Results", refuted)],
            ),
        ),
        (
            "a forward to a colleague",
            mail(COLLEAGUE, "boss@corp.example", "FW: x", &ordinary, &[]),
        ),
        (
            "a note that leads elsewhere",
            mail(COLLEAGUE, DESK, "FW: x", &luring, &[]),
        ),
    ];
    for (what, case) in cases {
        let (mails, _) = judged_for(&organisation(), case);
        let [mail] = mails.as_slice() else { panic!("{what}") };
        assert!(!mail.mail.quoted && mail.path.raw() == "fwd.eml", "{what}");
    }
    // Nothing is configured, and a colleague writes to the desk of the same house.
    let (mails, _) = judged_for(&Organisation::default(), &mail(COLLEAGUE, DESK, "FW: x", outlook, &[]));
    assert!(mails[0].mail.quoted);
    // A colleague who asks another whether it is real.
    let (mails, _) = judged_for(
        &organisation(),
        &mail(COLLEAGUE, "boss@corp.example", "FW: x", outlook, &[]),
    );
    assert!(mails[0].mail.quoted);
}

#[test]
fn harmless_mail_that_is_handed_in_does_not_alarm() {
    let honest = Original {
        name: "Packaging Monthly",
        address: "news@packaging-monthly.example",
        date: "Monday, 2 November 2026 07:31",
        to: "ap-clerk@corp.example",
        subject: "Five ways to lighter boxes",
        text: "Lighter boxes, fewer claims: https://www.packaging-monthly.example/lighter-boxes\n",
        page: "<p>Lighter boxes, fewer claims: <a href=\"https://www.packaging-monthly.example/lighter-boxes\">read on</a></p>",
    };
    for forwarded in all(&honest) {
        let mail = judged(&mail(COLLEAGUE, DESK, &forwarded.subject, &forwarded, &[]));
        assert!(
            mail.mail.quoted && mail.verdict < Verdict::Suspicious,
            "{}: {}",
            forwarded.name,
            mail.summary
        );
    }
}

#[test]
fn texts_that_only_look_like_one_quote_nothing() {
    for text in [
        "From: somewhere\nTo: elsewhere\n",
        "From: a@b.example\nhello\nTo: c@d.example\nSubject: x\n",
        "To: a\nSubject: b\nDate: c\n",
        "Von: mir\n\n\n\nAn: dich\nDatum: heute\n",
        "On Monday, A wrote:\n> From: x\n> and then\n",
        "",
    ] {
        assert_eq!(forwarded::find(text), None, "{text}");
    }
}

#[test]
fn damage_is_survived_and_places_are_in_the_text() {
    let mut random = Random::new(11);
    for forwarded in all(&LURE) {
        for _ in 0..30 {
            let damaged = mutate::mutate(&mut random, forwarded.body.as_bytes(), forwarded.body.as_bytes());
            let damaged = String::from_utf8_lossy(&damaged).into_owned();
            if let Some(quoted) = forwarded::find(&damaged) {
                assert!(quoted.at <= quoted.body && damaged.get(quoted.at..quoted.body).is_some());
                let _ = quoted.words(&damaged);
            }
            let damaged = Forwarded {
                body: damaged,
                ..forwarded.clone()
            };
            let _ = judged_for(&organisation(), &mail(COLLEAGUE, DESK, "FW: x", &damaged, &[]));
        }
    }
    for piece in ["From: \n", "From:", "> ", "To: a\nDate: b\n", "\n", "From: a\nTo: b\n"] {
        let text = piece.repeat((1 << 20) / piece.len());
        soon(piece, || forwarded::find(&text).is_some());
    }
}
