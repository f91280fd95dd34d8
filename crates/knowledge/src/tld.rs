//! Top-level domains: the root zone as IANA publishes it.
//!
//! Delegated names only. Special-use names such as `onion` and `local` are in [`crate::reserved`].

use crate::packed::hash::Hash;
use crate::packed::names::Names;
use crate::packed::{u16_at, u64_at, word};

/// Labels of at most eight letters, as words: nearly every label that is asked for.
static SHORT: &[u8; word::SLOTS * 8] = include_bytes!("../data/tld-short.bin");
static SHORT_SEEDS: &[u8; word::SEEDS * 2] = include_bytes!("../data/tld-seeds.bin");
/// The other labels.
static LONG: Names = Names::new(include_bytes!("../data/tld-long.bin"));
static UNICODE: Names = Names::new(include_bytes!("../data/tld-unicode.bin"));

/// Whether `label` is a top-level domain. ASCII, any case, A-labels (`xn--p1ai`) included.
pub fn is_tld(label: &[u8]) -> bool {
    match word::of(label) {
        Some(word) if is_short(word) => true,
        // Short labels that are not all letters are A-labels.
        Some(_) if !matches!(label.first(), Some(b'x' | b'X')) => false,
        _ => is_long(label),
    }
}

fn is_short(word: u64) -> bool {
    let Some(seed) = u16_at(SHORT_SEEDS, word::bucket(word)) else {
        return false;
    };
    u64_at(SHORT, word::slot(word, seed)) == Some(word)
}

fn is_long(label: &[u8]) -> bool {
    // No label of the DNS is longer; a text of megabytes without a dot must not be hashed for nothing.
    if label.len() > 63 {
        return false;
    }
    let hash = label
        .iter()
        .rev()
        .fold(Hash::EMPTY, |hash, byte| hash.prepend(byte.to_ascii_lowercase()));
    LONG.find(hash, |key| key.eq_ignore_ascii_case(label)).is_some()
}

/// Whether `label` is a top-level domain in its Unicode form, such as `рф`. Any case; Normalization Form C.
pub fn is_unicode_tld(label: &str) -> bool {
    let mut lower = [0; 64];
    let mut length = 0;
    for c in label.chars().flat_map(char::to_lowercase) {
        let Some(rest) = lower.get_mut(length..) else {
            return false;
        };
        if rest.len() < c.len_utf8() {
            return false;
        }
        length += c.encode_utf8(rest).len();
    }
    lower
        .get(..length)
        .is_some_and(|lower| !label.is_ascii() && UNICODE.get(lower).is_some())
}

/// How many there are.
pub(crate) fn entries() -> usize {
    let short = SHORT.chunks(8).filter(|word| word.iter().any(|byte| *byte != 0));
    short.count() + LONG.iter().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_the_root_are_found_in_any_case() {
        for label in [
            "com",
            "COM",
            "Zip",
            "uk",
            "xn--p1ai",
            "XN--P1AI",
            "xn--vermgensberatung-pwb",
            "museum",
        ] {
            assert!(is_tld(label.as_bytes()), "{label}");
        }
    }

    #[test]
    fn other_labels_are_not() {
        for label in [
            "", "c", "exe", "local", "onion", "example", "co.uk", ".com", "com.", "xn--", "рф", "c\u{f}m", "\rom",
        ] {
            assert!(!is_tld(label.as_bytes()), "{label:?}");
        }
        assert!(!is_tld(&[b'a'; 1_000]));
        assert!(!is_tld(b"\xff\xfe"));
    }

    #[test]
    fn unicode_labels_are_found_in_any_case() {
        for label in ["рф", "РФ", "中国", "भारत", "vermögensberatung", "ελ"] {
            assert!(is_unicode_tld(label), "{label}");
        }
        for label in [
            "",
            "com",
            "рфф",
            "ррррррррррррррррррррррррррррррррррррррррррррррррррррррррр",
        ] {
            assert!(!is_unicode_tld(label), "{label}");
        }
    }

    #[test]
    fn the_root_zone_is_complete() {
        let short: Vec<[u8; 8]> = SHORT
            .as_chunks()
            .0
            .iter()
            .filter(|word| **word != [0; 8])
            .copied()
            .collect();
        for label in &short {
            let label = label.split(|byte| *byte == 0).next().unwrap();
            assert!(label.iter().all(u8::is_ascii_lowercase));
            assert!(is_tld(label) && is_tld(&label.to_ascii_uppercase()));
        }
        let long: Vec<_> = LONG.iter().map(|(key, _)| key).collect();
        assert!(
            long.iter()
                .all(|label| is_tld(label) && is_tld(&label.to_ascii_uppercase()))
        );
        assert!(short.len() + long.len() > 1_400);
        let international = long.iter().filter(|label| label.starts_with(b"xn--")).count();
        assert_eq!(UNICODE.iter().count(), international);
        assert!(
            UNICODE
                .iter()
                .all(|(key, _)| is_unicode_tld(std::str::from_utf8(key).unwrap()))
        );
    }

    #[test]
    fn a_changed_byte_is_another_label() {
        for label in ["com", "info", "museum", "xn--p1ai"] {
            for at in 0..label.len() {
                for byte in (0..=255).filter(|byte| !u8::is_ascii_alphanumeric(byte) && *byte != b'-') {
                    let mut changed = label.as_bytes().to_vec();
                    changed[at] = byte;
                    assert!(!is_tld(&changed), "{changed:?}");
                }
            }
        }
    }
}
