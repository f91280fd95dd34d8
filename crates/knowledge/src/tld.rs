//! Top-level domains: the root zone as IANA publishes it.
//!
//! Delegated names only. Special-use names such as `onion` and `local` are in [`crate::reserved`].

use crate::packed::hash::Hash;
use crate::packed::names::Names;

static ASCII: Names = Names::new(include_bytes!("../data/tld.bin"));
static UNICODE: Names = Names::new(include_bytes!("../data/tld-unicode.bin"));

/// Whether `label` is a top-level domain. ASCII, any case, A-labels (`xn--p1ai`) included.
pub fn is_tld(label: &[u8]) -> bool {
    // No label of the DNS is longer; a text of megabytes without a dot must not be hashed for nothing.
    if label.len() > 63 {
        return false;
    }
    let hash = label
        .iter()
        .rev()
        .fold(Hash::EMPTY, |hash, byte| hash.prepend(byte.to_ascii_lowercase()));
    ASCII.find(hash, |key| key.eq_ignore_ascii_case(label)).is_some()
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
        let labels: Vec<_> = ASCII.iter().map(|(key, _)| key).collect();
        assert!(labels.len() > 1_400);
        assert!(labels.iter().all(|label| is_tld(label)));
        let international = labels.iter().filter(|label| label.starts_with(b"xn--")).count();
        assert_eq!(UNICODE.iter().count(), international);
        assert!(
            UNICODE
                .iter()
                .all(|(key, _)| is_unicode_tld(std::str::from_utf8(key).unwrap()))
        );
    }
}
