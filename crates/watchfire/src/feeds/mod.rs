//! Feeds: what others assert, fetched or imported, kept as packed sets and asked by every command that knows values.
//!
//! A version of a feed is a file that never changes. It is written whole and synced before the store names it, so that
//! nobody ever sees half a feed; a run that is killed leaves a file that nobody names, which the next one clears away.

mod fetch;
mod publish;

use crate::bundles::{self, Exported, ImportedBundle};
use crate::{Config, Problem, clock, small};
use publish::Incoming;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use watchfire_intel::FeedProfile;
use watchfire_intel::feed::{self, Columns, DomainReach, Options, catalogue};
use watchfire_intel::set::{Backing, IndicatorSet};
use watchfire_model::{DataSource, Grade, Moment, Untrusted, Verdict};
use watchfire_store::{Arrival, By, Feed, FeedSpec, FeedUrl, FeedVersion, Name, Store};

pub use fetch::Updated;
pub(crate) use fetch::{follow, loopback};
pub use publish::Published;

/// Versions of a feed that are kept.
pub(crate) const KEEP: u32 = 3;
/// A file that no version names is left alone for so long: another process may be about to name it.
const YOUNG: Duration = Duration::from_secs(3600);

/// What a person says about a feed.
#[derive(Clone, Debug, Default)]
pub struct FeedChoice {
    /// Its name; from the file's name, where it is imported.
    pub name: Option<String>,
    /// How it is read; by its content, where nobody says.
    pub format: Option<String>,
    /// Where a table keeps what, `value=2,threat=malware`.
    pub columns: Option<String>,
    /// `exact` or `below`: what its domains meet.
    pub reach: Option<String>,
    /// `malicious`, `suspicious`, `benign` or `context`: what its indicators assert.
    pub towards: Option<String>,
    /// How far it can be trusted, A to F.
    pub grade: Option<String>,
    /// Feeds of one group are not independent.
    pub group: Option<String>,
}

/// What a file was.
#[derive(Debug)]
pub enum Took {
    /// A feed.
    Feed(Published),
    /// A signed bundle.
    Bundle(ImportedBundle),
}

/// The feeds of a data folder.
#[derive(Debug)]
pub struct Feeds {
    store: Store,
    folder: PathBuf,
    offline: bool,
    as_of: Moment,
    who: String,
}

impl Feeds {
    /// Opens the feeds of the configured data folder; it is made if it is missing.
    ///
    /// # Errors
    /// When it cannot be made or opened.
    pub fn open(config: &Config) -> Result<Self, Problem> {
        let store = crate::store(config)?;
        let folder = config
            .data_folder()
            .ok_or_else(|| Problem::new("no folder is known to keep feeds in").hint("--data-dir names one"))?;
        Ok(Self {
            store,
            folder: folder.join(FOLDER),
            offline: config.switch("offline").unwrap_or(false),
            as_of: clock::now(),
            who: config.user(),
        })
    }

    /// The same, at another instant.
    pub(crate) fn at(mut self, as_of: Moment) -> Self {
        self.as_of = as_of;
        self
    }

    /// The instant that ages count to.
    pub fn as_of(&self) -> Moment {
        self.as_of
    }

