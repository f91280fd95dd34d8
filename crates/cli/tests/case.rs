//! `watchfire case` and `triage --case` as people meet them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test"
)]

mod common;

use common::schema::problems;
use common::{Bed, Ran};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use watchfire_testkit::archive::{Zip, unzip};

const PERSON: &str = "evelyn.zimmer@corp.example";

/// A mail that asks for money.
fn mail(link: &str) -> String {
    format!(
        "From: \"Payroll\" <pay@evil-pay.com>\r\nTo: \"Evelyn Zimmer\" <{PERSON}>\r\nSubject: Salary for {PERSON}\r\n\
         Date: Mon, 02 Nov 2026 08:00:00 +0000\r\nMessage-ID: <1@evil-pay.com>\r\nContent-Type: text/html\r\n\r\n\
         <a href=\"http://{link}/login?u={PERSON}\">https://corp.example/salary</a>\r\n"
    )
}

fn bed(name: &str) -> Bed {
    let bed = Bed::new(name);
    bed.write("first.eml", mail("evil-pay.com"));
    bed
}

fn json(bed: &Bed, arguments: &[&str]) -> Value {
    let ran = bed.run(arguments);
    assert_eq!(ran.code, 0, "{ran:#?}");
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stdout))
}

fn fits(bed: &Bed, name: &str, value: &Value) {
    let schema = json(bed, &["schema", name]);
    assert_eq!(problems(&schema, value), Vec::<String>::new());
}

fn done(ran: &Ran) {
    assert_eq!(ran.code, 0, "{ran:#?}");
}

fn triage(bed: &Bed, path: &str, case: &str, more: &[&str]) -> Ran {
    let ran = bed.run(&[&["triage", path, "--case", case, "-o", "report.txt"], more].concat());
    done(&ran);
    ran
}

#[test]
fn nothing_is_made_by_looking() {
    let bed = Bed::new("case-none");
    let ran = bed.run(&["case", "list"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, " no case here\n"), "{ran:#?}");
    bed.run(&["case", "show", "x"])
        .expect(2, &["error: there is no case yet"]);
    fits(&bed, "cases", &json(&bed, &["case", "list", "-f", "json"]));
    fits(&bed, "case-metrics", &json(&bed, &["case", "metrics", "-f", "json"]));
    assert_eq!(fs::read_dir(bed.folder.join("home")).unwrap().count(), 0);
}

#[test]
fn triage_opens_and_extends_a_case() {
    let bed = bed("case-triage");
    let ran = triage(&bed, "first.eml", "Payroll", &[]);
    assert!(
        ran.stderr.contains("case WF-") && ran.stderr.contains("'Payroll', opened: 2 new artifacts"),
        "{ran:#?}"
    );
    let ran = triage(&bed, "first.eml", "payroll", &[]);
    assert!(ran.stderr.contains("'Payroll', new: nothing new"), "{ran:#?}");
    bed.write("second.eml", mail("other-pay.com"));
    triage(&bed, "second.eml", "1", &["--keep-files"]);
    let sheet = json(&bed, &["case", "show", "Payroll", "-f", "json"]);
    fits(&bed, "case", &sheet);
    assert_eq!(
        (&sheet["artifacts"], &sheet["kept"], &sheet["reports"]),
        (&4.into(), &1.into(), &2.into())
    );
    assert_eq!(
        (sheet["type"].as_str(), sheet["occurred"].as_str()),
        (Some("mail"), Some("2026-11-02T08:00:00Z"))
    );
    bed.run(&["triage", "first.eml", "--case", "a\u{1b}b"]).expect(
        2,
        &["error: --case: 'a\\u{1b}b' is not a name: 1 to 80 letters, digits, spaces and . _ - # + @ : /"],
    );
}

