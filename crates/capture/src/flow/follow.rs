//! One flow of which every word is wanted: its frames, and what its ends said, in order.
//!
//! Streams are put in order here once more, since whoever reads a protocol stops when he has heard enough.

use super::stream::{Piece, Stream};
use super::tcp::Change;
use crate::batch::Seen;
use crate::{Frame, Sink, TcpFlags};
use std::net::SocketAddr;
use std::ops::Range;
use watchfire_model::Timestamp;

/// What an end says without a break, or so many bytes of it that are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passage<'s> {
    /// The frame that made it whole.
    pub frame: u64,
    /// When that was captured.
    pub time: Timestamp,
    /// Who said it.
    pub from: SocketAddr,
    /// To whom.
    pub to: SocketAddr,
    /// The bytes.
    pub bytes: &'s [u8],
    /// Where there are none: how many the capture does not have.
    pub missing: u64,
    /// It is a part of a stream, and stands directly behind what the same end said before. Datagrams stand alone.
    pub in_stream: bool,
}

/// What is known of the flow that is followed.
#[derive(Debug, Default)]
pub(crate) struct Follow {
    /// The flow, by the number of its first frame; 0 is none.
    number: u64,
    wants_frames: bool,
    /// Of the ends, in the order of the flow's key.
    streams: [Stream; 2],
    told: Told,
}

/// What was said since the last tick.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    frames: Vec<(Frame, Range<usize>)>,
    passages: Vec<Words>,
    /// Of frames and passages, one behind the other.
    bytes: Vec<u8>,
}

#[derive(Clone, Debug)]
struct Words {
    heard: Heard,
    bytes: Range<usize>,
    missing: u64,
    in_stream: bool,
}

/// Where and from whom something was heard.
#[derive(Clone, Copy, Debug)]
struct Heard {
    frame: u64,
    time: Timestamp,
    from: SocketAddr,
    to: SocketAddr,
}

impl Follow {
    pub(crate) fn new(number: u64, wants_frames: bool) -> Self {
        Self {
            number,
            wants_frames,
            ..Self::default()
        }
    }

    /// Whether a flow is the one.
    #[inline]
    pub(super) const fn is_on(&self, first_frame: u64) -> bool {
        self.number == first_frame
    }

    /// Takes a packet of the flow in; of TCP, with what it changed.
    #[cold]
    pub(super) fn packet(&mut self, seen: &Seen<'_>, change: Option<&Change>) {
        // A tunnel's words are those of the flows inside of it.
        if seen.carries().is_some() {
            return;
        }
        if self.wants_frames {
            self.told.frame(seen.frame, seen.frame_bytes());
        }
        let (heard, bytes) = (Heard::of(seen), seen.payload());
        let Some(change) = change else {
            return self.told.say(heard, Piece::Data(bytes), false);
        };
        let Self { streams, told, .. } = self;
        let [first, second] = streams;
        let (own, other) = if seen.brief.from_second {
            (second, first)
        } else {
            (first, second)
        };
        let length = seen.brief.payload_length;
        if length > 0 && !TcpFlags(seen.brief.flags).rst() {
            let captured = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
            let cut = i64::from(length.saturating_sub(captured));
            own.segment((change.first, change.at), bytes, cut, &mut |piece| {
                told.say(heard, piece, true)
            });
        }
        if let Some(position) = change.arrived {
            other.acknowledged(position, &mut |piece| told.say(heard.back(), piece, true));
        }
    }

    /// The flow is over; its ends are in the order of its key.
    #[cold]
    pub(super) fn finish(&mut self, frame: u64, time: Timestamp, (from, to): (SocketAddr, SocketAddr)) {
        let heard = Heard { frame, time, from, to };
        let Self { streams, told, .. } = self;
        for (stream, heard) in streams.iter_mut().zip([heard, heard.back()]) {
            stream.finish(&mut |piece| told.say(heard, piece, true));
        }
        *streams = Default::default();
    }

    pub(super) fn take(&mut self) -> Told {
        std::mem::take(&mut self.told)
    }
}

impl Heard {
    fn of(seen: &Seen<'_>) -> Self {
        let ends = seen.brief.key.ends(seen.brief.from_second);
        Self {
            frame: seen.frame.number,
            time: seen.frame.time,
            from: ends.source.into(),
            to: ends.destination.into(),
        }
    }

    const fn back(self) -> Self {
        Self {
            from: self.to,
            to: self.from,
            ..self
        }
    }
}

impl Told {
    fn frame(&mut self, frame: &Frame, bytes: &[u8]) {
        // One frame may hold two packets of a flow, one around the other.
        if self.frames.last().is_some_and(|(last, _)| last.number == frame.number) {
            return;
        }
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        self.frames.push((*frame, start..self.bytes.len()));
    }

    fn say(&mut self, heard: Heard, piece: Piece<'_>, in_stream: bool) {
        let start = self.bytes.len();
        let missing = match piece {
            Piece::Data([]) => return,
            Piece::Data(bytes) => {
                self.bytes.extend_from_slice(bytes);
                0
            }
            Piece::Gap(missing) => missing,
        };
        self.passages.push(Words {
            heard,
            bytes: start..self.bytes.len(),
            missing,
            in_stream,
        });
    }

    /// Hands it out.
    pub(crate) fn tell(&self, sink: &mut dyn Sink) {
        let part = |range: &Range<usize>| self.bytes.get(range.clone()).unwrap_or_default();
        for (frame, range) in &self.frames {
            sink.frame(frame, part(range));
        }
        for words in &self.passages {
            let Heard { frame, time, from, to } = words.heard;
            sink.passage(Passage {
                frame,
                time,
                from,
                to,
                bytes: part(&words.bytes),
                missing: words.missing,
                in_stream: words.in_stream,
            });
        }
    }
}
