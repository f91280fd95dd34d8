//! Files of well-known producers, whole and damaged. How they were made is in `tests/data/document/README.md`.

use super::*;

const PDF: MediaType = media::PDF;

macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!("../../tests/data/document/", $name)).as_slice()
    };
}

fn open(media_type: MediaType, bytes: &[u8]) -> Document {
    read(media_type, bytes, &Hints::default(), &Budget::default())
}

/// The file says each of `expected` on the page given, with its words whole and in one line.
#[track_caller]
fn check(media_type: MediaType, bytes: &[u8], expected: &[(Option<u32>, &str)]) -> Document {
    let document = open(media_type, bytes);
    for (page, words) in expected {
        let Some(at) = document.text.text.find(words) else {
            panic!("{words:?} is not in {}", document.text.text);
        };
        assert_eq!(document.text.page_at(at), *page, "{words}");
    }
    document
}

fn links(document: &Document) -> Vec<(&str, &str, Option<u32>)> {
    document
        .links
        .iter()
        .map(|link| (link.target.raw(), link.text.raw(), link.page))
        .collect()
}

#[test]
fn pdf_of_chromium() {
    let document = check(
        PDF,
        fixture!("chromium.pdf"),
        &[
            (Some(1), "Amber Heron: a loader hidden in meeting invitations\n"),
            (
                Some(1),
                "second stage from hxxps://cdn-update[.]example/api and reported to",
            ),
            (Some(1), "fluffy ligatures flow: office, affluent, ruffian, fjord."),
            (Some(1), "\nIPv4\t203[.]0[.]113[.]66\t2024-05-02\n"),
            (
                Some(1),
                "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            ),
            (
                Some(1),
                "HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Run\\Heron.",
            ),
            (Some(1), "Прямая речь на русском, žluťoučký kůň."),
            (Some(2), "CVE-2024-12345"),
            (Some(2), "\nhxxp://198[.]51[.]100[.]23:8080/gate.php every ten\n"),
            (Some(3), "sha1 da39a3ee5e6b4b0d3255bfef95601890afd80709 and"),
        ],
    );
    assert!(!document.text.text.contains("This paragraph is hidden"));
    assert_eq!(document.facts.pages, 3);
    assert_eq!(
        links(&document),
        [
            (
                "https://blog.vendor.example/amber-heron?utm_source=pdf",
                "earlier write-up",
                Some(1)
            ),
            ("https://attack.mitre.org/techniques/T1566/001/", "ATT&CK page", Some(1)),
            ("mailto:lab@vendor.example", "lab@vendor.example", Some(1)),
        ]
    );
}

#[test]
fn pdf_of_libreoffice_with_packed_objects() {
    let document = check(
        PDF,
        fixture!("libreoffice.pdf"),
        &[
            (Some(1), "domain cdn-update[.]example\t2024-05-02"),
            (Some(1), "Прямая речь на русском"),
            (Some(2), "hxxp://198[.]51[.]100[.]23:8080/gate.php every ten"),
            (Some(3), "invoice_2024.pdf.exe end the report."),
        ],
    );
    assert_eq!(
        document.facts.author.as_ref().map(|author| author.raw()),
        Some("Example Threat Lab")
    );
    assert_eq!(document.links.len(), 3);
}

#[test]
fn pdf_of_reportlab_and_fpdf() {
    let expected = [
        (Some(1), "IPv4\t203[.]0[.]113[.]66\t2024-05-02"),
        (Some(2), "198[.]51[.]100[.]23:8080/gate.php"),
    ];
    let link = [("https://blog.vendor.example/amber-heron", "earlier write-up", Some(1))];
    let document = check(PDF, fixture!("reportlab.pdf"), &expected);
    assert_eq!(links(&document), link);
    let document = check(PDF, fixture!("fpdf2.pdf"), &expected);
    assert_eq!(links(&document), link);
    assert_eq!(
        document.embedded.first().map(|member| member.name.raw()),
        Some("iocs.txt")
    );
}

#[test]
fn encrypted_pdf_opens_with_an_empty_or_hinted_password() {
    let plain = open(PDF, fixture!("reportlab.pdf"));
    for bytes in [
        fixture!("rc4-40.pdf"),
        fixture!("rc4-128.pdf"),
        fixture!("aes128.pdf"),
        fixture!("aes256.pdf"),
    ] {
        let document = open(PDF, bytes);
        assert!(document.facts.encrypted);
        assert_eq!((&document.text, &document.links), (&plain.text, &plain.links));
        assert_eq!(document.facts.title, plain.facts.title);
    }
    let locked = open(PDF, fixture!("aes256-secret.pdf"));
    assert_eq!(
        locked.problems.iter().map(|problem| problem.code).collect::<Vec<_>>(),
        ["pdf-encrypted"]
    );
    let passwords = ["wrong", "secret"]
        .map(|word| watchfire_model::Password::new(word.as_bytes()))
        .to_vec();
    let hints = Hints {
        passwords,
        ..Hints::default()
    };
    assert_eq!(
        read(PDF, fixture!("aes256-secret.pdf"), &hints, &Budget::default()).text,
        plain.text
    );
}

#[test]
fn office_documents_of_libreoffice_and_python() {
    let expected = [
        (None, "\nIPv4\t203[.]0[.]113[.]66\t2024-05-02\n"),
        (
            None,
            "second stage from hxxps://cdn-update[.]example/api and reported to",
        ),
    ];
    for (media_type, bytes) in [
        (media::DOCX, fixture!("libreoffice.docx")),
        (media::ODT, fixture!("libreoffice.odt")),
    ] {
        let document = check(media_type, bytes, &expected);
        assert_eq!(
            document.facts.author.as_ref().map(|author| author.raw()),
            Some("Example Threat Lab")
        );
        assert!(links(&document).contains(&("https://attack.mitre.org/techniques/T1566/001/", "ATT&CK page", None)));
        assert_eq!(document.facts.pages, 3);
    }
    let sheets = check(
        media::XLSX,
        fixture!("openpyxl.xlsx"),
        &[(Some(1), "\nIPv4\t203[.]0[.]113[.]66\t2024-05-02\n")],
    );
    assert_eq!(
        sheets.hidden.text,
        "=HYPERLINK(\"https://formula.example/x\",\"click\")\nHidden\n\n\thxxp://hidden[.]example/\n"
    );
    assert!(links(&sheets).contains(&("https://blog.vendor.example/amber-heron", "earlier write-up", Some(1))));
    let expected = [
        (Some(1), "Say: 203[.]0[.]113[.]66"),
        (Some(2), "\nIPv4\t203[.]0[.]113[.]66\t2024-05-02\n"),
    ];
    let slides = check(media::PPTX, fixture!("python-pptx.pptx"), &expected);
    assert_eq!(
        links(&slides),
        [("https://blog.vendor.example/amber-heron", "earlier write-up", Some(1))]
    );
}

/// Cuts and flips at places spread over the file; the reader must come back.
fn damage(media_type: MediaType, bytes: &[u8]) {
    let budget = Budget::default();
    let step = (bytes.len() / 60).max(1);
    for (round, at) in (0..bytes.len()).step_by(step).enumerate() {
        let _ = read(media_type, bytes.get(..at).unwrap(), &Hints::default(), &budget);
        let mut damaged = bytes.to_vec();
        for (offset, byte) in damaged.iter_mut().enumerate().skip(at).step_by(step.max(97)) {
            *byte ^= 1 << ((offset + round) % 8);
        }
        let _ = read(media_type, &damaged, &Hints::default(), &budget);
    }
}

#[test]
fn damaged_pdf_files_do_not_panic() {
    for bytes in [
        fixture!("chromium.pdf"),
        fixture!("libreoffice.pdf"),
        fixture!("reportlab.pdf"),
        fixture!("fpdf2.pdf"),
        fixture!("aes128.pdf"),
        fixture!("aes256.pdf"),
    ] {
        damage(PDF, bytes);
    }
}

#[test]
fn damaged_office_files_do_not_panic() {
    damage(media::DOCX, fixture!("libreoffice.docx"));
    damage(media::XLSX, fixture!("openpyxl.xlsx"));
    damage(media::PPTX, fixture!("python-pptx.pptx"));
    damage(media::ODT, fixture!("libreoffice.odt"));
}
