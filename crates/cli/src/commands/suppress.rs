//! `watchfire suppress`: findings that somebody decided not to see.

use crate::args::{GlobalArgs, SuppressArgs};
use crate::exit::{Exit, Failure};
use crate::terminal;
use std::io::{self, Write};
use watchfire::model::{Suppression, Untrusted};
use watchfire::{Problem, Suppressions, Watchfire, catalogue, day};

pub(crate) fn run(args: &SuppressArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let config = global.load()?;
    let folder = config
        .data_folder()
        .ok_or_else(|| Problem::new("no folder is known to keep suppressions in").hint("--data-dir names one"))?;
    let mut kept = Suppressions::load(&folder)?;
    if args.list {
        return list(&kept);
    }
    if let Some(rule) = &args.remove {
        let removed = kept.remove(rule, args.entity.as_deref())?;
        if removed == 0 {
            return Err(Problem::new(format!("nothing of rule '{rule}' is suppressed"))
                .hint("watchfire suppress --list shows what is")
                .into());
        }
        terminal::say(&format!(" {removed} removed from {}", kept.path().display()));
        return Ok(Exit::Done);
    }
    let (Some(rule), Some(why), Some(expires)) = (&args.rule, &args.why, &args.expires) else {
        return Err(Problem::new("a suppression needs a rule, a reason and an end").into());
    };
    let suppression = Suppression {
        rule: known(rule)?,
        entity: args.entity.clone(),
        why: reason(why)?,
        expires: day(expires)?,
    };
    let today = Watchfire::new(&config)?.today();
    if suppression.expires < today {
        return Err(Problem::new(format!("--expires: {expires} is over"))
            .hint("name the last day on which the findings are hidden")
            .into());
    }
    kept.add(suppression)?;
    terminal::say(&format!(
        " kept in {}; hidden findings stay counted and listed",
        kept.path().display()
    ));
    Ok(Exit::Done)
}

fn known(rule: &str) -> Result<String, Problem> {
    let catalogue = catalogue();
    let rules: Vec<&str> = catalogue.rules.iter().map(|(rule, _)| *rule).collect();
    if rules.contains(&rule) {
        Ok(rule.to_owned())
    } else {
        let unknown = Problem::unknown("rule", rule, &rules);
        Err(match unknown.next_step() {
            Some(near) if near.starts_with("did") => unknown,
            _ => unknown
                .hint("a report names the rule of each finding: watchfire triage PATH --explain, or --format json"),
        })
    }
}

fn reason(why: &str) -> Result<String, Problem> {
    let why = why.trim();
    if why.is_empty() {
        return Err(
            Problem::new("--why: a suppression needs a reason").hint("whoever reads it in a year will thank you")
        );
    }
    Ok(why.to_owned())
}

fn list(kept: &Suppressions) -> Result<Exit, Failure> {
    let mut out = io::stdout().lock();
    for suppression in kept.list() {
        let entity = Untrusted::new(suppression.entity.as_deref().unwrap_or("-"));
        let (rule, why) = (
            Untrusted::new(suppression.rule.as_str()),
            Untrusted::new(suppression.why.as_str()),
        );
        writeln!(out, "{rule}  {entity}  until {}  {why}", suppression.expires)?;
    }
    if kept.list().is_empty() {
        terminal::say(" nothing is suppressed");
    }
    Ok(Exit::Done)
}
