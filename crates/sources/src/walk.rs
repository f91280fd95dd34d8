//! From what a person named to what can be read, in a stable order.
//!
//! Below a folder everything is visited, hidden files included, sorted by the bytes of the name. Symbolic links below
//! a folder are not followed unless asked: an evidence folder may hold one that leads to the analyst's own files. When
//! they are followed, every folder is entered once, whatever leads to it, so loops end and cannot multiply.

use crate::source::shown;
use crate::{Input, Source, SourceError, SourceProblem, os};
use std::collections::{HashSet, VecDeque};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use watchfire_model::Untrusted;

/// What to do with symbolic links below a folder. Those that a person names are always followed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Links {
    /// Say that they are there.
    #[default]
    Skip,
    /// Read what they lead to.
    Follow,
}

/// One step of a walk.
#[derive(Clone, Debug)]
pub enum Found {
    /// Something to read.
    Source(Source),
    /// Something left out on purpose; nothing that was asked for is lost.
    Skipped(Skipped),
    /// Something that cannot be read.
    Failed(SourceError),
}

/// What was left out on purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Its path.
    pub name: Untrusted,
    /// Why, in a few words that complete "skipped 'x': …".
    pub reason: &'static str,
}

/// Visits `inputs` in the order given.
pub fn walk(inputs: impl IntoIterator<Item = Input>, links: Links) -> Walk {
    Walk {
        inputs: inputs.into_iter().collect(),
        folders: Vec::new(),
        entered: HashSet::new(),
        links,
    }
}

/// See [`walk`].
#[derive(Debug)]
pub struct Walk {
    inputs: VecDeque<Input>,
    /// What is still to be visited of each open folder, last name first.
    folders: Vec<Vec<PathBuf>>,
    entered: HashSet<os::Identity>,
    links: Links,
}

impl Iterator for Walk {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        loop {
            let found = match self.folders.last_mut() {
                Some(folder) => match folder.pop() {
                    Some(path) => self.below(path),
                    None => {
                        self.folders.pop();
                        continue;
                    }
                },
                None => match self.inputs.pop_front()? {
                    Input::Stdin => Some(Found::Source(Source::stdin())),
                    Input::Path(path) => {
                        self.entered.clear();
                        self.named(path)
                    }
                },
            };
            if found.is_some() {
                return found;
            }
        }
    }
}

impl Walk {
    /// A path that a person named: links are followed, a pipe is read.
    fn named(&mut self, path: PathBuf) -> Option<Found> {
        match fs::metadata(&path) {
            Err(error) => Some(failed(&path, &error)),
            Ok(metadata) if metadata.is_dir() => self.enter(&path, &metadata),
            Ok(metadata) => Some(match os::special(metadata.file_type()) {
                Some(SourceProblem::Fifo) => Found::Source(Source::file(path, None)),
                Some(problem) => refused(&path, problem),
                None => Found::Source(Source::file(path, Some(metadata.len()))),
            }),
        }
    }

    /// A path met below a folder.
    fn below(&mut self, path: PathBuf) -> Option<Found> {
        let metadata = match fs::symlink_metadata(&path) {
            Ok(metadata) if metadata.is_symlink() && self.links == Links::Skip => {
                return Some(skipped(&path, "it is a symbolic link"));
            }
            Ok(metadata) if metadata.is_symlink() => match fs::metadata(&path) {
                Ok(metadata) => metadata,
                Err(error) => return Some(failed(&path, &error)),
            },
            Ok(metadata) => metadata,
            Err(error) => return Some(failed(&path, &error)),
        };
        if metadata.is_dir() {
            return self.enter(&path, &metadata);
        }
        Some(match os::special(metadata.file_type()) {
            Some(problem) => refused(&path, problem),
            None => Found::Source(Source::file(path, Some(metadata.len()))),
        })
    }

    /// Lists a folder; its content comes next.
    fn enter(&mut self, path: &Path, metadata: &fs::Metadata) -> Option<Found> {
        if let Some(identity) = os::identity(path, metadata)
            && !self.entered.insert(identity)
        {
            return Some(skipped(path, "the folder it leads to was read already"));
        }
        let mut names = Vec::new();
        let listed = fs::read_dir(path).and_then(|entries| {
            for entry in entries {
                names.push(entry?.path());
            }
            Ok(())
        });
        names.sort_unstable_by(|a, b| b.file_name().cmp(&a.file_name()));
        self.folders.push(names);
        // What could be listed before the error is still visited.
        listed.err().map(|error| failed(path, &error))
    }
}

fn failed(path: &Path, error: &io::Error) -> Found {
    Found::Failed(SourceError::from_io(&shown(path), error))
}

fn refused(path: &Path, problem: SourceProblem) -> Found {
    Found::Failed(SourceError {
        name: shown(path),
        problem,
    })
}

fn skipped(path: &Path, reason: &'static str) -> Found {
    Found::Skipped(Skipped {
        name: shown(path),
        reason,
    })
}
