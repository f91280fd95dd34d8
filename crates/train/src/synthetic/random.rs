//! Random numbers from a seed: SplitMix64.

/// A generator.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to below `end`; 0 where there is nothing below.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let end = end.max(1) as u64;
        usize::try_from(self.next() % end).unwrap_or(0)
    }

    /// True so many times of a hundred.
    pub(crate) fn percent(&mut self, share: usize) -> bool {
        self.below(100) < share
    }

    /// One of `all`; nothing of none is the empty text.
    pub(crate) fn one<'a>(&mut self, all: &[&'a str]) -> &'a str {
        let at = self.below(all.len());
        all.get(at).copied().unwrap_or("")
    }

    /// Letters without sense.
    pub(crate) fn letters(&mut self, count: usize) -> String {
        (0..count)
            .map(|_| {
                self.one(&[
                    "a", "b", "c", "d", "e", "f", "g", "h", "i", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t", "u",
                    "v", "w", "x", "y", "z",
                ])
            })
            .collect()
    }

    /// Syllables, which read like a name.
    pub(crate) fn syllables(&mut self, count: usize) -> String {
        let consonants = [
            "b", "c", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z",
        ];
        (0..count)
            .map(|_| [self.one(&consonants), self.one(&["a", "e", "i", "o", "u"])].concat())
            .collect()
    }

    /// So many digits, the first not 0.
    pub(crate) fn digits(&mut self, count: usize) -> String {
        (0..count)
            .map(|at| (self.below(if at == 0 { 9 } else { 10 }) + usize::from(at == 0)).to_string())
            .collect()
    }
}
