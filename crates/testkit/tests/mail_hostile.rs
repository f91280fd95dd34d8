//! Mail made to cost, confuse or crash, through the whole of triage: each case is read in a time that grows with its
//! length, and what was not read is said.

#![allow(clippy::panic, reason = "a test")]

use std::fmt::Write;
use std::time::Duration;
use watchfire_analysis::{Assembly, Engine, Settings, assemble};
use watchfire_model::{Artifact, Fact, Hints, MailFacts, Moment, Organisation, Origin, Report};
use watchfire_testkit::Random;
use watchfire_testkit::clock::within;
use watchfire_testkit::encode::base64;

/// Seconds of CPU that a megabyte may take, and a mail at all.
const PER_MEGABYTE: f64 = 1.0;
const AT_ALL: f64 = 0.5;

/// Reads a mail, in time, and holds that the report has a diagnostic of this code; with an empty code, that it has none.
#[track_caller]
fn check(what: &str, mail: impl AsRef<[u8]>, code: &str) -> Report {
    check_in(what, mail, code, AT_ALL)
}

/// The same where a mail may take `at_all` seconds beside those for its length.
#[track_caller]
fn check_in(what: &str, mail: impl AsRef<[u8]>, code: &str, at_all: f64) -> Report {
    let mail = mail.as_ref().to_vec();
    let most = at_all + mail.len() as f64 / 1e6 * PER_MEGABYTE;
    let hints = Hints {
        name: Some("hostile.eml".into()),
        ..Hints::default()
    };
    let engine = Engine::new(Settings::default());
    let artifact = Artifact::new(mail, Origin::root("hostile.eml"), hints);
    let organisation = Organisation::default();
    let assembly = Assembly {
        as_of: Moment::from_unix(1_793_000_000),
        version: "0",
        tlp: None,
        suppressions: &[],
        organisation: &organisation,
        search: None,
    };
    let report = within(Duration::from_secs_f64(most), what, || {
        assemble([engine.analyze(artifact, &engine.budget())], &assembly)
    });
    let codes: Vec<&str> = report.diagnostics.iter().map(|remark| remark.code).collect();
    match code {
        "" => assert!(codes.is_empty(), "{what}: {codes:?}"),
        code => assert!(codes.contains(&code), "{what}: no '{code}' in {codes:?}"),
    }
    report
}

/// What the mail itself says.
#[track_caller]
fn facts(report: &Report) -> &MailFacts {
    let facts = report.artifacts.iter().filter_map(|record| record.facts.as_ref());
    let mut mails = facts.flat_map(|facts| &facts.facts).filter_map(|fact| match fact {
        Fact::Mail(mail) => Some(&**mail),
        _ => None,
    });
    mails.next().unwrap_or_else(|| panic!("no mail was read"))
}

const HEAD: &str = "From: a@evil.example\r\nTo: b@corp.example\r\nSubject: x\r\nDate: Mon, 2 Nov 2026 08:00:00 +0000\r\nMIME-Version: 1.0\r\n";

/// `HEAD`, more fields, and a body.
fn mail(fields: &str, body: &str) -> String {
    format!("{HEAD}{fields}\r\n{body}")
}

#[test]
fn parts_in_parts_without_end() {
    let mut nested = HEAD.to_owned();
    for depth in 0..10_000 {
        let _infallible = write!(
            nested,
            "Content-Type: multipart/mixed; boundary=b{depth}\r\n\r\n--b{depth}\r\n"
        );
    }
    check("10,000 multiparts in one another", nested, "mail-too-deep");
    let one = "Content-Type: message/rfc822\r\n\r\nFrom: a@evil.example\r\nSubject: x\r\n";
    check(
        "200,000 mails in one another",
        mail(&one.repeat(200_000), ""),
        "limit-reached",
    );
    let siblings = "--b\r\n\r\nx\r\n".repeat(200_000);
    check(
        "200,000 parts beside one another",
        mail("Content-Type: multipart/mixed; boundary=b\r\n", &siblings),
        "mail-too-many-parts",
    );
}

#[test]
fn boundaries_that_never_come() {
    let long = "y".repeat(70);
    let body = format!("--{}\r\n", "y".repeat(69)).repeat(30_000);
    check(
        "a boundary that almost comes",
        mail(&format!("Content-Type: multipart/mixed; boundary={long}\r\n"), &body),
        "mail-no-parts",
    );
    let nested: String = (0..100)
        .map(|at| format!("--b{at}\r\nContent-Type: multipart/mixed; boundary=b{}\r\n\r\n", at + 1))
        .collect();
    let body = nested + &"--b\r\n".repeat(200_000);
    check(
        "a hundred open boundaries and a long body",
        mail("Content-Type: multipart/mixed; boundary=b0\r\n", &body),
        "mail-unended-part",
    );
}

