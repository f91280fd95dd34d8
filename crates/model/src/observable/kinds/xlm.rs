//! Stellar addresses (strkey, SEP-23): accounts `G…`, multiplexed accounts `M…` and contracts `C…`. Seeds `S…` are secrets, not
//! addresses.

use crate::observable::checksum::base32;
use crate::observable::checksum::crc::crc16_xmodem;
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "xlm",
    describes: "Stellar address, checksum verified",
    family: Family::Payment,
    max_length: 69,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    if !matches!(text.len(), 56 | 69) {
        return Err(Invalid("has neither 56 nor 69 characters"));
    }
    if text.bytes().any(|b| b.is_ascii_lowercase()) {
        return Err(Invalid("has small letters"));
    }
    let bytes = base32::decode(text).ok_or(Invalid("not base32"))?;
    let (payload, checksum) = bytes.split_last_chunk::<2>().ok_or(Invalid("too short"))?;
    if crc16_xmodem(payload).to_le_bytes() != *checksum {
        return Err(Invalid("the checksum does not fit"));
    }
    // Version in the upper five bits: G is 6, C is 2, M is 12; then 32 bytes of key, and 8 of identifier for M.
    match (payload.first(), payload.len()) {
        (Some(0x30 | 0x10), 33) | (Some(0x60), 41) => Ok(text.to_owned()),
        _ => Err(Invalid("the version is not that of an account or contract")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn verifies_the_vectors_of_sep_23() {
        const ACCOUNT: &str = "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ";
        const MUXED: &str = "MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVAAAAAAAAAAAAAJLK";
        check(
            ObservableType::Xlm,
            &[(ACCOUNT, ACCOUNT), (MUXED, MUXED)],
            &[
                "",
                "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGA",
                "GAAAAAAAACGC6",
                "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJUACUSI",
                "G47QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVP2I",
                "MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVAAAAAAAAAAAAAJLKA",
                "MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVAAAAAAAAAAAAAJLM",
                "SBU2RRGLXH3E5CQHTD3ODLDF2BWDCYUSSBLLZ5GNW7JXHDIYKXZWHOKR",
            ],
        );
    }
}
