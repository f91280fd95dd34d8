//! Sets of small numbers.

/// A set of numbers below its size.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bits {
    words: Vec<u64>,
}

impl Bits {
    pub(crate) fn new(size: usize) -> Self {
        Self {
            words: vec![0; size.div_ceil(64)],
        }
    }

    /// Makes room for numbers below `size`.
    pub(crate) fn grow(&mut self, size: usize) {
        if self.words.len() < size.div_ceil(64) {
            self.words.resize(size.div_ceil(64), 0);
        }
    }

    pub(crate) fn set(&mut self, number: usize) {
        if let Some(word) = self.words.get_mut(number / 64) {
            *word |= 1 << (number % 64);
        }
    }

    /// Takes a number in; false where it was there.
    #[inline]
    pub(crate) fn insert(&mut self, number: usize) -> bool {
        let bit = 1 << (number % 64);
        match self.words.get_mut(number / 64) {
            Some(word) if *word & bit == 0 => {
                *word |= bit;
                true
            }
            _ => false,
        }
    }

    pub(crate) fn unset(&mut self, number: usize) {
        if let Some(word) = self.words.get_mut(number / 64) {
            *word &= !(1 << (number % 64));
        }
    }

    /// Sixty-four numbers at once.
    pub(crate) fn word(&self, index: usize) -> u64 {
        self.words.get(index).copied().unwrap_or(0)
    }

    pub(crate) fn has(&self, number: usize) -> bool {
        self.words
            .get(number / 64)
            .is_some_and(|word| word >> (number % 64) & 1 != 0)
    }

    pub(crate) fn clear(&mut self) {
        self.words.fill(0);
    }

    /// Becomes what is in both `one` and `other`.
    pub(crate) fn set_both(&mut self, one: &Self, other: &Self) {
        for ((own, one), other) in self.words.iter_mut().zip(&one.words).zip(&other.words) {
            *own = one & other;
        }
    }

    /// Those of `self` that are in `other` too, from the least.
    pub(crate) fn both<'b>(&'b self, other: &'b Self) -> impl Iterator<Item = usize> + 'b {
        self.words
            .iter()
            .zip(&other.words)
            .enumerate()
            .flat_map(|(index, (own, other))| {
                let mut rest = own & other;
                std::iter::from_fn(move || {
                    let bit = usize::try_from(rest.trailing_zeros()).ok().filter(|_| rest != 0)?;
                    rest &= rest - 1;
                    Some(index * 64 + bit)
                })
            })
    }
}