#[test]
fn people_work_on_a_case() {
    let bed = bed("case-work");
    triage(&bed, "first.eml", "c", &[]);
    let act = |arguments: &[&str]| done(&bed.run(&[&["case"], arguments].concat()));
    act(&["acknowledge", "c"]);
    act(&["assign", "c", "ana"]);
    act(&["note", "c", "see http://evil-pay.com/x\u{1b}[31m"]);
    done(&bed.pipe(&["case", "note", "c", "-"], b"=cmd|'/c calc'!A1\nsecond line"));
    act(&["task", "c", "add", "call the bank"]);
    act(&["task", "c", "done", "1"]);
    act(&["tag", "c", "BEC", "urgent"]);
    act(&["tag", "c", "-urgent"]);
    act(&[
        "set",
        "c",
        "--severity",
        "high",
        "--tlp",
        "amber",
        "--type",
        "phishing",
        "--title",
        "Salary fraud",
    ]);
    act(&["times", "c", "--occurred", "2026-11-01"]);
    act(&["contain", "c"]);
    act(&["resolve", "c", "--resolution", "true-positive", "--why", "blocked"]);
    bed.run(&["case", "contain", "c"]).expect(2, &[]);
    bed.run(&["case", "resolve", "c", "--resolution", "true-postive", "--why", "x"])
        .expect(
            2,
            &[
                "error: unknown resolution 'true-postive'",
                "hint: did you mean 'true-positive'?",
            ],
        );
    bed.run(&["case", "note", "d", "x"])
        .expect(2, &["error: there is no case 'd'"]);

    let sheet = json(&bed, &["case", "show", "c", "-f", "json"]);
    fits(&bed, "case", &sheet);
    for (field, expected) in [
        ("status", "resolved"),
        ("resolution", "true-positive"),
        ("assignee", "ana"),
        ("severity", "high"),
        ("type", "phishing"),
        ("tlp", "TLP:AMBER"),
        ("title", "Salary fraud"),
        ("occurred", "2026-11-01T00:00:00Z"),
    ] {
        assert_eq!(sheet[field], expected, "{field}");
    }
    assert_eq!(sheet["tags"], serde_json::json!(["bec"]));
    let screen = bed.wide(&["case", "show", "c"]).stdout;
    assert!(screen.contains("see hxxp://evil-pay[.]com/x\\u{1b}[31m"), "{screen}");
    assert!(
        !screen.contains('\u{1b}') && !screen.contains("http://evil"),
        "{screen}"
    );
    let csv = bed.run(&["case", "show", "c", "-f", "csv"]).stdout;
    assert!(csv.contains("'=cmd|"), "{csv}");
    let lines = bed.run(&["case", "show", "c", "-f", "ndjson"]).json_lines();
    assert!(lines.iter().all(|line| line["schema"] == "watchfire.case/1"));

    assert!(bed.run(&["case", "list"]).stdout.contains("+1 resolved (--all)"));
    for (more, count) in [
        (&["--all"][..], 1),
        (&["--status", "resolved"], 1),
        (&["--all", "--assignee", "ANA"], 1),
        (&["--all", "--assignee", "bob"], 0),
        (&["--all", "--tag", "bec"], 1),
        (&["--all", "--tag", "urgent"], 0),
    ] {
        let list = json(&bed, &[&["case", "list", "-f", "json"], more].concat());
        fits(&bed, "cases", &list);
        assert_eq!(list["cases"].as_array().unwrap().len(), count, "{more:?}");
    }
    done(&bed.run(&["case", "reopen", "c"]));
    assert!(bed.run(&["store", "check"]).stdout.contains("cases       1\n"));
}

