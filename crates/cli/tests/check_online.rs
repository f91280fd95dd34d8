//! `watchfire check --online` through the real binary, against providers on the loopback.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

mod common;

use common::{Bed, Ran};
use serde_json::Value;
use std::fs;
use std::time::{Duration, Instant};
use watchfire_standin::{Mode, Standin};

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
        flat(&plain.stdout).contains("21 providers not asked (--online)"),
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
    let first = scene.run(&command, &hashes(300));
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
fn providers_that_hang_or_fail_cost_their_own_rows() {
    let scene = Scene::new("online-slow");
    scene.configure(
        "",
        &[
            ("virustotal", None, ""),
            ("internetdb", Some(Mode::Slow), ""),
            ("otx", Some(Mode::Slow), ""),
            ("rdap", Some(Mode::Disconnect), ""),
        ],
    );
    let begun = Instant::now();
    let only = "virustotal,internetdb,otx,rdap";
    let ran = scene.run(
        &[
            "check",
            ADDRESS,
            "--online",
            "--only-providers",
            only,
            "--deadline",
            "3",
            "-f",
            "json",
        ],
        "",
    );
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(said(&report, "virustotal")["outcome"], "found");
    for slow in ["internetdb", "otx", "rdap"] {
        assert_eq!(said(&report, slow)["outcome"], "failed", "{slow}");
    }
    assert_eq!(report["reputations"][0]["asked"]["failed"], 3);
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
    assert!(line(&ran, "provider virustotal").contains("key from WATCHFIRE_VIRUSTOTAL_KEY"));
    assert!(line(&ran, "provider abuseipdb").contains("no key; WATCHFIRE_ABUSEIPDB_KEY is not set"));
    assert!(line(&ran, "provider misp").contains("no server is configured"));
    assert!(!ran.stdout.contains("has no effect"), "{ran:#?}");
    assert_eq!(scene.standin.requests(), 0);

    let names = ["virustotal", "otx", "epss"];
    let mut command = scene.bed.command(&["config", "doctor", "--online"]);
    command.env(VIRUSTOTAL, KEY).env("WATCHFIRE_OTX_KEY", KEY);
    command.env("WATCHFIRE_CHECK_PROVIDERS", names.join(","));
    let ran = Bed::finish(command, b"");
    assert!(
        line(&ran, "asked virustotal").contains("answers, 49 calls left"),
        "{ran:#?}"
    );
    assert!(line(&ran, "asked otx").contains("BROKEN"), "{ran:#?}");
    assert!(line(&ran, "asked epss").contains("look"), "{ran:#?}");
    assert!(ran.code == 2 && !ran.stdout.contains("S3CR3T"), "{ran:#?}");
}
