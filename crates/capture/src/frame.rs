//! Frames as a capture holds them, and the blocks in which they travel.

use crate::KeyLog;
use std::ops::Range;
use std::sync::Arc;
use watchfire_model::Timestamp;

/// What the first bytes of a frame are: a number of <https://www.tcpdump.org/linktypes.html>, known here or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkType(pub u16);

/// One frame, whose bytes are in its [`Block`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// From 1, over everything that is read as one sequence.
    pub number: u64,
    /// When it was captured.
    pub time: Timestamp,
    /// What its first bytes are.
    pub link: LinkType,
    /// Which interface of the capture saw it, from 0.
    pub interface: u32,
    /// Bytes on the wire.
    pub length: u32,
    /// Where its captured bytes begin in the block.
    pub start: u32,
    /// How many bytes were captured.
    pub captured: u32,
}

/// Whole frames of a capture, and the bytes in which they lie.
#[derive(Clone, Debug, Default)]
pub struct Block {
    pub(crate) bytes: Vec<u8>,
    pub(crate) frames: Vec<Frame>,
    /// What is known by then of how its frames are encrypted.
    pub(crate) secrets: Arc<KeyLog>,
}

impl Block {
    /// Bytes of memory that it has.
    pub(crate) fn memory(&self) -> usize {
        self.bytes.capacity() + self.frames.capacity() * size_of::<Frame>()
    }

    /// Its frames, in the order of the file.
    pub fn frames(&self) -> &[Frame] {
        &self.frames
    }

    /// The captured bytes of one of its frames.
    pub fn bytes_of(&self, frame: &Frame) -> &[u8] {
        self.part(frame, 0..frame.captured)
    }

    /// A part of the captured bytes of one of its frames; empty where it does not reach so far.
    pub fn part(&self, frame: &Frame, range: Range<u32>) -> &[u8] {
        let start = frame.start as usize + range.start as usize;
        let end = frame.start as usize + range.end.min(frame.captured) as usize;
        self.bytes.get(start..end).unwrap_or_default()
    }
}
