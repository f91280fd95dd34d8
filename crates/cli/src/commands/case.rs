//! `watchfire case`: what people do about reports.

use crate::args::{CaseArgs, CaseCommand, CasePurgeArgs, CaseTaskCommand, CaseWantedArgs, GlobalArgs, OutputArgs};
use crate::exit::{Exit, Failure};
use crate::output::{self, Output};
use crate::terminal;
use std::io::Read;
use std::path::Path;
use watchfire::model::{Untrusted, counted};
use watchfire::{
    Cases, Change, Config, Document, Matter, Period, Person, Problem, Redaction, WantedCases, case_description,
    case_resolution, case_status, case_tag, case_tags, case_times, restored_case,
};

/// Longest note that is read from standard input. Bytes.
const NOTE: u64 = 1 << 20;

pub(crate) fn run(args: &CaseArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let config = global.load()?;
    let told = match &args.command {
        CaseCommand::List { wanted, output } => return list(wanted, output, &config, global),
        CaseCommand::Show { case, output } => {
            let sheet = open(&config)?.show(&case.name)?;
            return write(&sheet, output, &config, global);
        }
        CaseCommand::Metrics { by, output } => {
            let by = Period::parse(by)?;
            let measured = match Cases::existing(&config)? {
                Some(cases) => cases.metrics(by)?,
                None => Cases::nothing_measured(by),
            };
            return write(&measured, output, &config, global);
        }
        CaseCommand::Merge { case, into } => {
            let target = open(&config)?.merge(&case.name, into)?;
            format!(
                "'{}' is part of '{}' now",
                Untrusted::new(case.name.as_str()),
                target.name
            )
        }
        CaseCommand::Split { case, artifact, to } => {
            let new = open(&config)?.split(&case.name, artifact, to)?;
            format!("'{}' is a case of its own now", new.name)
        }
        CaseCommand::Export { case, output, redact } => export(&config, &case.name, output, *redact)?,
        CaseCommand::Import { file } => restored_case(&Cases::open(&config)?.import(file)?),
        CaseCommand::Purge(purge) => purged(purge, &config)?,
        changed => change(changed, &config)?,
    };
    if !global.quiet {
        terminal::say(&format!(" {told}"));
    }
    Ok(Exit::Done)
}

/// The cases, where there are some.
fn open(config: &Config) -> Result<Cases, Problem> {
    Cases::existing(config)?.ok_or_else(|| {
        Problem::new("there is no case yet")
            .hint("watchfire triage PATH --case NAME opens one; --data-dir names another folder")
    })
}

fn list(wanted: &CaseWantedArgs, args: &OutputArgs, config: &Config, global: &GlobalArgs) -> Result<Exit, Failure> {
    let wanted = WantedCases {
        status: wanted.status.as_deref().map(case_status).transpose()?,
        assignee: wanted.assignee.clone(),
        tag: wanted.tag.as_deref().map(case_tag).transpose()?,
        all: wanted.all,
    };
    let list = match Cases::existing(config)? {
        Some(cases) => cases.list(&wanted)?,
        None => Cases::no_list(),
    };
    write(&list, args, config, global)
}

fn write(document: &dyn Document, args: &OutputArgs, config: &Config, global: &GlobalArgs) -> Result<Exit, Failure> {
    let exporter = output::format_of(Matter::Cases, args, config)?;
    let style = output::report_style(args, global.color);
    let mut out = Output::open(args)?;
    exporter.document(document, &style, &mut out)?;
    out.finish()?;
    Ok(Exit::Done)
}

