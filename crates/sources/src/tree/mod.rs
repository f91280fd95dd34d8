//! Whole file trees: in parallel, in no order, in bounded memory, and at the speed of the tools that list names.
//!
//! [`walk`](crate::walk) gives a stable order for evidence that a person names; this is for disks. A folder is listed
//! once; its files are handed over by turns, so that several threads share even one huge folder. What is left out and
//! what failed is told to the visitor one by one, with its reason: nothing is passed over in silence. Absent: any look
//! at content, and order.

mod attributes;
#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "portable.rs")]
mod folder;
mod mounts;
mod work;

pub use attributes::Attributes;
pub use mounts::{Mount, MountKind, Mounts};

use crate::{Links, SourceProblem};
use folder::{Buffer, Folder, Names};
use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use work::Work;

/// What a name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// A pipe, a socket or a device.
    Special,
}

/// What the file system says of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// What it is.
    pub kind: Kind,
    /// Bytes.
    pub size: u64,
    /// When it was last written, in seconds since 1970.
    pub modified: i64,
    /// Permissions with the bits for other users' rights (`0o7777`), where the system has them.
    pub mode: Option<u32>,
    /// The owner's number, where the system has one.
    pub owner: Option<u32>,
    /// When anything about it was last changed, in nanoseconds since 1970, where the system knows: nobody can set this.
    pub changed: Option<i64>,
    /// The number of its file system and its own there, where the system has them.
    pub identity: Option<(u64, u64)>,
}

/// Where to go and where not to.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// What to do with symbolic links below a root.
    pub links: Links,
    /// How deep to go: what lies in a root has depth 1. No bound where it is missing.
    pub deepest: Option<usize>,
    /// What is mounted where. A file system that is met below a root and is not one of this computer's own disks is left
    /// out; without a list of mounts all are entered.
    pub mounts: Option<Arc<Mounts>>,
    /// Whether to stay on the file system of the root.
    pub one_file_system: bool,
}

/// Why something was not visited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Left {
    /// A symbolic link, and links are not followed.
    Link,
    /// A pipe, a socket or a device.
    Special,
    /// A folder that was visited already: a loop, or mounted twice.
    Again,
    /// Another file system, and why it is not entered.
    Mount(MountKind),
    /// Another file system, where one was asked for.
    Foreign,
    /// It was to be left out.
    Asked,
    /// The system refused.
    Failed(SourceProblem),
}

impl Left {
    /// In words that complete "left out: …".
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Link => "symbolic link",
            Self::Special => "pipe, socket or device",
            Self::Again => "folder that was searched already",
            Self::Mount(kind) => kind.as_str(),
            Self::Foreign => "another file system",
            Self::Asked => "as asked",
            Self::Failed(_) => "could not be read",
        }
    }
}

/// Who is told what the walk finds. Each thread has one of its own.
pub trait Visitor: Send {
    /// A file.
    fn file(&mut self, file: &Entry<'_>);
    /// Something that is not visited, and why.
    fn left(&mut self, path: &Path, why: Left);
    /// Whether a folder below a root is entered: asked before it is listed.
    fn enters(&mut self, folder: &Path) -> bool {
        let _ = folder;
        true
    }
    /// Whether to go on: asked before each folder.
    fn goes_on(&self) -> bool {
        true
    }
}

/// A file that was met.
#[derive(Debug)]
pub struct Entry<'a> {
    handle: &'a Folder,
    folder: &'a Path,
    name: &'a OsStr,
    depth: usize,
    follow: bool,
}

