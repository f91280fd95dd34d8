//! What bytes are, by content first and by hints where content is silent.
//!
//! Content is what the bytes show: signatures, the members of a zip, the shape of text. It does not prove that the rest
//! of a file is valid. Types are [constants](media) with IANA names where one is registered.

mod binary;
mod hints;
mod mail;
pub mod media;
pub mod runnable;
mod signatures;
mod textual;

pub use mail::CLAIM as MAIL_CLAIM;

use crate::{log, text};
use watchfire_model::{Hints, MediaType};

/// What told the type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The bytes themselves.
    Content,
    /// The declared name or type; the bytes do not contradict it.
    Hint,
    /// Nothing: text or binary of no known format.
    Nothing,
}

/// What an artifact is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identified {
    /// Its type.
    pub media_type: MediaType,
    /// What told.
    pub by: By,
    /// A zip that begins behind something else, so that the artifact is two things at once: a self-extractor, or a
    /// picture or a mail with an archive at its end.
    pub also: Option<MediaType>,
}

/// What Windows runs a file of this name as, whatever is in it: scripts and shortcuts that their ending alone makes such.
/// A picture, a list or a mail of that name is run like any other.
pub fn run_as(hints: &Hints) -> Option<MediaType> {
    run_by_name(hints.name.as_ref()?.raw().as_bytes())
}

/// The same by a name, or a path, alone.
pub fn run_by_name(name: &[u8]) -> Option<MediaType> {
    // Dots and blanks at the end are dropped when the file is written.
    let end = name.iter().rposition(|byte| !matches!(byte, b'.' | b' '))?;
    hints::text_by_extension(name.get(..=end)?).filter(|media_type| {
        matches!(
            *media_type,
            media::BATCH
                | media::POWERSHELL
                | media::JAVASCRIPT
                | media::JSCRIPT_ENCODED
                | media::VBSCRIPT
                | media::VBSCRIPT_ENCODED
                | media::HTA
                | media::WSF
                | media::SCRIPTLET
                | media::URL_SHORTCUT
        )
    })
}

/// How much text is decoded to look at.
const SAMPLE: usize = 16 << 10;

/// Identifies `bytes`.
pub fn identify(bytes: &[u8], hints: &Hints) -> Identified {
    let also = binary::zip_at_end(bytes);
    if let Some(media_type) = runnable::image_by_name(bytes, hints) {
        return Identified {
            media_type,
            by: By::Content,
            also: also.filter(|&zip| zip != media_type),
        };
    }
    if let Some(media_type) = mail::identify(bytes, hints) {
        return Identified {
            media_type,
            by: By::Content,
            also,
        };
    }
    if let Some(media_type) = binary::identify(bytes) {
        return Identified {
            media_type,
            by: By::Content,
            also: also.filter(|&zip| zip != media_type),
        };
    }
    let (media_type, by) = match also {
        // Nothing speaks for what is before the zip, so the zip it is.
        Some(zip) => {
            return Identified {
                media_type: zip,
                by: By::Content,
                also: None,
            };
        }
        None if bytes.is_empty() || text::is_plausible(bytes) => text_type(bytes, hints),
        None => match (textual::shebang_of(bytes), hints::binary(hints)) {
            (Some(media_type), _) => (media_type, By::Content),
            (None, Some(media_type)) => (media_type, By::Hint),
            (None, None) => (MediaType::UNKNOWN, By::Nothing),
        },
    };
    Identified {
        media_type,
        by,
        also: None,
    }
}

fn text_type(bytes: &[u8], hints: &Hints) -> (MediaType, By) {
    let sample = bytes.get(..SAMPLE).unwrap_or(bytes);
    let charset = hints.charset.as_ref().map(|charset| charset.raw());
    let decoded = text::decode(sample, charset);
    let is_log = || log::recognise(sample).is_some_and(log::Format::is_sure);
    if let Some(media_type) = textual::identify(&decoded.text, sample.len() == bytes.len()) {
        // Logs are written as objects and elements, too.
        let could = matches!(media_type, media::JSON | media::NDJSON | media::XML);
        return (if could && is_log() { media::LOG } else { media_type }, By::Content);
    }
    match hints::text(hints) {
        // Names that say nothing of what a text is for are no reason to look away.
        None | Some(media::LOG) if is_log() => (media::LOG, By::Content),
        Some(media_type) => (media_type, By::Hint),
        None => (MediaType::TEXT, By::Nothing),
    }
}

#[cfg(test)]
mod tests;
