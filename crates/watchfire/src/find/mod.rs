//! Files on disks: which are meant, and their paths.

mod content;
mod exclude;
mod filter;
mod judge;
mod kept;
mod place;
mod resume;
mod sieve;

pub use filter::Wanted;
pub(crate) use filter::size;

use crate::{Problem, Progress, Watchfire};
use content::{Content, Look};
use sieve::Sieve;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use watchfire_formats::identify::runnable::{GLANCE, Runnable};
use watchfire_sources::tree::{Entry, Left, Mounts, Rules, Visitor, visit};
use watchfire_sources::{Links, Skipped, SourceError, SourceProblem, shown};

/// Where to search, and for what.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// Files and folders.
    pub roots: Vec<PathBuf>,
    /// Every disk of this computer besides.
    pub all_drives: bool,
    /// What to do with symbolic links below a root.
    pub links: Links,
    /// How deep to go; what lies in a root has depth 1.
    pub deepest: Option<usize>,
    /// Whether to stay on the file system of each root.
    pub one_file_system: bool,
    /// Which files are meant.
    pub wanted: Wanted,
    /// Only what can act, told by content: these kinds of it, or [`EVERY_KIND`].
    pub kinds: Vec<String>,
    /// What is left out: names, and paths where there is a slash in the pattern.
    pub excluded: Vec<String>,
    /// Whether ignore files below the roots are heeded.
    pub heeds_ignore_files: bool,
    /// Whether archives are passed over that act by nothing of their own.
    pub without_archives: bool,
    /// Whether what is judged is remembered, and what was judged before and has not changed is not read again.
    pub resume: bool,
}

impl Search {
    /// Where it begins, and by which rules it goes on. Drives that are left out are told to `progress`.
    fn way(&self, progress: &dyn Progress) -> Result<(Vec<PathBuf>, Rules), Problem> {
        let mounts = Arc::new(Mounts::of_system());
        let mut roots = self.roots.clone();
        if self.all_drives {
            let (drives, others) = mounts.drives();
            roots.extend(drives);
            for other in others {
                progress.skipped(&Skipped {
                    name: shown(&other.path),
                    reason: other.kind.as_str(),
                });
            }
        }
        if roots.is_empty() {
            return Err(Problem::new("there is nowhere to search").hint("name folders, or pass --all-drives"));
        }
        let rules = Rules {
            links: self.links,
            deepest: self.deepest,
            mounts: Some(mounts),
            one_file_system: self.one_file_system,
        };
        Ok((roots, rules))
    }
}

/// Every kind of what can act.
pub const EVERY_KIND: &str = "any";

/// How paths are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lines {
    /// The kind, a tab and the path, escaped. A file whose content was not asked for is of kind `-`.
    Long,
    /// As they are, each ended by a line end. For a pipe.
    Plain,
    /// As they are, each ended by a zero: no name can hold one.
    Zero,
    /// Escaped, for eyes.
    Shown,
}

/// What a search for paths came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Searched {
    /// Files that were meant.
    pub found: u64,
    /// What was met, unclear, left out and failed. Nothing was judged.
    pub met: watchfire_model::Search,
}

impl Searched {
    /// Both together.
    #[must_use]
    fn with(mut self, other: Self) -> Self {
        self.found += other.found;
        self.met.merge(other.met);
        self
    }
}

/// Bytes of paths that are handed on together.
const BATCH: usize = 32 << 10;
/// Batches that wait to be written.
const WAITING: usize = 64;

