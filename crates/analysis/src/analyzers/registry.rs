//! The analyzers, in the order in which they are asked.

use super::Analyzer;
use super::{
    archive, binary, calendar, capture, document, email, executable, html, image, log, mailbox, office, onenote, outlook,
    script, shortcut, smime, text,
};

/// Every analyzer that understands a format.
pub const REGISTRY: &[&dyn Analyzer] = &[
    &text::Text,
    &html::Html,
    &script::Scripts,
    &shortcut::Shortcut,
    &document::Document,
    &office::OldOffice,
    &email::Email,
    &mailbox::Mailbox,
    &outlook::Outlook,
    &smime::Smime,
    &calendar::Calendar,
    &image::Image,
    &onenote::OneNote,
    &executable::Executable,
    &capture::Capture,
    &log::Log,
    &archive::Archive,
];

/// Reads what no other analyzer understands; what only it has read does not count as understood.
pub(crate) const FALLBACK: &dyn Analyzer = &binary::Binary;

/// Reads text, whatever it is.
pub(crate) const TEXT: &dyn Analyzer = &text::Text;

/// Those whose files are what they are by their name.
pub(crate) const OF_NAMES: &[&dyn Analyzer] = &[&script::Scripts, &shortcut::Shortcut];
