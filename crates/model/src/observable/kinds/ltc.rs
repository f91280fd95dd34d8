//! Litecoin addresses of the main network: Base58Check with version 48 (`L…`) or 50 (`M…`), and segregated witness `ltc1…`.

use super::has_prefix;
use super::wallet::{base58check, witness};
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "ltc",
    describes: "Litecoin address, checksum verified",
    family: Family::Payment,
    max_length: 90,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    if has_prefix(text, "ltc1") {
        return witness(text, "ltc").map(|()| text.to_ascii_lowercase());
    }
    base58check(text, &[&[48], &[50]], 20)?;
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn verifies_the_checksum_of_every_form() {
        check(
            ObservableType::Ltc,
            &[
                ("LM2WMpR1Rp6j3Sa59cMXMs1SPzj9eXpGc1", "LM2WMpR1Rp6j3Sa59cMXMs1SPzj9eXpGc1"),
                ("MQMcJhpWHYVeQArcZR3sBgyPZxxRtnH441", "MQMcJhpWHYVeQArcZR3sBgyPZxxRtnH441"),
                ("ltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kgmn4n9", "ltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kgmn4n9"),
            ],
            &[
                "", "LM2WMpR1Rp6j3Sa59cMXMs1SPzj9eXpGc2", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy",
                "ltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
            ],
        );
    }
}
