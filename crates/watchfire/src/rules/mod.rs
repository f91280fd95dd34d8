//! Sigma rules: sets that are imported and kept, checked, tried on logs, explained, and compiled for whoever matches logs.
//!
//! A rule set is a file of its own ([`set`]), put in place whole: an import that fails leaves what was there. The rules that
//! ship, those that came in signed bundles and those of paths stand beside the sets ([`parts`]) and are compiled together
//! ([`Sigma::load`]). YARA rules are matched against files and have nothing to do with these; they are in `yara.rs`.

mod cache;
mod change;
mod documents;
mod events;
mod explain;
mod fetch;
mod gather;
mod lint;
mod list;
mod load;
mod parts;
mod regression;
mod set;
mod tally;
mod trial;
mod watch;

use crate::feeds::name_of;
use crate::{Config, Problem, clock};
use gather::Gathered;
use parts::{FOLDER, Part, Parts, TAKEN};
use set::{Kind, Member};
use std::fs;
use std::path::{Path, PathBuf};
use watchfire_model::{Limits, Moment, Untrusted};
use watchfire_sigma::{Placeholders, Program, Source};
use watchfire_store::Name;

pub use change::RuleChanges;
pub use events::LogsRead;
pub use explain::{ExplainedMatch, ExplainedRule};
pub use lint::RuleCheck;
pub use list::RulesWanted;
pub use load::Sigma;
pub use regression::{RegressionCase, RegressionOutcome};
pub use set::{RuleOrigin, RuleSet};
pub use tally::RuleCounts;
pub use trial::{Fired, RuleTrial};
pub(crate) use watch::{Changed, RuleWatch};

/// The rule sets of a data folder.
#[derive(Debug)]
pub struct RuleSets {
    /// The data folder.
    data: PathBuf,
    offline: bool,
    now: Moment,
    as_of: Moment,
    /// Those that hold for archives of logs.
    limits: Limits,
}

/// What became of a set.
#[derive(Debug)]
pub struct TakenRules {
    /// The set.
    pub set: RuleSet,
    /// What is new, changed and gone, where it was there before.
    pub changes: Option<RuleChanges>,
    /// What could not be used, one line each.
    pub told: Vec<String>,
}

/// What came of an update of one set.
#[derive(Debug)]
pub enum RulesUpdated {
    /// It was taken in again.
    New(Box<TakenRules>),
    /// It is what it was.
    Unchanged,
    /// It could not be taken in. What was there stays.
    Failed(Problem),
}

impl RuleSets {
    /// Opens the rule sets of the configured data folder. Nothing is made before a set is imported.
    ///
    /// # Errors
    /// When no folder is known.
    pub fn open(config: &Config) -> Result<Self, Problem> {
        let data = config
            .data_folder()
            .ok_or_else(|| Problem::new("no folder is known to keep rules in").hint("--data-dir names one"))?;
        let checked = config.check()?;
        Ok(Self {
            data,
            offline: config.switch("offline").unwrap_or(false),
            now: clock::now(),
            as_of: checked.as_of,
            limits: checked.limits,
        })
    }

    /// The instant that ages count to.
    pub fn as_of(&self) -> Moment {
        self.as_of
    }