impl Entry<'_> {
    /// Its name.
    pub fn name(&self) -> &OsStr {
        self.name
    }

    /// The folder it lies in, below the root as that was named.
    pub fn folder(&self) -> &Path {
        self.folder
    }

    /// How deep below its root it lies; a root has depth 0.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// Its path.
    pub fn path(&self) -> PathBuf {
        self.folder.join(self.name)
    }

    /// Opens it. A pipe that took its place does not make the caller wait.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn open(&self) -> io::Result<File> {
        self.handle.open_file(self.name, self.follow)
    }

    /// What the file system says of it.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn status(&self) -> io::Result<Status> {
        self.handle.status(self.name, self.follow)
    }

    /// What is stored beside its bytes; nothing where that cannot be told.
    pub fn attributes(&self) -> Attributes {
        let mut attributes = Attributes::default();
        if let Ok(file) = self.open() {
            folder::attributes(&file, &mut attributes);
        }
        if attributes.downloaded.is_none() {
            let mut name = self.name.to_owned();
            name.push(":");
            name.push(attributes::ZONE);
            if let Ok(mark) = self.handle.open_file(&name, false) {
                attributes.beside(mark);
            }
        }
        attributes
    }
}

/// Visits everything below `roots` with so many threads, each with a visitor of its own, which come back in no order.
pub fn visit<V: Visitor>(roots: &[PathBuf], rules: &Rules, threads: usize, visitor: impl Fn() -> V + Sync) -> Vec<V> {
    let work = Work::new(roots.iter().rev().map(|root| Task::Root(root.clone())).collect());
    let entered = Mutex::new(HashSet::new());
    let one = || {
        let mut walker = Walker {
            rules,
            entered: &entered,
            buffer: Buffer::default(),
            visitor: visitor(),
        };
        work.join(|task, found| walker.work(task, found));
        walker.visitor
    };
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads.max(1)).map(|_| scope.spawn(one)).collect();
        let mut visitors = vec![one()];
        // A visitor that panicked is lost with what it knew; the others are not.
        visitors.extend(others.into_iter().filter_map(|other| other.join().ok()));
        visitors
    })
}

/// Something to do.
enum Task {
    /// What a person named.
    Root(PathBuf),
    /// A folder that was met.
    Folder(Below),
    /// Files of an open folder.
    Files(Files),
}

/// A folder that was met on the way.
struct Below {
    path: PathBuf,
    depth: usize,
    /// The device of the folder around it; none for a root.
    device: Option<u64>,
    follow: bool,
}

/// Files of an open folder.
struct Files {
    handle: Arc<Folder>,
    folder: Arc<Path>,
    depth: usize,
    names: Names,
}

/// One thread's part.
struct Walker<'a, V> {
    rules: &'a Rules,
    entered: &'a Mutex<HashSet<(u64, u64)>>,
    buffer: Buffer,
    visitor: V,
}

