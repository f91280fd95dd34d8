//! SHA384 digests.

use super::hex_digits;
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "sha384",
    describes: "SHA384 digest, 96 hexadecimal digits",
    family: Family::FileHash,
    max_length: 96,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    hex_digits(text, 96)
}
