//! Where bytes come from: files, folders, standard input, growing files, and what goes through an interface.
//!
//! [`walk`] turns what a person named into [`Source`]s in an order that does not depend on the file system;
//! [`Source::open`] reads one in blocks, never memory-mapped, because a file that shrinks under a mapping kills the
//! process. What the operating system decides is in one file per system. Nothing here looks at content.

mod error;
mod follow;
pub mod live;
#[cfg_attr(unix, path = "unix.rs")]
#[cfg_attr(not(unix), path = "windows.rs")]
mod os;
mod source;
pub mod tree;
mod walk;

pub use error::{SourceError, SourceProblem};
pub use follow::{Follow, Grown, Restart};
pub use os::{create_private_folder, is_private, private_file};
pub use source::{BLOCK, Content, Input, Reader, Source, shown};
pub use walk::{Found, Links, Skipped, Walk, walk};

/// Whether a file may never end, whatever its size says: a device or a socket.
pub fn is_device(metadata: &std::fs::Metadata) -> bool {
    matches!(
        os::special(metadata.file_type()),
        Some(SourceProblem::Device | SourceProblem::Socket)
    )
}
