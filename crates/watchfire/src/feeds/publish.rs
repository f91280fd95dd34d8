//! From bytes to a version in use.

use super::spec::Kept;
use super::{Feeds, KEEP, writing};
use crate::Problem;
use std::io::{self, BufReader, Cursor, Read};
use watchfire_formats::capped::{CappedReader, Codec, reader};
use watchfire_intel::feed::{FeedError, FeedFormat, Intake, Options};
use watchfire_intel::set::SetWriter;
use watchfire_model::{Budget, Indicator, LimitKind, Limits, Untrusted, Verdict};
use watchfire_store::{Arrival, FeedSpec, Name, NewVersion};

/// What is looked at to tell the format. Bytes.
const HEAD: u64 = 64 << 10;

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

/// What to ask with next time: `ETag` and `Last-Modified`.
pub(super) type Validators = (Option<Untrusted>, Option<Untrusted>);

/// Something that is being read: its beginning, and the rest of it, both unpacked.
pub(super) struct Incoming<'r> {
    head: Vec<u8>,
    rest: Box<dyn Read + 'r>,
}

impl<'r> Incoming<'r> {
    /// Looks at the beginning, and unpacks what is packed with gzip on account of `budget`.
    pub(super) fn of(input: &'r mut dyn Read, budget: &'r Budget) -> io::Result<Self> {
        let (head, rest) = beginning(input)?;
        if !head.starts_with(b"\x1f\x8b") {
            return Ok(Self {
                head,
                rest: Box::new(rest),
            });
        }
        let source = Box::new(Cursor::new(head).chain(rest));
        let (head, rest) = beginning(Unpacking(reader(Codec::Gzip, source, budget)))?;
        Ok(Self {
            head,
            rest: Box::new(rest),
        })
    }

    /// The beginning, by which a format is told.
    pub(super) fn head(&self) -> &[u8] {
        &self.head
    }

    /// All of it.
    pub(super) fn whole(self) -> impl Read + use<'r> {
        BufReader::with_capacity(256 << 10, Cursor::new(self.head).chain(self.rest))
    }
}

/// The first bytes of an input, and the rest of it.
fn beginning<R: Read>(mut input: R) -> io::Result<(Vec<u8>, R)> {
    let mut head = Vec::new();
    input.by_ref().take(HEAD).read_to_end(&mut head)?;
    Ok((head, input))
}

/// An account for unpacking `most` bytes.
pub(super) fn budget(most: u64) -> Budget {
    Budget::new(Limits {
        unpacked: most,
        artifact_size: most,
        ..Limits::default()
    })
}

/// What is unpacked, which ends in an error where it does not end by itself: half a feed is none.
struct Unpacking<'r>(CappedReader<'r>);

impl Read for Unpacking<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self.0.read(into)? {
            0 if !into.is_empty() => match (self.0.halted(), self.0.problem()) {
                (None, None) => Ok(0),
                (None, Some(_)) => Err(io::ErrorKind::UnexpectedEof.into()),
                (Some(halt), _) => Err(io::Error::other(match halt.0 {
                    LimitKind::Ratio => "it unpacks to far more than it is: this is no feed",
                    _ => "unpacked, it is larger than limits.feed allows",
                })),
            },
            read => Ok(read),
        }
    }
}

/// A version that grows, page by page.
pub(super) struct Draft {
    format: &'static dyn FeedFormat,
    options: Options,
    set: SetWriter,
    is_full: bool,
    /// Whether the feed, which is there, is set up anew with this version.
    pub(super) revises: bool,
    pub(super) intake: Intake,
}

impl Draft {
    pub(super) fn new(format: &'static dyn FeedFormat, spec: &FeedSpec) -> Result<Self, Problem> {
        let mut options = Kept::read(&spec.options).options()?;
        if options.towards.is_none() && spec.towards != Verdict::Malicious {
            options.towards = Some(spec.towards);
        }
        Ok(Self {
            format,
            options,
            set: SetWriter::default(),
            is_full: false,
            revises: false,
            intake: Intake::default(),
        })
    }

    pub(super) fn format(&self) -> &'static dyn FeedFormat {
        self.format
    }

    pub(super) fn options(&self) -> &Options {
        &self.options
    }

    /// Reads a page to its end. After an error nothing of the draft counts.
    pub(super) fn page(&mut self, incoming: Incoming<'_>) -> Result<(), FeedError> {
        let (set, is_full) = (&mut self.set, &mut self.is_full);
        let mut input = incoming.whole();
        let intake = self.format.read(&mut input, &self.options, &mut |indicator| {
            *is_full |= set.add(indicator).is_err();
        })?;
        self.intake.join(intake);
        Ok(())
    }

    /// Reads one of many parts to its end. After an error nothing of the part counts, and the draft goes on.
    pub(super) fn part(&mut self, incoming: Incoming<'_>) -> Result<(), FeedError> {
        let mut all: Vec<Indicator> = Vec::new();
        let mut input = incoming.whole();
        let intake = self
            .format
            .read(&mut input, &self.options, &mut |indicator| all.push(indicator))?;
        for indicator in all {
            self.is_full |= self.set.add(indicator).is_err();
        }
        self.intake.join(intake);
        Ok(())
    }

    /// Whether what was read may be put into use.
    fn sound(&self) -> Result<(), Problem> {
        if self.is_full {
            let most = crate::reputation::grouped(SetWriter::MOST as u64);
            return Err(Problem::new(format!("it has more than {most} indicators")));
        }
        let name = self.format.info().name;
        if self.intake.is_mostly_malformed() {
            let first = self.intake.examples.first();
            let first =
                first.map(|example| format!("; {}: {} '{}'", example.place, example.why, example.text.shown(60)));
            let first = first.unwrap_or_default();
            return Err(
                Problem::new(format!("more than half of it cannot be read as {name}{first}"))
                    .hint("name another --format or --columns"),
            );
        }
        if self.intake.indicators == 0 {
            return Err(Problem::new(format!("it has no indicators, read as {name}")));
        }
        Ok(())
    }
}

impl Feeds {
    /// Writes the set of a draft, and puts it into use.
    pub(super) fn publish(
        &self,
        spec: &FeedSpec,
        draft: Draft,
        arrival: Arrival,
        (etag, last_modified): Validators,
    ) -> Result<Published, Problem> {
        draft.sound()?;
        let Draft {
            format,
            set,
            revises,
            intake,
            ..
        } = draft;
        let indicators = set.len() as u64;
        let writing = writing(&self.folder)?;
        let (file, sha256) = self.write(&spec.name, set, &writing)?;
        let version = NewVersion {
            fetched: self.now,
            file,
            sha256,
            indicators,
            rejected: intake.not_taken(),
            etag,
            last_modified,
            arrival,
        };
        let (feeds, by) = (self.store.feeds(), self.by());
        let published = match arrival {
            // What is fetched was added before; whoever removed it meanwhile does not want it back.
            Arrival::Url => feeds.publish(&spec.name, &version, KEEP, &by),
            Arrival::Import | Arrival::Bundle if revises => feeds.revise(spec, &version, KEEP, &by),
            Arrival::Import | Arrival::Bundle => feeds.introduce(spec, &version, KEEP, &by),
        }?;
        self.release(&published.released);
        self.tidy(&writing);
        Ok(Published {
            name: spec.name.clone(),
            format: format.info().name,
            indicators,
            intake,
        })
    }
}
