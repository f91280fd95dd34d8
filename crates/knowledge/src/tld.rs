//! Top-level domains: the root zone as IANA publishes it.

use crate::packed::lines;

const TABLE: &str = include_str!("../data/tlds.txt");

/// Whether `label` is a top-level domain. ASCII, any case, A-labels (`xn--p1ai`) included.
pub fn is_tld(label: &[u8]) -> bool {
    std::str::from_utf8(label).is_ok_and(|label| lines::find(TABLE, &label.to_ascii_lowercase()).is_some())
}

/// Whether `label` is a top-level domain in its Unicode form, such as `рф`. Any case.
pub fn is_unicode_tld(label: &str) -> bool {
    matches!(label, "рф")
}
