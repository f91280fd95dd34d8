//! Links of the Windows shell (MS-SHLLINK 8.0).
//!
//! Where it leads is said several times: by a list of shell items, by a path with its volume, by a path with variables.
//! What Windows opens is the first that holds; all that differ are told. Texts keep their places. Absent: the console's
//! settings, and whether anything of it exists.

use super::item;
use super::property::{Properties, guid};
use super::{Placed, Shortcut, blanks};
use crate::bytes::{array, le16, le32, le64};
use crate::email::outlook::{encoding, wide};
use watchfire_model::{Drive, Moment, Problem, Span, Untrusted};

/// Bytes of the header.
const HEADER: usize = 76;
/// Blocks behind the texts. A link has a handful, but others may stand before the one that counts.
const BLOCKS: usize = 1 << 16;
/// Targets that are told.
const TARGETS: usize = 256;
/// Fewer bytes behind the end are filling.
const FILLING: usize = 8;

/// Bits of the header's flags (2.1.1).
mod flag {
    pub(super) const ID_LIST: u32 = 1;
    pub(super) const LINK_INFO: u32 = 1 << 1;
    pub(super) const NAME: u32 = 1 << 2;
    pub(super) const RELATIVE_PATH: u32 = 1 << 3;
    pub(super) const WORKING_FOLDER: u32 = 1 << 4;
    pub(super) const ARGUMENTS: u32 = 1 << 5;
    pub(super) const ICON: u32 = 1 << 6;
    pub(super) const UNICODE: u32 = 1 << 7;
    pub(super) const NO_LINK_INFO: u32 = 1 << 8;
    pub(super) const RUN_AS: u32 = 1 << 13;
}

/// Reads a link.
pub fn read(bytes: &[u8]) -> Shortcut {
    let mut reader = Reader {
        bytes,
        at: HEADER,
        out: Shortcut::default(),
        targets: Vec::new(),
        is_cut: false,
    };
    reader.out.facts.format = "lnk";
    let whole = reader.header().and_then(|flags| reader.parts(flags));
    if whole.is_none() || reader.is_cut {
        let why = "the link ends early; what stands before was read";
        reader.out.problems.push(Problem::warning("lnk-truncated", why));
    }
    reader.finish()
}

/// Where a target was named, in the order in which Windows believes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum From {
    Items,
    Path,
    Environment,
    Installer,
    Properties,
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    out: Shortcut,
    targets: Vec<(From, String)>,
    is_cut: bool,
}

impl<'a> Reader<'a> {
    fn header(&mut self) -> Option<u32> {
        let flags = le32(self.bytes, 20)?;
        let facts = &mut self.out.facts;
        facts.created = le64(self.bytes, 28).and_then(moment);
        facts.accessed = le64(self.bytes, 36).and_then(moment);
        facts.written = le64(self.bytes, 44).and_then(moment);
        facts.size = u64::from(le32(self.bytes, 52)?);
        facts.window = match le32(self.bytes, 60)? {
            1 => "normal",
            3 => "maximized",
            7 => "minimized",
            _ => "",
        };
        facts.hotkey = hotkey(le16(self.bytes, 64)?).into();
        facts.elevated = flags & flag::RUN_AS != 0;
        Some(flags)
    }

    fn parts(&mut self, flags: u32) -> Option<()> {
        if flags & flag::ID_LIST != 0 {
            let size = usize::from(le16(self.bytes, self.at)?);
            let list = self.rest(2)?;
            let list = list.get(..size).unwrap_or(list);
            let items = item::read(list);
            self.target(From::Items, &items.path, None);
            if items.length.saturating_add(2) < list.len() {
                self.note(
                    "lnk-items-hidden",
                    "bytes stand behind the end of the list of shell items",
                );
            }
            self.skip(2 + size)?;
        }
        if flags & flag::LINK_INFO != 0 && flags & flag::NO_LINK_INFO == 0 {
            let size = usize::try_from(le32(self.bytes, self.at)?).ok()?;
            let info = self.rest(0)?;
            self.link_info(info.get(..size).unwrap_or(info));
            self.skip(size.max(4))?;
        }
        let is_wide = flags & flag::UNICODE != 0;
        for (bit, place) in [
            (flag::NAME, 0),
            (flag::RELATIVE_PATH, 1),
            (flag::WORKING_FOLDER, 2),
            (flag::ARGUMENTS, 3),
            (flag::ICON, 4),
        ] {
            if flags & bit != 0 {
                let text = self.counted(is_wide)?;
                self.said(place, text);
            }
        }
        self.blocks()
    }

