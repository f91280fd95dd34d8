//! Encodings that builders need: base64 (RFC 4648) and UTF-16LE.

/// Base64 with padding, on one line.
pub fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3).saturating_mul(4));
    for chunk in bytes.chunks(3) {
        let mut group = [0_u8; 3];
        for (slot, byte) in group.iter_mut().zip(chunk) {
            *slot = *byte;
        }
        let [a, b, c] = group.map(u32::from);
        let bits = a << 16 | b << 8 | c;
        for digit in 0..4_usize {
            let index = (bits >> (18 - 6 * digit)) & 63;
            let letter = ALPHABET.get(index as usize).copied().unwrap_or(b'=');
            text.push(if digit <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

/// Base64 in lines of 76 characters, as mail wants it (RFC 2045, section 6.8).
pub fn base64_lines(bytes: &[u8]) -> String {
    let text = base64(bytes);
    let mut lines = String::with_capacity(text.len() + text.len() / 38 + 2);
    for (position, letter) in text.chars().enumerate() {
        if position > 0 && position % 76 == 0 {
            lines.push_str("\r\n");
        }
        lines.push(letter);
    }
    lines.push_str("\r\n");
    lines
}

/// UTF-16, little endian, without a byte order mark.
pub fn utf16le(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_pads_as_the_rfc_shows() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn mail_lines_are_76_long() {
        let lines = base64_lines(&[0; 100]);
        assert!(lines.lines().all(|line| line.len() <= 76));
        assert_eq!(lines.lines().count(), 2);
    }
}
