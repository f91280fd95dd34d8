//! Many mails in one file, and the verdict on several things.

use super::artifact;
use crate::{Analysis, Assembly, Engine, Settings, assemble};
use watchfire_model::{Budget, Limits, Moment, Organisation, Report, Verdict};

/// A lure that alarms by itself, with a number of its own.
fn lure(number: usize) -> String {
    format!(
        "From: \"PayPal\" <service{number}@secure-check.example>\r\nReply-To: x@mailbox.example\r\nTo: clerk@corp.example\r\n\
         Subject: Case {number}\r\nDate: Mon, 2 Nov 2026 08:00:00 +0000\r\nMessage-ID: <{number}@secure-check.example>\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n\
         <p>Your account {number} was limited. Confirm your password within 24 hours or it will be closed.</p>\
         <a href=\"http://www.paypal.com@203.0.113.9/{number}\">www.paypal.com/login</a>\r\n"
    )
}

fn harmless(number: usize) -> String {
    format!(
        "From: Ann <ann@partner.example>\r\nTo: clerk@corp.example\r\nSubject: Lunch {number}\r\n\
         Date: Mon, 2 Nov 2026 08:00:00 +0000\r\nMessage-ID: <{number}@partner.example>\r\n\r\nat noon, table {number}?\r\n"
    )
}

fn mailbox(mails: impl IntoIterator<Item = String>) -> Vec<u8> {
    let each = mails
        .into_iter()
        .map(|mail| format!("From a@b.example Mon Nov  2 08:00:00 2026\r\n{mail}\r\n"));
    each.collect::<String>().into_bytes()
}

fn analyzed(files: &[(&str, &[u8])], limits: Limits) -> Analysis {
    let engine = Engine::new(Settings {
        limits,
        ..Settings::default()
    });
    files
        .iter()
        .map(|(name, bytes)| engine.analyze(artifact(name, bytes), &Budget::new(limits)))
        .collect()
}

fn report(files: &[(&str, &[u8])], limits: Limits) -> Report {
    let assembly = Assembly {
        as_of: Moment::parse("2026-11-21T12:00:00Z").unwrap(),
        version: "test",
        tlp: None,
        suppressions: &[],
        organisation: &Organisation::default(),
        search: None,
    };
    assemble([analyzed(files, limits)], &assembly)
}

#[test]
fn a_mailbox_finds_in_each_mail_what_the_mail_alone_would() {
    let count = 70;
    let alone = report(&[("one.eml", lure(7).as_bytes())], Limits::default());
    assert!(alone.judgement.verdict >= Verdict::Suspicious, "{:?}", alone.judgement);
    let together = report(&[("all.mbox", &mailbox((0..count).map(lure)))], Limits::default());
    let verdicts: Vec<_> = together.mails.iter().map(|mail| (mail.verdict, mail.score)).collect();
    assert_eq!(verdicts, vec![(alone.judgement.verdict, alone.judgement.score); count]);
    assert_eq!(together.judgement.score, alone.judgement.score);
    assert_eq!(together.findings.len(), count * alone.findings.len());
}

#[test]
fn what_one_mail_carries_does_not_count_against_the_next() {
    let limits = Limits {
        artifacts: 4,
        ..Limits::default()
    };
    let mails = mailbox((0..30).map(harmless));
    let whole = report(&[("all.mbox", &mails)], limits);
    assert_eq!((whole.mails.len(), whole.artifacts.len()), (30, 61));
    assert!(whole.coverage.is_complete(), "{:?}", whole.coverage);
    // Together there is an end, and it is said.
    let mails = mailbox((0..60).map(harmless));
    let cut = report(&[("all.mbox", &mails)], limits);
    assert!(
        cut.artifacts.len() <= 101 && !cut.coverage.is_complete(),
        "{:?}",
        cut.coverage
    );
    assert!(cut.diagnostics.iter().any(|remark| remark.code == "limit-reached"));
}

#[test]
fn the_same_mail_twice_is_two_mails() {
    let twice = report(&[("all.mbox", &mailbox([lure(1), lure(1)]))], Limits::default());
    assert_eq!(twice.mails.len(), 2);
    assert_eq!(twice.mails[0].score, twice.mails[1].score);
}

/// A mail that carries others, all under one name.
fn digest(mails: &[String]) -> String {
    let parts: String = mails
        .iter()
        .map(|mail| format!("--W\r\nContent-Type: message/rfc822; name=\"a.eml\"\r\n\r\n{mail}\r\n"))
        .collect();
    format!(
        "From: Ann <ann@partner.example>\r\nTo: clerk@corp.example\r\nSubject: two mails\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=W\r\n\r\n--W\r\nContent-Type: text/plain\r\n\r\nsee these\r\n{parts}--W--\r\n"
    )
}

#[test]
fn mails_of_one_name_keep_their_own_verdicts() {
    let check = |mails: [String; 2]| {
        let report = report(&[("digest.eml", digest(&mails).as_bytes())], Limits::default());
        let told = report
            .mails
            .iter()
            .map(|mail| (mail.mail.subject.raw().to_owned(), mail.verdict));
        told.filter(|(subject, _)| subject != "two mails").collect::<Vec<_>>()
    };
    for mails in [[lure(1), harmless(1)], [harmless(1), lure(1)]] {
        for (subject, verdict) in check(mails) {
            assert_eq!(
                verdict >= Verdict::Suspicious,
                subject == "Case 1",
                "{subject} {verdict:?}"
            );
        }
    }
}

