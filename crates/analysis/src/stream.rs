//! Roots too large for memory: text goes through the extractor as it comes.

use crate::run::{Run, what_is};
use crate::{Analysis, Engine, detectors};
use sha2::{Digest, Sha256};
use std::io::{self, Read};
use std::sync::Arc;
use watchfire_formats::text;
use watchfire_model::{
    Artifact, ArtifactId, ArtifactRecord, Budget, Coverage, Diagnostic, DiagnosticSeverity, Fact, FactSet, Hints,
    LimitKind, MediaType, Origin, TextFacts,
};

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
    if head.len() < FIRST_BLOCK || !is_plain(media_type, &head) {
        return whole(engine, head, reader, origin, hints, budget);
    }
    let encoding = text::decode(&head, None).encoding;
    let mut source = Source {
        inner: (&head[..]).chain(reader),
        hash: Sha256::new(),
        budget,
        stopped: false,
    };
    let extraction = engine.extractor.extract_reader(&mut source, threads.max(1))?;
    let id = ArtifactId::from_digest(source.hash.finalize().into());
    let mut observables = extraction.observed;
    engine.tagger.tag(&mut observables);
    let mut analysis = Analysis {
        coverage: Coverage {
            inputs: 1,
            inputs_read: 1,
            artifacts: 1,
            artifacts_read: u64::from(!source.stopped),
            bytes: extraction.bytes,
            limits_reached: if source.stopped {
                vec![LimitKind::Time]
            } else {
                Vec::new()
            },
            network_calls: 0,
        },
        ..Analysis::default()
    };
    if source.stopped {
        analysis.diagnostics.push(Diagnostic {
            severity: DiagnosticSeverity::Warning,
            code: "limit-reached",
            message: "not read to its end: the time limit was reached".into(),
            artifact: origin.path(),
        });
    }
    analysis.artifacts.push(ArtifactRecord {
        // The digest of a part would name something that does not exist.
        sha256: (!source.stopped).then_some(id),
        path: origin.path(),
        depth: 0,
        size: extraction.bytes,
        media_type,
        read: !source.stopped,
        duplicate_of: None,
        known_good: if source.stopped {
            None
        } else {
            engine.tagger.known_good(id)
        },
        observables,
        facts: Some(FactSet {
            artifact: id,
            origin,
            media_type,
            facts: vec![Fact::Text(TextFacts {
                encoding,
                damaged: false,
            })],
        }),
    });
    detectors::run(&mut analysis, &engine.organisation);
    Ok(analysis)
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
    let path = origin.path();
    let mut analysis = Run::new(engine, budget).root(Artifact::new(bytes, origin, hints));
    if cut {
        analysis.diagnostics.push(Diagnostic {
            severity: DiagnosticSeverity::Warning,
            code: "input-cut",
            message: format!("only its first {limit} bytes were read").into(),
            artifact: path,
        });
        if let Some(root) = analysis.artifacts.first_mut() {
            root.sha256 = None;
            root.known_good = None;
            if std::mem::replace(&mut root.read, false) {
                analysis.coverage.artifacts_read = analysis.coverage.artifacts_read.saturating_sub(1);
            }
        }
        analysis.coverage.merge(&Coverage {
            limits_reached: vec![LimitKind::ArtifactSize],
            ..Coverage::default()
        });
    }
    Ok(analysis)
}

/// Hashes what is read, and ends early when the budget is cancelled.
struct Source<'b, R> {
    inner: R,
    hash: Sha256,
    budget: &'b Budget,
    stopped: bool,
}

impl<R: Read> Read for Source<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.budget.check().is_err() {
            // A cancelled read looks like the end of the input; only the flag tells.
            self.stopped = true;
            return Ok(0);
        }
        let read = self.inner.read(buffer)?;
        self.hash.update(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}
