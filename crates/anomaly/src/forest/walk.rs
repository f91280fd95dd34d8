//! The hot loop: rows walk down trees, several at a time.
//!
//! One row waits for memory at every node. Sixteen rows that go down the same tree side by side wait together, and a leaf
//! leads back to itself, so that nobody asks who has arrived before the shortest paths are over.

#![expect(
    clippy::indexing_slicing,
    reason = "nodes name places that `Tree::checked` holds inside; the tests walk row by row and must agree"
)]

use super::Forest;
use super::tree::{Tree, project};
use crate::rows::Rows;

/// Rows that walk side by side.
const LANES: usize = 16;

/// Numbers of a block of rows that stay in the first cache together with a tree.
const BLOCK: usize = 4_096;

impl Forest {
    /// The mean path of each of `rows`, which have the forest's columns.
    pub(super) fn walk(&self, rows: Rows<'_>, paths: &mut [f64]) {
        let columns = rows.columns();
        let together = (BLOCK / columns / LANES).max(1) * LANES;
        // A last group that is not full walks with rows of zeros beside it.
        let mut block = vec![0.0_f32; together * columns];
        let mut sums = vec![0.0_f32; together];
        let trees = self.trees.len().max(1) as f64;
        for (rows, paths) in rows.pieces(together).zip(paths.chunks_mut(together)) {
            for (row, scaled) in rows.iter().zip(block.chunks_exact_mut(columns)) {
                self.scale.apply(row, scaled);
            }
            let groups = rows.len().div_ceil(LANES);
            sums.fill(0.0);
            for tree in &self.trees {
                let lanes = block.chunks_exact(LANES * columns).zip(sums.chunks_exact_mut(LANES));
                for (rows, sums) in lanes.take(groups) {
                    if self.extension > 1 {
                        tree.walk_oblique(rows, columns, self.extension, sums);
                    } else {
                        tree.walk_lanes(rows, columns, sums);
                    }
                }
            }
            for (path, sum) in paths.iter_mut().zip(&sums) {
                *path = f64::from(*sum) / trees;
            }
        }
    }
}

impl Tree {
    /// Adds the paths of a group of rows to `sums`.
    #[inline]
    fn walk_lanes(&self, rows: &[f32], columns: usize, sums: &mut [f32]) {
        let nodes = self.nodes.as_slice();
        let mut at = [0_u16; LANES];
        for _ in 0..self.height {
            let mut moved = 0;
            for (lane, at) in at.iter_mut().enumerate() {
                let node = nodes[usize::from(*at)];
                let value = rows[lane * columns + usize::from(node.feature)];
                let next = node.child + u16::from(value > node.threshold);
                moved |= next ^ *at;
                *at = next;
            }
            if moved == 0 {
                break;
            }
        }
        for (sum, at) in sums.iter_mut().zip(at) {
            *sum += self.paths[usize::from(at)];
        }
    }

    /// The same for oblique splits.
    fn walk_oblique(&self, rows: &[f32], columns: usize, extension: usize, sums: &mut [f32]) {
        for (row, sum) in rows.chunks_exact(columns).zip(sums) {
            let mut at = 0;
            loop {
                let node = self.nodes[at];
                let child = usize::from(node.child);
                if child == at {
                    break;
                }
                let place = at * extension..(at + 1) * extension;
                let value = project(row, &self.features[place.clone()], &self.weights[place]);
                at = child + usize::from(value > node.threshold);
            }
            *sum += self.paths[at];
        }
    }
}
