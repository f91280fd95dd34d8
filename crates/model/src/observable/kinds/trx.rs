//! TRON addresses: Base58Check with version 65, so they begin with `T`.

use super::wallet::base58check;
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "trx",
    describes: "TRON address, checksum verified",
    family: Family::Payment,
    max_length: 35,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    base58check(text, &[&[0x41]], 20)?;
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn verifies_version_and_checksum() {
        check(
            ObservableType::Trx,
            &[("TNUC9Qb1rRpS5CbWLmNMxXBjyFoydXjWFR", "TNUC9Qb1rRpS5CbWLmNMxXBjyFoydXjWFR"), ("TWd4WrZ9wn84f5x1hZhL4DHvk738ns5jwb", "TWd4WrZ9wn84f5x1hZhL4DHvk738ns5jwb")],
            &["", "TNUC9Qb1rRpS5CbWLmNMxXBjyFoydXjWFS", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"],
        );
    }
}
