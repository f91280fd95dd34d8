//! LZMA, LZMA2 and xz, and the filters that go with them, over `lzma-rust2`.
//!
//! Sizes of dictionaries are read here and checked before a decoder is made. The decoder grows its window as data
//! arrives, so a large dictionary alone costs nothing.

use super::Filter;
use super::input::{Decode, Input, damaged, halt, truncated};
use lzma_rust2::filter::bcj::BcjReader;
use lzma_rust2::filter::bcj2::Bcj2Reader;
use lzma_rust2::filter::delta::DeltaReader;
use lzma_rust2::{Action, Lzma2Stream, LzmaStream, Status, StreamResult, XzStream};
use std::io::{self, BufRead, Read};
use watchfire_model::{Budget, Halt, LimitKind};

/// Packed bytes given to the decoder at once. Few, because it decodes all it is given before it puts anything out, and
/// keeps that to itself if it then fails.
const FEED: usize = 512;

/// Dictionaries are not made smaller. Bytes.
const SMALLEST_DICTIONARY: u64 = 4096;

enum Engine {
    Lzma(Box<LzmaStream>),
    Lzma2(Box<Lzma2Stream>),
    Xz(Box<XzStream>),
}

impl Engine {
    fn process(&mut self, input: &[u8], output: &mut [u8], action: Action) -> io::Result<StreamResult> {
        match self {
            Self::Lzma(stream) => stream.process(input, output, action),
            Self::Lzma2(stream) => stream.process(input, output, action),
            Self::Xz(stream) => stream.process(input, output, action),
        }
    }
}

pub(super) struct Lzma<'a> {
    input: Input<'a>,
    engine: Engine,
    /// What a decoder of xz may allocate, in KiB; its dictionaries are announced inside the stream.
    limit: u32,
    /// The last step filled its output, so that there may be more of it before the next packed bytes are due.
    is_brimming: bool,
    finished: bool,
}

impl<'a> Lzma<'a> {
    fn new(input: Input<'a>, engine: Engine, limit: u32) -> Self {
        Self {
            input,
            engine,
            limit,
            is_brimming: false,
            finished: false,
        }
    }

    /// The `.lzma` file format: properties, dictionary size and length, then data.
    pub(super) fn alone(mut input: Input<'a>, budget: &Budget) -> io::Result<Self> {
        let [properties, a, b, c, d] = input.array()?;
        let size = u64::from_le_bytes(input.array()?);
        Self::raw(input, [properties, a, b, c, d], Some(size), budget)
    }

    /// Data without a header, as zip and 7z hold it.
    pub(super) fn raw(input: Input<'a>, properties: [u8; 5], size: Option<u64>, budget: &Budget) -> io::Result<Self> {
        let [properties, a, b, c, d] = properties;
        let dictionary = u32::from_le_bytes([a, b, c, d]);
        let size = size.unwrap_or(u64::MAX);
        // No output reaches back further than it is long, whatever the header asks for.
        let reach = u32::try_from(size.max(SMALLEST_DICTIONARY)).unwrap_or(u32::MAX);
        let dictionary = dictionary.min(reach);
        budget.dictionary(u64::from(dictionary)).map_err(halt)?;
        let stream = LzmaStream::new_with_props(size, properties, dictionary, None)?;
        Ok(Self::new(input, Engine::Lzma(Box::new(stream)), 0))
    }

    /// `property` is the one byte that 7z and xz store for the dictionary's size.
    pub(super) fn lzma2(input: Input<'a>, property: u8, budget: &Budget) -> io::Result<Self> {
        let dictionary = match property {
            40 => u32::MAX,
            0..40 => (2 | u32::from(property & 1)) << (property / 2 + 11),
            _ => return Err(damaged("unknown dictionary size")),
        };
        budget.dictionary(u64::from(dictionary)).map_err(halt)?;
        Ok(Self::new(
            input,
            Engine::Lzma2(Box::new(Lzma2Stream::new(dictionary))),
            0,
        ))
    }

