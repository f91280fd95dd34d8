//! The screens of what is managed: feeds, knowledge, assets, configuration. They keep to the width of the terminal.

#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use common::{Bed, Ran, check_screen};

const WIDTHS: [&str; 2] = ["80", "100"];

/// Runs on a screen of that width, where nothing is kept of whoever runs the tests.
fn run(bed: &Bed, width: &str, arguments: &[&str]) -> Ran {
    let mut command = bed.command(arguments);
    command.env("COLUMNS", width);
    Bed::finish(command, b"")
}

/// Compares with the checked-in screens, and holds each line to the width, but for words that are longer than a line.
#[track_caller]
fn check(bed: &Bed, name: &str, arguments: &[&str]) {
    for width in WIDTHS {
        let ran = run(bed, width, arguments);
        keeps_to(width, &ran);
        check_screen(&format!("{name}-{width}"), &ran.stdout);
    }
}

#[track_caller]
fn keeps_to(width: &str, ran: &Ran) {
    let columns: usize = width.parse().unwrap();
    assert!(ran.code == 0 && ran.stdout.lines().count() > 2, "{ran:#?}");
    for line in ran.stdout.lines().filter(|line| line.chars().count() > columns) {
        let last = line.rsplit("  ").next().unwrap_or(line).trim();
        assert!(!last.contains(' '), "wider than {columns}: '{line}'");
    }
}

/// The demo's feeds, as they were fetched in its story.
fn demo(name: &str) -> Bed {
    let bed = Bed::new(name);
    let ran = bed.run(&["demo", "-q", "story"]);
    assert_eq!(ran.code, 0, "{ran:#?}");
    bed
}

#[test]
fn feeds() {
    let bed = demo("managed-feeds");
    let config = ["--config", "story/watchfire.toml"];
    check(&bed, "feeds-list", &[&config[..], &["feeds", "list"]].concat());
    check(
        &bed,
        "feeds-stats",
        &[&config[..], &["feeds", "stats", "ip-blocklist"]].concat(),
    );
}

#[test]
fn knowledge() {
    let bed = Bed::new("managed-knowledge");
    check(
        &bed,
        "knowledge-status",
        &["knowledge", "status", "--as-of", "2026-11-22"],
    );
}

#[test]
fn assets() {
    let bed = Bed::new("managed-assets");
    let table = "ip,hostname,mac,owner\n10.0.5.23,FIN-PC-07.corp.example,00:53:00:aa:bb:cc,J. Meyer\n10.0.5.9,FILE01,,IT operations and infrastructure\n";
    bed.write("inventory.csv", table);
    bed.run(&["assets", "import", "-q", "inventory.csv"]).expect(0, &[]);
    check(&bed, "assets-list", &["assets", "list"]);
}

/// What it finds depends on the machine, so that only its width is held.
#[test]
fn doctor() {
    let bed = Bed::new("managed-doctor");
    for width in WIDTHS {
        keeps_to(width, &run(&bed, width, &["config", "doctor"]));
    }
}

#[test]
fn ages_of_feeds_count_to_the_configured_instant() {
    let bed = Bed::new("managed-as-of");
    bed.write("list.txt", "203.0.113.9\n");
    bed.run(&["feeds", "import", "-q", "list.txt"]).expect(0, &[]);
    bed.write("watchfire.toml", "as-of = \"2100-01-01\"\n");
    let list = bed.run(&["--config", "watchfire.toml", "feeds", "list"]).stdout;
    assert!(
        list.contains(" years old ") && list.contains("stale; imported"),
        "{list}"
    );
}
