//! Files that were carried, written to a folder.
//!
//! A file is written while it passes, and gets its name once it is at its end: the frame in which it began, the service, and
//! of the name that it was given what can do no harm in a path. What lacks its end, or has a hole, is written up to there.
//!
//! What was packed on its way is unpacked, as far as it is what it is said to be and one budget for the whole run goes. What
//! cannot be unpacked to its end stays as it was carried: nothing that passed is lost.

use crate::Problem;
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use watchfire_formats::capped::{Codec, reader};
use watchfire_model::network::{Carried, FileId, FileSink};
use watchfire_model::{Budget, Problem as Remark, agreeing, counted};

/// Files that may be open at a time: what begins while so many are is not written.
const MOST_OPEN: usize = 256;
/// Files that may wait for their names besides.
const MOST_WAITING: usize = 20_000;
/// Characters of a name that are kept.
const LONGEST_NAME: usize = 60;

/// Where files go.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    /// Files on their way; nothing of those that cannot be written.
    open: BTreeMap<FileId, Option<Growing>>,
    /// How many of them are open.
    growing: usize,
    /// What may be unpacked in the whole run.
    budget: Budget,
    written: u64,
    /// Files that stayed as they were packed on the way.
    packed: u64,
    left_out: u64,
    /// Why the first of them is not there.
    failed: Option<String>,
}

#[derive(Debug)]
struct Growing {
    /// Nothing, once all of it was heard.
    file: Option<File>,
    path: PathBuf,
    length: u64,
    /// A piece is missing: what comes behind it has no place.
    has_hole: bool,
}

impl Folder {
    /// Makes the folder, if it is not there. `budget` bounds what is unpacked into it, all together.
    ///
    /// # Errors
    /// When that fails.
    pub(super) fn create(path: &Path, budget: Budget) -> Result<Self, Problem> {
        fs::create_dir_all(path).map_err(|error| Problem::of_file("write to", path, &error))?;
        Ok(Self {
            path: path.to_owned(),
            open: BTreeMap::new(),
            growing: 0,
            budget,
            written: 0,
            packed: 0,
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
                "{} that {was} carried {was} written to '{}'",
                counted(self.written, "file"),
                self.path.display(),
                was = agreeing(self.written, "was", "were")
            ),
        )];
        if self.packed > 0 {
            let message = format!(
                "{} of them {} as packed on the way: unpacking fails, or is beyond the limits",
                self.packed,
                agreeing(self.packed, "is", "are")
            );
            remarks.push(Remark::warning("files-packed", message));
        }
        if self.left_out > 0 {
            let why = self
                .failed
                .unwrap_or_else(|| "too many passed at the same time".to_owned());
            let message = format!("{} could not be written: {why}", counted(self.left_out, "file"));
            remarks.push(Remark::warning("files-not-written", message));
        }
        remarks
    }

    fn begin(&self, id: FileId) -> io::Result<Growing> {
        let path = self.path.join(format!(".{}-{}.part", id.flow, id.number));
        let file = OpenOptions::new().write(true).create(true).truncate(true).open(&path)?;
        Ok(Growing {
            file: Some(file),
            path,
            length: 0,
            has_hole: false,
        })
    }

    fn failed(&mut self, error: &io::Error) {
        self.failed.get_or_insert_with(|| error.to_string());
    }

    /// Gives a file its name. Whether it stayed packed.
    fn settle(&self, mut growing: Growing, carried: &Carried) -> io::Result<bool> {
        drop(growing.file.take());
        let is_whole = carried.file.whole && carried.file.missing == 0 && growing.length == carried.file.size;
        let target = self.path.join(name(carried, is_whole));
        let codec = codec(carried).filter(|_| is_whole && growing.length > 0);
        if let Some(codec) = codec
            && self
                .unpack(codec, &growing.path, &target)
                .is_ok_and(|is_unpacked| is_unpacked)
        {
            fs::remove_file(&growing.path)?;
            return Ok(false);
        }
        // It takes the place of whatever was unpacked.
        fs::rename(&growing.path, &target)?;
        Ok(codec.is_some())
    }

    /// Whether `packed` could be unpacked to its end.
    fn unpack(&self, codec: Codec, packed: &Path, target: &Path) -> io::Result<bool> {
        let mut unpacked = reader(codec, Box::new(File::open(packed)?), &self.budget);
        io::copy(&mut unpacked, &mut File::create(target)?)?;
        Ok(unpacked.problem().is_none() && unpacked.halted().is_none())
    }
}

/// How the bytes of a file are packed on the way (RFC 9110 8.4.1).
fn codec(carried: &Carried) -> Option<Codec> {
    match carried.file.encoding.as_ref()?.raw().to_ascii_lowercase().as_str() {
        "gzip" | "x-gzip" => Some(Codec::Gzip),
        "deflate" => Some(Codec::Zlib),
        "zstd" => Some(Codec::Zstd),
        _ => None,
    }
}

impl FileSink for Folder {
    fn piece(&mut self, id: FileId, at: u64, bytes: &[u8]) {
        if !self.open.contains_key(&id) {
            let is_full = self.growing >= MOST_OPEN || self.open.len() >= MOST_WAITING;
            let growing = if is_full { None } else { Some(self.begin(id)) };
            let growing = growing.transpose().unwrap_or_else(|error| {
                self.failed(&error);
                None
            });
            self.growing += usize::from(growing.is_some());
            self.open.insert(id, growing);
        }
        let Some(place) = self.open.get_mut(&id) else { return };
        let Some(growing) = place else { return };
        growing.has_hole |= growing.length != at;
        if growing.has_hole {
            return;
        }
        growing.length += bytes.len() as u64;
        let written = growing.file.as_mut().map_or(Ok(()), |file| file.write_all(bytes));
        if let Err(error) = written {
            let _ = fs::remove_file(&growing.path);
            *place = None;
            self.growing -= 1;
            self.failed(&error);
        }
    }

