//! Word processing documents (ECMA-376-1, clause 17).

use super::{dde, external, is_on};
use crate::document::package::{Output, Package, Relationships};
use crate::document::xml::{Event, Reader};

/// Fields inside fields.
const MAX_FIELDS: usize = 32;

/// Reads the main part, then what stands beside the text.
pub(super) fn read(package: &mut Package<'_>, source: &str, relationships: &Relationships, output: &mut Output) {
    read_part(package, source, relationships, output);
    for kind in ["footnotes", "endnotes", "comments", "header", "footer"] {
        for relationship in relationships.values().filter(|relationship| relationship.kind == kind) {
            if !package.check(output) {
                return;
            }
            let source = package.part(&relationship.target);
            let own = package.relationships(&relationship.target);
            output.shown.break_lines(2);
            read_part(package, &source, &own, output);
        }
    }
}

/// A field whose instruction is being collected, or whose result is being read.
struct Field {
    instruction: String,
    /// Where its result begins in the visible text.
    result: Option<usize>,
}

struct Walker<'p, 's> {
    package: &'p mut Package<'s>,
    output: &'p mut Output,
    relationships: &'p Relationships,
    /// Inside deleted text, and inside a run that is not shown.
    deleted: u32,
    vanished: bool,
    in_text: bool,
    in_instruction: bool,
    /// The target of the open hyperlink, and where its text begins.
    hyperlink: Option<(String, usize)>,
    fields: Vec<Field>,
    /// Fields beyond the limit.
    ignored_fields: usize,
    /// Instructions outside of any field. No program should run them; some do.
    loose: Vec<String>,
}

fn read_part(package: &mut Package<'_>, source: &str, relationships: &Relationships, output: &mut Output) {
    let mut walker = Walker {
        package,
        output,
        relationships,
        deleted: 0,
        vanished: false,
        in_text: false,
        in_instruction: false,
        hyperlink: None,
        fields: Vec::new(),
        ignored_fields: 0,
        loose: Vec::new(),
    };
    let mut reader = Reader::new(source);
    while let Some(event) = reader.next() {
        match event {
            Event::Start(name) => walker.start(name, &mut reader),
            Event::End(name) => {
                if !walker.end(name) {
                    break;
                }
            }
            Event::Text(text) => walker.text(&text),
        }
    }
    // Fields that nobody ended.
    walker.ignored_fields = 0;
    while !walker.fields.is_empty() {
        walker.close_field();
    }
    walker.close_loose();
}

/// Whether an instruction begins here, and not in the run before.
fn begins_field(text: &str) -> bool {
    let name = text.split_whitespace().next().unwrap_or_default();
    name.len() > 2 && name.bytes().all(|byte| byte.is_ascii_uppercase())
}

impl Walker<'_, '_> {
    fn start(&mut self, name: &str, reader: &mut Reader<'_>) {
        let is_hidden = self.deleted > 0 || self.vanished;
        match name {
            // What older readers would see instead; the same text again.
            "Fallback" | "pPr" | "sectPr" | "tblPr" | "trPr" | "tcPr" => reader.skip_element(),
            "tbl" => self.output.flow(is_hidden).start_table(),
            "tr" => self.output.flow(is_hidden).start_row(),
            "tc" => self.output.flow(is_hidden).start_cell(),
            "p" | "txbxContent" => self.output.flow(is_hidden).break_lines(1),
            "r" => self.vanished = false,
            "vanish" | "webHidden" => self.vanished = is_on(reader),
            "del" | "moveFrom" => self.deleted = self.deleted.saturating_add(1),
            "t" | "delText" => self.in_text = true,
            "instrText" | "delInstrText" => self.in_instruction = true,
            "tab" | "ptab" => self.output.flow(is_hidden).tab(),
            "br" | "cr" => self.output.flow(is_hidden).line_break(),
            "noBreakHyphen" => self.output.flow(is_hidden).append("-"),
            "hyperlink" => {
                let target = external(self.relationships, reader.prefixed("id").as_deref());
                self.hyperlink = target.map(|target| (target.to_owned(), self.output.shown.len()));
            }
            "fldSimple" => {
                let instruction = reader.attribute("instr").unwrap_or_default().into_owned();
                self.open_field(Field {
                    instruction,
                    result: Some(self.output.shown.len()),
                });
            }
            "fldChar" => self.field_character(reader.attribute("fldCharType").as_deref().unwrap_or_default()),
            _ => {}
        }
    }