/// What one person does to one case; says what became of it.
fn change(command: &CaseCommand, config: &Config) -> Result<String, Problem> {
    let (case, change) = match command {
        CaseCommand::Note { case, text } => (case, Change::Note(note(text)?)),
        CaseCommand::Task { case, task } => {
            let change = match task {
                CaseTaskCommand::Add { text } => Change::AddTask(text.as_str().into()),
                CaseTaskCommand::Done { number } => Change::FinishTask(*number),
            };
            (case, change)
        }
        CaseCommand::Tag { case, tags } => (case, case_tags(tags)?),
        CaseCommand::Assign { case, who } => {
            let who = Some(who.as_str()).filter(|who| *who != "-");
            (case, Change::Assign(who.map(Untrusted::from)))
        }
        CaseCommand::Contain(case) => (case, Change::Contain),
        CaseCommand::Resolve { case, resolution, why } => {
            (case, Change::Resolve(case_resolution(resolution)?, why.as_str().into()))
        }
        CaseCommand::Reopen { case, why } => (case, Change::Reopen(why.as_str().into())),
        CaseCommand::Times { case, times } => {
            let texts = [
                &times.occurred,
                &times.detected,
                &times.acknowledged,
                &times.contained,
                &times.resolved,
            ];
            (case, case_times(texts.map(|text| text.as_deref()))?)
        }
        CaseCommand::Set {
            case,
            title,
            kind,
            severity,
            tlp,
        } => (
            case,
            case_description([title, kind, severity, tlp].map(|said| said.as_deref()))?,
        ),
        CaseCommand::Acknowledge(case) => (case, Change::Acknowledge),
        _ => return Err(Problem::new("no change was given")),
    };
    let changed = open(config)?.change(&case.name, &change)?;
    Ok(format!("case '{}' is {}", changed.name, changed.status().as_str()))
}

/// A note as it was typed, or as it stands on standard input.
fn note(text: &str) -> Result<Untrusted, Problem> {
    if text != "-" {
        return Ok(text.into());
    }
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().take(NOTE).read_to_end(&mut bytes);
    read.map_err(|error| Problem::new(format!("cannot read standard input: {error}")))?;
    Ok(Untrusted::from_bytes(&bytes))
}

fn export(config: &Config, name: &str, path: &Path, redact: bool) -> Result<String, Problem> {
    let cases = open(config)?;
    let redaction = if redact { Redaction::Own } else { Redaction::None };
    let exported = cases.export(name, redaction, path)?;
    let files = match exported.files {
        0 => String::new(),
        files => format!(", {} of them kept (password 'infected')", counted(files as u64, "file")),
    };
    let bytes = watchfire::bytes(exported.bytes);
    Ok(format!(
        "{}: {}{files}, {bytes}",
        path.display(),
        counted(exported.members as u64, "member")
    ))
}

fn purged(args: &CasePurgeArgs, config: &Config) -> Result<String, Problem> {
    let cases = open(config)?;
    if let Some(address) = &args.person {
        let erased = cases.erase(&Person::parse(address, &args.also)?)?;
        let mut told = format!(
            "erased from {}: {}, {}, {}, {}",
            counted(erased.cases, "case"),
            counted(erased.texts, "text"),
            counted(erased.reports, "report"),
            counted(erased.observables, "observable"),
            counted(erased.files, "kept file"),
        );
        if erased.others > 0 {
            told.push_str(&format!("; cached answers and sightings: {}", erased.others));
        }
        if erased.left > 0 {
            told.push_str(&format!(
                "\nwarning: decisions and entries of the audit log that name the person and stay: {}",
                erased.left
            ));
        }
        return Ok(told);
    }
    if let Some(days) = args.older_than {
        let purged = cases.purge_older(days)?;
        let names: Vec<String> = purged.iter().map(|name| format!("'{name}'")).collect();
        return Ok(match names.len() {
            0 => format!("no case was resolved more than {} ago", counted(u64::from(days), "day")),
            count => format!("{} purged: {}", counted(count as u64, "case"), names.join(", ")),
        });
    }
    let name = args.name.as_deref().unwrap_or_default();
    let case = cases.purge(name)?;
    Ok(format!("case '{}' is purged", case.name))
}