#[test]
fn cases_are_linked_by_what_both_hold() {
    let bed = bed("case-linked");
    triage(&bed, "first.eml", "one", &[]);
    bed.write("second.eml", mail("evil-pay.com").replace("Salary", "Bonus"));
    let ran = triage(&bed, "second.eml", "two", &[]);
    assert!(ran.stderr.contains("linked with one ("), "{ran:#?}");
    let sheet = json(&bed, &["case", "show", "two", "-f", "json"]);
    let shared = sheet["links"][0]["shared"].as_array().unwrap();
    let values: Vec<&str> = shared.iter().map(|one| one["value"].as_str().unwrap()).collect();
    assert!(values.contains(&"evil-pay.com"), "{values:?}");
    assert!(
        !values.contains(&PERSON) && !values.contains(&"corp.example"),
        "{values:?}"
    );
    assert!(
        bed.wide(&["case", "show", "two"])
            .stdout
            .contains("domain evil-pay[.]com")
    );
    done(&bed.run(&["case", "merge", "one", "--into", "two"]));
    let sheet = json(&bed, &["case", "show", "one", "-f", "json"]);
    assert_eq!(
        (sheet["merged_into"].as_str(), sheet["resolution"].as_str()),
        (Some("two"), Some("duplicate"))
    );
    done(&bed.run(&["case", "split", "two", "--artifact", "first.eml", "--to", "three"]));
    let three = json(&bed, &["case", "show", "three", "-f", "json"]);
    assert_eq!(three["artifacts"], 1);
    let paths: Vec<&str> = three["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["path"].as_str().unwrap())
        .collect();
    assert!(paths.iter().all(|path| path.contains("first.eml")), "{paths:?}");
}

#[test]
fn times_make_metrics() {
    let bed = bed("case-metrics");
    triage(&bed, "first.eml", "c", &[]);
    bed.write("note.txt", "nothing here");
    triage(&bed, "note.txt", "d", &[]);
    let times = [
        "case",
        "times",
        "c",
        "--detected",
        "2026-11-02T09:00:00Z",
        "--acknowledged",
        "2026-11-02T09:10:00Z",
        "--contained",
        "2026-11-02T10:00:00Z",
    ];
    done(&bed.run(&times));
    done(&bed.run(&["case", "resolve", "c", "--resolution", "test", "--why", "x"]));
    done(&bed.run(&["case", "times", "c", "--resolved", "2026-11-03T09:00:00Z"]));
    let measured = json(&bed, &["case", "metrics", "--by", "type", "-f", "json"]);
    fits(&bed, "case-metrics", &measured);
    let group = |name: &str| {
        let groups = measured["groups"].as_array().unwrap();
        groups.iter().find(|group| group["group"] == name).unwrap().clone()
    };
    let mail = group("mail");
    for (measure, seconds) in [
        ("detect", 3600),
        ("acknowledge", 600),
        ("contain", 3600),
        ("resolve", 86_400),
    ] {
        assert_eq!(mail[measure]["median"], seconds, "{measure}");
    }
    let file = group("file");
    assert_eq!(
        (&file["detect"]["lacking"], &file["detect"]["mean"]),
        (&1.into(), &Value::Null)
    );
    for by in ["month", "week", "severity"] {
        done(&bed.run(&["case", "metrics", "--by", by]));
    }
    assert!(
        bed.run(&["case", "metrics", "-f", "csv"])
            .stdout
            .starts_with("by,group,cases,open,measure")
    );
    assert!(bed.run(&["case", "metrics", "--by", "day"]).code == 2);
}

/// A case with a note and a kept file, exported.
fn exported(bed: &Bed) -> PathBuf {
    triage(bed, "first.eml", "c", &["--keep-files"]);
    done(&bed.run(&["case", "note", "c", "asked Evelyn Zimmer, she clicked"]));
    let ran = bed.run(&["case", "export", "c", "-o", "c.zip"]);
    assert!(
        ran.stderr.contains("1 file of them kept (password 'infected')"),
        "{ran:#?}"
    );
    bed.folder.join("in/c.zip")
}

#[test]
fn a_case_goes_to_another_watchfire_and_comes_out_the_same() {
    let bed = bed("case-export");
    let file = exported(&bed);
    done(&bed.run(&["case", "export", "c", "-o", "again.zip"]));
    let bytes = fs::read(&file).unwrap();
    assert!(fs::read(bed.folder.join("in/again.zip")).unwrap() == bytes);
    let there = |arguments: &[&str]| bed.run(&[&["--data-dir", "there"], arguments].concat());
    let ran = there(&["case", "import", "c.zip"]);
    assert!(ran.code == 0 && ran.stderr.contains("'c' is here now"), "{ran:#?}");
    done(&there(&["case", "export", "c", "-o", "back.zip"]));
    assert!(fs::read(bed.folder.join("in/back.zip")).unwrap() == bytes);
    let ran = there(&["case", "import", "c.zip"]);
    assert!(ran.code == 0 && ran.stderr.contains("was here already"), "{ran:#?}");
    done(&there(&["case", "note", "c", "seen here"]));
    done(&there(&["case", "export", "c", "-o", "further.zip"]));
    let ran = bed.run(&["case", "import", "further.zip"]);
    assert!(
        ran.code == 0 && ran.stderr.contains("'c' goes on: 1 new event"),
        "{ran:#?}"
    );
    done(&bed.run(&["store", "check"]));
    done(&there(&["store", "check"]));
    // The kept file is the mail, and triage of the archive finds it behind its password.
    let listed = bed.run(&["triage", "c.zip", "-f", "json"]).stdout;
    assert!(listed.contains(".bin"), "{listed}");
}

#[track_caller]
fn refused(bed: &Bed, name: &str, bytes: &[u8], why: &str) {
    bed.write(name, bytes);
    let ran = bed.run(&["--data-dir", "hostile", "case", "import", name]);
    assert_eq!(ran.code, 2, "{name}: {ran:#?}");
    assert!(
        ran.stderr.contains(&format!("cannot import '{name}'")) && ran.stderr.contains(why),
        "{name}: {ran:#?}"
    );
    let list = bed.run(&["--data-dir", "hostile", "case", "list", "--all"]);
    assert_eq!(list.stdout, " no case here\n", "{name}");
}

fn sha256(bytes: &[u8]) -> String {
    watchfire::model::ArtifactId::of(bytes).to_string()
}

/// An archive with a manifest that names all members.
fn archive(members: &[(&str, &[u8])]) -> Vec<u8> {
    let list: Vec<Value> = members
        .iter()
        .map(|(name, content)| serde_json::json!({"name": name, "size": content.len(), "sha256": sha256(content)}))
        .collect();
    let manifest = serde_json::json!({"schema": "watchfire.case-archive/1", "members": list}).to_string();
    let zip = Zip::new().file("manifest.json", manifest.as_bytes());
    members
        .iter()
        .fold(zip, |zip, (name, content)| zip.file(name, content))
        .build()
}

#[test]
fn hostile_archives_are_refused_whole() {
    let bed = bed("case-hostile");
    let bytes = fs::read(exported(&bed)).unwrap();
    for cut in [
        0,
        1,
        30,
        bytes.len() / 4,
        bytes.len() / 2,
        bytes.len() * 3 / 4,
        bytes.len() - 23,
        bytes.len() - 1,
    ] {
        refused(&bed, "cut.zip", &bytes[..cut], "");
    }
    let mut flipped = bytes.clone();
    for at in (40..bytes.len() - 40).step_by(bytes.len() / 25) {
        flipped[at] ^= 0x20;
        bed.write("flipped.zip", &flipped);
        let there = |arguments: &[&str]| bed.run(&[&["--data-dir", &format!("flipped-{at}")], arguments].concat());
        let ran = there(&["case", "import", "flipped.zip"]);
        if ran.code == 0 {
            // What says nothing of the content, such as the date of a member.
            done(&there(&["case", "export", "c", "-o", "taken.zip"]));
            assert!(fs::read(bed.folder.join("in/taken.zip")).unwrap() == bytes, "{at}");
        } else {
            assert_eq!(there(&["case", "list", "--all"]).stdout, " no case here\n", "{at}");
        }
        flipped[at] ^= 0x20;
    }
}

#[test]
fn archives_that_somebody_made_up_are_refused_whole() {
    let bed = bed("case-made-up");
    refused(&bed, "text.zip", b"not a zip at all", "it is damaged");
    refused(
        &bed,
        "slip.zip",
        &archive(&[("../../evil", b"x")]),
        "is no member of an export of a case",
    );
    refused(
        &bed,
        "root.zip",
        &archive(&[("/etc/passwd", b"x")]),
        "is no member of an export of a case",
    );
    refused(
        &bed,
        "files.zip",
        &archive(&[("files/../../x.zip", b"x")]),
        "is no member of an export of a case",
    );
    refused(&bed, "bare.zip", &archive(&[]), "it has no 'case.json'");
    refused(
        &bed,
        "other.zip",
        &archive(&[("case.json", b"{}"), ("events.json", b"{}")]),
        "no document of a case",
    );
    let manifest = format!(
        "{{\"schema\":\"watchfire.case-archive/1\",\"members\":[{{\"name\":\"case.json\",\"size\":2,\"sha256\":\"{}\"}}]}}",
        sha256(b"[]")
    );
    let wrong = Zip::new()
        .file("manifest.json", manifest.as_bytes())
        .file("case.json", b"{}");
    refused(&bed, "wrong.zip", &wrong.build(), "is not what the manifest says");
    let hidden = Zip::new()
        .file(
            "manifest.json",
            b"{\"schema\":\"watchfire.case-archive/1\",\"members\":[]}",
        )
        .file("more.txt", b"x");
    refused(
        &bed,
        "hidden.zip",
        &hidden.build(),
        "members that the manifest does not name",
    );
    refused(
        &bed,
        "bomb.zip",
        &archive(&[("case.json", &vec![b' '; 200 << 20])]),
        "unpacks to more than",
    );
    let later = b"{\"schema\":\"watchfire.case-archive/9\"}";
    refused(
        &bed,
        "later.zip",
        &archive(&[("case.json", later), ("events.json", later)]),
        "this Watchfire reads",
    );
}

fn holds(path: &Path, what: &str) -> bool {
    let bytes = fs::read(path).unwrap_or_default();
    bytes
        .windows(what.len())
        .any(|window| window.eq_ignore_ascii_case(what.as_bytes()))
}

/// Unpacks an export, and looks in each of its members.
fn archive_holds(bed: &Bed, name: &str, what: &str) -> bool {
    let bytes = fs::read(bed.folder.join("in").join(name)).unwrap();
    let has = |content: &[u8]| {
        content
            .windows(what.len())
            .any(|window| window.eq_ignore_ascii_case(what.as_bytes()))
    };
    let members = unzip(&bytes);
    assert!(members.len() > 3, "{name}");
    members.iter().any(|(_, content)| has(content))
}

#[test]
fn a_person_is_erased_from_the_file_and_from_exports() {
    let bed = bed("case-person");
    exported(&bed);
    assert!(archive_holds(&bed, "c.zip", PERSON) && archive_holds(&bed, "c.zip", "Evelyn Zimmer"));
    let ran = bed.run(&["case", "purge", "--person", PERSON]);
    assert!(ran.code == 0 && ran.stderr.contains("erased from 1 case"), "{ran:#?}");
    assert!(!ran.stderr.contains("warning"), "{ran:#?}");
    let folder = bed.folder.join("home/.local/share/watchfire");
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        assert!(
            !holds(&path, PERSON) && !holds(&path, "Evelyn Zimmer"),
            "{}",
            path.display()
        );
    }
    done(&bed.run(&["case", "export", "c", "-o", "erased.zip"]));
    for trace in [PERSON, "evelyn", "zimmer"] {
        assert!(!archive_holds(&bed, "erased.zip", trace), "{trace}");
    }
    let sheet = bed.wide(&["case", "show", "c"]).stdout;
    assert!(sheet.contains("asked [erased], she clicked"), "{sheet}");
    done(&bed.run(&["store", "check"]));
    done(&bed.run(&["--data-dir", "there", "case", "import", "erased.zip"]));
    done(&bed.run(&["--data-dir", "there", "store", "check"]));
    bed.run(&["case", "purge", "--person", "nobody"]).expect(2, &[]);
}

