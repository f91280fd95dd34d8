//! Windows event logs (`.evtx`), by a reader of our own.
//!
//! After libyal's description of the format ("Windows XML Event Log (EVTX)") and Microsoft's [MS-EVEN6] for binary XML. Names
//! of fields are those by which rules of the field ask: an element's text is called as the element, an attribute
//! `Element_Attribute` (`Provider_Name`, `Execution_ProcessID`), and `<Data Name="Image">` is `Image`. Text of the rendering
//! that forwarded events carry is below `RenderingInfo`.
//!
//! A chunk of 64 KiB stands alone: what is damaged in one is lost there and nowhere else. Templates are compiled once for each
//! chunk, so an event costs little more than the copy of its values. Checksums are not verified: what can be read of a
//! damaged chunk is worth more than to know that it is damaged. The reader that the field uses (evtx 0.15.1) brings 25
//! crates and gives every event as a tree or as JSON, which then has to be taken apart again.

mod template;
mod value;

use super::draft::Draft;
use super::record::Fault;
use super::registry::Format;
use super::time::Time;
use crate::bytes::{has, le16, le32, le64, piece};
use memchr::memmem;
use std::collections::BTreeMap;
use std::sync::Arc;
use template::Template;
use value::Value;

pub(crate) static FORMAT: Format = Format {
    name: "evtx",
    describes: "Windows event logs",
    recognised: "the signature `ElfFile`",
    time: "UTC, to 100 nanoseconds",
};

pub(crate) static SYSMON: Format = Format {
    name: "sysmon",
    describes: "events of Sysmon, in EVTX or as XML",
    recognised: "a Windows event whose provider is Microsoft-Windows-Sysmon",
    time: "UTC, to 100 nanoseconds",
};

/// Bytes of a chunk, which stands alone.
pub const CHUNK: usize = 64 << 10;
/// Bytes before the first one.
pub const EVTX_HEADER: usize = 4 << 10;
const CHUNK_MAGIC: &[u8] = b"ElfChnk\0";
const RECORD_MAGIC: &[u8] = b"\x2a\x2a\0\0";
const SYSMON_PROVIDER: &[u8] = b"Microsoft-Windows-Sysmon";
/// Where the records of a chunk begin.
const RECORDS: usize = 512;
/// Fragments inside of values inside of fragments at most.
const MOST_DEEP: u8 = 6;

/// Whether bytes begin like a file of events.
pub(crate) fn is(head: &[u8]) -> bool {
    head.starts_with(b"ElfFile\0") || head.starts_with(CHUNK_MAGIC)
}

/// A file that is being read.
#[derive(Clone, Debug, Default)]
pub(crate) struct File {
    is_begun: bool,
    skipped: u64,
    values: Vec<Value>,
    templates: BTreeMap<u32, Option<Arc<Template>>>,
}

/// Takes the record that was read, where it stands and how long it is.
pub(crate) type Give<'a> = dyn FnMut(&mut Draft, usize, usize) + 'a;

impl File {
    /// A file whose header stands before what is read.
    pub(crate) fn inside() -> Self {
        Self {
            is_begun: true,
            ..Self::default()
        }
    }

    /// Bytes in which nothing could be read.
    pub(crate) fn skipped(&self) -> u64 {
        self.skipped
    }

    /// Reads the whole chunks of `text` and returns how far that is.
    pub(crate) fn run(&mut self, text: &[u8], is_end: bool, draft: &mut Draft, give: &mut Give<'_>) -> usize {
        let mut at = 0_usize;
        if !self.is_begun {
            self.is_begun = true;
            // The header's own length, where it is believable; chunks are looked for anyway.
            let header = le16(text, 40).map_or(EVTX_HEADER, usize::from);
            at = if text.starts_with(b"ElfFile\0") && (128..=EVTX_HEADER).contains(&header) {
                header
            } else {
                0
            };
        }
        loop {
            let rest = text.get(at..).unwrap_or_default();
            // With the first bytes of what follows, so that it does not matter how the file is cut.
            if rest.len() < CHUNK + CHUNK_MAGIC.len() && !is_end {
                return at.min(text.len());
            }
            if rest.is_empty() {
                return text.len();
            }
            if !rest.starts_with(CHUNK_MAGIC) {
                at = at.saturating_add(self.search(rest, is_end));
                continue;
            }
            let chunk = rest.get(..CHUNK).unwrap_or(rest);
            // Another chunk that begins before this one ends: this one was cut off.
            let follows = has(rest, CHUNK, CHUNK_MAGIC);
            let next = if follows {
                None
            } else {
                memmem::find(chunk.get(RECORDS..).unwrap_or_default(), CHUNK_MAGIC)
            };
            let next = next
                .map(|next| next.saturating_add(RECORDS))
                .filter(|next| is_chunk(rest, *next));
            let chunk = chunk.get(..next.unwrap_or(chunk.len())).unwrap_or(chunk);
            self.chunk(chunk, draft, &mut |draft, place, len| {
                give(draft, at.saturating_add(place), len)
            });
            at = at.saturating_add(chunk.len());
        }
    }

