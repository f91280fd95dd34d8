//! Cardano addresses of the main network (CIP-19): Shelley `addr1…` and `stake1…` in bech32, Byron `Ae2…` and `DdzFF…` in base58
//! around CBOR with a CRC-32.

use super::has_prefix;
use crate::observable::checksum::base58;
use crate::observable::checksum::bech32::{self, Variant};
use crate::observable::checksum::crc::crc32;
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "ada",
    describes: "Cardano address, checksum verified",
    family: Family::Payment,
    max_length: 128,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    if text.len() > SPEC.max_length {
        return Err(Invalid("longer than 128 bytes"));
    }
    let (hrp, fits): (_, fn(&[u8]) -> bool) = if has_prefix(text, "addr1") {
        ("addr", is_payment)
    } else if has_prefix(text, "stake1") {
        ("stake", is_stake)
    } else {
        return byron(text);
    };
    let decoded = bech32::decode(text, hrp).filter(|decoded| decoded.variant == Variant::Bech32);
    let bytes = decoded.ok_or(Invalid("the checksum does not fit"))?.bytes();
    if !bytes.is_some_and(|bytes| fits(&bytes)) {
        return Err(Invalid("the header is not of the main network, or does not fit the length"));
    }
    Ok(text.to_ascii_lowercase())
}

/// Header: type in the upper half, network 1 in the lower; then one credential of 28 bytes, two, or one and a pointer.
fn is_payment(bytes: &[u8]) -> bool {
    match bytes.first() {
        Some(0x01 | 0x11 | 0x21 | 0x31) => bytes.len() == 57,
        Some(0x41 | 0x51) => (32..=50).contains(&bytes.len()),
        Some(0x61 | 0x71) => bytes.len() == 29,
        _ => false,
    }
}

fn is_stake(bytes: &[u8]) -> bool {
    matches!(bytes, [0xe1 | 0xf1, ..]) && bytes.len() == 29
}

/// CBOR: an array of two, a byte string tagged 24, and the CRC-32 of that string as a 32-bit integer.
fn byron(text: &str) -> Result<String, Invalid> {
    let bytes = base58::decode(text, &base58::BITCOIN).ok_or(Invalid("neither bech32 nor base58"))?;
    let [0x82, 0xd8, 0x18, 0x58, length, rest @ ..] = bytes.as_slice() else {
        return Err(Invalid("does not hold a Byron address"));
    };
    let Some((payload, &[0x1a, ref crc @ ..])) = rest.split_at_checked(usize::from(*length)) else {
        return Err(Invalid("does not hold a Byron address"));
    };
    if crc != crc32(payload).to_be_bytes() {
        return Err(Invalid("the checksum does not fit"));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn verifies_the_vectors_of_cip_19() {
        const BASE: &str =
            "addr1qx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzer3n0d3vllmyqwsx5wktcd8cc3sq835lu7drv2xwl2wywfgse35a3x";
        const POINTER: &str = "addr1gx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzer5pnz75xxcrzqf96k";
        const STAKE: &str = "stake1uyehkck0lajq8gr28t9uxnuvgcqrc6070x3k9r8048z8y5gh6ffgw";
        const ICARUS: &str = "Ae2tdPwUPEZFRbyhz3cpfC2CumGzNkFBN2L42rcUc2yjQpEkxDbkPodpMAi";
        const DAEDALUS: &str =
            "DdzFFzCqrhszg6cqZvDhEwUX7cZyNzdycAVpm4Uo2vjKMgTLrVqiVKi3MBt2tFAtDe7NkptK6TAhVkiYzhavmKV5hE79CWwJnPCJTREK";
        check(
            ObservableType::Ada,
            &[(BASE, BASE), (POINTER, POINTER), (STAKE, STAKE), (ICARUS, ICARUS), (DAEDALUS, DAEDALUS)],
            &[
                "",
                "addr1",
                "addr_test1vz2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzerspjrlsz",
                "stake1uyehkck0lajq8gr28t9uxnuvgcqrc6070x3k9r8048z8y5gh6ffgx",
                "Ae2tdPwUPEZFRbyhz3cpfC2CumGzNkFBN2L42rcUc2yjQpEkxDbkPodpMAj",
                "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
            ],
        );
    }
}
