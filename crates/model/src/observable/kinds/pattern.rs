//! Text that a user's own pattern matched. The pattern's name is kept beside the value.

use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "pattern",
    describes: "match of a pattern that the user gave",
    family: Family::Text,
    max_length: 65_536,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    if text.is_empty() { Err(Invalid("empty")) } else { Ok(text.to_owned()) }
}
