//! What every reader has beside the bytes: the budget, a place for problems, and an allowance for reading parts again.

use super::entropy::entropy;
use watchfire_model::executable::Entropy;
use watchfire_model::{Budget, Problem, Untrusted};

/// How often the parts of a file may cover it: honest parts cover it once, and a resource is part of a section.
const SHARE: u64 = 4;
/// Problems that are told.
const MOST_PROBLEMS: usize = 32;
/// Records that a reader keeps of one kind.
const MOST_RECORDS: u64 = 1 << 16;

/// The state of one reading.
#[derive(Debug)]
pub(super) struct Work<'b> {
    budget: &'b Budget,
    problems: Vec<Problem>,
    /// Bytes that may still be read again.
    left: u64,
}

impl<'b> Work<'b> {
    pub(super) fn new(bytes: &[u8], budget: &'b Budget) -> Self {
        Self {
            budget,
            problems: Vec::new(),
            left: (bytes.len() as u64).saturating_mul(SHARE),
        }
    }

    /// Tells a problem, once for each code.
    pub(super) fn warn(&mut self, code: &'static str, message: impl Into<Untrusted>) {
        self.tell(Problem::warning(code, message));
    }

    /// Tells something by which nothing is lost, once for each code.
    pub(super) fn note(&mut self, code: &'static str, message: impl Into<Untrusted>) {
        self.tell(Problem::note(code, message));
    }

    fn tell(&mut self, problem: Problem) {
        let is_known = self.problems.iter().any(|known| known.code == problem.code);
        if !is_known && self.problems.len() < MOST_PROBLEMS {
            self.problems.push(problem);
        }
    }

    /// Records of one kind that are kept.
    pub(super) fn most(&self) -> usize {
        crate::bytes::place(self.budget.limits().records.min(MOST_RECORDS))
    }

    /// Whether a number of bytes may be read again, and whether anybody still waits.
    pub(super) fn pay(&mut self, bytes: usize) -> bool {
        let left = self.left.checked_sub(bytes as u64);
        match left.filter(|_| self.budget.check().is_ok()) {
            Some(left) => {
                self.left = left;
                true
            }
            None => {
                self.note(
                    "executable-overlapping",
                    "its parts overlap so often that not all of them were measured",
                );
                false
            }
        }
    }

    /// The entropy of a part; `None` for nothing, and where it was not paid for.
    pub(super) fn entropy(&mut self, part: &[u8]) -> Option<Entropy> {
        (!part.is_empty() && self.pay(part.len())).then(|| entropy(part))
    }

    pub(super) fn into_problems(self) -> Vec<Problem> {
        self.problems
    }
}
