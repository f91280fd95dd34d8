//! Stub of `google-tag-manager`.

use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "google-tag-manager",
    describes: "",
    family: Family::Account,
    max_length: 65536,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    if text.is_empty() { Err(Invalid("empty")) } else { Ok(text.to_owned()) }
}
