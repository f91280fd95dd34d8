//! Import hashes: the MD5 over a Windows executable's imports in order (Mandiant, 2014).
//!
//! Nothing in the digits tells them from an MD5; the words around them do.

use super::hex_digits;
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "imphash",
    describes: "import table hash of a Windows executable, 32 hexadecimal digits",
    family: Family::Fingerprint,
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
            ObservableType::Imphash,
            &[("0123456789ABCDEF0123456789ABCDEF", "0123456789abcdef0123456789abcdef")],
            &["", "123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef0", "0123456789abcdef0123456789abcdeg", "0123456789abcdef0123456789abcde "],
        );
    }
}