#[test]
fn a_redacted_export_names_nobody() {
    let bed = bed("case-redact");
    bed.write("watchfire.toml", "[organisation]\ndomains = [\"corp.example\"]\n");
    bed.write(
        "auth.log",
        "Nov  2 08:00:00 pc12.corp.example sshd[1]: Failed password for root from 10.1.2.3 port 22 ssh2\n",
    );
    let run = |arguments: &[&str]| bed.run(&[&["--config", "watchfire.toml"], arguments].concat());
    done(&run(&[
        "triage",
        "first.eml",
        "auth.log",
        "--case",
        "c",
        "--keep-files",
        "-o",
        "report.txt",
    ]));
    done(&run(&[
        "case",
        "note",
        "c",
        "Evelyn Zimmer sits at pc12.corp.example, 10.1.2.3, C:\\Users\\ezimmer\\x",
    ]));
    done(&run(&["case", "export", "c", "-o", "c.zip", "--redact"]));
    for trace in ["evelyn", "zimmer", "corp.example", "pc12", "10.1.2.3"] {
        assert!(!archive_holds(&bed, "c.zip", trace), "{trace}");
    }
    assert!(archive_holds(&bed, "c.zip", "evil-pay.com"));
    done(&bed.run(&["--data-dir", "there", "case", "import", "c.zip"]));
    done(&bed.run(&["--data-dir", "there", "store", "check"]));
    let sheet = bed.run(&["--data-dir", "there", "case", "show", "1"]);
    done(&sheet);
}

#[test]
fn cases_are_purged() {
    let bed = bed("case-purge");
    triage(&bed, "first.eml", "c", &[]);
    done(&bed.run(&["case", "resolve", "c", "--resolution", "other", "--why", "x"]));
    let ran = bed.run(&["case", "purge", "--older-than", "30"]);
    assert!(
        ran.stderr.contains("no case was resolved more than 30 days ago"),
        "{ran:#?}"
    );
    done(&bed.run(&["case", "times", "c", "--resolved", "2020-01-01"]));
    let ran = bed.run(&["case", "purge", "--older-than", "30"]);
    assert!(ran.stderr.contains("1 case purged: 'c'"), "{ran:#?}");
    triage(&bed, "first.eml", "d", &[]);
    done(&bed.run(&["case", "purge", "d"]));
    assert!(!holds(
        &bed.folder.join("home/.local/share/watchfire/watchfire.db"),
        "evil-pay.com"
    ));
    assert!(bed.run(&["store", "check"]).stdout.contains("cases       0\n"));
}
