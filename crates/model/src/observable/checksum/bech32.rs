//! Bech32 (BIP-173) and bech32m (BIP-350), without their limit of 90 characters, which Cardano and Zcash do not keep.

use super::regroup;

/// Which constant the checksum ends in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::observable) enum Variant {
    /// BIP-173.
    Bech32,
    /// BIP-350.
    Bech32m,
}

/// A decoded text: its values have five bits and no checksum any more.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::observable) struct Decoded {
    pub(in crate::observable) variant: Variant,
    pub(in crate::observable) values: Vec<u8>,
}

impl Decoded {
    /// The values as bytes; `None` if the padding is not zero or too long.
    pub(in crate::observable) fn bytes(&self) -> Option<Vec<u8>> {
        regroup(self.values.iter().copied(), 5, 8)
    }
}

/// The alphabet that cashaddr shares.
pub(super) fn value(byte: u8) -> Option<u8> {
    const DIGITS: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    let lower = byte.to_ascii_lowercase();
    DIGITS.iter().position(|digit| *digit == lower).map(|at| at as u8)
}

/// Whether letters of both cases meet, which both encodings forbid.
pub(super) fn is_mixed_case(text: &str) -> bool {
    text.bytes().any(|b| b.is_ascii_lowercase()) && text.bytes().any(|b| b.is_ascii_uppercase())
}

/// Decodes `text` with the human-readable part `hrp` (lower case), or `None` if it has another part, mixes cases, has a
/// foreign character or a wrong checksum.
pub(in crate::observable) fn decode(text: &str, hrp: &str) -> Option<Decoded> {
    let (prefix, data) = text.rsplit_once('1')?;
    if hrp.is_empty() || !prefix.eq_ignore_ascii_case(hrp) || data.len() < 6 || is_mixed_case(text) {
        return None;
    }
    let mut values: Vec<u8> = data.bytes().map(value).collect::<Option<_>>()?;
    let expanded = (hrp.bytes().map(|b| b >> 5))
        .chain([0])
        .chain(hrp.bytes().map(|b| b & 31))
        .chain(values.iter().copied());
    let variant = match expanded.fold(1, step) {
        1 => Variant::Bech32,
        0x2bc8_30a3 => Variant::Bech32m,
        _ => return None,
    };
    values.truncate(values.len() - 6);
    Some(Decoded { variant, values })
}

/// One step of the BCH code.
fn step(checksum: u32, value: u8) -> u32 {
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let top = checksum >> 25;
    GENERATOR
        .iter()
        .enumerate()
        .filter(|(bit, _)| top >> bit & 1 == 1)
        .fold((checksum & 0x01ff_ffff) << 5 ^ u32::from(value), |sum, (_, term)| {
            sum ^ term
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variant(text: &str) -> Option<Variant> {
        let (hrp, _) = text.rsplit_once('1')?;
        decode(text, &hrp.to_ascii_lowercase()).map(|decoded| decoded.variant)
    }

    #[test]
    fn decodes_the_vectors_of_bip_173() {
        for text in [
            "A12UEL5L",
            "a12uel5l",
            "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs",
            "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",
            "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w",
            "?1ezyfcl",
        ] {
            assert_eq!(variant(text), Some(Variant::Bech32), "{text}");
        }
    }

    #[test]
    fn decodes_the_vectors_of_bip_350() {
        for text in [
            "A1LQFN3A",
            "a1lqfn3a",
            "abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx",
            "?1v759aa",
        ] {
            assert_eq!(variant(text), Some(Variant::Bech32m), "{text}");
        }
    }

    #[test]
    fn refuses_the_invalid_vectors() {
        for text in [
            "pzry9x0s0muk",
            "x1b4n0q5v",
            "li1dgmt3",
            "A1G7SGD8",
            "10a06t8",
            "a12UEL5L",
            "in1muywd",
            "mm1crxm3i",
            "M1VUXWEZ",
        ] {
            assert_eq!(variant(text), None, "{text}");
        }
    }
}
