//! Detection rules in bundles: the files of a folder, carried as they are, and kept as one whole for each bundle, so that
//! what is taken out of a folder goes with the next bundle.
//!
//! Rules are not read here: whoever runs them says what is wrong with one. Files that are no rules by their ending, hidden
//! ones and links are left where they are.

use crate::Problem;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use watchfire_intel::bundle::{BundleError, CarriedPart, Contents, Member};
use watchfire_model::ArtifactId;
use watchfire_sources::{Found, Input, Links};
use watchfire_store::{Name, Part, PartKind, SetFile, Store};

/// The folder of rules below the data folder, and what their part of a bundle is called.
pub(crate) const RULES: &str = "rules";
/// Endings of files of rules: Sigma and YARA.
const ENDINGS: [&str; 4] = ["yml", "yaml", "yar", "yara"];
/// A rule is no larger. Bytes.
const LARGEST: u64 = 1 << 20;
/// Files of rules that a bundle has at most.
const MOST: usize = 5_000;

/// The rules of a folder, each by its name in a bundle, sorted.
pub(super) fn of_folder(folder: &Path) -> Result<Vec<(String, PathBuf)>, Problem> {
    let about = format!("cannot carry the rules in '{}'", folder.display());
    let wrong = |why: String| Problem::new(why).about(&about);
    if !folder.is_dir() {
        return Err(wrong("it is no folder".to_owned()));
    }
    let mut rules = Vec::new();
    for found in watchfire_sources::walk([Input::Path(folder.to_owned())], Links::Skip) {
        let path = match found {
            Found::Source(source) => source.path().map(Path::to_owned),
            Found::Skipped(_) => None,
            Found::Failed(error) => return Err(wrong(error.to_string())),
        };
        let Some(path) = path.filter(|path| is_rule(path)) else {
            continue;
        };
        let below = path.strip_prefix(folder).unwrap_or(&path);
        if below
            .components()
            .any(|part| part.as_os_str().as_encoded_bytes().starts_with(b"."))
        {
            continue;
        }
        let size = fs::metadata(&path).map_err(|error| wrong(error.to_string()))?.len();
        if size > LARGEST {
            let most = crate::bytes(LARGEST);
            return Err(wrong(format!("'{}' is larger than {most}", below.display())));
        }
        let parts: Vec<_> = below
            .components()
            .map(|part| part.as_os_str().to_string_lossy())
            .collect();
        rules.push((format!("{RULES}/{}", parts.join("/")), path));
    }
    rules.sort();
    match rules.len() {
        0 => {
            Err(wrong("there are none".to_owned())
                .hint(format!("rules are files that end in .{}", ENDINGS.join(", ."))))
        }
        many if many > MOST => Err(wrong(format!("there are more than {MOST}"))),
        _ => Ok(rules),
    }
}

/// `12 rules`, where there are any.
pub(super) fn counted(rules: usize) -> Option<String> {
    match rules {
        0 => None,
        1 => Some("1 rule".to_owned()),
        more => Some(format!("{more} rules")),
    }
}

fn is_rule(path: &Path) -> bool {
    let ending = path.extension().map(|ending| ending.to_ascii_lowercase());
    ending.is_some_and(|ending| ENDINGS.iter().any(|own| ending == *own))
}

/// The rules in use that came in a bundle, by their names in one; none where there are none.
pub(super) fn in_use(store: &Store, data: &Path) -> Result<Vec<(String, PathBuf)>, Problem> {
    let parts = store.bundles().parts()?;
    match parts.iter().find(|part| part.kind == PartKind::Rules) {
        Some(part) => of_folder(&data.join(RULES).join(part.file.as_str())),
        None => Ok(Vec::new()),
    }
}

/// The folder in which the rules of a bundle are kept: its place in the series of its signer, and its digest.
pub(super) fn folder_of(counter: u64, sha256: &ArtifactId) -> Result<SetFile, BundleError> {
    let digest: String = sha256.to_string().chars().take(16).collect();
    SetFile::parse(&format!("{counter}-{digest}")).map_err(|_| BundleError::Broken("its counter makes no name"))
}

/// A file for a rule in that folder, which nobody reads before the bundle is in use.
pub(super) fn writer(data: &Path, folder: &SetFile, member: &Member) -> io::Result<Box<dyn Write>> {
    let path = Path::new(&member.name);
    if member.size > LARGEST || !is_rule(path) {
        return Err(io::Error::other(format!("'{}' is no rule", member.name)));
    }
    let below = path.strip_prefix(RULES).unwrap_or(path);
    let path = data.join(RULES).join(folder.as_str()).join(below);
    if let Some(parent) = path.parent() {
        watchfire_sources::create_private_folder(parent)?;
    }
    // A run that was killed may have left it there.
    let mut options = watchfire_sources::private_file();
    let file = options.write(true).create(true).truncate(true).open(path)?;
    Ok(Box::new(Synced(file)))
}

/// A file that is on the disk once it is flushed.
struct Synced(File);

impl Write for Synced {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.sync_all()
    }
}

/// The rules of a bundle as one part of it; nothing where it has none.
pub(super) fn part(contents: &Contents, members: &[Member], folder: &SetFile) -> Result<Option<Part>, BundleError> {
    let rules: Vec<&CarriedPart> = contents.parts.iter().filter(|part| part.kind == RULES).collect();
    if rules.is_empty() {
        return Ok(None);
    }
    let wrong = || BundleError::Broken("it has rules that are none");
    if rules.len() > MOST || rules.iter().any(|rule| !rule.member.starts_with("rules/")) {
        return Err(wrong());
    }
    let mut digest = Sha256::new();
    for member in members.iter().filter(|member| member.name.starts_with("rules/")) {
        digest.update(&member.name);
        digest.update([0]);
        digest.update(member.sha256);
    }
    Ok(Some(Part {
        kind: PartKind::Rules,
        name: Name::parse(RULES).map_err(|_| wrong())?,
        file: folder.clone(),
        sha256: ArtifactId::from_digest(digest.finalize().into()),
    }))
}

/// Clears away folders of rules that no bundle names. Whoever calls holds the lock of those that write.
pub(super) fn clear(store: &Store, data: &Path) {
    let folder = data.join(RULES);
    let Ok(entries) = fs::read_dir(&folder) else { return };
    let folders = entries
        .flatten()
        .filter_map(|entry| SetFile::parse(entry.file_name().to_str()?).ok());
    for gone in store.bundles().unreferenced(folders).unwrap_or_default() {
        let _ = fs::remove_dir_all(folder.join(gone.as_str()));
    }
}
