//! Builds the static hash tables that `src/packed/names.rs` searches.

use crate::hash::Hash;
use crate::{Result, fail};
use std::collections::BTreeMap;

/// The table of `names`, laid out in the order of its keys.
pub(crate) fn build(names: &BTreeMap<Vec<u8>, u16>) -> Result<Vec<u8>> {
    // Three of four slots are used: few collisions, little waste.
    let count = u32::try_from(names.len() * 4 / 3 + 1)?;
    let mut slots = vec![0_u32; usize::try_from(count)?];
    let mut entries = Vec::new();
    for (key, value) in names {
        let offset = u32::try_from(entries.len())? + 1;
        if offset > 0x00ff_ffff {
            return fail("a table of names is over 16 MB");
        }
        let hash = Hash::of(key);
        let first = usize::try_from(hash.slot(count))?;
        let free = (first..slots.len())
            .chain(0..first)
            .find(|at| slots.get(*at) == Some(&0))
            .ok_or("a table of names is full")?;
        if let Some(slot) = slots.get_mut(free) {
            *slot = (hash.mark() << 24) | offset;
        }
        entries.push(u8::try_from(key.len())?);
        entries.extend(value.to_le_bytes());
        entries.extend(key);
    }
    let mut table = count.to_le_bytes().to_vec();
    table.extend(slots.iter().flat_map(|slot| slot.to_le_bytes()));
    table.extend(entries);
    Ok(table)
}
