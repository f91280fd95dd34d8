//! Keys that Watchfire keeps for a person: one file each in the configuration folder, which only its owner can read.
//!
//! A key belongs to whoever gives it out, so that the providers of one publisher share a file as they share a variable.
//! A variable of the environment goes before any file, and a `key-file` of the configuration before the kept one. No
//! function here shows a key, and no message tells one.

use super::Config;
use crate::replacement::Replacement;
use crate::{Problem, small};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use watchfire_intel::enrichers::{Key, KeyUse, PROVIDERS, ProviderInfo};

impl Config {
    /// The file in which the key is kept that `variable` would hold, whether or not it is there.
    pub(crate) fn kept_key_file(&self, variable: &str) -> Option<PathBuf> {
        let folder = self.surroundings().config_folder()?;
        Some(folder.join("keys").join(stem(variable)))
    }

    /// Whose key `watchfire config key NAME` keeps, for people.
    ///
    /// # Errors
    /// When there is no such provider, or it takes no key.
    pub fn key_of(&self, name: &str) -> Result<String, Problem> {
        let (info, _) = place(self, name)?;
        Ok(sharers(info))
    }

    /// The key that `variable` holds, or else the kept one.
    ///
    /// # Errors
    /// When there is a file and it cannot be used.
    pub(crate) fn key(&self, variable: &str) -> Result<Option<Key>, Problem> {
        if let Some(key) = self.variable(variable).and_then(|text| Key::new(&text)) {
            return Ok(Some(key));
        }
        match self.kept_key_file(variable) {
            Some(path) if path.is_file() => read(&path).map(Some),
            _ => Ok(None),
        }
    }
}

/// `WATCHFIRE_HYBRID_ANALYSIS_KEY` to `hybrid-analysis`.
fn stem(variable: &str) -> String {
    let name = variable.strip_prefix("WATCHFIRE_").unwrap_or(variable);
    let name = name
        .strip_suffix("_KEY")
        .or(name.strip_suffix("_TOKEN"))
        .unwrap_or(name);
    name.to_ascii_lowercase().replace('_', "-")
}

/// Reads a key from a file that nobody else can read.
pub(crate) fn read(path: &Path) -> Result<Key, Problem> {
    let problem = |error: &io::Error| Problem::of_file("read the key file", path, error);
    let metadata = fs::metadata(path).map_err(|error| problem(&error))?;
    if watchfire_sources::is_private(&metadata) == Some(false) {
        let why = format!("cannot use the key file '{}': others can read it", path.display());
        return Err(Problem::new(why).hint(format!("chmod 600 {}, and get a new key", path.display())));
    }
    let text = small::read(path).map_err(|error| problem(&error))?;
    Key::new(&text).ok_or_else(|| {
        let why = format!("cannot use the key file '{}': there is no key in it", path.display());
        Problem::new(why).hint("the file holds the key and nothing else")
    })
}

/// Keeps a key for `provider`, in place of an earlier one, and says where.
///
/// # Errors
/// When there is no such provider, it takes no key, `text` is none, or the file cannot be written.
pub fn keep_key(config: &Config, provider: &str, text: &str) -> Result<Vec<String>, Problem> {
    let (info, path) = place(config, provider)?;
    let key = Key::new(text).ok_or_else(|| {
        Problem::new("that is no key: it is empty, or has characters that no key has")
            .hint(format!("watchfire config key {provider} < FILE reads it from a file"))
    })?;
    let write = || -> io::Result<()> {
        let mut file = Replacement::private(&path)?;
        writeln!(file, "{}", key.reveal())?;
        file.finish()
    };
    write().map_err(|error| Problem::of_file("keep the key in", &path, &error))?;
    let mut told = vec![format!("the key of {} is kept in {}", sharers(info), path.display())];
    told.extend(what_wins(config, info));
    Ok(told)
}

/// Takes the kept key of `provider` away, and says what was done.
///
/// # Errors
/// When there is no such provider, it takes no key, or the file cannot be removed.
pub fn forget_key(config: &Config, provider: &str) -> Result<Vec<String>, Problem> {
    let (info, path) = place(config, provider)?;
    let who = sharers(info);
    let mut told = vec![match fs::remove_file(&path) {
        Ok(()) => format!("the key of {who} is removed; where others may have seen it, revoke it at the provider too"),
        Err(error) if error.kind() == io::ErrorKind::NotFound => format!("no key of {who} is kept"),
        Err(error) => return Err(Problem::of_file("remove the key file", &path, &error)),
    }];
    told.extend(what_wins(config, info));
    Ok(told)
}

/// A provider that takes a key, and where its key is kept.
fn place(config: &Config, name: &str) -> Result<(&'static ProviderInfo, PathBuf), Problem> {
    let known: Vec<&str> = PROVIDERS
        .iter()
        .map(|provider| provider.info())
        .filter(|info| info.key != KeyUse::None)
        .map(|info| info.name)
        .collect();
    let Some(provider) = watchfire_intel::enrichers::provider(name) else {
        return Err(Problem::unknown("provider", name, &known));
    };
    let info = provider.info();
    let Some(variable) = info.key.variable() else {
        let problem = Problem::new(format!("{} takes no key", info.title));
        return Err(problem.hint(format!("keys are taken by {}", known.join(", "))));
    };
    let path = config.kept_key_file(variable).ok_or_else(|| {
        Problem::new("no home folder is known to keep a key in")
            .hint(format!("{variable} in the environment holds one"))
    })?;
    Ok((info, path))
}

/// Everybody whose key it is.
fn sharers(info: &ProviderInfo) -> String {
    let same = PROVIDERS.iter().map(|provider| provider.info());
    let names: Vec<&str> = same
        .filter(|other| other.key.variable() == info.key.variable())
        .map(|other| other.title)
        .collect();
    match names.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        _ => info.title.to_owned(),
    }
}

/// What goes before a kept key.
fn what_wins(config: &Config, info: &ProviderInfo) -> Option<String> {
    let variable = info.key.variable()?;
    if config.variable(variable).is_some() {
        return Some(format!("{variable} is set in the environment, and goes before it"));
    }
    let setting = config.get(&format!("providers.{}.key-file", info.name))?;
    Some(format!(
        "{} names another key file, which goes before it",
        setting.place
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_variable_has_a_file_of_its_own() {
        let variables: std::collections::BTreeSet<&str> = PROVIDERS
            .iter()
            .filter_map(|provider| provider.info().key.variable())
            .collect();
        let stems: std::collections::BTreeSet<String> = variables.iter().map(|variable| stem(variable)).collect();
        assert_eq!(stems.len(), variables.len());
        assert!(
            stems.contains("hybrid-analysis") && stems.contains("github"),
            "{stems:?}"
        );
    }
}
