//! Shortcuts: files whose only content is what to open.
//!
//! Links of the Windows shell (MS-SHLLINK, [`lnk`]), shortcuts to the internet ([`url`]) and the small XML files of the
//! shell that lead to folders, searches and settings ([`xml`]). Nothing is resolved: what stands there is what is told.

mod item;
pub mod lnk;
mod property;
pub mod url;
pub mod xml;

use crate::identify::media;
use watchfire_model::{MediaType, Problem, ShortcutFacts, Span};

/// A shortcut.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shortcut {
    /// What it says.
    pub facts: ShortcutFacts,
    /// Its texts with their places.
    pub texts: Vec<Placed>,
    /// What could not be read as it stands.
    pub problems: Vec<Problem>,
    /// What stands behind its end.
    pub behind: Option<Span>,
}

/// A text and its place in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// The text.
    pub text: String,
    /// Where it stands.
    pub span: Span,
    /// Two bytes to a letter.
    pub is_wide: bool,
}

/// Whether [`read`] knows what to do with `media_type`.
pub fn handles(media_type: MediaType) -> bool {
    matches!(
        media_type,
        media::LNK | media::URL_SHORTCUT | media::LIBRARY_MS | media::SEARCH_CONNECTOR | media::SETTING_CONTENT
    )
}

/// Reads a shortcut of a type that [`handles`] accepts.
pub fn read(media_type: MediaType, bytes: &[u8]) -> Shortcut {
    match media_type {
        media::LNK => lnk::read(bytes),
        media::URL_SHORTCUT => url::read(bytes),
        _ => xml::read(media_type, bytes),
    }
}

/// The longest run of blanks, in characters.
fn blanks(text: &str) -> u64 {
    let (mut longest, mut run) = (0, 0);
    for c in text.chars() {
        run = if c.is_whitespace() || c.is_control() {
            run + 1
        } else {
            0
        };
        longest = longest.max(run);
    }
    longest
}

#[cfg(test)]
mod tests;
