//! `watchfire config`: what is configured, from where, and what is missing.

use crate::args::{ConfigArgs, ConfigCommand, GlobalArgs};
use crate::exit::{Exit, Failure};
use std::io::{self, Write};
use watchfire::model::Untrusted;
use watchfire::{KEYS, State, doctor, reach};

pub(crate) fn run(args: &ConfigArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let mut out = io::stdout().lock();
    match args.command {
        ConfigCommand::Settings => {
            for key in KEYS {
                writeln!(out, "{:<32}{:<44}{}", key.name, key.variable(), key.describes)?;
            }
            Ok(Exit::Done)
        }
        ConfigCommand::Doctor { online } => {
            let config = global.load()?;
            let mut checks = doctor(&config);
            if online {
                checks.extend(reach(&config)?);
            }
            for check in &checks {
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
            let broken = checks.iter().any(|check| check.state == State::Broken);
            Ok(if broken { Exit::Usage } else { Exit::Done })
        }
    }
}
