//! The only place where raw decompressors are named.
//!
//! Every codec draws its input from one place, has its dictionary checked before anything is allocated, and is
//! pumped in chunks, each of which is spent from the [`Budget`]. What was unpacked before an error or a limit is kept.

mod block;
mod bzip2;
mod deflate;
mod deflate64;
mod input;
mod lz4;
mod lzma;
mod ppmd;
mod snappy;
mod zstd;

pub use block::{Block, unpack_block};
pub use deflate::gzip_name;

use input::{Decode, Flaw, Input};
use std::io::{self, Read};
use watchfire_model::{Budget, Halt, LimitKind, Problem};

/// A compression format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// No compression: the input itself.
    Stored,
    /// Raw DEFLATE (RFC 1951).
    Deflate,
    /// zlib (RFC 1950).
    Zlib,
    /// gzip (RFC 1952), all members of a file one after another.
    Gzip,
    /// Deflate64.
    Deflate64,
    /// bzip2, all streams of a file one after another.
    Bzip2,
    /// xz, all streams of a file one after another.
    Xz,
    /// The `.lzma` format: a header of 13 bytes, then LZMA.
    LzmaAlone,
    /// LZMA without a header.
    Lzma {
        /// The properties byte and the dictionary's size.
        properties: [u8; 5],
        /// Length of the output; without it the data must say where it ends.
        size: Option<u64>,
    },
    /// LZMA2 without a header.
    Lzma2 {
        /// The byte that stands for the dictionary's size.
        property: u8,
    },
    /// PPMd variant H, as 7z uses it.
    PpmdH {
        /// Length of the contexts.
        order: u8,
        /// Memory of the model in bytes.
        memory: u32,
        /// Length of the output.
        size: u64,
    },
    /// PPMd variant I, as zip uses it.
    PpmdI {
        /// The two bytes before the data: order, memory and method of restoration.
        parameters: u16,
        /// Length of the output.
        size: u64,
    },
    /// Zstandard (RFC 8878), all frames of a file.
    Zstd,
    /// LZ4 frames, legacy ones included.
    Lz4,
}

/// A reversible transformation that helps compression, as 7z and xz use it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// Jumps and calls of x86.
    X86,
    /// Branches of 32-bit ARM.
    Arm,
    /// Branches of ARM Thumb.
    ArmThumb,
    /// Branches of 64-bit ARM.
    Arm64,
    /// Branches of PowerPC, big endian.
    PowerPc,
    /// Branches of SPARC.
    Sparc,
    /// Branches of Itanium.
    Ia64,
    /// Branches of RISC-V.
    RiscV,
    /// Differences between bytes that stand this many bytes apart, less one.
    Delta(u8),
}

impl Codec {
    /// The word used in messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deflate => "deflate",
            Self::Zlib => "zlib",
            Self::Gzip => "gzip",
            Self::Stored => "stored",
            Self::Deflate64 => "deflate64",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
            Self::LzmaAlone | Self::Lzma { .. } => "lzma",
            Self::Lzma2 { .. } => "lzma2",
            Self::PpmdH { .. } | Self::PpmdI { .. } => "ppmd",
            Self::Zstd => "zstd",
            Self::Lz4 => "lz4",
        }
    }
}

/// What came out of a codec.
#[derive(Debug, Default)]
pub struct Unpacked {
    /// The output, complete unless `problem` or `halted` says otherwise.
    pub bytes: Vec<u8>,
    /// Bytes of input that the stream took.
    pub consumed: usize,
    /// The stream was damaged or truncated, or a checksum in it is wrong.
    pub problem: Option<Problem>,
    /// A limit was reached.
    pub halted: Option<Halt>,
}

/// Unpacks one stream from the start of `input`.
pub fn unpack(codec: Codec, input: &[u8], budget: &Budget) -> Unpacked {
    let mut reader = CappedReader::new(codec, Input::slice(input), budget);
    let mut out = Unpacked::default();
    let mut chunk = vec![0; CHUNK];
    while let Some(bytes) = reader.chunk(&mut chunk) {
        out.bytes.extend_from_slice(bytes);
    }
    out.consumed = usize::try_from(reader.taken.get())
        .unwrap_or(usize::MAX)
        .min(input.len());
    out.problem = reader.problem;
    out.halted = reader.halted;
    out
}

/// Unpacks one stream that is larger than memory. Reading ends early at damage and at limits; afterwards
/// [`CappedReader::problem`] and [`CappedReader::halted`] say so.
pub fn reader<'a>(codec: Codec, source: Box<dyn Read + 'a>, budget: &'a Budget) -> CappedReader<'a> {
    CappedReader::new(codec, Input::stream(source), budget)
}

/// How much is unpacked between two looks at the budget. Larger than any codec's internal step, so that a decoder
/// which fails has handed out all it had.
const CHUNK: usize = 64 << 10;

/// A decompressor that spends from a budget.
pub struct CappedReader<'a> {
    codec: Codec,
    decoder: Option<Box<dyn Decode + 'a>>,
    budget: &'a Budget,
    taken: input::Taken,
    total: u64,
    problem: Option<Problem>,
    halted: Option<Halt>,
}

