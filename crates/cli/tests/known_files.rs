//! Files that lists know: known good by lists of the user's own, known bad by feeds that have another digest than SHA-256.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "the helpers of a test stop it when the test bed fails"
)]

mod common;

use common::{Bed, schema::problems};
use serde_json::Value;

/// Digests of `abc`: RFC 1321, FIPS 180-4.
const MD5: &str = "900150983cd24fb0d6963f7d28e17f72";
const SHA1: &str = "a9993e364706816aba3e25717850c26c9cd0d89d";
const SHA256: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

/// Of nothing at all.
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// Made by DCSO's own tool; holds the SHA-1 of `known one`.
const FILTER: &str = "01000000000000000400000000000000fca9f1d24d62503f0a0000000000000039000000000000000300000000000000\
                      6c172cd656019000";

fn filter() -> Vec<u8> {
    let digit = |at: usize| u8::from_str_radix(FILTER.get(at..at + 2).unwrap(), 16).unwrap();
    (0..FILTER.len()).step_by(2).map(digit).collect()
}

/// The report, which fits the schema.
#[track_caller]
fn report(bed: &Bed, arguments: &[&str]) -> Value {
    let mut all = arguments.to_vec();
    all.extend(["-q", "--format", "json"]);
    let ran = bed.run(&all);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:#?}"));
    let schema: Value = serde_json::from_str(&bed.run(&["schema", "report"]).stdout).unwrap();
    assert_eq!(problems(&schema, &report), Vec::<String>::new());
    report
}

fn import(bed: &Bed, list: impl AsRef<[u8]>, name: &str) {
    bed.write("list", list);
    bed.run(&["knowledge", "import", "list", "--known-good", name])
        .expect(0, &[]);
}

#[test]
fn a_file_on_a_list_is_benign_and_the_list_is_named() {
    for (list, by_sha1) in [(SHA1, true), (SHA256, false)] {
        let bed = Bed::new(&format!("known-good-{by_sha1}"));
        bed.write("a.txt", "abc");
        bed.write("b.txt", "abcd");
        let before = report(&bed, &["triage", "a.txt"]);
        assert_eq!(before["judgement"]["verdict"], "unknown");
        assert!(before["artifacts"][0].get("sha1").is_none());
        import(&bed, format!("{list}  abc\n"), "nsrl");
        let known = report(&bed, &["triage", "a.txt"]);
        assert_eq!(known["artifacts"][0]["known_good"], "nsrl");
        // Nothing is hashed that nobody needs.
        assert_eq!(known["artifacts"][0].get("sha1").is_some(), by_sha1);
        assert!(known["artifacts"][0].get("md5").is_none());
        assert_eq!(known["judgement"]["verdict"], "benign");
        let reasons = known["judgement"]["reasons"].to_string();
        assert!(reasons.contains("known good by its digest (list nsrl)"), "{reasons}");
        assert!(
            known["data"].to_string().contains("files known good"),
            "{}",
            known["data"]
        );
        let other = report(&bed, &["triage", "a.txt", "b.txt"]);
        assert_eq!(other["judgement"]["verdict"], "unknown");
        let screen = bed.run(&["triage", "a.txt", "b.txt"]).stdout;
        assert!(screen.contains("known good: nsrl"), "{screen}");
    }
}

#[test]
fn a_filter_never_makes_benign() {
    let bed = Bed::new("known-filter");
    bed.write("a.txt", "known one");
    import(&bed, filter(), "hashlookup");
    let known = report(&bed, &["triage", "a.txt"]);
    let artifact = &known["artifacts"][0];
    assert_eq!(artifact["probably_known"], "hashlookup");
    assert!(artifact.get("known_good").is_none());
    assert_eq!(known["judgement"]["verdict"], "unknown");
    bed.write("b.txt", "other");
    let screen = bed.run(&["triage", "a.txt", "b.txt"]).stdout;
    assert!(screen.contains("probably known: hashlookup"), "{screen}");
    // A list that is certain comes first.
    let sha1 = artifact["sha1"].as_str().unwrap();
    import(&bed, sha1, "z-list");
    assert_eq!(
        report(&bed, &["triage", "a.txt"])["artifacts"][0]["known_good"],
        "z-list"
    );
}

