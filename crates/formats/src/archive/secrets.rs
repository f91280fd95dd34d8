//! Passwords to try, and what trying may cost.

use watchfire_model::{Budget, Halt, Hints};

/// Passwords that samples are exchanged under by custom.
const CUSTOMARY: &[&[u8]] = &[b"infected"];

/// The candidates of one container.
pub(super) struct Keyring<'a> {
    candidates: Vec<&'a [u8]>,
    /// Where the last success was: members of one container usually share their password.
    preferred: usize,
    /// Some were not tried: it would have taken too long.
    spent: bool,
}

impl<'a> Keyring<'a> {
    pub(super) fn new(hints: &'a Hints) -> Self {
        let mut candidates: Vec<&[u8]> = Vec::new();
        for candidate in hints
            .passwords
            .iter()
            .map(|password| password.raw())
            .chain(CUSTOMARY.iter().copied())
        {
            if !candidates.contains(&candidate) {
                candidates.push(candidate);
            }
        }
        Self {
            candidates,
            preferred: 0,
            spent: false,
        }
    }

    /// What was tried, for people.
    pub(super) fn tried(&self) -> String {
        let count = self.candidates.len();
        match self.spent {
            false => format!("none of {count} passwords tried opens them"),
            true => format!("not all of {count} passwords were tried: that would take too long"),
        }
    }

    /// How many passwords there are.
    pub(super) fn len(&self) -> usize {
        self.candidates.len()
    }

    /// The first that `attempt` accepts gives the result. Containers choose how slow their key derivation is: each attempt
    /// costs `cost` hash computations of all that the root may cost, and when that is spent, there are no more attempts.
    pub(super) fn open<T>(
        &mut self,
        cost: u64,
        budget: &Budget,
        mut attempt: impl FnMut(&[u8]) -> Option<T>,
    ) -> Result<Option<T>, Halt> {
        let order =
            std::iter::once(self.preferred).chain((0..self.candidates.len()).filter(|&at| at != self.preferred));
        for at in order {
            budget.check()?;
            let Some(candidate) = self.candidates.get(at).filter(|_| budget.effort(cost)) else {
                self.spent = true;
                break;
            };
            if let Some(opened) = attempt(candidate) {
                self.preferred = at;
                // A container of many members may have all of them read.
                budget.regain(cost);
                return Ok(Some(opened));
            }
        }
        Ok(None)
    }
}
