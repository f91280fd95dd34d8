//! Documents that are zip files: parts by name, relationships, and everything that is not markup as a member.

use super::flow::Flow;
use super::xml::{Event, Reader};
use super::{Document, MacroSheet, Text};
use crate::archive::zip::{Entry, Zip};
use std::collections::{BTreeMap, BTreeSet};
use watchfire_model::{Budget, Halt, Hints, LimitKind, Link, Member, Problem, Untrusted};

/// Text that one document may have.
const MAX_TEXT: u64 = 128 << 20;

/// A package under examination.
pub(super) struct Package<'a> {
    zip: Zip<'a>,
    /// Positions of entries by lower-case name.
    names: BTreeMap<String, usize>,
    budget: &'a Budget,
    pub(super) problems: Vec<Problem>,
    pub(super) halted: Option<Halt>,
}

/// A relationship of a part to another or to the world outside (ECMA-376-2, clause 8).
#[derive(Clone, Debug, Default)]
pub(super) struct Relationship {
    /// The last segment of its type: `hyperlink`, `slide`, `attachedTemplate`.
    pub(super) kind: String,
    /// A part's name, or a URI if external.
    pub(super) target: String,
    pub(super) is_external: bool,
}

/// Relationships by identifier.
pub(super) type Relationships = BTreeMap<String, Relationship>;

impl<'a> Package<'a> {
    pub(super) fn open(bytes: &'a [u8], budget: &'a Budget) -> Self {
        let (zip, outcome) = Zip::open(bytes, budget);
        let mut names = BTreeMap::new();
        for (at, entry) in zip.entries().iter().enumerate() {
            names.entry(normalized(entry.name.raw())).or_insert(at);
        }
        let problems = zip.problems().to_vec();
        Self {
            zip,
            names,
            budget,
            problems,
            halted: outcome.err(),
        }
    }

    /// Whether there is a part of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.names.contains_key(&normalized(name))
    }

    /// The markup of a part; empty if there is none.
    pub(super) fn part(&mut self, name: &str) -> String {
        let bytes = self.bytes(name);
        match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => crate::text::decode(error.as_bytes(), None).text.into_owned(),
        }
    }

    /// The bytes of a part; none if there is none.
    pub(super) fn bytes(&mut self, name: &str) -> Vec<u8> {
        let entry = self
            .names
            .get(&normalized(name))
            .and_then(|at| self.zip.entries().get(*at))
            .cloned();
        entry.map(|entry| self.unpack(&entry)).unwrap_or_default()
    }

    fn unpack(&mut self, entry: &Entry) -> Vec<u8> {
        if self.halted.is_some() {
            return Vec::new();
        }
        let unpacked = self.zip.unpack(entry, self.budget);
        self.problems.extend(unpacked.problem);
        self.halted = self.halted.or(unpacked.halted);
        unpacked.bytes
    }

    /// The relationships of a part, or of the package if `part` is empty. Targets are names of parts.
    pub(super) fn relationships(&mut self, part: &str) -> Relationships {
        let (folder, file) = part.rsplit_once('/').unwrap_or(("", part));
        let name = if folder.is_empty() {
            format!("_rels/{file}.rels")
        } else {
            format!("{folder}/_rels/{file}.rels")
        };
        let source = self.part(&name);
        let mut reader = Reader::new(&source);
        let mut out = Relationships::new();
        while let Some(event) = reader.next() {
            if event != Event::Start("Relationship") {
                continue;
            }
            let attribute = |name: &str| reader.attribute(name).unwrap_or_default();
            let is_external = attribute("TargetMode").eq_ignore_ascii_case("External");
            let target = attribute("Target");
            out.insert(
                attribute("Id").into_owned(),
                Relationship {
                    kind: attribute("Type").rsplit('/').next().unwrap_or_default().to_owned(),
                    target: if is_external {
                        target.into_owned()
                    } else {
                        resolve(folder, &target)
                    },
                    is_external,
                },
            );
        }
        out
    }

    /// Names of all relationship parts.
    pub(super) fn relationship_parts(&self) -> Vec<String> {
        self.names
            .keys()
            .filter(|name| name.ends_with(".rels"))
            .cloned()
            .collect()
    }

    /// Names of parts in a folder, which is given in lower case.
    pub(super) fn names_below(&self, folder: &str) -> Vec<String> {
        let names = self.names.keys().filter(|name| name.starts_with(folder));
        names.filter(|name| name.ends_with(".xml")).cloned().collect()
    }

    /// Names of binary parts in a folder, which is given in lower case.
    pub(super) fn binaries_below(&self, folder: &str) -> Vec<String> {
        let names = self.names.keys().filter(|name| name.starts_with(folder));
        names.filter(|name| name.ends_with(".bin")).cloned().collect()
    }

    /// Everything that `is_member` accepts, in the order of the package.
    pub(super) fn members(&mut self, is_member: impl Fn(&str) -> bool) -> Vec<Member> {
        let entries: Vec<Entry> = self
            .zip
            .entries()
            .iter()
            .filter(|entry| !entry.is_folder())
            .cloned()
            .collect();
        let mut members = Vec::new();
        for entry in entries {
            if self.halted.is_some() {
                break;
            }
            if !is_member(&normalized(entry.name.raw())) {
                continue;
            }
            let bytes = self.unpack(&entry);
            if !bytes.is_empty() {
                let hints = Hints {
                    name: Some(entry.name.clone()),
                    ..Hints::default()
                };
                members.push(Member {
                    name: entry.name.clone(),
                    bytes,
                    hints,
                });
            }
        }
        let foreign = self.zip.foreign().map(|(name, bytes)| Member {
            name: name.into(),
            bytes: bytes.to_vec(),
            hints: Hints::default(),
        });
        members.extend(foreign);
        members
    }

    /// Halts if the text has grown too long, the links too many or the time is up.
    pub(super) fn check(&mut self, output: &Output) -> bool {
        let limits = self.budget.limits();
        let length = output.shown.len().saturating_add(output.hidden.len()) as u64;
        if length > MAX_TEXT.min(limits.artifact_size) {
            self.halt(Halt(LimitKind::ArtifactSize));
        } else if output.links.len() as u64 > limits.records {
            self.halt(Halt(LimitKind::Records));
        } else if let Err(halt) = self.budget.check() {
            self.halt(halt);
        }
        self.halted.is_none()
    }

    pub(super) fn halt(&mut self, halt: Halt) {
        self.halted.get_or_insert(halt);
    }

    pub(super) fn records(&self) -> usize {
        usize::try_from(self.budget.limits().records).unwrap_or(usize::MAX)
    }
}

