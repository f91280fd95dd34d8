//! How many different values came, in little memory; and whether a value came before.

use crate::random::mix;
use std::collections::BTreeSet;

/// A number for some bytes, the same everywhere: FNV-1a, finished by a bijection. Whoever knows it can make values that
/// collide; what counts them then says fewer.
pub fn fingerprint(parts: &[&[u8]]) -> u64 {
    let mut sum = 0xcbf2_9ce4_8422_2325_u64;
    for part in parts {
        for byte in *part {
            sum = (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
        // Parts end: `ab` and `c` are not `a` and `bc`.
        sum = (sum ^ 0x1ff ^ part.len() as u64).wrapping_mul(0x0100_0000_01b3);
    }
    mix(sum)
}

/// Registers of a sketch.
const REGISTERS: usize = 1_024;

/// As many values are kept as they are, and counted exactly.
const EXACT: usize = 128;

/// Counts different values: exactly while they are few, then by HyperLogLog (Flajolet, Fusy, Gandouet, Meunier, AofA 2007)
/// with 1,024 registers, which is off by about 3 %. Sketches merge in any order, and the same value twice is once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Distinct {
    state: State,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    Exact(BTreeSet<u64>),
    Sketch(Box<[u8; REGISTERS]>),
}

impl Default for Distinct {
    fn default() -> Self {
        Self {
            state: State::Exact(BTreeSet::new()),
        }
    }
}

impl Distinct {
    /// Takes the fingerprint of a value.
    pub fn insert(&mut self, value: u64) {
        match &mut self.state {
            State::Exact(values) => {
                values.insert(value);
                if values.len() > EXACT {
                    let mut registers = Box::new([0; REGISTERS]);
                    values.iter().for_each(|value| note(&mut registers, *value));
                    self.state = State::Sketch(registers);
                }
            }
            State::Sketch(registers) => note(registers, value),
        }
    }

    /// Takes what another has counted.
    pub fn merge(&mut self, other: &Self) {
        match &other.state {
            State::Exact(values) => values.iter().for_each(|value| self.insert(*value)),
            State::Sketch(others) => {
                let mut registers = match &self.state {
                    State::Sketch(registers) => registers.clone(),
                    State::Exact(values) => {
                        let mut registers = Box::new([0; REGISTERS]);
                        values.iter().for_each(|value| note(&mut registers, *value));
                        registers
                    }
                };
                for (one, other) in registers.iter_mut().zip(others.iter()) {
                    *one = (*one).max(*other);
                }
                self.state = State::Sketch(registers);
            }
        }
    }

    /// How many different values came.
    pub fn count(&self) -> f64 {
        match &self.state {
            State::Exact(values) => values.len() as f64,
            State::Sketch(registers) => {
                let count = REGISTERS as f64;
                let sum: f64 = registers.iter().map(|rank| (-f64::from(*rank)).exp2()).sum();
                let raw = 0.7213 / (1.0 + 1.079 / count) * count * count / sum;
                let empty = registers.iter().filter(|rank| **rank == 0).count();
                if raw <= 2.5 * count && empty > 0 {
                    count * (count / empty as f64).ln()
                } else {
                    raw
                }
            }
        }
    }
}

/// Notes how rare the value's fingerprint looks, in the register that its lowest bits name.
fn note(registers: &mut [u8; REGISTERS], value: u64) {
    let at = (value % REGISTERS as u64) as usize;
    let rank = ((value / REGISTERS as u64) | 1 << 54).trailing_zeros() + 1;
    if let Some(register) = registers.get_mut(at) {
        *register = (*register).max(rank as u8);
    }
}

/// Whether a value came before, of the last so many different ones: two generations, of which the older goes when the
/// younger is full.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    young: BTreeSet<u64>,
    old: BTreeSet<u64>,
    most: usize,
}

impl Seen {
    /// Remembers at least `most` values and at most twice as many.
    pub fn new(most: usize) -> Self {
        Self {
            young: BTreeSet::new(),
            old: BTreeSet::new(),
            most: most.max(1),
        }
    }

    /// Takes the fingerprint of a value; true if it is new.
    pub fn insert(&mut self, value: u64) -> bool {
        let new = !self.old.contains(&value) && !self.young.contains(&value);
        self.young.insert(value);
        if self.young.len() >= self.most {
            self.old = std::mem::take(&mut self.young);
        }
        new
    }

    /// Takes what another remembers.
    pub fn merge(&mut self, other: &Self) {
        for value in other.old.iter().chain(&other.young) {
            self.insert(*value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Distinct, Seen, fingerprint};

    fn of(values: std::ops::Range<u64>) -> Distinct {
        let mut distinct = Distinct::default();
        values.for_each(|value| distinct.insert(fingerprint(&[&value.to_le_bytes()])));
        distinct
    }

    #[test]
    fn few_are_counted_exactly_and_many_nearly() {
        assert_eq!(of(0..100).count(), 100.0);
        for many in [200, 2_000, 50_000, 1_000_000] {
            let share = of(0..many).count() / many as f64;
            assert!((0.9..1.1).contains(&share), "{many}: {share}");
        }
    }

    #[test]
    fn merging_counts_the_union_in_any_order() {
        for (one, other) in [(0..50, 25..100), (0..100, 0..3_000), (0..4_000, 3_000..6_000)] {
            let whole = of(one.start.min(other.start)..one.end.max(other.end));
            let (mut left, mut right) = (of(one.clone()), of(other.clone()));
            left.merge(&of(other));
            right.merge(&of(one));
            assert_eq!(left, right);
            assert_eq!(left.count(), whole.count());
        }
    }

    #[test]
    fn a_value_is_new_once_until_it_is_forgotten() {
        let mut seen = Seen::new(10);
        assert!(seen.insert(1) && !seen.insert(1));
        (100..140).for_each(|value| _ = seen.insert(value));
        assert!(seen.insert(1));
    }

    #[test]
    fn parts_end() {
        assert_ne!(fingerprint(&[b"ab", b"c"]), fingerprint(&[b"a", b"bc"]));
    }
}
