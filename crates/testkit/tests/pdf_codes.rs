//! QR codes in pages of PDF: found however they are shown, paid for, and no way to hurt whoever looks.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test"
)]

use watchfire_analysis::{Analysis, Engine, Settings};
use watchfire_formats::document::{self, Document};
use watchfire_formats::identify::media;
use watchfire_model::{Artifact, Budget, Fact, Finding, Hints, Limits, Origin, Place};
use watchfire_testkit::clock::soon;
use watchfire_testkit::mail::Mail;
use watchfire_testkit::{Random, mutate, qr};

fn read(bytes: &[u8], budget: &Budget) -> Document {
    document::read(media::PDF, bytes, &Hints::default(), budget)
}

fn codes(bytes: &[u8]) -> Vec<(String, u32)> {
    let codes = read(bytes, &Budget::default()).codes;
    codes.into_iter().map(|code| (code.text, code.page)).collect()
}

fn analyze(name: &str, bytes: &[u8]) -> Analysis {
    let engine = Engine::new(Settings::default());
    let artifact = Artifact::new(bytes, Origin::root(name), Hints::default());
    engine.analyze(artifact, &engine.budget())
}

#[test]
fn codes_are_read_however_a_page_shows_them() {
    let missed: Vec<_> = qr::documents()
        .into_iter()
        .filter(|(_, bytes)| codes(bytes) != [(qr::SAYS.to_owned(), 2)])
        .map(|(way, bytes)| (way, read(&bytes, &Budget::default()).problems))
        .collect();
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn what_a_page_says_stays_beside_what_it_shows() {
    for (way, bytes) in qr::documents() {
        let document = read(&bytes, &Budget::default());
        assert!(document.text.text.contains("scan the code"), "{way}");
        assert!(document.problems.is_empty(), "{way}: {:?}", document.problems);
    }
}

#[test]
fn tables_bars_and_plans_are_no_codes() {
    let cells: String = (0..2_000)
        .map(|at| format!("{} {} 9 4 re f\n", 40 + 10 * (at % 50), 60 + 9 * (at / 50)))
        .collect();
    let plan: String = (0..3_000)
        .map(|at| {
            format!(
                "{} {} m {} {} l {} {} l f\n",
                at % 500,
                at / 5,
                at % 490 + 9,
                at / 5 + 4,
                at % 470,
                at / 5 + 9
            )
        })
        .collect();
    for content in [cells, plan] {
        assert_eq!(codes(&qr::pdf(&content, &[])), []);
    }
}

#[test]
fn the_finding_names_the_document_and_the_page() {
    let (_, bytes) = qr::documents().remove(0);
    let mail = Mail::basic(
        "Payroll <desk@sender.example>",
        "ap-clerk@corp.example",
        "Your payslip",
        "Mon, 2 Nov 2026 08:00:00 +0000",
        "1@sender.example",
    )
    .text("Your account will be suspended. Scan the code to verify your account.")
    .attachment("payslip.pdf", "application/pdf", &bytes)
    .build();
    let analysis = analyze("mail.eml", &mail);
    let found: Vec<&Finding> = analysis
        .findings
        .iter()
        .filter(|finding| finding.rule.0 == "mail-qr-link")
        .collect();
    let [finding] = found.as_slice() else {
        panic!("{:?}", analysis.findings)
    };
    let evidence = &finding.evidence()[0];
    assert_eq!(evidence.path.raw(), "mail.eml ▸ payslip.pdf");
    assert_eq!(evidence.place, Place::Page(2));
    assert_eq!(evidence.excerpt.raw(), qr::SAYS);
    let observed = analysis.artifacts.iter().flat_map(|record| &record.observables);
    let url = observed.into_iter().find(|seen| seen.observable.raw() == qr::SAYS);
    assert_eq!(
        url.map(|url| (url.via, url.page)),
        Some((Some(watchfire_model::Via::Qr), Some(2)))
    );
}

#[test]
fn pixels_are_paid_for() {
    for (way, bytes) in qr::documents() {
        let plenty = Budget::default();
        let document = read(&bytes, &plenty);
        assert!(document.halted.is_none() && plenty.unpacked() > 1_000, "{way}");
        let spent = plenty.unpacked();
        let scarce = Budget::new(Limits {
            unpacked: spent - 500,
            ..Limits::default()
        });
        let document = read(&bytes, &scarce);
        assert!(document.halted.is_some(), "{way}");
        assert!(document.text.text.contains("scan the code"), "{way}: words come first");
    }
}

#[test]
fn what_is_not_looked_at_is_told() {
    let told = |entries: &str| {
        let picture = qr::stream(&format!("/Type /XObject /Subtype /Image {entries}"), b"data");
        let document = qr::pdf("q 120 0 0 120 200 400 cm /P Do Q", &[picture]);
        let analysis = analyze("a.pdf", &document);
        let codes = analysis.diagnostics.iter().map(|diagnostic| diagnostic.code);
        (codes.collect::<Vec<_>>(), analysis.coverage.is_complete())
    };
    let unread = (vec!["pdf-picture-unread"], false);
    assert_eq!(told("/Width 60000 /Height 60000 /ColorSpace /DeviceGray"), unread);
    assert_eq!(told("/Width 9223372036854775807 /Height 9223372036854775807"), unread);
    assert_eq!(told("/Width 100 /Height 100 /Filter /JPXDecode"), unread);
    assert_eq!(told("/Width 100 /Height 100 /Filter /DCTDecode"), unread);
    assert_eq!(told("/Width 100 /Height 100 /ColorSpace /Unheard"), unread);
    assert_eq!(told("/Width 100 /Height 100 /ColorSpace /DeviceGray"), (vec![], true));
    assert_eq!(told("/Width 9 /Height 9 /Filter /JPXDecode"), (vec![], true));
}

#[test]
fn much_to_look_at_ends() {
    let blank = |number: usize| {
        let data = watchfire_testkit::archive::zlib(&vec![number as u8; 2_000 * 2_000 / 8]);
        let entries =
            "/Type /XObject /Subtype /Image /Width 2000 /Height 2000 /ColorSpace /DeviceGray /BitsPerComponent 1";
        qr::stream(&format!("{entries} /Filter /FlateDecode"), &data)
    };
    let pictures: Vec<Vec<u8>> = (0..40).map(blank).collect();
    let names: String = (0..40).map(|at| format!("/P{at} {} 0 R ", 9 + at)).collect();
    let painted: String = (0..40).map(|at| format!("/P{at} Do ")).collect();
    let form = qr::stream(
        &format!("/Type /XObject /Subtype /Form /BBox [0 0 1 1] /Resources << /XObject << {names} >> >>"),
        painted.as_bytes(),
    );
    let many: Vec<Vec<u8>> = std::iter::once(form).chain(pictures).collect();
    let document = qr::pdf("/P Do", &many);
    let read = soon("forty pictures", || read(&document, &Budget::default()));
    assert!(
        read.problems.iter().any(|problem| problem.code == "pdf-picture-unread"),
        "{:?}",
        read.problems
    );

    // Long thin needles cross every row of the paper.
    let needles: String = (0..60_000)
        .map(|at| format!("{} 0 m {} 800 l {} 0 l f\n", at % 500, at % 499, at % 500 + 1))
        .collect();
    let squares: String = (0..30_000)
        .map(|at| format!("{} {} 1 1 re f\n", at % 500, at / 500))
        .collect();
    let groups = format!(
        "{} BT ET ",
        (0..20)
            .map(|at| format!("{} {at} 1 1 re f\n", 3 * at))
            .collect::<String>()
    )
    .repeat(2_000);
    let inline = "BI ( EI BI /W 99 /H 99 ".repeat(40_000);
    for (what, content) in [
        ("needles", needles),
        ("squares", squares),
        ("groups", groups),
        ("inline", inline),
    ] {
        soon(what, || codes(&qr::pdf(&content, &[])));
    }
}

#[test]
fn damage_is_survived() {
    let mut random = Random::new(7);
    for (_, bytes) in qr::documents() {
        for cut in (0..bytes.len()).step_by(bytes.len() / 12 + 1) {
            let _ = codes(&bytes[..cut]);
        }
        for _ in 0..12 {
            let _ = codes(&mutate::mutate(&mut random, &bytes, &bytes));
        }
    }
    let facts = analyze("a.pdf", &qr::documents()[0].1);
    let facts = facts.artifacts.iter().filter_map(|record| record.facts.as_ref());
    assert!(
        facts
            .flat_map(|facts| &facts.facts)
            .any(|fact| matches!(fact, Fact::Qr { page: Some(2), .. }))
    );
}
