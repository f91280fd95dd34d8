//! Lists of files that the user holds for harmless: taken in, opened, asked.
//!
//! A list is a part of a bundle of one part that nobody signed, like a database of places. It never travels in a bundle.

use super::{FOLDER, KnowledgeTable, Standing};
use crate::{Config, Problem, Replacement, bundles, clock, feeds, small};
use sha2::{Digest, Sha256};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use watchfire_intel::known::{self, Held, KnownFiles, Taken};
use watchfire_intel::set::{Backing, IndicatorSet};
use watchfire_model::{
    ArtifactId, DataSource, Digests, KnownGood, Moment, NeededDigests, Observable, ObservableType, Untrusted,
};
use watchfire_store::{Name, NewBundle, Part, PartKind, SetFile, Store, StoreError};

/// What the names of these parts begin with.
const PREFIX: &str = "known-good-";

/// Takes in a list of files under `name`; it takes the place of the one that has this name.
///
/// # Errors
/// When it is no such list, or damaged, or there is no place for it. What was there stays in use.
pub(super) fn import(config: &Config, path: &Path, name: &str) -> Result<Taken, Problem> {
    let about = format!("cannot read the list of known-good files '{}'", path.display());
    let part_name = Name::parse(&format!("{PREFIX}{name}")).map_err(|_| {
        Problem::new(format!(
            "'{name}' is not a name: up to 50 of a-z, 0-9, '.', '_' and '-'"
        ))
    })?;
    let data = config
        .data_folder()
        .ok_or_else(|| Problem::new("no folder is known to keep knowledge in").hint("--data-dir names one"))?;
    let folder = data.join(FOLDER);
    let store = crate::store(config)?;
    let failed = |error: io::Error| Problem::of_file("keep knowledge in", &folder, &error);
    std::fs::create_dir_all(&folder).map_err(failed)?;
    let mut input = small::open(path).map_err(|error| Problem::of_file("read knowledge", path, &error))?;
    let file = format!("{part_name}-{}-{}", clock::now().unix(), std::process::id());
    let file = SetFile::parse(&file).map_err(|why| Problem::new(format!("'{file}' is {why}")))?;
    let out = Replacement::private(&folder.join(file.as_str())).map_err(failed)?;
    let mut out = Hashed {
        inner: BufWriter::with_capacity(256 << 10, out),
        hash: Sha256::new(),
    };
    let taken =
        known::pack(&mut input, &folder, &mut out).map_err(|why| Problem::new(format!("{about}: {why}")).hint(HINT))?;
    let sha256 = ArtifactId::from_digest(out.hash.finalize().into());
    let out = out.inner.into_inner().map_err(|error| failed(error.into_error()))?;
    out.finish().map_err(failed)?;
    let called = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let bundle = NewBundle {
        name: called.unwrap_or_default().into(),
        sha256,
        signer: Untrusted::default(),
        counter: None,
        fetched: None,
        feeds: Vec::new(),
        parts: vec![Part {
            kind: PartKind::Knowledge,
            name: part_name,
            file,
            sha256,
        }],
    };
    bundles::publish(config, &store, &data, &bundle)?;
    Ok(taken)
}

const HINT: &str = "lists have a SHA-1 or a SHA-256 in each line, tables a header (NSRL, hashdeep), filters are those of DCSO (hashlookup)";

/// Hashes what is written.
struct Hashed<W> {
    inner: W,
    hash: Sha256,
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hash.update(bytes.get(..written).unwrap_or_default());
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// The lists among the parts in use, by the names that the user gave them.
fn lists(parts: &[Part]) -> impl Iterator<Item = (&Part, &str)> {
    parts
        .iter()
        .filter(|part| part.kind == PartKind::Knowledge)
        .filter_map(|part| Some((part, part.name.as_str().strip_prefix(PREFIX)?)))
}

/// What is known of files on this machine.
#[derive(Debug, Default)]
pub(crate) struct Files {
    lists: Vec<(Untrusted, KnownFiles)>,
    needed: NeededDigests,
    /// What could not be opened, and why.
    pub(crate) faults: Vec<String>,
}

impl Files {
    /// Opens the lists, and looks at what feeds and decisions are about.
    pub(crate) fn open(store: &Store, data: &Path, as_of: Moment) -> Result<Self, StoreError> {
        let mut files = Self::default();
        let parts = store.bundles().parts()?;
        for (part, name) in lists(&parts) {
            match KnownFiles::open(&data.join(FOLDER).join(part.file.as_str())) {
                Ok(list) => {
                    files.needed.sha1 |= list.needs_sha1();
                    files.lists.push((name.into(), list));
                }
                Err(why) => files.faults.push(format!("'{}': {why}", part.name)),
            }
        }
        for feed in store.feeds().list()? {
            let Some(current) = &feed.current else { continue };
            let path = data.join(feeds::FOLDER).join(current.version.file.as_str());
            // What cannot be opened is told where feeds are asked.
            let set = Backing::open(&path)
                .ok()
                .and_then(|backing| IndicatorSet::open(backing).ok());
            if let Some(set) = set {
                files.needed.md5 |= set.is_about(ObservableType::Md5);
                files.needed.sha1 |= set.is_about(ObservableType::Sha1);
            }
        }
        for decision in store.decisions().all(as_of)? {
            files.needed.md5 |= decision.observable.kind() == ObservableType::Md5;
            files.needed.sha1 |= decision.observable.kind() == ObservableType::Sha1;
        }
        Ok(files)
    }

