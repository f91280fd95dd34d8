//! Passwords to try, and what trying may cost.

use watchfire_model::{Budget, Halt, Hints};

/// Passwords that samples are exchanged under by custom.
const CUSTOMARY: &[&[u8]] = &[b"infected"];

/// Hash computations one container may cost, all attempts together: some seconds of one core. Containers choose how
/// slow their key derivation is, so attempts alone are no measure.
const WORK: u64 = 1 << 26;

/// The candidates of one container.
pub(super) struct Keyring<'a> {
    candidates: Vec<&'a [u8]>,
    /// Where the last success was: members of one container usually share their password.
    preferred: usize,
    work_left: u64,
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
            work_left: WORK,
        }
    }

    /// How many passwords there are.
    pub(super) fn len(&self) -> usize {
        self.candidates.len()
    }

    /// The first that `attempt` accepts gives the result. Each attempt costs `cost` hash computations; when all work is
    /// spent, there are no more attempts.
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
            let (Some(candidate), Some(left)) = (self.candidates.get(at), self.work_left.checked_sub(cost)) else {
                break;
            };
            self.work_left = left;
            if let Some(opened) = attempt(candidate) {
                self.preferred = at;
                // Only failures wear the account down: a container of many members may have all of them read.
                self.work_left += cost;
                return Ok(Some(opened));
            }
        }
        Ok(None)
    }
}
