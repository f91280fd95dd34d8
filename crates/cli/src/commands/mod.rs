//! One file per verb.

mod anomalies;
mod assets;
mod bundle;
mod capture;
mod case;
mod check;
mod completions;
mod config;
mod defang;
mod demo;
mod extract;
mod feeds;
mod filter;
mod find;
mod interfaces;
mod knowledge;
mod live;
mod logs;
mod mail;
mod man;
mod refang;
mod rules;
mod schema;
mod store;
mod suppress;
mod triage;

use crate::args::{Cli, Command};
use crate::exit::{Exit, Failure};
use std::io::{self, Write};

/// Does what was asked for.
pub(crate) fn run(cli: Cli) -> Result<Exit, Failure> {
    if cli.version {
        return version(cli.licenses);
    }
    let global = &cli.global;
    match &cli.command {
        Some(Command::Triage(args)) => triage::run(args, global),
        Some(Command::Mail(args)) => mail::run(args, global),
        Some(Command::Capture(args)) => capture::run(args, global),
        Some(Command::Logs(args)) => logs::run(args, global),
        Some(Command::Find(args)) => find::run(args, global),
        Some(Command::Extract(args)) => extract::run(args, global),
        Some(Command::Check(args)) => check::run(args, global),
        Some(Command::Defang(args)) => defang::run(args, global),
        Some(Command::Refang(args)) => refang::run(args, global),
        Some(Command::Demo(args)) => demo::run(args, global),
        Some(Command::Case(args)) => case::run(args, global),
        Some(Command::Feeds(args)) => feeds::run(args, global),
        Some(Command::Rules(args)) => rules::run(args, global),
        Some(Command::Assets(args)) => assets::run(args, global),
        Some(Command::Knowledge(args)) => knowledge::run(args, global),
        Some(Command::Suppress(args)) => suppress::run(args, global),
        Some(Command::Store(args)) => store::run(args, global),
        Some(Command::Config(args)) => config::run(args, global),
        Some(Command::Schema(args)) => schema::run(args),
        Some(Command::Completions(args)) => completions::run(args),
        Some(Command::Man(args)) => man::run(args),
        None => Err(watchfire::Problem::new("no command was given")
            .hint("watchfire --help lists them")
            .into()),
    }
}

fn version(licenses: bool) -> Result<Exit, Failure> {
    let mut out = io::stdout().lock();
    writeln!(out, "watchfire {}", watchfire::VERSION)?;
    if licenses {
        writeln!(
            out,
            "\nLicensed under MIT or Apache-2.0, as you like.\n\n{}",
            watchfire::notices().trim_end()
        )?;
    }
    Ok(Exit::Done)
}
