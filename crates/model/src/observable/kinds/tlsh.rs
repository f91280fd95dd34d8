//! TLSH locality-sensitive hashes, 128 buckets and one byte of checksum: `T1` and 70 digits, or the older form without
//! `T1` (Oliver, Cheng and Chen, 2013).

use super::hex_digits;
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "tlsh",
    describes: "TLSH fuzzy hash, T1 and 70 hexadecimal digits",
    family: Family::FileHash,
    max_length: 72,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    let digits = match text.split_at_checked(2) {
        Some((version, digits)) if text.len() == 72 && version.eq_ignore_ascii_case("T1") => digits,
        _ => text,
    };
    let digits = hex_digits(digits, 70)?.to_ascii_uppercase();
    // A file without variety has no TLSH; this is what some tools print instead of saying so.
    if digits.bytes().all(|b| b == b'0') {
        return Err(Invalid("all zero: the file had no TLSH"));
    }
    Ok(format!("T1{digits}"))
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn takes_both_forms() {
        check(
            ObservableType::Tlsh,
            &[("faf0f8b0a6e0d1a3f3d5d9e0a5b2c9f5d6c1a9d4b3e2c5f7a8b9c1d2e3f4a5b6c7d8e9", "T1FAF0F8B0A6E0D1A3F3D5D9E0A5B2C9F5D6C1A9D4B3E2C5F7A8B9C1D2E3F4A5B6C7D8E9"), ("t1FAF0F8B0A6E0D1A3F3D5D9E0A5B2C9F5D6C1A9D4B3E2C5F7A8B9C1D2E3F4A5B6C7D8E9", "T1FAF0F8B0A6E0D1A3F3D5D9E0A5B2C9F5D6C1A9D4B3E2C5F7A8B9C1D2E3F4A5B6C7D8E9")],
            &["", "T1AF0F8B0A6E0D1A3F3D5D9E0A5B2C9F5D6C1A9D4B3E2C5F7A8B9C1D2E3F4A5B6C7D8E9", "T1FAF0F8B0A6E0D1A3F3D5D9E0A5B2C9F5D6C1A9D4B3E2C5F7A8B9C1D2E3F4A5B6C7D8E90", "FAF0F8B0A6E0D1A3F3D5D9E0A5B2C9F5D6C1A9D4B3E2C5F7A8B9C1D2E3F4A5B6C7D8E90", "T2FAF0F8B0A6E0D1A3F3D5D9E0A5B2C9F5D6C1A9D4B3E2C5F7A8B9C1D2E3F4A5B6C7D8E9", &"0".repeat(70), "GAF0F8B0A6E0D1A3F3D5D9E0A5B2C9F5D6C1A9D4B3E2C5F7A8B9C1D2E3F4A5B6C7D8E9"],
        );
    }
}
