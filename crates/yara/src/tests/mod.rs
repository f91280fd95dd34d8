//! Rules against bytes, through what the crate offers.

mod builtin;
mod compiling;
mod hostile;
mod scanning;

use crate::{Limits, Names, Outcome, RuleProblem, Rules, Source};

/// Compiles files of these names and texts.
fn compile(files: &[(&str, &str)]) -> (Option<Rules>, Vec<RuleProblem>) {
    let sources: Vec<Source> = files.iter().map(|(name, text)| Source::new(*name, *text)).collect();
    Rules::compile(&sources)
}

/// Rules of one file without a problem.
fn rules(text: &str) -> Rules {
    let (rules, problems) = compile(&[("a.yar", text)]);
    assert!(problems.is_empty(), "{problems:?}");
    rules.unwrap()
}

fn scan(rules: &Rules, bytes: &[u8]) -> Outcome {
    rules.scan(bytes, &Names::default(), &Limits::default())
}

/// Names of the rules that match.
fn names(outcome: &Outcome) -> Vec<&str> {
    outcome.matches.iter().map(|found| found.rule.raw()).collect()
}

/// Problems as they are printed.
fn said(problems: &[RuleProblem]) -> Vec<String> {
    problems.iter().map(ToString::to_string).collect()
}
