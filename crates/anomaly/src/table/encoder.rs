//! How the cells of a table become numbers that grow with surprise.

use super::{Cells, Column, Table};
use crate::neighbours::Asked;
use std::collections::BTreeMap;

/// Of a column, as many different words are counted; the rarest of more are as if never met.
const MOST_WORDS: usize = 20_000;

/// Columns of more different words are in no pair.
const MOST_PAIRED: usize = 1_000;

/// As many pairs of columns are looked at, in the order of the columns.
const MOST_PAIRS: usize = 24;

/// Where more than this share of the rows have a word of their own, the column names rows.
const IDENTIFIER: f64 = 0.5;

/// What a number of the encoding is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Feature {
    /// The number in a column.
    Number(String),
    /// How rare the word in a column is, in bits.
    Rarity(String),
    /// How rare the words of two columns are together: the bits in the one where the other is, whichever is less.
    Pair(String, String),
    /// How rare the hour of the day of a time is, in bits.
    Hour(String),
}

impl Feature {
    /// A name for people.
    pub fn name(&self) -> String {
        match self {
            Self::Number(column) => column.clone(),
            Self::Rarity(column) => format!("rarity of {column}"),
            Self::Pair(one, other) => format!("{one} with {other}"),
            Self::Hour(column) => format!("hour of {column}"),
        }
    }
}

/// What was counted for a feature.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Counts {
    /// Nothing.
    None,
    /// Rows with each word; for pairs the words one after the other, the first with its length before it.
    Words(BTreeMap<Vec<u8>, u64>),
    /// The same of the most frequent words, and in how many rows one of the others was at most.
    Frequent(BTreeMap<Vec<u8>, u64>, u64),
    /// Rows in each hour.
    Hours(Vec<u64>),
}

impl Counts {
    /// Rows with each word.
    fn words(&self) -> Option<&BTreeMap<Vec<u8>, u64>> {
        match self {
            Self::Words(words) | Self::Frequent(words, _) => Some(words),
            Self::None | Self::Hours(_) => None,
        }
    }
}

/// Features and what was counted.
#[derive(Clone, Debug, PartialEq)]
pub struct Encoder {
    pub(crate) features: Vec<Feature>,
    pub(crate) counts: Vec<Counts>,
    /// How many rows were counted.
    pub(crate) rows: u64,
}

impl Encoder {
    /// Numbers that a row becomes at most; what columns behind them say is not looked at.
    pub const MOST_FEATURES: usize = 1_024;

    /// Counts the words and hours in the rows at `places`. `None` where no column says anything.
    pub fn fit(table: &Table, places: &[usize]) -> Option<Self> {
        let mut encoder = Self {
            features: Vec::new(),
            counts: Vec::new(),
            rows: places.len() as u64,
        };
        let mut paired: Vec<&Column> = Vec::new();
        for column in table.columns() {
            let name = column.name.clone();
            match &column.cells {
                Cells::Numbers(_) => encoder.add(Feature::Number(name), Counts::None),
                Cells::Times(times) => {
                    let mut hours = vec![0; 24];
                    for hour in places.iter().filter_map(|&at| hour(*times.get(at)?)) {
                        if let Some(count) = hours.get_mut(hour) {
                            *count += 1;
                        }
                    }
                    encoder.add(Feature::Hour(name), Counts::Hours(hours));
                }
                Cells::Words(words) => {
                    let counted = count(places.iter().filter_map(|&at| words.get(at).cloned()));
                    let Some(counts) = counted.words() else { continue };
                    let own = counts.values().filter(|count| **count == 1).count();
                    if own as f64 > IDENTIFIER * places.len() as f64 || counts.len() < 2 {
                        continue;
                    }
                    if counts.len() <= MOST_PAIRED {
                        paired.push(column);
                    }
                    encoder.add(Feature::Rarity(name), counted);
                }
            }
        }
        let pairs = paired
            .iter()
            .enumerate()
            .flat_map(|(at, one)| paired.iter().skip(at + 1).map(move |other| (one, other)));
        for (one, other) in pairs.take(MOST_PAIRS) {
            let both = count(
                places
                    .iter()
                    .filter_map(|&at| Some(pair(word(one, at)?, word(other, at)?))),
            );
            encoder.add(Feature::Pair(one.name.clone(), other.name.clone()), both);
        }
        (!encoder.features.is_empty()).then_some(encoder)
    }

