//! Patterns of text (<https://docs.rs/regex/latest/regex/#syntax>), which are looked for in time that grows with the text.

use regex::{Regex, RegexBuilder};

/// Bytes of memory that one may need.
const LARGEST: usize = 1 << 20;
/// Groups within groups.
const DEEPEST: u32 = 64;

#[derive(Debug)]
pub(super) struct Pattern(Regex);

impl Pattern {
    /// Nothing, where it is none.
    pub(super) fn new(text: &str) -> Option<Self> {
        let mut builder = RegexBuilder::new(text);
        builder.size_limit(LARGEST).dfa_size_limit(LARGEST).nest_limit(DEEPEST);
        builder.build().ok().map(Self)
    }

    pub(super) fn is_in(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}