impl<'a> CappedReader<'a> {
    fn new(codec: Codec, input: Input<'a>, budget: &'a Budget) -> Self {
        let mut this = Self {
            codec,
            decoder: None,
            budget,
            taken: input.taken(),
            total: 0,
            problem: None,
            halted: None,
        };
        match open(codec, input, budget) {
            Ok(decoder) => this.decoder = Some(decoder),
            Err(error) => this.stop(&error),
        }
        this
    }

    /// Why reading ended before the stream did, or what is wrong with it otherwise.
    pub fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref()
    }

    /// The limit that ended reading.
    pub fn halted(&self) -> Option<Halt> {
        self.halted
    }

    /// Fills `into` as far as one step of the decoder does; `None` at the end, whatever its reason.
    fn chunk<'b>(&mut self, into: &'b mut [u8]) -> Option<&'b [u8]> {
        let decoder = self.decoder.as_mut()?;
        if let Err(halt) = self.budget.check() {
            self.halted = Some(halt);
            self.decoder = None;
            return None;
        }
        let read = loop {
            match decoder.read(into) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        match read {
            Ok(0) => {
                let flaw = decoder.flaw();
                self.decoder = None;
                if let Some(flaw) = flaw {
                    self.problem = Some(flaw.problem(self.codec.as_str()));
                }
                None
            }
            Ok(len) => {
                let len = len.min(into.len());
                self.total += len as u64;
                if let Err(halt) = self.budget.unpack(len as u64, self.total, self.taken.get()) {
                    self.halted = Some(halt);
                    self.decoder = None;
                }
                into.get(..len)
            }
            Err(error) => {
                self.stop(&error);
                None
            }
        }
    }

    fn stop(&mut self, error: &io::Error) {
        self.decoder = None;
        match input::halt_in(error) {
            Some(halt) => self.halted = Some(halt),
            None => self.problem = Some(Flaw::from_error(error).problem(self.codec.as_str())),
        }
    }
}

impl Read for CappedReader<'_> {
    /// Never fails: what ends the stream is told by [`CappedReader::problem`] and [`CappedReader::halted`].
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        Ok(self.chunk(into).map_or(0, <[u8]>::len))
    }
}

impl std::fmt::Debug for CappedReader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CappedReader")
            .field("codec", &self.codec)
            .field("total", &self.total)
            .finish_non_exhaustive()
    }
}

fn open<'a>(codec: Codec, input: Input<'a>, budget: &Budget) -> io::Result<Box<dyn Decode + 'a>> {
    Ok(match codec {
        Codec::Stored => Box::new(input),
        Codec::Deflate => Box::new(deflate::Flate::raw(input)),
        Codec::Zlib => Box::new(deflate::Flate::zlib(input)),
        Codec::Gzip => Box::new(deflate::Gzip::new(input)),
        Codec::Deflate64 => Box::new(deflate64::Deflate64::new(input)),
        Codec::Bzip2 => Box::new(bzip2::Bzip2::new(input)),
        Codec::Xz => Box::new(lzma::Lzma::xz(input, budget)),
        Codec::LzmaAlone => Box::new(lzma::Lzma::alone(input, budget)?),
        Codec::Lzma { properties, size } => Box::new(lzma::Lzma::raw(input, properties, size, budget)?),
        Codec::Lzma2 { property } => Box::new(lzma::Lzma::lzma2(input, property, budget)?),
        Codec::PpmdH { order, memory, size } => Box::new(ppmd::Ppmd::variant_h(input, order, memory, size, budget)?),
        Codec::PpmdI { parameters, size } => Box::new(ppmd::Ppmd::variant_i(input, parameters, size, budget)?),
        Codec::Zstd => Box::new(zstd::Zstd::new(input, budget)),
        Codec::Lz4 => Box::new(lz4::Lz4::new(input)),
    })
}

/// Undoes a filter. The output is as long as the input.
pub fn unfilter(filter: Filter, bytes: &[u8]) -> Unpacked {
    unpacked(
        lzma::unfilter(filter, bytes).map_or_else(|error| (Vec::new(), Err(error)), |out| (out, Ok(()))),
        "bcj",
    )
}

/// Joins the four streams that BCJ2 makes of x86 code (rest, calls, jumps, range coder) into `size` bytes, which must
/// fit in one artifact.
pub fn join_bcj2(streams: [&[u8]; 4], size: u64, budget: &Budget) -> Unpacked {
    if size > budget.limits().artifact_size {
        return Unpacked {
            halted: Some(Halt(LimitKind::ArtifactSize)),
            ..Unpacked::default()
        };
    }
    unpacked(lzma::join_bcj2(streams, size), "bcj2")
}

fn unpacked((bytes, outcome): (Vec<u8>, io::Result<()>), format: &str) -> Unpacked {
    Unpacked {
        bytes,
        problem: outcome.err().map(|error| Flaw::from_error(&error).problem(format)),
        ..Unpacked::default()
    }
}

#[cfg(test)]
mod tests;
