//! Stream filters (ISO 32000-2, section 7.4): what PDF has of its own. DEFLATE is [`capped`](crate::capped)'s business;
//! image codecs (DCT, JPX, JBIG2, CCITT) are left as they are.

use crate::capped::{Codec, unpack};
use std::borrow::Cow;
use watchfire_model::{Budget, Halt};

/// What came out of one filter: as much as could be decoded.
#[derive(Debug, Default)]
pub(super) struct Decoded {
    pub(super) bytes: Vec<u8>,
    pub(super) damaged: bool,
    pub(super) halted: Option<Halt>,
}

/// Parameters of a filter, already read from `/DecodeParms`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parameters {
    pub(super) predictor: usize,
    pub(super) colors: usize,
    pub(super) bits: usize,
    pub(super) columns: usize,
    pub(super) early_change: bool,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            predictor: 1,
            colors: 1,
            bits: 8,
            columns: 1,
            early_change: true,
        }
    }
}

/// Applies the filter `name`; `None` if it is one that is left as it is.
pub(super) fn apply(name: &[u8], input: &[u8], parameters: &Parameters, budget: &Budget) -> Option<Decoded> {
    let mut decoded = match name {
        b"FlateDecode" | b"Fl" => flate(input, budget),
        b"LZWDecode" | b"LZW" => bounded(budget, input, |sink| lzw(input, parameters.early_change, sink)),
        b"ASCIIHexDecode" | b"AHx" => bounded(budget, input, |sink| ascii_hex(input, sink)),
        b"ASCII85Decode" | b"A85" => bounded(budget, input, |sink| ascii85(input, sink)),
        b"RunLengthDecode" | b"RL" => bounded(budget, input, |sink| run_length(input, sink)),
        _ => return None,
    };
    if matches!(name, b"FlateDecode" | b"Fl" | b"LZWDecode" | b"LZW") && parameters.predictor > 1 {
        match unpredict(&decoded.bytes, parameters) {
            Some(Cow::Owned(bytes)) => decoded.bytes = bytes,
            Some(Cow::Borrowed(_)) => {}
            None => decoded.damaged = true,
        }
    }
    Some(decoded)
}

fn flate(input: &[u8], budget: &Budget) -> Decoded {
    // Writers put line ends before the data; a zlib stream never begins with one.
    let start = input.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    let input = input.get(start..).unwrap_or_default();
    let mut unpacked = unpack(Codec::Zlib, input, budget);
    if unpacked.bytes.is_empty() && unpacked.problem.is_some() && unpacked.halted.is_none() {
        // A damaged header; the body may still be good.
        unpacked = unpack(Codec::Deflate, input.get(2..).unwrap_or_default(), budget);
        unpacked
            .problem
            .get_or_insert_with(|| watchfire_model::Problem::note("pdf-zlib-header", "the zlib header is damaged"));
    }
    Decoded {
        bytes: unpacked.bytes,
        damaged: unpacked.problem.is_some(),
        halted: unpacked.halted,
    }
}

/// Receives output and pays for it.
struct Sink<'b> {
    bytes: Vec<u8>,
    paid: usize,
    packed: u64,
    budget: &'b Budget,
}

/// The filter found its input damaged, or the budget is spent.
enum Stop {
    Damaged,
    Halted(Halt),
}

const CHUNK: usize = 64 << 10;

impl Sink<'_> {
    fn push(&mut self, byte: u8) -> Result<(), Stop> {
        self.extend(&[byte])
    }

    fn extend(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        self.bytes.extend_from_slice(bytes);
        if self.bytes.len() - self.paid >= CHUNK {
            self.pay()
        } else {
            Ok(())
        }
    }

    fn pay(&mut self) -> Result<(), Stop> {
        let chunk = (self.bytes.len() - self.paid) as u64;
        self.paid = self.bytes.len();
        self.budget
            .unpack(chunk, self.bytes.len() as u64, self.packed)
            .map_err(Stop::Halted)
    }
}