#[test]
fn a_mail_says_what_was_read_of_it() {
    let plain = report(&[("a.eml", harmless(1).as_bytes())], Limits::default());
    let [mail] = plain.mails.as_slice() else {
        panic!("{:?}", plain.mails)
    };
    assert_eq!(
        (mail.summary.as_str(), mail.partial),
        ("nothing known speaks against it", false)
    );
    let limits = Limits {
        artifacts: 2,
        ..Limits::default()
    };
    let cut = report(&[("d.eml", digest(&[harmless(1), harmless(2)]).as_bytes())], limits);
    assert!(cut.mails[0].partial);
    assert_eq!(cut.mails[0].summary, "nothing decisive in what could be read");
}

#[test]
fn what_has_nothing_to_do_with_one_another_does_not_add_up() {
    let one = |name: &str, text: String| report(&[(name, text.as_bytes())], Limits::default()).judgement;
    let reply = lure(1)
        .replace("PayPal", "Ann")
        .replace("password", "address")
        .replace("http://www.paypal.com@", "http://");
    let brand = lure(2)
        .replace("Reply-To: x@mailbox.example\r\n", "")
        .replace("<a href", "<b title");
    let worst = one("a.eml", reply.clone()).score.max(one("b.eml", brand.clone()).score);
    let both = report(
        &[("a.eml", reply.as_bytes()), ("b.eml", brand.as_bytes())],
        Limits::default(),
    );
    assert_eq!(both.judgement.score, worst);
    let files: Vec<(String, String)> = (0..5)
        .map(|number| (format!("{number}.eml"), harmless(number)))
        .collect();
    let files: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(name, mail)| (name.as_str(), mail.as_bytes()))
        .collect();
    let quiet = report(&files, Limits::default());
    assert_eq!(
        quiet.judgement.summary,
        "none of 5 mails alarms: nothing known speaks against it"
    );
    let bad = lure(9);
    let alarmed = report(
        &[files.as_slice(), &[("9.eml", bad.as_bytes())]].concat(),
        Limits::default(),
    );
    let summary = &alarmed.judgement.summary;
    assert!(summary.starts_with("1 of 6 mails alarms: "), "{summary}");
    assert!(
        !summary.contains("reads like phishing"),
        "a likeness is no headline: {summary}"
    );
    let first = &alarmed.judgement.reasons[0].evidence[0];
    assert!(first.path.raw().starts_with("9.eml"), "{first:?}");
}

#[test]
fn advice_is_about_what_alarms() {
    let reply = harmless(1).replace("To: clerk", "Reply-To: ann@gmail.com\r\nTo: clerk");
    let alone = report(&[("a.eml", reply.as_bytes())], Limits::default());
    assert!(!alone.recommendations.is_empty());
    let weak = report(
        &[("a.eml", reply.as_bytes()), ("b.eml", harmless(2).as_bytes())],
        Limits::default(),
    );
    assert!(weak.judgement.verdict < Verdict::Suspicious, "{:?}", weak.judgement);
    assert_eq!(weak.recommendations, []);
    let bad = lure(9);
    let both = report(
        &[("a.eml", reply.as_bytes()), ("9.eml", bad.as_bytes())],
        Limits::default(),
    );
    let because: Vec<&str> = both
        .recommendations
        .iter()
        .flat_map(|advice| &advice.because)
        .map(|rule| rule.0)
        .collect();
    let found = both
        .findings
        .iter()
        .filter(|finding| finding.evidence()[0].path.raw().starts_with("9.eml"));
    let found: Vec<&str> = found.map(|finding| finding.rule.0).collect();
    assert!(
        !because.is_empty() && because.iter().all(|rule| found.contains(rule)),
        "{because:?}"
    );
}

#[test]
fn findings_that_are_left_out_are_counted() {
    let links: String = (0..80)
        .map(|number| format!("<a href=\"http://www.paypal.com@203.0.113.{number}/\">x</a>\n"))
        .collect();
    let page = format!("<html><body>{links}</body></html>");
    let analysis = analyzed(
        &[
            ("a.html", page.as_bytes()),
            ("b.html", page.replace("x<", "y<").as_bytes()),
        ],
        Limits::default(),
    );
    let of = |name: &str| {
        let found = analysis
            .findings
            .iter()
            .filter(|finding| finding.rule.0 == "link-userinfo");
        found.filter(|finding| finding.evidence()[0].path.raw() == name).count()
    };
    assert_eq!((of("a.html"), of("b.html")), (50, 50));
    let dropped: Vec<&str> = analysis
        .diagnostics
        .iter()
        .filter(|remark| remark.code == "findings-dropped")
        .map(|remark| remark.message.raw())
        .collect();
    assert!(
        dropped.contains(&"30 further findings were left out: link-userinfo tells the heaviest 50 of each artifact"),
        "{dropped:?}"
    );
}
