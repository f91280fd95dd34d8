//! Feeds that are broken or mean harm, through the binary: what was in use stays in use, the reason is clear, memory is
//! bounded, and nothing that strangers wrote acts on a terminal.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test"
)]

mod common;

use common::server::{Reply, Server};
use common::{Bed, Ran};
use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use watchfire_testkit::archive::{gzip, gzip_bomb};

/// A list of so many addresses.
fn list(count: u8) -> String {
    (0..count).map(|number| format!("203.0.113.{number} # bad\n")).collect()
}

/// A bed with a feed of one address in use, whose next version is `next`.
fn bed(name: &str, format: &str, good: &str, next: impl Fn() -> Reply + Send + Sync + 'static) -> (Bed, Server) {
    let bed = Bed::new(name);
    let count = AtomicUsize::new(0);
    let good = good.to_owned();
    let server = Server::start(move |_| match count.fetch_add(1, Ordering::SeqCst) {
        0 => Reply::ok(good.clone()),
        _ => next(),
    });
    let url = server.url("/feed");
    bed.add_feed("own", &url, &["--format", format]);
    bed.run(&["feeds", "update"]).expect(0, &[]);
    (bed, server)
}

/// The next version is refused with these words, and the one from before stays.
#[track_caller]
fn refused(name: &str, format: &str, good: &str, next: impl Fn() -> Reply + Send + Sync + 'static, why: &str) {
    let (bed, _server) = bed(name, format, good, next);
    let before = bed.run(&["feeds", "stats", "own"]).stdout;
    let mut command = bed.command(&["feeds", "update", "--force"]);
    command.env("WATCHFIRE_LIMITS_FEED", "4M");
    let ran = Bed::finish(command, b"");
    assert!(
        ran.code == 2 && ran.stderr.contains(why) && ran.stderr.contains("hint: "),
        "{ran:#?}"
    );
    let after = bed.run(&["feeds", "stats", "own"]).stdout;
    let versions = |stats: &str| stats.split_once("VERSION").unwrap().1.to_owned();
    assert_eq!(versions(&before), versions(&after));
    assert!(after.contains(" failed: "), "{after}");
}

#[test]
fn what_is_broken_or_something_else_keeps_the_version_from_before() {
    let cut = |body: Vec<u8>| {
        let half = body.len() / 2;
        move || Reply {
            cut: Some(half),
            ..Reply::ok(body.clone())
        }
    };
    let page = || Reply::ok("<!DOCTYPE html><html><title>Sign in</title></html>");
    let json =
        r#"[{"ip_address":"203.0.113.1","last_online":"2026-11-01"},{"ip_address":"203.0.113.2","last_online":""}]"#;
    refused(
        "cut-list",
        "plain",
        &list(1),
        cut(list(200).into()),
        "the transfer was cut off",
    );
    refused("cut-json", "feodo", json, cut(json.into()), "the transfer was cut off");
    let short = json.as_bytes()[..60].to_vec();
    refused(
        "short-json",
        "feodo",
        json,
        move || Reply::ok(short.clone()),
        "it ends in the middle",
    );
    refused("page-json", "feodo", json, page, "this is a web page");
    refused("page-list", "plain", &list(1), page, "this is a web page");
    refused("empty", "plain", &list(1), || Reply::ok(""), "it is empty");
    refused(
        "gone",
        "plain",
        &list(1),
        || Reply::new(404, ""),
        "there is nothing at its address (HTTP 404)",
    );
    let nonsense = || Reply::ok("what is this\nand why is it here\n203.0.113.1\n");
    refused(
        "nonsense",
        "plain",
        &list(1),
        nonsense,
        "more than half of it cannot be read as plain",
    );
    let round = || Reply::new(302, "").header("Location", "/feed");
    refused("round", "plain", &list(1), round, "without end");
    let file = || Reply::new(302, "").header("Location", "file:///etc/passwd");
    refused("file", "plain", &list(1), file, "no address with https");
}