    fn said(&mut self, place: u8, text: String) {
        let facts = &mut self.out.facts;
        if place == 3 {
            facts.blanks = blanks(&text);
        }
        let slot = match place {
            0 => &mut facts.comment,
            1 => &mut facts.relative_path,
            2 => &mut facts.working_folder,
            3 => &mut facts.arguments,
            _ => &mut facts.icon,
        };
        *slot = text.into();
    }

    fn rest(&self, skip: usize) -> Option<&'a [u8]> {
        self.bytes.get(self.at.checked_add(skip)?..)
    }

    /// Goes on behind `length` bytes; at the end of the file where there are not as many.
    fn skip(&mut self, length: usize) -> Option<()> {
        let next = self.at.saturating_add(length);
        self.at = next.min(self.bytes.len());
        (next <= self.bytes.len()).then_some(())
    }

    fn note(&mut self, code: &'static str, message: &str) {
        self.out.problems.push(Problem::note(code, message));
    }

    /// Keeps a text with its place.
    fn place(&mut self, text: &str, start: usize, length: usize, is_wide: bool) {
        if !text.trim().is_empty() {
            let span = Span {
                start: start as u64,
                end: start.saturating_add(length) as u64,
            };
            self.out.texts.push(Placed {
                text: text.to_owned(),
                span,
                is_wide,
            });
        }
    }

    fn target(&mut self, from: From, path: &str, place: Option<(usize, usize, bool)>) {
        if path.trim().is_empty() {
            return;
        }
        match place {
            Some((start, length, is_wide)) => self.place(path, start, length, is_wide),
            None => self.place(path, HEADER, 2, false),
        }
        self.targets.push((from, path.to_owned()));
    }

    /// Text with its number of letters before it (2.4).
    fn counted(&mut self, is_wide: bool) -> Option<String> {
        let count = usize::from(le16(self.bytes, self.at)?);
        let length = if is_wide { count * 2 } else { count };
        let start = self.at + 2;
        let there = self.bytes.get(start..).unwrap_or_default();
        let raw = there.get(..length).unwrap_or(there);
        let text = if is_wide { wide(raw) } else { narrow(raw) };
        self.place(&text, start, raw.len(), is_wide);
        // What is cut short is told as far as it goes.
        self.is_cut |= self.skip(2 + length).is_none();
        Some(text)
    }

    /// Where the target lay, by volume and path or by share (2.3).
    fn link_info(&mut self, info: &[u8]) {
        let base = self.at;
        let Some(flags) = le32(info, 8) else { return };
        let offset = |at| {
            le32(info, at)
                .and_then(|offset| usize::try_from(offset).ok())
                .filter(|offset| *offset > 0)
        };
        let header = offset(4).unwrap_or_default();
        let (wide_base, wide_suffix) = match header {
            0x24.. => (offset(28), offset(32)),
            _ => (None, None),
        };
        let suffix = text_at(info, wide_suffix, true).or_else(|| text_at(info, offset(24), false));
        let suffix = suffix.map(|(text, ..)| text).unwrap_or_default();
        if flags & 1 != 0 {
            if let Some(volume) = offset(12).and_then(|at| info.get(at..)) {
                self.out.facts.drive = drive(volume);
            }
            let path = text_at(info, wide_base, true).or_else(|| text_at(info, offset(16), false));
            if let Some((path, at, length, is_wide)) = path {
                self.target(From::Path, &joined(&path, &suffix), Some((base + at, length, is_wide)));
            }
        }
        if flags & 2 != 0
            && let Some((start, network)) = offset(20).and_then(|at| Some((at, info.get(at..)?)))
        {
            let offset = |at| le32(network, at).and_then(|offset| usize::try_from(offset).ok());
            let wide_name = offset(8).filter(|name| *name > 0x14).and_then(|_| offset(20));
            let share = text_at(network, wide_name, true).or_else(|| text_at(network, offset(8), false));
            if let Some((share, at, length, is_wide)) = share {
                let place = (base + start + at, length, is_wide);
                self.target(From::Path, &joined(&share, &suffix), Some(place));
            }
        }
    }

    /// Blocks behind the texts (2.5), up to the one that ends them.
    fn blocks(&mut self) -> Option<()> {
        for _ in 0..BLOCKS {
            // Many links lack the end of the list.
            let Some(size) = le32(self.bytes, self.at).and_then(|size| usize::try_from(size).ok()) else {
                self.at = self.bytes.len();
                return Some(());
            };
            if size < 4 {
                return self.skip(4);
            }
            let rest = self.rest(0)?;
            let block = rest.get(..size).unwrap_or(rest);
            self.block(block);
            self.skip(size)?;
        }
        Some(())
    }

    fn block(&mut self, block: &[u8]) {
        let base = self.at;
        match le32(block, 4) {
            Some(0xa000_0001) => {
                if let Some((path, at, length, is_wide)) = variable(block) {
                    self.target(From::Environment, &path, Some((base + at, length, is_wide)));
                }
            }
            Some(0xa000_0006) => {
                if let Some((id, at, length, is_wide)) = variable(block) {
                    self.target(From::Installer, &id, Some((base + at, length, is_wide)));
                }
            }
            Some(0xa000_0007) => {
                if let Some((icon, at, length, is_wide)) = variable(block) {
                    self.place(&icon, base + at, length, is_wide);
                    if self.out.facts.icon.is_empty() {
                        self.out.facts.icon = icon.into();
                    }
                }
            }
            Some(0xa000_0003) => self.tracker(block),
            Some(0xa000_0009) => self.properties(block),
            Some(0xa000_000c) => {
                let items = item::read(block.get(8..).unwrap_or_default());
                self.target(From::Items, &items.path, Some((base + 8, items.length, false)));
            }
            _ => {}
        }
    }

    /// The machine and the file's identifiers (2.5.10).
    fn tracker(&mut self, block: &[u8]) {
        let facts = &mut self.out.facts;
        let name = block.get(16..32).unwrap_or_default();
        let end = name.iter().position(|byte| *byte == 0).unwrap_or(name.len());
        facts.machine = Untrusted::from_bytes(name.get(..end).unwrap_or_default());
        // The birth identifier of the file is the one that was made where it was made; version 1 holds a card's address.
        let droids = [80, 48].into_iter().filter_map(|at| array::<16>(block, at));
        let card = droids.filter_map(|droid| network_card(&droid)).next();
        facts.mac = card.unwrap_or_default().into();
    }

    fn properties(&mut self, block: &[u8]) {
        let base = self.at + 8;
        let store = Properties::read(block.get(8..).unwrap_or_default());
        for property in &store.0 {
            let end = property.at.saturating_add(property.value.len().saturating_mul(2));
            let end = end.min(block.len());
            self.place(
                &property.value,
                base + property.at.min(end),
                end.saturating_sub(property.at),
                false,
            );
        }
        if let Some(path) = store.path() {
            self.targets.push((From::Properties, path));
        }
    }

    fn finish(mut self) -> Shortcut {
        self.targets.sort_by_key(|(from, _)| *from);
        let mut targets: Vec<String> = Vec::new();
        for (_, target) in self.targets {
            let is_new = targets.len() < TARGETS && !targets.iter().any(|known| known.eq_ignore_ascii_case(&target));
            if is_new {
                targets.push(target);
            }
        }
        let mut targets = targets.into_iter();
        let facts = &mut self.out.facts;
        facts.target = targets.next().unwrap_or_default().into();
        facts.also = targets.map(Untrusted::from).collect();
        let behind = self.bytes.get(self.at..).unwrap_or_default();
        if behind.len() >= FILLING && behind.iter().any(|byte| *byte != 0) {
            facts.behind = behind.len() as u64;
            self.out.behind = Some(Span {
                start: self.at as u64,
                end: self.bytes.len() as u64,
            });
        }
        self.out
    }
}