    /// Every feed and how it fares, by name.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn list(&self) -> Result<Vec<Feed>, Problem> {
        Ok(self.store.feeds().list()?)
    }

    /// The versions of a feed that are kept, newest first.
    ///
    /// # Errors
    /// When there is no such feed.
    pub fn history(&self, name: &str) -> Result<Vec<FeedVersion>, Problem> {
        Ok(self.store.feeds().history(&self.named(name)?)?)
    }

    /// Adds a feed that is fetched: a well-known one by its name, or any by its URL.
    ///
    /// # Errors
    /// When it is not known, has no format, or is there already.
    pub fn add(&self, what: &str, choice: &FeedChoice) -> Result<Name, Problem> {
        let known = catalogue::by_name(what);
        let url = match known {
            Some(known) => known.url,
            None if what.contains("://") => what,
            None => {
                let names: Vec<&str> = catalogue::KNOWN.iter().map(|known| known.name).collect();
                return Err(Problem::unknown("feed", what, &names));
            }
        };
        let url = FeedUrl::parse(url).map_err(|why| Problem::new(format!("'{url}' is {why}")))?;
        let given = choice.name.as_deref().or(known.map(|known| known.name));
        let name = given.ok_or_else(|| Problem::new("a feed needs a name").hint("--name calls it something"))?;
        let format = choice.format.as_deref().or(known.map(|known| known.format));
        let format = format.ok_or_else(|| {
            Problem::new("a feed that is fetched needs a format")
                .hint("--format names one; watchfire feeds formats lists them")
        })?;
        let mut spec = spec(name, format, choice)?;
        spec.url = Some(url);
        if let Some(known) = known {
            spec.grade = choice_grade(choice)?.unwrap_or(known.grade);
            spec.group = parse_name(choice.group.as_deref().unwrap_or(known.group))?;
            spec.refresh = Some(known.refresh);
            spec.licence = known.terms.into();
        }
        self.store.feeds().add(&spec, &self.by())?;
        Ok(spec.name)
    }

    /// Takes a feed from a file, or a signed bundle; its content says which.
    ///
    /// # Errors
    /// When it cannot be read, or a bundle is not signed as it must be; what was there before stays in use.
    pub fn take(&self, path: &Path, choice: &FeedChoice, config: &Config) -> Result<Took, Problem> {
        if bundles::is_bundle(path) {
            return bundles::import(config, path).map(Took::Bundle);
        }
        self.import(path, choice).map(Took::Feed)
    }

    /// Writes feeds in use, those named or all, and knowledge to a signed bundle. `key` is the file of the secret key.
    ///
    /// # Errors
    /// When a name is not known, the key is none, or something cannot be read or written.
    pub fn export(&self, config: &Config, file: &Path, key: &Path, names: &[String]) -> Result<Exported, Problem> {
        bundles::export(config, file, key, names)
    }

    /// Takes a feed from a file. It is added if it is not there yet.
    ///
    /// # Errors
    /// When the file cannot be read as a feed; what was there before stays in use.
    pub fn import(&self, path: &Path, choice: &FeedChoice) -> Result<Published, Problem> {
        let mut file = small::open(path).map_err(|error| Problem::of_file("read feed", path, &error))?;
        let name = match &choice.name {
            Some(name) => name.clone(),
            None => name_of(path),
        };
        let known = self.store.feeds().get(&parse_name(&name)?)?;
        let said = choice
            .format
            .as_deref()
            .or(known.as_ref().map(|feed| feed.spec.format.as_str()));
        let incoming = Incoming::of(&mut file, said, path)?;
        let spec = match known {
            Some(feed) => feed.spec,
            None => {
                let spec = spec(&name, incoming.format().info().name, choice)?;
                self.store.feeds().add(&spec, &self.by())?;
                spec
            }
        };
        self.publish(&spec, incoming, Arrival::Import, None)
            .map_err(|problem| problem.about(&format!("cannot read feed '{}'", path.display())))
    }

    /// Takes a feed from a file, and forgets all about one of that name from before.
    pub(crate) fn replace(&self, path: &Path, choice: &FeedChoice) -> Result<Published, Problem> {
        let name = choice.name.clone().unwrap_or_else(|| name_of(path));
        if self.store.feeds().get(&parse_name(&name)?)?.is_some() {
            self.remove(&name)?;
        }
        self.import(path, choice)
    }

    /// Takes a feed away, with its versions.
    ///
    /// # Errors
    /// When there is no such feed.
    pub fn remove(&self, name: &str) -> Result<(), Problem> {
        let released = self.store.feeds().remove(&self.named(name)?, &self.by())?;
        for file in released {
            // Whoever has it open goes on reading it.
            let _ = fs::remove_file(self.folder.join(file.as_str()));
        }
        Ok(())
    }

    /// Goes back to the version before the one in use.
    ///
    /// # Errors
    /// When there is none.
    pub fn rollback(&self, name: &str) -> Result<FeedVersion, Problem> {
        Ok(self.store.feeds().rollback(&self.named(name)?, &self.by())?)
    }

    /// Clears away files that no version names and that are no longer young.
    fn clear(&self) {
        let Ok(entries) = fs::read_dir(&self.folder) else {
            return;
        };
        let old = |entry: &fs::DirEntry| {
            let modified = entry.metadata().and_then(|metadata| metadata.modified()).ok();
            modified.and_then(|at| at.elapsed().ok()).is_some_and(|age| age > YOUNG)
        };
        let old: Vec<_> = entries
            .flatten()
            .filter(old)
            .filter_map(|entry| entry.file_name().into_string().ok())
            .collect();
        let sets = old.iter().filter_map(|name| watchfire_store::SetFile::parse(name).ok());
        let unnamed = self.store.feeds().unreferenced(sets).unwrap_or_default();
        // What a killed run left behind begins with a dot, which no set does.
        let parts = old
            .iter()
            .filter(|name| name.starts_with('.') && name.ends_with(".part"))
            .map(String::as_str);
        for name in unnamed.iter().map(watchfire_store::SetFile::as_str).chain(parts) {
            let _ = fs::remove_file(self.folder.join(name));
        }
    }

    fn named(&self, name: &str) -> Result<Name, Problem> {
        let name = parse_name(name)?;
        match self.store.feeds().get(&name)? {
            Some(_) => Ok(name),
            None => {
                let feeds = self.list()?;
                let names: Vec<&str> = feeds.iter().map(|feed| feed.spec.name.as_str()).collect();
                Err(Problem::unknown("feed", name.as_str(), &names))
            }
        }
    }

    fn by(&self) -> By {
        By::new(self.who.as_str(), self.as_of)
    }
}