    fn add(&mut self, feature: Feature, counts: Counts) {
        if self.features.len() < Self::MOST_FEATURES {
            self.features.push(feature);
            self.counts.push(counts);
        }
    }

    /// What each number of a row is about.
    pub fn features(&self) -> &[Feature] {
        &self.features
    }

    /// How many rows were counted.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Names for people.
    pub fn names(&self) -> Vec<String> {
        self.features.iter().map(Feature::name).collect()
    }

    /// The rows at `places` as numbers, row by row. Rows that were counted are told as if they had not been.
    pub fn encode(&self, table: &Table, places: &[usize], asked: Asked) -> Vec<f64> {
        let own = u64::from(asked == Asked::Fitted);
        let width = self.features.len();
        let mut values = vec![f64::NAN; places.len().saturating_mul(width)];
        for (number, (feature, counts)) in self.features.iter().zip(&self.counts).enumerate() {
            let told = self.tell(table, feature, counts, own);
            for (row, &at) in values.chunks_exact_mut(width).zip(places) {
                if let (Some(value), Some(told)) = (row.get_mut(number), told(at)) {
                    *value = told;
                }
            }
        }
        values
    }

    /// How one feature is told of a row.
    fn tell<'a>(
        &'a self,
        table: &'a Table,
        feature: &'a Feature,
        counts: &'a Counts,
        own: u64,
    ) -> Box<dyn Fn(usize) -> Option<f64> + 'a> {
        let rows = self.rows;
        match (feature, counts) {
            (Feature::Number(name), _) => {
                let column = find(table, name);
                Box::new(move |at| number(column?, at))
            }
            (Feature::Rarity(name), Counts::Words(counts) | Counts::Frequent(counts, _)) => {
                let column = find(table, name);
                Box::new(move |at| {
                    Some(bits(
                        counts.get(word(column?, at)?).copied().unwrap_or(0).saturating_sub(own),
                        rows - own.min(rows),
                    ))
                })
            }
            (Feature::Hour(name), Counts::Hours(hours)) => {
                let column = find(table, name);
                let smooth = smooth(hours);
                Box::new(move |at| smooth.get(hour(number(column?, at)?)?).copied())
            }
            (Feature::Pair(one, other), Counts::Words(both) | Counts::Frequent(both, _)) => {
                let columns = (find(table, one), find(table, other));
                let singles = (self.words_of(one), self.words_of(other));
                Box::new(move |at| {
                    let (one, other) = (word(columns.0?, at)?, word(columns.1?, at)?);
                    let together = both.get(&pair(one, other)).copied().unwrap_or(0).saturating_sub(own);
                    let alone = |counts: Option<&BTreeMap<Vec<u8>, u64>>, word: &[u8]| {
                        counts
                            .and_then(|counts| counts.get(word))
                            .copied()
                            .unwrap_or(0)
                            .saturating_sub(own)
                    };
                    Some(bits(together, alone(singles.0, one)).min(bits(together, alone(singles.1, other))))
                })
            }
            _ => Box::new(|_| None),
        }
    }

    fn words_of(&self, name: &str) -> Option<&BTreeMap<Vec<u8>, u64>> {
        let at = self
            .features
            .iter()
            .position(|feature| matches!(feature, Feature::Rarity(column) if column == name))?;
        self.counts.get(at)?.words()
    }

    /// The words that a feature looks at in a row, how many counted rows had them, and how many may have.
    pub(super) fn words(&self, table: &Table, row: usize, feature: &Feature) -> (Vec<Vec<u8>>, [u64; 2]) {
        let at = |name: &str| {
            find(table, name)
                .and_then(|column| word(column, row))
                .unwrap_or_default()
        };
        let (words, key) = match feature {
            Feature::Rarity(name) => (vec![at(name).to_vec()], at(name).to_vec()),
            Feature::Pair(one, other) => (vec![at(one).to_vec(), at(other).to_vec()], pair(at(one), at(other))),
            Feature::Number(_) | Feature::Hour(_) => return (Vec::new(), [0, 0]),
        };
        let counts = self
            .features
            .iter()
            .position(|other| other == feature)
            .and_then(|at| self.counts.get(at));
        let seen = match counts {
            Some(Counts::Words(counts)) => [counts.get(&key).copied().unwrap_or(0); 2],
            Some(Counts::Frequent(counts, others)) => counts.get(&key).map_or([0, *others], |count| [*count; 2]),
            _ => [0, 0],
        };
        (words, seen)
    }

    /// Whether everything in it fits together.
    pub(crate) fn checked(&self) -> bool {
        let fits = |(feature, counts): (&Feature, &Counts)| match (feature, counts) {
            (Feature::Number(_), Counts::None) => true,
            (Feature::Hour(_), Counts::Hours(hours)) => hours.len() == 24,
            (Feature::Rarity(_) | Feature::Pair(..), counts) => counts.words().is_some(),
            _ => false,
        };
        (1..=Self::MOST_FEATURES).contains(&self.features.len())
            && self.features.len() == self.counts.len()
            && self.features.iter().zip(&self.counts).all(fits)
    }
}

