//! Making a bundle: what is in use here, measured, written and signed.

use super::{problem, rules};
use crate::{Config, Problem, Replacement, clock, feeds, knowledge, small};
use std::fs::{self, File};
use std::io::{self, Cursor, Read, Write};
use std::path::{Path, PathBuf};
use watchfire_intel::bundle::{
    self, BundleError, CONTENTS, CarriedFeed, CarriedPart, Contents, Manifest, Member, SecretKey,
};
use watchfire_store::{Feed, Store};

/// A bundle that was made.
#[derive(Clone, Debug)]
pub struct Exported {
    /// Its file; the signature stands beside it.
    pub signature: PathBuf,
    /// Feeds in it.
    pub feeds: usize,
    /// Their indicators.
    pub indicators: u64,
    /// Knowledge and rules in it.
    pub parts: Vec<String>,
    /// Its place in the series.
    pub counter: u64,
    /// The public key to configure where it is to be taken.
    pub key: String,
}

/// Where the bytes of a member come from.
enum Source {
    Bytes(Vec<u8>),
    File(PathBuf),
}

/// Members and where their bytes are.
#[derive(Default)]
struct Members(Vec<(Member, Source)>);

impl Source {
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(match self {
            Self::Bytes(bytes) => Box::new(Cursor::new(bytes)),
            Self::File(path) => Box::new(File::open(path)?),
        })
    }
}

impl Members {
    fn add(&mut self, name: &str, source: Source) -> Result<(), BundleError> {
        let member = bundle::member(name, &mut *source.open()?)?;
        self.0.push((member, source));
        Ok(())
    }
}

/// Writes what is in use to `file`: the feeds named, or all; knowledge; and the rules of a folder, or else those that came in a
/// bundle. The signature, by the secret key in
/// `key`, stands in `file` with `.minisig` behind its name.
///
/// # Errors
/// When there is nothing to carry, the key is no secret key, or something cannot be read or written.
pub(crate) fn export(
    config: &Config,
    file: &Path,
    key: &Path,
    names: &[String],
    folder: Option<&Path>,
) -> Result<Exported, Problem> {
    let told = file.display().to_string();
    let secret = secret_key(key)?;
    let store = crate::store(config)?;
    let data = config.data_folder().unwrap_or_default();
    let feeds = chosen(&store, names)?;
    let failed = |error: &BundleError| problem("write", &told, error);
    let mut contents = Contents::default();
    let mut members = Members::default();
    for feed in &feeds {
        let Some(carried) = carried(feed) else { continue };
        let path = data.join(feeds::FOLDER).join(carried.1);
        members
            .add(&carried.0.member, Source::File(path))
            .map_err(|error| problem("write", &told, &error).about(&format!("feed '{}'", feed.spec.name)))?;
        contents.feeds.push(carried.0);
    }
    for (kind, name, source) in knowledge::to_carry(&store, &data)? {
        let member = format!("{kind}/{name}");
        let source = match source {
            knowledge::Carried::Bytes(bytes) => Source::Bytes(bytes),
            knowledge::Carried::File(path) => Source::File(path),
        };
        members.add(&member, source).map_err(|error| failed(&error))?;
        contents.parts.push(CarriedPart { kind, name, member });
    }
    let mut parts: Vec<String> = contents.parts.iter().map(|part| part.name.clone()).collect();
    let rules = match folder {
        Some(folder) => rules::of_folder(folder)?,
        None => rules::in_use(&store, &data)?,
    };
    parts.extend(rules::counted(rules.len()));
    for (member, path) in rules {
        let about = format!("rule '{}'", path.display());
        let added = members.add(&member, Source::File(path));
        added.map_err(|error| failed(&error).about(&about))?;
        let (kind, name) = member.split_once('/').unwrap_or((rules::RULES, &member));
        let (kind, name) = (kind.to_owned(), name.to_owned());
        contents.parts.push(CarriedPart { kind, name, member });
    }
    let mut all = Members::default();
    all.add(CONTENTS, Source::Bytes(contents.to_json()))
        .map_err(|error| failed(&error))?;
    all.0.append(&mut members.0);
    let manifest = Manifest {
        created: clock::now(),
        counter: clock::milliseconds(),
        members: all.0.iter().map(|(member, _)| member.clone()).collect(),
    };
    write(&manifest, &all, file).map_err(|error| failed(&error))?;
    let signature = sign(&secret, &manifest, file).map_err(|error| failed(&error))?;
    Ok(Exported {
        signature,
        feeds: contents.feeds.len(),
        indicators: contents.feeds.iter().map(|feed| feed.indicators).sum(),
        parts,
        counter: manifest.counter,
        key: secret.public().to_string(),
    })
}

