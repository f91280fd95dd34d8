//! Lists of files that somebody knows for harmless, by their digests: packed for look-up, tens of millions of them.
//!
//! What is taken in is text with a digest in each line (`list.rs`) or a Bloom filter (`bloom.rs`). Text becomes one sorted
//! file (`packed.rs`), which is searched where it lies; a filter stays what it is. A list says which files it holds; a filter
//! takes some strangers for its own, and that difference is kept to the end ([`Held`]).
//!
//! MD5 is left out everywhere: two files with the same one can be made, a harmless one for the list and another.

mod bloom;
mod list;
mod packed;
mod sort;

use crate::feed::FeedError;
use crate::set::{Backing, SetError};
use std::io::{Read, Write};
use std::path::Path;
use watchfire_model::Digests;

/// How a file is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// Its digest is there.
    Surely,
    /// It looks as if it were there: a filter is wrong for some.
    Probably,
}

/// What was taken in.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Taken {
    /// Different SHA-256.
    pub sha256: u64,
    /// Different SHA-1; of a filter, how many it says it holds.
    pub sha1: u64,
    /// Lines with nothing but an MD5.
    pub md5: u64,
    /// Lines about files that the list itself marks as malicious or special.
    pub marked: u64,
    /// Lines that are nothing of this.
    pub unread: u64,
    /// Of a filter: the share of strangers that it takes for its own, from 0 to 1.
    pub wrong: Option<f64>,
}

/// Takes in a list or a filter; the content says which. `scratch` is a folder for what does not fit into memory.
///
/// # Errors
/// When it is neither, damaged, or says nothing that excuses a file; or when writing fails.
pub fn pack(input: &mut dyn Read, scratch: &Path, out: &mut dyn Write) -> Result<Taken, FeedError> {
    let mut head = Vec::with_capacity(bloom::MARK.len());
    (&mut *input).take(bloom::MARK.len() as u64).read_to_end(&mut head)?;
    let is_filter = head == bloom::MARK;
    let mut whole = head.as_slice().chain(input);
    if is_filter {
        bloom::copy(&mut whole, out)
    } else {
        list::pack(&mut whole, scratch, out)
    }
}

/// One list or filter, ready to be asked.
#[derive(Debug)]
pub struct KnownFiles {
    backing: Backing,
    layout: Layout,
}

#[derive(Debug)]
enum Layout {
    Packed(packed::Layout),
    Filter(bloom::Header),
}

impl KnownFiles {
    /// Reads what a file says about itself.
    ///
    /// # Errors
    /// When it is not what [`pack`] writes, or damaged.
    pub fn open(path: &Path) -> Result<Self, SetError> {
        let unreadable = |error: std::io::Error| SetError::Unreadable(error.to_string());
        Self::of(Backing::open(path).map_err(unreadable)?)
    }

    /// The same for bytes that are elsewhere.
    ///
    /// # Errors
    /// Those of [`KnownFiles::open`].
    pub fn of(backing: Backing) -> Result<Self, SetError> {
        let size = backing
            .size()
            .map_err(|error| SetError::Unreadable(error.to_string()))?;
        let layout = match packed::Layout::read(&backing, size) {
            Some(layout) => Layout::Packed(layout),
            None => Layout::Filter(bloom::Header::stored(&backing, size)?),
        };
        Ok(Self { backing, layout })
    }

    /// How many files it holds, or says it holds.
    pub fn len(&self) -> u64 {
        match &self.layout {
            Layout::Packed(layout) => layout.len(),
            Layout::Filter(header) => header.held(),
        }
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether it is a filter.
    pub fn is_filter(&self) -> bool {
        matches!(self.layout, Layout::Filter(_))
    }

    /// Whether it needs the SHA-1 of a file.
    pub fn needs_sha1(&self) -> bool {
        match &self.layout {
            Layout::Packed(layout) => layout.has_sha1(),
            Layout::Filter(_) => true,
        }
    }

    /// Whether it holds a file with these digests.
    pub fn held(&self, sha256: &[u8; 32], digests: &Digests) -> Option<Held> {
        let by_sha1 = || digests.sha1.as_ref().and_then(|sha1| self.held_sha1(sha1));
        self.held_sha256(sha256).or_else(by_sha1)
    }

    /// Whether it holds a file with this SHA-256.
    pub fn held_sha256(&self, sha256: &[u8; 32]) -> Option<Held> {
        match &self.layout {
            Layout::Packed(layout) => layout.holds_sha256(&self.backing, sha256).then_some(Held::Surely),
            Layout::Filter(_) => None,
        }
    }

    /// Whether it holds a file with this SHA-1.
    pub fn held_sha1(&self, sha1: &[u8; 20]) -> Option<Held> {
        match &self.layout {
            Layout::Packed(layout) => layout.holds_sha1(&self.backing, sha1).then_some(Held::Surely),
            Layout::Filter(header) => header.may_hold(&self.backing, sha1).then_some(Held::Probably),
        }
    }
}

#[cfg(test)]
mod tests;
