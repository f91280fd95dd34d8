//! Office Open XML: documents, workbooks and presentations (ECMA-376, ISO/IEC 29500).
//!
//! Which of the three it is, the package's own main part says, whatever the file is called. Text comes in reading order
//! with what is hidden kept apart; links are those a reader can follow and every external part that the package names.
//! Media, embedded files and macro projects are members. Numbers are given as stored: a date is a number here.

mod sheet;
mod slides;
mod word;

use super::Document;
use super::package::{Output, Package, Relationships};
use super::xml::{Event, Reader};
use crate::office::binary_sheet;
use watchfire_model::{Budget, DocumentFacts, Hints, Problem, Untrusted};

/// Reads a package.
pub(super) fn read(bytes: &[u8], _hints: &Hints, budget: &Budget) -> Document {
    let mut package = Package::open(bytes, budget);
    let mut document = Document::default();
    let main = main_part(&mut package);
    document.facts = properties(&mut package);
    let mut output = Output::default();
    if main.ends_with(".bin") {
        return binary(package, &main, document);
    }
    let source = package.part(&main);
    let relationships = package.relationships(&main);
    match root(&source) {
        Some("workbook") => {
            document.facts.format = "xlsx";
            document.facts.pages = sheet::read(&mut package, &source, &relationships, &mut output);
            dde_links(&mut package, &mut output);
            macro_sheets(&mut package, &source, &mut output);
        }
        Some("presentation") => {
            document.facts.format = "pptx";
            document.facts.pages = slides::read(&mut package, &source, &relationships, &mut output);
        }
        Some("document") => {
            document.facts.format = "docx";
            word::read(&mut package, &source, &relationships, &mut output);
        }
        _ => {
            document.facts.format = "ooxml";
            package.problems.push(Problem::warning(
                "ooxml-no-main-part",
                "the package has no main part that is known",
            ));
        }
    }
    outside(&mut package, &mut output);
    document.embedded = package.members(is_member);
    output.into_document(package, document)
}

/// A binary workbook (MS-XLSB): formulas of its macro sheets, and every part as a member. Its cells are not read.
fn binary(mut package: Package<'_>, main: &str, mut document: Document) -> Document {
    document.facts.format = "xlsb";
    let mut output = Output::default();
    let automatic = binary_sheet::automatic(&package.bytes(main));
    for name in package.binaries_below("xl/macrosheets/") {
        let formulas = binary_sheet::formulas(&package.bytes(&name));
        output.macro_sheet(&name, &formulas, &automatic);
        if !package.check(&output) {
            break;
        }
    }
    let why = "a binary workbook: macros and formulas of macro sheets were read, of its cells only the strings";
    package.problems.push(Problem::warning("xlsb-cells", why));
    outside(&mut package, &mut output);
    document.embedded = package.members(is_member);
    output.into_document(package, document)
}

/// The part that the package's relationships name, or one that stands where it usually stands.
fn main_part(package: &mut Package<'_>) -> String {
    let relationships = package.relationships("");
    let named = relationships
        .values()
        .find(|relationship| relationship.kind == "officeDocument");
    if let Some(named) = named.filter(|named| package.has(&named.target)) {
        return named.target.clone();
    }
    let usual = ["word/document.xml", "xl/workbook.xml", "ppt/presentation.xml"];
    usual
        .into_iter()
        .find(|name| package.has(name))
        .unwrap_or_default()
        .to_owned()
}

fn root(source: &str) -> Option<&str> {
    let mut reader = Reader::new(source);
    loop {
        if let Event::Start(name) = reader.next()? {
            return Some(name);
        }
    }
}

/// Markup is read here; everything else is for others to look at.
fn is_member(name: &str) -> bool {
    let is_markup = [".xml", ".rels", ".vml"].iter().any(|ending| name.ends_with(ending));
    !is_markup || name.starts_with("customxml/item") && !name.contains("props")
}

fn properties(package: &mut Package<'_>) -> DocumentFacts {
    let mut facts = DocumentFacts::default();
    let mut version = None;
    for part in ["docProps/core.xml", "docProps/app.xml"] {
        let source = package.part(part);
        each_value(&source, |name, text| {
            let value = || Some(Untrusted::new(text));
            match name {
                "title" => facts.title = value(),
                "creator" => facts.author = value(),
                "Application" => facts.producer = value(),
                "AppVersion" => version = Some(text.to_owned()),
                "Pages" => facts.pages = text.parse().unwrap_or(0),
                _ => {}
            }
        });
    }
    if let (Some(producer), Some(version)) = (&facts.producer, version) {
        facts.producer = Some(format!("{} {version}", producer.raw()).into());
    }
    facts
}

/// Calls `f` with each element that holds text only.
pub(crate) fn each_value(source: &str, mut f: impl FnMut(&str, &str)) {
    let mut reader = Reader::new(source);
    let mut current = "";
    let mut text = String::new();
    while let Some(event) = reader.next() {
        match event {
            Event::Start(name) => {
                current = name;
                text.clear();
            }
            Event::Text(piece) => text.push_str(&piece),
            Event::End(name) => {
                if name == current && !text.trim().is_empty() {
                    f(name, text.trim());
                }
                current = "";
            }
        }
    }
}

