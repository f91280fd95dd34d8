//! A record while it is read: places in its text, numbers, and what had to be written anew.
//!
//! Memory of one record is used for the next. A value that is a piece of the record's text is kept as its place; anything
//! else (text without its escapes, decoded text) is copied into the scratch.

use super::name::{Key, NameId, Names};
use super::record::{Fault, Raw, RawName, RawValue};
use super::registry::Format;
use super::scan::integer;
use super::time::{Assumptions, Civil, Time};
use super::user::UserFormat;
use std::sync::Arc;

/// Fields of one record at most.
pub(crate) const MOST_FIELDS: usize = 4096;
/// Bytes written anew for one record at most.
const MOST_SCRATCH: usize = 32 << 20;

/// See the module.
#[derive(Debug)]
pub(crate) struct Draft {
    /// Where the record's text lies, as a number to measure places against; nothing is ever read through it.
    base: usize,
    len: usize,
    pub(crate) fields: Vec<Raw>,
    pub(crate) scratch: String,
    /// Names that have no number, as places in the scratch.
    pub(crate) carried: Vec<(u32, u32)>,
    pub(crate) time: Option<Time>,
    pub(crate) message: Option<RawValue>,
    pub(crate) fault: Option<Fault>,
    pub(crate) format: Option<&'static Format>,
    pub(crate) envelope: Option<&'static Format>,
    pub(crate) names: Names,
    pub(crate) assumed: Assumptions,
    /// Columns of the table that is being read.
    pub(crate) table: Table,
    /// How deep one format has been found in another.
    pub(crate) depth: u8,
    pub(crate) user: Arc<[UserFormat]>,
    pub(crate) json: super::json::Memory,
    /// The next line is the header of a table.
    pub(crate) header_next: bool,
    /// Who read the last message, among the programs of the registry.
    pub(crate) last_program: usize,
}

/// What the header of a table said.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    /// Whose header it was.
    pub(crate) of: Option<&'static Format>,
    pub(crate) columns: Vec<NameId>,
    pub(crate) separator: u8,
    /// The column that holds the time, and one that holds its clock where that stands apart.
    pub(crate) time: Option<usize>,
    pub(crate) clock: Option<usize>,
    /// Day of the header, for rows that state only the clock.
    pub(crate) day: Option<Civil>,
    pub(crate) unset: Vec<u8>,
    /// Between values of one list.
    pub(crate) inner: Vec<u8>,
    /// Columns that hold lists.
    pub(crate) lists: Vec<bool>,
}

/// As much of a draft as is needed to come back to it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    fields: usize,
    scratch: usize,
    time: Option<Time>,
    message: Option<RawValue>,
    format: Option<&'static Format>,
    envelope: Option<&'static Format>,
}

impl Mark {
    /// How many fields there were.
    pub(crate) fn fields(&self) -> usize {
        self.fields
    }
}

impl Draft {
    pub(crate) fn new(assumed: Assumptions, user: Arc<[UserFormat]>) -> Self {
        Self {
            base: 0,
            len: 0,
            fields: Vec::with_capacity(64),
            scratch: String::new(),
            carried: Vec::new(),
            time: None,
            message: None,
            fault: None,
            format: None,
            envelope: None,
            names: Names::default(),
            assumed,
            table: Table::default(),
            depth: 0,
            user,
            json: super::json::Memory::default(),
            header_next: false,
            last_program: 0,
        }
    }

    /// Begins a record of `text`.
    #[inline]
    pub(crate) fn begin(&mut self, text: &[u8]) {
        self.base = text.as_ptr().addr();
        self.len = text.len();
        self.fields.clear();
        self.scratch.clear();
        self.carried.clear();
        if self.scratch.capacity() > 1 << 20 {
            self.scratch = String::new();
        }
        self.time = None;
        self.message = None;
        self.fault = None;
        self.format = None;
        self.envelope = None;
        self.depth = 0;
    }

    #[inline]
    pub(crate) fn mark(&self) -> Mark {
        Mark {
            fields: self.fields.len(),
            scratch: self.scratch.len(),
            time: self.time,
            message: self.message,
            format: self.format,
            envelope: self.envelope,
        }
    }

    /// Forgets what came after `mark`.
    #[inline]
    pub(crate) fn back(&mut self, mark: Mark) {
        self.fields.truncate(mark.fields);
        self.scratch.truncate(mark.scratch);
        self.time = mark.time;
        self.message = mark.message;
        self.format = mark.format;
        self.envelope = mark.envelope;
    }

    /// A name that a log brings.
    #[inline]
    pub(crate) fn name(&mut self, name: &[u8]) -> RawName {
        self.name_below(NameId::ROOT, name)
    }

    pub(crate) fn name_below(&mut self, parent: NameId, name: &[u8]) -> RawName {
        match self.names.child_of_bytes(parent, name) {
            NameId::NONE => self.carried(parent, &String::from_utf8_lossy(name)),
            id => RawName::Known(id),
        }
    }

