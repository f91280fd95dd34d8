//! GIF (CompuServe 89a): the first picture.

use super::{Grey, luma};
use crate::bytes::{Cursor, has, le16};

/// Codes of LZW have at most twelve bits.
const CODES: usize = 4096;

struct First<'a> {
    width: usize,
    height: usize,
    interlaced: bool,
    palette: Vec<u8>,
    /// Behind the descriptor: the width of codes, then blocks of data.
    data: &'a [u8],
}

fn first(bytes: &[u8]) -> Option<First<'_>> {
    if !has(bytes, 0, b"GIF8") {
        return None;
    }
    let mut cursor = Cursor::new(bytes.get(10..)?);
    let flags = cursor.u8()?;
    cursor.take(2)?;
    let mut palette = colours(&mut cursor, flags)?;
    loop {
        match cursor.u8()? {
            // An extension: a label, then blocks.
            0x21 => {
                cursor.take(1)?;
                while let length @ 1.. = cursor.u8()? {
                    cursor.take(usize::from(length))?;
                }
            }
            0x2c => break,
            _ => return None,
        }
    }
    let descriptor = cursor.take(9)?;
    let flags = *descriptor.get(8)?;
    let own = colours(&mut cursor, flags)?;
    if !own.is_empty() {
        palette = own;
    }
    Some(First {
        width: usize::from(le16(descriptor, 4)?),
        height: usize::from(le16(descriptor, 6)?),
        interlaced: flags & 0x40 != 0,
        palette,
        data: cursor.rest(),
    })
}

/// A table of colours, if the flags say that one follows.
fn colours(cursor: &mut Cursor<'_>, flags: u8) -> Option<Vec<u8>> {
    if flags & 0x80 == 0 {
        return Some(Vec::new());
    }
    let table = cursor.take(3 << ((flags & 7) + 1))?;
    let greys = table.as_chunks::<3>().0.iter();
    Some(greys.map(|&[red, green, blue]| luma(red, green, blue)).collect())
}

pub(super) fn size(bytes: &[u8]) -> Option<(usize, usize)> {
    first(bytes).map(|first| (first.width, first.height))
}

pub(super) fn decode(bytes: &[u8]) -> Result<Grey, &'static str> {
    let first = first(bytes).ok_or("the picture's head is damaged")?;
    let mut cursor = Cursor::new(first.data);
    let least = cursor
        .u8()
        .filter(|bits| (1..=8).contains(bits))
        .ok_or("the picture is damaged")?;
    let mut data = Vec::with_capacity(first.data.len());
    while let Some(block) = cursor.u8().filter(|length| *length > 0) {
        let block = usize::from(block).min(cursor.rest().len());
        data.extend_from_slice(cursor.take(block).unwrap_or_default());
    }
    let most = first.width * first.height;
    let indices = lzw(&data, least, most);
    let mut rows: Vec<&[u8]> = indices.chunks_exact(first.width.max(1)).collect();
    let mut ordered = vec![&[][..]; rows.len()];
    if first.interlaced {
        // Every eighth row, those between, and so on (GIF 89a, appendix E).
        let passes = [(0, 8), (4, 8), (2, 4), (1, 2)];
        let places = passes
            .into_iter()
            .flat_map(|(from, step)| (from..rows.len()).step_by(step));
        for (place, row) in places.zip(&rows) {
            if let Some(slot) = ordered.get_mut(place) {
                *slot = row;
            }
        }
        rows = ordered;
    }
    let grey = |index: &u8| first.palette.get(usize::from(*index)).copied().unwrap_or(*index);
    Ok(Grey {
        width: first.width,
        height: first.height,
        pixels: rows.into_iter().flatten().map(grey).collect(),
    })
}

/// LZW with codes that grow, lowest bits first; at most `most` bytes.
fn lzw(data: &[u8], least: u8, most: usize) -> Vec<u8> {
    let clear = 1_usize << least;
    let (mut width, mut next) = (u32::from(least) + 1, clear + 2);
    // Each code is a code before it and one byte more.
    let mut before = [0_u16; CODES];
    let mut last = [0_u8; CODES];
    let mut out = Vec::with_capacity(most.min(data.len().saturating_mul(16)));
    let mut word: Vec<u8> = Vec::new();
    let mut previous: Option<usize> = None;
    let (mut bits, mut held) = (0_u64, 0_u32);
    let mut input = data.iter();
    while out.len() < most {
        while held < width {
            let Some(byte) = input.next() else { return out };
            bits |= u64::from(*byte) << held;
            held += 8;
        }
        let code = usize::try_from(bits & ((1 << width) - 1)).unwrap_or_default();
        bits >>= width;
        held -= width;
        if code == clear {
            (width, next, previous) = (u32::from(least) + 1, clear + 2, None);
            continue;
        }
        if code == clear + 1 || code > next || (code == next && previous.is_none()) {
            break;
        }
        // The code that is about to be made is the one before and its own first byte.
        let is_new = code == next;
        let mut at = if is_new { previous.unwrap_or_default() } else { code };
        word.clear();
        while at >= clear {
            word.extend(last.get(at));
            at = before.get(at).copied().map(usize::from).unwrap_or_default();
            // Codes lead to smaller ones; a longer way round would be one without end.
            if word.len() > CODES {
                return out;
            }
        }
        let head = u8::try_from(at).unwrap_or_default();
        word.push(head);
        out.extend(word.iter().rev().take(most - out.len()));
        if is_new && out.len() < most {
            out.push(head);
        }
        if let Some(previous) = previous
            && next < CODES
        {
            if let (Some(slot), Some(byte)) = (before.get_mut(next), last.get_mut(next)) {
                (*slot, *byte) = (u16::try_from(previous).unwrap_or_default(), head);
            }
            next += 1;
            if next == 1 << width && width < 12 {
                width += 1;
            }
        }
        previous = Some(code);
    }
    out
}
