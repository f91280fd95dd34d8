//! From places in a text back to places in the artifact that holds it.

use std::net::IpAddr;
use watchfire_formats::document::Text;
use watchfire_formats::text::Decoded;
use watchfire_model::{Met, Span};

/// Knows where a text came from. Offsets are bytes.
pub trait Locate {
    /// Where `at`, a span of the text, stands in the artifact; `None` where it does not stand there as bytes, as in a
    /// compressed page.
    fn span(&self, at: Span) -> Option<Span>;

    /// The page of the text at `offset`.
    fn page(&self, offset: u64) -> Option<u32> {
        let _ = offset;
        None
    }

    /// The frame of the capture that the text at `offset` was in.
    fn frame(&self, offset: u64) -> Option<u64> {
        let _ = offset;
        None
    }

    /// How often the capture shows the text at `offset`.
    fn met(&self, offset: u64) -> Option<Met> {
        let _ = offset;
        None
    }
}

/// Lines of text, each out of a frame of a capture. Where lines begin is kept in 32 bits: whoever adds them takes care that
/// they are not as long.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    buffer: Vec<u8>,
    lines: Vec<Line>,
}

/// A line: where it begins, its frame, and how often it was met.
#[derive(Debug)]
struct Line {
    at: u32,
    frame: u64,
    flows: u32,
    exchanges: u32,
    /// Further frames, and hosts; 0 and nothing, where there are none.
    frames: [u64; 2],
    by: [Option<IpAddr>; 3],
}

impl Line {
    fn met(&mut self, frame: u64, by: IpAddr, in_flow: bool) {
        let count = if in_flow { &mut self.flows } else { &mut self.exchanges };
        *count = count.saturating_add(1);
        if frame != self.frame
            && !self.frames.contains(&frame)
            && let Some(free) = self.frames.iter_mut().find(|frame| **frame == 0)
        {
            *free = frame;
        }
        if !self.by.contains(&Some(by))
            && let Some(free) = self.by.iter_mut().find(|by| by.is_none())
        {
            *free = Some(by);
        }
    }
}

impl Frames {
    /// Adds a line, which has no breaks; which it is.
    pub(crate) fn push(&mut self, text: &[u8], frame: u64) -> usize {
        self.lines.push(Line {
            at: u32::try_from(self.buffer.len()).unwrap_or(u32::MAX),
            frame,
            flows: 0,
            exchanges: 0,
            frames: [0; 2],
            by: [None; 3],
        });
        self.buffer.extend_from_slice(text);
        self.buffer.push(b'\n');
        self.lines.len() - 1
    }

    /// How many lines there are, and their bytes.
    pub(crate) fn size(&self) -> (usize, usize) {
        (self.lines.len(), self.buffer.len())
    }

    /// What a line says.
    pub(crate) fn text_of(&self, line: usize) -> Option<&[u8]> {
        let start = self.lines.get(line)?.at as usize;
        let next = self
            .lines
            .get(line + 1)
            .map_or(self.buffer.len(), |next| next.at as usize);
        self.buffer.get(start..next)?.strip_suffix(b"\n")
    }

    /// All lines in pieces of about so many bytes; none is cut.
    pub(crate) fn pieces(&self, bytes: usize) -> impl Iterator<Item = FramesPiece<'_>> {
        let mut at = 0;
        std::iter::from_fn(move || {
            let rest = self.buffer.get(at..).filter(|rest| !rest.is_empty())?;
            let whole = rest.get(bytes..).and_then(|behind| memchr::memchr(b'\n', behind));
            let text = whole.and_then(|end| rest.get(..=bytes + end)).unwrap_or(rest);
            let piece = FramesPiece {
                frames: self,
                at: at as u64,
                text,
            };
            at += text.len();
            Some(piece)
        })
    }

    /// A line was met: in a frame, by a host, as the end of a flow or in an exchange.
    pub(crate) fn met_again(&mut self, line: usize, frame: u64, by: IpAddr, in_flow: bool) {
        if let Some(line) = self.lines.get_mut(line) {
            line.met(frame, by, in_flow);
        }
    }

    fn line(&self, offset: u64) -> Option<&Line> {
        let next = self.lines.partition_point(|line| u64::from(line.at) <= offset);
        self.lines.get(next.checked_sub(1)?)
    }
}

/// Some lines of [`Frames`].
#[derive(Debug)]
pub(crate) struct FramesPiece<'f> {
    frames: &'f Frames,
    at: u64,
    text: &'f [u8],
}

impl<'f> FramesPiece<'f> {
    pub(crate) fn text(&self) -> &'f [u8] {
        self.text
    }
}

impl Locate for FramesPiece<'_> {
    fn span(&self, _: Span) -> Option<Span> {
        None
    }

    fn frame(&self, offset: u64) -> Option<u64> {
        self.frames.line(self.at + offset).map(|line| line.frame)
    }

    fn met(&self, offset: u64) -> Option<Met> {
        let line = self.frames.line(self.at + offset)?;
        let frames = line.frames.iter().copied().filter(|frame| *frame > 0);
        Some(Met {
            flows: line.flows.into(),
            exchanges: line.exchanges.into(),
            frames: std::iter::once(line.frame).chain(frames).collect(),
            by: line.by.iter().flatten().copied().collect(),
        })
    }
}

/// The text is the artifact, byte for byte.
#[derive(Clone, Copy, Debug)]
pub struct Verbatim;

impl Locate for Verbatim {
    fn span(&self, at: Span) -> Option<Span> {
        Some(at)
    }
}

