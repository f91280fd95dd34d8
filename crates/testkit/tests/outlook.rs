//! Messages of Outlook and their packets, from bytes to what the analysis hands out; and what damage does to them.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test"
)]

use std::time::Duration;
use watchfire_analysis::{Analysis, Engine, Settings};
use watchfire_formats::email::{outlook, tnef};
use watchfire_model::{Artifact, Budget, Fact, Hints, MailFacts, Mailbox, Origin};
use watchfire_testkit::clock::within;
use watchfire_testkit::outlook::{Message, packed_rtf};
use watchfire_testkit::{Random, corpus, mutate};

const SUBJECT: u16 = 0x0037;
const HEADERS: u16 = 0x007d;
const BODY: u16 = 0x1000;
const RTF: u16 = 0x1009;
const HTML: u16 = 0x1013;

fn analyze(name: &str, bytes: &[u8]) -> Analysis {
    let engine = Engine::new(Settings::default());
    let artifact = Artifact::new(bytes, Origin::root(name), Hints::default());
    engine.analyze(artifact, &engine.budget())
}

fn mails(analysis: &Analysis) -> Vec<&MailFacts> {
    let facts = analysis.artifacts.iter().filter_map(|record| record.facts.as_ref());
    let facts = facts.flat_map(|facts| &facts.facts);
    facts
        .filter_map(|fact| match fact {
            Fact::Mail(mail) => Some(&**mail),
            _ => None,
        })
        .collect()
}

/// The evidence paths of everything that was met, below the root.
fn paths(analysis: &Analysis) -> Vec<String> {
    let all = analysis.artifacts.iter().skip(1);
    all.map(|record| record.path.raw().split_once(" ▸ ").unwrap_or_default().1.to_owned())
        .collect()
}

fn plain() -> Message {
    Message::new()
        .text(SUBJECT, "Your invoice, überfällig")
        .text(0x0042, "Billing, \"Dept\"")
        .text(0x5d02, "billing@shop.example")
        .text(0x1035, "<1@shop.example>")
        .time(0x0039, 1_763_028_840)
        .recipient(1, "Ann", "ann@corp.example")
        .recipient(2, "", "bob@corp.example")
        .text(BODY, "Pay at https://pay.evil-site.com/x")
}

#[test]
fn a_message_without_a_header_says_who_when_and_what_by_its_properties() {
    let message = plain().file("invoice.pdf.exe", b"MZ not really\n--=_x\r\n").build();
    let analysis = analyze("a.msg", &message);
    let found = mails(&analysis);
    let [mail] = found.as_slice() else {
        panic!("{:?}", analysis.diagnostics)
    };
    assert_eq!((mail.format, mail.subject.raw()), ("msg", "Your invoice, überfällig"));
    let author = mail.author().unwrap();
    assert_eq!(
        (author.name.raw(), author.domain()),
        ("Billing, \"Dept\"", Some("shop.example"))
    );
    assert_eq!(mail.to.iter().chain(&mail.cc).filter_map(Mailbox::domain).count(), 2);
    assert_eq!(mail.date.map(|date| date.moment.unix()), Some(1_763_028_840));
    assert_eq!(paths(&analysis), ["text body", "invoice.pdf.exe"]);
    let id = watchfire_model::ArtifactId::of(b"MZ not really\n--=_x\r\n");
    assert!(
        analysis.artifacts.iter().any(|record| record.sha256 == Some(id)),
        "the file is not exact"
    );
    let seen = analysis.artifacts.iter().flat_map(|record| &record.observables);
    assert!(
        seen.clone()
            .any(|seen| seen.observable.raw() == "https://pay.evil-site.com/x")
    );
    assert!(
        analysis
            .diagnostics
            .iter()
            .any(|diagnostic| diagnostic.code == "outlook-no-header")
    );
}