/// Text up to a zero at a place, with place, length in bytes and width.
fn text_at(bytes: &[u8], at: Option<usize>, is_wide: bool) -> Option<(String, usize, usize, bool)> {
    let at = at?;
    let rest = bytes.get(at..)?;
    let (text, length) = if is_wide {
        let units = rest.as_chunks::<2>().0;
        let end = units.iter().position(|unit| *unit == [0, 0]).unwrap_or(units.len());
        (wide(rest.get(..end * 2)?), end * 2)
    } else {
        let end = rest.iter().position(|byte| *byte == 0).unwrap_or(rest.len());
        (narrow(rest.get(..end)?), end)
    };
    (!text.is_empty()).then_some((text, at, length, is_wide))
}

/// The path of a block that has it in both widths.
fn variable(block: &[u8]) -> Option<(String, usize, usize, bool)> {
    let wide = block.get(..268 + 520).unwrap_or(block);
    let narrow = block.get(..268).unwrap_or(block);
    text_at(wide, Some(268), true).or_else(|| text_at(narrow, Some(8), false))
}

/// 8-bit text. Which code page it has, a link does not say.
fn narrow(bytes: &[u8]) -> String {
    let page = encoding(1252).unwrap_or(encoding_rs::WINDOWS_1252);
    page.decode_without_bom_handling(bytes).0.into_owned()
}

