//! SHA512 digests.

use super::hex_digits;
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "sha512",
    describes: "SHA512 digest, 128 hexadecimal digits",
    family: Family::FileHash,
    max_length: 128,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    hex_digits(text, 128)
}
