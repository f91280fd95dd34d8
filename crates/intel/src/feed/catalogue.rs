//! Feeds that everybody knows, for `feeds add urlhaus`: where they are, what their publishers ask for, and how far they
//! can be trusted.
//!
//! Grades are those of the Admiralty: A for feeds whose entries are checked before they are listed, B for those that
//! follow published rules, C for what the public submits. Terms are a reminder in a few words and bind nobody: publishers
//! change them, and theirs count.

use super::{FeedKey, KeyPlace};
use crate::transport::is_same_origin;
use std::borrow::Cow;
use watchfire_model::Grade;

/// One well-known feed.
#[derive(Clone, Debug)]
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
    /// Feeds of one group are not independent.
    pub group: &'static str,
    /// How often to ask for it at most. Seconds.
    pub refresh: u64,
    /// The key that goes along.
    pub key: Option<FeedKey>,
    /// How many pages are taken, where not all are.
    pub pages: Option<u32>,
}

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;
const ABUSE_CH: &str = "free within fair use; one free key serves all of abuse.ch";

/// The key of abuse.ch, which the providers of that name share.
const fn auth_key(provider: &'static str) -> Option<FeedKey> {
    Some(FeedKey {
        provider,
        place: KeyPlace::Query(Cow::Borrowed("auth-key")),
        is_required: true,
    })
}

const fn key(provider: &'static str, place: KeyPlace, is_required: bool) -> Option<FeedKey> {
    Some(FeedKey {
        provider,
        place,
        is_required,
    })
}

/// The well-known feeds, by name.
pub static KNOWN: &[Known] = &[
    Known {
        name: "asndrop",
        describes: "autonomous systems run by criminals",
        url: "https://www.spamhaus.org/drop/asndrop.json",
        format: "drop",
        terms: "free with attribution to Spamhaus; once a day is enough",
        grade: Grade::A,
        group: "spamhaus",
        refresh: DAY,
        key: None,
        pages: None,
    },
    Known {
        name: "drop-v4",
        describes: "networks run by criminals, IPv4",
        url: "https://www.spamhaus.org/drop/drop_v4.json",
        format: "drop",
        terms: "free with attribution to Spamhaus; once a day is enough",
        grade: Grade::A,
        group: "spamhaus",
        refresh: DAY,
        key: None,
        pages: None,
    },
    Known {
        name: "drop-v6",
        describes: "networks run by criminals, IPv6",
        url: "https://www.spamhaus.org/drop/drop_v6.json",
        format: "drop",
        terms: "free with attribution to Spamhaus; once a day is enough",
        grade: Grade::A,
        group: "spamhaus",
        refresh: DAY,
        key: None,
        pages: None,
    },
    Known {
        name: "epss",
        describes: "how likely vulnerabilities are to be exploited",
        url: "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz",
        format: "epss",
        terms: "free with attribution to FIRST; new every day; packed with gzip",
        grade: Grade::A,
        group: "epss",
        refresh: DAY,
        key: None,
        pages: None,
    },
    Known {
        name: "feodo",
        describes: "servers of botnets",
        url: "https://feodotracker.abuse.ch/downloads/ipblocklist.json",
        format: "feodo",
        terms: ABUSE_CH,
        grade: Grade::A,
        group: "abuse.ch",
        refresh: HOUR,
        key: None,
        pages: None,
    },
    Known {
        name: "ghsa",
        describes: "security advisories of GitHub, the newest thousand",
        url: "https://api.github.com/advisories?per_page=100",
        format: "ghsa",
        terms: "CC BY 4.0",
        grade: Grade::A,
        group: "github",
        refresh: HOUR,
        key: key("github", KeyPlace::Bearer, false),
        pages: Some(10),
    },
    Known {
        name: "kev",
        describes: "vulnerabilities that are being exploited",
        url: "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json",
        format: "kev",
        terms: "CC0",
        grade: Grade::A,
        group: "cisa",
        refresh: DAY,
        key: None,
        pages: None,
    },
    Known {
        name: "malwarebazaar",
        describes: "digests of malware, the last two days",
        url: "https://bazaar.abuse.ch/export/csv/recent/",
        format: "malwarebazaar",
        terms: ABUSE_CH,
        grade: Grade::B,
        group: "abuse.ch",
        refresh: HOUR,
        key: auth_key("malwarebazaar"),
        pages: None,
    },
    Known {
        name: "nvd",
        describes: "vulnerabilities, all of them, page by page",
        url: "https://services.nvd.nist.gov/rest/json/cves/2.0",
        format: "nvd",
        terms: "public domain, with the notice that NVD does not endorse the product; 5 requests in 30 seconds, 50 with a key",
        grade: Grade::A,
        group: "nvd",
        refresh: 2 * HOUR,
        key: key("nvd", KeyPlace::Header(Cow::Borrowed("apiKey")), false),
        pages: None,
    },
    Known {
        name: "openphish",
        describes: "URLs of phishing pages",
        url: "https://openphish.com/feed.txt",
        format: "openphish",
        terms: "not for commercial use; new every 12 hours",
        grade: Grade::B,
        group: "openphish",
        refresh: 12 * HOUR,
        key: None,
        pages: None,
    },
    Known {
        name: "otx",
        describes: "pulses that you are subscribed to",
        url: "https://otx.alienvault.com/api/v1/pulses/subscribed?limit=50",
        format: "otx",
        terms: "free with registration; see the terms of use",
        grade: Grade::C,
        group: "otx",
        refresh: HOUR,
        key: key("otx", KeyPlace::Header(Cow::Borrowed("X-OTX-API-KEY")), true),
        pages: None,
    },
    Known {
        name: "phishtank",
        describes: "URLs of phishing pages, looked at by people",
        url: "https://data.phishtank.com/data/online-valid.json",
        format: "phishtank",
        terms: "free; new registrations are closed; new every hour",
        grade: Grade::B,
        group: "phishtank",
        refresh: HOUR,
        key: None,
        pages: None,
    },
    Known {
        name: "sslbl",
        describes: "certificates of malware's servers",
        url: "https://sslbl.abuse.ch/blacklist/sslblacklist.csv",
        format: "sslbl",
        terms: ABUSE_CH,
        grade: Grade::A,
        group: "abuse.ch",
        refresh: HOUR,
        key: None,
        pages: None,
    },
    Known {
        name: "threatfox",
        describes: "hosts, URLs and files of malware, the last two days",
        url: "https://threatfox.abuse.ch/export/csv/recent/",
        format: "threatfox",
        terms: ABUSE_CH,
        grade: Grade::B,
        group: "abuse.ch",
        refresh: HOUR,
        key: auth_key("threatfox"),
        pages: None,
    },
    Known {
        name: "tor",
        describes: "exits of Tor",
        url: "https://check.torproject.org/exit-addresses",
        format: "tor",
        terms: "free; once an hour",
        grade: Grade::A,
        group: "tor",
        refresh: HOUR,
        key: None,
        pages: None,
    },
    Known {
        name: "urlhaus",
        describes: "URLs that deliver malware, the last 30 days",
        url: "https://urlhaus-api.abuse.ch/files/exports/recent.csv",
        format: "urlhaus",
        terms: ABUSE_CH,
        grade: Grade::A,
        group: "abuse.ch",
        refresh: HOUR,
        key: auth_key("urlhaus"),
        pages: None,
    },
];

