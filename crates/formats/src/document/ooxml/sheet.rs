//! Workbooks (ECMA-376-1, clause 18).

use super::{external, slides};
use crate::document::package::{Output, Package, Relationships};
use crate::document::xml::{Event, Reader};
use std::collections::BTreeMap;
use std::ops::Range;
use watchfire_model::{Halt, LimitKind};

/// Sheets that are read.
const MAX_SHEETS: u32 = 4096;

/// Reads all sheets in order; the number of sheets.
pub(super) fn read(package: &mut Package<'_>, source: &str, relationships: &Relationships, output: &mut Output) -> u32 {
    let shared = relationships
        .values()
        .find(|relationship| relationship.kind == "sharedStrings");
    let shared = shared.map(|shared| package.part(&shared.target)).unwrap_or_default();
    let strings = strings(package, &shared);
    let mut reader = Reader::new(source);
    let mut count = 0;
    while let Some(event) = reader.next() {
        if event != Event::Start("sheet") || count >= MAX_SHEETS || package.halted.is_some() {
            continue;
        }
        count += 1;
        let name = reader.attribute("name").unwrap_or_default();
        let is_hidden = reader
            .attribute("state")
            .is_some_and(|state| state.to_ascii_lowercase().contains("hidden"));
        let id = reader.prefixed("id").unwrap_or_default();
        output.start_page(count);
        output.flow(is_hidden).append(&name);
        output.flow(is_hidden).break_lines(1);
        if let Some(relationship) = relationships.get(&*id).filter(|relationship| !relationship.is_external) {
            let part = relationship.target.clone();
            sheet(package, &part, &strings, is_hidden, output);
        }
    }
    count
}

/// Shared strings: the text of each item without its phonetic guides.
fn strings(package: &mut Package<'_>, source: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut reader = Reader::new(source);
    let mut text = String::new();
    let mut in_text = false;
    while let Some(event) = reader.next() {
        match event {
            Event::Start("si") => text.clear(),
            Event::End("si") => {
                if out.len() >= package.records() {
                    package.halt(Halt(LimitKind::Records));
                    return out;
                }
                out.push(std::mem::take(&mut text));
            }
            Event::Start("rPh") => reader.skip_element(),
            Event::Start("t") => in_text = true,
            Event::End("t") => in_text = false,
            Event::Text(piece) if in_text => text.push_str(&piece),
            _ => {}
        }
    }
    out
}

/// One cell while it is read.
#[derive(Default)]
struct Cell {
    reference: (u32, u32),
    kind: String,
    value: String,
    formula: String,
}

/// What text is being read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Nothing,
    Value,
    Formula,
}

struct Sheet<'p> {
    strings: &'p [String],
    is_hidden: bool,
    /// Where the text of each cell stands, for hyperlinks.
    places: BTreeMap<(u32, u32), Range<usize>>,
    column: u32,
}

fn sheet(package: &mut Package<'_>, part: &str, strings: &[String], is_hidden: bool, output: &mut Output) {
    let source = package.part(part);
    let relationships = package.relationships(part);
    let mut sheet = Sheet {
        strings,
        is_hidden,
        places: BTreeMap::new(),
        column: 0,
    };
    let mut reader = Reader::new(&source);
    let mut cell = Cell::default();
    let mut within = Within::Nothing;
    output.flow(is_hidden).start_table();
    while let Some(event) = reader.next() {
        match event {
            Event::Start("row") => {
                output.flow(is_hidden).start_row();
                sheet.column = 0;
            }
            Event::End("row") => {
                output.flow(is_hidden).end_row();
                if sheet.places.len() > package.records() {
                    package.halt(Halt(LimitKind::Records));
                }
                if !package.check(output) {
                    return;
                }
            }
            Event::Start("c") => {
                let reference = reader
                    .attribute("r")
                    .map(|reference| position(&reference))
                    .unwrap_or_default();
                cell = Cell {
                    reference,
                    kind: reader.attribute("t").unwrap_or_default().into_owned(),
                    ..Cell::default()
                };
            }
            Event::Start("v" | "t") => within = Within::Value,
            Event::Start("f") => within = Within::Formula,
            Event::End("v" | "t" | "f") => within = Within::Nothing,
            Event::Start("rPh") => reader.skip_element(),
            Event::Text(text) if within == Within::Value => cell.value.push_str(&text),
            Event::Text(text) if within == Within::Formula => cell.formula.push_str(&text),
            Event::End("c") => sheet.cell(&std::mem::take(&mut cell), output),
            Event::Start("hyperlink") => {
                let target = external(&relationships, reader.prefixed("id").as_deref());
                let text = reader
                    .attribute("ref")
                    .map(|reference| sheet.text_at(position(&reference), output))
                    .unwrap_or_default();
                output.link(target.unwrap_or_default(), &text);
            }
            _ => {}
        }
    }
    output.flow(is_hidden).end_table();
    beside(package, &relationships, output);
}

