//! Knowledge that takes the place of what is embedded: tables from signed bundles, and databases of the user's own.
//!
//! A database of the user's own wins over tables from a bundle, these win over the embedded ones if they are newer.
//! Whatever was taken in is a part of an imported bundle, and goes with it; a file of the user's own is a bundle of one
//! part that nobody signed.

mod files;
mod own;
mod status;
mod update;

pub use status::{KnowledgeTable, Standing, status};
pub use update::{KnowledgeUpdate, update};

pub(crate) use files::Files;
pub(crate) use own::Database;

use crate::bundles::{self, FOLDER, ImportedBundle};
use crate::{Config, Problem, Replacement, clock, small};
use sha2::{Digest, Sha256};
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;
use watchfire_intel::known::Taken;
use watchfire_knowledge::geography::{self, Geography};
use watchfire_model::{ArtifactId, Untrusted};
use watchfire_store::{Name, NewBundle, Part, PartKind, SetFile, Store};

/// The name of tables of countries and networks.
const GEOGRAPHY: &str = "geography";
/// What the names of the user's own databases begin with.
const OWN: &str = "own-";
/// A database of the user's own is no larger. Bytes.
const LARGEST: u64 = 2 << 30;
/// A file that nothing names is left alone for so long: another process may be about to name it.
const YOUNG: Duration = Duration::from_secs(3600);

/// What `import` took in.
#[derive(Clone, Debug)]
pub enum ImportedKnowledge {
    /// A signed bundle.
    Bundle(ImportedBundle),
    /// A database of the user's own: what it calls itself, what it knows, and its day.
    Own(String, &'static str, String),
    /// A list of files known good.
    KnownGood(Taken),
}

/// Takes in a list of files that the user holds for harmless, or a Bloom filter of them, and calls it `name`.
///
/// # Errors
/// When it is neither, or damaged, or the name is none. What was there stays in use.
pub fn import_known_good(config: &Config, path: &Path, name: &str) -> Result<ImportedKnowledge, Problem> {
    files::import(config, path, name).map(ImportedKnowledge::KnownGood)
}

/// Takes in a signed bundle, or a database of the user's own in the format of MaxMind; the content says which.
///
/// # Errors
/// When it is neither, or damaged. What was there stays in use.
pub fn import(config: &Config, path: &Path) -> Result<ImportedKnowledge, Problem> {
    if bundles::is_bundle(path) {
        return bundles::import(config, path).map(ImportedKnowledge::Bundle);
    }
    let bytes = read(path).map_err(|problem| problem.about(&format!("cannot read knowledge '{}'", path.display())))?;
    let refused = |why: String| {
        Problem::new(format!("cannot read knowledge '{}': {why}", path.display()))
            .hint("a signed bundle, or a database in the format of MaxMind (.mmdb) with cities, countries or networks; what was there stays; a list of harmless files takes --known-good NAME")
    };
    let database = Database::verified(bytes).map_err(refused)?;
    let data = config
        .data_folder()
        .ok_or_else(|| Problem::new("no folder is known to keep knowledge in").hint("--data-dir names one"))?;
    let part = keep(&data, &database.part(), database.bytes())?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let bundle = NewBundle {
        name: name.unwrap_or_default().into(),
        sha256: part.sha256,
        signer: Untrusted::default(),
        counter: None,
        fetched: None,
        feeds: Vec::new(),
        parts: vec![part],
    };
    bundles::publish(config, &crate::store(config)?, &data, &bundle)?;
    Ok(ImportedKnowledge::Own(
        database.name().to_string(),
        database.kind(),
        database.built().date().to_string(),
    ))
}

fn read(path: &Path) -> Result<Vec<u8>, Problem> {
    let failed = |error: &std::io::Error| Problem::of_file("read knowledge", path, error);
    let file = small::open(path).map_err(|error| failed(&error))?;
    let mut bytes = Vec::new();
    file.take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| failed(&error))?;
    if bytes.len() as u64 > LARGEST {
        return Err(Problem::new(format!("it is larger than {} GB", LARGEST >> 30)));
    }
    Ok(bytes)
}

/// Writes a part to a file of its own, named by its content and the moment.
fn keep(data: &Path, name: &str, bytes: &[u8]) -> Result<Part, Problem> {
    let folder = data.join(FOLDER);
    let sha256 = ArtifactId::from_digest(Sha256::digest(bytes).into());
    let digest: String = sha256.to_string().chars().take(16).collect();
    let file = format!("{name}-{}-{digest}", clock::now().unix());
    let wrong = |why: watchfire_model::Invalid| Problem::new(format!("'{file}' is {why}"));
    let (file, name) = (SetFile::parse(&file).map_err(wrong)?, Name::parse(name).map_err(wrong)?);
    let failed = |error: std::io::Error| Problem::of_file("keep knowledge in", &folder, &error);
    let mut out = Replacement::private(&folder.join(file.as_str())).map_err(failed)?;
    out.write_all(bytes).map_err(failed)?;
    out.finish().map_err(failed)?;
    Ok(Part {
        kind: PartKind::Knowledge,
        name,
        file,
        sha256,
    })
}

