//! The code of header fields (RFC 7541, appendix B). It is canonical: codes of one length follow one another in the order
//! of the bytes, and shorter ones come first. So the lengths say everything.

/// Bits of the code of each byte, and of the end, which is never sent.
#[rustfmt::skip]
const LENGTHS: [u8; 257] = [
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
    6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
    13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
    15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
    20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
    22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
    26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
    20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
    30,
];
/// Bits of the longest code.
const LONGEST: usize = 30;

/// The codes in their order.
struct Code {
    /// How many codes of each length there are.
    counts: [u32; LONGEST + 1],
    /// What they stand for.
    symbols: [u16; 257],
}

#[allow(
    clippy::indexing_slicing,
    reason = "of a table that is computed while this is compiled"
)]
const CODE: Code = {
    let (mut counts, mut symbols) = ([0; LONGEST + 1], [0; 257]);
    let (mut length, mut next) = (0, 0);
    while length <= LONGEST {
        let mut symbol = 0;
        while symbol < LENGTHS.len() {
            if LENGTHS[symbol] as usize == length {
                counts[length] += 1;
                symbols[next] = symbol as u16;
                next += 1;
            }
            symbol += 1;
        }
        length += 1;
    }
    Code { counts, symbols }
};

/// What was encoded; none where it is not that code or has more than `most` bytes.
pub(super) fn decode(encoded: &[u8], most: usize) -> Option<Vec<u8>> {
    let mut text = Vec::with_capacity(encoded.len());
    // The bits so far, the first code of their length, and how many codes are shorter.
    let (mut bits, mut first, mut index, mut length) = (0_u32, 0_u32, 0_u32, 0_usize);
    for byte in encoded {
        for shift in (0..8).rev() {
            bits = bits << 1 | u32::from(byte >> shift & 1);
            first <<= 1;
            length += 1;
            let count = *CODE.counts.get(length)?;
            if bits - first < count {
                let symbol = *CODE.symbols.get((index + bits - first) as usize)?;
                text.push(u8::try_from(symbol).ok()?);
                if text.len() > most {
                    return None;
                }
                (bits, first, index, length) = (0, 0, 0, 0);
                continue;
            }
            first += count;
            index += count;
        }
    }
    // What is left are the first bits of the end, fewer than eight (RFC 7541 5.2).
    (length < 8 && bits + 1 == 1 << length).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_those_of_rfc_7541() {
        let check = |encoded: &[u8], text: &str| {
            assert_eq!(decode(encoded, 100).unwrap(), text.as_bytes());
        };
        check(b"\xf1\xe3\xc2\xe5\xf2\x3a\x6b\xa0\xab\x90\xf4\xff", "www.example.com");
        check(b"\xa8\xeb\x10\x64\x9c\xbf", "no-cache");
        check(b"\x25\xa8\x49\xe9\x5b\xb8\xe8\xb4\xbf", "custom-value");
        check(
            b"\x9d\x29\xad\x17\x18\x63\xc7\x8f\x0b\x97\xc8\xe9\xae\x82\xae\x43\xd3",
            "https://www.example.com",
        );
        check(b"", "");
    }

    #[test]
    fn every_byte_has_a_code_of_its_own() {
        let (mut code, mut length, mut seen) = (0_u64, 0, 0);
        for symbol in CODE.symbols {
            let own = LENGTHS[usize::from(symbol)];
            code <<= own - length;
            length = own;
            // The end is never sent.
            if let Ok(byte) = u8::try_from(symbol) {
                let spare = (8 - own % 8) % 8;
                let padded = (code << spare) | ((1 << spare) - 1);
                let bytes = padded.to_be_bytes();
                let used = usize::from(own + spare) / 8;
                assert_eq!(decode(&bytes[8 - used..], 1), Some(vec![byte]));
                seen += 1;
            }
            code += 1;
        }
        assert_eq!((seen, code), (256, 1 << 30));
    }

    #[test]
    fn what_is_no_code_is_refused() {
        // The end itself; padding that is long, or of zeros; too much.
        for encoded in [&b"\xff\xff\xff\xff"[..], b"\x1f\xff", b"\x18"] {
            assert_eq!(decode(encoded, 100), None, "{encoded:x?}");
        }
        assert_eq!(decode(b"\xa8\xeb\x10\x64\x9c\xbf", 7), None);
    }
}
