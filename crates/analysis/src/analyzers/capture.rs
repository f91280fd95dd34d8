//! Captures of networks: how much of what there is, who talks to whom, and what was carried.

use super::{Analyzer, AnalyzerInfo};
use crate::Context;
use crate::hands::Hands;
use crate::network::{Watching, watch};
use watchfire_capture::FrameReader;
use watchfire_formats::identify::media;
use watchfire_model::{Artifact, Halt, MediaType};

/// See the module.
#[derive(Debug)]
pub(crate) struct Capture;

static INFO: AnalyzerInfo = AnalyzerInfo {
    name: "capture",
    describes: "captures of networks: flows, names that were asked for, who talks to whom, and files that were carried",
};

impl Analyzer for Capture {
    fn info(&self) -> &'static AnalyzerInfo {
        &INFO
    }

    fn handles(&self, media_type: MediaType) -> bool {
        matches!(media_type, media::PCAP | media::PCAPNG)
    }

    fn analyze(&self, artifact: &Artifact, cx: &mut Context<'_>) -> Result<(), Halt> {
        let budget = cx.budget();
        let mut reader = FrameReader::new(artifact.bytes());
        let sources = (&mut reader, || None);
        let hands = Hands::default();
        let told = watch(cx.engine(), artifact, sources, Watching::default(), (budget, hands));
        let halted = budget.check();
        told.into_context(cx, hands)?;
        halted
    }
}
