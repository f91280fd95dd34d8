//! UTF-32, which the WHATWG Encoding Standard leaves out and nothing but a few programs and evasions still write.

/// Byte order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    Big,
}

impl Order {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Little => "utf-32le",
            Self::Big => "utf-32be",
        }
    }

    pub(super) fn read(self, unit: [u8; 4]) -> u32 {
        match self {
            Self::Little => u32::from_le_bytes(unit),
            Self::Big => u32::from_be_bytes(unit),
        }
    }
}

/// Decodes; what is no character becomes U+FFFD, and so does an incomplete unit at the end.
pub(super) fn decode(bytes: &[u8], order: Order) -> (String, bool) {
    let (units, rest) = bytes.as_chunks::<4>();
    let mut damaged = !rest.is_empty();
    let mut text = String::with_capacity(units.len());
    text.extend(units.iter().map(|&unit| {
        char::from_u32(order.read(unit)).unwrap_or_else(|| {
            damaged = true;
            char::REPLACEMENT_CHARACTER
        })
    }));
    if !rest.is_empty() {
        text.push(char::REPLACEMENT_CHARACTER);
    }
    (text, damaged)
}
