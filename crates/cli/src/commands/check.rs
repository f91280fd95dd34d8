//! `watchfire check`: what is known about a value.

use super::triage::threshold;
use crate::args::{CheckArgs, GlobalArgs};
use crate::exit::{Exit, Failure};
use crate::output::{self, Output};
use crate::progress::{Bar, Talk};
use crate::terminal;
use std::io::{self, BufRead};
use watchfire::{Config, Detail, Form, Mark, Problem, Watchfire};

/// So many values get a card each; more get a line.
const CARDS: usize = 10;

pub(crate) fn run(args: &CheckArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let mut config = global.load()?;
    decide(args, &config, global)?;
    args.report.apply(&mut config);
    args.output.apply(&mut config);
    args.online.apply(&mut config);
    let exporter = output::format(&args.output, &config)?;
    let mut watchfire = Watchfire::new(&config)?;
    if args.online.online {
        watchfire.go_online(args.online.contact_targets)?;
    }
    let bar = Bar::new(if global.quiet { Talk::Errors } else { Talk::Normal });
    let piped = args.values.iter().any(|value| value == "-");
    let detail = if args.explain {
        Detail::Explained
    } else if piped || args.values.len() > CARDS {
        Detail::Row
    } else {
        Detail::Card
    };
    let form = if args.output.raw || exporter.info().name != "text" {
        Form::Raw
    } else {
        Form::Defanged
    };
    let style = output::style(&args.output, global.color, form);
    let mut out = Output::open(&args.output)?;
    let mut values = args
        .values
        .iter()
        .flat_map(|value| -> Box<dyn Iterator<Item = io::Result<String>>> {
            if value == "-" {
                Box::new(lines(io::stdin().lock()))
            } else {
                Box::new(std::iter::once(Ok(value.clone())))
            }
        });
    let checked = watchfire.check(&mut values, (exporter, detail, &style), &mut out, &bar)??;
    out.finish()?;
    let reached = args
        .report
        .fail_on
        .is_some_and(|limit| checked.verdict >= threshold(limit));
    Ok(match Exit::of_inputs(checked.inputs, checked.inputs_read, 0) {
        Exit::Usage => Exit::Usage,
        _ if reached => Exit::Reached,
        exit => exit,
    })
}

/// Keeps or takes back decisions about the values, before anything is said about them.
fn decide(args: &CheckArgs, config: &Config, global: &GlobalArgs) -> Result<(), Failure> {
    let Some(why) = &args.why else { return Ok(()) };
    let mark = match args.mark.as_deref() {
        Some(word) => {
            Some(Mark::parse(word).ok_or_else(|| Problem::unknown("decision", word, &["benign", "malicious"]))?)
        }
        None if args.unmark => None,
        None => {
            let problem = Problem::new("a reason was given, and no decision");
            return Err(problem.hint("--mark benign, --mark malicious or --unmark").into());
        }
    };
    for value in &args.values {
        let said = watchfire::decide(config, value, mark, why, args.expires.as_deref())?;
        if !global.quiet {
            terminal::say(&format!(" {said}"));
        }
    }
    Ok(())
}

/// The lines of `input`. What is not UTF-8 becomes U+FFFD, and is no value then.
fn lines(mut input: impl BufRead) -> impl Iterator<Item = io::Result<String>> {
    /// A line is cut there: no value is so long.
    const LONGEST: u64 = 1 << 20;
    std::iter::from_fn(move || {
        let mut line = Vec::new();
        match io::Read::take(&mut input, LONGEST).read_until(b'\n', &mut line) {
            Ok(0) => None,
            Ok(_) => Some(Ok(match String::from_utf8(line) {
                Ok(line) => line,
                Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
            })),
            Err(error) => Some(Err(error)),
        }
    })
}
