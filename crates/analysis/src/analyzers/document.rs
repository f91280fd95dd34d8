//! Documents: PDF, Office Open XML, OpenDocument. Observables carry their page.

use super::image::read_codes;
use super::{Analyzer, AnalyzerInfo, text};
use crate::Context;
use crate::context::Reading;
use crate::locate::{LaidOut, Pieces};
use crate::wording::{self, visible};
use watchfire_formats::document::{self, Behind, MacroSheet, Text};
use watchfire_formats::identify::media;
use watchfire_formats::script::{self, Language, excel_4};
use watchfire_formats::text::decode;
use watchfire_model::{
    ActiveKind, Artifact, Confidence, Fact, Halt, MacroFacts, MediaType, ObservableType, Observed, Problem, Untrusted,
    Via,
};

/// See the module.
#[derive(Debug)]
pub(crate) struct Document;

static INFO: AnalyzerInfo = AnalyzerInfo {
    name: "document",
    describes: "PDF, Office Open XML, OpenDocument and rich text: text with pages, hidden text, links, QR codes in PDF, embedded files",
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
pub(super) const MACROS: &str = "vbaProject.bin";

/// Hands on everything that a document reader found.
pub(super) fn read(artifact: &Artifact, cx: &mut Context<'_>) -> Result<(), Halt> {
    let mut hints = artifact.hints().clone();
    hints
        .passwords
        .extend(cx.candidates().iter().map(|candidate| candidate.password.clone()));
    let document = document::read(cx.media_type(), artifact.bytes(), &hints, cx.budget());
    let encrypted = document.facts.encrypted;
    let title = document.facts.title.as_ref().map_or("", Untrusted::raw);
    let shown = visible(&document.text.text).saturating_sub(visible(title));
    cx.fact(Fact::Document(document.facts));
    for problem in document.problems {
        if problem.code == "pdf-picture-unread" {
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
    let reading = Reading {
        encoding: document.charset.and_then(text::encoding),
        charset: document.charset,
        ..Reading::PLAIN
    };
    let source = document.charset.map(|charset| decode(artifact.bytes(), Some(charset)));
    let read = |text: &Text, reading: Reading, cx: &mut Context<'_>| {
        let at = LaidOut {
            text,
            source: source.as_ref(),
        };
        cx.extract(text.text.as_bytes(), &at, reading)
    };
    read(&document.text, reading, cx)?;
    cx.links(document.links, reading)?;
    read_codes(
        document.codes.iter().map(|code| (code.text.as_str(), Some(code.page))),
        cx,
    )?;
    document.forms.into_iter().for_each(|form| cx.fact(Fact::Form(form)));
    let seen = cx.observed().len();
    read(&document.hidden, reading, cx)?;
    hidden_links(cx, seen);
    if let Some(words) = wording::of(artifact, &document.text.text, &document.hidden.text) {
        cx.fact(words);
    }
    if document.behind.active {
        scripted(cx, &document.behind, shown);
    }
    for (text, via, floor) in behind(&document.behind) {
        let via = Some(via);
        read(text, Reading { via, floor, ..reading }, cx)?;
    }
    carried_by_scripts(&document.behind.scripts.text, cx)?;
    macro_sheets(&document.macro_sheets, cx)?;
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

/// A page that shows fewer characters than this is made by its scripts: "please wait", and the like.
pub(crate) const SHOWS_LITTLE: u64 = 100;

/// Says that the page acts. What a reader would meet where scripts make the page, nobody has looked at.
fn scripted(cx: &mut Context<'_>, behind: &Behind, shown: u64) {
    cx.fact(Fact::Scripted {
        shown,
        scripts: behind.scripts.text.len() as u64,
    });
    if let Some(smuggling) = wording::smuggling(&behind.scripts.text) {
        cx.fact(smuggling);
    }
    if shown < SHOWS_LITTLE {
        let why = "a script makes this page: it was read as text and not run, so what it shows or loads was not seen";
        cx.report(Problem::warning("html-script-page", why));
    } else {
        let why = "scripts were read as text and not run: what they put together or load was not seen";
        cx.report(Problem::note("html-script", why));
    }
}

/// What is there for programs and authors. Code is full of dotted names: of it only what is more than a guess is kept.
fn behind(behind: &Behind) -> [(&Text, Via, Confidence); 3] {
    [
        (&behind.scripts, Via::Script, Confidence::Medium),
        (&behind.comments, Via::Comment, Confidence::Low),
        (&behind.markup, Via::Markup, Confidence::Medium),
    ]
}

/// Hands out what scripts of a PDF, and commands of fields, carry encoded. Pages have an analyzer for theirs.
fn carried_by_scripts(scripts: &str, cx: &mut Context<'_>) -> Result<(), Halt> {
    let language = match cx.media_type() {
        media::HTML | media::XHTML => return Ok(()),
        media::PDF => Language::JavaScript,
        _ => Language::Command,
    };
    if scripts.is_empty() {
        return Ok(());
    }
    let read = script::read(scripts, language, cx.budget());
    super::script::folded(read, scripts, cx)
}

/// Says what sheets of Excel 4 macros call, and reads their formulas.
fn macro_sheets(sheets: &[MacroSheet], cx: &mut Context<'_>) -> Result<(), Halt> {
    let Some(first) = sheets.first() else { return Ok(()) };
    let formulas: String = sheets.iter().map(|sheet| sheet.formulas.as_str()).collect();
    cx.fact(Fact::Active {
        kind: ActiveKind::Macro,
        detail: first.name.as_str().into(),
    });
    cx.fact(Fact::Macros(Box::new(MacroFacts {
        modules: sheets.iter().map(|sheet| sheet.name.as_str().into()).collect(),
        source: formulas.len() as u64,
        excel_4: true,
        ..MacroFacts::default()
    })));
    cx.fact(Fact::Script(Box::new(excel_4(&formulas, &first.automatic))));
    let mut pieces = Pieces::default();
    formulas.lines().for_each(|line| pieces.push(line, None, None));
    let reading = Reading {
        via: Some(Via::Script),
        floor: Confidence::Medium,
        ..Reading::PLAIN
    };
    cx.extract(pieces.text(), &pieces, reading)
}

/// What acts, among the remarks of readers.
fn active(code: &str) -> Option<ActiveKind> {
    match code {
        "pdf-launch-action" | "ooxml-dde-field" | "rtf-dde-field" => Some(ActiveKind::Launch),
        "ooxml-remote-part" | "rtf-template" | "rtf-remote-field" => Some(ActiveKind::Remote),
        "rtf-equation" => Some(ActiveKind::Equation),
        "rtf-equation-overlong" => Some(ActiveKind::Overflow),
        "rtf-object-update" | "rtf-control" => Some(ActiveKind::Update),
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
