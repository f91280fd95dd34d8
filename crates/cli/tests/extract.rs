//! What `extract` lists, on the real extractor: which types, how often, with what around them, from which inputs.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{Bed, skipped};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::Stdio;
use std::sync::mpsc::Receiver;
use std::time::Duration;
use watchfire_testkit::archive::Zip;

const REPORT: &str = "C2 hxxps://cdn-update[.]example/ping at 203[.]0[.]113[.]7; exploits CVE-2026-1234.\n\
    Ticket INC004711, analyst ops@corp.example, again 203.0.113.7 and 10.0.5.23.\n\
    Files: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0bba55b2cc1a0a4c6f0f0b\n";

/// Runs `extract` over `report.txt`, and gives type and value of each line.
#[track_caller]
fn listed(bed: &Bed, arguments: &[&str]) -> Vec<(String, String)> {
    pairs(&lines(bed, arguments))
}

#[track_caller]
fn lines(bed: &Bed, arguments: &[&str]) -> Vec<Value> {
    bed.write("report.txt", REPORT);
    let mut all = vec!["extract", "--format", "ndjson", "report.txt"];
    all.extend(arguments);
    bed.run(&all).expect(0, &[]).json_lines()
}

fn pairs(lines: &[Value]) -> Vec<(String, String)> {
    let text = |line: &Value, name: &str| line[name].as_str().unwrap_or_default().to_owned();
    lines
        .iter()
        .map(|line| (text(line, "type"), text(line, "value")))
        .collect()
}

fn types(pairs: &[(String, String)]) -> Vec<&str> {
    let mut types: Vec<&str> = pairs.iter().map(|(kind, _)| kind.as_str()).collect();
    types.sort_unstable();
    types.dedup();
    types
}

#[test]
fn types_are_chosen_and_left_out() {
    let bed = Bed::new("types");
    let everything = ["cve", "domain", "email", "ipv4", "sha256", "url"];
    assert_eq!(types(&listed(&bed, &[])), everything);
    assert_eq!(types(&listed(&bed, &["--only", "ipv4,cve"])), ["cve", "ipv4"]);
    assert_eq!(types(&listed(&bed, &["-t", "cve", "-t", "url"])), ["cve", "url"]);
    assert_eq!(
        types(&listed(&bed, &["--not", "domain,email"])),
        ["cve", "ipv4", "sha256", "url"]
    );
    assert_eq!(types(&listed(&bed, &["--only", "ipv4,cve", "--not", "cve"])), ["ipv4"]);
    // Those that are off unless asked for.
    bed.write(
        "life.txt",
        "id 123e4567-e89b-42d3-a456-426614174000, call +49 30 901820\n",
    );
    let quiet = bed.run(&["extract", "--format", "ndjson", "life.txt"]);
    assert_eq!(quiet.expect(0, &[]).stdout, "");
    let asked = bed.run(&["extract", "--format", "ndjson", "--only", "all", "life.txt"]);
    assert!(
        asked.stdout.contains("\"uuid\"") && asked.stdout.contains("\"phone\""),
        "{asked:#?}"
    );
}

#[test]
fn distinct_observables_are_counted_and_occurrences_are_listed() {
    let bed = Bed::new("all");
    let distinct = lines(&bed, &["--only", "ipv4"]);
    assert_eq!(pairs(&distinct).len(), 2);
    assert_eq!(distinct.first().map(|line| &line["count"]), Some(&Value::from(2)));
    let all = lines(&bed, &["--only", "ipv4", "--all"]);
    let places: Vec<(u64, u64, &str)> = all
        .iter()
        .map(|line| {
            let number = |name: &str| line[name].as_u64().unwrap();
            (number("start"), number("end"), line["raw"].as_str().unwrap())
        })
        .collect();
    assert_eq!(
        places.iter().map(|(.., raw)| *raw).collect::<Vec<_>>(),
        ["203[.]0[.]113[.]7", "203.0.113.7", "10.0.5.23"]
    );
    for (start, end, raw) in places {
        let there = REPORT.get(usize::try_from(start).unwrap()..usize::try_from(end).unwrap());
        assert_eq!(there, Some(raw));
    }
}

#[test]
fn what_is_known_about_a_value_is_tagged_not_dropped() {
    let bed = Bed::new("tags");
    for arguments in [&[][..], &["--all"]] {
        for (value, tag) in [
            ("203.0.113.7", "documentation"),
            ("10.0.5.23", "private"),
            ("cdn-update.example", "documentation"),
        ] {
            let lines = lines(&bed, arguments);
            let line = lines.iter().find(|line| line["value"] == value).unwrap();
            assert_eq!(line["tags"], Value::from(vec![tag]), "{line}");
        }
    }
}

