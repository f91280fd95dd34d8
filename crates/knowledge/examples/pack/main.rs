//! Packs the public lists that the crate embeds.
//!
//! `cargo run -p watchfire-knowledge --example pack -- CORPUS PUBLIC_SUFFIX_LIST DAY`, where `CORPUS` has the folders
//! `warninglists` and `attack`, the other is the list of publicsuffix.org, with or without its comments, and `DAY` is the one
//! on which they were fetched: `days.tsv` keeps it for what does not date itself. Decisions
//! are in `data/lists.tsv` and `data/attack-repairs.tsv`, lists of our own in `data/own-*.txt`; everything else in `data/` is
//! overwritten. The same input gives
//! the same bytes.

#![expect(clippy::print_stderr, reason = "a developer's tool reports what it left out")]
#![allow(clippy::disallowed_methods, reason = "a developer's tool reads and writes files")]

mod attack;
#[path = "../../src/packed/hash.rs"]
mod hash;
mod names;
mod punycode;
mod ranges;
mod sets;
#[path = "../../src/infrastructure/token.rs"]
mod token;
mod warninglists;
#[path = "../../src/packed/word.rs"]
mod word;
mod words;

use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn fail<T>(message: &str) -> Result<T> {
    Err(message.into())
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|error| format!("cannot read '{}': {error}", path.display()).into())
}

/// What is to be written.
#[derive(Default)]
struct Output {
    files: BTreeMap<String, Vec<u8>>,
    skipped: Vec<String>,
}

impl Output {
    fn add(&mut self, name: &str, content: Vec<u8>) {
        self.files.insert(name.to_owned(), content);
    }

    /// Name, size and SHA-256 of each file.
    fn manifest(&self) -> Result<String> {
        let mut manifest = String::new();
        for (name, content) in &self.files {
            write!(manifest, "{name}\t{}\t", content.len())?;
            for byte in Sha256::digest(content) {
                write!(manifest, "{byte:02x}")?;
            }
            manifest.push('\n');
        }
        Ok(manifest)
    }
}

/// The day of each source: its own, or else the one on which it was taken.
#[derive(Default)]
struct Days(BTreeMap<&'static str, String>);

impl Days {
    fn add(&mut self, table: &'static str, own: Option<String>, taken: &str) {
        let day = own.map_or_else(|| format!("taken\t{taken}"), |day| format!("dated\t{day}"));
        self.0.insert(table, day);
    }

    fn table(&self) -> String {
        self.0.iter().map(|(table, day)| format!("{table}\t{day}\n")).collect()
    }
}

/// `2026-08-11`, of the version 20260811.
fn day_of(version: u64) -> String {
    format!(
        "{:04}-{:02}-{:02}",
        version / 10_000,
        version / 100 % 100,
        version % 100
    )
}

fn top_level_domains(list: &Path, output: &mut Output) -> Result<Option<String>> {
    let list: serde_json::Value = serde_json::from_str(&read(list)?)?;
    let labels = list.get("list").and_then(serde_json::Value::as_array);
    let mut short = BTreeSet::new();
    let mut long = BTreeMap::new();
    let mut unicode = BTreeMap::new();
    for label in labels.into_iter().flatten().filter_map(serde_json::Value::as_str) {
        let label = label.to_ascii_lowercase();
        if let Some(decoded) = punycode::to_unicode(&label) {
            if punycode::to_ascii(&decoded).as_ref() != Some(&label) {
                return Err(format!("'{label}' does not survive decoding").into());
            }
            unicode.insert(decoded.into_bytes(), 0);
        }
        match word::of(label.as_bytes()).filter(|_| label.bytes().all(|byte| byte.is_ascii_alphabetic())) {
            Some(word) => {
                short.insert(word);
            }
            None => {
                long.insert(label.into_bytes(), 0);
            }
        }
    }
    let (seeds, slots) = words::build(&short)?;
    output.add("tld-seeds.bin", seeds);
    output.add("tld-short.bin", slots);
    output.add("tld-long.bin", names::build(&long)?);
    output.add("tld-unicode.bin", names::build(&unicode)?);
    Ok(list.get("version").and_then(serde_json::Value::as_u64).map(day_of))
}

/// Values of rules, as `src/suffix.rs` reads them.
fn public_suffixes(list: &Path, output: &mut Output) -> Result<Option<String>> {
    let mut rules: BTreeMap<Vec<u8>, u16> = BTreeMap::new();
    let list = read(list)?;
    for rule in list.lines().filter_map(|line| line.split_whitespace().next()) {
        if rule.starts_with("//") {
            continue;
        }
        let (name, bit) = match (rule.strip_prefix("*."), rule.strip_prefix('!')) {
            (Some(name), _) => (name, 2),
            (_, Some(name)) => (name, 4),
            _ => (rule, 1),
        };
        if name.contains('*') {
            return Err(format!("'{rule}' has a wildcard inside").into());
        }
        let name = punycode::to_ascii(name).ok_or("a rule cannot be encoded")?;
        *rules.entry(name.into_bytes()).or_default() |= bit;
    }
    output.add("suffix.bin", names::build(&rules)?);
    // `// VERSION: 2026-08-14_09-12-34_UTC`
    let version = list.lines().find_map(|line| line.strip_prefix("// VERSION: "));
    Ok(version.and_then(|version| version.get(..10)).map(str::to_owned))
}

fn main() -> Result<()> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [corpus, suffixes, day] = arguments.as_slice() else {
        return fail("usage: pack CORPUS PUBLIC_SUFFIX_LIST DAY");
    };
    let day = day.to_string_lossy();
    let mut days = Days::default();
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    let lists = corpus.join("warninglists");
    let mut output = Output::default();
    days.add("tlds", top_level_domains(&lists.join("tlds.json"), &mut output)?, &day);
    days.add("suffixes", public_suffixes(suffixes, &mut output)?, &day);
    days.add("attack", None, &day);
    output.add("days.tsv", days.table().into_bytes());
    let repairs = read(&data.join("attack-repairs.tsv"))?;
    let table = attack::pack(&read(&corpus.join("attack/attack.tsv"))?, &repairs)?;
    output.add("attack.tsv", table.into_bytes());
    warninglists::pack(&lists, &data, &mut output)?;
    for entry in &output.skipped {
        eprintln!("left out: {entry}");
    }
    let manifest = output.manifest()?;
    eprint!("{manifest}");
    output.add("manifest.tsv", manifest.into_bytes());
    for (name, content) in &output.files {
        fs::write(data.join(name), content)?;
    }
    Ok(())
}