/// The well-known feed called so.
pub fn by_name(name: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.name == name)
}

/// The well-known feed that a URL is of: the one there, or else one of the same publisher in the same format. What is
/// known of it holds for that place alone, so that a key never goes where somebody called a feed as another.
pub fn at(url: &str, format: &str) -> Option<&'static Known> {
    let same_publisher = |known: &&Known| known.format == format && is_same_origin(known.url, url);
    KNOWN
        .iter()
        .find(|known| known.url == url)
        .or_else(|| KNOWN.iter().find(same_publisher))
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

    #[test]
    fn keys_are_those_of_providers() {
        for (name, key) in KNOWN.iter().filter_map(|known| Some((known.name, known.key.as_ref()?))) {
            assert!(key.variable().is_some(), "{name}");
        }
        let variable = |name| by_name(name).and_then(|known| known.key.as_ref()?.variable());
        assert_eq!(variable("threatfox"), Some("WATCHFIRE_ABUSECH_KEY"));
        assert_eq!(variable("ghsa"), Some("WATCHFIRE_GITHUB_TOKEN"));
    }

    #[test]
    fn what_is_known_of_a_feed_holds_for_its_publisher_alone() {
        let name = |url, format| at(url, format).map(|known| known.name);
        assert_eq!(
            name("https://api.github.com/advisories?type=malware", "ghsa"),
            Some("ghsa")
        );
        assert_eq!(name("https://api.github.com.evil.example/advisories", "ghsa"), None);
        assert_eq!(name("http://api.github.com/advisories", "ghsa"), None);
        assert_eq!(name("https://api.github.com/other", "plain"), None);
        assert_eq!(
            name("https://www.spamhaus.org/drop/drop_v6.json", "drop"),
            Some("drop-v6")
        );
    }
}
