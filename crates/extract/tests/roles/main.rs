//! Roles on reports in the house styles of many publishers.
//!
//! `reports/NAME.txt` is a report, `reports/NAME.roles` what a person says of its values, one `role value` a line; what
//! is not in it is only mentioned. The table printed is precision and recall per role over all values of all reports.
//! Set `WATCHFIRE_ROLES_VERBOSE=1` to see every miss.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test, and it prints its table"
)]

use std::collections::BTreeMap;
use watchfire_extract::{Extractor, Options};
use watchfire_model::{Observed, Role};

/// Each report with the roles that a person gave.
macro_rules! reports {
    ($($name:literal,)*) => {
        &[$(($name, include_str!(concat!("reports/", $name, ".txt")), include_str!(concat!("reports/", $name, ".roles"))),)*]
    };
}

const REPORTS: &[(&str, &str, &str)] = reports![
    "abused-platforms",
    "agency-advisory",
    "asciidoc-repository",
    "csv-appendix",
    "footnotes-live",
    "french",
    "german",
    "mailing-list",
    "markdown-blog",
    "news-article",
    "pastebin-list",
    "pdf-text",
    "phishing-notice",
    "proxy-log",
    "bulletin",
    "incident",
    "japanese",
    "one-line",
    "spanish",
    "tabs",
    "vendor-html",
];

const ROLES: [Role; 4] = [Role::Indicator, Role::Publisher, Role::Reference, Role::Mentioned];

fn observed(text: &str) -> Vec<Observed> {
    Extractor::new(Options::default()).extract(text.as_bytes()).observed
}

fn role(word: &str) -> Role {
    match word {
        "indicator" => Role::Indicator,
        "publisher" => Role::Publisher,
        "reference" => Role::Reference,
        "mentioned" => Role::Mentioned,
        other => panic!("'{other}' is no role"),
    }
}

/// What a person says of each value.
fn told(roles: &str) -> BTreeMap<&str, Role> {
    roles
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(word, value)| (value, role(word)))
        .collect()
}

#[derive(Default)]
struct Score {
    right: usize,
    given: usize,
    due: usize,
}

impl Score {
    fn per_cent(part: usize, whole: usize) -> f64 {
        100.0 * part as f64 / whole.max(1) as f64
    }
}

#[test]
fn roles_agree_with_a_person() {
    let verbose = std::env::var("WATCHFIRE_ROLES_VERBOSE").is_ok();
    let mut scores: BTreeMap<Role, Score> = BTreeMap::new();
    for (name, text, roles) in REPORTS {
        let told = told(roles);
        for seen in observed(text) {
            let due = told.get(seen.observable.raw()).copied().unwrap_or_default();
            scores.entry(due).or_default().due += 1;
            scores.entry(seen.role).or_default().given += 1;
            if due == seen.role {
                scores.entry(due).or_default().right += 1;
            } else if verbose {
                println!(
                    "{name}: {} {} is {due:?}, not {:?} ({})",
                    seen.observable.kind(),
                    seen.observable.raw(),
                    seen.role,
                    seen.role_reason
                );
            }
        }
    }
    for role in ROLES {
        let score = scores.entry(role).or_default();
        let precision = Score::per_cent(score.right, score.given);
        let recall = Score::per_cent(score.right, score.due);
        println!(
            "{role:?}: {} due, precision {precision:.1} %, recall {recall:.1} %",
            score.due
        );
        // What is not certain is only mentioned, so that word may be given too often.
        let least = if role == Role::Mentioned { 90.0 } else { 95.0 };
        assert!(precision >= least && recall >= 95.0, "{role:?} is told badly");
    }
}

#[test]
fn every_expected_value_is_observed() {
    for (name, text, roles) in REPORTS {
        let observed = observed(text);
        for value in told(roles).keys() {
            // Both ways of reading `url[text]` are labelled.
            let found = observed.iter().any(|seen| seen.observable.raw().starts_with(value));
            assert!(found || value.ends_with("[white"), "{name}: {value} is not observed");
        }
    }
}

/// What an introduction makes a report of.
const REPORT: &str = "TLP:CLEAR\n\nThe malware was seen in three countries and is sold to anyone. Its operators are \
                      unknown to us.\nThey write to companies of every size and ask for money in the end.\nWe tell \
                      what we know so that others can look for it.\n\n";

#[track_caller]
fn check(text: &str, value: &str, role: Role, reason: &str) {
    let observed = observed(&format!("{REPORT}{text}"));
    let seen = observed.iter().find(|seen| seen.observable.raw() == value);
    let seen = seen.unwrap_or_else(|| panic!("{value} is not observed"));
    assert_eq!((seen.role, seen.role_reason), (role, reason), "{value} in {text:?}");
}

#[test]
fn says_why_where_evidence_conflicts() {
    check(
        "# References\n\n- hxxps://evil[.]example/a\n",
        "https://evil.example/a",
        Role::Indicator,
        "defanged, although given as something to read",
    );
    check(
        "# IOCs\n\nhttps://a.example/x\n\n# References\n\nhttps://a.example/x\n",
        "https://a.example/x",
        Role::Indicator,
        "listed as an indicator, although also given as something to read",
    );
}

#[test]
fn the_nearest_phrase_of_the_sentence_decides() {
    let text = "See the blog https://v.example/a for more. The implant beacons to http://c.example/b every hour.\n";
    check(
        text,
        "https://v.example/a",
        Role::Reference,
        "introduced as something to read",
    );
    check(
        text,
        "http://c.example/b",
        Role::Indicator,
        "named as command and control",
    );
    // A phrase inside an address says nothing.
    let text = "It was written down in https://v.example/c2/beacons and then at https://w.example/ again.\n";
    check(text, "https://w.example/", Role::Mentioned, "");
}

