//! Findings as SARIF 2.1.0: what fits the schema, what is unique, what an attacker cannot do with a name.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the helpers of a test stop it when the test bed fails"
)]

mod common;

use common::{Bed, schema};
use serde_json::Value;
use std::collections::BTreeSet;
use watchfire_testkit::archive::Zip;

const PAGE: &str = "<a href=\"http://203.0.113.66/update.exe\">https://sign.example.com/</a>\n";

/// The run, which fits the schema.
#[track_caller]
fn run(bed: &Bed, arguments: &[&str]) -> Value {
    let mut all = arguments.to_vec();
    all.extend(["-q", "--as-of", "2026-11-21", "--format", "sarif"]);
    let ran = bed.run(&all);
    let document: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:#?}"));
    let schema: Value = serde_json::from_str(&bed.run(&["schema", "sarif"]).stdout).unwrap();
    let problems = schema::problems(&schema, &document);
    assert!(problems.is_empty(), "{problems:#?}\n{document:#}");
    document["runs"][0].clone()
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap()
}

/// A reference as RFC 3986 writes one, with nothing left that would need to be encoded.
fn is_reference(uri: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~/%:".contains(c);
    !uri.is_empty() && !uri.starts_with("//") && uri.chars().all(allowed)
}

#[test]
fn a_finding_in_an_archive_is_below_its_file() {
    let bed = Bed::new("sarif-nested");
    let inner = Zip::new().file("invoice.pdf.exe", b"MZ\x90\0inert").build();
    bed.write("mail/outer.zip", Zip::new().file("a folder/inner.zip", &inner).build());
    let run = run(&bed, &["triage", "mail"]);
    let results = list(&run["results"]);
    let found = results
        .iter()
        .find(|result| result["ruleId"] == "archive-double-extension")
        .unwrap();
    let at = &found["locations"][0]["physicalLocation"]["artifactLocation"];
    let artifacts = list(&run["artifacts"]);
    let entry = &artifacts[at["index"].as_u64().unwrap() as usize];
    assert_eq!(at["uri"], entry["location"]["uri"], "{found:#}");
    let mut names = vec![entry["location"]["uri"].as_str().unwrap()];
    let mut up = entry;
    while let Some(parent) = up.get("parentIndex") {
        up = &artifacts[parent.as_u64().unwrap() as usize];
        names.push(up["location"]["uri"].as_str().unwrap());
    }
    assert!(names.contains(&"/a%20folder/inner.zip"), "{names:?}");
    assert_eq!(names.last(), Some(&"mail/outer.zip"));
    assert_eq!(found["analysisTarget"]["uri"], "mail/outer.zip");
    assert_eq!(found["level"], "error");
    let rule = &run["tool"]["driver"]["rules"][found["ruleIndex"].as_u64().unwrap() as usize];
    assert_eq!(rule["id"], "archive-double-extension");
    assert!(
        rule["help"]["text"].as_str().unwrap().contains("Where it is wrong"),
        "{rule:#}"
    );
    let techniques = list(&found["taxa"]);
    assert!(!techniques.is_empty());
    for technique in techniques {
        let taxon = &run["taxonomies"][0]["taxa"][technique["index"].as_u64().unwrap() as usize];
        assert_eq!(taxon["id"], technique["id"]);
        assert!(taxon["name"].is_string(), "{taxon:#}");
    }
}

#[test]
fn the_same_file_elsewhere_has_the_same_fingerprints() {
    let bed = Bed::new("sarif-prints");
    bed.write("a/page.html", PAGE);
    bed.write("b/other.html", PAGE);
    let prints = |path: &str| -> Vec<String> {
        let run = run(&bed, &["triage", path]);
        let results = list(&run["results"]).iter();
        results
            .map(|result| result["partialFingerprints"]["finding/v1"].to_string())
            .collect()
    };
    let one = prints("a");
    assert!(one.len() > 1, "{one:?}");
    assert_eq!(one, prints("b"));
    assert_eq!(one.iter().collect::<BTreeSet<_>>().len(), one.len(), "{one:?}");
}

#[test]
fn what_is_suppressed_is_a_result_with_its_reason() {
    let bed = Bed::new("sarif-suppressed");
    bed.write("page.html", PAGE);
    let line = "suppress link-ip-executable --why tested --expires 2027-01-31";
    bed.run(&line.split(' ').collect::<Vec<_>>()).expect(0, &[]);
    let run = run(&bed, &["triage", "page.html"]);
    let (hidden, seen): (Vec<&Value>, Vec<&Value>) = list(&run["results"])
        .iter()
        .partition(|result| !list(&result["suppressions"]).is_empty());
    assert!(!seen.is_empty());
    assert_eq!(hidden.len(), 1);
    assert_eq!(hidden[0]["ruleId"], "link-ip-executable");
    assert_eq!(hidden[0]["suppressions"][0]["kind"], "external");
    assert_eq!(hidden[0]["suppressions"][0]["justification"], "tested");
}

