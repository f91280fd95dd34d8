//! A template of binary XML, compiled: for each element and attribute its name and where its value comes from.

use super::super::draft::Draft;
use super::super::name::{NameId, Names};
use super::super::record::{RawName, RawValue};
use super::value::{self, Value};
use super::{filetime, name};
use crate::bytes::{le16, le32, piece};

/// See the module.
#[derive(Clone, Debug, Default)]
pub(super) struct Template {
    pub(super) parts: Vec<Part>,
    /// Text that the template itself says.
    text: String,
}

/// An element's text or an attribute.
#[derive(Clone, Debug)]
pub(super) struct Part {
    name: Name,
    pub(super) content: Content,
    /// It is left out where one of these values is missing.
    pub(super) needs: Vec<u16>,
    is_attribute: bool,
    is_time: bool,
    is_message: bool,
}

#[derive(Clone, Debug)]
enum Name {
    Known(NameId),
    /// `Data` whose `Name` is a value itself.
    Value(u16),
}

#[derive(Clone, Debug)]
pub(super) enum Content {
    /// Of the template's text.
    Literal(u32, u32),
    /// One value with its type.
    Value(u16),
    /// Several pieces, put together as text.
    Mixed(Vec<Content>),
}

/// Elements inside of one another, and parts of one template, at most.
const MOST_DEEP: usize = 64;
const MOST_PARTS: usize = 4096;

/// An element that is open.
#[derive(Debug)]
struct Element {
    name: String,
    /// The `Name` of `Data`.
    label: Option<Vec<Content>>,
    needs: Vec<u16>,
    content: Vec<Content>,
    has_children: bool,
}

/// What is being built.
struct Build<'a> {
    chunk: &'a [u8],
    names: &'a mut Names,
    template: Template,
    stack: Vec<Element>,
    /// The attribute whose value comes.
    attribute: Option<(String, Vec<Content>)>,
}

/// Compiles the elements at `at`. `bytes` ends where they do. `has_needs` says that elements state on which value they depend,
/// as those of definitions do.
pub(super) fn compile(bytes: &[u8], chunk: &[u8], at: usize, has_needs: bool, names: &mut Names) -> Option<Template> {
    let mut build = Build {
        chunk,
        names,
        template: Template::default(),
        stack: Vec::new(),
        attribute: None,
    };
    let mut at = at;
    while let Some(token) = bytes.get(at) {
        at = at.checked_add(1)?;
        match token & 0x0f {
            0x00 if *token == 0 => break,
            0x01 => at = build.open(bytes, at, has_needs, token & 0x40 != 0)?,
            0x02 => build.end_attribute(),
            0x03 | 0x04 => {
                build.end_attribute();
                build.close();
                if build.stack.is_empty() {
                    break;
                }
            }
            0x05 => at = build.literal(bytes, at)?,
            0x06 => {
                build.end_attribute();
                let (name, next) = name_at(bytes, chunk, at)?;
                build.attribute = Some((name, Vec::new()));
                at = next;
            }
            0x07 | 0x0b => {
                let len = usize::from(le16(bytes, at)?).checked_mul(2)?;
                if token & 0x0f == 0x07 {
                    build.say(piece(bytes, at.checked_add(2)?, len));
                }
                at = at.checked_add(2)?.checked_add(len)?;
            }
            0x08 => {
                build.say(piece(bytes, at, 2));
                at = at.checked_add(2)?;
            }
            0x09 => {
                let (name, next) = name_at(bytes, chunk, at)?;
                build.entity(&name);
                at = next;
            }
            0x0a => at = name_at(bytes, chunk, at)?.1,
            0x0d | 0x0e => {
                build.content(Content::Value(le16(bytes, at)?));
                at = at.checked_add(3)?;
            }
            0x0f => at = at.checked_add(3)?,
            _ => return None,
        }
    }
    while !build.stack.is_empty() {
        build.close();
    }
    Some(build.template)
}

/// A name, here or where the number here says, and where what follows it stands.
fn name_at(bytes: &[u8], chunk: &[u8], at: usize) -> Option<(String, usize)> {
    let place = le32(bytes, at)? as usize;
    let after = at.checked_add(4)?;
    let text = name(chunk, place)?;
    if place != after {
        return Some((text, after));
    }
    let len = usize::from(le16(bytes, after.checked_add(6)?)?).checked_mul(2)?;
    Some((text, after.checked_add(10)?.checked_add(len)?))
}

