//! The header of a 7z file (7zFormat.txt of the LZMA SDK): where packed streams are, how folders unpack them, and which
//! files they hold.
//!
//! Every count in it is checked against what the remaining bytes can hold before anything is allocated.

use crate::bytes::Cursor;
use std::ops::Range;
use watchfire_model::Untrusted;

const END: u64 = 0x00;
const HEADER: u64 = 0x01;
const ARCHIVE_PROPERTIES: u64 = 0x02;
const ADDITIONAL_STREAMS: u64 = 0x03;
const MAIN_STREAMS: u64 = 0x04;
const FILES: u64 = 0x05;
const PACK_INFO: u64 = 0x06;
const UNPACK_INFO: u64 = 0x07;
const SUBSTREAMS_INFO: u64 = 0x08;
const SIZES: u64 = 0x09;
const CHECKSUMS: u64 = 0x0a;
const FOLDERS: u64 = 0x0b;
const UNPACK_SIZES: u64 = 0x0c;
const COUNTS: u64 = 0x0d;
const EMPTY_STREAMS: u64 = 0x0e;
const EMPTY_FILES: u64 = 0x0f;
const NAMES: u64 = 0x11;
const ENCODED_HEADER: u64 = 0x17;

/// Files or streams kept.
const MAX_ITEMS: usize = 200_000;

/// What 7-Zip itself allows.
const MAX_CODERS: usize = 32;

/// A header as found: the real one, or where the real one is packed.
#[derive(Debug)]
pub(super) enum Header {
    Plain(Archive),
    Packed(Streams),
}

/// Files and the streams they come from.
#[derive(Debug, Default)]
pub(super) struct Archive {
    pub(super) streams: Streams,
    pub(super) files: Vec<File>,
}

#[derive(Debug, Default)]
pub(super) struct File {
    pub(super) name: Untrusted,
    pub(super) has_stream: bool,
    pub(super) is_folder: bool,
}

/// Packed streams and how to unpack them.
#[derive(Debug, Default)]
pub(super) struct Streams {
    /// Places of packed streams in the file.
    pub(super) packed: Vec<Range<u64>>,
    pub(super) folders: Vec<Folder>,
}

/// Coders wired together, which make one stream out of packed ones; files lie in it one after another.
#[derive(Debug, Default)]
pub(super) struct Folder {
    pub(super) coders: Vec<Coder>,
    /// Pairs of an input and the output it is fed from.
    pub(super) bonds: Vec<(usize, usize)>,
    /// Inputs fed from packed streams, in order.
    pub(super) inputs: Vec<usize>,
    /// Length of each output.
    pub(super) sizes: Vec<u64>,
    /// First of the packed streams.
    pub(super) first_packed: usize,
    /// Lengths and checksums of what lies in the folder's stream.
    pub(super) parts: Vec<Part>,
    crc: Option<u32>,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Part {
    pub(super) size: u64,
    pub(super) crc: Option<u32>,
}

#[derive(Debug, Default)]
pub(super) struct Coder {
    pub(super) method: u64,
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    pub(super) properties: Vec<u8>,
}

impl Folder {
    /// The output that feeds no input: the folder's own.
    pub(super) fn main_output(&self) -> Option<usize> {
        (0..self.sizes.len())
            .rev()
            .find(|output| !self.bonds.iter().any(|(_, from)| from == output))
    }

