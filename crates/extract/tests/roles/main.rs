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
    "pdf-text",
    "proxy-log",
    "bulletin",
    "incident",
    "one-line",
    "spanish",
    "tabs",
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
