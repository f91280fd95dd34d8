//! Base58 and Base58Check, as Bitcoin wrote them and as Ripple reordered them.
//!
//! Decoding is quadratic, so nothing longer than [`MAX_LENGTH`] is decoded.

use super::digest::sha256d;

/// Longest text that is decoded: Byron addresses of Cardano reach 104 to 114 characters, Monero decodes in blocks of 11.
pub(in crate::observable) const MAX_LENGTH: usize = 128;

/// Digit values by byte; 255 is not of the alphabet.
pub(in crate::observable) struct Alphabet {
    values: [u8; 256],
    zero: u8,
}

impl Alphabet {
    #[expect(
        clippy::indexing_slicing,
        reason = "evaluated at compile time, where a bad index does not compile"
    )]
    const fn new(digits: &[u8; 58]) -> Self {
        let mut values = [255; 256];
        let mut value = 0;
        while value < 58 {
            values[digits[value] as usize] = value as u8;
            value += 1;
        }
        Self {
            values,
            zero: digits[0],
        }
    }

    /// The value of a digit.
    pub(in crate::observable) fn value(&self, byte: u8) -> Option<u8> {
        self.values
            .get(usize::from(byte))
            .copied()
            .filter(|value| *value != 255)
    }
}

/// The alphabet of Bitcoin and nearly everyone after it.
pub(in crate::observable) static BITCOIN: Alphabet =
    Alphabet::new(b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz");

/// The alphabet of the XRP Ledger.
pub(in crate::observable) static RIPPLE: Alphabet =
    Alphabet::new(b"rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz");

/// The bytes, one leading zero byte for each leading zero digit.
pub(in crate::observable) fn decode(text: &str, alphabet: &Alphabet) -> Option<Vec<u8>> {
    if text.len() > MAX_LENGTH {
        return None;
    }
    let zeros = text.bytes().take_while(|b| *b == alphabet.zero).count();
    // Little-endian while it grows.
    let mut number: Vec<u8> = Vec::with_capacity(text.len());
    for byte in text.bytes() {
        let mut carry = u32::from(alphabet.value(byte)?);
        for digit in &mut number {
            carry += u32::from(*digit) * 58;
            *digit = (carry & 0xFF) as u8;
            carry >>= 8;
        }
        if carry > 0 {
            number.push(carry as u8);
        }
    }
    number.extend(std::iter::repeat_n(0, zeros));
    number.reverse();
    Some(number)
}

/// The payload, version included, if the last four bytes are the start of the double SHA-256 of the rest.
pub(in crate::observable) fn decode_check(text: &str, alphabet: &Alphabet) -> Option<Vec<u8>> {
    let mut bytes = decode(text, alphabet)?;
    let (payload, checksum) = bytes.split_last_chunk::<4>()?;
    if sha256d(payload).first_chunk::<4>() != Some(checksum) {
        return None;
    }
    bytes.truncate(bytes.len() - 4);
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_the_vectors_of_the_internet_draft() {
        // draft-msporny-base58-03, section 5.
        for (text, bytes) in [
            ("", &b""[..]),
            ("2NEpo7TZRRrLZSi2U", b"Hello World!"),
            (
                "USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z",
                b"The quick brown fox jumps over the lazy dog.",
            ),
            ("11233QC4", &[0, 0, 0x28, 0x7f, 0xb4, 0xcd]),
        ] {
            assert_eq!(decode(text, &BITCOIN).as_deref(), Some(bytes), "{text}");
        }
    }

    #[test]
    fn refuses_look_alikes_and_what_is_too_long() {
        for text in ["0", "O", "I", "l", "é", &"2".repeat(MAX_LENGTH + 1)] {
            assert_eq!(decode(text, &BITCOIN), None, "{text}");
        }
    }

    #[test]
    fn checks_the_address_of_the_genesis_block() {
        let payload = decode_check("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", &BITCOIN).unwrap();
        assert_eq!((payload.len(), payload.first()), (21, Some(&0)));
        assert_eq!(decode_check("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", &BITCOIN), None);
        assert_eq!(decode_check("111", &BITCOIN), None);
    }

    #[test]
    fn the_account_zero_of_the_xrp_ledger_is_all_zero() {
        assert_eq!(decode_check("rrrrrrrrrrrrrrrrrrrrrhoLvTp", &RIPPLE), Some(vec![0; 21]));
    }
}