#[test]
fn what_is_live_in_a_text_that_defangs_is_no_indicator() {
    let text = "It calls evil[.]example first. Then a page at http://other.example/x shows an error.\n";
    check(
        text,
        "http://other.example/x",
        Role::Reference,
        "live link in a text that defangs its indicators",
    );
    check(
        "It calls evil[.]example first. Then http://evil.example/x shows an error.\n",
        "http://evil.example/x",
        Role::Indicator,
        "its host is presented as an indicator",
    );
}

#[test]
fn the_host_of_an_indicator_that_others_share_is_only_mentioned() {
    let text = "# IOCs\n\n- hxxps://pastebin[.]com/raw/abc\n";
    check(text, "https://pastebin.com/raw/abc", Role::Indicator, "defanged");
    check(
        text,
        "pastebin.com",
        Role::Mentioned,
        "host of an indicator, shared with others",
    );
}

#[test]
fn headings_of_all_kinds_open_and_close_parts() {
    for heading in [
        "# IOCs",
        "== Indicators of compromise",
        "Indicators of compromise\n========================",
        "4.2 Indicators of Compromise (IoCs)",
        "INDICATORS",
        "**Network indicators:**",
        "Appendix B: IOCs",
        "Kompromittierungsindikatoren",
        "Indicateurs de compromission",
        "Индикаторы компрометации",
        "侵害指標",
    ] {
        let listed = "listed under an indicators heading";
        check(
            &format!("{heading}\n\n- a.example\n"),
            "a.example",
            Role::Indicator,
            listed,
        );
        let after = format!("{heading}\n\n- a.example\n\n# Conclusion\n\nNothing else is known of b.example today.\n");
        check(&after, "b.example", Role::Mentioned, "");
    }
}

#[test]
fn columns_decide_in_tables() {
    for table in [
        "| Indicator | Source |\n|---|---|\n| a.example | https://v.example/x |\n",
        "indicator,source\na.example,https://v.example/x\n",
        "Indicator\tSource\na.example\thttps://v.example/x\n",
        "Indicator     Source\n----------    ----------\na.example     https://v.example/x\n",
    ] {
        check(
            table,
            "a.example",
            Role::Indicator,
            "in the indicators column of a table",
        );
        check(
            table,
            "https://v.example/x",
            Role::Reference,
            "in a column of references",
        );
    }
}

#[test]
fn logs_and_plain_lists_tell_no_roles() {
    let log = "2026-03-01T10:00:00Z GET https://www.virustotal.com/a c2 beacon 203.0.113.9\n".repeat(3000);
    let list = "a.example\nb.example\nhttps://c.example/x\ninfo@d.example\n".repeat(3);
    for text in [log, list] {
        assert!(observed(&text).iter().all(|seen| seen.role == Role::Mentioned));
    }
}

#[test]
fn readers_tell_the_same_roles() {
    let extractor = Extractor::new(Options::default());
    for (_, text, _) in REPORTS {
        let read = extractor.extract_reader(&mut text.as_bytes(), 2).unwrap();
        assert_eq!(read.observed, extractor.extract(text.as_bytes()).observed);
    }
}

#[test]
fn texts_too_long_for_a_report_keep_the_plain_rule() {
    let text = format!("{REPORT}# IOCs\n\na.example\nb[.]example\n{}", "word ".repeat(2 << 20));
    let observed = observed(&text);
    let role = |value: &str| {
        observed
            .iter()
            .find(|seen| seen.observable.raw() == value)
            .map(|seen| seen.role)
    };
    assert_eq!(role("a.example"), Some(Role::Mentioned));
    assert_eq!(role("b.example"), Some(Role::Indicator));
}

/// The role of `value` in `text`.
fn role_in(text: &str, value: &str) -> Role {
    let observed = observed(text);
    let seen = observed.iter().find(|seen| seen.observable.raw() == value);
    seen.unwrap_or_else(|| panic!("no '{value}' in {text:?}")).role
}

const ARTICLE: &str = "Harbour Lab: Quiet Otter evolves

By Ann Writer, published March 9, 2026

Executive summary
Quiet Otter (https://research.harbourlab.example/quiet-otter/) is a group that attacks banks. In this article, we \
describe how the group used RemoteDesk (remotedesk.example) to keep access. Kestrelworks has also written about it: \
https://www.kestrelworks.example/blog/otter. The malware uses https://pastebin.com/raw/x, and \
https://discord.com/api/webhooks/1/abc as command and control, and its payload came from pastebin.com.

The loader contacted hxxps://victim-sso[.]example/gate.php and wrote a file. The attackers sent mail to the staff of the \
bank. Contact Harbour Lab at investigations@harbourlab.example.
";

#[test]
fn a_third_party_that_is_named_near_the_top_is_no_publisher() {
    for value in [
        "remotedesk.example",
        "www.kestrelworks.example",
        "https://www.kestrelworks.example/blog/otter",
    ] {
        assert_ne!(role_in(ARTICLE, value), Role::Publisher, "{value}");
    }
    assert_eq!(role_in(ARTICLE, "research.harbourlab.example"), Role::Publisher);
}

#[test]
fn a_host_that_many_share_is_no_indicator_by_the_words_around_it() {
    let live = ARTICLE.replace("hxxps://victim-sso[.]example", "http://victim-sso.example");
    for value in ["discord.com", "pastebin.com"] {
        assert_eq!(role_in(&live, value), Role::Mentioned, "{value}");
    }
    assert_eq!(
        role_in(&live, "https://discord.com/api/webhooks/1/abc"),
        Role::Indicator
    );
}
