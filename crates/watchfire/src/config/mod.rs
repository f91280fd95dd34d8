//! Configuration as typed: settings with where each was said. Flags over environment over file over defaults.
//!
//! Nothing is checked for its meaning here; [`Watchfire::new`](crate::Watchfire::new) does that once, and names the
//! place of what it refuses. The file is looked for in the user's configuration folder and nowhere else: a
//! `watchfire.toml` in the current folder may be part of the evidence.

mod file;
mod key_file;
mod keys;
mod providers;
mod read;

pub(crate) use file::table as toml_table;
pub(crate) use key_file::read as read_key;
pub use key_file::{forget_key, keep_key};
pub(crate) use keys::{FEED_KEY, variables};
pub use keys::{KEYS, Key, Kind};
pub(crate) use providers::{Network, Whom, duration};
pub(crate) use read::Checked;
pub use read::exporter_for;

use crate::Problem;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

/// The value of a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// [`Kind::Text`]
    Text(String),
    /// [`Kind::List`]
    List(Vec<String>),
    /// [`Kind::Number`]
    Number(u64),
    /// [`Kind::Switch`]
    Switch(bool),
    /// [`Kind::Table`]
    Table(Vec<(String, String)>),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::List(items) => f.write_str(&items.join(", ")),
            Self::Number(number) => write!(f, "{number}"),
            Self::Switch(on) => write!(f, "{on}"),
            Self::Table(rows) => {
                let names: Vec<&str> = rows.iter().map(|(name, _)| name.as_str()).collect();
                f.write_str(&names.join(", "))
            }
        }
    }
}

/// Where a setting was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// On the command line, by the flag of that name.
    Flag(&'static str),
    /// In the environment variable of that name.
    Environment(String),
    /// In a file, on a line.
    File(PathBuf, usize),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => f.write_str(flag),
            Self::Environment(variable) => f.write_str(variable),
            Self::File(path, line) => write!(f, "{}:{line}", path.display()),
        }
    }
}

/// A setting that somebody made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// What was said.
    pub value: Value,
    /// Where.
    pub place: Place,
}

/// What the process was started with, as far as configuration goes. Passed in, so that tests need no environment.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// Environment variables.
    pub variables: BTreeMap<String, OsString>,
}

impl Surroundings {
    /// Those of this process.
    pub fn of_process() -> Self {
        Self {
            variables: std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
                .collect(),
        }
    }

    fn path(&self, variable: &str) -> Option<PathBuf> {
        let value = self.variables.get(variable)?;
        // The XDG specification asks for relative paths to be ignored.
        Some(PathBuf::from(value)).filter(|path| path.is_absolute())
    }

    /// The folder for configuration: `XDG_CONFIG_HOME`, `~/.config`, `~/Library/Application Support` or `APPDATA`.
    pub fn config_folder(&self) -> Option<PathBuf> {
        let home = || self.path("HOME");
        let base = if cfg!(windows) {
            self.path("APPDATA")
        } else if cfg!(target_os = "macos") {
            home().map(|home| home.join("Library/Application Support"))
        } else {
            self.path("XDG_CONFIG_HOME")
                .or_else(|| home().map(|home| home.join(".config")))
        };
        base.map(|base| base.join("watchfire"))
    }

    /// The folder for data: `XDG_DATA_HOME`, `~/.local/share`, `~/Library/Application Support` or `LOCALAPPDATA`.
    pub fn data_folder(&self) -> Option<PathBuf> {
        let home = || self.path("HOME");
        let base = if cfg!(windows) {
            self.path("LOCALAPPDATA")
        } else if cfg!(target_os = "macos") {
            home().map(|home| home.join("Library/Application Support"))
        } else {
            self.path("XDG_DATA_HOME")
                .or_else(|| home().map(|home| home.join(".local/share")))
        };
        base.map(|base| base.join("watchfire"))
    }
}

/// Settings and where they come from.
#[derive(Clone, Debug, Default)]
pub struct Config {
    settings: BTreeMap<String, Setting>,
    surroundings: Surroundings,
    file: Option<PathBuf>,
}