    /// How many bytes to pass over until a chunk may begin.
    fn search(&mut self, rest: &[u8], is_end: bool) -> usize {
        let found = memmem::find(rest.get(1..).unwrap_or_default(), CHUNK_MAGIC).map(|at| at.saturating_add(1));
        let len = match found {
            Some(at) => at,
            None if is_end => rest.len(),
            None => rest.len().saturating_sub(CHUNK_MAGIC.len()).max(1),
        };
        // What was laid out and never written is no damage.
        if rest
            .get(..len)
            .is_some_and(|passed| passed.iter().any(|byte| *byte != 0))
        {
            self.skipped = self.skipped.saturating_add(len as u64);
        }
        len
    }

    fn chunk(&mut self, chunk: &[u8], draft: &mut Draft, give: &mut Give<'_>) {
        self.templates.clear();
        let mut at = RECORDS;
        let mut last = None;
        // Behind the last record may stand what an older use of the chunk left.
        let free = le32(chunk, 48).map_or(0, |free| free as usize);
        let chunk = match chunk.get(..free) {
            Some(used) if free > RECORDS => used,
            _ => chunk,
        };
        while let Some(rest) = chunk.get(at..).filter(|rest| rest.len() >= 24) {
            let len = le32(chunk, at.saturating_add(4)).map_or(0, |len| len as usize);
            let id = le64(chunk, at.saturating_add(8)).unwrap_or_default();
            let fits = (28..=rest.len()).contains(&len);
            if !has(chunk, at, RECORD_MAGIC) || !fits {
                // Behind the last record stands what was there before; a record that was overwritten has others behind it.
                match self.resume(chunk, at, last) {
                    Some(next) => at = next,
                    None => break,
                }
                continue;
            }
            // Numbers only rise: others are what is left of older records.
            if last.is_some_and(|last| id <= last) {
                break;
            }
            last = Some(id);
            self.record(chunk, at, len, draft);
            give(draft, at, len);
            at = at.saturating_add(len);
        }
    }

    /// The next record that a number higher than the last belongs to, before the chunk says that it ends.
    fn resume(&mut self, chunk: &[u8], at: usize, last: Option<u64>) -> Option<usize> {
        let end = chunk.len();
        let mut from = at.checked_add(1)?;
        loop {
            let found = memmem::find(chunk.get(from..end)?, RECORD_MAGIC)?.checked_add(from)?;
            let len = le32(chunk, found.checked_add(4)?).map_or(0, |len| len as usize);
            let id = le64(chunk, found.checked_add(8)?).unwrap_or_default();
            let fits = len >= 28 && found.checked_add(len).is_some_and(|end| end <= chunk.len());
            // A record ends with its length once more.
            let closes =
                fits && le32(chunk, found.checked_add(len)?.checked_sub(4)?).is_some_and(|copy| copy as usize == len);
            if closes && last.is_none_or(|last| id > last) {
                self.skipped = self.skipped.saturating_add(found.saturating_sub(at) as u64);
                return Some(found);
            }
            from = found.checked_add(1)?;
        }
    }

    fn record(&mut self, chunk: &[u8], at: usize, len: usize, draft: &mut Draft) {
        draft.begin(&[]);
        draft.is(&FORMAT);
        self.values.clear();
        let end = at.saturating_add(len).saturating_sub(4);
        let bounded = chunk.get(..end).unwrap_or(chunk);
        if self.fragment(bounded, chunk, at.saturating_add(24), 0, draft).is_none() {
            draft.fault = Some(Fault::Truncated);
        }
        if draft
            .fields
            .first()
            .is_some_and(|field| draft.peek(&[], field.value) == SYSMON_PROVIDER)
        {
            draft.format = Some(&SYSMON);
        }
        if draft.time.is_none() {
            draft.time = le64(chunk, at.saturating_add(16)).and_then(filetime);
        }
    }