/// What the parts of a document add up to.
#[derive(Debug, Default)]
pub(super) struct Output {
    pub(super) shown: Flow,
    pub(super) hidden: Flow,
    pub(super) links: Vec<Link>,
    /// What the document asks programs to do, one on each line.
    instructions: String,
    /// Sheets of Excel 4 macros.
    macro_sheets: Vec<MacroSheet>,
    /// Targets that a link with text leads to.
    linked: BTreeSet<String>,
    pub(super) page: Option<u32>,
}

impl Output {
    /// Begins a page, sheet or slide.
    pub(super) fn start_page(&mut self, number: u32) {
        self.page = Some(number);
        self.shown.page(number);
        self.hidden.page(number);
    }

    /// The flow for text that is hidden or not.
    pub(super) fn flow(&mut self, is_hidden: bool) -> &mut Flow {
        if is_hidden { &mut self.hidden } else { &mut self.shown }
    }

    /// Hands out what the document asks a program to do. Backslashes are doubled in it.
    pub(super) fn instruction(&mut self, text: &str) {
        self.instructions.push_str(&text.replace("\\\\", "\\"));
        self.instructions.push('\n');
    }

    /// Hands out the formulas of a sheet of Excel 4 macros.
    pub(super) fn macro_sheet(&mut self, name: &str, formulas: &str, automatic: &[String]) {
        self.macro_sheets.push(MacroSheet {
            name: name.to_owned(),
            formulas: formulas.to_owned(),
            automatic: automatic.to_vec(),
        });
    }

    pub(super) fn link(&mut self, target: &str, text: &str) {
        if !target.is_empty() {
            self.linked.insert(target.to_owned());
            let text = text.trim();
            self.links.push(Link {
                target: target.into(),
                text: Untrusted::new(text),
                loaded: false,
                unseen: false,
                in_outlook: false,
                span: None,
                page: self.page,
            });
        }
    }

    /// Adds a target that nothing visible leads to, unless there is a link to it.
    pub(super) fn bare_link(&mut self, target: &str) {
        if !self.linked.contains(target) {
            let page = self.page.take();
            self.link(target, "");
            self.page = page;
        }
    }

    pub(super) fn into_document(self, package: Package<'_>, mut document: Document) -> Document {
        document.text = self.shown.finish();
        document.hidden = drop_empty(self.hidden.finish());
        document.links = self.links;
        document.behind.scripts.text = self.instructions;
        document.macro_sheets = self.macro_sheets;
        document.problems.extend(package.problems);
        document.halted = package.halted;
        document
    }
}

fn drop_empty(text: Text) -> Text {
    if text.is_empty() { Text::default() } else { text }
}

fn normalized(name: &str) -> String {
    name.trim_start_matches('/').replace('\\', "/").to_ascii_lowercase()
}

/// A relationship's target against the folder of its part.
fn resolve(folder: &str, target: &str) -> String {
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut segments: Vec<&str> = folder.split('/').filter(|segment| !segment.is_empty()).collect();
    for segment in target.split('/') {
        match segment {
            ".." => {
                segments.pop();
            }
            "." | "" => {}
            segment => segments.push(segment),
        }
    }
    segments.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_resolve_against_their_part() {
        assert_eq!(resolve("ppt/slides", "../notesSlides/n1.xml"), "ppt/notesSlides/n1.xml");
        assert_eq!(resolve("", "word/document.xml"), "word/document.xml");
        assert_eq!(resolve("xl", "/xl/workbook.xml"), "xl/workbook.xml");
        assert_eq!(resolve("a", "../../../b"), "b");
    }
}
