//! Files that a capture shows on their way.

use crate::{ArtifactId, Untrusted};
use serde::Serialize;
use std::ops::RangeInclusive;

/// A file within a capture: its flow, and the number that it has there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct FileId {
    /// The flow, by the number of its first frame.
    pub flow: u64,
    /// Which file of that flow, from 0 on.
    pub number: u32,
}

impl FileId {
    /// All files that a flow may have, in order.
    pub fn all_of(flow: u64) -> RangeInclusive<Self> {
        let place = |number| Self { flow, number };
        place(0)..=place(u32::MAX)
    }
}

/// A file that went from one end to the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CarriedFile {
    /// Which.
    #[serde(skip)]
    pub id: FileId,
    /// By what it was carried, as services are named.
    pub service: &'static str,
    /// Whether the originator of the flow sent it; the responder did otherwise.
    pub sent: bool,
    /// The name that it was given on the way: a path, the last part of a URL, what a header says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Untrusted>,
    /// What it is said to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_type: Option<Untrusted>,
    /// How its bytes are packed on the way, as HTTP names it: `gzip`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<Untrusted>,
    /// Bytes of it, as they were sent, with those that are missing.
    pub size: u64,
    /// Bytes of it that the capture lacks.
    pub missing: u64,
    /// Whether it came to its end.
    pub whole: bool,
    /// SHA-256 of its bytes as they were sent; nothing where some are missing or more were to come.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<ArtifactId>,
}
