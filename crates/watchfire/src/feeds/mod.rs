//! Feeds: what others assert, fetched or imported, kept as packed sets and asked by every command that knows values.
//!
//! A version of a feed is a file that never changes. It is written whole and synced before the store names it, so that
//! nobody ever sees half a feed; a run that is killed leaves a file that nobody names, which the next one clears away.

mod fetch;
mod files;
mod fresh;
mod loaded;
mod misp;
mod publish;
mod spec;
mod taxii;
mod way;

use crate::bundles::{self, Exported, ImportedBundle};
use crate::{Config, Problem, clock, small};
use publish::{Draft, Incoming, Validators, budget};
use std::fs::File;
use std::path::{Path, PathBuf};
use watchfire_intel::feed::{self, FeedError, FeedFormat};
use watchfire_model::Moment;
use watchfire_store::{Arrival, By, Feed, FeedSpec, FeedVersion, Name, Store};

pub use fetch::Updated;
pub(crate) use files::writing;
pub use fresh::{due, half_life, is_stale};
pub(crate) use loaded::load;
pub use publish::Published;
pub use spec::{FeedChoice, meets};
pub(crate) use way::{Advice, Way};

/// The folder of sets below the data folder.
pub(crate) const FOLDER: &str = "feeds";
/// Versions of a feed that are kept.
pub(crate) const KEEP: u32 = 3;
/// A file is no larger, unpacked. Bytes.
const LARGEST: u64 = 16 << 30;

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
    now: Moment,
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
            now: clock::now(),
            as_of: config.check()?.as_of,
            who: config.user(),
        })
    }

    /// The same, at another time of day.
    pub(crate) fn at(mut self, now: Moment) -> Self {
        self.now = now;
        self
    }

    /// The instant that ages count to, which the configuration may set. When something is fetched the clock says.
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
        let spec = choice.fetched(what)?;
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

    /// Writes feeds in use, those named or all, knowledge, and the rules of a folder to a signed bundle. `key` is the file of
    /// the secret key.
    ///
    /// # Errors
    /// When a name is not known, the key is none, or something cannot be read or written.
    pub fn export(
        &self,
        config: &Config,
        file: &Path,
        key: &Path,
        names: &[String],
        rules: Option<&Path>,
    ) -> Result<Exported, Problem> {
        bundles::export(config, file, key, names, rules)
    }

    /// Takes a feed from a file, or from a folder that is laid out as MISP lays feeds out. It is added if it is not there
    /// yet, and else set up anew with what the choice says.
    ///
    /// # Errors
    /// When the file cannot be read as a feed; what was there before stays in use.
    pub fn import(&self, path: &Path, choice: &FeedChoice) -> Result<Published, Problem> {
        let manifest = misp::manifest_at(path);
        let named = manifest.as_deref().map_or_else(|| path.to_owned(), folder_of);
        let known = self.known(&named, choice)?;
        let imported = match &manifest {
            Some(manifest) => self.import_events(manifest, &named, known.as_ref(), choice),
            None => {
                let mut file = small::open(path).map_err(|error| Problem::of_file("read feed", path, &error))?;
                self.import_file(&mut file, path, known.as_ref(), choice)
            }
        };
        imported
            .map_err(|problem| still(problem, known.as_ref()).about(&format!("cannot read feed '{}'", path.display())))
    }

    fn import_file(
        &self,
        file: &mut File,
        path: &Path,
        known: Option<&Feed>,
        choice: &FeedChoice,
    ) -> Result<Published, Problem> {
        let budget = budget(LARGEST);
        let incoming = Incoming::of(file, &budget).map_err(|error| of_feed(error.into()))?;
        let format = match choice.format.as_deref().or(known.map(|feed| feed.spec.format.as_str())) {
            Some(name) => format_called(name)?,
            None => told(&incoming, path)?,
        };
        let spec = imported(known, path, format, choice)?;
        let mut draft = Draft::new(format, &spec, known)?;
        draft.page(incoming).map_err(of_feed)?;
        if draft.intake.next.is_some() {
            let note = "this is one page of several: what is on the others is not known";
            draft.intake.notes.push(note.to_owned());
        }
        self.publish(&spec, draft, Arrival::Import, Validators::default())
    }

    fn import_events(
        &self,
        manifest: &Path,
        folder: &Path,
        known: Option<&Feed>,
        choice: &FeedChoice,
    ) -> Result<Published, Problem> {
        let format = format_called(choice.format.as_deref().unwrap_or("misp"))?;
        let spec = imported(known, folder, format, choice)?;
        let mut draft = Draft::new(format, &spec, known)?;
        misp::folder(manifest, &mut draft)?;
        self.publish(&spec, draft, Arrival::Import, Validators::default())
    }

    /// The feed that a file is of, if it is there.
    fn known(&self, path: &Path, choice: &FeedChoice) -> Result<Option<Feed>, Problem> {
        let name = choice.name.clone().unwrap_or_else(|| name_of(path));
        Ok(self.store.feeds().get(&parse_name(&name)?)?)
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
        self.release(&released);
        Ok(())
    }

    /// Goes back to the version before the one in use.
    ///
    /// # Errors
    /// When there is none.
    pub fn rollback(&self, name: &str) -> Result<FeedVersion, Problem> {
        Ok(self.store.feeds().rollback(&self.named(name)?, &self.by())?)
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
        By::new(self.who.as_str(), self.now)
    }
}

/// The folder of a manifest: it has no name of its own that says more than the one it is in.
fn folder_of(manifest: &Path) -> PathBuf {
    let folder = manifest.parent().unwrap_or(manifest);
    std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned())
}

/// The feed that a file is of: the one that is there, with what is said of it now, or the one that it will be once it has
/// been read.
fn imported(
    known: Option<&Feed>,
    path: &Path,
    format: &dyn FeedFormat,
    choice: &FeedChoice,
) -> Result<FeedSpec, Problem> {
    if let Some(feed) = known {
        return choice.revised(&feed.spec);
    }
    let name = choice.name.clone().unwrap_or_else(|| name_of(path));
    choice.spec(&name, format.info().name)
}

/// What went wrong with a feed, and that it is still there, if it was.
fn still(problem: Problem, feed: Option<&Feed>) -> Problem {
    match feed.and_then(|feed| feed.current.as_ref()) {
        Some(_) => problem.and("the version from before stays in use"),
        None => problem,
    }
}

/// Why a feed as a whole is not believed, and what to do next.
fn of_feed(error: FeedError) -> Problem {
    Problem::new(error.to_string()).hint(error.hint())
}

fn format_called(name: &str) -> Result<&'static dyn FeedFormat, Problem> {
    let known: Vec<&str> = feed::FORMATS.iter().map(|format| format.info().name).collect();
    feed::by_name(name).ok_or_else(|| Problem::unknown("format of feeds", name, &known))
}

/// The format that the beginning of a file tells.
fn told(incoming: &Incoming<'_>, path: &Path) -> Result<&'static dyn FeedFormat, Problem> {
    if feed::is_web_page(incoming.head()) {
        return Err(of_feed(FeedError::WebPage { wanted: "a feed" }));
    }
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    feed::detect(incoming.head(), &name.unwrap_or_default()).ok_or_else(|| {
        Problem::new("its format cannot be told").hint("--format names it; watchfire feeds formats lists them")
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
