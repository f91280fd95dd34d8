//! Base64 as tags hold it (RFC 4648, section 4; RFC 6376, section 2.10): folded anywhere, its padding often forgotten.

use super::tags::is_blank;

/// The bytes that a text stands for. Nothing where it is no base64, or holds nothing.
pub(crate) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len().div_ceil(4).saturating_mul(3));
    let (mut bits, mut count, mut padding) = (0_u32, 0_u32, 0_u32);
    for byte in text.iter().copied().filter(|byte| !is_blank(*byte)) {
        if byte == b'=' {
            padding = padding.saturating_add(1);
            continue;
        }
        if padding > 0 {
            return None;
        }
        bits = (bits << 6) | digit(byte)?;
        count = count.saturating_add(6);
        if count >= 8 {
            count = count.saturating_sub(8);
            out.push(u8::try_from((bits >> count) & 0xff).ok()?);
        }
    }
    (padding <= 2 && count < 6 && !out.is_empty()).then_some(out)
}

fn digit(byte: u8) -> Option<u32> {
    let value = match byte {
        b'A'..=b'Z' => byte.wrapping_sub(b'A'),
        b'a'..=b'z' => byte.wrapping_sub(b'a').wrapping_add(26),
        b'0'..=b'9' => byte.wrapping_sub(b'0').wrapping_add(52),
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn decodes_what_mail_holds() {
        assert_eq!(decode(b"TWF0\r\n ZQ==").as_deref(), Some(&b"Mate"[..]));
        assert_eq!(decode(b"TWF0ZQ").as_deref(), Some(&b"Mate"[..]));
        for wrong in [&b""[..], b"====", b"T", b"TW=F", b"TW*F", b"TWF0Z", b"TWF0==="] {
            assert_eq!(decode(wrong), None, "{wrong:?}");
        }
    }
}
