//! PDF to text with page numbers, links and attached files (ISO 32000-2).
//!
//! Cross-references are believed only where they hold ([`file`]); text comes from the content streams ([`content`]), is
//! given its letters by the fonts ([`font`]) and its words and lines by where it is painted ([`layout`]). Files encrypted
//! with an empty or hinted user password are decrypted ([`crypt`]). Pictures ([`picture`]) and what is drawn ([`drawing`]) are
//! searched for QR codes, and for nothing else. Scripts are not run; actions that launch, run or lead elsewhere are named
//! in problems.

mod attached;
pub(crate) mod cipher;
mod cmap;
mod content;
mod crypt;
mod drawing;
mod encoding;
mod file;
mod filter;
mod font;
mod glyph_names;
mod layout;
mod lexer;
mod links;
mod meta;
mod object;
mod pages;
mod picture;
mod standard_widths;
mod xref;

use super::Document;
use content::Interpreter;
use file::{Access, File};
use object::Object;
use std::collections::BTreeSet;
use watchfire_model::{Budget, DocumentFacts, Hints, Problem};

/// Parts of a form in XML. Forms have about ten.
const MAX_FORM_PARTS: usize = 1000;

/// Reads a PDF file.
pub(super) fn read(bytes: &[u8], hints: &Hints, budget: &Budget) -> Document {
    let mut document = Document {
        facts: DocumentFacts {
            format: "pdf",
            ..DocumentFacts::default()
        },
        ..Document::default()
    };
    let (file, access) = File::open(bytes, hints, budget);
    document.facts.encrypted = access != Access::Plain;
    if access != Access::Locked {
        read_file(&file, &mut document);
    }
    document.problems.extend(file.take_problems());
    document.halted = file.halted();
    document
}

fn read_file(file: &File<'_>, document: &mut Document) {
    meta::read(file, &mut document.facts);
    let pages = pages::collect(file);
    if pages.is_empty() {
        file.problem(Problem::warning("pdf-no-pages", "no page could be found"));
    }
    document.facts.pages = u32::try_from(pages.len()).unwrap_or(u32::MAX);
    let mut interpreter = Interpreter::new(file);
    let mut links = links::Reader::new(file);
    for (number, page) in (1..).zip(&pages) {
        if file.halted().is_some() {
            break;
        }
        interpreter.layout.page(number);
        interpreter.shown.page(file, number);
        page.run(file, &mut interpreter);
        links.page(number, page, &interpreter.layout);
    }
    document.text = std::mem::take(&mut interpreter.layout).finish();
    let (found, scripts, annotated) = links.finish();
    document.links = found;
    document.behind.scripts.text = scripts;
    document.behind.markup.text = forms(file);
    document.embedded = attached::read(file, &annotated);
    document.codes = interpreter.shown.finish(file);
}

/// The markup of forms in XML (XFA), which holds texts, targets and scripts.
fn forms(file: &File<'_>) -> String {
    let root = file.get(&file.trailer, "Root");
    let form = root.as_dict().map(|catalog| file.get(catalog, "AcroForm").keep());
    let markup = form
        .as_ref()
        .and_then(|form| Some(file.get(form.as_dict()?, "XFA").keep()));
    let mut out = String::new();
    let mut seen = BTreeSet::new();
    let mut put = |object: &Object| {
        let Some(stream) = object.as_stream().filter(|stream| seen.insert(stream.start)) else {
            return;
        };
        let data = file.decode(stream);
        let text = String::from_utf8_lossy(&data);
        if file.has_room(&out, &text) {
            out.push_str(&text);
            out.push('\n');
        }
    };
    match markup.as_deref() {
        Some(Object::Array(parts)) => parts
            .iter()
            .take(MAX_FORM_PARTS)
            .for_each(|part| put(&file.resolve(part))),
        Some(single) => put(single),
        None => {}
    }
    out
}

#[cfg(test)]
mod tests;