/// Comments and text boxes of a sheet.
fn beside(package: &mut Package<'_>, relationships: &Relationships, output: &mut Output) {
    for relationship in relationships.values().filter(|relationship| !relationship.is_external) {
        if !matches!(relationship.kind.as_str(), "comments" | "threadedComment" | "drawing") || !package.check(output) {
            continue;
        }
        let source = package.part(&relationship.target);
        if relationship.kind == "drawing" {
            let own = package.relationships(&relationship.target);
            slides::shapes(package, &source, &own, false, output);
        } else {
            let mut in_text = false;
            let mut reader = Reader::new(&source);
            while let Some(event) = reader.next() {
                match event {
                    Event::Start("comment" | "threadedComment") => output.shown.break_lines(1),
                    Event::Start("t" | "text") => in_text = true,
                    Event::End("t" | "text") => in_text = false,
                    Event::Text(text) if in_text => output.shown.append(&text),
                    _ => {}
                }
            }
        }
    }
}

impl Sheet<'_> {
    fn cell(&mut self, cell: &Cell, output: &mut Output) {
        let flow = output.flow(self.is_hidden);
        // Cells that are left out are empty.
        let column = if cell.reference.0 > self.column {
            cell.reference.0
        } else {
            self.column.saturating_add(1)
        };
        for _ in self.column..column.min(self.column.saturating_add(64)) {
            flow.start_cell();
        }
        self.column = column;
        let start = flow.len();
        let text = match cell.kind.as_str() {
            "s" => {
                let index = cell.value.trim().parse::<usize>().ok();
                index
                    .and_then(|index| self.strings.get(index))
                    .map(String::as_str)
                    .unwrap_or_default()
            }
            "b" => {
                if cell.value.trim() == "1" {
                    "TRUE"
                } else {
                    "FALSE"
                }
            }
            _ => &cell.value,
        };
        flow.append(text);
        flow.end_cell();
        self.places.insert(cell.reference, start..flow.len());
        if !cell.formula.is_empty() {
            formula(&cell.formula, text, output);
        }
    }

    fn text_at(&self, reference: (u32, u32), output: &mut Output) -> String {
        let Some(place) = self.places.get(&reference) else {
            return String::new();
        };
        let text = output.flow(self.is_hidden).since(place.start);
        text.get(..place.len()).unwrap_or_default().trim().to_owned()
    }
}

/// A formula is not visible; what it names may matter all the same.
fn formula(formula: &str, shown: &str, output: &mut Output) {
    output.hidden.append(&format!("={formula}"));
    output.hidden.break_lines(1);
    let upper = formula.to_ascii_uppercase();
    for (at, name) in upper
        .match_indices("HYPERLINK(")
        .chain(upper.match_indices("WEBSERVICE("))
        .take(64)
    {
        let arguments = formula.get(at + name.len()..).unwrap_or_default();
        let mut strings = arguments.split('"');
        if strings.next().is_some_and(|before| before.trim().is_empty())
            && let Some(target) = strings.next()
        {
            let label = strings.nth(1).filter(|_| shown.is_empty()).unwrap_or(shown);
            output.link(target, label);
        }
    }
}

/// Column and row of `B7`, from 1.
fn position(reference: &str) -> (u32, u32) {
    let letters = reference.bytes().take_while(u8::is_ascii_alphabetic);
    let column = letters.fold(0_u32, |column, letter| {
        column
            .saturating_mul(26)
            .saturating_add(u32::from(letter.to_ascii_uppercase() - b'A') + 1)
    });
    let digits = reference.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let digits = digits.split(':').next().unwrap_or_default();
    (column, digits.parse().unwrap_or(0))
}
