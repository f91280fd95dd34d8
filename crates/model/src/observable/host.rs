//! Addresses and host names, read from bytes without allocating: what the extractor asks millions of times.
//!
//! IPv4 is the strict dotted quad of RFC 6943 section 3.1.1 (no leading zeros, no missing parts), IPv6 is RFC 4291
//! without a zone index, names follow RFC 1123 with the underscore that DNS owners use (RFC 8552). Whether a top-level
//! domain exists is not decided here.

use super::{Invalid, punycode};
use std::net::{Ipv4Addr, Ipv6Addr};

/// Longest host name in bytes, without the dot of the root (RFC 1035 section 2.3.4).
pub const MAX_HOST: usize = 253;

/// Reads a strict dotted quad: four decimal octets without leading zeros and nothing else.
pub fn parse_ipv4(text: &[u8]) -> Option<Ipv4Addr> {
    let (mut address, mut octet, mut digits, mut dots) = (0_u32, 0_u32, 0_u8, 0_u8);
    for &byte in text {
        match byte {
            // A second digit after a zero is a leading zero; three digits at most follow from the bound of 255.
            b'0'..=b'9' if digits == 0 || octet != 0 => {
                octet = octet * 10 + u32::from(byte - b'0');
                digits += 1;
                if octet > 255 {
                    return None;
                }
            }
            b'.' if digits > 0 && dots < 3 => {
                address = address << 8 | octet;
                (octet, digits) = (0, 0);
                dots += 1;
            }
            _ => return None,
        }
    }
    (dots == 3 && digits > 0).then(|| Ipv4Addr::from(address << 8 | octet))
}

