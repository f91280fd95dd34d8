//! `watchfire check -` on input that is slow, hostile, endless or cut into pieces; and a bulk check that is killed.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod common;

use common::Bed;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};
use watchfire_standin::Standin;

/// A bed with a feed that knows every third of [`addresses`], the networks around some, and a name.
fn bed(name: &str) -> Bed {
    let bed = Bed::new(name);
    let listed: Vec<String> = addresses(1500).into_iter().step_by(3).collect();
    bed.write(
        "list.txt",
        format!("{}\n45.133.0.0/16\nevil-c2.com\n", listed.join("\n")),
    );
    bed.run(&["feeds", "import", "-q", "list.txt", "--grade", "B"])
        .expect(0, &[]);
    bed
}

fn addresses(count: u32) -> Vec<String> {
    let address = |n: u32| std::net::Ipv4Addr::from(0x2d00_0000 + n.wrapping_mul(2_654_435_761) % 0x0400_0000);
    (0..count).map(|n| address(n).to_string()).collect()
}

/// Numbers that look like chance, the same each time.
fn chance(seed: &mut u64) -> u64 {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    *seed
}

fn start(bed: &Bed, arguments: &[&str]) -> Child {
    let mut command = bed.command(arguments);
    command.stdin(Stdio::piped()).spawn().unwrap()
}

#[test]
fn the_first_answer_does_not_wait_for_the_second_question() {
    check_slow(&[], [b"8.8.8.8\n1.1.", b"1.1\n"]);
}

#[test]
fn the_first_answer_does_not_wait_for_the_second_row_of_a_table() {
    check_slow(&["--column", "ip"], [b"a,ip\nx,8.8.8.8\ny,\"1.", b"1.1.1\"\n"]);
}

#[track_caller]
fn check_slow(more: &[&str], [first, second]: [&[u8]; 2]) {
    let bed = bed(&format!("stream-slow{}", more.len()));
    let mut child = start(&bed, &[&["check", "-", "-q", "-f", "csv"], more].concat());
    let mut input = child.stdin.take().unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for line in output.lines() {
            let _ = sender.send(line.unwrap());
        }
    });
    let next = || lines.recv_timeout(Duration::from_secs(20)).unwrap();
    input.write_all(first).unwrap();
    assert!(next().starts_with("input,type,value"));
    assert!(next().starts_with("8.8.8.8,ipv4"));
    input.write_all(second).unwrap();
    assert!(next().starts_with("1.1.1.1,ipv4"));
    drop(input);
    assert!(child.wait().unwrap().success());
}

#[test]
fn the_same_bytes_come_out_however_the_input_arrives_and_whoever_works() {
    let bed = bed("stream-pieces");
    let mut values = addresses(1400);
    values.extend(
        [
            "evil-c2.com",
            "x.example.org",
            "hxxps://evil-c2[.]com/a",
            "not a value",
            "::1",
        ]
        .map(str::to_owned),
    );
    let input = values.join("\n");
    let arguments = |threads| {
        [
            "check",
            "-",
            "-q",
            "-f",
            "ndjson",
            "-j",
            threads,
            "--as-of",
            "2026-11-22",
        ]
    };
    let whole = bed.pipe(&arguments("1"), input.as_bytes());
    let rows = whole
        .stdout
        .lines()
        .filter(|line| line.starts_with("{\"record\":\"enrichment\""))
        .count();
    assert_eq!(rows, values.len() - 1, "{}", whole.stderr);
    let mut seed = 0x9e37_79b9_7f4a_7c15;
    for threads in ["1", "2", "5"] {
        let mut child = start(&bed, &arguments(threads));
        let mut pipe = child.stdin.take().unwrap();
        let (mut rest, mut pieces) = (input.clone().into_bytes(), Vec::new());
        while !rest.is_empty() {
            let length = (chance(&mut seed) % 2000 + 1) as usize;
            let later = rest.split_off(length.min(rest.len()));
            pieces.push(std::mem::replace(&mut rest, later));
        }
        let feeder = std::thread::spawn(move || {
            for piece in pieces {
                pipe.write_all(&piece).unwrap();
                pipe.flush().unwrap();
                std::thread::yield_now();
            }
        });
        let output = child.wait_with_output().unwrap();
        feeder.join().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), whole.stdout, "{threads}");
    }
    // What is said of one alone is what is said of it among many.
    let records = whole.json_lines();
    for value in ["evil-c2.com", &values[0], &values[1], &values[700], "::1"] {
        let alone = bed.run(&["check", value, "-q", "-f", "ndjson", "--as-of", "2026-11-22"]);
        let among = records.iter().find(|record| record["value"] == *value).unwrap();
        assert_eq!(alone.json_lines()[0], *among, "{value}");
    }
}

#[test]
fn who_reads_no_more_is_no_error() {
    let bed = bed("stream-broken");
    let mut child = start(&bed, &["check", "-", "-f", "ndjson"]);
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let feeder = std::thread::spawn(move || {
        let block = "45.133.1.20\n".repeat(1000);
        // Endless, for whoever does not stop.
        while input.write_all(block.as_bytes()).is_ok() {}
    });
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    assert!(line.contains("45.133.1.20"));
    drop(output);
    let begun = Instant::now();
    let status = child.wait().unwrap();
    assert!(begun.elapsed() < Duration::from_secs(20));
    assert_eq!(status.code(), Some(0));
    feeder.join().unwrap();
}

