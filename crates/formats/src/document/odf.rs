//! OpenDocument text, spreadsheets and presentations (ISO/IEC 26300, ODF 1.3).
//!
//! Content is read in the order of `content.xml`; sheets and slides are pages. What was deleted under change tracking is
//! hidden text. Encrypted documents are named as such and not opened.

use super::Document;
use super::ooxml::each_value;
use super::package::{Output, Package};
use super::xml::{Event, Reader};
use watchfire_model::{Budget, Hints, Problem, Untrusted};

/// Spaces and cells that one element may stand for.
const MAX_REPEAT: u32 = 64;

/// Reads a package.
pub(super) fn read(bytes: &[u8], _hints: &Hints, budget: &Budget) -> Document {
    let mut package = Package::open(bytes, budget);
    let mut document = Document::default();
    document.facts.format = match package.part("mimetype").trim() {
        kind if kind.contains("spreadsheet") => "ods",
        kind if kind.contains("presentation") => "odp",
        kind if kind.contains("graphics") => "odg",
        _ => "odt",
    };
    let mut output = Output::default();
    document.facts.encrypted = package.part("META-INF/manifest.xml").contains("encryption-data");
    if document.facts.encrypted {
        package.problems.push(Problem::warning(
            "odf-encrypted",
            "the document is encrypted; its content was not read",
        ));
    } else {
        let meta = package.part("meta.xml");
        properties(&meta, &mut document);
        let content = package.part("content.xml");
        let pages = walk(&mut package, &content, &mut output);
        document.facts.pages = document.facts.pages.max(pages);
        let styles = package.part("styles.xml");
        headers(&styles, &mut output);
        document.embedded = package.members(is_member);
    }
    output.into_document(package, document)
}

/// Pictures, embedded objects and scripts; markup that is read here is not.
fn is_member(name: &str) -> bool {
    let is_plumbing = name == "mimetype" || name.starts_with("meta-inf/") || name == "manifest.rdf";
    let is_code = name.starts_with("basic/") || name.starts_with("scripts/");
    !is_plumbing && (is_code || !name.ends_with(".xml"))
}

fn properties(meta: &str, document: &mut Document) {
    let facts = &mut document.facts;
    each_value(meta, |name, text| {
        let value = || Some(Untrusted::new(text));
        match name {
            "title" => facts.title = value(),
            "creator" => facts.author = value(),
            "initial-creator" if facts.author.is_none() => facts.author = value(),
            "generator" => facts.producer = value(),
            _ => {}
        }
    });
    let mut reader = Reader::new(meta);
    while let Some(event) = reader.next() {
        if event == Event::Start("document-statistic") {
            facts.pages = reader
                .attribute("page-count")
                .and_then(|count| count.parse().ok())
                .unwrap_or(0);
        }
    }
}

/// Headers and footers, which stand in the page styles.
fn headers(styles: &str, output: &mut Output) {
    let mut reader = Reader::new(styles);
    let mut depth = 0_u32;
    while let Some(event) = reader.next() {
        match event {
            Event::Start("header" | "footer" | "header-left" | "footer-left" | "header-first" | "footer-first") => {
                depth += 1
            }
            Event::End("header" | "footer" | "header-left" | "footer-left" | "header-first" | "footer-first") => {
                depth = depth.saturating_sub(1);
            }
            Event::Start("p") => output.shown.break_lines(1),
            Event::Text(text) if depth > 0 => output.shown.append(&text),
            _ => {}
        }
    }
}

/// Reads the content; the number of sheets or slides.
fn walk(package: &mut Package<'_>, source: &str, output: &mut Output) -> u32 {
    let mut walker = Walker::default();
    let mut reader = Reader::new(source);
    while let Some(event) = reader.next() {
        match event {
            Event::Start(name) => walker.start(name, &mut reader, output),
            Event::End(name) => {
                walker.end(name, output);
                if matches!(name, "p" | "h" | "table-row") && !package.check(output) {
                    break;
                }
            }
            Event::Text(text) if walker.paragraphs > 0 => output.flow(walker.deleted > 0).append(&text),
            Event::Text(_) => {}
        }
    }
    walker.pages
}

#[derive(Default)]
struct Walker {
    pages: u32,
    /// Only in the body is there text; before it are styles.
    is_spreadsheet: bool,
    paragraphs: u32,
    deleted: u32,
    /// Tables inside tables.
    tables: u32,
    /// The target of the open link, and where its text begins.
    link: Option<(String, usize)>,
}

impl Walker {
    fn start(&mut self, name: &str, reader: &mut Reader<'_>, output: &mut Output) {
        let flow = output.flow(self.deleted > 0);
        match name {
            "spreadsheet" => self.is_spreadsheet = true,
            "tracked-changes" => self.deleted += 1,
            "page" | "table" if name == "page" || self.is_spreadsheet && self.tables == 0 => {
                self.pages = self.pages.saturating_add(1);
                output.start_page(self.pages);
                if name == "table" {
                    self.tables += 1;
                    output.shown.append(&reader.attribute("name").unwrap_or_default());
                    output.shown.start_table();
                }
            }
            "table" => {
                self.tables += 1;
                flow.start_table();
            }
            "table-row" => flow.start_row(),
            "table-cell" | "covered-table-cell" => {
                let repeated = reader
                    .attribute("number-columns-repeated")
                    .and_then(|count| count.parse().ok());
                for _ in 0..repeated.unwrap_or(1).min(MAX_REPEAT) {
                    flow.start_cell();
                }
                if let Some(formula) = reader.attribute("formula") {
                    output.hidden.append(&formula);
                    output.hidden.break_lines(1);
                }
            }
            "p" | "h" => {
                self.paragraphs = self.paragraphs.saturating_add(1);
                flow.break_lines(1);
            }
            "s" => flow.append(" "),
            "tab" => flow.tab(),
            "line-break" => flow.line_break(),
            "a" => {
                let start = output.shown.len();
                self.link = reader.attribute("href").map(|target| (target.into_owned(), start));
            }
            "image" | "object" | "object-ole" | "plugin" | "applet" | "floating-frame" | "event-listener"
            | "section-source" | "dde-source" => {
                let target = reader.attribute("href").unwrap_or_default();
                // Other targets are parts of the package.
                if target.contains(':') && !target.starts_with("./") {
                    output.bare_link(&target);
                }
            }
            _ => {}
        }
    }

    fn end(&mut self, name: &str, output: &mut Output) {
        let flow = output.flow(self.deleted > 0);
        match name {
            "tracked-changes" => self.deleted = self.deleted.saturating_sub(1),
            "table" => {
                self.tables = self.tables.saturating_sub(1);
                flow.end_table();
            }
            "table-row" => flow.end_row(),
            "table-cell" | "covered-table-cell" => flow.end_cell(),
            "p" | "h" => {
                self.paragraphs = self.paragraphs.saturating_sub(1);
                flow.break_lines(1);
            }
            "a" => {
                if let Some((target, start)) = self.link.take() {
                    let text = output.shown.since(start).to_owned();
                    output.link(&target, &text);
                }
            }
            _ => {}
        }
    }
}