impl Watchfire {
    /// Hands the path of every file that is meant to `write`, in no order. When writing fails, the search ends.
    ///
    /// # Errors
    /// When there is nowhere to search or what is wanted makes no sense; inside, what `write` said.
    pub fn list_files(
        &self,
        search: &Search,
        lines: Lines,
        progress: &dyn Progress,
        mut write: impl FnMut(&[u8]) -> io::Result<()>,
    ) -> Result<io::Result<Searched>, Problem> {
        let sieve = Sieve::new(search, Content::new(&search.kinds)?, self.checked.as_of)?;
        let (roots, rules) = search.way(progress)?;
        let over = AtomicBool::new(false);
        let (sender, receiver) = sync_channel(WAITING);
        let lister = |sender: SyncSender<Vec<u8>>| Lister {
            sieve: &sieve,
            head: [0; GLANCE],
            lines,
            progress,
            over: &over,
            sender,
            paths: Vec::new(),
            searched: Searched::default(),
        };
        Ok(std::thread::scope(|scope| {
            let (over, rules, roots, threads) = (&over, &rules, &roots, self.checked.threads);
            let searching = scope.spawn(move || {
                // Each thread has a sender of its own; when all are gone, so is the last path.
                let visitors = visit(roots, rules, threads, || lister(sender.clone()));
                visitors
                    .into_iter()
                    .map(Lister::finish)
                    .fold(Searched::default(), Searched::with)
            });
            let mut written = Ok(());
            for paths in receiver {
                if written.is_ok() {
                    written = write(&paths);
                    over.store(written.is_err(), Ordering::Relaxed);
                }
            }
            written?;
            searching
                .join()
                .map_err(|_| io::Error::other("the search failed; please report it"))
        }))
    }
}

/// One thread of a search.
struct Lister<'s> {
    sieve: &'s Sieve,
    head: [u8; GLANCE],
    lines: Lines,
    progress: &'s dyn Progress,
    /// Whether nobody wants to know any more.
    over: &'s AtomicBool,
    sender: SyncSender<Vec<u8>>,
    paths: Vec<u8>,
    searched: Searched,
}

impl Lister<'_> {
    fn flush(&mut self) {
        if !self.paths.is_empty() {
            // Without a receiver the search is over.
            let _ = self.sender.send(std::mem::take(&mut self.paths));
        }
    }

    fn finish(mut self) -> Searched {
        self.flush();
        self.searched
    }

    fn failed(&mut self, path: &Path, problem: SourceProblem) {
        self.searched.met.failed += 1;
        self.progress.failed(&SourceError {
            name: shown(path),
            problem,
        });
    }
}

impl Visitor for Lister<'_> {
    fn file(&mut self, file: &Entry<'_>) {
        if self.sieve.leaves_file(file) {
            return self.left(&file.path(), Left::Asked);
        }
        self.searched.met.files += 1;
        let met = self.sieve.means(file).and_then(|is_meant| match is_meant {
            true => self.sieve.look(file, &mut self.head),
            false => Ok(Look::Other),
        });
        let kind = match met {
            Ok(Look::Unasked) => None,
            Ok(Look::Is(kind)) => kind,
            Ok(Look::Other) => return,
            Ok(Look::Unclear) => {
                self.searched.met.unclear += 1;
                return self.progress.note(&too_long(&file.path()));
            }
            Err(error) => return self.failed(&file.path(), SourceProblem::from_io(&error)),
        };
        self.searched.found += 1;
        write_path(&mut self.paths, file, kind, self.lines);
        if self.paths.len() >= BATCH {
            self.flush();
        }
    }

    fn left(&mut self, path: &Path, why: Left) {
        let reason = why.as_str();
        if let Left::Failed(problem) = why {
            return self.failed(path, problem);
        }
        *self.searched.met.left.entry(reason).or_default() += 1;
    }

    fn enters(&mut self, folder: &Path) -> bool {
        !self.sieve.leaves_folder(folder)
    }

    fn goes_on(&self) -> bool {
        !self.over.load(Ordering::Relaxed)
    }
}

/// What is said of a container that is too long to say what is in it.
fn too_long(path: &Path) -> String {
    format!("'{}' is too long to say what is in it", shown(path))
}

fn write_path(out: &mut Vec<u8>, file: &Entry<'_>, kind: Option<Runnable>, lines: Lines) {
    if lines == Lines::Long {
        out.extend_from_slice(kind.map_or("-", Runnable::as_str).as_bytes());
        out.push(b'\t');
    }
    if matches!(lines, Lines::Shown | Lines::Long) {
        out.extend_from_slice(shown(&file.path()).to_string().as_bytes());
    } else {
        let folder = file.folder().as_os_str().as_encoded_bytes();
        out.extend_from_slice(folder);
        if !folder.is_empty() && !folder.ends_with(b"/") {
            out.push(b'/');
        }
        out.extend_from_slice(file.name().as_encoded_bytes());
    }
    out.push(if lines == Lines::Zero { 0 } else { b'\n' });
}