    /// Reads binary XML at `at`. `bytes` ends where the fragment does; templates and names may stand anywhere in `chunk`.
    fn fragment(&mut self, bytes: &[u8], chunk: &[u8], at: usize, depth: u8, draft: &mut Draft) -> Option<()> {
        let mut at = at;
        if depth > MOST_DEEP {
            draft.fault = Some(Fault::Bounded);
            return None;
        }
        while bytes.get(at) == Some(&0x0f) {
            at = at.checked_add(4)?;
        }
        match bytes.get(at)? {
            0x00 => Some(()),
            0x0c => self.instance(bytes, chunk, at.checked_add(1)?, depth, draft),
            _ => {
                // Written out, without a template.
                let whole = template::compile(bytes, chunk, at, false, &mut draft.names)?;
                let first = self.values.len();
                self.give(&whole, chunk, first, depth, draft)
            }
        }
    }

    /// A template's number and place, and the values for it.
    fn instance(&mut self, bytes: &[u8], chunk: &[u8], at: usize, depth: u8, draft: &mut Draft) -> Option<()> {
        let place = le32(bytes, at.checked_add(5)?)?;
        let mut at = at.checked_add(9)?;
        let definition = place as usize;
        if definition == at {
            // It stands right here: behind the place of the next, an identifier and its length.
            let len = le32(bytes, at.checked_add(20)?)? as usize;
            at = at.checked_add(24)?.checked_add(len)?;
        }
        let count = le32(bytes, at)? as usize;
        let table = at.checked_add(4)?;
        let mut data = table.checked_add(count.checked_mul(4)?)?;
        if data > bytes.len() {
            return None;
        }
        let first = self.values.len();
        for index in 0..count {
            let entry = table.checked_add(index.checked_mul(4)?)?;
            let len = usize::from(le16(bytes, entry)?);
            let kind = *bytes.get(entry.checked_add(2)?)?;
            self.values.push(Value { kind, at: data, len });
            data = data.checked_add(len)?;
        }
        let template = self.template(chunk, definition, draft);
        let read = template.and_then(|template| self.give(&template, chunk, first, depth, draft));
        self.values.truncate(first);
        read
    }

    fn template(&mut self, chunk: &[u8], definition: usize, draft: &mut Draft) -> Option<Arc<Template>> {
        let key = u32::try_from(definition).ok()?;
        if let Some(known) = self.templates.get(&key) {
            return known.clone();
        }
        let len = le32(chunk, definition.checked_add(20)?)? as usize;
        let start = definition.checked_add(24)?;
        let bytes = chunk.get(..start.checked_add(len)?)?;
        let mut at = start;
        while bytes.get(at) == Some(&0x0f) {
            at = at.checked_add(4)?;
        }
        let compiled = template::compile(bytes, chunk, at, true, &mut draft.names).map(Arc::new);
        self.templates.insert(key, compiled.clone());
        compiled
    }

    /// Writes what a template says into the record, with values from `first` on.
    fn give(&mut self, template: &Template, chunk: &[u8], first: usize, depth: u8, draft: &mut Draft) -> Option<()> {
        let mut whole = Some(());
        for part in &template.parts {
            let value = |index: u16| self.values.get(first.saturating_add(usize::from(index))).copied();
            if part
                .needs
                .iter()
                .any(|index| value(*index).is_some_and(|value| value.kind == 0))
            {
                continue;
            }
            if let template::Content::Value(index) = part.content
                && let Some(nested) = value(index).filter(|value| value.kind == 0x21)
            {
                let bytes = chunk.get(..nested.at.saturating_add(nested.len)).unwrap_or(chunk);
                if nested.len > 0
                    && self
                        .fragment(bytes, chunk, nested.at, depth.saturating_add(1), draft)
                        .is_none()
                {
                    whole = None;
                }
                continue;
            }
            part.write(template, chunk, &value, draft);
        }
        whole
    }
}

/// Whether a chunk begins here: its header says how long it is.
fn is_chunk(bytes: &[u8], at: usize) -> bool {
    has(bytes, at, CHUNK_MAGIC) && le32(bytes, at.saturating_add(40)) == Some(128)
}

/// Ticks of 100 nanoseconds since 1601.
pub(crate) fn filetime(ticks: u64) -> Option<Time> {
    const EPOCH: i64 = 11_644_473_600;
    let seconds = i64::try_from(ticks / 10_000_000).ok()?.checked_sub(EPOCH)?;
    let nanos = u32::try_from(ticks % 10_000_000).ok()?.checked_mul(100)?;
    (ticks > 0).then(|| super::time::instant(seconds, nanos))
}

/// A name of binary XML that stands at `at`: the place of the next, a hash, its length, its letters.
fn name(chunk: &[u8], at: usize) -> Option<String> {
    let len = usize::from(le16(chunk, at.checked_add(6)?)?);
    let letters = piece(chunk, at.checked_add(8)?, len.checked_mul(2)?);
    let mut out = String::new();
    value::utf16(letters, &mut out);
    (!out.is_empty()).then_some(out)
}

#[cfg(test)]
mod tests;
