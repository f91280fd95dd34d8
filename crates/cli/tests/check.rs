//! `watchfire check` and `watchfire feeds` as a person meets them, without a network.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod common;

use common::Bed;
use common::schema::problems;

/// A bed with two feeds: a curated one with a fresh and a stale entry, and a plain list that contradicts nothing.
fn bed(name: &str) -> Bed {
    let bed = Bed::new(name);
    let table = "first_seen,ip,malware\n2026-11-19 12:00:00,45.133.1.20,Emotet\n2026-01-01,45.133.1.21,QakBot\n";
    bed.write("botnet.csv", table);
    bed.write("c2.txt", "# servers\n45.133.1.20\n45.133.0.0/16\nevil-c2.com\n");
    bed.run(&[
        "feeds",
        "import",
        "-q",
        "botnet.csv",
        "--grade",
        "A",
        "--columns",
        "value=ip,first_seen=first_seen,threat=malware",
    ])
    .expect(0, &[]);
    bed.run(&["feeds", "import", "-q", "c2.txt", "--grade", "C"])
        .expect(0, &[]);
    bed
}

/// Value, verdict and score, if that is what a record is about.
fn judged(record: &serde_json::Value) -> Option<(&str, &str, u64)> {
    let judgement = &record["judgement"];
    (record["record"] == "enrichment").then(|| {
        (
            record["value"].as_str().unwrap(),
            judgement["verdict"].as_str().unwrap(),
            judgement["score"].as_u64().unwrap(),
        )
    })
}

/// Verdict and score of each value, in the order of the lines.
#[track_caller]
fn check(bed: &Bed, arguments: &[&str], input: &str, expected: &[(&str, &str, u64)]) {
    let all = [&["check", "-q", "-f", "ndjson", "--as-of", "2026-11-22"], arguments].concat();
    let ran = bed.pipe(&all, input.as_bytes());
    let lines = ran.json_lines();
    let found: Vec<(&str, &str, u64)> = lines.iter().filter_map(judged).collect();
    assert_eq!(found, expected, "{ran:#?}");
}

#[test]
fn feeds_are_weighed_by_grade_age_and_group() {
    let bed = bed("check-weighed");
    check(
        &bed,
        &[
            "45.133.1.20",
            "45[.]133.1.21",
            "45.133.9.9",
            "evil-c2.com",
            "8.8.8.8",
            "203.0.113.7",
        ],
        "",
        &[
            ("45.133.1.20", "malicious", 77),
            ("45.133.1.21", "suspicious", 40),
            ("45.133.9.9", "suspicious", 40),
            ("evil-c2.com", "suspicious", 40),
            ("8.8.8.8", "benign", 0),
            ("203.0.113.7", "unknown", 0),
        ],
    );
}

#[test]
fn a_public_resolver_is_known_without_a_network() {
    let ran = Bed::new("check-resolver").run(&["check", "--offline", "--as-of", "2026-11-22", "8.8.8.8"]);
    ran.expect(0, &[]);
    for part in [
        "8[.]8[.]8[.]8   ░ BENIGN",
        "known-good identifier: Well-known public DNS resolvers",
        "24 h ",
        "US AS15169 Google LLC",
        "0 network calls",
        "no feed is loaded",
    ] {
        assert!(ran.stdout.contains(part), "{part}: {}", ran.stdout);
    }
}

