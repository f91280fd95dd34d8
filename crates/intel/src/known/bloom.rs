//! Bloom filters in the format of DCSO's tools, as CIRCL publishes hashlookup.
//!
//! Six numbers of 64 bits, little endian: version, capacity, wanted share of errors (IEEE 754), hash functions (k), bits
//! (m), values held; then the bits in words of 64. A value is the SHA-1 in upper-case hexadecimal digits. Its hash is
//! FNV-1 (64 bits) modulo the largest prime below 2^64; each next one is the one before times a constant, modulo 2^64
//! and then modulo that prime, and the bit is that modulo m. What else may follow the bits is left out.
//!
//! Sources: <https://github.com/DCSO/bloom>, <https://www.circl.lu/services/hashlookup/>.

use crate::feed::{FeedError, Place};
use crate::set::{Backing, SetError};
use std::io::{Read, Write};
use watchfire_model::digest_hex;

/// How a filter begins: version 1, without flags.
pub(super) const MARK: [u8; 8] = [1, 0, 0, 0, 0, 0, 0, 0];
const HEADER: usize = 48;
/// No filter is larger: 16 GiB of bits.
const LARGEST: u64 = 1 << 37;
/// Hash functions; more make a filter worse.
const FUNCTIONS: u64 = 64;
/// The share of strangers that a filter may take for its own. What takes more says too little.
const WRONG: f64 = 0.01;

const PRIME: u64 = 18_446_744_073_709_551_557;
const FACTOR: u64 = 18_446_744_073_709_550_147;

/// What a filter says about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    functions: u64,
    bits: u64,
    held: u64,
}

impl Header {
    fn read(bytes: &[u8]) -> Option<Self> {
        let number = |at: usize| -> Option<u64> {
            let bytes = bytes.get(at * 8..)?.first_chunk()?;
            Some(u64::from_le_bytes(*bytes))
        };
        let header = Self {
            functions: number(3)?,
            bits: number(4)?,
            held: number(5)?,
        };
        let sensible = (1..=FUNCTIONS).contains(&header.functions) && (1..=LARGEST).contains(&header.bits);
        (bytes.starts_with(&MARK) && sensible).then_some(header)
    }

    /// Bytes of the bits.
    fn length(self) -> u64 {
        self.bits.div_ceil(64) * 8
    }

    /// That of a file of `size` bytes that was taken in.
    pub(super) fn stored(backing: &Backing, size: u64) -> Result<Self, SetError> {
        let bytes = backing.get(0, HEADER).ok_or(SetError::NotASet)?;
        let header = Self::read(&bytes).ok_or(SetError::NotASet)?;
        if size < HEADER as u64 + header.length() {
            return Err(SetError::Truncated);
        }
        Ok(header)
    }

    /// How many values it says it holds.
    pub(super) fn held(self) -> u64 {
        self.held
    }

    /// Whether all bits of a SHA-1 are set.
    pub(super) fn may_hold(self, backing: &Backing, sha1: &[u8; 20]) -> bool {
        let value = digest_hex(sha1).to_ascii_uppercase();
        let mut hash = fnv1(value.as_bytes()) % PRIME;
        (0..self.functions).all(|_| {
            hash = hash.wrapping_mul(FACTOR) % PRIME;
            let bit = hash % self.bits;
            let byte = backing.get(HEADER as u64 + bit / 8, 1);
            byte.and_then(|byte| byte.first().copied())
                .is_some_and(|byte| byte >> (bit % 8) & 1 == 1)
        })
    }
}

/// FNV-1 of 64 bits (not FNV-1a: the product comes first).
fn fnv1(bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| hash.wrapping_mul(1_099_511_628_211) ^ u64::from(*byte);
    bytes.iter().fold(14_695_981_039_346_656_037, step)
}

/// Copies a filter whose beginning is [`MARK`], and counts how full it is: one that is full would know every file.
pub(super) fn copy(input: &mut dyn Read, out: &mut dyn Write) -> Result<super::Taken, FeedError> {
    let different = |why: &str| FeedError::Different {
        wanted: "a Bloom filter",
        why: why.to_owned(),
    };
    let mut bytes = Vec::with_capacity(HEADER);
    (&mut *input).take(HEADER as u64).read_to_end(&mut bytes)?;
    let header = Header::read(&bytes).ok_or_else(|| different("its header makes no sense"))?;
    out.write_all(&bytes)?;
    let (mut left, mut set) = (header.length(), 0_u64);
    let mut block = vec![0; 64 << 10];
    while left > 0 {
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(block.len());
        let read = match block.get_mut(..most) {
            Some(room) => input.read(room)?,
            None => 0,
        };
        if read == 0 {
            return Err(FeedError::Truncated {
                place: Place::Whole,
                why: "it has fewer bits than it says",
            });
        }
        let new = block.get(..read).unwrap_or_default();
        set += new.iter().map(|byte| u64::from(byte.count_ones())).sum::<u64>();
        out.write_all(new)?;
        left -= read as u64;
    }
    if set == 0 {
        return Err(FeedError::Empty);
    }
    let wrong = wrong(set, header);
    if wrong > WRONG {
        return Err(different(&format!(
            "it takes {:.0} % of all files for its own",
            wrong * 100.0
        )));
    }
    Ok(super::Taken {
        sha1: header.held,
        wrong: Some(wrong),
        ..super::Taken::default()
    })
}

/// The share of strangers all of whose bits are set.
#[expect(clippy::cast_precision_loss, reason = "a share for people")]
fn wrong(set: u64, header: Header) -> f64 {
    let full = (set as f64 / header.bits as f64).min(1.0);
    full.powf(header.functions as f64)
}
