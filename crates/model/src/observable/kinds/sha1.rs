//! SHA-1 digests (FIPS 180-4).

use super::hex_digits;
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "sha1",
    describes: "SHA-1 digest, 40 hexadecimal digits",
    family: Family::FileHash,
    max_length: 40,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    hex_digits(text, 40)
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn takes_exactly_40_digits() {
        check(
            ObservableType::Sha1,
            &[("0123456789ABCDEF0123456789ABCDEF01234567", "0123456789abcdef0123456789abcdef01234567")],
            &["", "123456789abcdef0123456789abcdef01234567", "0123456789abcdef0123456789abcdef012345670", "0123456789abcdef0123456789abcdef0123456g", "0123456789abcdef0123456789abcdef0123456 "],
        );
    }
}