#[test]
fn headers_without_end() {
    check(
        "a million fields",
        mail(&"X: y\r\n".repeat(1_000_000), "body"),
        "mail-too-many-fields",
    );
    check(
        "a field of ten megabytes",
        mail(&format!("X: {}\r\n", "y".repeat(10_000_000)), "body"),
        "mail-long-field",
    );
    let received = format!("Received: {}from a by b; x\r\n", "(".repeat(100_000));
    check(
        "comments in comments",
        mail(&received.repeat(10), "body"),
        "mail-long-field",
    );
    let date = format!("Date: {}Mon, 2 Nov 2026 08:00:00 +0000\r\n", "()".repeat(200_000));
    check("a date behind comments", mail(&date, "body"), "mail-long-field");
    let words = format!("Subject: {}\r\n", "=?utf-8?q?a?= ".repeat(100_000));
    check("100,000 encoded words", mail(&words, "body"), "mail-long-field");
    let addresses = format!("To: {}\r\n", "\"a, b\" <a@b.example>, ".repeat(100_000));
    check("100,000 addresses", mail(&addresses, "body"), "mail-too-many-addresses");
    let pieces: String = (0..50_000).map(|at| format!(";\r\n name*{at}*=%41")).collect();
    check(
        "a name in 50,000 pieces",
        mail(&format!("Content-Type: text/plain{pieces}\r\n"), "body"),
        "mail-long-field",
    );
}

#[test]
fn inputs_that_are_hardly_mail() {
    check("nothing", "", "");
    check("a body alone", "hello\r\nthere\r\n", "mail-no-header");
    check("a header alone", HEAD, "");
    check("an end of the header alone", "\r\n", "");
    check("zeros", vec![0; 1_000_000], "no-analyzer");
    check(
        "a megabyte of lines that are no fields",
        "a\r\n".repeat(300_000),
        "mail-no-header",
    );
}

#[test]
fn what_cannot_be_decoded_is_said() {
    let text = "Content-Type: text/plain; charset=klingon-8\r\n";
    let found = check(
        "an unknown charset",
        mail(text, "http://evil.example/a"),
        "mail-unknown-charset",
    );
    assert!(found.artifacts.iter().any(|record| !record.observables.is_empty()));
    let broken = "Content-Transfer-Encoding: base64\r\nContent-Type: text/plain\r\n";
    check(
        "broken base64",
        mail(broken, "aHR0cDovL2V2aWwuZXhhbXBsZS9h!!!!*"),
        "mail-damaged-part",
    );
    let unknown = "Content-Transfer-Encoding: x-rot13\r\nContent-Type: text/plain\r\n";
    check("an unknown encoding", mail(unknown, "uryyb"), "mail-damaged-part");
}

#[test]
fn links_are_found_however_they_are_written() {
    let html = "Content-Type: text/html\r\n";
    let body = "<a href='&#104;&#x74;tp&colon;&#x2F;/evil&#46;example.com/&#97;'>x</a>";
    let found = check("a link in entities", mail(html, body), "");
    let seen = found.artifacts.iter().flat_map(|record| &record.observables);
    let seen: Vec<&str> = seen.map(|seen| seen.observable.raw()).collect();
    assert!(seen.contains(&"http://evil.example.com/a"), "{seen:?}");
    let body = format!("<a href='{}'>x</a>", "&#104;".repeat(500_000));
    check("a link of a million entities", mail(html, &body), "");
    let body = "<div>".repeat(200_000);
    check("200,000 open elements", mail(html, &body), "");
}

#[test]
fn senders_keep_their_bounds() {
    let from = format!("From: {}a@evil.example\r\n", "\"x\" ".repeat(20_000));
    let found = check("a name of 20,000 words", mail(&from, "body"), "mail-long-field");
    assert!(facts(&found).from.iter().all(|entry| entry.name.raw().len() < 100_000));
}

/// A mail with these parts, each with its header.
fn parts(parts: impl IntoIterator<Item = String>) -> String {
    let parts = parts.into_iter().map(|part| format!("--b\r\n{part}\r\n"));
    let body: String = parts.collect();
    mail(
        "Content-Type: multipart/mixed; boundary=b\r\n",
        &format!("{body}--b--\r\n"),
    )
}

/// An attached file.
fn attached(name: &str, bytes: &[u8]) -> String {
    let mut encoded = base64(bytes);
    let mut at = 76;
    while at < encoded.len() {
        encoded.insert_str(at, "\r\n");
        at += 78;
    }
    format!(
        "Content-Type: application/octet-stream; name=\"{name}\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{encoded}"
    )
}

