//! What the model knows of a mail: hashed words and pairs of words, and [signs](crate::SIGNS).

use crate::Letter;
use crate::signs;
use crate::text::{Piece, fold, pieces};
use crate::text::{Words, head};
use std::collections::BTreeSet;
use std::sync::LazyLock;
use watchfire_knowledge::brand::{self, Brand};
use watchfire_model::Untrusted;

/// Places of words and pairs in a model.
pub const BUCKETS: usize = 1 << 17;

/// Words of a body that are read; lures come to the point.
const BODY: usize = 900;
const SUBJECT: usize = 60;
const NAME: usize = 12;

/// Fewer distinct words than these count as so many, so that a single word does not decide.
const FEWEST: usize = 30;

/// What the model knows of one mail.
#[derive(Clone, Debug)]
pub struct Features {
    /// Distinct buckets in order, and where to find what fell in.
    pub(crate) grams: Vec<Gram>,
    /// Values in the order of [`SIGNS`](crate::SIGNS).
    pub(crate) signs: Vec<f32>,
    subject: Words,
    name: Words,
    body: Words,
}

/// A word, or two that follow one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Gram {
    pub(crate) bucket: u32,
    field: Field,
    at: u32,
    pair: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Field {
    Body,
    Subject,
    Name,
}

impl Features {
    /// Reads a mail.
    pub fn of(letter: &Letter<'_>) -> Self {
        let names: Vec<&str> = letter.facts.from.iter().take(4).map(|entry| entry.name.raw()).collect();
        let mut features = Self {
            grams: Vec::new(),
            signs: signs::read(letter).values,
            subject: Words::read(head(letter.facts.subject.raw(), 1_000), SUBJECT),
            name: Words::read(head(&names.join(" "), 300), NAME),
            body: Words::read(head(letter.body(), 12_000), BODY),
        };
        features.collect();
        features
    }

    /// The value of every word and pair that is there: together they are as long as 1.
    #[expect(clippy::cast_precision_loss, reason = "a few thousand at most")]
    pub(crate) fn each(&self) -> f64 {
        1.0 / (self.grams.len().max(FEWEST) as f64).sqrt()
    }

    /// Buckets, signs with their values: what a trainer learns from. The value of a bucket is the same for all.
    pub fn values(&self) -> (Vec<u32>, f64, &[f32]) {
        (
            self.grams.iter().map(|gram| gram.bucket).collect(),
            self.each(),
            &self.signs,
        )
    }

    /// The first words, by which near-duplicates are told.
    pub fn beginning(&self, words: usize) -> String {
        let all: Vec<&str> = self.subject.iter().chain(self.body.iter()).take(words).collect();
        all.join(" ")
    }

    /// What fell into a bucket, in words.
    pub(crate) fn told(&self, gram: Gram) -> String {
        let words = self.words(gram.field);
        let at = gram.at as usize;
        let text = match gram.pair {
            true => format!("{} {}", words.get(at.saturating_sub(1)), words.get(at)),
            false => words.get(at).to_owned(),
        };
        let text = Untrusted::new(text).shown(60);
        match gram.field {
            Field::Body => format!("“{text}”"),
            Field::Subject => format!("“{text}” in the subject"),
            Field::Name => format!("“{text}” in the sender's name"),
        }
    }

    fn words(&self, field: Field) -> &Words {
        match field {
            Field::Body => &self.body,
            Field::Subject => &self.subject,
            Field::Name => &self.name,
        }
    }

    fn collect(&mut self) {
        let mut grams = Vec::with_capacity(2 * (self.body.len() + 2 * self.subject.len() + self.name.len()));
        for (field, salt) in [(Field::Body, 0_u8), (Field::Subject, 1), (Field::Name, 2)] {
            let mut before = None;
            for (at, word) in self.words(field).iter().enumerate() {
                let hash = hash(FNV ^ u64::from(salt), word);
                let at = u32::try_from(at).unwrap_or(u32::MAX);
                grams.push(Gram {
                    bucket: bucket(hash),
                    field,
                    at,
                    pair: false,
                });
                if let Some(before) = before {
                    grams.push(Gram {
                        bucket: bucket(self::hash(before, word)),
                        field,
                        at,
                        pair: true,
                    });
                }
                // A blank between the two.
                before = Some((hash ^ 0x20).wrapping_mul(PRIME));
                if field == Field::Subject {
                    grams.push(Gram {
                        bucket: bucket(self::hash(FNV, word)),
                        field,
                        at,
                        pair: false,
                    });
                }
            }
        }
        grams.sort_unstable();
        grams.dedup_by_key(|gram| gram.bucket);
        self.grams = grams;
    }
}

/// FNV-1a, 64 bits.
const FNV: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

fn hash(start: u64, word: &str) -> u64 {
    word.bytes()
        .fold(start, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME))
}

#[expect(clippy::cast_possible_truncation, reason = "the lower bits are what is wanted")]
fn bucket(hash: u64) -> u32 {
    let mixed = hash ^ (hash >> 29) ^ (hash >> 43);
    mixed as u32 & (BUCKETS as u32 - 1)
}

/// Well-known names that a text has.
pub(crate) struct Brands {
    /// What they are known by.
    pub(crate) words: Vec<&'static str>,
}

impl Brands {
    pub(crate) fn in_text(text: &str) -> Self {
        let mut found = BTreeSet::new();
        let (mut word, mut before) = (String::new(), String::new());
        for piece in pieces(text) {
            let Piece::Word(raw) = piece else {
                before.clear();
                continue;
            };
            fold(raw, &mut word);
            found.extend(named(&word).map(|brand| brand.words));
            if !before.is_empty() {
                before.push_str(&word);
                found.extend(named(&before).map(|brand| brand.words));
            }
            std::mem::swap(&mut word, &mut before);
        }
        Self {
            words: found.into_iter().flatten().copied().collect(),
        }
    }

    pub(crate) fn any(&self) -> bool {
        !self.words.is_empty()
    }

    pub(crate) fn with(&self, other: &Self) -> Self {
        Self {
            words: self.words.iter().chain(&other.words).copied().collect(),
        }
    }
}

/// Whom a folded word names.
fn named(word: &str) -> Option<&'static Brand> {
    static NAMES: LazyLock<Vec<(&'static str, &'static Brand)>> = LazyLock::new(|| {
        let mut names: Vec<_> = brand::all()
            .iter()
            .flat_map(|brand| brand.words.iter().map(move |word| (*word, brand)))
            .collect();
        names.sort_by_key(|(word, _)| *word);
        names
    });
    let at = NAMES.binary_search_by_key(&word, |(name, _)| name).ok()?;
    NAMES.get(at).map(|(_, brand)| *brand)
}
