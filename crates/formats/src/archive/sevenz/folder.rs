//! Unpacking a folder: coders wired together, fed from packed streams.

use super::header::{Coder, Folder, Streams};
use super::key::{Cipher, Keys};
use crate::capped::{Codec, Filter, Unpacked, join_bcj2, unfilter, unpack};
use std::borrow::Cow;
use watchfire_model::{Budget, Halt, LimitKind, Problem};

const COPY: u64 = 0x00;
const DELTA: u64 = 0x03;
const LZMA2: u64 = 0x21;
const LZMA: u64 = 0x03_01_01;
const BCJ2: u64 = 0x03_03_01_1b;
const PPMD: u64 = 0x03_04_01;
const DEFLATE: u64 = 0x04_01_08;
const DEFLATE64: u64 = 0x04_01_09;
const BZIP2: u64 = 0x04_02_02;
const ZSTD: u64 = 0x04_f7_11_01;
const LZ4: u64 = 0x04_f7_11_04;
const AES: u64 = 0x06_f1_07_01;

/// Filters without parameters, by both of the numbers some have.
const FILTERS: &[(u64, Filter)] = &[
    (0x04, Filter::X86),
    (0x05, Filter::PowerPc),
    (0x06, Filter::Ia64),
    (0x07, Filter::Arm),
    (0x08, Filter::ArmThumb),
    (0x09, Filter::Sparc),
    (0x0a, Filter::Arm64),
    (0x0b, Filter::RiscV),
    (0x03_03_01_03, Filter::X86),
    (0x03_03_02_05, Filter::PowerPc),
    (0x03_03_04_01, Filter::Ia64),
    (0x03_03_05_01, Filter::Arm),
    (0x03_03_07_01, Filter::ArmThumb),
    (0x03_03_08_05, Filter::Sparc),
];

/// Why there is nothing to hand out.
pub(super) enum Refused {
    Unreadable(Problem),
    Halted(Halt),
}

impl From<Halt> for Refused {
    fn from(halt: Halt) -> Self {
        Self::Halted(halt)
    }
}

/// The cipher of a folder, if it has one.
pub(super) fn cipher(folder: &Folder) -> Option<Result<Cipher, Problem>> {
    folder
        .coders
        .iter()
        .find(|coder| coder.method == AES)
        .map(|coder| Cipher::read(&coder.properties))
}

/// What decoding needs beside the folder.
pub(super) struct Decoder<'a, 'k> {
    pub(super) bytes: &'a [u8],
    pub(super) streams: &'a Streams,
    pub(super) budget: &'a Budget,
    pub(super) password: Option<&'a [u8]>,
    pub(super) keys: &'k mut Keys,
}

/// A stream on its way through the coders, with what went wrong in it.
struct Flow<'a> {
    bytes: Cow<'a, [u8]>,
    problem: Option<Problem>,
    halted: Option<Halt>,
}