/// A picture full of corners of QR codes, `side` pixels wide and high, one byte to a pixel (BMP).
fn corners(side: u32) -> Vec<u8> {
    let row = side.next_multiple_of(4);
    let head = 14 + 40 + 256 * 4;
    let mut out = b"BM".to_vec();
    for number in [head + row * side, 0, head, 40, side, side] {
        out.extend(number.to_le_bytes());
    }
    out.extend([1, 0, 8, 0]);
    out.extend([0; 24]);
    out.extend((0..=255_u8).flat_map(|grey| [grey, grey, grey, 0]));
    for y in 0..side {
        for x in 0..row {
            let (x, y) = (x % 9, y % 9);
            let within = |from: u32, to: u32| (from..=to).contains(&x) && (from..=to).contains(&y);
            let is_dark = within(0, 6) && !within(1, 5) || within(2, 4);
            out.push(if is_dark { 0 } else { 255 });
        }
    }
    out
}

#[test]
fn pictures_full_of_corners_are_not_tried_for_codes() {
    let picture = parts([attached("a.bmp", &corners(300))]);
    check("a picture of a thousand corners", picture, "image-unread");
    let pictures = (0..20).map(|at| attached(&format!("{at}.bmp"), &corners(60 + at)));
    check("twenty pictures of corners", parts(pictures), "image-unread");
}

#[test]
fn passwords_are_tried_so_often_below_one_mail() {
    let archive = include_bytes!("../../formats/tests/data/aes.7z");
    let words = (0..24).map(|at| format!("password: candidate{at}\r\n"));
    let text = format!("Content-Type: text/plain\r\n\r\n{}", words.collect::<String>());
    // Each differs, so that none is read for another.
    let archives = (0..40).map(|at| {
        let mut bytes = archive.to_vec();
        bytes.extend(vec![0; at + 1]);
        attached(&format!("{at}.7z"), &bytes)
    });
    let mail = parts(std::iter::once(text).chain(archives));
    // What the root may cost beside its length is a second of an optimised program.
    check_in("forty locked archives and 24 passwords", mail, "archive-encrypted", 4.0);
}

#[test]
fn links_in_masses() {
    let html = "Content-Type: text/html\r\n";
    let page = format!("<base href=http://a.example/>{}", "<a href=x>".repeat(50_000));
    check("50,000 links of ten bytes", mail(html, &page), "");
    let hosts: String = (0..9_000)
        .map(|at| {
            let words: String = (0..12).map(|word| format!("ab{}-", at * 7 + word)).collect();
            format!("<a href=\"http://{words}x.secure-login-account{at}.example-{at}.com/{at}\">x{at}</a>\n")
        })
        .collect();
    let found = check("9,000 hosts of many words", mail(html, &hosts), "links-left-out");
    assert!(!found.coverage.is_complete());
    let labels: String = (0..4_000)
        .map(|at| {
            let labels: String = (0..6)
                .map(|label| {
                    (0..12)
                        .map(|word| format!("a{}-", at + 3 * label + word))
                        .collect::<String>()
                        + "x."
                })
                .collect();
            format!("<a href=\"http://{labels}com/\">x</a>\n")
        })
        .collect();
    check("4,000 hosts of many labels", mail(html, &labels), "");
}

#[test]
fn mails_in_a_digest() {
    let digest = |count: usize, end: &str| {
        let inner = (0..count).map(|at| format!("--b\r\n\r\nFrom: a{at}@evil.example\r\n\r\nhi {at}\r\n"));
        let inner: String = inner.collect();
        mail("Content-Type: multipart/digest; boundary=b\r\n", &(inner + end))
    };
    check("4,900 mails in a digest", digest(4_900, ""), "mail-unended-part");
    check("9,900 mails in a digest", digest(9_900, "--b--\r\n"), "limit-reached");
}

#[test]
fn mails_that_are_nearly_copies() {
    let mut random = Random::new(7);
    let inner = (0..2_000).map(|_| {
        let words: Vec<String> = (0..400).map(|_| letters(random.below(17_576))).collect();
        format!("--b\r\n\r\nFrom: a@evil.example\r\n\r\n{}\r\n", words.join(" "))
    });
    let digest = mail(
        "Content-Type: multipart/digest; boundary=b\r\n",
        &(inner.collect::<String>() + "--b--\r\n"),
    );
    check("2,000 mails of one sender with other words", digest, "");
}

/// A word of three letters.
fn letters(number: u64) -> String {
    let letter = |at: u64| char::from(b'a' + u8::try_from(at % 26).unwrap_or_default());
    [number, number / 26, number / 676].into_iter().map(letter).collect()
}
