//! Classic addresses of the XRP Ledger: Base58Check in Ripple's alphabet with version 0, so they begin with `r`.

use crate::observable::checksum::base58;
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "xrp",
    describes: "XRP Ledger address, checksum verified",
    family: Family::Payment,
    max_length: 35,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    if !(25..=35).contains(&text.len()) {
        return Err(Invalid("has not 25 to 35 characters"));
    }
    match base58::decode_check(text, &base58::RIPPLE) {
        Some(bytes) if bytes.len() == 21 && bytes.first() == Some(&0) => Ok(text.to_owned()),
        Some(_) => Err(Invalid("the version is not that of an account")),
        None => Err(Invalid("the checksum does not fit")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn verifies_version_and_checksum() {
        check(
            ObservableType::Xrp,
            &[
                ("rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh", "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh"),
                ("rrrrrrrrrrrrrrrrrrrrBZbvji", "rrrrrrrrrrrrrrrrrrrrBZbvji"),
            ],
            &["", "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTi", "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyT", "sn259rEFXrQrWyx3Q7XneWcwV6dfL"],
        );
    }
}
