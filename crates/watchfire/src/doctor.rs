//! What is configured, from where, and what is missing.

use crate::{Config, KEYS, Problem, Suppressions, VERSION};
use std::fs;
use std::path::Path;

/// How something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// As it should be.
    Good,
    /// Not set; fine without.
    Unset,
    /// Works, but deserves a look.
    Attention,
    /// Does not work.
    Broken,
}

/// One line of the doctor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// How it stands.
    pub state: State,
    /// What was looked at.
    pub what: String,
    /// What was found.
    pub found: String,
}

/// Looks at everything that a configuration depends on.
pub fn doctor(config: &Config) -> Vec<Check> {
    let mut checks = vec![check(State::Good, "version", VERSION)];
    checks.push(match config.file() {
        Some(path) => file_check("configuration", path),
        None => match config.surroundings().config_folder() {
            Some(folder) => check(
                State::Unset,
                "configuration",
                format!("none; would be read from {}", folder.join("watchfire.toml").display()),
            ),
            None => check(State::Attention, "configuration", "none; no home folder is known"),
        },
    });
    if Path::new("watchfire.toml").is_file() && config.file().is_none() {
        let why = "not read: it may be part of the evidence; --config watchfire.toml reads it";
        checks.push(check(State::Attention, "./watchfire.toml", why));
    }
    for key in KEYS {
        if let Some(setting) = config.get(key.name) {
            checks.push(check(
                State::Good,
                key.name,
                format!("{} ({})", setting.value, setting.place),
            ));
        }
    }
    checks.extend(unknown_variables(config));
    checks.push(match config.check() {
        Ok(_) => check(State::Good, "settings", "make sense"),
        Err(problem) => check(State::Broken, "settings", problem.to_string()),
    });
    if config.get("organisation.domains").is_none() {
        let why = "not set: Watchfire does not know which domains and ranges are yours";
        checks.push(check(State::Unset, "organisation", why));
    }
    checks.extend(data_checks(config));
    checks
}

fn data_checks(config: &Config) -> Vec<Check> {
    let Some(folder) = config.data_folder() else {
        return vec![check(
            State::Attention,
            "data folder",
            "no home folder is known; --data-dir names one",
        )];
    };
    let mut checks = Vec::new();
    checks.push(match fs::metadata(&folder) {
        Ok(metadata) if !metadata.is_dir() => check(
            State::Broken,
            "data folder",
            format!("{} is not a folder", folder.display()),
        ),
        Ok(metadata) if metadata.permissions().readonly() => check(
            State::Broken,
            "data folder",
            format!("{} cannot be written", folder.display()),
        ),
        Ok(metadata) if watchfire_sources::is_private(&metadata) == Some(false) => check(
            State::Attention,
            "data folder",
            format!("{} can be read by others", folder.display()),
        ),
        Ok(_) => check(State::Good, "data folder", folder.display().to_string()),
        Err(_) => check(
            State::Unset,
            "data folder",
            format!("{} (made when needed)", folder.display()),
        ),
    });
    checks.push(match Suppressions::load(&folder) {
        Err(problem) => check(State::Broken, "suppressions", problem.to_string()),
        Ok(list) => check(State::Good, "suppressions", list.list().len().to_string()),
    });
    checks
}

/// Variables that look like settings and are none.
fn unknown_variables(config: &Config) -> Vec<Check> {
    let known: Vec<String> = KEYS.iter().map(|key| key.variable()).collect();
    let mut names: Vec<&str> = known.iter().map(String::as_str).collect();
    names.push("WATCHFIRE_CONFIG");
    let own = config
        .surroundings()
        .variables
        .keys()
        .filter(|name| name.starts_with("WATCHFIRE_"));
    own.filter(|name| !names.contains(&name.as_str()))
        .map(|name| {
            let problem = Problem::unknown("variable", name, &names);
            let hint = problem
                .next_step()
                .filter(|hint| hint.starts_with("did"))
                .unwrap_or("has no effect");
            check(State::Attention, name, hint)
        })
        .collect()
}

fn file_check(what: &str, path: &Path) -> Check {
    match fs::metadata(path).map(|metadata| watchfire_sources::is_private(&metadata)) {
        Ok(Some(false)) => check(
            State::Good,
            what,
            format!("{} (others can read it; keep no keys in it)", path.display()),
        ),
        Ok(_) => check(State::Good, what, path.display().to_string()),
        Err(error) => check(State::Broken, what, format!("{}: {error}", path.display())),
    }
}

fn check(state: State, what: impl Into<String>, found: impl Into<String>) -> Check {
    Check {
        state,
        what: what.into(),
        found: found.into(),
    }
}
