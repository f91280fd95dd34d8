//! What the modifiers for encodings make of a value: Base64 in one or three ways, UTF-16, dashes.

use super::pattern::{DASHES, Pattern, Piece};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn sextet(bits: u32) -> u8 {
    let index = usize::try_from(bits & 63).unwrap_or(0);
    ALPHABET.get(index).copied().unwrap_or(b'=')
}

/// Base64 with padding (RFC 4648, section 4).
pub(crate) fn base64(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let byte = |index: usize| u32::from(group.get(index).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for (index, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            out.push(if index <= group.len() {
                sextet(bits >> shift)
            } else {
                b'='
            });
        }
    }
    out
}

/// What Base64 shows of `bytes` wherever they stand in a longer text: three ways, each without the characters at its ends
/// that depend on the neighbours. Ways in which nothing is left are left out.
pub(crate) fn base64_offsets(bytes: &[u8]) -> Vec<Vec<u8>> {
    let way = |shift: usize| {
        let mut shifted = vec![b' '; shift];
        shifted.extend_from_slice(bytes);
        let encoded = base64(&shifted);
        // One byte before takes one character and part of the next, two take two and part of the next.
        let from = [0, 2, 3].get(shift).copied().unwrap_or(0);
        let cut = [0, 3, 2].get(shifted.len() % 3).copied().unwrap_or(0);
        let to = encoded.len().saturating_sub(cut);
        encoded.get(from..to).map(<[u8]>::to_vec)
    };
    (0..3).filter_map(way).filter(|text| !text.is_empty()).collect()
}

/// How UTF-16 is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Utf16 {
    Little,
    Big,
    /// Little-endian with a byte order mark.
    Marked,
}

/// `bytes` as UTF-16; what is no text stays as it is.
pub(crate) fn utf16(bytes: &[u8], how: Utf16) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return bytes.to_vec();
    };
    let mark = (how == Utf16::Marked).then_some(0xfeff);
    let units = mark.into_iter().chain(text.encode_utf16());
    units
        .flat_map(|unit| {
            if how == Utf16::Big {
                unit.to_be_bytes()
            } else {
                unit.to_le_bytes()
            }
        })
        .collect()
}

/// Every `-` or `/` that begins an option (nothing or no letter before it, a letter or digit behind it) stands for any
/// dash. One such place is spelled out, more become [`Piece::Dash`]: five for each place would be too many. What is encoded
/// afterwards (`is_encoded`) has to be spelled out whole, which is bounded; nothing where there are too many places.
pub(crate) fn windash(pattern: &Pattern, is_encoded: bool) -> Option<Vec<Pattern>> {
    let mut pieces = Vec::new();
    let mut places = 0;
    for piece in pattern.pieces() {
        let Piece::Literal(bytes) = piece else {
            pieces.push(piece.clone());
            continue;
        };
        let mut literal = Vec::new();
        for (at, byte) in bytes.iter().enumerate() {
            let before = at.checked_sub(1).and_then(|at| bytes.get(at));
            let is_word = |byte: Option<&u8>| {
                byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte >= 0x80)
            };
            if matches!(byte, b'-' | b'/') && !is_word(before) && is_word(bytes.get(at + 1)) {
                pieces.push(Piece::Literal(std::mem::take(&mut literal)));
                pieces.push(Piece::Dash);
                places += 1;
            } else {
                literal.push(*byte);
            }
        }
        pieces.push(Piece::Literal(literal));
    }
    if places != 1 && !is_encoded {
        return Some(vec![Pattern::of(pieces)]);
    }
    if places > MOST_SPELLED {
        return None;
    }
    let mut spelled: Vec<Vec<Piece>> = vec![Vec::new()];
    for piece in pieces {
        let ways: Vec<Piece> = match piece {
            Piece::Dash => DASHES
                .iter()
                .map(|dash| Piece::Literal(dash.as_bytes().to_vec()))
                .collect(),
            other => vec![other],
        };
        let longer = spelled.iter().flat_map(|before| {
            ways.iter()
                .map(move |way| before.iter().cloned().chain([way.clone()]).collect())
        });
        spelled = longer.collect();
    }
    Some(spelled.into_iter().map(Pattern::of).collect())
}

/// Most options in a value that is encoded: five ways each.
const MOST_SPELLED: usize = 3;
