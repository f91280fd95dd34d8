//! Real mail: any file is a mail, and without answers of the DNS nothing passes.

use crate::{open_texts, verified};
use std::collections::BTreeMap;
use std::path::PathBuf;
use watchfire_formats::email::field::split;
use watchfire_model::{ArcOutcome, DkimOutcome, DmarcOutcome, SpfOutcome};

/// Every file below a folder of the corpus, in order.
fn files(folder: PathBuf) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                Ok(kind) if kind.is_file() => found.push(entry.path()),
                _ => {}
            }
        }
    }
    found.sort();
    found
}

#[test]
fn real_mail_passes_nothing_without_answers() {
    let Some(root) = crate::corpus() else {
        return;
    };
    let none = open_texts(&[]);
    let mut outcomes: BTreeMap<(String, DkimOutcome), u64> = BTreeMap::new();
    for file in files(root.join("mail")) {
        let bytes = std::fs::read(&file).expect("the corpus can be read");
        let fields = split(&bytes);
        let places = fields.fields.iter().map(|field| field.span.start);
        assert!(places.is_sorted(), "{}", file.display());
        let found = verified(&bytes, &none);
        assert_eq!(found.spf.outcome, SpfOutcome::Unverified);
        assert_eq!(found.dmarc.outcome, DmarcOutcome::Permerror);
        assert_ne!(found.arc.outcome, ArcOutcome::Pass, "{}", file.display());
        let folder = file.strip_prefix(root.join("mail")).expect("below it");
        let folder = folder.components().next().expect("a folder").as_os_str();
        for result in &found.dkim {
            assert_ne!(result.outcome, DkimOutcome::Pass, "{}", file.display());
            let key = (folder.to_string_lossy().into_owned(), result.outcome);
            *outcomes.entry(key).or_default() += 1;
        }
    }
    for ((folder, outcome), count) in &outcomes {
        println!("{folder}: {count} signatures {outcome}");
    }
}
