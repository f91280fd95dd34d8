//! Zcash addresses of the main network (protocol specification section 5.6, ZIP-316, ZIP-320): transparent `t1…` and `t3…`,
//! Sprout `zc…`, Sapling `zs1…`, unified `u1…` and transparent-source-only `tex1…`. Receivers inside a unified address are
//! not taken apart.

use super::has_prefix;
use super::wallet::base58check;
use crate::observable::checksum::bech32::{self, Variant};
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "zec",
    describes: "Zcash address, checksum verified",
    family: Family::Payment,
    max_length: 512,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    let (hrp, variant, lengths) = if has_prefix(text, "zs1") {
        ("zs", Variant::Bech32, 43..=43)
    } else if has_prefix(text, "tex1") {
        ("tex", Variant::Bech32m, 20..=20)
    } else if has_prefix(text, "u1") {
        // F4Jumble takes at least 48 bytes; the upper bound is ours.
        ("u", Variant::Bech32m, 48..=315)
    } else if text.starts_with("zc") {
        base58check(text, &[&[0x16, 0x9a]], 64)?;
        return Ok(text.to_owned());
    } else {
        base58check(text, &[&[0x1c, 0xb8], &[0x1c, 0xbd]], 20)?;
        return Ok(text.to_owned());
    };
    if text.len() > SPEC.max_length {
        return Err(Invalid("longer than 512 bytes"));
    }
    let decoded = bech32::decode(text, hrp).filter(|decoded| decoded.variant == variant);
    let bytes = decoded.ok_or(Invalid("the checksum does not fit"))?.bytes();
    if !bytes.is_some_and(|bytes| lengths.contains(&bytes.len())) {
        return Err(Invalid("the length does not fit the prefix"));
    }
    Ok(text.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn verifies_the_checksum_of_every_form() {
        const SAPLING: &str = "zs1z7rejlpsa98s2rrrfkwmaxu53e4ue0ulcrw0h4x5g8jl04tak0d3mm47vdtahatqrlkngh9slya";
        const UNIFIED: &str = "u1l8xunezsvhq8fgzfl7404m450nwnd76zshscn6nfys7vyz2ywyh4cc5daaq0c7q2su5lqfh23sp7fkf3kt27ve5948mzpfdvckzaect2jtte308mkwlycj2u0eac077wu70vqcetkxf";
        check(
            ObservableType::Zec,
            &[
                ("t1gsuUBuJeShVJ2ZTmWn9ybymyf89b6KLvJ", "t1gsuUBuJeShVJ2ZTmWn9ybymyf89b6KLvJ"),
                ("t3Vz22vK5z2LcKEdg16Yv4FFneEL1zg9ojd", "t3Vz22vK5z2LcKEdg16Yv4FFneEL1zg9ojd"),
                (SAPLING, SAPLING),
                (UNIFIED, UNIFIED),
            ],
            &["", "t1gsuUBuJeShVJ2ZTmWn9ybymyf89b6KLvK", "zs1", "u1", "tex1", "zs1qqqqqq", "zc", "t1"],
        );
    }
}