    /// What files are known by besides their SHA-256.
    pub(crate) fn needed(&self) -> NeededDigests {
        self.needed
    }

    /// The list that holds a file: one that is certain before one that is not.
    pub(crate) fn known_good(&self, sha256: ArtifactId, digests: &Digests) -> Option<KnownGood> {
        self.held_by(|list| list.held(sha256.as_bytes(), digests))
    }

    /// The same for a file of which somebody knows no more than a SHA-256 or SHA-1. That of an empty file is held by none:
    /// it is what is left when a download failed.
    pub(crate) fn known_good_by(&self, digest: &Observable) -> Option<KnownGood> {
        let raw = digest.raw();
        match digest.kind() {
            ObservableType::Sha256 => {
                let sha256 = unhex(raw).filter(|sha256| *sha256 != *ArtifactId::of(b"").as_bytes())?;
                self.held_by(|list| list.held_sha256(&sha256))
            }
            ObservableType::Sha1 if raw != EMPTY_SHA1 => {
                let sha1 = unhex(raw)?;
                self.held_by(|list| list.held_sha1(&sha1))
            }
            _ => None,
        }
    }

    fn held_by(&self, ask: impl Fn(&KnownFiles) -> Option<Held>) -> Option<KnownGood> {
        let mut probably = None;
        for (name, list) in &self.lists {
            match ask(list) {
                Some(Held::Surely) => return Some(KnownGood::Surely(name.clone())),
                Some(Held::Probably) => probably = probably.or_else(|| Some(KnownGood::Probably(name.clone()))),
                None => {}
            }
        }
        probably
    }

    /// Whose lists they are.
    pub(crate) fn sources(&self) -> impl Iterator<Item = DataSource> {
        self.lists.iter().map(|(name, _)| DataSource {
            name: "files known good".into(),
            source: name.clone(),
            terms: "a list of the user's own".into(),
            day: None,
            oldest: None,
        })
    }
}

/// The SHA-1 of nothing.
const EMPTY_SHA1: &str = "da39a3ee5e6b4b0d3255bfef95601890afd80709";

/// The bytes of a digest in lower-case digits.
fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    (digits.len() == N * 2).then_some(bytes)
}

/// One row for each list.
pub(super) fn tables(parts: &[Part], data: &Path, as_of: Moment) -> Vec<KnowledgeTable> {
    let row = |(part, name): (&Part, &str)| {
        let path = data.join(FOLDER).join(part.file.as_str());
        let bytes = std::fs::metadata(&path).map_or(0, |metadata| metadata.len());
        let list = match KnownFiles::open(&path) {
            Ok(list) => list,
            Err(why) => return super::status::damaged(part, &why.to_string()),
        };
        let taken = taken_at(part);
        KnowledgeTable {
            says: if list.is_filter() { PROBABLY } else { SURELY }.into(),
            source: name.into(),
            terms: "yours",
            day: taken.map(|at| at.date().to_string()),
            age: taken.map(|at| as_of.since(at)),
            is_undated: true,
            entries: Some(list.len()),
            bytes,
            standing: Standing::Own,
            ..super::status::damaged(part, "")
        }
    };
    lists(parts).map(row).collect()
}

const SURELY: &str = "files known good, by SHA-1 or SHA-256";
const PROBABLY: &str = "files probably known, by SHA-1: a Bloom filter, which is wrong for some";

/// When a list was taken in, by the name of its file.
fn taken_at(part: &Part) -> Option<Moment> {
    let mut pieces = part.file.as_str().rsplit('-');
    let unix = pieces.nth(1)?.parse().ok()?;
    Some(Moment::from_unix(unix))
}
