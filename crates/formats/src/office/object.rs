//! Embedded objects: packages with a file in them (OLE1, MS-OLEDS 2.2), parts of newer documents, equations.

use super::{Acting, Office};
use crate::bytes::{Cursor, le16, le32};
use crate::capped::{Codec, unpack};
use crate::ole::{Compound, Kind};
use watchfire_model::{Budget, Hints, Member};

/// Objects of one file.
const MOST: usize = 1_000;

/// The class of the equation editor that was taken out of service in 2018 (CVE-2017-11882, CVE-2018-0802).
const EQUATION: &[u8; 16] = b"\x02\xce\x02\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00\x46";
/// Its successor's number, under which it is found too.
const EQUATION_2: &[u8; 16] = b"\x03\xce\x02\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00\x46";
/// A link to elsewhere, and a link by address.
const LINKS: &[&[u8; 16]] = &[
    b"\x00\x03\x00\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00\x46",
    b"\xe0\xc9\xea\x79\xf9\xba\xce\x11\x8c\x82\x00\xaa\x00\x4b\xa9\x0b",
];

/// A file in a package, with the names that it had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Native {
    /// The name that is shown.
    pub label: String,
    /// The path that it came from.
    pub path: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// Reads what the packager of Windows wrote, from behind its length on: sometimes two bytes that say nothing come first.
pub fn native(bytes: &[u8]) -> Option<Native> {
    let mut cursor = Cursor::new(bytes);
    let declared = cursor.le32()?;
    if le16(cursor.rest(), 0) == Some(2) {
        cursor.take(2)?;
    }
    let label = text(&mut cursor)?;
    let path = text(&mut cursor)?;
    // Flags, then the length and the path of the copy that was made.
    cursor.take(4)?;
    let length = usize::try_from(cursor.le32()?).ok()?;
    let copy = cursor.take(length)?;
    let size = usize::try_from(cursor.le32()?).ok()?;
    let rest = cursor.rest();
    let content = rest.get(..size.min(rest.len()))?;
    if declared == 0 && content.is_empty() {
        return None;
    }
    let path = if path.is_empty() {
        lossy(copy.split(|byte| *byte == 0).next().unwrap_or_default())
    } else {
        path
    };
    Some(Native {
        label,
        path,
        bytes: content.to_vec(),
    })
}

/// Text up to a zero byte.
fn text(cursor: &mut Cursor<'_>) -> Option<String> {
    let length = memchr::memchr(0, cursor.rest()).filter(|length| *length <= 1_024)?;
    let text = lossy(cursor.take(length)?);
    cursor.u8()?;
    Some(text)
}

fn lossy(bytes: &[u8]) -> String {
    crate::text::decode(bytes, Some("windows-1252")).text.into_owned()
}

/// A member for a file of a package.
pub(crate) fn member(native: Native) -> Member {
    let name = if native.label.is_empty() {
        native.path
    } else {
        native.label
    };
    let name = if name.is_empty() { "package".to_owned() } else { name };
    named(&name, native.bytes)
}

pub(crate) fn named(name: &str, bytes: Vec<u8>) -> Member {
    Member {
        name: name.into(),
        bytes,
        hints: Hints {
            name: Some(name.into()),
            ..Hints::default()
        },
    }
}

/// Everything that is embedded in a compound file.
pub(super) fn objects(compound: &Compound<'_>, budget: &Budget, out: &mut Office) {
    for (number, entry) in compound.entries().iter().enumerate() {
        if out.embedded.len() + out.acts.len() >= MOST {
            break;
        }
        if let Err(halt) = budget.check() {
            out.halted = Some(halt);
            return;
        }
        if entry.kind != Kind::Stream {
            let is_equation = entry.class == *EQUATION || entry.class == *EQUATION_2;
            let has_stream = compound.find(number, "Equation Native").is_some();
            if is_equation && !has_stream {
                out.acts.push(Acting::Equation { overlong: false });
            }
            if LINKS.iter().any(|class| **class == entry.class) {
                link(compound, number, out);
            }
            continue;
        }
        // Names count in any case.
        match entry.name.to_ascii_lowercase().as_str() {
            "\u{1}ole10native" => match native(&compound.stream(number)) {
                Some(native) => out.embedded.push(member(native)),
                None => out.embedded.push(named("object", compound.stream(number))),
            },
            "equation native" => {
                let overlong = super::equation::is_overlong(&compound.stream(number));
                out.acts.push(Acting::Equation { overlong });
            }
            name @ ("package" | "contents") => {
                out.embedded.push(named(name, compound.stream(number)));
            }
            _ => {}
        }
    }
}

/// A link that is followed when the document is opened: the address stands in the stream `\1Ole` (MS-OLEDS 2.3.3).
fn link(compound: &Compound<'_>, storage: usize, out: &mut Office) {
    let Some(stream) = compound.find(storage, "\u{1}Ole") else {
        return;
    };
    let bytes = compound.stream(stream);
    let wide = crate::text::strings(&bytes, 6).find(|run| run.text.contains("://") || run.text.starts_with("\\\\"));
    if let Some(target) = wide {
        out.acts.push(Acting::Remote(target.text.into_owned()));
    }
}

/// Objects of a presentation (MS-PPT 2.10.34): compound files, compressed or not.
pub(super) fn in_slides(bytes: &[u8], budget: &Budget, out: &mut Office) {
    let mut at = 0_usize;
    while let (Some(flags), Some(kind), Some(length)) = (le16(bytes, at), le16(bytes, at + 2), le32(bytes, at + 4)) {
        if out.embedded.len() >= MOST || budget.check().is_err() {
            return;
        }
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let body = at + 8;
        // Containers are entered.
        if flags & 0xf == 0xf {
            at = body;
            continue;
        }
        let data = bytes
            .get(body..body.saturating_add(length).min(bytes.len()))
            .unwrap_or_default();
        if kind == 0x1011 {
            let storage = match flags >> 4 {
                0 => data.to_vec(),
                _ => {
                    let unpacked = unpack(Codec::Zlib, data.get(4..).unwrap_or_default(), budget);
                    out.problems.extend(unpacked.problem);
                    unpacked.bytes
                }
            };
            if !storage.is_empty() {
                out.embedded.push(named("object", storage));
            }
        }
        at = body.saturating_add(length);
    }
}