/// The folder of sets below the data folder.
pub(crate) const FOLDER: &str = "feeds";

/// The feeds in use.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    /// What can be asked, and what it is worth.
    pub(crate) sets: Vec<(FeedProfile, IndicatorSet)>,
    /// Whose they are.
    pub(crate) sources: Vec<DataSource>,
    /// What cannot, and why.
    pub(crate) faults: Vec<(Name, String)>,
}

/// Opens the sets of all feeds in use; reads them into memory if `whole`.
pub(crate) fn load(store: &Store, data: &Path, whole: bool) -> Result<Loaded, Problem> {
    let mut loaded = Loaded::default();
    for feed in store.feeds().list()? {
        let Some(current) = &feed.current else { continue };
        let path = data.join(FOLDER).join(current.version.file.as_str());
        let backing = if whole {
            Backing::load(&path)
        } else {
            Backing::open(&path)
        };
        let set = backing
            .map_err(|error| error.to_string())
            .and_then(|backing| IndicatorSet::open(backing).map_err(|error| error.to_string()));
        match set {
            Ok(set) => {
                loaded.sources.push(source(&feed.spec, current.version.fetched));
                loaded.sets.push((profile(&feed.spec, current.version.fetched), set));
            }
            Err(why) => loaded.faults.push((feed.spec.name, why)),
        }
    }
    Ok(loaded)
}

/// Whose a feed is, and under which terms.
fn source(spec: &FeedSpec, fetched: Moment) -> DataSource {
    let source = spec.url.as_ref().map_or("imported", |url| url.as_str());
    // Whoever fetches with a key in the address does not want it told.
    let source = source.split(['?', '#']).next().unwrap_or_default();
    DataSource {
        name: format!("feed {}", spec.name).into(),
        source: source.into(),
        terms: spec.licence.clone(),
        day: Some(fetched.date().to_string()),
    }
}

fn profile(spec: &FeedSpec, fetched: Moment) -> FeedProfile {
    FeedProfile {
        name: spec.name.as_str().into(),
        grade: spec.grade,
        group: spec.group.as_str().into(),
        lifetime: spec.lifetime.and_then(|seconds| u32::try_from(seconds / 86_400).ok()),
        fetched,
    }
}

