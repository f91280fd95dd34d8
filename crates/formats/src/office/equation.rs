//! Equations of the old editor (MTEF 3, as Design Science documents it), as far as one question goes: whether a font's name
//! is longer than the room that the editor has for it.

/// Room for a font's name in the editor.
const ROOM: usize = 33;
/// Records that are looked at.
const MOST: usize = 10_000;

/// Whether an equation names a font that does not fit (CVE-2017-11882) or a matrix that does not (CVE-2018-0798). Reads from
/// the header of 28 bytes on.
pub fn is_overlong(bytes: &[u8]) -> bool {
    let mut rest = bytes.get(28 + 5..).unwrap_or_default();
    for _ in 0..MOST {
        let Some((&tag, after)) = rest.split_first() else {
            return false;
        };
        let skip = match tag & 0x0f {
            // End; sizes.
            0 | 10..=14 => 0,
            // A line, with a shift where its options say so.
            1 => usize::from(tag & 0x80 != 0) * 2,
            // A font: its face, its style, its name.
            8 => {
                let name = after.get(2..).unwrap_or_default();
                let length = name.iter().position(|byte| *byte == 0).unwrap_or(name.len());
                if length > ROOM {
                    return true;
                }
                2 + length + 1
            }
            // A matrix: more than its options, sizes and borders can be.
            5 => {
                let rows = after.get(4).copied().unwrap_or_default();
                let columns = after.get(5).copied().unwrap_or_default();
                return rows > 0x20 || columns > 0x20;
            }
            // Characters and templates take what this question need not know; what a font hides behind comes first.
            _ => return false,
        };
        rest = after.get(skip..).unwrap_or_default();
    }
    false
}
