//! The text of records, one behind the other, and where each stands: what the extractor reads.

use watchfire_formats::log::{Record, Value};
use watchfire_model::log::LogPlace;
use watchfire_model::{Observed, Span};

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Texts {
    text: Vec<u8>,
    /// Where the text of a record begins, where the record begins in its file, whether the text is what stands there, and
    /// which it is.
    places: Vec<(usize, u64, bool, LogPlace)>,
}

impl Texts {
    /// Adds a record.
    pub(super) fn add(&mut self, record: &Record<'_>, place: LogPlace) {
        let (start, end) = record.span;
        let is_exact = end.saturating_sub(start) == record.text.len() as u64 && !record.text.is_empty();
        self.places.push((self.text.len(), start, is_exact, place));
        if record.text.is_empty() {
            for field in record.fields() {
                if let Value::Text(text) = field.value {
                    self.text.extend_from_slice(text.as_bytes());
                    self.text.push(b'\n');
                }
            }
        } else {
            self.text.extend_from_slice(record.text.as_bytes());
        }
        self.text.push(b'\n');
    }

    /// What is to be read.
    pub(super) fn text(&self) -> &[u8] {
        &self.text
    }

    /// Puts an observable that was found in the text where it stands in the file.
    pub(super) fn settle(&self, observed: &mut Observed) {
        let at = usize::try_from(observed.span.start).unwrap_or(usize::MAX);
        let behind = self.places.partition_point(|(begin, ..)| *begin <= at);
        let Some((begin, start, is_exact, place)) = behind.checked_sub(1).and_then(|last| self.places.get(last)) else {
            return;
        };
        observed.line = place.number;
        let begin = *begin as u64;
        let inside = |offset: u64| start.saturating_add(offset.saturating_sub(begin));
        observed.span = if *is_exact {
            Span {
                start: inside(observed.span.start),
                end: inside(observed.span.end),
            }
        } else {
            Span {
                start: *start,
                end: *start,
            }
        };
    }
}