#[test]
fn context_is_quoted_live_for_machines_and_defanged_for_people() {
    let bed = Bed::new("context");
    let lines = lines(&bed, &["--context", "12", "--only", "cve"]);
    assert_eq!(
        lines.first().map(|line| &line["context"]),
        Some(&Value::from("7; exploits CVE-2026-1234.")),
        "{lines:?}"
    );
    let screen = bed.run(&["extract", "--context", "30", "--only", "email", "report.txt"]);
    assert!(screen.stdout.contains("“"), "{screen:#?}");
    assert!(!screen.stdout.contains("203.0.113.7"), "{screen:#?}");
    let without = listed(&bed, &["--only", "email"]);
    assert_eq!(without, [("email".to_owned(), "ops@corp.example".to_owned())]);
}

#[test]
fn own_patterns_are_found_beside_the_rest() {
    let bed = Bed::new("patterns");
    bed.write("own", "# ours\n\nticket = INC[0-9]{6}\nanalyst=[a-z]+(?=@)\n");
    // Look-around is not linear, so it is refused with its place.
    let refused = bed.run(&["extract", "--patterns", "own", "report.txt"]);
    assert_eq!(refused.code, 2, "{refused:#?}");
    assert!(refused.stderr.contains("'analyst'"), "{refused:#?}");
    bed.write("own", "# ours\n\nticket = INC[0-9]{6}\n");
    let lines = lines(
        &bed,
        &[
            "--patterns",
            "own",
            "--pattern",
            "verb=exploit[s]?",
            "--only",
            "pattern,cve",
        ],
    );
    let found: Vec<(&str, &str)> = lines
        .iter()
        .map(|line| {
            let name = line["pattern"].as_str().or(line["type"].as_str());
            (name.unwrap(), line["value"].as_str().unwrap())
        })
        .collect();
    assert_eq!(
        found,
        [("verb", "exploits"), ("cve", "CVE-2026-1234"), ("ticket", "INC004711")]
    );
}

#[test]
fn values_are_defanged_for_machines_on_request_and_live_on_a_screen_on_request() {
    let bed = Bed::new("defang");
    let defanged = listed(&bed, &["--defang", "--only", "url"]);
    assert_eq!(
        defanged,
        [("url".to_owned(), "hxxps://cdn-update[.]example/ping".to_owned())]
    );
    let screen = bed.run(&["extract", "--raw", "--only", "url", "report.txt"]);
    assert!(screen.stdout.contains("https://cdn-update.example/ping"), "{screen:#?}");
}

#[test]
fn text_is_found_in_whatever_holds_it() {
    let bed = Bed::new("holders");
    let utf16: Vec<u8> = std::iter::once(0xfeff)
        .chain(REPORT.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    bed.write("a/utf16.txt", utf16);
    bed.write("a/page.html", format!("<p>{REPORT}</p>"));
    bed.write(
        "a/b/deep.zip",
        Zip::new().file("in/report.txt", REPORT.as_bytes()).build(),
    );
    bed.write("a/.hidden", REPORT);
    bed.write(
        "a/unknown.bin",
        [b"\x00\x01\x02\xff\xfe".as_slice(), REPORT.as_bytes(), &[0; 64]].concat(),
    );
    let mut command = bed.command(&["extract", "--format", "ndjson", "--only", "sha256", "a", "-"]);
    command.stdin(Stdio::piped());
    let ran = Bed::finish(command, REPORT.as_bytes());
    let lines = ran.expect(0, &[]).json_lines();
    let sources: Vec<&str> = lines.iter().map(|line| line["source"].as_str().unwrap()).collect();
    let path = |parts: [&str; 2]| parts.join(std::path::MAIN_SEPARATOR_STR);
    assert_eq!(
        sources,
        [
            path(["a", ".hidden"]).as_str(),
            &format!("{} ▸ in/report.txt", path([&path(["a", "b"]), "deep.zip"])),
            &path(["a", "page.html"]),
            &path(["a", "unknown.bin"]),
            &path(["a", "utf16.txt"]),
            "stdin"
        ],
        "{ran:#?}"
    );
}

/// The lines of a child that goes on, as they come.
fn follow(bed: &Bed, arguments: &[&str], stdin: Stdio) -> (std::process::Child, Receiver<String>) {
    let mut command = bed.command(arguments);
    command.stdin(stdin);
    let mut child = command.spawn().unwrap();
    let stdout = child.stdout.take().unwrap();
    let (send, lines) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            let _ = send.send(line);
        }
    });
    (child, lines)
}

const WAIT: Duration = Duration::from_secs(60);