/// Calls `f` with the name of each element, and with what asks for its attributes.
pub(crate) fn each_start(source: &str, mut f: impl FnMut(&str, &dyn Fn(&str) -> String)) {
    let mut reader = Reader::new(source);
    while let Some(event) = reader.next() {
        if let Event::Start(name) = event {
            f(name, &|attribute| {
                reader.attribute(attribute).unwrap_or_default().into_owned()
            });
        }
    }
}

/// External targets of all parts: those without a visible link become links without text, and what is loaded rather than
/// followed is named.
fn outside(package: &mut Package<'_>, output: &mut Output) {
    for name in package.relationship_parts() {
        let part = name.replace("_rels/", "");
        let part = part.strip_suffix(".rels").unwrap_or(&part).to_owned();
        for relationship in package
            .relationships(&part)
            .values()
            .filter(|relationship| relationship.is_external)
        {
            output.bare_link(&relationship.target);
            if LOADED.contains(&relationship.kind.as_str()) && is_elsewhere(&relationship.target) {
                let message = format!(
                    "the {} of '{part}' is loaded from '{}' when the document is opened",
                    relationship.kind, relationship.target
                );
                package.problems.push(Problem::note("ooxml-remote-part", message));
            } else if relationship.kind != "hyperlink" {
                let message = format!(
                    "the {} of '{part}' is outside the document: '{}'",
                    relationship.kind, relationship.target
                );
                package.problems.push(Problem::note("ooxml-external-part", message));
            }
        }
        if !package.check(output) {
            return;
        }
    }
}

/// Parts that are loaded, and may act, without anybody asking for them.
const LOADED: &[&str] = &[
    "attachedTemplate",
    "oleObject",
    "frame",
    "subDocument",
    "aFChunk",
    "control",
];

/// Whether a target is on another machine: local templates are named by their path.
fn is_elsewhere(target: &str) -> bool {
    let target = target.trim().replace('\\', "/").to_ascii_lowercase();
    let after = target.split_once(':').filter(|(scheme, _)| scheme.len() > 1);
    match after {
        Some(("file", path)) => path.strip_prefix("//").is_some_and(|rest| {
            let host = rest.trim_start_matches('/').split('/').next().unwrap_or_default();
            // `file:///C:/…` names a drive, `file:////host/…` and `file://host/…` a share.
            !host.is_empty() && !host.ends_with(':') && (!rest.starts_with('/') || rest.starts_with("//"))
        }),
        Some(_) => true,
        None => target.starts_with("//"),
    }
}

/// What spreadsheets ask of other programs (ECMA-376-1, section 18.14.4).
fn dde_links(package: &mut Package<'_>, output: &mut Output) {
    for name in package.names_below("xl/externallinks/") {
        let source = package.part(&name);
        let mut reader = Reader::new(&source);
        while let Some(event) = reader.next() {
            if event == Event::Start("ddeLink") {
                let value = |name: &str| reader.attribute(name).unwrap_or_default().into_owned();
                dde(
                    package,
                    output,
                    &format!("{} {}", value("ddeService"), value("ddeTopic")),
                );
            }
        }
    }
}

/// Sheets of Excel 4 macros: their formulas are handed out as text (ECMA-376-1, section 12.3.9; MS-OFFMACRO2 2.2.1).
fn macro_sheets(package: &mut Package<'_>, workbook: &str, output: &mut Output) {
    let mut automatic = Vec::new();
    let mut reader = Reader::new(workbook);
    while let Some(event) = reader.next() {
        if event == Event::Start("definedName") {
            let name = reader.attribute("name").unwrap_or_default().to_ascii_lowercase();
            let name = name.trim_start_matches("_xlnm.");
            if name.starts_with("auto_open") || name.starts_with("auto_close") || name.starts_with("auto_activate") {
                automatic.push(name.to_owned());
            }
        }
    }
    for name in package.names_below("xl/macrosheets/") {
        let source = package.part(&name);
        let mut formulas = String::new();
        let mut reader = Reader::new(&source);
        let mut in_formula = false;
        let mut cell = String::new();
        while let Some(event) = reader.next() {
            match event {
                Event::Start("c") => cell = reader.attribute("r").unwrap_or_default().into_owned(),
                Event::Start("f") => in_formula = true,
                Event::End("f") => in_formula = false,
                Event::Text(text) if in_formula => {
                    formulas.push_str(&format!("{cell}: ={text}\n"));
                }
                _ => {}
            }
        }
        output.macro_sheet(&name, &formulas, &automatic);
        if !package.check(output) {
            return;
        }
    }
}

/// Names a command that a document gives to another program, and hands it out as text.
fn dde(package: &mut Package<'_>, output: &mut Output, instruction: &str) {
    let message = format!("a field asks another program for data: '{instruction}'");
    package.problems.push(Problem::note("ooxml-dde-field", message));
    output.instruction(instruction);
}

/// The external target of a relationship.
fn external<'r>(relationships: &'r Relationships, id: Option<&str>) -> Option<&'r str> {
    let relationship = relationships.get(id?).filter(|relationship| relationship.is_external)?;
    Some(&relationship.target)
}

/// Whether a switch such as `w:vanish` is on: it is unless it says that it is off.
fn is_on(reader: &Reader<'_>) -> bool {
    reader
        .attribute("val")
        .is_none_or(|value| !matches!(&*value, "0" | "false" | "off"))
}

#[cfg(test)]
mod tests;
