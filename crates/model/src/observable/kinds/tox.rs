//! Tox identifiers: a key of 32 bytes, four bytes against spam and the exclusive-or of it all in two (Tox protocol
//! specification, "Tox ID").

use super::hex_digits;
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "tox",
    describes: "Tox identifier, checksum verified",
    family: Family::Account,
    max_length: 76,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    let digits = hex_digits(text.strip_prefix("tox:").unwrap_or(text), 76)?;
    // The sum over every pair of bytes, the checksum included, is zero: four digits are a pair.
    let pairs = digits.as_bytes().chunks(4).map(|pair| pair.iter().fold(0, |sum, b| sum << 4 | char::from(*b).to_digit(16).unwrap_or(0)));
    if pairs.fold(0, |sum, pair| sum ^ pair) != 0 || digits.bytes().all(|b| b == b'0') {
        return Err(Invalid("the checksum does not fit"));
    }
    Ok(digits.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn verifies_the_checksum() {
        const GROUPBOT: &str = "56A1ADE4B65B86BCD51CC73E2CD4E542179F47959FE3E0E21B4B0ACDADE51855D34D34D37CB5";
        check(
            ObservableType::Tox,
            &[(GROUPBOT, GROUPBOT), (&GROUPBOT.to_lowercase(), GROUPBOT)],
            &["", GROUPBOT.trim_start_matches('5'), &GROUPBOT.replace("7CB5", "7CB6"), &GROUPBOT.replace("7CB5", "7CBX"), &"0".repeat(76)],
        );
    }
}
