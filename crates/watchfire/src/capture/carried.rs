//! Files that were carried, written to a folder.
//!
//! A file is written while it passes, and gets its name once it is at its end: the frame in which it began, the service, and
//! of the name that it was given what can do no harm in a path. What lacks its end, or has a hole, is written up to there.

use crate::Problem;
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use watchfire_formats::capped::{Codec, reader};
use watchfire_model::network::{Carried, FileId, FileSink};
use watchfire_model::{Budget, Limits, Problem as Remark};

/// Files that may be open at a time: what begins while so many are is not written.
const MOST_OPEN: usize = 256;
/// Characters of a name that are kept.
const LONGEST_NAME: usize = 60;

/// Where files go.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    /// Files on their way; nothing of those that cannot be written.
    open: BTreeMap<FileId, Option<Growing>>,
    written: u64,
    left_out: u64,
    /// Why the first of them is not there.
    failed: Option<String>,
}

#[derive(Debug)]
struct Growing {
    file: File,
    path: PathBuf,
    length: u64,
    /// A piece is missing: what comes behind it has no place.
    has_hole: bool,
}

impl Folder {
    /// Makes the folder, if it is not there.
    ///
    /// # Errors
    /// When that fails.
    pub(super) fn create(path: &Path) -> Result<Self, Problem> {
        fs::create_dir_all(path).map_err(|error| Problem::of_file("write to", path, &error))?;
        Ok(Self {
            path: path.to_owned(),
            open: BTreeMap::new(),
            written: 0,
            left_out: 0,
            failed: None,
        })
    }

    /// What became of it, in words.
    pub(super) fn finish(mut self) -> Vec<Remark> {
        // Nobody said what these were.
        for growing in std::mem::take(&mut self.open).into_values().flatten() {
            let _ = fs::remove_file(&growing.path);
        }
        let mut remarks = vec![Remark::note(
            "files-written",
            format!(
                "{} files that were carried were written to '{}'",
                self.written,
                self.path.display()
            ),
        )];
        if self.left_out > 0 {
            let why = self
                .failed
                .unwrap_or_else(|| "too many passed at the same time".to_owned());
            let message = format!("{} files could not be written: {why}", self.left_out);
            remarks.push(Remark::warning("files-not-written", message));
        }
        remarks
    }

    fn begin(&self, id: FileId) -> io::Result<Growing> {
        let path = self.path.join(format!(".{}-{}.part", id.flow, id.number));
        let file = OpenOptions::new().write(true).create(true).truncate(true).open(&path)?;
        Ok(Growing {
            file,
            path,
            length: 0,
            has_hole: false,
        })
    }

    fn failed(&mut self, error: &io::Error) {
        self.failed.get_or_insert_with(|| error.to_string());
    }

    /// Gives a file its name.
    fn settle(&self, growing: Growing, carried: &Carried) -> io::Result<()> {
        let Growing { mut file, path, .. } = growing;
        file.flush()?;
        drop(file);
        let is_whole = carried.file.whole && carried.file.missing == 0 && growing.length == carried.file.size;
        let codec = carried.file.encoding.as_ref().filter(|_| is_whole);
        let codec = codec.and_then(|encoding| match encoding.raw().to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" => Some(Codec::Gzip),
            "deflate" => Some(Codec::Zlib),
            "zstd" => Some(Codec::Zstd),
            _ => None,
        });
        let target = self.path.join(name(carried, is_whole));
        let Some(codec) = codec else {
            return fs::rename(&path, &target);
        };
        let budget = Budget::new(Limits::default());
        let mut unpacked = reader(codec, Box::new(File::open(&path)?), &budget);
        io::copy(&mut unpacked, &mut File::create(&target)?)?;
        fs::remove_file(&path)
    }
}

