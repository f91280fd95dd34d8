//! Observables from text or from any file.
//!
//! Text goes through the extractor as it comes, in bounded memory and without being hashed. What has a structure of its
//! own goes through the engine, which takes it apart; each part is a source of its own then.

use crate::progress::{Counted, Progress};
use crate::reputation::Judging;
use crate::triage::{Root, hints, nothing, roots};
use crate::{Problem, Watchfire, contain, deadline};
use rayon::prelude::*;
use std::borrow::Cow;
use std::collections::VecDeque;
use std::io::{self, Read, Write};
use watchfire_analysis::{Analysis, analyzers, secrets};
use watchfire_export::{Exporter, Listing, ListingKind, ListingWriter, Style};
use watchfire_extract::Extraction;
use watchfire_formats::archive::unopened;
use watchfire_formats::identify::identify;
use watchfire_formats::text;
use watchfire_model::{ArtifactRecord, DiagnosticSeverity, Fact, MediaType, Observed, Origin, RuleMatch, Untrusted};
use watchfire_sources::{BLOCK, Input, Links, Reader, Source, SourceError};

/// What is looked at to tell what an input is. Bytes.
const FIRST_BLOCK: usize = 256 << 10;
/// Inputs below this size are read side by side, larger ones one after the other with every thread. Bytes.
const SMALL: u64 = 8 << 20;
/// Observables that are worth a thread of their own.
const LEAST_SHARE: usize = 4096;
/// How many small inputs are read side by side before their listings are written.
const BATCH: usize = 64;

/// What is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Distinct observables of each source.
    Distinct,
    /// Every occurrence.
    All,
}

/// How an extraction went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Inputs that were met.
    pub inputs: u64,
    /// Inputs that were read.
    pub inputs_read: u64,
    /// Inputs that go on beyond a limit, where reading stopped.
    pub inputs_cut: u64,
    /// Bytes read from them.
    pub bytes: u64,
    /// Observables listed.
    pub listed: u64,
    /// YARA rules that hold for a source, all together.
    pub matched: u64,
}

/// What reading one input gave.
enum Extracted {
    Text(Extraction),
    Parts(Box<Analysis>),
    Failed(SourceError),
    /// A fault of ours.
    Panicked,
}

/// An opened input and what it is.
struct Opened {
    head: Vec<u8>,
    rest: Reader,
    kind: Kind,
    /// What it is called, if it is a container that nothing opens.
    unopened: Option<&'static str>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// For the extractor as it stands.
    Text,
    /// For the engine.
    Structured,
}

impl Watchfire {
    /// Lists the observables of `inputs` to `out`. Inputs that cannot be read are counted and told to `progress`; the
    /// rest is done.
    ///
    /// # Errors
    /// Those of `out`; inside, a problem when there is nothing at all to read.
    pub fn extract(
        &self,
        inputs: impl IntoIterator<Item = Input>,
        links: Links,
        scope: Scope,
        (exporter, style): (&dyn Exporter, &Style),
        out: &mut dyn Write,
        progress: &dyn Progress,
    ) -> io::Result<Result<Outcome, Problem>> {
        let mut waiting = VecDeque::from(roots(inputs, links, &self.left_out, progress));
        if waiting.is_empty() {
            return Ok(Err(nothing()));
        }
        let kind = match scope {
            Scope::Distinct => ListingKind::Distinct,
            Scope::All => ListingKind::Occurrences,
        };
        let mut listing = exporter.listing(kind, style, out);
        let mut outcome = Outcome::default();
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(self.checked.threads)
            .build()
            .ok();
        while let Some(root) = waiting.pop_front() {
            match root {
                Root::Failed(error) => self.write(
                    &error.name,
                    Extracted::Failed(error.clone()),
                    &mut *listing,
                    &mut outcome,
                    progress,
                )?,
                Root::Source(source) if scope == Scope::All => {
                    self.each(&source, &mut *listing, &mut outcome, progress)?
                }
                Root::Source(source) if is_small(&source) && pool.is_some() && self.checked.threads > 1 => {
                    let mut batch = vec![source];
                    while batch.len() < BATCH {
                        match waiting.pop_front() {
                            Some(Root::Source(next)) if is_small(&next) => batch.push(next),
                            Some(other) => {
                                waiting.push_front(other);
                                break;
                            }
                            None => break,
                        }
                    }
                    // One input alone may use every thread itself.
                    let inner = if batch.len() > 1 { 1 } else { self.checked.threads };
                    let read = |source: &Source| self.read(source, inner, progress);
                    let results: Vec<Extracted> = match &pool {
                        Some(pool) if batch.len() > 1 => pool.install(|| batch.par_iter().map(read).collect()),
                        _ => batch.iter().map(read).collect(),
                    };
                    for (source, extracted) in batch.iter().zip(results) {
                        self.write(source.name(), extracted, &mut *listing, &mut outcome, progress)?;
                    }
                }
                Root::Source(source) => {
                    let extracted = self.read(&source, self.checked.threads, progress);
                    self.write(source.name(), extracted, &mut *listing, &mut outcome, progress)?;
                }
            }
        }
        listing.finish()?;
        if let Some(judging) = &self.judging {
            listing.coverage(&judging.describe(self))?;
        }
        for why in self.here.faults() {
            progress.lost(&why);
        }
        Ok(match self.judging.as_ref().and_then(Judging::fault) {
            Some(problem) => Err(problem),
            None => Ok(outcome),
        })
    }

