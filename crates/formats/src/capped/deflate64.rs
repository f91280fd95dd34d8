//! Deflate64, the zip method that Windows writes for large files, over `deflate64`.

use super::input::{Decode, Input, damaged, truncated};
use ::deflate64::InflaterManaged;
use std::io::{self, BufRead, Read};

pub(super) struct Deflate64<'a> {
    input: Input<'a>,
    inflater: Box<InflaterManaged>,
}

impl<'a> Deflate64<'a> {
    pub(super) fn new(input: Input<'a>) -> Self {
        Self {
            input,
            inflater: Box::new(InflaterManaged::new()),
        }
    }
}

impl Read for Deflate64<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let packed = self.input.fill_buf()?;
            let at_end = packed.is_empty();
            let step = self.inflater.inflate(packed, into);
            self.input.consume(step.bytes_consumed);
            if step.bytes_written > 0 {
                return Ok(step.bytes_written);
            }
            if step.data_error || self.inflater.errored() {
                return Err(damaged("invalid data"));
            }
            if self.inflater.finished() {
                return Ok(0);
            }
            if at_end {
                return Err(truncated());
            }
        }
    }
}

impl Decode for Deflate64<'_> {}
