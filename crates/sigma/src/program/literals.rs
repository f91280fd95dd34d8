//! Thousands of literals looked for in one short text, all at once.
//!
//! Each literal is known by a few of its bytes that few other literals have: eight where it is long enough, four, or all of
//! it. Those that end a text are known by its last bytes, and one look for each width finds them. For the others a text is
//! walked; the bytes at each place go through a bitmap ([`Table`]), and only where that holds are literals compared. Steps do
//! not depend on one another, as those of an automaton do, and a bitmap of a few kilobytes stays in a near cache: an
//! Aho-Corasick automaton of the same literals takes megabytes. Building it is sorting a list, so that nothing of it has to
//! be stored.

use super::bits::Bits;
use super::found::Found;
use super::index::{small, usize};
use super::table::{Entry, Table};
use super::text::{Prepared, word};

/// Where a literal must stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    Anywhere,
    Start,
    End,
}

/// A literal, and what it is good for.
#[derive(Clone, Debug)]
pub(crate) struct Literal<'b> {
    pub(crate) bytes: &'b [u8],
    pub(crate) anchor: Anchor,
    /// Handed back where it is found.
    pub(crate) label: u32,
}

/// A literal of an index.
#[derive(Clone, Copy, Debug)]
struct Kept {
    /// Where it stands in the bytes of all.
    start: u32,
    length: u32,
    label: u32,
    anchor: Anchor,
}

/// An index of literals.
#[derive(Debug, Default)]
pub(crate) struct Literals {
    bytes: Vec<u8>,
    kept: Vec<Kept>,
    /// Literals of four bytes and more, walked for.
    walked: Vec<Table>,
    /// Literals of three and two bytes, walked for.
    short: Vec<Table>,
    /// Every two bytes that a short literal can begin with.
    pairs: Bits,
    /// Literals of one byte, with their labels. Texts are full of them, so that they are looked for once each.
    single: Vec<(u8, u32)>,
    /// Literals that end a text, by its last bytes.
    ends: Vec<Table>,
}

/// How common a byte is in what logs hold: paths, command lines, names. Rare ones make good ways in.
fn common(byte: u8) -> u32 {
    match byte {
        b'e' | b's' | b't' | b'i' | b'o' | b'n' | b'r' | b'a' | b'\\' | b'.' | b' ' => 6,
        b'c' | b'd' | b'm' | b'l' | b'p' | b'w' | b'u' | b'x' | b'3' | b'2' => 4,
        b'a'..=b'z' | b'/' | b'-' | b':' | b'0' | b'1' => 2,
        _ => 1,
    }
}

/// How many literals hold a gram, about: what many share, texts hold often.
struct Shares {
    counts: Vec<u16>,
    shift: u32,
}

