//! Which columns made a path short.
//!
//! Before each cut a tree expects a path of some length; after it, of another. The change is credited to the column that
//! was cut, and shared by weight where several were. Credits of all columns add up exactly to what the whole path is
//! shorter than expected: nothing is estimated and nothing is lost. The idea is Saabas' for regression trees ("Interpreting
//! random forests", 2014).

#![expect(
    clippy::indexing_slicing,
    reason = "nodes name places that `Tree::checked` holds inside; the tests hold the sum to the path"
)]

use super::Forest;
use super::tree::{Tree, project};

impl Forest {
    /// By how much each column shortened the mean path of `row`, in cuts; negative where it made it longer. Empty for a row
    /// of other columns.
    pub fn credits(&self, row: &[f64]) -> Vec<f64> {
        let columns = self.columns();
        if row.len() != columns {
            return Vec::new();
        }
        let mut scaled = vec![0.0; columns];
        self.scale.apply(row, &mut scaled);
        let mut credits = vec![0.0; columns];
        for tree in &self.trees {
            tree.credit(&scaled, self.extension, &mut credits);
        }
        let trees = self.trees.len().max(1) as f64;
        for credit in &mut credits {
            *credit /= trees;
        }
        credits
    }
}

impl Tree {
    fn credit(&self, row: &[f32], extension: usize, credits: &mut [f64]) {
        let mut at = 0;
        loop {
            let node = self.nodes[at];
            let child = usize::from(node.child);
            if child == at {
                return;
            }
            let place = at * extension..(at + 1) * extension;
            let oblique = extension > 1;
            let value = if oblique {
                project(row, &self.features[place.clone()], &self.weights[place.clone()])
            } else {
                row[usize::from(node.feature)]
            };
            let next = child + usize::from(value > node.threshold);
            let change = f64::from(self.paths[at]) - f64::from(self.paths[next]);
            if oblique {
                share(
                    row,
                    &self.features[place.clone()],
                    &self.weights[place],
                    change,
                    credits,
                );
            } else {
                credits[usize::from(node.feature)] += change;
            }
            at = next;
        }
    }
}

/// Shares a change by how far each column moved the row along the direction; the scale's centre is 0.
fn share(row: &[f32], features: &[u16], weights: &[f32], change: f64, credits: &mut [f64]) {
    let part = |(&feature, &weight): (&u16, &f32)| f64::from((row[usize::from(feature)] * weight).abs());
    let whole: f64 = features.iter().zip(weights).map(part).sum();
    for (feature, weight) in features.iter().zip(weights) {
        let part = if whole > 0.0 {
            part((feature, weight)) / whole
        } else {
            1.0 / features.len() as f64
        };
        credits[usize::from(*feature)] += change * part;
    }
}
