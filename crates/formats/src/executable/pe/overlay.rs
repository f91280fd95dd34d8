//! What stands behind an image: everything behind headers, sections and directories, but the table of certificates.

use super::image::{CERTIFICATES, Image};
use crate::bytes::{piece, place};
use crate::executable::begins::begins;
use crate::executable::work::Work;
use watchfire_model::Span;
use watchfire_model::executable::Overlay;

/// Finds it. `certificates` is where those stand, as declared.
pub(super) fn read(image: &Image<'_>, certificates: Option<Span>, work: &mut Work<'_>) -> Option<Overlay> {
    let length = image.bytes.len() as u64;
    let start = end(image);
    let span = match certificates.filter(|table| table.start >= start && table.start < length) {
        // What was written behind the certificates counts, unless that is only filling.
        Some(table) if table.start - start < 8 && is_filling(image, start, table.start) => Span {
            start: table.end.min(length),
            end: length,
        },
        Some(table) => Span {
            start,
            end: table.start,
        },
        None => Span { start, end: length },
    };
    if span.start >= span.end || span.end - span.start < 8 && is_filling(image, span.start, span.end) {
        return None;
    }
    let bytes = piece(image.bytes, place(span.start), place(span.end - span.start));
    Some(Overlay {
        span,
        entropy: work.entropy(bytes),
        begins: begins(bytes),
    })
}

fn is_filling(image: &Image<'_>, start: u64, end: u64) -> bool {
    let between = piece(image.bytes, place(start), place(end.saturating_sub(start)));
    between.iter().all(|byte| *byte == 0)
}

/// Where everything ends that the headers speak of. What would end behind the file does not count.
pub(super) fn end(image: &Image<'_>) -> u64 {
    let length = image.bytes.len() as u64;
    let headers = image.headers.optional as u64 + u64::from(image.headers.optional_size);
    let sections = image.section_ends();
    let directories = (0..image.headers.directory_count)
        .filter(|number| *number != CERTIFICATES)
        .filter_map(|number| image.directory(number))
        .filter_map(|(at, size)| Some(image.offset(at)? + u64::from(size)));
    let ends = sections.chain(directories).chain([headers]);
    ends.filter(|end| *end <= length).max().unwrap_or(0)
}
