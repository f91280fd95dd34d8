//! SigmaHQ's rules and the documents of the specification, from the corpus. What their regression data fires is tested where
//! event logs are read, in `crates/testkit`.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test, and it prints its figures"
)]

mod common;

use common::files;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use watchfire_sigma::{Options, Program, Severity, Source};

/// The corpus, or nothing, loudly.
fn corpus() -> Option<PathBuf> {
    let corpus = std::env::var_os("WATCHFIRE_CORPUS").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus")),
        PathBuf::from,
    );
    if corpus.join("sigma/rules").is_dir() {
        return Some(corpus);
    }
    eprintln!("SKIPPED: no rules in '{}'; set WATCHFIRE_CORPUS", corpus.display());
    None
}

fn source(path: &Path) -> Source {
    Source::new(
        path.to_string_lossy(),
        std::fs::read_to_string(path).expect("it can be read"),
    )
}

const FOLDERS: [&str; 4] = [
    "rules",
    "rules-compliance",
    "rules-emerging-threats",
    "rules-threat-hunting",
];

fn sources(corpus: &Path) -> Vec<Source> {
    let folders = FOLDERS.iter().map(|folder| corpus.join("sigma").join(folder));
    folders
        .flat_map(|folder| files(&folder, "yml"))
        .map(|path| source(&path))
        .collect()
}

#[test]
fn every_rule_of_sigmahq_is_used() {
    let Some(corpus) = corpus() else { return };
    let sources = sources(&corpus);
    let (program, problems) = Program::compile(&sources, &Options::default());
    // What waits for the user's own domain controllers is told apart.
    let (waiting, lost): (Vec<_>, Vec<_>) = problems
        .iter()
        .filter(|problem| problem.severity == Severity::Error)
        .partition(|problem| problem.code == "placeholder");
    let lost: Vec<String> = lost.into_iter().map(ToString::to_string).collect();
    let mut codes: BTreeMap<&str, usize> = BTreeMap::new();
    for problem in &problems {
        *codes.entry(problem.code).or_default() += 1;
    }
    eprintln!("{} files: {:?}; {codes:?}", sources.len(), program.size());
    assert!(lost.is_empty(), "{}", lost.join("\n"));
    assert_eq!(program.rules().len() + waiting.len(), sources.len());
    eprintln!("{} rules wait for the values of placeholders", waiting.len());
    assert!(waiting.len() <= 2, "{waiting:?}");

    // Rules with placeholders wait for their values.
    let placeholders: Vec<Source> = files(&corpus.join("sigma/rules-placeholder"), "yml")
        .iter()
        .map(|path| source(path))
        .collect();
    let (program, problems) = Program::compile(&placeholders, &Options::default());
    assert!(
        problems
            .iter()
            .filter(|problem| problem.severity == Severity::Error)
            .all(|problem| problem.code == "placeholder")
    );
    eprintln!(
        "{} files with placeholders, {} rules without values",
        placeholders.len(),
        program.rules().len()
    );
    let mut options = Options::default();
    options.placeholders.is_anything = true;
    let (program, _) = Program::compile(&placeholders, &options);
    assert_eq!(program.rules().len(), placeholders.len());
}

#[test]
fn a_stored_program_is_what_was_stored() {
    let Some(corpus) = corpus() else { return };
    let (program, _) = Program::compile(&sources(&corpus), &Options::default());
    let bytes = program.save("sigmahq");
    let again = Program::load(&bytes, "sigmahq").expect("it is what was saved");
    eprintln!("{} bytes", bytes.len());
    assert_eq!(again.save("sigmahq"), bytes);
}

#[test]
fn documents_of_the_specification_are_accepted() {
    let Some(corpus) = corpus() else { return };
    let folder = corpus.join("sigma-specification/tests/schema");
    let mut count = 0;
    for path in files(&folder, "yml") {
        let (collection, problems) = watchfire_sigma::parse(&[source(&path)], &Default::default(), &Default::default());
        let read = collection.rules.len() + collection.correlations.len() + collection.filters.len();
        assert_eq!(read, 1, "{}: {problems:?}", path.display());
        let of_schema: Vec<String> = problems
            .iter()
            .filter(|problem| problem.severity > Severity::Note)
            .map(ToString::to_string)
            .collect();
        assert!(of_schema.is_empty(), "{}", of_schema.join("\n"));
        count += 1;
    }
    eprintln!("{count} documents accepted");
    assert!(count >= 10);
}
