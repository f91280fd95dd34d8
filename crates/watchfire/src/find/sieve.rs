//! Which files of a disk are meant, by everything that may be asked of them: what a list and what a judged search share.

use super::Search;
use super::content::{Content, Look};
use super::exclude::Excluded;
use super::filter::Filter;
use crate::Problem;
use std::io;
use std::path::Path;
use watchfire_model::Moment;
use watchfire_sources::tree::Entry;

/// See the module.
#[derive(Debug)]
pub(super) struct Sieve {
    excluded: Option<Excluded>,
    filter: Filter,
    content: Option<Content>,
}

impl Sieve {
    /// What `search` asks for, of files of these kinds.
    pub(super) fn new(search: &Search, content: Option<Content>, as_of: Moment) -> Result<Self, Problem> {
        Ok(Self {
            excluded: Excluded::new(&search.excluded, search.heeds_ignore_files)?,
            filter: Filter::new(&search.wanted, as_of)?,
            content,
        })
    }

    /// Whether a folder is to be left out.
    pub(super) fn leaves_folder(&self, folder: &Path) -> bool {
        self.excluded
            .as_ref()
            .is_some_and(|excluded| excluded.leaves_folder(folder))
    }

    /// Whether a file is to be left out.
    pub(super) fn leaves_file(&self, file: &Entry<'_>) -> bool {
        self.excluded
            .as_ref()
            .is_some_and(|excluded| excluded.leaves_file(&file.path()))
    }

    /// Whether a file is meant by its name and by what the file system says.
    pub(super) fn means(&self, file: &Entry<'_>) -> io::Result<bool> {
        self.filter.means(file)
    }

    /// What the content of a file says, where that is asked for; `head` is room for its beginning.
    pub(super) fn look(&self, file: &Entry<'_>, head: &mut [u8]) -> io::Result<Look> {
        match &self.content {
            Some(content) => content.look(file, head),
            None => Ok(Look::Unasked),
        }
    }
}
