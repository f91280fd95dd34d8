//! MD5 digests.

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
