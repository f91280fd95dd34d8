//! A message whose pieces come in any order.

/// Pieces that are apart from one another.
const MOST: usize = 32;

/// How far ahead of what came a piece may be: so many bytes at once, and so many for each byte that came. One byte far behind
/// would take the memory of all before it otherwise.
const AHEAD_AT_ONCE: usize = 4 << 10;
const AHEAD_FOR_EACH: usize = 8;

/// What is there of a message.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    bytes: Vec<u8>,
    /// From, to; apart and in order.
    there: Vec<(usize, usize)>,
    /// Bytes that came.
    came: usize,
}

impl Pieces {
    /// Takes a piece in that begins at `from`. What is beyond `longest` is left out. Bytes that are there already stay.
    pub(super) fn add(&mut self, from: usize, data: &[u8], longest: usize) {
        let to = from.saturating_add(data.len()).min(longest);
        if from >= to || self.there.len() >= MOST {
            return;
        }
        self.came = self.came.saturating_add(data.len());
        if to > AHEAD_AT_ONCE.saturating_add(self.came.saturating_mul(AHEAD_FOR_EACH)) {
            return;
        }
        if self.bytes.len() < to {
            self.bytes.resize(to, 0);
        }
        let mut at = from;
        for (begin, end) in self.there.iter().chain([&(to, to)]) {
            let until = (*begin).min(to);
            if at < until
                && let (Some(place), Some(new)) = (self.bytes.get_mut(at..until), data.get(at - from..until - from))
            {
                place.copy_from_slice(new);
            }
            at = at.max(*end);
        }
        self.there.push((from, to));
        self.there.sort_unstable();
        let mut together: Vec<(usize, usize)> = Vec::new();
        for (from, to) in self.there.drain(..) {
            match together.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(to),
                _ => together.push((from, to)),
            }
        }
        self.there = together;
    }

    /// Bytes of memory that it holds.
    pub(super) const fn memory(&self) -> usize {
        self.bytes.capacity()
    }

    /// What is there without a hole, from the beginning on.
    pub(super) fn beginning(&self) -> &[u8] {
        match self.there.first() {
            Some((0, to)) => self.bytes.get(..*to).unwrap_or_default(),
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_come_in_any_order_and_the_first_stands() {
        let mut pieces = Pieces::default();
        pieces.add(2, b"cd", 100);
        assert_eq!(pieces.beginning(), b"");
        pieces.add(6, b"gh", 100);
        pieces.add(0, b"abXY", 100);
        assert_eq!(pieces.beginning(), b"abcd");
        pieces.add(1, b"bcdefghij", 9);
        assert_eq!(pieces.beginning(), b"abcdefghi");
    }

    #[test]
    fn a_piece_far_ahead_takes_no_memory() {
        let mut pieces = Pieces::default();
        pieces.add(60_000, b"x", 1 << 16);
        assert_eq!(pieces.bytes.capacity(), 0);
        // With more in between, it may be that far.
        pieces.add(0, &[1; 8_000], 1 << 16);
        pieces.add(60_000, b"x", 1 << 16);
        assert_eq!((pieces.beginning().len(), pieces.bytes.len()), (8_000, 60_001));
    }

    #[test]
    fn many_holes_cost_as_many_as_are_kept() {
        let mut pieces = Pieces::default();
        (0..1_000).for_each(|place| pieces.add(place * 2 + 1, b"x", 1 << 14));
        assert_eq!(pieces.there.len(), MOST);
        pieces.add(usize::MAX, b"x", 1 << 14);
        assert_eq!(pieces.beginning(), b"");
    }
}
