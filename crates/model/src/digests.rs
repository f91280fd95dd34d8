//! What files are known by besides their SHA-256, and the lists that know them.

use crate::Untrusted;
use serde::{Serialize, Serializer};

/// Digests of an artifact besides its SHA-256, where something that is known on this machine needs them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Digests {
    /// MD5. Two files with the same one can be made: it may accuse and never excuses.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "hexadecimal")]
    pub md5: Option<[u8; 16]>,
    /// SHA-1.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "hexadecimal")]
    pub sha1: Option<[u8; 20]>,
}

/// Which of them are needed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NeededDigests {
    /// MD5.
    pub md5: bool,
    /// SHA-1.
    pub sha1: bool,
}

/// The list of known-good identities that holds an artifact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum KnownGood {
    /// Its digest is on this list.
    #[serde(rename = "known_good")]
    Surely(Untrusted),
    /// It may be on this list, which takes some strangers for its own, as a Bloom filter does. Never a reason for benign.
    #[serde(rename = "probably_known")]
    Probably(Untrusted),
}

impl KnownGood {
    /// The list.
    pub fn name(&self) -> &Untrusted {
        match self {
            Self::Surely(list) | Self::Probably(list) => list,
        }
    }

    /// The list, where it is certain.
    pub fn surely(&self) -> Option<&Untrusted> {
        match self {
            Self::Surely(list) => Some(list),
            Self::Probably(_) => None,
        }
    }
}

/// A digest in hexadecimal digits, lower case.
pub fn hex(digest: &[u8]) -> String {
    let halves = digest.iter().flat_map(|byte| [byte >> 4, byte & 0x0f]);
    let mut text = String::with_capacity(digest.len() * 2);
    // `write!` would take several times as long.
    text.extend(halves.filter_map(|half| char::from_digit(half.into(), 16)));
    text
}

fn hexadecimal<S: Serializer, const N: usize>(digest: &Option<[u8; N]>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_some(&digest.map(|digest| hex(&digest)))
}
