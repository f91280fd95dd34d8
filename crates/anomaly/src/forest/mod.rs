//! Isolation forests: what is cut off from a random sample by few random cuts is unlike the rest.
//!
//! Isolation Forest after Liu, Ting, Zhou ("Isolation Forest", ICDM 2008), Extended Isolation Forest after Hariri, Carrasco
//! Kind, Brunner (IEEE TKDE 33, 2021), whose cuts lie across several columns at once. Trees are flat arrays; tree `n` draws
//! from a generator made of the seed and `n`, and the sum over trees is taken in their order, so that scores are the same
//! whatever the number of threads. Rows are brought to a common scale first: single cuts do not notice, oblique ones need it,
//! and large numbers (times in seconds) keep their digits in four bytes.
//!
//! What this leaves out: weights of rows, pruning, growth from rows that come one by one (see `stream`).

mod explain;
pub(crate) mod tree;
mod walk;

use crate::parallel;
use crate::random::Random;
use crate::rows::Rows;
use crate::scale::Scale;
use tree::Tree;

/// How far trees grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// To the logarithm of the sample, as the paper has it: the rest of the path is estimated.
    Logarithm,
    /// Until rows are alone, which tells rows in sparse regions apart as well.
    Full,
}

/// How a forest is grown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// How many trees.
    pub trees: u32,
    /// Rows in the sample of each tree, at most [`Options::LARGEST_SAMPLE`].
    pub sample: usize,
    /// How many columns each cut lies across: 1 for the Isolation Forest, more for the Extended one.
    pub extension: usize,
    /// How far trees grow.
    pub depth: Depth,
    /// The same seed gives the same forest.
    pub seed: u64,
}

impl Options {
    /// Nodes are named by two bytes.
    pub const LARGEST_SAMPLE: usize = 32_768;

    /// Oblique cuts lie across no more columns.
    pub const LARGEST_EXTENSION: usize = 64;
}

impl Default for Options {
    /// 100 trees of 256 rows, as in the paper.
    fn default() -> Self {
        Self {
            trees: 100,
            sample: 256,
            extension: 1,
            depth: Depth::Logarithm,
            seed: 0,
        }
    }
}

/// A grown forest.
#[derive(Clone, Debug, PartialEq)]
pub struct Forest {
    pub(crate) scale: Scale,
    pub(crate) extension: usize,
    /// The expected path in a tree of the sample's size, by which scores are normalised.
    pub(crate) expected: f64,
    pub(crate) trees: Vec<Tree>,
}

impl Forest {
    /// Grows a forest from `rows`, which are brought to `scale` first. Without rows every score is a half.
    pub fn fit(rows: Rows<'_>, scale: Scale, options: &Options, threads: usize) -> Self {
        let columns = rows.columns();
        let sample = options.sample.clamp(1, Options::LARGEST_SAMPLE).min(rows.len());
        let options = Options {
            extension: options.extension.clamp(1, columns.min(Options::LARGEST_EXTENSION)),
            ..*options
        };
        let trees = parallel::each(threads, options.trees as usize, |number| {
            let mut random = Random::of(options.seed, number as u64);
            let drawn = random.sample(rows.len(), sample);
            let mut scaled = vec![0.0; drawn.len() * columns];
            for (&at, scaled) in drawn.iter().zip(scaled.chunks_exact_mut(columns)) {
                scale.apply(rows.row(at), scaled);
            }
            Tree::grow(&scaled, columns, &options, number as u32, random)
        });
        Self {
            scale,
            extension: options.extension,
            expected: f64::from(expected_path(sample)),
            trees,
        }
    }

    /// How many trees there are.
    pub fn len(&self) -> usize {
        self.trees.len()
    }

    /// Whether there are no trees.
    pub fn is_empty(&self) -> bool {
        self.trees.is_empty()
    }

    /// The number of columns that rows must have.
    pub fn columns(&self) -> usize {
        self.scale.columns()
    }

    /// How anomalous each row is, from 0 to 1: 2 to the power of minus its mean path over the expected one. About a half is
    /// usual. Rows with other columns than the forest's give nothing.
    pub fn score(&self, rows: Rows<'_>, threads: usize) -> Vec<f64> {
        let mut scores = self.paths(rows, threads);
        for score in &mut scores {
            *score = self.normalised(*score);
        }
        scores
    }

    /// The mean path of each row: short is anomalous.
    pub fn paths(&self, rows: Rows<'_>, threads: usize) -> Vec<f64> {
        if rows.columns() != self.columns() {
            return Vec::new();
        }
        let mut paths = vec![0.0; rows.len()];
        parallel::fill(threads, rows, &mut paths, 1, |rows, paths| self.walk(rows, paths));
        paths
    }

    fn normalised(&self, path: f64) -> f64 {
        if self.expected > 0.0 {
            (-path / self.expected).exp2()
        } else {
            0.5
        }
    }

    /// A forest with the trees of both, each once, in the order of their seeds: whoever merges with whom first does not
    /// matter. `None` where they were grown on other scales, of other samples or with other cuts.
    pub fn merge(&self, other: &Self) -> Option<Self> {
        let alike = self.scale == other.scale && self.extension == other.extension && self.expected == other.expected;
        if !alike {
            return None;
        }
        let mut trees: Vec<Tree> = self.trees.iter().chain(&other.trees).cloned().collect();
        trees.sort_by_key(|tree| tree.id);
        trees.dedup_by_key(|tree| tree.id);
        Some(Self { trees, ..self.clone() })
    }

    /// Whether everything in it fits together, which makes a forest from a file safe to walk.
    pub(crate) fn checked(&self) -> bool {
        let columns = self.columns();
        self.scale.checked()
            && (1..=columns.min(Options::LARGEST_EXTENSION)).contains(&self.extension)
            && self.expected.is_finite()
            && self.trees.iter().all(|tree| tree.checked(columns, self.extension))
    }
}

/// The mean length of an unsuccessful search in a binary search tree of `rows`, by which the paper estimates what is below
/// a leaf: 2 H(n-1) - 2 (n-1)/n.
pub(crate) fn expected_path(rows: usize) -> f32 {
    const EULER: f64 = 0.577_215_664_901_532_9;
    match rows {
        0 | 1 => 0.0,
        2 => 1.0,
        _ => {
            let before = (rows - 1) as f64;
            (2.0 * (before.ln() + EULER) - 2.0 * before / rows as f64) as f32
        }
    }
}

#[cfg(test)]
mod tests;