#[test]
fn a_stream_keeps_its_order_with_any_number_of_threads() {
    let bed = bed("check-stream");
    let mut input = String::new();
    for n in 0..3000u32 {
        let address = std::net::Ipv4Addr::from(n.wrapping_mul(2_654_435_761));
        input.push_str(&format!("{address}\n\n# comment\n"));
    }
    input.push_str("not a value\n45.133.1.20\n");
    let run = |threads: &str, format: &str| {
        bed.pipe(
            &["check", "-", "-j", threads, "-f", format, "--as-of", "2026-11-22"],
            input.as_bytes(),
        )
    };
    for format in ["csv", "json", "ndjson", "text"] {
        let (one, three) = (run("1", format), run("3", format));
        assert_eq!(one.stdout, three.stdout, "{format}");
        assert_eq!((one.code, three.code), (3, 3), "{format}");
    }
    let csv = run("2", "csv").stdout;
    let firsts: Vec<&str> = csv
        .lines()
        .skip(1)
        .map(|line| line.split(',').next().unwrap())
        .collect();
    let given: Vec<&str> = input
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    assert_eq!(firsts, given);
}

#[test]
fn what_is_no_observable_is_said_and_the_rest_is_done() {
    let bed = Bed::new("check-bad");
    let ran = bed.run(&["check", "-q", "-f", "csv", "bla", "1.1.1.1"]);
    ran.expect(3, &[]);
    assert_eq!(ran.stdout.lines().count(), 3);
    assert!(ran.stderr.contains("cannot check 'bla'"), "{ran:?}");
    bed.run(&["check", "bla"]).expect(2, &[]);
    bed.pipe(&["check", "-"], b"\n# nothing\n")
        .expect(2, &["error: there is nothing to check"]);
    bed.run(&["check", "--fail-on", "malicious", "1.1.1.1"]).expect(0, &[]);
    let hostile = bed.pipe(&["check", "-", "-f", "csv"], b"=1+1\x1b[2J\n\xff\xfe\n");
    hostile.expect(2, &[]);
    assert!(!hostile.stdout.contains('\u{1b}') && !hostile.stderr.contains('\u{1b}'));
}

#[test]
fn documents_fit_their_schemas() {
    let bed = bed("check-schema");
    let values = ["45.133.1.20", "8.8.8.8", "hxxps://evil-c2[.]com/a", "nonsense"];
    let schema =
        |name: &str| -> serde_json::Value { serde_json::from_str(&bed.run(&["schema", name]).stdout).unwrap() };
    let run = |format: &str| bed.run(&[&["check", "-q", "-f", format][..], &values].concat());
    let report: serde_json::Value = serde_json::from_str(&run("json").stdout).unwrap();
    assert_eq!(problems(&schema("report"), &report), Vec::<String>::new());
    assert_eq!(report["reputations"].as_array().unwrap().len(), 3);
    assert_eq!(report["judgement"]["verdict"], "malicious");
    let record = schema("record");
    for line in run("ndjson").json_lines() {
        assert_eq!(problems(&record, &line), Vec::<String>::new(), "{line}");
    }
}

#[test]
fn an_analyst_decides_and_takes_it_back() {
    let bed = bed("check-mark");
    let mark = [
        "check",
        "-q",
        "45.133.1.20",
        "--mark",
        "benign",
        "--why",
        "our honeypot",
    ];
    bed.run(&mark).expect(0, &[]);
    let verdict = |bed: &Bed| {
        let line = &bed.run(&["check", "-q", "-f", "ndjson", "45.133.1.20"]).json_lines()[0];
        line["judgement"]["verdict"].as_str().unwrap().to_owned()
    };
    assert_eq!(verdict(&bed), "benign");
    bed.run(&["check", "-q", "45.133.1.20", "--unmark", "--why", "it was not"])
        .expect(0, &[]);
    assert_eq!(verdict(&bed), "malicious");
    bed.run(&["check", "45.133.1.20", "--mark", "fine", "--why", "x"])
        .expect(2, &[]);
    bed.run(&["check", "45.133.1.20", "--mark", "benign", "--why", " "])
        .expect(2, &[]);
    bed.run(&["check", "x y", "--mark", "benign", "--why", "y"])
        .expect(2, &[]);
}