impl FileSink for Folder {
    fn piece(&mut self, id: FileId, at: u64, bytes: &[u8]) {
        if !self.open.contains_key(&id) {
            let is_full = self.open.len() >= MOST_OPEN;
            let growing = if is_full { None } else { Some(self.begin(id)) };
            let growing = growing.transpose().unwrap_or_else(|error| {
                self.failed(&error);
                None
            });
            self.open.insert(id, growing);
        }
        let Some(place) = self.open.get_mut(&id) else { return };
        let Some(growing) = place else { return };
        growing.has_hole |= growing.length != at;
        if growing.has_hole {
            return;
        }
        growing.length += bytes.len() as u64;
        if let Err(error) = growing.file.write_all(bytes) {
            let _ = fs::remove_file(&growing.path);
            *place = None;
            self.failed(&error);
        }
    }

    fn gone(&mut self, flow: u64) {
        for growing in FileId::of_flow(&mut self.open, flow).into_iter().flatten() {
            let _ = fs::remove_file(&growing.path);
        }
    }

    fn end(&mut self, carried: &Carried) {
        match self.open.remove(&carried.file.id) {
            // Nothing of it was captured.
            None => {}
            Some(None) => self.left_out += 1,
            Some(Some(growing)) => match self.settle(growing, carried) {
                Ok(()) => self.written += 1,
                Err(error) => {
                    self.failed(&error);
                    self.left_out += 1;
                }
            },
        }
    }
}

/// A name that is a name on every system, and leads nowhere.
fn name(carried: &Carried, is_whole: bool) -> String {
    let given = carried.file.name.as_ref().map_or("", |name| name.raw());
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let harmless = |c: char| {
        if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') {
            c
        } else {
            '_'
        }
    };
    let kept: String = last.chars().map(harmless).collect();
    let from = kept.len().saturating_sub(LONGEST_NAME);
    let kept = kept.get(from..).unwrap_or_default().trim_start_matches('.');
    let number = match carried.file.id.number {
        0 => String::new(),
        number => format!(".{number}"),
    };
    let mut name = format!("{:08}{number}-{}", carried.frame, carried.file.service);
    if !kept.is_empty() {
        name.push('-');
        name.push_str(kept);
    }
    if !is_whole {
        name.push_str(".incomplete");
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchfire_model::Timestamp;
    use watchfire_model::network::CarriedFile;

    fn named(given: &str, is_whole: bool) -> String {
        let end = std::net::SocketAddr::from(([192, 0, 2, 1], 80));
        let carried = Carried {
            frame: 12,
            time: Timestamp::default(),
            from: end,
            to: end,
            file: CarriedFile {
                id: FileId { flow: 1, number: 0 },
                service: "http",
                sent: false,
                name: (!given.is_empty()).then(|| given.into()),
                media_type: None,
                encoding: None,
                size: 1,
                missing: 0,
                whole: true,
                sha256: None,
            },
            is: None,
            content: None,
        };
        name(&carried, is_whole)
    }

    #[test]
    fn what_never_ends_makes_room_for_others() {
        let path = std::env::temp_dir().join(format!("watchfire-carried-{}", std::process::id()));
        let mut folder = Folder::create(&path).unwrap();
        for flow in 0..2 * MOST_OPEN as u64 {
            folder.piece(FileId { flow, number: 3 }, 0, b"x");
            folder.gone(flow);
        }
        folder.piece(FileId { flow: 7, number: 0 }, 0, b"kept");
        folder.gone(8);
        assert!(matches!(folder.open.values().next(), Some(Some(growing)) if growing.length == 4));
        folder.finish();
        assert_eq!(fs::read_dir(&path).unwrap().count(), 0);
        fs::remove_dir(&path).unwrap();
    }

    #[test]
    fn names_lead_nowhere() {
        assert_eq!(named("a.exe", true), "00000012-http-a.exe");
        assert_eq!(named("../../etc/passwd", true), "00000012-http-passwd");
        assert_eq!(named("..\\C:\\x\u{202e}y", true), "00000012-http-x_y");
        assert_eq!(named("..", false), "00000012-http.incomplete");
        assert_eq!(named("", true), "00000012-http");
        assert!(named(&"x".repeat(1_000), true).len() < 100);
    }
}
