//! `watchfire rules lint`: what is wrong with rules.

use crate::exit::{Exit, Failure};
use crate::terminal;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use watchfire::model::{Untrusted, counted};
use watchfire::sigma::Severity;
use watchfire::{RuleCheck, RuleSets};

/// Rules that are told apart are named one by one up to this many.
const NAMED: usize = 10;

pub(super) fn run(
    sets: &RuleSets,
    paths: &[PathBuf],
    (only_errors, is_json): (bool, bool),
    say: &dyn Fn(&str),
) -> Result<Exit, Failure> {
    let check = sets.lint(paths)?;
    for why in &check.lost {
        terminal::say(&format!("error: cannot read {why}"));
    }
    let mut out = BufWriter::new(io::stdout().lock());
    let [errors, waiting, ..] = check.tally();
    if is_json {
        let mut document = check.document();
        let problems = &mut document.content.problems;
        problems.retain(|problem| !only_errors || problem.severity == "error");
        document.json(&mut out)?;
        out.flush()?;
        return Ok(exit(&check, errors));
    }
    for problem in &check.problems {
        if !only_errors || problem.severity == Severity::Error {
            // Its own form is safe for a terminal.
            writeln!(out, "{problem}\n")?;
        }
    }
    let pairs = |all: &[(Untrusted, Untrusted)]| -> Vec<String> {
        all.iter()
            .map(|(title, source)| format!("{} ({})", title.shown(80), source.shown(200)))
            .collect()
    };
    let repeated = check.repeated.iter();
    let repeated: Vec<String> = repeated
        .map(|(title, source, first)| {
            format!(
                "{} ({}, and before in {})",
                title.shown(80),
                source.shown(200),
                first.shown(200)
            )
        })
        .collect();
    let empty: Vec<String> = check.empty.iter().map(|source| source.shown(200)).collect();
    for (what, rules) in [
        ("without a rule", empty),
        ("deprecated, not used", pairs(&check.deprecated)),
        ("unsupported, not used", pairs(&check.unsupported)),
        ("there twice, not used", repeated),
    ] {
        named(what, &rules, &mut out)?;
    }
    writeln!(out, "{}", summary(&check))?;
    out.flush()?;
    if waiting > 0 {
        say("note: rules wait until somebody says what their placeholders stand for");
    }
    if errors > 0 && !only_errors {
        say("next: --errors shows only what keeps rules from being used");
    }
    Ok(exit(&check, errors))
}

/// There is no rule, some rules cannot be used, or all is well. That a rule is deprecated is no fault of it.
fn exit(check: &RuleCheck, errors: usize) -> Exit {
    if check.counts.files == check.empty.len() as u64 {
        Exit::Usage
    } else if errors > 0 || !check.lost.is_empty() || !check.empty.is_empty() {
        Exit::Partial
    } else {
        Exit::Done
    }
}

fn named(what: &str, rules: &[String], out: &mut dyn Write) -> io::Result<()> {
    if rules.is_empty() {
        return Ok(());
    }
    writeln!(out, "{what}: {}", rules.len())?;
    for rule in rules.iter().take(NAMED) {
        writeln!(out, "  {rule}")?;
    }
    if rules.len() > NAMED {
        writeln!(out, "  +{} more", rules.len() - NAMED)?;
    }
    writeln!(out)
}

/// `12 files: 10 rules can be used; 1 error, 2 warnings`
fn summary(check: &RuleCheck) -> String {
    let counts = &check.counts;
    let mut kinds = vec![counted(counts.rules, "rule")];
    kinds.extend((counts.correlations > 0).then(|| counted(counts.correlations, "correlation")));
    kinds.extend((counts.filters > 0).then(|| counted(counts.filters, "filter")));
    let [errors, waiting, warnings, notes] = check.tally();
    let tallies = [
        (errors, "error"),
        (waiting, "missing placeholder"),
        (warnings, "warning"),
        (notes, "note"),
    ];
    let mut tally: Vec<String> = tallies
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| counted(*count as u64, what))
        .collect();
    if tally.is_empty() {
        let has_rules = counts.files > check.empty.len() as u64;
        tally.push(
            if has_rules {
                "nothing is wrong"
            } else {
                "there is no rule"
            }
            .to_owned(),
        );
    }
    format!(
        "{}: {} can be used; {}",
        counted(counts.files, "file"),
        kinds.join(", "),
        tally.join(", ")
    )
}
