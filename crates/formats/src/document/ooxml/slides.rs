//! Presentations (ECMA-376-1, clause 19) and the shapes that workbooks share with them (clause 20).

use super::external;
use crate::document::package::{Output, Package, Relationships};
use crate::document::xml::{Event, Reader};

/// Slides that are read.
const MAX_SLIDES: u32 = 20_000;

/// Reads all slides in order, each with its notes; the number of slides.
pub(super) fn read(package: &mut Package<'_>, source: &str, relationships: &Relationships, output: &mut Output) -> u32 {
    let mut reader = Reader::new(source);
    let mut count = 0;
    while let Some(event) = reader.next() {
        if event != Event::Start("sldId") || count >= MAX_SLIDES || !package.check(output) {
            continue;
        }
        let id = reader.prefixed("id").unwrap_or_default();
        let Some(slide) = relationships.get(&*id).filter(|slide| !slide.is_external) else {
            continue;
        };
        count += 1;
        output.start_page(count);
        let source = package.part(&slide.target);
        let own = package.relationships(&slide.target);
        let is_hidden = is_hidden(&source);
        shapes(package, &source, &own, is_hidden, output);
        for beside in own
            .values()
            .filter(|beside| matches!(beside.kind.as_str(), "notesSlide" | "comments"))
        {
            let source = package.part(&beside.target);
            let own = package.relationships(&beside.target);
            output.flow(is_hidden).break_lines(2);
            shapes(package, &source, &own, is_hidden, output);
        }
    }
    count
}

/// Whether the slide is left out of the show.
fn is_hidden(source: &str) -> bool {
    let mut reader = Reader::new(source);
    while let Some(event) = reader.next() {
        if let Event::Start(_) = event {
            return reader
                .attribute("show")
                .is_some_and(|show| matches!(&*show, "0" | "false"));
        }
    }
    false
}

/// Reads the text of shapes and tables.
pub(super) fn shapes(
    package: &mut Package<'_>,
    source: &str,
    relationships: &Relationships,
    is_hidden: bool,
    output: &mut Output,
) {
    let mut reader = Reader::new(source);
    let mut in_text = false;
    // The target that the run at hand leads to, and where its text begins.
    let mut run: Option<(String, usize)> = None;
    while let Some(event) = reader.next() {
        let flow = output.flow(is_hidden);
        match event {
            Event::Start("Fallback") => reader.skip_element(),
            Event::Start("tbl") => flow.start_table(),
            Event::End("tbl") => flow.end_table(),
            Event::Start("tr") => flow.start_row(),
            Event::End("tr") => flow.end_row(),
            Event::Start("tc") => flow.start_cell(),
            Event::End("tc") => flow.end_cell(),
            Event::Start("p" | "txBody" | "cm") => flow.break_lines(1),
            Event::End("p") => {
                flow.break_lines(1);
                if !package.check(output) {
                    return;
                }
            }
            Event::Start("br") => flow.line_break(),
            Event::Start("tab") => flow.tab(),
            Event::Start("t" | "text") => in_text = true,
            Event::End("t" | "text") => in_text = false,
            Event::Text(text) if in_text => flow.append(&text),
            Event::Start("hlinkClick" | "hlinkHover" | "hlinkMouseOver") => {
                let start = flow.len();
                if let Some(target) = external(relationships, reader.prefixed("id").as_deref()) {
                    run = Some((target.to_owned(), start));
                }
            }
            // A link of a whole shape or picture ends with the shape's properties, before any text.
            Event::End("r" | "fld" | "cNvPr") => {
                if let Some((target, start)) = run.take() {
                    let text = flow.since(start).to_owned();
                    output.link(&target, &text);
                }
            }
            _ => {}
        }
    }
}
