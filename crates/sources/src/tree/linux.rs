//! Folders by the system calls of Linux: a folder is opened once, listed in blocks, and its files are opened by name
//! below it. So a path as long as one likes can be read, and nobody can move a folder away in between.

use super::attributes::CAPABILITY;
use super::{Attributes, Kind, Status};
use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, RawDir, Stat, fgetxattr, flistxattr, fstat, openat, statat};
use rustix::io::Errno;
use std::ffi::{CStr, OsStr};
use std::fs::File;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// Bytes of one listing.
const LISTING: usize = 64 << 10;
/// What the system takes in one path, with room for the byte that ends it.
const LONGEST_PATH: usize = 4000;

/// Where a listing is put.
pub(super) struct Buffer(Vec<MaybeUninit<u8>>);

impl Default for Buffer {
    fn default() -> Self {
        Self(vec![MaybeUninit::uninit(); LISTING])
    }
}

/// Names, one after another, each ended by a zero.
#[derive(Default)]
pub(super) struct Names(Vec<u8>);

impl Names {
    /// Bytes that are handed over together.
    const BATCH: usize = 16 << 10;

    pub(super) fn push(&mut self, name: &OsStr) {
        self.0.extend_from_slice(name.as_bytes());
        self.0.push(0);
    }

    pub(super) fn is_full(&self) -> bool {
        self.0.len() >= Self::BATCH
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &OsStr> {
        let names = self.0.split(|byte| *byte == 0);
        names.filter(|name| !name.is_empty()).map(OsStr::from_bytes)
    }
}

/// An open folder.
#[derive(Debug)]
pub(super) struct Folder {
    handle: OwnedFd,
    /// Whether the system lets us read without leaving a trace in the time of last access.
    traceless: AtomicBool,
}

impl Folder {
    /// Opens a folder. The last part of its path may be a link only where `follow` says so.
    pub(super) fn open(path: &Path, follow: bool) -> io::Result<Self> {
        let mut flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        if !follow {
            flags |= OFlags::NOFOLLOW;
        }
        let handle = match openat(CWD, path, flags, Mode::empty()) {
            Err(Errno::NAMETOOLONG) => open_in_steps(path, flags)?,
            handle => handle?,
        };
        Ok(Self {
            handle,
            traceless: AtomicBool::new(true),
        })
    }

    /// Opens the folder in which a named file lies, for nothing but that file.
    pub(super) fn around(path: &Path) -> io::Result<Self> {
        let path = if path.as_os_str().is_empty() {
            Path::new(".")
        } else {
            path
        };
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(Self {
            handle: openat(CWD, path, flags, Mode::empty())?,
            traceless: AtomicBool::new(true),
        })
    }

    /// Device and number.
    pub(super) fn identity(&self) -> io::Result<(u64, u64)> {
        let status = fstat(&self.handle)?;
        Ok((status.st_dev, status.st_ino))
    }

    /// Hands over every name and what it is; nothing is asked about files whose folder says it.
    pub(super) fn list(&self, buffer: &mut Buffer, mut each: impl FnMut(&OsStr, Kind)) -> io::Result<()> {
        let mut entries = RawDir::new(&self.handle, &mut buffer.0);
        while let Some(entry) = entries.next() {
            let entry = entry?;
            let name = entry.file_name();
            if matches!(name.to_bytes(), b"." | b"..") {
                continue;
            }
            let kind = match entry.file_type() {
                FileType::Unknown => self.kind_of(name),
                known => kind(known),
            };
            each(OsStr::from_bytes(name.to_bytes()), kind);
        }
        Ok(())
    }

    /// Some file systems do not say in the listing what a name is. What cannot be asked about is handed on as a file, so
    /// that opening it says why.
    fn kind_of(&self, name: &CStr) -> Kind {
        statat(&self.handle, name, AtFlags::SYMLINK_NOFOLLOW)
            .map_or(Kind::File, |status| kind(FileType::from_raw_mode(status.st_mode)))
    }

