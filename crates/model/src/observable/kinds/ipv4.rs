//! IPv4 addresses as strict dotted quads (RFC 791, spelled as RFC 6943 section 3.1.1 advises).
//!
//! Octets with leading zeros are refused: some readers take them for octal, so they name two addresses.

use crate::observable::host;
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "ipv4",
    describes: "IPv4 address, 203.0.113.7",
    family: Family::Network,
    max_length: 15,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    match host::parse_ipv4(text.as_bytes()) {
        // The strict form has one spelling only.
        Some(_) => Ok(text.to_owned()),
        None => Err(Invalid("not four octets of 0 to 255 without leading zeros")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn reads_strict_dotted_quads() {
        check(
            ObservableType::Ipv4,
            &[("203.0.113.7", "203.0.113.7"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255")],
            &["", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.1.1.1", "1.1.1.1/8", "1.1.1.1:80", "0x7f.1.1.1", "1.1.1.١"],
        );
    }
}
