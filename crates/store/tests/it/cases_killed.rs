//! Whoever writes cases is killed at random moments: what was acknowledged is there, and the chains hold.
//!
//! The process is this program again, running [`case_worker`] alone. It says on its standard output what was acknowledged,
//! after it was.

use crate::bed::{Bed, Dice, by};
use crate::cases::{artifact, triage};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;
use watchfire_store::{Change, Kept, Resolution, Store};

/// What the process is told: seed and folder.
const WORK: &str = "STORE_CASE_WORKER";
const KILLS: u64 = 120;

#[test]
#[ignore = "it is the other process of the test beside it"]
fn case_worker() {
    let Ok(work) = std::env::var(WORK) else { return };
    let (seed, folder) = work.split_once(' ').unwrap();
    let seed: u64 = seed.parse().unwrap();
    let store = Store::open(Path::new(folder)).unwrap();
    let mut dice = Dice(seed);
    for round in 0u64.. {
        let token = format!("{seed}.{round}");
        let called = format!("case {}", dice.roll(3));
        let known = store.cases().find(&called).unwrap();
        let change = match dice.roll(5) {
            _ if known.is_none() => None,
            0 => None,
            1 => Some(Change::AddTask(token.as_str().into())),
            2 if known.is_some_and(|case| case.resolution.is_some()) => Some(Change::Reopen(token.as_str().into())),
            2 => Some(Change::Resolve(Resolution::Benign, token.as_str().into())),
            _ => Some(Change::Note(token.as_str().into())),
        };
        match change {
            Some(change) => drop(store.cases().change(&called, &change, &by(0)).unwrap()),
            None => {
                let found = triage(&token, vec![artifact(&token, &["198.51.100.1"])]);
                store.cases().extend(&called, &found, &by(0)).unwrap();
            }
        }
        let mut out = std::io::stdout().lock();
        writeln!(out, "ack {token}").unwrap();
        out.flush().unwrap();
    }
}

/// Every word that is anywhere in a case.
fn written(store: &Store) -> String {
    let mut all = String::new();
    for case in store.cases().list().unwrap() {
        let record = store.cases().record(case.id, Kept::With).unwrap();
        for event in &record.events {
            all.push_str(&format!(" {} ", event.text.raw()));
        }
        for artifact in &record.artifacts {
            all.push_str(&format!(" {} ", artifact.path.raw()));
        }
    }
    all
}

#[test]
fn nothing_acknowledged_is_lost_whenever_the_process_is_killed() {
    let bed = Bed::new("case-killed");
    drop(bed.store());
    let mut dice = Dice(7);
    let mut acknowledged = 0;
    for kill in 0..KILLS {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "cases_killed::case_worker",
                "--ignored",
                "--nocapture",
                "--test-threads=1",
            ])
            .env(WORK, format!("{kill} {}", bed.folder().display()))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut tokens: Vec<String> = Vec::new();
        let ack = |line: String| line.split_once("ack ").map(|(_, token)| token.to_owned());
        // After some acknowledged writes, at a random moment of the next.
        let most = dice.roll(6);
        while (tokens.len() as u64) < most {
            let Some(line) = lines.next() else { break };
            tokens.extend(ack(line.unwrap()));
        }
        sleep(Duration::from_micros(dice.roll(4000)));
        child.kill().unwrap();
        child.wait().unwrap();
        tokens.extend(lines.map_while(Result::ok).filter_map(ack));
        let store = bed.store();
        store.check().unwrap();
        let all = written(&store);
        for token in &tokens {
            assert!(
                all.contains(&format!(" {token} ")),
                "{token} was acknowledged and is lost"
            );
        }
        acknowledged += tokens.len();
    }
    assert!(acknowledged > 200, "{acknowledged}");
}