    /// Reads one input to its end.
    fn read(&self, source: &Source, threads: usize, progress: &dyn Progress) -> Extracted {
        let read = || -> Result<Extracted, SourceError> {
            let Opened {
                head,
                rest,
                kind,
                unopened,
            } = open(source)?;
            if let Some(what) = unopened {
                progress.note(&not_opened(source.name(), what));
            }
            progress.advance(head.len() as u64);
            let mut reader = head.as_slice().chain(Counted { inner: rest, progress });
            match kind {
                // Rules ask for all of a text at once, and the engine keeps what they need.
                Kind::Text if !self.engine.has_rules() => {
                    self.extractor
                        .extract_reader(&mut reader, threads)
                        .map(|mut extraction| {
                            self.finish_shared(&mut extraction.observed, threads);
                            Extracted::Text(extraction)
                        })
                }
                Kind::Text | Kind::Structured => self.take_apart(source, &mut reader, threads),
            }
            .map_err(|error| source.failed(&error))
        };
        match contain::contained(read) {
            Some(Ok(extracted)) => extracted,
            Some(Err(error)) => Extracted::Failed(error),
            None => Extracted::Panicked,
        }
    }

    fn take_apart(&self, source: &Source, reader: &mut (dyn Read + Send), threads: usize) -> io::Result<Extracted> {
        let budget = self.engine.budget();
        let origin = Origin::root(source.name().clone());
        deadline::within(self.checked.time, &budget, || {
            self.engine
                .analyze_stream(reader, origin, hints(source), threads, &budget)
                .map(|mut analysis| {
                    for artifact in &mut analysis.artifacts {
                        self.judge_listed(&mut artifact.observables);
                        self.hide(&mut artifact.observables);
                        if !self.checked.show_secrets {
                            hide_in_rules(artifact);
                        }
                    }
                    if !self.checked.show_secrets {
                        let paths = analysis.artifacts.iter_mut().map(|artifact| &mut artifact.path);
                        paths.for_each(secrets::path);
                        analysis.diagnostics.iter_mut().for_each(secrets::hide_in_remark);
                    }
                    Extracted::Parts(Box::new(analysis))
                })
        })
    }

    /// Tags what was observed, judges it where that was asked for, and masks its secrets.
    pub(crate) fn finish(&self, observed: &mut [Observed]) {
        self.engine.tag(observed);
        self.judge_listed(observed);
        self.hide(observed);
    }

    /// [`Watchfire::finish`], with up to `threads` threads.
    fn finish_shared(&self, observed: &mut [Observed], threads: usize) {
        let share = observed.len().div_ceil(threads.max(1)).max(LEAST_SHARE);
        std::thread::scope(|scope| {
            let mut shares = observed.chunks_mut(share);
            let own = shares.next();
            for share in shares {
                scope.spawn(|| self.finish(share));
            }
            self.finish(own.unwrap_or_default());
        });
    }

    fn hide(&self, observed: &mut [Observed]) {
        if !self.checked.show_secrets {
            observed.iter_mut().for_each(secrets::hide);
        }
    }

    /// Every occurrence in one input, written as it is found.
    fn each(
        &self,
        source: &Source,
        listing: &mut dyn ListingWriter,
        outcome: &mut Outcome,
        progress: &dyn Progress,
    ) -> io::Result<()> {
        let opened = match open(source) {
            Ok(opened) if opened.kind == Kind::Text => opened,
            Ok(_) => {
                let extracted = self.read(source, self.checked.threads, progress);
                return self.write(source.name(), extracted, listing, outcome, progress);
            }
            Err(error) => return self.write(source.name(), Extracted::Failed(error), listing, outcome, progress),
        };
        outcome.inputs += 1;
        if let Some(what) = opened.unopened {
            progress.note(&not_opened(source.name(), what));
        }
        let mut written = Ok(());
        let mut listed = 0;
        let read = || -> io::Result<u64> {
            let mut found = |mut observed| {
                if written.is_ok() {
                    listed += 1;
                    self.finish(std::slice::from_mut(&mut observed));
                    written = listing.occurrence(source.name(), &observed);
                }
            };
            let mut session = self.extractor.session();
            let mut reader = Counted {
                inner: opened.head.as_slice().chain(opened.rest),
                progress,
            };
            let mut block = vec![0; BLOCK];
            let mut bytes = 0;
            loop {
                let count = reader.read(&mut block)?;
                if count == 0 {
                    break;
                }
                bytes += count as u64;
                session.push(block.get(..count).unwrap_or_default(), &mut found);
            }
            session.finish(&mut found);
            Ok(bytes)
        };
        let result = contain::contained(read);
        outcome.listed += listed;
        match result {
            Some(Ok(bytes)) => {
                outcome.inputs_read += 1;
                outcome.bytes += bytes;
            }
            Some(Err(error)) => progress.failed(&source.failed(&error)),
            None => progress.note(&contain::faulty(source.name())),
        }
        written
    }

