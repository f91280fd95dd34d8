//! Measures the detector of beacons: `cargo run --release -p watchfire-testkit --example beacons -- [SEED] [REPEATS]`.
//!
//! Prints the tables of docs/beacons.md: what was found of beacons by jitter, interval and missing share, and what was found
//! among browsers alone.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a measurement"
)]

#[path = "../tests/beacons/trial.rs"]
mod trial;

use std::collections::BTreeMap;
use trial::{JITTERS, SUSPICIOUS, beacons, watch};
use watchfire_testkit::capture::office::Office;

fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|text| text.parse::<u64>().ok());
    let seed = numbers.next().unwrap_or(1);
    let repeats = usize::try_from(numbers.next().unwrap_or(4)).unwrap_or(4);
    let (mut found, mut all, mut wrong, mut pairs) = (0, 0, Vec::new(), 0);
    println!(
        "| interval | left out | {} |",
        JITTERS.map(|jitter| format!("jitter {jitter} %")).join(" | ")
    );
    println!("|---|---|{}", "---|".repeat(JITTERS.len()));
    for (number, interval) in [10, 60, 300, 900].into_iter().enumerate() {
        for missing in [0, 15, 30] {
            let mut cells: BTreeMap<u64, (u32, u32)> = BTreeMap::new();
            let beacons = beacons(interval, missing, repeats);
            let office = Office::new(seed * 1_000 + number as u64 * 10 + missing)
                .hosts(beacons.len())
                .snap(400)
                .without_rare_programs();
            let office = beacons
                .iter()
                .fold(office, |office, (_, beacon)| office.beacon(beacon.clone()));
            let outcome = watch(&office);
            for (jitter, beacon) in &beacons {
                let cell = cells.entry(*jitter).or_default();
                cell.1 += 1;
                if outcome.finds(&beacon.name) {
                    cell.0 += 1;
                } else {
                    let rhythm = outcome
                        .facts
                        .rhythms
                        .iter()
                        .find(|rhythm| rhythm.name.as_ref().is_some_and(|name| name.raw() == beacon.name));
                    let said = rhythm.map(|rhythm| {
                        let parts = rhythm
                            .parts
                            .iter()
                            .map(|part| format!("{} {} ({})", part.name, part.points, part.said));
                        format!("score {}: {}", rhythm.score, parts.collect::<Vec<_>>().join("; "))
                    });
                    eprintln!(
                        "missed {} every {interval} s, {missing} % left out: {}",
                        beacon.name,
                        said.unwrap_or_default()
                    );
                }
            }
            let row = cells.values().map(|(found, all)| format!("{found}/{all}"));
            println!(
                "| {interval} s | {missing} % | {} |",
                row.collect::<Vec<_>>().join(" | ")
            );
            found += cells.values().map(|cell| cell.0).sum::<u32>();
            all += cells.values().map(|cell| cell.1).sum::<u32>();
            pairs += outcome.pairs - beacons.len() * 2;
            wrong.extend(outcome.wrong().into_iter().map(str::to_owned));
        }
    }
    println!("\nfound: {found} of {all}; false: {} of {pairs} pairs", wrong.len());
    wrong.iter().for_each(|title| println!("- {title}"));
    let outcome = watch(&Office::new(seed * 1_000 + 999).snap(400));
    let told = outcome.findings(None, 1);
    println!(
        "\nan office of 25 for eight hours: {} pairs, {} frames, {} findings, of them of weight {SUSPICIOUS} and more: {}",
        outcome.pairs,
        outcome.facts.frames,
        told.len(),
        outcome.findings(None, SUSPICIOUS).len()
    );
    for finding in told {
        println!(
            "- {} {}: {}",
            finding.weight,
            finding.title,
            finding
                .evidence()
                .first()
                .map(|at| at.excerpt.shown(400))
                .unwrap_or_default()
        );
    }
}
