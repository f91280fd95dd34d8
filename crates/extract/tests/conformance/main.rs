//! Conformance with the test suites of other extractors.
//!
//! Every case of the corpus becomes assertions: a value is found, a type has no further values, a value is not found,
//! a text refangs to another. Tier A must meet 98 % of its assertions, and of those that ask for something by
//! themselves (a blind extractor meets all that forbid); the raw URLs of tier C 97 %. Each remaining miss is listed
//! with its reason in `misses.tsv`. Tier B holds questions on which peers disagree: `policy.tsv` records
//! our default answer to each. The README shows the table of suites. Set `WATCHFIRE_CONFORMANCE_VERBOSE=1` to see every
//! miss (`=2`: of tiers B and C too) and `WATCHFIRE_CONFORMANCE_UPDATE=1` to rewrite `policy.tsv` and the README's table.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test, and it prints its table"
)]

mod cases;
mod mapping;
mod readme;

use cases::{Case, Form};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use watchfire_extract::{Extractor, refang};
use watchfire_model::{ObservableType as Type, Observed};

/// One yes-or-no question about one case.
struct Assertion {
    /// What is asked, `expect url http://example.com/`.
    name: String,
    /// The peer's type, or the form where there is none.
    kind: String,
    met: bool,
    /// What we answered instead.
    got: String,
}

/// What we found in a case's text.
struct Answer {
    values: BTreeSet<(Type, String)>,
    raws: BTreeSet<(Type, String)>,
}

impl Answer {
    fn of(case: &Case) -> Self {
        let extractor = Extractor::new(mapping::options(case));
        let values = extractor.extract(case.text.as_bytes()).observed;
        let values = values
            .iter()
            .map(|seen| (seen.observable.kind(), seen.observable.raw().to_owned()))
            .collect();
        let mut raws = BTreeSet::new();
        extractor.each(case.text.as_bytes(), &mut |seen: Observed| {
            raws.insert((seen.observable.kind(), seen.raw.raw().to_owned()));
        });
        Self { values, raws }
    }

    /// What a case's form compares.
    fn compared(&self, form: Form) -> &BTreeSet<(Type, String)> {
        if form == Form::Raw { &self.raws } else { &self.values }
    }

    fn of_types(&self, form: Form, types: &[Type]) -> Vec<&str> {
        self.compared(form)
            .iter()
            .filter(|(kind, _)| types.contains(kind))
            .map(|(_, value)| value.as_str())
            .collect()
    }
}

/// The spellings of an expected value that would meet it.
fn accepted(case: &Case, peer: &str, value: &str) -> BTreeSet<(Type, String)> {
    if case.form == Form::Raw {
        mapping::types(case, peer)
            .iter()
            .map(|kind| (*kind, value.to_owned()))
            .collect()
    } else {
        mapping::normals(case, peer, value)
    }
}

fn assertions(case: &Case) -> Vec<Assertion> {
    if case.form == Form::RefangPair {
        let expected = case.refang.as_deref().expect("a pair has its other half");
        let got = String::from_utf8_lossy(&refang(case.text.as_bytes())).into_owned();
        return vec![Assertion {
            name: format!("refang {expected}"),
            kind: "refang".to_owned(),
            met: got == expected,
            got,
        }];
    }
    let answer = Answer::of(case);
    let mut list = Vec::new();
    expected_values(case, &answer, &mut list);
    no_further_values(case, &answer, &mut list);
    rejected_values(case, &answer, &mut list);
    counts(case, &answer, &mut list);
    list
}

fn expected_values(case: &Case, answer: &Answer, list: &mut Vec<Assertion>) {
    for (peer, values) in &case.expect {
        for value in values {
            list.push(Assertion {
                name: format!("expect {peer} {value}"),
                kind: peer.clone(),
                met: !accepted(case, peer, value).is_disjoint(answer.compared(case.form)),
                got: answer.of_types(case.form, mapping::types(case, peer)).join(" | "),
            });
        }
    }
}