/// What is counted and what is said of a hostile input, and how it ends.
#[track_caller]
fn check(bed: &Bed, input: &[u8], code: i32, values: usize) {
    let ran = bed.pipe(&["check", "-", "-f", "csv"], input);
    assert_eq!(ran.code, code, "{ran:#?}");
    let rows = ran.stdout.lines().count().saturating_sub(1);
    assert_eq!(rows, values, "{ran:#?}");
    let is_plain = |text: &str| !text.contains(|c: char| c.is_control() && c != '\n' && c != '\r');
    assert!(is_plain(&ran.stdout) && is_plain(&ran.stderr), "{ran:#?}");
}

#[test]
fn hostile_lines_cost_themselves_alone() {
    let bed = Bed::new("stream-hostile");
    check(&bed, b"", 2, 0);
    check(&bed, b"\n \n# x\n\r\n", 2, 0);
    check(&bed, b"\xff\xfe\x00\n8.8.8.8\n", 3, 2);
    check(&bed, b"8.8\0.8.8\n8.8.8.8\0\n8.8.8.8", 3, 3);
    check(&bed, b"\xef\xbb\xbf8.8.8.8\r\n", 0, 1);
    check(&bed, "8.8.8.8\u{a0}\n\u{202e}8.8.8.8\n".as_bytes(), 3, 2);
    check(&bed, b"=cmd|' /C calc'!A0\n\x1b[2J\n8.8.8.8\n", 3, 3);
    check(&bed, "http://a.com/\u{1b}]0;x\u{7}\n".repeat(3).as_bytes(), 2, 3);
}

#[cfg(target_os = "linux")]
#[test]
fn a_line_that_never_ends_takes_no_room() {
    let bed = Bed::new("stream-long");
    let mut child = start(&bed, &["check", "-", "-f", "csv"]);
    let mut input = child.stdin.take().unwrap();
    let block = vec![b'x'; 1 << 20];
    for _ in 0..256 {
        input.write_all(&block).unwrap();
    }
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let peak: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
    assert!(peak < 64 << 10, "{peak} kB for a line of 256 MB");
    input.write_all(b"\n8.8.8.8\n").unwrap();
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert_eq!(
        stdout.lines().count(),
        3,
        "one row for the long line, one for the other"
    );
    assert!(stdout.lines().last().unwrap().starts_with("8.8.8.8,"));
}

#[cfg(unix)]
#[test]
fn a_bulk_check_that_is_killed_spends_no_more_than_its_quota_and_keeps_what_it_was_told() {
    const KILLS: u32 = 100;
    let (bed, standin) = (Bed::new("stream-killed"), Standin::start().unwrap());
    let folder = bed.folder.join("home/.config/watchfire");
    fs::create_dir_all(&folder).unwrap();
    let base = standin.base("virustotal");
    // The last fifth is for people who ask about one value.
    let (quota, for_lists) = (1000, 800);
    let settings = format!("[providers.virustotal]\nurl = \"{base}\"\nquota = [\"{quota}/day\"]\n");
    fs::write(folder.join("watchfire.toml"), settings).unwrap();
    let hashes: String = (0..2000).map(|number| format!("{number:064x}\n")).collect();
    bed.write("hashes.txt", &hashes);
    let run = |online: &[&str]| {
        let mut command = bed.command(&[&["check", "-", "-q", "-f", "ndjson"], online].concat());
        command
            .env("WATCHFIRE_VIRUSTOTAL_KEY", "0123456789abcdef")
            .stdin(fs::File::open(bed.folder.join("in/hashes.txt")).unwrap());
        command
    };
    let online = ["--online", "--only-providers", "virustotal"];
    let mut seed = 20_261_122;
    for kill in 0..KILLS {
        let mut child = run(&online)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(chance(&mut seed) % 150));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(standin.requests() <= for_lists, "{kill}: {} calls", standin.requests());
        if kill % 20 == 0 && bed.folder.join("home/.local/share/watchfire/watchfire.db").exists() {
            bed.run(&["store", "check"]).expect(0, &[]);
        }
    }
    let before = standin.requests();
    assert!(before > 0, "no call was ever made before the end came");
    let last = Bed::finish(run(&online), b"");
    assert_eq!(last.code, 0, "{}", last.stderr);
    bed.run(&["store", "check"]).expect(0, &[]);
    let calls = standin.requests();
    assert!(calls <= for_lists, "{calls} calls");
    let answered = |ran: &common::Ran| {
        let mut count = 0;
        for record in ran.json_lines() {
            let said = record["enrichments"].as_array().into_iter().flatten();
            count += said
                .filter(|said| said["source"] == "virustotal" && said["outcome"] == "found")
                .count();
        }
        count as u32
    };
    // Of each run that was killed, only the calls that were on their way are lost.
    let kept = answered(&Bed::finish(run(&[]), b""));
    assert!(kept >= answered(&last), "what the last run was told is kept");
    assert!(
        kept <= calls && calls - kept <= 4 * KILLS,
        "{kept} of {calls} answers are kept"
    );
}
