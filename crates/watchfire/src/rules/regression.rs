//! SigmaHQ's regression data: a folder with `info.yml`, which names rules and logs beside it and says how often they match.
//!
//! ```yaml
//! rule_metadata:
//!     - id: 8a2f4b1c-3d5e-4f7a-9b2c-1e4f6d8a9c2b
//! regression_tests_info:
//!     - name: Positive Detection Test
//!       type: evtx
//!       match_count: 1
//!       path: regression_data/rules/windows/…/8a2f4b1c-….evtx
//! ```
//!
//! The part of a path that counts is the file's name: the file lies beside the `info.yml`. Without `match_count`, one match
//! is expected. Of YAML, what these files are written in is read: keys with one value each, a line each.

use super::RuleSets;
use super::events::{Seen, Watch};
use super::tally::sorted;
use crate::{Input, Problem, Progress};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use watchfire_model::Untrusted;
use watchfire_sigma::{Collection, Placeholders, Program};
use watchfire_sources::{Found, Links, walk};

/// What the file is called.
const INFO: &str = "info.yml";
/// Rules that one test names at most.
const RULES: usize = 100;

/// One log and what is expected of one rule on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegressionCase {
    /// The file that states it.
    pub stated: PathBuf,
    /// The rule's identifier.
    pub rule: Untrusted,
    /// The rule's title; empty where the rule is not there.
    pub title: Untrusted,
    /// The log.
    pub log: PathBuf,
    /// Matches that are expected.
    pub expected: u64,
    /// What came of it.
    pub outcome: RegressionOutcome,
}

/// What came of one test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegressionOutcome {
    /// So many matches.
    Matches(u64),
    /// No rule has that identifier.
    NoRule,
    /// The log could not be read.
    Unread,
}

impl RegressionCase {
    /// Whether it came as stated.
    pub fn holds(&self) -> bool {
        self.outcome == RegressionOutcome::Matches(self.expected)
    }
}

impl RuleSets {
    /// Runs the regression data below paths. Rules are sought in what else the paths hold, then in all rules of the data
    /// folder. Nothing, where there is no regression data.
    ///
    /// # Errors
    /// When a path cannot be read.
    pub fn regression(&self, paths: &[PathBuf], progress: &dyn Progress) -> Result<Vec<RegressionCase>, Problem> {
        let mut cases = Vec::new();
        for info in infos(paths) {
            let text = crate::small::read(&info).map_err(|error| Problem::of_file("read", &info, &error))?;
            cases.extend(stated(&info, &text));
        }
        if cases.is_empty() {
            return Ok(cases);
        }
        let rules = self.rules_of(paths, &cases)?;
        let total: u64 = cases
            .iter()
            .filter_map(|case| case.log.metadata().ok())
            .map(|data| data.len())
            .sum();
        progress.total(total);
        for case in &mut cases {
            run(case, &rules, self, progress);
        }
        Ok(cases)
    }

    /// The rules that cases name, by identifier, each compiled by itself: a test is about one rule.
    fn rules_of(&self, paths: &[PathBuf], cases: &[RegressionCase]) -> Result<BTreeMap<String, Program>, Problem> {
        let wanted: Vec<String> = cases.iter().map(|case| case.rule.raw().to_ascii_lowercase()).collect();
        let mut found = BTreeMap::new();
        let mut chosen = self.chosen(paths)?;
        let mut all = self.all();
        for parts in [&mut chosen, &mut all] {
            if wanted.iter().all(|id| found.contains_key(id)) {
                break;
            }
            let texts = self.texts(parts);
            let sorted = sorted(&texts, &Placeholders::default());
            for rule in sorted.used.rules {
                let Some(id) = rule.meta.id.as_ref().map(|id| id.to_ascii_lowercase()) else {
                    continue;
                };
                if wanted.contains(&id) && !found.contains_key(&id) {
                    let collection = Collection {
                        rules: vec![rule],
                        ..Collection::default()
                    };
                    found.insert(id, Program::build(collection).0);
                }
            }
        }
        Ok(found)
    }
}

