//! What Windows decides. Also serves other systems without Unix's file identity: the canonical path stands in for it.

use crate::SourceProblem;
use std::fs::{DirBuilder, FileType, Metadata, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// What makes two paths the same file: the path with every link resolved.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Identity(PathBuf);

/// The identity of the file at `path`.
pub(crate) fn identity(path: &Path, _metadata: &Metadata) -> Option<Identity> {
    path.canonicalize().ok().map(Identity)
}

/// Devices and pipes live in their own name space (`\\.\`) and report neither file nor folder.
pub(crate) fn special(kind: FileType) -> Option<SourceProblem> {
    (!kind.is_file() && !kind.is_dir()).then_some(SourceProblem::Device)
}

/// `ERROR_CANT_RESOLVE_FILENAME`.
pub(crate) fn is_link_loop(error: &io::Error) -> bool {
    error.raw_os_error() == Some(1921)
}

/// Access control lists are not read; `None` says so.
pub fn is_private(_metadata: &Metadata) -> Option<bool> {
    None
}

/// Makes a folder and the missing ones above it. What they inherit keeps others out of a profile.
pub fn create_private_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).create(path)
}

/// How to open a file; who can read a new one is inherited from its folder.
pub fn private_file() -> OpenOptions {
    OpenOptions::new()
}
