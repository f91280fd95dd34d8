//! PNG (W3C), every colour type and depth, without interlacing.

use super::{Grey, luma, over_white};
use crate::bytes::{be32, has};
use crate::capped::{Codec, unpack};
use watchfire_model::{Budget, Limits};

const CUT_SHORT: &str = "the picture is cut short";

struct Head {
    width: usize,
    height: usize,
    bits: u16,
    colour: u8,
    interlaced: bool,
}

impl Head {
    /// Samples to a pixel.
    fn samples(&self) -> usize {
        match self.colour {
            2 => 3,
            4 => 2,
            6 => 4,
            _ => 1,
        }
    }

    /// Bytes of a row, without the byte that says how it is filtered.
    fn row(&self) -> usize {
        (self.width * self.samples() * usize::from(self.bits)).div_ceil(8)
    }
}

fn head(bytes: &[u8]) -> Option<Head> {
    if !has(bytes, 12, b"IHDR") {
        return None;
    }
    let (bits, colour) = (u16::from(*bytes.get(24)?), *bytes.get(25)?);
    let is_known = matches!(
        (colour, bits),
        (0, 1 | 2 | 4 | 8 | 16) | (3, 1 | 2 | 4 | 8) | (2 | 4 | 6, 8 | 16)
    );
    is_known.then_some(Head {
        width: usize::try_from(be32(bytes, 16)?).ok()?,
        height: usize::try_from(be32(bytes, 20)?).ok()?,
        bits,
        colour,
        interlaced: *bytes.get(28)? != 0,
    })
}

pub(super) fn size(bytes: &[u8]) -> Option<(usize, usize)> {
    head(bytes).map(|head| (head.width, head.height))
}

pub(super) fn decode(bytes: &[u8], budget: &Budget) -> Result<Grey, &'static str> {
    let head = head(bytes).ok_or("the picture's head is damaged")?;
    if head.interlaced {
        return Err("interlaced PNG is not decoded");
    }
    let chunks = chunks(bytes);
    let row = head.row();
    let whole = head.height * (row + 1);
    // The pixels are paid for; here the length is known, and no more than that is taken.
    let own = Budget::new(Limits {
        artifact_size: whole as u64,
        ratio: u64::MAX,
        ..*budget.limits()
    });
    let raw = unpack(Codec::Zlib, &chunks.data, &own).bytes;
    let mut lines = raw.get(..whole.min(raw.len())).ok_or(CUT_SHORT)?.to_vec();
    unfilter(&mut lines, row, (head.samples() * usize::from(head.bits)).div_ceil(8));
    let mut pixels = Vec::with_capacity(head.width * head.height);
    for line in lines.chunks_exact(row + 1).take(head.height) {
        let samples = samples(line.get(1..).unwrap_or_default(), head.bits);
        grey(&head, &chunks, samples, &mut pixels);
    }
    Ok(Grey {
        width: head.width,
        height: head.height,
        pixels,
    })
}

/// Adds one row.
fn grey(head: &Head, chunks: &Chunks, samples: impl Iterator<Item = u8>, out: &mut Vec<u8>) {
    let mut samples = samples.take(head.width * head.samples());
    let most = u8::try_from((1_u32 << head.bits.min(8)) - 1).unwrap_or(u8::MAX);
    while let Some(first) = samples.next() {
        let mut next = || samples.next().unwrap_or_default();
        out.push(match head.colour {
            2 => luma(first, next(), next()),
            3 => chunks.palette.get(usize::from(first)).copied().unwrap_or_default(),
            4 => over_white(first, next()),
            6 => {
                let colour = luma(first, next(), next());
                over_white(colour, next())
            }
            _ => first.saturating_mul(u8::MAX / most),
        });
    }
}

#[derive(Default)]
struct Chunks {
    data: Vec<u8>,
    /// Grey of each colour, over white.
    palette: Vec<u8>,
}

fn chunks(bytes: &[u8]) -> Chunks {
    let mut out = Chunks::default();
    let mut rest = bytes.get(8..).unwrap_or_default();
    while let (Some(length), Some(kind)) = (be32(rest, 0), rest.get(4..8)) {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let body = rest.get(8..).unwrap_or_default();
        let content = body.get(..length.min(body.len())).unwrap_or(body);
        match kind {
            b"IDAT" => out.data.extend_from_slice(content),
            b"PLTE" => {
                let colours = content.as_chunks::<3>().0.iter();
                out.palette = colours.map(|&[red, green, blue]| luma(red, green, blue)).collect();
            }
            b"tRNS" => {
                let transparent = out.palette.iter_mut().zip(content);
                transparent.for_each(|(grey, alpha)| *grey = over_white(*grey, *alpha));
            }
            b"IEND" => break,
            _ => {}
        }
        rest = body.get(length.saturating_add(4)..).unwrap_or_default();
    }
    out
}

/// Samples of a row, eight bits each; of sixteen the upper eight.
pub(super) fn samples(row: &[u8], bits: u16) -> impl Iterator<Item = u8> {
    let step = if bits == 16 { 2 } else { 1 };
    let per_byte = if bits < 8 { 8 / bits.max(1) } else { 1 };
    let mask = u8::try_from((1_u32 << bits.clamp(1, 8)) - 1).unwrap_or(u8::MAX);
    row.iter().step_by(step).flat_map(move |&byte| {
        (1..=per_byte).map(move |at| {
            let shift = 8_u16.saturating_sub(at * bits.min(8));
            byte >> shift & mask
        })
    })
}

/// Undoes the filters of rows (PNG, section 9), in place: each row begins with the kind of its filter.
#[expect(
    clippy::indexing_slicing,
    reason = "the hot loop of pictures; every index is below the length of its row, which is asked first"
)]
fn unfilter(lines: &mut [u8], row: usize, pixel: usize) {
    let mut above = vec![0; row + 1];
    for line in lines.chunks_exact_mut(row + 1) {
        let kind = line[0];
        for at in 1..=row {
            let left = if at > pixel { line[at - pixel] } else { 0 };
            let corner = if at > pixel { above[at - pixel] } else { 0 };
            let add = match kind {
                1 => left,
                2 => above[at],
                3 => u8::try_from((u16::from(left) + u16::from(above[at])) / 2).unwrap_or_default(),
                4 => paeth(left, above[at], corner),
                _ => break,
            };
            line[at] = line[at].wrapping_add(add);
        }
        above.copy_from_slice(line);
    }
}

fn paeth(left: u8, above: u8, corner: u8) -> u8 {
    let [a, b, c] = [left, above, corner].map(i16::from);
    let p = a + b - c;
    let (to_a, to_b, to_c) = ((p - a).abs(), (p - b).abs(), (p - c).abs());
    if to_a <= to_b && to_a <= to_c {
        left
    } else if to_b <= to_c {
        above
    } else {
        corner
    }
}
