//! Archives among inputs that are read as one whole: each file in one is an input of its own.
//!
//! Files are read twice, once to know when they begin and once for what they say, and an archive gives them once. So they are
//! written out, one behind the other, to a file that only its owner can read and that is gone with the run. Of a zip, what is
//! packed is in memory, and a tar not even that; 7z and RAR are unpacked file by file in memory. Whatever is unpacked is spent
//! from one account for each archive, with the limits that hold for all archives. Archives inside of archives wait in a queue.

use crate::sequence::diagnostic;
use crate::unpacked::{Damage, Packing, Peeled, peel};
use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use watchfire_formats::archive::{self, TarStream, zip::Zip};
use watchfire_formats::capped::{Codec, reader};
use watchfire_formats::identify::media;
use watchfire_model::{
    BELOW, Budget, Diagnostic, Halt, Hints, LimitKind, MediaType, Member as Whole, MemberSink, Problem, Untrusted,
};

/// What is looked at to tell what a file in an archive is. Bytes.
const HEAD: usize = 4 << 10;
/// Pieces in which files are written out. Bytes.
const PIECE: usize = 64 << 10;

/// The code of a remark that the end of an input was not read.
const CUT: &str = "input-cut";

/// The code of a remark about what files are packed in.
const PACKED: &str = "log-packed";

/// Whether files are packed into it that are read one by one. Documents are archives too, and none of these.
pub(crate) fn is_archive(media_type: MediaType) -> bool {
    matches!(media_type, media::ZIP | media::SEVEN_ZIP | media::TAR | media::RAR)
}

/// A file of an archive, written out.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    /// Its name below that of the archive.
    pub(crate) name: Untrusted,
    spool: Arc<Spool>,
    from: u64,
    length: u64,
}

impl Member {
    /// Reads it from its beginning.
    pub(crate) fn open(&self) -> impl Read + Seek + use<> {
        MemberReader {
            spool: Arc::clone(&self.spool),
            from: self.from,
            at: self.from,
            end: self.from.saturating_add(self.length),
        }
    }

    /// What is claimed about it: the name in the archive.
    pub(crate) fn hints(&self) -> Hints {
        let last = self.name.raw().rsplit(['/', '\\']).next().unwrap_or_default();
        named(last)
    }
}

struct MemberReader {
    spool: Arc<Spool>,
    from: u64,
    at: u64,
    end: u64,
}

impl Read for MemberReader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let most = left.min(into.len());
        let Some(into) = into.get_mut(..most).filter(|into| !into.is_empty()) else {
            return Ok(0);
        };
        let mut file = self.spool.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(self.at))?;
        let count = file.read(into)?;
        self.at = self.at.saturating_add(count as u64);
        Ok(count)
    }
}

impl Seek for MemberReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => self.from.checked_add(at),
            SeekFrom::End(by) => self.end.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.filter(|at| *at >= self.from).ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at.saturating_sub(self.from))
    }
}

/// Writes out a stream of `most` bytes at most, to be read from any place; nothing, where it is longer.
///
/// # Errors
/// Those of reading and writing.
pub(crate) fn written_out(content: &mut dyn Read, most: u64) -> io::Result<Option<impl Read + Seek + use<>>> {
    let spool = Spool::new()?;
    let length = {
        let mut file = spool.file.lock().unwrap_or_else(PoisonError::into_inner);
        io::copy(&mut content.take(most.saturating_add(1)), &mut *file)?
    };
    Ok((length <= most).then(|| MemberReader {
        spool: Arc::new(spool),
        from: 0,
        at: 0,
        end: length,
    }))
}

/// A file that nobody else sees, and that goes away with the last who reads it.
#[derive(Debug)]
struct Spool {
    file: Mutex<File>,
    path: PathBuf,
}

