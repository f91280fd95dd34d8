//! Notebooks of OneNote: their texts. The files in them come out like those of any container.

use super::{Analyzer, AnalyzerInfo};
use crate::Context;
use crate::context::Reading;
use crate::locate::Pieces;
use watchfire_formats::archive::notebook_texts;
use watchfire_formats::identify::media;
use watchfire_model::{Artifact, Halt, MediaType};

/// See the module.
#[derive(Debug)]
pub(crate) struct OneNote;

static INFO: AnalyzerInfo = AnalyzerInfo {
    name: "onenote",
    describes: "notebooks of OneNote: texts, titles and links",
};

impl Analyzer for OneNote {
    fn info(&self) -> &'static AnalyzerInfo {
        &INFO
    }

    fn handles(&self, media_type: MediaType) -> bool {
        media_type == media::ONENOTE
    }

    fn analyze(&self, artifact: &Artifact, cx: &mut Context<'_>) -> Result<(), Halt> {
        let mut pieces = Pieces::default();
        for (text, span) in notebook_texts(artifact.bytes()) {
            for line in text.lines() {
                pieces.push(line, Some(span), None);
            }
        }
        cx.extract(pieces.text(), &pieces, Reading::PLAIN)
    }
}
