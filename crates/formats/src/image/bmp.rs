//! BMP: 1, 4, 8, 24 and 32 bits to a pixel, not compressed.

use super::{Grey, luma};
use crate::bytes::{le16, le32};

struct Head {
    width: usize,
    height: usize,
    from_top: bool,
    bits: u16,
    data: usize,
    palette: usize,
}

fn head(bytes: &[u8]) -> Option<Head> {
    let length = usize::try_from(le32(bytes, 14)?).ok()?;
    if length < 40 {
        return None;
    }
    let (width, height) = (le32(bytes, 18)?.cast_signed(), le32(bytes, 22)?.cast_signed());
    Some(Head {
        width: usize::try_from(width).ok()?,
        height: usize::try_from(height.unsigned_abs()).ok()?,
        from_top: height < 0,
        bits: le16(bytes, 28)?,
        data: usize::try_from(le32(bytes, 10)?).ok()?,
        palette: length + 14,
    })
}

pub(super) fn size(bytes: &[u8]) -> Option<(usize, usize)> {
    head(bytes).map(|head| (head.width, head.height))
}

pub(super) fn decode(bytes: &[u8]) -> Result<Grey, &'static str> {
    let head = head(bytes).ok_or("the picture's head is damaged")?;
    // Bit fields of 32 bits are nearly always laid out as without them.
    let compression = le32(bytes, 30).unwrap_or_default();
    if !matches!(compression, 0 | 3) || !matches!(head.bits, 1 | 4 | 8 | 24 | 32) {
        return Err("this kind of BMP is not decoded");
    }
    let palette: Vec<u8> = bytes
        .get(head.palette..head.data.max(head.palette).min(bytes.len()))
        .unwrap_or_default()
        .as_chunks::<4>()
        .0
        .iter()
        .take(256)
        .map(|&[blue, green, red, _]| luma(red, green, blue))
        .collect();
    let row = (head.width * usize::from(head.bits)).div_ceil(32) * 4;
    let data = bytes.get(head.data..).unwrap_or_default();
    let mut rows: Vec<&[u8]> = data.chunks_exact(row.max(1)).take(head.height).collect();
    if !head.from_top {
        rows.reverse();
    }
    let mut pixels = Vec::with_capacity(rows.len() * head.width);
    for row in rows {
        match head.bits {
            24 => pixels.extend(
                row.as_chunks::<3>()
                    .0
                    .iter()
                    .take(head.width)
                    .map(|&[b, g, r]| luma(r, g, b)),
            ),
            32 => pixels.extend(
                row.as_chunks::<4>()
                    .0
                    .iter()
                    .take(head.width)
                    .map(|&[b, g, r, _]| luma(r, g, b)),
            ),
            bits => pixels.extend(super::png::samples(row, bits).take(head.width).map(|sample| {
                let colour = palette.get(usize::from(sample)).copied();
                colour.unwrap_or(sample)
            })),
        }
    }
    Ok(Grey {
        width: head.width,
        height: head.height,
        pixels,
    })
}
