//! Where a reader is in its input, which format the line before had, and what a record is given out with.

use super::draft::Draft;
use super::plain;
use super::reader::Sink;
use super::record::{Record, Value, value_of};
use super::registry::{LINES, LINES_SURE, Outcome};
use super::totals::Totals;
use watchfire_model::Timestamp;

/// Where the reader is, and what it has seen.
#[derive(Debug)]
pub(super) struct Lines {
    /// Bytes of the input before what comes next.
    pub(super) at: u64,
    /// Lines before it.
    pub(super) line: u64,
    /// Who read the last line, in [`LINES`].
    pub(super) current: usize,
    /// Whether any line had a format.
    pub(super) has_format: bool,
    /// The end of something too long is being passed over.
    pub(super) skipping: bool,
    pub(super) last: Option<Timestamp>,
    pub(super) totals: Totals,
    /// A line that had to be decoded.
    pub(super) decoded: String,
    pub(super) wide: bool,
}

impl Lines {
    /// At the beginning of an input.
    pub(super) fn new() -> Self {
        Self {
            at: 0,
            line: 0,
            current: 0,
            has_format: false,
            skipping: false,
            last: None,
            totals: Totals::default(),
            decoded: String::new(),
            wide: false,
        }
    }

    /// Counts what was passed.
    #[inline]
    pub(super) fn pass(&mut self, text: &[u8]) {
        let lines = match text {
            [] => 0,
            [b'\n'] => 1,
            [.., b'\n'] if memchr::memchr(b'\n', text) == Some(text.len().wrapping_sub(1)) => 1,
            _ => memchr::memchr_iter(b'\n', text).count(),
        };
        self.line = self.line.saturating_add(lines as u64);
        self.at = self.at.saturating_add(self.width(text));
    }

    /// Bytes of the input that `text` stood in.
    #[inline]
    pub(super) fn width(&self, text: &[u8]) -> u64 {
        if !self.wide {
            return text.len() as u64;
        }
        let units = |byte: &u8| match byte {
            0x80..=0xbf => 0,
            0xf0.. => 2,
            _ => 1_u64,
        };
        text.iter().map(units).sum::<u64>().saturating_mul(2)
    }

    /// Offers a line to the formats, first to that of the line before.
    #[inline]
    pub(super) fn line(&mut self, text: &[u8], draft: &mut Draft) -> Outcome {
        if text.iter().all(u8::is_ascii_whitespace) {
            return Outcome::Header;
        }
        if draft.user.is_empty()
            && let Some(read) = LINES.get(self.current)
        {
            match read(text, draft) {
                Outcome::No => draft.begin(text),
                outcome => return outcome,
            }
        }
        for (index, read) in LINES.iter().enumerate() {
            match read(text, draft) {
                Outcome::No => draft.begin(text),
                outcome => {
                    // What is told by little does not come first for the next line.
                    self.current = if index < LINES_SURE { index } else { 0 };
                    self.has_format = true;
                    return outcome;
                }
            }
        }
        Outcome::No
    }

    #[inline]
    pub(super) fn give(&mut self, draft: &mut Draft, text: &str, span: (u64, u64), line: u64, sink: &mut Sink<'_>) {
        let draft = &*draft;
        let message = draft.message.and_then(|raw| match value_of(raw, text, &draft.scratch) {
            Value::Text("") => None,
            Value::Text(message) => Some(message),
            _ => None,
        });
        let record = Record {
            format: draft.format.unwrap_or(&plain::TEXT),
            envelope: draft.envelope,
            span,
            line,
            time: draft.time,
            message,
            fault: draft.fault,
            text,
            scratch: &draft.scratch,
            carried: &draft.carried,
            fields: &draft.fields,
            names: &draft.names,
        };
        self.totals.add(&record, self.last);
        self.last = record.time.map(|time| time.at).or(self.last);
        sink(&record);
    }
}
