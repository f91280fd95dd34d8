//! How parsers of containers and documents hand out what they hold.

use crate::{DiagnosticSeverity, Halt, Hints, Untrusted};

/// A member of a container, unpacked.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its name as stored, or one made up by the parser (`stream 7`).
    pub name: Untrusted,
    /// Its content.
    pub bytes: Vec<u8>,
    /// What the container claims about it.
    pub hints: Hints,
}

/// Something a parser could not read as it stands. The engine makes a diagnostic of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// How much it matters.
    pub severity: DiagnosticSeverity,
    /// Stable name, `zip-truncated`.
    pub code: &'static str,
    /// One sentence, lower case, no full stop.
    pub message: Untrusted,
}

impl Problem {
    /// Nothing was lost.
    pub fn note(code: &'static str, message: impl Into<Untrusted>) -> Self {
        Self {
            severity: DiagnosticSeverity::Note,
            code,
            message: message.into(),
        }
    }

    /// Something could not be read.
    pub fn warning(code: &'static str, message: impl Into<Untrusted>) -> Self {
        Self {
            severity: DiagnosticSeverity::Warning,
            code,
            message: message.into(),
        }
    }
}

/// Receives what a parser finds, as it finds it, so that nothing is lost when the parser gives up.
pub trait MemberSink {
    /// One member, in the container's own order. An error stops the parser, which returns it.
    fn member(&mut self, member: Member) -> Result<(), Halt>;
    /// One remark.
    fn problem(&mut self, problem: Problem);
}
