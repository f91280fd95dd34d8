//! Sets of lists, each stored once: its size, then its members. A set is named by where it starts; 0 is the empty set.

use crate::Result;
use std::collections::{BTreeMap, BTreeSet};

/// The sets met so far.
pub(crate) struct Sets {
    words: Vec<u16>,
    known: BTreeMap<Vec<u16>, u16>,
}

impl Sets {
    /// Only the empty set.
    pub(crate) fn new() -> Self {
        Self {
            words: vec![0],
            known: BTreeMap::from([(Vec::new(), 0)]),
        }
    }

    /// The name of the set of `members`.
    pub(crate) fn intern(&mut self, members: impl IntoIterator<Item = u16>) -> Result<u16> {
        let members: BTreeSet<u16> = members.into_iter().collect();
        let members: Vec<u16> = members.into_iter().collect();
        if let Some(set) = self.known.get(&members) {
            return Ok(*set);
        }
        let set = u16::try_from(self.words.len())?;
        self.words.push(u16::try_from(members.len())?);
        self.words.extend(&members);
        self.known.insert(members, set);
        Ok(set)
    }

    /// As stored.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }
}
