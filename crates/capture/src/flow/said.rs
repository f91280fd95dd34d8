//! What a table says between two ticks.

use super::follow::{Follow, Told};
use crate::{KeyLog, Sink};
use std::sync::Arc;
use watchfire_model::network::{Event, FileId, Flow};

/// What is said, and waits for the tick.
#[derive(Debug, Default)]
pub(crate) struct Said {
    /// Flows that are open still.
    pub(crate) open: usize,
    /// Flows that are over.
    pub(crate) flows: Vec<Flow>,
    /// What was exchanged in flows.
    pub(crate) events: Vec<Event>,
    /// Bytes of files that were carried, one piece behind the other.
    pub(crate) bytes: Vec<u8>,
    /// Where the pieces are: the frame, the file, where the piece stands in the file, and its bytes.
    pub(crate) pieces: Vec<Piece>,
    /// How many bytes of a file are wanted.
    wanted: u64,
    /// Secrets with which what is encrypted can be read.
    pub(crate) secrets: Arc<KeyLog>,
    /// Who listens to the flow that is followed.
    pub(super) follow: Option<Box<Follow>>,
    told: Told,
}

/// Where a piece of a file is.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    pub(crate) frame: u64,
    file: FileId,
    at: u64,
    start: usize,
    end: usize,
}

/// A piece of a file on its way. Pieces of a file come in order, and before the event that says what it was; what is between
/// them is missing.
#[derive(Clone, Copy, Debug)]
pub struct Content<'s> {
    /// Which file.
    pub file: FileId,
    /// Where in it the piece stands.
    pub at: u64,
    /// The bytes.
    pub bytes: &'s [u8],
}

impl Said {
    /// Of each file, so many bytes are kept for whoever wants them.
    pub(crate) fn new(wanted: u64) -> Self {
        Self {
            wanted,
            ..Self::default()
        }
    }

    /// Of the flow that this one is on, everything is kept.
    pub(crate) fn following(self, follow: Follow) -> Self {
        Self {
            follow: Some(Box::new(follow)),
            ..self
        }
    }

    /// Hands out what was said so far. As much is expected next time.
    pub(crate) fn take(&mut self) -> Self {
        let next = Self {
            open: 0,
            flows: Vec::with_capacity(self.flows.len()),
            events: Vec::with_capacity(self.events.len()),
            bytes: Vec::with_capacity(self.bytes.len()),
            pieces: Vec::with_capacity(self.pieces.len()),
            wanted: self.wanted,
            secrets: Arc::clone(&self.secrets),
            follow: self.follow.take(),
            told: Told::default(),
        };
        let mut said = std::mem::replace(self, next);
        said.told = self.follow.as_mut().map(|follow| follow.take()).unwrap_or_default();
        said
    }

    /// Hands out what was heard of the flow that is followed.
    pub(crate) fn tell(&self, sink: &mut dyn Sink) {
        self.told.tell(sink);
    }

    /// Keeps what is wanted of a piece.
    pub(crate) fn content(&mut self, frame: u64, file: FileId, at: u64, bytes: &[u8]) {
        let room = usize::try_from(self.wanted.saturating_sub(at)).unwrap_or(usize::MAX);
        let bytes = bytes.get(..room.min(bytes.len())).unwrap_or_default();
        if bytes.is_empty() {
            return;
        }
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        let end = self.bytes.len();
        // Directly behind the last one, it is the same piece.
        if let Some(last) = self.pieces.last_mut()
            && (last.frame, last.file) == (frame, file)
            && last.at + (last.end - last.start) as u64 == at
        {
            last.end = end;
            return;
        }
        self.pieces.push(Piece {
            frame,
            file,
            at,
            start,
            end,
        });
    }

    /// What a piece holds.
    pub(crate) fn piece(&self, piece: &Piece) -> Content<'_> {
        Content {
            file: piece.file,
            at: piece.at,
            bytes: self.bytes.get(piece.start..piece.end).unwrap_or_default(),
        }
    }
}