    /// Every set, by name, and what is wrong with those that cannot be used.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn list(&self) -> Result<(Vec<RuleSet>, Vec<String>), Problem> {
        let folder = self.folder();
        let names = set::names(&folder).map_err(|error| Problem::of_file("read rule sets in", &folder, &error))?;
        let (mut sets, mut lost) = (Vec::new(), Vec::new());
        for name in names {
            match set::head(&folder, &name) {
                Ok(head) => sets.push(head),
                Err(why) => lost.push(format!("rule set '{name}': {why}")),
            }
        }
        Ok((sets, lost))
    }

    /// Takes in rules of files, folders and archives as one set, or of the address of one archive or file.
    ///
    /// # Errors
    /// When something cannot be read, or there is no rule. What was there before stays.
    pub fn import(&self, paths: &[PathBuf], name: Option<&str>, config: &Config) -> Result<TakenRules, Problem> {
        let url = paths
            .iter()
            .find_map(|path| path.to_str().filter(|text| fetch::is_url(text)));
        match (url, paths) {
            (Some(url), [_]) => {
                let name = self.named(name, Path::new(fetch::last_segment(url)))?;
                let fetched = self.fetch(url, None, config)?;
                self.publish(
                    &name,
                    fetched.gathered,
                    RuleOrigin::Url(url.to_owned()),
                    fetched.validators,
                )
            }
            (Some(_), _) => {
                Err(Problem::new("an address is imported by itself").hint("name it alone, and paths alone"))
            }
            (None, [path]) => {
                let name = self.named(name, &absolute(path))?;
                self.take(&name, paths)
            }
            (None, _) => {
                let name = name.ok_or_else(|| {
                    Problem::new("several paths become one set, which needs a name").hint("--name calls it something")
                })?;
                let name = self.named(Some(name), Path::new(""))?;
                self.take(&name, paths)
            }
        }
    }

    /// Takes sets in again from where they came: those named, or all. One that fails does not stop the others.
    ///
    /// # Errors
    /// When a name is not known.
    pub fn update(&self, names: &[String], config: &Config) -> Result<Vec<(String, RulesUpdated)>, Problem> {
        let folder = self.folder();
        let known = set::names(&folder).map_err(|error| Problem::of_file("read rule sets in", &folder, &error))?;
        for name in names {
            self.known(name)?;
        }
        let wanted = known
            .iter()
            .filter(|name| names.is_empty() || names.iter().any(|wanted| wanted == name.as_str()));
        let updated = |name: &Name| match self.again(name, config) {
            Ok(Some(taken)) => RulesUpdated::New(Box::new(taken)),
            Ok(None) => RulesUpdated::Unchanged,
            Err(problem) => RulesUpdated::Failed(problem.and("what was there stays in use")),
        };
        Ok(wanted.map(|name| (name.to_string(), updated(name))).collect())
    }

    fn again(&self, name: &Name, config: &Config) -> Result<Option<TakenRules>, Problem> {
        let head = set::head(&self.folder(), name).map_err(|why| {
            Problem::new(format!("{why}, and where it came from is not known"))
                .hint("watchfire rules import takes it in again")
        })?;
        match &head.origin {
            RuleOrigin::Url(url) => {
                let fetched = self.fetch(url, Some(&head), config)?;
                if fetched.is_unchanged {
                    return Ok(None);
                }
                let url = RuleOrigin::Url(url.clone());
                self.publish(name, fetched.gathered, url, fetched.validators).map(Some)
            }
            RuleOrigin::Paths(paths) => {
                let taken = self.take(name, paths)?;
                let is_same = taken.set.sha256 == head.sha256;
                Ok((!is_same).then_some(taken))
            }
        }
    }

    /// Takes a set away.
    ///
    /// # Errors
    /// When there is no such set.
    pub fn remove(&self, name: &str) -> Result<(), Problem> {
        let path = set::place(&self.folder(), &self.known(name)?);
        fs::remove_file(&path).map_err(|error| Problem::of_file("remove", &path, &error))
    }

    fn folder(&self) -> PathBuf {
        self.data.join(FOLDER)
    }

    /// The name of a new set.
    fn named(&self, given: Option<&str>, path: &Path) -> Result<Name, Problem> {
        let text = given.map_or_else(|| name_of(path), str::to_owned);
        let name = Name::parse(&text)
            .map_err(|why| Problem::new(format!("'{text}' is {why}")).hint("--name calls the set something else"))?;
        if TAKEN.contains(&name.as_str()) {
            let problem = Problem::new(format!("no set can be called '{name}'"));
            return Err(problem.hint("--name calls it something else"));
        }
        Ok(name)
    }

    /// The name of a set that is there.
    fn known(&self, name: &str) -> Result<Name, Problem> {
        let names = set::names(&self.folder()).unwrap_or_default();
        let found = names.iter().find(|own| own.as_str() == name).cloned();
        found.ok_or_else(|| {
            let names: Vec<&str> = names.iter().map(Name::as_str).collect();
            let problem = Problem::unknown("rule set", name, &names);
            match names.is_empty() {
                true => problem.hint("there is none yet; watchfire rules import takes one in"),
                false => problem,
            }
        })
    }

    fn take(&self, name: &Name, paths: &[PathBuf]) -> Result<TakenRules, Problem> {
        for path in paths {
            if let Err(error) = fs::metadata(path) {
                return Err(Problem::of_file("read rules", path, &error));
            }
        }
        let gathered = gather::of_paths(paths);
        let paths = paths.iter().map(|path| absolute(path)).collect();
        self.publish(name, gathered, RuleOrigin::Paths(paths), [None, None])
    }

    /// Puts what was gathered into use under `name`.
    fn publish(
        &self,
        name: &Name,
        gathered: Gathered,
        origin: RuleOrigin,
        validators: [Option<Untrusted>; 2],
    ) -> Result<TakenRules, Problem> {
        let about = format!("cannot take in rule set '{name}'");
        if let Some(why) = gathered.lost.first() {
            return Err(Problem::new(format!("{about}: {why}")).hint("nothing of it was taken in"));
        }
        let sources = gathered.sources(|own| format!("{name}:{own}"));
        let mut sorted = tally::sorted(&sources, &Placeholders::default());
        let terms = terms(&gathered.members, &sorted);
        let (_, problems) = Program::build(std::mem::take(&mut sorted.used));
        sorted.problems.extend(problems);
        sorted.recount();
        sorted.counts.left_out = gathered.left_out;
        if sorted.counts.used() + sorted.counts.filters + sorted.counts.waiting == 0 && sorted.retired.is_empty() {
            let problem = Problem::new(format!("{about}: there is no Sigma rule in it"));
            return Err(problem.hint(match sorted.problems.first() {
                Some(first) => format!("the first thing wrong: {}", first.message),
                None => "rules are files that end in .yml and have a 'detection'".to_owned(),
            }));
        }
        let folder = self.folder();
        let before = set::whole(&folder, name).ok().map(|(_, members)| members);
        let mut set = RuleSet {
            name: name.clone(),
            taken: self.now,
            origin,
            counts: sorted.counts,
            terms: terms.into(),
            validators,
            sha256: String::new(),
        };
        let failed = |error| Problem::of_file("keep rules in", &folder, &error);
        set::write(&folder, &mut set, &gathered.members).map_err(failed)?;
        Ok(TakenRules {
            changes: before.map(|before| RuleChanges::between(&before, &gathered.members)),
            told: set.counts.apart(),
            set,
        })
    }

    /// The parts that words of a person name: paths, `builtin`, or sets.
    fn chosen(&self, words: &[PathBuf]) -> Result<Parts, Problem> {
        let mut chosen = Parts::default();
        for word in words {
            let text = word.to_str().unwrap_or_default();
            if text == parts::BUILTIN {
                chosen.parts.push(Part::builtin());
            } else if word.exists() {
                let (part, lost) = Part::paths(std::slice::from_ref(word));
                chosen.parts.push(part);
                chosen.lost.extend(lost);
            } else if let Ok(name) = self.known(text) {
                let head = set::head(&self.folder(), &name);
                let head = head.map_err(|why| Problem::new(format!("rule set '{name}' cannot be read: {why}")))?;
                chosen.parts.push(Part::set(head));
            } else {
                chosen.lost.push(format!(
                    "'{text}': there is no such file or folder, and no such rule set"
                ));
            }
        }
        Ok(chosen)
    }

    /// All rules of the data folder.
    fn all(&self) -> Parts {
        Parts::of_data(Some(&self.data))
    }

    fn texts(&self, parts: &mut Parts) -> Vec<Source> {
        parts.read(Some(&self.data)).into_iter().flatten().collect()
    }
}

/// Wherever an update is started from, it is the same file.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// Licences by the words that notices say them in.
const LICENCES: [&str; 9] = [
    "Detection Rule License (DRL) 1.1",
    "Detection Rule License",
    "Elastic License",
    "Apache License",
    "MIT License",
    "GNU General Public License",
    "GNU Affero General Public License",
    "Creative Commons",
    "BSD",
];

/// Under which licences rules may be used, as notices and the rules themselves say.
fn terms(members: &[Member], sorted: &tally::Sorted) -> String {
    let mut terms: Vec<String> = Vec::new();
    for notice in members.iter().filter(|member| member.kind == Kind::Notice) {
        let mut named = LICENCES.iter().filter(|licence| notice.text.contains(**licence));
        let term = named
            .next()
            .map_or_else(|| format!("see {}", notice.name), |term| (*term).to_owned());
        if !terms.contains(&term) {
            terms.push(term);
        }
    }
    for rule in &sorted.used.rules {
        if let Some(own) = rule.meta.license.as_ref().filter(|own| !terms.contains(own)) {
            if terms.len() >= 5 {
                terms.push("and others".to_owned());
                break;
            }
            terms.push(own.clone());
        }
    }
    terms.join(", ")
}
