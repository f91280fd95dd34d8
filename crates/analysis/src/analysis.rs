//! What the engine hands back for one root, and for many.

use crate::kin::Kin;
use std::collections::BTreeSet;
use watchfire_model::log::LogSummary;
use watchfire_model::{
    ArtifactId, ArtifactRecord, Coverage, Diagnostic, DiagnosticSeverity, Digests, Fact, Finding, LimitKind, Untrusted,
};

/// The result of analysing one root or several. Not yet judged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Analysis {
    /// Every artifact, in the order of the queue, root by root.
    pub artifacts: Vec<ArtifactRecord>,
    /// What detectors found, in the order of the registry.
    pub findings: Vec<Finding>,
    /// What went less than perfectly, in the order of the artifacts.
    pub diagnostics: Vec<Diagnostic>,
    /// What was looked at.
    pub coverage: Coverage,
    /// What logs say, all together.
    pub log: Option<Box<LogSummary>>,
}

impl Analysis {
    /// An input that could not be read: it is counted and named, and nothing else is known about it.
    pub fn unreadable(input: impl Into<Untrusted>, why: impl Into<Untrusted>) -> Self {
        Self::without(input.into(), "input-unreadable", why.into())
    }

    /// An input whose analysis failed by a fault of ours that nothing below could contain.
    pub fn faulty(input: impl Into<Untrusted>) -> Self {
        let why = "its analysis failed, and nothing of it is known; please report it";
        Self::without(input.into(), "input-panic", why.into())
    }

    /// Inputs of which the end was not read.
    pub fn inputs_cut(&self) -> u64 {
        inputs_cut(&self.diagnostics)
    }

    /// Says what its root is, which was read as it came: of so many bytes, with these digests.
    pub(crate) fn hashed(&mut self, id: ArtifactId, digests: Digests, size: u64) {
        let Some(root) = self.artifacts.first_mut() else { return };
        (root.sha256, root.digests, root.size) = (Some(id), digests, size);
        if let Some(facts) = &mut root.facts {
            facts.artifact = id;
        }
        let evidence = self.findings.iter_mut().flat_map(|finding| finding.evidence_mut());
        for evidence in evidence.filter(|evidence| evidence.artifact.is_unknown()) {
            evidence.artifact = id;
        }
    }

    /// Says that of its one root only the first `limit` bytes were read: the digest of a part would name something that
    /// does not exist.
    pub fn cut(&mut self, limit: u64) {
        let Some(root) = self.artifacts.first_mut() else { return };
        root.sha256 = None;
        root.known_good = None;
        root.digests = Digests::default();
        if std::mem::replace(&mut root.read, false) {
            self.coverage.artifacts_read = self.coverage.artifacts_read.saturating_sub(1);
        }
        self.diagnostics.push(Diagnostic {
            severity: DiagnosticSeverity::Warning,
            code: CUT,
            message: format!("only its first {limit} bytes were read").into(),
            artifact: root.path.clone(),
        });
        self.coverage.merge(&Coverage {
            limits_reached: vec![LimitKind::ArtifactSize],
            ..Coverage::default()
        });
    }

    /// The same with what its findings are about, and what that lies in, alone: for a search that remembers many. What was
    /// read beside that is counted in the coverage; of observables, the first of each artifact stay.
    #[must_use]
    pub fn of_findings(mut self) -> Self {
        let kin = Kin::of(&self.artifacts);
        let mut kept = BTreeSet::from([0]);
        for finding in &self.findings {
            kept.extend(kin.spoken_of(finding).0);
        }
        let all = std::mem::take(&mut self.artifacts).into_iter().enumerate();
        let kept = all.filter(|(at, _)| kept.contains(at));
        self.artifacts = kept.map(|(_, artifact)| slim(artifact)).collect();
        self.diagnostics
            .retain(|diagnostic| diagnostic.severity > DiagnosticSeverity::Note);
        self
    }

    fn without(input: Untrusted, code: &'static str, why: Untrusted) -> Self {
        Self {
            diagnostics: vec![Diagnostic {
                severity: DiagnosticSeverity::Error,
                code,
                message: why,
                artifact: input,
            }],
            coverage: Coverage {
                inputs: 1,
                ..Coverage::default()
            },
            ..Self::default()
        }
    }

    /// Appends the analysis of what comes after.
    pub fn merge(&mut self, mut next: Self) {
        self.artifacts.append(&mut next.artifacts);
        self.findings.append(&mut next.findings);
        self.diagnostics.append(&mut next.diagnostics);
        self.coverage.merge(&next.coverage);
        match (&mut self.log, next.log) {
            (Some(own), Some(next)) => own.merge(*next),
            (own @ None, next) => *own = next,
            (Some(_), None) => {}
        }
    }
}

/// Observables that stay with an artifact of a search.
const OBSERVABLES: usize = 100;

/// An artifact with as much as a report about many files has room for.
fn slim(mut artifact: ArtifactRecord) -> ArtifactRecord {
    artifact.observables.truncate(OBSERVABLES);
    if let Some(facts) = &mut artifact.facts {
        facts.facts.retain(|fact| {
            matches!(
                fact,
                Fact::Stored(_) | Fact::Mail(_) | Fact::Authentication(_) | Fact::Phishing(_) | Fact::Halted { .. }
            )
        });
    }
    artifact
}

/// The code of a diagnostic: an input goes on beyond a limit, where reading stopped.
pub(crate) const CUT: &str = "input-cut";

/// How many of `diagnostics` say that the end of an input was not read.
pub fn inputs_cut(diagnostics: &[Diagnostic]) -> u64 {
    diagnostics.iter().filter(|remark| remark.code == CUT).count() as u64
}

impl FromIterator<Self> for Analysis {
    fn from_iter<I: IntoIterator<Item = Self>>(parts: I) -> Self {
        let mut whole = Self::default();
        for part in parts {
            whole.merge(part);
        }
        whole
    }
}
