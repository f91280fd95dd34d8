//! Verification of where mail comes from, against the suites of the standards and mail of our own.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod spf;
mod yaml;

use std::path::PathBuf;

/// A suite of the corpus. Where it is missing, the test says loudly that it is skipped.
fn suite(name: &str) -> Option<String> {
    let root = std::env::var_os("WATCHFIRE_CORPUS").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus")),
        PathBuf::from,
    );
    let path = root.join("mail/auth").join(name);
    let text = std::fs::read_to_string(&path).ok();
    if text.is_none() {
        println!(
            "SKIPPED (no corpus): '{}' is not there; set WATCHFIRE_CORPUS",
            path.display()
        );
    }
    text
}