fn run(case: &mut RegressionCase, rules: &BTreeMap<String, Program>, sets: &RuleSets, progress: &dyn Progress) {
    let program = rules.get(&case.rule.raw().to_ascii_lowercase());
    let Some((program, rule)) = program.and_then(|program| Some((program, program.rules().first()?))) else {
        case.outcome = RegressionOutcome::NoRule;
        return;
    };
    case.title = rule.meta.title.as_str().into();
    let mut matches = 0_u64;
    let read =
        Watch::new(program, sets.limits).read([Input::Path(case.log.clone())], sets.as_of, progress, &mut |seen| {
            matches += u64::from(matches!(seen, Seen::Record(_)));
        });
    case.outcome = match read.read {
        0 => RegressionOutcome::Unread,
        _ => RegressionOutcome::Matches(matches),
    };
}

/// Every `info.yml` at or below paths, in order.
fn infos(paths: &[PathBuf]) -> Vec<PathBuf> {
    let inputs = paths
        .iter()
        .filter(|path| path.exists())
        .map(|path| Input::Path(path.clone()));
    let files = walk(inputs, Links::Skip).filter_map(|found| match found {
        Found::Source(source) => source.path().map(Path::to_owned),
        Found::Skipped(_) | Found::Failed(_) => None,
    });
    files
        .filter(|path| path.file_name().is_some_and(|name| name == INFO))
        .collect()
}

/// The cases that a file states.
fn stated(info: &Path, text: &str) -> Vec<RegressionCase> {
    #[derive(PartialEq)]
    enum Section {
        Other,
        Rules,
        Tests,
    }
    let (mut section, mut rules, mut cases) = (Section::Other, Vec::new(), Vec::new());
    let (mut count, mut path): (Option<u64>, Option<String>) = (None, None);
    let mut test = |count: &mut Option<u64>, path: &mut Option<String>, rules: &[String]| {
        let (count, path) = (count.take(), path.take());
        let name = path.as_deref().and_then(|path| path.rsplit(['/', '\\']).next());
        let Some(name) = name.filter(|name| !name.is_empty()) else {
            return;
        };
        cases.extend(rules.iter().map(|rule| RegressionCase {
            stated: info.to_owned(),
            rule: rule.as_str().into(),
            title: Untrusted::default(),
            log: info.with_file_name(name),
            expected: count.unwrap_or(1),
            outcome: RegressionOutcome::Unread,
        }));
    };
    for line in text.lines() {
        let bare = line.trim();
        if bare.is_empty() || bare.starts_with('#') {
            continue;
        }
        if !line.starts_with([' ', '-']) {
            test(&mut count, &mut path, &rules);
            section = match bare.split(':').next() {
                Some("rule_metadata") => Section::Rules,
                Some("regression_tests_info") => Section::Tests,
                _ => Section::Other,
            };
            continue;
        }
        if bare.starts_with("- ") && section == Section::Tests {
            test(&mut count, &mut path, &rules);
        }
        let Some((key, value)) = bare.trim_start_matches("- ").split_once(':') else {
            continue;
        };
        let value = value.trim().trim_matches(['"', '\'']).to_owned();
        match (&section, key.trim()) {
            (Section::Rules, "id") if rules.len() < RULES => rules.push(value),
            (Section::Tests, "match_count") => count = value.parse().ok(),
            (Section::Tests, "path") => path = Some(value),
            _ => {}
        }
    }
    test(&mut count, &mut path, &rules);
    cases
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str, u64)]) {
        let cases = stated(Path::new("x/info.yml"), text);
        let found: Vec<(&str, String, u64)> = cases
            .iter()
            .map(|case| {
                (
                    case.rule.raw(),
                    case.log.to_string_lossy().replace('\\', "/"),
                    case.expected,
                )
            })
            .collect();
        let expected: Vec<(&str, String, u64)> = expected
            .iter()
            .map(|(rule, log, count)| (*rule, (*log).to_owned(), *count))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_file_states_rules_logs_and_counts() {
        check(
            "id: own\ndate: 2025-11-27\nrule_metadata:\n    - id: one\n      title: A\nregression_tests_info:\n    - name: Positive\n      type: evtx\n      path: regression_data/rules/a/one.evtx\n    - name: Other\n      match_count: 4\n      path: 'two.evtx'\n",
            &[("one", "x/one.evtx", 1), ("one", "x/two.evtx", 4)],
        );
    }

    #[test]
    fn what_is_commented_out_is_not_stated() {
        check(
            "rule_metadata:\n  - id: one\n# regression_tests_info:\n#    - path: a.raw\n",
            &[],
        );
    }
}
