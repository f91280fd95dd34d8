//! bzip2, all streams of a file one after another, over the `bzip2` crate's safe interface.

use super::input::{Decode, Input, damaged, truncated};
use bzip2::{Decompress, Status};
use std::io::{self, BufRead, Read};

pub(super) struct Bzip2<'a> {
    input: Input<'a>,
    stream: Option<Decompress>,
    streams: u64,
    failed: Option<io::Error>,
}

impl<'a> Bzip2<'a> {
    pub(super) fn new(input: Input<'a>) -> Self {
        Self {
            input,
            stream: None,
            streams: 0,
            failed: None,
        }
    }
}

impl Read for Bzip2<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        loop {
            let packed = self.input.fill_buf()?;
            let at_end = packed.is_empty();
            let stream = match &mut self.stream {
                Some(stream) => stream,
                // What follows the last stream is not ours unless it starts like one.
                None if self.streams > 0 && packed.first() != Some(&b'B') => return Ok(0),
                None => {
                    self.streams += 1;
                    self.stream.insert(Decompress::new(false))
                }
            };
            let before = (stream.total_in(), stream.total_out());
            let status = stream.decompress(packed, into);
            let taken = (stream.total_in() - before.0) as usize;
            let len = (stream.total_out() - before.1) as usize;
            let untouched = stream.total_out() == 0;
            self.input.consume(taken);
            let error = match status {
                Ok(Status::StreamEnd) => {
                    self.stream = None;
                    None
                }
                Ok(Status::MemNeeded) => Some(damaged("no memory")),
                Ok(_) if taken == 0 && len == 0 && at_end => Some(truncated()),
                Ok(_) => None,
                // Something after the last stream that merely starts with the same letter.
                Err(bzip2::Error::DataMagic) if self.streams > 1 && untouched => return Ok(0),
                Err(_) => Some(damaged("invalid data")),
            };
            if len > 0 {
                self.failed = error;
                return Ok(len);
            }
            if let Some(error) = error {
                return Err(error);
            }
        }
    }
}

impl Decode for Bzip2<'_> {}
