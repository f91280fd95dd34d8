//! Offline means offline: commands that need no network make no call to it, are the same where there is none, and those
//! that need one refuse before anything leaves.
//!
//! Two of these tests ask the system: one runs the binary in a network namespace that is empty, one watches every system
//! call of it that has to do with networks. Where the system does not allow that, they say that they are skipped.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod common;

use common::{Bed, Ran, skipped};
use std::fs;
use std::process::Command;
use watchfire_standin::Standin;

const MAIL: &str = "see hxxp://evil[.]example/gate.php and 203.0.113.7, wikipedia.org\n";

/// A bed with something in it, and providers and feeds that could be asked.
fn scene(name: &str) -> (Bed, Standin) {
    let bed = Bed::new(name);
    let standin = Standin::start().unwrap();
    bed.write("mail.txt", MAIL);
    let rule = "title: T\nlogsource: {product: linux}\ndetection: {s: [word], condition: s}\n";
    bed.write("rule.yml", rule);
    bed.write("hosts.csv", "ip,hostname,owner\n10.0.5.23,files,ops\n");
    // Dated, so that nothing tells when it was taken in.
    let dated = |value: &str| format!("{value},2026-11-20\n");
    let list = ["203.0.113.7", "198.51.100.0/24", "evil.example"].map(dated);
    bed.write("list.csv", format!("indicator,first_seen\n{}", list.concat()));
    let folder = bed.folder.join("home/.config/watchfire");
    fs::create_dir_all(&folder).unwrap();
    let url = standin.base("virustotal");
    fs::write(
        folder.join("watchfire.toml"),
        format!(
            "[providers.virustotal]\nurl = \"{url}\"\n[knowledge]\nurl = \"{url}/intel.bundle\"\n\
             [assets]\nscan = [\"10.0.5.0/24\"]\n"
        ),
    )
    .unwrap();
    (bed, standin)
}

/// Commands that need no network, in an order in which they can follow one another.
const ALONE: &[&[&str]] = &[
    &["extract", "mail.txt"],
    &["triage", "mail.txt", "--as-of", "2026-11-22"],
    &["feeds", "import", "list.csv"],
    &["feeds", "list"],
    &["feeds", "formats"],
    &[
        "check",
        "8.8.8.8",
        "203.0.113.7",
        "evil.example",
        "--as-of",
        "2026-11-22",
        "--explain",
    ],
    &["check", "203.0.113.7", "--mark", "benign", "--why", "ours"],
    &["check", "203.0.113.7", "--as-of", "2026-11-22", "-f", "json"],
    &["assets", "import", "hosts.csv"],
    &["assets", "show", "10.0.5.23"],
    &["knowledge", "status", "--as-of", "2026-11-22"],
    &["defang", "mail.txt"],
    &["demo", "story", "-f", "json"],
    &["rules", "import", "rule.yml"],
    &["rules", "update"],
    &["rules", "list", "-f", "csv"],
    &["rules", "lint", "rule.yml"],
    &["rules", "test", "builtin", "--on", "mail.txt"],
    &["rules", "explain", "rule.yml"],
    &["suppress", "--list"],
    &["store", "check"],
    &["config", "doctor"],
    &["config", "settings"],
    &["schema"],
    &["--version", "--licenses"],
];

/// Commands whose job is the network.
const REACHING: &[&[&str]] = &[
    &["check", "8.8.8.8", "--online"],
    &[
        "check",
        "8.8.8.8",
        "wikipedia.org",
        "--online",
        "--contact-targets",
        "--pap",
        "GREEN",
    ],
    &["config", "doctor", "--online"],
    &["feeds", "update"],
    &["feeds", "update", "list"],
    &["knowledge", "update"],
    &["rules", "import", "https://rules.example/sigma.zip"],
    &["assets", "scan", "--nmap", "10.0.5.23"],
];

