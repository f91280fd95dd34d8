//! How long rules take to compile, how fast they match, and what they say of files: one line for each match.
//!
//! `cargo run --release -p watchfire-yara --example measure -- RULES FILES [matches]`. RULES is a file or a folder with
//! rule files, FILES a list of paths, one on a line. With `matches`, lines `rule TAB file` and
//! `rule TAB file TAB place` on standard output, for
//! `tests/peers/yara/run.sh`; figures on standard error.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "an example measures, and reads what it is told to"
)]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use watchfire_model::MediaType;
use watchfire_yara::{Limits, Names, Rules, Source};

fn sources(path: &Path) -> Vec<Source> {
    if path.is_file() {
        let text = String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
        return vec![Source::new(path.to_string_lossy(), text)];
    }
    let mut entries: Vec<PathBuf> = std::fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    let is_rules = |path: &PathBuf| {
        path.extension()
            .is_some_and(|extension| extension == "yar" || extension == "yara")
    };
    entries
        .iter()
        .filter(|path| is_rules(path))
        .flat_map(|path| sources(path))
        .collect()
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let files = sources(Path::new(arguments.get(1).unwrap()));
    let listed = std::fs::read_to_string(arguments.get(2).unwrap()).unwrap();
    let started = Instant::now();
    let (rules, problems) = Rules::compile(&files);
    let compiled = started.elapsed();
    let lost = problems
        .iter()
        .filter(|problem| problem.severity > watchfire_model::DiagnosticSeverity::Note);
    lost.for_each(|problem| eprintln!("{problem}"));
    let rules = rules.unwrap();
    eprintln!(
        "{} files, {} rules, compiled in {compiled:.2?}",
        files.len(),
        rules.count()
    );
    let limits = Limits {
        matches: usize::MAX,
        places: usize::MAX,
        places_in_all: usize::MAX,
        ..Limits::default()
    };
    let (mut bytes, mut matches, mut time) = (0, 0, Duration::ZERO);
    for path in listed.lines() {
        let Ok(content) = std::fs::read(path) else { continue };
        let mut names = Names::of(path, MediaType::UNKNOWN);
        // The other engine is told nothing about files.
        if arguments.len() > 3 {
            names = Names::default();
        }
        let started = Instant::now();
        let outcome = rules.scan(&content, &names, &limits);
        time += started.elapsed();
        bytes += content.len();
        matches += outcome.matches.len();
        outcome
            .problems
            .iter()
            .for_each(|problem| eprintln!("{path}: {}", problem.message));
        if arguments.len() > 3 {
            for found in &outcome.matches {
                println!("{}\t{path}", found.rule.raw());
                for string in &found.strings {
                    let (start, name) = (string.span.start, string.identifier.raw());
                    println!("{}\t{path}\t{start:#x}:{name}", found.rule.raw());
                }
            }
        }
    }
    let rate = bytes as f64 / 1e6 / time.as_secs_f64();
    eprintln!(
        "{:.1} MB in {time:.2?}: {rate:.1} MB/s, {matches} matches",
        bytes as f64 / 1e6
    );
}
