//! What the engine hands back for one root, and for many.

use watchfire_model::{ArtifactRecord, Coverage, Diagnostic, DiagnosticSeverity, Finding, Untrusted};

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
    }
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
