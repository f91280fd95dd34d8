//! A naive reading of the raw warninglists, against the packed one.

#![allow(clippy::disallowed_methods, reason = "the test reads the corpus")]
#![expect(clippy::print_stderr, reason = "a skipped test says so")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use watchfire_knowledge::infrastructure::{self, Hit};

fn corpus() -> Option<PathBuf> {
    let folder = match std::env::var_os("WATCHFIRE_CORPUS") {
        Some(folder) => PathBuf::from(folder),
        None => PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus"),
    };
    let lists = folder.join("warninglists");
    if lists.is_dir() {
        return Some(lists);
    }
    eprintln!("SKIPPED (no corpus: set WATCHFIRE_CORPUS)");
    None
}

struct Raw {
    name: String,
    kind: String,
    matching: String,
    only: Vec<String>,
    except: Vec<String>,
    entries: BTreeSet<String>,
    networks: Vec<(IpAddr, u32)>,
}

fn raw_lists(folder: &Path) -> Vec<Raw> {
    let words = |field: &str| {
        field
            .split(' ')
            .filter(|w| *w != "-")
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    include_str!("../data/lists.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split('\t').collect::<Vec<_>>())
        .filter(|row| row[1] != "out")
        .map(|row| {
            let (kind, entries) = if row[0].starts_with("own-") {
                let own = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("data/{}.txt", row[0]));
                let text = std::fs::read_to_string(own).unwrap();
                let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
                ("hostname".to_owned(), lines.map(str::to_owned).collect())
            } else {
                let text = std::fs::read_to_string(folder.join(format!("{}.json", row[0]))).unwrap();
                let json: serde_json::Value = serde_json::from_str(&text).unwrap();
                let entries = json["list"].as_array().unwrap().iter();
                let clean = |entry: &serde_json::Value| entry.as_str().unwrap().trim().to_lowercase();
                (json["type"].as_str().unwrap().to_owned(), entries.map(clean).collect())
            };
            let entries: BTreeSet<String> = entries;
            Raw {
                name: row[0].to_owned(),
                kind,
                matching: row[2].to_owned(),
                only: words(row[3]),
                except: words(row[4]),
                networks: entries.iter().filter_map(|entry| network(entry)).collect(),
                entries,
            }
        })
        .collect()
}

fn network(entry: &str) -> Option<(IpAddr, u32)> {
    // The ssdeep of nothing happens to be an address.
    if entry == "3::" {
        return None;
    }
    match entry.split_once('/') {
        Some((address, length)) => Some((address.parse().ok()?, length.parse().ok()?)),
        None => {
            let address: IpAddr = entry.parse::<IpAddr>().ok()?.to_canonical();
            Some((address, if address.is_ipv4() { 32 } else { 128 }))
        }
    }
}

fn contains((network, length): (IpAddr, u32), address: IpAddr) -> bool {
    match (network, address) {
        (IpAddr::V4(a), IpAddr::V4(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros() >= length,
        (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros() >= length,
        _ => false,
    }
}

impl Raw {
    fn has_host(&self, host: &str) -> bool {
        if matches!(self.kind.as_str(), "cidr" | "regex") {
            return false;
        }
        let parts: Vec<&str> = host.split('.').collect();
        (0..parts.len()).any(|start| {
            let domain = parts[start..].join(".");
            let below = |parent: &String| domain == *parent || domain.ends_with(&format!(".{parent}"));
            if self.except.contains(&domain) || !(self.only.is_empty() || self.only.iter().any(below)) {
                return false;
            }
            let dotted = self.entries.contains(&format!(".{domain}"));
            let plain = domain.contains('.')
                && (self.entries.contains(&domain) || self.entries.contains(&format!("{domain}.")));
            match self.matching.as_str() {
                "exact" => start == 0 && (plain || dotted),
                "below" => plain || dotted,
                _ => dotted || (plain && (start == 0 || self.kind == "hostname")),
            }
        })
    }
}

fn agree(naive: &BTreeSet<&str>, hits: &[Hit], what: &str) {
    let packed: BTreeSet<&str> = hits.iter().map(|hit| hit.list.name).collect();
    assert_eq!(packed, *naive, "{what}");
}

#[test]
fn hosts_are_on_the_lists_that_a_naive_reading_finds() {
    let Some(folder) = corpus() else { return };
    let lists = raw_lists(&folder);
    let entries: BTreeSet<&str> = lists
        .iter()
        .filter(|list| !matches!(list.kind.as_str(), "cidr" | "regex"))
        .flat_map(|list| list.entries.iter().map(|entry| entry.trim_matches('.')))
        .filter(|entry| entry.is_ascii() && entry.contains('.') && entry.parse::<IpAddr>().is_err())
        .collect();
    assert!(entries.len() > 60_000);
    for (at, entry) in entries.iter().enumerate() {
        // Every entry of the smaller lists is near another one; a sample of all is enough for the large ones.
        if at % 23 != 0 {
            continue;
        }
        let parent = entry.split_once('.').map_or("", |(_, parent)| parent);
        for host in [
            entry.to_string(),
            format!("a.b.{entry}"),
            format!("a{entry}"),
            format!("{entry}.de"),
            parent.to_owned(),
        ] {
            let naive = lists
                .iter()
                .filter(|list| list.has_host(&host))
                .map(|list| list.name.as_str())
                .collect();
            let mut hits = Vec::new();
            infrastructure::host(&host, &mut hits);
            agree(&naive, &hits, &host);
        }
    }
}

fn neighbours((network, length): (IpAddr, u32)) -> [IpAddr; 4] {
    match network {
        IpAddr::V4(v4) => {
            let free = u32::MAX.checked_shr(length).unwrap_or(0);
            let first = v4.to_bits() & !free;
            let last = first | free;
            [first, last, first.wrapping_sub(1), last.wrapping_add(1)].map(|bits| IpAddr::V4(bits.into()))
        }
        IpAddr::V6(v6) => {
            let free = u128::MAX.checked_shr(length).unwrap_or(0);
            let first = v6.to_bits() & !free;
            let last = first | free;
            [first, last, first.wrapping_sub(1), last.wrapping_add(1)].map(|bits| IpAddr::V6(bits.into()))
        }
    }
}

#[test]
fn addresses_are_on_the_lists_that_a_naive_reading_finds() {
    let Some(folder) = corpus() else { return };
    let lists = raw_lists(&folder);
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for list in &lists {
        for (at, network) in list.networks.iter().enumerate() {
            // The first ranges of each list, then a sample.
            if at > 3 && at % 499 != 0 {
                continue;
            }
            for address in neighbours(*network) {
                let naive: BTreeSet<&str> = lists
                    .iter()
                    .filter(|list| list.networks.iter().any(|network| contains(*network, address)))
                    .map(|list| list.name.as_str())
                    .collect();
                let mut hits = Vec::new();
                infrastructure::ip(address, &mut hits);
                agree(&naive, &hits, &address.to_string());
                *seen.entry(&list.name).or_default() += 1;
            }
        }
    }
    assert!(seen.len() > 70, "{} lists have ranges", seen.len());
}

#[test]
fn every_digest_is_found() {
    let Some(folder) = corpus() else { return };
    let mut count = 0;
    for list in raw_lists(&folder) {
        for entry in list
            .entries
            .iter()
            .filter(|entry| entry.len() >= 32 && entry.bytes().all(|b| b.is_ascii_hexdigit()))
        {
            let mut hits = Vec::new();
            infrastructure::hash(&entry.to_uppercase(), &mut hits);
            assert!(
                hits.iter().any(|hit| hit.list.name == list.name),
                "{entry} is on {}",
                list.name
            );
            count += 1;
        }
    }
    assert!(count > 8_000);
}
