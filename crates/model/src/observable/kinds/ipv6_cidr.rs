//! IPv6 ranges in CIDR notation (RFC 4291 section 2.3). Host bits stay as written.

use crate::observable::host;
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "ipv6-cidr",
    describes: "IPv6 range in CIDR notation, 2001:db8::/32",
    family: Family::Network,
    max_length: 43,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    let (address, prefix) = text.split_once('/').ok_or(Invalid("no prefix length"))?;
    let address = host::parse_ipv6(address.as_bytes()).ok_or(Invalid("the address is not IPv6"))?;
    let prefix = host::parse_prefix(prefix.as_bytes(), 128).ok_or(Invalid("the prefix length is not 0 to 128"))?;
    Ok(format!("{address}/{prefix}"))
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn reads_an_address_and_a_prefix_length() {
        check(
            ObservableType::Ipv6Cidr,
            &[("2001:DB8::/32", "2001:db8::/32"), ("::/0", "::/0"), ("::1/128", "::1/128")],
            &["2001:db8::", "2001:db8::/129", "2001:db8::/", "1.2.3.4/8", "2001:db8::/064"],
        );
    }
}