#[test]
fn what_is_packed_is_whole_and_small_or_refused() {
    let packed = gzip(list(250).as_bytes());
    let half = packed[..packed.len() / 2].to_vec();
    let (bed, _server) = bed("packed", "plain", &list(1), move || Reply::ok(packed.clone()));
    bed.run(&["feeds", "update"])
        .expect(0, &[" own: 250 indicators, read as plain"]);
    refused(
        "packed-cut",
        "plain",
        &list(1),
        move || Reply::ok(half.clone()),
        "it ends in the middle",
    );
    let bomb = || Reply::ok(gzip_bomb(64 << 20));
    refused("packed-bomb", "plain", &list(1), bomb, "unpack");
    let coded = || Reply::ok(gzip_bomb(64 << 20)).header("Content-Encoding", "gzip");
    refused("coded-bomb", "plain", &list(1), coded, "it is larger than 4");
    let lines = gzip(list(250).repeat(2_000).as_bytes());
    refused(
        "packed-large",
        "plain",
        &list(1),
        move || Reply::ok(lines.clone()),
        "unpack",
    );
}

/// The most memory that a run held, where the system tells. Bytes.
#[cfg(target_os = "linux")]
fn watched(bed: &Bed, arguments: &[&str], limit: &str) -> (Ran, u64) {
    let mut command = bed.command(arguments);
    command.env("WATCHFIRE_LIMITS_FEED", limit);
    let child = command.spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let watcher = std::thread::spawn(move || {
        let mut most = 0;
        while let Ok(text) = fs::read_to_string(&status) {
            let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let Some(line) = line else { break };
            most = line.trim().trim_end_matches(" kB").parse().unwrap_or(most);
            std::thread::sleep(Duration::from_millis(5));
        }
        most << 10
    });
    let output = child.wait_with_output().unwrap();
    let ran = Ran {
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        code: output.status.code().unwrap_or(-1),
    };
    (ran, watcher.join().unwrap())
}

#[cfg(target_os = "linux")]
#[test]
fn a_feed_without_end_is_stopped_in_bounded_memory() {
    let endless = |body: String| {
        move || Reply {
            endless: true,
            ..Reply::ok(body.clone())
        }
    };
    for (name, format, body, limit) in [
        ("endless-line", "plain", "x".repeat(1 << 16), "1G"),
        ("endless-list", "plain", list(250), "64M"),
        ("endless-json", "feodo", format!("{}{}", "[", "[],".repeat(1000)), "64M"),
    ] {
        let good = if format == "feodo" {
            r#"[{"ip_address":"203.0.113.1"}]"#.to_owned()
        } else {
            list(1)
        };
        let (bed, _server) = bed(name, format, &good, endless(body));
        let begun = Instant::now();
        let (ran, most) = watched(&bed, &["feeds", "update"], limit);
        assert_eq!(ran.code, 2, "{ran:#?}");
        if name != "endless-json" {
            assert!(
                ran.stderr.contains("it is larger than ") && ran.stderr.contains("limits.feed"),
                "{ran:#?}"
            );
        }
        assert!(most < 100 << 20, "{name} held {most} bytes");
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "{name} took {:?}",
            begun.elapsed()
        );
        assert!(bed.run(&["feeds", "list"]).stdout.contains("  1  C"));
    }
}

#[test]
fn what_strangers_wrote_never_acts_on_a_terminal() {
    let evil = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{202e}gpj.exe\r\u{9b}31m";
    let feed = serde_json::json!([
        {"url": "http://evil.example/a", "verified": "yes", "target": evil, "phish_id": 1, "phish_detail_url": evil},
        {"url": "http://evil.example/b", "verified": "yes", "target": "y"},
        {"url": "http://evil.example/c", "verified": "yes", "target": "z"},
        {"url": format!("http://evil.example/{evil}"), "verified": "yes", "target": "x"},
        {"url": evil, "verified": "yes"},
    ]);
    let (bed, _server) = bed("terminal", "phishtank", &feed.to_string(), move || {
        Reply::new(500, "").header("Server", "\u{1b}[2J")
    });
    let fails = bed.run(&["feeds", "update", "--force"]);
    let check = ["check", "http://evil.example/a", "--explain"];
    for ran in [
        fails,
        bed.run(&check),
        bed.run(&["feeds", "list"]),
        bed.run(&["feeds", "stats", "own"]),
    ] {
        let text = format!("{}{}", ran.stdout, ran.stderr);
        let bad = text
            .chars()
            .find(|c| (c.is_control() && *c != '\n') || ('\u{202a}'..='\u{202e}').contains(c));
        assert_eq!(bad, None, "{text}");
    }
    bed.write("list.json", feed.to_string());
    let ran = bed.run(&[
        "feeds",
        "import",
        "list.json",
        "--name",
        "other",
        "--format",
        "phishtank",
    ]);
    assert!(
        ran.code == 0 && !ran.stderr.contains('\u{1b}') && !ran.stderr.contains('\u{202e}'),
        "{ran:#?}"
    );
}
