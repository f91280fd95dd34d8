//! `watchfire rules`: Sigma rules, taken in, listed, checked, tried and explained.

mod explain;
mod lint;
mod test;

use crate::args::{GlobalArgs, OutputArgs, RuleSetsArgs, RuleSetsCommand, RulesWantedArgs, logs_of};
use crate::exit::{Exit, Failure};
use crate::output::{self, Output};
use crate::progress::{Bar, Talk};
use crate::terminal;
use watchfire::model::{Untrusted, counted};
use watchfire::{Config, Matter, RuleSets, RulesUpdated, Style, TakenRules};

/// Rows of rules on a screen, unless asked otherwise.
const ROWS: usize = 40;
/// Titles that an update names of each sort.
const TITLES: usize = 5;

pub(crate) fn run(args: &RuleSetsArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let config = global.load()?;
    let sets = RuleSets::open(&config)?;
    let say = |text: &str| {
        if !global.quiet {
            terminal::say(text);
        }
    };
    let bar = Bar::new(if global.quiet { Talk::Errors } else { Talk::Normal });
    match &args.command {
        RuleSetsCommand::Import { paths, name } => {
            let taken = sets.import(paths, name.as_deref(), &config)?;
            told(&taken).iter().for_each(|line| say(line));
            let name = &taken.set.name;
            say(&format!(
                " next: watchfire rules list --set {name}   |   watchfire rules lint {name}"
            ));
            Ok(Exit::Done)
        }
        RuleSetsCommand::Update { names } => Ok(updated(&sets.update(names, &config)?, &say)),
        RuleSetsCommand::List { wanted, output } => list(&sets, wanted, output, &config, global),
        RuleSetsCommand::Lint { paths, errors, format } => lint::run(&sets, paths, (*errors, format.is_json()?), &say),
        RuleSetsCommand::Test { paths, on, top, format } if on.is_empty() => {
            test::regression(&sets, paths, (*top, format.is_json()?), &bar)
        }
        RuleSetsCommand::Test { paths, on, top, format } => {
            test::trial(&sets, paths, &logs_of(on), (*top, format.is_json()?), &bar)
        }
        RuleSetsCommand::Explain { rule, on, top, format } => {
            explain::run(&sets, rule, (&logs_of(on), *top, format.is_json()?), (&bar, &say))
        }
        RuleSetsCommand::Remove { name } => {
            sets.remove(name)?;
            say(&format!(" rule set '{name}' is removed"));
            Ok(Exit::Done)
        }
    }
}

/// What a set holds, and what is new in it.
fn told(taken: &TakenRules) -> Vec<String> {
    let set = &taken.set;
    let counts = &set.counts;
    let mut head = format!(" {}: {}", set.name, counted(counts.rules, "rule"));
    for (count, what) in [(counts.correlations, "correlation"), (counts.filters, "filter")] {
        if count > 0 {
            head.push_str(&format!(", {}", counted(count, what)));
        }
    }
    let apart = counts.apart();
    if !apart.is_empty() {
        head.push_str(&format!("; not used: {}", apart.join(", ")));
    }
    if counts.left_out > 0 {
        head.push_str(&format!("; files that are no rules: {}", counts.left_out));
    }
    let mut lines = vec![head];
    if !set.terms.is_empty() {
        lines.push(format!("   terms: {}", set.terms.shown(300)));
    }
    if let Some(changes) = &taken.changes {
        for (titles, what) in [
            (&changes.new, "new"),
            (&changes.changed, "changed"),
            (&changes.gone, "gone"),
        ] {
            lines.extend(changed(titles, what));
        }
    }
    lines
}

/// `   new: 7: A; B; +5 more`
fn changed(titles: &[Untrusted], what: &str) -> Option<String> {
    let mut shown: Vec<String> = titles.iter().take(TITLES).map(|title| title.shown(80)).collect();
    if titles.len() > TITLES {
        shown.push(format!("+{} more", titles.len() - TITLES));
    }
    (!titles.is_empty()).then(|| format!("   {what}: {}: {}", titles.len(), shown.join("; ")))
}

/// Says what became of each set.
fn updated(results: &[(String, RulesUpdated)], say: &dyn Fn(&str)) -> Exit {
    let mut failed = 0;
    for (name, updated) in results {
        match updated {
            RulesUpdated::New(taken) => told(taken).iter().for_each(|line| say(line)),
            RulesUpdated::Unchanged => say(&format!(" {name}: unchanged")),
            RulesUpdated::Failed(problem) => {
                failed += 1;
                terminal::error(
                    &format!("cannot update rule set '{name}': {problem}"),
                    problem.next_step(),
                );
            }
        }
    }
    if results.is_empty() {
        say(" there is no rule set yet; watchfire rules import PATH takes one in");
        return Exit::Done;
    }
    Exit::of_inputs(results.len() as u64, (results.len() - failed) as u64, 0)
}

fn list(
    sets: &RuleSets,
    wanted: &RulesWantedArgs,
    args: &OutputArgs,
    config: &Config,
    global: &GlobalArgs,
) -> Result<Exit, Failure> {
    let exporter = output::format_of(Matter::Rules, args, config)?;
    let (list, lost) = sets.rules(&wanted.wanted())?;
    for why in &lost {
        terminal::say(&format!("warning: {why}"));
    }
    let style = output::report_style(args, global.color);
    let mut out = Output::open(args)?;
    let style = Style {
        top: style.top.or(Some(ROWS)),
        ..style
    };
    exporter.document(&list, &style, &mut out)?;
    out.finish()?;
    if !global.quiet && exporter.info().name == "text" {
        terminal::say(" next: watchfire rules explain RULE   |   watchfire rules test PATH --on LOGS");
    }
    Ok(Exit::of_inputs(
        (list.sets.len() + lost.len()) as u64,
        list.sets.len() as u64,
        0,
    ))
}