#[test]
fn an_empty_file_is_never_known() {
    let bed = Bed::new("known-empty");
    bed.write("empty", "");
    let empty = "da39a3ee5e6b4b0d3255bfef95601890afd80709";
    import(&bed, format!("{empty}\n{SHA1}\n"), "nsrl");
    let known = report(&bed, &["triage", "empty"]);
    assert!(known["artifacts"][0].get("known_good").is_none(), "{known:#}");
    assert_ne!(known["judgement"]["verdict"], "benign");
}

#[test]
fn a_list_replaces_the_one_of_its_name_and_can_be_taken_back() {
    let bed = Bed::new("known-replaced");
    bed.write("a.txt", "abc");
    let known = |bed: &Bed| {
        report(bed, &["triage", "a.txt"])["artifacts"][0]
            .get("known_good")
            .is_some()
    };
    import(&bed, SHA1, "ours");
    assert!(known(&bed));
    import(&bed, SHA1.replace('a', "b"), "ours");
    assert!(!known(&bed));
    let status = bed.run(&["knowledge", "status"]);
    let status = status
        .expect(0, &[])
        .stdout
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    assert!(status.contains("known-good-ours"), "{status}");
    bed.run(&["knowledge", "rollback"]).expect(0, &[]);
    assert!(known(&bed));
}

#[test]
fn what_is_no_list_is_refused_and_says_why() {
    let bed = Bed::new("known-refused");
    bed.write("md5", format!("{MD5}  abc\n"));
    bed.write("page", "<!doctype html><html></html>");
    let mut lying = filter();
    lying[32..40].copy_from_slice(&(1_u64 << 36).to_le_bytes());
    bed.write("filter", lying);
    for (file, why) in [
        ("md5", "it has MD5 alone"),
        ("page", "this is a web page"),
        ("filter", "it has fewer bits than it says"),
    ] {
        let ran = bed.run(&["knowledge", "import", file, "--known-good", "x"]);
        assert_eq!(ran.code, 2, "{ran:#?}");
        assert!(ran.stderr.contains(why) && ran.stderr.contains("\nhint: "), "{ran:#?}");
    }
    let ran = bed.run(&["knowledge", "import", "md5", "--known-good", "../x"]);
    assert_eq!(ran.code, 2, "{ran:#?}");
    assert!(ran.stderr.contains("is not a name"), "{ran:#?}");
    // Nothing was left behind, and nothing is known.
    let status = bed.run(&["knowledge", "status"]).stdout;
    assert!(!status.contains("known-good-"), "{status}");
}

#[test]
fn a_list_that_was_damaged_afterwards_is_said_and_knows_nothing() {
    let bed = Bed::new("known-damaged");
    bed.write("a.txt", "abc");
    import(&bed, SHA1, "nsrl");
    let data = bed.run(&["knowledge", "status"]);
    data.expect(0, &[]);
    let mut folders = vec![bed.folder.join("home")];
    let mut damaged = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if entry.file_name().to_string_lossy().starts_with("known-good-") {
                std::fs::write(path, "nothing of the kind").unwrap();
                damaged += 1;
            }
        }
    }
    assert_eq!(damaged, 1);
    let known = report(&bed, &["triage", "a.txt"]);
    assert!(known["artifacts"][0].get("known_good").is_none());
    assert!(
        known["diagnostics"].to_string().contains("knowledge-unreadable"),
        "{}",
        known["diagnostics"]
    );
}

#[test]
fn a_feed_with_any_digest_meets_a_file() {
    for digest in [MD5, SHA1, SHA256] {
        let bed = Bed::new(&format!("known-bad-{}", digest.len()));
        bed.write("a.bin", "abc");
        bed.write("feed.txt", format!("{digest}\n"));
        bed.run(&["feeds", "import", "-q", "feed.txt"]).expect(0, &[]);
        let found = report(&bed, &["triage", "a.bin"]);
        let finding = &found["findings"][0];
        assert_eq!(finding["rule"], "indicator-sighted", "{digest}: {found:#}");
        assert_eq!(finding["evidence"][0]["excerpt"], digest);
        assert_eq!(found["findings"].as_array().unwrap().len(), 1);
        // A list of harmless files takes nothing back.
        import(&bed, SHA1, "nsrl");
        assert_eq!(
            report(&bed, &["triage", "a.bin"])["judgement"]["verdict"],
            found["judgement"]["verdict"]
        );
        assert_ne!(found["judgement"]["verdict"], "benign");
    }
}