impl<'a> Decoder<'a, '_> {
    /// Unpacks as much of a folder as can be.
    pub(super) fn decode(&mut self, folder: &'a Folder) -> Result<Unpacked, Refused> {
        let output = folder.main_output().ok_or_else(wiring)?;
        let flow = self.output(folder, output, folder.coders.len())?;
        Ok(Unpacked {
            bytes: flow.bytes.into_owned(),
            problem: flow.problem,
            halted: flow.halted,
            ..Unpacked::default()
        })
    }

    /// What comes out of a coder. Each has one output, so outputs count coders. Wires that lead in a circle run out
    /// of `depth`.
    fn output(&mut self, folder: &'a Folder, index: usize, depth: usize) -> Result<Flow<'a>, Refused> {
        let depth = depth.checked_sub(1).ok_or_else(wiring)?;
        let coder = folder.coders.get(index).ok_or_else(wiring)?;
        let size = folder.sizes.get(index).copied().ok_or_else(wiring)?;
        let first: usize = folder.coders.iter().take(index).map(|coder| coder.inputs).sum();
        let inputs = (first..first + coder.inputs).map(|input| self.input(folder, input, depth));
        let mut inputs: Vec<Flow<'a>> = inputs.collect::<Result<_, _>>()?;
        let upstream = inputs.iter().find_map(|input| input.problem.clone());
        let halted = inputs.iter().find_map(|input| input.halted);
        let mut flow = if coder.method == BCJ2 {
            let [main, calls, jumps, range] = inputs.as_slice() else {
                return Err(wiring());
            };
            from_codec(join_bcj2(
                [&main.bytes, &calls.bytes, &jumps.bytes, &range.bytes],
                size,
                self.budget,
            ))
        } else {
            let input = inputs.pop().filter(|_| inputs.is_empty()).ok_or_else(wiring)?;
            self.code(coder, input, size)?
        };
        flow.bytes = cut(flow.bytes, size);
        flow.problem = upstream.or(flow.problem);
        flow.halted = halted.or(flow.halted);
        if flow.problem.is_none() && flow.halted.is_none() && (flow.bytes.len() as u64) < size {
            flow.problem = Some(Problem::warning(
                "stream-truncated",
                "less was unpacked than the header declares",
            ));
        }
        Ok(flow)
    }

    fn input(&mut self, folder: &'a Folder, input: usize, depth: usize) -> Result<Flow<'a>, Refused> {
        if let Some(&(_, from)) = folder.bonds.iter().find(|&&(to, _)| to == input) {
            return self.output(folder, from, depth);
        }
        let place = folder.inputs.iter().position(|&fed| fed == input).ok_or_else(wiring)?;
        let range = self
            .streams
            .packed
            .get(folder.first_packed + place)
            .ok_or_else(wiring)?;
        let (start, end) = (usize::try_from(range.start), usize::try_from(range.end));
        let rest = start.ok().and_then(|start| self.bytes.get(start..)).unwrap_or_default();
        let len = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
        let is_whole = end.is_ok_and(|end| end <= self.bytes.len());
        Ok(Flow {
            bytes: Cow::Borrowed(rest.get(..len).unwrap_or(rest)),
            problem: (!is_whole).then(|| Problem::warning("7z-truncated", "the file ends before its packed data does")),
            halted: None,
        })
    }

    fn code(&mut self, coder: &Coder, input: Flow<'a>, size: u64) -> Result<Flow<'a>, Refused> {
        let properties = coder.properties.as_slice();
        let codec = match coder.method {
            COPY => return Ok(input),
            AES => return self.decrypt(properties, input),
            LZMA => Codec::Lzma {
                properties: *properties.first_chunk().ok_or_else(wiring)?,
                size: Some(size),
            },
            LZMA2 => Codec::Lzma2 {
                property: *properties.first().ok_or_else(wiring)?,
            },
            PPMD => {
                let [order, memory @ ..] = *properties.first_chunk::<5>().ok_or_else(wiring)?;
                let memory = u32::from_le_bytes(memory);
                Codec::PpmdH { order, memory, size }
            }
            DEFLATE => Codec::Deflate,
            DEFLATE64 => Codec::Deflate64,
            BZIP2 => Codec::Bzip2,
            ZSTD => Codec::Zstd,
            LZ4 => Codec::Lz4,
            DELTA => {
                return Ok(from_codec(unfilter(
                    Filter::Delta(properties.first().copied().unwrap_or_default()),
                    &input.bytes,
                )));
            }
            method => {
                let Some((_, filter)) = FILTERS.iter().find(|(number, _)| *number == method) else {
                    let message = format!("its method, {method:#x}, is not supported");
                    return Err(Refused::Unreadable(Problem::warning("7z-method", message)));
                };
                return Ok(from_codec(unfilter(*filter, &input.bytes)));
            }
        };
        Ok(from_codec(unpack(codec, &input.bytes, self.budget)))
    }

    fn decrypt(&mut self, properties: &[u8], input: Flow<'a>) -> Result<Flow<'a>, Refused> {
        let cipher = Cipher::read(properties).map_err(Refused::Unreadable)?;
        let Some(password) = self.password else {
            return Err(Refused::Unreadable(Problem::warning(
                "archive-encrypted",
                "it is encrypted",
            )));
        };
        let key = self.keys.get(&cipher, password, self.budget)?;
        let mut plain = input.bytes.into_owned();
        key.decrypt_chained(cipher.start, &mut plain);
        Ok(Flow {
            bytes: Cow::Owned(plain),
            problem: input.problem,
            halted: input.halted,
        })
    }
}

fn from_codec<'a>(unpacked: Unpacked) -> Flow<'a> {
    Flow {
        bytes: Cow::Owned(unpacked.bytes),
        problem: unpacked.problem,
        halted: unpacked.halted,
    }
}

fn cut(bytes: Cow<'_, [u8]>, size: u64) -> Cow<'_, [u8]> {
    let len = usize::try_from(size).unwrap_or(usize::MAX);
    match bytes {
        Cow::Borrowed(bytes) => Cow::Borrowed(bytes.get(..len).unwrap_or(bytes)),
        Cow::Owned(mut bytes) => {
            bytes.truncate(len);
            Cow::Owned(bytes)
        }
    }
}

fn wiring() -> Refused {
    Refused::Unreadable(Problem::warning(
        "7z-damaged",
        "the description of how it is packed makes no sense",
    ))
}

/// Whether a halt leaves the rest of the archive readable.
pub(super) fn is_local(halt: Halt) -> bool {
    matches!(
        halt.0,
        LimitKind::Ratio | LimitKind::ArtifactSize | LimitKind::Dictionary
    )
}
