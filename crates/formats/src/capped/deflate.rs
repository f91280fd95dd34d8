//! DEFLATE (RFC 1951), zlib (RFC 1950) and gzip (RFC 1952) over `miniz_oxide`.

use super::input::{Decode, Flaw, Input, damaged, truncated};
use miniz_oxide::inflate::stream::{InflateState, inflate};
use miniz_oxide::{DataFormat, MZError, MZFlush, MZStatus};
use std::io::{self, BufRead, Read};
use watchfire_model::Untrusted;

/// One DEFLATE stream, without the input it draws from.
struct Inflater {
    state: Box<InflateState>,
    finished: bool,
    failed: Option<io::Error>,
}

impl Inflater {
    fn new(format: DataFormat) -> Self {
        Self {
            state: InflateState::new_boxed(format),
            finished: false,
            failed: None,
        }
    }

    /// Fills `into` as far as the input allows. An error waits until everything decoded before it is handed out.
    fn read_from(&mut self, input: &mut Input<'_>, into: &mut [u8]) -> io::Result<usize> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        while !self.finished {
            let packed = input.fill_buf()?;
            let at_end = packed.is_empty();
            let step = inflate(&mut self.state, packed, into, MZFlush::None);
            input.consume(step.bytes_consumed);
            let error = match step.status {
                Ok(MZStatus::StreamEnd) => {
                    self.finished = true;
                    None
                }
                Err(MZError::Buf) | Ok(_) if !at_end || step.bytes_written > 0 => None,
                Err(MZError::Buf) | Ok(_) => Some(truncated()),
                Err(_) => Some(damaged("invalid data")),
            };
            match error {
                Some(error) if step.bytes_written == 0 => return Err(error),
                error => self.failed = error,
            }
            if step.bytes_written > 0 {
                return Ok(step.bytes_written);
            }
        }
        Ok(0)
    }
}

/// Raw DEFLATE or zlib.
pub(super) struct Flate<'a> {
    input: Input<'a>,
    inflater: Inflater,
}

impl<'a> Flate<'a> {
    pub(super) fn raw(input: Input<'a>) -> Self {
        Self {
            input,
            inflater: Inflater::new(DataFormat::Raw),
        }
    }

    pub(super) fn zlib(input: Input<'a>) -> Self {
        Self {
            input,
            inflater: Inflater::new(DataFormat::Zlib),
        }
    }
}

impl Read for Flate<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.inflater.read_from(&mut self.input, into)
    }
}

impl Decode for Flate<'_> {}

/// gzip: members until the input no longer looks like one. A wrong checksum in one member does not hide the next.
pub(super) struct Gzip<'a> {
    input: Input<'a>,
    member: Option<GzipMember>,
    members: u64,
    flaw: Option<Flaw>,
}

struct GzipMember {
    inflater: Inflater,
    crc: crc32fast::Hasher,
    len: u32,
}

impl<'a> Gzip<'a> {
    pub(super) fn new(input: Input<'a>) -> Self {
        Self {
            input,
            member: None,
            members: 0,
            flaw: None,
        }
    }

    /// Reads a member's header. `false` when what follows is no member.
    fn open_member(&mut self) -> io::Result<bool> {
        let first = self.members == 0;
        match self.input.fill_buf()?.first() {
            None if first => return Err(truncated()),
            Some(0x1f) => self.input.consume(1),
            _ if first => return Err(damaged("no gzip header")),
            _ => return Ok(false),
        }
        if self.input.fill_buf()?.first() != Some(&0x8b) {
            self.input.give_back(1);
            return if first {
                Err(damaged("no gzip header"))
            } else {
                Ok(false)
            };
        }
        self.input.consume(1);
        skip_gzip_header(&mut self.input)?;
        self.members += 1;
        self.member = Some(GzipMember {
            inflater: Inflater::new(DataFormat::Raw),
            crc: crc32fast::Hasher::new(),
            len: 0,
        });
        Ok(true)
    }
}

impl Read for Gzip<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let Some(member) = &mut self.member else {
                if self.open_member()? {
                    continue;
                }
                return Ok(0);
            };
            let len = member.inflater.read_from(&mut self.input, into)?;
            if len > 0 {
                member.crc.update(into.get(..len).unwrap_or_default());
                member.len = member.len.wrapping_add(len as u32);
                return Ok(len);
            }
            let expected = (member.crc.clone().finalize(), member.len);
            self.member = None;
            let crc = u32::from_le_bytes(self.input.array()?);
            let size = u32::from_le_bytes(self.input.array()?);
            if (crc, size) != expected {
                self.flaw = Some(Flaw::Checksum);
            }
        }
    }
}

impl Decode for Gzip<'_> {
    fn flaw(&mut self) -> Option<Flaw> {
        self.flaw.take()
    }
}

const FHCRC: u8 = 2;
const FEXTRA: u8 = 4;
const FNAME: u8 = 8;
const FCOMMENT: u8 = 16;

/// Reads a header from behind its magic bytes and returns the name in it.
fn skip_gzip_header(input: &mut Input<'_>) -> io::Result<Option<Vec<u8>>> {
    let [method, flags, ..] = input.array::<8>()?;
    if method != 8 {
        return Err(damaged(format_args!("unknown compression method {method}")));
    }
    if flags & FEXTRA != 0 {
        for _ in 0..u16::from_le_bytes(input.array()?) {
            input.byte()?.ok_or_else(truncated)?;
        }
    }
    let name = if flags & FNAME != 0 {
        Some(zero_terminated(input)?)
    } else {
        None
    };
    if flags & FCOMMENT != 0 {
        zero_terminated(input)?;
    }
    if flags & FHCRC != 0 {
        input.array::<2>()?;
    }
    Ok(name)
}

/// A string that ends at a zero byte. Only the first 4 KiB are kept; the rest is skipped.
fn zero_terminated(input: &mut Input<'_>) -> io::Result<Vec<u8>> {
    let mut kept = Vec::new();
    while let Some(byte) = input.byte()? {
        if byte == 0 {
            return Ok(kept);
        }
        if kept.len() < 4096 {
            kept.push(byte);
        }
    }
    Err(truncated())
}

/// The file name in the header of a gzip file. RFC 1952 says ISO 8859-1; tools write UTF-8, so that is tried first.
pub fn gzip_name(bytes: &[u8]) -> Option<Untrusted> {
    let header = bytes.strip_prefix(&[0x1f, 0x8b])?;
    let name = skip_gzip_header(&mut Input::slice(header))
        .ok()
        .flatten()
        .filter(|name| !name.is_empty())?;
    Some(match std::str::from_utf8(&name) {
        Ok(text) => text.into(),
        Err(_) => name.iter().map(|&byte| char::from(byte)).collect::<String>().into(),
    })
}
