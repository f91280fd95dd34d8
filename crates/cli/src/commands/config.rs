//! `watchfire config`: what is configured, from where, and what is missing.

use crate::args::{ConfigArgs, ConfigCommand, GlobalArgs};
use crate::exit::{Exit, Failure};
use crate::{output, secret, terminal};
use std::io::{self, Write};
use watchfire::{Check, Config, KEYS, Side, State, doctor, forget_key, keep_key, reach, table};

pub(crate) fn run(args: &ConfigArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    match &args.command {
        ConfigCommand::Settings => settings(),
        ConfigCommand::Doctor { online } => examine(&global.load()?, *online),
        ConfigCommand::Key { provider, remove } => {
            let config = global.load()?;
            let told = if *remove {
                forget_key(&config, provider)?
            } else {
                let whose = config.key_of(provider)?;
                keep_key(&config, provider, &secret::read(&format!("key of {whose}"))?)?
            };
            for line in told.iter().filter(|_| !global.quiet) {
                terminal::say(&format!(" {line}"));
            }
            Ok(Exit::Done)
        }
    }
}

fn settings() -> Result<Exit, Failure> {
    let mut out = io::stdout().lock();
    for key in KEYS {
        writeln!(out, "{:<32}{:<44}{}", key.name, key.variable(), key.describes)?;
    }
    Ok(Exit::Done)
}

fn examine(config: &Config, online: bool) -> Result<Exit, Failure> {
    let mut checks = doctor(config);
    show(&checks)?;
    if online {
        let asked = reach(config)?;
        show(&asked)?;
        checks.extend(asked);
    }
    let broken = checks.iter().any(|check| check.state == State::Broken);
    Ok(if broken { Exit::Usage } else { Exit::Done })
}

fn show(checks: &[Check]) -> io::Result<()> {
    let row = |check: &Check| {
        let state = match check.state {
            State::Good => "good",
            State::Unset => "-",
            State::Attention => "look",
            State::Broken => "BROKEN",
        };
        vec![state.to_owned(), check.what.clone(), check.found.clone()]
    };
    let rows: Vec<Vec<String>> = checks.iter().map(row).collect();
    let titles = [("", Side::Left); 3];
    table(&titles, &rows, &output::plain(), &mut io::stdout().lock())
}
