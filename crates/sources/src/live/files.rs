//! A capture kept in files that are written in turn, so that a disk never fills: the newest so many bytes of it.
//!
//! Each file is a capture of its own, with its section and its interfaces. All of them are opened at once, before any
//! rights are given away, and no file that exists is written over: evidence of an earlier run stays, and nobody can put a
//! link in the way of a process of root. Files that were not needed are removed at the end, where that is still allowed;
//! otherwise they are captures without frames.

use super::Account;
use super::pcapng;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Files and all that they hold.
#[derive(Debug)]
pub struct RingFiles {
    files: Vec<(PathBuf, File)>,
    /// Bytes that each may have.
    size: u64,
    /// Which one is written.
    current: usize,
    /// Bytes in it.
    written: u64,
    /// Files that were begun, those that were written over among them.
    begun: u64,
    /// The section and its interfaces: how each file begins.
    head: Vec<u8>,
    /// Whether the current one has frames.
    has_frames: bool,
    problem: Option<io::Error>,
}

impl RingFiles {
    /// Files of one ring.
    pub const MOST: usize = 500;
    /// Bytes that a file needs to have at least: some of the longest frames.
    pub const SMALLEST: u64 = 1_000_000;

    /// Makes `count` files of `size` bytes each. `traffic.pcapng` stands for `traffic-001.pcapng` and so on; one file alone
    /// has the name as it is. They will belong to `owner`, if there is one and this process is root's.
    ///
    /// # Errors
    /// With the path: when a file exists already or cannot be made, and when size or number make no sense.
    pub fn create(path: &Path, size: u64, count: usize, owner: Option<&Account>) -> Result<Self, (PathBuf, io::Error)> {
        let senseless = |why: &str| (path.to_owned(), io::Error::new(io::ErrorKind::InvalidInput, why));
        if !(1..=Self::MOST).contains(&count) {
            return Err(senseless("there can be 1 to 500 files"));
        }
        if size < Self::SMALLEST {
            return Err(senseless("a file needs 1 MB at least"));
        }
        let mut ring = Self {
            files: Vec::with_capacity(count),
            size,
            current: 0,
            written: 0,
            begun: 0,
            head: Vec::new(),
            has_frames: false,
            problem: None,
        };
        for number in 1..=count {
            let path = if count == 1 {
                path.to_owned()
            } else {
                numbered(path, number)
            };
            match new_file(&path, owner) {
                Ok(file) => ring.files.push((path, file)),
                Err(error) => {
                    ring.remove_unused();
                    return Err((path, error));
                }
            }
        }
        Ok(ring)
    }

    /// The paths of those that were written, the oldest first.
    pub fn written(&self) -> Vec<&Path> {
        let used = usize::try_from(self.begun).unwrap_or(usize::MAX).min(self.files.len());
        let oldest = if used < self.files.len() { 0 } else { self.current + 1 };
        let in_turn = self.files.iter().cycle().skip(oldest).take(used);
        in_turn.map(|(path, _)| path.as_path()).collect()
    }

    /// What went wrong with writing. From then on nothing is written any more.
    pub fn problem(&self) -> Option<&io::Error> {
        self.problem.as_ref()
    }

    /// Writes whole blocks of pcapng.
    pub fn write(&mut self, blocks: &[u8]) {
        if self.problem.is_none()
            && let Err(error) = self.try_write(blocks)
        {
            self.problem = Some(error);
        }
    }

    fn try_write(&mut self, blocks: &[u8]) -> io::Result<()> {
        // What goes to the same file is written at once.
        let mut rest = blocks;
        let mut together = 0;
        for (kind, block) in pcapng::blocks(blocks) {
            let is_head = matches!(kind, pcapng::SECTION | pcapng::INTERFACE);
            if kind == pcapng::SECTION {
                self.head.clear();
            }
            if is_head {
                self.head.extend_from_slice(block);
            }
            let length = block.len() as u64;
            let is_full = kind == pcapng::PACKET
                && self.has_frames
                && self.written.saturating_add(together as u64).saturating_add(length) > self.size;
            if is_full {
                let (before, after) = rest.split_at_checked(together).unwrap_or((rest, &[]));
                self.append(before)?;
                (rest, together) = (after, 0);
                self.turn()?;
            }
            self.has_frames |= kind == pcapng::PACKET;
            together += block.len();
        }
        self.append(rest.get(..together).unwrap_or_default())
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        self.begun = self.begun.max(1);
        if let Some((_, file)) = self.files.get_mut(self.current) {
            file.write_all(bytes)?;
            self.written = self.written.saturating_add(bytes.len() as u64);
        }
        Ok(())
    }

    /// Goes on with the next file, whose former content is the oldest there is.
    fn turn(&mut self) -> io::Result<()> {
        self.current = (self.current + 1) % self.files.len().max(1);
        self.begun = self.begun.saturating_add(1);
        self.written = 0;
        self.has_frames = false;
        if let Some((_, file)) = self.files.get_mut(self.current) {
            file.set_len(0)?;
            file.seek(SeekFrom::Start(0))?;
        }
        let head = std::mem::take(&mut self.head);
        let result = self.append(&head);
        self.head = head;
        result
    }

    /// Files that were not needed are captures without frames, and better not there.
    fn remove_unused(&mut self) {
        let used = usize::try_from(self.begun).unwrap_or(usize::MAX);
        for (path, file) in self.files.iter_mut().skip(used) {
            if fs::remove_file(path).is_err() {
                let _ = file.write_all(&self.head);
            }
        }
    }
}

