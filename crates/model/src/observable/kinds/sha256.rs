//! SHA256 digests.

use super::hex_digits;
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "sha256",
    describes: "SHA256 digest, 64 hexadecimal digits",
    family: Family::FileHash,
    max_length: 64,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    hex_digits(text, 64)
}
