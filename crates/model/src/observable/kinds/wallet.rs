//! What several kinds of wallet addresses share: Base58Check with a version, and segregated witness programs.

use crate::observable::Invalid;
use crate::observable::checksum::base58;
use crate::observable::checksum::bech32::{self, Variant};

/// Whether `text` is Base58Check of one of the `versions` and `length` bytes after it.
pub(super) fn base58check(text: &str, versions: &[&[u8]], length: usize) -> Result<(), Invalid> {
    // Decoding is quadratic: turn away what cannot fit. A byte takes 1.37 characters, or one if it is a leading zero.
    if text.len() < length + 5 || text.len() > (length + 8) * 3 / 2 {
        return Err(Invalid("too short or too long"));
    }
    if !text.bytes().all(|b| base58::BITCOIN.value(b).is_some()) {
        return Err(Invalid("has a character that is not base58"));
    }
    let payload = base58::decode_check(text, &base58::BITCOIN).ok_or(Invalid("the checksum does not fit"))?;
    let fits = |version: &&[u8]| payload.starts_with(version) && payload.len() == version.len() + length;
    if versions.iter().any(fits) {
        Ok(())
    } else {
        Err(Invalid("the version is not of this currency"))
    }
}

/// Whether `text` is a segregated witness address (BIP-173, BIP-350) for the human-readable part `hrp`.
pub(super) fn witness(text: &str, hrp: &str) -> Result<(), Invalid> {
    if text.len() > 90 {
        return Err(Invalid("longer than 90 characters"));
    }
    let mut decoded = bech32::decode(text, hrp).ok_or(Invalid("the checksum does not fit"))?;
    if decoded.values.is_empty() {
        return Err(Invalid("no witness version"));
    }
    let version = decoded.values.remove(0);
    let variant = if version == 0 {
        Variant::Bech32
    } else {
        Variant::Bech32m
    };
    if decoded.variant != variant {
        return Err(Invalid("the checksum is of another witness version"));
    }
    match (version, decoded.bytes().map(|program| program.len())) {
        (0, Some(20 | 32)) | (1..=16, Some(2..=40)) => Ok(()),
        _ => Err(Invalid(
            "the witness program has a wrong length, or its version is above 16",
        )),
    }
}
