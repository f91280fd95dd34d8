//! An IP address or a host name with a port, the IPv6 address in brackets (RFC 3986 section 3.2, RFC 5952 section 6).

use crate::observable::host;
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "socket",
    describes: "address or host name and port, 203.0.113.7:443",
    family: Family::Network,
    max_length: 259,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    let (address, port) = text.rsplit_once(':').ok_or(Invalid("no port"))?;
    let port = host::parse_port(port.as_bytes()).ok_or(Invalid("the port is not 1 to 65535"))?;
    if let Some(inner) = address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        let address = host::parse_ipv6(inner.as_bytes()).ok_or(Invalid("the bracketed address is not IPv6"))?;
        return Ok(format!("[{address}]:{port}"));
    }
    if let Some(address) = host::parse_ipv4(address.as_bytes()) {
        return Ok(format!("{address}:{port}"));
    }
    let name = host::domain(address).map_err(|_| Invalid("neither an IPv4 address, a bracketed IPv6 address nor a name"))?;
    Ok(format!("{name}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn reads_a_host_and_a_port() {
        check(
            ObservableType::Socket,
            &[
                ("203.0.113.7:443", "203.0.113.7:443"),
                ("[2001:DB8:0::1]:65535", "[2001:db8::1]:65535"),
                ("Evil.Example:8443", "evil.example:8443"),
                ("[ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe]:65535", "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe]:65535"),
            ],
            &["203.0.113.7", "203.0.113.7:0", "203.0.113.7:65536", "203.0.113.7:080", "2001:db8::1:443", "[::1]", "[1.2.3.4]:80", "1.2.3:80", "a..com:80", "a.com:", ":80"],
        );
    }
}
