//! The embedded tables against the manifest that the packer wrote beside them.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "the test reads the files of its own crate, and fails where they are not as they should be"
)]

use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::path::Path;

/// Holds a folder to its manifest, but for what was decided by hand; returns how many bytes were packed.
fn check(folder: &str, decided: &[&str]) -> usize {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let manifest = std::fs::read_to_string(data.join("manifest.tsv")).unwrap();
    let decided = decided.iter().copied().chain(["manifest.tsv"]);
    let mut names: BTreeSet<String> = decided.map(str::to_owned).collect();
    let mut total = 0;
    for line in manifest.lines() {
        let [name, size, digest] = line.split('\t').collect::<Vec<_>>().try_into().unwrap();
        let content = std::fs::read(data.join(name)).unwrap();
        let actual: String = Sha256::digest(&content)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(
            (content.len().to_string().as_str(), actual.as_str()),
            (size, digest),
            "{name}"
        );
        names.insert(name.to_owned());
        total += content.len();
    }
    let present: BTreeSet<String> = std::fs::read_dir(&data)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(present, names, "every file in {folder} is packed or a decision");
    total
}

#[test]
fn embedded_tables_are_the_ones_that_were_packed() {
    let lists = check(
        "data",
        &[
            "geography",
            "vendors",
            "world",
            "countries.tsv",
            "lists.tsv",
            "attack-repairs.tsv",
            "own-abused-services.txt",
            "own-public-resolvers.txt",
        ],
    );
    let others = check("data/geography", &[]) + check("data/vendors", &[]) + check("data/world", &["NOTICE.txt"]);
    let total = lists + others;
    assert!(total < 8_800_000, "{total} bytes are embedded");
}

#[test]
fn notices_name_every_licence_that_asks_for_it() {
    let notices = watchfire_knowledge::notices();
    for list in watchfire_knowledge::infrastructure::lists() {
        if !list.licence.starts_with("CC0") && !list.licence.starts_with("facts") && !list.name.starts_with("own-") {
            assert!(
                notices.contains(list.name),
                "{} ({}) is in the notices",
                list.name,
                list.licence
            );
        }
    }
    for needed in [
        "The MITRE Corporation",
        "Mozilla Public License",
        "publicsuffix.org",
        "Majestic",
        "CDLA-Permissive-2.0",
    ] {
        assert!(notices.contains(needed), "{needed}");
    }
}
