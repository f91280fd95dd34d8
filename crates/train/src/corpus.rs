//! Folders of mail, read as the product reads them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use watchfire_analysis::phishing;
use watchfire_formats::email::Message;
use watchfire_model::{Budget, Limits};
use watchfire_phishing::Features;

/// One mail to learn from or to measure on.
pub(crate) struct Example {
    pub(crate) features: Features,
    pub(crate) is_phish: bool,
    /// How often it counts.
    pub(crate) weight: f64,
    /// Examples of one group are alike: what is held out is held out whole.
    pub(crate) group: u32,
}

impl Example {
    /// A mail that counts once, in a group of its own.
    pub(crate) fn read(bytes: &[u8], is_phish: bool) -> Self {
        let message = Message::read(bytes);
        Self {
            features: phishing::features(&message, &Budget::new(Limits::default())),
            is_phish,
            weight: 1.0,
            group: crc32fast::hash(bytes),
        }
    }
}

/// A folder as typed.
pub(crate) struct Source {
    pub(crate) folder: String,
    half: Option<u32>,
    weight: f64,
}

impl Source {
    pub(crate) fn parse(typed: &str) -> Result<Self, String> {
        let (rest, weight) = match typed.split_once('*') {
            Some((rest, weight)) => (rest, weight.parse().map_err(|_| format!("'{weight}' is not a number"))?),
            None => (typed, 1.0),
        };
        let (folder, half) = match rest.rsplit_once('@') {
            Some((folder, "0")) => (folder, Some(0)),
            Some((folder, "1")) => (folder, Some(1)),
            _ => (rest, None),
        };
        Ok(Self {
            folder: folder.to_owned(),
            half,
            weight,
        })
    }

    /// Its mails, in the order of their names. Files that describe others (`.json`) are none.
    pub(crate) fn examples(&self, is_phish: bool) -> Result<Vec<Example>, String> {
        let mut files = Vec::new();
        walk(Path::new(&self.folder), &mut files).map_err(|error| format!("cannot read '{}': {error}", self.folder))?;
        files.sort();
        let mut examples = Vec::new();
        for file in files {
            let bytes = fs::read(&file).map_err(|error| format!("cannot read '{}': {error}", file.display()))?;
            if self.half.is_none_or(|half| crc32fast::hash(&bytes) & 1 == half) {
                examples.push(Example {
                    weight: self.weight,
                    ..Example::read(&bytes, is_phish)
                });
            }
        }
        Ok(examples)
    }
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, files)?;
        } else if path.extension().is_none_or(|extension| extension != "json") {
            files.push(path);
        }
    }
    Ok(())
}

/// Words by which near-duplicates are told.
const BEGINNING: usize = 60;

/// One of each that begin alike. A campaign would otherwise be learned by heart.
pub(crate) fn distinct(examples: Vec<Example>) -> Vec<Example> {
    let mut seen = BTreeSet::new();
    let is_new = |example: &Example| seen.insert(example.features.beginning(BEGINNING));
    examples.into_iter().filter(is_new).collect()
}
