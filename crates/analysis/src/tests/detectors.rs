//! Facts in, findings out. Links, and what acts, have files of their own.

mod acting;
mod links;
mod network;

use crate::Analysis;
use crate::detectors::{catalogue, run};
use watchfire_formats::identify::media;
use watchfire_knowledge::attack::{State, lookup};
use watchfire_model::{
    Act, ActKind, ActiveKind, AddressRange, ArchiveFacts, ArtifactId, ArtifactRecord, DomainName, Evidence, Fact,
    FactSet, Form, Layer, LimitKind, Link, MacroFacts, MediaType, MemberFacts, Organisation, Origin, Place,
    ScriptFacts, ShortcutFacts, Unlocked, Untrusted,
};

/// What detectors say about one artifact: rules with their weights in thousandths.
#[track_caller]
fn check(name: &str, media_type: MediaType, facts: Vec<Fact>, expected: &[(&str, u16)]) {
    let analysis = analysed(name, media_type, facts);
    assert_eq!(told(&analysis), expected, "{name}: {:?}", analysis.findings);
}

/// The same, without an opinion.
pub(super) fn found(name: &str, media_type: MediaType, facts: Vec<Fact>) -> Vec<(&'static str, u16)> {
    told(&analysed(name, media_type, facts))
}

fn told(analysis: &Analysis) -> Vec<(&'static str, u16)> {
    assert!(analysis.findings.iter().all(|finding| !finding.evidence().is_empty()));
    let findings = analysis.findings.iter();
    findings
        .map(|finding| (finding.rule.0, finding.weight.thousandths()))
        .collect()
}

/// One artifact with these facts, looked at by all detectors.
pub(super) fn analysed(name: &str, media_type: MediaType, facts: Vec<Fact>) -> Analysis {
    let organisation = Organisation {
        domains: vec![DomainName::parse("corp.example").unwrap()],
        ranges: vec![AddressRange::parse("198.51.100.0/24").unwrap()],
        deployment_tools: vec!["deploy.ps1".to_owned()],
        ..Organisation::default()
    };
    let origin = Origin::root("root").child(name);
    let mut analysis = Analysis::default();
    analysis.artifacts.push(ArtifactRecord {
        sha256: None,
        path: origin.path(),
        depth: 1,
        size: 1,
        media_type,
        read: true,
        duplicate_of: None,
        digests: watchfire_model::Digests::default(),
        known_good: None,
        listed_in: None,
        executable: None,
        capture: None,
        log: None,
        observables: Vec::new(),
        facts: Some(FactSet {
            artifact: ArtifactId::of(b""),
            origin,
            media_type,
            role: None,
            facts,
        }),
    });
    run(&mut analysis, &organisation);
    analysis
}

fn zip(name: &str, members: &[&str], expected: &[(&str, u16)]) {
    let member = |name: &&str| MemberFacts {
        name: (*name).into(),
        size: 10,
        ..MemberFacts::default()
    };
    let facts = ArchiveFacts {
        format: "zip",
        members: members.iter().map(member).collect(),
        ..ArchiveFacts::default()
    };
    check(name, media::ZIP, vec![Fact::Archive(facts)], expected);
}

#[test]
fn a_document_that_runs_is_found_by_its_name() {
    zip(
        "invoice.zip",
        &["Invoice_88213.pdf.lnk"],
        &[("archive-double-extension", 550), ("archive-runnable-member", 400)],
    );
    zip(
        "a.zip",
        &["picture.jpg.exe"],
        &[("archive-double-extension", 550), ("archive-runnable-member", 100)],
    );
    zip(
        "a.zip",
        &["report.pdf", "notes.final.docx", "logo.svg.js", "x", "y", "z"],
        &[("archive-runnable-member", 50)],
    );
}

#[test]
fn names_that_deceive_the_eye_are_found() {
    zip(
        "a.zip",
        &["invoice\u{202e}fdp.exe"],
        &[("archive-deceptive-name", 600), ("archive-runnable-member", 100)],
    );
    zip(
        "a.zip",
        &["invoice.pdf          .scr"],
        &[
            ("archive-double-extension", 550),
            ("archive-deceptive-name", 500),
            ("archive-runnable-member", 100),
        ],
    );
    zip(
        "a.zip",
        &["\u{202b}דוח\u{202c}.pdf"],
        &[("archive-deceptive-name", 250)],
    );
}