#[test]
fn a_decision_against_a_host_reaches_what_stands_on_it() {
    let bed = Bed::new("check-host");
    let decide = |value: &str, mark: &str| {
        bed.run(&["check", "-q", value, "--mark", mark, "--why", "c2"])
            .expect(0, &[]);
    };
    for (value, mark) in [
        ("9.9.9.8", "malicious"),
        ("evil-c2.com", "malicious"),
        ("http://evil-c2.com/ours", "benign"),
        ("good-site.com", "benign"),
    ] {
        decide(value, mark);
    }
    let expected = [
        ("http://9.9.9.8/x", "malicious"),
        ("9.9.9.8:443", "malicious"),
        ("http://u@evil-c2.com:8080/a?b", "malicious"),
        ("j.li@evil-c2.com", "malicious"),
        ("http://evil-c2.com/ours", "benign"),
        ("http://good-site.com/a", "unknown"),
        ("http://9.9.9.7/x", "unknown"),
        ("http://sub.evil-c2.com/", "unknown"),
    ];
    let check = |lines: &[serde_json::Value]| {
        let said = lines.iter().filter(|line| line["record"] == "enrichment");
        let found: Vec<(&str, &str)> = said
            .map(|line| {
                let verdict = line["judgement"]["verdict"].as_str().unwrap();
                (line["value"].as_str().unwrap(), verdict)
            })
            .filter(|(value, _)| !value.starts_with("http://x"))
            .collect();
        assert_eq!(found, expected);
    };
    let values: Vec<&str> = expected.iter().map(|(value, _)| *value).collect();
    let base = ["check", "-q", "-f", "ndjson", "-j", "2"];
    check(&bed.run(&[&base[..], &values].concat()).json_lines());
    // Few and many on a pipe, each twice, so that what is made once is there to be taken for others.
    for others in [0, 600] {
        let others: String = (0..others).map(|n| format!("http://x{n}.com/x\n")).collect();
        let text = format!("{others}{}\n", values.join("\n"));
        check(&bed.pipe(&[&base[..], &["-"]].concat(), text.as_bytes()).json_lines());
        let listed = bed.pipe(
            &["extract", "-q", "--check", "--no-parts", "-f", "ndjson", "-"],
            text.as_bytes(),
        );
        let verdict = |wanted: &str| {
            let line = listed.json_lines().into_iter().find(|line| line["value"] == wanted);
            line.map(|line| line["verdict"].as_str().unwrap_or("none").to_owned())
        };
        for (value, expected) in expected {
            let found = verdict(value).unwrap_or_else(|| panic!("{value} is not listed: {listed:#?}"));
            assert_eq!(found, expected, "{value}");
        }
    }
    let card = bed.run(&["check", "http://9.9.9.8/x"]).stdout;
    assert!(card.contains("(as 9[.]9[.]9[.]8)"), "{card}");
    assert!(!card.contains("/100"), "no score stands beside a decision: {card}");
}

#[test]
fn a_popular_name_is_not_malicious_by_the_word_of_one_feed() {
    let bed = Bed::new("check-popular");
    bed.write("names.txt", "google.com\nevil.blogspot.com\nevil-c2.com\n");
    bed.write("more.txt", "google.com\n");
    let import = |file: &str| {
        bed.run(&["feeds", "import", "-q", file, "--grade", "A"]).expect(0, &[]);
    };
    import("names.txt");
    let expected = |google: &'static str, score: u64| {
        [
            ("google.com", google, score),
            ("evil.blogspot.com", "malicious", 72),
            ("evil-c2.com", "malicious", 72),
        ]
    };
    let values = ["google.com", "evil.blogspot.com", "evil-c2.com"];
    let run = |expected: &[(&str, &str, u64)]| {
        let ran = bed.run(&[&["check", "-q", "-f", "ndjson"], &values[..]].concat());
        let lines = ran.json_lines();
        let found: Vec<(&str, &str, u64)> = lines.iter().filter_map(judged).collect();
        assert_eq!(found, expected, "{ran:#?}");
    };
    run(&expected("suspicious", 72));
    let screen = bed.run(&["check", "google.com"]).stdout;
    let screen = screen.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        screen.contains("but a popular name, and nobody else says so"),
        "{screen}"
    );
    import("more.txt");
    run(&expected("malicious", 92));
}