fn joined(base: &str, suffix: &str) -> String {
    match (base, suffix) {
        (base, "") => base.to_owned(),
        (base, suffix) if base.ends_with('\\') => format!("{base}{suffix}"),
        (base, suffix) => format!("{base}\\{suffix}"),
    }
}

/// The volume (2.3.1).
fn drive(volume: &[u8]) -> Option<Drive> {
    let kind = match le32(volume, 4)? {
        1 => "no root",
        2 => "removable",
        3 => "fixed",
        4 => "remote",
        5 => "optical",
        6 => "memory",
        _ => "unknown",
    };
    let offset = |at| le32(volume, at).and_then(|offset| usize::try_from(offset).ok());
    let label_at = offset(12)?;
    let label = match label_at {
        0x14 => text_at(volume, offset(16), true),
        at => text_at(volume, Some(at), false),
    };
    Some(Drive {
        kind,
        serial: le32(volume, 8)?,
        label: label.map(|(label, ..)| label).unwrap_or_default().into(),
    })
}

/// The keys that start it (2.1.3).
fn hotkey(keys: u16) -> String {
    let [key, modifiers] = keys.to_le_bytes();
    let name = match key {
        b'0'..=b'9' | b'A'..=b'Z' => char::from(key).to_string(),
        0x70..=0x87 => format!("F{}", key - 0x6f),
        0 => return String::new(),
        other => format!("key {other:#04x}"),
    };
    let names = [(2, "Ctrl+"), (4, "Alt+"), (1, "Shift+")];
    let held: String = names
        .iter()
        .filter(|(bit, _)| modifiers & bit != 0)
        .map(|(_, name)| *name)
        .collect();
    held + &name
}

/// Units of 100 ns since 1601; none for zero.
fn moment(ticks: u64) -> Option<Moment> {
    /// Seconds from 1601 to 1970.
    const BETWEEN: i64 = 11_644_473_600;
    (ticks > 0).then(|| Moment::from_unix(i64::try_from(ticks / 10_000_000).unwrap_or_default() - BETWEEN))
}

/// The address of a network card in an identifier of version 1.
fn network_card(id: &[u8; 16]) -> Option<String> {
    let text = guid(id);
    // Bit 0 of the first byte marks a random number in place of an address.
    let [.., a, b, c, d, e, f] = *id;
    let is_timed = text.get(14..15) == Some("1") && a & 1 == 0;
    is_timed.then(|| format!("{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{f:02x}"))
}
