//! Payment addresses. The shape only nominates; each type's checksum decides.

use crate::found::{Found, Sink};
use crate::reader::Reader;
use crate::text::{ALNUM, Text};
use watchfire_model::{Confidence, ObservableType};

/// Unified addresses of Zcash hold several receivers (ZIP 316).
const LONGEST: usize = 512;

/// A payment address that fills the label `start..end`.
pub(crate) fn label<S: Sink>(reader: &mut Reader<'_, '_, S>, start: usize, end: usize) -> bool {
    let text = reader.text;
    let length = end - start;
    if length > LONGEST || text.skip(start, end, ALNUM) != end {
        return false;
    }
    let (checked, unchecked) = candidates(text, start, length);
    for kind in checked.iter().copied() {
        let found =
            Found::new(kind, text.slice(start, end), start, end).because(Confidence::High, "its checksum is right");
        if reader.emit(found) {
            return true;
        }
    }
    let Some(kind) = unchecked.filter(|_| is_mixed(text.slice(start, end))) else {
        return false;
    };
    let found = Found::new(kind, text.slice(start, end), start, end)
        .because(Confidence::Low, "its shape fits; the format has no checksum");
    reader.emit(found)
}

/// Types whose first characters and length fit: with a checksum, and without one.
fn candidates(text: Text<'_>, start: usize, length: usize) -> (&'static [ObservableType], Option<ObservableType>) {
    use ObservableType as T;
    let base58 = 25..=36;
    let solana = matches!(length, 43 | 44).then_some(T::Sol);
    let checked: &'static [T] = match (text.at(start), text.at(start + 1), text.at(start + 2)) {
        (b'b' | b'B', b'c' | b'C', b'1') => &[T::Btc],
        (b'l' | b'L', b't' | b'T', b'c' | b'C') if length > 36 => &[T::Ltc],
        (b'1', _, _) if base58.contains(&length) => &[T::Btc],
        (b'3', _, _) if base58.contains(&length) => &[T::Btc, T::Ltc],
        (b'L' | b'M', _, _) if base58.contains(&length) => &[T::Ltc],
        (b'D' | b'A' | b'9', _, _) if base58.contains(&length) => &[T::Doge, T::Ada],
        (b'X' | b'7', _, _) if base58.contains(&length) => &[T::Dash],
        (b'q' | b'p' | b'Q' | b'P', _, _) if length == 42 => &[T::Bch],
        (b't', b'1' | b'3', _) if base58.contains(&length) => &[T::Zec],
        (b't', b'z', b'1'..=b'4') | (b'K', b'T', b'1') => &[T::Xtz],
        (b'z', b's', b'1') | (b'u', b'1', _) => &[T::Zec],
        (b'r', _, _) if base58.contains(&length) => &[T::Xrp],
        (b'T', _, _) if length == 34 => &[T::Trx],
        (b'G', _, _) if length == 56 => &[T::Xlm],
        (b'M', _, _) if length == 69 => &[T::Xlm],
        (b'a', b'd', b'd') | (b's', b't', b'a') if length > 50 => &[T::Ada],
        (b'A', b'e', b'2') | (b'D', b'd', b'z') => &[T::Ada],
        (b'4' | b'8', _, _) if matches!(length, 95 | 106) => &[T::Xmr],
        (b'A'..=b'Z', b'A'..=b'Z', b'0'..=b'9') if length <= 34 => &[T::Iban],
        _ => &[],
    };
    (checked, solana)
}

/// Capitals, small letters and digits: random base58 of that length has all three.
fn is_mixed(label: &[u8]) -> bool {
    label.iter().any(u8::is_ascii_uppercase)
        && label.iter().any(u8::is_ascii_lowercase)
        && label.iter().filter(|byte| byte.is_ascii_digit()).count() >= 2
}
