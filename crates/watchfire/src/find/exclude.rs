//! What a search leaves out because somebody said so: by patterns that were given, and by the ignore files of the folders
//! themselves. Neither happens unasked: an intruder could write an ignore file.
//!
//! A pattern without a slash is about names, any other about paths. Ignore files are `.gitignore` and `.ignore`, with the
//! syntax of Git (gitignore(5)), each for what lies below it; of two that say different things the inner one wins.

use super::filter::patterns;
use crate::Problem;
use globset::GlobSet;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

/// Names of ignore files, the one that counts more last.
const FILES: &[&str] = &[".gitignore", ".ignore"];

/// See the module.
#[derive(Debug)]
pub(super) struct Excluded {
    names: Option<GlobSet>,
    paths: Option<GlobSet>,
    /// The ignore files that were met, by their folders, where they are to be heeded.
    files: Option<RwLock<HashMap<PathBuf, Arc<Gitignore>>>>,
}

impl Excluded {
    /// Nothing where nothing is to be left out.
    pub(super) fn new(globs: &[String], heeds_files: bool) -> Result<Option<Self>, Problem> {
        if globs.is_empty() && !heeds_files {
            return Ok(None);
        }
        let (paths, names): (Vec<String>, Vec<String>) = globs
            .iter()
            .map(|glob| glob.trim_end_matches('/').to_owned())
            .partition(|glob| glob.contains('/'));
        // A path may begin anywhere.
        let paths: Vec<String> = paths
            .iter()
            .map(|glob| format!("**/{}", glob.trim_start_matches('/')))
            .collect();
        let set = |globs: &[String]| (!globs.is_empty()).then(|| patterns(globs)).transpose();
        Ok(Some(Self {
            names: set(&names)?,
            paths: set(&paths)?,
            files: heeds_files.then(RwLock::default),
        }))
    }

    /// Whether a folder is left out; if not, its ignore files count from now on.
    pub(super) fn leaves_folder(&self, folder: &Path) -> bool {
        if self.leaves(folder, true) {
            return true;
        }
        if let Some(files) = &self.files
            && let Some(ignored) = ignored_in(folder)
        {
            let mut files = files.write().unwrap_or_else(PoisonError::into_inner);
            files.insert(folder.to_owned(), Arc::new(ignored));
        }
        false
    }

    /// Whether a file is left out.
    pub(super) fn leaves_file(&self, file: &Path) -> bool {
        self.leaves(file, false)
    }

    fn leaves(&self, path: &Path, is_folder: bool) -> bool {
        let named = |set: &Option<GlobSet>, what: &Path| set.as_ref().is_some_and(|set| set.is_match(what));
        let by_name = path.file_name().is_some_and(|name| named(&self.names, Path::new(name)));
        by_name || named(&self.paths, path) || self.is_ignored(path, is_folder)
    }

    fn is_ignored(&self, path: &Path, is_folder: bool) -> bool {
        let Some(files) = &self.files else { return false };
        let files = files.read().unwrap_or_else(PoisonError::into_inner);
        if files.is_empty() {
            return false;
        }
        let around = path.ancestors().skip(1).filter_map(|folder| files.get(folder));
        let told = around.map(|ignored| ignored.matched(path, is_folder));
        // The innermost that says anything.
        told.filter(|told| !told.is_none())
            .map(|told| told.is_ignore())
            .next()
            .unwrap_or_default()
    }
}

/// What the ignore files of a folder say. Lines that make no sense are passed over, as Git does.
fn ignored_in(folder: &Path) -> Option<Gitignore> {
    let mut builder = GitignoreBuilder::new(folder);
    let mut any = false;
    for name in FILES {
        let path = folder.join(name);
        // Only a file: a pipe of that name would make the search wait.
        if path.symlink_metadata().is_ok_and(|metadata| metadata.is_file()) {
            any = true;
            drop(builder.add(path));
        }
    }
    any.then(|| builder.build().ok()).flatten()
}
