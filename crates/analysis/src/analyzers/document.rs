//! Documents: PDF, Office Open XML, OpenDocument. Observables carry their page.

use super::{Analyzer, AnalyzerInfo};
use crate::Context;
use crate::context::Reading;
use watchfire_formats::document;
use watchfire_formats::identify::media;
use watchfire_model::{
    ActiveKind, Artifact, DiagnosticSeverity, Fact, Halt, MediaType, ObservableType, Observed, Untrusted,
};

/// See the module.
#[derive(Debug)]
pub(crate) struct Document;

static INFO: AnalyzerInfo = AnalyzerInfo {
    name: "document",
    describes: "PDF, Office Open XML and OpenDocument: text with pages, hidden text, links, embedded files",
};

impl Analyzer for Document {
    fn info(&self) -> &'static AnalyzerInfo {
        &INFO
    }

    fn handles(&self, media_type: MediaType) -> bool {
        document::handles(media_type) && !matches!(media_type, media::HTML | media::XHTML)
    }

    fn analyze(&self, artifact: &Artifact, cx: &mut Context<'_>) -> Result<(), Halt> {
        read(artifact, cx)
    }
}

/// The part of an Office document that holds its macros ([MS-OVBA], section 2.2.1).
const MACROS: &str = "vbaProject.bin";

/// Hands on everything that a document reader found.
pub(super) fn read(artifact: &Artifact, cx: &mut Context<'_>) -> Result<(), Halt> {
    let document = document::read(cx.media_type(), artifact.bytes(), artifact.hints(), cx.budget());
    let encrypted = document.facts.encrypted;
    cx.fact(Fact::Document(document.facts));
    for problem in document.problems {
        if problem.severity > DiagnosticSeverity::Note {
            cx.partial();
        }
        if let Some(kind) = active(problem.code) {
            cx.fact(Fact::Active {
                kind,
                detail: problem.message.clone(),
            });
        }
        cx.report(problem);
    }
    if encrypted && document.text.is_empty() {
        cx.locked();
    }
    cx.extract(document.text.text.as_bytes(), &document.text, Reading::PLAIN)?;
    cx.links(document.links)?;
    let seen = cx.observed().len();
    cx.extract(document.hidden.text.as_bytes(), &document.hidden, Reading::PLAIN)?;
    hidden_links(cx, seen);
    for member in document.embedded {
        if member.name.raw().ends_with(MACROS) {
            cx.fact(Fact::Active {
                kind: ActiveKind::Macro,
                detail: member.name.clone(),
            });
        }
        cx.child(member)?;
    }
    document.halted.map_or(Ok(()), Err)
}

/// What acts, among the remarks of readers.
fn active(code: &str) -> Option<ActiveKind> {
    match code {
        "pdf-launch-action" | "ooxml-dde-field" => Some(ActiveKind::Launch),
        "pdf-javascript" => Some(ActiveKind::Script),
        _ => None,
    }
}

/// Names the sites that came to light only in hidden text, after the first `seen` observables.
fn hidden_links(cx: &mut Context<'_>, seen: usize) {
    let is_link = |observed: &&Observed| {
        matches!(observed.observable.kind(), ObservableType::Url | ObservableType::Domain) && observed.via.is_none()
    };
    let fresh = cx.observed().iter().skip(seen).filter(is_link);
    let links: Vec<Untrusted> = fresh
        .take(100)
        .map(|observed| observed.observable.raw().into())
        .collect();
    if !links.is_empty() {
        cx.fact(Fact::Hidden { links });
    }
}
