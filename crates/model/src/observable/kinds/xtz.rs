//! Tezos addresses: Base58Check with three bytes of version, for `tz1` to `tz4` accounts and `KT1` contracts.

use super::wallet::base58check;
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "xtz",
    describes: "Tezos address, checksum verified",
    family: Family::Payment,
    max_length: 36,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    base58check(text, &[&[0x06, 0xa1, 0x9f], &[0x06, 0xa1, 0xa1], &[0x06, 0xa1, 0xa4], &[0x06, 0xa1, 0xa6], &[0x02, 0x5a, 0x79]], 20)?;
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn verifies_version_and_checksum() {
        check(
            ObservableType::Xtz,
            &[("KT1KLbEeEgW5h1QLkPuPvqdgurHx6v4hGyic", "KT1KLbEeEgW5h1QLkPuPvqdgurHx6v4hGyic"), ("tz3h7UCrLoFih8nrStVy8GcChtZiVuu1mDYD", "tz3h7UCrLoFih8nrStVy8GcChtZiVuu1mDYD"), ("tz1VSUr8wwNhLAzempoch5d6hLRiTh8Cjcjb", "tz1VSUr8wwNhLAzempoch5d6hLRiTh8Cjcjb")],
            &["", "tz3h7UCrLoFih8nrStVy8GcChtZiVuu1mDYE", "tz1", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"],
        );
    }
}
