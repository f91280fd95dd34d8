//! Shortcuts, scripts, and what acts in documents and notebooks.

use super::*;

/// A shortcut with what its command line calls.
fn shortcut(target: &str, arguments: &str, icon: &str, acts: &[ActKind], expected: &[(&str, u16)]) {
    let facts = ShortcutFacts {
        format: "lnk",
        target: target.into(),
        arguments: arguments.into(),
        icon: icon.into(),
        ..ShortcutFacts::default()
    };
    let facts = vec![Fact::Shortcut(Box::new(facts)), script("command", acts, &[])];
    check("a.lnk", media::LNK, facts, expected);
}

fn script(language: &'static str, acts: &[ActKind], layers: &[Layer]) -> Fact {
    let act = |kind: &ActKind| Act {
        kind: *kind,
        word: "word".into(),
        hidden: false,
    };
    Fact::Script(Box::new(ScriptFacts {
        language,
        acts: acts.iter().map(act).collect(),
        layers: layers.to_vec(),
        ..ScriptFacts::default()
    }))
}

#[test]
fn shortcuts_weigh_what_their_interpreter_is_told() {
    use ActKind::{Decode, Download, Hide, Run};
    let rule = "shortcut-runs-interpreter";
    let shell = "C:\\Windows\\System32\\cmd.exe";
    shortcut(shell, "/c x", "", &[Download, Run], &[(rule, 600)]);
    shortcut(shell, "/c x", "", &[Decode], &[(rule, 600)]);
    shortcut("%COMSPEC%", "/c x", "", &[Run, Hide], &[(rule, 450)]);
    shortcut(
        shell,
        "/c a.cmd",
        "C:\\Program Files\\x\\AcroRd32.exe",
        &[],
        &[(rule, 450)],
    );
    shortcut(shell, "/k env.cmd", "", &[], &[(rule, 200)]);
    shortcut("C:\\Windows\\explorer.exe", "D:\\", "", &[], &[(rule, 100)]);
    shortcut("mshta.exe", "https://example.org/a.hta", "", &[], &[(rule, 600)]);
    shortcut(shell, "", "", &[], &[]);
    shortcut("C:\\tools\\editor.exe", "/c x", "", &[Run], &[]);
}

#[test]
fn scripts_weigh_what_they_hide() {
    use ActKind::{Destroy, Download, Evaluate, Hide, Run, Weaken};
    let powershell = |acts: &[ActKind], layers: &[Layer], expected: &[(&str, u16)]| {
        check(
            "a.ps1",
            media::POWERSHELL,
            vec![script("powershell", acts, layers)],
            expected,
        );
    };
    powershell(&[Download], &[], &[]);
    powershell(&[Run], &[], &[]);
    powershell(&[Download, Run], &[], &[("script-downloads-and-runs", 250)]);
    powershell(
        &[Download, Evaluate, Weaken],
        &[],
        &[("script-downloads-and-runs", 500)],
    );
    powershell(&[Run], &[Layer::EncodedCommand], &[("script-encoded-command", 150)]);
    powershell(
        &[Run, Hide],
        &[Layer::EncodedCommand],
        &[("script-encoded-command", 450)],
    );
    powershell(&[Destroy], &[], &[("script-destroys-copies", 450)]);
    // A name of the organisation's excuses what is ordinary, and nothing else.
    let plain = || vec![script("powershell", &[Download, Run], &[Layer::EncodedCommand])];
    check("Deploy.ps1", media::POWERSHELL, plain(), &[]);
    let hiding = vec![script("powershell", &[Run, Hide], &[Layer::EncodedCommand])];
    check(
        "deploy.ps1",
        media::POWERSHELL,
        hiding,
        &[("script-encoded-command", 450)],
    );
    // Libraries for pages load and evaluate.
    let page = vec![script("javascript", &[Download, Evaluate], &[Layer::Escapes])];
    check("jquery.js", media::JAVASCRIPT, page, &[]);
}

#[test]
fn what_acts_in_documents_weighs_by_what_it_is() {
    let active = |name: &str, media_type, kind, expected: u16| {
        let fact = Fact::Active {
            kind,
            detail: "".into(),
        };
        check(name, media_type, vec![fact], &[("document-active-content", expected)]);
    };
    active("a.rtf", media::RTF, ActiveKind::Equation, 500);
    active("paper.doc", media::DOC, ActiveKind::Equation, 120);
    active("a.rtf", media::RTF, ActiveKind::Overflow, 600);
    active("a.rtf", media::RTF, ActiveKind::Update, 350);
    let stomped = MacroFacts {
        stomped: vec!["Module1".into()],
        ..MacroFacts::default()
    };
    check(
        "a.doc",
        media::DOC,
        vec![Fact::Macros(Box::new(stomped))],
        &[("document-macro-stomped", 550)],
    );
}

#[test]
fn what_runs_in_notebooks_and_out_of_sight_weighs_more() {
    let member = |hidden| MemberFacts {
        name: "open.js".into(),
        size: 10,
        hidden,
        ..MemberFacts::default()
    };
    for (format, hidden, expected) in [("onenote", false, 600), ("iso", true, 550), ("iso", false, 400)] {
        let facts = ArchiveFacts {
            format,
            members: vec![member(hidden)],
            ..ArchiveFacts::default()
        };
        check(
            "a",
            media::ISO,
            vec![Fact::Archive(facts)],
            &[("archive-runnable-member", expected)],
        );
    }
}
