//! Sorting more digests than memory should hold: sorted runs in files, merged in the end.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Digests that are sorted in memory at once: 128 MB of SHA-256.
pub(super) const CHUNK: usize = 4 << 20;
/// Runs that are merged at once: each is an open file.
const RUNS: usize = 128;

/// Takes digests in any order.
pub(super) struct Sorter<'s, const N: usize> {
    scratch: &'s Path,
    /// How many are held in memory.
    most: usize,
    chunk: Vec<[u8; N]>,
    runs: Vec<Run>,
}

/// A file of sorted digests, which goes away with it.
struct Run {
    path: PathBuf,
    file: File,
}

impl Drop for Run {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

impl<'s, const N: usize> Sorter<'s, N> {
    pub(super) fn new(scratch: &'s Path, most: usize) -> Self {
        Self {
            scratch,
            most: most.max(1),
            chunk: Vec::new(),
            runs: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, digest: [u8; N]) -> io::Result<()> {
        if self.chunk.len() >= self.most {
            self.spill()?;
        }
        self.chunk.push(digest);
        Ok(())
    }

    fn spill(&mut self) -> io::Result<()> {
        if self.runs.len() >= RUNS {
            let most = self.most.saturating_mul(RUNS);
            return Err(io::Error::other(format!("it has more than {most} digests")));
        }
        self.chunk.sort_unstable();
        self.chunk.dedup();
        let name = format!("known-good-run-{}-{N}-{}", std::process::id(), self.runs.len());
        let path = self.scratch.join(name);
        let file = File::options().read(true).write(true).create_new(true).open(&path)?;
        let mut run = Run { path, file };
        let mut out = BufWriter::with_capacity(256 << 10, &mut run.file);
        self.chunk.iter().try_for_each(|digest| out.write_all(digest))?;
        out.flush()?;
        drop(out);
        self.chunk.clear();
        self.runs.push(run);
        Ok(())
    }

    /// Hands over all of them, each once, in order.
    pub(super) fn each(mut self, mut each: impl FnMut(&[u8; N]) -> io::Result<()>) -> io::Result<()> {
        self.chunk.sort_unstable();
        self.chunk.dedup();
        if self.runs.is_empty() {
            return self.chunk.iter().try_for_each(each);
        }
        if !self.chunk.is_empty() {
            self.spill()?;
        }
        let mut readers = Vec::new();
        for run in &mut self.runs {
            run.file.seek(SeekFrom::Start(0))?;
            readers.push(BufReader::with_capacity(64 << 10, &mut run.file));
        }
        let mut heads = BinaryHeap::new();
        for (at, reader) in readers.iter_mut().enumerate() {
            heads.extend(next::<N>(reader)?.map(|digest| Reverse((digest, at))));
        }
        let mut last: Option<[u8; N]> = None;
        while let Some(Reverse((digest, at))) = heads.pop() {
            if last != Some(digest) {
                each(&digest)?;
                last = Some(digest);
            }
            if let Some(reader) = readers.get_mut(at) {
                heads.extend(next::<N>(reader)?.map(|digest| Reverse((digest, at))));
            }
        }
        Ok(())
    }
}

/// The next digest of a run, if there is one.
fn next<const N: usize>(reader: &mut impl Read) -> io::Result<Option<[u8; N]>> {
    let mut digest = [0; N];
    match reader.read_exact(&mut digest) {
        Ok(()) => Ok(Some(digest)),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}