/// `watchfire ARGUMENTS` behind `wrapper`, in the bed of `bed`.
fn wrapped(bed: &Bed, wrapper: &[&str], arguments: &[&str]) -> Ran {
    let plain = bed.command(arguments);
    let (first, rest) = wrapper.split_first().unwrap();
    let mut command = Command::new(first);
    command.args(rest).arg(plain.get_program()).args(arguments);
    command.current_dir(plain.get_current_dir().unwrap()).env_clear();
    command.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    for (name, value) in plain.get_envs() {
        command.env(name, value.unwrap_or_default());
    }
    command.stdin(std::process::Stdio::null());
    command
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    Bed::finish(command, b"")
}

/// Whether a program runs here with these arguments and ends well.
fn runs(command: &[&str]) -> bool {
    let (first, rest) = command.split_first().unwrap();
    Command::new(first)
        .args(rest)
        .output()
        .is_ok_and(|output| output.status.success())
}

#[test]
fn offline_commands_are_the_same_where_there_is_no_network_at_all() {
    if !runs(&["unshare", "-rn", "true"]) {
        return skipped("a network namespace of one's own is not allowed here");
    }
    let (bed, standin) = scene("offline-with");
    let (lonely, _) = scene("offline-without");
    for arguments in ALONE {
        let with = bed.run(arguments);
        let without = wrapped(&lonely, &["unshare", "-rn"], arguments);
        assert_eq!(with.code, 0, "{arguments:?}: {with:#?}");
        // The two beds have folders and audit logs of their own.
        let own = |ran: &Ran, bed: &Bed| ran.stdout.replace(&*bed.folder.to_string_lossy(), "BED");
        let telling = !["config", "store"].contains(&arguments[0]);
        assert_eq!(without.code, 0, "{arguments:?}: {without:#?}");
        if telling {
            assert_eq!(own(&with, &bed), own(&without, &lonely), "{arguments:?}");
        }
    }
    assert_eq!(standin.requests(), 0);
}

#[test]
fn offline_commands_make_no_call_to_the_network() {
    if !runs(&["strace", "-f", "-e", "trace=network", "true"]) {
        return skipped("strace is not there, or may not watch");
    }
    let (bed, standin) = scene("offline-watched");
    let trace = bed.folder.join("trace");
    let watch = ["strace", "-f", "-qq", "-e", "trace=network", "-e", "signal=none", "-o"];
    let watch: Vec<&str> = watch.into_iter().chain([trace.to_str().unwrap()]).collect();
    let refused = REACHING
        .iter()
        .map(|arguments| [arguments, &["--offline"][..]].concat());
    let alone = ALONE.iter().map(|arguments| arguments.to_vec());
    for arguments in alone.chain(refused) {
        wrapped(&bed, &watch, &arguments);
        let calls = fs::read_to_string(&trace).unwrap();
        // Runtimes talk to themselves over pairs of sockets that no network knows.
        let calls: Vec<&str> = calls
            .lines()
            .filter(|call| !call.contains("socketpair(AF_UNIX"))
            .collect();
        assert!(calls.is_empty(), "{arguments:?}: {calls:#?}");
    }
    assert_eq!(standin.requests(), 0);
    // The watch sees what there is to see.
    wrapped(
        &bed,
        &watch,
        &[
            "check",
            "8.8.8.8",
            "--online",
            "--only-providers",
            "internetdb",
            "--deadline",
            "1",
        ],
    );
    let calls = fs::read_to_string(&trace).unwrap();
    assert!(calls.contains("socket(AF_INET"), "{calls}");
}

#[test]
fn offline_refuses_whatever_would_reach_out() {
    let (bed, standin) = scene("offline-refused");
    bed.run(&["feeds", "import", "list.csv"]);
    let refused = |ran: &Ran, arguments: &[&str]| {
        assert_eq!(ran.code, 2, "{arguments:?}: {ran:#?}");
        let told = ran.stderr.contains("forbids every network call") || ran.stderr.contains("the network is forbidden");
        assert!(told, "{arguments:?}: {ran:#?}");
    };
    for arguments in REACHING {
        let flagged = [arguments, &["--offline"][..]].concat();
        refused(&bed.run(&flagged), &flagged);
        let mut command = bed.command(arguments);
        command
            .env("WATCHFIRE_OFFLINE", "true")
            .env("WATCHFIRE_VIRUSTOTAL_KEY", "key");
        refused(&Bed::finish(command, b""), arguments);
    }
    assert_eq!(standin.requests(), 0);
}