fn no_further_values(case: &Case, answer: &Answer, list: &mut Vec<Assertion>) {
    // Two of a peer's types may be one of ours: both may give its values, and the question is asked once.
    let mut asked = BTreeSet::new();
    for peer in &case.exact {
        let types = mapping::exact_types(case, peer);
        if !asked.insert(types) {
            continue;
        }
        let given: BTreeSet<_> = case
            .expect
            .iter()
            .filter(|(other, _)| {
                mapping::exact_types(case, other)
                    .iter()
                    .any(|kind| types.contains(kind))
            })
            .flat_map(|(other, values)| values.iter().flat_map(|value| accepted(case, other, value)))
            .collect();
        let extra: Vec<&str> = answer
            .compared(case.form)
            .iter()
            .filter(|found| types.contains(&found.0) && !given.contains(*found))
            .map(|(_, value)| value.as_str())
            .collect();
        list.push(Assertion {
            name: format!("exact {peer}"),
            kind: peer.clone(),
            met: extra.is_empty(),
            got: format!("also {}", extra.join(" | ")),
        });
    }
}

fn rejected_values(case: &Case, answer: &Answer, list: &mut Vec<Assertion>) {
    for (peer, values) in &case.reject {
        let types = mapping::exact_types(case, peer);
        for value in values {
            let found = answer.of_types(case.form, types);
            if value == "*" && case.exact.contains(peer) {
                continue;
            }
            list.push(Assertion {
                name: format!("reject {peer} {value}"),
                kind: peer.clone(),
                met: if value == "*" {
                    found.is_empty()
                } else {
                    accepted(case, peer, value).is_disjoint(answer.compared(case.form))
                },
                got: found.join(" | "),
            });
        }
    }
}

fn counts(case: &Case, answer: &Answer, list: &mut Vec<Assertion>) {
    for (peer, count) in &case.count {
        let found = answer.of_types(case.form, mapping::types(case, peer));
        list.push(Assertion {
            name: format!("count {peer} {count}"),
            kind: peer.clone(),
            met: found.len() as u64 == *count,
            got: found.join(" | "),
        });
    }
}

/// How many of how many.
#[derive(Clone, Copy, Default)]
struct Rate {
    met: u32,
    of: u32,
}

impl Rate {
    fn add(&mut self, met: bool) {
        self.met += u32::from(met);
        self.of += 1;
    }

    fn percent(self) -> f64 {
        if self.of == 0 {
            100.0
        } else {
            f64::from(self.met) * 100.0 / f64::from(self.of)
        }
    }
}

/// Everything the run adds up.
#[derive(Default)]
struct Score {
    tiers: BTreeMap<char, Rate>,
    rows: BTreeMap<(char, String, String), Rate>,
    raw_urls: Rate,
    /// Assertions of tier A that silence does not meet.
    wanted: Rate,
    /// Misses that must be met or listed: id and assertion.
    misses: Vec<(u64, String)>,
    /// Our answers to tier B.
    policy: String,
}

impl Score {
    fn add(&mut self, case: &Case, verbose: u8) {
        for assertion in assertions(case) {
            let met = assertion.met;
            self.tiers.entry(case.tier).or_default().add(met);
            let row = (case.tier, case.source.clone(), assertion.kind.clone());
            self.rows.entry(row).or_default().add(met);
            let raw_url = case.form == Form::Raw && assertion.kind == "url" && assertion.name.starts_with("expect");
            if raw_url {
                self.raw_urls.add(met);
            }
            let forbids = assertion.name.starts_with("exact") || assertion.name.starts_with("reject");
            if case.tier == 'A' && !forbids {
                self.wanted.add(met);
            }
            let gated = case.tier == 'A' || raw_url;
            if !met && gated {
                self.misses.push((case.id, flat(&assertion.name)));
            }
            if !met && (verbose > 1 || verbose == 1 && gated) {
                print_miss(case, &assertion);
            }
            if case.tier == 'B' {
                let answer = if met {
                    "as the peer".to_owned()
                } else {
                    flat(&assertion.got)
                };
                let _ = writeln!(
                    self.policy,
                    "{}\t{}\t{}\t{answer}",
                    case.id,
                    case.source,
                    flat(&assertion.name)
                );
            }
        }
    }

    fn print(&self) {
        println!(
            "{:<6}{:<26}{:<20}{:>6}{:>6}  {:>6}",
            "tier", "source", "type", "met", "of", "%"
        );
        for ((tier, source, kind), rate) in &self.rows {
            println!(
                "{tier:<6}{source:<26}{kind:<20}{:>6}{:>6}  {:>6.1}",
                rate.met,
                rate.of,
                rate.percent()
            );
        }
        for (tier, rate) in &self.tiers {
            println!(
                "tier {tier}: {} of {} assertions, {:.2} %",
                rate.met,
                rate.of,
                rate.percent()
            );
        }
        for (what, rate) in [
            ("tier A, asking for something", self.wanted),
            ("raw URLs of tier C", self.raw_urls),
        ] {
            println!("{what}: {} of {}, {:.2} %", rate.met, rate.of, rate.percent());
        }
    }
}

