//! The folder of sets: one writer at a time, and nothing left lying.
//!
//! Whoever writes a set holds the lock of the folder until a version names it. So whatever no version names, and
//! whatever is half written, is an orphan for whoever holds the lock: a run was killed. The system gives the lock back
//! when a process ends, however it ends.

use super::Feeds;
use crate::{Problem, Replacement};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;
use watchfire_intel::set::SetWriter;
use watchfire_model::ArtifactId;
use watchfire_store::{Name, SetFile};

const LOCK: &str = ".lock";
/// Without a lock, on file systems that have none, a file is left alone for so long: another process may be about to
/// name it.
const YOUNG: Duration = Duration::from_secs(3600);

/// The right to write in the folder of sets, until it is dropped.
#[derive(Debug)]
pub(crate) struct Writing {
    /// Nothing where the file system has no locks.
    lock: Option<File>,
}

/// Waits for the folder of sets, which is made if it is missing.
pub(crate) fn writing(folder: &Path) -> Result<Writing, Problem> {
    let failed = |error: &io::Error| Problem::of_file("write feeds in", folder, error);
    watchfire_sources::create_private_folder(folder).map_err(|error| failed(&error))?;
    let file = watchfire_sources::private_file()
        .write(true)
        .create(true)
        .truncate(false)
        .open(folder.join(LOCK))
        .map_err(|error| failed(&error))?;
    let lock = file.lock().is_ok().then_some(file);
    Ok(Writing { lock })
}

impl Feeds {
    /// Clears away what killed runs left behind.
    pub(super) fn tidy(&self, writing: &Writing) {
        let Ok(entries) = fs::read_dir(&self.folder) else {
            return;
        };
        let is_old = |entry: &fs::DirEntry| {
            let modified = entry.metadata().and_then(|metadata| metadata.modified()).ok();
            modified.and_then(|at| at.elapsed().ok()).is_some_and(|age| age > YOUNG)
        };
        let names: Vec<String> = entries
            .flatten()
            .filter(|entry| writing.lock.is_some() || is_old(entry))
            .filter_map(|entry| entry.file_name().into_string().ok())
            .collect();
        let sets = names.iter().filter_map(|name| SetFile::parse(name).ok());
        let unnamed = self.store.feeds().unreferenced(sets).unwrap_or_default();
        // What is half written begins with a dot, which no set does.
        let parts = names
            .iter()
            .filter(|name| name.starts_with('.') && name.ends_with(".part"))
            .map(String::as_str);
        for name in unnamed.iter().map(SetFile::as_str).chain(parts) {
            let _ = fs::remove_file(self.folder.join(name));
        }
    }

    /// Writes a set to a file of its own, named by its content and the moment.
    pub(super) fn write(
        &self,
        name: &Name,
        set: SetWriter,
        _writing: &Writing,
    ) -> Result<(SetFile, ArtifactId), Problem> {
        let failed = |error: io::Error| Problem::of_file("write feeds in", &self.folder, &error);
        let mut bytes = Vec::new();
        set.finish(&mut bytes).map_err(failed)?;
        let sha256 = ArtifactId::from_digest(Sha256::digest(&bytes).into());
        let digest: String = sha256.to_string().chars().take(16).collect();
        let file = format!("{name}-{}-{digest}.set", self.now.unix());
        let file = SetFile::parse(&file).map_err(|why| Problem::new(format!("'{file}' is {why}")))?;
        let path = self.folder.join(file.as_str());
        let mut out = Replacement::private(&path).map_err(failed)?;
        out.write_all(&bytes).map_err(failed)?;
        out.finish().map_err(failed)?;
        sync(&self.folder).map_err(failed)?;
        Ok((file, sha256))
    }

    /// Removes files that no version names any more. Whoever has one open goes on reading it.
    pub(super) fn release(&self, files: &[SetFile]) {
        for file in files {
            let _ = fs::remove_file(self.folder.join(file.as_str()));
        }
    }
}

/// Makes the names in a folder outlive a loss of power, where the system can be asked to.
fn sync(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}
