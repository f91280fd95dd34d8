//! The `watchfire` command. Thin: parses arguments, calls the façade, prints. It decides nothing.

mod args;
mod commands;
mod exit;
mod output;
mod progress;
mod terminal;

use args::Cli;
use clap::Parser;
use exit::{Exit, Failure};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

fn main() -> ExitCode {
    watchfire::quiet_panics();
    // Panics of analyzers are contained below. One that comes up here is a fault of the program around them.
    let exit = match catch_unwind(AssertUnwindSafe(run)) {
        Ok(Ok(exit)) => exit,
        Ok(Err(Failure::Problem(problem))) => {
            terminal::error(&problem.to_string(), problem.next_step());
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
            // Help and version are results; what is wrong with the arguments is not.
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Done };
            return match error.print() {
                Ok(()) => Ok(exit),
                Err(error) => Err(Failure::Output(error)),
            };
        }
    };
    commands::run(cli)
}
