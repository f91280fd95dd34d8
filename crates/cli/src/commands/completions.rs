//! `watchfire completions`: what a shell needs to complete our arguments.

use crate::args::{Cli, CompletionsArgs};
use crate::exit::{Exit, Failure};
use clap::CommandFactory;
use std::io::{self, Write};

pub(crate) fn run(args: &CompletionsArgs) -> Result<Exit, Failure> {
    // The generator cannot report a closed pipe; a buffer can wait for one that does.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "watchfire", &mut script);
    io::stdout().lock().write_all(&script)?;
    Ok(Exit::Done)
}