#[track_caller]
fn next(lines: &Receiver<String>, value: &str) {
    let line = lines.recv_timeout(WAIT).unwrap();
    assert!(line.contains(&format!("\"value\":\"{value}\"")), "{line}");
}

#[test]
fn a_truncated_file_is_followed_from_its_start() {
    let bed = Bed::new("truncated");
    let path = bed.write("log", "first 203.0.113.7 here\n");
    let (mut child, lines) = follow(&bed, &["extract", "-F", "-f", "ndjson", "log"], Stdio::null());
    next(&lines, "203.0.113.7");
    std::fs::write(&path, "198.51.100.1\n").unwrap();
    next(&lines, "198.51.100.1");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_followed_pipe_ends_with_its_writer() {
    let bed = Bed::new("followed-pipe");
    let (mut child, lines) = follow(
        &bed,
        &["extract", "--follow", "--all", "-f", "ndjson", "-"],
        Stdio::piped(),
    );
    let mut stdin = child.stdin.take().unwrap();
    for _ in 0..2 {
        stdin.write_all(b"seen 203.0.113.7 again\n").unwrap();
        next(&lines, "203.0.113.7");
    }
    // A last line without an end is a line.
    stdin.write_all(b"and 198.51.100.9").unwrap();
    drop(stdin);
    next(&lines, "198.51.100.9");
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(said.starts_with(" 62 B in "), "{said}");
}

/// Peak memory of a living process in kilobytes.
fn peak(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

#[test]
fn one_endless_line_takes_little_memory() {
    const MEGABYTES: usize = 64;
    let bed = Bed::new("endless-line");
    let mut command = bed.command(&["extract", "--format", "ndjson", "-"]);
    command.stdin(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let block = vec![b'x'; 1 << 20];
    for _ in 0..MEGABYTES {
        stdin.write_all(&block).unwrap();
    }
    stdin.write_all(b" 203.0.113.7 ").unwrap();
    let peak = peak(child.id());
    drop(stdin);
    let mut stdout = String::new();
    child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let start = (MEGABYTES << 20) + 1;
    assert!(stdout.contains(&format!("\"start\":{start},")), "{stdout}");
    match peak {
        Some(kilobytes) => assert!(kilobytes < 48 << 10, "{kilobytes} kB"),
        None => skipped("one_endless_line_takes_little_memory: this system does not tell a process's memory"),
    }
}

#[test]
fn a_document_that_would_not_end_is_refused() {
    let bed = Bed::new("follow-json");
    bed.write("log.txt", b"203.0.113.7\n");
    bed.run(&["extract", "--follow", "--format", "json", "log.txt"]).expect(
        2,
        &[
            "error: --follow cannot write json: the document would never end",
            "hint: use --format ndjson, csv or text",
        ],
    );
}

#[test]
fn no_screen_shows_a_live_link() {
    let bed = Bed::new("live");
    bed.write(
        "live.txt",
        b"http://evil.com/a?u=http://b.com/c\n\
          \"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)\"\n\
          rule foo { strings: $a = \"http://evil3.com/x\" condition: $a }\n\
          HKCU\\Software\\http://evil6.com\n\\\\evil8.com\\share\\a.exe\np http://evil7.com/x 1.2.3.4 text\n",
    );
    let screens = [
        &["extract", "-C", "80", "-e", "p=p http.*", "live.txt"][..],
        &[
            "extract",
            "--defang",
            "--format",
            "ndjson",
            "-e",
            "p=p http.*",
            "live.txt",
        ],
        &["triage", "--top", "0", "live.txt"],
    ];
    for line in screens {
        let ran = bed.run(line);
        let shown: String = match line.contains(&"ndjson") {
            true => ran
                .json_lines()
                .iter()
                .map(|line| format!("{}\n", line["value"]))
                .collect(),
            false => ran.stdout.clone(),
        };
        for live in [
            "http://",
            "https://",
            "evil.com",
            "evil3.com",
            "evil6.com",
            "evil7.com",
            "b.com/",
            "google.com",
        ] {
            assert!(!shown.contains(live), "{live}: {shown}");
        }
    }
}

#[test]
fn a_long_text_in_a_code_page_is_decoded_as_triage_does() {
    let bed = Bed::new("code-page");
    let windows_1251 = |text: &str| -> Vec<u8> {
        let byte = |c: char| match u32::from(c) {
            letter @ 0x410..=0x44F => u8::try_from(letter - 0x410 + 0xC0).unwrap(),
            ascii => u8::try_from(ascii).unwrap(),
        };
        text.chars().map(byte).collect()
    };
    let line = format!("{}\n", "обычный текст в журнале. ".repeat(100));
    let text = line.repeat(200) + "смотри http://злой.рф/путь и http://evil.com/каталог дальше\n";
    bed.write("long.txt", windows_1251(&text));
    let values = |verb: &str| -> Vec<String> {
        let ran = bed.run(&[verb, "--format", "ndjson", "long.txt"]);
        let lines = ran.json_lines();
        lines
            .iter()
            .filter_map(|line| Some(line["value"].as_str()?.to_owned()))
            .collect()
    };
    let found = values("extract");
    assert!(found.contains(&"http://evil.com/каталог".to_owned()), "{found:?}");
    assert_eq!(found, values("triage"));
}

#[test]
fn a_network_is_numbered_once() {
    let bed = Bed::new("network");
    bed.write("a.txt", b"from AS15169 and 8.8.8.8\n");
    let shown = bed.run(&["extract", "-q", "a.txt"]).stdout;
    assert_eq!(shown.matches("AS15169").count(), 2, "{shown}");
    assert_eq!(shown.matches("Google LLC").count(), 2, "{shown}");
}

#[test]
fn names_and_sizes_that_make_no_sense() {
    let bed = Bed::new("senseless");
    bed.write("a.txt", b"203.0.113.7\n");
    bed.run(&["extract", "-e", "ipv4=INC", "a.txt"]).expect(
        2,
        &[
            "error: --pattern: 'ipv4' is a type of Watchfire's own, and cannot be the name of a pattern",
            "hint: call it 'own-ipv4', for example",
        ],
    );
    bed.run(&["extract", "-C", "2000", "a.txt"])
        .expect(2, &["error: --context: 2000 bytes of context are more than 1000"]);
}

#[test]
fn a_listing_is_judged_where_that_is_asked_for() {
    let bed = Bed::new("extract-check");
    bed.write(
        "c2.csv",
        "ip,malware\n45.133.1.20,Emotet\nevil-c2.com,kit\nhttp://files.com/a?token=s3cr3t,kit\n",
    );
    let import = [
        "feeds",
        "import",
        "-q",
        "c2.csv",
        "--grade",
        "A",
        "--columns",
        "value=ip,threat=malware",
    ];
    bed.run(&import).expect(0, &[]);
    let text = "45.133.1[.]20 evil-c2[.]com 8.8.8.8 203.0.113.9 T1059 hxxp://files[.]com/a?token=s3cr3t\n";
    bed.write("note.txt", text);
    let judged = |arguments: &[&str]| -> Vec<String> {
        let ran = bed.run(&[&["extract", "-q", "-f", "ndjson", "--check"], arguments].concat());
        let lines = ran.json_lines().into_iter();
        lines
            .map(|line| {
                format!(
                    "{} {} {}",
                    line["type"].as_str().unwrap(),
                    line["verdict"],
                    line["score"]
                )
            })
            .collect()
    };
    let expected = [
        "ipv4 \"malicious\" 66",
        "domain \"malicious\" 66",
        "ipv4 \"benign\" 0",
        "ipv4 \"unknown\" 0",
        "attack-technique null null",
        "url \"malicious\" 66",
        "domain \"unknown\" 0",
    ];
    let mut found = judged(&["note.txt"]);
    let scores = |line: &String| line.rsplit(' ').next().unwrap().to_owned();
    let score = scores(&found[0]);
    found.iter_mut().for_each(|line| *line = line.replace(&score, "66"));
    assert_eq!(found, expected, "the score depends on the day");
    assert_eq!(judged(&["--all", "note.txt"]).len(), expected.len());
    assert_eq!(judged(&["-j", "3", "note.txt", "note.txt"]).len(), 2 * expected.len());
    // Many at once are read into memory first, and say the same.
    let many: String = (0..400).map(|n| format!("10.1.{}.{}\n", n / 200, n % 200)).collect();
    bed.write("many.txt", format!("{text}{many}"));
    let mut many = judged(&["many.txt"]);
    many.truncate(expected.len());
    many.iter_mut().for_each(|line| *line = line.replace(&score, "66"));
    assert_eq!(many, expected);
    let plain = bed.run(&["extract", "-q", "-f", "ndjson", "note.txt"]);
    assert!(!plain.stdout.contains("verdict"), "{plain:?}");
    let screen = bed.run(&["extract", "-q", "--check", "note.txt"]);
    assert!(
        screen.stdout.contains("VERDICT") && screen.stdout.contains("█ malicious"),
        "{screen:?}"
    );
    assert!(!screen.stdout.contains("s3cr3t"), "{screen:?}");
    let csv = bed.run(&["extract", "-q", "--check", "-f", "csv", "note.txt"]);
    assert!(
        csv.stdout.lines().next().unwrap().ends_with(",context,verdict,score"),
        "{csv:?}"
    );
}