impl Config {
    /// Reads the file and the environment. `file` is the one a person named; otherwise `WATCHFIRE_CONFIG` names it or
    /// it stands in the user's configuration folder, where it may be missing.
    ///
    /// # Errors
    /// When a file that was named cannot be read, or something in it is unknown or of the wrong kind.
    pub fn load(file: Option<&Path>, surroundings: Surroundings) -> Result<Self, Problem> {
        let named = file
            .map(PathBuf::from)
            .or_else(|| surroundings.path_as_given("WATCHFIRE_CONFIG"));
        let usual = surroundings.config_folder().map(|folder| folder.join("watchfire.toml"));
        let mut config = Self {
            settings: BTreeMap::new(),
            surroundings,
            file: None,
        };
        if let Some(path) = named {
            config.read_file(&path)?;
        } else if let Some(path) = usual
            && path.is_file()
        {
            config.read_file(&path)?;
        }
        config.read_environment()?;
        Ok(config)
    }

    /// Sets what a flag says.
    pub fn set(&mut self, key: &'static str, value: Value, flag: &'static str) {
        debug_assert!(keys::find(key).is_some(), "'{key}' is not in the table of settings");
        self.put(key, value, Place::Flag(flag));
    }

    /// Every setting that somebody made, in the order of the manual.
    pub fn settings(&self) -> impl Iterator<Item = (String, &Setting)> {
        let made = |name: String| self.settings.get(&name).map(|setting| (name, setting));
        keys::every_name().filter_map(made)
    }

    /// The setting of that name, if somebody made it.
    pub fn get(&self, key: &str) -> Option<&Setting> {
        self.settings.get(key)
    }

    /// The file that was read.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// What the process was started with.
    pub fn surroundings(&self) -> &Surroundings {
        &self.surroundings
    }

    /// Who is at work, for the audit log: the account that the process runs under, as its surroundings tell.
    pub(crate) fn user(&self) -> String {
        let named = ["USER", "LOGNAME", "USERNAME"]
            .iter()
            .find_map(|name| self.surroundings.variables.get(*name));
        named.map_or_else(account, |name| name.to_string_lossy().into_owned())
    }

    /// A variable of the environment, if it is there, not empty, and text.
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        let value = self.surroundings.variables.get(name)?.to_str()?;
        Some(value.to_owned()).filter(|value| !value.is_empty())
    }

    /// Where Watchfire keeps what it remembers, if any folder is known.
    pub fn data_folder(&self) -> Option<PathBuf> {
        self.path("data-dir").or_else(|| self.surroundings.data_folder())
    }

    /// The path that a setting names. One that stands in a file counts from the folder of that file.
    pub(crate) fn path(&self, key: &str) -> Option<PathBuf> {
        let setting = self.get(key)?;
        let Value::Text(text) = &setting.value else { return None };
        Some(match &setting.place {
            Place::File(file, _) => file.parent().map_or_else(|| text.into(), |folder| folder.join(text)),
            Place::Flag(_) | Place::Environment(_) => text.into(),
        })
    }

    fn put(&mut self, key: &str, value: Value, place: Place) {
        self.settings.insert(key.to_owned(), Setting { value, place });
    }

    fn read_file(&mut self, path: &Path) -> Result<(), Problem> {
        let text = crate::small::read(path).map_err(|error| Problem::of_file("read configuration", path, &error))?;
        for (key, value, line) in file::read(&text, path)? {
            self.put(&key, value, Place::File(path.to_owned(), line));
        }
        self.file = Some(path.to_owned());
        Ok(())
    }

    fn read_environment(&mut self) -> Result<(), Problem> {
        let any = |begin: &str| {
            let mut from = self.surroundings.variables.range(begin.to_owned()..);
            from.next().is_some_and(|(name, _)| name.starts_with(begin))
        };
        let of_providers = any("WATCHFIRE_PROVIDERS_");
        for key in KEYS.iter().filter(|key| of_providers || !key.name.contains("NAME")) {
            for name in key.names() {
                let variable = keys::variable(&name);
                let Some(text) = self.surroundings.variables.get(&variable) else {
                    continue;
                };
                let text = text.to_string_lossy();
                let value =
                    parse(key.kind, &text).map_err(|why| Problem::new(format!("{variable}: '{text}' {why}")))?;
                self.put(&name, value, Place::Environment(variable));
            }
        }
        Ok(())
    }
}