#[test]
fn a_kept_header_is_read_as_it_stands() {
    let header = "Received: from a by b; Thu, 13 Nov 2025 10:15:00 +0000\r\nFrom: x@real.example\r\nSubject: folded\r\n \
                  twice\r\nContent-Type: multipart/mixed; boundary=\"other\"\r\n\r\n";
    let analysis = analyze("a.msg", &plain().text(HEADERS, header).build());
    let found = mails(&analysis);
    assert_eq!(found[0].author().and_then(Mailbox::domain), Some("real.example"));
    assert_eq!((found[0].hops.len(), found[0].from_fields), (1, 1));
    assert_eq!(found[0].subject.raw(), "folded twice");
    assert_eq!(paths(&analysis), ["text body"]);
}

#[test]
fn pages_are_found_as_they_are_and_in_rich_text() {
    let rtf = b"{\\rtf1\\ansi\\fromhtml1{\\*\\htmltag64 <a href=\"https://in.evil-site.com/\">}x{\\*\\htmltag72 </a>}}";
    for message in [
        plain().bytes(RTF, &packed_rtf(rtf)),
        plain().bytes(HTML, b"<a href=\"https://in.evil-site.com/\">x</a>"),
    ] {
        let analysis = analyze("a.msg", &message.build());
        assert_eq!(
            paths(&analysis),
            ["text body", "html body"],
            "{:?}",
            analysis.diagnostics
        );
        let seen = analysis.artifacts.iter().flat_map(|record| &record.observables);
        assert!(
            seen.clone()
                .any(|seen| seen.observable.raw() == "https://in.evil-site.com/")
        );
    }
}

#[test]
fn texts_of_eight_bits_are_read_in_their_code_page() {
    let message = Message::new()
        .number(0x3ffd, 1251)
        .value(SUBJECT, 0x001e, b"\xcf\xf0\xe8\xe2\xe5\xf2".to_vec());
    assert_eq!(mails(&analyze("a.msg", &message.build()))[0].subject.raw(), "Привет");
}

#[test]
fn messages_in_messages_are_mails_in_mails() {
    let inner = Message::new()
        .text(SUBJECT, "inner")
        .text(0x5d02, "evil@evil.example")
        .text(BODY, "hello")
        .file("a.bin", b"\x01\x02\x03");
    let outer = plain().message("original", inner);
    for (name, bytes) in [("a.msg", outer.build()), ("winmail.dat", outer.packet())] {
        let analysis = analyze(name, &bytes);
        let subjects: Vec<&str> = mails(&analysis).iter().map(|mail| mail.subject.raw()).collect();
        assert!(
            subjects.contains(&"inner"),
            "{name}: {subjects:?} {:?}",
            analysis.diagnostics
        );
        let id = watchfire_model::ArtifactId::of(b"\x01\x02\x03");
        assert!(
            analysis.artifacts.iter().any(|record| record.sha256 == Some(id)),
            "{name}"
        );
    }
}

#[test]
fn signatures_of_a_mail_that_was_made_of_properties_are_not_kept_for_anybody_to_verify() {
    let header = "From: x@real.example\r\nDKIM-Signature: v=1; a=rsa-sha256; d=real.example\r\nSubject: inner\r\n\r\n";
    let inner = plain().text(HEADERS, header);
    let analysis = analyze(
        "a.msg",
        &plain().text(HEADERS, header).message("original", inner).build(),
    );
    let found = mails(&analysis);
    assert!(found[0].format == "msg" && found[0].header("DKIM-Signature").is_some());
    assert!(found[1].format == "eml" && found[1].header("DKIM-Signature").is_none());
}

#[test]
fn packets_hand_out_what_they_carry_and_are_no_mail_themselves() {
    let analysis = analyze("winmail.dat", &plain().file("a.exe", b"MZ\x90\0").packet());
    assert_eq!(paths(&analysis), ["text body", "a.exe"], "{:?}", analysis.diagnostics);
    assert!(mails(&analysis).is_empty());
}

