//! The way to the corpus of real data, which is not part of the repository.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The corpus's folder: `WATCHFIRE_CORPUS`, or `../shared/corpus` beside the repository. Where there is none, says so
/// loudly on stderr, past the test runner's capture, names the test, and returns nothing: a skipped test must not look like a passed one.
pub fn corpus(test: &str) -> Option<PathBuf> {
    let found = std::env::var_os("WATCHFIRE_CORPUS").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus")),
        PathBuf::from,
    );
    if found.is_dir() {
        return Some(found);
    }
    say(&format!("SKIPPED (no corpus): {test}; set WATCHFIRE_CORPUS to run it"));
    None
}

/// The corpus's `folder`.
pub fn corpus_folder(test: &str, folder: &str) -> Option<PathBuf> {
    let found = corpus(test)?.join(folder);
    if found.is_dir() {
        return Some(found);
    }
    say(&format!("SKIPPED (no '{folder}' in the corpus): {test}"));
    None
}

/// Writes past the capture, which hides what a passing test prints through the macros.
fn say(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Every file below `folder`, in the order of their paths.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    found
}
