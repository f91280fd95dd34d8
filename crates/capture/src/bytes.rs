//! Fixed-width numbers at places that may not exist, in either byte order, and bytes as text.

/// `N` bytes at `at`.
#[inline]
pub(crate) fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

#[inline]
pub(crate) fn byte(bytes: &[u8], at: usize) -> Option<u8> {
    bytes.get(at).copied()
}

#[inline]
pub(crate) fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    array(bytes, at).map(u16::from_be_bytes)
}

#[inline]
pub(crate) fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    array(bytes, at).map(u32::from_be_bytes)
}

#[inline]
pub(crate) fn le16(bytes: &[u8], at: usize) -> Option<u16> {
    Order::Little.at16(bytes, at)
}

#[inline]
pub(crate) fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    Order::Little.at32(bytes, at)
}

#[inline]
pub(crate) fn le64(bytes: &[u8], at: usize) -> Option<u64> {
    Order::Little.at64(bytes, at)
}

/// At most so many bytes from a place on; none where there are none.
pub(crate) fn part(bytes: &[u8], from: impl TryInto<usize>, length: impl TryInto<usize>) -> &[u8] {
    let rest = bytes.get(place(from)..).unwrap_or_default();
    rest.get(..place(length)).unwrap_or(rest)
}

/// A number as a place; one that no file reaches where it does not fit.
#[inline]
pub(crate) fn place(number: impl TryInto<usize>) -> usize {
    number.try_into().unwrap_or(usize::MAX)
}

/// A length as a field of 32 bits; the largest where it does not fit.
#[inline]
pub(crate) fn field(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Base64 with its padding (RFC 4648, section 4).
pub(crate) fn push_base64(bytes: &[u8], text: &mut String) {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for chunk in bytes.chunks(3) {
        let group = (0..3).fold(0_usize, |group, at| {
            group << 8 | usize::from(chunk.get(at).copied().unwrap_or_default())
        });
        for at in 0..4 {
            let digit = ALPHABET.get(group >> (18 - 6 * at) & 63).copied().unwrap_or(b'=');
            text.push(char::from(if at > chunk.len() { b'=' } else { digit }));
        }
    }
}

/// In which order the bytes of a number stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// The lowest first.
    Little,
    /// The highest first.
    Big,
}

impl Order {
    #[inline]
    pub(crate) fn u16(self, bytes: [u8; 2]) -> u16 {
        match self {
            Self::Little => u16::from_le_bytes(bytes),
            Self::Big => u16::from_be_bytes(bytes),
        }
    }

    #[inline]
    pub(crate) fn u32(self, bytes: [u8; 4]) -> u32 {
        match self {
            Self::Little => u32::from_le_bytes(bytes),
            Self::Big => u32::from_be_bytes(bytes),
        }
    }

    /// The number of 16 bits at `at`.
    #[inline]
    pub(crate) fn at16(self, bytes: &[u8], at: usize) -> Option<u16> {
        array(bytes, at).map(|bytes| self.u16(bytes))
    }

    /// The number of 32 bits at `at`.
    #[inline]
    pub(crate) fn at32(self, bytes: &[u8], at: usize) -> Option<u32> {
        array(bytes, at).map(|bytes| self.u32(bytes))
    }

    /// The number of 64 bits at `at`.
    pub(crate) fn at64(self, bytes: &[u8], at: usize) -> Option<u64> {
        array(bytes, at).map(|bytes| match self {
            Self::Little => u64::from_le_bytes(bytes),
            Self::Big => u64::from_be_bytes(bytes),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_rfc() {
        for (bytes, expected) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            let mut text = String::new();
            push_base64(bytes.as_bytes(), &mut text);
            assert_eq!(text, expected);
        }
    }
}
