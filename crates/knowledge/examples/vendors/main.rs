//! Packs who makes the devices behind addresses of Ethernet.
//!
//! `cargo run --release -p watchfire-knowledge --example vendors -- FILE DAY`, where `FILE` is `index.json` of the npm package
//! `oui-data`, which has the public listings of IEEE's registry, and `DAY` is the one on which that was published. Everything
//! in `data/vendors/` is overwritten. The same input gives the same bytes.

#![expect(clippy::print_stderr, reason = "a developer's tool reports what it packed")]
#![allow(clippy::disallowed_methods, reason = "a developer's tool reads and writes files")]

use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::Path;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Names of a block.
const BLOCK: usize = 16;
/// Bytes of a name that are kept.
const LONGEST: usize = 40;
/// Who stands for blocks that are divided further, which their own entries tell.
const DIVIDED: &str = "IEEE Registration Authority";

/// What companies are, in small letters and without points: it tells none from another.
const FORMS: &[&str] = &[
    "a/s",
    "ab",
    "ag",
    "as",
    "bv",
    "co",
    "coltd",
    "company",
    "corp",
    "corporation",
    "gmbh",
    "inc",
    "incorporated",
    "kg",
    "kk",
    "limited",
    "llc",
    "lp",
    "ltd",
    "ltda",
    "nv",
    "oy",
    "plc",
    "pte",
    "pty",
    "pvt",
    "sa",
    "sas",
    "spa",
    "srl",
];

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let usage = "usage: vendors FILE DAY";
    let (file, day) = (arguments.next().ok_or(usage)?, arguments.next().ok_or(usage)?);
    let listing: BTreeMap<String, String> = serde_json::from_str(&fs::read_to_string(file)?)?;
    let mut numbers: BTreeMap<String, u16> = BTreeMap::new();
    let mut named: Vec<(&str, String)> = listing
        .iter()
        .map(|(prefix, entry)| (prefix.as_str(), name(entry)))
        .filter(|(_, name)| !name.is_empty() && name != DIVIDED)
        .collect();
    unite(&mut named);
    for (_, name) in &named {
        numbers.insert(name.clone(), 0);
    }
    for (number, place) in numbers.values_mut().enumerate() {
        *place = u16::try_from(number)?;
    }
    let mut files: BTreeMap<&str, Vec<u8>> = BTreeMap::new();
    for (file, digits) in [("large.bin", 6), ("medium.bin", 7), ("small.bin", 9)] {
        let packed = files.entry(file).or_default();
        for (prefix, name) in named.iter().filter(|(prefix, _)| prefix.len() == digits) {
            // Half a byte at the end is filled up with 0.
            let key = u64::from_str_radix(prefix, 16)? << (4 * (digits % 2));
            let bytes = digits.div_ceil(2);
            packed.extend(key.to_be_bytes().iter().skip(8 - bytes));
            packed.extend(numbers.get(name).copied().unwrap_or_default().to_le_bytes());
        }
    }
    let (mut text, mut places) = (String::new(), Vec::new());
    let names: Vec<&String> = numbers.keys().collect();
    for block in names.chunks(BLOCK) {
        places.extend(u32::try_from(text.len())?.to_le_bytes());
        for at in 0..BLOCK {
            let name = block.get(at).map_or("", |name| name.as_str());
            places.push(u8::try_from(name.len())?);
            text.push_str(name);
        }
    }
    files.insert("names.txt", text.into_bytes());
    files.insert("places.bin", places);
    files.insert("day.txt", day.into_bytes());
    let mut manifest = String::new();
    for (name, content) in &files {
        write!(manifest, "{name}\t{}\t", content.len())?;
        for byte in Sha256::digest(content) {
            write!(manifest, "{byte:02x}")?;
        }
        manifest.push('\n');
    }
    eprint!("{} prefixes, {} names\n{manifest}", named.len(), names.len());
    files.insert("manifest.tsv", manifest.into_bytes());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/vendors");
    fs::create_dir_all(&folder)?;
    for (name, content) in &files {
        fs::write(folder.join(name), content)?;
    }
    Ok(())
}

/// The organisation, which is the first line, with single blanks, without the forms of companies behind it, and cut.
fn name(entry: &str) -> String {
    let mut words: Vec<&str> = entry.lines().next().unwrap_or_default().split_whitespace().collect();
    let is_form = |word: &&str| {
        let plain: String = word
            .chars()
            .filter(|letter| !matches!(letter, '.' | ',' | '(' | ')'))
            .collect();
        FORMS.contains(&plain.to_lowercase().as_str())
    };
    while words.len() > 1 && words.last().is_some_and(is_form) {
        words.pop();
    }
    let name = words.join(" ");
    let end = name
        .char_indices()
        .map(|(at, _)| at)
        .chain([name.len()])
        .take_while(|at| *at <= LONGEST);
    let name = name.get(..end.last().unwrap_or(0)).unwrap_or_default();
    name.trim_end_matches([' ', ',', '.', '-', '&']).to_owned()
}

/// One spelling for all that differ in capitals alone: the most frequent one.
fn unite(named: &mut [(&str, String)]) {
    let mut spellings: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
    for (_, name) in named.iter() {
        *spellings
            .entry(name.to_lowercase())
            .or_default()
            .entry(name.clone())
            .or_default() += 1;
    }
    for (_, name) in named {
        let counts = spellings.get(&name.to_lowercase()).into_iter().flatten();
        if let Some((most, _)) = counts.max_by_key(|(_, count)| **count) {
            name.clone_from(most);
        }
    }
}
