//! Builds the sorted ranges that `src/packed/ranges.rs` searches.

use crate::Result;
use crate::sets::Sets;
use std::collections::BTreeMap;

/// Ranges that may overlap, each with a member of the sets to come.
#[derive(Default)]
pub(crate) struct Ranges(Vec<(u128, u128, u16)>);

impl Ranges {
    /// Adds `first..=last`.
    pub(crate) fn add(&mut self, first: u128, last: u128, member: u16) {
        self.0.push((first, last, member));
    }

    /// Cuts the line wherever the set of covering ranges changes. `size` is the width of a key in bytes.
    pub(crate) fn build(&self, size: usize, sets: &mut Sets) -> Result<Vec<u8>> {
        let mut changes: BTreeMap<u128, Vec<(u16, i32)>> = BTreeMap::new();
        for (first, last, member) in &self.0 {
            changes.entry(*first).or_default().push((*member, 1));
            if let Some(beyond) = last.checked_add(1) {
                changes.entry(beyond).or_default().push((*member, -1));
            }
        }
        let mut covering: BTreeMap<u16, i32> = BTreeMap::new();
        let mut cuts: Vec<(u128, u16)> = Vec::new();
        for (start, changes) in &changes {
            for (member, change) in changes {
                let count = covering.entry(*member).or_default();
                *count += change;
                if *count == 0 {
                    covering.remove(member);
                }
            }
            let set = sets.intern(covering.keys().copied())?;
            if cuts.last().map_or(0, |(_, last)| *last) != set {
                cuts.push((*start, set));
            }
        }
        let mut table = u32::try_from(cuts.len())?.to_le_bytes().to_vec();
        for (start, _) in &cuts {
            table.extend(start.to_le_bytes().iter().take(size));
        }
        table.extend(cuts.iter().flat_map(|(_, set)| set.to_le_bytes()));
        Ok(table)
    }
}
