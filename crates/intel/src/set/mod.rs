//! Indicators packed for matching: one immutable file, searched where it lies.
//!
//! A set is made once, when a feed is updated ([`SetWriter`]), and then asked for a single value by a process that wants
//! to be done in milliseconds, or for millions by one that has time to read it whole first. Both go through
//! [`IndicatorSet::find`]; what differs is the [`Backing`].
//!
//! Nothing here judges. A set answers which indicators an observable meets: the value itself, a network around an
//! address, a domain above a host, the beginning of a URL; and what their author says. Damage is met with silence about
//! the damaged indicator: every offset is checked, no length is trusted.
//!
//! Layout, all integers little endian: a header of 128 bytes, the table (`u64` for each slot), networks of IPv4, networks
//! of IPv6, labels, records. See `layout.rs`.

mod backing;
mod key;
mod layout;
mod networks;
mod record;
mod writer;

pub use backing::Backing;
pub use writer::{SetWriter, TooMany};

use key::Probe;
use layout::{Header, Section};
use record::Record;
use std::fmt;
use std::ops::Range;
use watchfire_model::{Indicator, Observable, ObservableType};

/// Why a file is not a set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SetError {
    /// It cannot be read; why.
    Unreadable(String),
    /// It is something else, of another version, or its header is damaged.
    NotASet,
    /// It ends before its header says it does.
    Truncated,
}

impl fmt::Display for SetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(why) => f.write_str(why),
            Self::NotASet => f.write_str("not a set of indicators of this version"),
            Self::Truncated => f.write_str("the file is cut off"),
        }
    }
}

impl std::error::Error for SetError {}

/// A packed set, ready to be asked.
#[derive(Debug)]
pub struct IndicatorSet {
    header: Header,
    backing: Backing,
}

/// An indicator that an observable meets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Met {
    /// The indicator.
    pub indicator: Indicator,
    /// Whether it is about the very value, and not about a network around it, a domain above it, its host.
    pub itself: bool,
}

impl IndicatorSet {
    /// Reads the header.
    ///
    /// # Errors
    /// When it is not a set.
    pub fn open(backing: Backing) -> Result<Self, SetError> {
        let size = backing
            .size()
            .map_err(|error| SetError::Unreadable(error.to_string()))?;
        let bytes = backing.get(0, layout::HEADER).ok_or(SetError::NotASet)?;
        let header = Header::read(&bytes).ok_or(SetError::NotASet)?;
        if header.end() > size {
            return Err(SetError::Truncated);
        }
        Ok(Self { header, backing })
    }

