//! Every public rule of the corpus compiles, and damaged data is matched against all of them without a fault.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test"
)]

use std::path::PathBuf;
use watchfire_model::DiagnosticSeverity;
use watchfire_yara::{Limits, Names, Rules, Source};

/// The rule files of signature-base, or nothing, loudly.
fn sources() -> Option<Vec<Source>> {
    let corpus = std::env::var_os("WATCHFIRE_CORPUS").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus")),
        PathBuf::from,
    );
    let folder = corpus.join("yara/signature-base");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        eprintln!("SKIPPED: no rules in '{}'; set WATCHFIRE_CORPUS", folder.display());
        return None;
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "yar" || extension == "yara")
    });
    let source = |path: &PathBuf| {
        let bytes = std::fs::read(path).expect("it can be read");
        let name = path.file_name().expect("it has a name").to_string_lossy().into_owned();
        Source::new(name, String::from_utf8_lossy(&bytes))
    };
    Some(paths.iter().map(source).collect())
}

#[test]
fn every_rule_of_the_corpus_compiles() {
    let Some(sources) = sources() else { return };
    let (rules, problems) = Rules::compile(&sources);
    let lost: Vec<String> = problems
        .iter()
        .filter(|problem| problem.severity > DiagnosticSeverity::Note)
        .map(ToString::to_string)
        .collect();
    let rules = rules.expect("there are rules");
    eprintln!("{} of {} files, {} rules", rules.files(), sources.len(), rules.count());
    assert!(lost.is_empty(), "{lost:#?}");
    // Some files hold nothing but rules that were commented out.
    let empty = sources.iter().filter(|source| {
        let (rules, problems) = Rules::compile(std::slice::from_ref(*source));
        rules.is_none() && problems.is_empty()
    });
    assert_eq!(rules.files() + empty.count(), sources.len());

    // The rule files quote what they look for; nothing is found in what is damaged beyond use.
    let mut matches = 0;
    for source in &sources {
        let bytes = source.text.as_bytes();
        for part in [bytes, bytes.get(..bytes.len() / 3).unwrap_or_default()] {
            let outcome = rules.scan(part, &Names::default(), &Limits::default());
            assert!(outcome.problems.is_empty(), "{}: {:?}", source.name, outcome.problems);
            matches += outcome.matches.len();
        }
        let turned: Vec<u8> = bytes.iter().map(|byte| byte ^ 0xa5).collect();
        assert!(
            rules
                .scan(&turned, &Names::default(), &Limits::default())
                .problems
                .is_empty()
        );
    }
    assert!(
        matches > 100,
        "{matches} matches: the rules look for what stands in them"
    );
}

#[test]
fn every_cut_rule_file_costs_no_more_than_what_was_cut() {
    let Some(sources) = sources() else { return };
    let whole = Rules::compile(&sources).0.map_or(0, |rules| rules.count());
    let cut: Vec<Source> = sources
        .iter()
        .map(|source| {
            let end = source
                .text
                .floor_char_boundary(source.text.len() - source.text.len() / 50);
            Source::new(source.name.clone(), source.text.get(..end).unwrap_or_default())
        })
        .collect();
    let left = Rules::compile(&cut).0.map_or(0, |rules| rules.count());
    assert!(
        left + 3 * sources.len() > whole && left < whole,
        "{left} of {whole} rules are left"
    );
}
