//! A program as bytes, so that rules are read once and not at every start.
//!
//! ```text
//! "WFSIGMA" version(1) digest(32: SHA-256 of what follows) key(text) program
//! ```
//!
//! Stored is what was read; what is built from it ([`crate::program::index`]) is built again. A file that is of another
//! version, was made of other rules, or is damaged is told apart and never half used. Every number that is a place in a
//! list is checked, correlations come behind what they count, and no length is believed before that many bytes are there. The
//! digest tells damage and no forgery: who can write the file can just as well change the rules beside it.

mod bytes;
mod check;
mod parts;

use crate::program::Program;
use crate::program::predicate::Predicate;
use crate::rule::Source;
use bytes::{Reader, Writer};
use sha2::{Digest, Sha256};
use std::fmt;

/// The format. Whoever changes what is written, or what a rule means, counts it up.
const VERSION: u8 = 2;
const MAGIC: &[u8; 7] = b"WFSIGMA";

/// Why stored bytes are of no use. The rules have to be compiled again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheError {
    /// Another version of this crate wrote it, or it is something else.
    Version,
    /// It was made of other rules or options.
    Key,
    /// It is not what was written.
    Damaged,
}

impl fmt::Display for CacheError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Version => "the stored rules are of another version",
            Self::Key => "the stored rules were made of other rules",
            Self::Damaged => "the stored rules are damaged",
        })
    }
}

impl std::error::Error for CacheError {}

impl Program {
    /// The program as bytes. `key` names what it was made of, see [`digest`].
    pub fn save(&self, key: &str) -> Vec<u8> {
        let mut body = Writer::default();
        body.text(key);
        parts::write_program(&mut body, self);
        let body = body.into_bytes();
        let mut out = MAGIC.to_vec();
        out.push(VERSION);
        out.extend_from_slice(&Sha256::digest(&body));
        out.extend(body);
        out
    }

    /// The program that was saved under `key`.
    pub fn load(bytes: &[u8], key: &str) -> Result<Self, CacheError> {
        let (head, body) = bytes
            .split_at_checked(MAGIC.len() + 1 + 32)
            .ok_or(CacheError::Version)?;
        let digest = head.strip_prefix(MAGIC).and_then(|rest| rest.strip_prefix(&[VERSION]));
        let digest = digest.ok_or(CacheError::Version)?;
        if Sha256::digest(body).as_slice() != digest {
            return Err(CacheError::Damaged);
        }
        let mut reader = Reader::new(body);
        if reader.text().ok_or(CacheError::Damaged)? != key {
            return Err(CacheError::Key);
        }
        let program = parts::read_program(&mut reader).ok_or(CacheError::Damaged)?;
        if !reader.is_empty() || !check::is_whole(&program) {
            return Err(CacheError::Damaged);
        }
        Ok(program.finish())
    }
}

/// A name for sources: SHA-256 of their names and texts, in hexadecimal digits.
pub fn digest(sources: &[Source]) -> String {
    let mut sha = Sha256::new();
    for source in sources {
        for part in [&source.name, &source.text] {
            sha.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
            sha.update(part.as_bytes());
        }
    }
    let digits = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    sha.finalize()
        .iter()
        .flat_map(|byte| [digits(byte >> 4), digits(byte & 15)])
        .collect()
}

/// A predicate's bytes, by which equal ones are known.
pub(crate) fn key(predicate: &Predicate) -> Vec<u8> {
    let mut writer = Writer::default();
    parts::write_predicate(&mut writer, predicate);
    writer.into_bytes()
}
