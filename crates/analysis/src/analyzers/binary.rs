//! Bytes that no analyzer understands: the strings in them.
//!
//! Runs of printable ASCII, one or two bytes to a character. What the extractor sees there by chance is dropped, and
//! nothing found there is surer than "low": a string in a program need not be used.

use super::{Analyzer, AnalyzerInfo};
use crate::Context;
use crate::context::Reading;
use crate::locate::Pieces;
use watchfire_formats::archive::unopened;
use watchfire_formats::text::strings;
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
        let what = cx.media_type();
        cx.report(match unopened(what) {
            // Most of what an attacker sends comes packed: this is worth more than a note.
            Some(name) => Problem::warning(
                "not-opened",
                format!("identified, not opened: {name}; only its strings were looked at"),
            ),
            None => Problem::note(
                "no-analyzer",
                format!("nothing reads {what} yet; only its strings were looked at"),
            ),
        });
        strings_in(artifact, cx)
    }
}

/// Sends the printable strings among the bytes through the extractor.
pub(super) fn strings_in(artifact: &Artifact, cx: &mut Context<'_>) -> Result<(), Halt> {
    strings_seen(artifact, cx, &mut |_, _, _| {})
}

/// The same, and shows each to `see` with its place and how many
/// bytes a letter has.
pub(super) fn strings_seen(
    artifact: &Artifact,
    cx: &mut Context<'_>,
    see: &mut dyn FnMut(&str, u64, u64),
) -> Result<(), Halt> {
    let reading = Reading {
        ceiling: Confidence::Low,
        floor: Confidence::Medium,
        ..Reading::PLAIN
    };
    let (mut narrow, mut wide) = (Pieces::default(), Pieces::default());
    let mut cut = false;
    for run in strings(artifact.bytes(), SHORTEST) {
        cut = narrow.len() + wide.len() >= MOST;
        if cut {
            break;
        }
        let (runs, stride) = if run.wide { (&mut wide, 2) } else { (&mut narrow, 1) };
        let source = Span {
            start: run.start as u64,
            end: run.end as u64,
        };
        see(&run.text, source.start, stride);
        runs.push_run(run.text.bytes(), source, stride);
    }
    if cut {
        cx.report(Problem::note("strings-cut", "not all of its strings were looked at"));
    }
    cx.extract(narrow.text(), &narrow, reading)?;
    let wide_reading = Reading {
        encoding: Some(Encoding::Utf16Le),
        ..reading
    };
    cx.extract(wide.text(), &wide, wide_reading)
}