impl Drop for RingFiles {
    fn drop(&mut self) {
        self.remove_unused();
    }
}

/// A file that nobody but its owner reads, which was not there before: nobody can put a link in the way. It belongs to
/// `owner`, if there is one and this process is root's.
///
/// # Errors
/// When there is something of that name, and those of making it.
pub fn new_file(path: &Path, owner: Option<&Account>) -> io::Result<File> {
    let file = crate::private_file().write(true).create_new(true).open(path)?;
    #[cfg(unix)]
    if let Some(owner) = owner.filter(|owner| owner.is_known_here()) {
        // Who is not root keeps them, and writes them.
        match std::os::unix::fs::fchown(&file, Some(owner.user), Some(owner.group)) {
            Err(error) if error.kind() != io::ErrorKind::PermissionDenied => return Err(error),
            _ => {}
        }
    }
    #[cfg(not(unix))]
    let _ = owner;
    Ok(file)
}

/// `traffic.pcapng` to `traffic-001.pcapng`.
fn numbered(path: &Path, number: usize) -> PathBuf {
    let mut name = path.file_stem().map(OsString::from).unwrap_or_default();
    name.push(format!("-{number:03}"));
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::pcapng::{InterfaceBlock, PacketBlock};
    use std::env;

    /// A folder of its own, which is removed in the end.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = env::temp_dir().join(format!("watchfire-ring-{name}-{}", std::process::id()));
            fs::create_dir_all(&path).expect("a folder");
            Self(path)
        }

        fn names(&self) -> Vec<String> {
            let mut names: Vec<String> = fs::read_dir(&self.0)
                .expect("it is there")
                .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
                .collect();
            names.sort();
            names
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn head() -> Vec<u8> {
        let mut out = Vec::new();
        pcapng::section(&mut out, "Linux");
        pcapng::interface(&mut out, &InterfaceBlock::default());
        out
    }

    /// Frames of 300,000 bytes, told apart by their times.
    fn frames(times: std::ops::Range<u64>) -> Vec<u8> {
        let mut out = Vec::new();
        for time in times {
            let packet = PacketBlock {
                time,
                ..PacketBlock::default()
            };
            pcapng::packet(&mut out, &packet, &[&[0; 300_000]]);
        }
        out
    }

    /// The times of the frames of a file, which begins as every capture does.
    fn times(path: &Path) -> Vec<u32> {
        let bytes = fs::read(path).expect("a file");
        let blocks: Vec<_> = pcapng::blocks(&bytes).collect();
        let kinds: Vec<u32> = blocks.iter().map(|(kind, _)| *kind).take(2).collect();
        assert_eq!(kinds, [pcapng::SECTION, pcapng::INTERFACE]);
        let length: usize = blocks.iter().map(|(_, block)| block.len()).sum();
        assert_eq!(length, bytes.len());
        let packets = blocks.iter().filter(|(kind, _)| *kind == pcapng::PACKET);
        packets
            .map(|(_, block)| u32::from_le_bytes([block[16], block[17], block[18], block[19]]))
            .collect()
    }

    #[test]
    fn the_newest_frames_are_kept_and_each_file_is_whole() {
        let folder = Folder::new("turns");
        let mut ring = RingFiles::create(&folder.0.join("a.pcapng"), 1 << 20, 3, None).expect("files");
        ring.write(&head());
        // Three frames go into a file.
        ring.write(&frames(0..5));
        ring.write(&frames(5..11));
        let kept: Vec<_> = ring.written().into_iter().map(times).collect();
        assert_eq!(kept, [vec![3, 4, 5], vec![6, 7, 8], vec![9, 10]]);
        assert!(ring.problem().is_none());
        drop(ring);
        assert_eq!(folder.names(), ["a-001.pcapng", "a-002.pcapng", "a-003.pcapng"]);
        for name in folder.names() {
            assert!(fs::metadata(folder.0.join(name)).expect("a file").len() <= 1 << 20);
        }
    }

    #[test]
    fn files_that_were_not_needed_are_not_left() {
        let folder = Folder::new("unused");
        let mut ring = RingFiles::create(&folder.0.join("a.pcapng"), 1 << 20, 3, None).expect("files");
        ring.write(&head());
        ring.write(&frames(0..1));
        assert_eq!(ring.written(), [folder.0.join("a-001.pcapng")]);
        drop(ring);
        assert_eq!(folder.names(), ["a-001.pcapng"]);
    }

    #[test]
    fn what_is_there_is_not_written_over() {
        let folder = Folder::new("there");
        fs::write(folder.0.join("a-002.pcapng"), "evidence").expect("a file");
        let refused = RingFiles::create(&folder.0.join("a.pcapng"), 1 << 20, 3, None);
        let (path, error) = refused.expect_err("refused");
        assert_eq!(path, folder.0.join("a-002.pcapng"));
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(folder.names(), ["a-002.pcapng"]);
        for (size, count) in [(1 << 20, 0), (1 << 20, 501), (1000, 2)] {
            assert!(RingFiles::create(&folder.0.join("b.pcapng"), size, count, None).is_err());
        }
    }

    #[test]
    fn a_single_file_has_the_name_that_was_given() {
        let folder = Folder::new("single");
        let mut ring = RingFiles::create(&folder.0.join("a.pcapng"), 1 << 20, 1, None).expect("a file");
        ring.write(&head());
        ring.write(&frames(0..5));
        assert_eq!(ring.written(), [folder.0.join("a.pcapng")]);
        assert_eq!(times(&folder.0.join("a.pcapng")), [3, 4]);
    }
}
