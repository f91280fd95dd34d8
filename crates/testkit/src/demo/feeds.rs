//! Three feeds in the shapes that feeds have: comments before the header, quotes, different names for one thing.
//!
//! The first lists the beacon's name. The second holds an entry that is three years old for an address that has had
//! other tenants since. The third contradicts the first.

use super::DemoFile;
use super::story::{BEACON_ADDRESS, BEACON_NAME};
use crate::Random;
use std::fmt::Write as _;

/// A feed of the demo, and what its readers know about it.
#[derive(Clone, Copy, Debug)]
pub struct DemoFeed {
    /// Path below the demo's folder, with `/`.
    pub path: &'static str,
    /// How far it can be trusted, A to F.
    pub grade: &'static str,
    /// Where its table keeps what.
    pub columns: &'static str,
    /// When it was fetched.
    pub fetched: &'static str,
}

/// The feeds of the demo.
pub const FEEDS: [DemoFeed; 3] = [
    DemoFeed {
        path: "feeds/c2-domains.csv",
        grade: "A",
        columns: "value=ioc_value,threat=malware_printable,confidence=confidence_level,first_seen=first_seen_utc,last_seen=last_seen_utc",
        fetched: "2026-11-02T06:15:00Z",
    },
    DemoFeed {
        path: "feeds/ip-blocklist.csv",
        grade: "C",
        columns: "value=dst_ip,port=dst_port,threat=malware,first_seen=first_seen,last_seen=last_online",
        fetched: "2026-11-02T06:15:00Z",
    },
    DemoFeed {
        path: "feeds/community.csv",
        grade: "D",
        columns: "value=value,type=type,verdict=verdict,threat=comment,last_seen=date,delimiter=;",
        fetched: "2026-11-01T18:00:00Z",
    },
];

pub(super) fn files(random: &mut Random) -> Vec<DemoFile> {
    vec![
        DemoFile::new("feeds/c2-domains.csv", command_and_control(random)),
        DemoFile::new("feeds/ip-blocklist.csv", blocklist(random)),
        DemoFile::new("feeds/community.csv", community()),
    ]
}

const WORDS: &[&str] = &[
    "mail", "cloud", "sync", "portal", "static", "assets", "login", "gate", "news", "shop", "files",
];

fn name(random: &mut Random) -> String {
    format!(
        "{}-{}{}.example",
        random.pick(WORDS),
        random.pick(WORDS),
        random.below(100)
    )
}

fn command_and_control(random: &mut Random) -> String {
    let mut out = String::from(
        "# Command-and-control domains, export of 2026-11-02 06:00:00 UTC\n\
         # Terms: free for defence, no resale\n\
         #\n\
         \"first_seen_utc\",\"ioc_id\",\"ioc_value\",\"ioc_type\",\"threat_type\",\"malware_printable\",\"last_seen_utc\",\"confidence_level\",\"reference\",\"tags\",\"reporter\"\n",
    );
    for number in 0..240_u64 {
        let (value, confidence, family) = if number == 97 {
            (BEACON_NAME.to_owned(), 90, "GREY HERON loader")
        } else {
            (
                name(random),
                random.between(25, 100),
                random.pick(&["Unknown RAT", "Loader", "Stealer", "Botnet"]),
            )
        };
        let day = if number == 97 { 15 } else { random.between(1, 31) };
        let _ = writeln!(
            out,
            "\"2026-10-{day:02} {:02}:{:02}:00\",\"{}\",\"{value}\",\"domain\",\"botnet_cc\",\"{family}\",\"2026-11-{:02} 05:12:00\",\"{confidence}\",\"\",\"c2,https\",\"analyst-{}\"",
            random.below(24),
            random.below(60),
            1_482_000 + number,
            random.between(1, 2),
            random.below(9),
        );
    }
    out
}

fn blocklist(random: &mut Random) -> String {
    let mut out = String::from(
        "# dst_ip blocklist; entries are not removed\nfirst_seen,dst_ip,dst_port,c2_status,last_online,malware\n",
    );
    for number in 0..180_u64 {
        let (address, seen, last) = if number == 41 {
            (
                BEACON_ADDRESS.to_owned(),
                "2023-01-30 04:11:09".to_owned(),
                "2023-02-11".to_owned(),
            )
        } else {
            let block = random.pick(&["192.0.2", "198.51.100", "203.0.113"]);
            // The story's own addresses stay out of the noise.
            let last = random.pick(&[8_u64, 9, 11, 31, 47, 58, 92, 120, 133, 150, 199, 210, 233, 250]);
            let day = random.between(1, 28);
            (
                format!("{block}.{last}"),
                format!("2026-09-{day:02} 10:00:00"),
                format!("2026-10-{day:02}"),
            )
        };
        let _ = writeln!(
            out,
            "{seen},{address},{},{},{last},{}",
            random.pick(&[443_u16, 80, 8080, 447]),
            random.pick(&["online", "offline"]),
            random.pick(&["Botnet", "Loader"])
        );
    }
    out
}

fn community() -> String {
    format!(
        "value;type;verdict;comment;date;reporter\n\
         portal-billing.example;domain;malicious;earlier wave, sinkholed;2026-09-20;member-14\n\
         {BEACON_NAME};domain;benign;\"looks like an update service; false positive, please remove\";2026-10-30;member-77\n\
         cdn.news.example;domain;benign;newsletter images;2026-08-02;member-03\n"
    )
}
