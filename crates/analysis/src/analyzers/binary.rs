//! Bytes that no analyzer understands: the strings in them.
//!
//! Runs of printable ASCII, one or two bytes to a character. What the extractor sees there by chance is dropped, and
//! nothing found there is surer than "low": a string in a program need not be used.

use super::{Analyzer, AnalyzerInfo};
use crate::Context;
use crate::context::Reading;
use crate::locate::Pieces;
use watchfire_model::{Artifact, Confidence, Encoding, Halt, MediaType, Problem, Span};

/// See the module.
#[derive(Debug)]
pub(crate) struct Binary;

static INFO: AnalyzerInfo = AnalyzerInfo {
    name: "binary",
    describes: "anything else: printable strings, as hints of low confidence",
};

/// The shortest run that counts. Six random bytes are printable once in 400 places, and mean nothing.
const SHORTEST: usize = 6;
/// Text collected from one artifact, in bytes.
const MOST: usize = 32 << 20;

impl Analyzer for Binary {
    fn info(&self) -> &'static AnalyzerInfo {
        &INFO
    }

    fn handles(&self, media_type: MediaType) -> bool {
        let _ = media_type;
        true
    }

    fn analyze(&self, artifact: &Artifact, cx: &mut Context<'_>) -> Result<(), Halt> {
        cx.partial();
        let reading = Reading {
            ceiling: Confidence::Low,
            floor: Confidence::Medium,
            ..Reading::PLAIN
        };
        let (narrow, wide) = (narrow_runs(artifact.bytes()), wide_runs(artifact.bytes()));
        if narrow.len() >= MOST || wide.len() >= MOST {
            cx.report(Problem::note("strings-cut", "not all of its strings were looked at"));
        }
        cx.extract(narrow.text(), &narrow, reading)?;
        let wide_reading = Reading {
            encoding: Some(Encoding::Utf16Le),
            ..reading
        };
        cx.extract(wide.text(), &wide, wide_reading)
    }
}

fn is_printable(byte: u8) -> bool {
    matches!(byte, 0x20..=0x7e | b'\t')
}

/// Runs of printable ASCII.
fn narrow_runs(bytes: &[u8]) -> Pieces {
    let mut runs = Pieces::default();
    let mut at = 0u64;
    for run in bytes.chunk_by(|a, b| is_printable(*a) == is_printable(*b)) {
        if run.len() >= SHORTEST && run.first().is_some_and(|b| is_printable(*b)) && runs.len() < MOST {
            let source = Span {
                start: at,
                end: at + run.len() as u64,
            };
            runs.push_run(run.iter().copied(), source, 1);
        }
        at += run.len() as u64;
    }
    runs
}

/// Runs of printable ASCII in UTF-16, little endian, at even and odd offsets.
fn wide_runs(bytes: &[u8]) -> Pieces {
    let mut runs = Pieces::default();
    let mut run: Vec<u8> = Vec::new();
    let mut start = 0;
    let mut at = 0;
    let mut flush = |run: &mut Vec<u8>, start: usize, end: usize| {
        if run.len() >= SHORTEST && runs.len() < MOST {
            let source = Span {
                start: start as u64,
                end: end as u64,
            };
            runs.push_run(run.iter().copied(), source, 2);
        }
        run.clear();
    };
    while let Some([low, high]) = bytes.get(at..at + 2) {
        if *high == 0 && is_printable(*low) {
            if run.is_empty() {
                start = at;
            }
            run.push(*low);
            at += 2;
        } else {
            flush(&mut run, start, at);
            at += 1;
        }
    }
    flush(&mut run, start, at);
    runs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Locate;

    #[test]
    fn narrow_runs_know_their_place() {
        let runs = narrow_runs(b"\x00\x01http://a\x00short\x00second run\xff");
        assert_eq!(runs.text(), b"http://a\nsecond run\n");
        assert_eq!(runs.span(Span { start: 9, end: 15 }), Some(Span { start: 17, end: 23 }));
    }

    #[test]
    fn wide_runs_are_found_at_odd_offsets() {
        let mut bytes = vec![0xff];
        bytes.extend("wide text".encode_utf16().flat_map(u16::to_le_bytes));
        let runs = wide_runs(&bytes);
        assert_eq!(runs.text(), b"wide text\n");
        assert_eq!(runs.span(Span { start: 5, end: 9 }), Some(Span { start: 11, end: 19 }));
    }
}
