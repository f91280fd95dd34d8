//! One tree of a forest, grown from a sample, in flat arrays.
//!
//! A leaf is a node whose child is itself and whose threshold nothing is above: whoever walks need not ask whether he has
//! arrived. Every node says how long a path through it is expected to be, so that a score is one look-up and the change
//! from node to node tells which feature shortened the path.

#![expect(
    clippy::indexing_slicing,
    reason = "places come from the tree's own arrays, which `checked` holds consistent; the tests walk by another way"
)]

use super::{Depth, Options, expected_path};
use crate::random::Random;

/// A split, or a leaf.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Node {
    /// Up to here goes to the first child, above to the second.
    pub(crate) threshold: f32,
    /// The column that is compared; unused where splits are oblique.
    pub(crate) feature: u16,
    /// The first child, the second follows it.
    pub(crate) child: u16,
}

/// Nodes and what belongs to each.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tree {
    /// Seed and number: equal for equal trees, so that the same tree counts once when forests merge.
    pub(crate) id: (u64, u32),
    pub(crate) nodes: Vec<Node>,
    /// Length of the path to each node and what is expected below it.
    pub(crate) paths: Vec<f32>,
    /// For oblique splits: `extension` columns of each node, and their weights.
    pub(crate) features: Vec<u16>,
    pub(crate) weights: Vec<f32>,
    /// No path is longer.
    pub(crate) height: u16,
}

/// What grows: the sample, and the order in which its rows lie in the nodes.
struct Growth<'a> {
    sample: &'a [f32],
    columns: usize,
    order: Vec<usize>,
    /// The value by which each row of the current node is split.
    along: Vec<f32>,
    /// All columns, in the order in which the last node drew them.
    drawn: Vec<u16>,
    random: Random,
}

/// A node that may be split: its place, its rows in `order`, its depth.
struct Open {
    at: usize,
    begin: usize,
    end: usize,
    depth: u16,
}

impl Tree {
    /// The tree `number` of a forest over the rows of `sample`, each `columns` long.
    pub(crate) fn grow(sample: &[f32], columns: usize, options: &Options, number: u32, random: Random) -> Self {
        let rows = sample.len() / columns.max(1);
        let mut growth = Growth {
            sample,
            columns,
            order: (0..rows).collect(),
            along: vec![0.0; rows],
            drawn: (0..columns).map(|column| column as u16).collect(),
            random,
        };
        let limit = match options.depth {
            Depth::Full => u16::MAX,
            Depth::Logarithm => ceiling_log2(rows),
        };
        let extension = options.extension.clamp(1, columns.max(1));
        let mut tree = Self {
            id: (options.seed, number),
            nodes: vec![leaf(0)],
            paths: vec![expected_path(rows)],
            features: Vec::new(),
            weights: Vec::new(),
            height: 0,
        };
        tree.pad(extension);
        let mut open = vec![Open {
            at: 0,
            begin: 0,
            end: rows,
            depth: 0,
        }];
        while let Some(node) = open.pop() {
            if node.end - node.begin < 2 || node.depth >= limit {
                continue;
            }
            let Some((threshold, feature)) = growth.split(&mut tree, &node, extension) else {
                continue;
            };
            let middle = growth.part(&node, threshold);
            let child = tree.nodes.len();
            tree.nodes[node.at] = Node {
                threshold,
                feature,
                child: child as u16,
            };
            for (at, begin, end) in [(child, node.begin, middle), (child + 1, middle, node.end)] {
                let depth = node.depth + 1;
                tree.nodes.push(leaf(at));
                tree.paths.push(f32::from(depth) + expected_path(end - begin));
                tree.height = tree.height.max(depth);
                open.push(Open { at, begin, end, depth });
            }
            tree.pad(extension);
        }
        tree
    }

    /// Room for the oblique splits of all nodes.
    fn pad(&mut self, extension: usize) {
        if extension > 1 {
            self.features.resize(self.nodes.len() * extension, 0);
            self.weights.resize(self.nodes.len() * extension, 0.0);
        }
    }

    /// Whether every place named exists and every walk ends: a child lies after its parent or is the parent itself.
    pub(crate) fn checked(&self, columns: usize, extension: usize) -> bool {
        let count = self.nodes.len();
        let splits = if extension > 1 { count * extension } else { 0 };
        let whole = count > 0
            && self.paths.len() == count
            && self.features.len() == splits
            && self.weights.len() == splits
            && self.paths.iter().chain(&self.weights).all(|number| number.is_finite())
            && self.features.iter().all(|&feature| usize::from(feature) < columns);
        whole
            && self.nodes.iter().enumerate().all(|(at, node)| {
                let child = usize::from(node.child);
                let leaf = child == at && node.threshold == f32::INFINITY;
                let split = child > at && child + 1 < count && node.threshold.is_finite();
                usize::from(node.feature) < columns && (leaf || split)
            })
            && self.longest() == self.height
    }