#[test]
fn names_of_inputs_and_attachments_deceive_too() {
    for (name, expected) in [
        ("folder/invoice\u{202e}fdp.exe", &[("archive-deceptive-name", 600)][..]),
        ("invoice.pdf          .scr", &[("archive-deceptive-name", 500)]),
        ("\u{2067}report.txt", &[("archive-deceptive-name", 250)]),
        ("\u{202e}folder/report.txt", &[]),
        ("report.txt", &[]),
    ] {
        check(name, MediaType::UNKNOWN, Vec::new(), expected);
    }
}

#[test]
fn paths_that_climb_out_are_found() {
    zip("a.zip", &["../../etc/cron.d/x"], &[("archive-path-traversal", 450)]);
    zip("a.zip", &["a/..\\..\\x"], &[("archive-path-traversal", 450)]);
    zip("a.zip", &["C:\\Windows\\x"], &[("archive-path-traversal", 300)]);
    zip("a.zip", &["/etc/passwd"], &[("archive-path-traversal", 50)]);
    zip("a.zip", &["a/../b", "./c", "d..e/f", "a:b"], &[]);
}

/// Members of a tar file; `a -> b` is a link.
fn tar(members: &[&str], expected: &[(&str, u16)]) {
    let member = |text: &&str| {
        let (name, target) = text
            .split_once(" -> ")
            .map_or((*text, None), |(name, to)| (name, Some(to)));
        MemberFacts {
            name: name.into(),
            links_to: target.map(Untrusted::new),
            ..MemberFacts::default()
        }
    };
    let facts = ArchiveFacts {
        format: "tar",
        members: members.iter().map(member).collect(),
        ..ArchiveFacts::default()
    };
    check("a.tar", media::TAR, vec![Fact::Archive(facts)], expected);
}

#[test]
fn links_weigh_by_where_they_lead_and_by_what_is_written_through_them() {
    tar(
        &[
            "pkg/.bin/x -> ../x/cli",
            "pkg/lib/y -> ../lib64/./y",
            "a/b -> c/../../d",
            "z -> z.1",
        ],
        &[],
    );
    for out in [
        "x -> ../y",
        "a/x -> ../../y",
        "x -> /etc/shadow",
        "x -> C:\\Windows",
        "x -> \\\\host\\share",
    ] {
        tar(&[out], &[("archive-path-traversal", 50)]);
    }
    for file in ["x", "./x", "x/y", "x//y", ".//x/./y", "a/../x"] {
        tar(&["x -> /root", file], &[("archive-path-traversal", 450)]);
    }
    for beside in ["xy", "a/x", "x/", "w", "x.txt"] {
        tar(&["x -> /root", beside], &[("archive-path-traversal", 50)]);
    }
}

#[test]
fn many_links_that_lead_out_are_one_finding() {
    let links: Vec<String> = (0..20_000)
        .map(|number| format!("etc/{number} -> /usr/{number}"))
        .collect();
    let links: Vec<&str> = links.iter().map(String::as_str).collect();
    tar(&links, &[("archive-path-traversal", 50)]);
}

#[test]
fn what_weighs_most_is_kept_where_there_is_too_much() {
    let many: Vec<String> = (0..80).map(|number| format!("/opt/{number}")).collect();
    let mut members: Vec<&str> = many.iter().map(String::as_str).collect();
    members.push("../../etc/cron.d/x");
    let mut expected = vec![("archive-path-traversal", 50); 49];
    expected.push(("archive-path-traversal", 450));
    zip("a.zip", &members, &expected);
}

#[test]
fn what_runs_weighs_by_how_it_is_delivered() {
    zip("statement.pdf.zip", &["setup.exe"], &[("archive-runnable-member", 500)]);
    zip(
        "setup.zip",
        &["setup.exe", "readme.txt"],
        &[("archive-runnable-member", 100)],
    );
    zip("x.zip", &["open me.hta"], &[("archive-runnable-member", 400)]);
    zip("src.zip", &["main.py", "run.sh", "lib.rs"], &[]);
}