#[test]
fn whoever_decides_without_a_name_is_known_by_number() {
    let bed = Bed::new("check-nameless");
    bed.run(&["check", "-q", "9.9.9.8", "--mark", "malicious", "--why", "c2"])
        .expect(0, &[]);
    let said = bed.run(&["check", "-q", "-f", "ndjson", "9.9.9.8"]).stdout;
    assert!(said.contains("c2 (by uid "), "{said}");
}

#[test]
fn a_feed_that_cannot_be_read_leaves_the_old_one() {
    let bed = bed("feeds-bad");
    bed.write("page.txt", "<!DOCTYPE html><html><body>log in</body></html>");
    bed.write("half.csv", "ip\n45.133.1.30\nx\ny\nz\n");
    bed.write("empty.txt", "");
    for file in ["page.txt", "half.csv", "empty.txt", "missing.txt", "."] {
        let ran = bed.run(&["feeds", "import", "--name", "c2", file]);
        ran.expect(2, &[]);
        assert!(ran.stderr.starts_with("error: cannot"), "{file}: {ran:?}");
    }
    check(&bed, &["evil-c2.com"], "", &[("evil-c2.com", "suspicious", 40)]);
    bed.run(&["feeds", "update", "--offline"])
        .expect(2, &["hint: watchfire feeds import reads a file"]);
}

/// The verdict of a triage of `content`, and what it says of sightings.
#[track_caller]
fn triaged(bed: &Bed, name: &str, content: &str) -> (String, Vec<(String, f64)>) {
    bed.write(name, content);
    let ran = bed.run(&["triage", "-q", "-f", "json", "--as-of", "2026-11-22", name]);
    let report: serde_json::Value = serde_json::from_str(&ran.expect(0, &[]).stdout).unwrap();
    let schema: serde_json::Value = serde_json::from_str(&bed.run(&["schema", "report"]).stdout).unwrap();
    assert_eq!(problems(&schema, &report), Vec::<String>::new());
    let sighted = report["findings"].as_array().unwrap().iter();
    let sighted = sighted.filter(|finding| finding["rule"] == "indicator-sighted");
    let told = sighted.map(|finding| {
        let title = finding["title"].as_str().unwrap().to_owned();
        (title, finding["weight"].as_f64().unwrap())
    });
    (
        report["judgement"]["verdict"].as_str().unwrap().to_owned(),
        told.collect(),
    )
}

#[test]
fn a_triage_says_what_feeds_know_of_what_is_in_it() {
    let bed = bed("triage-sighted");
    let log = "Nov 21 10:00:00 fw kernel: ACCEPT SRC=10.0.0.5 DST=45.133.1.20 DPT=443\n";
    let (verdict, told) = triaged(&bed, "fw.log", log);
    assert_eq!(verdict, "suspicious");
    assert!(
        told[0].0.starts_with("45[.]133[.]1[.]20 is known (Emotet: "),
        "{told:?}"
    );
    assert_eq!(told[0].1, 0.6);
    // A report about it is not its work.
    let report = "Indicators of compromise\n\n45[.]133[.]1[.]20\nevil-c2[.]com\n";
    let (verdict, told) = triaged(&bed, "report.txt", report);
    assert_eq!(verdict, "unknown", "{told:?}");
    assert!(told.iter().all(|(_, weight)| *weight == 0.0), "{told:?}");
    // The file itself.
    let content = "echo harmless\n";
    let digest = {
        bed.write("sample.sh", content);
        let ran = bed.run(&["triage", "-q", "-f", "json", "sample.sh"]);
        let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        report["artifacts"][0]["sha256"].as_str().unwrap().to_owned()
    };
    bed.write("digests.txt", format!("{digest}\n"));
    bed.run(&["feeds", "import", "-q", "digests.txt", "--grade", "A"])
        .expect(0, &[]);
    let (verdict, told) = triaged(&bed, "sample.sh", content);
    assert_eq!(verdict, "malicious");
    assert!(told[0].0.starts_with("this file is known"), "{told:?}");
}