    /// The longest path from the root. Children lie after their parents, so one pass tells.
    fn longest(&self) -> u16 {
        let mut depths = vec![0_u16; self.nodes.len()];
        for (at, node) in self.nodes.iter().enumerate() {
            let child = usize::from(node.child);
            if child > at {
                for below in [child, child + 1] {
                    depths[below] = depths[below].max(depths[at].saturating_add(1));
                }
            }
        }
        depths.into_iter().max().unwrap_or(0)
    }
}

impl Growth<'_> {
    /// A random split of the node: threshold and, where it is along one axis, the column. `None` when all rows are equal.
    fn split(&mut self, tree: &mut Tree, node: &Open, extension: usize) -> Option<(f32, u16)> {
        let columns = self.drawn.len();
        if extension > 1 {
            // Where few columns differ, several draws may meet only those that do not.
            for _ in 0..8 {
                self.oblique(tree, node.at, extension);
                let range = self.project(node, tree, extension);
                if let Some(threshold) = self.threshold(range) {
                    return Some((threshold, 0));
                }
            }
        }
        for left in 0..columns {
            // Every column that differs is equally likely: draw without putting back until one does.
            let pick = left + self.random.index(columns - left);
            self.drawn.swap(left, pick);
            let feature = self.drawn[left];
            let range = self.look(node, usize::from(feature));
            if let Some(threshold) = self.threshold(range) {
                if extension > 1 {
                    tree.features[node.at * extension..][..extension].fill(feature);
                    tree.weights[node.at * extension..][..extension].fill(0.0);
                    tree.weights[node.at * extension] = 1.0;
                }
                return Some((threshold, feature));
            }
        }
        None
    }

    /// Draws the direction of an oblique split.
    fn oblique(&mut self, tree: &mut Tree, at: usize, extension: usize) {
        for place in 0..extension {
            let pick = place + self.random.index(self.drawn.len() - place);
            self.drawn.swap(place, pick);
            tree.features[at * extension + place] = self.drawn[place];
            tree.weights[at * extension + place] = self.random.normal() as f32;
        }
    }

    fn look(&mut self, node: &Open, feature: usize) -> (f32, f32) {
        let mut range = (f32::INFINITY, f32::NEG_INFINITY);
        for place in node.begin..node.end {
            let value = self.sample[self.order[place] * self.columns + feature];
            range = (range.0.min(value), range.1.max(value));
            self.along[place] = value;
        }
        range
    }

    fn project(&mut self, node: &Open, tree: &Tree, extension: usize) -> (f32, f32) {
        let features = &tree.features[node.at * extension..][..extension];
        let weights = &tree.weights[node.at * extension..][..extension];
        let mut range = (f32::INFINITY, f32::NEG_INFINITY);
        for place in node.begin..node.end {
            let row = &self.sample[self.order[place] * self.columns..][..self.columns];
            let value = project(row, features, weights);
            range = (range.0.min(value), range.1.max(value));
            self.along[place] = value;
        }
        range
    }

    /// A place between the ends such that both sides get something.
    fn threshold(&mut self, (low, high): (f32, f32)) -> Option<f32> {
        if high <= low {
            return None;
        }
        let part = self.random.unit() as f32;
        let threshold = low * (1.0 - part) + high * part;
        Some(if threshold >= low && threshold < high {
            threshold
        } else {
            low
        })
    }

    /// Orders the node's rows by side, and says where the second side begins.
    fn part(&mut self, node: &Open, threshold: f32) -> usize {
        let mut middle = node.begin;
        for place in node.begin..node.end {
            if self.along[place] <= threshold {
                self.along.swap(middle, place);
                self.order.swap(middle, place);
                middle += 1;
            }
        }
        middle
    }
}

/// Where a row lies along an oblique direction.
#[inline]
pub(crate) fn project(row: &[f32], features: &[u16], weights: &[f32]) -> f32 {
    let terms = features.iter().zip(weights);
    terms.map(|(&feature, weight)| row[usize::from(feature)] * weight).sum()
}

fn leaf(at: usize) -> Node {
    Node {
        threshold: f32::INFINITY,
        feature: 0,
        child: at as u16,
    }
}

fn ceiling_log2(count: usize) -> u16 {
    count.max(2).next_power_of_two().trailing_zeros() as u16
}