    /// Returns whether to go on.
    fn end(&mut self, name: &str) -> bool {
        let is_hidden = self.deleted > 0 || self.vanished;
        match name {
            "tbl" => self.output.flow(is_hidden).end_table(),
            "tr" => {
                self.output.flow(is_hidden).end_row();
                return self.package.check(self.output);
            }
            "tc" => self.output.flow(is_hidden).end_cell(),
            "p" => {
                self.vanished = false;
                self.output.shown.break_lines(1);
                self.output.hidden.break_lines(1);
                self.close_loose();
                return self.package.check(self.output);
            }
            "r" => self.vanished = false,
            "del" | "moveFrom" => self.deleted = self.deleted.saturating_sub(1),
            "t" | "delText" => self.in_text = false,
            "instrText" | "delInstrText" => self.in_instruction = false,
            "hyperlink" => {
                if let Some((target, start)) = self.hyperlink.take() {
                    let text = self.output.shown.since(start).to_owned();
                    self.output.link(&target, &text);
                }
            }
            "fldSimple" => self.close_field(),
            _ => {}
        }
        true
    }

    fn text(&mut self, text: &str) {
        if self.in_text {
            self.output.flow(self.deleted > 0 || self.vanished).append(text);
        } else if self.in_instruction {
            match (self.fields.last_mut(), self.loose.last_mut()) {
                (Some(field), _) => field.instruction.push_str(text),
                (None, Some(loose)) if !begins_field(text) => loose.push_str(text),
                (None, _) => self.loose.push(text.to_owned()),
            }
        }
    }

    fn field_character(&mut self, kind: &str) {
        match kind {
            "begin" => self.open_field(Field {
                instruction: String::new(),
                result: None,
            }),
            "separate" => {
                let start = self.output.shown.len();
                if let Some(field) = self.fields.last_mut().filter(|_| self.ignored_fields == 0) {
                    field.result = Some(start);
                }
            }
            "end" => self.close_field(),
            _ => {}
        }
    }

    fn open_field(&mut self, field: Field) {
        if self.fields.len() < MAX_FIELDS {
            self.fields.push(field);
        } else {
            self.ignored_fields += 1;
        }
    }

    fn close_field(&mut self) {
        if self.ignored_fields > 0 {
            self.ignored_fields -= 1;
            return;
        }
        let Some(field) = self.fields.pop() else { return };
        self.field(&field);
    }

    fn close_loose(&mut self) {
        for instruction in std::mem::take(&mut self.loose) {
            self.field(&Field {
                instruction,
                result: None,
            });
        }
    }

    fn field(&mut self, field: &Field) {
        let instruction = field.instruction.trim();
        let (name, arguments) = instruction.split_once(char::is_whitespace).unwrap_or((instruction, ""));
        match name.to_ascii_uppercase().as_str() {
            "HYPERLINK" | "INCLUDEPICTURE" | "INCLUDETEXT" | "IMPORT" | "LINK" => {
                let target = quoted(arguments);
                // A switch such as `\l` leads within the document.
                if !target.is_empty() && !target.starts_with('\\') {
                    let text = field
                        .result
                        .map(|start| self.output.shown.since(start).to_owned())
                        .unwrap_or_default();
                    self.output.link(&target, &text);
                }
            }
            "DDE" | "DDEAUTO" => dde(self.package, self.output, instruction),
            // Most are page numbers and the like; what names a place is found.
            _ => self.output.instruction(instruction),
        }
    }
}

/// The first argument of a field, in quotes or not. Backslashes are doubled in paths.
fn quoted(arguments: &str) -> String {
    let arguments = arguments.trim_start();
    let argument = match arguments.strip_prefix('"') {
        Some(rest) => rest.split('"').next(),
        None => arguments.split_whitespace().next(),
    };
    argument.unwrap_or_default().replace("\\\\", "\\")
}
