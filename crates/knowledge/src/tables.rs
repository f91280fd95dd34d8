//! What is embedded: each table with its source, its terms, its day and its size.

use crate::{attack, extension, geography, infrastructure, mac, suffix, tld};

const LISTS: usize = include_bytes!("../data/hosts.bin").len()
    + include_bytes!("../data/tokens.bin").len()
    + include_bytes!("../data/ipv4.bin").len()
    + include_bytes!("../data/ipv6.bin").len()
    + include_bytes!("../data/ipv6-high.bin").len()
    + include_bytes!("../data/sets.bin").len();
const ATTACK: usize = include_bytes!("../data/attack.tsv").len();
/// The day of each source, or the one on which it was taken.
const DAYS: &str = include_str!("../data/days.tsv");
/// When our own table of endings was last gone through.
const EXTENSIONS: &str = "2026-11-22";
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
    /// The day of the data, `2026-06-17`; of its newest part where the parts have days of their own.
    pub day: Option<String>,
    /// The day of its oldest part, where the parts have days of their own.
    pub oldest: Option<String>,
    /// Whether its source does not date it: `day` is the one on which it was taken, and it is that old at least.
    pub is_undated: bool,
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
            says: "tactics, techniques, mitigations, software, groups",
            source: "MITRE ATT&CK",
            terms: "© The MITRE Corporation, terms of use of ATT&CK",
            entries: Some(attack::entries().count()),
            bytes: ATTACK,
            ..dated("attack")
        },
        Table {
            says: "public suffixes, below which anybody can have a name",
            source: "publicsuffix.org",
            terms: "MPL 2.0",
            entries: Some(suffix::entries()),
            bytes: SUFFIXES,
            ..dated("suffixes")
        },
        Table {
            says: "top-level domains",
            source: "IANA root zone database",
            terms: "no restriction",
            entries: Some(tld::entries()),
            bytes: TLDS,
            ..dated("tlds")
        },
        Table {
            name: "vendors",
            says: "who makes network cards, by their addresses",
            source: "IEEE Registration Authority",
            terms: "no restriction",
            day: Some(mac::day().to_owned()),
            oldest: None,
            is_undated: false,
            entries: Some(mac::entries()),
            bytes: mac::size(),
        },
        Table {
            name: "extensions",
            says: "endings of file names and what they open",
            source: "Watchfire",
            terms: "as Watchfire",
            day: Some(EXTENSIONS.to_owned()),
            oldest: None,
            is_undated: false,
            entries: Some(extension::entries()),
            bytes: extension::entries() * std::mem::size_of::<(u64, u8)>(),
        },
        Table {
            name: "reserved",
            says: "addresses and names that standards set aside",
            source: "IANA special-purpose registries, RFC 2606, 6761, 6762",
            terms: "no restriction",
            day: None,
            oldest: None,
            is_undated: false,
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
        oldest: None,
        is_undated: false,
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
        day: infrastructure::lists().filter_map(infrastructure::List::day).max(),
        oldest: infrastructure::lists().filter_map(infrastructure::List::day).min(),
        is_undated: false,
        entries: None,
        bytes: LISTS,
    }
}

/// A table of this name with its day, and nothing else.
fn dated(name: &'static str) -> Table {
    let mut lines = DAYS.lines().map(|line| line.split('\t'));
    let mut found = lines.find_map(|mut line| (line.next() == Some(name)).then_some(line));
    let mut word = || found.as_mut().and_then(Iterator::next);
    let is_undated = word() == Some("taken");
    Table {
        name,
        says: "",
        source: "",
        terms: "",
        day: word().map(str::to_owned),
        oldest: None,
        is_undated,
        entries: None,
        bytes: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::infrastructure::List;
    use watchfire_model::Moment;

    #[test]
    fn every_table_has_something_in_it() {
        let tables = tables();
        for table in &tables {
            assert!(table.entries.is_none_or(|entries| entries > 40), "{table:?}");
        }
        let all: usize = tables.iter().map(|table| table.bytes).sum();
        assert!(all < 9 << 20, "{all}");
    }

    #[test]
    fn every_table_tells_its_age_and_none_is_younger_than_its_parts() {
        for table in tables() {
            let day = table.day.as_deref();
            assert!(
                table.name == "reserved" || day.is_some_and(|day| Moment::parse(day).is_ok()),
                "{table:?}"
            );
            assert!(table.oldest.as_deref() <= day, "{table:?}");
        }
        let lists = lists();
        assert!(
            lists.oldest.is_some_and(|day| day.starts_with("2020-")),
            "lists are as old as the oldest"
        );
        let day = |version| {
            List {
                version,
                ..*infrastructure::lists().next().unwrap()
            }
            .day()
        };
        assert_eq!(day(20_260_820).as_deref(), Some("2026-08-20"));
        assert_eq!(day(26_081_014).as_deref(), Some("2026-08-10"));
        assert_eq!((day(7), day(20_261_399), day(99_999_999)), (None, None, None));
    }
}
