//! Text of any kind: decoded, then read by the extractor.
//!
//! Formats with a structure of their own (PostScript) are read as the text they are until an analyzer of
//! their own knows better; what they hide in encodings is then not looked at, and the artifact does not count as read.

use super::{Analyzer, AnalyzerInfo};
use crate::context::Reading;
use crate::{Context, Locate, Verbatim, wording};
use watchfire_formats::identify::media;
use watchfire_formats::text::{self, Decoded};
use watchfire_model::{Artifact, Encoding, Fact, Halt, MediaType, Problem, Span, TextFacts};

/// See the module.
#[derive(Debug)]
pub(crate) struct Text;

static INFO: AnalyzerInfo = AnalyzerInfo {
    name: "text",
    describes: "text in any encoding, source code, logs, tables and other formats that are text",
};

/// Text whose structure hides nothing from a reader, beyond `text/*`.
const PLAIN: &[MediaType] = &[
    media::JSON,
    media::NDJSON,
    media::STIX,
    media::YAML,
    media::TOML,
    media::SQL,
    media::SHELL,
    media::PHP,
    media::POWERSHELL,
    media::BATCH,
    media::AUTOIT,
    media::HTA,
    media::WSF,
    media::PEM,
    media::PGP_ARMOUR,
    media::PGP_KEYS,
    media::URL_SHORTCUT,
    media::LIBRARY_MS,
    media::SEARCH_CONNECTOR,
    media::SETTING_CONTENT,
    media::SVG,
];

/// Text that carries more than it shows.
const ENVELOPES: &[MediaType] = &[media::POSTSCRIPT];

/// Whether text of this type may go to the extractor as it stands.
pub(crate) fn is_plain(media_type: MediaType) -> bool {
    let has_its_own = matches!(media_type, media::HTML | media::CALENDAR);
    (media_type.0.starts_with("text/") && !has_its_own) || PLAIN.contains(&media_type)
}

impl Analyzer for Text {
    fn info(&self) -> &'static AnalyzerInfo {
        &INFO
    }

    fn handles(&self, media_type: MediaType) -> bool {
        is_plain(media_type) || ENVELOPES.contains(&media_type)
    }

    fn analyze(&self, artifact: &Artifact, cx: &mut Context<'_>) -> Result<(), Halt> {
        let decoded = decoded(artifact, cx);
        if let Some(words) = wording::of(artifact, &decoded.text, "") {
            cx.fact(words);
        }
        if ENVELOPES.contains(&cx.media_type()) {
            cx.partial();
            let why = "read as text only: what it carries in encodings of its own was not looked at";
            cx.report(Problem::note("read-as-text", why));
        }
        let reading = Reading {
            encoding: encoding(decoded.encoding),
            ..Reading::PLAIN
        };
        if decoded.encoding == "utf-8" && !artifact.bytes().starts_with(b"\xef\xbb\xbf") {
            // Damaged bytes stay as they are: offsets hold, and the extractor steps over them.
            return cx.extract(artifact.bytes(), &Verbatim, reading);
        }
        cx.extract(decoded.text.as_bytes(), &Source(&decoded), reading)
    }
}

/// The text of an artifact by its hint, its byte-order mark or its bytes, with the fact that says which.
pub(super) fn decoded<'a>(artifact: &'a Artifact, cx: &mut Context<'_>) -> text::Decoded<'a> {
    let charset = artifact.hints().charset.as_ref().map(|charset| charset.raw());
    let decoded = text::decode(artifact.bytes(), charset);
    cx.fact(Fact::Text(TextFacts {
        encoding: decoded.encoding,
        damaged: decoded.damaged,
    }));
    decoded
}

/// Encodings that an observable names; in the others ASCII stands as it is.
pub(super) fn encoding(name: &str) -> Option<Encoding> {
    match name {
        "utf-16le" => Some(Encoding::Utf16Le),
        "utf-16be" => Some(Encoding::Utf16Be),
        "utf-32le" => Some(Encoding::Utf32Le),
        "utf-32be" => Some(Encoding::Utf32Be),
        _ => None,
    }
}

/// Back from decoded text to the bytes that it was decoded from.
struct Source<'d>(&'d Decoded<'d>);

impl Locate for Source<'_> {
    fn span(&self, at: Span) -> Option<Span> {
        Some(Span {
            start: self.0.source_offset(usize::try_from(at.start).ok()?) as u64,
            end: self.0.source_offset(usize::try_from(at.end).ok()?) as u64,
        })
    }
}
