//! Dogecoin addresses of the main network: Base58Check with version 30 (`D…`) or 22 (`9…`, `A…`).

use super::wallet::base58check;
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "doge",
    describes: "Dogecoin address, checksum verified",
    family: Family::Payment,
    max_length: 35,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    base58check(text, &[&[0x1e], &[0x16]], 20)?;
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn verifies_version_and_checksum() {
        check(
            ObservableType::Doge,
            &[("DDogepartyxxxxxxxxxxxxxxxxxxw1dfzr", "DDogepartyxxxxxxxxxxxxxxxxxxw1dfzr"), ("9xqCpm3DpUYSzcoQSPb5SEGDwn9NRqwZnH", "9xqCpm3DpUYSzcoQSPb5SEGDwn9NRqwZnH"), ("ADNbM5fBujCRBW1vqezNeAWmnsLp19ki3n", "ADNbM5fBujCRBW1vqezNeAWmnsLp19ki3n")],
            &["", "DDogepartyxxxxxxxxxxxxxxxxxxw1dfzs", "DDogepartyxxxxxxxxxxxxxxxxxw1dfzr", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"],
        );
    }
}
