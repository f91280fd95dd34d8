//! Compiled Python (CPython, `Lib/importlib/_bootstrap_external.py` lists the numbers; PEP 552 the header). Absent: code.

use crate::bytes::{has, le16, le32};
use memchr::memmem;
use watchfire_model::executable::{Digest, PythonBytecode};
use watchfire_model::{Moment, Untrusted};

/// The first number of each version.
const VERSIONS: &[(u16, &str)] = &[
    (3000, "3.0"),
    (3141, "3.1"),
    (3160, "3.2"),
    (3190, "3.3"),
    (3250, "3.4"),
    (3320, "3.5"),
    (3360, "3.6"),
    (3390, "3.7"),
    (3400, "3.8"),
    (3420, "3.9"),
    (3430, "3.10"),
    (3450, "3.11"),
    (3500, "3.12"),
    (3550, "3.13"),
    (3600, "3.14"),
    (3650, "3.15"),
];
/// Of Python 2, where numbers were not in order.
const OLD: &[(u16, &str)] = &[(62_131, "2.5"), (62_161, "2.6"), (62_211, "2.7")];
/// Beyond this, numbers of version 3 are not known.
const LAST: u16 = 3699;
/// How far the path of the source is looked for. Bytes.
const TAIL: usize = 1 << 20;
const LONGEST: usize = 255;

pub(super) fn read(bytes: &[u8]) -> Option<PythonBytecode> {
    let magic = le16(bytes, 0)?;
    if !has(bytes, 2, b"\r\n") {
        return None;
    }
    let version = VERSIONS
        .iter()
        .rev()
        .find(|(first, _)| (*first..=LAST).contains(&magic));
    let version = version.or_else(|| OLD.iter().find(|(number, _)| *number == magic));
    let mut facts = PythonBytecode {
        magic,
        version: version.map(|(_, version)| *version),
        source: source(bytes),
        ..PythonBytecode::default()
    };
    // From 3.7 on flags stand before what tells the source: a time and a size, or a hash.
    let at = if (3390..=LAST).contains(&magic) { 8 } else { 4 };
    if at == 8 && le32(bytes, 4)? & 1 == 1 {
        facts.source_hash = bytes.get(8..16).map(Digest::new);
        return Some(facts);
    }
    facts.source_changed = le32(bytes, at).map(|time| Moment::from_unix(i64::from(time)));
    if (3190..=LAST).contains(&magic) {
        facts.source_size = le32(bytes, at + 4);
    }
    Some(facts)
}

/// The path of the source, which every function names: the first short text that ends in `.py`.
fn source(bytes: &[u8]) -> Option<Untrusted> {
    let bytes = bytes.get(..TAIL).unwrap_or(bytes);
    memmem::find_iter(bytes, b".py").take(1000).find_map(|at| {
        let end = at + 3;
        // One byte of length before the text, and its kind before that; in older versions the length has four.
        let longest = end.min(LONGEST);
        (4..=longest).find_map(|length| {
            let start = end - length;
            let text = bytes
                .get(start..end)
                .filter(|text| text.iter().all(|byte| *byte >= b' '))?;
            let short = start
                .checked_sub(1)
                .and_then(|at| bytes.get(at))
                .map(|byte| usize::from(*byte));
            let kind = start.checked_sub(2).and_then(|at| bytes.get(at)).copied();
            let is_short = short == Some(length) && matches!(kind.map(|kind| kind & 0x7f), Some(b'z' | b'Z'));
            let wide = start.checked_sub(4).and_then(|at| le32(bytes, at));
            let is_wide = wide.is_some_and(|wide| wide as usize == length);
            (is_short || is_wide).then(|| Untrusted::from_bytes(text))
        })
    })
}