    /// Opens a file in it: without waiting, should it be a pipe by now, and where the system allows it without a trace in
    /// the time of last access, which is evidence.
    pub(super) fn open_file(&self, name: &OsStr, follow: bool) -> io::Result<File> {
        let mut flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
        if !follow {
            flags |= OFlags::NOFOLLOW;
        }
        if self.traceless.load(Ordering::Relaxed) {
            match openat(&self.handle, name, flags | OFlags::NOATIME, Mode::empty()) {
                // Only a file's owner may: those of one folder nearly always have the same.
                Err(Errno::PERM) => self.traceless.store(false, Ordering::Relaxed),
                opened => return Ok(opened?.into()),
            }
        }
        Ok(openat(&self.handle, name, flags, Mode::empty())?.into())
    }

    /// What the file system says of a name in it.
    pub(super) fn status(&self, name: &OsStr, follow: bool) -> io::Result<Status> {
        let flags = if follow {
            AtFlags::empty()
        } else {
            AtFlags::SYMLINK_NOFOLLOW
        };
        Ok(status(&statat(&self.handle, name, flags)?))
    }
}

/// Bytes of the names of a file's attributes, and of one of them, that the system gives out.
const ATTRIBUTES: usize = 64 << 10;

/// Hands over the extended attributes of a file. File systems without any are many.
pub(super) fn attributes(file: &File, attributes: &mut Attributes) {
    // Most files have none; a list that does not fit in little is asked for again.
    let mut few = [0; 512];
    let mut many = Vec::new();
    let names = match flistxattr(file, &mut few[..]) {
        Ok(length) => few.get(..length),
        Err(Errno::RANGE) => {
            many.resize(ATTRIBUTES, 0);
            flistxattr(file, &mut many[..])
                .ok()
                .and_then(|length| many.get(..length))
        }
        Err(_) => None,
    };
    for name in names.unwrap_or_default().split(|byte| *byte == 0) {
        if !name.starts_with(b"user.") && name != CAPABILITY {
            continue;
        }
        let mut value = vec![0; ATTRIBUTES];
        if let Ok(length) = fgetxattr(file, name, &mut value[..]) {
            attributes.take(name, length as u64, value.get(..length).unwrap_or_default());
        }
    }
}

/// Opens a path that is longer than the system takes at once.
fn open_in_steps(path: &Path, last: OFlags) -> io::Result<OwnedFd> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let mut rest = path.as_os_str().as_bytes();
    let start: &[u8] = if rest.starts_with(b"/") { b"/" } else { b"." };
    let mut at = openat(CWD, start, flags, Mode::empty())?;
    loop {
        rest = without_slashes(rest);
        if rest.len() <= LONGEST_PATH {
            return Ok(openat(&at, rest, last, Mode::empty())?);
        }
        let head = rest.get(..LONGEST_PATH).unwrap_or(rest);
        let Some(cut) = head.iter().rposition(|byte| *byte == b'/') else {
            return Err(Errno::NAMETOOLONG.into());
        };
        let (step, after) = rest.split_at(cut);
        at = openat(&at, step, flags, Mode::empty())?;
        rest = after;
    }
}

/// Slashes at the start of what is left of a path would make it begin at the root.
fn without_slashes(path: &[u8]) -> &[u8] {
    let slashes = path.iter().take_while(|byte| **byte == b'/').count();
    path.get(slashes..).unwrap_or_default()
}

fn kind(kind: FileType) -> Kind {
    match kind {
        FileType::RegularFile => Kind::File,
        FileType::Directory => Kind::Folder,
        FileType::Symlink => Kind::Link,
        _ => Kind::Special,
    }
}

fn status(status: &Stat) -> Status {
    Status {
        kind: kind(FileType::from_raw_mode(status.st_mode)),
        size: u64::try_from(status.st_size).unwrap_or(0),
        modified: status.st_mtime,
        mode: Some(status.st_mode & 0o7777),
        owner: Some(status.st_uid),
        changed: Some(
            status
                .st_ctime
                .saturating_mul(1_000_000_000)
                .saturating_add_unsigned(status.st_ctime_nsec),
        ),
        identity: Some((status.st_dev, status.st_ino)),
    }
}
