//! The table in the README, which says what the run has shown.

use super::{Rate, Score};
use std::collections::BTreeMap;
use std::path::PathBuf;

const BEGIN: &str = "<!-- conformance -->\n";
const END: &str = "<!-- /conformance -->\n";

/// Our README says what `score` says, or is made to.
pub(crate) fn check(score: &Score, update: bool, problems: &mut Vec<String>) {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md"));
    let text = std::fs::read_to_string(&path).expect("the README is there");
    let parts = text
        .split_once(BEGIN)
        .and_then(|(before, rest)| Some((before, rest.split_once(END)?)));
    let Some((before, (said, after))) = parts else {
        problems.push("README.md: no conformance table between its marks".to_owned());
        return;
    };
    let table = table(score);
    if said != table {
        if update {
            std::fs::write(&path, format!("{before}{BEGIN}{table}{END}{after}")).expect("the README can be written");
        } else {
            problems.push(format!(
                "README.md says\n{said}and should say\n{table}WATCHFIRE_CONFORMANCE_UPDATE=1 writes it"
            ));
        }
    }
    let raw_urls = format!("{} of {} are found exactly", score.raw_urls.met, score.raw_urls.of);
    if !after.contains(&raw_urls) {
        problems.push(format!("README.md does not say that of the raw URLs {raw_urls}"));
    }
}

/// A row for each suite, the one with most assertions of tier A first.
fn table(score: &Score) -> String {
    let mut suites: BTreeMap<&str, BTreeMap<char, Rate>> = BTreeMap::new();
    for ((tier, source, _), rate) in &score.rows {
        let sum = suites.entry(source).or_default().entry(*tier).or_default();
        sum.met += rate.met;
        sum.of += rate.of;
    }
    let mut suites: Vec<_> = suites.into_iter().collect();
    suites.sort_by_key(|(_, tiers)| std::cmp::Reverse(tiers.get(&'A').map_or(0, |rate| rate.of)));
    let mut table = String::from("| suite | A met | B met | C met |\n|---|---|---|---|\n");
    for (source, tiers) in suites {
        let name = match source.split_once('/') {
            Some((owner, name)) => format!("{name} ({owner})"),
            None => source.to_owned(),
        };
        let cells: String = ['A', 'B', 'C'].map(|tier| cell(tiers.get(&tier))).concat();
        table.push_str(&format!("| {name} |{cells}\n"));
    }
    let [a, b, c] = ['A', 'B', 'C'].map(|tier| score.tiers.get(&tier).copied().unwrap_or_default());
    let (share, a) = (a.percent(), met(a));
    table.push_str(&format!(
        "| **together** | **{a} ({share:.1} %)** | {} | {} |\n",
        met(b),
        met(c)
    ));
    table
}

fn cell(rate: Option<&Rate>) -> String {
    rate.map_or(" |".to_owned(), |rate| format!(" {} |", met(*rate)))
}

/// `1,265 of 1,277`
fn met(rate: Rate) -> String {
    format!("{} of {}", thousands(rate.met), thousands(rate.of))
}

fn thousands(number: u32) -> String {
    match number {
        0..1_000 => number.to_string(),
        _ => format!("{},{:03}", thousands(number / 1_000), number % 1_000),
    }
}