#[test]
fn programs_named_like_pictures_are_found() {
    let disguised = &[("archive-disguised-type", 600)];
    check("picture.jpg", media::PE, Vec::new(), disguised);
    check("report.pdf", media::LNK, Vec::new(), disguised);
    check("picture.jpg", media::JPEG, Vec::new(), &[]);
    check("setup.exe", media::PE, Vec::new(), &[]);
    check("notes.txt", media::JAVASCRIPT, Vec::new(), &[]);
}

#[test]
fn a_password_that_came_along_is_found_with_both_places() {
    let unlocked = Unlocked {
        password_at: Evidence {
            artifact: ArtifactId::of(b"body"),
            path: "root ▸ body".into(),
            place: Place::Line(3),
            excerpt: "password: ••••".into(),
        },
    };
    check(
        "a.zip",
        media::ZIP,
        vec![Fact::Unlocked(unlocked)],
        &[("archive-password-beside", 300)],
    );
}

#[test]
fn containers_made_to_exhaust_are_found() {
    for (limit, expected) in [
        (LimitKind::Ratio, Some(300)),
        (LimitKind::Depth, Some(350)),
        (LimitKind::Time, None),
        (LimitKind::Unpacked, None),
    ] {
        let expected: Vec<(&str, u16)> = expected.map(|weight| ("archive-bomb", weight)).into_iter().collect();
        check("a.zip", media::ZIP, vec![Fact::Halted { limit }], &expected);
    }
}

#[test]
fn documents_that_act_are_found() {
    let active = |kind| Fact::Active {
        kind,
        detail: "an action starts the program or opens the file 'cmd.exe'".into(),
    };
    check(
        "a.pdf",
        media::PDF,
        vec![active(ActiveKind::Launch)],
        &[("document-active-content", 500)],
    );
    let both = vec![active(ActiveKind::Script), active(ActiveKind::Script)];
    check("a.pdf", media::PDF, both, &[("document-active-content", 120)]);
}

#[test]
fn forms_that_send_passwords_elsewhere() {
    let form = |action: &str, asks_password: bool, expected: Option<u16>| {
        let form = Form {
            action: action.into(),
            asks_password,
            span: None,
        };
        let rule = "document-credential-form";
        let expected: Vec<(&str, u16)> = expected.into_iter().map(|weight| (rule, weight)).collect();
        check("page.html", media::HTML, vec![Fact::Form(form)], &expected);
    };
    form("https://paypa1.com/x", true, Some(550));
    form("http://203.0.113.66/x", true, Some(500));
    form("https://pages.example.web.app/x", true, Some(450));
    form("https://sender.example/x", true, Some(300));
    for (action, asks_password) in [
        ("https://sender.example/x", false),
        ("https://www.paypal.com/signin", true),
        ("https://portal.corp.example/x", true),
        ("login.php", true),
    ] {
        form(action, asks_password, None);
    }
}

#[test]
fn one_rule_cannot_flood_a_report() {
    let links = (0..5000).map(|i| {
        Fact::Link(Link {
            target: format!("http://203.0.113.66/{i}.exe").as_str().into(),
            text: Untrusted::default(),
            loaded: false,
            unseen: false,
            in_outlook: false,
            span: None,
            page: None,
        })
    });
    check(
        "a.html",
        media::HTML,
        links.collect(),
        &[("link-ip-executable", 450); 50],
    );
}

#[test]
fn every_technique_is_current_in_the_catalogue() {
    for info in catalogue() {
        for technique in info.techniques {
            let entry = lookup(technique.as_str()).unwrap_or_else(|| panic!("{technique} is unknown"));
            assert_eq!(entry.state, State::Current, "{technique}");
        }
    }
}

#[test]
fn rules_are_named_once_and_explained() {
    let rules: Vec<&str> = catalogue().map(|info| info.rule.0).collect();
    let distinct: std::collections::BTreeSet<&str> = rules.iter().copied().collect();
    assert_eq!(rules.len(), distinct.len());
    for info in catalogue() {
        assert!(info.weight <= 600, "{}: no rule decides alone", info.rule);
        assert!(
            !info.describes.is_empty() && !info.false_positives.is_empty(),
            "{}",
            info.rule
        );
    }
}
