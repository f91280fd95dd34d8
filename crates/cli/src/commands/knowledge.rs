//! `watchfire knowledge`: what is known without asking anybody, and how old it is.

use super::bundle;
use crate::args::{GlobalArgs, KnowledgeArgs, KnowledgeCommand};
use crate::exit::{Exit, Failure};
use crate::terminal;
use std::io::{self, Write};
use watchfire::model::age;
use watchfire::{Config, ImportedKnowledge, KnowledgeUpdate, Value, bytes};

pub(crate) fn run(args: &KnowledgeArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let mut config = global.load()?;
    let say = |text: &str| {
        if !global.quiet {
            terminal::say(text);
        }
    };
    match &args.command {
        KnowledgeCommand::Status { as_of } => {
            if let Some(instant) = as_of {
                config.set("as-of", Value::Text(instant.clone()), "--as-of");
            }
            status(&config)
        }
        KnowledgeCommand::Import { path } => {
            match watchfire::import_knowledge(&config, path)? {
                ImportedKnowledge::Bundle(bundle) => bundle::told(&bundle).iter().for_each(|line| say(line)),
                ImportedKnowledge::Own(name, kind, day) => say(&format!(" {name} of {day} is in use for {kind}")),
            }
            Ok(Exit::Done)
        }
        KnowledgeCommand::Update => {
            match watchfire::update_knowledge(&config)? {
                KnowledgeUpdate::New(bundle) => bundle::told(&bundle).iter().for_each(|line| say(line)),
                KnowledgeUpdate::Unchanged => say(" unchanged"),
            }
            Ok(Exit::Done)
        }
        KnowledgeCommand::Rollback => bundle::roll_back(&config, true, &say),
    }
}

fn status(config: &Config) -> Result<Exit, Failure> {
    let mut out = io::stdout().lock();
    writeln!(
        out,
        " {:<17} {:<9} {:<11} {:<12} {:>9} {:>8}  SAYS",
        "TABLE", "STATE", "DATA OF", "AGE", "ENTRIES", "SIZE"
    )?;
    for table in watchfire::knowledge_status(config)? {
        writeln!(
            out,
            " {:<17} {:<9} {:<11} {:<12} {:>9} {:>8}  {}",
            table.name,
            table.standing.as_str(),
            table.day.as_deref().unwrap_or("-"),
            table.age.map_or("-".to_owned(), age),
            table.entries.map_or("-".to_owned(), |entries| entries.to_string()),
            bytes(table.bytes),
            table.says.shown(90)
        )?;
        if !table.source.is_empty() {
            writeln!(out, " {:<17} from {}; {}", "", table.source.shown(90), table.terms)?;
        }
    }
    Ok(Exit::Done)
}