impl Shares {
    fn new(literals: &[Literal<'_>]) -> Self {
        let grams: usize = literals.iter().map(|literal| literal.bytes.len()).sum();
        let slots = grams.next_power_of_two().clamp(64, 1 << 16);
        let mut own = Self {
            counts: vec![0; slots],
            shift: 64 - slots.trailing_zeros(),
        };
        for gram in literals.iter().flat_map(|literal| literal.bytes.windows(4)) {
            let slot = own.slot(gram);
            if let Some(count) = own.counts.get_mut(slot) {
                *count = count.saturating_add(1);
            }
        }
        own
    }

    fn slot(&self, gram: &[u8]) -> usize {
        usize::try_from(word(gram).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> self.shift).unwrap_or(usize::MAX)
    }

    /// The place of the rarest gram of a width: that whose rarest four bytes are rarest.
    fn rarest(&self, bytes: &[u8], width: usize) -> Option<usize> {
        let cost = |gram: &[u8]| {
            let shared = self.counts.get(self.slot(gram)).copied().unwrap_or(0);
            u32::from(shared) * 4 + gram.iter().map(|byte| common(*byte)).sum::<u32>()
        };
        if width < 4 {
            return Some(0);
        }
        let (at, _) = bytes
            .windows(4)
            .map(cost)
            .enumerate()
            .min_by_key(|(at, cost)| (*cost, *at))?;
        // The rarest four bytes stand in the middle, where there is room.
        Some(at.saturating_sub((width - 4) / 2).min(bytes.len().checked_sub(width)?))
    }
}

/// So few long literals are known by four bytes, if others are: one walk less.
const FEW: usize = 2048;

impl Literals {
    /// An index of these literals. Empty ones are left out.
    pub(crate) fn new(literals: &[Literal<'_>]) -> Self {
        let mut own = Self::default();
        let shares = Shares::new(literals);
        let is_walked = |literal: &&Literal<'_>| literal.anchor != Anchor::End;
        let walked = || literals.iter().filter(is_walked).map(|literal| literal.bytes.len());
        let has_middle = walked().any(|length| (4..8).contains(&length));
        let is_narrow = has_middle && walked().filter(|length| *length >= 8).count() <= FEW;
        let mut by_width: [Vec<Entry>; 9] = Default::default();
        let mut by_end: [Vec<Entry>; 9] = Default::default();
        for literal in literals.iter().filter(|literal| !literal.bytes.is_empty()) {
            if let ([only], Anchor::Anywhere) = (literal.bytes, literal.anchor) {
                own.single.push((*only, literal.label));
                continue;
            }
            let number = small(own.kept.len());
            let length = literal.bytes.len();
            own.kept.push(Kept {
                start: small(own.bytes.len()),
                length: small(length),
                label: literal.label,
                anchor: literal.anchor,
            });
            own.bytes.extend_from_slice(literal.bytes);
            let (width, offset, classes) = if literal.anchor == Anchor::End {
                let width = length.min(8);
                (width, length - width, &mut by_end)
            } else {
                let width = match length {
                    8.. if !is_narrow => 8,
                    4.. => 4,
                    short => short,
                };
                (width, shares.rarest(literal.bytes, width).unwrap_or(0), &mut by_width)
            };
            let gram = literal.bytes.get(offset..offset + width).map_or(0, word);
            if let Some(class) = classes.get_mut(width) {
                class.push(Entry {
                    gram,
                    literal: number,
                    offset: small(offset),
                });
            }
            if width < 4 && literal.anchor != Anchor::End {
                own.begin_with(literal.bytes);
            }
        }
        let tables = |classes: [Vec<Entry>; 9]| {
            let classes = classes.into_iter().enumerate();
            let tables = classes.filter(|(_, entries)| !entries.is_empty());
            tables.map(|(width, entries)| Table::new(width, entries)).collect()
        };
        own.ends = tables(by_end);
        let walked: Vec<Table> = tables(by_width);
        (own.short, own.walked) = walked.into_iter().partition(|table| table.width < 4);
        own
    }

    /// Notes how a short literal begins.
    fn begin_with(&mut self, bytes: &[u8]) {
        self.pairs.grow(1 << 16);
        match bytes {
            [only] => (0..256).for_each(|second| self.pairs.set(usize::from(*only) | second << 8)),
            [first, second, ..] => self.pairs.set(usize::from(*first) | usize::from(*second) << 8),
            [] => {}
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.kept.is_empty() && self.single.is_empty()
    }

    /// Takes the label of every literal that stands in the text where it should, once or more often.
    pub(crate) fn search(&self, text: &Prepared, found: &mut Found) {
        for table in &self.walked {
            self.walk(table, text, found);
        }
        if !self.short.is_empty() {
            self.walk_short(text, found);
        }
        let last = text.last();
        let bare = text.bare();
        for (byte, label) in &self.single {
            if memchr::memchr(*byte, bare).is_some() {
                found.hit(*label);
            }
        }
        for table in &self.ends {
            let gram = last >> (64 - 8 * small(table.width).clamp(1, 8));
            if table.may_hold(gram) != 0
                && let Some(at) = bare.len().checked_sub(table.width)
            {
                self.visit(table, gram, bare, at, found);
            }
        }
    }

    /// Four places at a time, and one question for all of them whether anything is there.
    fn walk(&self, table: &Table, text: &Prepared, found: &mut Found) {
        let bare = text.bare();
        let padded = text.padded();
        let Some(places) = (bare.len() + 1).checked_sub(table.width) else {
            return;
        };
        for (number, block) in padded.windows(11).step_by(4).take(places.div_ceil(4)).enumerate() {
            let gram = |place: usize| {
                let bytes = block.get(place..).and_then(|bytes| bytes.first_chunk::<8>());
                bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes)) & table.mask
            };
            let grams = [gram(0), gram(1), gram(2), gram(3)];
            let [a, b, c, d] = grams.map(|gram| table.may_hold(gram));
            if a | b | c | d != 0 {
                for (place, (gram, may_hold)) in grams.into_iter().zip([a, b, c, d]).enumerate() {
                    let at = 4 * number + place;
                    if may_hold != 0 && at < places {
                        self.visit(table, gram, bare, at, found);
                    }
                }
            }
        }
    }

    fn walk_short(&self, text: &Prepared, found: &mut Found) {
        let bare = text.bare();
        let blocks = text.padded().windows(8).step_by(4).take(bare.len().div_ceil(4));
        for (number, block) in blocks.enumerate() {
            let block = block.first_chunk::<8>().map_or(0, |bytes| u64::from_le_bytes(*bytes));
            let has = |place: u32| {
                let pair = usize::try_from(block >> (8 * place) & 0xffff).unwrap_or(0);
                self.pairs.word(pair / 64) >> (pair % 64) & 1
            };
            let holds = [has(0), has(1), has(2), has(3)];
            let [a, b, c, d] = holds;
            if a | b | c | d == 0 {
                continue;
            }
            for (place, _) in holds.iter().enumerate().filter(|(_, holds)| **holds != 0) {
                let at = 4 * number + place;
                for table in self.short.iter().filter(|table| at + table.width <= bare.len()) {
                    let gram = block >> (8 * place) & table.mask;
                    if table.may_hold(gram) != 0 {
                        self.visit(table, gram, bare, at, found);
                    }
                }
            }
        }
    }

    /// Literals that are known by `gram`, which stands at `at`.
    #[inline(never)]
    fn visit(&self, table: &Table, gram: u64, text: &[u8], at: usize, found: &mut Found) {
        for entry in table.entries(gram) {
            if let Some(kept) = self.kept.get(usize(entry.literal))
                && self.stands(kept, text, at, usize(entry.offset))
            {
                found.hit(kept.label);
            }
        }
    }

    /// Whether the literal whose byte `offset` is at `at` stands there.
    fn stands(&self, kept: &Kept, text: &[u8], at: usize, offset: usize) -> bool {
        let Some(start) = at.checked_sub(offset) else {
            return false;
        };
        let (from, length) = (usize(kept.start), usize(kept.length));
        let fits = match kept.anchor {
            Anchor::Anywhere => true,
            Anchor::Start => start == 0,
            Anchor::End => start + length == text.len(),
        };
        fits && text.get(start..start + length) == self.bytes.get(from..from + length)
    }
}