fn write(manifest: &Manifest, members: &Members, file: &Path) -> Result<(), BundleError> {
    let mut out = Replacement::new(file)?;
    let mut open = |wanted: &Member| {
        let found = members.0.iter().find(|(member, _)| member == wanted);
        found.map_or_else(|| Err(io::ErrorKind::NotFound.into()), |(_, source)| source.open())
    };
    bundle::write(manifest, &mut open, &mut out)?;
    out.finish()?;
    Ok(())
}

/// Signs what was written, as it stands there.
fn sign(secret: &SecretKey, manifest: &Manifest, file: &Path) -> Result<PathBuf, BundleError> {
    let comment = format!("watchfire bundle {} made {}", manifest.counter, manifest.created);
    let text = secret.sign(&mut File::open(file)?, &comment)?;
    let path = super::import::signature_of(file);
    let mut out = Replacement::new(&path)?;
    out.write_all(text.as_bytes())?;
    out.finish()?;
    Ok(path)
}

/// The feeds that are named, or all that have a version.
fn chosen(store: &Store, names: &[String]) -> Result<Vec<Feed>, Problem> {
    let all = store.feeds().list()?;
    let known: Vec<&str> = all.iter().map(|feed| feed.spec.name.as_str()).collect();
    if let Some(unknown) = names.iter().find(|name| !known.contains(&name.as_str())) {
        return Err(Problem::unknown("feed", unknown, &known));
    }
    let wanted = |feed: &Feed| names.is_empty() || names.iter().any(|name| name == feed.spec.name.as_str());
    Ok(all.into_iter().filter(wanted).collect())
}

/// A feed as a bundle carries it, and its file; nothing for one that was never fetched.
fn carried(feed: &Feed) -> Option<(CarriedFeed, String)> {
    let version = &feed.current.as_ref()?.version;
    let spec = &feed.spec;
    let carried = CarriedFeed {
        name: spec.name.to_string(),
        member: format!("feeds/{}.set", spec.name),
        format: spec.format.to_string(),
        options: spec.options.clone(),
        grade: spec.grade.as_str().to_owned(),
        group: spec.group.to_string(),
        towards: spec.towards.as_str().to_owned(),
        lifetime: spec.lifetime,
        licence: spec.licence.raw().to_owned(),
        fetched: version.fetched.to_string(),
        indicators: version.indicators,
        rejected: version.rejected,
    };
    Some((carried, version.file.to_string()))
}

/// Reads a secret key from a file that nobody else can read.
fn secret_key(path: &Path) -> Result<SecretKey, Problem> {
    let failed = |error: &io::Error| Problem::of_file("read the secret key", path, error);
    let metadata = fs::metadata(path).map_err(|error| {
        let problem = failed(&error);
        match error.kind() {
            io::ErrorKind::NotFound => problem.hint(format!("watchfire feeds key {} makes one", path.display())),
            _ => problem,
        }
    })?;
    if watchfire_sources::is_private(&metadata) == Some(false) {
        let why = format!("cannot use the secret key '{}': others can read it", path.display());
        return Err(Problem::new(why).hint(format!("chmod 600 {}", path.display())));
    }
    let text = small::read(path).map_err(|error| failed(&error))?;
    SecretKey::parse(&text).map_err(|error| {
        Problem::new(format!("cannot use the secret key '{}': {error}", path.display())).hint(error.hint())
    })
}

/// Makes a secret key in `path`, which must not be there yet, and gives the public key to configure elsewhere.
///
/// # Errors
/// When there is such a file already, or it cannot be written.
pub fn make_key(path: &Path) -> Result<String, Problem> {
    let failed = |error: &io::Error| Problem::of_file("write the secret key", path, error);
    if fs::symlink_metadata(path).is_ok() {
        let why = format!(
            "cannot write the secret key '{}': there is a file already",
            path.display()
        );
        return Err(Problem::new(why).hint("a key that was given away cannot be made again; choose another name"));
    }
    let secret = SecretKey::generate().map_err(|error| Problem::new(format!("cannot make a key: {error}")))?;
    let mut out = watchfire_sources::private_file()
        .write(true)
        .create_new(true)
        .open(path)
        .map_err(|error| failed(&error))?;
    out.write_all(secret.to_file().as_bytes())
        .and_then(|()| out.sync_all())
        .map_err(|error| failed(&error))?;
    Ok(secret.public().to_string())
}
