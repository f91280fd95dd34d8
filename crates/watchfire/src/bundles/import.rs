//! Taking a bundle in: verified first, then written beside what is in use, then put into use in one transaction.

use super::{FOLDER, problem, rules};
use crate::{Config, Problem, Replacement, clock, feeds, knowledge, small};
use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::fs::{self, File};
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use watchfire_intel::bundle::{self, BundleError, CONTENTS, CarriedFeed, CarriedPart, Contents, Member, Verified};
use watchfire_intel::set::{Backing, IndicatorSet};
use watchfire_model::{ArtifactId, Grade, Moment, Untrusted, Verdict};
use watchfire_store::{Arrival, By, FeedSpec, Fetched, Name, NewBundle, NewVersion, Part, PartKind, SetFile, Store};

/// A bundle that was taken in.
#[derive(Clone, Debug)]
pub struct ImportedBundle {
    /// Feeds and how many indicators each has.
    pub feeds: Vec<(Name, u64)>,
    /// Knowledge and rules, for people.
    pub parts: Vec<String>,
    /// When it was made.
    pub created: Moment,
    /// Its place in the series of its signer.
    pub counter: u64,
    /// The key that signed it.
    pub signer: String,
}

/// A bundle on its way: how people call it, its signature, and where it was fetched.
pub(crate) struct Arrived<'a> {
    pub(crate) called: &'a str,
    pub(crate) signature: &'a str,
    pub(crate) fetched: Option<Fetched>,
}

/// Where the signature of a bundle stands.
pub(super) fn signature_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".minisig");
    name.into()
}

/// Whether a file is a bundle, by its content.
pub(crate) fn is_bundle(path: &Path) -> bool {
    let mut head = Vec::new();
    let read = small::open(path).and_then(|file| file.take(bundle::HEAD as u64).read_to_end(&mut head));
    read.is_ok() && bundle::recognises(&head)
}

/// Takes a bundle from a file; its signature stands beside it.
///
/// # Errors
/// When it is not signed by a configured key, not newer than the one in use, or damaged. What was there stays in use.
pub(crate) fn import(config: &Config, path: &Path) -> Result<ImportedBundle, Problem> {
    let called = path.display().to_string();
    let mut file = small::open(path).map_err(|error| Problem::of_file("import bundle", path, &error))?;
    let beside = signature_of(path);
    let signature = small::read(&beside).map_err(|error| {
        let problem = Problem::of_file("read the signature", &beside, &error);
        problem.hint("the signature of a bundle stands beside it; copy both")
    })?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let arrived = Arrived {
        called: name.as_deref().unwrap_or(&called),
        signature: &signature,
        fetched: None,
    };
    take(config, &mut file, arrived)
}

/// Takes a bundle from a file that can be read twice.
///
/// # Errors
/// As above.
pub(crate) fn take(config: &Config, file: &mut File, arrived: Arrived<'_>) -> Result<ImportedBundle, Problem> {
    let failed = |error: &BundleError| problem("import", arrived.called, error);
    let keys = config.bundle_keys()?;
    let mut hashing = Hashing(BufReader::new(&*file), Sha256::new());
    let verified = bundle::verify(&mut hashing, arrived.signature, &keys).map_err(|error| failed(&error))?;
    let sha256 = ArtifactId::from_digest(hashing.1.finalize().into());
    let store = crate::store(config)?;
    let signer = Untrusted::from(verified.key());
    verified
        .admit(store.bundles().last_counter(&signer)?)
        .map_err(|error| failed(&error))?;
    let data = config.data_folder().unwrap_or_default();
    let now = clock::now();
    // Until the store names what is written, it is nobody's.
    let _writing = feeds::writing(&data.join(feeds::FOLDER))?;
    let folder = rules::folder_of(verified.manifest().counter, &sha256).map_err(|error| failed(&error))?;
    let unpacked = unpack(&verified, file, (&data, &folder), now).map_err(|error| failed(&error))?;
    let mut bundle = NewBundle {
        name: arrived.called.into(),
        sha256,
        signer,
        counter: Some(verified.manifest().counter),
        fetched: arrived.fetched,
        feeds: Vec::new(),
        parts: Vec::new(),
    };
    for carried in &unpacked.contents.feeds {
        let feed = feed(carried, &unpacked, &data).map_err(|error| failed(&error))?;
        bundle.feeds.push(feed);
    }
    let is_rule = |carried: &&CarriedPart| carried.kind == rules::RULES;
    for carried in unpacked.contents.parts.iter().filter(|carried| !is_rule(carried)) {
        let broken = || failed(&BundleError::Broken("it has a part that is none"));
        if carried.kind != PartKind::Knowledge.as_str() {
            return Err(broken());
        }
        let (file, sha256) = unpacked.file(&carried.member).ok_or_else(broken)?;
        knowledge::check(&carried.name, &data.join(FOLDER).join(file.as_str()))
            .map_err(|why| failed(&BundleError::WrongMember(format!("{}: {why}", carried.member))))?;
        bundle.parts.push(Part {
            kind: PartKind::Knowledge,
            name: Name::parse(&carried.name).map_err(|_| broken())?,
            file,
            sha256,
        });
    }
    let mut parts: Vec<String> = bundle.parts.iter().map(|part| part.name.to_string()).collect();
    parts.extend(rules::counted(unpacked.contents.parts.iter().filter(is_rule).count()));
    let members = &verified.manifest().members;
    let part = rules::part(&unpacked.contents, members, &folder).map_err(|error| failed(&error))?;
    bundle.parts.extend(part);
    publish(config, &store, &data, &bundle)?;
    rules::clear(&store, &data);
    Ok(ImportedBundle {
        feeds: bundle
            .feeds
            .iter()
            .map(|(spec, version)| (spec.name.clone(), version.indicators))
            .collect(),
        parts,
        created: verified.manifest().created,
        counter: verified.manifest().counter,
        signer: verified.key().to_owned(),
    })
}

