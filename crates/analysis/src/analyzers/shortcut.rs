//! Shortcuts: where they lead and with what. The command line that they make is read like any other.

use super::{Analyzer, AnalyzerInfo, script};
use crate::Context;
use crate::context::Reading;
use crate::locate::Pieces;
use watchfire_formats::identify::media;
use watchfire_formats::script::{Language, read as read_script};
use watchfire_formats::shortcut::{self, Placed};
use watchfire_model::{Artifact, Fact, Halt, Hints, MediaType, Member, Span};

/// See the module.
#[derive(Debug)]
pub(crate) struct Shortcut;

static INFO: AnalyzerInfo = AnalyzerInfo {
    name: "shortcut",
    describes: "shortcuts (.lnk, .url, .library-ms, .search-ms, .settingcontent-ms): targets, arguments, machine of origin",
};

impl Analyzer for Shortcut {
    fn info(&self) -> &'static AnalyzerInfo {
        &INFO
    }

    fn handles(&self, media_type: MediaType) -> bool {
        shortcut::handles(media_type)
    }

    fn analyze(&self, artifact: &Artifact, cx: &mut Context<'_>) -> Result<(), Halt> {
        let read = shortcut::read(cx.media_type(), artifact.bytes());
        let command = format!("{} {}", read.facts.target.raw(), read.facts.arguments.raw());
        let has_arguments = !read.facts.arguments.is_empty();
        cx.fact(Fact::Shortcut(Box::new(read.facts)));
        read.problems.into_iter().for_each(|problem| cx.report(problem));
        // The others are text, and read as such.
        if cx.media_type() == media::LNK {
            let texts = placed(&read.texts);
            cx.extract(texts.text(), &texts, Reading::PLAIN)?;
        }
        if has_arguments {
            let command = command.trim();
            script::hand_on(read_script(command, Language::Command, cx.budget()), command, cx)?;
        }
        match read.behind {
            Some(span) => behind(artifact, span, cx),
            None => Ok(()),
        }
    }
}

/// Texts with their places.
fn placed(texts: &[Placed]) -> Pieces {
    let mut pieces = Pieces::default();
    for text in texts {
        if text.text.is_ascii() {
            let line = text
                .text
                .bytes()
                .map(|byte| if byte.is_ascii_control() { b' ' } else { byte });
            pieces.push_run(line, text.span, if text.is_wide { 2 } else { 1 });
        } else {
            pieces.push(&text.text, Some(text.span), None);
        }
    }
    pieces
}

/// Hands out what stands behind the end of a link.
fn behind(artifact: &Artifact, span: Span, cx: &mut Context<'_>) -> Result<(), Halt> {
    let at = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX);
    let bytes = artifact.bytes().get(at(span.start)..at(span.end)).unwrap_or_default();
    cx.child(Member {
        name: "behind the link".into(),
        bytes: bytes.to_vec(),
        hints: Hints::default(),
    })
}
