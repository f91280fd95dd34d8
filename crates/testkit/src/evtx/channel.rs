//! Whole event logs as Windows writes them: events of any provider, in chunks with their tables and checksums.
//!
//! After libyal's description of the format and [MS-EVEN6] for binary XML. As in the files of Windows, one definition holds
//! what all events have, and the event's own data are a fragment inside of it, by a definition for each kind of event; names
//! stand once in a chunk.

use super::CHUNK;
use crate::encode::utf16le;
use crc32fast::hash as crc32;
use std::collections::BTreeMap;

/// A datum of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Datum {
    /// Text.
    Text(String),
    /// `S-1-5-21-…`.
    Sid(String),
    /// A number, written in digits.
    Number(u32),
    /// A number that is written in hexadecimal, such as a status.
    Hex(u32),
    /// A handle, such as that of a logon.
    Handle(u64),
    /// An identifier without its braces.
    Guid(String),
}

/// One event.
#[derive(Clone, Debug)]
pub struct Record {
    /// Who writes it.
    pub provider: &'static str,
    /// The provider's identifier without its braces.
    pub guid: &'static str,
    /// `Security`, `System` and so on.
    pub channel: &'static str,
    /// `EventID` and its version.
    pub event: (u16, u8),
    /// What kind of event it is, by its provider.
    pub task: u16,
    /// `0x8020000000000000` where something succeeded, and so on.
    pub keywords: u64,
    /// Nanoseconds since 1970, by the clock of the machine.
    pub time: u64,
    /// Whose process wrote it, where that is said.
    pub user: Option<String>,
    /// `EventData`.
    pub data: Vec<(&'static str, Datum)>,
}

/// The file of a machine's events, whose numbers begin at `first`.
pub fn log(computer: &str, first: u64, records: &[Record]) -> Vec<u8> {
    let mut chunks: Vec<Chunk> = Vec::new();
    let mut chunk = Chunk::new(first);
    for (id, record) in (first..).zip(records) {
        let before = chunk.clone();
        chunk.record(computer, id, record);
        if chunk.out.len() > CHUNK && before.records > 0 {
            chunks.push(before);
            chunk = Chunk::new(id);
            chunk.record(computer, id, record);
        }
    }
    chunks.push(chunk);
    let count = chunks.len() as u64;
    let mut head = b"ElfFile\0".to_vec();
    for value in [0, count - 1, first + records.len() as u64] {
        head.extend(value.to_le_bytes());
    }
    head.extend(128_u32.to_le_bytes());
    for value in [1_u16, 3, 4096, u16::try_from(count).unwrap_or(u16::MAX)] {
        head.extend(value.to_le_bytes());
    }
    head.resize(120, 0);
    let sum = crc32(&head);
    head.extend([0; 4]);
    head.extend(sum.to_le_bytes());
    head.resize(4096, 0);
    chunks.into_iter().for_each(|chunk| head.extend(chunk.finish()));
    head
}

/// Where the tables of a chunk are, and its records.
const STRINGS: usize = 128;
const STRING_BUCKETS: u32 = 64;
const TEMPLATES: usize = 384;
const TEMPLATE_BUCKETS: u32 = 32;
const RECORDS: usize = 512;
/// An element that depends on no value.
const ALWAYS: u16 = u16::MAX;

/// What events have in common, and by which type.
mod slot {
    pub(super) const LEVEL: u16 = 0;
    pub(super) const OPCODE: u16 = 1;
    pub(super) const TASK: u16 = 2;
    pub(super) const EVENT: u16 = 3;
    pub(super) const QUALIFIERS: u16 = 4;
    pub(super) const KEYWORDS: u16 = 5;
    pub(super) const TIME: u16 = 6;
    pub(super) const ACTIVITY: u16 = 7;
    pub(super) const PROCESS: u16 = 8;
    pub(super) const THREAD: u16 = 9;
    pub(super) const NUMBER: u16 = 10;
    pub(super) const VERSION: u16 = 11;
    pub(super) const USER: u16 = 12;
    pub(super) const RELATED: u16 = 13;
    pub(super) const PROVIDER: u16 = 14;
    pub(super) const GUID: u16 = 15;
    pub(super) const CHANNEL: u16 = 16;
    pub(super) const DATA: u16 = 17;
}

mod kind {
    pub(super) const NOTHING: u8 = 0x00;
    pub(super) const TEXT: u8 = 0x01;
    pub(super) const BYTE: u8 = 0x04;
    pub(super) const SHORT: u8 = 0x06;
    pub(super) const NUMBER: u8 = 0x08;
    pub(super) const LONG: u8 = 0x0a;
    pub(super) const GUID: u8 = 0x0f;
    pub(super) const TIME: u8 = 0x11;
    pub(super) const SID: u8 = 0x13;
    pub(super) const HEX: u8 = 0x14;
    pub(super) const HANDLE: u8 = 0x15;
    pub(super) const FRAGMENT: u8 = 0x21;
}

/// A chunk that is being written.
#[derive(Clone, Debug)]
struct Chunk {
    out: Vec<u8>,
    first: u64,
    records: u64,
    last_at: usize,
    /// Where names and definitions stand.
    names: BTreeMap<String, u32>,
    definitions: BTreeMap<(String, u16, u8), u32>,
}

fn place(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

impl Chunk {
    fn new(first: u64) -> Self {
        let mut out = b"ElfChnk\0".to_vec();
        out.resize(RECORDS, 0);
        Self {
            out,
            first,
            records: 0,
            last_at: RECORDS,
            names: BTreeMap::new(),
            definitions: BTreeMap::new(),
        }
    }

    fn put(&mut self, at: usize, bytes: &[u8]) {
        if let Some(place) = self.out.get_mut(at..at + bytes.len()) {
            place.copy_from_slice(bytes);
        }
    }

    fn word(&self, at: usize) -> u32 {
        let bytes = self.out.get(at..).and_then(|rest| rest.first_chunk::<4>());
        bytes.map_or(0, |bytes| u32::from_le_bytes(*bytes))
    }

    fn finish(mut self) -> Vec<u8> {
        let free = self.out.len();
        let last = self.first + self.records.saturating_sub(1);
        let mut head = Vec::new();
        // Numbers within the file and identifiers are the same here.
        for value in [self.first, last, self.first, last] {
            head.extend(value.to_le_bytes());
        }
        let sum = crc32(self.out.get(RECORDS..).unwrap_or_default());
        for value in [128, place(self.last_at), place(free), sum] {
            head.extend(value.to_le_bytes());
        }
        self.put(8, &head);
        self.put(120, &1_u32.to_le_bytes());
        let mut summed = self.out.get(..120).unwrap_or_default().to_vec();
        summed.extend(self.out.get(STRINGS..RECORDS).unwrap_or_default());
        self.put(124, &crc32(&summed).to_le_bytes());
        self.out.resize(CHUNK, 0);
        self.out
    }

    fn record(&mut self, computer: &str, id: u64, record: &Record) {
        let start = self.out.len();
        self.last_at = start;
        self.records += 1;
        let ticks = record.time / 100 + 11_644_473_600 * 10_000_000;
        self.out.extend(b"\x2a\x2a\0\0\0\0\0\0");
        self.out.extend(id.to_le_bytes());
        self.out.extend(ticks.to_le_bytes());
        self.instance(
            ("System", 0, 0),
            |chunk| chunk.system(computer),
            |chunk| {
                chunk.common(id, ticks, record);
            },
        );
        self.out.push(0);
        // Records begin at multiples of eight.
        while !(self.out.len() + 4).is_multiple_of(8) {
            self.out.push(0);
        }
        let len = place(self.out.len() + 4 - start).to_le_bytes();
        self.out.extend(len);
        self.put(start + 4, &len);
    }

    /// A fragment that is a definition, which stands here if it is new, and the values for it.
    fn instance(
        &mut self,
        (provider, event, version): (&str, u16, u8),
        definition: impl FnOnce(&mut Self),
        values: impl FnOnce(&mut Self),
    ) {
        let key = (provider.to_owned(), event, version);
        let id = crc32(format!("{provider} {event} {version}").as_bytes());
        self.out.extend([0x0f, 1, 1, 0, 0x0c, 1]);
        self.out.extend(id.to_le_bytes());
        if let Some(at) = self.definitions.get(&key) {
            let at = at.to_le_bytes();
            self.out.extend(at);
        } else {
            let at = place(self.out.len() + 4);
            self.definitions.insert(key, at);
            self.out.extend(at.to_le_bytes());
            let bucket = TEMPLATES + 4 * (id % TEMPLATE_BUCKETS) as usize;
            self.out.extend(self.word(bucket).to_le_bytes());
            self.put(bucket, &at.to_le_bytes());
            self.out.extend(id.to_le_bytes());
            self.out.extend([0; 12]);
            let len_at = self.out.len();
            self.out.extend([0; 4]);
            self.out.extend([0x0f, 1, 1, 0]);
            definition(self);
            self.out.push(0);
            self.close(len_at);
        }
        values(self);
    }

    /// Writes how much stands behind `at`.
    fn close(&mut self, at: usize) {
        let len = place(self.out.len().saturating_sub(at + 4));
        self.put(at, &len.to_le_bytes());
    }

    fn name(&mut self, name: &str) {
        let here = place(self.out.len() + 4);
        if let Some(at) = self.names.get(name) {
            let at = at.to_le_bytes();
            self.out.extend(at);
            return;
        }
        self.names.insert(name.to_owned(), here);
        self.out.extend(here.to_le_bytes());
        let hash = name.encode_utf16().fold(0_u32, |hash, unit| {
            hash.wrapping_mul(65_599).wrapping_add(u32::from(unit))
        });
        let bucket = STRINGS + 4 * (hash % STRING_BUCKETS) as usize;
        self.out.extend(self.word(bucket).to_le_bytes());
        self.put(bucket, &here.to_le_bytes());
        let [low, high, ..] = hash.to_le_bytes();
        self.out.extend([low, high]);
        let len = u16::try_from(name.encode_utf16().count()).unwrap_or_default();
        self.out.extend(len.to_le_bytes());
        self.out.extend(utf16le(name));
        self.out.extend([0, 0]);
    }

    fn text(&mut self, text: &str) {
        let text = utf16le(text);
        self.out.extend([0x05, kind::TEXT]);
        self.out
            .extend(u16::try_from(text.len() / 2).unwrap_or_default().to_le_bytes());
        self.out.extend(text);
    }

    fn optional(&mut self, slot: u16, kind: u8) {
        self.out.push(0x0e);
        self.out.extend(slot.to_le_bytes());
        self.out.push(kind);
    }

    /// Opens an element and returns where its length stands.
    fn open(&mut self, name: &str, depends: u16, has_attributes: bool) -> usize {
        self.out.push(if has_attributes { 0x41 } else { 0x01 });
        self.out.extend(depends.to_le_bytes());
        let at = self.out.len();
        self.out.extend([0; 4]);
        self.name(name);
        at
    }

    /// Attributes, whose number is known.
    fn attributes(&mut self, all: &[(&str, Content<'_>)]) {
        let at = self.out.len();
        self.out.extend([0; 4]);
        for (number, (name, content)) in all.iter().enumerate() {
            self.out.push(if number + 1 < all.len() { 0x46 } else { 0x06 });
            self.name(name);
            match content {
                Content::Text(text) => self.text(text),
                Content::Value(slot, kind) => self.optional(*slot, *kind),
            }
        }
        self.close(at);
    }

    /// An element without content.
    fn empty(&mut self, name: &str, attributes: &[(&str, Content<'_>)]) {
        let at = self.open(name, ALWAYS, true);
        self.attributes(attributes);
        self.out.push(0x03);
        self.close(at);
    }

    /// An element that is there if its value is.
    fn element(&mut self, name: &str, slot: u16, kind: u8) {
        let at = self.open(name, slot, false);
        self.out.push(0x02);
        self.optional(slot, kind);
        self.out.push(0x04);
        self.close(at);
    }

    /// What all events have.
    fn system(&mut self, computer: &str) {
        use Content::{Text, Value};
        let event = self.open("Event", slot::DATA, true);
        self.attributes(&[("xmlns", Text("http://schemas.microsoft.com/win/2004/08/events/event"))]);
        self.out.push(0x02);
        let system = self.open("System", ALWAYS, false);
        self.out.push(0x02);
        let name = Value(slot::PROVIDER, kind::TEXT);
        self.empty("Provider", &[("Name", name), ("Guid", Value(slot::GUID, kind::GUID))]);
        let id = self.open("EventID", slot::EVENT, true);
        self.attributes(&[("Qualifiers", Value(slot::QUALIFIERS, kind::SHORT))]);
        self.out.push(0x02);
        self.optional(slot::EVENT, kind::SHORT);
        self.out.push(0x04);
        self.close(id);
        self.element("Version", slot::VERSION, kind::BYTE);
        self.element("Level", slot::LEVEL, kind::BYTE);
        self.element("Task", slot::TASK, kind::SHORT);
        self.element("Opcode", slot::OPCODE, kind::BYTE);
        self.element("Keywords", slot::KEYWORDS, kind::HANDLE);
        self.empty("TimeCreated", &[("SystemTime", Value(slot::TIME, kind::TIME))]);
        self.element("EventRecordID", slot::NUMBER, kind::LONG);
        let activity = Value(slot::ACTIVITY, kind::GUID);
        let related = Value(slot::RELATED, kind::GUID);
        self.empty(
            "Correlation",
            &[("ActivityID", activity), ("RelatedActivityID", related)],
        );
        let process = Value(slot::PROCESS, kind::NUMBER);
        self.empty(
            "Execution",
            &[("ProcessID", process), ("ThreadID", Value(slot::THREAD, kind::NUMBER))],
        );
        self.element("Channel", slot::CHANNEL, kind::TEXT);
        let name = self.open("Computer", ALWAYS, false);
        self.out.push(0x02);
        self.text(computer);
        self.out.push(0x04);
        self.close(name);
        self.empty("Security", &[("UserID", Value(slot::USER, kind::SID))]);
        self.out.push(0x04);
        self.close(system);
        self.optional(slot::DATA, kind::FRAGMENT);
        self.out.push(0x04);
        self.close(event);
    }

    /// The values of what all events have; the last is the fragment with the event's own.
    fn common(&mut self, id: u64, ticks: u64, record: &Record) {
        let mut values: BTreeMap<u16, (u8, Vec<u8>)> = BTreeMap::new();
        let mut value = |slot: u16, kind: u8, bytes: &[u8]| values.insert(slot, (kind, bytes.to_vec()));
        value(
            slot::LEVEL,
            kind::BYTE,
            &[if record.channel == "Security" { 0 } else { 4 }],
        );
        value(slot::OPCODE, kind::BYTE, &[0]);
        value(slot::TASK, kind::SHORT, &record.task.to_le_bytes());
        value(slot::EVENT, kind::SHORT, &record.event.0.to_le_bytes());
        value(slot::KEYWORDS, kind::HANDLE, &record.keywords.to_le_bytes());
        value(slot::TIME, kind::TIME, &ticks.to_le_bytes());
        value(slot::PROCESS, kind::NUMBER, &640_u32.to_le_bytes());
        value(
            slot::THREAD,
            kind::NUMBER,
            &place(700 + (id % 9) as usize * 4).to_le_bytes(),
        );
        value(slot::NUMBER, kind::LONG, &id.to_le_bytes());
        value(slot::VERSION, kind::BYTE, &[record.event.1]);
        value(slot::PROVIDER, kind::TEXT, &utf16le(record.provider));
        value(slot::GUID, kind::GUID, &guid(record.guid));
        value(slot::CHANNEL, kind::TEXT, &utf16le(record.channel));
        if let Some(user) = &record.user {
            value(slot::USER, kind::SID, &sid(user));
        }
        self.out.extend(u32::from(slot::DATA + 1).to_le_bytes());
        let table = self.out.len();
        for slot in 0..=slot::DATA {
            let (kind, len) = values
                .get(&slot)
                .map_or((kind::NOTHING, 0), |(kind, bytes)| (*kind, bytes.len()));
            self.entry(kind, len);
        }
        values.values().for_each(|(_, bytes)| self.out.extend(bytes));
        let start = self.out.len();
        let (event, version) = record.event;
        self.instance(
            (record.provider, event, version),
            |chunk| chunk.data(&record.data),
            |chunk| chunk.values(&record.data),
        );
        self.out.push(0);
        let len = u16::try_from(self.out.len() - start).unwrap_or(u16::MAX);
        let at = table + 4 * usize::from(slot::DATA);
        self.put(at, &len.to_le_bytes());
        self.put(at + 2, &[kind::FRAGMENT]);
    }

    fn entry(&mut self, kind: u8, len: usize) {
        self.out.extend(u16::try_from(len).unwrap_or(u16::MAX).to_le_bytes());
        self.out.extend([kind, 0]);
    }

    /// `<EventData><Data Name="…">`
    fn data(&mut self, data: &[(&'static str, Datum)]) {
        let all = self.open("EventData", ALWAYS, false);
        self.out.push(0x02);
        for (slot, (name, datum)) in (0_u16..).zip(data) {
            let at = self.open("Data", ALWAYS, true);
            self.attributes(&[("Name", Content::Text(name))]);
            self.out.extend([0x02, 0x0d]);
            self.out.extend(slot.to_le_bytes());
            self.out.extend([datum.kind(), 0x04]);
            self.close(at);
        }
        self.out.push(0x04);
        self.close(all);
    }

    fn values(&mut self, data: &[(&'static str, Datum)]) {
        self.out.extend(place(data.len()).to_le_bytes());
        let values: Vec<(u8, Vec<u8>)> = data.iter().map(|(_, datum)| (datum.kind(), datum.bytes())).collect();
        for (kind, bytes) in &values {
            self.entry(*kind, bytes.len());
        }
        values.iter().for_each(|(_, bytes)| self.out.extend(bytes));
    }
}

/// What an attribute says.
enum Content<'a> {
    Text(&'a str),
    Value(u16, u8),
}

impl Datum {
    fn kind(&self) -> u8 {
        match self {
            Self::Text(_) => kind::TEXT,
            Self::Sid(_) => kind::SID,
            Self::Number(_) => kind::NUMBER,
            Self::Hex(_) => kind::HEX,
            Self::Handle(_) => kind::HANDLE,
            Self::Guid(_) => kind::GUID,
        }
    }

    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Text(text) => utf16le(text),
            Self::Sid(text) => sid(text),
            Self::Number(number) | Self::Hex(number) => number.to_le_bytes().to_vec(),
            Self::Handle(number) => number.to_le_bytes().to_vec(),
            Self::Guid(text) => guid(text),
        }
    }
}

/// [MS-DTYP] 2.4.2.
fn sid(text: &str) -> Vec<u8> {
    let mut numbers = text.split('-').skip(1);
    let mut number = || numbers.next().and_then(|part| part.parse::<u64>().ok());
    let revision = number().unwrap_or(1);
    let [.., a, b, c, d, e, f] = number().unwrap_or_default().to_be_bytes();
    let parts: Vec<u32> = std::iter::from_fn(number)
        .filter_map(|part| u32::try_from(part).ok())
        .collect();
    let mut out = vec![
        u8::try_from(revision).unwrap_or(1),
        u8::try_from(parts.len()).unwrap_or_default(),
    ];
    out.extend([a, b, c, d, e, f]);
    out.extend(parts.iter().flat_map(|part| part.to_le_bytes()));
    out
}

/// The first three parts are in little endian.
fn guid(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(16);
    for (number, part) in text.split('-').enumerate() {
        let digits: Vec<u8> = part
            .chars()
            .filter_map(|digit| digit.to_digit(16))
            .filter_map(|digit| u8::try_from(digit).ok())
            .collect();
        let mut bytes: Vec<u8> = digits
            .chunks(2)
            .map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit))
            .collect();
        if number < 3 {
            bytes.reverse();
        }
        out.extend(bytes);
    }
    out.resize(16, 0);
    out
}