/// Reads an IPv6 address in any spelling of RFC 4291 section 2.2, without zone index and without brackets.
pub fn parse_ipv6(text: &[u8]) -> Option<Ipv6Addr> {
    // The longest spelling carries an IPv4 tail: 45 bytes.
    if text.len() < 2 || text.len() > 45 {
        return None;
    }
    let plausible = text.iter().all(|b| b.is_ascii_hexdigit() || *b == b':' || *b == b'.');
    if !plausible || !text.contains(&b':') {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// Reads a port: 1 to 65535, no leading zero, no sign.
pub fn parse_port(text: &[u8]) -> Option<u16> {
    if text.len() > 5 || text.first() == Some(&b'0') {
        return None;
    }
    parse_number(text).and_then(|port| u16::try_from(port).ok())
}

/// Reads a prefix length of at most `most`: no leading zero, no sign.
pub fn parse_prefix(text: &[u8], most: u8) -> Option<u8> {
    if text.len() > 3 || (text.len() > 1 && text.first() == Some(&b'0')) {
        return None;
    }
    parse_number(text)
        .and_then(|prefix| u8::try_from(prefix).ok())
        .filter(|prefix| *prefix <= most)
}

/// Decimal digits, and nothing else, as a number.
fn parse_number(text: &[u8]) -> Option<u32> {
    if text.is_empty() {
        return None;
    }
    text.iter().try_fold(0_u32, |number, byte| match byte {
        b'0'..=b'9' => number.checked_mul(10)?.checked_add(u32::from(byte - b'0')),
        _ => None,
    })
}

/// Whether ASCII bytes have the shape of a domain name: at least two labels of 1 to 63 letters, digits, hyphens (not at
/// the ends) and, except in the last two, underscores; a last label of letters, or `xn--`. Allocates nothing unless a
/// label begins with `xn--`. A trailing dot is not accepted.
pub fn has_domain_shape(text: &[u8]) -> bool {
    check_domain(text).is_ok()
}

/// [`has_domain_shape`] with the reason.
pub(super) fn check_domain(text: &[u8]) -> Result<(), Invalid> {
    if text.len() > MAX_HOST {
        return Err(Invalid("longer than 253 bytes"));
    }
    let mut labels = 0_usize;
    for (from_the_right, label) in text.rsplit(|b| *b == b'.').enumerate() {
        labels += 1;
        check_label(label, from_the_right >= 2)?;
        if from_the_right == 0 && !is_top_level(label) {
            return Err(Invalid("the top-level domain is not of letters"));
        }
    }
    if labels < 2 {
        Err(Invalid("only one label"))
    } else {
        Ok(())
    }
}

/// One label of letters, digits and inner hyphens.
fn check_label(label: &[u8], underscores: bool) -> Result<(), Invalid> {
    let (Some(first), Some(last)) = (label.first(), label.last()) else {
        return Err(Invalid("has an empty label"));
    };
    if label.len() > 63 {
        return Err(Invalid("has a label longer than 63 bytes"));
    }
    if *first == b'-' || *last == b'-' {
        return Err(Invalid("has a label that begins or ends with a hyphen"));
    }
    for byte in label {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' => {}
            b'_' if underscores => {}
            b'_' => return Err(Invalid("has an underscore in the registered name")),
            _ => return Err(Invalid("has a character that no domain name has")),
        }
    }
    if punycode::has_prefix(label) {
        let decodes = std::str::from_utf8(label).is_ok_and(|label| punycode::decode_label(label).is_some());
        if !decodes {
            return Err(Invalid("has an xn-- label that is not punycode"));
        }
    }
    Ok(())
}

/// Every top-level domain is of two or more letters, or an A-label.
fn is_top_level(label: &[u8]) -> bool {
    punycode::has_prefix(label) || (label.len() >= 2 && label.iter().all(u8::is_ascii_alphabetic))
}

/// The normal form of a domain name: A-labels, lower case, no dot at the end.
pub(super) fn domain(text: &str) -> Result<String, Invalid> {
    let text = text.strip_suffix('.').unwrap_or(text);
    // A host of 253 bytes is at most as many characters, each of at most four bytes.
    if text.len() > MAX_HOST * 4 {
        return Err(Invalid("longer than 253 bytes"));
    }
    let ascii = if text.is_ascii() {
        text.to_ascii_lowercase()
    } else {
        punycode::encode_host(text).ok_or(Invalid("has a character that no domain name has"))?
    };
    check_domain(ascii.as_bytes())?;
    Ok(ascii)
}

/// The normal form of the host of a URL: a bracketed IPv6 address, or a name or IPv4 address in any of the spellings
/// that browsers take, in lower case.
pub(super) fn url_host(text: &str) -> Result<String, Invalid> {
    if let Some(inner) = text.strip_prefix('[') {
        let inner = inner
            .strip_suffix(']')
            .ok_or(Invalid("the bracket of the host is not closed"))?;
        let address = parse_ipv6(inner.as_bytes()).ok_or(Invalid("the bracketed host is not an IPv6 address"))?;
        return Ok(format!("[{address}]"));
    }
    if text.is_empty() {
        return Err(Invalid("no host"));
    }
    if text.len() > MAX_HOST * 4 {
        return Err(Invalid("the host is longer than 253 bytes"));
    }
    let ascii = if text.is_ascii() {
        text.to_ascii_lowercase()
    } else {
        punycode::encode_host(text).ok_or(Invalid("the host has a character that no host has"))?
    };
    let name = ascii.strip_suffix('.').unwrap_or(&ascii);
    if name.len() > MAX_HOST {
        return Err(Invalid("the host is longer than 253 bytes"));
    }
    let mut labels = name.split('.');
    if labels.any(|label| label.is_empty() || label.len() > 63) {
        return Err(Invalid("the host has an empty or too long label"));
    }
    if !is_number_or_name(name) {
        return Err(Invalid("the host is neither a name nor an IPv4 address"));
    }
    // Escapes are legal in a host (RFC 3986 section 3.2.2) and are used to hide one.
    if !name
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'%' | b'~'))
    {
        return Err(Invalid("the host has a character that no host has"));
    }
    Ok(ascii)
}

/// A host whose last label is a number must be an IPv4 address.
fn is_number_or_name(name: &str) -> bool {
    !is_number(name) || numeric_ipv4(name).is_some()
}

/// Whether the last label of a host is a number.
fn is_number(name: &str) -> bool {
    let last = name.rsplit('.').next();
    last.is_some_and(|label| label.bytes().all(|b| b.is_ascii_digit()) || hexadecimal(label).is_some())
}

/// An IPv4 address in one of the spellings that browsers take, of a host in lower case and without a full stop at its end:
/// one to four parts, decimal, octal behind a zero or hexadecimal behind `0x`, the last filling what is left (WHATWG URL,
/// "IPv4 parser").
pub fn numeric_ipv4(name: &str) -> Option<Ipv4Addr> {
    if !is_number(name) {
        return None;
    }
    let value = |label: &str| match hexadecimal(label) {
        Some(value) => Some(value),
        None if label.starts_with('0') && label.len() > 1 => u64::from_str_radix(label, 8).ok(),
        None => label.parse().ok(),
    };
    let values = name.split('.').map(value).collect::<Option<Vec<u64>>>()?;
    let (last, octets) = values.split_last().filter(|(_, octets)| octets.len() <= 3)?;
    if octets.iter().any(|octet| *octet > 255) || last >> (8 * (4 - octets.len())) != 0 {
        return None;
    }
    let leading = octets.iter().zip([24, 16, 8]);
    let bits = leading.fold(*last, |bits, (octet, shift)| bits | octet << shift);
    u32::try_from(bits).ok().map(Ipv4Addr::from_bits)
}

