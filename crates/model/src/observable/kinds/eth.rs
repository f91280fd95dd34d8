//! Ethereum addresses, `0x` and 40 digits. Mixed case must be the checksum of EIP-55, which is also the normal form; all small
//! and all capitals carry no checksum.

use super::hex_digits;
use crate::observable::checksum::digest::keccak256;
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "eth",
    describes: "Ethereum address, EIP-55 verified where it applies",
    family: Family::Payment,
    max_length: 42,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    let digits = text
        .strip_prefix("0x")
        .or_else(|| text.strip_prefix("0X"))
        .ok_or(Invalid("does not begin with 0x"))?;
    let lower = hex_digits(digits, 40)?;
    let normal = checksummed(&lower);
    let small = !digits.bytes().any(|b| b.is_ascii_uppercase());
    let capitals = !digits.bytes().any(|b| b.is_ascii_lowercase());
    if !small && !capitals && normal.strip_prefix("0x") != Some(digits) {
        return Err(Invalid("the case of the letters is not the checksum of EIP-55"));
    }
    Ok(normal)
}

/// EIP-55: a letter is a capital where the digest of the lower-case digits has a digit of 8 or more.
fn checksummed(lower: &str) -> String {
    let digest = keccak256(lower.as_bytes());
    let nibbles = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let cased = lower
        .chars()
        .zip(nibbles)
        .map(|(digit, nibble)| if nibble >= 8 { digit.to_ascii_uppercase() } else { digit });
    "0x".chars().chain(cased).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn verifies_the_vectors_of_eip_55() {
        check(
            ObservableType::Eth,
            &[
                ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"),
                ("0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"),
                ("0xdbf03b407c01e7cd3cbea99509d93f8dddc8c6fb", "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB"),
                ("0XD1220A0CF47C7B9BE7A2E6BA89F429762E7B9ADB", "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb"),
                ("0x52908400098527886E0F7030069857D2E4169EE7", "0x52908400098527886E0F7030069857D2E4169EE7"),
                ("0xde709f2102306220921060314715629080e2fb77", "0xde709f2102306220921060314715629080e2fb77"),
            ],
            &[
                "",
                "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD",
                "5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
                "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe",
                "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaeg",
            ],
        );
    }
}
