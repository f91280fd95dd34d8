//! `--report FILE`: the whole report beside the result, in the format of the file's name.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "the helpers of a test stop it when the test bed fails"
)]

mod common;

use common::Bed;

const PAGE: &str = "<a href=\"http://203.0.113.66/update.exe\">https://sign.example.com/</a>\n";

/// Runs and gives back what stands in the file then.
#[track_caller]
fn check(name: &str, arguments: &[&str], file: &str) -> String {
    let bed = Bed::new(&format!("report-file-{name}"));
    bed.write("page.html", PAGE);
    let mut all = arguments.to_vec();
    all.extend(["--report", file]);
    let ran = bed.run(&all);
    assert!(ran.code < 2, "{ran:#?}");
    std::fs::read_to_string(bed.folder.join("in").join(file)).unwrap_or_else(|error| panic!("{error}: {ran:#?}"))
}

#[test]
fn every_command_that_judges_writes_one() {
    for (name, arguments) in [
        ("triage", &["triage", "page.html"][..]),
        ("check", &["check", "203.0.113.66"]),
        ("find", &["find", "."]),
        ("demo", &["demo", "a-demo"]),
    ] {
        let page = check(name, arguments, "out.html");
        assert!(page.starts_with("<!DOCTYPE html>"), "{name}: {page:.200}");
        assert!(page.contains("Content-Security-Policy") && page.trim_end().ends_with("</html>"));
    }
}

#[test]
fn the_name_says_the_format() {
    let bundle = check("stix", &["triage", "page.html"], "out.stix.json");
    assert!(bundle.contains("\"bundle--"), "{bundle:.200}");
    let page = check("markdown", &["triage", "page.html"], "out.md");
    assert!(page.starts_with("# "), "{page:.200}");
}

#[test]
fn what_cannot_be_written_is_refused_before_anything_is_read() {
    let bed = Bed::new("report-file-refused");
    bed.write("page.html", PAGE);
    for (arguments, said) in [
        (&["triage", "page.html", "--report", "out.papyrus"][..], "out.papyrus"),
        (&["triage", "page.html", "--report", "page.html"], "page.html"),
        (
            &[
                "triage",
                "page.html",
                "--report",
                "a.json",
                "-f",
                "json",
                "-o",
                "a.json",
            ],
            "cannot hold two results",
        ),
    ] {
        let ran = bed.run(arguments);
        assert_eq!(ran.code, 2, "{ran:#?}");
        assert!(ran.stderr.contains(said) && ran.stderr.contains("hint: "), "{ran:#?}");
        assert_eq!(ran.stdout, "");
    }
    assert_eq!(
        std::fs::read_to_string(bed.folder.join("in").join("page.html")).unwrap(),
        PAGE
    );
}
