//! Numbers with their nouns, as people write them: `1 row`, `2 rows`, `3 matches`.
//!
//! Regular nouns of English alone: what ends in a hiss gets `es`, a consonant and `y` becomes `ies`, all others get `s`.

use std::fmt::Display;

/// So many of something: `1 file`, `0 files`, `2 entries`.
pub fn counted(count: u64, one: &str) -> String {
    counted_as(count, count, one)
}

/// The same where the number is written in a form of its own: `1,024 values`.
pub fn counted_as(written: impl Display, count: u64, one: &str) -> String {
    format!("{written} {}", noun(count, one))
}

/// The noun alone, as it stands behind such a number.
pub fn noun(count: u64, one: &str) -> String {
    if count == 1 {
        return one.to_owned();
    }
    let hisses = ["s", "x", "z", "ch", "sh"].iter().any(|end| one.ends_with(end));
    if hisses {
        return format!("{one}es");
    }
    match one.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'i', 'o', 'u']) => format!("{stem}ies"),
        _ => format!("{one}s"),
    }
}

/// The word that goes with so many: `was` with one, `were` with none or several.
pub fn agreeing(count: u64, one: &'static str, several: &'static str) -> &'static str {
    if count == 1 { one } else { several }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_one_and_all_others_are_several() {
        for (count, one, expected) in [
            (0, "row", "0 rows"),
            (1, "row", "1 row"),
            (2, "row", "2 rows"),
            (1, "match", "1 match"),
            (2, "match", "2 matches"),
            (2, "address", "2 addresses"),
            (3, "entry", "3 entries"),
            (3, "day", "3 days"),
            (5, "log-in", "5 log-ins"),
        ] {
            assert_eq!(counted(count, one), expected);
        }
        assert_eq!(counted_as("1,024", 1_024, "value"), "1,024 values");
    }
}
