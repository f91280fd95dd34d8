//! LZ4 frames (LZ4 Frame Format 1.6), skippable and legacy ones included, over the block decoder of `lz4_flex`.
//!
//! Checksums are skipped, not verified: a damaged block is worth more to an analyst than its absence. Frames that need
//! a dictionary from elsewhere are refused.

use super::input::{Decode, Input, damaged, truncated};
use lz4_flex::block::{decompress_into, decompress_into_with_dict};
use std::io::{self, BufRead, Read};

const FRAME: u32 = 0x184d_2204;
const LEGACY: u32 = 0x184c_2102;
const LEGACY_BLOCK: usize = 8 << 20;
/// What a block may refer back to.
const WINDOW: usize = 64 << 10;

#[derive(Clone, Copy)]
struct Frame {
    legacy: bool,
    independent: bool,
    block_checksum: bool,
    content_checksum: bool,
    block_size: usize,
}

pub(super) struct Lz4<'a> {
    input: Input<'a>,
    frame: Option<Frame>,
    frames: u64,
    /// A magic number that was read where the size of a legacy block could have been.
    pending_magic: Option<u32>,
    packed: Vec<u8>,
    /// The last block, from `given` on not yet handed out.
    block: Vec<u8>,
    given: usize,
    window: Vec<u8>,
}

impl<'a> Lz4<'a> {
    pub(super) fn new(input: Input<'a>) -> Self {
        Self {
            input,
            frame: None,
            frames: 0,
            pending_magic: None,
            packed: Vec::new(),
            block: Vec::new(),
            given: 0,
            window: Vec::new(),
        }
    }

    fn open_frame(&mut self) -> io::Result<bool> {
        loop {
            let magic = match self.pending_magic.take() {
                Some(magic) => magic,
                None => match self.input.fill_buf()?.first() {
                    None if self.frames == 0 => return Err(truncated()),
                    Some(0x02 | 0x04 | 0x50..=0x5f) => u32::from_le_bytes(self.input.array()?),
                    _ if self.frames == 0 => return Err(damaged("no lz4 frame")),
                    _ => return Ok(false),
                },
            };
            match magic {
                FRAME => self.frame = Some(self.read_descriptor()?),
                LEGACY => {
                    self.frame = Some(Frame {
                        legacy: true,
                        independent: true,
                        block_checksum: false,
                        content_checksum: false,
                        block_size: LEGACY_BLOCK,
                    });
                }
                0x184d_2a50..=0x184d_2a5f => {
                    self.frames += 1;
                    let length = u64::from(u32::from_le_bytes(self.input.array()?));
                    if io::copy(&mut (&mut self.input).take(length), &mut io::sink())? < length {
                        return Err(truncated());
                    }
                    continue;
                }
                _ if self.frames > 0 => {
                    self.input.give_back(4);
                    return Ok(false);
                }
                _ => return Err(damaged("no lz4 frame")),
            }
            self.frames += 1;
            self.window.clear();
            return Ok(true);
        }
    }

    fn read_descriptor(&mut self) -> io::Result<Frame> {
        let [flags, sizes] = self.input.array()?;
        if flags >> 6 != 1 {
            return Err(damaged("unknown lz4 frame version"));
        }
        if flags & 1 != 0 {
            return Err(damaged("the frame needs a dictionary"));
        }
        if flags & 8 != 0 {
            self.input.array::<8>()?;
        }
        self.input.array::<1>()?;
        let block_size = match sizes >> 4 & 7 {
            4 => 64 << 10,
            5 => 256 << 10,
            6 => 1 << 20,
            7 => 4 << 20,
            _ => return Err(damaged("unknown lz4 block size")),
        };
        Ok(Frame {
            legacy: false,
            independent: flags & 0x20 != 0,
            block_checksum: flags & 0x10 != 0,
            content_checksum: flags & 4 != 0,
            block_size,
        })
    }

    /// Reads one block into `self.block`; `false` at the end of the frame.
    fn read_block(&mut self, frame: Frame) -> io::Result<bool> {
        if frame.legacy && self.input.fill_buf()?.is_empty() {
            return Ok(false);
        }
        let header = u32::from_le_bytes(self.input.array()?);
        if frame.legacy && matches!(header, FRAME | LEGACY | 0x184d_2a50..=0x184d_2a5f) {
            self.pending_magic = Some(header);
            return Ok(false);
        }
        if !frame.legacy && header == 0 {
            if frame.content_checksum {
                self.input.array::<4>()?;
            }
            return Ok(false);
        }
        let stored = !frame.legacy && header >> 31 == 1;
        let len = if frame.legacy { header } else { header & 0x7fff_ffff } as usize;
        // The worst case of incompressible data in a legacy block is a little longer than the block.
        if len > frame.block_size + frame.block_size / 255 + 64 {
            return Err(damaged("a block is larger than its frame allows"));
        }
        self.packed.clear();
        (&mut self.input).take(len as u64).read_to_end(&mut self.packed)?;
        let complete = self.packed.len() == len;
        if stored {
            std::mem::swap(&mut self.block, &mut self.packed);
        } else {
            self.block.resize(frame.block_size, 0);
            let done = if frame.independent || self.window.is_empty() {
                decompress_into(&self.packed, &mut self.block)
            } else {
                decompress_into_with_dict(&self.packed, &mut self.block, &self.window)
            };
            let len = done.map_err(|error| if complete { damaged(error) } else { truncated() })?;
            self.block.truncate(len);
        }
        self.given = 0;
        if !frame.independent {
            self.remember();
        }
        if frame.block_checksum && complete {
            self.input.array::<4>()?;
        }
        Ok(true)
    }

    /// Keeps the last 64 KiB for blocks that refer back.
    fn remember(&mut self) {
        let start = self.block.len().saturating_sub(WINDOW);
        let recent = self.block.get(start..).unwrap_or_default();
        let excess = (self.window.len() + recent.len()).saturating_sub(WINDOW);
        self.window.drain(..excess.min(self.window.len()));
        self.window.extend_from_slice(recent);
    }
}

impl Read for Lz4<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let mut left = self.block.get(self.given..).unwrap_or_default();
            if !left.is_empty() {
                let len = left.read(into)?;
                self.given += len;
                return Ok(len);
            }
            let Some(frame) = self.frame else {
                if self.open_frame()? {
                    continue;
                }
                return Ok(0);
            };
            self.block.clear();
            self.given = 0;
            match self.read_block(frame) {
                Ok(true) => {}
                Ok(false) => self.frame = None,
                Err(error) => {
                    self.block.clear();
                    return Err(error);
                }
            }
        }
    }
}

impl Decode for Lz4<'_> {}