    fn write(
        &self,
        name: &Untrusted,
        extracted: Extracted,
        listing: &mut dyn ListingWriter,
        outcome: &mut Outcome,
        progress: &dyn Progress,
    ) -> io::Result<()> {
        outcome.inputs += 1;
        match extracted {
            Extracted::Failed(error) => progress.failed(&error),
            Extracted::Panicked => progress.note(&contain::faulty(name)),
            Extracted::Text(extraction) => {
                outcome.inputs_read += 1;
                outcome.bytes += extraction.bytes;
                outcome.listed += extraction.observed.len() as u64;
                listing.source(&Listing {
                    source: name,
                    size: extraction.bytes,
                    occurrences: extraction.occurrences,
                    observed: &extraction.observed,
                    has_parts: false,
                    threads: self.checked.threads,
                    complete: true,
                })?;
            }
            Extracted::Parts(analysis) => {
                outcome.inputs_read += analysis.coverage.inputs_read;
                outcome.inputs_cut += analysis.inputs_cut();
                outcome.bytes += analysis.artifacts.first().map_or(0, |root| root.size);
                for remark in &analysis.diagnostics {
                    if remark.severity > DiagnosticSeverity::Note {
                        progress.lost(&remark.to_string());
                    }
                }
                let holds = |artifact: &ArtifactRecord| !artifact.observables.is_empty();
                let has_parts = analysis.artifacts.iter().skip(1).any(holds);
                for (number, artifact) in analysis.artifacts.iter().enumerate() {
                    if number == 0 || holds(artifact) {
                        outcome.listed += artifact.observables.len() as u64;
                        listing.source(&Listing {
                            has_parts: number == 0 && has_parts,
                            complete: artifact.read && (number > 0 || analysis.coverage.is_complete()),
                            ..self.part(artifact)
                        })?;
                    }
                }
                for artifact in &analysis.artifacts {
                    let rules: Vec<&RuleMatch> = rules_of(artifact).collect();
                    outcome.matched += rules.len() as u64;
                    if !rules.is_empty() {
                        listing.rules(&artifact.path, &rules)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn part<'a>(&self, artifact: &'a ArtifactRecord) -> Listing<'a> {
        Listing {
            source: &artifact.path,
            size: artifact.size,
            occurrences: artifact.observables.iter().map(|observed| observed.count).sum(),
            observed: &artifact.observables,
            has_parts: false,
            complete: artifact.read,
            threads: self.checked.threads,
        }
    }
}

/// The rules that hold for an artifact.
fn rules_of(artifact: &ArtifactRecord) -> impl Iterator<Item = &RuleMatch> {
    let facts = artifact.facts.iter().flat_map(|facts| &facts.facts);
    facts.filter_map(|fact| match fact {
        Fact::Rule(rule) => Some(&**rule),
        _ => None,
    })
}

/// Masks the secrets in what rules found.
fn hide_in_rules(artifact: &mut ArtifactRecord) {
    for fact in artifact.facts.iter_mut().flat_map(|facts| &mut facts.facts) {
        let Fact::Rule(rule) = fact else { continue };
        for string in &mut rule.strings {
            if let Cow::Owned(masked) = secrets::hidden_text(string.excerpt.raw()) {
                string.excerpt = masked.into();
            }
        }
    }
}

fn is_small(source: &Source) -> bool {
    source.path().is_some() && source.size().is_some_and(|size| size < SMALL)
}

/// Opens an input and tells what it is by its first block.
fn open(source: &Source) -> Result<Opened, SourceError> {
    let mut rest = source.open()?;
    let mut head = Vec::new();
    (&mut rest)
        .take(FIRST_BLOCK as u64)
        .read_to_end(&mut head)
        .map_err(|error| source.failed(&error))?;
    let media_type = identify(&head, &hints(source)).media_type;
    let kind = if is_structured(media_type, &head) || text::is_in_code_page(&head) {
        Kind::Structured
    } else {
        Kind::Text
    };
    Ok(Opened {
        head,
        rest,
        kind,
        unopened: unopened(media_type),
    })
}

/// The same words as in a report.
fn not_opened(name: &Untrusted, what: &str) -> String {
    format!("{name}: identified, not opened: {what}; it was read as the bytes it is")
}

/// Whether an analyzer knows more of this type than that it is text. Text with NUL bytes is UTF-16 or UTF-32 and has to
/// be decoded first.
fn is_structured(media_type: MediaType, head: &[u8]) -> bool {
    analyzers::REGISTRY
        .iter()
        .filter(|analyzer| analyzer.handles(media_type))
        .any(|analyzer| analyzer.info().name != "text" || head.contains(&0))
}
