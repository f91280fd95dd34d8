//! Base32 without padding, in either case (RFC 4648 section 6): onion addresses and Stellar keys.

use super::regroup;

/// The bytes, or `None` if a character is not of the alphabet or the last one carries stray bits.
pub(in crate::observable) fn decode(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text.bytes().map(value).collect();
    regroup(digits?, 5, 8)
}

fn value(byte: u8) -> Option<u8> {
    match byte {
        b'a'..=b'z' => Some(byte - b'a'),
        b'A'..=b'Z' => Some(byte - b'A'),
        b'2'..=b'7' => Some(byte - b'2' + 26),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn decodes_the_vectors_of_rfc_4648() {
        for (text, bytes) in [
            ("", ""),
            ("MY", "f"),
            ("MZXQ", "fo"),
            ("MZXW6", "foo"),
            ("MZXW6YQ", "foob"),
            ("mzxw6ytb", "fooba"),
        ] {
            assert_eq!(decode(text).as_deref(), Some(bytes.as_bytes()), "{text}");
        }
    }

    #[test]
    fn refuses_stray_bits_padding_and_foreign_digits() {
        for text in ["MZ", "MY======", "M1", "M0", "MZXW6YTBO"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
