//! `--online` of `watchfire check` and `watchfire capture` through the real binary, against providers on the loopback.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

mod common;

use common::{Bed, Ran};
use serde_json::Value;
use std::fs;
use std::time::{Duration, Instant};
use watchfire_standin::{Mode, Standin};
use watchfire_testkit::capture::{Conversation, Pcap};

const KEY: &str = "S3CR3T-0123456789abcdef";
const VIRUSTOTAL: &str = "WATCHFIRE_VIRUSTOTAL_KEY";
/// Nobody's resolver, scanner or list entry.
const ADDRESS: &str = "91.240.118.172";

/// A bed with a configuration, and its providers.
struct Scene {
    bed: Bed,
    standin: Standin,
}

impl Scene {
    fn new(name: &str) -> Self {
        Self {
            bed: Bed::new(name),
            standin: Standin::start().unwrap(),
        }
    }

    /// Writes the configuration: `more`, and these providers at their place on the stand-in.
    fn configure(&self, more: &str, providers: &[(&str, Option<Mode>, &str)]) {
        let mut text = more.to_owned();
        for (name, mode, settings) in providers {
            let url = match mode {
                Some(mode) => self.standin.base_with(name, *mode),
                None => self.standin.base(name),
            };
            text.push_str(&format!("[providers.{name}]\nurl = \"{url}\"\n{settings}\n"));
        }
        let folder = self.bed.folder.join("home/.config/watchfire");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("watchfire.toml"), text).unwrap();
    }

    /// Runs with the key of VirusTotal in the environment, and holds that no output tells it.
    #[track_caller]
    fn run(&self, arguments: &[&str], input: &str) -> Ran {
        let mut command = self.bed.command(arguments);
        command.env(VIRUSTOTAL, KEY).stdin(std::process::Stdio::piped());
        let ran = Bed::finish(command, input.as_bytes());
        assert!(
            !ran.stdout.contains("S3CR3T") && !ran.stderr.contains("S3CR3T"),
            "{ran:#?}"
        );
        ran
    }

    /// The report on one value, asked about at VirusTotal alone.
    #[track_caller]
    fn report(&self, value: &str, more: &[&str]) -> Value {
        let mut arguments = vec![
            "check",
            value,
            "--online",
            "--only-providers",
            "virustotal",
            "-f",
            "json",
        ];
        arguments.extend_from_slice(more);
        let ran = self.run(&arguments, "");
        assert_eq!(ran.code, 0, "{ran:#?}");
        serde_json::from_str(&ran.stdout).unwrap()
    }
}

/// What a source said of the first value.
#[track_caller]
fn said<'r>(report: &'r Value, source: &str) -> &'r Value {
    let enrichments = report["reputations"][0]["enrichments"].as_array().unwrap();
    enrichments
        .iter()
        .find(|enrichment| enrichment["source"] == source)
        .unwrap_or_else(|| panic!("{source} says nothing in {report:#}"))
}

