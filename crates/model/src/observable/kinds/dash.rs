//! Dash addresses of the main network: Base58Check with version 76 (`X…`) or 16 (`7…`).

use super::wallet::base58check;
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "dash",
    describes: "Dash address, checksum verified",
    family: Family::Payment,
    max_length: 35,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    base58check(text, &[&[0x4c], &[0x10]], 20)?;
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn verifies_version_and_checksum() {
        check(
            ObservableType::Dash,
            &[("7qd1hqQqZzMRaJA5drqkpEZL41s3JktRuZ", "7qd1hqQqZzMRaJA5drqkpEZL41s3JktRuZ"), ("XpESxaUmonkq8RaLLp46Brx2K39ggQe226", "XpESxaUmonkq8RaLLp46Brx2K39ggQe226")],
            &["", "7qd1hqQqZzMRaJA5drqkpEZL41s3JktRuY", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"],
        );
    }
}
