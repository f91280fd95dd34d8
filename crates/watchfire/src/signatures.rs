//! Whose signatures of programs count: roots and catalogs of the user's own. None ship.

use crate::{Input, Links, Problem, Watchfire, small};
use sha2::{Digest, Sha256};
use std::ffi::OsStr;
use std::io::Read;
use std::path::{Path, PathBuf};
use watchfire_formats::executable::authenticode::{Trust, believed, certificates_in};
use watchfire_sources::{Found, walk};

/// Longest file of certificates, and longest catalog. Bytes.
const LONGEST: u64 = 64 << 20;
/// Things left out that are told one by one.
const MOST_TOLD: usize = 10;

/// What is looked for, and how it is called.
struct Kind {
    one: &'static str,
    many: &'static str,
    /// How names end that count in a folder.
    endings: &'static [&'static str],
    hint: &'static str,
}

const ROOTS: Kind = Kind {
    one: "certificate",
    many: "certificates",
    endings: &["pem", "crt", "cer", "der"],
    hint: "a certificate is in PEM, with lines '-----BEGIN CERTIFICATE-----', or in DER; folders are searched for *.pem, *.crt, *.cer and *.der",
};

const CATALOGS: Kind = Kind {
    one: "catalog",
    many: "catalogs",
    endings: &["cat"],
    hint: "a catalog is a signed list of files as Windows keeps them in CatRoot; folders are searched for *.cat",
};

impl Watchfire {
    /// Believes, from now on, signatures that lead to the configured roots, and takes what the configured catalogs list for
    /// signed. Returns what to tell the user: what was left out and why, then how much there is. Nothing is configured
    /// unless somebody said so.
    ///
    /// # Errors
    /// When a path cannot be read, or there is nothing to believe in what was named.
    pub fn trust_signatures(&mut self) -> Result<Vec<String>, Problem> {
        let mut trust = Trust::at(self.checked.as_of);
        let mut told = Vec::new();
        let (roots, catalogs) = (&self.checked.trusted_roots, &self.checked.catalogs);
        if roots.is_empty() && catalogs.is_empty() {
            return Ok(told);
        }
        let mut said = Vec::new();
        let mut believes = Sha256::new();
        if !roots.is_empty() {
            let count = take(&ROOTS, roots, &mut told, &mut |bytes| {
                let found = certificates_in(bytes);
                let added = found.iter().filter(|certificate| trust.add_root(certificate)).count();
                if added == 0 {
                    return Err("there is no certificate in it".to_owned());
                }
                believes.update(Sha256::digest(bytes));
                Ok(added)
            })?;
            said.push(format!("trusting {}", counted(count, &ROOTS)));
        }
        if !catalogs.is_empty() {
            let (mut listed, roots) = (0, trust.clone());
            let count = take(&CATALOGS, catalogs, &mut told, &mut |bytes| {
                let catalog = believed(bytes, &roots, &self.engine.budget())?;
                listed += catalog.members.len();
                trust.add_catalog(&catalog);
                believes.update(Sha256::digest(bytes));
                Ok(1)
            })?;
            said.push(format!(
                "believing {}, listing {}",
                counted(count, &CATALOGS),
                watchfire_model::counted(listed as u64, "digest")
            ));
        }
        told.push(said.join(", "));
        self.engine.trust_by(trust);
        self.trusted = Some(believes.finalize().into());
        Ok(told)
    }
}

fn counted(count: usize, kind: &Kind) -> String {
    format!("{count} {}", if count == 1 { kind.one } else { kind.many })
}

/// Hands the files that `paths` lead to over to `each`, which says how many it took; what of a folder is not taken is told.
fn take(
    kind: &Kind,
    paths: &[PathBuf],
    told: &mut Vec<String>,
    each: &mut dyn FnMut(&[u8]) -> Result<usize, String>,
) -> Result<usize, Problem> {
    let (mut count, mut left) = (0, Vec::new());
    for path in paths {
        let is_folder = path.is_dir();
        let name = path.display();
        if !is_folder {
            let refused =
                |why: String| Problem::new(format!("cannot read the {} '{name}': {why}", kind.many)).hint(kind.hint);
            count += read(path).and_then(|bytes| each(&bytes)).map_err(refused)?;
            continue;
        }
        let before = count;
        for found in walk([Input::parse(path.as_os_str())], Links::Skip) {
            let Found::Source(file) = found else { continue };
            let Some(path) = file.path().filter(|path| is_wanted(path, kind)) else {
                continue;
            };
            match read(path).and_then(|bytes| each(&bytes)) {
                Ok(taken) => count += taken,
                Err(why) => left.push(format!("{} '{}' is left out: {why}", kind.one, file.name())),
            }
        }
        if count == before {
            let problem = Problem::new(format!("there is no {} to believe in the folder '{name}'", kind.one));
            return Err(match left.first() {
                Some(first) => problem.hint(format!("the first thing wrong: {first}")),
                None => problem.hint(kind.hint),
            });
        }
    }
    let more = left.len().saturating_sub(MOST_TOLD);
    told.extend(left.into_iter().take(MOST_TOLD));
    if more > 0 {
        told.push(format!("{more} more {} are left out", kind.many));
    }
    Ok(count)
}

fn is_wanted(path: &Path, kind: &Kind) -> bool {
    let ending = path.extension().map(OsStr::to_ascii_lowercase);
    ending.is_some_and(|ending| kind.endings.iter().any(|wanted| ending == *wanted))
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let file = small::open(path).map_err(|error| error.to_string())?;
    file.take(LONGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| error.to_string())?;
    if bytes.len() as u64 > LONGEST {
        return Err(format!("it is longer than {} MB", LONGEST >> 20));
    }
    Ok(bytes)
}
