//! Observables of files that somebody else still writes.

use crate::progress::Progress;
use crate::triage::{Root, nothing, roots};
use crate::{Outcome, Problem, Scope, Watchfire};
use std::collections::HashSet;
use std::io::{self, Write};
use std::thread;
use std::time::Duration;
use watchfire_export::{Exporter, ListingKind, Style};
use watchfire_extract::Session;
use watchfire_model::Observable;
use watchfire_sources::{BLOCK, Follow, Grown, Input, Links, Restart};

/// How long to wait when nothing is new.
const PAUSE: Duration = Duration::from_millis(200);

/// One growing file.
struct Growing<'w> {
    follow: Follow,
    session: Option<Session<'w>>,
    seen: HashSet<Observable>,
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
        for root in roots(inputs, Links::Skip, progress) {
            outcome.inputs += 1;
            let opened = match root {
                Root::Failed(error) => Err(error),
                Root::Source(source) => Follow::open(source),
            };
            match opened {
                Err(error) => progress.failed(&error),
                Ok(follow) => {
                    outcome.inputs_read += 1;
                    growing.push(Growing {
                        follow,
                        session: Some(self.extractor.session()),
                        seen: HashSet::new(),
                    });
                }
            }
        }
        if outcome.inputs == 0 {
            return Ok(Err(nothing()));
        }
        let mut out = Flushing(out);
        let mut listing = exporter.listing(ListingKind::Following, style, &mut out);
        let mut block = vec![0; BLOCK];
        while !growing.is_empty() {
            let mut idle = true;
            let mut ended = Vec::new();
            for (number, file) in growing.iter_mut().enumerate() {
                let name = file.follow.source().name().clone();
                let mut written = Ok(());
                let seen = &mut file.seen;
                let mut found = |observed: watchfire_model::Observed| {
                    if written.is_ok() && (scope == Scope::All || seen.insert(observed.observable.clone())) {
                        outcome.listed += 1;
                        written = listing.occurrence(&name, &observed);
                    }
                };
                match file.follow.poll(&mut block) {
                    Ok(Grown::Idle) => {}
                    Ok(Grown::Data(count)) => {
                        idle = false;
                        outcome.bytes += count as u64;
                        if let Some(session) = &mut file.session {
                            session.push(block.get(..count).unwrap_or_default(), &mut found);
                        }
                    }
                    Ok(Grown::Restarted(restart)) => {
                        idle = false;
                        if let Some(session) = file.session.replace(self.extractor.session()) {
                            session.finish(&mut found);
                        }
                        progress.note(&match restart {
                            Restart::Truncated => format!("'{name}' was truncated; reading it from its start"),
                            Restart::Rotated => format!("'{name}' is a new file; reading it from its start"),
                        });
                    }
                    Ok(Grown::Ended) => {
                        if let Some(session) = file.session.take() {
                            session.finish(&mut found);
                        }
                        ended.push(number);
                    }
                    Err(error) => {
                        progress.failed(&error);
                        ended.push(number);
                    }
                }
                written?;
            }
            for number in ended.into_iter().rev() {
                growing.remove(number);
            }
            if idle {
                thread::sleep(PAUSE);
            }
        }
        listing.finish()?;
        Ok(Ok(outcome))
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
