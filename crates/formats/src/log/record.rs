//! One line, one event, one row: a list of names and values that lie in the block they were read from.

use super::name::{NameId, Names};
use super::registry::Format;
use super::time::Time;

/// One record of a log. It lives until the next is read.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// What it was read as.
    pub format: &'static Format,
    /// What carried it: syslog around a line of sshd.
    pub envelope: Option<&'static Format>,
    /// Where it stands in the input, in bytes from the beginning, without its line end.
    pub span: (u64, u64),
    /// The line on which it begins, from 1; for formats without lines the number of the record, from 1.
    pub line: u64,
    /// When it happened, as far as it says.
    pub time: Option<Time>,
    /// What it says to people: the text behind the header, or an event's message.
    pub message: Option<&'a str>,
    /// What about it is not as it should be.
    pub fault: Option<Fault>,
    /// The whole record, decoded; empty for binary formats.
    pub text: &'a str,
    pub(crate) scratch: &'a str,
    pub(crate) carried: &'a [(u32, u32)],
    pub(crate) fields: &'a [Raw],
    pub(crate) names: &'a Names,
}

/// What is wrong with a record. It is kept all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// The lines around it have a format, and it has none.
    Malformed,
    /// It is longer than [`Options::longest`](super::Options::longest), and only its beginning was read.
    Cut,
    /// It ends before its format says so.
    Truncated,
    /// It has more fields, or goes deeper, than is read: what is missing stands in its text.
    Bounded,
    /// Some bytes were neither UTF-8 nor UTF-16 and were read as windows-1252.
    CodePage,
}

/// A name and its value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Field<'a> {
    /// The name as the log writes it; parts of nested objects are joined with dots.
    pub name: &'a str,
    /// The name's number in the reader's [`Names`].
    pub id: NameId,
    /// The value.
    pub value: Value<'a>,
}

/// A value. Several values of one name follow one another as several fields.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// Text.
    Text(&'a str),
    /// A whole number.
    Integer(i64),
    /// Another number.
    Float(f64),
    /// True or false.
    Bool(bool),
    /// Said to be nothing.
    Null,
}

/// A field before its record is whole: places instead of text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Raw {
    pub(crate) name: RawName,
    pub(crate) value: RawValue,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum RawName {
    Known(NameId),
    /// It stands in the scratch, at this place of the carried names.
    Carried(u32),
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum RawValue {
    /// From a place of the record's text, so many bytes.
    Text(u32, u32),
    /// The same in the scratch.
    Scratch(u32, u32),
    Fixed(&'static str),
    Integer(i64),
    Float(f64),
    Bool(bool),
    Null,
}

fn piece(text: &str, start: u32, len: u32) -> &str {
    let start = start as usize;
    text.get(start..start.saturating_add(len as usize)).unwrap_or_default()
}

impl<'a> Record<'a> {
    /// Its fields in the order of the record.
    pub fn fields(&self) -> impl ExactSizeIterator<Item = Field<'a>> + 'a {
        let record = *self;
        self.fields.iter().map(move |raw| record.resolve(raw))
    }

    /// The first value of a name.
    pub fn get(&self, name: &str) -> Option<Value<'a>> {
        self.fields().find(|field| field.name == name).map(|field| field.value)
    }

    /// The first value of a name, where it is text.
    pub fn text_of(&self, name: &str) -> Option<&'a str> {
        match self.get(name)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The first value that the OCSF calls `name`, in this record's format.
    pub fn normal(&self, name: &str) -> Option<Value<'a>> {
        self.fields()
            .find(|field| super::ocsf::name(self.format, field.name) == Some(name))
            .map(|field| field.value)
    }

    #[inline]
    fn resolve(&self, raw: &Raw) -> Field<'a> {
        let (name, id) = match raw.name {
            RawName::Known(id) => (self.names.get(id), id),
            RawName::Carried(index) => {
                let (start, len) = self.carried.get(index as usize).copied().unwrap_or_default();
                (piece(self.scratch, start, len), NameId::NONE)
            }
        };
        let value = value_of(raw.value, self.text, self.scratch);
        Field { name, id, value }
    }

    /// The table of names: numbers of fields are those of this table.
    pub fn names(&self) -> &'a Names {
        self.names
    }
}

#[inline]
pub(crate) fn value_of<'a>(raw: RawValue, text: &'a str, scratch: &'a str) -> Value<'a> {
    match raw {
        RawValue::Text(start, len) => Value::Text(piece(text, start, len)),
        RawValue::Scratch(start, len) => Value::Text(piece(scratch, start, len)),
        RawValue::Fixed(text) => Value::Text(text),
        RawValue::Integer(number) => Value::Integer(number),
        RawValue::Float(number) => Value::Float(number),
        RawValue::Bool(is) => Value::Bool(is),
        RawValue::Null => Value::Null,
    }
}

/// The value as a text format writes it.
impl std::fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Integer(number) => write!(f, "{number}"),
            Self::Float(number) => write!(f, "{number}"),
            Self::Bool(is) => write!(f, "{is}"),
            Self::Null => Ok(()),
        }
    }
}
