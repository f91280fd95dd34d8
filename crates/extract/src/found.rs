//! What recognisers hand over: a place, a type and the clean text there.

use watchfire_model::{Confidence, Encoding, ObservableType, Via};

/// One candidate. The type's own parser has the last word on it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found<'a> {
    pub(crate) kind: ObservableType,
    /// Refanged, otherwise as written.
    pub(crate) clean: &'a [u8],
    /// First byte in the block.
    pub(crate) start: usize,
    /// One past its last byte.
    pub(crate) end: usize,
    pub(crate) defanged: bool,
    pub(crate) confidence: Confidence,
    pub(crate) reason: &'static str,
    pub(crate) encoding: Option<Encoding>,
    pub(crate) via: Option<Via>,
}

impl<'a> Found<'a> {
    /// A plain candidate of medium confidence.
    pub(crate) fn new(kind: ObservableType, clean: &'a [u8], start: usize, end: usize) -> Self {
        Self {
            kind,
            clean,
            start,
            end,
            defanged: false,
            confidence: Confidence::Medium,
            reason: "its shape fits",
            encoding: None,
            via: None,
        }
    }

    pub(crate) fn because(mut self, confidence: Confidence, reason: &'static str) -> Self {
        self.confidence = confidence;
        self.reason = reason;
        self
    }

    /// Defanging is itself evidence: nobody defangs a version number.
    pub(crate) fn defanged(mut self, defanged: bool) -> Self {
        if defanged {
            self.defanged = true;
            self.confidence = Confidence::High;
            self.reason = "defanged";
        }
        self
    }

    pub(crate) fn via(mut self, via: Via) -> Self {
        self.via = Some(via);
        self
    }

    pub(crate) fn decoded(mut self, encoding: Encoding) -> Self {
        self.encoding = Some(encoding);
        self
    }
}

/// Takes candidates in.
pub(crate) trait Sink {
    /// One candidate; true if its type's parser accepts it.
    fn found(&mut self, found: Found<'_>) -> bool;
}
