//! Zstandard (RFC 8878), all frames of a file, skippable ones skipped, over `ruzstd`. Frames that need a dictionary from
//! elsewhere are refused.

use super::input::{Decode, Flaw, Input, damaged, halt, truncated};
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use std::io::{self, BufRead, Read};
use watchfire_model::{Budget, Halt, LimitKind};

pub(super) struct Zstd<'a> {
    input: Input<'a>,
    decoder: FrameDecoder,
    frames: u64,
    in_frame: bool,
    failed: Option<io::Error>,
    flaw: Option<Flaw>,
}

impl<'a> Zstd<'a> {
    pub(super) fn new(input: Input<'a>, budget: &Budget) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(budget.limits().dictionary);
        Self {
            input,
            decoder,
            frames: 0,
            in_frame: false,
            failed: None,
            flaw: None,
        }
    }

    /// Begins the next frame; `false` when none follows.
    fn open_frame(&mut self) -> io::Result<bool> {
        loop {
            match (self.input.fill_buf()?.first(), self.frames) {
                (None, 0) => return Err(truncated()),
                (Some(0x28 | 0x50..=0x5f), _) | (Some(_), 0) => {}
                _ => return Ok(false),
            }
            match self.decoder.reset(&mut self.input) {
                Ok(()) => {
                    self.frames += 1;
                    self.in_frame = true;
                    return Ok(true);
                }
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                    self.frames += 1;
                    let skipped = io::copy(&mut (&mut self.input).take(u64::from(length)), &mut io::sink())?;
                    if skipped < u64::from(length) {
                        return Err(truncated());
                    }
                }
                Err(FrameDecoderError::ReadFrameHeaderError(_)) if self.frames > 0 => return Ok(false),
                Err(error) => return Err(error_of(&error)),
            }
        }
    }

    fn decode_block(&mut self) -> io::Result<()> {
        match self
            .decoder
            .decode_blocks(&mut self.input, BlockDecodingStrategy::UptoBlocks(1))
        {
            Ok(_) => Ok(()),
            Err(error) => {
                let error = error_of(&error);
                // The decoder holds back a window's worth until a frame ends. An empty last block, and a checksum in
                // case one is due, make it let go of what it has.
                let ending: &[u8] = &[1, 0, 0, 0, 0, 0, 0];
                if self
                    .decoder
                    .decode_blocks(ending, BlockDecodingStrategy::UptoBlocks(1))
                    .is_ok()
                    && self.decoder.can_collect() > 0
                {
                    self.failed = Some(error);
                    return Ok(());
                }
                Err(error)
            }
        }
    }
}

impl Read for Zstd<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.in_frame && self.decoder.can_collect() > 0 {
                return self.decoder.read(into);
            }
            if let Some(error) = self.failed.take() {
                self.in_frame = false;
                return Err(error);
            }
            if self.in_frame && !self.decoder.is_finished() {
                self.decode_block()?;
                continue;
            }
            if self.in_frame {
                self.in_frame = false;
                let stated = self.decoder.get_checksum_from_data();
                if stated.is_some() && stated != self.decoder.get_calculated_checksum() {
                    self.flaw = Some(Flaw::Checksum);
                }
            }
            if !self.open_frame()? {
                return Ok(0);
            }
        }
    }
}

impl Decode for Zstd<'_> {
    fn flaw(&mut self) -> Option<Flaw> {
        self.flaw.take()
    }
}

fn error_of(error: &FrameDecoderError) -> io::Error {
    if matches!(error, FrameDecoderError::WindowSizeTooBig { .. }) {
        return halt(Halt(LimitKind::Dictionary));
    }
    if ends_early(error) { truncated() } else { damaged(error) }
}

/// Whether an I/O error at the end of the input is the reason.
fn ends_early(error: &FrameDecoderError) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::UnexpectedEof)
        {
            return true;
        }
        cause = error.source();
    }
    false
}
