//! A case as one file that another Watchfire takes: a zip file with a manifest, the case, its events, its reports and the
//! files that it keeps. The same case gives the same bytes.

mod read;
mod write;

use super::Cases;
use crate::{Problem, Replacement, small};
use std::io::{BufWriter, Read};
use std::path::Path;
use watchfire_model::Untrusted;
use watchfire_store::{Kept, Name, Restored};

/// The name and version of the format.
pub(super) const SCHEMA: &str = "watchfire.case-archive/1";
/// The member that names all others.
pub(super) const MANIFEST: &str = "manifest.json";
/// The case.
pub(super) const CASE: &str = "case.json";
/// What people did.
pub(super) const EVENTS: &str = "events.json";

/// The largest archive that is read. Bytes.
const LARGEST: u64 = 1 << 30;

/// What of a case leaves the house.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redaction {
    /// All of it.
    None,
    /// All but who got mails, own hosts, users and addresses, and the files that are kept.
    Own,
}

/// A case that was written to a file.
#[derive(Clone, Debug)]
pub struct ExportedCase {
    /// Members of the archive.
    pub members: usize,
    /// Files among them.
    pub files: usize,
    /// Its size. Bytes.
    pub bytes: u64,
}

impl Cases {
    /// Writes a case as one file.
    ///
    /// # Errors
    /// When there is no such case, and when it cannot be read or written.
    pub fn export(&self, called: &str, redaction: Redaction, path: &Path) -> Result<ExportedCase, Problem> {
        let case = self.find(called)?;
        let mut record = self.store.cases().record(case.id, Kept::With)?;
        let mut reports = write::reports(&record)?;
        if redaction == Redaction::Own {
            write::redact(&mut record, &mut reports, &self.organisation);
        }
        let members = write::members(&record, &reports);
        let files = members.iter().filter(|(name, _)| name.starts_with("files/")).count();
        let failed = |error: std::io::Error| Problem::of_file("write", path, &error);
        let mut file = BufWriter::new(Replacement::private(path).map_err(failed)?);
        let bytes = write::pack(&members, &mut file).map_err(failed)?;
        let file = file.into_inner().map_err(|error| failed(error.into_error()))?;
        file.finish().map_err(failed)?;
        if let Ok(action) = Name::parse("exported") {
            self.store.cases().audit(case.id, &action, &self.by())?;
        }
        Ok(ExportedCase {
            members: members.len() + 1,
            files,
            bytes,
        })
    }

    /// Takes a case from a file: all of it, or nothing. What is here is extended and never overwritten.
    ///
    /// # Errors
    /// When it is no such file, not what its manifest says, or both sides went on on their own.
    pub fn import(&self, path: &Path) -> Result<Restored, Problem> {
        let about = format!("cannot import '{}'", path.display());
        let file = small::open(path).map_err(|error| Problem::of_file("import", path, &error))?;
        let mut bytes = Vec::new();
        file.take(LARGEST + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| Problem::of_file("import", path, &error))?;
        if bytes.len() as u64 > LARGEST {
            return Err(Problem::new(format!("{about}: it is larger than {} GB", LARGEST >> 30)));
        }
        let record = read::read(&bytes).map_err(|why| {
            Problem::new(format!("{about}: {}", Untrusted::new(why)))
                .hint("nothing was taken; ask for another copy of it")
        })?;
        let restored = self.store.cases().restore(&record, &self.by());
        restored.map_err(|error| Problem::new(format!("{about}: {}", error.fault())).hint("nothing was taken"))
    }
}
