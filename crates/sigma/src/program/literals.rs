//! Thousands of literals looked for in one short text, all at once.
//!
//! Every literal of four bytes or more is known by four of its bytes that few other literals have. A text is walked once;
//! the four bytes at each place go through a bitmap, and only where that holds are literals compared. Steps do not depend
//! on one another, as those of an automaton do, and a table of a few kilobytes stays in the nearest cache: an Aho-Corasick
//! automaton of the same literals takes megabytes. Building it is sorting a list, so that nothing of it has to be stored.
//!
//! Literals of one to three bytes have tables of their own, walked only where there are any.

use super::bits::Bits;

/// Where a literal must stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    Anywhere,
    Start,
    End,
}

/// A literal, and what it is good for.
#[derive(Clone, Debug)]
pub(crate) struct Literal {
    pub(crate) bytes: Vec<u8>,
    pub(crate) anchor: Anchor,
    /// Handed back where it is found.
    pub(crate) label: u32,
}

/// One way in: a literal by the bytes at `offset`.
#[derive(Clone, Copy, Debug)]
struct Entry {
    gram: u32,
    literal: u32,
    offset: u32,
}

/// Literals of one length class.
#[derive(Debug, Default)]
struct Table {
    /// Bytes that count in a gram.
    mask: u32,
    shift: u32,
    /// Hashes of grams, in many more slots than there are lists.
    filter: Bits,
    filter_shift: u32,
    /// Where the entries of each hash begin.
    heads: Vec<u32>,
    entries: Vec<Entry>,
}

/// An index of literals.
#[derive(Debug, Default)]
pub(crate) struct Literals {
    literals: Vec<Literal>,
    /// Literals of at least four bytes.
    long: Table,
    /// Literals of three, two and one byte. Empty ones are left out.
    short: Vec<Table>,
    /// Every two bytes that a short literal can begin with.
    pairs: Bits,
}

/// Zero bytes that must follow a text that is searched.
pub(crate) const PADDING: usize = 3;

fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn hash(gram: u32, shift: u32) -> usize {
    index(gram.wrapping_mul(0x9e37_79b1) >> shift)
}

/// Up to four bytes as a number, the first one lowest.
fn gram(bytes: &[u8]) -> u32 {
    bytes.iter().rev().fold(0, |sum, byte| sum << 8 | u32::from(*byte))
}

impl Table {
    fn new(width: usize, mut entries: Vec<Entry>) -> Self {
        let bits = entries
            .len()
            .saturating_mul(2)
            .next_power_of_two()
            .clamp(16, 1 << 20)
            .trailing_zeros();
        let shift = 32 - bits;
        entries.sort_unstable_by_key(|entry| (hash(entry.gram, shift), entry.gram, entry.literal));
        let mut heads = vec![0_u32; (1 << bits) + 1];
        for entry in &entries {
            if let Some(head) = heads.get_mut(hash(entry.gram, shift) + 1) {
                *head += 1;
            }
        }
        let mut sum = 0;
        for head in &mut heads {
            sum += *head;
            *head = sum;
        }
        // Thirty-two slots for each entry keep the filter nearly empty; 32 KiB stay in the nearest cache.
        let bits = entries
            .len()
            .saturating_mul(32)
            .next_power_of_two()
            .clamp(64, 1 << 18)
            .trailing_zeros();
        let filter_shift = 32 - bits;
        let mut filter = Bits::new(1 << bits);
        entries
            .iter()
            .for_each(|entry| filter.set(hash(entry.gram, filter_shift)));
        Self {
            mask: u32::MAX >> (8 * (4 - width)),
            shift,
            filter,
            filter_shift,
            heads,
            entries,
        }
    }

    /// False where no literal is known by the gram.
    fn may_hold(&self, gram: u32) -> bool {
        self.filter.has(hash(gram, self.filter_shift))
    }

