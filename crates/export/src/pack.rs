//! An archive of members that are at hand: for whoever packs what is kept, or hands over several documents as one file.
//! The same members give the same bytes.

use crate::xlsx::zip::Archive;
use std::io::{self, Write};

/// Most that is compressed at once. Bytes.
const PIECE: usize = 1 << 20;

/// A zip file that is being written.
pub struct Pack<'w>(Archive<'w>);

impl std::fmt::Debug for Pack<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pack")
    }
}

impl<'w> Pack<'w> {
    /// An archive that goes to `out`.
    pub fn new(out: &'w mut dyn Write) -> Self {
        Self(Archive::new(out))
    }

    /// Adds a member.
    ///
    /// # Errors
    /// Those of writing, and when the archive grows beyond 4 GB.
    pub fn member(&mut self, name: &str, content: &[u8]) -> io::Result<()> {
        let mut part = self.0.part(name)?;
        for piece in content.chunks(PIECE) {
            part.put_bytes(piece)?;
        }
        part.finish()
    }

    /// The end of the archive.
    ///
    /// # Errors
    /// As above.
    pub fn finish(self) -> io::Result<()> {
        self.0.finish()
    }
}
