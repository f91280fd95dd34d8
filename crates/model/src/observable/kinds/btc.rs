//! Bitcoin addresses of the main network: Base58Check with version 0 (P2PKH) or 5 (P2SH), and segregated witness (BIP-173
//! version 0, BIP-350 from version 1). Litecoin's old `3…` addresses are indistinguishable and count as Bitcoin.

use super::has_prefix;
use super::wallet::{base58check, witness};
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "btc",
    describes: "Bitcoin address, checksum verified",
    family: Family::Payment,
    max_length: 90,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    if has_prefix(text, "bc1") {
        return witness(text, "bc").map(|()| text.to_ascii_lowercase());
    }
    base58check(text, &[&[0], &[5]], 20)?;
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn verifies_the_checksum_of_every_form() {
        check(
            ObservableType::Btc,
            &[
                ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
                ("1111111111111111111114oLvT2", "1111111111111111111114oLvT2"),
                ("3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy", "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy"),
                ("BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
                (
                    "bc1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qccfmv3",
                    "bc1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qccfmv3",
                ),
                (
                    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
                    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
                ),
                ("BC1SW50QGDZ25J", "bc1sw50qgdz25j"),
            ],
            &[
                "",
                "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb",
                "1A1zP1eP5QGefi2DMPTfTL5SLmv7Divf0a",
                "mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn",
                "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx",
                // Invalid vectors of BIP-173 and BIP-350: length, encoding, padding, mixed case, version 17.
                "BC1QR508D6QEJXTDG4Y5R3ZARVARYV98GJ9P",
                "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd",
                "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh",
                "bc1zw508d6qejxtdg4y5r3zarvaryvqyzf3du",
                "bc1Qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
                "bc1gmk9yu",
                "bc1pw5dgrnzv",
                "BC130XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ7ZWS8R",
            ],
        );
    }
}
