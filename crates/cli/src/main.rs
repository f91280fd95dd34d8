//! The `watchfire` command. Thin: parses arguments, calls the façade, prints. It decides nothing.

mod args;
mod commands;
mod dashboard;
mod exit;
mod output;
mod progress;
mod secret;
mod terminal;
mod usage;

use args::Cli;
use clap::Parser;
use clap::error::ErrorKind;
use exit::{Exit, Failure};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

fn main() -> ExitCode {
    watchfire::quiet_panics();
    // Panics of analyzers are contained below. One that comes up here is a fault of the program around them.
    let exit = match catch_unwind(AssertUnwindSafe(run)) {
        Ok(Ok(exit)) => exit,
        Ok(Err(Failure::Problem(problem))) => {
            terminal::problem(&problem);
            Exit::Usage
        }
        Ok(Err(Failure::Output(error))) if error.kind() == std::io::ErrorKind::BrokenPipe => Exit::Done,
        Ok(Err(Failure::Output(error))) => {
            terminal::error(&format!("cannot write the result: {error}"), None);
            Exit::Usage
        }
        Err(_) => {
            let place = watchfire::panics().pop().unwrap_or_default();
            terminal::error(
                &format!("a fault of Watchfire itself: {place}"),
                Some("please report it"),
            );
            Exit::Usage
        }
    };
    ExitCode::from(exit as u8)
}

fn run() -> Result<Exit, Failure> {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help is a result, unless nobody asked for it; what is wrong with the arguments is told like any error.
            let exit = match error.kind() {
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Exit::Done,
                ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => Exit::Usage,
                _ => return Err(usage::problem(&error, std::env::args_os()).into()),
            };
            error.print()?;
            return Ok(exit);
        }
    };
    commands::run(cli)
}
