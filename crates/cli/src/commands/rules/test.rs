//! `watchfire rules test`: rules on logs, and on the regression data that comes with them.

use crate::exit::{Exit, Failure};
use crate::progress::Bar;
use crate::{output, terminal};
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use watchfire::model::{Untrusted, agreeing, counted};
use watchfire::{
    Fired, Input, LogsRead, Problem, RegressionCase, RegressionOutcome, RuleSets, RuleTrial, Side, defang, table,
};

/// Which rules match which records.
pub(super) fn trial(
    sets: &RuleSets,
    rules: &[PathBuf],
    inputs: &[Input],
    (top, is_json): (usize, bool),
    bar: &Bar,
) -> Result<Exit, Failure> {
    let trial = sets.trial(rules, inputs, bar)?;
    for why in &trial.lost {
        terminal::say(&format!("error: cannot read {why}"));
    }
    let mut out = BufWriter::new(io::stdout().lock());
    if is_json {
        trial.document().json(&mut out)?;
    } else {
        tried(&trial, top, &mut out)?;
    }
    out.flush()?;
    bar.finish(trial.logs.bytes, next(&trial.fired).as_str());
    Ok(exit(&trial))
}

fn tried(trial: &RuleTrial, top: usize, out: &mut dyn Write) -> io::Result<()> {
    let titles = [("MATCHES", Side::Right), ("LEVEL", Side::Left), ("RULE", Side::Left)];
    let rows: Vec<Vec<String>> = trial.fired.iter().flat_map(|fired| rows(fired, top)).collect();
    if !rows.is_empty() {
        table(&titles, &rows, &output::plain(), out)?;
        writeln!(out)?;
    }
    let matches: u64 = trial.fired.iter().map(|fired| fired.count).sum();
    writeln!(
        out,
        " {} of {} {} {} in {}",
        trial.fired.len(),
        counted(trial.tried, "rule"),
        agreeing(trial.fired.len() as u64, "matches", "match"),
        counted(matches, "time"),
        read(&trial.logs)
    )
}

fn exit(trial: &RuleTrial) -> Exit {
    if trial.logs.read == 0 {
        Exit::Usage
    } else if trial.logs.read < trial.logs.inputs || trial.unusable > 0 || !trial.lost.is_empty() {
        Exit::Partial
    } else {
        Exit::Done
    }
}

fn next(fired: &[Fired]) -> String {
    match fired.first() {
        Some(first) => {
            let name = first.meta.id.as_deref().unwrap_or(&first.meta.title);
            format!("watchfire rules explain '{}' --on LOGS", Untrusted::new(name))
        }
        None => String::new(),
    }
}

/// A rule, and below it the places of its first matches.
fn rows(fired: &Fired, top: usize) -> Vec<Vec<String>> {
    let most = if top == 0 { usize::MAX } else { top };
    let below = |text: String| vec![String::new(), String::new(), format!("  {text}")];
    let mut rows = vec![vec![
        fired.count.to_string(),
        fired.meta.level.to_string(),
        shown(&fired.meta.title.as_str().into()),
    ]];
    for (source, line, time) in fired.places.iter().take(most) {
        let time = time.map_or(String::new(), |time| format!("  {}", time.moment()));
        rows.push(below(match line {
            0 => format!("{}{time}", shown(source)),
            line => format!("{}:{line}{time}", shown(source)),
        }));
    }
    let more = fired.count.saturating_sub(fired.places.len().min(most) as u64);
    if more > 0 {
        rows.push(below(format!("+{more} more")));
    }
    rows
}

/// Text of others for the screen, cut, with network values defanged.
pub(super) fn shown(text: &Untrusted) -> String {
    String::from_utf8_lossy(&defang(text.shown(200).as_bytes())).into_owned()
}

/// `3 files with 1200 records: 1000 evtx, 200 sysmon`
pub(super) fn read(logs: &LogsRead) -> String {
    let formats: Vec<String> = logs
        .formats
        .iter()
        .map(|(name, count)| format!("{count} {name}"))
        .collect();
    let (files, records) = (counted(logs.read, "file"), counted(logs.records, "record"));
    if formats.is_empty() {
        format!("{files} with {records}")
    } else {
        format!("{files} with {records}: {}", formats.join(", "))
    }
}

/// Regression data as it states itself.
pub(super) fn regression(
    sets: &RuleSets,
    paths: &[PathBuf],
    (top, is_json): (usize, bool),
    bar: &Bar,
) -> Result<Exit, Failure> {
    for path in paths {
        if let Err(error) = std::fs::metadata(path) {
            return Err(Problem::of_file("read", path, &error).into());
        }
    }
    let cases = sets.regression(paths, bar)?;
    if cases.is_empty() {
        return Err(Problem::new("there is no regression data: no info.yml that names logs")
            .hint("--on LOGS tries the rules on logs")
            .into());
    }
    let mut out = BufWriter::new(io::stdout().lock());
    if is_json {
        RegressionCase::document(&cases).json(&mut out)?;
    } else {
        regression_told(&cases, top, &mut out)?;
    }
    out.flush()?;
    let sizes = cases.iter().filter_map(|case| case.log.metadata().ok());
    bar.finish(sizes.map(|data| data.len()).sum(), "");
    Ok(regressed(&cases))
}

fn regression_told(cases: &[RegressionCase], top: usize, out: &mut dyn Write) -> io::Result<()> {
    let failed: Vec<&RegressionCase> = cases.iter().filter(|case| !case.holds()).collect();
    // What holds is only counted where there is much of it.
    let all: Vec<&RegressionCase> = cases.iter().collect();
    let shown = if cases.len() <= 20 || top == 0 { &all } else { &failed };
    let titles = [
        ("", Side::Left),
        ("EXPECTED", Side::Right),
        ("MATCHES", Side::Right),
        ("RULE; LOG", Side::Left),
    ];
    let rows: Vec<Vec<String>> = shown.iter().map(|case| case_row(case)).collect();
    if !rows.is_empty() {
        table(&titles, &rows, &output::plain(), out)?;
        writeln!(out)?;
    }
    let holding = (cases.len() - failed.len()) as u64;
    writeln!(
        out,
        " {holding} of {} {} as stated",
        counted(cases.len() as u64, "log"),
        agreeing(holding, "matches", "match")
    )
}

fn regressed(cases: &[RegressionCase]) -> Exit {
    if cases.iter().all(|case| case.outcome == RegressionOutcome::Unread) {
        Exit::Usage
    } else if cases.iter().all(RegressionCase::holds) {
        Exit::Done
    } else {
        Exit::Partial
    }
}

fn case_row(case: &RegressionCase) -> Vec<String> {
    let (word, matches) = match &case.outcome {
        _ if case.holds() => ("as stated", case.expected.to_string()),
        RegressionOutcome::Matches(matches) => ("DIFFERS", matches.to_string()),
        RegressionOutcome::NoRule => ("NO RULE", "-".to_owned()),
        RegressionOutcome::Unread => ("UNREAD", "-".to_owned()),
    };
    let rule = if case.title.is_empty() { &case.rule } else { &case.title };
    vec![
        word.to_owned(),
        case.expected.to_string(),
        matches,
        format!("{}; {}", rule.shown(100), case.log.display()),
    ]
}