fn hexadecimal(label: &str) -> Option<u64> {
    let digits = label.strip_prefix("0x").filter(|digits| !digits.starts_with('+'))?;
    if digits.is_empty() {
        Some(0)
    } else {
        u64::from_str_radix(digits, 16).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_spellings_that_browsers_take() {
        for (name, expected) in [
            ("9.9.9.8", Some("9.9.9.8")),
            ("0x09090908", Some("9.9.9.8")),
            ("151587080", Some("9.9.9.8")),
            ("9.9.2312", Some("9.9.9.8")),
            ("011.0x9.9.8", Some("9.9.9.8")),
            ("256.1.1.1", None),
            ("1.2.3.4.5", None),
            ("evil.com", None),
            ("", None),
        ] {
            let address = numeric_ipv4(name).map(|address| address.to_string());
            assert_eq!(address.as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn reads_only_strict_dotted_quads() {
        assert_eq!(parse_ipv4(b"203.0.113.7"), Some(Ipv4Addr::new(203, 0, 113, 7)));
        for bad in [
            "",
            "1.2.3",
            "1.2.3.4.5",
            "01.2.3.4",
            "1.2.3.00",
            "1.2.3.256",
            "1..2.3",
            "1.2.3.4 ",
            "+1.2.3.4",
            "1.2.3.",
        ] {
            assert_eq!(parse_ipv4(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn agrees_with_the_standard_library_on_every_short_text() {
        // Every text of up to six characters over an alphabet that reaches each branch, around a fixed tail.
        let alphabet = b"0259.x";
        let mut texts: Vec<Vec<u8>> = vec![Vec::new()];
        for _ in 0..6 {
            let longer: Vec<Vec<u8>> = texts
                .iter()
                .flat_map(|text| alphabet.iter().map(|b| [text.as_slice(), &[*b]].concat()))
                .collect();
            for text in &longer {
                for tail in ["", ".0.1", ".25"] {
                    let text = [text.as_slice(), tail.as_bytes()].concat();
                    let naive = std::str::from_utf8(&text).unwrap().parse().ok();
                    assert_eq!(parse_ipv4(&text), naive, "{}", String::from_utf8_lossy(&text));
                }
            }
            texts = longer;
        }
    }

    #[test]
    fn reads_ipv6_without_zone_or_brackets() {
        for good in ["::", "::1", "2001:db8::1", "::ffff:192.0.2.1", "1:2:3:4:5:6:7:8"] {
            assert_eq!(parse_ipv6(good.as_bytes()), good.parse().ok(), "{good}");
        }
        for bad in [
            "",
            ":",
            "1",
            "1:1",
            "[::1]",
            "fe80::1%eth0",
            "1:2:3:4:5:6:7:8:9",
            "12345::",
            "1.2.3.4",
            "::1::",
        ] {
            assert_eq!(parse_ipv6(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn numeric_hosts_of_urls_are_addresses() {
        for good in [
            "192.0.2.1",
            "3221225985",
            "0xc0000201",
            "0300.0.2.1",
            "192.0.513",
            "0x7f.1",
            "1.2.3.com",
            "4294967295",
            "a.0xg",
        ] {
            assert_eq!(url_host(good).as_deref(), Ok(good));
        }
        for bad in [
            "999.1.2.3",
            "1.2.3.4.5",
            "a.1",
            "4294967296",
            "192.0.2.256",
            "09.1.1.1",
            "1.2.3.0x100",
            "99999999999999999999999",
        ] {
            assert!(url_host(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn reads_ports_and_prefixes() {
        assert_eq!(parse_port(b"65535"), Some(65535));
        assert_eq!(parse_prefix(b"0", 32), Some(0));
        assert_eq!(parse_prefix(b"32", 32), Some(32));
        for bad in ["", "0", "080", "65536", "+1", "1x"] {
            assert_eq!(parse_port(bad.as_bytes()), None, "{bad}");
        }
        for bad in ["", "33", "00", "032", "-1", "1000"] {
            assert_eq!(parse_prefix(bad.as_bytes(), 32), None, "{bad}");
        }
    }
}
