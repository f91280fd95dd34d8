//! The embedded tables against the manifest that the packer wrote beside them.

#![allow(clippy::disallowed_methods, reason = "the test reads the files of its own crate")]

use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::path::Path;

#[test]
fn embedded_tables_are_the_ones_that_were_packed() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    let manifest = std::fs::read_to_string(data.join("manifest.tsv")).unwrap();
    let mut names = BTreeSet::from(
        [
            "manifest.tsv",
            "lists.tsv",
            "attack-repairs.tsv",
            "own-abused-services.txt",
            "own-public-resolvers.txt",
        ]
        .map(str::to_owned),
    );
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
    assert_eq!(present, names, "every file in data/ is packed or a decision");
    assert!(total < 3_000_000, "{total} bytes are embedded");
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
