//! `feeds update` is killed at random moments, and nobody ever sees half a feed.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test"
)]

mod common;

use common::Bed;
use common::server::{Reply, Server};
use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

const KILLS: usize = 120;
/// Values of one version.
const VALUES: usize = 3_000;

/// A small generator, so that a failure repeats as far as the machine allows.
struct Random(u64);

impl Random {
    fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most.max(1)
    }
}

/// No two versions share a value.
fn value(version: usize, number: usize) -> String {
    format!("host-{number}.version-{version}.example")
}

fn list(version: usize) -> String {
    (0..VALUES).map(|number| value(version, number) + "\n").collect()
}

/// How many of some values of a version are known, of how many. Every tenth, the first and the last.
fn known(bed: &Bed, data: &str, versions: &BTreeSet<usize>) -> Vec<(usize, usize)> {
    let asked: Vec<(usize, String)> = versions
        .iter()
        .flat_map(|version| {
            (0..VALUES)
                .step_by(10)
                .chain([VALUES - 1])
                .map(|number| (*version, value(*version, number)))
        })
        .collect();
    let lines: String = asked.iter().map(|(_, value)| format!("{value}\n")).collect();
    let ran = bed.pipe(
        &["check", "-", "-f", "ndjson", "-q", "--data-dir", data],
        lines.as_bytes(),
    );
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let malicious: BTreeSet<String> = ran
        .json_lines()
        .iter()
        .filter(|line| line["record"] == "enrichment" && line["judgement"]["verdict"] == "malicious")
        .map(|line| line["value"].as_str().unwrap().to_owned())
        .collect();
    versions
        .iter()
        .map(|version| {
            let of = asked.iter().filter(|(own, _)| own == version);
            (
                of.clone().filter(|(_, value)| malicious.contains(value)).count(),
                of.count(),
            )
        })
        .collect()
}

/// One version is known in whole, or none where `or_none`; of the others nothing is.
#[track_caller]
fn whole(bed: &Bed, data: &str, versions: &BTreeSet<usize>, or_none: bool) -> Option<usize> {
    let known = known(bed, data, versions);
    let mut whole = None;
    for (version, (met, all)) in versions.iter().zip(&known) {
        assert!(
            *met == 0 || met == all,
            "half of version {version} is visible: {met} of {all}"
        );
        if met == all {
            assert_eq!(whole, None, "two versions are visible");
            whole = Some(*version);
        }
    }
    assert!(whole.is_some() || or_none, "no version is visible");
    whole
}

fn files(bed: &Bed) -> Vec<String> {
    let folder = bed.folder.join("data/feeds");
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().into_string().unwrap()).collect()
}

/// Starts a command and kills it at a random moment of the time that it takes, or a little later.
fn kill(mut command: Command, takes: &mut Duration, random: &mut Random) {
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let started = Instant::now();
    let mut child = command.spawn().unwrap();
    let after = Duration::from_micros(random.below(u64::try_from(takes.as_micros()).unwrap() * 6 / 5));
    while started.elapsed() < after && child.try_wait().unwrap().is_none() {
        sleep(Duration::from_micros(200));
    }
    let ended = child.try_wait().unwrap().is_some();
    let _ = child.kill();
    child.wait().unwrap();
    // The machine may be busier than it was.
    *takes = if ended {
        (*takes + started.elapsed()) / 2
    } else {
        *takes * 21 / 20
    };
}

#[test]
fn whatever_is_killed_when_the_old_or_the_new_version_is_in_use() {
    let bed = Bed::new("feeds-killed");
    let version = Arc::new(AtomicUsize::new(0));
    let serving = Arc::clone(&version);
    let server = Server::start(move |_| Reply::ok(list(serving.load(Ordering::SeqCst))));
    let data = bed.folder.join("data").display().to_string();
    let run = |arguments: &[&str]| bed.run(&[arguments, &["--data-dir", &data]].concat());
    let url = server.url("/list");
    let add = [
        "feeds",
        "add",
        "own",
        "--url",
        &url,
        "--format",
        "plain",
        "--grade",
        "A",
        "--data-dir",
        &data,
    ];
    let update = ["feeds", "update", "--force", "--data-dir", &data];
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let (mut replaced, mut most) = (0, 0);
    let mut current = None;
    // How long each takes, as far as is known; moments are drawn from a little more.
    let (mut adding, mut updating) = (Duration::from_millis(60), Duration::from_millis(120));
    let begun = Instant::now();
    for round in 0..KILLS {
        // Every sixth round begins without anything, and what makes the store is killed too.
        if round % 6 == 0 {
            let _ = fs::remove_dir_all(bed.folder.join("data"));
            current = None;
            kill(bed.command(&add), &mut adding, &mut random);
            run(&["feeds", "list"]).expect(0, &[]);
        }
        if current.is_none() {
            // It is there already, or is added now.
            bed.run(&add);
        }
        version.store(round + 1, Ordering::SeqCst);
        kill(bed.command(&update), &mut updating, &mut random);
        let asked: BTreeSet<usize> = current.into_iter().chain([round + 1]).collect();
        let seen = whole(&bed, &data, &asked, current.is_none());
        replaced += usize::from(seen == Some(round + 1));
        current = seen;
        most = most.max(files(&bed).len());
    }
    // At most three versions, one orphan, one that is half written, the lock.
    assert!(most <= 6, "{most} files: {:?}", files(&bed));
    assert!(
        replaced > 0 && replaced < KILLS,
        "{replaced} of {KILLS} updates came to their end"
    );
    run(&["store", "check"]).expect(0, &[]);
    version.store(KILLS + 1, Ordering::SeqCst);
    run(&["feeds", "update", "--force"]).expect(0, &[]);
    whole(&bed, &data, &BTreeSet::from([KILLS + 1]), false);
    let left = files(&bed);
    assert!(
        left.len() <= 4 && left.iter().all(|name| !name.ends_with(".part")),
        "{left:?}"
    );
    println!(
        "{KILLS} kills in {:?}, {replaced} updates came to their end",
        begun.elapsed()
    );
}
