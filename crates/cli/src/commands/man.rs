//! `watchfire man`: the manual page of the program, or of one command.

use crate::args::{Cli, ManArgs};
use crate::exit::{Exit, Failure};
use clap::CommandFactory;
use std::io::{self, Write};
use watchfire::Problem;

pub(crate) fn run(args: &ManArgs) -> Result<Exit, Failure> {
    let mut command = Cli::command();
    // Fills in what commands inherit, such as the options that work everywhere.
    command.build();
    let page = match &args.command {
        None => command,
        Some(name) => {
            let known: Vec<String> = command
                .get_subcommands()
                .map(|verb| verb.get_name().to_owned())
                .collect();
            command.find_subcommand(name).cloned().ok_or_else(|| {
                let known: Vec<&str> = known.iter().map(String::as_str).collect();
                Problem::unknown("command", name, &known)
            })?
        }
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(page).date("").render(&mut text)?;
    io::stdout().lock().write_all(&text)?;
    Ok(Exit::Done)
}
