//! What a person types wrong, what is configured, and what a terminal shows.

mod common;

use common::{Bed, check_screen, skipped};
use std::process::Command;

#[test]
fn a_misspelt_word_finds_the_one_that_was_meant() {
    let bed = Bed::new("misspelt");
    bed.write("a.txt", "");
    for (arguments, error, hint) in [
        (
            &["extract", "--only", "domian", "a.txt"][..],
            "error: --only: unknown type 'domian'",
            "hint: did you mean 'domain'?",
        ),
        (
            &["extract", "--format", "jsn", "a.txt"],
            "error: unknown format 'jsn'",
            "hint: did you mean 'json'?",
        ),
        (
            &["schema", "raport"],
            "error: unknown schema 'raport'",
            "hint: did you mean 'report'?",
        ),
        (
            &["man", "extrakt"],
            "error: unknown command 'extrakt'",
            "hint: did you mean 'extract'?",
        ),
    ] {
        bed.run(arguments).expect(2, &[error, hint]);
    }
    assert_eq!(bed.run(&["extrakt"]).code, 2);
    assert_eq!(bed.run(&["extract"]).code, 2);
}

#[test]
fn patterns_that_cannot_work_are_refused() {
    let bed = Bed::new("patterns");
    bed.write("a.txt", "");
    bed.write("patterns", "# a comment\n\nticket=INC[0-9]+\nno pattern\n");
    bed.run(&["extract", "--pattern", "x", "a.txt"])
        .expect(2, &["error: --pattern: 'x' is not name=REGEX"]);
    bed.run(&["extract", "--patterns", "patterns", "a.txt"])
        .expect(2, &["error: cannot read patterns 'patterns': line 4: not name=REGEX"]);
    assert_eq!(bed.run(&["extract", "--pattern", "x=(", "a.txt"]).code, 2);
}

#[test]
fn flags_win_over_environment_over_file() {
    let bed = Bed::new("precedence");
    bed.write("a.txt", "203.0.113.7 CVE-2026-1234 d41d8cd98f00b204e9800998ecf8427e");
    bed.write("w.toml", "[extract]\nonly = [\"cve\"]\n");
    let types = |arguments: &[&str], variable: Option<&str>| {
        let mut all = vec!["extract", "--format", "ndjson", "a.txt", "--config", "w.toml"];
        all.extend(arguments);
        let mut command = bed.command(&all);
        if let Some(value) = variable {
            command.env("WATCHFIRE_EXTRACT_ONLY", value);
        }
        let ran = Bed::finish(command, b"");
        ran.expect(0, &[]);
        let names: Vec<String> = ran.json_lines().iter().map(|line| line["type"].to_string()).collect();
        names.join(" ").replace('"', "")
    };
    assert_eq!(types(&[], None), "cve");
    assert_eq!(types(&[], Some("ipv4")), "ipv4");
    assert_eq!(types(&["--only", "md5"], Some("ipv4")), "md5");
}

#[test]
fn a_wrong_configuration_is_named_with_its_line() {
    let bed = Bed::new("configuration");
    bed.write("a.txt", "");
    bed.write("w.toml", "[organisation]\n\ndomain = [\"corp.example\"]\n");
    bed.run(&["extract", "--config", "w.toml", "a.txt"]).expect(
        2,
        &[
            "error: w.toml:3: unknown setting 'organisation.domain'",
            "hint: did you mean 'organisation.domains'?",
        ],
    );
    bed.write("w.toml", "[organisation]\nranges = [\"10.0.0.0/64\"]\n");
    bed.run(&["triage", "--config", "w.toml", "a.txt"]).expect(
        2,
        &["error: w.toml:2: '10.0.0.0/64' is no network: its prefix is too long"],
    );
    bed.run(&["triage", "--config", "none.toml", "a.txt"]).expect(
        2,
        &["error: cannot read configuration 'none.toml': there is no such file or folder"],
    );
}

#[test]
fn the_current_folder_does_not_configure() {
    let bed = Bed::new("cwd");
    bed.write("watchfire.toml", "nonsense = true\n");
    bed.write("a.txt", "");
    bed.run(&["extract", "a.txt"]).expect(0, &[]);
    let doctor = bed.run(&["config", "doctor"]);
    assert!(doctor.stdout.contains("./watchfire.toml"), "{doctor:#?}");
}