/// In one line, whatever the width of the screen.
fn flat(screen: &str) -> String {
    screen.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn hashes(count: usize) -> String {
    (0..count).map(|number| format!("{number:064x}\n")).collect()
}

/// The same as a column of a table.
fn table(count: usize) -> String {
    let row = |number| {
        format!(
            "\"f{number}, a copy.exe\",{},{number:064x},{}\r\n",
            number * 7,
            number % 3
        )
    };
    let rows: String = (0..count).map(row).collect();
    format!("File,Size,SHA256,Owner\r\n{rows}")
}

#[test]
fn what_a_provider_knows_counts_and_is_kept() {
    let scene = Scene::new("online-found");
    scene.configure("", &[("virustotal", None, "")]);
    let report = scene.report(ADDRESS, &[]);
    assert_eq!(said(&report, "virustotal")["from"], "live");
    assert_eq!(report["reputations"][0]["judgement"]["verdict"], "suspicious");
    assert_eq!(report["reputations"][0]["asked"]["calls"], 1);
    assert_eq!(report["coverage"]["network_calls"], 1);

    let again = scene.report(ADDRESS, &[]);
    assert_eq!(said(&again, "virustotal")["from"], "cache");
    assert_eq!(again["coverage"]["network_calls"], 0);

    // Nobody is asked, and what is kept is told.
    let plain = scene.run(&["check", ADDRESS], "");
    assert!(
        plain.stdout.contains("virustotal") && plain.stdout.contains("cache"),
        "{plain:#?}"
    );
    assert!(
        flat(&plain.stdout).contains("22 providers not asked (--online)"),
        "{plain:#?}"
    );
    let many: String = (0..600).map(|n| format!("9.9.{}.{}\n", n / 200, n % 200)).collect();
    let plain = scene.run(&["check", "-", "-f", "json"], &format!("{many}{ADDRESS}\n"));
    let report: Value = serde_json::from_str(&plain.stdout).unwrap();
    let last = report["reputations"].as_array().unwrap().last().unwrap();
    assert_eq!(last["enrichments"][0]["from"], "cache", "{last:#}");
    assert_eq!(scene.standin.requests(), 1);
}

#[test]
fn not_known_is_no_sign_of_innocence_and_a_wrong_page_is_a_failure() {
    let scene = Scene::new("online-404");
    scene.configure("", &[("virustotal", Some(Mode::Unknown), "")]);
    let report = scene.report(ADDRESS, &[]);
    assert_eq!(said(&report, "virustotal")["outcome"], "not-found");
    assert_eq!(report["reputations"][0]["judgement"]["verdict"], "unknown");
    scene.configure("", &[("virustotal", Some(Mode::NoPage), "")]);
    let report = scene.report("91.240.118.173", &[]);
    assert_eq!(said(&report, "virustotal")["outcome"], "failed");
    scene.configure("", &[("virustotal", Some(Mode::Auth), "")]);
    let report = scene.report("91.240.118.174", &[]);
    assert_eq!(said(&report, "virustotal")["outcome"], "authentication");
}

#[test]
fn a_spent_quota_says_what_was_left_out_and_the_same_command_goes_on() {
    let scene = Scene::new("online-quota");
    scene.configure("", &[("virustotal", None, "quota = [\"50/day\"]")]);
    let command = ["check", "-", "--online", "--only-providers", "virustotal"];
    let first = scene.run(&[&command[..], &["--column", "sha256"]].concat(), &table(300));
    assert_eq!(first.code, 0, "{first:#?}");
    // The last fifth of a quota is for people who ask about one value.
    assert_eq!(scene.standin.requests(), 40);
    for (stream, text) in [
        (
            &first.stderr,
            "virustotal: 300 calls for 300 values, 40 left in its quota for a list now; not for commercial",
        ),
        (
            &first.stderr,
            "virustotal: 260 values not asked about, its quota is spent; the same command again after 2",
        ),
        (&first.stdout, "40 network calls"),
        (&first.stdout, "answered now: virustotal 40"),
    ] {
        let said = flat(stream);
        assert!(said.contains(text), "no '{text}' in {said}");
    }

    // The day after, as it were.
    scene.configure("", &[("virustotal", None, "quota = [\"1000/day\"]")]);
    let second = scene.run(&command, &hashes(300));
    assert_eq!(scene.standin.requests(), 300, "each value was asked about once");
    let said = flat(&second.stdout);
    assert!(
        said.contains("260 network calls") && said.contains("answered before: virustotal 40"),
        "{said}"
    );
    assert!(second.stderr.contains("260 calls for 300 values"), "{}", second.stderr);
}

#[test]
fn of_ten_providers_three_that_hang_and_two_that_fail_cost_their_own_rows() {
    let scene = Scene::new("online-slow");
    scene.configure(
        "",
        &[
            ("virustotal", None, ""),
            ("abuseipdb", None, ""),
            ("shodan", Some(Mode::Slow), ""),
            ("internetdb", Some(Mode::Slow), ""),
            ("greynoise", None, ""),
            ("otx", Some(Mode::Slow), ""),
            ("urlhaus", None, ""),
            ("threatfox", Some(Mode::Html), ""),
            ("urlscan", Some(Mode::Unknown), ""),
            ("rdap", Some(Mode::Disconnect), ""),
        ],
    );
    let ten = "virustotal,abuseipdb,shodan,internetdb,greynoise,otx,urlhaus,threatfox,urlscan,rdap";
    let ask = |format: &str| {
        let flags = ["--online", "--only-providers", ten, "--deadline", "4", "-f", format];
        let mut command = scene.bed.command(&[&["check", ADDRESS], &flags[..]].concat());
        for name in ["VIRUSTOTAL", "ABUSEIPDB", "SHODAN", "GREYNOISE", "ABUSECH", "URLSCAN"] {
            command.env(format!("WATCHFIRE_{name}_KEY"), KEY);
        }
        let begun = Instant::now();
        let ran = Bed::finish(command, b"");
        assert!(begun.elapsed() < Duration::from_secs(12), "{:?}", begun.elapsed());
        assert_eq!(ran.code, 0, "{ran:#?}");
        ran
    };
    let report: Value = serde_json::from_str(&ask("json").stdout).unwrap();
    for (source, outcome) in [
        ("virustotal", "found"),
        ("abuseipdb", "found"),
        ("greynoise", "found"),
        ("urlhaus", "found"),
        ("urlscan", "not-found"),
        ("shodan", "failed"),
        ("internetdb", "failed"),
        ("otx", "failed"),
        ("threatfox", "failed"),
        ("rdap", "failed"),
    ] {
        assert_eq!(said(&report, source)["outcome"], outcome, "{source}");
    }
    let asked = &report["reputations"][0]["asked"];
    assert_eq!(asked["failed"], 5, "{asked}");
    // The second time the answers are kept, and what failed is tried again.
    let screen = ask("text");
    let said = flat(&screen.stdout);
    assert!(
        said.contains("5 of 10 providers answered, 5 gave no answer"),
        "{screen:#?}"
    );
}

#[test]
fn hostile_answers_act_on_no_screen_and_no_spreadsheet() {
    let scene = Scene::new("online-hostile");
    let names: Vec<&str> = watchfire_standin::providers()
        .filter(|name| !["taxii", "whois", "dns"].contains(name))
        .collect();
    let hostile: Vec<_> = names.iter().map(|name| (*name, Some(Mode::Hostile), "")).collect();
    scene.configure("", &hostile);
    let sha256 = "c3".repeat(32);
    let values = [
        ADDRESS,
        "evil-mail.com",
        "http://evil-mail.com/a",
        "CVE-2026-12345",
        &sha256,
        "AS64500",
    ];
    let only = names.join(",");
    for format in ["text", "csv", "json", "ndjson"] {
        let flags = ["--online", "--only-providers", &only, "-f", format];
        let mut command = scene.bed.command(&[&["check"], &values[..], &flags].concat());
        for name in names.iter().map(|name| name.to_uppercase().replace('-', "_")) {
            command.env(format!("WATCHFIRE_{name}_KEY"), KEY);
        }
        command.env("WATCHFIRE_ABUSECH_KEY", KEY);
        let ran = Bed::finish(command, b"");
        assert_eq!(ran.code, 0, "{ran:#?}");
        for text in [&ran.stdout, &ran.stderr] {
            // Lines of CSV end with both (RFC 4180).
            let acts = text
                .replace("\r\n", "\n")
                .chars()
                .find(|c| (c.is_control() && *c != '\n') || *c == '\u{202e}');
            assert_eq!(acts, None, "{format}: {text}");
        }
        if format == "csv" {
            let cells = ran.stdout.lines().flat_map(|line| line.split(','));
            for cell in cells {
                let first = cell.trim_start_matches('"').chars().next();
                assert!(!first.is_some_and(|c| "=+-@".contains(c)), "{cell}");
            }
        }
        assert!(ran.stdout.contains("virustotal"), "{ran:#?}");
    }
}

#[test]
fn what_may_not_leave_stays_and_is_told() {
    let scene = Scene::new("online-gate");
    let own = "[organisation]\ndomains = [\"corp.com\"]\nranges = [\"91.240.118.0/24\"]\n";
    scene.configure(own, &[("virustotal", None, "")]);
    for (value, more, why) in [
        ("10.0.5.23", &[][..], "reserved"),
        ("files.corp.com", &[], "own organisation"),
        (ADDRESS, &[], "own organisation"),
        ("http://evil.com/reset?email=a@b.com", &["--pap", "RED"], "PAP:RED"),
        ("93.184.215.14", &["--tlp", "RED"], "TLP:RED"),
        ("93.184.215.14", &["--tlp", "AMBER+STRICT"], "TLP:AMBER+STRICT"),
    ] {
        let report = scene.report(value, more);
        let said = said(&report, "virustotal");
        assert_eq!(said["outcome"], "not-asked", "{value}");
        assert!(said["detail"].as_str().unwrap().contains(why), "{said}");
    }
    assert_eq!(scene.standin.requests(), 0);
}

#[test]
fn what_it_costs_is_told_before_one_value_too() {
    let scene = Scene::new("online-cost");
    scene.configure("", &[("virustotal", None, "quota = [\"50/day\"]"), ("rdap", None, "")]);
    let command = ["check", ADDRESS, "--online", "--only-providers", "virustotal,rdap"];
    let first = flat(&scene.run(&command, "").stderr);
    assert!(
        first.contains("a call to each of virustotal (50 left), rdap (10 left)"),
        "{first}"
    );
    assert!(
        first.contains("terms: virustotal: not for commercial products"),
        "{first}"
    );
    let again = scene.run(&command, "");
    assert!(!again.stderr.contains("a call to"), "answers are kept: {again:#?}");
}

#[test]
fn the_dns_is_asked_about_a_name_with_two_permissions_and_never_else() {
    let scene = Scene::new("online-dns");
    scene.configure("", &[("dns", None, "")]);
    let command = ["check", "evil-mail.com", "--online", "--only-providers", "dns"];
    for (more, why) in [
        (&[][..], "PAP:AMBER allows passive look-ups only"),
        (&["--contact-targets"], "PAP:AMBER allows passive look-ups only"),
        (
            &["--pap", "GREEN"],
            "would contact the target, which needs --contact-targets",
        ),
    ] {
        let ran = scene.run(&[&command, more].concat(), "");
        assert!(flat(&ran.stdout).contains(why), "{ran:#?}");
        // A permission that changes nothing says what it wants.
        let is_told = ran.stderr.contains("--pap GREEN");
        assert_eq!(is_told, more == ["--contact-targets"], "{ran:#?}");
    }
    assert_eq!(scene.standin.requests(), 0);
    let allowed = ["--contact-targets", "--pap", "GREEN"];
    let ran = scene.run(&[&command[..], &allowed].concat(), "");
    let said = flat(&ran.stdout);
    for text in [
        "UNKNOWN 0/100",
        "resolves to 91[.]240[.]118[.]172, 91[.]240[.]118[.]173",
        "mail by mx1[.]evil-mail[.]com",
        "1 network call",
        "1 of 1 provider answered",
    ] {
        assert!(said.contains(text), "no '{text}' in {ran:#?}");
    }
    let own = [
        "check",
        "db.corp.example",
        "10.0.0.7",
        "--online",
        "--only-providers",
        "dns",
    ];
    let before = scene.standin.requests();
    scene.run(&[&own[..], &allowed].concat(), "");
    assert_eq!(scene.standin.requests(), before, "private names stay here");
}

#[test]
fn offline_wins_over_online() {
    let scene = Scene::new("online-offline");
    scene.configure("", &[("virustotal", None, "")]);
    scene.run(&["check", ADDRESS, "--online", "--offline"], "").expect(
        2,
        &["error: --online asks providers, and --offline forbids every network call"],
    );
    scene.configure("offline = true\n", &[("virustotal", None, "")]);
    let ran = scene.run(&["check", ADDRESS, "--online"], "");
    assert!(
        ran.code == 2 && ran.stderr.contains("watchfire.toml:1 forbids every network call"),
        "{ran:#?}"
    );
    let ran = scene.run(&["check", ADDRESS], "");
    assert!(
        ran.code == 0 && flat(&ran.stdout).contains("not asked (--offline)"),
        "{ran:#?}"
    );
    assert_eq!(scene.standin.requests(), 0);
}

#[cfg(unix)]
#[test]
fn keys_come_from_files_that_nobody_else_can_read() {
    use std::os::unix::fs::PermissionsExt;
    let scene = Scene::new("online-keys");
    let path = scene.bed.write("otx.key", format!("{KEY}\n"));
    let settings = format!("key-file = \"{}\"", path.display());
    scene.configure("", &[("abuseipdb", None, &settings)]);
    let run = || scene.run(&["check", ADDRESS, "--online", "--only-providers", "abuseipdb"], "");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let ran = run();
    assert!(ran.code == 2 && ran.stderr.contains("others can read it"), "{ran:#?}");
    assert!(ran.stderr.contains("hint: chmod 600"), "{ran:#?}");
    assert_eq!(scene.standin.requests(), 0);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    let ran = run();
    assert!(ran.stdout.contains("score 87"), "{ran:#?}");
    fs::write(&path, "").unwrap();
    assert!(run().stderr.contains("there is no key in it"));
}

#[test]
fn what_makes_no_sense_is_a_usage_error() {
    let scene = Scene::new("online-usage");
    for (settings, problem) in [
        ("plan = \"gold\"", "VirusTotal has no plan 'gold'"),
        ("quota = [\"many\"]", "'many' is not a number of calls in a time"),
        ("grade = \"Z\"", "'Z' is not one of A, B, C, D, E, F"),
        ("timeout = 0", "0 is too few"),
        ("colour = \"red\"", "unknown setting of a provider 'colour'"),
    ] {
        scene.configure("", &[("virustotal", None, settings)]);
        let ran = scene.run(&["check", ADDRESS, "--online"], "");
        assert!(ran.code == 2 && ran.stderr.contains(problem), "{ran:#?}");
    }
    scene.configure("", &[]);
    scene
        .run(&["check", ADDRESS, "--online", "--only-providers", "virustotl"], "")
        .expect(
            2,
            &[
                "error: --only-providers: unknown provider 'virustotl'",
                "hint: did you mean 'virustotal'?",
            ],
        );
    scene.run(&["check", ADDRESS, "--max-age", "yesterday"], "").expect(
        2,
        &["error: --max-age: 'yesterday' is not a time, '90s', '30m', '6h', '2d', '1w'"],
    );
}

#[test]
fn the_doctor_tells_of_keys_and_asks_when_told_to() {
    let scene = Scene::new("online-doctor");
    scene.configure(
        "",
        &[
            ("virustotal", None, "quota = [\"50/day\"]"),
            ("otx", Some(Mode::Auth), ""),
            ("epss", Some(Mode::NoPage), ""),
            ("rdap", Some(Mode::Slow), "timeout = 1"),
        ],
    );
    let line = |ran: &Ran, what: &str| {
        let mut lines = ran.stdout.lines();
        lines
            .find(|line| line.contains(what))
            .unwrap_or_else(|| panic!("{what}: {ran:#?}"))
            .to_owned()
    };
    let ran = scene.run(&["config", "doctor"], "");
    let own = line(&ran, "provider virustotal");
    assert!(
        own.contains("key from WATCHFIRE_VIRUSTOTAL_KEY; not for commercial"),
        "{own}"
    );
    assert!(line(&ran, "provider abuseipdb").contains("no key (watchfire config key abuseipdb)"));
    assert!(line(&ran, "provider misp").contains("no server is configured"));
    assert!(!ran.stdout.contains("has no effect"), "{ran:#?}");
    assert_eq!(scene.standin.requests(), 0);

    let names = ["virustotal", "otx", "epss", "abuseipdb", "rdap"];
    let mut command = scene.bed.command(&["config", "doctor", "--online"]);
    command.env(VIRUSTOTAL, KEY).env("WATCHFIRE_OTX_KEY", KEY);
    command.env("WATCHFIRE_CHECK_PROVIDERS", names.join(","));
    let ran = Bed::finish(command, b"");
    assert!(
        line(&ran, "asked virustotal").contains("answers, 49 calls left"),
        "{ran:#?}"
    );
    assert!(line(&ran, "asked otx").contains("BROKEN"), "{ran:#?}");
    assert!(line(&ran, "asked otx").contains("authentication failed"), "{ran:#?}");
    assert!(line(&ran, "asked abuseipdb").contains("no key"), "{ran:#?}");
    let asked: Vec<&str> = ran
        .stdout
        .lines()
        .filter_map(|line| line.split_once(" asked "))
        .map(|(_, rest)| rest)
        .collect();
    let order: Vec<&str> = asked.iter().filter_map(|rest| rest.split(' ').next()).collect();
    assert_eq!(
        order,
        ["virustotal", "abuseipdb", "otx", "epss", "rdap"],
        "the order is that of the registry"
    );
    assert!(line(&ran, "asked epss").contains("look"), "{ran:#?}");
    assert!(line(&ran, "asked rdap").contains("no answer in time"), "{ran:#?}");
    assert!(ran.code == 2 && !ran.stdout.contains("S3CR3T"), "{ran:#?}");
}

#[test]
fn what_a_capture_shows_is_asked_about_if_it_may_leave() {
    let scene = Scene::new("online-capture");
    scene.configure("", &[("virustotal", None, "")]);
    let talk = |to: &str| {
        Conversation::new("10.0.5.23:50000", &format!("{to}:80"))
            .open()
            .client(b"GET /reset?token=hunter2hunter2 HTTP/1.1\r\nHost: 10.0.5.9\r\n\r\n")
            .close()
            .frames()
            .to_vec()
    };
    let frames = [talk(ADDRESS), talk("10.0.5.9")].concat();
    scene.bed.write("some.pcap", Pcap::new(1).frames(&frames).build());
    let arguments = ["capture", "some.pcap", "--only-providers", "virustotal", "-f", "json"];
    let ran = scene.run(&arguments, "");
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(report["coverage"]["network_calls"], 0);
    assert_eq!(scene.standin.requests(), 0);

    let ran = scene.run(&[&arguments[..], &["--online"]].concat(), "");
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(
        scene.standin.requests(),
        1,
        "the address outside, and nothing else: {report:#}"
    );
    assert_eq!(report["coverage"]["network_calls"], 1);
    assert_eq!(report["reputations"][0]["value"], ADDRESS, "{report:#}");
    let rules = report["findings"].as_array().unwrap();
    assert!(
        rules.iter().any(|finding| finding["rule"] == "indicator-sighted"),
        "{report:#}"
    );
}