    /// Entries that share a slot with the gram.
    fn entries(&self, gram: u32) -> &[Entry] {
        let slot = hash(gram, self.shift);
        let from = self.heads.get(slot).copied().map_or(0, index);
        let to = self.heads.get(slot + 1).copied().map_or(0, index);
        self.entries.get(from..to).unwrap_or_default()
    }
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

impl Literals {
    /// An index of these literals; none is empty.
    pub(crate) fn new(literals: Vec<Literal>) -> Self {
        // How many literals hold each gram: what many share, texts hold often.
        let mut counts: hashbrown::HashMap<u32, u32, foldhash::fast::FixedState> = hashbrown::HashMap::default();
        for window in literals.iter().flat_map(|literal| literal.bytes.windows(4)) {
            *counts.entry(gram(window)).or_default() += 1;
        }
        let mut classes: [Vec<Entry>; 4] = Default::default();
        let mut pairs = Bits::default();
        for (number, literal) in literals.iter().enumerate() {
            let width = literal.bytes.len().min(4);
            let rarest = literal
                .bytes
                .windows(width.max(1))
                .enumerate()
                .min_by_key(|(offset, window)| {
                    let shared = counts.get(&gram(window)).copied().unwrap_or(0);
                    let common: u32 = window.iter().map(|byte| common(*byte)).sum();
                    (shared * 4 + common, *offset)
                });
            if let Some((offset, window)) = rarest
                && let Some(class) = classes.get_mut(4 - width)
            {
                class.push(Entry {
                    gram: gram(window),
                    literal: small(number),
                    offset: small(offset),
                });
            }
            if width < 4 {
                pairs.grow(1 << 16);
                let first = index(gram(literal.bytes.get(..width.min(2)).unwrap_or_default()));
                let seconds = if width == 1 { 0..256 } else { 0..1 };
                seconds.for_each(|second| pairs.set(first | second << 8));
            }
        }
        let [long, short @ ..] = classes;
        let short = short
            .into_iter()
            .enumerate()
            .filter(|(_, entries)| !entries.is_empty())
            .map(|(class, entries)| Table::new(3 - class, entries))
            .collect();
        Self {
            literals,
            long: Table::new(4, long),
            short,
            pairs,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.literals.is_empty()
    }

    /// Calls `found` with the label of every literal that stands in the text where it should, once or more often. `padded`
    /// is the text with [`PADDING`] zero bytes behind it.
    pub(crate) fn search(&self, padded: &[u8], mut found: impl FnMut(u32)) {
        let Some((first, rest)) = padded.split_first_chunk::<PADDING>() else {
            return;
        };
        let text = padded.get(..rest.len()).unwrap_or_default();
        let [one, two, three] = first.map(u32::from);
        // The four bytes from `at` on, the first one lowest.
        let mut gram = one << 8 | two << 16 | three << 24;
        let long = (&self.long.filter, self.long.filter_shift);
        for (at, byte) in rest.iter().enumerate() {
            gram = gram >> 8 | u32::from(*byte) << 24;
            if long.0.has(hash(gram, long.1)) {
                self.visit(&self.long, gram, text, at, &mut found);
            }
            if self.pairs.has(index(gram & 0xffff)) {
                for table in self.short.iter().filter(|table| table.may_hold(gram & table.mask)) {
                    self.visit(table, gram & table.mask, text, at, &mut found);
                }
            }
        }
    }

    /// Literals that are known by `gram`, which stands at `at`.
    fn visit(&self, table: &Table, gram: u32, text: &[u8], at: usize, found: &mut impl FnMut(u32)) {
        for entry in table.entries(gram) {
            if entry.gram == gram
                && let Some(literal) = self.literals.get(index(entry.literal))
                && stands(literal, text, at, index(entry.offset))
            {
                found(literal.label);
            }
        }
    }
}

/// Whether the literal whose byte `offset` is at `at` stands there.
fn stands(literal: &Literal, text: &[u8], at: usize, offset: usize) -> bool {
    let Some(start) = at.checked_sub(offset) else {
        return false;
    };
    let rest = text.get(start..).unwrap_or_default();
    let fits = match literal.anchor {
        Anchor::Anywhere => true,
        Anchor::Start => start == 0,
        Anchor::End => rest.len() == literal.bytes.len(),
    };
    fits && rest.starts_with(&literal.bytes)
}
