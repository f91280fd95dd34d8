//! From bytes to a version in use.

use super::{Feeds, KEEP, kept};
use crate::{Problem, Replacement};
use sha2::{Digest, Sha256};
use std::fs;
use std::io::{self, BufReader, Cursor, Read, Write};
use std::path::Path;
use watchfire_formats::capped::{Codec, reader};
use watchfire_intel::feed::{self, FeedFormat, Intake};
use watchfire_intel::set::SetWriter;
use watchfire_model::{ArtifactId, Budget, Limits, Untrusted};
use watchfire_store::{Arrival, FeedSpec, Name, NewVersion, SetFile};

/// What is looked at to tell the format. Bytes.
const HEAD: u64 = 64 << 10;
/// An unpacked feed is no larger. Bytes.
const LARGEST: u64 = 16 << 30;

/// A version that was put into use.
#[derive(Clone, Debug)]
pub struct Published {
    /// The feed.
    pub name: Name,
    /// How it was read.
    pub format: &'static str,
    /// Indicators in it, each once.
    pub indicators: u64,
    /// What came of reading it.
    pub intake: Intake,
}

/// A feed that is being read: packed or not, and its format.
pub(super) struct Incoming<'r> {
    head: Vec<u8>,
    rest: Box<dyn Read + 'r>,
    packed: bool,
    format: &'static dyn FeedFormat,
}

impl<'r> Incoming<'r> {
    /// Looks at the beginning. `said` is the format that somebody named.
    pub(super) fn of(input: &'r mut dyn Read, said: Option<&str>, path: &Path) -> Result<Self, Problem> {
        let failed = |error: &io::Error| Problem::of_file("read feed", path, error);
        let mut head = Vec::new();
        input
            .take(HEAD)
            .read_to_end(&mut head)
            .map_err(|error| failed(&error))?;
        let packed = head.starts_with(b"\x1f\x8b");
        let mut rest: Box<dyn Read + 'r> = Box::new(input);
        if packed {
            let budget = Budget::new(limits());
            let source = Cursor::new(head).chain(rest);
            // The account lives as long as the reader; it is one small box for each feed.
            let budget: &'static Budget = Box::leak(Box::new(budget));
            let mut unpacked = reader(Codec::Gzip, Box::new(source), budget);
            head = Vec::new();
            unpacked
                .by_ref()
                .take(HEAD)
                .read_to_end(&mut head)
                .map_err(|error| failed(&error))?;
            rest = Box::new(unpacked);
        }
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        let known: Vec<&str> = feed::FORMATS.iter().map(|format| format.info().name).collect();
        let format = match said {
            Some(name) => feed::by_name(name).ok_or_else(|| Problem::unknown("format of feeds", name, &known))?,
            None => feed::detect(&head, &name).ok_or_else(|| {
                Problem::new(format!("cannot tell the format of '{}'", path.display()))
                    .hint("--format names it; watchfire feeds formats lists them")
            })?,
        };
        Ok(Self {
            head,
            rest,
            packed,
            format,
        })
    }

    pub(super) fn format(&self) -> &'static dyn FeedFormat {
        self.format
    }
}

fn limits() -> Limits {
    Limits {
        unpacked: LARGEST,
        artifact_size: LARGEST,
        ..Limits::default()
    }
}

impl Feeds {
    /// Reads a feed to its end, writes its set, and puts it into use.
    pub(super) fn publish(
        &self,
        spec: &FeedSpec,
        incoming: Incoming<'_>,
        arrival: Arrival,
        validators: Option<(Option<Untrusted>, Option<Untrusted>)>,
    ) -> Result<Published, Problem> {
        let mut options = kept(&spec.options)?;
        if options.towards.is_none() && spec.towards != watchfire_model::Verdict::Malicious {
            options.towards = Some(spec.towards);
        }
        let Incoming {
            head,
            rest,
            packed,
            format,
        } = incoming;
        let mut input = BufReader::with_capacity(256 << 10, Cursor::new(head).chain(rest));
        let mut writer = SetWriter::default();
        let mut full = false;
        let intake = format
            .read(&mut input, &options, &mut |indicator| {
                full |= writer.add(indicator).is_err()
            })
            .map_err(|error| Problem::new(error.to_string()).hint(error.hint()))?;
        let packing = if packed { " (unpacked from gzip)" } else { "" };
        if full {
            let most = crate::intelligence::grouped(SetWriter::MOST as u64);
            return Err(Problem::new(format!("it has more than {most} indicators{packing}")));
        }
        if intake.is_mostly_malformed() {
            let first = intake
                .examples
                .first()
                .map(|example| format!("; {}: {} '{}'", example.place, example.why, example.text.shown(60)));
            return Err(Problem::new(format!(
                "more than half of it cannot be read as {}{}",
                format.info().name,
                first.unwrap_or_default()
            ))
            .hint("name another --format or --columns; the version from before stays in use"));
        }
        if intake.indicators == 0 {
            return Err(
                Problem::new(format!("it has no indicators, read as {}", format.info().name))
                    .hint("the version from before stays in use"),
            );
        }
        let count = writer.len() as u64;
        let (file, sha256) = self.write(&spec.name, writer)?;
        let (etag, last_modified) = validators.unwrap_or_default();
        let version = NewVersion {
            fetched: self.as_of,
            file,
            sha256,
            indicators: count,
            rejected: intake.not_taken(),
            etag,
            last_modified,
            arrival,
        };
        let published = self.store.feeds().publish(&spec.name, &version, KEEP, &self.by())?;
        for file in published.released {
            // Whoever has it open goes on reading it.
            let _ = fs::remove_file(self.folder.join(file.as_str()));
        }
        self.clear();
        Ok(Published {
            name: spec.name.clone(),
            format: format.info().name,
            indicators: count,
            intake,
        })
    }

    /// Writes a set to a file of its own, named by its content and the moment.
    fn write(&self, name: &Name, set: SetWriter) -> Result<(SetFile, ArtifactId), Problem> {
        let failed = |error: io::Error| Problem::of_file("write feeds in", &self.folder, &error);
        watchfire_sources::create_private_folder(&self.folder).map_err(failed)?;
        let mut bytes = Vec::new();
        set.finish(&mut bytes).map_err(failed)?;
        let sha256 = ArtifactId::from_digest(Sha256::digest(&bytes).into());
        let digest: String = sha256.to_string().chars().take(16).collect();
        let file = format!("{name}-{}-{digest}.set", self.as_of.unix());
        let file = SetFile::parse(&file).map_err(|why| Problem::new(format!("'{file}' is {why}")))?;
        let path = self.folder.join(file.as_str());
        let mut out = Replacement::private(&path).map_err(failed)?;
        out.write_all(&bytes).map_err(failed)?;
        out.finish().map_err(failed)?;
        Ok((file, sha256))
    }
}
