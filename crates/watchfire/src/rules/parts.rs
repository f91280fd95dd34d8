//! Where rules are: those that ship, sets that were imported, those that came in a bundle, and paths of the user's.
//!
//! This is also the order in which they count: of two rules with one identifier the first is used.

use super::gather;
use super::set::{self, RuleSet};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use watchfire_model::log::RuleSaid;
use watchfire_model::{DataSource, Moment, counted};
use watchfire_sigma::{Source, builtin};
use watchfire_store::{Name, PartKind, Store};

/// The word for the rules that ship; a file of that name is `./builtin`.
pub(super) const BUILTIN: &str = "builtin";
/// The word for the rules of a bundle.
pub(super) const BUNDLE: &str = "bundle";
/// Names that no set may have.
pub(super) const TAKEN: [&str; 3] = [BUILTIN, BUNDLE, "watchfire"];
/// The folder of sets below the data folder. `rules` is the bundles'.
pub(super) const FOLDER: &str = "rule-sets";

/// Some of the rules.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) whose: Whose,
    /// What tells them from others.
    key: String,
    /// Their texts, where they had to be read to know that.
    texts: Option<Vec<Source>>,
}

/// Whose rules they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    Builtin,
    Set(Box<RuleSet>),
    /// The folder of the bundle's rules.
    Bundle(PathBuf),
    Paths(Vec<PathBuf>),
}

/// All rules of a data folder.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub(super) parts: Vec<Part>,
    /// What could not be used, each in one line.
    pub(super) lost: Vec<String>,
}

impl Parts {
    /// Those that ship, imported sets by name, and those of a bundle.
    pub(super) fn of_data(data: Option<&Path>) -> Self {
        let mut all = Self::default();
        all.parts.push(Part::builtin());
        let Some(data) = data else { return all };
        let folder = data.join(FOLDER);
        match set::names(&folder) {
            Ok(names) => {
                for name in names {
                    match set::head(&folder, &name) {
                        Ok(head) => all.parts.push(Part::set(head)),
                        Err(why) => all.lost.push(damaged(&name, &why)),
                    }
                }
            }
            Err(error) => all.lost.push(format!("rule sets cannot be read: {error}")),
        }
        match bundled(data) {
            Ok(part) => all.parts.extend(part),
            Err(why) => all.lost.push(why),
        }
        all
    }

    /// With the rules of paths. Rules that cannot be read are told, and nothing stops the others.
    pub(super) fn with(mut self, paths: &[PathBuf]) -> Self {
        if paths.is_empty() {
            return self;
        }
        let (part, lost) = Part::paths(paths);
        self.parts.push(part);
        self.lost.extend(lost);
        self
    }

    /// What tells all of these rules from others.
    pub(super) fn key(&self) -> String {
        let mut hash = Sha256::new();
        for part in &self.parts {
            for text in [&part.whose.prefix(), &part.key] {
                hash.update((text.len() as u64).to_le_bytes());
                hash.update(text);
            }
        }
        set::hex(&hash.finalize())
    }

    /// The texts of all rules, those of each part together. What cannot be read is told.
    pub(super) fn read(&mut self, data: Option<&Path>) -> Vec<Vec<Source>> {
        let mut all = Vec::new();
        for part in &mut self.parts {
            let texts = part.read(data).unwrap_or_else(|why| {
                self.lost.push(why);
                Vec::new()
            });
            all.push(texts);
        }
        all
    }
}

impl Part {
    pub(super) fn builtin() -> Self {
        let texts = builtin();
        Self {
            whose: Whose::Builtin,
            key: watchfire_sigma::digest(&texts),
            texts: Some(texts),
        }
    }

    pub(super) fn set(head: RuleSet) -> Self {
        Self {
            key: head.sha256.clone(),
            whose: Whose::Set(Box::new(head)),
            texts: None,
        }
    }

    /// The rules of paths, and what of them could not be read.
    pub(super) fn paths(paths: &[PathBuf]) -> (Self, Vec<String>) {
        let (mut texts, mut lost) = (Vec::new(), Vec::new());
        for path in paths {
            let gathered = gather::of_paths(std::slice::from_ref(path));
            let shown = apart(&path.to_string_lossy());
            texts.extend(gathered.sources(|name| match path.is_dir() {
                true => format!("{}/{name}", shown.trim_end_matches('/')),
                // An archive, or the file itself.
                false if path.file_name().is_some_and(|own| own.to_string_lossy() == name) => shown.clone(),
                false => format!("{shown}/{name}"),
            }));
            lost.extend(gathered.lost);
        }
        let part = Self {
            whose: Whose::Paths(paths.to_vec()),
            key: watchfire_sigma::digest(&texts),
            texts: Some(texts),
        };
        (part, lost)
    }

