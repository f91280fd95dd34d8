//! Rich text (RTF 1.9.1): its text and links, and what it carries and does: embedded objects (MS-OLEDS), a template from
//! elsewhere, commands to other programs.
//!
//! Objects are hexadecimal digits that may be cut by groups, blanks, control words and raw bytes; they are put together as
//! Word does it. One pass; groups are a stack of two bytes each. Absent: layout, pictures, and what old versions of Word did
//! with damage.

use super::Document;
use crate::bytes::Cursor;
use crate::email::outlook::rich_text;
use crate::office::{Acting, equation_is_overlong, native, object_member};
use crate::rich_text::{Piece, Pieces};
use watchfire_model::{Budget, DocumentFacts, Halt, Hints, LimitKind, Link, Member, Problem};

/// Objects that are handed out.
const OBJECTS: usize = 1_000;
/// Longest address or instruction that is kept.
const LONGEST: usize = 16 << 10;

/// Reads a document.
pub(super) fn read(bytes: &[u8], _hints: &Hints, budget: &Budget) -> Document {
    let body = rich_text(bytes);
    let mut document = Document {
        facts: DocumentFacts {
            format: "rtf",
            ..DocumentFacts::default()
        },
        ..Document::default()
    };
    document.text.text = body.text;
    let mut reader = Reader::default();
    reader.run(bytes, budget);
    reader.into_document(&mut document);
    document
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Destination {
    #[default]
    Text,
    /// Digits of an object.
    Object,
    /// The name of an object's class.
    Class,
    /// The address of the template.
    Template,
    /// What a field does.
    Instruction,
    Title,
    Author,
    /// For readers who know it, which this one is not.
    Ignored,
}

/// Characters that stand behind each `\u` for readers who do not know it.
#[derive(Clone, Copy, Debug)]
struct Substitutes(u8);

impl Default for Substitutes {
    fn default() -> Self {
        Self(1)
    }
}

#[derive(Debug, Default)]
struct Reader {
    destination: Destination,
    /// Two bytes for each group that is open: as deep as the file is long.
    stack: Vec<(Destination, Substitutes)>,
    substitutes: Substitutes,
    starred: bool,
    /// Half a byte of an object.
    nibble: Option<u8>,
    object: Vec<u8>,
    text: String,
    /// Characters to pass over behind `\u`.
    skip: u8,
    objects: Vec<(String, Vec<u8>)>,
    class: String,
    templates: Vec<String>,
    instructions: Vec<String>,
    title: String,
    author: String,
    updates: bool,
    has_controls: bool,
    halted: Option<Halt>,
}

impl Reader {
    fn run(&mut self, bytes: &[u8], budget: &Budget) {
        let mut steps = 0_u32;
        for piece in Pieces::new(bytes) {
            steps = steps.wrapping_add(1);
            if steps.is_multiple_of(1 << 16)
                && let Err(halt) = budget.check()
            {
                self.halted = Some(halt);
                break;
            }
            let in_object = self.destination == Destination::Object;
            match piece {
                Piece::Open => self.open(),
                Piece::Close => self.close(),
                Piece::Word(word, number) => self.word(word, number),
                Piece::Symbol(b'*') => self.starred = true,
                // In an object these are no data.
                Piece::Symbol(symbol @ (b'\\' | b'{' | b'}')) | Piece::Code(symbol) if !in_object => self.byte(symbol),
                Piece::Symbol(_) | Piece::Code(_) => {}
                Piece::Binary(raw) if in_object => self.object.extend_from_slice(raw),
                Piece::Binary(_) => {}
                Piece::Byte(byte) => self.byte(byte),
            }
        }
        while !self.stack.is_empty() || self.destination != Destination::Text {
            self.leave(Destination::Text);
            (self.destination, self.substitutes) = self.stack.pop().unwrap_or_default();
        }
    }

    fn open(&mut self) {
        self.skip = 0;
        self.stack.push((self.destination, self.substitutes));
    }

    fn close(&mut self) {
        self.skip = 0;
        self.starred = false;
        let (outer, substitutes) = self.stack.pop().unwrap_or_default();
        self.leave(outer);
        (self.destination, self.substitutes) = (outer, substitutes);
    }

    /// Keeps what was collected where a destination ends.
    fn leave(&mut self, outer: Destination) {
        if outer == self.destination {
            return;
        }
        let mut text = || std::mem::take(&mut self.text).trim().to_owned();
        match self.destination {
            Destination::Object => {
                let object = std::mem::take(&mut self.object);
                self.nibble = None;
                if !object.is_empty() && self.objects.len() < OBJECTS {
                    let class = std::mem::take(&mut self.class);
                    self.objects.push((class, object));
                } else if !object.is_empty() {
                    self.halted.get_or_insert(Halt(LimitKind::Artifacts));
                }
            }
            Destination::Class => self.class = text(),
            Destination::Template => self.templates.push(text()),
            Destination::Instruction => self.instructions.push(text()),
            Destination::Title => self.title = text(),
            Destination::Author => self.author = text(),
            Destination::Text | Destination::Ignored => {}
        }
        self.templates.truncate(100);
        self.instructions.truncate(10_000);
    }

    fn enter(&mut self, destination: Destination) {
        let is_known = destination != Destination::Ignored;
        // Groups for readers who know them may hold what Word reads, as text boxes do: objects above all.
        if self.destination == Destination::Ignored && !is_known {
            return;
        }
        let is_nested = self
            .stack
            .last()
            .is_some_and(|(outer, _)| *outer == Destination::Object);
        if self.destination == Destination::Object && is_known && !is_nested {
            // An object ends where something else begins in its group.
            self.leave(destination);
        }
        // A second start within an object begins it anew, as in Word.
        if destination == Destination::Object {
            self.object.clear();
            self.nibble = None;
        } else if is_known {
            self.text.clear();
        }
        self.destination = destination;
    }

    fn word(&mut self, word: &[u8], value: Option<i64>) {
        let starred = std::mem::take(&mut self.starred);
        match word {
            b"objdata" => self.enter(Destination::Object),
            b"objclass" => self.enter(Destination::Class),
            b"template" => self.enter(Destination::Template),
            b"fldinst" => self.enter(Destination::Instruction),
            b"title" => self.enter(Destination::Title),
            b"author" => self.enter(Destination::Author),
            b"objupdate" | b"objautlink" => self.updates = true,
            b"objocx" => self.has_controls = true,
            b"u" => {
                let unit = u16::try_from(value.unwrap_or_default().rem_euclid(1 << 16)).unwrap_or_default();
                self.character(char::from_u32(u32::from(unit)).unwrap_or(char::REPLACEMENT_CHARACTER));
                self.skip = self.substitutes.0;
            }
            b"uc" => {
                let count = value.and_then(|count| u8::try_from(count).ok());
                self.substitutes = Substitutes(count.unwrap_or(1).min(16));
            }
            b"object" | b"result" | b"field" | b"fldrslt" | b"info" | b"rtf" => {}
            _ if starred => self.enter(Destination::Ignored),
            _ => {}
        }
    }

    fn byte(&mut self, byte: u8) {
        if self.destination == Destination::Object {
            let Some(digit) = char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok()) else {
                return;
            };
            match self.nibble.take() {
                Some(high) => self.object.push(high << 4 | digit),
                None => self.nibble = Some(digit),
            }
        } else if self.skip > 0 {
            self.skip -= 1;
        } else if !matches!(byte, b'\r' | b'\n') {
            self.character(char::from(byte));
        }
    }

    fn character(&mut self, c: char) {
        let is_kept = !matches!(
            self.destination,
            Destination::Text | Destination::Object | Destination::Ignored
        );
        if is_kept && self.text.len() < LONGEST {
            self.text.push(c);
        }
    }

    fn into_document(self, document: &mut Document) {
        let mut note = |code: &'static str, message: String| document.problems.push(Problem::note(code, message));
        for template in self.templates.iter().filter(|template| !template.is_empty()) {
            let is_elsewhere = template.contains("://") || template.starts_with("\\\\");
            if is_elsewhere {
                note(
                    "rtf-template",
                    format!("the template is loaded from '{template}' when the document is opened"),
                );
                document.links.push(link(template));
            }
        }
        for instruction in &self.instructions {
            let mut words = instruction.split_whitespace();
            let name = words.next().unwrap_or_default().to_ascii_uppercase();
            let target = words.next().unwrap_or_default().trim_matches('"').replace("\\\\", "\\");
            match name.as_str() {
                "DDE" | "DDEAUTO" => {
                    note(
                        "rtf-dde-field",
                        format!("a field asks another program for data: '{instruction}'"),
                    );
                    document.behind.scripts.text.push_str(instruction);
                    document.behind.scripts.text.push('\n');
                    document.behind.active = false;
                }
                "INCLUDEPICTURE" | "INCLUDETEXT" | "LINK" | "IMPORT"
                    if target.contains("://") || target.starts_with("\\\\") =>
                {
                    note("rtf-remote-field", format!("a field loads '{target}'"));
                    document.links.push(link(&target));
                }
                _ => {}
            }
        }
        if self.updates && !self.objects.is_empty() {
            note(
                "rtf-object-update",
                "an object is loaded as soon as the document is opened".to_owned(),
            );
        }
        if self.has_controls && !self.objects.is_empty() {
            note(
                "rtf-control",
                "the document holds a control, which runs code".to_owned(),
            );
        }
        for (number, (class, bytes)) in (1..).zip(self.objects) {
            object(number, &class, &bytes, document);
        }
        let value = |text: String| (!text.is_empty()).then(|| text.into());
        document.facts.title = value(self.title);
        document.facts.author = value(self.author);
        document.halted = self.halted;
    }
}