    #[cold]
    fn carried(&mut self, parent: NameId, name: &str) -> RawName {
        let start = self.scratch.len();
        if start.saturating_add(name.len()) > MOST_SCRATCH {
            self.fault = Some(Fault::Bounded);
            return RawName::Carried(u32::MAX);
        }
        let above = self.names.get(parent);
        if !above.is_empty() {
            self.scratch.push_str(above);
            self.scratch.push('.');
        }
        self.scratch.push_str(name);
        let len = self.scratch.len().saturating_sub(start);
        let index = self.carried.len();
        self.carried.push((start as u32, len as u32));
        RawName::Carried(index as u32)
    }

    /// Where `value` stands.
    #[inline]
    pub(crate) fn place(&mut self, value: &[u8]) -> RawValue {
        let at = value.as_ptr().addr().wrapping_sub(self.base);
        if at.checked_add(value.len()).is_some_and(|end| end <= self.len) {
            RawValue::Text(at as u32, value.len() as u32)
        } else {
            self.copied(value)
        }
    }

    /// A value that stands nowhere in the record.
    pub(crate) fn copied(&mut self, value: &[u8]) -> RawValue {
        let start = self.scratch.len();
        if start.saturating_add(value.len()) > MOST_SCRATCH {
            self.fault = Some(Fault::Bounded);
            return RawValue::Null;
        }
        match std::str::from_utf8(value) {
            Ok(text) => self.scratch.push_str(text),
            Err(_) => self.scratch.push_str(&String::from_utf8_lossy(value)),
        }
        RawValue::Scratch(start as u32, self.scratch.len().saturating_sub(start) as u32)
    }

    /// The text of a value that was read from `text`.
    pub(crate) fn peek<'a>(&'a self, text: &'a [u8], value: RawValue) -> &'a [u8] {
        let (from, start, len) = match value {
            RawValue::Text(start, len) => {
                let before = text.as_ptr().addr().wrapping_sub(self.base);
                (text, (start as usize).wrapping_sub(before), len)
            }
            RawValue::Scratch(start, len) => (self.scratch.as_bytes(), start as usize, len),
            RawValue::Fixed(text) => return text.as_bytes(),
            _ => return &[],
        };
        from.get(start..start.saturating_add(len as usize)).unwrap_or_default()
    }

    /// What was written into the scratch since it had `start` bytes.
    pub(crate) fn since(&self, start: usize) -> RawValue {
        RawValue::Scratch(start as u32, self.scratch.len().saturating_sub(start) as u32)
    }

    /// Whether the scratch takes no more.
    pub(crate) fn is_full(&mut self) -> bool {
        let full = self.scratch.len() > MOST_SCRATCH;
        if full {
            self.fault = Some(Fault::Bounded);
        }
        full
    }

    #[inline]
    pub(crate) fn push(&mut self, name: RawName, value: RawValue) {
        if self.fields.len() < MOST_FIELDS {
            self.fields.push(Raw { name, value });
        } else {
            self.fault = Some(Fault::Bounded);
        }
    }

    #[inline]
    fn put(&mut self, key: &Key, value: RawValue) {
        let id = self.names.key(key);
        self.push(RawName::Known(id), value);
    }

    #[inline]
    pub(crate) fn text(&mut self, key: &Key, value: &[u8]) {
        let value = self.place(value);
        self.put(key, value);
    }

    /// The same where there is something to say.
    #[inline]
    pub(crate) fn some(&mut self, key: &Key, value: &[u8]) {
        if !matches!(value, b"" | b"-") {
            self.text(key, value);
        }
    }

    #[inline]
    pub(crate) fn integer(&mut self, key: &Key, value: i64) {
        self.put(key, RawValue::Integer(value));
    }

    /// A whole number where `value` is one, else the text.
    #[inline]
    pub(crate) fn number(&mut self, key: &Key, value: &[u8]) {
        let value = match integer(value) {
            Some(number) => RawValue::Integer(number),
            None => self.place(value),
        };
        self.put(key, value);
    }

    #[inline]
    pub(crate) fn fixed(&mut self, key: &Key, value: &'static str) {
        self.put(key, RawValue::Fixed(value));
    }

    /// Text below a name that the log brings.
    #[inline]
    pub(crate) fn named(&mut self, name: &[u8], value: &[u8]) {
        let name = self.name(name);
        let value = self.place(value);
        self.push(name, value);
    }

    #[inline]
    pub(crate) fn say(&mut self, message: &[u8]) {
        let message = self.place(message);
        self.message = Some(message);
    }

    /// The time of the record, where it exists.
    #[inline]
    pub(crate) fn at(&mut self, civil: &Civil) {
        self.time = civil.resolve(&mut self.assumed);
    }

    /// The format, and what was taken for it so far as its envelope.
    #[inline]
    pub(crate) fn is(&mut self, format: &'static Format) {
        if let Some(outer) = self.format
            && self.envelope.is_none()
        {
            self.envelope = Some(outer);
        }
        self.format = Some(format);
    }
}