#[test]
fn what_was_not_read_is_said() {
    let bed = Bed::new("sarif-unread");
    bed.write("page.html", PAGE);
    let whole = run(&bed, &["triage", "page.html"]);
    assert_eq!(whole["invocations"][0]["executionSuccessful"], true);
    let partial = run(&bed, &["triage", "page.html", "missing.eml"]);
    let invocation = &partial["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    let told = list(&invocation["toolExecutionNotifications"]);
    assert!(
        told.iter().any(|told| told["level"] == "error"
            && told["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "missing.eml"),
        "{told:#?}"
    );
    // A file that is given twice is one artifact.
    let twice = run(&bed, &["triage", "page.html", "page.html"]);
    assert_eq!(list(&twice["artifacts"]).len(), list(&whole["artifacts"]).len());
}

#[test]
fn names_are_encoded_and_never_climb() {
    let bed = Bed::new("sarif-names");
    let zip = Zip::new()
        .file("../../etc/cron.d/x.pdf.exe", b"MZ\x90\0inert")
        .file("//evil.example/y.pdf.exe", b"MZ\x90\0inert2")
        .file("[click](http://evil.example).pdf.exe", b"MZ\x90\0inert3")
        .file("\u{202e}fdp.exe", b"MZ\x90\0inert4")
        .file("a \u{25b8} b.pdf.exe", b"MZ\x90\0inert5");
    bed.write("100% \u{1b}[2J{0}.zip", zip.build());
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        let name = std::ffi::OsStr::from_bytes(b"bad\xff\xfe.html");
        std::fs::write(bed.folder.join("in").join(name), PAGE).unwrap();
    }
    let run = run(&bed, &["triage", "."]);
    let artifacts = list(&run["artifacts"]);
    assert!(artifacts.len() > 5, "{artifacts:#?}");
    for artifact in artifacts {
        let uri = artifact["location"]["uri"].as_str().unwrap();
        assert!(is_reference(uri), "{uri}");
        assert!(!uri.split('/').any(|segment| segment == ".."), "{uri}");
        assert_eq!(artifact.get("parentIndex").is_some(), uri.starts_with('/'), "{uri}");
    }
    assert_eq!(
        artifacts.iter().map(Value::to_string).collect::<BTreeSet<_>>().len(),
        artifacts.len()
    );
    for result in list(&run["results"]) {
        let text = result["message"]["text"].as_str().unwrap();
        assert!(!text.contains("]("), "{text}");
        assert!(!text.replace("{{", "").contains('{'), "{text}");
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
    }
}

#[test]
fn what_has_no_findings_has_no_place() {
    let bed = Bed::new("sarif-refused");
    bed.write("page.html", PAGE);
    bed.write("ham/one.eml", "Subject: x\n\nx");
    for (arguments, what, others) in [
        (
            &["extract", "page.html"][..],
            "lists of observables",
            "text, json, ndjson, csv",
        ),
        (
            &["check", "203.0.113.66"],
            "what is known about values",
            "text, json, ndjson, csv, html",
        ),
        (
            &["mail", "--evaluate", "ham", "ham"],
            "measurements",
            "text, json, ndjson, csv",
        ),
    ] {
        let mut all = arguments.to_vec();
        all.extend(["--format", "sarif"]);
        let ran = bed.run(&all);
        let said = format!("error: the format 'sarif' has no place for {what}");
        let hint = format!("hint: formats that have: {others}");
        ran.expect(2, &[said.as_str(), hint.as_str()]);
        assert_eq!(ran.stdout, "");
    }
}

#[test]
fn a_mail_is_a_report_too() {
    let bed = Bed::new("sarif-mail");
    let mail = format!(
        "From: a@corp.example\nTo: b@corp.example\nSubject: x\nMIME-Version: 1.0\nContent-Type: text/html\n\n{PAGE}"
    );
    bed.write("m.eml", mail);
    let run = run(&bed, &["mail", "m.eml"]);
    assert!(!list(&run["results"]).is_empty());
    assert_eq!(run["properties"]["asOf"], "2026-11-21T00:00:00Z");
}

#[test]
fn results_do_not_depend_on_threads() {
    let bed = Bed::new("sarif-threads");
    for number in 0..20 {
        bed.write(&format!("{number}.html"), format!("{PAGE}{number}"));
    }
    let run = |threads: &str| {
        let line = [
            "triage",
            ".",
            "-q",
            "--as-of",
            "2026-11-21",
            "--format",
            "sarif",
            "-j",
            threads,
        ];
        bed.run(&line).stdout
    };
    assert_eq!(run("1"), run("4"));
}