fn bounded(budget: &Budget, input: &[u8], run: impl FnOnce(&mut Sink<'_>) -> Result<(), Stop>) -> Decoded {
    let mut sink = Sink {
        bytes: Vec::new(),
        paid: 0,
        packed: input.len() as u64,
        budget,
    };
    let result = run(&mut sink).and_then(|()| sink.pay());
    let (damaged, halted) = match result {
        Ok(()) => (false, None),
        Err(Stop::Damaged) => (true, None),
        Err(Stop::Halted(halt)) => (false, Some(halt)),
    };
    Decoded {
        bytes: sink.bytes,
        damaged,
        halted,
    }
}

fn ascii_hex(input: &[u8], sink: &mut Sink<'_>) -> Result<(), Stop> {
    let mut high = None;
    for byte in input {
        match (char::from(*byte).to_digit(16), high) {
            (Some(digit), None) => high = Some(digit),
            (Some(digit), Some(first)) => {
                sink.push((first * 16 + digit) as u8)?;
                high = None;
            }
            (None, _) if *byte == b'>' => break,
            _ => {}
        }
    }
    high.map_or(Ok(()), |first| sink.push((first * 16) as u8))
}

fn ascii85(input: &[u8], sink: &mut Sink<'_>) -> Result<(), Stop> {
    let input = input.strip_prefix(b"<~").unwrap_or(input);
    let mut value = 0_u32;
    let mut count = 0_usize;
    for byte in input {
        match byte {
            b'z' if count == 0 => sink.extend(&[0; 4])?,
            b'!'..=b'u' => {
                value = value.wrapping_mul(85).wrapping_add(u32::from(byte - b'!'));
                count += 1;
                if count == 5 {
                    sink.extend(&value.to_be_bytes())?;
                    (value, count) = (0, 0);
                }
            }
            b'~' => break,
            byte if super::lexer::is_space(*byte) => {}
            _ => return Err(Stop::Damaged),
        }
    }
    if count > 1 {
        for _ in count..5 {
            value = value.wrapping_mul(85).wrapping_add(84);
        }
        let bytes = value.to_be_bytes();
        sink.extend(bytes.get(..count - 1).unwrap_or_default())?;
    }
    Ok(())
}

fn run_length(input: &[u8], sink: &mut Sink<'_>) -> Result<(), Stop> {
    let mut rest = input;
    while let Some((length, tail)) = rest.split_first() {
        rest = match *length {
            128 => return Ok(()),
            length @ 0..=127 => {
                let Some((literal, tail)) = tail.split_at_checked(usize::from(length) + 1) else {
                    sink.extend(tail)?;
                    return Err(Stop::Damaged);
                };
                sink.extend(literal)?;
                tail
            }
            length => {
                let Some((byte, tail)) = tail.split_first() else {
                    return Err(Stop::Damaged);
                };
                let run = [*byte; 128];
                sink.extend(run.get(..257 - usize::from(length)).unwrap_or_default())?;
                tail
            }
        };
    }
    Ok(())
}

const CLEAR: u32 = 256;
const END: u32 = 257;

/// LZW with codes of 9 to 12 bits, most significant bit first.
fn lzw(input: &[u8], early_change: bool, sink: &mut Sink<'_>) -> Result<(), Stop> {
    // Each entry is a stretch of the output: what the code before stood for, and one byte more.
    let mut table: Vec<(usize, usize)> = Vec::with_capacity(4096);
    let early = u32::from(early_change);
    let mut previous: Option<(usize, usize)> = None;
    let (mut buffer, mut bits, mut width) = (0_u32, 0_u32, 9_u32);
    for byte in input {
        buffer = (buffer << 8) | u32::from(*byte);
        bits += 8;
        if bits < width {
            continue;
        }
        bits -= width;
        let code = (buffer >> bits) & ((1 << width) - 1);
        buffer &= (1 << bits) - 1;
        if code == END {
            return Ok(());
        }
        if code == CLEAR {
            table.clear();
            (previous, width) = (None, 9);
            continue;
        }
        let start = sink.bytes.len();
        if let Ok(literal) = u8::try_from(code) {
            sink.push(literal)?;
        } else {
            let entry = usize::try_from(code - 258).ok().and_then(|at| table.get(at).copied());
            match (entry, previous) {
                (Some((from, to)), _) => copy(sink, from, to)?,
                // The code that is just being defined: what came before and its own first byte.
                (None, Some((from, to))) if code - 258 == table.len() as u32 => {
                    copy(sink, from, to)?;
                    copy(sink, from, from + 1)?;
                }
                _ => return Err(Stop::Damaged),
            }
        }
        if let Some((from, to)) = previous
            && table.len() < 4096 - 258
        {
            // The byte after the previous stretch is the first one of this.
            table.push((from, to + 1));
        }
        previous = Some((start, sink.bytes.len()));
        width = match table.len() as u32 + 258 + early {
            0..512 => 9,
            512..1024 => 10,
            1024..2048 => 11,
            _ => 12,
        };
    }
    Ok(())
}

fn copy(sink: &mut Sink<'_>, from: usize, to: usize) -> Result<(), Stop> {
    if to > sink.bytes.len() {
        return Err(Stop::Damaged);
    }
    sink.bytes.extend_from_within(from..to);
    if sink.bytes.len() - sink.paid >= CHUNK {
        sink.pay()
    } else {
        Ok(())
    }
}

/// Undoes a PNG or TIFF predictor; `None` if the parameters make no sense.
fn unpredict<'i>(input: &'i [u8], parameters: &Parameters) -> Option<Cow<'i, [u8]>> {
    let Parameters {
        predictor,
        colors,
        bits,
        columns,
        ..
    } = *parameters;
    if !(1..=32).contains(&colors) || !matches!(bits, 1 | 2 | 4 | 8 | 16) || columns == 0 {
        return None;
    }
    let row = colors.checked_mul(bits)?.checked_mul(columns)?.div_ceil(8);
    let pixel = (colors * bits).div_ceil(8);
    match predictor {
        2 if bits == 8 => {
            let mut out = input.to_vec();
            for line in out.chunks_mut(row) {
                add_pixel_before(line, pixel);
            }
            Some(Cow::Owned(out))
        }
        10..=15 => Some(Cow::Owned(unpredict_png(input, row, pixel))),
        _ => Some(Cow::Borrowed(input)),
    }
}

