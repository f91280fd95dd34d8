//! Blocks whose length is known from elsewhere: the pages of columnar files.

use super::input::{Flaw, Input, damaged, truncated};
use super::{CHUNK, CappedReader, Codec, Unpacked, snappy};
use crate::bytes::{be32, le32, place};
use std::io;
use watchfire_model::Budget;

/// How a block is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Block {
    /// Not at all.
    Stored,
    /// Snappy without frames.
    Snappy,
    /// gzip.
    Gzip,
    /// Zstandard.
    Zstd,
    /// LZ4 without frames.
    Lz4,
    /// LZ4 as Hadoop wrote it: pieces behind their lengths in big endian. Others wrote frames, or none, under the same name.
    Lz4Hadoop,
}

impl Block {
    /// The word used in messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::Snappy => "snappy",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Lz4 | Self::Lz4Hadoop => "lz4",
        }
    }
}

/// The longest output of LZ4 for each byte of input.
const MOST_FOR_EACH: usize = 255;
const LZ4_FRAME: u32 = 0x184d_2204;

/// Unpacks a block that is `size` bytes long. Whoever asks has decided that this is not too much; no more comes out, and
/// nothing is allocated that the input could not fill.
pub fn unpack_block(packing: Block, packed: &[u8], size: usize, budget: &Budget) -> Unpacked {
    let codec = match packing {
        Block::Stored => Codec::Stored,
        Block::Gzip => Codec::Gzip,
        Block::Zstd => Codec::Zstd,
        Block::Lz4Hadoop if le32(packed, 0) == Some(LZ4_FRAME) => Codec::Lz4,
        Block::Snappy | Block::Lz4 | Block::Lz4Hadoop => return whole(packing, packed, size, budget),
    };
    let mut reader = CappedReader::new(codec, Input::slice(packed), budget);
    let mut out = Unpacked::default();
    let mut chunk = vec![0; CHUNK.min(size.saturating_add(1))];
    while let Some(bytes) = reader.chunk(&mut chunk) {
        out.bytes.extend_from_slice(bytes);
        if out.bytes.len() > size {
            break;
        }
    }
    out.consumed = packed.len();
    out.problem = reader.problem.take();
    out.halted = reader.halted;
    fit(packing, size, out)
}

/// What has no stream is unpacked in one go.
fn whole(packing: Block, packed: &[u8], size: usize, budget: &Budget) -> Unpacked {
    let mut out = Unpacked::default();
    let done = match packing {
        Block::Snappy => snappy::unpack(packed, size, &mut out.bytes),
        Block::Lz4Hadoop => hadoop(packed, size, &mut out.bytes).or_else(|_| {
            out.bytes.clear();
            lz4(packed, size, &mut out.bytes)
        }),
        _ => lz4(packed, size, &mut out.bytes),
    };
    let (total, from) = (out.bytes.len() as u64, packed.len() as u64);
    out.consumed = packed.len();
    out.problem = done
        .err()
        .map(|error| Flaw::from_error(&error).problem(packing.as_str()));
    out.halted = budget.unpack(total, total, from).err();
    fit(packing, size, out)
}

/// Says so where the length is another one.
fn fit(packing: Block, size: usize, mut out: Unpacked) -> Unpacked {
    let flaw = match out.bytes.len() {
        length if length > size => Flaw::Damaged("it is longer than it should be".to_owned()),
        length if length < size => Flaw::Truncated,
        _ => return out,
    };
    out.bytes.truncate(size);
    if out.problem.is_none() && out.halted.is_none() {
        out.problem = Some(flaw.problem(packing.as_str()));
    }
    out
}

fn lz4(packed: &[u8], size: usize, out: &mut Vec<u8>) -> io::Result<()> {
    let room = size.min(packed.len().saturating_mul(MOST_FOR_EACH).saturating_add(64));
    let from = out.len();
    out.resize(from.saturating_add(room), 0);
    let into = out.get_mut(from..).unwrap_or_default();
    let done = lz4_flex::block::decompress_into(packed, into).map_err(damaged);
    out.truncate(from.saturating_add(*done.as_ref().unwrap_or(&0)));
    done.map(drop)
}

/// Pieces, each behind its unpacked and its packed length.
fn hadoop(packed: &[u8], size: usize, out: &mut Vec<u8>) -> io::Result<()> {
    let mut at = 0_usize;
    while at < packed.len() {
        let (Some(unpacked), Some(length)) = (be32(packed, at), be32(packed, at.saturating_add(4))) else {
            return Err(truncated());
        };
        let (unpacked, from) = (place(unpacked), at.saturating_add(8));
        at = from.saturating_add(place(length));
        let piece = packed.get(from..at).ok_or_else(truncated)?;
        let before = out.len();
        if unpacked > size.saturating_sub(before) {
            return Err(damaged("it is longer than it should be"));
        }
        lz4(piece, unpacked, out)?;
        if out.len() != before.saturating_add(unpacked) {
            return Err(truncated());
        }
    }
    Ok(())
}