fn print_miss(case: &Case, assertion: &Assertion) {
    let (text, cut) = case
        .text
        .char_indices()
        .nth(600)
        .map_or((case.text.as_str(), ""), |(end, _)| {
            (case.text.get(..end).unwrap_or_default(), " …")
        });
    println!("#{} {} {} {}", case.id, case.tier, case.source, case.test);
    println!("    text   {text:?}{cut}");
    println!("    miss   {}", flat(&assertion.name));
    println!("    got    {}", flat(&assertion.got));
}

/// One line without tabs, for tables.
fn flat(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('\n', "\\n")
        .replace('\r', "\\r")
        .replace('\t', "\\t")
}

fn beside(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/conformance")
        .join(name)
}

/// The checked-in misses: id, assertion, reason.
fn listed() -> BTreeMap<(u64, String), String> {
    let text = std::fs::read_to_string(beside("misses.tsv")).expect("misses.tsv is checked in");
    text.lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let mut columns = line.splitn(3, '\t');
            let id = columns
                .next()
                .and_then(|id| id.parse().ok())
                .expect("a miss begins with its id");
            let assertion = columns.next().expect("a miss names its assertion").to_owned();
            let reason = columns.next().unwrap_or_default().trim().to_owned();
            assert!(!reason.is_empty(), "the miss {id} '{assertion}' has no reason");
            ((id, assertion), reason)
        })
        .collect()
}

#[test]
fn peers_cases_are_met() {
    let cases = match cases::load() {
        Ok(cases) => cases,
        Err(path) => {
            // Past the test runner's capture: a skipped test must not look like a passed one.
            let _ = writeln!(
                std::io::stderr().lock(),
                "SKIPPED (no corpus): '{}' is not there; set WATCHFIRE_CORPUS",
                path.display()
            );
            return;
        }
    };
    let verbose = std::env::var("WATCHFIRE_CONFORMANCE_VERBOSE").map_or(0, |level| level.parse().unwrap_or(1));
    let mut score = Score::default();
    for case in &cases {
        score.add(case, verbose);
    }
    score.print();

    let listed = listed();
    let mut problems = Vec::new();
    let unlisted: Vec<_> = score.misses.iter().filter(|miss| !listed.contains_key(*miss)).collect();
    if !unlisted.is_empty() {
        problems.push(format!(
            "{} misses are not listed in misses.tsv; the first: {:?}",
            unlisted.len(),
            unlisted.first()
        ));
    }
    for (id, assertion) in listed.keys() {
        let known = cases.iter().any(|case| case.id == *id);
        if known && !score.misses.iter().any(|miss| miss.0 == *id && miss.1 == *assertion) {
            problems.push(format!("misses.tsv lists {id} '{assertion}', which is met"));
        }
    }
    let tier_a = score.tiers.get(&'A').copied().unwrap_or_default();
    for (what, rate, bar) in [
        ("tier A", tier_a, 98.0),
        ("tier A, asking for something,", score.wanted, 98.0),
        ("raw URLs of tier C", score.raw_urls, 97.0),
    ] {
        if rate.percent() < bar {
            problems.push(format!("{what} meets {:.2} %, the bar is {bar} %", rate.percent()));
        }
    }
    let update = std::env::var_os("WATCHFIRE_CONFORMANCE_UPDATE").is_some();
    check_policy(&score.policy, update, &mut problems);
    readme::check(&score, update, &mut problems);
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// Our answers to the contested questions are as recorded.
fn check_policy(answers: &str, update: bool, problems: &mut Vec<String>) {
    let header = "# Our default answer to each contested question of the peers (tier B): id, peer, question, answer.\n";
    let answers = format!("{header}{answers}");
    let path = beside("policy.tsv");
    if update {
        std::fs::write(&path, answers).expect("policy.tsv can be written");
    } else if std::fs::read_to_string(&path).unwrap_or_default() != answers {
        problems
            .push("policy.tsv is stale; run with WATCHFIRE_CONFORMANCE_UPDATE=1 and read the difference".to_owned());
    }
}