fn add_pixel_before(line: &mut [u8], pixel: usize) {
    for at in pixel..line.len() {
        let before = line.get(at - pixel).copied().unwrap_or(0);
        if let Some(byte) = line.get_mut(at) {
            *byte = byte.wrapping_add(before);
        }
    }
}

fn unpredict_png(input: &[u8], row: usize, pixel: usize) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::with_capacity(input.len());
    for line in input.chunks(row.saturating_add(1)) {
        let Some((kind, line)) = line.split_first() else { break };
        let start = out.len();
        for (at, byte) in line.iter().enumerate() {
            let left = if at >= pixel {
                out.get(start + at - pixel).copied().unwrap_or(0)
            } else {
                0
            };
            let above_at = |at: usize| {
                start
                    .checked_sub(row)
                    .and_then(|line| out.get(line + at))
                    .copied()
                    .unwrap_or(0)
            };
            let above = above_at(at);
            let predicted = match kind {
                1 => left,
                2 => above,
                3 => u8::midpoint(left, above),
                4 => {
                    let corner = if at >= pixel { above_at(at - pixel) } else { 0 };
                    paeth(left, above, corner)
                }
                _ => 0,
            };
            out.push(byte.wrapping_add(predicted));
        }
    }
    out
}

fn paeth(left: u8, above: u8, corner: u8) -> u8 {
    let (a, b, c) = (i32::from(left), i32::from(above), i32::from(corner));
    let p = a + b - c;
    let (pa, pb, pc) = ((p - a).abs(), (p - b).abs(), (p - c).abs());
    if pa <= pb && pa <= pc {
        left
    } else if pb <= pc {
        above
    } else {
        corner
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, input: &[u8], expected: &[u8]) {
        let decoded = apply(name.as_bytes(), input, &Parameters::default(), &Budget::default()).unwrap();
        assert_eq!(
            String::from_utf8_lossy(&decoded.bytes),
            String::from_utf8_lossy(expected)
        );
    }

    #[test]
    fn text_encodings() {
        check("ASCIIHexDecode", b"48 65 6c6C 6F7>zz", b"Hellop");
        check("ASCII85Decode", b"<~87cURD]i,\"Ebo80~>", b"Hello World!");
        check("A85", b"87cUR D]i,\"\nEbo8", b"Hello World");
        check("A85", b"z!!", b"\0\0\0\0\0");
    }

    #[test]
    fn run_lengths() {
        check("RunLengthDecode", &[2, b'a', b'b', b'c', 254, b'd', 128, 9], b"abcddd");
        check("RL", &[5, b'a'], b"a");
    }

    #[test]
    fn lzw_of_the_specification() {
        // ISO 32000-2, section 7.4.4.2, example.
        check(
            "LZWDecode",
            &[0x80, 0x0B, 0x60, 0x50, 0x22, 0x0C, 0x0C, 0x85, 0x01],
            b"-----A---B",
        );
    }

    #[test]
    fn png_predictors_undo_every_row_kind() {
        let parameters = Parameters {
            predictor: 12,
            columns: 3,
            ..Parameters::default()
        };
        let input = [0, 1, 2, 3, 1, 1, 1, 1, 2, 1, 1, 1, 3, 1, 1, 1, 4, 1, 1, 1];
        let out = unpredict(&input, &parameters).unwrap();
        assert_eq!(&*out, &[1, 2, 3, 1, 2, 3, 2, 3, 4, 2, 3, 4, 3, 4, 5]);
        let absurd = Parameters {
            predictor: 12,
            columns: usize::MAX,
            colors: 32,
            ..Parameters::default()
        };
        assert_eq!(unpredict(&input, &absurd), None);
    }

    #[test]
    fn output_is_paid_for() {
        let budget = Budget::new(watchfire_model::Limits {
            unpacked: 100_000,
            ..Default::default()
        });
        let bomb = [129_u8, 0].repeat(100_000);
        let decoded = apply(b"RL", &bomb, &Parameters::default(), &budget).unwrap();
        assert!(decoded.halted.is_some());
        assert!(decoded.bytes.len() < 300_000);
    }
}