impl Locate for Text {
    fn span(&self, at: Span) -> Option<Span> {
        let last = at.end.checked_sub(1)?.max(at.start);
        let start = self.source_at(usize::try_from(at.start).ok()?)?;
        let end = self.source_at(usize::try_from(last).ok()?)?;
        Some(Span {
            start,
            end: end.saturating_add(1).max(start),
        })
    }

    fn page(&self, offset: u64) -> Option<u32> {
        self.page_at(usize::try_from(offset).ok()?)
    }
}

/// Text laid out from a document that was decoded first.
#[derive(Debug)]
pub(crate) struct LaidOut<'d> {
    pub(crate) text: &'d Text,
    /// What it was laid out from; `None` where that is the artifact itself.
    pub(crate) source: Option<&'d Decoded<'d>>,
}

impl Locate for LaidOut<'_> {
    fn span(&self, at: Span) -> Option<Span> {
        let span = self.text.span(at)?;
        let Some(source) = self.source else {
            return Some(span);
        };
        let place = |offset: u64| Some(source.source_offset(usize::try_from(offset).ok()?) as u64);
        Some(Span {
            start: place(span.start)?,
            end: place(span.end)?,
        })
    }

    fn page(&self, offset: u64) -> Option<u32> {
        self.text.page(offset)
    }
}

/// Pieces of text, laid end to end in a buffer, each from a place of its own.
#[derive(Debug, Default)]
pub(crate) struct Pieces {
    buffer: Vec<u8>,
    pieces: Vec<Piece>,
}

#[derive(Debug)]
struct Piece {
    at: u64,
    source: Option<Span>,
    page: Option<u32>,
    /// Bytes of the artifact for one byte of the piece: 2 for ASCII out of UTF-16. `None` where the relation is not
    /// that simple; then the whole piece is the place.
    stride: Option<u64>,
}

impl Pieces {
    /// Text that stands in the artifact with `stride` bytes to a character.
    pub(crate) fn push_run(&mut self, text: impl IntoIterator<Item = u8>, source: Span, stride: u64) {
        self.pieces.push(Piece {
            at: self.buffer.len() as u64,
            source: Some(source),
            page: None,
            stride: Some(stride),
        });
        self.buffer.extend(text);
        self.buffer.push(b'\n');
    }

    /// Text that came out of the artifact somehow, at or near `source`.
    pub(crate) fn push(&mut self, text: &str, source: Option<Span>, page: Option<u32>) {
        self.pieces.push(Piece {
            at: self.buffer.len() as u64,
            source,
            page,
            stride: None,
        });
        // One piece is one line, or line numbers and neighbours would depend on what an attacker puts into a link.
        let line = text.bytes().map(|b| if b == b'\n' || b == b'\r' { b' ' } else { b });
        self.buffer.extend(line);
        self.buffer.push(b'\n');
    }

    /// All pieces, a line each.
    pub(crate) fn text(&self) -> &[u8] {
        &self.buffer
    }

    pub(crate) fn len(&self) -> usize {
        self.buffer.len()
    }

    fn piece(&self, offset: u64) -> Option<&Piece> {
        let next = self.pieces.partition_point(|piece| piece.at <= offset);
        self.pieces.get(next.checked_sub(1)?)
    }
}

impl Locate for Pieces {
    fn span(&self, at: Span) -> Option<Span> {
        let piece = self.piece(at.start)?;
        let source = piece.source?;
        let Some(stride) = piece.stride else {
            return Some(source);
        };
        let place = |offset: u64| {
            let inside = offset.saturating_sub(piece.at).saturating_mul(stride);
            source.start.saturating_add(inside).min(source.end)
        };
        Some(Span {
            start: place(at.start),
            end: place(at.end),
        })
    }

    fn page(&self, offset: u64) -> Option<u32> {
        self.piece(offset)?.page
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_hold_whole_lines_and_know_their_frames() {
        let mut frames = Frames::default();
        let said = ["a.example", "", "b.example", "a line that is longer than a piece", "c"];
        for (frame, text) in (10..).zip(said) {
            frames.push(text.as_bytes(), frame);
        }
        for bytes in 0..60 {
            let mut lines = Vec::new();
            for piece in frames.pieces(bytes) {
                let mut at = 0;
                for line in piece.text().split_inclusive(|byte| *byte == b'\n') {
                    lines.push((piece.frame(at).unwrap(), line.to_vec()));
                    at += line.len() as u64;
                }
            }
            let expected: Vec<(u64, Vec<u8>)> = (10..).zip(said.map(|text| format!("{text}\n").into_bytes())).collect();
            assert_eq!(lines, expected, "{bytes}");
        }
        assert_eq!(frames.text_of(2), Some(&b"b.example"[..]));
        assert_eq!(frames.text_of(5), None);
    }

    #[test]
    fn runs_map_back_by_their_stride() {
        let mut pieces = Pieces::default();
        pieces.push_run(*b"abcdef", Span { start: 100, end: 106 }, 1);
        pieces.push_run(*b"ghij", Span { start: 200, end: 208 }, 2);
        assert_eq!(
            pieces.span(Span { start: 1, end: 3 }),
            Some(Span { start: 101, end: 103 })
        );
        assert_eq!(
            pieces.span(Span { start: 8, end: 10 }),
            Some(Span { start: 202, end: 206 })
        );
    }

    #[test]
    fn a_line_break_does_not_leave_its_piece() {
        let mut pieces = Pieces::default();
        pieces.push("http://a.example/\r\nx", None, Some(2));
        assert_eq!(pieces.text(), b"http://a.example/  x\n");
        assert_eq!(pieces.page(3), Some(2));
    }
}