#[test]
fn a_feed_can_go_back_and_away() {
    let bed = bed("feeds-back");
    bed.write("c2.txt", "evil-c3.com\n");
    bed.run(&["feeds", "import", "-q", "c2.txt"]).expect(0, &[]);
    check(&bed, &["evil-c2.com"], "", &[("evil-c2.com", "unknown", 0)]);
    bed.run(&["feeds", "rollback", "-q", "c2"]).expect(0, &[]);
    check(&bed, &["evil-c2.com"], "", &[("evil-c2.com", "suspicious", 40)]);
    assert!(bed.run(&["feeds", "list"]).stdout.contains("c2 "));
    bed.run(&["feeds", "remove", "-q", "c2"]).expect(0, &[]);
    check(&bed, &["evil-c2.com"], "", &[("evil-c2.com", "unknown", 0)]);
    bed.run(&["feeds", "remove", "c2"])
        .expect(2, &["error: unknown feed 'c2'"]);
}

#[test]
fn a_damaged_set_is_said_and_the_others_are_asked() {
    let bed = bed("feeds-damaged");
    let folder = bed.folder.join("home/.local/share/watchfire/feeds");
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        if entry.file_name().to_string_lossy().starts_with("c2-") {
            std::fs::write(entry.path(), "garbage").unwrap();
        }
    }
    check(&bed, &["45.133.1.20"], "", &[("45.133.1.20", "malicious", 62)]);
    let ran = bed.run(&["check", "-f", "json", "45.133.1.20"]);
    assert!(ran.stdout.contains("feed 'c2' was not asked"), "{ran:?}");
    // A person sees it, too: one value and a listing end with the same line.
    let listed = bed.pipe(&["extract", "-q", "--check", "-"], b"45.133.1.20\n");
    for ran in [bed.run(&["check", "45.133.1.20"]), listed] {
        let screen = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        let (_, coverage) = screen.split_once("coverage: ").unwrap();
        for part in [
            "0 network calls",
            "1 feed with 2 indicators",
            "feed 'c2' was not asked",
            "22 providers not asked",
        ] {
            assert!(coverage.contains(part), "{part}: {coverage}");
        }
    }
}

