//! IPv6 addresses (RFC 4291), in the normal form of RFC 5952. A zone index means something on one host only and is refused.

use crate::observable::host;
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "ipv6",
    describes: "IPv6 address, 2001:db8::1",
    family: Family::Network,
    max_length: 39,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    if text.contains('%') {
        return Err(Invalid("has a zone index"));
    }
    match host::parse_ipv6(text.as_bytes()) {
        Some(address) => Ok(address.to_string()),
        None => Err(Invalid("not eight groups of up to four hexadecimal digits")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn gives_the_form_of_rfc_5952() {
        check(
            ObservableType::Ipv6,
            &[
                ("2001:0db8:0000:0000:0000:ff00:0042:8329", "2001:db8::ff00:42:8329"),
                ("2001:DB8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
                ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
                ("::1", "::1"),
                ("::FFFF:192.0.2.1", "::ffff:192.0.2.1"),
                ("::ffff:c000:201", "::ffff:192.0.2.1"),
            ],
            &["", "1:1", "fe80::1%eth0", "[::1]", "::1/128", "1::2::3", "1:2:3:4:5:6:7:8:9", "aa:bb:cc:dd:ee:ff", "1.2.3.4"],
        );
    }
}
