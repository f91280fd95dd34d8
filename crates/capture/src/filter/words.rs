//! The words of an expression, and where they stand.

/// A word, or a sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Word<'t> {
    pub(super) text: &'t str,
    /// Where it begins, in bytes.
    pub(super) at: usize,
}

/// Signs that stand for themselves, the longer ones first.
const SIGNS: [&str; 16] = [
    "&&", "||", "!=", "==", "<=", ">=", "<", ">", "(", ")", "[", "]", "!", "=", "&", "|",
];

/// Cuts a text into words.
pub(super) fn words(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign));
        let length = match sign {
            Some(sign) => sign.len(),
            None => rest
                .find(|letter: char| letter.is_whitespace() || "()[]!=&|<>".contains(letter))
                .unwrap_or(rest.len()),
        };
        let (word, behind) = rest.split_at_checked(length.max(1)).unwrap_or((rest, ""));
        words.push(Word {
            text: word,
            at: text.len() - rest.len(),
        });
        rest = behind.trim_start();
    }
    words
}

/// Decimal, or hexadecimal behind `0x`.
pub(super) fn number(word: &str) -> Option<u32> {
    match word.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None if word.starts_with(|first: char| first.is_ascii_digit()) => word.parse().ok(),
        None => None,
    }
}