impl<V: Visitor> Walker<'_, V> {
    fn work(&mut self, task: Task, found: &mut Vec<Task>) {
        match task {
            Task::Root(path) => self.root(path, found),
            Task::Folder(below) if self.visitor.goes_on() => self.folder(&below, found),
            Task::Folder(_) => {}
            Task::Files(files) => self.files(&files),
        }
    }

    /// A path that a person named: links are followed.
    fn root(&mut self, path: PathBuf, found: &mut Vec<Task>) {
        match std::fs::metadata(&path) {
            Err(error) => self.failed(&path, &error),
            Ok(metadata) if metadata.is_dir() => found.push(Task::Folder(Below {
                path,
                depth: 0,
                device: None,
                follow: true,
            })),
            Ok(metadata) if !metadata.is_file() => self.visitor.left(&path, Left::Special),
            Ok(_) => {
                let (folder, name) = (path.parent().unwrap_or(Path::new("")), path.file_name());
                let Some(name) = name else { return };
                match Folder::around(folder) {
                    Ok(handle) => self.visitor.file(&Entry {
                        handle: &handle,
                        folder,
                        name,
                        depth: 0,
                        follow: true,
                    }),
                    Err(error) => self.failed(&path, &error),
                }
            }
        }
    }

    fn failed(&mut self, path: &Path, error: &io::Error) {
        self.visitor.left(path, Left::Failed(SourceProblem::from_io(error)));
    }

    /// Lists a folder: what lies in it comes next, its files before its folders.
    fn folder(&mut self, below: &Below, found: &mut Vec<Task>) {
        let opened = Folder::open(&below.path, below.follow).and_then(|handle| Ok((handle.identity()?, handle)));
        let (identity, handle) = match opened {
            Ok(opened) => opened,
            Err(error) => return self.failed(&below.path, &error),
        };
        if let Some(why) = self.refuses(below, identity) {
            return self.visitor.left(&below.path, why);
        }
        if !self.visitor.enters(&below.path) {
            return self.visitor.left(&below.path, Left::Asked);
        }
        let depth = below.depth + 1;
        if self.rules.deepest.is_some_and(|deepest| depth > deepest) {
            return;
        }
        let mut listing = Listing {
            handle: Arc::new(handle),
            folder: below.path.as_path().into(),
            depth,
            device: identity.0,
            files: Vec::new(),
            names: Names::default(),
        };
        let mut buffer = std::mem::take(&mut self.buffer);
        let handle = listing.handle.clone();
        let listed = handle.list(&mut buffer, |name, kind| match kind {
            Kind::File => listing.file(name),
            Kind::Folder => found.push(Task::Folder(listing.below(name, false))),
            Kind::Special => self.visitor.left(&listing.folder.join(name), Left::Special),
            Kind::Link => self.link(&listing, name, found),
        });
        self.buffer = buffer;
        // What could be listed before an error is still visited.
        if let Err(error) = listed {
            self.failed(&below.path, &error);
        }
        listing.close();
        found.extend(listing.files.into_iter().map(Task::Files));
    }

    /// Why a folder is not entered, if it is not.
    fn refuses(&self, below: &Below, identity: (u64, u64)) -> Option<Left> {
        if below.device.is_some_and(|around| around != identity.0) {
            if self.rules.one_file_system {
                return Some(Left::Foreign);
            }
            let kind = self.rules.mounts.as_ref().and_then(|mounts| mounts.kind(identity.0));
            if let Some(kind) = kind.filter(|kind| *kind != MountKind::Disk) {
                return Some(Left::Mount(kind));
            }
        }
        let mut entered = self.entered.lock().unwrap_or_else(PoisonError::into_inner);
        (!entered.insert(identity)).then_some(Left::Again)
    }

    /// A symbolic link below a root.
    fn link(&mut self, listing: &Listing, name: &OsStr, found: &mut Vec<Task>) {
        let path = || listing.folder.join(name);
        if self.rules.links == Links::Skip {
            return self.visitor.left(&path(), Left::Link);
        }
        match listing.handle.status(name, true).map(|status| status.kind) {
            Err(error) => self.failed(&path(), &error),
            Ok(Kind::Folder) => found.push(Task::Folder(listing.below(name, true))),
            Ok(Kind::File) => self.visitor.file(&Entry {
                handle: &listing.handle,
                folder: &listing.folder,
                name,
                depth: listing.depth,
                follow: true,
            }),
            Ok(Kind::Link | Kind::Special) => self.visitor.left(&path(), Left::Special),
        }
    }

    fn files(&mut self, files: &Files) {
        for name in files.names.iter() {
            self.visitor.file(&Entry {
                handle: &files.handle,
                folder: &files.folder,
                name,
                depth: files.depth,
                follow: false,
            });
        }
    }
}

/// A folder that is being listed.
struct Listing {
    handle: Arc<Folder>,
    folder: Arc<Path>,
    depth: usize,
    device: u64,
    files: Vec<Files>,
    names: Names,
}

impl Listing {
    fn below(&self, name: &OsStr, follow: bool) -> Below {
        Below {
            path: self.folder.join(name),
            depth: self.depth,
            device: Some(self.device),
            follow,
        }
    }

    fn file(&mut self, name: &OsStr) {
        self.names.push(name);
        if self.names.is_full() {
            self.close();
        }
    }

    /// What was collected so far becomes a task.
    fn close(&mut self) {
        self.files.push(Files {
            handle: self.handle.clone(),
            folder: self.folder.clone(),
            depth: self.depth,
            names: std::mem::take(&mut self.names),
        });
    }
}