impl Spool {
    fn new() -> io::Result<Self> {
        static MADE: AtomicU64 = AtomicU64::new(0);
        let mut last = io::Error::from(io::ErrorKind::AlreadyExists);
        // Somebody else may have made a file of that name.
        for _ in 0..100 {
            let number = MADE.fetch_add(1, Ordering::Relaxed);
            let name = format!("watchfire-unpacked-{}-{number}", std::process::id());
            let path = std::env::temp_dir().join(name);
            let mut options = watchfire_sources::private_file();
            match options.read(true).write(true).create_new(true).open(&path) {
                Ok(file) => {
                    // Where files can lose their names while they are open, nothing is left even of a run that is killed.
                    let _ = fs::remove_file(&path);
                    let file = Mutex::new(file);
                    return Ok(Self { file, path });
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => last = error,
                Err(error) => return Err(error),
            }
        }
        Err(last)
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// What became of an archive.
#[derive(Debug, Default)]
pub(crate) struct Unpacked {
    /// Its files, and those of archives in it, in their order.
    pub(crate) members: Vec<Member>,
    /// What of it could not be read.
    pub(crate) remarks: Vec<Diagnostic>,
}

/// Takes an archive apart, whatever it is packed in.
///
/// # Errors
/// Those of reading it, and of writing out what is in it.
pub(crate) fn unpack(name: &Untrusted, source: &mut dyn Read, hints: &Hints, budget: &Budget) -> io::Result<Unpacked> {
    let mut work = Work {
        budget,
        spool: Arc::new(Spool::new()?),
        length: 0,
        damage: Damage::default(),
        inner: VecDeque::new(),
        found: Unpacked::default(),
    };
    work.stream(name.clone(), Box::new(source), hints, 0)?;
    while let Some((member, depth)) = work.inner.pop_front() {
        let content = Box::new(member.open());
        let hints = member.hints();
        work.stream(member.name, content, &hints, depth)?;
    }
    Ok(work.found)
}

struct Work<'b> {
    budget: &'b Budget,
    spool: Arc<Spool>,
    /// Bytes that were written out.
    length: u64,
    damage: Damage,
    /// Archives that were met, and how deep they lie.
    inner: VecDeque<(Member, u32)>,
    found: Unpacked,
}

impl Work<'_> {
    /// An archive, or a file, behind what it is packed in.
    fn stream(&mut self, name: Untrusted, source: Box<dyn Read + '_>, hints: &Hints, depth: u32) -> io::Result<()> {
        let (budget, damage) = (self.budget, Arc::clone(&self.damage));
        let packing = Packing {
            budget,
            damage: &damage,
            code: PACKED,
        };
        let mut peeled = peel(source, (HEAD, hints), packing, |_, _| false)?;
        let opened = match peeled.kind {
            // What was unpacked is spent already.
            media::TAR => self.tar(&name, peeled.content, (peeled.layers == 0).then_some(budget), depth),
            kind if is_archive(kind) => {
                let largest = budget.limits().artifact_size;
                let mut bytes = Vec::new();
                (&mut peeled.content)
                    .take(largest.saturating_add(1))
                    .read_to_end(&mut bytes)?;
                if bytes.len() as u64 > largest {
                    let most = crate::bytes(largest);
                    let why = format!("it is an archive of more than {most} and was not opened");
                    self.remark(&name, Problem::warning(CUT, why));
                    return Ok(());
                }
                self.whole(&name, kind, &bytes, hints, depth)
            }
            _ => Ok(()),
        };
        self.tell_damage(&name);
        opened
    }

    /// `account` is what its files are spent from, where that was not done when the tar was unpacked.
    fn tar(
        &mut self,
        name: &Untrusted,
        source: Box<dyn Read + '_>,
        account: Option<&Budget>,
        depth: u32,
    ) -> io::Result<()> {
        let mut tar = TarStream::new(source);
        while let Some(member) = tar.next_member()? {
            if !member.is_file {
                continue;
            }
            let path = below(name, &member.name);
            let (written, halted) = match account {
                Some(budget) => {
                    let mut content = reader(Codec::Stored, Box::new(&mut tar), budget);
                    let written = self.take(path.clone(), &mut content, depth)?;
                    (written, content.halted())
                }
                None => (self.take(path.clone(), &mut tar, depth)?, None),
            };
            if let Some(halt) = halted {
                self.cut(&path, halt);
            }
            if let Some(halt) = written.err().or(halted.filter(is_final)) {
                self.stopped(name, halt);
                return Ok(());
            }
        }
        if let Some(problem) = tar.problem() {
            self.remark(name, problem.clone());
        }
        Ok(())
    }

    fn whole(&mut self, name: &Untrusted, kind: MediaType, bytes: &[u8], hints: &Hints, depth: u32) -> io::Result<()> {
        if kind == media::ZIP {
            return self.zip(name, bytes, depth);
        }
        let budget = self.budget;
        let mut taken = Taken {
            work: self,
            name,
            depth,
            failed: None,
        };
        let (_, read) = archive::read(kind, bytes, hints, budget, &mut taken);
        let failed = taken.failed.take();
        if let Err(halt) = read {
            self.stopped(name, halt);
        }
        failed.map_or(Ok(()), Err)
    }

    fn zip(&mut self, name: &Untrusted, bytes: &[u8], depth: u32) -> io::Result<()> {
        let budget = self.budget;
        let (zip, listed) = Zip::open(bytes, budget);
        for problem in zip.problems() {
            self.remark(name, problem.clone());
        }
        for entry in zip.entries() {
            if entry.is_folder() || entry.is_link() {
                continue;
            }
            let path = below(name, &entry.name);
            let mut content = match zip.content(entry, budget) {
                Ok(content) => content,
                Err(problem) => {
                    self.remark(&path, problem);
                    continue;
                }
            };
            let written = self.take(path.clone(), &mut content, depth)?;
            if let Some(problem) = content.problem() {
                self.remark(&path, problem);
            }
            if let Some(halt) = written.err().or(content.halted().filter(is_final)) {
                self.stopped(name, halt);
                return Ok(());
            }
        }
        if let Err(halt) = listed {
            self.stopped(name, halt);
        }
        Ok(())
    }

    /// Writes out a file of an archive, without what it is packed in. An archive waits to be taken apart.
    fn take(&mut self, name: Untrusted, content: &mut dyn Read, depth: u32) -> io::Result<Result<(), Halt>> {
        if let Err(halt) = self.budget.admit(depth + 1) {
            return Ok(Err(halt));
        }
        let member = Member {
            name,
            spool: Arc::clone(&self.spool),
            from: self.length,
            length: 0,
        };
        let kind = self.write(content, &member.hints())?;
        let member = Member {
            length: self.length - member.from,
            ..member
        };
        self.tell_damage(&member.name);
        if is_archive(kind) {
            self.inner.push_back((member, depth + 1));
        } else {
            self.found.members.push(member);
        }
        Ok(Ok(()))
    }

    /// Writes out what a file holds, and says what that is.
    fn write(&mut self, content: &mut dyn Read, hints: &Hints) -> io::Result<MediaType> {
        let (budget, damage) = (self.budget, Arc::clone(&self.damage));
        let packing = Packing {
            budget,
            damage: &damage,
            code: PACKED,
        };
        let Peeled { kind, mut content, .. } = peel(Box::new(content), (HEAD, hints), packing, |_, _| false)?;
        let mut piece = vec![0; PIECE];
        loop {
            let count = content.read(&mut piece)?;
            let Some(read) = piece.get(..count).filter(|read| !read.is_empty()) else {
                return Ok(kind);
            };
            // What is read may be another piece of the same file.
            let mut file = self.spool.file.lock().unwrap_or_else(PoisonError::into_inner);
            file.seek(SeekFrom::Start(self.length))?;
            file.write_all(read)?;
            self.length = self.length.saturating_add(count as u64);
        }
    }

    fn cut(&mut self, name: &Untrusted, halt: Halt) {
        let why = format!("unpacked in part, since {halt}");
        self.remark(name, Problem::warning(CUT, why));
    }

    fn stopped(&mut self, name: &Untrusted, halt: Halt) {
        let why = format!("{halt}; the rest of the archive was not read");
        self.remark(name, Problem::warning(CUT, why));
    }

    fn tell_damage(&mut self, name: &Untrusted) {
        let damage = std::mem::take(&mut *self.damage.lock().unwrap_or_else(PoisonError::into_inner));
        for problem in damage {
            self.remark(name, problem);
        }
    }

    fn remark(&mut self, name: &Untrusted, problem: Problem) {
        self.found.remarks.push(diagnostic(problem, name));
    }
}

/// Takes the files of an archive whose reader hands them out whole.
struct Taken<'t, 'b> {
    work: &'t mut Work<'b>,
    name: &'t Untrusted,
    depth: u32,
    failed: Option<io::Error>,
}

impl MemberSink for Taken<'_, '_> {
    fn member(&mut self, member: Whole) -> Result<(), Halt> {
        if self.failed.is_some() {
            return Ok(());
        }
        let path = below(self.name, &member.name);
        match self.work.take(path, &mut member.bytes.as_slice(), self.depth) {
            Ok(written) => written,
            Err(error) => {
                self.failed = Some(error);
                Ok(())
            }
        }
    }

    fn problem(&mut self, problem: Problem) {
        self.work.remark(self.name, problem);
    }
}

/// Whether nothing more can be unpacked. What one file is too large for leaves the others readable.
fn is_final(halt: &Halt) -> bool {
    !matches!(
        halt.0,
        LimitKind::Ratio | LimitKind::ArtifactSize | LimitKind::Dictionary
    )
}

fn below(archive: &Untrusted, member: &Untrusted) -> Untrusted {
    format!("{}{BELOW}{}", archive.raw(), member.raw()).into()
}

fn named(name: &str) -> Hints {
    Hints {
        name: Some(name.into()),
        ..Hints::default()
    }
}
