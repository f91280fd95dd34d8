//! Captures that are read as they come: of any length, and several as one.

use super::{Watching, watch};
use crate::hands::Hands;
use crate::run::Run;
use crate::{Analysis, Context, Engine};
use std::io::Read;
use std::sync::Arc;
use watchfire_capture::FrameReader;
use watchfire_formats::identify::media;
use watchfire_model::network::CaptureFile;
use watchfire_model::{Artifact, Budget, Fact, Hints, Origin, Problem, Untrusted};

/// A capture, or a part of one, and its name.
pub type Part<'p> = (Untrusted, Box<dyn Read + 'p>);

impl Engine {
    /// Reads `first` and then whatever `next` gives as one capture, in memory that does not depend on how long it is.
    /// `origin` is what it is called as a whole. Nothing of it is hashed.
    pub fn watch<'p>(
        &self,
        origin: Arc<Origin>,
        first: Part<'p>,
        mut next: impl FnMut() -> Option<Part<'p>>,
        watching: Watching<'_>,
        budget: &Budget,
    ) -> Analysis {
        let artifact = Artifact::streamed(origin, Hints::default());
        let hands = Hands::new(watching.threads);
        let (name, source) = first;
        let mut names = vec![name];
        let reader = FrameReader::new(source);
        let mut reader = if watching.live { reader.as_it_comes() } else { reader };
        let next = || {
            let (name, source) = next()?;
            names.push(name);
            Some(source)
        };
        let mut told = watch(self, &artifact, (&mut reader, next), watching, (budget, hands));
        if names.len() > 1 {
            let begins = std::iter::once(1).chain(told.sources.iter().copied());
            let files = names.into_iter().zip(begins);
            told.facts.files = files
                .map(|(name, first_frame)| CaptureFile { name, first_frame })
                .collect();
        }
        let size = told.facts.captured;
        let mut cx = Context::new(&artifact, media::PCAP, budget, self, &[]);
        cx.take_mails_apart(true);
        let result = told.into_context(&mut cx, hands).and_then(|()| budget.check());
        if let Err(halt) = result {
            cx.report(crate::run::stopped(halt));
            cx.fact(Fact::Halted { limit: halt.0 });
        }
        if self.has_rules() {
            let message =
                "rules were not asked about the capture itself, which was read as it came; about files in it they were";
            cx.report(Problem::note("yara-cut", message));
        }
        let outcome = cx.into_outcome();
        Run::new(self, budget).streamed(artifact, media::PCAP, size, outcome)
    }
}