    fn heard(&mut self, id: FileId) {
        if let Some(Some(growing)) = self.open.get_mut(&id) {
            self.growing -= usize::from(growing.file.take().is_some());
        }
    }

    fn is_none(&mut self, id: FileId) {
        self.heard(id);
        if let Some(Some(growing)) = self.open.remove(&id) {
            let _ = fs::remove_file(&growing.path);
        }
    }

    fn gone(&mut self, flow: u64) {
        let of_flow = self.open.range(FileId::all_of(flow));
        let is_unheard = |growing: &Option<Growing>| growing.as_ref().is_none_or(|growing| growing.file.is_some());
        let unheard = of_flow.filter(|(_, growing)| is_unheard(growing));
        let unheard: Vec<FileId> = unheard.map(|(id, _)| *id).collect();
        unheard.into_iter().for_each(|id| self.is_none(id));
    }

    fn end(&mut self, carried: &Carried) {
        self.heard(carried.file.id);
        match self.open.remove(&carried.file.id) {
            // Nothing of it was captured.
            None => {}
            Some(None) => self.left_out += 1,
            Some(Some(growing)) => match self.settle(growing, carried) {
                Ok(is_packed) => {
                    self.written += 1;
                    self.packed += u64::from(is_packed);
                }
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
    use watchfire_model::network::CarriedFile;
    use watchfire_model::{Limits, Timestamp};
    use watchfire_testkit::archive::gzip;

    fn carried(given: &str, size: u64, encoding: Option<&str>) -> Carried {
        let end = std::net::SocketAddr::from(([192, 0, 2, 1], 80));
        Carried {
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
                encoding: encoding.map(Into::into),
                size,
                missing: 0,
                whole: true,
                sha256: None,
            },
            is: None,
            content: None,
        }
    }

    fn named(given: &str, is_whole: bool) -> String {
        name(&carried(given, 1, None), is_whole)
    }

    /// What lies in a folder after files of these bytes, packed so, were carried; and what is said of it.
    fn written(test: &str, files: &[(&[u8], &str)], limits: Limits) -> (Vec<(String, Vec<u8>)>, Vec<Remark>) {
        let path = std::env::temp_dir().join(format!("watchfire-carried-{}-{test}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        let mut folder = Folder::create(&path, Budget::new(limits)).unwrap();
        for (at, (bytes, encoding)) in files.iter().enumerate() {
            let mut carried = carried(&format!("{at}"), bytes.len() as u64, Some(encoding));
            carried.file.id.number = u32::try_from(at).unwrap();
            folder.piece(carried.file.id, 0, bytes);
            folder.end(&carried);
        }
        let remarks = folder.finish();
        let mut there: Vec<_> = fs::read_dir(&path)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| {
                (
                    path.file_name().unwrap().to_string_lossy().into_owned(),
                    fs::read(&path).unwrap(),
                )
            })
            .collect();
        there.sort();
        fs::remove_dir_all(&path).unwrap();
        (there, remarks)
    }

    #[test]
    fn what_is_not_packed_as_it_is_said_to_be_stays_as_it_was_carried() {
        let whole = gzip(b"content");
        let cut = &whole[..whole.len() - 9];
        let files: [(&[u8], &str); 4] = [
            (b"MZ no gzip", "gzip"),
            (b"raw deflate?", "deflate"),
            (cut, "gzip"),
            (&whole, "gzip"),
        ];
        let (there, remarks) = written("packed", &files, Limits::default());
        let contents: Vec<&[u8]> = there.iter().map(|(_, content)| content.as_slice()).collect();
        assert_eq!(
            contents,
            [b"MZ no gzip", b"raw deflate?".as_slice(), cut, b"content"],
            "{there:?}"
        );
        assert_eq!(there.first().unwrap().0, "00000012-http-0");
        let said: Vec<&str> = remarks.iter().map(|remark| remark.code).collect();
        assert_eq!(said, ["files-written", "files-packed"]);
        assert!(remarks[1].message.raw().starts_with("3 of them"), "{remarks:?}");
    }

    #[test]
    fn one_budget_bounds_what_is_unpacked_of_all_files() {
        let packed = gzip(&[0; 300_000]);
        let files: [(&[u8], &str); 4] = std::array::from_fn(|_| (packed.as_slice(), "gzip"));
        let limits = Limits {
            unpacked: 700_000,
            ..Limits::default()
        };
        let (there, _) = written("bomb", &files, limits);
        let sizes: Vec<usize> = there.iter().map(|(_, content)| content.len()).collect();
        assert_eq!(sizes, [300_000, 300_000, packed.len(), packed.len()]);
    }

    #[test]
    fn what_never_ends_makes_room_for_others() {
        let path = std::env::temp_dir().join(format!("watchfire-carried-{}-gone", std::process::id()));
        let mut folder = Folder::create(&path, Budget::new(Limits::default())).unwrap();
        for flow in 0..2 * MOST_OPEN as u64 {
            folder.piece(FileId { flow, number: 3 }, 0, b"x");
            folder.gone(flow);
        }
        folder.piece(FileId { flow: 7, number: 0 }, 0, b"kept");
        folder.gone(8);
        assert!(matches!(folder.open.values().next(), Some(Some(growing)) if growing.length == 4));
        // What waits for its name waits on when its flow is over.
        folder.heard(FileId { flow: 7, number: 0 });
        folder.gone(7);
        assert_eq!((folder.open.len(), folder.growing), (1, 0));
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
