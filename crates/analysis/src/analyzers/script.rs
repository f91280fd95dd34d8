//! Scripts: what they call, what their texts read when they are put together, and what they carry encoded.
//!
//! The text itself is read by the text analyzer. What comes to light only in folded form goes through the extractor too;
//! what a script carries becomes an artifact of its own. Of pages only what their scripts carry is handed out: what pages
//! call is ordinary.

use super::{Analyzer, AnalyzerInfo, text};
use crate::Context;
use crate::context::Reading;
use crate::locate::Pieces;
use std::collections::HashSet;
use watchfire_formats::identify::media;
use watchfire_formats::script::{self, Language, Script, encoder};
use watchfire_model::{Artifact, Confidence, Fact, Halt, Hints, Layer, MediaType, Member, ScriptFacts, Via};

/// See the module.
#[derive(Debug)]
pub(crate) struct Scripts;

static INFO: AnalyzerInfo = AnalyzerInfo {
    name: "script",
    describes: "PowerShell, batch, VBScript, JScript, HTA, WSF: what they call, folded texts, encoded payloads",
};

impl Analyzer for Scripts {
    fn info(&self) -> &'static AnalyzerInfo {
        &INFO
    }

    fn handles(&self, media_type: MediaType) -> bool {
        Language::of(media_type).is_some() || is_wrapper(media_type) || is_page(media_type)
    }

    fn analyze(&self, artifact: &Artifact, cx: &mut Context<'_>) -> Result<(), Halt> {
        if is_page(cx.media_type()) && !may_have_scripts(artifact.bytes()) {
            return Ok(());
        }
        let charset = artifact.hints().charset.as_ref().map(|charset| charset.raw());
        let decoded = watchfire_formats::text::decode(artifact.bytes(), charset);
        let source = decoded.text.as_ref();
        if source.contains(encoder::BEGIN) {
            return encoded(source, artifact, cx);
        }
        if let Some(language) = Language::of(cx.media_type()) {
            let read = script::read(source, language, cx.budget());
            return hand_on(read, source, cx);
        }
        let is_page = is_page(cx.media_type());
        for (language, part) in script::parts(source) {
            let mut read = script::read(part, language, cx.budget());
            if is_page {
                read.payloads.retain(|payload| payload.layer != Layer::EncodedCommand);
                carried(read, cx)?;
            } else {
                hand_on(read, part, cx)?;
            }
        }
        Ok(())
    }
}

/// Markup around scripts that Windows runs with the rights of a program.
fn is_wrapper(media_type: MediaType) -> bool {
    matches!(media_type, media::HTA | media::WSF | media::SCRIPTLET)
}

fn is_page(media_type: MediaType) -> bool {
    matches!(media_type, media::HTML | media::XHTML | media::SVG)
}

/// Whether a page may hold scripts, told without decoding it: most pages that come by mail hold none.
fn may_have_scripts(bytes: &[u8]) -> bool {
    memchr::memchr_iter(b'<', bytes).any(|at| {
        let name = bytes.get(at + 1..at + 3).unwrap_or_default();
        // In UTF-16 a zero stands on either side of a letter.
        name.eq_ignore_ascii_case(b"sc") || name.first() == Some(&0)
    })
}

/// Hands out what the script encoder of Windows hid.
fn encoded(source: &str, artifact: &Artifact, cx: &mut Context<'_>) -> Result<(), Halt> {
    cx.fact(Fact::Script(Box::new(ScriptFacts {
        language: if cx.media_type() == media::VBSCRIPT_ENCODED {
            "vbscript"
        } else {
            "javascript"
        },
        layers: vec![Layer::ScriptEncoder],
        ..ScriptFacts::default()
    })));
    if matches!(cx.media_type(), media::VBSCRIPT_ENCODED | media::JSCRIPT_ENCODED) {
        text::decoded(artifact, cx);
    }
    let Some(plain) = encoder::decode(source) else {
        return Ok(());
    };
    let is_basic = artifact.hints().extension().as_deref() == Some("vbe") || script::looks_basic(&plain);
    let extension = match cx.media_type() {
        media::HTA => "hta",
        media::WSF => "wsf",
        media::HTML => "html",
        _ if is_basic => "vbs",
        _ => "js",
    };
    child(format!("decoded.{extension}"), plain.into_bytes(), cx)
}

fn child(name: String, bytes: Vec<u8>, cx: &mut Context<'_>) -> Result<(), Halt> {
    cx.child(Member {
        name: name.into(),
        bytes,
        hints: Hints::default(),
    })
}

/// Emits what was read from `source`.
pub(super) fn hand_on(mut read: Script, source: &str, cx: &mut Context<'_>) -> Result<(), Halt> {
    let facts = std::mem::take(&mut read.facts);
    cx.fact(Fact::Script(Box::new(facts)));
    folded(read, source, cx)
}

/// The same without a word about what it calls.
pub(super) fn folded(read: Script, source: &str, cx: &mut Context<'_>) -> Result<(), Halt> {
    let known: HashSet<&str> = source.lines().map(str::trim).collect();
    let mut pieces = Pieces::default();
    for line in read.plain.lines().map(str::trim) {
        if !line.is_empty() && !known.contains(line) {
            pieces.push(line, None, None);
        }
    }
    let reading = Reading {
        via: Some(Via::Folded),
        floor: Confidence::Medium,
        ..Reading::PLAIN
    };
    cx.extract(pieces.text(), &pieces, reading)?;
    carried(read, cx)
}

fn carried(read: Script, cx: &mut Context<'_>) -> Result<(), Halt> {
    for payload in read.payloads {
        child(payload.name, payload.bytes, cx)?;
    }
    Ok(())
}
