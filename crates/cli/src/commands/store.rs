//! `watchfire store`: looking after what is remembered.

use crate::args::{GlobalArgs, StoreArgs, StoreCommand};
use crate::exit::{Exit, Failure};
use crate::terminal;
use std::io::{self, Write};
use watchfire::model::Untrusted;
use watchfire::{Problem, Store, bytes, existing_store};

pub(crate) fn run(args: &StoreArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let Some(store) = existing_store(&global.load()?)? else {
        return match args.command {
            StoreCommand::Backup { .. } => Err(Problem::new("there is nothing to back up yet")
                .hint("the store is made when there is something to remember; --data-dir names another folder")
                .into()),
            _ => {
                if !global.quiet {
                    terminal::say(" nothing is remembered yet");
                }
                Ok(Exit::Done)
            }
        };
    };
    match &args.command {
        StoreCommand::Check => check(&store),
        StoreCommand::Backup { file } => {
            store.backup(file).map_err(Problem::from)?;
            if !global.quiet {
                terminal::say(&format!(" {} is a copy of {}", file.display(), store.path().display()));
            }
            Ok(Exit::Done)
        }
        StoreCommand::Vacuum => {
            let before = store.check().map_err(Problem::from)?;
            store.vacuum().map_err(Problem::from)?;
            let after = store.check().map_err(Problem::from)?;
            if !global.quiet {
                let (before, after) = (bytes(before.bytes), bytes(after.bytes));
                terminal::say(&format!(" {before} before, {after} now"));
            }
            Ok(Exit::Done)
        }
    }
}

fn check(store: &Store) -> Result<Exit, Failure> {
    let checked = store.check().map_err(Problem::from)?;
    let mut out = io::stdout().lock();
    let mut line = |what: &str, found: String| writeln!(out, "{what:<12}{}", Untrusted::new(found));
    let path = store.path().display().to_string();
    line(
        "store",
        if store.is_read_only() {
            format!("{path} (read-only)")
        } else {
            path
        },
    )?;
    line("schema", checked.schema.to_string())?;
    line(
        "size",
        format!("{}, of which {} free", bytes(checked.bytes), bytes(checked.free)),
    )?;
    line(
        "answers",
        format!("{}, {}", checked.answers.answers, bytes(checked.answers.bytes)),
    )?;
    line("sightings", checked.sightings.to_string())?;
    line("cases", checked.cases.to_string())?;
    let audit = checked.audit;
    line(
        "audit log",
        match audit.entries {
            0 => "no entry".to_owned(),
            1 => "1 entry".to_owned(),
            entries => format!("{entries} entries"),
        },
    )?;
    // Whole: it is to be noted elsewhere.
    if audit.entries > 0 {
        line("last entry", audit.hash.to_string())?;
    }
    line("state", "whole".to_owned())?;
    Ok(Exit::Done)
}