impl Build<'_> {
    fn open(&mut self, bytes: &[u8], at: usize, has_needs: bool, has_attributes: bool) -> Option<usize> {
        let mut at = at;
        let mut needs = self.stack.last().map(|parent| parent.needs.clone()).unwrap_or_default();
        if has_needs {
            let need = le16(bytes, at)?;
            if need != u16::MAX {
                needs.push(need);
            }
            at = at.checked_add(2)?;
        }
        let (name, next) = name_at(bytes, self.chunk, at.checked_add(4)?)?;
        if self.stack.len() >= MOST_DEEP || self.template.parts.len() >= MOST_PARTS {
            return None;
        }
        if let Some(parent) = self.stack.last_mut() {
            parent.has_children = true;
        }
        self.stack.push(Element {
            name,
            label: None,
            needs,
            content: Vec::new(),
            has_children: false,
        });
        if has_attributes {
            next.checked_add(4)
        } else {
            Some(next)
        }
    }

    fn literal(&mut self, bytes: &[u8], at: usize) -> Option<usize> {
        // Nothing but text is written out in templates.
        if *bytes.get(at)? != 0x01 {
            return None;
        }
        let len = usize::from(le16(bytes, at.checked_add(1)?)?).checked_mul(2)?;
        let start = at.checked_add(3)?;
        self.say(piece(bytes, start, len));
        start.checked_add(len)
    }

    /// Text of the template itself.
    fn say(&mut self, letters: &[u8]) {
        let start = self.template.text.len();
        value::utf16(letters, &mut self.template.text);
        let len = self.template.text.len().saturating_sub(start);
        self.content(Content::Literal(start as u32, len as u32));
    }

    fn entity(&mut self, name: &str) {
        let letter = match name {
            "lt" => "<",
            "gt" => ">",
            "amp" => "&",
            "quot" => "\"",
            "apos" => "'",
            _ => "\u{fffd}",
        };
        let start = self.template.text.len();
        self.template.text.push_str(letter);
        self.content(Content::Literal(start as u32, letter.len() as u32));
    }

    fn content(&mut self, content: Content) {
        if let Some((_, parts)) = &mut self.attribute {
            parts.push(content);
        } else if let Some(element) = self.stack.last_mut() {
            element.content.push(content);
        }
    }

    fn end_attribute(&mut self) {
        let Some((attribute, content)) = self.attribute.take() else {
            return;
        };
        let Some(element) = self.stack.last_mut() else { return };
        if attribute == "xmlns" || content.is_empty() {
            return;
        }
        if attribute == "Name" && matches!(element.name.as_str(), "Data" | "ComplexData") {
            element.label = Some(content);
            return;
        }
        let name = format!("{}_{attribute}", element.name);
        let needs = element.needs.clone();
        self.part(&name, None, content, needs, true);
    }

    fn close(&mut self) {
        let Some(element) = self.stack.pop() else { return };
        // Blanks between elements are no text.
        let says = |content: &Content| match content {
            Content::Literal(start, len) => !literal(&self.template.text, *start, *len).trim_ascii().is_empty(),
            _ => true,
        };
        if element.content.is_empty() || (element.has_children && !element.content.iter().any(says)) {
            return;
        }
        let in_rendering = self.stack.iter().any(|parent| parent.name == "RenderingInfo");
        let name = if in_rendering {
            format!("RenderingInfo.{}", element.name)
        } else {
            element.name
        };
        self.part(&name, element.label, element.content, element.needs, false);
    }

    fn part(
        &mut self,
        name: &str,
        label: Option<Vec<Content>>,
        content: Vec<Content>,
        needs: Vec<u16>,
        is_attribute: bool,
    ) {
        let label = match label.as_deref() {
            Some([Content::Value(index)]) => Some(Name::Value(*index)),
            Some([Content::Literal(start, len)]) => {
                let text = literal(&self.template.text, *start, *len).to_owned();
                Some(Name::Known(self.names.id(&text)))
            }
            _ => None,
        };
        let is_time = name == "TimeCreated_SystemTime";
        let is_message = name == "RenderingInfo.Message";
        let name = label.unwrap_or_else(|| Name::Known(self.names.id(name)));
        let content = match content.as_slice() {
            [one] => one.clone(),
            _ => Content::Mixed(content),
        };
        self.template.parts.push(Part {
            name,
            content,
            needs,
            is_attribute,
            is_time,
            is_message,
        });
    }
}

fn literal(text: &str, start: u32, len: u32) -> &str {
    let start = start as usize;
    text.get(start..start.saturating_add(len as usize)).unwrap_or_default()
}

impl Part {
    /// Writes it into the record. `value` gives the values of the instance.
    #[inline]
    pub(super) fn write(
        &self,
        template: &Template,
        chunk: &[u8],
        value: &dyn Fn(u16) -> Option<Value>,
        draft: &mut Draft,
    ) {
        let name = match self.name {
            Name::Known(id) => RawName::Known(id),
            Name::Value(index) => {
                let mut text = String::new();
                if let Some(value) = value(index) {
                    value.write(chunk, &mut text);
                }
                draft.name(text.as_bytes())
            }
        };
        let written = match &self.content {
            Content::Literal(start, len) => draft.copied(literal(&template.text, *start, *len).as_bytes()),
            Content::Value(index) => {
                let Some(value) = value(*index) else { return };
                if self.is_time
                    && value.kind == 0x11
                    && let Some(time) = crate::bytes::le64(chunk, value.at).and_then(filetime)
                {
                    draft.time = Some(time);
                }
                if value.kind & 0x80 != 0 {
                    return value.each(chunk, &mut |one| {
                        let written = draft.copied(one.as_bytes());
                        draft.push(name, written);
                    });
                }
                match value.typed(chunk, &mut draft.scratch) {
                    // An attribute without a value is not there; an element without one is empty.
                    RawValue::Null if self.is_attribute => return,
                    written => written,
                }
            }
            Content::Mixed(parts) => {
                let start = draft.scratch.len();
                for part in parts {
                    match part {
                        Content::Literal(start, len) => draft.scratch.push_str(literal(&template.text, *start, *len)),
                        Content::Value(index) => {
                            if let Some(value) = value(*index) {
                                value.write(chunk, &mut draft.scratch);
                            }
                        }
                        Content::Mixed(_) => {}
                    }
                }
                draft.since(start)
            }
        };
        if self.is_message {
            draft.message = Some(written);
        }
        draft.push(name, written);
    }
}
