//! IPv4 ranges in CIDR notation (RFC 4632). Host bits stay as written: they are what the author saw.

use crate::observable::host;
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "ipv4-cidr",
    describes: "IPv4 range in CIDR notation, 203.0.113.0/24",
    family: Family::Network,
    max_length: 18,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    let (address, prefix) = text.split_once('/').ok_or(Invalid("no prefix length"))?;
    let address = host::parse_ipv4(address.as_bytes()).ok_or(Invalid("the address is not IPv4"))?;
    let prefix = host::parse_prefix(prefix.as_bytes(), 32).ok_or(Invalid("the prefix length is not 0 to 32"))?;
    Ok(format!("{address}/{prefix}"))
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn reads_an_address_and_a_prefix_length() {
        check(
            ObservableType::Ipv4Cidr,
            &[("1.1.1.1/0", "1.1.1.1/0"), ("85.93.0.112/30", "85.93.0.112/30"), ("1.2.3.4/32", "1.2.3.4/32")],
            &["1.2.3.4", "1.2.3.4/", "1.2.3.4/33", "1.2.3.4/08", "1.2.3/8", "1.2.3.4/8/8", "1.2.3.4/255.0.0.0"],
        );
    }
}
