//! Observables of files that somebody else still writes.
//!
//! What a file holds at the start goes through one session, so that it is read as `extract` reads it. What comes later
//! is read line by line as it comes: nobody wants to wait for the next megabyte of a log. A value that spans lines,
//! such as a key, is then found only if its lines come together.

use crate::progress::Progress;
use crate::reputation::Judging;
use crate::triage::{Root, nothing, roots};
use crate::{Outcome, Problem, Scope, Watchfire};
use std::collections::HashSet;
use std::io::{self, Write};
use std::thread;
use std::time::Duration;
use watchfire_export::{Exporter, ListingKind, ListingWriter, Style};
use watchfire_extract::{Extractor, Session};
use watchfire_model::{Observable, Observed, Untrusted};
use watchfire_sources::{BLOCK, Follow, Grown, Input, Links, Restart, Source};

/// How long to wait when nothing is new.
const PAUSE: Duration = Duration::from_millis(200);
/// A line that is longer is read before its end. Bytes.
const LONGEST: usize = 1 << 20;

/// One growing text.
struct Growing<'w> {
    follow: Follow,
    extractor: &'w Extractor,
    /// For what was there at the start.
    session: Option<Session<'w>>,
    /// A line whose end has not come yet.
    tail: Vec<u8>,
    /// Bytes and lines before it.
    read: u64,
    lines: u64,
    /// Bytes that came, all together; a file may begin anew.
    total: u64,
}

/// Whether there may be more.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Now,
    Later,
    Never,
}

impl<'w> Growing<'w> {
    fn new(source: Source, extractor: &'w Extractor) -> Result<Self, watchfire_sources::SourceError> {
        // A pipe never says that there is nothing more for now, so nothing may wait for that.
        let session = source.size().map(|_| extractor.session());
        Ok(Self {
            follow: Follow::open(source)?,
            extractor,
            session,
            tail: Vec::new(),
            read: 0,
            lines: 0,
            total: 0,
        })
    }

    /// Reads what is new.
    fn poll(&mut self, block: &mut [u8], progress: &dyn Progress, found: &mut dyn FnMut(Observed)) -> Next {
        match self.follow.poll(block) {
            Ok(Grown::Data(count)) => {
                self.total += count as u64;
                self.tail.extend_from_slice(block.get(..count).unwrap_or_default());
                let whole = match self.tail.iter().rposition(|byte| *byte == b'\n') {
                    Some(end) => end + 1,
                    None if self.tail.len() > LONGEST => self.tail.len(),
                    None => 0,
                };
                let rest = self.tail.split_off(whole);
                let lines = std::mem::replace(&mut self.tail, rest);
                self.feed(&lines, found);
                Next::Now
            }
            Ok(Grown::Idle) => {
                if let Some(session) = self.session.take() {
                    session.finish(found);
                }
                Next::Later
            }
            Ok(Grown::Restarted(restart)) => {
                self.end(found);
                (self.read, self.lines) = (0, 0);
                self.session = Some(self.extractor.session());
                let name = self.follow.source().name();
                progress.note(&match restart {
                    Restart::Truncated => format!("'{name}' was truncated; reading it from its start"),
                    Restart::Rotated => format!("'{name}' is a new file; reading it from its start"),
                });
                Next::Now
            }
            Ok(Grown::Ended) => {
                self.end(found);
                Next::Never
            }
            Err(error) => {
                self.end(found);
                progress.failed(&error);
                Next::Never
            }
        }
    }

    fn feed(&mut self, text: &[u8], found: &mut dyn FnMut(Observed)) {
        match &mut self.session {
            Some(session) => session.push(text, found),
            None => {
                let (read, lines) = (self.read, self.lines);
                self.extractor.each(text, &mut |mut observed| {
                    observed.span.start += read;
                    observed.span.end += read;
                    observed.line += lines;
                    found(observed);
                });
            }
        }
        self.read += text.len() as u64;
        self.lines += text.iter().filter(|byte| **byte == b'\n').count() as u64;
    }

    /// The text ends here, whether its last line has an end or not.
    fn end(&mut self, found: &mut dyn FnMut(Observed)) {
        let tail = std::mem::take(&mut self.tail);
        self.feed(&tail, found);
        if let Some(session) = self.session.take() {
            session.finish(found);
        }
    }
}

impl Watchfire {
    /// Lists observables of growing files as they appear, until every input has ended. Files never end; pipes do.
    ///
    /// # Errors
    /// Those of `out`; inside, a problem when there is nothing to follow.
    pub fn follow(
        &self,
        inputs: impl IntoIterator<Item = Input>,
        scope: Scope,
        (exporter, style): (&dyn Exporter, &Style),
        out: &mut dyn Write,
        progress: &dyn Progress,
    ) -> io::Result<Result<Outcome, Problem>> {
        let mut outcome = Outcome::default();
        let mut growing = Vec::new();
        for root in roots(inputs, Links::Skip, &self.left_out, progress) {
            outcome.inputs += 1;
            let opened = match root {
                Root::Failed(error) => Err(error),
                Root::Source(source) => Growing::new(source, &self.extractor),
            };
            match opened {
                Err(error) => progress.failed(&error),
                Ok(file) => {
                    outcome.inputs_read += 1;
                    growing.push(file);
                }
            }
        }
        if outcome.inputs == 0 {
            return Ok(Err(nothing()));
        }
        let mut out = Flushing(out);
        let mut lister = Lister {
            watchfire: self,
            listing: exporter.listing(ListingKind::Following, style, &mut out),
            scope,
            seen: HashSet::new(),
            listed: 0,
            written: Ok(()),
        };
        let mut block = vec![0; BLOCK];
        while !growing.is_empty() {
            let mut idle = true;
            let mut open = Vec::with_capacity(growing.len());
            for mut file in growing {
                let name = file.follow.source().name().clone();
                let next = file.poll(&mut block, progress, &mut |observed| lister.list(&name, observed));
                std::mem::replace(&mut lister.written, Ok(()))?;
                idle &= next == Next::Later;
                if next == Next::Never {
                    outcome.bytes += file.total;
                } else {
                    open.push(file);
                }
            }
            growing = open;
            if idle && !growing.is_empty() {
                thread::sleep(PAUSE);
            }
        }
        lister.listing.finish()?;
        outcome.listed = lister.listed;
        Ok(match self.judging.as_ref().and_then(Judging::fault) {
            Some(problem) => Err(problem),
            None => Ok(outcome),
        })
    }
}

/// Hands on what is new.
struct Lister<'a> {
    watchfire: &'a Watchfire,
    listing: Box<dyn ListingWriter + 'a>,
    scope: Scope,
    seen: HashSet<(Untrusted, Observable)>,
    listed: u64,
    /// The first error; extraction itself cannot be stopped by one.
    written: io::Result<()>,
}

impl Lister<'_> {
    fn list(&mut self, source: &Untrusted, mut observed: Observed) {
        let new = self.scope == Scope::All || self.seen.insert((source.clone(), observed.observable.clone()));
        if new && self.written.is_ok() {
            self.listed += 1;
            self.watchfire.finish(std::slice::from_mut(&mut observed));
            self.written = self.listing.occurrence(source, &observed);
        }
    }
}

/// Hands on every line at once: whoever follows a file waits for it.
struct Flushing<'w>(&'w mut dyn Write);

impl Write for Flushing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.0.write(bytes)?;
        if bytes.ends_with(b"\n") {
            self.0.flush()?;
        }
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
