//! Property stores (MS-PROPSTORE): values by a format's identifier and a number or name.
//!
//! Only texts and numbers are read, which is what shortcuts carry.

use crate::bytes::{Cursor, array, le32};
use crate::email::outlook::wide;

/// Properties that are kept.
const MOST: usize = 1_000;

/// One value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Property {
    /// The format's identifier, as text.
    pub(super) format: String,
    /// The number or name in that format.
    pub(super) key: String,
    /// Its text.
    pub(super) value: String,
    /// Where the text stands, from the beginning of the store.
    pub(super) at: usize,
}

/// All values of a store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Properties(pub(super) Vec<Property>);

impl Properties {
    pub(super) fn read(bytes: &[u8]) -> Self {
        let mut out = Self::default();
        let mut at = 0_usize;
        while let Some(size) = le32(bytes, at).and_then(|size| usize::try_from(size).ok()) {
            let Some(storage) = bytes
                .get(at..at.saturating_add(size))
                .filter(|storage| storage.len() > 24)
            else {
                break;
            };
            if storage.get(4..8) != Some(b"1SPS") {
                break;
            }
            out.storage(storage, at);
            at += size;
        }
        out
    }

    /// One storage: properties of one format.
    fn storage(&mut self, storage: &[u8], base: usize) {
        let Some(format) = array(storage, 8) else { return };
        let format = guid(&format);
        // User defined names: "{D5CDD505-…}".
        let is_named = format.starts_with("d5cdd505");
        let mut at = 24_usize;
        while self.0.len() < MOST {
            let size = le32(storage, at).and_then(|size| usize::try_from(size).ok());
            let Some(size) = size.filter(|size| *size > 9) else {
                return;
            };
            let Some(entry) = storage.get(at..at.saturating_add(size)) else {
                return;
            };
            self.entry(entry, &format, is_named, base.saturating_add(at));
            at += size;
        }
    }

    fn entry(&mut self, entry: &[u8], format: &str, is_named: bool, base: usize) {
        let mut cursor = Cursor::new(entry.get(4..).unwrap_or_default());
        let Some(number) = cursor.le32() else { return };
        cursor.u8();
        let key = if is_named {
            let length = usize::try_from(number).unwrap_or(usize::MAX);
            let Some(name) = cursor.take(length) else { return };
            wide(name).trim_end_matches('\0').to_owned()
        } else {
            number.to_string()
        };
        let Some(kind) = cursor.le32() else { return };
        let (text, skipped) = match kind & 0xffff {
            // VT_LPWSTR, with its length in letters.
            0x1f => {
                let length = cursor.le32().and_then(|length| usize::try_from(length).ok());
                let text =
                    length.and_then(|length| cursor.rest().get(..length.saturating_mul(2).min(cursor.rest().len())));
                (text.map(wide), 4)
            }
            0x13 => (cursor.le32().map(|number| number.to_string()), 0),
            0x48 => (cursor.array().map(|id: [u8; 16]| guid(&id)), 0),
            _ => (None, 0),
        };
        let at = base
            .saturating_add(entry.len().saturating_sub(cursor.rest().len()))
            .max(skipped);
        if let Some(value) = text {
            self.0.push(Property {
                format: format.to_owned(),
                key,
                value: value.trim_end_matches('\0').to_owned(),
                at,
            });
        }
    }

    /// `System.ParsingPath`, or else a link's target, or a name.
    pub(super) fn path(&self) -> Option<String> {
        let find = |format: &str, key: &str| {
            let mut values = self.0.iter();
            let found = values.find(|property| property.format.starts_with(format) && property.key == key);
            found
                .map(|property| property.value.clone())
                .filter(|value| !value.is_empty())
        };
        find("28636aa6", "30")
            .or_else(|| find("b9b4b3fc", "2"))
            .or_else(|| find("b725f130", "10"))
    }
}

/// An identifier in its usual form, without braces.
pub(super) fn guid(bytes: &[u8; 16]) -> String {
    let [a, b, c, d, e, f, g, h, rest @ ..] = *bytes;
    let [i, j, tail @ ..] = rest;
    let tail: String = tail.iter().map(|byte| format!("{byte:02x}")).collect();
    format!(
        "{:08x}-{:04x}-{:04x}-{i:02x}{j:02x}-{tail}",
        u32::from_le_bytes([a, b, c, d]),
        u16::from_le_bytes([e, f]),
        u16::from_le_bytes([g, h]),
    )
}
