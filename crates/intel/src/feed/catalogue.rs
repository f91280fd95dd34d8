//! Feeds that everybody knows, for `feeds add urlhaus`: where they are, what their publishers ask for, and how far they
//! can be trusted.
//!
//! Grades are those of the Admiralty: A for feeds whose entries are checked before they are listed, B for those that
//! follow published rules, C for what the public submits. Terms are a reminder in a few words and bind nobody: publishers
//! change them, and theirs count.

use watchfire_model::{Grade, Rank};

/// Where a key goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// A parameter of the URL.
    Query(&'static str),
    /// A header.
    Header(&'static str),
    /// A header that may be left out, for more requests.
    OptionalHeader(&'static str),
}

/// One well-known feed.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// The name in commands, `urlhaus`.
    pub name: &'static str,
    /// One line, lower case, no full stop.
    pub describes: &'static str,
    /// Where it is.
    pub url: &'static str,
    /// The format's name.
    pub format: &'static str,
    /// Licence, and what its publisher asks for.
    pub terms: &'static str,
    /// How far it can be trusted.
    pub grade: Grade,
    /// How its word counts.
    pub rank: Rank,
    /// Feeds of one group are not independent.
    pub group: &'static str,
    /// How often to ask for it at most. Seconds.
    pub refresh: u64,
    /// Whether it wants a key, and where.
    pub key: Option<Key>,
}

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;
const ABUSE_CH: &str = "free within fair use; one free key serves all of abuse.ch";
const AUTH_KEY: Option<Key> = Some(Key::Query("auth-key"));

/// The well-known feeds, by name.
pub static KNOWN: &[Known] = &[
    Known {
        name: "asndrop",
        describes: "autonomous systems run by criminals",
        url: "https://www.spamhaus.org/drop/asndrop.json",
        format: "drop",
        terms: "free with attribution to Spamhaus; once a day is enough",
        grade: Grade::A,
        rank: Rank::Evidence,
        group: "spamhaus",
        refresh: DAY,
        key: None,
    },
    Known {
        name: "drop-v4",
        describes: "networks run by criminals, IPv4",
        url: "https://www.spamhaus.org/drop/drop_v4.json",
        format: "drop",
        terms: "free with attribution to Spamhaus; once a day is enough",
        grade: Grade::A,
        rank: Rank::Curated,
        group: "spamhaus",
        refresh: DAY,
        key: None,
    },
    Known {
        name: "drop-v6",
        describes: "networks run by criminals, IPv6",
        url: "https://www.spamhaus.org/drop/drop_v6.json",
        format: "drop",
        terms: "free with attribution to Spamhaus; once a day is enough",
        grade: Grade::A,
        rank: Rank::Curated,
        group: "spamhaus",
        refresh: DAY,
        key: None,
    },
    Known {
        name: "epss",
        describes: "how likely vulnerabilities are to be exploited",
        url: "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz",
        format: "epss",
        terms: "free with attribution to FIRST; new every day; packed with gzip",
        grade: Grade::A,
        rank: Rank::Context,
        group: "epss",
        refresh: DAY,
        key: None,
    },
    Known {
        name: "feodo",
        describes: "servers of botnets",
        url: "https://feodotracker.abuse.ch/downloads/ipblocklist.json",
        format: "feodo",
        terms: ABUSE_CH,
        grade: Grade::A,
        rank: Rank::Curated,
        group: "abuse.ch",
        refresh: HOUR,
        key: None,
    },
    Known {
        name: "ghsa",
        describes: "security advisories of GitHub, the newest hundred",
        url: "https://api.github.com/advisories?per_page=100",
        format: "ghsa",
        terms: "CC BY 4.0",
        grade: Grade::A,
        rank: Rank::Context,
        group: "github",
        refresh: HOUR,
        key: Some(Key::OptionalHeader("Authorization")),
    },
    Known {
        name: "kev",
        describes: "vulnerabilities that are being exploited",
        url: "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json",
        format: "kev",
        terms: "CC0",
        grade: Grade::A,
        rank: Rank::Context,
        group: "cisa",
        refresh: DAY,
        key: None,
    },
    Known {
        name: "malwarebazaar",
        describes: "digests of malware, the last two days",
        url: "https://bazaar.abuse.ch/export/csv/recent/",
        format: "malwarebazaar",
        terms: ABUSE_CH,
        grade: Grade::B,
        rank: Rank::Evidence,
        group: "abuse.ch",
        refresh: HOUR,
        key: AUTH_KEY,
    },
    Known {
        name: "nvd",
        describes: "vulnerabilities, page by page",
        url: "https://services.nvd.nist.gov/rest/json/cves/2.0",
        format: "nvd",
        terms: "public domain, with the notice that NVD does not endorse the product; 5 requests in 30 seconds, 50 with a key",
        grade: Grade::A,
        rank: Rank::Context,
        group: "nvd",
        refresh: 2 * HOUR,
        key: Some(Key::OptionalHeader("apiKey")),
    },
    Known {
        name: "openphish",
        describes: "URLs of phishing pages",
        url: "https://openphish.com/feed.txt",
        format: "openphish",
        terms: "not for commercial use; new every 12 hours",
        grade: Grade::B,
        rank: Rank::Evidence,
        group: "openphish",
        refresh: 12 * HOUR,
        key: None,
    },
    Known {
        name: "otx",
        describes: "pulses that you are subscribed to",
        url: "https://otx.alienvault.com/api/v1/pulses/subscribed?limit=50",
        format: "otx",
        terms: "free with registration; see the terms of use",
        grade: Grade::C,
        rank: Rank::Evidence,
        group: "otx",
        refresh: HOUR,
        key: Some(Key::Header("X-OTX-API-KEY")),
    },
    Known {
        name: "phishtank",
        describes: "URLs of phishing pages, looked at by people",
        url: "https://data.phishtank.com/data/online-valid.json",
        format: "phishtank",
        terms: "free; new registrations are closed; new every hour",
        grade: Grade::B,
        rank: Rank::Evidence,
        group: "phishtank",
        refresh: HOUR,
        key: None,
    },
    Known {
        name: "sslbl",
        describes: "certificates of malware's servers",
        url: "https://sslbl.abuse.ch/blacklist/sslblacklist.csv",
        format: "sslbl",
        terms: ABUSE_CH,
        grade: Grade::A,
        rank: Rank::Evidence,
        group: "abuse.ch",
        refresh: HOUR,
        key: None,
    },
    Known {
        name: "threatfox",
        describes: "hosts, URLs and files of malware, the last two days",
        url: "https://threatfox.abuse.ch/export/csv/recent/",
        format: "threatfox",
        terms: ABUSE_CH,
        grade: Grade::B,
        rank: Rank::Evidence,
        group: "abuse.ch",
        refresh: HOUR,
        key: AUTH_KEY,
    },
    Known {
        name: "tor",
        describes: "exits of Tor",
        url: "https://check.torproject.org/exit-addresses",
        format: "tor",
        terms: "free; once an hour",
        grade: Grade::A,
        rank: Rank::Context,
        group: "tor",
        refresh: HOUR,
        key: None,
    },
    Known {
        name: "urlhaus",
        describes: "URLs that deliver malware, the last 30 days",
        url: "https://urlhaus-api.abuse.ch/files/exports/recent.csv",
        format: "urlhaus",
        terms: ABUSE_CH,
        grade: Grade::A,
        rank: Rank::Curated,
        group: "abuse.ch",
        refresh: HOUR,
        key: AUTH_KEY,
    },
];

/// The well-known feed called so.
pub fn by_name(name: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_feed_has_a_format_and_a_name_of_its_own() {
        assert!(KNOWN.is_sorted_by_key(|known| known.name));
        for known in KNOWN {
            assert!(crate::feed::by_name(known.format).is_some(), "{}", known.name);
            assert!(known.url.starts_with("https://"), "{}", known.name);
            assert!(known.refresh >= HOUR, "{}", known.name);
        }
        assert!(by_name("urlhaus").is_some_and(|known| known.key.is_some()));
    }
}