/// Whether a part of a bundle is what its name says. An error completes "it is not what it should be: …".
pub(crate) fn check(name: &str, path: &Path) -> Result<(), String> {
    if name != GEOGRAPHY {
        return Err("no knowledge of this version of Watchfire has this name".to_owned());
    }
    tables(path).map(drop)
}

/// Reads tables of countries and networks. They stay in memory until the process ends, as the embedded ones do.
fn tables(path: &Path) -> Result<&'static Geography, String> {
    let bytes = fs::read(path).map_err(|error| error.to_string())?;
    let tables = Geography::read(Box::leak(bytes.into_boxed_slice())).map_err(|why| why.to_string())?;
    Ok(Box::leak(Box::new(tables)))
}

/// A member for a bundle.
pub(crate) enum Carried {
    Bytes(Vec<u8>),
    /// A file, and the digest it had when it was taken in.
    File(PathBuf, ArtifactId),
}

/// What a bundle carries besides feeds and rules: kind, name and bytes. Databases of the user's own stay where they are: their
/// licences are between the user and whoever made them.
pub(crate) fn to_carry(store: &Store, data: &Path) -> Result<Vec<(String, String, Carried)>, Problem> {
    let parts = store.bundles().parts()?;
    let knowledge = PartKind::Knowledge.as_str().to_owned();
    let geography = match replaced(&parts, data) {
        Some((part, Ok((path, _)))) => Carried::File(path, part.sha256),
        _ => Carried::Bytes(geography::pack()),
    };
    Ok(vec![(knowledge, GEOGRAPHY.to_owned(), geography)])
}

/// Tables of countries and networks that came in a bundle: their part, and the file with what is in it or why nothing is.
/// Nothing where the embedded ones are newer.
type Replaced<'p> = (&'p Part, Result<(PathBuf, &'static Geography), String>);

fn replaced<'p>(parts: &'p [Part], data: &Path) -> Option<Replaced<'p>> {
    let part = parts
        .iter()
        .find(|part| part.kind == PartKind::Knowledge && part.name.as_str() == GEOGRAPHY)?;
    let path = data.join(FOLDER).join(part.file.as_str());
    match tables(&path) {
        Ok(tables) if tables.as_of() <= geography::embedded().as_of() => None,
        Ok(tables) => Some((part, Ok((path, tables)))),
        Err(why) => Some((part, Err(why))),
    }
}

/// The knowledge in use that is not embedded.
#[derive(Debug, Default)]
pub(crate) struct Replacements {
    pub(crate) own: Vec<Database>,
    pub(crate) tables: Option<&'static Geography>,
    /// What could not be opened, and why.
    pub(crate) faults: Vec<String>,
}

/// Opens it.
pub(crate) fn replacements(store: &Store, data: &Path) -> Result<Replacements, watchfire_store::StoreError> {
    let parts = store.bundles().parts()?;
    let mut found = Replacements::default();
    match replaced(&parts, data) {
        Some((_, Ok((_, tables)))) => found.tables = Some(tables),
        Some((part, Err(why))) => found.faults.push(format!("'{}': {why}", part.name)),
        None => {}
    }
    for part in own_parts(&parts) {
        match open(part, data) {
            Ok(database) => found.own.push(database),
            Err(why) => found.faults.push(format!("'{}': {why}", part.name)),
        }
    }
    Ok(found)
}

/// A database of the user's own.
fn open(part: &Part, data: &Path) -> Result<Database, String> {
    let kind = part.name.as_str().strip_prefix(OWN).unwrap_or_default();
    let kind = kind.strip_suffix(own::ALONE).unwrap_or(kind);
    Database::open(&data.join(FOLDER).join(part.file.as_str()), kind)
}

fn own_parts(parts: &[Part]) -> impl Iterator<Item = &Part> {
    parts
        .iter()
        .filter(|part| part.kind == PartKind::Knowledge && part.name.as_str().starts_with(OWN))
}

/// Clears away files that no bundle names and that are no longer young.
pub(crate) fn clear(store: &Store, folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let old = |entry: &fs::DirEntry| {
        let modified = entry.metadata().and_then(|metadata| metadata.modified()).ok();
        modified.and_then(|at| at.elapsed().ok()).is_some_and(|age| age > YOUNG)
    };
    let old = entries.flatten().filter(old);
    let files = old.filter_map(|entry| SetFile::parse(entry.file_name().to_str()?).ok());
    for file in store.bundles().unreferenced(files).unwrap_or_default() {
        let _ = fs::remove_file(folder.join(file.as_str()));
    }
}