#[test]
fn suppressions_are_kept_listed_and_removed() {
    let bed = Bed::new("suppress");
    let rules = bed.run(&["suppress", "no-such-rule", "--why", "w", "--expires", "2099-01-01"]);
    assert!(rules.stderr.contains("unknown rule 'no-such-rule'"), "{rules:#?}");
    let rule = "archive-double-extension";
    let suppress = |why: &str, expires: &str| {
        bed.run(&[
            "suppress",
            rule,
            "--entity",
            "a.zip",
            "--why",
            why,
            "--expires",
            expires,
        ])
    };
    suppress("ours", "2020-01-01").expect(2, &["error: --expires: 2020-01-01 is over"]);
    suppress(" ", "2099-01-01").expect(2, &[]);
    suppress("ours", "2099-01-01").expect(0, &[]);
    let listed = bed.run(&["suppress", "--list"]);
    assert_eq!(listed.stdout, format!("{rule}  a.zip  until 2099-01-01  ours\n"));
    bed.run(&["suppress", "--remove", rule]).expect(0, &[]);
    assert_eq!(bed.run(&["suppress", "--list"]).stdout, "");
    assert_eq!(bed.run(&["suppress", "--remove", rule]).code, 2);
}

#[test]
fn the_demo_is_written_once_and_only_over_itself() {
    let bed = Bed::new("demo");
    let ran = bed.run(&["demo"]);
    ran.expect(0, &[]);
    assert!(
        ran.stdout
            .lines()
            .last()
            .is_some_and(|line| line.starts_with(" coverage: ")),
        "{ran:#?}"
    );
    assert_eq!(bed.run(&["demo"]).expect(0, &[]).stdout, ran.stdout);
    bed.write("other/mine.txt", "mine");
    bed.run(&["demo", "other"]).expect(
        2,
        &[
            "error: cannot write the demo to 'other': it holds something else",
            "hint: name another folder: watchfire demo DIR",
        ],
    );
}

#[test]
fn manuals_completions_and_licences_are_there() {
    let bed = Bed::new("comforts");
    for (arguments, part) in [
        (&["man"][..], ".TH watchfire"),
        (&["man", "extract"], "--context"),
        (&["completions", "bash"], "_watchfire()"),
        (&["completions", "zsh"], "#compdef watchfire"),
        (&["completions", "fish"], "complete -c watchfire"),
        (&["--version"], "watchfire 0."),
        (&["--version", "--licenses"], "Apache-2.0"),
        (&["config", "settings"], "WATCHFIRE_ORGANISATION_DOMAINS"),
        (&["extract", "--list-types"], "sha256"),
        (&["schema"], "observable"),
    ] {
        let ran = bed.run(arguments);
        ran.expect(0, &[]);
        assert!(
            ran.stdout.replace('\\', "").contains(part),
            "{arguments:?}: {}",
            ran.stdout
        );
    }
}

#[test]
fn colour_is_for_terminals_and_obeys() {
    let bed = Bed::new("colour");
    bed.write("a.txt", "203.0.113.7\n");
    let coloured = |ran: &common::Ran| ran.stdout.contains("\u{1b}[");
    assert!(!coloured(&bed.run(&["triage", "a.txt"])));
    assert!(coloured(&bed.run(&["triage", "--color", "always", "a.txt"])));
    let on_terminal = |variable: Option<(&str, &str)>| {
        let binary = env!("CARGO_BIN_EXE_watchfire");
        let mut command = Command::new("script");
        command
            .args(["-qec", &format!("'{binary}' triage a.txt"), "/dev/null"])
            .current_dir(bed.folder.join("in"))
            .env_remove("NO_COLOR")
            .env("HOME", bed.folder.join("home"))
            .env("TERM", "xterm");
        if let Some((name, value)) = variable {
            command.env(name, value);
        }
        command
            .output()
            .ok()
            .filter(|output| output.status.success())
            .map(|output| output.stdout)
    };
    let Some(plain) = on_terminal(None) else {
        return skipped("colour_is_for_terminals_and_obeys: there is no 'script' to make a terminal");
    };
    let has_escape = |bytes: &[u8]| bytes.contains(&0x1b);
    assert!(has_escape(&plain));
    for variable in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        assert!(!has_escape(&on_terminal(Some(variable)).unwrap()), "{variable:?}");
    }
}