    pub(super) fn size(&self) -> u64 {
        self.main_output()
            .and_then(|output| self.sizes.get(output))
            .copied()
            .unwrap_or_default()
    }
}

/// Reads a header.
pub(super) fn parse(bytes: &[u8]) -> Option<Header> {
    let mut at = Cursor::new(bytes);
    match number(&mut at)? {
        HEADER => archive(&mut at).map(Header::Plain),
        ENCODED_HEADER => streams(&mut at).map(Header::Packed),
        _ => None,
    }
}

/// A number of one to nine bytes. The leading ones of the first tell how many follow.
fn number(at: &mut Cursor<'_>) -> Option<u64> {
    let first = at.u8()?;
    let extra = first.leading_ones() as usize;
    let mut value = [0; 8];
    value.get_mut(..extra)?.copy_from_slice(at.take(extra)?);
    let low = u64::from_le_bytes(value);
    let high = u64::from(first) & (0x7f >> extra.min(7));
    // With seven or eight bytes to follow, the first holds no bits of the value.
    Some(low | high.checked_shl(8 * extra as u32).unwrap_or_default())
}

/// A number that counts items of which each takes at least one byte, or that is bounded anyway.
fn count(at: &mut Cursor<'_>) -> Option<usize> {
    usize::try_from(number(at)?).ok().filter(|&count| count <= MAX_ITEMS)
}

fn archive(at: &mut Cursor<'_>) -> Option<Archive> {
    let mut archive = Archive::default();
    loop {
        match number(at)? {
            END => return Some(archive),
            ARCHIVE_PROPERTIES => {
                while number(at)? != END {
                    let size = usize::try_from(number(at)?).ok()?;
                    at.take(size)?;
                }
            }
            ADDITIONAL_STREAMS => drop(streams(at)?),
            MAIN_STREAMS => archive.streams = streams(at)?,
            FILES => archive.files = files(at)?,
            _ => return None,
        }
    }
}

fn streams(at: &mut Cursor<'_>) -> Option<Streams> {
    let mut streams = Streams::default();
    let mut has_parts = false;
    loop {
        match number(at)? {
            END => break,
            PACK_INFO => streams.packed = pack_info(at)?,
            UNPACK_INFO => streams.folders = unpack_info(at)?,
            SUBSTREAMS_INFO => {
                substreams(at, &mut streams.folders)?;
                has_parts = true;
            }
            _ => return None,
        }
    }
    let mut first = 0usize;
    for folder in &mut streams.folders {
        folder.first_packed = first;
        first = first.checked_add(folder.inputs.len())?;
        if !has_parts {
            folder.parts = vec![Part {
                size: folder.size(),
                crc: folder.crc,
            }];
        }
    }
    Some(streams)
}

fn pack_info(at: &mut Cursor<'_>) -> Option<Vec<Range<u64>>> {
    let mut position = number(at)?.checked_add(super::SIGNATURE_HEADER as u64)?;
    let streams = count(at)?;
    let mut packed = Vec::new();
    loop {
        match number(at)? {
            END => return Some(packed),
            SIZES => {
                for _ in 0..streams {
                    let end = position.checked_add(number(at)?)?;
                    packed.push(position..end);
                    position = end;
                }
            }
            CHECKSUMS => drop(checksums(at, streams)?),
            _ => return None,
        }
    }
}

fn unpack_info(at: &mut Cursor<'_>) -> Option<Vec<Folder>> {
    let mut folders: Vec<Folder> = Vec::new();
    loop {
        match number(at)? {
            END => return Some(folders),
            FOLDERS => {
                let folder_count = count(at)?;
                // Definitions may lie in another stream; no writer puts them there.
                if at.u8()? != 0 {
                    return None;
                }
                for _ in 0..folder_count {
                    folders.push(folder(at)?);
                }
            }
            UNPACK_SIZES => {
                for folder in &mut folders {
                    let outputs = folder.coders.iter().map(|coder| coder.outputs).sum();
                    folder.sizes = (0..outputs).map(|_| number(at)).collect::<Option<_>>()?;
                }
            }
            CHECKSUMS => {
                let crcs = checksums(at, folders.len())?;
                folders.iter_mut().zip(crcs).for_each(|(folder, crc)| folder.crc = crc);
            }
            _ => return None,
        }
    }
}

fn folder(at: &mut Cursor<'_>) -> Option<Folder> {
    let coder_count = count(at)?;
    if coder_count == 0 || coder_count > MAX_CODERS {
        return None;
    }
    let coders: Vec<Coder> = (0..coder_count).map(|_| coder(at)).collect::<Option<_>>()?;
    let inputs: usize = coders.iter().map(|coder| coder.inputs).sum();
    let outputs: usize = coders.iter().map(|coder| coder.outputs).sum();
    let bonds = (1..outputs)
        .map(|_| Some((count(at)?, count(at)?)))
        .collect::<Option<Vec<_>>>()?;
    let packed = inputs.checked_sub(bonds.len())?;
    let fed: Vec<usize> = if packed == 1 {
        (0..inputs)
            .filter(|input| !bonds.iter().any(|(to, _)| to == input))
            .take(1)
            .collect()
    } else {
        (0..packed).map(|_| count(at)).collect::<Option<_>>()?
    };
    Some(Folder {
        coders,
        bonds,
        inputs: fed,
        ..Folder::default()
    })
}

fn coder(at: &mut Cursor<'_>) -> Option<Coder> {
    let flags = at.u8()?;
    let id = at.take(usize::from(flags & 0xf))?;
    let method = id
        .iter()
        .try_fold(0u64, |method, &byte| Some(method.checked_mul(256)? | u64::from(byte)))?;
    let (inputs, outputs) = if flags & 0x10 != 0 {
        (count(at)?, count(at)?)
    } else {
        (1, 1)
    };
    let properties = if flags & 0x20 != 0 {
        let size = count(at)?;
        at.take(size)?.to_vec()
    } else {
        Vec::new()
    };
    let is_sane = inputs <= MAX_CODERS && outputs == 1;
    is_sane.then_some(Coder {
        method,
        inputs,
        outputs,
        properties,
    })
}

fn substreams(at: &mut Cursor<'_>, folders: &mut [Folder]) -> Option<()> {
    let mut counts = vec![1; folders.len()];
    let mut id = number(at)?;
    if id == COUNTS {
        for part_count in &mut counts {
            *part_count = count(at)?;
        }
        id = number(at)?;
    }
    if counts.iter().sum::<usize>() > MAX_ITEMS {
        return None;
    }
    let has_sizes = id == SIZES;
    for (folder, &part_count) in folders.iter_mut().zip(&counts) {
        let mut left = folder.size();
        for index in 0..part_count {
            let is_last = index + 1 == part_count;
            // The last takes what the others leave.
            let size = if is_last || !has_sizes { left } else { number(at)? };
            left = left.checked_sub(size)?;
            folder.parts.push(Part { size, crc: None });
        }
        if let ([part], crc @ Some(_)) = (folder.parts.as_mut_slice(), folder.crc) {
            part.crc = crc;
        }
    }
    if has_sizes {
        id = number(at)?;
    }
    while id != END {
        if id == CHECKSUMS {
            let mut unknown: Vec<&mut Part> = folders
                .iter_mut()
                .flat_map(|folder| &mut folder.parts)
                .filter(|part| part.crc.is_none())
                .collect();
            let crcs = checksums(at, unknown.len())?;
            unknown.iter_mut().zip(crcs).for_each(|(part, crc)| part.crc = crc);
        } else {
            let size = usize::try_from(number(at)?).ok()?;
            at.take(size)?;
        }
        id = number(at)?;
    }
    Some(())
}

/// A checksum for each item that has one.
fn checksums(at: &mut Cursor<'_>, items: usize) -> Option<Vec<Option<u32>>> {
    let defined = if at.u8()? == 0 {
        bits(at, items)?
    } else {
        vec![true; items]
    };
    defined
        .into_iter()
        .map(|is_defined| if is_defined { at.le32().map(Some) } else { Some(None) })
        .collect()
}

fn bits(at: &mut Cursor<'_>, items: usize) -> Option<Vec<bool>> {
    let bytes = at.take(items.div_ceil(8))?;
    let bits = bytes
        .iter()
        .flat_map(|byte| (0..8).map(move |bit| byte & (0x80 >> bit) != 0));
    Some(bits.take(items).collect())
}

fn files(at: &mut Cursor<'_>) -> Option<Vec<File>> {
    let file_count = count(at)?;
    let mut names = Vec::new();
    let mut empty_streams = Vec::new();
    let mut empty_files = Vec::new();
    loop {
        let id = number(at)?;
        if id == END {
            break;
        }
        let size = usize::try_from(number(at)?).ok()?;
        let mut field = Cursor::new(at.take(size)?);
        match id {
            EMPTY_STREAMS => empty_streams = bits(&mut field, file_count)?,
            EMPTY_FILES => empty_files = bits(&mut field, empty_streams.iter().filter(|&&is_empty| is_empty).count())?,
            // Names may lie in another stream; no writer puts them there.
            NAMES if field.u8()? == 0 => names = self::names(field.rest(), file_count),
            _ => {}
        }
    }
    let mut names = names.into_iter();
    let mut empty_files = empty_files.into_iter();
    let files = (0..file_count).map(|index| {
        let has_stream = !empty_streams.get(index).copied().unwrap_or_default();
        File {
            name: names.next().unwrap_or_default(),
            has_stream,
            is_folder: !has_stream && !empty_files.next().unwrap_or_default(),
        }
    });
    Some(files.collect())
}

/// UTF-16 with a zero after each.
fn names(bytes: &[u8], wanted: usize) -> Vec<Untrusted> {
    let (units, _) = bytes.as_chunks::<2>();
    let units: Vec<u16> = units.iter().map(|&unit| u16::from_le_bytes(unit)).collect();
    units
        .split(|&unit| unit == 0)
        .take(wanted)
        .map(|name| String::from_utf16_lossy(name).into())
        .collect()
}