fn link(target: &str) -> Link {
    Link {
        target: target.into(),
        loaded: true,
        ..Link::default()
    }
}

/// An object as OLE 1 keeps it: version, format, class, topic, item, data.
fn object(number: usize, class: &str, bytes: &[u8], document: &mut Document) {
    let parsed = presentation(bytes);
    let (class, data) = match &parsed {
        Some((own, data)) => (if own.is_empty() { class } else { own }, *data),
        None => (class, compound_in(bytes)),
    };
    let lower = class.to_ascii_lowercase();
    if lower.starts_with("equation") {
        let overlong = !data.starts_with(crate::ole::SIGNATURE) && equation_is_overlong(data);
        let code = if overlong {
            "rtf-equation-overlong"
        } else {
            "rtf-equation"
        };
        let message = format!("the object {number} is of the class '{class}'");
        document.problems.push(Problem::note(code, message));
    }
    if lower == "package"
        && let Some(native) = native(&[&[0, 0, 0, 1], data].concat())
    {
        document.embedded.push(object_member(native));
        return;
    }
    let name = format!("object {number}");
    document.embedded.push(Member {
        name: name.as_str().into(),
        bytes: if data.is_empty() { bytes } else { data }.to_vec(),
        hints: Hints::default(),
    });
    if let Some(Acting::Remote(target)) = linked(class, parsed.is_some(), data) {
        let message = format!("an object is fetched from '{target}'");
        document.problems.push(Problem::note("rtf-remote-field", message));
    }
}