/// Puts a bundle into use whose files are written, and clears away what nothing names any more.
pub(crate) fn publish(config: &Config, store: &Store, data: &Path, bundle: &NewBundle) -> Result<(), Problem> {
    let by = By::new(config.user(), clock::now());
    let imported = store.bundles().import(bundle, feeds::KEEP, &by)?;
    for file in imported.feeds.iter().flat_map(|feed| &feed.released) {
        // Whoever has it open goes on reading it.
        let _ = fs::remove_file(data.join(feeds::FOLDER).join(file.as_str()));
    }
    knowledge::clear(store, &data.join(FOLDER));
    Ok(())
}

/// Members that are written, and what they are.
struct Unpacked {
    contents: Contents,
    files: Vec<(Member, SetFile)>,
}

impl Unpacked {
    fn file(&self, member: &str) -> Option<(SetFile, ArtifactId)> {
        let (member, file) = self.files.iter().find(|(own, _)| own.name == member)?;
        Some((file.clone(), ArtifactId::from_digest(member.sha256)))
    }
}

/// Writes each member to a file of its own, named by its content and the moment. They have their names only once all of
/// them are what the manifest says.
fn unpack(
    verified: &Verified,
    file: &mut File,
    (data, kept): (&Path, &SetFile),
    now: Moment,
) -> Result<Unpacked, BundleError> {
    Contents::check(&verified.manifest().members)?;
    let contents = Rc::new(RefCell::new(Vec::new()));
    let mut written: Vec<(Member, SetFile, Rc<RefCell<Replacement>>)> = Vec::new();
    verified.read(file, &mut |member| {
        if member.name == CONTENTS {
            return Ok(Box::new(Shared(contents.clone())));
        }
        if member.name.starts_with("rules/") {
            return rules::writer(data, kept, member);
        }
        let (folder, name) = place(member, now).ok_or(io::ErrorKind::InvalidInput)?;
        let out = Replacement::private(&data.join(folder).join(name.as_str()))?;
        let out = Rc::new(RefCell::new(out));
        written.push((member.clone(), name, out.clone()));
        Ok(Box::new(Shared(out)))
    })?;
    let contents = Contents::from_json(&contents.borrow(), &verified.manifest().members)?;
    let mut files = Vec::new();
    for (member, name, out) in written {
        if let Some(out) = Rc::into_inner(out) {
            out.into_inner().finish()?;
        }
        files.push((member, name));
    }
    Ok(Unpacked { contents, files })
}

/// Where a member is kept: the folder below the data folder, and its name there.
fn place(member: &Member, now: Moment) -> Option<(&'static str, SetFile)> {
    let (folder, name) = member.name.split_once('/')?;
    let folder = match folder {
        "feeds" => feeds::FOLDER,
        "knowledge" => FOLDER,
        _ => return None,
    };
    let stem: String = name.split(['.', '/']).next()?.chars().take(64).collect();
    let digest: String = ArtifactId::from_digest(member.sha256)
        .to_string()
        .chars()
        .take(16)
        .collect();
    let ending = if folder == feeds::FOLDER { ".set" } else { "" };
    let name = format!("{stem}-{}-{digest}{ending}", now.unix());
    Some((folder, SetFile::parse(&name).ok()?))
}

/// A feed as it is to be kept, if its set is what is said of it.
fn feed(carried: &CarriedFeed, unpacked: &Unpacked, data: &Path) -> Result<(FeedSpec, NewVersion), BundleError> {
    const WRONG: BundleError = BundleError::Broken("it has a feed that makes no sense");
    let name = |text: &str| Name::parse(text).map_err(|_| WRONG);
    let (file, sha256) = unpacked.file(&carried.member).ok_or(WRONG)?;
    let wrong = || BundleError::WrongMember(carried.member.clone());
    let backing = Backing::open(&data.join(feeds::FOLDER).join(file.as_str()))?;
    let set = IndicatorSet::open(backing).map_err(|_| wrong())?;
    if set.len() != carried.indicators {
        return Err(wrong());
    }
    let spec = FeedSpec {
        name: name(&carried.name)?,
        url: None,
        format: name(&carried.format)?,
        options: carried.options.clone(),
        grade: Grade::parse(&carried.grade).ok_or(WRONG)?,
        group: name(&carried.group)?,
        towards: [
            Verdict::Benign,
            Verdict::Unknown,
            Verdict::Suspicious,
            Verdict::Malicious,
        ]
        .into_iter()
        .find(|verdict| verdict.as_str() == carried.towards)
        .ok_or(WRONG)?,
        refresh: None,
        lifetime: carried.lifetime,
        licence: carried.licence.as_str().into(),
    };
    let version = NewVersion {
        fetched: Moment::parse(&carried.fetched).map_err(|_| WRONG)?,
        file,
        sha256,
        indicators: carried.indicators,
        rejected: carried.rejected,
        etag: None,
        last_modified: None,
        arrival: Arrival::Bundle,
    };
    Ok((spec, version))
}

/// A writer whose owner goes on having it.
struct Shared<W>(Rc<RefCell<W>>);

impl<W: Write> Write for Shared<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.borrow_mut().flush()
    }
}

/// A reader that hashes what passes.
struct Hashing<R>(R, Sha256);

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.0.read(buffer)?;
        self.1.update(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}
