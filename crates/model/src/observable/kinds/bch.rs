//! Bitcoin Cash addresses: cashaddr with or without its prefix `bitcoincash:`, token-aware addresses included (CHIP-2022-02).
//! The older spelling of Bitcoin's addresses is read as Bitcoin.

use crate::observable::checksum::cashaddr;
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "bch",
    describes: "Bitcoin Cash address, checksum verified",
    family: Family::Payment,
    max_length: 66,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    let address = match text.split_once(':') {
        Some((prefix, address)) if prefix == "bitcoincash" || prefix == "BITCOINCASH" => address,
        Some(_) => return Err(Invalid("the prefix is not bitcoincash")),
        None => text,
    };
    // A hash of 20 bytes gives 42 characters, one of 32 bytes 61.
    if !matches!(address.len(), 42 | 61) {
        return Err(Invalid("has neither 42 nor 61 characters"));
    }
    let bytes = cashaddr::decode(address).ok_or(Invalid("the checksum does not fit"))?;
    match (bytes.first(), bytes.len()) {
        // Type in bits 3 to 6: P2PKH, P2SH and their token-aware forms. Size in bits 0 to 2: 20 or 32 bytes.
        (Some(0 | 8 | 16 | 24), 21) | (Some(3 | 11 | 19 | 27), 33) => {
            Ok(format!("bitcoincash:{}", address.to_ascii_lowercase()))
        }
        _ => Err(Invalid("the version is unknown or does not fit the length")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn verifies_the_checksum_and_adds_the_prefix() {
        check(
            ObservableType::Bch,
            &[
                ("qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a", "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a"),
                (
                    "bitcoincash:ppm2qsznhks23z7629mms6s4cwef74vcwvn0h829pq",
                    "bitcoincash:ppm2qsznhks23z7629mms6s4cwef74vcwvn0h829pq",
                ),
                (
                    "BITCOINCASH:QR6M7J9NJLDWWZLG9V7V53UNLR4JKMX6EYLEP8EKG2",
                    "bitcoincash:qr6m7j9njldwwzlg9v7v53unlr4jkmx6eylep8ekg2",
                ),
            ],
            &[
                "", "qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6q", "bchtest:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a",
                "Qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a", "bitcoincash:", "1BpEi6DfDAUFd7GtittLSdBeYJvcoaVggu",
            ],
        );
    }
}
