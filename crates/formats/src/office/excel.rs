//! Workbooks of Excel 5 to 2003 (MS-XLS), as far as something in them acts: sheets of Excel 4 macros with their formulas,
//! names that run unasked, links that ask other programs for data.

use super::formula::{Version, decompile, text_of};
use super::{Acting, Office};
use crate::bytes::{le16, le32};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Formulas of one workbook.
const FORMULAS: usize = 100_000;
/// Sheets of macros that no list names.
const SHEETS: usize = 1_000;
/// Text of formulas of one workbook, in bytes.
const LONGEST: usize = 8 << 20;

/// Kinds of records (MS-XLS 2.3).
mod record {
    pub(super) const FORMULA: u16 = 0x0006;
    pub(super) const NAME: u16 = 0x0018;
    pub(super) const FILE_PASS: u16 = 0x002f;
    pub(super) const SHEET: u16 = 0x0085;
    pub(super) const SUPPLIER: u16 = 0x01ae;
    pub(super) const BEGIN: u16 = 0x0809;
}

/// Reads the stream of a workbook.
pub(super) fn read(bytes: &[u8], out: &mut Office) {
    let mut reader = Reader {
        version: Version::New,
        sheets: BTreeMap::new(),
        current: None,
        formulas: 0,
        out,
    };
    let mut at = 0_usize;
    while let (Some(kind), Some(length)) = (le16(bytes, at), le16(bytes, at + 2)) {
        let body = at + 4;
        let end = body.saturating_add(usize::from(length)).min(bytes.len());
        let data = bytes.get(body..end).unwrap_or_default();
        if kind == record::BEGIN {
            if le16(data, 0) == Some(0x0500) {
                reader.version = Version::Old;
            }
            let listed = u32::try_from(at).ok().and_then(|at| reader.sheets.get(&at).cloned());
            reader.current = listed.or_else(|| reader.unlisted(le16(data, 2)));
        } else if reader.out.encrypted {
            break;
        } else {
            reader.record(kind, data);
        }
        at = end;
        if length == 0 && kind == 0 {
            break;
        }
    }
}

struct Reader<'o> {
    version: Version,
    /// Macro sheets by where they begin.
    sheets: BTreeMap<u32, String>,
    /// The macro sheet at hand.
    current: Option<String>,
    formulas: usize,
    out: &'o mut Office,
}

impl Reader<'_> {
    fn record(&mut self, kind: u16, data: &[u8]) {
        match kind {
            record::FILE_PASS => self.out.encrypted = !self.out.unlocked,
            record::SHEET => self.sheet(data),
            record::NAME => self.name(data),
            record::SUPPLIER => self.supplier(data),
            record::FORMULA => self.formula(data),
            _ => {}
        }
    }

    fn sheet(&mut self, data: &[u8]) {
        let (Some(start), Some(&kind)) = (le32(data, 0), data.get(5)) else {
            return;
        };
        if kind != 1 {
            return;
        }
        let name = text_of(data.get(6..).unwrap_or_default(), 1, self.version).map_or(String::new(), |(name, _)| name);
        self.sheets.insert(start, name.clone());
        let hidden = match data.get(4).map(|state| state & 3) {
            Some(1) => " (hidden)",
            Some(2) => " (very hidden)",
            _ => "",
        };
        self.out.macro_sheets.push(name + hidden);
    }

    /// What begins says itself what it is, whatever the list of sheets says.
    fn unlisted(&mut self, kind: Option<u16>) -> Option<String> {
        const MACROS: u16 = 0x40;
        let name = "macro sheet";
        if kind != Some(MACROS) {
            return None;
        }
        if self.out.macro_sheets.len() < SHEETS {
            self.out.macro_sheets.push(name.to_owned());
        }
        Some(name.to_owned())
    }

    /// A name; built-in ones are numbers.
    fn name(&mut self, data: &[u8]) {
        let (Some(flags), Some(&length)) = (le16(data, 0), data.get(3)) else {
            return;
        };
        let letters = data.get(14..).unwrap_or_default();
        let (is_wide, letters) = match (self.version, letters.split_first()) {
            (Version::New, Some((flags, letters))) => (flags & 1 != 0, letters),
            _ => (false, letters),
        };
        let built_in = match letters.first() {
            Some(1) => "Auto_Open",
            Some(2) => "Auto_Close",
            Some(10) => "Auto_Activate",
            Some(11) => "Auto_Deactivate",
            _ => "",
        };
        let letters = letters
            .get(..usize::from(length) << u8::from(is_wide))
            .unwrap_or(letters);
        let spelled = match is_wide {
            true => crate::email::outlook::wide(letters),
            false => letters.iter().map(|byte| char::from(*byte)).collect(),
        };
        // Excel passes over what is no character.
        let is_letter = |c: &char| !c.is_control() && !matches!(*c, '\u{fffe}' | '\u{ffff}' | '\u{fdd0}'..='\u{fdef}');
        let spelled: String = spelled.chars().filter(is_letter).collect();
        let lower = spelled.to_ascii_lowercase();
        let name = if flags & 0x20 != 0 {
            built_in
        } else if lower.starts_with("auto_open") {
            "Auto_Open"
        } else if lower.starts_with("auto_close") {
            "Auto_Close"
        } else {
            ""
        };
        if !name.is_empty() && !self.out.automatic.iter().any(|known| known == name) {
            self.out.automatic.push(name.to_owned());
        }
    }

    /// Another program, with what it is asked: service and topic stand on either side of the character 3.
    fn supplier(&mut self, data: &[u8]) {
        if matches!(le16(data, 2), Some(0x0401 | 0x3a01) | None) {
            return;
        }
        let Some((path, _)) = text_of(data.get(2..).unwrap_or_default(), 2, self.version) else {
            return;
        };
        if let Some((service, topic)) = path.split_once('\u{3}') {
            let command = format!("{service} {topic}");
            self.out.instructions.push_str(&command);
            self.out.instructions.push('\n');
            self.out.acts.push(Acting::Dde(command));
        }
    }

    fn formula(&mut self, data: &[u8]) {
        let Some(sheet) = &self.current else { return };
        let (Some(row), Some(column)) = (le16(data, 0), le16(data, 2)) else {
            return;
        };
        if self.formulas >= FORMULAS || self.out.instructions.len() > LONGEST {
            return;
        }
        self.formulas += 1;
        let length = usize::from(le16(data, 20).unwrap_or_default());
        let tokens = data.get(22..).unwrap_or_default();
        let text = decompile(tokens.get(..length).unwrap_or(tokens), self.version);
        // A string that cannot be written to says so by an error, which it never does.
        let _ = writeln!(
            self.out.instructions,
            "{sheet}!{}: ={text}",
            super::formula::cell(row, column)
        );
    }
}