impl Surroundings {
    /// A path that a person typed may be relative.
    fn path_as_given(&self, variable: &str) -> Option<PathBuf> {
        self.variables.get(variable).map(PathBuf::from)
    }
}

/// Reads text as a value of `kind`. An error completes "'…' ".
fn parse(kind: Kind, text: &str) -> Result<Value, &'static str> {
    match kind {
        Kind::Text => Ok(Value::Text(text.to_owned())),
        Kind::List => Ok(Value::List(
            text.split(',')
                .map(str::trim)
                .filter(|item| !item.is_empty())
                .map(str::to_owned)
                .collect(),
        )),
        Kind::Number => number(text).map(Value::Number).ok_or("is not a number"),
        Kind::Switch => match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Ok(Value::Switch(true)),
            "false" | "0" | "no" | "off" => Ok(Value::Switch(false)),
            _ => Err("is neither 'true' nor 'false'"),
        },
        Kind::Table => Err("belongs into the configuration file"),
    }
}

/// A number, perhaps with `K`, `M` or `G`.
fn number(text: &str) -> Option<u64> {
    let text = text.trim().trim_end_matches(['B', 'i']);
    let split = text.trim_end_matches(|c: char| c.is_ascii_alphabetic()).len();
    let (digits, unit) = text.split_at_checked(split)?;
    let scale = match unit.trim().to_ascii_uppercase().as_str() {
        "" => 1,
        "K" => 1 << 10,
        "M" => 1 << 20,
        "G" => 1 << 30,
        _ => return None,
    };
    digits.trim().replace('_', "").parse::<u64>().ok()?.checked_mul(scale)
}

/// Who the process belongs to where nothing calls them by name: `uid 1000`.
fn account() -> String {
    #[cfg(unix)]
    return format!("uid {}", rustix::process::getuid().as_raw());
    #[cfg(not(unix))]
    return "unknown".to_owned();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn surroundings(variables: &[(&str, &str)]) -> Surroundings {
        Surroundings {
            variables: variables
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.into()))
                .collect(),
        }
    }

    #[test]
    fn flags_win_over_the_environment() {
        let mut config = Config::load(None, surroundings(&[("WATCHFIRE_THREADS", "3")])).unwrap();
        let setting = config.get("threads").unwrap();
        assert_eq!(
            (&setting.value, setting.place.to_string()),
            (&Value::Number(3), "WATCHFIRE_THREADS".to_owned())
        );
        config.set("threads", Value::Number(1), "--threads");
        assert_eq!(config.get("threads").unwrap().value, Value::Number(1));
    }

    #[test]
    fn a_wrong_variable_is_named() {
        let problem = Config::load(None, surroundings(&[("WATCHFIRE_OFFLINE", "maybe")])).unwrap_err();
        assert_eq!(
            problem.to_string(),
            "WATCHFIRE_OFFLINE: 'maybe' is neither 'true' nor 'false'"
        );
    }

    #[test]
    fn numbers_take_units() {
        for (text, value) in [
            ("12", Some(12)),
            ("512M", Some(512 << 20)),
            ("2 GiB", Some(2 << 30)),
            ("1T", None),
        ] {
            assert_eq!(number(text), value, "{text}");
        }
    }

    #[test]
    fn every_key_has_its_own_variable() {
        let names: Vec<String> = keys::every_name().collect();
        let variables: std::collections::BTreeSet<String> = names.iter().map(|name| keys::variable(name)).collect();
        assert_eq!(variables.len(), names.len());
    }
}
