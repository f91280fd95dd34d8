//! Detectors of anomalies held to labelled sets beside scikit-learn's isolation forest, calibration held to clean data, and
//! templates held to those that people wrote.
//!
//! `WATCHFIRE_CONFORMANCE_VERBOSE=1` shows every set. What scikit-learn 1.9.1 reaches with the same seeds is in
//! `anomalies/scikit_learn.tsv`; `tests/peers/anomaly` makes it.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test, and it prints its figures"
)]

#[path = "anomalies/measure.rs"]
mod measure;

use measure::{Labelled, SEEDS, ecod, ensemble, extended, forest, mean, sets};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use watchfire_anomaly::templates::Miner;
use watchfire_anomaly::{Model, Options, Rows, ensemble as members};
use watchfire_testkit::corpus::corpus_folder;
use watchfire_testkit::random::Random;

fn verbose() -> bool {
    std::env::var_os("WATCHFIRE_CONFORMANCE_VERBOSE").is_some()
}

/// AUC-ROC and AUC-PR of scikit-learn's forest, by set.
fn peer() -> BTreeMap<String, [f64; 2]> {
    let text = include_str!("anomalies/scikit_learn.tsv");
    let line = |line: &str| {
        let cells: Vec<&str> = line.split('\t').collect();
        Some((
            cells[0].to_owned(),
            [cells.get(1)?.parse().ok()?, cells.get(2)?.parse().ok()?],
        ))
    };
    text.lines().skip(1).filter_map(line).collect()
}

/// The mean over sets of what `scores` reach beyond scikit-learn. Very long sets are for the example in a release build.
fn beyond(name: &str, labelled: &[Labelled], scores: impl Fn(Rows<'_>, u64) -> Vec<f64>) -> [f64; 2] {
    let peer = peer();
    let mut sums = [0.0; 2];
    let mut count = 0.0;
    for set in labelled {
        let Some(theirs) = peer.get(&set.name) else { continue };
        let ours = mean(set, &scores);
        if verbose() {
            println!(
                "{name} {}: {:.2} / {:.2} beside {:.2} / {:.2}",
                set.name, ours[0], ours[1], theirs[0], theirs[1]
            );
        }
        count += 1.0;
        (0..2).for_each(|at| sums[at] += ours[at] - theirs[at]);
    }
    let mean = sums.map(|sum| sum / count);
    println!(
        "{name}: {:+.2} AUC-ROC, {:+.2} AUC-PR beside scikit-learn, mean of {count} sets",
        mean[0], mean[1]
    );
    mean
}

fn labelled(test: &str, most: usize) -> Option<Vec<Labelled>> {
    let folder = corpus_folder(test, "adbench")?;
    Some(sets(&folder).filter(|set| set.rows().len() <= most).collect())
}

#[test]
fn forests_are_as_good_as_those_of_scikit_learn() {
    let Some(sets) = labelled("forests", 100_000) else {
        return;
    };
    let plain = beyond("isolation forest", &sets, forest);
    assert!(plain[0].abs() <= 0.5, "{plain:?}");
    beyond("extended isolation forest", &sets, extended);
    beyond("ECOD", &sets, ecod);
}

#[test]
fn the_ensemble_is_better_by_two_points() {
    let Some(sets) = labelled("ensemble", 100_000) else {
        return;
    };
    let all = beyond("ensemble", &sets, ensemble);
    assert!(all[0] >= 2.0 && all[1] >= 2.0, "{all:?}");
}

/// Usual rows are dealt into three: one is fitted, one calibrates, one is judged.
#[test]
fn clean_rows_are_flagged_as_often_as_the_chance_says() {
    let Some(sets) = labelled("calibration", 10_000) else {
        return;
    };
    let mut shares = Vec::new();
    for set in &sets {
        for seed in SEEDS {
            let mut random = Random::new(seed);
            let mut parts: [Vec<f64>; 3] = Default::default();
            for (row, _) in set
                .rows()
                .iter()
                .zip(&set.anomalous)
                .filter(|(_, anomalous)| !**anomalous)
            {
                parts[random.index(3)].extend_from_slice(row);
            }
            let [fitted, clean, fresh] = parts
                .each_ref()
                .map(|part| Rows::new(part, set.columns).expect("columns"));
            let options = Options {
                ensemble: members::Options {
                    trees: 100,
                    samples: 32,
                    seed,
                },
            };
            let judged = Model::fit_and_calibrate(fitted, clean, &[], &options, 2).judge(fresh, 2);
            let flagged = judged.iter().filter(|judged| judged.p_value <= 0.01).count();
            shares.push(flagged as f64 / judged.len() as f64);
        }
    }
    let share = 100.0 * shares.iter().sum::<f64>() / shares.len() as f64;
    println!(
        "calibration: {share:.2} % of clean rows are flagged at p <= 0.01, mean of {} fits",
        shares.len()
    );
    assert!((0.5..=1.5).contains(&share), "{share}");
}

/// The columns of a CSV line; quotes are doubled inside of quotes.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        let last = cells.len() - 1;
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                cells[last].push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            _ => cells[last].push(character),
        }
    }
    cells
}

