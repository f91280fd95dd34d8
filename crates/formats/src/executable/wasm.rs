//! WebAssembly (W3C, "WebAssembly Core Specification", chapter 5): sections, imports and exports. Absent: code.

use super::work::Work;
use crate::bytes::{Cursor, has, le32, place};
use watchfire_model::Untrusted;
use watchfire_model::executable::WebAssembly;
use watchfire_model::executable::package::{WasmSection, WasmSectionKind};

/// Sections that are kept.
const MOST_SECTIONS: usize = 1024;
/// Longest name. Bytes.
const LONGEST: usize = 1024;

pub(super) fn read(bytes: &[u8], work: &mut Work<'_>) -> Option<WebAssembly> {
    if !has(bytes, 0, b"\0asm") {
        return None;
    }
    let mut facts = WebAssembly {
        version: le32(bytes, 4)?,
        ..WebAssembly::default()
    };
    // Components have the same sections under other numbers, and are told by their version only.
    if facts.version != 1 {
        work.note("wasm-version", "it is not of version 1; only its version was read");
        return Some(facts);
    }
    let mut cursor = Cursor::new(bytes.get(8..)?);
    while !cursor.rest().is_empty() && facts.sections.len() < MOST_SECTIONS {
        let section = (|| {
            let kind = cursor.u8()?;
            let size = number(&mut cursor)?;
            Some((kind, size, cursor.take(place(size))?))
        })();
        let Some((kind, size, content)) = section else {
            work.warn("wasm-truncated", "the file ends inside of a section");
            break;
        };
        let mut inside = Cursor::new(content);
        facts.sections.push(WasmSection {
            kind: WasmSectionKind(kind),
            name: (kind == 0).then(|| name(&mut inside)).flatten(),
            size,
        });
        let most = work.most();
        let whole = match kind {
            2 => imports(&mut inside, &mut facts, most),
            7 => exports(&mut inside, &mut facts, most),
            _ => Some(()),
        };
        if whole.is_none() {
            work.warn(
                "wasm-section",
                "its imports or exports are damaged; what could be read is listed",
            );
        }
    }
    Some(facts)
}

fn imports(cursor: &mut Cursor<'_>, facts: &mut WebAssembly, most: usize) -> Option<()> {
    // Together with those of sections before; an honest module has one.
    let most = most.saturating_sub(facts.imports.len());
    for _ in 0..place(number(cursor)?).min(most) {
        let import = (name(cursor)?, name(cursor)?);
        facts.imports.push(import);
        match cursor.u8()? {
            0 => {
                number(cursor)?;
            }
            1 => {
                cursor.u8()?;
                limits(cursor)?;
            }
            2 => limits(cursor)?,
            3 => {
                cursor.take(2)?;
            }
            4 => {
                cursor.u8()?;
                number(cursor)?;
            }
            _ => return None,
        }
    }
    Some(())
}

fn exports(cursor: &mut Cursor<'_>, facts: &mut WebAssembly, most: usize) -> Option<()> {
    let most = most.saturating_sub(facts.exports.len());
    for _ in 0..place(number(cursor)?).min(most) {
        facts.exports.push(name(cursor)?);
        cursor.u8()?;
        number(cursor)?;
    }
    Some(())
}

fn limits(cursor: &mut Cursor<'_>) -> Option<()> {
    let flags = cursor.u8()?;
    wide(cursor)?;
    if flags & 1 == 1 {
        wide(cursor)?;
    }
    Some(())
}

/// A number in groups of seven bits, the lowest first.
fn wide(cursor: &mut Cursor<'_>) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = cursor.u8()?;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn number(cursor: &mut Cursor<'_>) -> Option<u32> {
    u32::try_from(wide(cursor)?).ok()
}

fn name(cursor: &mut Cursor<'_>) -> Option<Untrusted> {
    let length = place(number(cursor)?);
    let text = cursor.take(length)?;
    Some(Untrusted::from_bytes(text.get(..LONGEST).unwrap_or(text)))
}
