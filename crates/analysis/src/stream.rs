//! Roots too large for memory: text goes through the extractor as it comes.

use crate::logs::LogReading;
use crate::network::Watching;
use crate::run::{Run, diagnostic, panicked, stopped, what_is};
use crate::wide::{self, Pieces};
use crate::{Analysis, Engine, detectors, matching};
use sha2::{Digest, Sha256};
use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use watchfire_extract::Extraction;
use watchfire_formats::digest::Digester;
use watchfire_formats::identify::{media, run_as};
use watchfire_formats::text;
use watchfire_model::{
    Artifact, ArtifactId, ArtifactRecord, Budget, Coverage, DiagnosticSeverity, Fact, FactSet, Halt, Hints, LimitKind,
    MediaType, Origin, Problem, TextFacts,
};

/// Pages up to this size are laid out, and texts in a code page are decoded. Nobody writes larger ones to be read. Bytes.
const LARGEST_WHOLE: usize = 24 << 20;
/// What is looked at to tell what the root is.
const FIRST_BLOCK: usize = 256 << 10;

/// See [`Engine::analyze_stream`].
pub(crate) fn analyze(
    engine: &Engine,
    reader: &mut (dyn Read + Send),
    origin: Arc<Origin>,
    hints: Hints,
    threads: usize,
    budget: &Budget,
) -> io::Result<Analysis> {
    let mut head = Vec::new();
    (&mut *reader).take(FIRST_BLOCK as u64).read_to_end(&mut head)?;
    // A fault here comes to light again, and is said, when the root is read whole.
    let (media_type, _) = what_is(&head, &hints);
    if head.len() < FIRST_BLOCK {
        return whole(engine, head, reader, origin, hints, budget);
    }
    if matches!(media_type, media::PCAP | media::PCAPNG) {
        return Ok(capture(engine, &head, reader, origin, threads, budget));
    }
    if media_type == media::LOG && run_as(&hints).is_none() {
        return Ok(log(engine, &head, reader, origin, threads, budget));
    }
    let encoding = text::decode(&head, None).encoding;
    let mut is_large_page = false;
    // A script is more than its text, however long, and may look like something else.
    let is_script = run_as(&hints).is_some();
    if is_script || !is_plain(media_type, &head) {
        if let Some(wide) = wide::of(encoding).filter(|_| !is_script && crate::analyzers::is_plain_text(media_type)) {
            let mut all = (&head[..]).chain(reader);
            let mut read = wide::read(engine, &mut all, wide, media_type, &origin, budget)?;
            if engine.yara.is_some() {
                read.problem = read.problem.or_else(|| Some(matching::unmatched()));
            }
            return Ok(assembled(engine, read, media_type, origin));
        }
        if is_script || !matches!(media_type, media::HTML | media::XHTML) || head.contains(&0) {
            return whole(engine, head, reader, origin, hints, budget);
        }
        is_large_page = true;
    }
    if is_large_page || text::is_in_code_page(&head) {
        let rest = (LARGEST_WHOLE - FIRST_BLOCK) as u64;
        (&mut *reader).take(rest).read_to_end(&mut head)?;
        if head.len() < LARGEST_WHOLE {
            return whole(engine, head, reader, origin, hints, budget);
        }
    }
    let mut source = Source::new((&head[..]).chain(reader), engine, budget);
    source.kept = engine.yara.is_some().then(matching::Kept::default);
    let scan = || engine.extractor.extract_reader(&mut source, threads.max(1));
    let (extraction, problem) = match catch_unwind(AssertUnwindSafe(scan)) {
        Ok(read) => (read?, None),
        Err(_) => (Extraction::default(), Some(panicked("text"))),
    };
    let mut facts: Vec<Fact> = hints.stored.map(Fact::Stored).into_iter().collect();
    facts.push(Fact::Text(TextFacts {
        encoding,
        damaged: false,
    }));
    let mut unmatched = None;
    if let (Some(rules), Some(kept), None) = (&engine.yara, &source.kept, source.stopped) {
        let (matches, problems) = kept.matches(rules, &origin, media_type, budget);
        facts.extend(matches);
        unmatched = problems.into_iter().max_by_key(|problem| problem.severity);
    }
    let read = Pieces {
        observed: extraction.observed,
        facts,
        bytes: source.bytes,
        digest: source.hash.finalize().into(),
        digests: source.others.finish(),
        problem: problem
            .or(source.stopped.map(stopped))
            .or_else(|| is_large_page.then(large_page))
            .or(unmatched),
        halt: source.stopped,
    };
    Ok(assembled(engine, read, media_type, origin))
}

/// A capture of a network is read as it comes, whatever its length, and hashed on the way.
fn capture(
    engine: &Engine,
    head: &[u8],
    reader: &mut (dyn Read + Send),
    origin: Arc<Origin>,
    threads: usize,
    budget: &Budget,
) -> Analysis {
    let mut source = Source::new(head.chain(reader), engine, budget);
    let watching = Watching {
        threads,
        ..Watching::default()
    };
    let name = origin.name().clone();
    let mut analysis = engine.watch(origin, (name, Box::new(&mut source)), || None, watching, budget);
    if source.stopped.is_none() {
        let id = ArtifactId::from_digest(source.hash.finalize().into());
        analysis.hashed(id, source.others.finish(), source.bytes);
    }
    analysis
}

