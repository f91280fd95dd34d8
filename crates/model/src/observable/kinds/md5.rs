//! MD5 digests (RFC 1321).

use super::hex_digits;
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "md5",
    describes: "MD5 digest, 32 hexadecimal digits",
    family: Family::FileHash,
    max_length: 32,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    hex_digits(text, 32)
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn takes_exactly_32_digits() {
        check(
            ObservableType::Md5,
            &[("0123456789ABCDEF0123456789ABCDEF", "0123456789abcdef0123456789abcdef")],
            &["", "123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef0", "0123456789abcdef0123456789abcdeg", "0123456789abcdef0123456789abcde "],
        );
    }
}