/// The share of lines whose group holds exactly the lines of the group that people made: grouping accuracy (Zhu and others,
/// "Tools and benchmarks for automated log parsing", ICSE 2019).
fn grouping_accuracy(ours: &[u32], theirs: &[String]) -> f64 {
    let mut groups: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    let mut truth: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, (group, event)) in ours.iter().zip(theirs).enumerate() {
        groups.entry(*group).or_default().push(at);
        truth.entry(event).or_default().push(at);
    }
    let truth: BTreeSet<Vec<usize>> = truth.into_values().collect();
    let right: usize = groups
        .values()
        .filter(|group| truth.contains(*group))
        .map(Vec::len)
        .sum();
    right as f64 / ours.len() as f64
}

#[test]
fn templates_group_lines_as_people_do() {
    let Some(folder) = corpus_folder("templates", "loghub") else {
        return;
    };
    let mut all = Vec::new();
    for system in fs::read_dir(&folder).expect("the corpus can be read").flatten() {
        let name = system.file_name().to_string_lossy().into_owned();
        let Ok(text) = fs::read(system.path().join(format!("{name}_2k.log_structured.csv"))) else {
            continue;
        };
        let text = String::from_utf8_lossy(&text).into_owned();
        let mut lines = text.lines().map(cells);
        let header = lines.next().expect("a header");
        let column = |name: &str| header.iter().position(|cell| cell == name).expect("a column");
        let (content, event) = (column("Content"), column("EventId"));
        let rows: Vec<Vec<String>> = lines.collect();
        let mut miner = Miner::default();
        let signatures: Vec<u32> = rows
            .iter()
            .map(|row| miner.learn(row[content].as_bytes()).signature)
            .collect();
        let templates = miner.templates();
        let groups: Vec<u32> = signatures
            .iter()
            .map(|&at| templates.of(at, miner.generation()).expect("known"))
            .collect();
        let events: Vec<String> = rows.iter().map(|row| row[event].clone()).collect();
        for (row, group) in rows.iter().zip(&groups) {
            assert_eq!(
                templates.find(row[content].as_bytes()).map(|found| found.template),
                Some(*group)
            );
        }
        let accuracy = grouping_accuracy(&groups, &events);
        println!(
            "templates of {name}: {accuracy:.3}, {} of {}",
            templates.list().len(),
            events.iter().collect::<BTreeSet<_>>().len()
        );
        all.push(accuracy);
    }
    let mean = all.iter().sum::<f64>() / all.len() as f64;
    println!("templates: grouping accuracy {mean:.4}, mean of {} systems", all.len());
    assert!(mean >= 0.9, "{mean}");
}
