//! What readers of shortcuts, macros, notebooks and scripts promise.

use super::{length, limits, spent_within, unpack};
use watchfire_formats::identify::media;
use watchfire_formats::script::{self, Language};
use watchfire_formats::shortcut as shortcuts;
use watchfire_model::Budget;

/// Texts of shortcuts stand in the file, and what is behind its end too.
pub fn shortcut(data: &[u8]) {
    for kind in [
        media::LNK,
        media::URL_SHORTCUT,
        media::LIBRARY_MS,
        media::SEARCH_CONNECTOR,
        media::SETTING_CONTENT,
    ] {
        let read = shortcuts::read(kind, data);
        let spans = read.texts.iter().map(|placed| placed.span).chain(read.behind);
        for span in spans {
            assert!(
                span.start <= span.end && span.end <= length(data),
                "{kind}: {span:?} is outside of {} bytes",
                data.len()
            );
        }
    }
}

/// What is folded stays in proportion, and payloads are no larger than what carries them, but for compressed ones.
pub fn script(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for language in [
        Language::PowerShell,
        Language::Batch,
        Language::VisualBasic,
        Language::JavaScript,
        Language::Command,
    ] {
        let budget = Budget::new(limits());
        let read = script::read(&text, language, &budget);
        assert!(
            read.plain.len() <= text.len().saturating_mul(20).saturating_add(1 << 18),
            "{language:?}: {} bytes became {}",
            text.len(),
            read.plain.len()
        );
        assert!(read.payloads.len() <= 100, "payloads without bounds");
        spent_within(&budget);
    }
    script::parts(&text);
    if let Some(plain) = script::encoder::decode(&text) {
        assert!(plain.len() <= text.len(), "decoding made more of it");
    }
}

/// Old documents: sources and formulas stay in proportion to what was given.
pub fn old_office(data: &[u8]) {
    let budget = Budget::new(limits());
    let read = watchfire_formats::office::read(data, &[], &budget);
    let made: usize = read
        .projects
        .iter()
        .flat_map(|project| &project.modules)
        .map(|module| module.source.len())
        .sum();
    assert!(
        made <= data.len().saturating_mul(8_192).min(96 << 20),
        "{made} bytes of source out of {}",
        data.len()
    );
    for member in &read.embedded {
        assert!(
            length(&member.bytes) <= limits().artifact_size,
            "an embedded file is too large"
        );
    }
    spent_within(&budget);
}

/// Rich text: objects are no longer than their digits.
pub fn rich_document(data: &[u8]) {
    let budget = Budget::new(limits());
    let read = watchfire_formats::document::read(media::RTF, data, &watchfire_model::Hints::default(), &budget);
    let carried: usize = read.embedded.iter().map(|member| member.bytes.len()).sum();
    assert!(
        carried <= data.len(),
        "{carried} bytes of objects out of {}",
        data.len()
    );
}

/// Disc images.
pub fn disc(data: &[u8]) {
    unpack(media::ISO, data);
}

/// Notebooks: texts stand in the file.
pub fn notebook(data: &[u8]) {
    unpack(media::ONENOTE, data);
    for (_, span) in watchfire_formats::archive::notebook_texts(data) {
        assert!(
            span.start < span.end && span.end <= length(data),
            "a text out of nowhere"
        );
    }
}
