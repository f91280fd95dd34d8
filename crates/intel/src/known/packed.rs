//! Sorted digests in one file that never changes, searched where it lies.
//!
//! SHA-1 (20 bytes each), then a table of where those with each beginning start, then SHA-256 (32 bytes each) and their
//! table, then a footer of 64 bytes; numbers are 64 bits, little endian. It is written in one go, front to back. No offset
//! and no count is trusted: what is damaged holds nothing.

use super::sort::Sorter;
use crate::set::Backing;
use std::io::{self, Write};

const MAGIC: &[u8; 8] = b"WFKNOWN1";
const FOOTER: usize = 64;
/// The beginnings that the table tells apart: at most those of 16 bits.
const BITS: u32 = 16;
/// So many digests are read at once.
const BLOCK: u64 = 64;

/// Where everything is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    sha1: Section,
    sha256: Section,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Section {
    start: u64,
    count: u64,
    /// Of how many bits the beginnings in the table are.
    bits: u32,
    width: u64,
}

impl Section {
    /// Where its table starts.
    fn table(self) -> Option<u64> {
        self.start.checked_add(self.count.checked_mul(self.width)?)
    }

    /// Where it ends.
    fn end(self) -> Option<u64> {
        self.table()?.checked_add(((1_u64 << self.bits) + 1) * 8)
    }

    fn holds(self, backing: &Backing, digest: &[u8]) -> Option<bool> {
        let beginning = u64::from(u16::from_be_bytes(*digest.first_chunk()?)) >> (BITS - self.bits);
        let slot = self.table()? + beginning * 8;
        let (mut low, mut high) = (backing.u64_at(slot)?, backing.u64_at(slot + 8)?);
        if low > high || high > self.count {
            return None;
        }
        let width = usize::try_from(self.width).ok()?;
        while high - low > BLOCK {
            let middle = low + (high - low) / 2;
            let found = backing.get(self.start + middle * self.width, width)?;
            if found.as_ref() <= digest {
                low = middle;
            } else {
                high = middle;
            }
        }
        let length = usize::try_from((high - low) * self.width).ok()?;
        let block = backing.get(self.start + low * self.width, length)?;
        Some(block.chunks_exact(width).any(|one| one == digest))
    }
}

impl Layout {
    /// Reads the footer of a file of `size` bytes.
    pub(super) fn read(backing: &Backing, size: u64) -> Option<Self> {
        let at = size.checked_sub(FOOTER as u64)?;
        let footer = backing.get(at, FOOTER)?;
        let number = |place: usize| -> Option<u64> {
            let bytes = footer.get(place..)?.first_chunk()?;
            Some(u64::from_le_bytes(*bytes))
        };
        if footer.get(..8)? != MAGIC {
            return None;
        }
        let section = |start, place, width| -> Option<Section> {
            let bits = u32::try_from(number(place + 8)?).ok().filter(|bits| *bits <= BITS)?;
            Some(Section {
                start,
                count: number(place)?,
                bits,
                width,
            })
        };
        let sha1 = section(0, 8, 20)?;
        let sha256 = section(sha1.end()?, 24, 32)?;
        (sha256.end()? == at).then_some(Self { sha1, sha256 })
    }

    pub(super) fn len(&self) -> u64 {
        self.sha1.count.saturating_add(self.sha256.count)
    }

    pub(super) fn has_sha1(&self) -> bool {
        self.sha1.count > 0
    }

    pub(super) fn holds_sha1(&self, backing: &Backing, digest: &[u8; 20]) -> bool {
        self.sha1.count > 0 && self.sha1.holds(backing, digest) == Some(true)
    }

    pub(super) fn holds_sha256(&self, backing: &Backing, digest: &[u8; 32]) -> bool {
        self.sha256.count > 0 && self.sha256.holds(backing, digest) == Some(true)
    }
}

/// Writes a file; how many different SHA-1 and SHA-256 it holds.
pub(super) fn write(sha1: Sorter<'_, 20>, sha256: Sorter<'_, 32>, out: &mut dyn Write) -> io::Result<(u64, u64)> {
    let (sha1, sha1_bits) = section(sha1, out)?;
    let (sha256, sha256_bits) = section(sha256, out)?;
    let mut footer = MAGIC.to_vec();
    for number in [sha1, sha1_bits, sha256, sha256_bits] {
        footer.extend(number.to_le_bytes());
    }
    footer.resize(FOOTER, 0);
    out.write_all(&footer)?;
    Ok((sha1, sha256))
}

/// Digests and their table; how many there are, and of how many bits the beginnings in the table.
fn section<const N: usize>(sorter: Sorter<'_, N>, out: &mut dyn Write) -> io::Result<(u64, u64)> {
    let mut beginnings = vec![0_u64; 1 << BITS];
    let mut count = 0_u64;
    sorter.each(|digest| {
        if let Some(beginning) = digest
            .first_chunk()
            .map(|bytes| usize::from(u16::from_be_bytes(*bytes)))
            && let Some(so_far) = beginnings.get_mut(beginning)
        {
            *so_far += 1;
        }
        count += 1;
        out.write_all(digest)
    })?;
    // Some dozens for each beginning; one beginning where there are few.
    let bits = count.checked_ilog2().unwrap_or(0).saturating_sub(6).min(BITS);
    let mut before = 0_u64;
    out.write_all(&before.to_le_bytes())?;
    for group in beginnings.chunks(1 << (BITS - bits)) {
        before += group.iter().sum::<u64>();
        out.write_all(&before.to_le_bytes())?;
    }
    Ok((count, u64::from(bits)))
}
