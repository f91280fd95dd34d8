//! `watchfire find`: files on disks, by name and by content.

use crate::args::{FindArgs, GlobalArgs};
use crate::exit::{Exit, Failure};
use crate::progress::{Bar, Talk};
use crate::terminal;
use std::io::{self, IsTerminal, Write};
use watchfire::{Lines, Searched, Watchfire};

pub(crate) fn run(args: &FindArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let config = global.load()?;
    let watchfire = Watchfire::new(&config)?;
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
    Ok(match (searched.files, searched.failed) {
        (_, 0) => Exit::Done,
        (0, _) => Exit::Usage,
        (_, _) => Exit::Partial,
    })
}

/// What the search came to, in one line.
fn summary(searched: &Searched) -> String {
    let mut parts = vec![format!("{} of {} files", searched.found, searched.files)];
    if searched.failed > 0 {
        parts.push(format!("{} could not be read", searched.failed));
    }
    if searched.unclear > 0 {
        parts.push(format!("{} too long to say", searched.unclear));
    }
    let left = searched.left.iter().map(|(why, count)| format!("{why} {count}"));
    let left: Vec<String> = left.collect();
    if !left.is_empty() {
        parts.push(format!("left out: {}", left.join(", ")));
    }
    format!(" {}", parts.join(" · "))
}
