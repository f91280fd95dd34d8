//! Where to look.

use crate::{ArtifactId, Span, Untrusted};
use serde::Serialize;
use std::fmt;

/// A place inside an artifact. Line, page, frame and record numbers start at 1.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// The artifact as a whole.
    Whole,
    /// Bytes.
    Bytes(Span),
    /// A line of text.
    Line(u64),
    /// A page of a document.
    Page(u32),
    /// A member of a container, by its number in the container's own order.
    Member(u32),
    /// A header, by name.
    Header(Untrusted),
    /// A captured frame.
    Frame(u64),
    /// A record of a log.
    Record(u64),
}

/// One piece of evidence: artifact, place, excerpt.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Evidence {
    /// The artifact's identity; left out where nobody knows it.
    #[serde(skip_serializing_if = "ArtifactId::is_unknown")]
    pub artifact: ArtifactId,
    /// The artifact's path from its root, `mail.eml ▸ invoice.zip`.
    pub path: Untrusted,
    /// Where in it.
    pub place: Place,
    /// What stands there; at most 240 bytes.
    pub excerpt: Untrusted,
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path)?;
        match &self.place {
            Place::Whole => Ok(()),
            Place::Bytes(span) => write!(f, " @{:#x}", span.start),
            Place::Line(line) => write!(f, ":{line}"),
            Place::Page(page) => write!(f, " page {page}"),
            Place::Member(number) => write!(f, " member {number}"),
            Place::Header(name) => write!(f, " header {name}"),
            Place::Frame(frame) => write!(f, " frame {frame}"),
            Place::Record(record) => write!(f, " record {record}"),
        }
    }
}
