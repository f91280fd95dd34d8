//! `watchfire config`: what is configured, from where, and what is missing.

use crate::args::{ConfigArgs, ConfigCommand, GlobalArgs};
use crate::exit::{Exit, Failure};
use crate::{secret, terminal};
use std::io::{self, Write};
use watchfire::model::Untrusted;
use watchfire::{Check, Config, KEYS, State, doctor, forget_key, keep_key, reach};

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
    let mut out = io::stdout().lock();
    for check in checks {
        let state = match check.state {
            State::Good => "good",
            State::Unset => "-",
            State::Attention => "look",
            State::Broken => "BROKEN",
        };
        let (what, found) = (
            Untrusted::new(check.what.as_str()),
            Untrusted::new(check.found.as_str()),
        );
        writeln!(out, " {state:<8}{what:<32} {found}")?;
    }
    out.flush()
}
