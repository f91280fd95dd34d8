//! A ZIP archive (APPNOTE 6.3.10) that is written as it grows: nothing is read back, and no more than a few buffers are
//! kept. Every member is deflated and of the first day that the format knows, so that the same content gives the same
//! bytes. Archives beyond 4 GB are refused: nobody opens such a workbook.

use crc32fast::Hasher;
use miniz_oxide::DataFormat;
use miniz_oxide::deflate::CompressionLevel;
use miniz_oxide::deflate::core::{CompressorOxide, TDEFLFlush, TDEFLStatus, compress_to_output};
use std::io::{self, Write};

/// 1980-01-01, the first day there is.
const DAY: u16 = 0x21;
/// Sizes and checksum follow the content (bit 3); names are UTF-8 (bit 11).
const FLAGS: u16 = 0x0808;
const DEFLATED: u16 = 8;
const VERSION: u16 = 20;
/// How much is compressed at a time.
const PIECE: usize = 1 << 16;

/// An archive that is being written.
pub(crate) struct Archive<'w> {
    out: &'w mut dyn Write,
    written: u64,
    members: Vec<Member>,
}

struct Member {
    name: String,
    at: u32,
    crc: u32,
    packed: u32,
    size: u32,
}

impl<'w> Archive<'w> {
    pub(crate) fn new(out: &'w mut dyn Write) -> Self {
        Self {
            out,
            written: 0,
            members: Vec::new(),
        }
    }

    /// Begins a member; it ends with [`Part::finish`].
    pub(crate) fn part<'a>(&'a mut self, name: &str) -> io::Result<Part<'a, 'w>> {
        let at = small(self.written)?;
        let mut header = Vec::with_capacity(64);
        header.extend(0x0403_4b50_u32.to_le_bytes());
        for field in [VERSION, FLAGS, DEFLATED, 0, DAY] {
            header.extend(field.to_le_bytes());
        }
        header.extend([0; 12]);
        header.extend(length(name)?.to_le_bytes());
        header.extend(0_u16.to_le_bytes());
        header.extend(name.as_bytes());
        self.put(&header)?;
        Ok(Part {
            begins: self.written,
            archive: self,
            name: name.to_owned(),
            at,
            compressor: CompressorOxide::with_format_and_level(DataFormat::Raw, CompressionLevel::BestSpeed),
            crc: Hasher::new(),
            size: 0,
            piece: Vec::with_capacity(PIECE * 2),
            packed: Vec::new(),
        })
    }

    /// The list of members, and the end.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        let at = small(self.written)?;
        let mut list = Vec::new();
        for member in &self.members {
            list.extend(0x0201_4b50_u32.to_le_bytes());
            for field in [VERSION, VERSION, FLAGS, DEFLATED, 0, DAY] {
                list.extend(field.to_le_bytes());
            }
            for field in [member.crc, member.packed, member.size] {
                list.extend(field.to_le_bytes());
            }
            list.extend(length(&member.name)?.to_le_bytes());
            list.extend([0; 12]);
            list.extend(member.at.to_le_bytes());
            list.extend(member.name.as_bytes());
        }
        let size = small(list.len() as u64)?;
        let count = u16::try_from(self.members.len()).map_err(|_| too_large())?;
        list.extend(0x0605_4b50_u32.to_le_bytes());
        list.extend([0; 4]);
        list.extend(count.to_le_bytes());
        list.extend(count.to_le_bytes());
        list.extend(size.to_le_bytes());
        list.extend(at.to_le_bytes());
        list.extend([0; 2]);
        self.put(&list)
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.written = self.written.saturating_add(bytes.len() as u64);
        self.out.write_all(bytes)
    }
}

/// A member that is being written.
pub(crate) struct Part<'a, 'w> {
    archive: &'a mut Archive<'w>,
    name: String,
    at: u32,
    begins: u64,
    compressor: CompressorOxide,
    crc: Hasher,
    size: u64,
    piece: Vec<u8>,
    packed: Vec<u8>,
}

impl Part<'_, '_> {
    pub(crate) fn put(&mut self, text: &str) -> io::Result<()> {
        self.put_bytes(text.as_bytes())
    }

    pub(crate) fn put_bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE {
            self.pack(TDEFLFlush::None)
        } else {
            Ok(())
        }
    }

    /// Compresses what is at hand.
    fn pack(&mut self, flush: TDEFLFlush) -> io::Result<()> {
        self.crc.update(&self.piece);
        self.size = self.size.saturating_add(self.piece.len() as u64);
        let packed = &mut self.packed;
        let mut take = |bytes: &[u8]| {
            packed.extend_from_slice(bytes);
            true
        };
        let (status, _) = compress_to_output(&mut self.compressor, &self.piece, flush, &mut take);
        if !matches!(status, TDEFLStatus::Okay | TDEFLStatus::Done) {
            return Err(io::Error::other("the workbook could not be compressed"));
        }
        self.piece.clear();
        self.archive.put(&self.packed)?;
        self.packed.clear();
        Ok(())
    }

    /// Checksum and sizes, and the end of the member.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.pack(TDEFLFlush::Finish)?;
        let packed = small(self.archive.written.saturating_sub(self.begins))?;
        let member = Member {
            name: self.name,
            at: self.at,
            crc: self.crc.finalize(),
            packed,
            size: small(self.size)?,
        };
        let mut end = 0x0807_4b50_u32.to_le_bytes().to_vec();
        for field in [member.crc, member.packed, member.size] {
            end.extend(field.to_le_bytes());
        }
        self.archive.members.push(member);
        self.archive.put(&end)
    }
}

fn small(number: u64) -> io::Result<u32> {
    u32::try_from(number).map_err(|_| too_large())
}

fn length(name: &str) -> io::Result<u16> {
    u16::try_from(name.len()).map_err(|_| too_large())
}

fn too_large() -> io::Error {
    io::Error::new(
        io::ErrorKind::FileTooLarge,
        "the report is too large for a workbook: take csv or ndjson",
    )
}