#[test]
fn a_table_is_checked_by_one_of_its_columns() {
    let bed = bed("check-column");
    let table = "file;ip;note\r\n\"a;b.exe\";45.133.1.20;\"x\ny\"\nc;;\nd;evil-c2.com;\n";
    let expected = [("45.133.1.20", "malicious", 77), ("evil-c2.com", "suspicious", 40)];
    for column in ["ip", "IP", "2"] {
        check(&bed, &["-", "--column", column], table, &expected);
    }
    let ran = bed.pipe(&["check", "-", "--column", "md5"], table.as_bytes());
    ran.expect(2, &["hint: --column takes a name from the header, or a number from 1"]);
    assert!(ran.stderr.contains("no column 'md5' among file, ip, note"), "{ran:?}");
    bed.run(&["check", "evil-c2.com", "--column", "ip"]).expect(2, &[]);
    let cut = bed.pipe(
        &["check", "-", "--column", "ip"],
        b"file,ip\na,45.133.1.20\n\"b,9.9.9.8\n",
    );
    cut.expect(3, &[]);
    assert!(cut.stderr.contains("cannot read the table"), "{cut:?}");
    // What is missing is told in the report itself.
    assert!(cut.stdout.contains("coverage: 1 of 2 values checked"), "{cut:?}");
    assert!(cut.stdout.contains("a quote does not end"), "{cut:?}");
    let remark = bed.pipe(&["check", "-", "--column", "ip"], b"a,ip\nx,#9.9.9.7\ny,45.133.1.20\n");
    assert!(remark.stdout.contains("coverage: 1 of 2 values checked"), "{remark:?}");
    bed.pipe(&["check", "-", "--column", ""], b"a,ip\nx,9.9.9.8\n")
        .expect(2, &[]);
    // Whoever forgets it is told.
    let ran = bed.pipe(&["check", "-"], b"file,ip\na.exe,45.133.1.20\nb.exe,9.9.9.8\n");
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.stderr.contains("hint: is it a table? --column NAME"), "{ran:?}");
    let ran = bed.pipe(&["check", "-"], b"45.133.1.20\n9.9.9.8\na,b\n");
    assert!(!ran.stderr.contains("--column"), "{ran:?}");
    bed.write("list.py", table);
    let ran = bed.run(&["check", "list.py"]);
    assert!(ran.stderr.contains("'watchfire check - < list.py'"), "{ran:?}");
    bed.write("list.csv", table);
    let ran = bed.run(&["check", "list.csv"]);
    let hint = "'watchfire check - --column NAME < list.csv'";
    assert!(ran.stderr.contains(hint), "{ran:?}");
}

#[test]
fn what_was_met_is_remembered_where_that_was_asked_for() {
    let bed = bed("check-remember");
    let log = "Nov 21 10:00:00 fw kernel: ACCEPT SRC=10.0.0.5 DST=45.133.1.20 DPT=443 HOST=evil-c2.com\n";
    bed.write("a.log", log);
    bed.write("copy.log", log);
    bed.write("b.log", format!("{log}{log}"));
    let triage = |name: &str, day: &str, more: &[&str]| {
        bed.run(&[&["triage", "-q", "-f", "json", "--as-of", day, name], more].concat())
            .expect(0, &[]);
    };
    let seen = |value: &str, day: &str| {
        let ran = bed.run(&["check", "-q", "-f", "ndjson", "--as-of", day, value]);
        let record = &ran.json_lines()[0];
        let said = record["enrichments"].as_array().unwrap().iter();
        let mut said = said.filter(|said| said["source"] == "own sightings");
        said.next().map(|said| {
            assert_eq!(said["weight"], 0.0);
            assert_eq!(said["rank"], "context");
            said["detail"].as_str().unwrap().to_owned()
        })
    };
    triage("a.log", "2026-11-20", &[]);
    assert_eq!(seen("45.133.1.20", "2026-11-22"), None, "nobody asked for it");
    triage("a.log", "2026-11-20", &["--remember"]);
    triage("b.log", "2026-11-21", &["--remember"]);
    triage("copy.log", "2026-11-22", &["--remember"]);
    let told = "seen 3 times in 2 inputs, first 2026-11-20, last 2026-11-22";
    assert_eq!(seen("45.133.1.20", "2026-11-22").as_deref(), Some(told));
    assert_eq!(seen("evil-c2.com", "2026-11-22").as_deref(), Some(told));
    assert_eq!(seen("10.0.0.5", "2026-11-22"), None, "nobody accuses it");
    assert_eq!(seen("45.133.1.20", "2026-11-19"), None, "it was not met by then");
    // Among many as alone, and it weighs nothing.
    let many: String = (0..300).map(|n| format!("9.9.{}.{}\n", n / 200, n % 200)).collect();
    let ran = bed.pipe(
        &["check", "-", "-q", "-f", "ndjson", "--as-of", "2026-11-22"],
        format!("{many}45.133.1.20\n").as_bytes(),
    );
    let last = &ran.json_lines()[300];
    assert!(last.to_string().contains(told), "{last}");
    assert_eq!(last["judgement"]["score"], 77);
}
