//! `watchfire knowledge`: what is known without asking anybody, and how old it is.

use super::bundle;
use crate::args::{GlobalArgs, KnowledgeArgs, KnowledgeCommand};
use crate::exit::{Exit, Failure};
use crate::{output, terminal};
use std::io;
use watchfire::model::age;
use watchfire::{Config, ImportedKnowledge, KnowledgeTable, KnowledgeUpdate, Side, TakenFiles, Value, bytes, table};

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
        KnowledgeCommand::Import { path, known_good } => {
            let imported = match known_good {
                Some(name) => watchfire::import_known_good(&config, path, name)?,
                None => watchfire::import_knowledge(&config, path)?,
            };
            match imported {
                ImportedKnowledge::Bundle(bundle) => bundle::told(&bundle).iter().for_each(|line| say(line)),
                ImportedKnowledge::KnownGood(taken) => say(&told(&taken)),
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

/// What was taken from a list of files, and what was not.
fn told(taken: &TakenFiles) -> String {
    if let Some(wrong) = taken.wrong {
        let one_in = if wrong > 0.0 { (1.0 / wrong).min(1e15) } else { 1e15 };
        return format!(
            " a filter of {} files is in use; it is wrong for one in {one_in:.0}",
            taken.sha1
        );
    }
    let mut parts = vec![format!(" {} SHA-1 and {} SHA-256 are in use", taken.sha1, taken.sha256)];
    for (count, what) in [
        (taken.md5, "with MD5 alone"),
        (taken.marked, "marked as malicious or special"),
        (taken.unread, "that are no digests"),
    ] {
        if count > 0 {
            let lines = if count == 1 { "line" } else { "lines" };
            parts.push(format!("left out: {count} {lines} {what}"));
        }
    }
    parts.join(" · ")
}

fn status(config: &Config) -> Result<Exit, Failure> {
    let titles = [
        ("TABLE", Side::Left),
        ("STATE", Side::Left),
        ("AGE", Side::Left),
        ("ENTRIES", Side::Right),
        ("SIZE", Side::Right),
        ("SAYS", Side::Left),
    ];
    let rows: Vec<Vec<String>> = watchfire::knowledge_status(config)?.iter().map(row).collect();
    table(&titles, &rows, &output::plain(), &mut io::stdout().lock())?;
    Ok(Exit::Done)
}

fn row(table: &KnowledgeTable) -> Vec<String> {
    let mut says = vec![table.says.shown(300)];
    says.extend(dated(table));
    if !table.source.is_empty() {
        says.push(format!("from {}", table.source.shown(300)));
        says.push(table.terms.to_owned());
    }
    vec![
        table.name.clone(),
        table.standing.as_str().to_owned(),
        old(table),
        table.entries.map_or("-".to_owned(), |entries| entries.to_string()),
        bytes(table.bytes),
        says.join("; "),
    ]
}

/// `5 hours`, `5 hours to 6 years`, `over 5 hours`
fn old(table: &KnowledgeTable) -> String {
    let words = |seconds: u64| {
        let age = age(seconds);
        age.strip_suffix(" old").unwrap_or(&age).to_owned()
    };
    match (table.age, &table.oldest) {
        (None, _) => "-".to_owned(),
        (Some(newest), Some((_, oldest))) => format!("{} to {}", words(newest), words(*oldest)),
        (Some(taken), None) if table.is_undated => format!("over {}", words(taken)),
        (Some(newest), None) => words(newest),
    }
}

/// Of which day, or days, it is.
fn dated(table: &KnowledgeTable) -> Option<String> {
    let day = table.day.as_deref()?;
    Some(match &table.oldest {
        Some((oldest, _)) => format!("of {oldest} to {day}"),
        None if table.is_undated => format!("not dated, taken on {day}"),
        None => format!("of {day}"),
    })
}
