//! Addresses in numbers that people do not write: octal, hexadecimal, fewer than four parts.

use std::net::Ipv4Addr;

/// An IPv4 address in octal, hexadecimal or with fewer than four parts, the last of which fills what is left (WHATWG URL
/// Standard, "IPv4 parser").
pub fn address(host: &str) -> Option<Ipv4Addr> {
    let parts: Vec<&str> = host.strip_suffix('.').unwrap_or(host).split('.').collect();
    let (last, leading) = parts.split_last().filter(|(_, leading)| leading.len() < 4)?;
    let mut bits = 0u32;
    for (at, part) in (0..).zip(leading) {
        let byte = u8::try_from(number(part)?).ok()?;
        bits |= u32::from(byte).checked_shl(24 - 8 * at)?;
    }
    let last = number(last)?;
    let room = 32 - 8 * u32::try_from(leading.len()).ok()?;
    (room == 32 || last < 1 << room).then(|| Ipv4Addr::from_bits(bits | last))
}

fn number(part: &str) -> Option<u32> {
    let (digits, radix) = match part.get(..2) {
        Some("0x" | "0X") => (part.get(2..)?, 16),
        Some(_) if part.starts_with('0') => (part.get(1..)?, 8),
        _ => (part, 10),
    };
    if digits.starts_with('+') || part.is_empty() {
        return None;
    }
    if digits.is_empty() {
        Some(0)
    } else {
        u32::from_str_radix(digits, radix).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_browsers_read_them() {
        for host in [
            "3232235777",
            "0xC0A80101",
            "0xc0.0xa8.257",
            "192.168.257",
            "0300.0250.1.1",
            "192.168.1.1.",
        ] {
            assert_eq!(address(host), Some(Ipv4Addr::new(192, 168, 1, 1)), "{host}");
        }
        for host in ["", "4294967296", "256.1", "1.2.3.4.5", "a.b", "08", "0x", "1..2"] {
            assert!(
                address(host).is_none_or(|address| host == "0x" && address.is_unspecified()),
                "{host}"
            );
        }
    }
}
