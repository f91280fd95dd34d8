//! What is embedded: each table with its source, its terms, its day and its size.

use crate::{attack, extension, geography, infrastructure, suffix, tld};
use watchfire_model::Moment;

const LISTS: usize = include_bytes!("../data/hosts.bin").len()
    + include_bytes!("../data/tokens.bin").len()
    + include_bytes!("../data/ipv4.bin").len()
    + include_bytes!("../data/ipv6.bin").len()
    + include_bytes!("../data/ipv6-high.bin").len()
    + include_bytes!("../data/sets.bin").len();
const ATTACK: usize = include_bytes!("../data/attack.tsv").len();
const SUFFIXES: usize = include_bytes!("../data/suffix.bin").len();
const TLDS: usize = include_bytes!("../data/tld-short.bin").len()
    + include_bytes!("../data/tld-seeds.bin").len()
    + include_bytes!("../data/tld-long.bin").len()
    + include_bytes!("../data/tld-unicode.bin").len();

/// One table, or tables that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name, `geography`.
    pub name: &'static str,
    /// What it says, in a few words.
    pub says: &'static str,
    /// Whose data it is.
    pub source: &'static str,
    /// The terms that it comes under.
    pub terms: &'static str,
    /// The day of the data, `2026-06-17`, where its source dates it.
    pub day: Option<String>,
    /// How many entries it has, where they can be counted.
    pub entries: Option<usize>,
    /// Bytes in the program.
    pub bytes: usize,
}

/// Every table.
pub fn tables() -> Vec<Table> {
    vec![
        geography_table(geography::embedded(), geography::size()),
        Table {
            entries: Some(infrastructure::entries()),
            ..lists()
        },
        Table {
            name: "attack",
            says: "tactics, techniques, mitigations, software, groups",
            source: "MITRE ATT&CK",
            terms: "© The MITRE Corporation, terms of use of ATT&CK",
            day: None,
            entries: Some(attack::entries().count()),
            bytes: ATTACK,
        },
        Table {
            name: "suffixes",
            says: "public suffixes, below which anybody can have a name",
            source: "publicsuffix.org",
            terms: "MPL 2.0",
            day: None,
            entries: Some(suffix::entries()),
            bytes: SUFFIXES,
        },
        Table {
            name: "tlds",
            says: "top-level domains",
            source: "IANA root zone database",
            terms: "no restriction",
            day: None,
            entries: Some(tld::entries()),
            bytes: TLDS,
        },
        Table {
            name: "extensions",
            says: "endings of file names and what they open",
            source: "Watchfire",
            terms: "as Watchfire",
            day: None,
            entries: Some(extension::entries()),
            bytes: extension::entries() * std::mem::size_of::<(u64, u8)>(),
        },
        Table {
            name: "reserved",
            says: "addresses and names that standards set aside",
            source: "IANA special-purpose registries, RFC 2606, 6761, 6762",
            terms: "no restriction",
            day: None,
            entries: None,
            bytes: 0,
        },
    ]
}

/// What tables of countries and networks are, embedded or not.
pub fn geography_table(tables: &geography::Geography, bytes: usize) -> Table {
    let (v4, v6) = tables.blocks();
    Table {
        name: "geography",
        says: "countries and networks of addresses",
        source: "iptoasn.com; Route Views, NRO, DB-IP (https://db-ip.com)",
        terms: "PDDL 1.0; CC BY 4.0",
        day: Some(tables.as_of()),
        entries: Some(16 * (v4 + v6)),
        bytes,
    }
}

/// What the lists of well-known infrastructure are. Their entries are not counted here.
pub fn lists() -> Table {
    Table {
        name: "lists",
        says: "well-known infrastructure: clouds, resolvers, shorteners, known-good files",
        source: "MISP warninglists (https://github.com/MISP/misp-warninglists), and two of our own",
        terms: "CC0; lists with terms of their own are in watchfire --version --licenses",
        day: newest_list(),
        entries: None,
        bytes: LISTS,
    }
}

/// The day of the newest list: most have a day for a version, 20260820.
fn newest_list() -> Option<String> {
    let day = |version: u64| {
        format!(
            "{:04}-{:02}-{:02}",
            version / 10_000,
            version / 100 % 100,
            version % 100
        )
    };
    let days = infrastructure::lists()
        .filter(|list| list.version < 21_000_000)
        .map(|list| day(list.version));
    days.filter(|day| Moment::parse(day).is_ok()).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_has_something_in_it() {
        let tables = tables();
        for table in &tables {
            assert!(table.entries.is_none_or(|entries| entries > 40), "{table:?}");
        }
        let all: usize = tables.iter().map(|table| table.bytes).sum();
        assert!(all < 8 << 20, "{all}");
        assert!(
            tables
                .iter()
                .all(|table| table.day.as_ref().is_none_or(|day| day.len() == 10))
        );
    }
}
