//! `watchfire check`: what is known about a value.

use super::triage::threshold;
use crate::args::{CheckArgs, GlobalArgs};
use crate::exit::{Exit, Failure};
use crate::output::{self, Beside, Output};
use crate::progress::{Bar, Talk};
use crate::terminal;
use std::io::{self, Cursor, Read};
use std::path::Path;
use watchfire::model::Untrusted;
use watchfire::{Column, Config, Detail, Form, KEPT, Mark, Matter, Problem, Watchfire};

/// So many values get a card each; more get a line.
const CARDS: usize = 10;

pub(crate) fn run(args: &CheckArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let mut config = global.load()?;
    decide(args, &config, global)?;
    args.report.apply(&mut config);
    args.output.apply(&mut config);
    args.online.apply(&mut config);
    let exporter = output::format_of(Matter::Reputations, &args.output, &config)?;
    let beside = Beside::plan(&args.report, &args.output, &[])?;
    let mut watchfire = Watchfire::new(&config)?;
    if beside.is_some() {
        watchfire.keep_answers(KEPT);
    }
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
    let mut stdin = io::stdin();
    let mut column = match &args.column {
        Some(name) if args.values.iter().all(|value| value == "-") => Some(Column::open(&mut stdin, name)?),
        Some(_) => {
            let problem = Problem::new("--column reads a table from standard input, and values are given");
            return Err(problem.hint("watchfire check - --column NAME < FILE").into());
        }
        None => None,
    };
    let mut out = Output::open(&args.output)?;
    let presented = (exporter, detail, &style);
    let checked = match &mut column {
        Some(column) => watchfire.check_column(column, presented, &mut out, &bar),
        None => watchfire.check(&mut input(&args.values), presented, &mut out, &bar),
    }??;
    out.finish()?;
    beside.map(|beside| beside.write(&checked.report)).transpose()?;
    let fault = column.and_then(|column| column.fault());
    if let Some(fault) = &fault {
        terminal::error(&fault.to_string(), fault.next_step());
    }
    if !global.quiet {
        hints(&args.values, checked.hint);
    }
    let reached = args
        .report
        .fail_on
        .is_some_and(|limit| checked.verdict >= threshold(limit));
    Ok(match Exit::of_inputs(checked.inputs, checked.inputs_read, 0) {
        Exit::Usage => Exit::Usage,
        _ if reached => Exit::Reached,
        _ if fault.is_some() => Exit::Partial,
        exit => exit,
    })
}

/// What a person may have meant instead.
fn hints(values: &[String], hint: Option<&str>) {
    if let Some(hint) = hint {
        terminal::say(&format!("hint: {hint}"));
    }
    for file in values
        .iter()
        .filter(|value| *value != "-" && Path::new(value).is_file())
    {
        let name = Untrusted::new(file.as_str());
        let extension = Path::new(file).extension().and_then(|extension| extension.to_str());
        let column = match extension.map(str::to_ascii_lowercase).as_deref() {
            Some("csv" | "tsv" | "tab" | "psv") => "--column NAME ",
            _ => "",
        };
        terminal::say(&format!(
            "hint: '{name}' is a file, too: 'watchfire check - {column}< {name}' checks the values in it, 'watchfire triage {name}' the file"
        ));
    }
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

/// The values as lines; standard input in the place of each '-'.
fn input(values: &[String]) -> Box<dyn Read> {
    let mut all: Box<dyn Read> = Box::new(io::empty());
    for value in values {
        all = if value == "-" {
            // What is on a line of its own stays so.
            Box::new(all.chain(io::stdin()).chain(&b"\n"[..]))
        } else {
            Box::new(all.chain(Cursor::new(format!("{value}\n"))))
        };
    }
    all
}