/// A log is read as it comes, whatever its length, and hashed on the way.
fn log(
    engine: &Engine,
    head: &[u8],
    reader: &mut (dyn Read + Send),
    origin: Arc<Origin>,
    threads: usize,
    budget: &Budget,
) -> Analysis {
    let mut source = Source::new(head.chain(reader), engine, budget);
    source.kept = engine.yara.is_some().then(matching::Kept::default);
    let reading = LogReading {
        threads,
        ..engine.log_reading()
    };
    let mut part = Some((origin.name().clone(), Box::new(&mut source) as Box<dyn Read + '_>));
    let mut analysis = engine.read_logs(|| part.take(), &reading, None, budget);
    drop(part);
    if let (Some(rules), Some(kept), None) = (&engine.yara, &source.kept, source.stopped) {
        let (matches, problems) = kept.matches(rules, &origin, media::LOG, budget);
        if let Some(facts) = analysis.artifacts.first_mut().and_then(|root| root.facts.as_mut()) {
            facts.facts.extend(matches);
        }
        let remarks = problems.into_iter().map(|problem| diagnostic(problem, origin.path()));
        analysis.diagnostics.extend(remarks);
    }
    if source.stopped.is_none() {
        let id = ArtifactId::from_digest(source.hash.finalize().into());
        analysis.hashed(id, source.others.finish(), source.bytes);
    }
    let found = std::mem::take(&mut analysis.findings);
    detectors::run(&mut analysis, &engine.organisation);
    analysis.findings.splice(0..0, found);
    analysis
}

const LARGE_PAGE: &str = "html-large";

fn large_page() -> Problem {
    let message = format!(
        "larger than {} MB: it was read as the text it is, with its markup, and its links were not looked at",
        LARGEST_WHOLE >> 20
    );
    Problem::warning(LARGE_PAGE, message)
}

/// Where reading stopped, and what rules did not get to.
fn limits_reached(read: &Pieces) -> Vec<LimitKind> {
    let by_rules = read.facts.iter().filter_map(|fact| match fact {
        Fact::Halted { limit } => Some(*limit),
        _ => None,
    });
    by_rules.chain(read.halt.map(|halt| halt.0)).collect()
}

/// The analysis of text that was read as it came.
fn assembled(engine: &Engine, read: Pieces, media_type: MediaType, origin: Arc<Origin>) -> Analysis {
    let id = ArtifactId::from_digest(read.digest);
    let complete = read
        .problem
        .as_ref()
        .is_none_or(|problem| problem.severity == DiagnosticSeverity::Note);
    // The digest of a part would name something that does not exist.
    let ended = read
        .problem
        .as_ref()
        .is_none_or(|problem| problem.code == LARGE_PAGE || problem.code.starts_with("yara-"));
    let whole = ended.then_some(id);
    let limits_reached = limits_reached(&read);
    let mut observables = read.observed;
    engine.tagger.tag(&mut observables);
    let path = origin.path();
    let mut analysis = Analysis {
        coverage: Coverage {
            inputs: 1,
            inputs_read: 1,
            artifacts: 1,
            artifacts_read: u64::from(complete),
            bytes: read.bytes,
            limits_reached,
            network_calls: 0,
        },
        diagnostics: read
            .problem
            .map(|problem| diagnostic(problem, path.clone()))
            .into_iter()
            .collect(),
        ..Analysis::default()
    };
    analysis.artifacts.push(ArtifactRecord {
        sha256: whole,
        size: read.bytes,
        read: complete,
        known_good: whole.and_then(|id| engine.tagger.known_good(id, &read.digests, read.bytes)),
        digests: whole.map(|_| read.digests).unwrap_or_default(),
        observables,
        ..ArtifactRecord::of(FactSet {
            artifact: id,
            origin,
            media_type,
            role: None,
            facts: read.facts,
        })
    });
    detectors::run(&mut analysis, &engine.organisation);
    analysis
}

/// Whether the extractor can read the bytes as they come: text without a structure of its own, one byte to an ASCII
/// character.
fn is_plain(media_type: MediaType, head: &[u8]) -> bool {
    crate::analyzers::is_plain_text(media_type) && !head.contains(&0)
}

/// Anything else has to be in memory.
fn whole(
    engine: &Engine,
    mut bytes: Vec<u8>,
    reader: &mut (dyn Read + Send),
    origin: Arc<Origin>,
    hints: Hints,
    budget: &Budget,
) -> io::Result<Analysis> {
    let limit = budget.limits().artifact_size;
    let rest = limit.saturating_sub(bytes.len() as u64);
    (&mut *reader).take(rest).read_to_end(&mut bytes)?;
    let cut = bytes.len() as u64 >= limit && reader.read(&mut [0])? > 0;
    let mut analysis = Run::new(engine, budget).root(Artifact::new(bytes, origin, hints));
    if cut {
        analysis.cut(limit);
    }
    Ok(analysis)
}

/// Hashes and counts what is read, and ends early when the budget is cancelled.
struct Source<'b, R> {
    inner: R,
    hash: Sha256,
    others: Digester,
    bytes: u64,
    budget: &'b Budget,
    stopped: Option<Halt>,
    /// What rules are asked about afterwards, where there are any.
    kept: Option<matching::Kept>,
}

impl<'b, R: Read> Source<'b, R> {
    fn new(inner: R, engine: &Engine, budget: &'b Budget) -> Self {
        Self {
            inner,
            hash: Sha256::new(),
            others: engine.tagger.digester(),
            bytes: 0,
            budget,
            stopped: None,
            kept: None,
        }
    }
}

impl<R: Read> Read for Source<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Err(halt) = self.budget.check() {
            // A cancelled read looks like the end of the input; only this tells.
            self.stopped = Some(halt);
            return Ok(0);
        }
        let read = self.inner.read(buffer)?;
        self.bytes = self.bytes.saturating_add(read as u64);
        let seen = buffer.get(..read).unwrap_or_default();
        self.hash.update(seen);
        self.others.update(seen);
        if let Some(kept) = &mut self.kept {
            kept.see(seen);
        }
        Ok(read)
    }
}
