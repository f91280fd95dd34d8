//! Models as bytes, and back.
//!
//! A file is eight bytes that name it, a version, a kind, what it holds, and a checksum over all before. Numbers are little
//! endian, floats are their bits, sequences have their length before them. Reading trusts nothing: the checksum tells damage,
//! and because it can be forged, every length is held against what is left before anything is allocated, every place that
//! is named against what is there, and a model is handed out only after all of it fits together. What cannot be read whole
//! is not read at all.

mod parts;
mod wire;

use crate::model::Model;
use crate::table::TableModel;
use crate::templates::Miner;
use std::fmt;
use wire::{Reader, Writer};

const MAGIC: &[u8; 8] = b"WFIREANM";

/// Files of another version are refused.
const VERSION: u32 = 1;

/// Why bytes are no model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// The bytes do not begin as a model does.
    NotAModel,
    /// The file has this version, and another is read.
    Version(u32),
    /// It holds something else than was asked for.
    OtherKind,
    /// The file was cut short or changed.
    Damaged,
}

impl fmt::Display for LoadError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAModel => out.write_str("this is no model of anomalies"),
            Self::Version(version) => write!(
                out,
                "the model has version {version}, and version {VERSION} is read; fit it again"
            ),
            Self::OtherKind => out.write_str("the file holds another kind of model"),
            Self::Damaged => out.write_str("the model is damaged; fit it again"),
        }
    }
}

impl std::error::Error for LoadError {}

/// What can be saved.
pub(crate) trait Saved: Sized {
    /// What the file says it holds.
    const KIND: u8;
    fn write(&self, out: &mut Writer);
    /// `None` where anything does not fit.
    fn read(from: &mut Reader<'_>) -> Option<Self>;
}

/// What follows the bytes from one file to the next: FNV-1a over words, finished by a bijection.
fn checksum(bytes: &[u8]) -> u64 {
    let mut sum = 0xcbf2_9ce4_8422_2325_u64;
    for word in bytes.chunks(8) {
        let word = word.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
        sum = (sum ^ word).wrapping_mul(0x0100_0000_01b3).rotate_left(29);
    }
    crate::random::mix(sum ^ bytes.len() as u64)
}

/// `body` with its checksum behind it, for those who test what lies behind the checksum.
#[doc(hidden)]
pub fn seal(body: &[u8]) -> Vec<u8> {
    let mut sealed = body.to_vec();
    sealed.extend_from_slice(&checksum(body).to_le_bytes());
    sealed
}

fn save<T: Saved>(what: &T) -> Vec<u8> {
    let mut out = Writer::default();
    out.raw(MAGIC);
    out.u32(VERSION);
    out.u8(T::KIND);
    what.write(&mut out);
    seal(&out.bytes)
}

fn load<T: Saved>(bytes: &[u8]) -> Result<T, LoadError> {
    let Some((body, sum)) = bytes.len().checked_sub(8).and_then(|at| bytes.split_at_checked(at)) else {
        return Err(LoadError::NotAModel);
    };
    let mut from = Reader::new(body);
    if from.raw(MAGIC.len()) != Some(MAGIC) {
        return Err(LoadError::NotAModel);
    }
    let version = from.u32().ok_or(LoadError::Damaged)?;
    if version != VERSION {
        return Err(LoadError::Version(version));
    }
    let kind = from.u8().ok_or(LoadError::Damaged)?;
    if Some(checksum(body)) != Reader::new(sum).u64() {
        return Err(LoadError::Damaged);
    }
    if kind != T::KIND {
        return Err(LoadError::OtherKind);
    }
    let what = T::read(&mut from).ok_or(LoadError::Damaged)?;
    if from.is_empty() {
        Ok(what)
    } else {
        Err(LoadError::Damaged)
    }
}

macro_rules! saved {
    ($($what:ty),*) => {$(
        impl $what {
            /// The bytes of a file.
            pub fn save(&self) -> Vec<u8> {
                save(self)
            }

            /// Reads the bytes of a file.
            ///
            /// # Errors
            ///
            /// They are no such file, of another version, or damaged. Nothing of them is used then.
            pub fn load(bytes: &[u8]) -> Result<Self, LoadError> {
                load(bytes)
            }
        }
    )*};
}

saved!(Model, TableModel, Miner);

#[cfg(test)]
mod tests;
