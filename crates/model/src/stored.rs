//! Where a file lay when it was found, and what its file system said of it.

use crate::{Capabilities, Moment, Untrusted};
use serde::Serialize;

/// How a file was stored. Only searches of disks tell it: a file that somebody hands in has a name, and no place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Stored {
    /// Where it lies on its own system, with `/` between the parts: `/usr/bin/ssh`, `/Windows/System32/version.dll`. A
    /// drive's letter is left out. Where no system was recognised around it, its path below the folder that was searched.
    pub path: Untrusted,
    /// Whether `path` begins at the root of a system, so that `/tmp` is the folder for temporary files and not any folder
    /// of that name.
    pub in_system: bool,
    /// Permissions with the bits for other users' rights (`0o7777`), where the system has them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<u32>,
    /// The owner's number, where the system has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<u32>,
    /// What of root's rights it gives to whoever runs it, on Linux.
    pub capabilities: Capabilities,
    /// When it was last written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modified: Option<Moment>,
    /// What else is stored under its name: alternate data streams of NTFS, where the system shows them.
    pub streams: Vec<Stream>,
    /// Where it was loaded from, if it says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub downloaded: Option<Downloaded>,
}

impl Stored {
    /// Its permissions for everybody, of `0o7`; nothing where the system has none.
    pub fn for_everybody(&self) -> Option<u32> {
        self.mode.map(|mode| mode & 0o7)
    }
}

/// A further stream of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Stream {
    /// Its name.
    pub name: Untrusted,
    /// Bytes.
    pub size: u64,
    /// Whether it begins as something that can be run does.
    pub runs: bool,
}

/// The mark that browsers and mail programs put on what they store (Microsoft, [MS-FSCC] 5.6.1 `Zone.Identifier`;
/// freedesktop.org `user.xdg.origin.url`; Apple `com.apple.quarantine`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Downloaded {
    /// The zone of Windows: 3 is the internet, 4 are sites that are not trusted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<u8>,
    /// Where it was loaded from.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub url: Untrusted,
    /// The page that led there.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub referrer: Untrusted,
}
