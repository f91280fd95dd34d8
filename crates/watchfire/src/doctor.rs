//! What is configured, from where, and what is missing.

use crate::config::{FEED_KEY, variables};
use crate::problem::nearest;
use crate::{Config, Suppressions, VERSION, reach};
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
    for (name, setting) in config.settings() {
        checks.push(check(
            State::Good,
            name,
            format!("{} ({})", setting.value, setting.place),
        ));
    }
    checks.extend(other_variables(config));
    checks.push(match config.check().and_then(|_| config.exporter(None)) {
        Ok(_) => check(State::Good, "settings", "make sense"),
        Err(problem) => check(State::Broken, "settings", problem.to_string()),
    });
    if config.get("organisation.domains").is_none() {
        let why = "not set: Watchfire does not know which domains and ranges are yours";
        checks.push(check(State::Unset, "organisation", why));
    }
    checks.extend(data_checks(config));
    checks.extend(reach::providers(config));
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
        Ok(list) => suppression_check(&list),
    });
    checks
}

/// A suppression of a rule that does not exist hides nothing.
fn suppression_check(list: &Suppressions) -> Check {
    let rules = crate::catalogue().rules;
    let known = |rule: &str| rules.iter().any(|(known, _)| *known == rule);
    let unknown: Vec<String> = list
        .list()
        .iter()
        .filter(|suppression| !known(&suppression.rule))
        .map(|suppression| format!("'{}'", watchfire_model::Untrusted::new(suppression.rule.as_str())))
        .collect();
    let count = list.list().len();
    if unknown.is_empty() {
        return check(State::Good, "suppressions", count.to_string());
    }
    let found = format!("{count}, and there is no rule {}", unknown.join(", "));
    check(State::Attention, "suppressions", found)
}

/// What the names of our variables begin with.
const OURS: &str = "WATCHFIRE_";

/// Variables that Watchfire's own tests and benchmarks read, and nothing else.
const DEVELOPMENT: &[&str] = &[
    "WATCHFIRE_BLESS",
    "WATCHFIRE_CONFORMANCE_UPDATE",
    "WATCHFIRE_CONFORMANCE_VERBOSE",
    "WATCHFIRE_CORPUS",
    "WATCHFIRE_FUZZ_ROUNDS",
    "WATCHFIRE_LONG_LINE",
    "WATCHFIRE_ROLES_VERBOSE",
];

/// Variables that look like settings and are none.
fn other_variables(config: &Config) -> Vec<Check> {
    let settings = variables();
    let known: Vec<&str> = settings
        .iter()
        .filter_map(|name| name.strip_prefix(OURS))
        .chain(["CONFIG"])
        .collect();
    let of_variable = |name: &String| {
        let ours = name.strip_prefix(OURS).filter(|own| !known.contains(own))?;
        if name.starts_with(FEED_KEY) {
            return None;
        }
        if DEVELOPMENT.contains(&name.as_str()) {
            let found = "for Watchfire's own tests; changes nothing here";
            return Some(check(State::Good, name, found));
        }
        let found = match nearest(ours, &known) {
            Some(near) => format!("did you mean '{OURS}{near}'?"),
            None => "has no effect".to_owned(),
        };
        Some(check(State::Attention, name, found))
    };
    config.surroundings().variables.keys().filter_map(of_variable).collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Surroundings;

    /// What the doctor says about a variable.
    fn of_variable(name: &str) -> Option<Check> {
        let surroundings = Surroundings {
            variables: [(name.to_owned(), "x".into())].into(),
        };
        let config = Config::load(None, surroundings).unwrap();
        doctor(&config).into_iter().find(|check| check.what == name)
    }

    #[test]
    fn variables_that_mean_nothing_are_told() {
        for (name, found) in [
            ("WATCHFIRE_CORPSU", "has no effect"),
            ("WATCHFIRE_THREAD", "did you mean 'WATCHFIRE_THREADS'?"),
        ] {
            assert_eq!(of_variable(name), Some(check(State::Attention, name, found)));
        }
        assert_eq!(of_variable("HOME"), None);
    }

    #[test]
    fn variables_of_the_tests_alarm_nobody() {
        for name in DEVELOPMENT {
            assert_eq!(of_variable(name).map(|check| check.state), Some(State::Good), "{name}");
        }
    }
}
