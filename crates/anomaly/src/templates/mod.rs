//! Templates of log lines: what the program wrote, and which values it filled in.
//!
//! The question is that of Drain (He, Zhu, Zheng, Lyu, "Drain: an online log parsing approach with fixed depth tree", ICWS
//! 2017). The answer here has no tree, no threshold of similarity and no mask for any system: a line becomes a signature
//! (`scan`), signatures are counted, and those that differ in a word that changes become one template (`cluster`).
//! Grouping is done over the set of signatures, so that it depends neither on the order of the lines nor on threads. Lines
//! are bytes. Memory is bounded: where there are too many signatures they become templates at once, and the rarest are
//! forgotten and counted.
//!
//! What this leaves out: headers of lines. Times, hosts and levels in front are the parser's to take off; left on, they are
//! values like others.

mod cluster;
mod kind;
mod mined;
mod scan;

pub use kind::Kinds;
pub use mined::{Match, Parameter, Piece, Template, Templates};

use scan::Token;
use std::collections::HashMap;

/// How templates are mined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// More signatures than this are not remembered.
    pub most_signatures: usize,
    /// Nor more than these take together. Bytes.
    pub most_bytes: usize,
    /// As many words in one place of otherwise equal lines are a value.
    pub distinct: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            most_signatures: 20_000,
            most_bytes: 4 << 20,
            distinct: 6,
        }
    }
}

/// What was learned from a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Learned {
    /// The line's signature. Numbers hold until [`Miner::generation`] changes.
    pub signature: u32,
    /// How many lines had it, this one included.
    pub lines: u64,
}

/// Counts signatures.
#[derive(Clone, Debug)]
pub struct Miner {
    options: Options,
    /// Asked only, never walked: its order differs from run to run.
    numbers: HashMap<Box<[u8]>, u32>,
    pub(crate) signatures: Vec<Signature>,
    /// What they take.
    bytes: usize,
    lines: u64,
    forgotten: u64,
    generation: u32,
    tokens: Vec<Token>,
    text: Vec<u8>,
}

/// A signature and how often it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Signature {
    pub(crate) text: Box<[u8]>,
    /// Whether each token followed the one before without a space, where it was seen first.
    pub(crate) glued: Vec<bool>,
    /// The kinds of every value.
    pub(crate) kinds: Vec<Kinds>,
    pub(crate) lines: u64,
    /// The lowest place at which it was met; the highest there is, where nobody says.
    pub(crate) first: u64,
}

impl Default for Miner {
    fn default() -> Self {
        Self::new(Options::default())
    }
}

impl Miner {
    /// A miner that has seen nothing.
    pub fn new(options: Options) -> Self {
        Self {
            options: Options {
                most_signatures: options.most_signatures.max(16),
                most_bytes: options.most_bytes.max(64 << 10),
                ..options
            },
            numbers: HashMap::new(),
            signatures: Vec::new(),
            bytes: 0,
            lines: 0,
            forgotten: 0,
            generation: 0,
            tokens: Vec::new(),
            text: Vec::new(),
        }
    }

    /// How many lines it was given.
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// How many of them had signatures that are no longer remembered.
    pub fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// Changes whenever signatures were numbered anew.
    pub fn generation(&self) -> u32 {
        self.generation
    }

    /// Takes a line, without its end.
    pub fn learn(&mut self, line: &[u8]) -> Learned {
        self.learn_at(line, u64::MAX)
    }

    /// Takes a line, without its end, and where it stands: a number that grows with what the caller takes for later.
    /// [`Template::first`] tells the lowest. Files of saved miners do not hold it.
    pub fn learn_at(&mut self, line: &[u8], place: u64) -> Learned {
        self.lines = self.lines.saturating_add(1);
        scan::scan(line, &mut self.tokens);
        scan::signature(line, &self.tokens, &mut self.text);
        let kinds = self
            .tokens
            .iter()
            .filter(|token| token.is_value())
            .map(|token| token.kinds);
        if let Some(&number) = self.numbers.get(self.text.as_slice())
            && let Some(known) = self.signatures.get_mut(number as usize)
        {
            known.lines = known.lines.saturating_add(1);
            known.first = known.first.min(place);
            for (all, kinds) in known.kinds.iter_mut().zip(kinds) {
                *all = all.and(kinds);
            }
            return Learned {
                signature: number,
                lines: known.lines,
            };
        }
        let new = Signature {
            text: self.text.as_slice().into(),
            glued: self.tokens.iter().map(|token| token.glued).collect(),
            kinds: kinds.collect(),
            lines: 1,
            first: place,
        };
        self.insert(new)
    }

