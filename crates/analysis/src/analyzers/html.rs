//! HTML: what a reader sees, what the page hides, where its links lead, and what its scripts and comments say. Scripts are
//! read, not run.

use super::{Analyzer, AnalyzerInfo, document};
use crate::Context;
use watchfire_formats::identify::media;
use watchfire_model::{Artifact, Halt, MediaType};

/// See the module.
#[derive(Debug)]
pub(crate) struct Html;

static INFO: AnalyzerInfo = AnalyzerInfo {
    name: "html",
    describes: "HTML pages: visible text, hidden text, links; scripts and comments as text",
};

impl Analyzer for Html {
    fn info(&self) -> &'static AnalyzerInfo {
        &INFO
    }

    fn handles(&self, media_type: MediaType) -> bool {
        matches!(media_type, media::HTML | media::XHTML)
    }

    fn analyze(&self, artifact: &Artifact, cx: &mut Context<'_>) -> Result<(), Halt> {
        document::read(artifact, cx)
    }
}