    pub(super) fn xz(input: Input<'a>, budget: &Budget) -> Self {
        let limit = u32::try_from(budget.limits().dictionary / 1024).unwrap_or(u32::MAX);
        // The library counts its own needs in; the limit is on dictionaries.
        let limit = limit.saturating_add(1024);
        let engine = Engine::Xz(Box::new(XzStream::new_mem_limit(false, limit)));
        Self::new(input, engine, limit)
    }

    fn step(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut stalled = false;
        while !self.finished {
            let packed = self.input.fill_buf()?;
            let at_end = packed.is_empty();
            let feed = if self.is_brimming {
                &[]
            } else {
                packed.get(..FEED).unwrap_or(packed)
            };
            // Only an input that yields nothing more is declared finished: a decoder that is told so first would
            // fail where there is still output to give.
            let action = if at_end && stalled { Action::Finish } else { Action::Run };
            let step = match self.engine.process(feed, into, action) {
                Ok(step) => step,
                Err(error) if error.kind() == io::ErrorKind::OutOfMemory => {
                    return Err(halt(Halt(LimitKind::Dictionary)));
                }
                Err(_) if at_end => return Err(truncated()),
                Err(error) => return Err(damaged(error)),
            };
            let was_brimming = std::mem::replace(&mut self.is_brimming, step.bytes_produced == into.len());
            self.input.consume(step.bytes_consumed);
            if step.status == Status::StreamEnd {
                self.end_stream()?;
            }
            if step.bytes_produced > 0 {
                return Ok(step.bytes_produced);
            }
            if step.bytes_consumed == 0 && !self.finished && !was_brimming {
                if action == Action::Finish {
                    return Err(truncated());
                }
                stalled = true;
            }
        }
        Ok(0)
    }

    /// Looks for another xz stream behind this one; zeros may lie between them.
    fn end_stream(&mut self) -> io::Result<()> {
        match &self.engine {
            Engine::Lzma(stream) => self.input.give_back(stream.unused_input().len()),
            Engine::Lzma2(_) => {}
            Engine::Xz(_) => {
                while self.input.fill_buf()?.first() == Some(&0) {
                    self.input.consume(1);
                }
                if self.input.fill_buf()?.first() == Some(&0xfd) {
                    self.engine = Engine::Xz(Box::new(XzStream::new_mem_limit(false, self.limit)));
                    return Ok(());
                }
            }
        }
        self.finished = true;
        Ok(())
    }
}

impl Read for Lzma<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.step(into)
    }
}

impl Decode for Lzma<'_> {}

/// Undoes one filter.
pub(super) fn unfilter(filter: Filter, bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut out = Vec::with_capacity(bytes.len());
    match filter {
        Filter::X86 => BcjReader::new_x86(bytes, 0).read_to_end(&mut out),
        Filter::Arm => BcjReader::new_arm(bytes, 0).read_to_end(&mut out),
        Filter::ArmThumb => BcjReader::new_arm_thumb(bytes, 0).read_to_end(&mut out),
        Filter::Arm64 => BcjReader::new_arm64(bytes, 0).read_to_end(&mut out),
        Filter::PowerPc => BcjReader::new_ppc(bytes, 0).read_to_end(&mut out),
        Filter::Sparc => BcjReader::new_sparc(bytes, 0).read_to_end(&mut out),
        Filter::Ia64 => BcjReader::new_ia64(bytes, 0).read_to_end(&mut out),
        Filter::RiscV => BcjReader::new_riscv(bytes, 0).read_to_end(&mut out),
        Filter::Delta(distance) => DeltaReader::new(bytes, usize::from(distance) + 1).read_to_end(&mut out),
    }?;
    Ok(out)
}

/// Joins the four streams of BCJ2 into `size` bytes, or as many as they hold.
pub(super) fn join_bcj2(streams: [&[u8]; 4], size: u64) -> (Vec<u8>, io::Result<()>) {
    let mut out = Vec::new();
    let outcome = Bcj2Reader::new(streams.to_vec(), size)
        .take(size)
        .read_to_end(&mut out)
        .map(drop);
    (out, outcome)
}