#[test]
fn screens_look_as_drawn() {
    let bed = Bed::new("screens");
    bed.write(
        "report.txt",
        "Grey Heron used the C2 server at hxxps://cdn-update[.]example/api/v2/ping (203[.]0[.]113[.]66).\n\
         It exploits CVE-2026-1234 and T1071.001; the loader is\n\
         9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0bba55b2cc1a0a4c6f0f0b.\n\
         Internal: 10.0.5.23. Again 203[.]0[.]113[.]66.\n",
    );
    for (name, arguments) in [
        ("extract", &["extract", "report.txt"][..]),
        (
            "extract-context",
            &["extract", "--context", "15", "--only", "ipv4", "report.txt"],
        ),
        ("extract-all-ascii", &["extract", "--all", "--ascii", "report.txt"]),
        (
            "triage",
            &["triage", "--as-of", "2026-11-02", "--tlp", "amber", "report.txt"],
        ),
    ] {
        check_screen(name, &bed.run(arguments).expect(0, &[]).stdout);
    }
}

#[test]
fn evidence_is_never_written_over() {
    let bed = Bed::new("written-over");
    bed.write("a.txt", "203.0.113.7\n");
    bed.write("folder/b.txt", "198.51.100.9\n");
    for verb in ["extract", "triage"] {
        bed.run(&[verb, "a.txt", "--output", "./a.txt"]).expect(
            2,
            &["error: cannot write './a.txt': it is to be read, and would be lost"],
        );
        // In a folder that is read, the result is not read with it.
        for _ in 0..2 {
            let ran = bed.run(&[verb, "folder", "--format", "json", "--output", "folder/out.json"]);
            ran.expect(0, &[]);
        }
        let out = std::fs::read_to_string(bed.folder.join("in/folder/out.json")).unwrap();
        assert!(
            out.contains("198.51.100.9") && !out.contains("out.json"),
            "{verb}: {out}"
        );
    }
    assert_eq!(std::fs::read(bed.folder.join("in/a.txt")).unwrap(), b"203.0.113.7\n");
}

#[test]
fn results_are_written_in_one_step() {
    let bed = Bed::new("one-step");
    let folder = bed.folder.join("in");
    bed.write("a.txt", "203.0.113.7\n");
    std::fs::create_dir(folder.join("empty")).unwrap();
    let names = |names: &[&str]| -> Vec<String> { names.iter().map(|name| (*name).to_owned()).collect() };
    let files = || {
        let mut names: Vec<_> = std::fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    };
    for verb in ["extract", "triage"] {
        bed.write("out.json", "the old result");
        // A run that fails leaves the old result, and nothing beside it.
        bed.run(&[verb, "empty", "--output", "out.json"])
            .expect(2, &["error: there is nothing to read"]);
        let old = std::fs::read_to_string(folder.join("out.json")).unwrap();
        assert_eq!(
            (old.as_str(), files()),
            ("the old result", names(&["a.txt", "empty", "out.json"]))
        );
        bed.run(&[verb, "a.txt", "-o", "out.json"]).expect(0, &[]);
        let new = std::fs::read_to_string(folder.join("out.json")).unwrap();
        assert!(new.contains("203[.]0[.]113[.]7"), "{verb}: {new}");
        assert_eq!(files(), names(&["a.txt", "empty", "out.json"]));
        let ran = bed.run(&[verb, "a.txt", "--output", "-"]);
        assert!(ran.expect(0, &[]).stdout.contains("203[.]0[.]113[.]7"), "{ran:#?}");
        // What a killed run left behind is no evidence.
        bed.write("out2.json", "");
        bed.write(".out2.json.17.part", "198.51.100.9");
        let ran = bed.run(&[verb, ".", "-f", "json", "-o", "out2.json"]);
        ran.expect(0, &["note: skipped './.out2.json.17.part': the result goes there"]);
        let out = std::fs::read_to_string(folder.join("out2.json")).unwrap();
        assert!(!out.contains("198.51.100.9"), "{verb}: {out}");
        for name in ["out2.json", ".out2.json.17.part"] {
            std::fs::remove_file(folder.join(name)).unwrap();
        }
    }
    assert_eq!(files(), names(&["a.txt", "empty", "out.json"]));
    #[cfg(unix)]
    bed.run(&["extract", "a.txt", "-o", "/dev/null"]).expect(0, &[]);
}

#[test]
fn what_the_system_says_is_said_in_our_voice() {
    let bed = Bed::new("voice");
    bed.write("a.txt", "");
    bed.run(&["extract", "a.txt", "--output", "."])
        .expect(2, &["error: cannot write '.': it is a folder"]);
    bed.run(&["extract", "a.txt", "--pattern", "x=("])
        .expect(2, &["error: --pattern: cannot use pattern 'x': unclosed group"]);
    bed.run(&["extract", "a.txt", "--not", "all"])
        .expect(2, &["error: --not: no type is left to look for"]);
    let nothing = bed.run(&["extract", "none"]);
    assert_eq!(nothing.stderr.lines().count(), 2, "an error and its hint: {nothing:#?}");
}