#[test]
fn nobody_adds_fields_or_parts_by_what_a_text_holds() {
    let message = Message::new()
        .text(SUBJECT, "a\r\nX-Evil: 1\r\n\r\nbody")
        .text(0x5d02, "a@b.example>\r\nBcc: <x@y.example")
        .file("x\"\r\nContent-Type: text/html\r\n\r\n", b"abc");
    let analysis = analyze("a.msg", &message.build());
    let found = mails(&analysis);
    assert!(found[0].header("X-Evil").is_none() && found[0].header("Bcc").is_none());
    assert_eq!(found[0].parts.len(), 2);
}

/// Whatever the bytes, reading ends soon and what comes out is no more than a small multiple of them.
#[track_caller]
fn survives(bytes: &[u8], what: &str) {
    let read = || {
        [
            outlook::to_mail(bytes, &Budget::default()),
            tnef::to_mail(bytes, &Budget::default()),
        ]
    };
    for mail in within(Duration::from_secs(2), what, read) {
        let Some(mail) = mail else { continue };
        assert!(
            mail.bytes.len() <= 40 * bytes.len() + (64 << 10),
            "{what}: {} from {}",
            mail.bytes.len(),
            bytes.len()
        );
    }
}

fn samples() -> Vec<Vec<u8>> {
    let rtf = b"{\\rtf1\\ansi\\fromhtml1{\\*\\htmltag64 <p>}x}";
    let full = plain()
        .bytes(RTF, &packed_rtf(rtf))
        .text(HEADERS, "From: a@b.example\r\n\r\n")
        .file("big.bin", &[7; 9000])
        .message("inner", plain().file("small", b"x"));
    vec![full.build(), full.packet()]
}

#[test]
fn cut_at_any_place_a_message_is_read_as_far_as_it_goes() {
    for (at, sample) in samples().iter().enumerate() {
        for length in (0..sample.len()).step_by(37) {
            survives(&sample[..length], &format!("sample {at} cut at {length}"));
        }
    }
}

#[test]
fn damaged_anywhere_a_message_is_read_as_far_as_it_goes() {
    let samples = samples();
    for round in 0..1_500 {
        let mut random = Random::new(round);
        let sample = &samples[random.index(samples.len())];
        let damaged = mutate::mutate(&mut random, sample, sample);
        survives(&damaged, &format!("round {round}"));
    }
}

/// Every number of the header and of the tables, turned into every number that leads astray.
#[test]
fn chains_in_circles_end() {
    let sample = plain().file("big.bin", &[7; 9000]).build();
    let words = (24..sample.len() - 4).step_by(4);
    let is_number = |at: &usize| sample[*at + 2] == 0 || sample[*at..*at + 4] == [0xff; 4] || sample[*at + 1] == 0xff;
    for at in words.filter(|at| *at < 512 || is_number(at)).step_by(3) {
        for number in [0_u32, 1, 2, 3, 0x7fff_ffff, 0xffff_fffe] {
            let mut damaged = sample.clone();
            damaged[at..at + 4].copy_from_slice(&number.to_le_bytes());
            survives(&damaged, &format!("{number} at {at}"));
        }
    }
}

#[test]
fn messages_nested_without_end_are_bounded() {
    let mut message = plain();
    for _ in 0..300 {
        message = Message::new().text(SUBJECT, "outer").message("inner", message);
    }
    let bytes = message.build();
    survives(&bytes, "300 in 300");
    let mail = outlook::to_mail(&bytes, &Budget::default()).unwrap();
    assert!(mail.problems.iter().any(|problem| problem.code == "outlook-too-deep"));
}

#[test]
fn the_corpus_is_read() {
    let Some(folder) = corpus::corpus_folder("outlook", "mail/msg") else {
        return;
    };
    let mut read = 0;
    for path in corpus::files(&folder) {
        let bytes = std::fs::read(&path).expect("the corpus can be read");
        let analysis = analyze("a.msg", &bytes);
        let found = mails(&analysis);
        let mail = found
            .first()
            .unwrap_or_else(|| panic!("{}: {:?}", path.display(), analysis.diagnostics));
        assert!(
            !mail.subject.is_empty() && (mail.author().is_some() || !mail.to.is_empty()),
            "{}: {mail:?}",
            path.display()
        );
        read += 1;
    }
    assert!(read > 0);
}
