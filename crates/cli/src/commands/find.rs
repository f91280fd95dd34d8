//! `watchfire find`: files on disks, by name and by content, and what is wrong with them.

use super::triage::{Wanted, threshold};
use crate::args::{FindArgs, GlobalArgs};
use crate::exit::{Exit, Failure};
use crate::output;
use crate::progress::{Bar, Talk};
use crate::terminal;
use std::io::{self, IsTerminal, Write};
use watchfire::{Config, Input, Lines, Searched, Watchfire};

pub(crate) fn run(args: &FindArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let mut config = global.load()?;
    args.judging.apply(&mut config);
    if args.judges() {
        judge(args, &config, global)
    } else {
        list(args, &config, global)
    }
}

/// Says what is wrong with what is found.
fn judge(args: &FindArgs, config: &Config, global: &GlobalArgs) -> Result<Exit, Failure> {
    let exporter = output::format(&args.judging.output, config)?;
    let search = args.search();
    let roots: Vec<Input> = search.roots.iter().map(|root| Input::parse(root.as_os_str())).collect();
    output::guard(&args.judging.output, &roots)?;
    let bar = Bar::new(if global.quiet { Talk::Errors } else { Talk::Normal });
    let wanted = Wanted {
        yara: &args.judging.rules.yara,
        report: Some(&args.judging.report),
        ..Wanted::only(&args.judging.output)
    };
    let beside = wanted.beside(&roots)?;
    let watchfire = wanted.watchfire(config, &bar)?;
    let report = watchfire.find(&search, &bar)?;
    let searched = report.search.as_deref().cloned().unwrap_or_default();
    let has_looked = searched.files > 0 || searched.failed == 0;
    if has_looked || exporter.info().name != "text" {
        output::report(&report, exporter, &args.judging.output, global.color, false)?;
    }
    if let Some(beside) = beside.filter(|_| has_looked) {
        beside.write(&report)?;
    }
    if has_looked {
        bar.finish(
            report.coverage.bytes,
            "watchfire triage FILE says everything about one of them",
        );
    }
    let reached = args
        .judging
        .report
        .fail_on
        .is_some_and(|limit| report.judgement.verdict >= threshold(limit));
    Ok(match (has_looked, searched.failed) {
        (false, _) => Exit::Usage,
        _ if reached => Exit::Reached,
        (true, 0) => Exit::Done,
        (true, _) => Exit::Partial,
    })
}

/// Prints paths.
fn list(args: &FindArgs, config: &Config, global: &GlobalArgs) -> Result<Exit, Failure> {
    let watchfire = Watchfire::new(config)?;
    let bar = Bar::new(if global.quiet { Talk::Errors } else { Talk::Normal });
    let mut out = io::stdout().lock();
    let lines = match () {
        () if args.list.print0 => Lines::Zero,
        () if args.list.long => Lines::Long,
        // A name may hold what a terminal takes for a command.
        () if out.is_terminal() => Lines::Shown,
        () => Lines::Plain,
    };
    let searched = watchfire.list_files(&args.search(), lines, &bar, |paths| out.write_all(paths))??;
    out.flush()?;
    if !global.quiet {
        terminal::say(&summary(&searched));
    }
    Ok(match (searched.met.files, searched.met.failed) {
        (_, 0) => Exit::Done,
        (0, _) => Exit::Usage,
        (_, _) => Exit::Partial,
    })
}

/// What the search came to, in one line.
fn summary(searched: &Searched) -> String {
    let Searched { found, met } = searched;
    let mut parts = vec![format!("{found} of {} files", met.files)];
    if met.failed > 0 {
        parts.push(format!("{} could not be read", met.failed));
    }
    if met.unclear > 0 {
        parts.push(format!("{} too long to say", met.unclear));
    }
    let left = met.left.iter().map(|(why, count)| format!("{why} {count}"));
    let left: Vec<String> = left.collect();
    if !left.is_empty() {
        parts.push(format!("left out: {}", left.join(", ")));
    }
    format!(" {}", parts.join(" · "))
}