/// The bits of information in meeting what `count` of `rows` had.
fn bits(count: u64, rows: u64) -> f64 {
    let share = (count as f64 + 0.5) / (rows as f64 + 1.0);
    -share.min(1.0).log2()
}

/// The bits in each hour, with its neighbours: five to nine is near nine o'clock.
fn smooth(hours: &[u64]) -> Vec<f64> {
    let all: u64 = hours.iter().fold(0, |all, count| all.saturating_add(*count));
    let at = |hour: usize| hours.get(hour % 24).copied().unwrap_or(0) as f64;
    let near = |hour: usize| 0.25 * at(hour + 23) + 0.5 * at(hour) + 0.25 * at(hour + 1);
    (0..24)
        .map(|hour| -((near(hour) + 0.5) / (all as f64 + 12.0)).log2())
        .collect()
}

/// The hour of the day, from 0 to 23.
fn hour(time: f64) -> Option<usize> {
    time.is_finite()
        .then(|| (time.rem_euclid(86_400.0) / 3_600.0) as usize % 24)
}

fn count(words: impl Iterator<Item = Vec<u8>>) -> Counts {
    let mut counts: BTreeMap<Vec<u8>, u64> = BTreeMap::new();
    for word in words {
        *counts.entry(word).or_default() += 1;
    }
    if counts.len() > MOST_WORDS {
        let mut ranked: Vec<(Vec<u8>, u64)> = counts.into_iter().collect();
        ranked.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
        let others = ranked.get(MOST_WORDS).map_or(0, |(_, count)| *count);
        ranked.truncate(MOST_WORDS);
        return Counts::Frequent(ranked.into_iter().collect(), others);
    }
    Counts::Words(counts)
}

/// Two words as one, such that no other two are the same.
fn pair(one: &[u8], other: &[u8]) -> Vec<u8> {
    let mut both = (one.len() as u32).to_le_bytes().to_vec();
    both.extend_from_slice(one);
    both.extend_from_slice(other);
    both
}

fn find<'a>(table: &'a Table, name: &str) -> Option<&'a Column> {
    table.columns().iter().find(|column| column.name == name)
}

fn word(column: &Column, at: usize) -> Option<&[u8]> {
    match &column.cells {
        Cells::Words(words) => words.get(at).map(Vec::as_slice),
        Cells::Numbers(_) | Cells::Times(_) => None,
    }
}

fn number(column: &Column, at: usize) -> Option<f64> {
    match &column.cells {
        Cells::Numbers(numbers) | Cells::Times(numbers) => numbers.get(at).copied(),
        Cells::Words(words) => std::str::from_utf8(words.get(at)?).ok()?.trim().parse().ok(),
    }
}
