//! SHA1 digests.

use super::hex_digits;
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "sha1",
    describes: "SHA1 digest, 40 hexadecimal digits",
    family: Family::FileHash,
    max_length: 40,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    hex_digits(text, 40)
}