/// Class and native data.
fn presentation(bytes: &[u8]) -> Option<(String, &[u8])> {
    let mut cursor = Cursor::new(bytes);
    cursor.le32()?;
    if !matches!(cursor.le32()?, 1 | 2) {
        return None;
    }
    let class = counted(&mut cursor)?;
    let _topic = counted(&mut cursor)?;
    let _item = counted(&mut cursor)?;
    let size = usize::try_from(cursor.le32()?).ok()?;
    let rest = cursor.rest();
    // Word takes what is there where the size says more.
    Some((class, rest.get(..size.min(rest.len()))?))
}

fn counted(cursor: &mut Cursor<'_>) -> Option<String> {
    let length = usize::try_from(cursor.le32()?).ok().filter(|length| *length < 4_096)?;
    let text = cursor.take(length)?;
    let end = text.iter().position(|byte| *byte == 0).unwrap_or(text.len());
    Some(text.get(..end)?.iter().map(|byte| char::from(*byte)).collect())
}

/// The compound file in bytes that are no object as they should be.
fn compound_in(bytes: &[u8]) -> &[u8] {
    let at = memchr::memmem::find(bytes, crate::ole::SIGNATURE);
    at.and_then(|at| bytes.get(at..)).unwrap_or_default()
}

/// An address that a link without a compound file leads to.
fn linked(class: &str, is_whole: bool, data: &[u8]) -> Option<Acting> {
    if !is_whole || data.starts_with(crate::ole::SIGNATURE) || !class.to_ascii_lowercase().contains("link") {
        return None;
    }
    let mut texts = crate::text::strings(data, 6);
    let target = texts.find(|run| run.text.contains("://") || run.text.starts_with("\\\\"))?;
    Some(Acting::Remote(target.text.into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchfire_model::Limits;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn ole1(class: &str, data: &[u8]) -> Vec<u8> {
        let long = |number: usize| (number as u32).to_le_bytes().to_vec();
        let text = |text: &str| [long(text.len() + 1), text.as_bytes().to_vec(), vec![0]].concat();
        [
            vec![1, 5, 0, 0, 2, 0, 0, 0],
            text(class),
            long(0),
            long(0),
            long(data.len()),
            data.to_vec(),
        ]
        .concat()
    }

    #[track_caller]
    fn check(rtf: &str, codes: &[&str], embedded: &[(&str, &[u8])]) -> Document {
        let document = read(rtf.as_bytes(), &Hints::default(), &Budget::new(Limits::default()));
        let found: Vec<&str> = document.problems.iter().map(|problem| problem.code).collect();
        assert_eq!(found, codes, "{rtf}");
        let members: Vec<(&str, &[u8])> = document
            .embedded
            .iter()
            .map(|member| (member.name.raw(), member.bytes.as_slice()))
            .collect();
        assert_eq!(members, embedded, "{rtf}");
        document
    }

    #[test]
    fn objects_come_out_however_their_digits_are_cut() {
        let object = hex(&ole1("Word.Document.8", b"hello"));
        let (first, second) = object.split_at(21);
        for data in [
            object.clone(),
            object.to_uppercase(),
            format!("{first}\r\n \t{second}"),
            format!("{first}{{}}{second}"),
            format!("{first}{{\\*\\unknown 010203}}{second}"),
            format!("{first}\\par{{\\b}}\\'41 {second}"),
            format!("{{{object}}}"),
        ] {
            check(
                &format!("{{\\rtf1{{\\object\\objemb{{\\*\\objdata {data}}}{{\\result x}}}}}}"),
                &[],
                &[("object 1", b"hello")],
            );
        }
        check(
            "{\\rt{\\object{\\*\\objdata \\bin5 abcde}}}",
            &[],
            &[("object 1", b"abcde")],
        );
    }

    #[test]
    fn objects_come_out_wherever_they_are_nested() {
        let object = hex(&ole1("Word.Document.8", b"hello"));
        let inner = format!("{{\\object{{\\*\\objdata {object}}}}}");
        for rtf in [
            // In a text box, in groups for readers who know them, in more groups than anybody writes.
            format!("{{\\rtf1{{\\shp{{\\*\\shpinst\\shpleft0{{\\shptxt {inner}}}}}}}}}"),
            format!("{{\\rtf1{{\\*\\unknown {inner}}}}}"),
            format!("{{\\rtf1{}{inner}{}}}", "{".repeat(20_000), "}".repeat(20_000)),
        ] {
            check(&rtf, &[], &[("object 1", b"hello")]);
        }
        // What follows in the same group does not undo an object.
        let followed = format!("{{\\rtf1{{\\object{{\\*\\objdata {object}\\objclass Word.Document.8}}}}}}");
        check(&followed, &[], &[("object 1", b"hello")]);
    }

    #[test]
    fn packages_have_names() {
        let mut data = b"\x02\0a.vbs\0C:\\a.vbs\0\0\0\x03\0\x09\0\0\0C:\\a.vbs\0".to_vec();
        data.extend(3_u32.to_le_bytes());
        data.extend(b"abc");
        let rtf = format!(
            "{{\\rtf1{{\\object\\objupdate{{\\*\\objdata {}}}}}}}",
            hex(&ole1("Package", &data))
        );
        check(&rtf, &["rtf-object-update"], &[("a.vbs", b"abc")]);
    }

    #[test]
    fn equations_templates_and_fields_are_named() {
        let equation = [&[0; 33][..], &[10, 1, 8, 0x5a, 0x5a], &[b'a'; 60]].concat();
        let rtf = format!(
            "{{\\rtf1{{\\object{{\\*\\objclass Equation.3}}{{\\*\\objdata {}}}}}}}",
            hex(&ole1("Equation.3", &equation))
        );
        check(&rtf, &["rtf-equation-overlong"], &[("object 1", &equation)]);
        let document = check(
            "{\\rtf1{\\*\\template http://203.0.113.7/\\u97?.dotm}}",
            &["rtf-template"],
            &[],
        );
        assert_eq!(document.links[0].target.raw(), "http://203.0.113.7/a.dotm");
        check("{\\rtf1{\\*\\template C:\\\\a.dot}text}", &[], &[]);
        check(
            "{\\rtf1{\\field{\\*\\fldinst {DDE}{AUTO c:\\\\\\\\a.exe}}{\\fldrslt x}}}",
            &["rtf-dde-field"],
            &[],
        );
    }

    #[test]
    fn groups_without_end_are_bounded() {
        for rtf in [
            "{".repeat(100_000),
            "{\\*\\objdata 0".repeat(20_000),
            "{\\*\\template a".repeat(20_000),
            "\\bin-5 ".repeat(1000),
        ] {
            let document = read(rtf.as_bytes(), &Hints::default(), &Budget::new(Limits::default()));
            assert!(document.embedded.len() <= OBJECTS);
        }
    }
}
