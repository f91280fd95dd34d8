//! What Unix decides: file identity, kinds of files, who may read them.

use crate::SourceProblem;
use std::fs::{DirBuilder, FileType, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

/// What makes two paths the same file: device and inode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Identity(u64, u64);

/// The identity of the file behind `metadata`.
pub(crate) fn identity(_path: &Path, metadata: &Metadata) -> Option<Identity> {
    Some(Identity(metadata.dev(), metadata.ino()))
}

/// Whether reading a file of this type could block, have an effect, or never end.
pub(crate) fn special(kind: FileType) -> Option<SourceProblem> {
    if kind.is_fifo() {
        Some(SourceProblem::Fifo)
    } else if kind.is_socket() {
        Some(SourceProblem::Socket)
    } else if kind.is_block_device() || kind.is_char_device() {
        Some(SourceProblem::Device)
    } else {
        None
    }
}

/// `ELOOP`: 40 on Linux, 62 on macOS and the BSDs.
pub(crate) fn is_link_loop(error: &io::Error) -> bool {
    let number = if cfg!(target_os = "linux") { 40 } else { 62 };
    error.raw_os_error() == Some(number)
}

/// Whether only its owner can read the file. `None` where the system does not say.
pub fn is_private(metadata: &Metadata) -> Option<bool> {
    Some(metadata.mode() & 0o077 == 0)
}

/// Makes a folder, and the missing ones above it, for its owner alone. One that is there stays as it is.
pub fn create_private_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// How to open a file that, where it is new, only its owner can read.
pub fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}