    /// Takes what another miner has learned. The order of the lines does not matter as long as nothing was forgotten.
    pub fn merge(&mut self, other: &Self) {
        self.lines = self.lines.saturating_add(other.lines);
        self.forgotten = self.forgotten.saturating_add(other.forgotten);
        for signature in &other.signatures {
            let number = self.numbers.get(&signature.text).copied();
            match number.and_then(|number| self.signatures.get_mut(number as usize)) {
                Some(known) => known.add(signature),
                None => {
                    self.insert(signature.clone());
                }
            }
        }
    }

    /// A number for the text of a signature that [`Self::learn`] told, the same in every miner; `None` if signatures were
    /// numbered anew since.
    pub fn fingerprint(&self, signature: u32) -> Option<u64> {
        let signature = self.signatures.get(signature as usize)?;
        Some(crate::sketch::fingerprint(&[&signature.text]))
    }

    /// How many signatures it remembers.
    pub fn signatures(&self) -> usize {
        self.signatures.len()
    }

    /// The templates of all lines so far.
    pub fn templates(&self) -> Templates {
        mined::mine(&self.signatures, self.options.distinct, self.generation, self.lines)
    }

    /// Lines of `text`, shared among threads in pieces whose size does not depend on how many there are.
    pub fn learn_all(&mut self, lines: &[&[u8]], threads: usize) {
        const PIECE: usize = 16_384;
        let pieces: Vec<&[&[u8]]> = lines.chunks(PIECE).collect();
        let learned = crate::parallel::each(threads, pieces.len(), |at| {
            let mut miner = Self::new(self.options);
            for line in pieces.get(at).copied().unwrap_or_default() {
                miner.learn(line);
            }
            miner
        });
        for miner in &learned {
            self.merge(miner);
        }
    }

    pub(crate) fn options(&self) -> Options {
        self.options
    }

    /// A miner from what a file holds; `None` where signatures are none.
    pub(crate) fn from_parts(options: Options, lines: u64, forgotten: u64, signatures: Vec<Signature>) -> Option<Self> {
        let mut miner = Self {
            lines,
            forgotten,
            ..Self::new(options)
        };
        if signatures.len() > miner.options.most_signatures {
            return None;
        }
        for (number, signature) in (0..).zip(&signatures) {
            let known = miner.numbers.insert(signature.text.clone(), number);
            if known.is_some() || !mined::is_signature(signature) {
                return None;
            }
        }
        miner.bytes = signatures.iter().map(Signature::bytes).sum();
        miner.signatures = signatures;
        Some(miner)
    }

    /// Remembers a signature that is not known.
    fn insert(&mut self, signature: Signature) -> Learned {
        if self.signatures.len() >= self.options.most_signatures || self.bytes >= self.options.most_bytes {
            self.compact();
            // A template may be the same; what else was merged may have taken this one in as well, and then it comes back by
            // its own name, which costs little.
            let number = self.numbers.get(&signature.text).copied().unwrap_or(u32::MAX);
            if let Some(known) = self.signatures.get_mut(number as usize) {
                known.add(&signature);
                return Learned {
                    signature: number,
                    lines: known.lines,
                };
            }
        }
        let number = self.signatures.len() as u32;
        let lines = signature.lines;
        self.numbers.insert(signature.text.clone(), number);
        self.bytes = self.bytes.saturating_add(signature.bytes());
        self.signatures.push(signature);
        Learned {
            signature: number,
            lines,
        }
    }

    /// Makes templates of the signatures, and keeps the more frequent half of the room.
    fn compact(&mut self) {
        let mut kept = self.templates().into_signatures();
        kept.sort_by(|one, other| other.lines.cmp(&one.lines).then_with(|| one.text.cmp(&other.text)));
        let mut room = self.options.most_bytes / 2;
        let fits = |signature: &&Signature| {
            room = room.saturating_sub(signature.bytes());
            room > 0
        };
        let most = kept
            .iter()
            .take(self.options.most_signatures / 2)
            .take_while(fits)
            .count();
        let rest = kept.split_off(most);
        for signature in rest {
            self.forgotten = self.forgotten.saturating_add(signature.lines);
        }
        self.numbers.clear();
        for (number, signature) in (0..).zip(&kept) {
            self.numbers.insert(signature.text.clone(), number);
        }
        self.bytes = kept.iter().map(Signature::bytes).sum();
        self.signatures = kept;
        self.generation = self.generation.wrapping_add(1);
    }
}

impl Signature {
    /// What its text and tokens take.
    fn bytes(&self) -> usize {
        self.text.len() + self.glued.len() + 2 * self.kinds.len()
    }

    fn add(&mut self, other: &Self) {
        self.lines = self.lines.saturating_add(other.lines);
        self.first = self.first.min(other.first);
        for (all, kinds) in self.kinds.iter_mut().zip(&other.kinds) {
            *all = all.and(*kinds);
        }
    }
}

#[cfg(test)]
mod tests;
