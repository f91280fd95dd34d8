//! SHA224 digests.

use super::hex_digits;
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "sha224",
    describes: "SHA224 digest, 56 hexadecimal digits",
    family: Family::FileHash,
    max_length: 56,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    hex_digits(text, 56)
}