/// A feed as a person describes it.
fn spec(name: &str, format: &str, choice: &FeedChoice) -> Result<FeedSpec, Problem> {
    let known: Vec<&str> = feed::FORMATS.iter().map(|format| format.info().name).collect();
    feed::by_name(format).ok_or_else(|| Problem::unknown("format of feeds", format, &known))?;
    let name = parse_name(name)?;
    let towards = match choice.towards.as_deref() {
        None => Verdict::Malicious,
        Some(word) => towards(word)?,
    };
    // Read once here, so that nothing senseless is kept.
    options_of(choice)?;
    Ok(FeedSpec {
        group: parse_name(choice.group.as_deref().unwrap_or(name.as_str()))?,
        name,
        url: None,
        format: parse_name(format)?,
        options: keep(choice),
        grade: choice_grade(choice)?.unwrap_or(Grade::C),
        towards,
        refresh: None,
        lifetime: None,
        licence: Untrusted::default(),
    })
}

fn towards(word: &str) -> Result<Verdict, Problem> {
    Ok(match word {
        "malicious" => Verdict::Malicious,
        "suspicious" => Verdict::Suspicious,
        "benign" => Verdict::Benign,
        "context" => Verdict::Unknown,
        _ => {
            return Err(Problem::unknown(
                "assertion",
                word,
                &["malicious", "suspicious", "benign", "context"],
            ));
        }
    })
}

fn choice_grade(choice: &FeedChoice) -> Result<Option<Grade>, Problem> {
    let Some(text) = &choice.grade else { return Ok(None) };
    let unknown = || {
        Problem::new(format!("'{text}' is no grade"))
            .hint("grades are A (reliable) to E (not), and F (cannot be judged)")
    };
    Grade::parse(text).map(Some).ok_or_else(unknown)
}

/// The options of a format, as a line for each: kept with the feed and read again at each update.
fn keep(choice: &FeedChoice) -> String {
    let pairs = [
        ("columns", &choice.columns),
        ("reach", &choice.reach),
        ("towards", &choice.towards),
    ];
    let given = pairs
        .iter()
        .filter_map(|(name, value)| value.as_ref().map(|value| format!("{name} {value}")));
    given.collect::<Vec<_>>().join("\n")
}

/// What [`keep`] kept.
fn kept(options: &str) -> Result<Options, Problem> {
    let mut choice = FeedChoice::default();
    for line in options.lines() {
        let (name, value) = line.split_once(' ').unwrap_or((line, ""));
        let place = match name {
            "columns" => &mut choice.columns,
            "reach" => &mut choice.reach,
            _ => &mut choice.towards,
        };
        *place = Some(value.to_owned());
    }
    options_of(&choice)
}

fn options_of(choice: &FeedChoice) -> Result<Options, Problem> {
    let columns = choice.columns.as_deref().map(Columns::parse).transpose();
    let columns = columns.map_err(|error| Problem::new(error.to_string()).hint(error.hint()))?;
    let reach = match choice.reach.as_deref() {
        None => None,
        Some("exact") => Some(DomainReach::Exact),
        Some("below") => Some(DomainReach::Below),
        Some(word) => return Err(Problem::unknown("reach", word, &["exact", "below"])),
    };
    Ok(Options {
        columns,
        reach,
        towards: choice.towards.as_deref().map(towards).transpose()?,
        ..Options::default()
    })
}

fn parse_name(text: &str) -> Result<Name, Problem> {
    Name::parse(text).map_err(|why| Problem::new(format!("'{text}' is {why}")))
}

/// A feed's name from that of its file.
pub(crate) fn name_of(path: &Path) -> String {
    let stem = path
        .file_name()
        .map(|name| name.to_string_lossy().to_lowercase())
        .unwrap_or_default();
    let stem = stem.split('.').next().unwrap_or_default();
    let clean: String = stem
        .chars()
        .map(|c| {
            if c.is_ascii_lowercase() || c.is_ascii_digit() {
                c
            } else {
                '-'
            }
        })
        .take(64)
        .collect();
    clean.trim_matches('-').to_owned()
}