    /// Their texts.
    ///
    /// # Errors
    /// Why there are none, in one line.
    pub(super) fn read(&mut self, data: Option<&Path>) -> Result<Vec<Source>, String> {
        if let Some(texts) = self.texts.take() {
            return Ok(texts);
        }
        let prefix = self.whose.prefix();
        match &self.whose {
            Whose::Set(head) => {
                let folder = data.unwrap_or(Path::new("")).join(FOLDER);
                let (_, members) = set::whole(&folder, &head.name).map_err(|why| damaged(&head.name, &why))?;
                let rules = members.into_iter().filter(|member| member.kind == set::Kind::Rule);
                Ok(rules
                    .map(|member| Source::new(format!("{prefix}{}", member.name), member.text))
                    .collect())
            }
            Whose::Bundle(folder) => {
                let gathered = gather::of_paths(std::slice::from_ref(folder));
                match gathered.lost.first() {
                    Some(why) => Err(format!("the rules of the bundle cannot be read: {why}")),
                    None => Ok(gathered.sources(|name| format!("{prefix}{name}"))),
                }
            }
            Whose::Builtin | Whose::Paths(_) => Ok(Vec::new()),
        }
    }
}

/// A path that nobody takes for the name of a set.
pub(super) fn apart(path: &str) -> String {
    let first = path.split('/').next().unwrap_or_default();
    if first.contains(':') {
        return format!("./{path}");
    }
    path.to_owned()
}

impl Whose {
    /// How it is called in lists: `builtin`, the name of a set, `bundle`, or the paths.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Builtin => BUILTIN.to_owned(),
            Self::Set(set) => set.name.to_string(),
            Self::Bundle(_) => BUNDLE.to_owned(),
            Self::Paths(paths) => {
                let paths: Vec<_> = paths.iter().map(|path| path.to_string_lossy()).collect();
                paths.join(", ")
            }
        }
    }

    /// What stands in front of the names of its files.
    pub(super) fn prefix(&self) -> String {
        match self {
            Self::Builtin => RuleSaid::SHIPPED.to_owned(),
            Self::Set(set) => format!("{}:", set.name),
            Self::Bundle(_) => format!("{BUNDLE}:"),
            Self::Paths(_) => String::new(),
        }
    }

    /// As a report names it.
    pub(super) fn data_source(&self, rules: u64) -> DataSource {
        let (source, terms) = match self {
            Self::Builtin => ("Watchfire".into(), "MIT OR Apache-2.0".into()),
            Self::Set(set) => (
                format!("rule set '{}' of {}", set.name, set.origin.shown().raw()).into(),
                set.terms.clone(),
            ),
            Self::Bundle(_) => ("a signed bundle".into(), "".into()),
            Self::Paths(_) => (self.name().into(), "".into()),
        };
        let taken = match self {
            Self::Set(set) => Some(set.taken),
            _ => None,
        };
        DataSource {
            name: counted(rules, "Sigma rule").into(),
            source,
            terms,
            day: taken.map(|taken: Moment| taken.date().to_string()),
            oldest: None,
        }
    }
}

/// The rules that came in a bundle, if any did.
fn bundled(data: &Path) -> Result<Option<Part>, String> {
    let failed = |error: &dyn std::fmt::Display| format!("the rules of the bundle cannot be read: {error}");
    let Some(store) = Store::open_existing(data).map_err(|error| failed(&error))? else {
        return Ok(None);
    };
    let parts = store.bundles().parts().map_err(|error| failed(&error))?;
    let part = parts.iter().find(|part| part.kind == PartKind::Rules);
    Ok(part.map(|part| Part {
        whose: Whose::Bundle(crate::bundles::rules::place(part, data)),
        key: part.sha256.to_string(),
        texts: None,
    }))
}

fn damaged(name: &Name, why: &str) -> String {
    format!("rule set '{name}' is not used: {why}; watchfire rules update {name} takes it in again")
}
