//! Documents: visible text with page numbers, links, titles.
//!
//! Every reader here takes bytes and gives a [`Document`]: what a person would read, in reading order, with where each
//! stretch came from, and the links a person could follow. Readers do not fail; what they could read stays, and what
//! they could not is a [`Problem`]. Macros, scripts and exploits inside documents are not interpreted: they are handed
//! out as members, as text ([`Behind`]), or named in a problem.

mod flow;
mod odf;
mod ooxml;
mod package;
mod pdf;
mod rtf;
mod text;
mod xml;

pub mod html;

pub(crate) use ooxml::{each_start, each_value};
#[cfg(test)]
pub(crate) use pdf::cipher::encrypt_blocks as aes_encrypt;
pub(crate) use pdf::cipher::{decrypt_blocks as aes_decrypt, rc4};
pub use text::{Mark, Text};

use crate::identify::media;
use watchfire_model::{Budget, DocumentFacts, Form, Halt, Hints, Link, MediaType, Member, Problem};

/// What a document holds.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// Title, author, producer, pages.
    pub facts: DocumentFacts,
    /// What a reader sees.
    pub text: Text,
    /// What the document carries as text but hides from a reader.
    pub hidden: Text,
    /// What is there for programs and authors.
    pub behind: Behind,
    /// Links in document order.
    pub links: Vec<Link>,
    /// Forms in document order.
    pub forms: Vec<Form>,
    /// QR codes that pages show, in document order, each text once.
    pub codes: Vec<Code>,
    /// The character encoding of the bytes, where the document is text: a WHATWG name. Sources of its texts are then
    /// offsets in the decoded text, see [`crate::text::decode`].
    pub charset: Option<&'static str>,
    /// What could not be read as it stands.
    pub problems: Vec<Problem>,
    /// Sheets of Excel 4 macros.
    pub macro_sheets: Vec<MacroSheet>,
    /// Attached files, media, embedded packages.
    pub embedded: Vec<Member>,
    /// The limit that was reached, if one was.
    pub halted: Option<Halt>,
}

/// A sheet of Excel 4 macros.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MacroSheet {
    /// The name of its part.
    pub name: String,
    /// Its formulas, a line each, with their cells.
    pub formulas: String,
    /// Names by which the workbook runs macros unasked.
    pub automatic: Vec<String>,
}

/// A QR code on a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// What a telephone would read.
    pub text: String,
    /// The page, from 1.
    pub page: u32,
}

/// Text that a document carries for programs and authors, not for readers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Behind {
    /// Scripts and event handlers, as they stand. They are never run.
    pub scripts: Text,
    /// Comments, processing instructions, and what else a program drops.
    pub comments: Text,
    /// Templates, style sheets, content for programs that cannot show the real thing, values of attributes.
    pub markup: Text,
    /// Whether something in it would run when the document is shown, be it here or loaded from elsewhere.
    pub active: bool,
}

impl Behind {
    fn of(&mut self, is_script: bool) -> &mut Text {
        if is_script { &mut self.scripts } else { &mut self.markup }
    }
}

/// Whether [`read`] knows what to do with `media_type`.
pub fn handles(media_type: MediaType) -> bool {
    reader(media_type).is_some()
}

/// Reads a document of a type that [`handles`] accepts; of any other it gives nothing.
pub fn read(media_type: MediaType, bytes: &[u8], hints: &Hints, budget: &Budget) -> Document {
    match reader(media_type) {
        Some(read) => read(bytes, hints, budget),
        None => Document::default(),
    }
}

type Reader = fn(&[u8], &Hints, &Budget) -> Document;

fn reader(media_type: MediaType) -> Option<Reader> {
    match media_type {
        media::HTML | media::XHTML => Some(html::read_bytes),
        media::PDF => Some(pdf::read),
        media::RTF => Some(rtf::read),
        media::DOCX
        | media::DOCM
        | media::DOTX
        | media::DOTM
        | media::XLSX
        | media::XLSM
        | media::XLSB
        | media::PPTX
        | media::PPTM => Some(ooxml::read),
        media::ODT | media::ODS | media::ODP | media::ODG => Some(odf::read),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