    /// How many indicators it holds.
    pub fn len(&self) -> u64 {
        u64::from(self.header.indicators)
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether it holds anything that an observable of that type could meet.
    pub fn is_about(&self, kind: ObservableType) -> bool {
        self.header.present & key::kinds_for(kind) != 0
    }

    /// Appends the indicators that `what` meets: first those about the very value, then the others from the narrowest
    /// to the widest. Each once.
    pub fn find(&self, what: &Observable, out: &mut Vec<Met>) {
        let before = out.len();
        self.each_met(what, &mut Scratch::default(), |record, itself| {
            let indicator = record.indicator(&self.header, &self.backing)?;
            out.push(Met { indicator, itself });
            Some(())
        });
        if let Some(new) = out.get_mut(before..) {
            new.sort_by_key(|met| !met.itself);
        }
    }

    /// Appends to `key` what decides what [`IndicatorSet::find`] says of `what` besides the value itself: values with the
    /// same key meet indicators that say the same. Nothing where it meets none. Nothing is allocated.
    pub fn trace(&self, what: &Observable, scratch: &mut Scratch, key: &mut Vec<u8>) {
        self.each_met(what, scratch, |record, itself| {
            let value = if itself { "" } else { record.value };
            layout::push_number(record.said.len() as u64, key);
            key.extend(record.said);
            layout::push_number(value.len() as u64, key);
            key.extend(value.as_bytes());
            Some(())
        });
    }

    /// Whether `what` may meet anything. Faster than [`IndicatorSet::find`], and wrong for one value in ten million that
    /// meets nothing.
    pub fn may_hold(&self, what: &Observable) -> bool {
        let mut met = false;
        key::probes(
            what,
            self.header.present,
            &mut Vec::with_capacity(64),
            &mut |probe| match probe {
                Probe::Key(key, _) => self.slots(key, |_| met = true),
                Probe::Range(first, last) => {
                    networks::find(&self.header, &self.backing, first, last, |_| met = true);
                }
            },
        );
        met
    }

    /// Hands over the records that `what` meets, and whether each is about the very value.
    fn each_met(
        &self,
        what: &Observable,
        scratch: &mut Scratch,
        mut each: impl FnMut(&Record<'_>, bool) -> Option<()>,
    ) {
        let Scratch { key, keys, candidates } = scratch;
        keys.clear();
        candidates.clear();
        let mut add = |offset, key: &[u8], itself| {
            let known = candidates.iter().any(|known| known.offset == offset);
            if !known && candidates.len() < Candidate::MOST {
                let from = keys.len();
                keys.extend(key);
                candidates.push(Candidate {
                    offset,
                    key: from..keys.len(),
                    itself,
                });
            }
        };
        key::probes(what, self.header.present, key, &mut |probe| match probe {
            Probe::Key(key, itself) => self.slots(key, |offset| add(offset, key, itself)),
            Probe::Range(first, last) => {
                networks::find(&self.header, &self.backing, first, last, |offset| {
                    add(offset, &[], false);
                });
            }
        });
        for candidate in &*candidates {
            let sought = keys.get(candidate.key.clone()).unwrap_or_default();
            record::with(&self.header, &self.backing, candidate.offset, |record| {
                let itself = candidate.itself || (record.kind == what.kind() && record.value == what.raw());
                is_filed_under(record, sought, key)?.then(|| each(record, itself))?
            });
        }
    }

    /// The offsets of the records whose keys hash as `key` does.
    fn slots(&self, key: &[u8], mut each: impl FnMut(u64)) {
        let slots = u64::from(self.header.slots);
        if slots == 0 {
            return;
        }
        let hash = self.header.hash(key);
        let (mut at, mark) = (layout::slot(hash, slots), layout::mark(hash));
        // A full table would make this endless; the writer leaves a quarter of it empty.
        for _ in 0..slots {
            let Some(slot) = self.backing.u64_at(self.header.section(Section::Table) + at * 8) else {
                return;
            };
            if slot == 0 {
                return;
            }
            if slot >> layout::OFFSET_BITS == mark {
                each((slot & layout::OFFSET_MASK) - 1);
            }
            at = if at + 1 == slots { 0 } else { at + 1 };
        }
    }
}

/// Room to work in: who asks often asks with the same, and nothing is allocated.
#[derive(Debug, Default)]
pub struct Scratch {
    key: Vec<u8>,
    keys: Vec<u8>,
    candidates: Vec<Candidate>,
}

/// A record that hashes as something that was looked for.
#[derive(Debug)]
struct Candidate {
    offset: u64,
    /// What was looked for, among the keys; empty for networks, which are compared as numbers.
    key: Range<usize>,
    itself: bool,
}

impl Candidate {
    /// No observable meets more indicators of one set: a bound on what a hostile set can cost.
    const MOST: usize = 256;
}

/// Whether a record is filed under the key that was looked for. Different keys may hash alike.
fn is_filed_under(record: &Record<'_>, sought: &[u8], key: &mut Vec<u8>) -> Option<bool> {
    let mut same = sought.is_empty();
    key::of_indicator((record.kind, record.value, record.reach()?), key, &mut |_, key| {
        same |= *key == *sought;
    });
    Some(same)
}

#[cfg(test)]
mod tests;
