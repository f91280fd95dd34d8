//! Authentihashes: the digest that Authenticode signs, over a Windows executable without its checksum and signature
//! (Microsoft, "Windows Authenticode Portable Executable Signature Format"). SHA-256, or SHA-1 in old signatures.

use super::hex_digits;
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "authentihash",
    describes: "digest that Authenticode signs, 64 or 40 hexadecimal digits",
    family: Family::FileHash,
    max_length: 64,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    hex_digits(text, if text.len() == 40 { 40 } else { 64 })
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn takes_sha_256_and_sha_1() {
        check(
            ObservableType::Authentihash,
            &[
                ("3F1B149D07E7E8636636B8B7F7043C40ED64A10B28986181FB046C498432C2D4", "3f1b149d07e7e8636636b8b7f7043c40ed64a10b28986181fb046c498432c2d4"),
                ("244eb62b9ac30934098ca4204447440d6fc4e259", "244eb62b9ac30934098ca4204447440d6fc4e259"),
            ],
            &["", "874058e8d8582bf85c115ce319c5b0af", "3f1b149d07e7e8636636b8b7f7043c40ed64a10b28986181fb046c498432c2d40", "3f1b149d07e7e8636636b8b7f7043c40ed64a10b28986181fb046c498432c2dx"],
        );
    }
}