#[test]
fn a_feed_with_any_digest_meets_what_a_mail_carries() {
    let bed = Bed::new("known-bad-mail");
    let mail = "From: a@corp.example\nTo: b@corp.example\nSubject: x\nMIME-Version: 1.0\n\
        Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nhello\n--b\n\
        Content-Type: application/octet-stream\nContent-Disposition: attachment; filename=a.bin\n\
        Content-Transfer-Encoding: base64\n\nYWJj\n--b--\n";
    bed.write("m.eml", mail);
    bed.write("feed.txt", format!("{MD5}\n"));
    bed.run(&["feeds", "import", "-q", "feed.txt"]).expect(0, &[]);
    let found = report(&bed, &["mail", "m.eml"]);
    let rules: Vec<&Value> = found["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| &finding["rule"])
        .collect();
    assert!(rules.contains(&&Value::from("indicator-sighted")), "{rules:?}");
}

#[test]
fn a_file_that_is_read_as_it_comes_is_known_too() {
    let bed = Bed::new("known-stream");
    // Larger than what is read whole.
    let line = "nothing to see in this line of a long log\n";
    bed.write("large.log", line.repeat((25 << 20) / line.len() + 1));
    import(&bed, SHA1, "nsrl");
    let first = report(&bed, &["triage", "large.log"]);
    let sha1 = first["artifacts"][0]["sha1"].as_str().unwrap().to_owned();
    assert!(first["artifacts"][0].get("known_good").is_none());
    import(&bed, sha1, "nsrl");
    assert_eq!(
        report(&bed, &["triage", "large.log"])["artifacts"][0]["known_good"],
        "nsrl"
    );
}

/// Verdict and what is said of a digest.
#[track_caller]
fn checked(bed: &Bed, digest: &str) -> (String, String) {
    let report = report(bed, &["check", digest]);
    let judgement = &report["reputations"][0]["judgement"];
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&judgement["verdict"]), text(&judgement["summary"]))
}

#[test]
fn a_digest_that_is_checked_is_looked_up_in_the_lists() {
    let bed = Bed::new("known-good-check");
    assert_eq!(checked(&bed, SHA256).0, "unknown");
    import(&bed, format!("{SHA256}\n{EMPTY}\n"), "ours");
    bed.write("list2", format!("{SHA1}\n"));
    bed.run(&["knowledge", "import", "list2", "--known-good", "nsrl"])
        .expect(0, &[]);
    for (digest, list) in [(SHA256, "ours"), (SHA1, "nsrl")] {
        let (verdict, summary) = checked(&bed, digest);
        assert_eq!(verdict, "benign", "{summary}");
        assert!(summary.contains(&format!("listed as benign by {list}")), "{summary}");
    }
    // What lists empty files is embedded; the user's own lists are not asked.
    assert!(!checked(&bed, EMPTY).1.contains("ours"));
    for other in [&SHA256.replace('a', "b"), "900150983cd24fb0d6963f7d28e17f72"] {
        assert_eq!(checked(&bed, other).0, "unknown", "{other}");
    }
    // Values that are alike share an answer: one that is listed is like no other.
    let other = SHA256.replace('a', "b");
    let many = format!("{other}\n{SHA256}\n").repeat(200);
    let ran = bed.pipe(&["check", "-", "-q", "--format", "csv"], many.as_bytes());
    assert_eq!(ran.stdout.matches(",benign,").count(), 200, "{}", ran.stdout);
}

#[test]
fn whoever_accuses_a_file_outweighs_the_lists() {
    let bed = Bed::new("known-good-check-bad");
    import(&bed, format!("{SHA256}\n"), "ours");
    bed.write("bad.csv", format!("sha256,threat\n{SHA256},Emotet\n"));
    bed.run(&[
        "feeds",
        "import",
        "-q",
        "bad.csv",
        "--grade",
        "A",
        "--columns",
        "value=sha256,threat=threat",
    ])
    .expect(0, &[]);
    let (verdict, summary) = checked(&bed, SHA256);
    assert_eq!(verdict, "malicious", "{summary}");
    bed.run(&["check", SHA1, "--mark", "malicious", "--why", "seen in an attack"]);
    import(&bed, format!("{SHA1}\n"), "others");
    assert_eq!(checked(&bed, SHA1).0, "malicious");
}
